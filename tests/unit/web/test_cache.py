"""Answers that are kept."""

from __future__ import annotations

from fonds.formats import DOCUMENT_FORMATS, HTML, TURTLE
from fonds.web.answers import Answer
from fonds.web.cache import AnswerCache


def answer(size: int = 100, word: bytes = b"x") -> Answer:
    return Answer(200, ((b"content-type", b"text/plain"),), word * size)


def test_an_answer_is_found_by_whatever_accept_header_leads_to_its_format() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep("/doc/x?", DOCUMENT_FORMATS, TURTLE.ending, answer(), gzip=False)
    assert cache.find("/doc/x?", "text/turtle", gzip=False) is not None
    assert cache.find("/doc/x?", "text/turtle;q=0.3, image/png", gzip=False) is not None
    assert cache.find("/doc/x?", "text/html", gzip=False) is None
    assert cache.find("/doc/x?", "image/png", gzip=False) is None
    assert cache.find("/doc/x?", "text/turtle", gzip=True) is None
    assert cache.find("/doc/y?", "text/turtle", gzip=False) is None


def test_what_is_not_negotiated_is_found_whatever_is_accepted() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep("/x.ttl?", (), TURTLE.ending, answer(), gzip=False)
    cache.keep("/robots.txt?", (), "", answer(), gzip=False)
    assert cache.find("/robots.txt?", "image/png", gzip=False) is not None
    assert cache.find("/x.ttl?", None, gzip=False) is not None


def test_the_bytes_stay_within_the_limit_and_the_oldest_goes_first() -> None:
    cache = AnswerCache(40_000)
    for number in range(100):
        cache.keep(f"/{number}?", (HTML,), HTML.ending, answer(1000), gzip=False)
        assert cache.find("/0?", None, gzip=False) is not None
        assert cache.size_bytes <= 40_000
    assert cache.find("/99?", None, gzip=False) is not None
    assert cache.find("/1?", None, gzip=False) is None


def test_a_giant_is_not_kept() -> None:
    cache = AnswerCache(40_000)
    cache.keep("/giant?", (), "", answer(30_000), gzip=False)
    assert cache.size_bytes == 0


def test_keeping_again_does_not_count_twice() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep("/x?", (), "", answer(1000), gzip=False)
    size = cache.size_bytes
    cache.keep("/x?", (), "", answer(1000), gzip=False)
    assert cache.size_bytes == size


def test_a_cache_of_no_size_keeps_nothing() -> None:
    cache = AnswerCache(0)
    cache.keep("/x?", (), "", answer(1), gzip=False)
    assert cache.find("/x?", None, gzip=False) is None


def test_ten_thousand_accept_headers_take_no_memory_for_ever() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep("/x?", DOCUMENT_FORMATS, TURTLE.ending, answer(), gzip=False)
    for number in range(10_000):
        cache.find("/x?", f"text/turtle, a/b{number}", gzip=False)
    assert len(cache._targets["/x?"].chosen) <= 32
