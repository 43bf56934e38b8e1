"""The letters of a publication as a correspondence index (CMIF 1.1), by which correspSearch and others find them.

An index names who wrote to whom, when and from where, and where the letter is; identifiers elsewhere are those that somebody has
accepted. The rules are those of the Correspondence Metadata Interchange Format (TEI Correspondence SIG) and of its customisation of
TEI: a title and a contact, a publisher to whom the data can be attributed, a licence that is CC BY 4.0 or CC0, an edition with an
identifier that never changes, and at least a name, or “Unknown”, on either side of a letter.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store

from fonds.addresses import uri
from fonds.dates import parse_edtf
from fonds.drawing.svg import Attribute, element, text
from fonds.settings import Settings
from fonds.vocabulary import CRM, RDF, RDFS, SKOS

CMIF = "cmif.xml"
"""Name of the index in a release, and the end of its address."""
LICENCES: Mapping[str, str] = {
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0",
}
"""The licences that the format allows, by the address as it writes them."""
UNKNOWN = "Unknown"
"""What stands for a person of whom nobody says who it is (CMIF, ``correspAction/persName``)."""
_TEI = "http://www.tei-c.org/ns/1.0"
_AUTHORITIES = (
    "d-nb.info/gnd/",
    "viaf.org/viaf/",
    "id.loc.gov/authorities/",
    "data.bnf.fr/",
    "id.ndl.go.jp/auth/",
    "www.wikidata.org/entity/",
)
"""Authority files for persons and groups, that which is preferred first."""
_GAZETTEERS = ("sws.geonames.org/", "www.geonames.org/", "www.wikidata.org/entity/")
"""The same for places."""
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_DOUBT = re.compile(r"[?~%]")
_Node: TypeAlias = NamedNode | Literal
_Rows: TypeAlias = Iterator[tuple[str, ...]]


def lacks(settings: Settings) -> tuple[str, ...]:
    """Return what ``fonds.toml`` lacks for an index, each as a sentence that says what to write; empty where nothing is missing."""
    found = []
    if _licence(settings) is None:
        found.append(
            f"data under [rights] is {settings.rights.data!r}; an index is CC BY 4.0 or CC0, such as "
            'data = "https://creativecommons.org/licenses/by/4.0/"'
        )
    if not settings.publisher.strip():
        found.append(
            'publisher is empty; name to whom the index is attributed, such as publisher = "Town archive"'
        )
    return tuple(found)


def write_cmif(folder: Path, store: Store, settings: Settings, base: str, day: str) -> int:
    """Write the index of the letters of a release; nothing where there are none, or where the settings lack something for it.

    Args:
        folder: Of the release.
        store: All that it states.
        settings: The publication's.
        base: Under which it stands.
        day: Of issue, ISO 8601.

    Returns:
        How many letters stand in it.
    """
    letters = {} if lacks(settings) else _Letters(store, base).read()
    if letters:
        names = _Names(store, {it for each in letters.values() for it in each.named()}, settings.languages)
        with (folder / CMIF).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_lines(letters, names, settings, base, day))
    return len(letters)


def has_letters(store: Path, base: str) -> bool:
    """Tell whether a release has letters, whose index may not be there for want of a setting.

    Args:
        store: The folder of its store.
        base: Under which it stands.
    """
    return bool(_Letters(Store.read_only(str(store)), base).read())


@dataclass(slots=True)
class _Step:
    """One side of a letter: who, where, when."""

    actors: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    dates: list[tuple[str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class _Letter:
    """What is known of a letter; dates in EDTF, and whether somebody doubts or infers them."""

    code: str = ""
    sent: _Step = field(default_factory=_Step)
    received: _Step = field(default_factory=_Step)
    inferred: set[str] = field(default_factory=set)

    def named(self) -> Iterator[str]:
        for step in (self.sent, self.received):
            yield from step.actors
            yield from step.places


@dataclass(frozen=True, slots=True)
class _Letters:
    """Reads the letters of a store: what was sent by somebody or to somebody."""

    store: Store
    base: str

    def read(self) -> dict[str, _Letter]:
        """Return the letters by IRI, in the order of these."""
        letters: defaultdict[str, _Letter] = defaultdict(_Letter)
        for letter, role, actor in self.ask(_ACTORS):
            step = letters[letter].sent if role == "sender" else letters[letter].received
            if actor not in step.actors:
                step.actors.append(actor)
        if not letters:
            return {}
        for (letter,) in self.ask(_LISTED):
            # An index of somebody else's lists it, with words and under a licence of their own.
            letters.pop(letter, None)
        for letter, type_, place in self.ask(_PLACES):
            if letter in letters:
                step = letters[letter].received if type_ == "receiving" else letters[letter].sent
                step.places.append(place)
        for letter, type_, edtf, certainty in self.ask(_DATES):
            if letter in letters:
                step = letters[letter].received if type_ == "receiving" else letters[letter].sent
                step.dates.append((edtf, certainty not in ("", "high")))
        for letter, place in self.ask(_INFERRED):
            if letter in letters:
                letters[letter].inferred.add(place)
        for letter, code in self.ask(_CODES):
            if letter in letters:
                letters[letter].code = code
        return dict(sorted(letters.items()))

    def ask(self, query: str) -> _Rows:
        """Yield the rows of a query, what is not bound as an empty text, in an order that does not depend on the store."""
        found = cast("QuerySolutions", self.store.query(_PREFIXES.replace("$base", self.base) + query))
        yield from sorted({tuple(cast("_Node", each).value if each else "" for each in row) for row in found})


@dataclass(slots=True)
class _Names:
    """How those who are named are called, what they are, and what identifies them elsewhere."""

    labels: dict[str, str]
    groups: set[str]
    matches: dict[str, list[str]]

    def __init__(self, store: Store, things: set[str], languages: Sequence[str]) -> None:
        self.labels, self.groups, self.matches = {}, set(), defaultdict(list)
        order = {language: at for at, language in enumerate(("", *languages))}
        for it in sorted(things):
            stated = partial(self._stated, store, NamedNode(it))
            words = [
                each
                for name in (RDFS.label, SKOS.prefLabel)
                for each in stated(name)
                if isinstance(each, Literal)
            ]
            ranked = [(order.get(each.language or "", len(order)), each.value) for each in words]
            self.labels[it] = min(ranked, default=(0, ""))[1]
            self.matches[it] = [each.value for each in stated(SKOS.exactMatch) if isinstance(each, NamedNode)]
            if CRM.E74_Group in stated(RDF.type):
                self.groups.add(it)

    def _stated(self, store: Store, it: NamedNode, property_: NamedNode) -> list[object]:
        return [quad.object for quad in store.quads_for_pattern(it, property_, None, DefaultGraph())]

    def ref(self, it: str, preferred: Sequence[str]) -> str | None:
        """Return the accepted identifier elsewhere by which others know a thing best, None where there is none."""
        for space in preferred:
            for each in sorted(self.matches.get(it, ())):
                if each.partition("://")[2].startswith(space):
                    return each
        return None


def _lines(
    letters: Mapping[str, _Letter], names: _Names, settings: Settings, base: str, day: str
) -> Iterator[str]:
    edition = edition_id(base)
    contact = settings.contact.strip().removeprefix("mailto:")
    email = element("email", None, text(contact)) if "@" in contact and "://" not in contact else ""
    address, words = _licence(settings) or ("", "")
    publisher = text(settings.publisher.strip())
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<TEI xmlns="{_TEI}">\n<teiHeader>\n<fileDesc>\n<titleStmt>'
    yield element("title", None, text(settings.title))
    yield element("editor", None, f"{publisher} {email}".strip())
    yield "</titleStmt>\n<publicationStmt>"
    yield element("publisher", None, element("ref", {"target": uri(base)}, publisher))
    yield element("idno", {"type": "url"}, text(uri(f"{base}{CMIF}")))
    yield element("date", {"when": day}, "")
    licence = element(
        "licence",
        {"target": address},
        text(f"This file is licensed under the terms of the Creative Commons licence {words}"),
    )
    yield element("availability", None, licence)
    yield "</publicationStmt>\n<sourceDesc>"
    source = f"{text(settings.title)}. {publisher}. " + element("ref", {"target": uri(base)}, text(uri(base)))
    yield element("bibl", {"type": "online", "xml:id": edition}, source)
    yield "</sourceDesc>\n</fileDesc>\n<profileDesc>\n"
    for iri, letter in letters.items():
        yield _letter(iri, letter, names, edition)
    yield "</profileDesc>\n</teiHeader>\n<text><body><p/></body></text>\n</TEI>\n"


def _letter(iri: str, letter: _Letter, names: _Names, edition: str) -> str:
    actions = (
        element("correspAction", {"type": type_}, "".join(_action(step, letter, names)))
        for type_, step in (("sent", letter.sent), ("received", letter.received))
    )
    said: dict[str, Attribute] = {"key": letter.code or None, "ref": uri(iri), "source": f"#{edition}"}
    return element("correspDesc", said, "".join(actions)) + "\n"


def _action(step: _Step, letter: _Letter, names: _Names) -> Iterator[str]:
    called = [it for it in step.actors if names.labels.get(it)]
    for it in called:
        name = "orgName" if it in names.groups else "persName"
        yield element(name, {"ref": names.ref(it, _AUTHORITIES)}, text(names.labels[it]))
    if not called:
        yield element("persName", None, UNKNOWN)
    for it in dict.fromkeys(step.places):
        if names.labels.get(it):
            said: dict[str, Attribute] = {
                "ref": names.ref(it, _GAZETTEERS),
                **_conjectured(it in letter.inferred),
            }
            yield element("placeName", said, text(names.labels[it]))
            break
    for edtf, inferred in step.dates:
        if said_of := date_attributes(edtf):
            yield element("date", {**said_of, **_conjectured(inferred, "cert" in said_of)}, "")
            break


def _conjectured(inferred: bool, doubted: bool = False) -> dict[str, str]:
    """Return how an index marks what an editor concludes (CMIF 1.1, “Encoding uncertainty”)."""
    return {"cert": "low", "evidence": "conjecture"} if inferred else {"cert": "low"} if doubted else {}


def date_attributes(edtf: str) -> dict[str, str]:
    """Return a date as an index writes it: ``when``, ``from`` and ``to``, or ``notBefore`` and ``notAfter``; empty where it cannot.

    Days, months and years of four digits only (CMIF, ``correspAction/date``); what is uncertain or approximate is ``cert="low"``.

    >>> date_attributes("1901-03"), date_attributes("1901~")
    ({'when': '1901-03'}, {'when': '1901', 'cert': 'low'})
    >>> date_attributes("1901/1904-05"), date_attributes("1901-03/.."), date_attributes("190X")
    ({'from': '1901', 'to': '1904-05'}, {'notBefore': '1901-03'}, {'notBefore': '1900-01-01', 'notAfter': '1909-12-31'})
    """
    doubt = {"cert": "low"} if _DOUBT.search(edtf) else {}
    bare = _DOUBT.sub("", edtf)
    if _DATE.fullmatch(bare):
        return {"when": bare, **doubt}
    first, slash, last = bare.partition("/")
    if slash and _DATE.fullmatch(first) and _DATE.fullmatch(last):
        return {"from": first, "to": last, **doubt}
    if slash and last in ("", "..") and _DATE.fullmatch(first):
        return {"notBefore": first, **doubt}
    if slash and first in ("", "..") and _DATE.fullmatch(last):
        return {"notAfter": last, **doubt}
    try:
        span = parse_edtf(edtf)
    except ValueError:
        return {}
    bounds = {
        name: day.isoformat()
        for name, day in (("notBefore", span.earliest), ("notAfter", span.latest))
        if day
    }
    return {**bounds, **doubt} if bounds and all(map(_DATE.fullmatch, bounds.values())) else {}


def edition_id(base: str) -> str:
    """Return the identifier of the edition in its index: a UUID (RFC 9562, version 5) of its address, the same for ever.

    An ``xml:id`` begins with a letter, so of the UUIDs of that address and a number the first is taken that does.

    >>> edition_id("https://archive.example.org/") == edition_id("https://archive.example.org/")
    True
    """
    number = 0
    while not (found := str(uuid.uuid5(uuid.NAMESPACE_URL, f"{base}{CMIF}#{number}")))[0].isalpha():
        number += 1
    return found


def _licence(settings: Settings) -> tuple[str, str] | None:
    """Return the address and the name of the licence of the data, None where it is none that an index may have."""
    written = re.sub(r"^https?://", "", settings.rights.data.strip()).removesuffix("/")
    for address, name in LICENCES.items():
        if written == address.removeprefix("https://").removesuffix("/"):
            return address, name
    return None


_PREFIXES = """PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX fv: <https://w3id.org/fonds/ns#> PREFIX t: <$basevocab/type/> PREFIX role: <$basevocab/role/>
"""
_ACTORS = """SELECT ?letter ?role ?actor WHERE {
  { VALUES (?property ?role) { (fv:sender "sender") (fv:recipient "recipient") }
    ?step ?property ?actor ; crm:P16_used_specific_object ?letter }
  UNION
  { VALUES (?term ?role) { (role:sender "sender") (role:recipient "recipient") }
    ?part crm:P14.1_in_the_role_of ?term ; crm:P01_has_domain ?step ; crm:P02_has_range ?actor .
    ?step crm:P2_has_type t:sending . ?letter crm:P70_documents ?step } }"""
_OF_STEP = """VALUES (?kind ?type) { (t:sending "sending") (t:receiving "receiving") }
    ?step crm:P2_has_type ?kind .
    { ?step crm:P16_used_specific_object ?letter } UNION { ?letter crm:P70_documents ?step }"""
_WRITING = """{ ?step fv:sender|fv:recipient ?actor ; crm:P16_used_specific_object ?letter }
    UNION { ?step crm:P2_has_type t:sending . ?letter crm:P70_documents ?step }
    ?letter crm:P94i_was_created_by ?writing ."""
_PLACES = f"""SELECT ?letter ?type ?place WHERE {{
  {{ {_OF_STEP} ?step crm:P7_took_place_at ?place }}
  UNION {{ {_WRITING} ?writing crm:P7_took_place_at ?place BIND("writing" AS ?type) }} }}"""
_DATES = f"""SELECT ?letter ?type ?edtf ?certainty WHERE {{
  {{ {_OF_STEP} ?step crm:P4_has_time-span ?span }}
  UNION {{ {_WRITING} ?writing crm:P4_has_time-span ?span BIND("writing" AS ?type) }}
  ?span fv:edtf ?edtf OPTIONAL {{ ?span fv:certainty ?certainty }} }}"""
_INFERRED = f"""SELECT ?letter ?place WHERE {{ {_OF_STEP}
    ?concluded crm:P140_assigned_attribute_to ?step ; crm:P141_assigned ?place ; fv:certainty ?certainty }}"""
_LISTED = """SELECT ?letter WHERE { { ?step fv:sender|fv:recipient ?actor ; crm:P16_used_specific_object ?letter }
    UNION { ?step crm:P2_has_type t:sending . ?letter crm:P70_documents ?step }
    ?letter dcterms:isReferencedBy ?index }"""
_CODES = """SELECT ?letter ?code WHERE { { ?step fv:sender|fv:recipient ?actor ; crm:P16_used_specific_object ?letter }
    UNION { ?step crm:P2_has_type t:sending . ?letter crm:P70_documents ?step }
    ?letter crm:P1_is_identified_by ?number . ?number crm:P2_has_type t:reference-code ; crm:P190_has_symbolic_content ?code }"""
