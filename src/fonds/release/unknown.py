"""Who and what is named and not known here, each with the known names that are nearest: candidates, and nothing more."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from fonds.model import Authority, Reference
from fonds.reconciliation.candidates import candidates_among
from fonds.reconciliation.entries import Entry, Setting, entries_of
from fonds.reconciliation.names import names_in
from fonds.release.build_report import BuildReport, Near, Words

MOST_WORDS = 300
"""Of so many different words the nearest names are looked for, the most frequent first."""
MOST_NEAR = 3
_LEAST = 0.3
_LETTERS = 0.75
"""How alike the letters of two names must be, from 0 to 1, where they are no candidates by their parts."""
_KINDS: Mapping[str, tuple[str, ...]] = {
    "persName": ("person",),
    "orgName": ("group",),
    "actor": ("person", "group"),
    "placeName": ("place",),
    "settlement": ("place",),
    "country": ("place",),
    "place": ("place",),
}
"""Which kinds of thing words can mean, by what they are marked as."""
_UNKNOWN = "?"


def with_nearest(report: BuildReport, authorities: Mapping[Reference, Authority]) -> BuildReport:
    """Return a report in which names of nobody known have the nearest known names beside them.

    Args:
        report: The report of a check.
        authorities: Who and what is known.
    """
    asked = report.names.unresolved[:MOST_WORDS]
    near = nearest(asked, authorities)
    found = tuple(
        msgspec.structs.replace(each, nearest=near.get(number, ()))
        for number, each in enumerate(report.names.unresolved)
    )
    return msgspec.structs.replace(report, names=msgspec.structs.replace(report.names, unresolved=found))


def nearest(
    unknown: Sequence[Words], authorities: Mapping[Reference, Authority]
) -> Mapping[int, tuple[Near, ...]]:
    """Return for each of the words, by its number, the nearest known names, the likeliest first."""
    asked = list(_entries(unknown))
    if not asked:
        return {}
    nowhere = Setting((), ())
    kinds = {each.reference.kind for each in asked}
    known = {each.reference: each for each in entries_of(authorities, nowhere, kinds)}
    found: dict[int, list[Near]] = defaultdict(list)
    ours = [replace(each, told=frozenset(), list="", from_table=True) for each in known.values()]
    for pair in candidates_among([*ours, *asked], nowhere, decided=frozenset(), least=_LEAST):
        thing, other = sorted((pair.thing, pair.other), key=lambda one: one.key.startswith(_UNKNOWN))
        if other.key.startswith(_UNKNOWN) and thing in known:
            why = pair.reasons[0].words if pair.reasons else ""
            found[_number(other)].append(Near(str(thing), known[thing].label, pair.score, why))
    written = _written(known.values())
    for each in asked:
        if not found[_number(each.reference)]:
            found[_number(each.reference)].extend(_by_letters(each, written.get(each.reference.kind, ())))
    return {
        number: tuple(sorted(near, key=lambda one: (-one.score, one.thing))[:MOST_NEAR])
        for number, near in found.items()
    }


def _entries(unknown: Sequence[Words]) -> Iterator[Entry]:
    for number, each in enumerate(unknown):
        for kind in _KINDS.get(each.marked, ()):
            yield Entry(
                reference=Reference(kind, f"{_UNKNOWN}{number}"),
                names=tuple(dict.fromkeys(names_in(each.words))),
                label=each.words,
            )


def _number(reference: Reference) -> int:
    return int(reference.key.removeprefix(_UNKNOWN))


class _Written(NamedTuple):
    """A name as it is written, and its signs, each with how often it came before: what two have in common is soon counted."""

    text: str
    signs: frozenset[tuple[str, int]]
    entry: Entry


def _written(known: Iterable[Entry]) -> Mapping[str, Sequence[_Written]]:
    """Return the names of each kind; one that several have is of the last of them."""
    names: dict[str, dict[str, Entry]] = defaultdict(dict)
    for each in known:
        names[each.reference.kind].update((name.text, each) for name in each.names)
    return {
        kind: [_Written(text, _signs(text), entry) for text, entry in entries.items()]
        for kind, entries in names.items()
    }


def _signs(text: str) -> frozenset[tuple[str, int]]:
    before: Counter[str] = Counter()
    signs = set()
    for sign in text:
        signs.add((sign, before[sign]))
        before[sign] += 1
    return frozenset(signs)


def _by_letters(one: Entry, written: Sequence[_Written]) -> Iterator[Near]:
    """Yield names of the same kind that are written nearly alike: a slip of the pen is no other way to write a name."""
    signs = _signs(one.label)
    # No two can be more alike than the signs that they have in common, in whatever order, let them be.
    able = {
        each.text: each.entry
        for each in written
        if 2 * min(len(signs), len(each.signs)) >= _LETTERS * (len(signs) + len(each.signs))
        and 2 * len(signs & each.signs) >= _LETTERS * (len(signs) + len(each.signs))
    }
    for text in difflib.get_close_matches(one.label, able, n=MOST_NEAR, cutoff=_LETTERS):
        score = round(difflib.SequenceMatcher(None, one.label, text).ratio() * _LEAST, 3)
        yield Near(str(able[text].reference), able[text].label, score, f"written much like “{text}”")
