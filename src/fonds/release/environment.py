"""What the description of one thing depends on beside its own source, noted as it is asked for.

What was asked, and what the answers were, is kept with a description: as long as the answers are the same, so is the description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from pyoxigraph import NamedNode

from fonds.fingerprint import digest
from fonds.identifiers import Kind
from fonds.mapping.common import Context
from fonds.mapping.description import lines_of
from fonds.model import Origin, Record, Reference
from fonds.shapes import Neighbours
from fonds.sources.links import linked
from fonds.vocabulary import CRM, FV, RDF

V = TypeVar("V")

_encode = msgspec.msgpack.encode
_CLASSES = (CRM.E31_Document, CRM.E33_Linguistic_Object)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What is known of a publication as a whole where one of its things is described.

    Attributes:
        context: Where identifiers stand, the codes of languages, the statement of rights.
        neighbours: What is known of authorities and terms.
        origins: Where the sources of authorities and terms stand, by IRI.
        records: The keys of all records.
        addresses: The keys of records by what pointers from other documents say.
        becomes: What was found to be another thing, by IRI, and which.
    """

    context: Context
    neighbours: Neighbours
    origins: Mapping[str, Origin]
    records: frozenset[str]
    addresses: Mapping[str, str] = field(default_factory=dict)
    becomes: Mapping[str, tuple[Reference, Reference]] = field(default_factory=dict)

    def lines(self, iri: str) -> bytes | None:
        """Return what is known of a thing, as N-Triples; None if nothing is."""
        found = self.neighbours.lines.get(iri)
        if found is not None:
            return found
        before, _, key = iri.rpartition("/")
        if key in self.records and before == f"{self.context.iris.base}id/{Kind.RECORD}":
            return b"".join(lines_of((NamedNode(iri), RDF.type, each) for each in _CLASSES))
        return None

    def answer(self, question: str) -> bytes:
        """Return a hash of the answer to a question, the same as long as the answer is the same."""
        kind, name = question[0], question[1:]
        match kind:
            case "l":
                return digest(self.context.languages.get(name, ""))
            case "a":
                return digest(self.addresses.get(name, ""))
        further = self.neighbours.further.get(name, ())
        return digest(
            self.lines(name) or b"",
            _encode(further),
            _encode(self.origins.get(name)),
            _encode(self.becomes.get(name)),
        )


class _Asked(Mapping[str, V]):
    """Answers of one kind, each noted as it is asked for."""

    def __init__(self, find: Callable[[str], V | None], note: Callable[[str], None]) -> None:
        self._find = find
        self._note = note

    def __getitem__(self, name: str) -> V:
        self._note(name)
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        raise TypeError("answers are asked for one by one")

    def __len__(self) -> int:
        raise TypeError("answers are asked for one by one")

    def __bool__(self) -> bool:
        return True


class Asking:
    """What one description asks of its environment.

    Args:
        environment: Gives the answers.
        own: The IRI of the thing: what stands below it is its own and asked of nobody; empty: nothing is.

    Attributes:
        asked: The questions: what is known of a thing (``t`` and its IRI), the code of a language (``l`` and its tag), which
            record an address means (``a`` and the address).
    """

    def __init__(self, environment: Environment, own: str = "") -> None:
        self.asked: set[str] = set()
        self._environment = environment
        self._own = (own, f"{own}/") if own else ("", "\0")
        self._ours = (environment.context.iris.base, FV.iri)
        self.context = Context(
            environment.context.iris,
            _Asked(environment.context.languages.get, lambda tag: self.asked.add(f"l{tag}")),
            environment.context.rights,
        )
        things = _Asked(environment.lines, self._note)
        self.neighbours = Neighbours(things, environment.neighbours.further)
        self.origins: Mapping[str, Origin] = _Asked(environment.origins.get, self._note)

    def _note(self, iri: str) -> None:
        # Things under other addresses are described by nobody here: of them nothing is ever known.
        if iri != self._own[0] and not iri.startswith(self._own[1]) and iri.startswith(self._ours):
            self.asked.add(f"t{iri}")

    def linked(self, record: Record) -> Record:
        """Return a record with its links to other documents."""
        addresses = _Asked(self._environment.addresses.get, lambda name: self.asked.add(f"a{name}"))
        return linked(record, addresses)

    def becomes(self, references: Iterable[Reference]) -> dict[Reference, Reference]:
        """Return what those of some things became that were found to be others."""
        found = {}
        for each in set(references):
            iri = self.context.thing(each).value
            self._note(iri)
            if became := self._environment.becomes.get(iri):
                found[each] = became[1]
        return found

    def questions(self) -> tuple[str, ...]:
        """Return what was asked, in an order that does not depend on when."""
        return tuple(sorted(self.asked))


class Answers:
    """The answers of an environment, each looked up once."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, bytes] = {}

    def to(self, questions: Iterable[str]) -> bytes:
        """Return a hash of the answers to some questions."""
        return digest(*map(self._answer, questions))

    def _answer(self, question: str) -> bytes:
        found = self._known.get(question)
        if found is None:
            found = self._known[question] = self._environment.answer(question)
        return found


def joined(parts: Iterable[Neighbours]) -> Neighbours:
    """Return together what several say of the same things."""
    lines: dict[str, bytes] = {}
    further: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for iri, found in part.lines.items():
            before = lines.get(iri)
            lines[iri] = found if before is None else _both(before, found)
        for iri, others in part.further.items():
            further[iri] = tuple(dict.fromkeys((*further.get(iri, ()), *others)))
    return Neighbours(lines, further)


def _both(one: bytes, other: bytes) -> bytes:
    return b"".join(dict.fromkeys((*one.splitlines(keepends=True), *other.splitlines(keepends=True))))
