"""Who and what is named and not known here, each with the known names that are nearest: candidates, and nothing more."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

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
    nowhere = Setting((), ())
    known = {each.reference: each for each in entries_of(authorities, nowhere)}
    asked = list(_entries(unknown))
    found: dict[int, list[Near]] = defaultdict(list)
    ours = [replace(each, told=frozenset(), list="", from_table=True) for each in known.values()]
    for pair in candidates_among([*ours, *asked], nowhere, decided=frozenset(), least=_LEAST):
        thing, other = sorted((pair.thing, pair.other), key=lambda one: one.key.startswith(_UNKNOWN))
        if other.key.startswith(_UNKNOWN) and thing in known:
            why = pair.reasons[0].words if pair.reasons else ""
            found[_number(other)].append(Near(str(thing), known[thing].label, pair.score, why))
    for each in asked:
        if not found[_number(each.reference)]:
            found[_number(each.reference)].extend(_by_letters(each, list(known.values())))
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


def _by_letters(one: Entry, known: Sequence[Entry]) -> Iterator[Near]:
    """Yield names of the same kind that are written nearly alike: a slip of the pen is no other way to write a name."""
    written = {
        name.text: each for each in known if each.reference.kind == one.reference.kind for name in each.names
    }
    for text in difflib.get_close_matches(one.label, written, n=MOST_NEAR, cutoff=_LETTERS):
        score = round(difflib.SequenceMatcher(None, one.label, text).ratio() * _LEAST, 3)
        yield Near(str(written[text].reference), written[text].label, score, f"written much like “{text}”")
