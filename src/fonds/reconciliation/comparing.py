"""How likely two things are one: reasons for and against, each with its weight, and the score to which they add up."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from fonds.identifiers import Kind
from fonds.model import Reference
from fonds.reconciliation.entries import Entry, Setting
from fonds.reconciliation.names import Name, Reading, initial_of, vowels_of

BEFORE = -1.2
"""The weight of knowing nothing but that two things have a key in common."""

_NAME_FITS = 0.3
"""Below this weight of their names two things are compared no further, unless an identifier elsewhere says they are one."""

_FAR_APART_YEARS = 80
_ALIKE = 0.75
_ACRONYM = 2.2
_SMALL_WORDS = "of the and for on in der die das des fur und de la du et i"
_JOINING = frozenset(_SMALL_WORDS.split())


class Reason(NamedTuple):
    """One reason why two things are or are not one.

    Attributes:
        words: What it is, for a person.
        weight: How much it says: the natural logarithm of odds, negative against.
    """

    words: str
    weight: float

    def __str__(self) -> str:
        """Return ``words (+1.5)``."""
        return f"{self.words} ({self.weight:+.1f})"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all entries come to, against which two of them are judged.

    Attributes:
        setting: In which records things are named.
        called: The name of each thing, in comparable form.
        written: The same as somebody wrote it, by its comparable form.
        sharing: How many things have a name in common (kind, family name, initial).
        telling: How many things are described by a word.
        count: How many things there are.
        companions: Whom documents name beside a thing, kept once it was asked for.
    """

    setting: Setting
    called: Mapping[Reference, str]
    written: Mapping[str, str] = field(default_factory=dict)
    sharing: Mapping[tuple[str, str], int] = field(default_factory=dict)
    telling: Mapping[str, int] = field(default_factory=dict)
    count: int = 0
    companions: dict[Reference, frozenset[str]] = field(default_factory=dict)


def surroundings_of(entries: Sequence[Entry], setting: Setting) -> Surroundings:
    """Return what all entries come to."""
    sharing: Counter[tuple[str, str]] = Counter()
    telling: Counter[str] = Counter()
    for entry in entries:
        sharing.update((entry.reference.kind, key) for key in common_keys(entry))
        telling.update(entry.told)
    called: dict[Reference, str] = {}
    written: dict[str, str] = {}
    for entry in entries:
        if entry.names:
            name = entry.names[0]
            # Father and son of one name are two companions.
            called[entry.reference] = f"{name.key} {name.generation}"
            written.setdefault(called[entry.reference], name.text)
    return Surroundings(setting, called, written, sharing, telling, len(entries))


def common_keys(entry: Entry) -> frozenset[str]:
    """Return what makes the names of a thing common: of persons the family name and an initial, else the name."""
    if entry.reference.kind != Kind.PERSON:
        return frozenset(name.key for name in entry.names)
    return frozenset(
        " ".join((*(name.words[at] for at in family), initial_of(name.words[given[0]]) if given else ""))
        for name in entry.names
        for family, given in name.readings
    )


def score_of(reasons: Sequence[Reason]) -> float:
    """Return how likely two things are one, from 0 to 1, as far as the reasons go.

    >>> round(score_of([Reason("the same name", 3.5)]), 2), round(score_of([]), 2)
    (0.91, 0.23)
    """
    return 1 / (1 + math.exp(-(BEFORE + sum(reason.weight for reason in reasons))))


def reasons_for(one: Entry, other: Entry, surroundings: Surroundings) -> tuple[Reason, ...]:
    """Return why two things are or are not one, the strongest first; nothing where too little speaks for it."""
    known = list(_of_identifiers(one, other))
    name = _of_names(one, other)
    if (name is None or name.weight < _NAME_FITS) and not any(each.weight > 0 for each in known):
        return ()
    found = [*known, *([name] if name else [Reason("nothing in common in their names", -2.0)])]
    if name:
        found += _of_commonness(one, other, surroundings)
    if one.reference.kind == Kind.PERSON:
        found += _of_generations(one, other)
        found += _of_lives(one, other, surroundings)
    else:
        found += _of_qualifiers(one, other)
        found += _of_places(one, other)
    found += _of_descriptions(one, other, surroundings, by_initials=name is None or name.weight < 2)
    found += _of_lists(one, other)
    found += _of_records(one, other, surroundings)
    return tuple(sorted(found, key=lambda reason: (-abs(reason.weight), reason.words)))


