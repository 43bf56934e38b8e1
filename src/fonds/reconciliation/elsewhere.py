"""Entries elsewhere that may be a thing of ours: of another publisher's service, or of a dump of its data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fonds.model import Reference
from fonds.reconciliation.candidates import keys_of
from fonds.reconciliation.comparing import Reason, Surroundings, reasons_for, score_of
from fonds.reconciliation.entries import Entry, in_authority_file, telling_words
from fonds.reconciliation.names import life_in, names_in, read_name


@dataclass(frozen=True, slots=True)
class Foreign:
    """An entry elsewhere, as its publisher describes it.

    Attributes:
        iri: It.
        names: What it is called, the preferred name first.
        description: Who or what it is; empty where nothing is said.
        born: The year; None where it is not said.
        died: The year; None where it is not said.
        coordinates: Of a place: latitude and longitude, WGS 84 degrees.
        same: What its publisher says to be the same.
        remark: What a service said of it, beside all this.
    """

    iri: str
    names: tuple[str, ...]
    description: str = ""
    born: int | None = None
    died: int | None = None
    coordinates: tuple[float, float] | None = None
    same: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An entry elsewhere that may be a thing of ours.

    Attributes:
        thing: Ours.
        label: What it is called.
        foreign: The entry.
        score: How likely they are one, from 0 to 1.
        reasons: Why, the strongest reason first.
    """

    thing: Reference
    label: str
    foreign: Foreign
    score: float
    reasons: tuple[Reason, ...]

    @property
    def ground(self) -> str:
        """Why they may be one, in a line."""
        why = [*map(str, self.reasons), *([self.foreign.remark] if self.foreign.remark else [])]
        return f"{'; '.join(why)}; score {self.score:.3f}"


def entry_of(foreign: Foreign, kind: str) -> Entry:
    """Return an entry elsewhere as a thing that can be compared with ours of a kind."""
    names = tuple(dict.fromkeys(name for text in foreign.names for name in names_in(text)))
    described = read_name(foreign.description)
    said_born, said_died = life_in(foreign.description)
    return Entry(
        reference=Reference(kind, foreign.iri),
        names=names,
        label=foreign.names[0] if foreign.names else foreign.iri,
        told=frozenset(telling_words(foreign.description)),
        born=foreign.born or next((name.born for name in names if name.born), described.born or said_born),
        died=foreign.died or next((name.died for name in names if name.died), described.died or said_died),
        elsewhere=dict(in_authority_file(each) for each in (*foreign.same, foreign.iri)),
        coordinates=foreign.coordinates,
        list=foreign.iri,
    )


def compared(ours: Entry, foreign: Foreign, surroundings: Surroundings) -> Elsewhere | None:
    """Return how likely an entry elsewhere is a thing of ours; None where nothing speaks for it."""
    reasons = reasons_for(ours, entry_of(foreign, ours.reference.kind), surroundings)
    if not reasons:
        return None
    return Elsewhere(ours.reference, ours.label, foreign, round(score_of(reasons), 3), reasons)


def in_order(found: Iterable[Elsewhere]) -> tuple[Elsewhere, ...]:
    """Return what was found, the likeliest first; the same in whatever order it was found."""
    return tuple(sorted(found, key=lambda each: (-each.score, each.thing, each.foreign.iri)))


class Sought:
    """Things of ours by what those elsewhere may have in common with them.

    Args:
        entries: The things.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.kinds = sorted({each.reference.kind for each in entries})
        self._by_key: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
        self._words: set[str] = set()
        self._sounds: set[str] = set()
        for entry in entries:
            keys = set(keys_of(entry))
            for key in keys:
                self._by_key[key].append(entry)
            for name in entry.names:
                self._words.update(name.words)
                self._sounds.update(sound for each in name.sounds for sound in each if len(sound) > 1)
            # An abbreviation has no word of the name that it is short for.
            self._words.update(key[-1] for key in keys if key[1] == "acronym")

    def may_be_called(self, name: str) -> bool:
        """Tell whether a name has a word or a sound that one of the things has: quickly, for each of millions."""
        return any(
            any(
                word in self._words or not self._sounds.isdisjoint(sounds)
                for word, sounds in zip(read.words, read.sounds, strict=True)
            )
            or (len(read.words) > 1 and "".join(word[0] for word in read.words) in self._words)
            for read in names_in(name)
        )

    def like(self, foreign: Foreign) -> Iterator[Entry]:
        """Yield the things that have a key in common with an entry elsewhere, each once."""
        seen: set[Reference] = set()
        for kind in self.kinds:
            for key in sorted(set(keys_of(entry_of(foreign, kind)))):
                for entry in self._by_key.get(key, ()):
                    if entry.reference not in seen:
                        seen.add(entry.reference)
                        yield entry
