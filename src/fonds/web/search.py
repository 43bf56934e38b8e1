"""The search page: what was found, with the words marked; the same as CSV, RIS and Atom; and how browsers may ask it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from pyoxigraph import NamedNode

from fonds.dates import DateSpan
from fonds.errors import SearchError
from fonds.formats import RIS
from fonds.identifiers import Kind
from fonds.search.asking import read_date, read_question
from fonds.search.facets import FACETS
from fonds.search.finding import SORTS, Asked, Found, Hit, SearchIndex
from fonds.search.snippets import Piece, snippet
from fonds.texts.reading import WITHHELD
from fonds.translations import ngettext, said
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.citations import citation_file
from fonds.web.drawn import as_csv, as_file
from fonds.web.feeds import Entry, Feed, as_feed
from fonds.web.listings import page_answer, page_number
from fonds.web.naming import title_of
from fonds.web.narrowing import ONCE, Given, Group, check_chosen, chips, groups
from fonds.web.problems import Choice, Problem
from fonds.web.requests import some_of_each
from fonds.web.site import Site
from fonds.web.wording import counted

_PAGE_LENGTH = 20
_MOST_PAGES = 500
_MOST_ROWS = 1000
_MOST_NAMES = 5
_MOST_VALUES = 8
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
    """Answer ``/search?q=…&kind=…&person=…&from=…&to=…&sort=…&page=…&format=…``; without a question, the form alone.

    Raises:
        Problem: There is no index; a parameter is not understood; there are no more pages.
    """
    index = _index(site)
    given = Given(*some_of_each(exchange.query, ONCE, FACETS))
    asked = _asked(given, page_number(given.once))
    if asked is None:
        return _page(site, exchange, given, None)
    if given.get("format") == "csv":
        return _as_csv(site, exchange, index, asked)
    found = index.find(asked)
    if asked.start and not found.hits:
        number = asked.start // _PAGE_LENGTH + 1
        raise Problem(
            404,
            said("There is no page {number} of this search.", number=number),
            (Choice(given.address(), said("Its first page")),),
        )
    if given.get("format") == "ris":
        return _as_ris(site, exchange, found)
    if given.get("format") == "atom":
        return _as_atom(site, exchange, given, (index, asked, found))
    return _page(site, exchange, given, (index, asked, found))


def _index(site: Site) -> SearchIndex:
    if site.search is None and site.is_publication:
        raise Problem(404, said("This release was made before there was a search; build it again."))
    if site.search is None:
        choices = (Choice("browse", said("All classes")), Choice("sparql", "SPARQL"))
        raise Problem(
            404,
            said("This release has no full-text index: only publications of an archive have one."),
            choices,
        )
    return site.search


def _asked(given: Given, page: int) -> Asked | None:
    """Return what is looked for, None where nothing is.

    Raises:
        Problem: A parameter is not understood.
    """
    try:
        question = read_question(given.get("q"))
    except SearchError as error:
        raise Problem(400, str(error)) from error
    check_chosen(given.chosen)
    sort = given.get("sort") or "relevance"
    if sort not in SORTS:
        raise Problem(
            400, said("“{sort}” is no order; there are {sorts}.", sort=sort[:40], sorts=", ".join(SORTS))
        )
    if given.get("format") not in ("", "csv", "ris", "atom"):
        raise Problem(400, said("A search can be had as a page, as csv, as ris and as atom."))
    if given.get("all") not in ("", *FACETS):
        raise Problem(
            400,
            said(
                "all: found “{given}”, expected one of {facets}.",
                given=given.get("all")[:40],
                facets=", ".join(FACETS),
            ),
        )
    if page > _MOST_PAGES:
        raise Problem(
            400,
            said(
                "A search has up to {most_pages} pages. Add words, or take all of the data from /dataset.",
                most_pages=_MOST_PAGES,
            ),
        )
    period = _period(given)
    if not question.text and period is None and not given.others:
        return None
    return Asked(question, given.kinds, given.others, period, sort, (page - 1) * _PAGE_LENGTH, _PAGE_LENGTH)


def _period(given: Given) -> DateSpan | None:
    first, last = (_date(name, given.get(name)) for name in ("from", "to"))
    if first is None and last is None:
        return None
    return DateSpan("", first.earliest if first else None, last.latest if last else None)


def _date(name: str, text: str) -> DateSpan | None:
    if not text.strip():
        return None
    date = read_date(text[:40])
    if date is None:
        words = said(
            "{name}: “{given}” is not a date; write 1964, 1964-10 or 1964-10-27.", name=name, given=text[:40]
        )
        raise Problem(400, words)
    return date


def _page(
    site: Site, exchange: Exchange, given: Given, result: tuple[SearchIndex, Asked, Found] | None
) -> Answer:
    lines: Sequence[Line] = ()
    names: Sequence[Line] = ()
    facets: Sequence[Group] = ()
    total, start, nearest = 0, 0, False
    if result:
        index, asked, found = result
        lines = _lines(site, result)
        total, start = found.total, asked.start
        whole = given.get("all")
        facets = groups(site, given, index.facets(asked, most=_MOST_VALUES, whole=whole), total)
        names = _names(site, index, asked)
        if not total and not names:
            names, nearest = [_line(site, each) for each in index.nearest(asked.question)], True
    page = start // _PAGE_LENGTH + 1
    return page_answer(
        site,
        exchange,
        "search.html",
        given=dict.fromkeys(ONCE, "") | dict(given.once),
        chosen=given.others,
        among=given.kinds,
        chips=chips(site, given),
        facets=facets,
        asked=result is not None,
        lines=lines,
        names=names,
        nearest=nearest,
        total=total,
        start=start,
        what=counted(given.kinds[0], total)
        if len(given.kinds) == 1
        else ngettext("result", "results", total),
        sorts=tuple(SORTS),
        most_rows=_MOST_ROWS,
        page_address=lambda page: given.address(page=page),
        format_address=lambda name: given.address(page=page, format=name),
        feed=given.address(format="atom") if result else "",
        sparql=f"sparql?query={quote(_as_sparql(lines))}" if lines else "",
        page=page,
        pages=_pages(total),
        canonical=given.address(),
    )


def _pages(total: int) -> int:
    return min(_MOST_PAGES, -(-total // _PAGE_LENGTH))


def _names(site: Site, index: SearchIndex, asked: Asked) -> list[Line]:
    """Return the listed things that have such names, above the first page of records that nothing narrows."""
    if asked.kinds != (Kind.RECORD,) or asked.chosen or asked.start:
        return []
    if not asked.question.text or asked.question.shelfmark:
        return []
    found = index.find(Asked(asked.question, kinds=(), length=_MOST_NAMES))
    return [_line(site, each) for each in found.hits]


def _lines(site: Site, result: tuple[SearchIndex, Asked, Found]) -> list[Line]:
    """Return the hits of a page with a few words of each."""
    index, asked, found = result
    words, stems = index.marked(asked.question)
    return [_with_words(site, index, _line(site, each), words, stems) for each in found.hits]


def _line(site: Site, hit: Hit) -> Line:
    kind, _, key = hit.path.partition("/")
    iri, shown = site.addresses.iris.thing(kind, key), hit.shown
    title, language = title_of(site, iri.value)
    return Line(
        title,
        site.addresses.of_iri(iri.value),
        iri,
        kind,
        language,
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
    found = index.find(replace(asked, start=0, length=_MOST_ROWS))
    lines = (_line(site, each) for each in found.hits)
    rows = ((each.iri.value, each.title, each.written, each.happened, each.mark) for each in lines)
    return as_csv(exchange, "search", _COLUMNS, rows)


def _as_ris(site: Site, exchange: Exchange, found: Found) -> Answer:
    """Return the citations of the records of a page."""
    keys = [key for kind, _, key in (each.path.partition("/") for each in found.hits) if kind == Kind.RECORD]
    files = (citation_file(site, key, RIS) for key in keys)
    return as_file(exchange, RIS.content_type, b"".join(each for each in files if each), "search.ris")


def _as_atom(
    site: Site, exchange: Exchange, given: Given, result: tuple[SearchIndex, Asked, Found]
) -> Answer:
    """Return a page of hits as a feed, in the order that was asked for."""
    _, asked, found = result
    entries = [
        Entry(
            each.iri.value,
            each.title,
            each.language,
            f"{site.base}{each.href}",
            site.modified(each.iri.value),
            "".join(piece.text for piece in each.pieces),
            each.words_language,
        )
        for each in _lines(site, result)
    ]
    page, last = asked.start // _PAGE_LENGTH + 1, max(1, _pages(found.total))
    pages = {"self": page, "first": 1, "last": last, "previous": page - 1, "next": page + 1}
    feed = Feed(
        title=f"{given.get('q') or 'Search'} – {site.settings.title}",
        author=site.settings.publisher or site.settings.title,
        page=f"{site.base}{given.address(page=page)}",
        links={
            relation: f"{site.base}{given.address(page=number, format='atom')}"
            for relation, number in pages.items()
            if 1 <= number <= last
        },
        updated=site.changed.latest(),
        total=found.total,
        start=asked.start + 1,
        length=_PAGE_LENGTH,
        entries=entries,
    )
    return as_feed(exchange, feed)


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
