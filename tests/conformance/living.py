"""The life of a publication, as its archivists know it: what each release should hold, and what they do to it from one to the next.

Of how the program works nothing is known here. What it says is held against this by clients that others could have written.
"""

from __future__ import annotations

import csv
import datetime
import random
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import NamedTuple

import pytest

from fonds.cli import main
from fonds.release import publication as publishing
from fonds.release.folder import Release
from fonds.release.publication import build_publication

BASE = "https://life.example/"
BEGAN = datetime.datetime(2025, 1, 6, 12, tzinfo=datetime.UTC)
WEEK = datetime.timedelta(days=7)
SECRET = "Zitronenfalter"
"""Stands in the words of one letter only, which is purged."""
TOML = f"""title = "A life & <more>"
base = "{BASE}"
contact = "archive@life.example"
[edm]
data_provider = "The archive"
provider = "The aggregator"
rights_statement = "http://rightsstatements.org/vocab/CNE/1.0/"
"""
LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="{key}" xml:lang="de">
  <teiHeader><fileDesc>
    <titleStmt><title>{it.title}</title><author ref="person:{it.author}">{it.author}</author></titleStmt>
    <publicationStmt><p>Made for a test.</p></publicationStmt><sourceDesc><msDesc><msIdentifier>
      <repository ref="group:archive">Archive</repository><idno ref="holding:{it.holding}">{it.holding}</idno>
    </msIdentifier></msDesc></sourceDesc>
  </fileDesc><profileDesc><creation><date when="{it.day}">{it.day}</date></creation></profileDesc></teiHeader>
  <text><body><p>Lieber <persName ref="person:{it.whom}">Freund</persName>! {it.words}</p></body></text>
