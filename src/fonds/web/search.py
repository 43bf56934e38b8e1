"""The search page: what was found, with the words marked; the same as CSV and RIS; and how browsers may ask it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode

from fonds.dates import DateSpan
from fonds.errors import SearchError
from fonds.formats import RIS
from fonds.identifiers import Kind
from fonds.search.asking import read_date, read_question
from fonds.search.finding import SORTS, Asked, Found, Hit, SearchIndex
from fonds.search.snippets import Piece, snippet
from fonds.texts.reading import WITHHELD
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.citations import citation_file
from fonds.web.listings import page_answer, page_number
from fonds.web.naming import readable_name
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.wording import KINDS, counted

_PAGE_LENGTH = 20
_MOST_PAGES = 500
_MOST_ROWS = 1000
_MOST_NAMES = 5
_PARAMETERS = ("q", "kind", "from", "to", "sort", "page", "format")
_COLUMNS = ("identifier", "title", "written", "happened", "reference")


@dataclass(frozen=True, slots=True)
class Line:
    """One hit as it is shown.

    Attributes:
        title: What it is called.
        href: Its page, relative to the root.
        iri: What it is.
        kind: Of thing.
        language: Of the title.
        mark: The archive's reference.
        written: When it was written, EDTF.
        happened: When what it documents was, EDTF; empty where that is the same.
        pieces: A few of its words, those that were looked for marked.
        words_language: Of these words.
    """

    title: str
    href: str
    iri: NamedNode
    kind: str
    language: str | None
    mark: str
    written: str
    happened: str
    pieces: tuple[Piece, ...] = ()
    words_language: str = ""


def search(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/search?q=…&kind=…&from=…&to=…&sort=…&page=…&format=…``; without a question, the form alone.

    Raises:
        Problem: There is no index; a parameter is not understood; there are no more pages.
    """
    index = _index(site)
    given = one_of_each(exchange.query, _PARAMETERS)
    page = page_number(given)
    asked = _asked(given, page)
    if asked is None:
        return _page(site, exchange, given, None)
    if given.get("format") == "csv":
        return _as_csv(site, exchange, index, asked)
    found = index.find(asked)
    if page > 1 and not found.hits:
        raise Problem(
            404, f"There is no page {page} of this search.", (Choice(_address(given), "Its first page"),)
        )
    if given.get("format") == "ris":
        return _as_ris(site, exchange, found)
    return _page(site, exchange, given, (index, asked, found))


def _index(site: Site) -> SearchIndex:
    if site.search is None and site.is_publication:
        raise Problem(404, "This release was made before there was a search; build it again.")
    if site.search is None:
        choices = (Choice("browse", "All classes"), Choice("sparql", "SPARQL"))
        raise Problem(
            404, "This release has no full-text index: only publications of an archive have one.", choices
        )
    return site.search


def _asked(given: dict[str, str], page: int) -> Asked | None:
    """Return what is looked for, None where nothing is.

    Raises:
        Problem: A parameter is not understood.
    """
    try:
        question = read_question(given.get("q", ""))
    except SearchError as error:
        raise Problem(400, str(error)) from error
    kind, sort = given.get("kind") or Kind.RECORD, given.get("sort") or "relevance"
    if kind not in KINDS:
        raise Problem(400, f"“{kind[:40]}” is no kind of thing here; there are {', '.join(KINDS)}.")
    if sort not in SORTS:
        raise Problem(400, f"“{sort[:40]}” is no order; there are {', '.join(SORTS)}.")
    if given.get("format", "") not in ("", "csv", "ris"):
        raise Problem(400, "A search can be had as a page, as csv and as ris.")
    if page > _MOST_PAGES:
        raise Problem(
            400, f"A search has up to {_MOST_PAGES} pages. Add words, or take all of the data from /dataset."
        )
    period = _period(given)
    if not question.text and period is None:
        return None
    return Asked(question, kind, period, sort, (page - 1) * _PAGE_LENGTH, _PAGE_LENGTH)


def _period(given: dict[str, str]) -> DateSpan | None:
    first, last = (_date(given.get(name, "")) for name in ("from", "to"))
    if first is None and last is None:
        return None
    return DateSpan("", first.earliest if first else None, last.latest if last else None)


def _date(text: str) -> DateSpan | None:
    if not text.strip():
        return None
    date = read_date(text[:40])
    if date is None:
        raise Problem(400, f"“{text[:40]}” is not a date; write 1964, 1964-10 or 1964-10-27.")
    return date


