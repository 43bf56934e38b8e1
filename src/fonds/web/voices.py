"""What answers in each language of the site: its pages below ``/ru/`` and such, and nothing there but pages."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import ParamSpec, TypeVar

from fonds.addresses import to_root
from fonds.formats import HTML
from fonds.translations import ENGLISH, Translation, speaking
from fonds.web.answers import Answer, Exchange, Work, ready
from fonds.web.cache import AnswerCache
from fonds.web.representations import FRESH
from fonds.web.site import Site
from fonds.web.sparql import Endpoint
from fonds.web.stored import StoredQueries
from fonds.web.wsgi import Chunks, WSGIApplication

P = ParamSpec("P")
T = TypeVar("T")

Direct = Callable[[Exchange], Work | None]
"""Gives the work that answers a request without Flask."""

_NO_PAGES = frozenset(
    (
        ".well-known",
        "assets",
        "beacon",
        "changes",
        "changes.atom",
        "citation.cff",
        "cmif.xml",
        "dumps",
        "healthz",
        "lookup",
        "openapi.json",
        "rdf-graph-store",
        "readyz",
        "robots.txt",
        "search.xml",
        "sitemap.xml",
        "sparql-terms.js",
    )
)
"""First segments of addresses at which there is never a page."""


class _SpokenIn(Executor):
    """Does work in the threads of another executor, in a language.

    Args:
        executor: The other one.
        translation: The language.
    """

    def __init__(self, executor: Executor, translation: Translation) -> None:
        self._executor = executor
        self._translation = translation

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have something done."""
        return self._executor.submit(_in, self._translation, partial(fn, *args, **kwargs))


def _in(translation: Translation, work: Callable[[], T]) -> T:
    with speaking(translation):
        return work()


@dataclass(frozen=True)
class Voice:
    """What answers in one language.

    Attributes:
        site: What is served, with the words of that language.
        pages: Flask, which answers what nothing else does.
        direct: Gives the work that answers a request without Flask, None for one that is Flask's.
        translation: The language.
        executor: Where work is done that would keep other requests waiting.
        endpoint: Answers queries.
        stored: Answers stored queries.
    """

    site: Site
    pages: WSGIApplication
    direct: Direct
    translation: Translation
    executor: Executor
    endpoint: Endpoint
    stored: StoredQueries

    def work(self, exchange: Exchange) -> Work | None:
        """Return what answers a request without Flask, None where it is Flask's."""
        if not exchange.prefix and self.translation is ENGLISH:
            return self.direct(exchange)
        if exchange.prefix and (moved := _without_page(exchange)) is not None:
            return ready(moved)
        with speaking(self.translation):
            work = self.direct(exchange)
        return (
            Work(partial(_in, self.translation, partial(_page, exchange, work)), work.light) if work else None
        )


def _page(exchange: Exchange, work: Work) -> Answer:
    return page_only(exchange, work())


A = TypeVar("A", Answer, Answer | Chunks)


def page_only(exchange: Exchange, answer: A) -> A | Answer:
    """Return an answer if it is a page, or none at all; what has no language has its one address without the prefix of one."""
    type_ = next((value for name, value in answer.headers if name == b"content-type"), b"")
    if not exchange.prefix or answer.status != 200 or type_.startswith(HTML.media_type.encode()):
        return answer
    if isinstance(answer, Chunks):
        answer.close()
    return without_prefix(exchange)


def without_prefix(exchange: Exchange) -> Answer:
    """Return 308 to the same address without the prefix of a language (RFC 9110 15.4.9: with the same method and body)."""
    exchange.keep = False
    query = f"?{exchange.query}" if exchange.query else ""
    location = f"{to_root(exchange.path)}../{exchange.path[1:]}{query}".encode("ascii")
    return Answer(308, ((b"location", location), FRESH, (b"vary", b"Accept")))


def _without_page(exchange: Exchange) -> Answer | None:
    """Return where to go from an address at which there is never a page, None for any other."""
    return without_prefix(exchange) if exchange.path[1:].split("/", 1)[0] in _NO_PAGES else None


class Voices:
    """What answers in each language of a site; a language is made ready when it is asked for first.

    Args:
        first: What answers at addresses without a prefix.
        make: Makes another one, from the tag of its language.
        others: The other languages.
    """

    def __init__(self, first: Voice, make: Callable[[str], Voice], others: tuple[str, ...]) -> None:
        self._made = {"": first}
        self._make = make
        self._others = frozenset(others)
        self._lock = Lock()

    @property
    def first(self) -> Voice:
        """What answers at addresses without a prefix."""
        return self._made[""]

    def of(self, prefix: str) -> Voice:
        """Return what answers below a prefix."""
        if (made := self._made.get(prefix)) is not None:
            return made
        with self._lock:
            if prefix not in self._made:
                self._made[prefix] = self._make(prefix)
            return self._made[prefix]

    def is_ready(self, prefix: str) -> bool:
        """Tell whether a language was made ready; to make one takes some tenths of a second."""
        return prefix in self._made

    def split(self, path: str) -> tuple[str, str]:
        """Return the prefix of an address, empty where it has none, and the path without it.

        An IRI of the data that begins like the pages of a language stays what it is: a dataset can have it, a publication mints none.
        """
        if not self._others:
            return "", path
        prefix, slash, rest = path[1:].partition("/")
        if not slash or prefix not in self._others or self._is_in_data(path):
            return "", path
        return prefix, f"/{rest}"

    def is_prefix(self, path: str) -> bool:
        """Tell whether a path is the prefix of a language without the slash at its end."""
        return path[1:] in self._others

    def _is_in_data(self, path: str) -> bool:
        site = self.first.site
        if site.is_publication:
            return False
        return any(site.descriptions.mentions(each.value) for each in site.addresses.under_base(path[1:]))


def voice_of(
    site: Site,
    pages: WSGIApplication,
    direct: Direct,
    translation: Translation,
    executor: Executor,
    cache: AnswerCache,
) -> Voice:
    """Return what answers in one language.

    Args:
        site: What is served, with the words of that language.
        pages: Flask.
        direct: Gives the work that answers a request without Flask.
        translation: The language.
        executor: Where work is done that would keep other requests waiting.
        cache: Where short answers to POST are kept.
    """
    in_language = executor if translation is ENGLISH else _SpokenIn(executor, translation)
    endpoint = Endpoint(site, in_language, cache)
    return Voice(
        site, pages, direct, translation, in_language, endpoint, StoredQueries(site, in_language, endpoint)
    )