</TEI>
"""


class Letter(NamedTuple):
    """A record."""

    title: str
    day: str
    words: str
    author: str
    whom: str
    holding: str


class Unit(NamedTuple):
    """A unit of the archive."""

    label: str
    broader: str


class Gone(NamedTuple):
    """Something that was given up: how, for what, and why."""

    how: str
    targets: tuple[str, ...]
    reason: str


class Reason(NamedTuple):
    """Why something was changed."""

    thing: str
    day: str
    sort: str
    words: str
    by: str


class Fate(NamedTuple):
    """What became of a thing in a release."""

    type: str
    target: str = ""


@dataclass
class State:
    """What is published: everything by its key."""

    letters: dict[str, Letter] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    gone: dict[str, Gone] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)

    def things(self) -> dict[str, object]:
        """Return what there is, by kind and key, with what is stated of it."""
        found: dict[str, object] = {f"record/{key}": it for key, it in self.letters.items()}
        found |= {f"person/{key}": it for key, it in self.persons.items()}
        found |= {f"holding/{key}": it for key, it in self.units.items()}
        return found | {"group/archive": "Archive"}

    def holdings_of(self, it: str) -> set[str]:
        """Return the units in which a record lies, at any depth."""
        found, unit = set(), self.letters[it.removeprefix("record/")].holding
        while unit:
            found.add(unit)
            unit = self.units[unit].broader
        return found


def fates(before: State, now: State) -> dict[str, Fate]:
    """Return what became of things between two states."""
    was, is_ = before.things(), now.things()
    found = {}
    for it in was.keys() | is_.keys():
        if it not in was:
            found[it] = Fate("Create")
        elif it not in is_:
            targets = now.gone[it].targets
            found[it] = Fate("Move", targets[0]) if len(targets) == 1 else Fate("Delete")
        elif was[it] != is_[it]:
            found[it] = Fate("Update")
    return found


def fates_in(unit: str, before: State, now: State, everywhere: Mapping[str, Fate]) -> dict[str, Fate]:
    """Return what became of the records of a unit between two states."""

    def within(state: State) -> set[str]:
        return {f"record/{key}" for key in state.letters if unit in state.holdings_of(f"record/{key}")}

    was, is_ = within(before), within(now)
    found = {it: everywhere[it] for it in was & is_ if it in everywhere}
    found |= {it: everywhere[it] if it not in now.things() else Fate("Remove") for it in was - is_}
    return found | {it: everywhere[it] if it not in before.things() else Fate("Add") for it in is_ - was}


@dataclass(frozen=True)
class Told:
    """One release: what it should hold, and what it is.

    Attributes:
        state: What is published.
        fates: What became of things since the one before.
        release: What the program made.
        moment: When it was issued.
    """

    state: State
    fates: Mapping[str, Fate]
    release: Release
    moment: datetime.datetime

    @property
    def name(self) -> str:
        return self.release.manifest.name


class Life:
    """A publication with its archivists.

    Args:
        folder: Where it is; made.
        monkeypatch: Sets the clock of its builds.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.state = folder, State()
        self.releases: list[Told] = []
        """All that were made, the first first, also those that are not kept."""
        self.kept: list[str] = []
        """The names of those that are."""
        self._patch = monkeypatch
        self._commands: list[tuple[str, ...]] = []
        (folder / "data/documents").mkdir(parents=True)
        (folder / "data/authorities").mkdir()
        (folder / "fonds.toml").write_text(TOML)
        (folder / "data/authorities/groups.csv").write_text("key,label\narchive,Archive\n")

    @property
    def now(self) -> datetime.datetime:
        """The moment at which the next release is issued."""
        return BEGAN + WEEK * len(self.releases)

    # -- what archivists do -----------------------------------------------------------------------------------------------

    def explain(self, thing: str, sort: str, words: str, by: str = "") -> None:
        """Say why something is changed today."""
        self.state.reasons.append(Reason(thing, f"{self.now:%Y-%m-%d}", sort, words, by))

    def give_up(self, how: str, it: str, *targets: str, reason: str) -> None:
        """Withdraw, purge, merge, rename or split something: take it out of the data, let what took its place stand for it, say so."""
        kind, _, key = it.partition("/")
        {"record": self.state.letters, "person": self.state.persons, "holding": self.state.units}[kind].pop(
            key, None
        )  # type: ignore[attr-defined]
        if targets:
            self._name_instead(kind, key, targets[0].partition("/")[2])
        self.state.gone[it] = Gone(how, targets, reason)
        arguments = [
            target for each in targets for target in (("--into", each) if how == "split" else (each,))
        ]
        verb, *more = {"withdrawn": ("withdraw",), "purged": ("withdraw", "--purge")}.get(how) or (
            {"merged": "merge", "renamed": "rename", "split": "split"}[how],
        )
        self._commands.append(
            (verb, it, *arguments, "--reason", reason, "--date", f"{self.now:%Y-%m-%d}", *more)
        )

    def restore(self, it: str) -> None:
        """Take back that something was given up."""
        del self.state.gone[it]
        self._commands.append(("restore", it))

    def _name_instead(self, kind: str, old: str, new: str) -> None:
        def other(key: str) -> str:
            return new if key == old else key

        letters = self.state.letters
        for key, it in letters.items():
            if kind == "person":
                letters[key] = it._replace(author=other(it.author), whom=other(it.whom))
            elif kind == "holding":
                letters[key] = it._replace(holding=other(it.holding))
        if kind == "holding":
            for key, unit in self.state.units.items():
                self.state.units[key] = unit._replace(broader=other(unit.broader))

    # -- a release --------------------------------------------------------------------------------------------------------

    def publish(self) -> Told | None:
        """Write the sources, give the commands, and build; None where nothing changed, so that there is no other release."""
        self._write()
        for command in self._commands:
            main(["register", *command, "--publication", str(self.folder)], standalone_mode=False)
        self._commands.clear()
        real = publishing.build_release
        with self._patch.context() as patch:
            patch.setattr(
                publishing, "build_release", lambda *given, **named: real(*given, **named, day=self.now)
            )
            release = build_publication(self.folder)
        if self.releases and release.manifest.name == self.releases[-1].name:
            assert self.state == self.releases[-1].state
            return None
        before = self.releases[-1].state if self.releases else State()
        told = Told(
            deepcopy(self.state),
            fates(before, self.state)
            if self.releases
            else {it: Fate("Create") for it in self.state.things()},
            release,
            self.now,
        )
        purged = {it for it, gone in self.state.gone.items() if gone.how == "purged"}
        self.kept = [
            each.name
            for each in self.releases
            if each.name in self.kept and not self._ever_held(each, purged)
        ] + [told.name]
        self.releases.append(told)
        return told

    def _ever_held(self, told: Told, purged: set[str]) -> bool:
        """Tell whether a release had something that is purged, or came after one that did and was not made without it."""
        without = {it for it, gone in told.state.gone.items() if gone.how == "purged"}
        until = self.releases[: self.releases.index(told) + 1]
        return any(each.state.things().keys() & (purged - without) for each in until)

    def _write(self) -> None:
        documents = self.folder / "data/documents"
        for path in documents.iterdir():
            if path.stem not in self.state.letters:
                path.unlink()
        for key, it in self.state.letters.items():
            escaped = Letter(*map(escape, it))
            _write_if_other(documents / f"{key}.xml", LETTER.format(key=key, it=escaped))
        authorities = self.folder / "data/authorities"
        _table(
            authorities / "persons.csv",
            [
                ("key", "label", "identified"),
                *((key, label, "yes") for key, label in self.state.persons.items()),
            ],
        )
        units = (
            (key, it.label, it.label, "file" if it.broader else "fonds", it.broader, "group/archive")
            for key, it in self.state.units.items()
        )
        _table(authorities / "holdings.csv", [("key", "label", "code", "level", "broader", "keeper"), *units])
        _table(
            self.folder / "data/changes.csv", [("thing", "day", "sort", "reason", "by"), *self.state.reasons]
        )


