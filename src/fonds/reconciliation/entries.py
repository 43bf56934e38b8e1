"""What is known of a thing when it is compared with others: its names, its life, where it is told of and together with whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fonds.identifiers import Kind
from fonds.model import Authority, Record, Reference
from fonds.reconciliation.names import Name, life_in, names_in, words_in

COMPARED = frozenset({Kind.PERSON, Kind.GROUP, Kind.PLACE, Kind.EVENT, Kind.WORK, Kind.HOLDING, Kind.TOPIC})
"""Kinds of which two can turn out to be one; terms of vocabularies are not found, but made."""

_MOST_NAMES = 12
_SMALL_WORDS = (
    "and the for from with der die das und von des den dem les des una los las del que was his her its sein seine ihr"
    " ist war than then until after since bis nach seit dann jusqu jusque hasta"
)
_NOT_TELLING = frozenset(_SMALL_WORDS.split())
_YEAR = re.compile(r"\b[12]\d{3}\b")
_AUTHORITY_FILE = re.compile(r"https?://(?:www\.)?(?P<host>[^/]+)/(?P<rest>.*[^/])/?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing, as it is compared.

    Attributes:
        reference: Its identifier.
        names: Its names in comparable form.
        label: Its first name, as it is written.
        told: What is said of it: the words that tell something, in plain letters.
        born: The year; of a person.
        died: The year; of a person.
        elsewhere: Its identifiers elsewhere, by authority file.
        whole: What it belongs to, in comparable form; empty where nothing is said.
        coordinates: Of a place, WGS 84 degrees.
        list: The file that lists it.
        from_table: Whether that is a table of the publication's own.
        records: The records that name it, by number.
    """

    reference: Reference
    names: tuple[Name, ...]
    label: str
    told: frozenset[str] = frozenset()
    born: int | None = None
    died: int | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""
    coordinates: tuple[float, float] | None = None
    list: str = ""
    from_table: bool = False
    records: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Setting:
    """In which records things are named, by the number of the record.

    Attributes:
        named: The things that a record names.
        year: The first and the last year that a record can be of, where that is known.
    """

    named: tuple[tuple[Reference, ...], ...]
    year: tuple[tuple[int, int] | None, ...]


def setting_of(records: Iterable[Record]) -> Setting:
    """Return in which records things are named."""
    named, years = [], []
    for record in records:
        named.append(tuple(dict.fromkeys(record.references())))
        date = record.created.date if record.created else None
        first, last = (date.earliest, date.latest) if date else (None, None)
        years.append((first.year, last.year) if first and last else None)
    return Setting(tuple(named), tuple(years))


def entries_of(
    authorities: Mapping[Reference, Authority], setting: Setting, kinds: Iterable[str] = COMPARED
) -> tuple[Entry, ...]:
    """Return what can be compared, in the order of its identifiers; whom the source leaves unidentified is left out.

    Args:
        authorities: The things of a publication.
        setting: In which records they are named.
        kinds: Which kinds are compared.
    """
    wanted = COMPARED & frozenset(kinds)
    naming: dict[Reference, list[int]] = defaultdict(list)
    for number, named in enumerate(setting.named):
        for reference in named:
            if reference.kind in wanted:
                naming[reference].append(number)
    return tuple(
        _entry(each, authorities, frozenset(naming[each.reference]))
        for _, each in sorted(authorities.items())
        if each.reference.kind in wanted and each.identified
    )


def _entry(
    authority: Authority, authorities: Mapping[Reference, Authority], records: frozenset[int]
) -> Entry:
    one = (authority, *authority.merged)
    written = dict.fromkeys(name.text for each in one for name in (*each.labels, *each.other_names))
    names = dict.fromkeys(name for text in list(written)[:_MOST_NAMES] for name in names_in(text))
    said = " ".join(
        words for each in one for words in (each.definition, *(it.text for it in each.translations))
    )
    said_born, said_died = life_in(said)
    listed_born, listed_died = (_year(event, one) for event in ("birth", "death"))
    whole = authorities.get(authority.broader) if authority.broader else None
    return Entry(
        reference=authority.reference,
        names=tuple(names),
        label=authority.label,
        told=frozenset(telling_words(said)),
        born=listed_born or next((name.born for name in names if name.born), said_born),
        died=listed_died or next((name.died for name in names if name.died), said_died),
        elsewhere=dict(in_authority_file(each) for each in _identifiers(authority)),
        whole=" ".join(words_in(whole.label)) if whole else "",
        coordinates=authority.coordinates,
        list=authority.origin.path,
        from_table=authority.origin.path.startswith("data/authorities/"),
        records=records,
    )


def telling_words(text: str) -> list[str]:
    """Return the words of a description that tell something: neither short nor numbers.

    >>> telling_words("Ambassador to France until 1968")
    ['ambassador', 'france']
    """
    return [
        word for word in words_in(text) if len(word) > 2 and not word.isdigit() and word not in _NOT_TELLING
    ]


def _identifiers(authority: Authority) -> list[str]:
    """Return the addresses of the same thing elsewhere, those that we accept or consider and those that its sources state."""
    one = (authority, *authority.merged)
    stated = (each.iri or f"{each.scheme}:{each.value}" for which in one for each in which.elsewhere)
    return [*(match.iri for each in one for match in each.matches), *stated]


def _year(event: str, authorities: Iterable[Authority]) -> int | None:
    """Return the one year in which somebody was born or died, as a list gives it."""
    for life in (each for authority in authorities for each in authority.life if each.event == event):
        first, last = (life.when.date.earliest, life.when.date.latest) if life.when else (None, None)
        if first and last and first.year == last.year:
            return first.year
        if years := set(_YEAR.findall(life.form)):
            return int(years.pop()) if len(years) == 1 else None
    return None


def in_authority_file(iri: str) -> tuple[str, str]:
    """Return whose identifier an address is, and which.

    >>> in_authority_file("https://www.wikidata.org/entity/Q5809"), in_authority_file("http://d-nb.info/gnd/118543369/")
    (('wikidata.org/entity', 'Q5809'), ('d-nb.info/gnd', '118543369'))
    """
    match = _AUTHORITY_FILE.fullmatch(iri)
    if match is None:
        return iri, iri
    before, _, last = match["rest"].rpartition("/")
    scheme = f"{match['host']}/{before}".rstrip("/")
    return scheme.replace("wikidata.org/wiki", "wikidata.org/entity"), last
