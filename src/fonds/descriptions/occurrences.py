"""Where things occur, counted at build: in which records, by which names, beside whom, in which office."""

from __future__ import annotations

import msgspec


class Spot(msgspec.Struct, frozen=True, array_like=True):
    """One place in a record: the last segments of the identifiers of a mention and of the block in which it stands."""

    mention: str
    block: str


class Form(msgspec.Struct, frozen=True, array_like=True):
    """Words by which a thing is named.

    Attributes:
        term: The words, as N-Triples write a literal; empty for words that are not published.
        certainty: How sure it is that they mean the thing; empty where there is no doubt.
        places: How often they occur.
        first: The first places, each with its record.
    """

    term: str
    certainty: str
    places: int
    first: tuple[tuple[str, Spot], ...]


class Beside(msgspec.Struct, frozen=True, array_like=True):
    """A thing that is named in the same paragraphs as another one.

    Attributes:
        iri: Which.
        paragraphs: In how many.
    """

    iri: str
    paragraphs: int


class Office(msgspec.Struct, frozen=True, array_like=True):
    """An office as one record attests it.

    Attributes:
        event: The holding of it.
        graph: The graph that says so.
        holder: Who held it.
        roles: Which office.
        groups: Where.
        when: The day on which it is attested, as N-Triples write a literal; EDTF where there is such a date.
        certainty: How sure that is.
        ground: Why it is concluded, as N-Triples write a literal; empty where the record says it.
    """

    event: str
    graph: str
    holder: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    when: str = ""
    certainty: str = ""
    ground: str = ""


class InRecord(msgspec.Struct, frozen=True, array_like=True):
    """One record in which a thing occurs.

    Attributes:
        record: Which.
        created: When it was written, as N-Triples write a literal; empty where that is not stated.
        places: How often it names the thing.
        roles: What part the thing has in it: roles, or the properties that say it.
        first: The first places, in the order of the text.
    """

    record: str
    created: str
    places: int
    roles: tuple[str, ...]
    first: tuple[Spot, ...] = ()


class Participant(msgspec.Struct, frozen=True, array_like=True):
    """Who took part in an event, in which roles, according to which graph."""

    iri: str
    roles: tuple[str, ...]
    graph: str


class Occurrences(msgspec.Struct, frozen=True, array_like=True):
    """All that was counted of one thing; lists hold the first of what the numbers count.

    Attributes:
        places: How often it is named.
        documents: In how many records it is named or has a part.
        doubtful: In how many places it is not certain that it is meant.
        in_records: Those records: the ones in which it has a part first, then those that name it most.
        names: How many different forms there are, by certainty.
        forms: Those that occur most, first.
        others: How many things are named in the same paragraphs.
        beside: Those that are most often, first.
        lists: In how many paragraphs so many things are named that none of them is counted as being beside another.
        offices_held: How many offices records attest.
        offices: By day.
        took_part: How many part in it, if it is an event.
        participants: Who they are.
        said: How many reported statements are in which connection with it: ``about`` it, said ``by`` it, said by another
            one ``for`` it; it is ``nested``, a speaker whose words a speaker reports; they were said ``there``, on that
            occasion; it ``reports`` them.
        statements: The first of these.
    """

    places: int = 0
    documents: int = 0
    doubtful: int = 0
    in_records: tuple[InRecord, ...] = ()
    names: int = 0
    forms: tuple[Form, ...] = ()
    others: int = 0
    beside: tuple[Beside, ...] = ()
    lists: int = 0
    offices_held: int = 0
    offices: tuple[Office, ...] = ()
    took_part: int = 0
    participants: tuple[Participant, ...] = ()
    said: dict[str, int] = {}
    statements: dict[str, tuple[str, ...]] = {}


read_occurrences = msgspec.msgpack.Decoder(Occurrences).decode