def _write_if_other(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


# ------------------------------------------------------------------------------------------------ twenty releases


def begin(life: Life) -> None:
    """Letters, of which two are to the same person under two names, and one person is two."""
    state = life.state
    state.units |= {"best-1": Unit("Best. 1", ""), "best-1-2": Unit("Nr. 2", "best-1")}
    state.persons |= {"holm": "Karl Holm", "holme": "Karl Holme", "weiss": "Anna Weiss", "lind": "A. Lind"}
    state.letters |= {
        "letter-1": Letter("Brief 1", "1964-10-26", "Es regnet seit Tagen, und der Weg ist weit.", "weiss", "holm", "best-1-2"),
        "letter-2": Letter("Brief 2", "1964-11-02", "Morgen.", "weiss", "holme", "best-1-2"),
        "letter-3": Letter("Brief 3", "1964-11-03", "Nie.", "lind", "holm", "best-1"),
    }  # fmt: skip


def correct_a_date(life: Life) -> None:
    life.state.letters["letter-1"] = life.state.letters["letter-1"]._replace(day="1964-10-27")
    life.explain(
        "record/letter-1", "erratum", 'The dateline has "27" <October>; 26 was a slip.', "A. Archivist"
    )


def add_letters(life: Life) -> None:
    life.state.persons["brenner"] = "Jakob Brenner"
    life.state.letters["letter-4"] = Letter(
        "Brief 4", "1965-01-01", f"Der {SECRET} kommt.", "weiss", "brenner", "best-1-2"
    )
    life.state.letters["letter-5"] = Letter("Brief 5", "1965-02-01", "Fünf.", "brenner", "holm", "best-1")


def merge_persons(life: Life) -> None:
    life.give_up("merged", "person/holme", "person/holm", reason="one and the same")


def split_a_person(life: Life) -> None:
    life.state.persons |= {"lind-anna": "Anna Lind", "lind-arvid": "Arvid Lind"}
    life.give_up("split", "person/lind", "person/lind-anna", "person/lind-arvid", reason="a man and a woman")


def withdraw_a_letter(life: Life) -> None:
    life.give_up("withdrawn", "record/letter-3", reason="the family <asked> for it")


def rename_a_letter(life: Life) -> None:
    life.state.letters["letter-five"] = life.state.letters["letter-5"]
    life.give_up("renamed", "record/letter-5", "record/letter-five", reason="numbers say nothing")


def correct_a_name(life: Life) -> None:
    life.state.persons["holm"] = "Karl Gustav Holm"
    life.explain("person/holm", "revision", "His second name was found.")


def restore_the_letter(life: Life) -> None:
    life.restore("record/letter-3")
    life.state.letters["letter-3"] = Letter("Brief 3", "1964-11-03", "Nie.", "lind-anna", "holm", "best-1")


def add_a_unit(life: Life) -> None:
    life.state.units["best-1-3"] = Unit("Nr. 3", "best-1")
    life.state.letters["letter-1"] = life.state.letters["letter-1"]._replace(holding="best-1-3")


def merge_records(life: Life) -> None:
    life.give_up("merged", "record/letter-2", "record/letter-1", reason="held twice")


def change_words(life: Life) -> None:
    life.state.letters["letter-4"] = life.state.letters["letter-4"]._replace(
        words=f"Der {SECRET} kommt nicht."
    )
    life.explain("record/letter-4", "erratum", "It does not come.")


def rename_again(life: Life) -> None:
    life.state.letters["letter-05"] = life.state.letters["letter-five"]
    life.give_up(
        "renamed", "record/letter-five", "record/letter-05", reason="numbers say something after all"
    )


def purge_a_letter(life: Life) -> None:
    life.give_up("purged", "record/letter-4", reason="a court said so")


def rename_a_unit(life: Life) -> None:
    life.state.units["best-one"] = life.state.units["best-1"]
    life.give_up("renamed", "holding/best-1", "holding/best-one", reason="its number is a word now")


def withdraw_again(life: Life) -> None:
    life.give_up("withdrawn", "record/letter-3", reason="asked for once more")


def add_after_all(life: Life) -> None:
    life.state.letters["letter-6"] = Letter(
        "Brief 6", "1966-06-06", "Sechs.", "weiss", "lind-arvid", "best-1-3"
    )


def correct_two(life: Life) -> None:
    life.state.letters["letter-1"] = life.state.letters["letter-1"]._replace(
        title="Der erste Brief", words="Es schneit seit Tagen, und der Weg ist weit."
    )
    life.state.letters["letter-6"] = life.state.letters["letter-6"]._replace(day="1966-06-07")
    life.explain("record/letter-6", "erratum", "Read wrongly.")


def withdraw_what_was_merged_into(life: Life) -> None:
    life.give_up("withdrawn", "record/letter-1", reason="it is somebody else's")


def end(life: Life) -> None:
    life.restore("record/letter-1")
    life.state.letters["letter-1"] = Letter(
        "Der erste Brief", "1964-10-27", "Es schneit.", "weiss", "holm", "best-1-3"
    )
    life.explain("record/letter-1", "revision", "It was ours.")


STORY: Sequence[Callable[[Life], None]] = (
    begin, correct_a_date, add_letters, merge_persons, split_a_person, withdraw_a_letter, rename_a_letter, correct_a_name,
    restore_the_letter, add_a_unit, merge_records, change_words, rename_again, purge_a_letter, rename_a_unit, withdraw_again,
    add_after_all, correct_two, withdraw_what_was_merged_into, end,
)  # fmt: skip
"""What is done before each release of twenty."""
SHORT: Sequence[Sequence[Callable[[Life], None]]] = (
    (begin, add_letters),
    (correct_a_date, merge_persons, split_a_person, withdraw_a_letter, rename_a_letter, change_words),
    (
        restore_the_letter,
        correct_a_name,
        add_a_unit,
        rename_again,
        purge_a_letter,
        merge_records,
        rename_a_unit,
    ),
)
"""The same in three."""


# ------------------------------------------------------------------------------------------------ any other life


def anything(rng: random.Random, life: Life) -> Callable[[Life], None]:
    """Return something that archivists may do, by chance; what cannot be done now is not among it."""
    state, number = life.state, len(life.releases)
    letters, persons, units = (sorted(each) for each in (state.letters, state.persons, state.units))
    used = {who for it in state.letters.values() for who in (it.author, it.whom)}
    back = [it for it, gone in state.gone.items() if gone.how == "withdrawn" and it.startswith("record/")]
    letter, person, other = rng.choice(letters), *rng.sample(persons, 2)
    words = f"Wort {rng.randrange(10**6)}"

    def some_letter() -> Letter:
        return Letter(
            words,
            f"1970-01-{rng.randrange(1, 29):02}",
            f"{words}.",
            *rng.sample(persons, 2),
            rng.choice(units),
        )

    def correct(_: Life) -> None:
        changed: dict[str, str] = rng.choice(
            [
                {"title": words},
                {"words": f"{words}!"},
                {"whom": other},
                {"holding": rng.choice(units)},
                {"day": "1971-02-03"},
            ]
        )
        state.letters[letter] = state.letters[letter]._replace(**changed)

    def correct_person(_: Life) -> None:
        state.persons[person] = f"Name {words}"

    def add(_: Life) -> None:
        state.letters[f"added-{number}"] = some_letter()

    def add_person(_: Life) -> None:
        state.persons[f"somebody-{number}"] = words

    def add_unit(_: Life) -> None:
        state.units[f"unit-{number}"] = Unit(f"Nr. {words}", rng.choice(units))
        state.letters[letter] = state.letters[letter]._replace(holding=f"unit-{number}")

    def merge(_: Life) -> None:
        life.give_up("merged", f"person/{person}", f"person/{other}", reason=words)

    def merge_letters(_: Life) -> None:
        life.give_up(
            "merged",
            f"record/{letter}",
            f"record/{rng.choice([each for each in letters if each != letter])}",
            reason=words,
        )

    def split(_: Life) -> None:
        state.persons |= {f"half-{number}": f"Half {words}", f"rest-{number}": f"Rest {words}"}
        life.give_up(
            "split", f"person/{person}", f"person/half-{number}", f"person/rest-{number}", reason=words
        )

    def rename(_: Life) -> None:
        state.letters[f"renamed-{number}"] = state.letters[letter]
        life.give_up("renamed", f"record/{letter}", f"record/renamed-{number}", reason=words)

    def withdraw(_: Life) -> None:
        life.give_up("withdrawn", f"record/{letter}", reason=words)

    def purge(_: Life) -> None:
        life.give_up("purged", f"record/{letter}", reason=words)

    def take_back(_: Life) -> None:
        it = rng.choice(back)
        life.restore(it)
        state.letters[it.removeprefix("record/")] = some_letter()

    acts = [correct, correct, correct_person, add, add_person, add_unit, split]
    # Something must be left to read, and to choose from.
    if len(letters) > 3:
        acts += [merge_letters, rename, withdraw, purge]
    if len(persons) > 3 and person in used:
        acts.append(merge)
    return rng.choice([*acts, take_back, take_back] if back else acts)
