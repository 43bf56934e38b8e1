"""What a work holds, as a volume does: its words, its chapters with theirs, and its records in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from fonds.descriptions import Description
from fonds.identifiers import Kind
from fonds.naming import preferred
from fonds.ordering import natural
from fonds.translations import said
from fonds.vocabulary import CRM, DCTERMS
from fonds.web.facts import facts_of, literals
from fonds.web.problems import Choice, Problem
from fonds.web.questions import editor
from fonds.web.site import Site
from fonds.web.statements import About
from fonds.web.values import Value, direction_of, show
from fonds.web.wording import spelled_date

MOST_RECORDS = 200
"""Records that a page lists; a query lists all of them."""
_MOST_WORKS = 200
"""Works within a work, at any depth, whose own parts are looked up."""

_MOST_CHARACTERS = 8_000
"""Of the words of a work that a page shows; then one reads on."""

PARTS = frozenset((CRM.P106i_forms_part_of.value, DCTERMS.isPartOf.value))
"""Properties by which a part points to its whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A record of a work.

    Attributes:
        title: The record, with its page.
        created: When it was written, for people; empty where that is not stated.
        datetime: The same for machines.
    """

    title: Value
    created: str
    datetime: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A work that is a part of another one.

    Attributes:
        title: The work, with its page.
        records: How many records stand in it and in its parts.
        chapters: Its own parts that are works.
    """

    title: Value
    records: int
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a work is made of.

    Attributes:
        records: How many records are in it, those of its chapters among them.
        chapters: The works that are parts of it, in the order of their first records; those without any come last.
        pieces: The first of the records that stand in none of these.
        direct: How many there are of them.
        query: Address of the query that lists all records of the work and of its chapters, relative to the root.
    """

    records: int
    chapters: tuple[Chapter, ...]
    pieces: tuple[Piece, ...]
    direct: int
    query: str


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of the words of a work.

    Attributes:
        lines: Paragraphs, headings and lines of lists, as far as the source parts them.
        language: Of the words; None where it is not stated.
        direction: ``auto`` where there are letters in them that run from right to left.
        mark: Of the graph in which they stand; 0 where the page lists no graphs.
        number: Which piece, from 1.
        pieces: How many there are.
    """

    lines: tuple[str, ...]
    language: str | None
    direction: str
    mark: int
    number: int
    pieces: int


@dataclass(slots=True)
class _Node:
    """A work with what is stated to be a part of it; records by their IRIs, with place and day."""

    iri: str
    works: list[_Node] = field(default_factory=list)
    records: dict[str, tuple[int | None, str]] = field(default_factory=dict)

    def inside(self) -> dict[str, tuple[int | None, str]]:
        """Return the records in it and in the works within it."""
        found = dict(self.records)
        for each in self.works:
            found |= each.inside()
        return found


def contents(site: Site, iri: str) -> Contents | None:
    """Return what a work is made of, None where nothing is stated to be a part of it."""
    whole = _read(site, iri, {iri})
    inside = whole.inside()
    if not inside and not whole.works:
        return None
    in_chapters = {each for chapter in whole.works for each in chapter.inside()}
    direct = _in_order({each: at for each, at in whole.records.items() if each not in in_chapters})
    return Contents(
        len(inside),
        tuple(_chapters(site, whole)),
        tuple(_piece(site, each, inside[each][1]) for each in direct[:MOST_RECORDS]),
        len(direct),
        editor(_RECORDS.format(NamedNode(iri))),
    )


