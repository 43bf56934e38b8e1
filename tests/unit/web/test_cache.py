"""Answers that are kept."""

from __future__ import annotations

from fonds.formats import DOCUMENT_FORMATS, HTML, TURTLE
from fonds.web.answers import Answer, Wishes
from fonds.web.cache import AnswerCache


def answer(size: int = 100, word: bytes = b"x") -> Answer:
    return Answer(200, ((b"content-type", b"text/plain"),), word * size)


def test_an_answer_is_found_by_whatever_accept_header_leads_to_its_format() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep(b"/doc/x", DOCUMENT_FORMATS, TURTLE.ending, "", answer())
    assert cache.find(b"/doc/x", Wishes("text/turtle")) is not None
    assert cache.find(b"/doc/x", Wishes("text/turtle;q=0.3, image/png")) is not None
    assert cache.find(b"/doc/x", Wishes("text/html")) is None
    assert cache.find(b"/doc/x", Wishes("image/png")) is None
    assert cache.find(b"/doc/x", Wishes("text/turtle", None, "gzip")) is None
    assert cache.find(b"/doc/y", Wishes("text/turtle")) is None


def test_what_is_not_negotiated_is_found_whatever_is_accepted() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep(b"/x.ttl", (), TURTLE.ending, "", answer())
    cache.keep(b"/robots.txt", (), "", "", answer())
    assert cache.find(b"/robots.txt", Wishes("image/png")) is not None
    assert cache.find(b"/x.ttl", Wishes(None)) is not None


def test_the_bytes_stay_within_the_limit_and_the_oldest_goes_first() -> None:
    cache = AnswerCache(40_000)
    for number in range(100):
        cache.keep(f"/{number}".encode(), (HTML,), HTML.ending, "", answer(1000))
        assert cache.find(b"/0", Wishes(None)) is not None
        assert cache.size_bytes <= 40_000
    assert cache.find(b"/99", Wishes(None)) is not None
    assert cache.find(b"/1", Wishes(None)) is None


def test_a_giant_is_not_kept() -> None:
    cache = AnswerCache(40_000)
    cache.keep(b"/giant", (), "", "", answer(30_000))
    assert cache.size_bytes == 0


def test_keeping_again_does_not_count_twice() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep(b"/x", (), "", "", answer(1000))
    size = cache.size_bytes
    cache.keep(b"/x", (), "", "", answer(1000))
    assert cache.size_bytes == size


def test_a_cache_of_no_size_keeps_nothing() -> None:
    cache = AnswerCache(0)
    cache.keep(b"/x", (), "", "", answer(1))
    assert cache.find(b"/x", Wishes(None)) is None


def test_ten_thousand_accept_headers_take_no_memory_for_ever() -> None:
    cache = AnswerCache(1_000_000)
    cache.keep(b"/x", DOCUMENT_FORMATS, TURTLE.ending, "", answer())
    for number in range(10_000):
        cache.find(b"/x", Wishes(f"text/turtle, a/b{number}"))
    assert len(cache._targets[b"/x"].known) <= 32


def test_what_is_asked_for_again_is_known_and_what_was_asked_for_long_ago_is_forgotten() -> None:
    cache = AnswerCache(1_000_000)
    assert [cache.is_asked_again(b"a"), cache.is_asked_again(b"b"), cache.is_asked_again(b"a")] == [
        False,
        False,
        True,
    ]
    for number in range(100_000):
        assert not cache.is_asked_again(b"%d" % number)
    assert len(cache._seen) + len(cache._seen_before) < 40_000
    assert not cache.is_asked_again(b"a")
    assert cache.is_asked_again(b"99999")
