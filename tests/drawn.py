"""A made-up collection for timeline, map and networks: many records of all sorts of date, many places, names that would do harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from fonds.mapping.authorities import GEO_WKT
from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.build import build_release
from fonds.release.folder import Release
from fonds.settings import Settings
from fonds.vocabulary import CRM, DCTERMS, EDTF, FV, RDF, RDFS, typed

BASE = "https://a.example/"
EVIL = '<script>alert(1)</script>" onfocus="alert(2)\u202e'
ARABIC = "القاهرة"
RECORDS, EVENTS, PLACES, WITHOUT = 129, 3, 134, 5
"""How many there are; of places, how many have coordinates, and how many have none."""

Fact = tuple[NamedNode, NamedNode, NamedNode | Literal]


def it(path: str) -> NamedNode:
    """Return the identifier of a thing."""
    return NamedNode(f"{BASE}id/{path}")


def made_up(folder: Path) -> Release:
    """Return a release of the collection, built into a folder."""
    descriptions = [*_records(), *_events(), *_places(), *_people()]
    settings = Settings(title="Made up", languages=("en",))
    return build_release(descriptions, folder, settings=settings, base=BASE)


def _graph(path: str, kind: GraphKind, facts: tuple[Fact, ...]) -> NamedGraph:
    return NamedGraph(NamedNode(f"{BASE}graph/{path}"), kind, tuple(Triple(*each) for each in facts))


def _authority(path: str, *facts: Fact) -> Description:
    return Description(it(path), (_graph(f"authority/{path}", GraphKind.AUTHORITY, facts),))


def _labelled(path: str, label: str, language: str = "en") -> Fact:
    return it(path), RDFS.label, Literal(label, language=language)


def dates() -> Iterator[str]:
    """Yield when each record was written, empty for one without a date."""
    for number in range(100):
        yield f"{1950 + number % 15}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    yield from ("1955",) * 10
    yield from ("1955-05",) * 5
    yield from ("1955/1958",) * 5
    yield from (
        "1960-05-10~",
        "1960-05-10?",
        "1962/..",
        "../1952",
        "-0044-03-15",
        "1951/1953",
        "Y170000",
        "in spring",
        "",
    )


def _records() -> Iterator[Description]:
    for number, date in enumerate(dates()):
        key = f"record/r{number}"
        title = EVIL if number == 7 else f"Letter {number}"
        created = ((it(key), DCTERMS.created, Literal(date)),) if date else ()
        facts = ((it(key), RDF.type, CRM.E31_Document), _labelled(key, title), *created, *_mentions(number))
        yield Description(it(key), (_graph(key, GraphKind.RECORD, facts),))


def _mentions(number: int) -> Iterator[Fact]:
    """Yield what the first records name, all of it in one paragraph."""
    if number > 2:
        return
    named = ("person/evil", "person/plain", "place/cuba", "event/fair")
    for place, thing in enumerate((*named, "group/us") if number else named):
        node = it(f"record/r{number}/m{place}")
        yield node, RDF.type, FV.Mention
        yield node, FV.mentions, it(thing)
        yield node, FV.in_paragraph, it(f"record/r{number}/p1")


def _events() -> Iterator[Description]:
    for key, label, edtf in (
        ("fair", "The fair", "1955-05-02/1955-05-20"),
        ("flood", ARABIC, "1930"),
        ("later", "Later", ""),
    ):
        path, span = f"event/{key}", it(f"event/{key}/ts")
        when = (
            ((it(path), CRM.P4_has_time_span, span), (span, FV.edtf, typed(edtf, EDTF.EDTF))) if edtf else ()
        )
        yield _authority(path, _labelled(path, label), *when)


def _places() -> Iterator[Description]:
    yield _place("fiji", "Fiji", (179.9, -17.5))
    yield _place("cuba", "Cuba", (-79.0, 21.5))
    for number in range(30):
        east = 178.0 + number / 8
        yield _place(
            f"fiji-{number}",
            f"Fiji {number}",
            (east if east <= 180 else east - 360, -17 - number % 5 / 4),
            "fiji",
        )
    for number in range(70):
        yield _place(f"spot-{number}", EVIL if number == 3 else f"Quarter {number}", (-82.38, 23.13), "cuba")
    for number in range(30):
        yield _place(f"cuba-{number}", f"Cuba {number}", (-84 + number / 4, 20 + number % 4), "cuba")
    yield _place("alone", ARABIC, (31.24, 30.04))
    yield _place("pole", "The pole", (0.0, 90.0))
    for number in range(WITHOUT):
        yield _place(f"nowhere-{number}", f"Nowhere {number}", None, "cuba")


def _place(key: str, label: str, point: tuple[float, float] | None, within: str = "") -> Description:
    path = f"place/{key}"
    facts = [_labelled(path, label)]
    if point:
        words = typed(f"POINT({point[0]} {point[1]})", GEO_WKT)
        facts.append((it(path), CRM.P168_place_is_defined_by, words))
    if within:
        facts.append((it(path), CRM.P89_falls_within, it(f"place/{within}")))
    return _authority(path, *facts)


def _people() -> Iterator[Description]:
    member = CRM.P107i_is_current_or_former_member_of
    yield _authority(
        "person/evil", _labelled("person/evil", EVIL), (it("person/evil"), member, it("group/us"))
    )
    yield _authority("person/plain", _labelled("person/plain", "Plain"))
    yield _authority("person/lonely", _labelled("person/lonely", "Lonely"))
    yield _authority("group/us", _labelled("group/us", "Us"))
