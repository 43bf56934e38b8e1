"""Where a thing occurs, as its page shows it: in documents, by names, beside others, in offices; counted at build."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from fonds.descriptions import Occurrences
from fonds.descriptions.occurrences import InRecord, Office, Spot
from fonds.ordering import natural
from fonds.translations import gettext, marked
from fonds.views.graph import term
from fonds.vocabulary import CRM, DCTERMS, FV
from fonds.web.site import Site
from fonds.web.statements import block_name
from fonds.web.values import Value, show
from fonds.web.wording import KINDS, counted, shortened, spelled_date

_LONGEST_FORM = 60
_UNDATED = "\uffff"
"""Behind every date."""
_SPOTS_IN_ALL = 240
_PARTS = {
    DCTERMS.creator.value: marked("author"),
    FV.sender.value: marked("sender"),
    FV.recipient.value: marked("recipient"),
    CRM.P14_carried_out_by.value: marked("took part"),
    CRM.P11_had_participant.value: marked("took part"),
}


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a text: its address and what its paragraph is called."""

    href: str
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A record in which a thing is named or has a part.

    Attributes:
        title: The record, with its page.
        created: When it was written, for people; empty where that is not stated.
        datetime: The same for machines; empty where it is no calendar date.
        roles: Which part the thing has in it.
        number: How often it is named.
        places: The paragraphs of the first of them.
        cut: Whether there are places behind these.
    """

    title: Value
    created: str
    datetime: str
    roles: tuple[str, ...]
    number: int
    places: tuple[Where, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A form in which a thing is named.

    Attributes:
        words: Verbatim, long ones cut; empty where they are not published.
        language: Of the words; None where it is not stated.
        certainty: How sure it is that they mean the thing; empty where there is no doubt.
        places: How often they occur.
        first: The first places, by record.
    """

    words: str
    language: str | None
    certainty: str
    places: int
    first: tuple[tuple[Value, tuple[Where, ...]], ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing that is named in the same paragraphs, what kind of thing it is for people, and in how many."""

    thing: Value
    kind: str
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Tenure:
    """An office as a record attests it.

    Attributes:
        href: The page of its holding.
        holder: Who held it; None on the holder's own page.
        roles: Which office.
        groups: Where; without the group whose page it is.
        day: The day on which it is attested; empty where that is not stated.
        record: Which record says so.
        certainty: How sure it is; empty for what the record itself says.
        ground: Why it is concluded.
    """

    href: str
    holder: Value | None
    roles: tuple[Value, ...]
    groups: tuple[Value, ...]
    day: str
    record: Value
    certainty: str
    ground: str


def documents(site: Site, counts: Occurrences) -> tuple[Document, ...]:
    """Return the records in which a thing occurs, by date; those without a date come last."""
    each_at_most = max(2, min(12, _SPOTS_IN_ALL // max(1, len(counts.in_records))))
    found = [_document(site, each, each_at_most) for each in counts.in_records]
    found.sort(key=lambda each: (each.datetime or _UNDATED, natural(each.title.text)))
    return tuple(found)


def _document(site: Site, it: InRecord, most: int) -> Document:
    created = _literal(it.created)
    day = created.value if created else ""
    return Document(
        show(site, NamedNode(it.record)),
        spelled_date(day) if day else "",
        day,
        tuple(dict.fromkeys(_part(site, each) for each in it.roles)),
        it.places,
        _places(site, it.record, it.first[:most]),
        it.places > len(it.first[:most]),
    )


def _part(site: Site, role: str) -> str:
    return gettext(_PARTS[role]) if role in _PARTS else show(site, NamedNode(role)).text


def _places(site: Site, record: str, spots: Iterable[Spot]) -> tuple[Where, ...]:
    """Return places, each block once: the first name in it."""
    document = site.addresses.of_iri(record)
    blocks: dict[str, str] = {}
    for spot in spots:
        blocks.setdefault(spot.block, spot.mention)
    return tuple(
        Where(f"{document}#{quote(mention)}", block_name(block) if block else mention)
        for block, mention in blocks.items()
    )


def forms(site: Site, counts: Occurrences) -> tuple[Found, ...]:
    """Return as what a thing is named, the most frequent first."""
    found = []
    for form in counts.forms:
        literal = _literal(form.term)
        records: dict[str, list[Spot]] = {}
        for record, spot in form.first:
            records.setdefault(record, []).append(spot)
        first = tuple(
            (show(site, NamedNode(record)), _places(site, record, spots)) for record, spots in records.items()
        )
        words = shortened(literal.value, _LONGEST_FORM) if literal else ""
        language = literal.language if literal else None
        found.append(Found(words, language, form.certainty, form.places, first))
    return tuple(found)


def neighbours(site: Site, counts: Occurrences) -> tuple[Neighbour, ...]:
    """Return what is named in the same paragraphs, the most frequent first."""
    shown = [(show(site, NamedNode(each.iri)), each) for each in counts.beside]
    shown.sort(key=lambda each: (-each[1].paragraphs, natural(each[0].text)))
    return tuple(Neighbour(value, _kind(site, each.iri), each.paragraphs) for value, each in shown)


def _kind(site: Site, iri: str) -> str:
    match (site.addresses.iris.path(iri) or "").split("/"):
        case ["id" | "vocab", kind, *_]:
            return counted(kind, 1) if kind in KINDS else kind
    return ""


def tenures(site: Site, counts: Occurrences, iri: str) -> tuple[Tenure, ...]:
    """Return the offices that a thing held, or that were held in it, by day.

    Args:
        site: Where they are stated.
        counts: What was counted of the thing.
        iri: The thing.
    """
    return tuple(_tenure(site, each, iri) for each in counts.offices)


def _tenure(site: Site, office: Office, iri: str) -> Tenure:
    when, ground = _literal(office.when), _literal(office.ground)
    return Tenure(
        site.addresses.of_iri(office.event),
        None if office.holder == iri else show(site, NamedNode(office.holder)),
        tuple(show(site, NamedNode(each)) for each in office.roles),
        tuple(show(site, NamedNode(each)) for each in office.groups if each != iri),
        spelled_date(when.value) if when else "",
        show(site, NamedNode(office.event.rpartition("/")[0])),
        office.certainty,
        ground.value if ground else "",
    )


def _literal(written: str) -> Literal | None:
    """Return a literal that is given as N-Triples write it; None for nothing."""
    it = term(written) if written else None
    return it if isinstance(it, Literal) else None
