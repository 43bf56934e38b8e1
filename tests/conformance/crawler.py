"""A crawler: follows every link and every identifier of a site breadth-first, in one format, and says what is wrong on the way."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, urldefrag, urljoin

from lxml import html
from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from tests.unit.web.conftest import Ask, Reply

FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}
HTML = "text/html"
HYDRA = "http://www.w3.org/ns/hydra/core#"
_HOPS = 4
IS_LONG = os.environ.get("FONDS_CRAWL") == "long"
MOST = 20_000 if IS_LONG else 700
"""Addresses of one crawl; the long form comes to the end of each site."""
_IN_URI = "/:@!$&'()*+,;=-._~%?#"


@dataclass
class Crawled:
    """What a crawl came to.

    Attributes:
        fetched: Addresses that were asked for, with the last answer to each.
        faults: What was wrong, in words.
    """

    fetched: dict[str, Reply] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Read:
    """What a page links to, and how many headings of the first level it has."""

    links: list[str]
    headings: int


@lru_cache(maxsize=1)
def _read(page: str) -> _Read:
    tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    return _Read([str(link) for link in tree.xpath("//@href | //@src") if link], len(tree.xpath("//h1")))


class Crawler:
    """Crawls a site that is asked in this process.

    Args:
        ask: Sends one request.
        base: Under which the site and its identifiers stand.
        skipped: Beginnings of paths that are not followed: files, endless answers.
    """

    def __init__(
        self, ask: Ask, base: str, skipped: tuple[str, ...] = ("/sparql", "/dumps/", "/assets/")
    ) -> None:
        self.ask = ask
        self.base = base
        self.skipped = skipped

        self._crawled: dict[tuple[str, int], Crawled] = {}

    def crawl(self, accept: str, *, most: int = MOST) -> Crawled:
        """Follow everything from ``/``, asking for one format; what was crawled once is not asked for again."""
        known = self._crawled.get((accept, most))
        if known is None:
            known = self._crawled[accept, most] = self._crawl(accept, most)
        return known

    def _crawl(self, accept: str, most: int) -> Crawled:
        result = Crawled()
        waiting: deque[str] = deque([self.base])
        seen = {self.base}
        documents: dict[str, Reply] = {}
        while waiting and len(result.fetched) < most:
            address = waiting.popleft()
            end, reply = self.follow(address, accept, known=documents)
            result.fetched[address] = reply
            # Many identifiers lead to one document.
            if end in documents:
                continue
            documents[end] = reply
            result.faults += [f"{address}: {fault}" for fault in self._faults(reply, accept)]
            for link in self._links(end, reply):
                if link not in seen and self._is_ours(link):
                    seen.add(link)
                    waiting.append(link)
        return result

    def follow(
        self, address: str, accept: str, method: str = "GET", known: Mapping[str, Reply] | None = None
    ) -> tuple[str, Reply]:
        """Return the last address and its answer; redirects are followed as a client does it.

        Args:
            address: The first one.
            accept: The format that is asked for.
            method: How it is asked for.
            known: Answers that are there already, by their addresses.
        """
        reply = Reply()
        for _ in range(_HOPS):
            if known and address in known:
                return address, known[address]
            reply = self.ask(self.path(address), accept, method=method)
            if reply.status not in (301, 303, 308):
                break
            address = urldefrag(urljoin(address, reply.headers["location"])).url
        return address, reply

    def path(self, address: str) -> str:
        """Return the request target of an address under the base."""
        return "/" + quote(urldefrag(address).url.removeprefix(self.base), safe=_IN_URI)

    def _is_ours(self, address: str) -> bool:
        # A page in another language has the same files and endless answers behind it.
        path = _LANGUAGE.sub("/", self.path(address))
        return address.startswith(self.base) and not path.startswith(self.skipped)

    def _faults(self, reply: Reply, accept: str) -> Iterator[str]:
        type_ = reply.headers.get("content-type", "").partition(";")[0]
        if reply.status == 406 and "XML" in reply.text:
            # Not everything can be written in RDF/XML; the cause is told.
            return
        if reply.status not in (200, 410):
            yield f"{reply.status} {reply.text[:200]}"
            return
        if type_ != accept and type_ not in _FILES:
            yield f"{type_} where {accept} was asked for"
        if reply.headers.get("access-control-allow-origin") != "*":
            yield "no CORS"
        if not reply.headers.get("etag", "").startswith('"'):
            yield "no strong ETag"
        if type_ == HTML:
            headings = _read(reply.text).headings
            if headings != 1:
                yield f"{headings} headings of the first level"

    def _links(self, address: str, reply: Reply) -> Iterator[str]:
        type_, _, parameters = reply.headers.get("content-type", "").partition(";")
        if "profile=" in parameters:
            # Other people's conventions, with contexts that have to be fetched.
            return
        if type_ == HTML:
            yield from (urldefrag(urljoin(address, link)).url for link in _read(reply.text).links)
        elif type_ in FORMATS and reply.status == 200:
            yield from (urldefrag(iri).url for iri in iris_of(reply, FORMATS[type_]))


_LANGUAGE = re.compile("^/[a-z]{2,3}/")
_FILES = frozenset(
    {
        "text/plain",
        "application/xml",
        "application/linkset+json",
        "application/tei+xml",
        "text/css",
        "text/javascript",
        "image/svg+xml",
        "image/png",
        "application/x-research-info-systems",
        "application/x-bibtex",
        "application/vnd.citationstyles.csl+json",
    }
    | {
        "application/atom+xml",
        "application/geo+json",
        "application/json",
        "application/ld+json",
        "application/opensearchdescription+xml",
        "application/problem+json",
        "application/sparql-query",
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "application/yaml",
        "text/csv",
        "text/tab-separated-values",
        "text/xml",
    }
    | set(FORMATS)
)
"""What an address with an ending of its own gives, whatever is asked for."""


def iris_of(reply: Reply, format_: RdfFormat) -> set[str]:
    """Return every IRI of a graph, those of its named graphs among them."""
    return {
        term.value
        for quad in parse(reply.body, format=format_)
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        if isinstance(term, NamedNode)
    }


def triples_of(reply: Reply, format_: RdfFormat) -> set[Triple]:
    """Return the triples of a document but for those that say which page it is."""
    quads: Iterator[Quad] = parse(reply.body, format=format_)
    return {
        quad.triple
        for quad in quads
        if not quad.predicate.value.startswith(HYDRA)
        and not getattr(quad.object, "value", "").startswith(HYDRA)
    }
