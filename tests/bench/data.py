"""Made-up archival description of any size, the same bytes for the same number of documents.

A document has a title, an identifier, a date, a description of 500 to 2,000 characters, one or two sections of text, the
event of its making, the meeting it reports, people and places it mentions, and subjects: about 52 triples, counted with
its share of people, places and subjects.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

BASE = "http://bench.example/"
TRIPLES_PER_DOCUMENT = 52

_CRM = "http://www.cidoc-crm.org/cidoc-crm/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_DCTERMS = "http://purl.org/dc/terms/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XSD = "http://www.w3.org/2001/XMLSchema#"

_GIVEN = "Ada Boris Clara Dmitri Elena Franz Grete Hugo Ines Jan Karin Lev Marta Nils Olga Pavel Rosa Stefan Tilda Viktor".split()
_FAMILY = "Abel Brandt Conti Dahl Egger Falk Gruber Horn Ivanov Jansen Keller Lund Moreau Novak Olsen Petrov Roth Silva Turek".split()
_TOWNS = "Aachen Bergen Cadiz Delft Evora Fiume Graz Havre Izmir Jena Kotor Lugano Malmo Narva Odense Parma Riga Sofia Trier".split()
_SUBJECTS = "trade fishing rail postage patents grain timber customs refugees treaties schools health mining print salt".split()
_KINDS = ("Memorandum", "Telegram", "Letter", "Minutes", "Report", "Note")
_WORDS = (
    "the delegate asked whether the council had received the papers that were promised in spring and was told that they "
    "lay with the office of the clerk who would send them on as soon as the question of the seal was settled it was agreed "
    "to meet again before the end of the month and to say nothing in public until the envoy had come back from the coast "
    "where the ships were waiting for better weather and for news of the harvest"
).split()


def write_data(path: Path, triples: int) -> list[str]:
    """Write about so many triples as N-Triples; return the IRIs of documents, events, people and places."""
    documents = max(10, triples // TRIPLES_PER_DOCUMENT)
    looked_up: list[str] = []
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_lines(documents, looked_up))
    return looked_up


def _lines(documents: int, looked_up: list[str]) -> Iterator[str]:
    rng = random.Random(documents)
    people = [f"{BASE}id/person/{number}" for number in range(max(20, documents // 5))]
    places = [f"{BASE}id/place/{number}" for number in range(max(30, min(documents // 10, 4000)))]
    subjects = [f"{BASE}id/subject/{number}" for number in range(max(20, min(documents // 20, 1500)))]
    for number, subject in enumerate(subjects):
        yield _link(subject, _RDF + "type", _SKOS + "Concept")
        yield _text(subject, _SKOS + "prefLabel", f"{_SUBJECTS[number % len(_SUBJECTS)]} {number}", "@en")
        if number >= len(_SUBJECTS):
            yield _link(subject, _SKOS + "broader", subjects[number % len(_SUBJECTS)])
    for number, place in enumerate(places):
        yield _link(place, _RDF + "type", _CRM + "E53_Place")
        yield _text(place, _RDFS + "label", f"{_TOWNS[number % len(_TOWNS)]} {number}", "@en")
        if number >= len(_TOWNS):
            yield _link(place, _CRM + "P89_falls_within", places[number % len(_TOWNS)])
    for person in people:
        yield from _person(person, rng)
    for number in range(documents):
        document = f"{BASE}id/document/{number}"
        looked_up += (document, f"{BASE}id/event/{number}")
        yield from _document(document, number, rng, people, places, subjects)
    looked_up += people
    looked_up += places


def _person(person: str, rng: random.Random) -> Iterator[str]:
    name = f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"
    yield _link(person, _RDF + "type", _CRM + "E21_Person")
    yield _text(person, _RDFS + "label", name, "@en")
    yield _link(person, _CRM + "P1_is_identified_by", f"{person}/name")
    yield _link(f"{person}/name", _RDF + "type", _CRM + "E33_E41_Linguistic_Appellation")
    yield _text(f"{person}/name", _CRM + "P190_has_symbolic_content", name)
    yield _link(person, _CRM + "P98i_was_born", f"{person}/birth")
    yield _link(f"{person}/birth", _RDF + "type", _CRM + "E67_Birth")
    yield from _span(
        f"{person}/birth", f"{rng.randint(1850, 1930)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    )


def _document(
    document: str,
    number: int,
    rng: random.Random,
    people: list[str],
    places: list[str],
    subjects: list[str],
) -> Iterator[str]:
    day = f"{rng.randint(1920, 1968)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    kind = rng.choice(_KINDS)
    title = f"{kind}, {rng.choice(_TOWNS)}, {day}: {rng.choice(_SUBJECTS)}"
    present = rng.sample(people, rng.randint(2, 5))
    yield _link(document, _RDF + "type", _CRM + "E31_Document")
    yield _link(document, _RDF + "type", _CRM + "E33_Linguistic_Object")
    yield _text(document, _RDFS + "label", title, "@en")
    yield _text(document, _DCTERMS + "title", title, "@en")
    yield _text(document, _DCTERMS + "date", day, f"^^<{_XSD}date>")
    yield _text(document, _DCTERMS + "language", "en")
    yield _text(document, _DCTERMS + "type", kind, "@en")
    yield _text(document, _DCTERMS + "description", _prose(rng), "@en")
    yield _text(document, _DCTERMS + "extent", f"{rng.randint(1, 40)} pages")
    yield _link(document, _CRM + "P1_is_identified_by", f"{document}/identifier")
    yield _link(f"{document}/identifier", _RDF + "type", _CRM + "E42_Identifier")
    yield _text(
        f"{document}/identifier", _CRM + "P190_has_symbolic_content", f"Box {number // 100}, no. {number}"
    )
    for part in range(rng.randint(1, 2)):
        section = f"{document}/section/{part}"
        yield _link(document, _CRM + "P106_is_composed_of", section)
        yield _link(section, _RDF + "type", _CRM + "E33_Linguistic_Object")
        yield _text(section, _RDFS + "label", f"Section {part + 1}", "@en")
        yield _text(section, _CRM + "P190_has_symbolic_content", _prose(rng), "@en")
    yield from (
        _link(document, _DCTERMS + "subject", each) for each in rng.sample(subjects, rng.randint(1, 4))
    )
    mentioned = [*present, *rng.sample(places, rng.randint(1, 3))]
    yield from (_link(document, _CRM + "P67_refers_to", each) for each in mentioned)
    if number:
        yield _link(document, _DCTERMS + "relation", f"{BASE}id/document/{rng.randrange(number)}")
    place = rng.choice(places)
    making, meeting = f"{BASE}id/event/{number}", f"{BASE}id/event/{number}-meeting"
    for event, type_, label in ((making, "E65_Creation", "Making"), (meeting, "E7_Activity", "Meeting")):
        yield _link(event, _RDF + "type", _CRM + type_)
        yield _text(event, _RDFS + "label", f"{label} of {title}", "@en")
        yield _link(event, _CRM + "P7_took_place_at", place)
        yield from _span(event, day)
    yield _link(making, _CRM + "P94_has_created", document)
    yield _link(making, _CRM + "P14_carried_out_by", present[0])
    yield _link(document, _CRM + "P129_is_about", meeting)
    yield from (_link(meeting, _CRM + "P11_had_participant", each) for each in present)


def _span(event: str, day: str) -> Iterator[str]:
    yield _link(event, _CRM + "P4_has_time-span", f"{event}/span")
    yield _link(f"{event}/span", _RDF + "type", _CRM + "E52_Time-Span")
    yield _text(f"{event}/span", _RDFS + "label", day)
    yield _text(f"{event}/span", _CRM + "P82a_begin_of_the_begin", f"{day}T00:00:00Z", f"^^<{_XSD}dateTime>")
    yield _text(f"{event}/span", _CRM + "P82b_end_of_the_end", f"{day}T23:59:59Z", f"^^<{_XSD}dateTime>")


def _prose(rng: random.Random) -> str:
    words = rng.choices(_WORDS, k=rng.randint(95, 380))
    return " ".join(words).capitalize() + "."


def _link(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{predicate}> <{value}> .\n"


def _text(subject: str, predicate: str, value: str, tail: str = "") -> str:
    return f'<{subject}> <{predicate}> "{value}"{tail} .\n'