def words_of(site: Site, description: Description, about: About, number: int) -> Words | None:
    """Return a piece of the words of a work, None where none are held but its title.

    Args:
        site: Where it is published.
        description: What is stated of it.
        about: The same as its page tells it.
        number: Which piece, from 1.

    Raises:
        Problem: 404, there are not so many pieces.
    """
    facts = facts_of(description.own)
    literal = preferred(literals(facts, _WORDS), site.settings.languages)
    if literal is None or literal.value.strip() == about.title:
        return None
    pieces = list(_pieces(literal.value))
    if number > len(pieces):
        last = f"{site.addresses.of_iri(about.iri)}?words={len(pieces)}"
        raise Problem(
            404,
            said("The text has {pieces} pages, no {number}.", pieces=len(pieces), number=number),
            (Choice(last, said("The last page")),),
        )
    graphs = {graph for value, graph in facts[_WORDS.value] if value == literal}
    mark = next((source.mark for source in about.sources if NamedNode(source.iri) in graphs), 0)
    piece = pieces[number - 1]
    lines = tuple(filter(None, map(str.strip, piece.splitlines())))
    return Words(lines, literal.language, direction_of(piece), mark, number, len(pieces))


_WORDS = CRM.P190_has_symbolic_content


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of not too many characters, parted between lines where that can be, else between words."""
    rest = text.strip()
    while len(rest) > _MOST_CHARACTERS:
        places = (rest.rfind(each, _MOST_CHARACTERS // 2, _MOST_CHARACTERS) for each in "\n ")
        cut = next((each for each in places if each > 0), _MOST_CHARACTERS)
        yield rest[:cut]
        rest = rest[cut:].lstrip()
    yield rest


_RECORDS = """\
# Which records are parts of this work, in their order?
SELECT DISTINCT ?record ?position ?created ?title WHERE {{
  ?record dcterms:isPartOf|dcterms:isPartOf/crm:P106i_forms_part_of+ {} ; a rico:Record ; rdfs:label ?title
  OPTIONAL {{ ?record schema:position ?position }}
  OPTIONAL {{ ?record dcterms:created ?created }}
}} ORDER BY ?position ?created ?title
"""


def _read(site: Site, iri: str, seen: set[str]) -> _Node:
    """Return a work with its parts; a work that was met before is not looked into again."""
    node = _Node(iri)
    for row in site.store.select("work-parts", work=NamedNode(iri)):
        part = row["part"]
        if not isinstance(part, NamedNode):
            continue
        match (site.addresses.iris.path(part.value) or "").split("/"):
            case ["id", Kind.RECORD, _]:
                place, day = _number(row.get("position")), _text(row.get("created"))
                node.records.setdefault(part.value, (place, day))
            case ["id", Kind.WORK, _] if part.value not in seen and len(seen) < _MOST_WORKS:
                seen.add(part.value)
                node.works.append(_Node(part.value))
    # Asked one after the other, so that no result stays open while another one is read.
    node.works = [_read(site, each.iri, seen) for each in node.works]
    return node


def _chapters(site: Site, whole: _Node) -> Iterator[Chapter]:
    shown = [(each, show(site, NamedNode(each.iri)), each.inside()) for each in whole.works]
    for each, title, inside in sorted(shown, key=lambda it: (*_first(it[2]), natural(it[1].text))):
        yield Chapter(title, len(inside), tuple(_chapters(site, each)))


def _first(records: dict[str, tuple[int | None, str]]) -> tuple[bool, tuple[object, ...]]:
    """Return where the first of some records stands; behind all others if there is none."""
    return (not records, min((_place(it, at) for it, at in records.items()), default=()))


def _in_order(records: dict[str, tuple[int | None, str]]) -> list[str]:
    return sorted(records, key=lambda each: _place(each, records[each]))


def _place(iri: str, at: tuple[int | None, str]) -> tuple[object, ...]:
    """Return where a record stands: at its place, else by its day; what has neither comes last."""
    place, day = at
    return (place is None, place or 0, not day, day, natural(iri))


def _piece(site: Site, iri: str, day: str) -> Piece:
    return Piece(show(site, NamedNode(iri)), spelled_date(day) if day else "", day)


def _number(term: object) -> int | None:
    return int(term.value) if isinstance(term, Literal) and term.value.isdecimal() else None


def _text(term: object) -> str:
    return term.value if isinstance(term, Literal) else ""
