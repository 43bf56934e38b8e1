"""Pages of the archive: its tree with counts, a unit with what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from pyoxigraph import NamedNode

from fonds.identifiers import Kind, is_slug
from fonds.translations import said
from fonds.vocabulary import CRM, DCTERMS, RICO
from fonds.web.answers import Answer, Exchange
from fonds.web.archive import InUnit, Unit
from fonds.web.arranging import Arranged, Section
from fonds.web.changes import stream_of
from fonds.web.listings import page_answer, page_number
from fonds.web.naming import title_of
from fonds.web.paging import pages
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.statements import Linked
from fonds.web.values import Group

PAGE_LENGTH = 200
"""Units, or records, on one page."""
_MOST_IN_TREE = 250
"""Units that the tree of one page shows."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit as a page shows it, with the units in it.

    Attributes:
        title: What it is called.
        language: Of the title.
        href: Its page, relative to the root.
        code: Its code, where the title does not say it.
        level: What its level is called; empty where none is stated.
        records: Records in it and below.
        below: Units below it, at any depth.
        parts: Units directly in it, as far as the page has room for them.
        rest: How many more there are directly in it.
        every: Address of the list of all of these.
    """

    title: str
    language: str | None
    href: str
    code: str
    level: str
    records: int
    below: int
    parts: tuple[Branch, ...] = ()
    rest: int = 0
    every: str = ""


def branches(site: Site, iris: Sequence[str]) -> list[Branch]:
    """Return units with what is in them, level by level, as far as one page has room."""
    opened = parts_shown(site.holdings.units, iris, _MOST_IN_TREE)
    return [_branch(site, iri, opened) for iri in iris]


def parts_shown(units: Mapping[str, Unit], iris: Sequence[str], most: int) -> dict[str, int]:
    """Return how many of its parts each unit of a tree shows: upper levels first, so that no branch hides another one.

    Args:
        units: All units, by IRI.
        iris: Those at the top of the tree.
        most: Units that it shows in all; those at the top always.
    """
    room = most - len(iris)
    shown: dict[str, int] = {}
    level = list(iris)
    while level and room > 0:
        deeper: list[str] = []
        for iri in level:
            parts = units[iri].parts
            shown[iri] = min(len(parts), room)
            room -= shown[iri]
            deeper += parts[: shown[iri]]
        level = deeper
    return shown


def _branch(site: Site, iri: str, opened: Mapping[str, int]) -> Branch:
    unit = site.holdings.units[iri]
    shown = opened.get(iri, 0)
    parts = tuple(_branch(site, each, opened) for each in unit.parts[:shown])
    title, language = title_of(site, iri)
    return Branch(
        title,
        language,
        site.addresses.of_iri(iri),
        unit.code if unit.code and unit.code not in title else "",
        level_of(site, unit),
        unit.records,
        unit.below,
        parts,
        len(unit.parts) - shown,
        _units_in(site, iri),
    )


def level_of(site: Site, unit: Unit) -> str:
    """Return what the level of a unit is called, nothing where none is stated."""
    if not unit.level:
        return ""
    label = site.labels.of(unit.level)
    return label.value if label else site.terms.label(unit.level)


def _units_in(site: Site, iri: str) -> str:
    """Return the address of the list of all units that are directly in a unit."""
    return f"browse/holding?in={quote(_key(site, iri), safe='')}"


def _records_in(site: Site, iri: str) -> str:
    """Return the address of the list of all records that are directly in a unit."""
    return f"browse/holding/{quote(_key(site, iri), safe='')}"


def _key(site: Site, iri: str) -> str:
    return iri.removeprefix(site.addresses.iris.thing(Kind.HOLDING, "").value)


_COUNTED = """\
# How many records lie in this unit and in the units below it?
SELECT (COUNT(DISTINCT ?record) AS ?records) WHERE {{
  ?unit crm:P46i_forms_part_of* {unit} .
  GRAPH ?graph {{ ?paper crm:P46i_forms_part_of ?unit ; rico:isOrWasInstantiationOf ?record }}
}}
"""


def _counting_query(iri: str) -> str:
    """Return the address of the query that counts the records in and under a unit."""
    return f"sparql?query={quote(_COUNTED.format(unit=NamedNode(iri)))}"


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What the page of a unit tells beside what is stated of it.

    Attributes:
        way: The units around it, the outermost first.
        level: What its level is called; empty where none is stated.
        code: By what the archive calls it within the unit around it; empty where that is not stated.
        records: Records in it and in the units below.
        direct: Records directly in it.
        query: Address of the query that counts the records.
        parts: Units directly in it, the first ones.
        parts_total: How many there are.
        every_part: Address of the list of all of them.
        listed: Records directly in it, the first ones.
        every_record: Address of the list of all of them.
        facts: What the archive says of it first: code, level, dates, who keeps it.
        rest: All else that is stated of it.
        links: What links to it beside its units and records.
        stream: Address of what became of its records from release to release; empty where none ever lay in it.
    """

    way: tuple[Branch, ...]
    level: str
    code: str
    records: int
    direct: int
    query: str
    parts: tuple[Branch, ...]
    parts_total: int
    every_part: str
    listed: tuple[Row, ...]
    every_record: str
    facts: tuple[Group, ...]
    rest: tuple[Section, ...]
    links: Linked
    stream: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record in the list of a unit.

    Attributes:
        title: What it is called.
        language: Of the title.
        href: Its page, relative to the root.
        code: Its code; empty where none is stated.
        created: When it was written, EDTF; empty where that is not stated.
    """

    title: str
    language: str | None
    href: str
    code: str
    created: str


_FACTS = (
    RICO.identifier.value,
    RICO.hasRecordSetType.value,
    DCTERMS.date.value,
    CRM.P46i_forms_part_of.value,
    DCTERMS.creator.value,
    RICO.hasOrHadHolder.value,
    CRM.P49_has_former_or_current_keeper.value,
    RICO.recordResourceExtent.value,
    DCTERMS.extent.value,
    DCTERMS.language.value,
)
_MEMBERSHIP = frozenset(
    each.value
    for each in (
        CRM.P46_is_composed_of,
        CRM.P46i_forms_part_of,
        RICO.includesOrIncluded,
        DCTERMS.isPartOf,
        DCTERMS.hasPart,
    )
)
"""What says that something lies in a unit: told by the lists of units and records."""


def unit_page(site: Site, it: NamedNode, told: Arranged, links: Linked) -> UnitPage | None:
    """Return what the page of a unit tells, None for what is no unit of the archive.

    Args:
        site: Where it is described.
        it: The unit.
        told: What is stated of it.
        links: What links to it.
    """
    if not site.is_publication or (unit := site.holdings.units.get(it.value)) is None:
        return None
    stated = {group.iri: group for section in told.sections for group in section.groups}
    rest = (
        replace(
            section,
            groups=tuple(
                each for each in section.groups if each.iri not in _FACTS and each.iri not in _MEMBERSHIP
            ),
        )
        for section in told.sections
    )
    return UnitPage(
        tuple(_branch(site, each.iri, {}) for each in site.holdings.way_to(it.value)),
        level_of(site, unit),
        unit.code,
        unit.records,
        unit.direct,
        _counting_query(it.value),
        tuple(branches(site, unit.parts[:_FIRST])),
        len(unit.parts),
        _units_in(site, it.value),
        tuple(_rows(site, site.holdings.records_in(it.value)[:_FIRST])),
        _records_in(site, it.value),
        tuple(stated[each] for each in _FACTS if each in stated),
        tuple(each for each in rest if each.groups),
        replace(links, groups=tuple(each for each in links.groups if each.iri not in _MEMBERSHIP)),
        stream_of(site, site.addresses.iris.path(it.value) or ""),
    )


_FIRST = 50
"""Units, and records, that the page of a unit lists."""


def _rows(site: Site, records: Sequence[InUnit]) -> Iterator[Row]:
    for each in records:
        title, language = title_of(site, each.iri)
        yield Row(title, language, site.addresses.of_iri(each.iri), each.code, each.created)


# ------------------------------------------------------------------------------------------------ lists


def tree(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/browse/holding?page=…&in=…``: the archive as a tree with counts; with ``in`` what is directly in one unit."""
    values = one_of_each(exchange.query, ("page", "in"))
    number, key = page_number(values), values.get("in", "")
    unit = _unit(site, key) if key else None
    iris = unit.parts if unit else site.holdings.tops if site.is_publication else ()
    shown = iris[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
    if not shown:
        raise Problem(404, said("There are no units of an archive here."), (Choice("", said("Home")),))
    return page_answer(
        site,
        exchange,
        "tree.html",
        inside=_branch(site, unit.iri, {}) if unit else None,
        branches=branches(site, shown),
        pages=pages("browse/holding", number, len(iris), PAGE_LENGTH, **{"in": key}),
        units=unit.below if unit else len(site.holdings.units),
        canonical="browse/holding",
    )


def records(site: Site, exchange: Exchange, key: str) -> Answer:
    """Answer ``/browse/holding/{key}?page=…``: the records directly in a unit, by code and day."""
    unit = _unit(site, key)
    number = page_number(one_of_each(exchange.query, ("page",)))
    found = site.holdings.records_in(unit.iri)
    shown = found[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
    if not shown:
        raise Problem(
            404,
            said("No record lies directly in this unit."),
            (Choice(site.addresses.of_iri(unit.iri), said("The unit")),),
        )
    address = _records_in(site, unit.iri)
    return page_answer(
        site,
        exchange,
        "unit-records.html",
        inside=_branch(site, unit.iri, {}),
        listed=list(_rows(site, shown)),
        by_identifier=site.holdings.is_large(unit.iri),
        pages=pages(address, number, len(found), PAGE_LENGTH),
        canonical=address if number == 1 else f"{address}?page={number}",
    )


def _unit(site: Site, key: str) -> Unit:
    iri = site.addresses.iris.thing(Kind.HOLDING, key).value if site.is_publication and is_slug(key) else ""
    unit = site.holdings.units.get(iri) if iri else None
    if unit is None:
        raise Problem(
            404,
            said("There is no unit “{key}” here.", key=key[:60]),
            (Choice("browse/holding", said("All units")),),
        )
    return unit