# ---------------------------------------------------------------------------------------------------------- names


def _of_names(one: Entry, other: Entry) -> Reason | None:
    """Return how well the two of their names that fit best fit each other."""
    kind = one.reference.kind
    found = [
        reason for mine in one.names for its in other.names if (reason := names_compared(kind, mine, its))
    ]
    return max(found, key=lambda reason: (reason.weight, reason.words), default=None)


def names_compared(kind: str, one: Name, other: Name) -> Reason | None:
    """Return how well two names of things of a kind fit each other, None where they have nothing in common."""
    return _persons_names(one, other) if kind == Kind.PERSON else _other_names(one, other)


def _persons_names(one: Name, other: Name) -> Reason | None:
    if one.key == other.key:
        weight = {0: 0.8, 1: 1.8 if len(one.words) > 1 else 1.0}.get(one.whole_words, 3.5)
        return Reason(f"the same name: “{one.text}”" + _also(one, other), weight)
    best: Reason | None = None
    for mine in one.readings:
        for its in other.readings:
            found = _readings(one, other, mine, its)
            if found and (best is None or found.weight > best.weight):
                best = found
    return best


def _also(one: Name, other: Name) -> str:
    return f", “{other.text}”" if one.text != other.text else ""


def _readings(one: Name, other: Name, mine: Reading, its: Reading) -> Reason | None:
    family = _family_names(one, other, mine[0], its[0])
    if family is None:
        return None
    given = _given_names(one, other, mine[1], its[1])
    if given is None:
        return None
    words = f"“{one.text}” and “{other.text}”: {family.words}, {given.words}"
    return Reason(words, family.weight + given.weight)


def _family_names(one: Name, other: Name, mine: tuple[int, ...], its: tuple[int, ...]) -> Reason | None:
    first, second = [one.words[at] for at in mine], [other.words[at] for at in its]
    if first == second or "".join(first) == "".join(second):
        return Reason("the same family name", 0.0)
    if len(mine) == len(its) and all(_sound_alike(one, other, a, b) for a, b in zip(mine, its, strict=True)):
        return Reason("family names that can be one in another spelling", -0.8)
    if set(first) <= set(second) or set(second) <= set(first):
        return Reason("one family name a part of the other", -1.2)
    return None


def _sound_alike(one: Name, other: Name, mine: int, its: int) -> bool:
    first, second = one.words[mine], other.words[its]
    if first == second:
        return True
    if len(first) < 2 or len(second) < 2 or one.sounds[mine].isdisjoint(other.sounds[its]):
        return False
    same_vowels = vowels_of(first) == vowels_of(second)
    if min(map(len, one.sounds[mine] & other.sounds[its])) < 2:
        # One consonant is little: Mao is no May.
        return same_vowels and initial_of(first) == initial_of(second)
    return same_vowels or SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ALIKE


def _given_names(one: Name, other: Name, mine: tuple[int, ...], its: tuple[int, ...]) -> Reason | None:
    """Compare names other than family names; each of the fewer must fit one of the others, in their order."""
    if not mine or not its:
        # “Jan” is no more likely the family name of “Rompel Jan” than his forename.
        told = all(name.surname or len(name.words) == 1 for name in (one, other))
        return Reason("one without a forename" if mine or its else "no forenames", 0.5 if told else 0.2)
    if len(mine) > len(its):
        one, other, mine, its = other, one, its, mine
    whole = alike = 0
    start = 0
    for at in mine:
        place = next(
            (here for here in range(start, len(its)) if _given_fits(one, other, at, its[here])), None
        )
        if place is None:
            return None
        first, second = one.words[at], other.words[its[place]]
        whole += first == second and len(first) > 1
        alike += first != second and min(len(first), len(second)) > 1
        start = place + 1
    if whole:
        return Reason("the same forename", 3.0)
    return Reason("forenames in two spellings", 2.5) if alike else Reason("initials that agree", 1.5)


def _given_fits(one: Name, other: Name, mine: int, its: int) -> bool:
    first, second = one.words[mine], other.words[its]
    if len(first) == 1 or len(second) == 1:
        return initial_of(first) == initial_of(second)
    return _sound_alike(one, other, mine, its)


