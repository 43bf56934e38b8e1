"""Pairs of things that may be one, found without comparing each with each: only what has a key in common is compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fonds.identifiers import Kind
from fonds.model import Reference
from fonds.reconciliation.comparing import (
    Reason,
    Surroundings,
    acronyms_of,
    reasons_for,
    score_of,
    surroundings_of,
)
from fonds.reconciliation.entries import Entry, Setting
from fonds.reconciliation.names import Name, initial_of

LEAST_SCORE = 0.5
"""Candidates below it are not offered unless somebody asks for them."""

_LARGE_BLOCK = 60
_NEIGHBOURS = 12
"""In a large block each is compared with so many that follow it in the order of their names only."""

_WITH_FORENAME, _ALONE = "with a forename", "alone"

Pair = tuple[Reference, Reference]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two things that may be one.

    Attributes:
        thing: The one that would stay: of a table before one that a document lists, else the first by its identifier.
        other: The one that would become it.
        names: What each is called.
        score: How likely it is, from 0 to 1.
        reasons: Why, the strongest reason first.
    """

    thing: Reference
    other: Reference
    names: tuple[str, str]
    score: float
    reasons: tuple[Reason, ...]


def candidates_among(
    entries: Sequence[Entry],
    setting: Setting,
    *,
    decided: Container[Pair] = frozenset(),
    least: float = LEAST_SCORE,
) -> tuple[Candidate, ...]:
    """Return the pairs that may be one, the likeliest first; the same for the same entries in any order.

    Args:
        entries: The things.
        setting: In which records they are named.
        decided: Pairs that are not offered, each in the order of its identifiers.
        least: The least score.
    """
    ordered = sorted(entries, key=lambda entry: entry.reference)
    surroundings = surroundings_of(ordered, setting)
    found = (
        _candidate(one, other, surroundings)
        for one, other in _pairs(ordered)
        if (one.reference, other.reference) not in decided
    )
    kept = (each for each in found if each and each.score >= least)
    return tuple(sorted(kept, key=lambda each: (-each.score, each.thing, each.other)))


def _candidate(one: Entry, other: Entry, surroundings: Surroundings) -> Candidate | None:
    reasons = reasons_for(one, other, surroundings)
    if not reasons:
        return None
    if other.from_table and not one.from_table:
        one, other = other, one
    score = round(score_of(reasons), 3)
    return Candidate(one.reference, other.reference, (one.label, other.label), score, reasons)


def _pairs(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Yield each pair that has a key in common once, in the order of the entries."""
    blocks: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, entry in enumerate(entries):
        for key in sorted(set(keys_of(entry))):
            blocks[key].append(number)
    seen: set[int] = set()
    for one, other in _comparable(blocks, entries):
        pair = one * len(entries) + other
        if pair not in seen:
            seen.add(pair)
            yield entries[one], entries[other]


def _comparable(
    blocks: Mapping[tuple[str, ...], list[int]], entries: Sequence[Entry]
) -> Iterator[tuple[int, int]]:
    for key, block in blocks.items():
        if key[-1] == _WITH_FORENAME:
            # Those who have a forename each meet by that; here they meet those who have none.
            alone = blocks.get((*key[:-1], _ALONE), [])[:_LARGE_BLOCK]
            yield from ((min(one, other), max(one, other)) for one in alone for other in block[:_LARGE_BLOCK])
        else:
            yield from _within(block, entries)


def _within(block: list[int], entries: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    if len(block) <= _LARGE_BLOCK:
        yield from ((one, other) for at, one in enumerate(block) for other in block[at + 1 :])
        return
    # A name that very many have: those that follow each other in the order of names and years of birth.
    ordered = sorted(block, key=lambda number: (*_order(entries[number]), number))
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 : at + 1 + _NEIGHBOURS]:
            yield min(one, other), max(one, other)


def _order(entry: Entry) -> tuple[str, int]:
    return (entry.names[0].key if entry.names else "", entry.born or 0)


def keys_of(entry: Entry) -> Iterator[tuple[str, ...]]:
    """Yield the keys of a thing: whatever may be the same as it has one of them too."""
    kind = entry.reference.kind
    for scheme, value in entry.elsewhere.items():
        yield kind, "elsewhere", scheme, value
    for name in entry.names:
        yield kind, "name", name.key
        yield from (
            (kind, *key) for key in (_keys_of_person(name) if kind == Kind.PERSON else _keys_of_name(name))
        )


def _keys_of_person(name: Name) -> Iterator[tuple[str, ...]]:
    for family, given in name.readings:
        sounds: Iterable[str] = {sound for at in family for sound in name.sounds[at]}
        initials: Iterable[str] = {initial_of(name.words[at]) for at in given}
        for sound in sounds:
            yield from (("sound", sound, initial) for initial in initials)
        # Whoever has no forename meets those with this very family name only.
        if len(family) == 1 or not given:
            words = " ".join(name.words[at] for at in family)
            yield "family", words, _WITH_FORENAME if given else _ALONE


def _keys_of_name(name: Name) -> Iterator[tuple[str, ...]]:
    yield "sound", " ".join(min(sounds) for sounds in name.sounds)
    yield from (("acronym", each) for each in acronyms_of(name))
    if len(name.words) == 1:
        yield "acronym", name.words[0]
    else:
        words = sorted(name.words, key=lambda word: (-len(word), word))
        yield "longest", *sorted(words[:2])
    if name.qualifier:
        yield "acronym", name.qualifier