def _page(
    site: Site, exchange: Exchange, given: dict[str, str], result: tuple[SearchIndex, Asked, Found] | None
) -> Answer:
    lines: Sequence[Line] = ()
    names: Sequence[Line] = ()
    total, start, nearest = 0, 0, False
    if result:
        index, asked, found = result
        words, stems = index.marked(asked.question)
        lines = [_with_words(site, index, _line(site, each), words, stems) for each in found.hits]
        total, start = found.total, asked.start
        names = _names(site, index, asked)
        if not total and not names:
            names, nearest = [_line(site, each) for each in index.nearest(asked.question)], True
    return page_answer(
        site,
        exchange,
        "search.html",
        given=dict.fromkeys(_PARAMETERS, "") | given,
        asked=result is not None,
        lines=lines,
        names=names,
        nearest=nearest,
        total=total,
        start=start,
        what=counted(given.get("kind") or Kind.RECORD, total),
        sorts=tuple(SORTS),
        most_rows=_MOST_ROWS,
        page_address=lambda page: _address(given, page=page),
        format_address=lambda name: _address(given, page=start // _PAGE_LENGTH + 1, format=name),
        sparql=f"sparql?query={quote(_as_sparql(lines))}" if lines else "",
        page=start // _PAGE_LENGTH + 1,
        pages=min(_MOST_PAGES, -(-total // _PAGE_LENGTH)),
        canonical=_address(given),
    )


def _names(site: Site, index: SearchIndex, asked: Asked) -> list[Line]:
    """Return the listed things that have such names, above the first page of records."""
    if asked.kind != Kind.RECORD or asked.start or not asked.question.text or asked.question.shelfmark:
        return []
    found = index.find(Asked(asked.question, kind="", length=_MOST_NAMES))
    return [_line(site, each) for each in found.hits]


def _address(given: dict[str, str], *, page: int = 1, format: str = "") -> str:
    kept = {name: given[name] for name in ("q", "kind", "from", "to", "sort") if given.get(name)}
    further = {"page": str(page) if page > 1 else "", "format": format}
    return f"search?{urlencode(kept | {name: each for name, each in further.items() if each})}"


def _line(site: Site, hit: Hit) -> Line:
    kind, _, key = hit.path.partition("/")
    iri, shown = site.addresses.iris.thing(kind, key), hit.shown
    label = site.labels.of(iri.value)
    return Line(
        label.value if label else readable_name(site, iri.value),
        site.addresses.of_iri(iri.value),
        iri,
        kind,
        label.language if label else None,
        shown.mark,
        shown.written,
        shown.happened if shown.happened != shown.written else "",
        words_language=shown.language,
    )


def _with_words(
    site: Site, index: SearchIndex, line: Line, words: frozenset[str], stems: frozenset[str]
) -> Line:
    key = line.iri.value.rpartition("/")[2]
    text = site.texts.get(key, "txt") if site.texts and line.kind == Kind.RECORD else None
    if not text:
        return line
    plain = text.decode().removesuffix(f"{WITHHELD}\n")
    return replace(line, pieces=snippet(plain, words, stems, index.stems))


def _as_sparql(lines: Sequence[Line]) -> str:
    """Return a query for what stands on a page."""
    things = "\n".join(f"    {each.iri}" for each in lines)
    return (
        "# The things on this page of a search\nSELECT ?thing ?label ?written WHERE {\n"
        f"  VALUES ?thing {{\n{things}\n  }}\n"
        "  OPTIONAL { ?thing rdfs:label ?label }\n  OPTIONAL { ?thing dcterms:created ?written }\n}\n"
    )


def _as_csv(site: Site, exchange: Exchange, index: SearchIndex, asked: Asked) -> Answer:
    """Return the first hits as CSV (RFC 4180), from the beginning, whatever page was asked for."""
    found = index.find(Asked(asked.question, asked.kind, asked.period, asked.sort, 0, _MOST_ROWS))
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(_COLUMNS)
    for line in (_line(site, each) for each in found.hits):
        rows.writerow((line.iri.value, line.title, line.written, line.happened, line.mark))
    return _file(exchange, "text/csv;charset=utf-8;header=present", "search.csv", table.getvalue().encode())


def _as_ris(site: Site, exchange: Exchange, found: Found) -> Answer:
    """Return the citations of the records of a page."""
    keys = [key for kind, _, key in (each.path.partition("/") for each in found.hits) if kind == Kind.RECORD]
    files = (citation_file(site, key, RIS) for key in keys)
    return _file(exchange, RIS.content_type, "search.ris", b"".join(each for each in files if each))


def _file(exchange: Exchange, type_: str, name: str, body: bytes) -> Answer:
    exchange.keep = True
    headers: Headers = (
        (b"content-type", type_.encode()),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"vary", b"Accept-Encoding"),
        (b"cache-control", b"public, max-age=60"),
    )
    return Answer(200, headers, body)


def open_search(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/search.xml``: how a browser may ask (OpenSearch 1.1)."""
    _index(site)
    exchange.keep = True
    headers: Headers = (
        (b"content-type", b"application/opensearchdescription+xml;charset=utf-8"),
        (b"vary", b"Accept-Encoding"),
        (b"cache-control", b"public, max-age=3600"),
    )
    return Answer(200, headers, site.page("opensearch.xml", exchange.path))