def _other_names(one: Name, other: Name) -> Reason | None:
    """Compare names of groups, places, events …: the same words, an abbreviation, the same words in another spelling."""
    if one.key == other.key:
        return Reason(f"the same name: “{one.text}”" + _also(one, other), 3.0)
    shortened = _acronym(one, other) or _acronym(other, one)
    if shortened:
        return Reason(f"“{shortened.text}” can be short for the other's name", _ACRONYM)
    if len(one.words) == len(other.words) and all(
        _sound_alike(one, other, at, at) for at in range(len(one.words))
    ):
        return Reason(f"names in two spellings: “{one.text}”, “{other.text}”", 1.8)
    few, many = sorted((set(one.words), set(other.words)), key=len)
    if len(few) > 1 and few < many:
        return Reason(f"one name a part of the other: “{one.text}”, “{other.text}”", 1.2)
    return None


def _acronym(short: Name, long: Name) -> Name | None:
    if len(short.words) != 1 or len(long.words) < 2:
        return None
    word = short.words[0]
    return short if word == long.qualifier or word in acronyms_of(long) else None


def acronyms_of(name: Name) -> frozenset[str]:
    """Return the first letters of a name's words, with and without the small words.

    >>> from fonds.reconciliation.names import read_name
    >>> sorted(acronyms_of(read_name("Ministry of Foreign Affairs")))
    ['mfa']
    """
    if len(name.words) < 2:
        return frozenset()
    telling = [word for word in name.words if word not in _JOINING]
    return frozenset("".join(word[0] for word in words) for words in (name.words, telling) if len(words) > 1)


def _of_commonness(one: Entry, other: Entry, surroundings: Surroundings) -> Iterator[Reason]:
    kind = one.reference.kind
    common = common_keys(one) & common_keys(other)
    others = max((surroundings.sharing.get((kind, key), 0) for key in common), default=0) - 2
    if others > 0:
        yield Reason(f"{others} more have such a name here", -min(3.5, 0.5 * math.log(others + 1)))


def _of_generations(one: Entry, other: Entry) -> Iterator[Reason]:
    mine, its = ({name.generation for name in each.names if name.generation} for each in (one, other))
    if mine and its and mine.isdisjoint(its):
        yield Reason(f"one is {min(mine)}, the other {min(its)}", -5.0)
    elif mine != its and not (mine and its):
        yield Reason(f"only one is called {min(mine | its)}", -1.0)


def _of_qualifiers(one: Entry, other: Entry) -> Iterator[Reason]:
    mine, its = ({name.qualifier for name in each.names if name.qualifier} for each in (one, other))
    acronyms = {acronym for each in (one, other) for name in each.names for acronym in acronyms_of(name)}
    mine, its = mine - acronyms, its - acronyms
    if mine and its:
        if mine & its:
            yield Reason(f"both are told apart by “{min(mine & its)}”", 1.0)
        else:
            yield Reason(f"one is told apart by “{min(mine)}”, the other by “{min(its)}”", -3.0)


# ---------------------------------------------------------------------------------------------------------- facts


def _of_identifiers(one: Entry, other: Entry) -> Iterator[Reason]:
    if not one.elsewhere or not other.elsewhere:
        return
    for scheme in sorted(one.elsewhere.keys() & other.elsewhere.keys()):
        mine, its = one.elsewhere[scheme], other.elsewhere[scheme]
        if mine == its:
            yield Reason(f"the same identifier elsewhere: {scheme}/{mine}", 6.0)
        else:
            yield Reason(f"two identifiers of {scheme}: {mine}, {its}", -6.0)


def _of_lives(one: Entry, other: Entry, surroundings: Surroundings) -> Iterator[Reason]:
    yield from _of_years("born", one.born, other.born)
    yield from _of_years("died", one.died, other.died)
    for first, second in ((one, other), (other, one)):
        if first.died and second.born and second.born >= first.died:
            yield Reason(f"one died in {first.died}, the other was born in {second.born}", -6.0)
        years = _years(second, surroundings.setting)
        if first.born and not second.born and years and years[1] < first.born:
            yield Reason(f"born in {first.born}, after the documents that name the other", -4.0)


def _of_years(what: str, mine: int | None, its: int | None) -> Iterator[Reason]:
    if mine is None or its is None:
        return
    if mine == its:
        yield Reason(f"both {what} in {mine}", 2.5)
    elif abs(mine - its) == 1:
        yield Reason(f"one {what} in {mine}, the other in {its}", -1.0)
    else:
        yield Reason(f"one {what} in {mine}, the other in {its}", -5.0)


def _of_places(one: Entry, other: Entry) -> Iterator[Reason]:
    if one.coordinates and other.coordinates:
        kilometres = distance_kilometres(one.coordinates, other.coordinates)
        if kilometres <= 5:
            yield Reason(f"{kilometres:.0f} km between them", 2.5)
        elif kilometres > 50:
            yield Reason(f"{kilometres:.0f} km between them", -5.0)
    if one.whole and other.whole:
        yield from _of_wholes(one, other)


def _of_wholes(one: Entry, other: Entry) -> Iterator[Reason]:
    mine, its = set(one.whole.split()), set(other.whole.split())
    words = f"one belongs to “{one.whole}”, the other to “{other.whole}”"
    if mine == its:
        yield Reason(f"both belong to “{one.whole}”", 1.5)
    elif mine.isdisjoint(its) or one.reference.kind in (Kind.WORK, Kind.HOLDING):
        # Volume 6 and volume 14 of a series have most words in common, and are two.
        yield Reason(words, -3.0)
    elif not (mine < its or its < mine):
        yield Reason(words, -1.5)


def distance_kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far apart two places are, on a sphere.

    >>> round(distance_kilometres((52.52, 13.405), (48.137, 11.575)))
    504
    """
    first, second = (tuple(map(math.radians, each)) for each in (one, other))
    half = (
        math.sin((second[0] - first[0]) / 2) ** 2
        + math.cos(first[0]) * math.cos(second[0]) * math.sin((second[1] - first[1]) / 2) ** 2
    )
    return 2 * 6371 * math.asin(min(1.0, math.sqrt(half)))


# ---------------------------------------------------------------------------------------------------------- context


def _of_descriptions(
    one: Entry, other: Entry, surroundings: Surroundings, *, by_initials: bool
) -> Iterator[Reason]:
    if not one.told or not other.told:
        return
    common = one.told & other.told
    if common:
        telling = {
            word: math.log((surroundings.count + 20) / (surroundings.telling.get(word, 1) + 1))
            for word in common
        }
        best = sorted(common, key=lambda word: (-telling[word], word))[:4]
        weight = min(2.0, sum(telling.values()) / 5)
        yield Reason(f"described with the same words: {', '.join(best)}", weight)
    else:
        yield Reason("nothing in common in what is said of them", -1.5 if by_initials else -0.4)


def _of_lists(one: Entry, other: Entry) -> Iterator[Reason]:
    if one.list and one.list == other.list:
        yield Reason("one list has both", -1.0)


def _of_records(one: Entry, other: Entry, surroundings: Surroundings) -> Iterator[Reason]:
    both = one.records & other.records
    if both:
        yield Reason(f"named apart in {len(both)} document{'s' * (len(both) > 1)}", -1.5)
    mine, its = (_companions(each, surroundings) for each in (one, other))
    common = (mine & its) - {f"{name.key} {name.generation}" for name in (*one.names, *other.names)}
    if common:
        weight = min(1.5, 3 * len(common) / min(len(mine), len(its)))
        known = "; ".join(surroundings.written.get(each, each) for each in sorted(common)[:3])
        yield Reason(f"named together with the same: {known}", weight)
    first, second = (_years(each, surroundings.setting) for each in (one, other))
    if first and second:
        apart = max(first[0], second[0]) - min(first[1], second[1])
        if apart > _FAR_APART_YEARS:
            yield Reason(f"the documents that name them are {apart} years apart", -3.0)
        elif apart <= 2:
            yield Reason("named by documents of the same years", 0.3)


_MOST_RECORDS = 30


def _companions(entry: Entry, surroundings: Surroundings) -> frozenset[str]:
    """Return whom the documents name beside a thing, by their names, since another list has other identifiers."""
    known = surroundings.companions.get(entry.reference)
    if known is None:
        called, named = surroundings.called, surroundings.setting.named
        beside = {each for number in sorted(entry.records)[:_MOST_RECORDS] for each in named[number]}
        known = frozenset(called[each] for each in beside if each in called and each != entry.reference)
        surroundings.companions[entry.reference] = known
    return known


def _years(entry: Entry, setting: Setting) -> tuple[int, int] | None:
    years = [year for number in entry.records if (year := setting.year[number])]
    return (min(first for first, _ in years), max(last for _, last in years)) if years else None
