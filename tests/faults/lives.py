"""A publication that is changed while it is served, again and again from the same beginning: each time something befalls it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from fonds.release.folder import Release, is_whole, open_release
from fonds.release.staging import current_name, make_current
from tests.conftest import Site, serving
from tests.faults.striking import Ended, Striker

BASE = "https://a.example/"
LETTERS = 12
GONE = "letter-3"
"""The letter that is purged; its words have a word of their own."""
SECRET = "Zwischenträger"
CHANGED = "letter-7"
FIRST, SECOND, THIRD = (f"2026-03-0{day}T10:00:00+00:00" for day in (1, 2, 3))
_LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="{key}">
  <teiHeader><fileDesc><titleStmt><title>{title}</title></titleStmt><publicationStmt><p>Made for a test.</p></publicationStmt>
    <sourceDesc><p>Invented.</p></sourceDesc></fileDesc></teiHeader>
  <text xml:lang="en"><body>{paragraphs}</body></text>
</TEI>
"""
_SETTINGS = 'inference = "none"\n\n[[collections]]\nname = "letters"\nfiles = ["data/documents/*.xml"]\n'
_QUERY = (
    "SELECT ?thing ?title WHERE { ?thing <http://purl.org/dc/terms/title> ?title } ORDER BY ?thing ?title"
)
_SWITCH_SECONDS = 60
_PAUSE_SECONDS = 0.01


def write_letter(publication: Path, key: str, *words: str) -> None:
    """Write a letter, or write it again."""
    paragraphs = "".join(f"<p>{each} of {key}, paragraph {part}.</p>" for part in range(4) for each in words)
    place = publication / "data/documents" / f"{key}.xml"
    place.write_text(_LETTER.format(key=key, title=f"{words[0]} ({key})", paragraphs=paragraphs))


def write_letters(publication: Path, number: int = LETTERS) -> Path:
    """Write a publication of letters, with a register; return where."""
    (publication / "data/documents").mkdir(parents=True)
    (publication / "fonds.toml").write_text(_SETTINGS)
    for each in range(number):
        key = f"letter-{each}"
        write_letter(publication, key, "Words", SECRET if key == GONE else "More")
    return publication


def build(publication: Path, *options: str) -> list[str]:
    """Return the command that builds it."""
    return ["build", str(publication), "--base", BASE, *options]


# --------------------------------------------------------------------------------------------- what is asked


@dataclass(frozen=True, slots=True)
class Question:
    """One request.

    Attributes:
        path: What is asked for.
        accept: In which format.
    """

    path: str
    accept: str = "*/*"


QUESTIONS = (
    Question(f"/doc/record/{CHANGED}", "text/html"),
    Question(f"/doc/record/{CHANGED}.nt"),
    Question(f"/sparql?query={quote(_QUERY)}", "application/sparql-results+json"),
    Question("/dumps/dataset.nq.gz"),
    Question("/search?q=words", "text/html"),
    Question("/changes/1"),
)
"""A document for people and for machines, a query, a dump, a search, and what harvesters read."""

Answer = tuple[int, str]
"""A status, and the hash of a body, or the body of what was refused."""


class Visitor:
    """Asks a server over one connection, which is made again when it is closed."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)

    def ask(self, question: Question) -> Answer:
        """Return what a server answers."""
        for last in (False, True):
            try:
                headers = {"Accept": question.accept, "Accept-Encoding": "identity"}
                self._connection.request("GET", question.path, headers=headers)
                answer = self._connection.getresponse()
                body = answer.read()
                if answer.status >= 500:
                    return answer.status, body.decode(errors="replace")
                return answer.status, hashlib.sha256(body).hexdigest()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # A connection that waited may be closed; a request that was taken is answered.
                self._connection.close()
                if last:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def answers(url: str) -> dict[Question, Answer]:
    """Return what a server answers to every question."""
    visitor = Visitor(url)
    try:
        found = {each: visitor.ask(each) for each in QUESTIONS}
    finally:
        visitor.close()
    assert all(status == 200 for status, _ in found.values()), found
    return found


class Asking(threading.Thread):
    """Asks a server all the time; every answer has to be one of those that a whole release gives."""

    def __init__(self, url: str, right: Sequence[dict[Question, Answer]]) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._right = right
        self._end = threading.Event()
        self.asked = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        """Ask until it is enough."""
        visitor = Visitor(self._url)
        while not self._end.wait(_PAUSE_SECONDS):
            question = QUESTIONS[self.asked % len(QUESTIONS)]
            try:
                found = visitor.ask(question)
                if found not in [each[question] for each in self._right]:
                    self.wrong.append(f"{question.path}: {found}, of no release")
            except OSError as error:
                self.wrong.append(f"{question.path}: {type(error).__name__}: {error}")
            self.asked += 1
        visitor.close()

    def stop(self) -> None:
        """Ask no more."""
        self._end.set()
        self.join(60)


# --------------------------------------------------------------------------------------------- what is there


def files_in(folder: Path) -> dict[str, str]:
    """Return the hash of every file under a folder, and where every link leads, by its path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"→ {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def state_of(publication: Path) -> dict[str, str]:
    """Return what a publication consists of, sources and releases: but the engines' own files, which lie in them as it happened.

    What a build keeps for the next one (``.workshop``) is of no account, nor is when sources were touched; a file that a build should have
    removed is.
    """
    found = files_in(publication)
    for name in list(found):
        place, _, rest = name.partition("/")
        if place != "releases":
            continue
        file = publication / name
        of_the_engines = rest.split("/")[1:2] in (["store"], ["search"])
        if rest in (".lock", ".workshop", "sources.json") or of_the_engines or file.name == "manifest.sha256":
            del found[name]
        elif file.name == "manifest.json" and is_json(file.read_bytes()):
            manifest = json.loads(file.read_bytes())
            for each in list(manifest["files"]):
                if each.startswith(("store/", "search/")):
                    del manifest["files"][each]
            found[name] = hashlib.sha256(json.dumps(manifest).encode()).hexdigest()
    return found


def is_json(data: bytes) -> bool:
    """Tell whether something is JSON; what was damaged may not be."""
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def releases_seen(publication: Path) -> list[Path]:
    """Return what anybody sees who looks into the folder of releases, the link to the current one left out."""
    return [
        path
        for path in sorted((publication / "releases").iterdir())
        if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    ]


def assert_whole(release: Release) -> None:
    """Hash every file of a release."""
    damaged = [each for each in release.manifest.files if not is_whole(release, each)]
    assert not damaged, f"{release.folder}: {damaged}"


def copied(source: Path, target: Path) -> Path:
    """Copy a publication; files of releases, which nobody writes to, by hard links."""

    def copy(one: str, other: str) -> None:
        if "/releases/2" in one:
            os.link(one, other)
        else:
            shutil.copy2(one, other)

    shutil.copytree(source, target, symlinks=True, copy_function=copy)
    return target


# --------------------------------------------------------------------------------------------- what befalls it


@dataclass(frozen=True, slots=True)
class Change:
    """What is done with a publication.

    Attributes:
        name: What it is called.
        arguments: Gives the command, of a publication, that is struck.
        how: More of how it runs; see :class:`tests.faults.striking.Command`.
        prepare: What is done before it, from a publication with two releases.
        settle: Gives the commands that somebody would run after it, of which the last is a build.
        weight: How many of a hundred moments it gets.
        from_switch: Whether it is struck only from where it makes something visible.
        is_short: Whether the short form has it.
    """

    name: str
    arguments: Callable[[Path], list[str]]
    how: dict[str, object] = field(default_factory=dict)
    prepare: Callable[[Path, Striker], None] = lambda _, __: None
    settle: Callable[[Path], list[list[str]]] = lambda folder: [build(folder, "--jobs", "1")]
    weight: int = 0
    from_switch: bool = False
    is_short: bool = False

    def __str__(self) -> str:
        """Return what it is called."""
        return self.name


def _correct(publication: Path, _: Striker) -> None:
    write_letter(publication, CHANGED, "Other words", "More")


def _withdraw(publication: Path) -> list[str]:
    reason = ("--reason", "A court said so.")
    return ["register", "withdraw", f"record/{GONE}", *reason, "--purge", "--publication", str(publication)]


def _remove_letter(publication: Path, _: Striker) -> None:
    (publication / "data/documents" / f"{GONE}.xml").unlink()


def _purge(publication: Path, striker: Striker) -> None:
    _remove_letter(publication, striker)
    striker.succeed(*_withdraw(publication))


def _one(publication: Path) -> list[str]:
    return build(publication, "--jobs", "1")


def _roll_back(publication: Path) -> list[str]:
    return ["rollback", FIRST[:10], "--publication", str(publication)]


CHANGES = (
    Change(
        "a build of everything", lambda it: build(it, "--fresh", "--jobs", "1"), prepare=_correct, weight=20
    ),
    Change(
        "a build by processes",
        lambda it: build(it, "--fresh", "--jobs", "2"),
        {"processes": True},
        prepare=_correct,
        weight=10,
    ),
    Change("a build by difference", _one, {"renewed": True}, prepare=_correct, weight=25, is_short=True),
    Change("a switch", _one, prepare=_correct, weight=15, from_switch=True),
    Change("a purge", _one, prepare=_purge, weight=10),
    Change("the end of a purge", _one, prepare=_purge, weight=5, from_switch=True, is_short=True),
    Change(
        "a withdrawal",
        _withdraw,
        prepare=_remove_letter,
        settle=lambda it: [_withdraw(it), _one(it)],
        weight=5,
    ),
    Change("a rollback", _roll_back, settle=lambda it: [_roll_back(it), _one(it)], weight=5, is_short=True),
    Change(
        "letting go",
        lambda it: ["prune", str(it), "--keep", "1"],
        settle=lambda it: [["prune", str(it), "--keep", "1"], _one(it)],
        weight=5,
    ),
)


@dataclass(slots=True)
class Course:
    """A change of a publication that is served, undisturbed once, and then struck from the same beginning.

    Attributes:
        change: What is done.
        striker: Runs commands.
        begun: The publication before it; never changed.
        place: The publication that is struck.
        undisturbed: How the change runs when nothing befalls it.
        wanted: What is there after it, and after what is run then.
        site: The server on the releases.
        asking: Who asks it all the time.
        before: What it answers before.
        after: What it answers in the end.
    """

    change: Change
    striker: Striker
    begun: Path
    place: Path
    undisturbed: Ended
    wanted: dict[str, str]
    site: Site
    asking: Asking
    before: dict[Question, Answer]
    after: dict[Question, Answer]

    def strike(self, **fault: object) -> Ended:
        """Run the change, and let something befall it."""
        return self.striker.run(
            *self.change.arguments(self.place), clock=THIRD, **{**self.change.how, **fault}
        )

    def settle(self) -> list[Ended]:
        """Run what somebody would run then."""
        return settle(self.change, self.place, self.striker)

    def assert_nothing_half_made(self) -> None:
        """Look at what can be seen: every release is whole, and one is current."""
        for folder in releases_seen(self.place):
            assert_whole(open_release(folder))
        open_release(self.place)
        assert not self.asking.wrong, self.asking.wrong[:3]

    def assert_as_undisturbed(self) -> None:
        """Compare what is there with what would have been there, and what is answered."""
        found = state_of(self.place)
        differing = sorted(
            {name for name in {*found, *self.wanted} if found.get(name) != self.wanted.get(name)}
        )
        assert not differing, f"{len(differing)} not as undisturbed: {differing[:8]}"
        self._await(self.after)
        assert not self.asking.wrong, self.asking.wrong[:3]

    def reset(self) -> None:
        """Make everything as it was before, under the running server."""
        releases, begun = self.place / "releases", self.begun / "releases"
        for folder in begun.iterdir():
            if folder.is_dir() and not folder.is_symlink() and not (releases / folder.name).exists():
                copied(folder, releases / folder.name)
        name = current_name(begun)
        assert name is not None
        if current_name(releases) != name:
            make_current(releases, name)
        self._await(self.before)
        for path in releases.iterdir():
            if path.is_dir() and not path.is_symlink() and not (begun / path.name).exists():
                shutil.rmtree(path)
            elif path.is_file() and not path.is_symlink():
                path.unlink()
        for path in (path for path in begun.iterdir() if path.is_file() and not path.is_symlink()):
            shutil.copy2(path, releases / path.name)
        shutil.rmtree(self.place / "data")
        shutil.copytree(self.begun / "data", self.place / "data")

    def _await(self, wanted: dict[Question, Answer]) -> None:
        """Wait until the server answers something, which it does at once when it is told that there is another release."""
        deadline = time.monotonic() + _SWITCH_SECONDS
        self.site.process.send_signal(signal.SIGHUP)
        while (found := answers(self.site.url)) != wanted:
            assert time.monotonic() < deadline, [
                each.path for each in QUESTIONS if found[each] != wanted[each]
            ]
            time.sleep(0.02)


def settle(change: Change, place: Path, striker: Striker) -> list[Ended]:
    """Run what somebody would run after a change."""
    return [striker.run(*command, clock=THIRD, **change.how) for command in change.settle(place)]


def begin(place: Path, striker: Striker) -> Path:
    """Write a publication and build two releases of it; return where."""
    publication = write_letters(place)
    (publication / "data/register.csv").write_text("kind,key,minted,status,replaced_by,reason,changed\n")
    striker.succeed(*build(publication, "--jobs", "1"), clock=FIRST)
    write_letter(publication, "letter-5", "Corrected words", "More")
    striker.succeed(*build(publication, "--jobs", "1"), clock=SECOND)
    return publication


@contextmanager
def course(change: Change, publication: Path, place: Path, striker: Striker) -> Iterator[Course]:
    """Prepare a change, run it undisturbed, and serve the publication until the block ends.

    Args:
        change: What is done.
        publication: With two releases.
        place: Where there is room; nothing stands there.
        striker: Runs commands.
    """
    begun = copied(publication, place / "begun")
    change.prepare(begun, striker)
    undisturbed = copied(begun, place / "undisturbed")
    ended = striker.succeed(*change.arguments(undisturbed), clock=THIRD, trace=True, **change.how)
    timed = copied(begun, place / "timed")
    timing = striker.succeed(*change.arguments(timed), clock=THIRD, **change.how)
    ended = Ended(0, timing.seconds, ended.out, ended.err, ended.moments)
    right = []
    if len(change.settle(undisturbed)) > 1:
        # What it comes to is not yet the end.
        with serving(undisturbed / "releases") as site:
            right.append(answers(site.url))
    last = settle(change, undisturbed, striker)[-1]
    assert last.status == 0, last.err
    with serving(undisturbed / "releases") as site:
        after = answers(site.url)
    place = copied(begun, place / "publication")
    with serving(place / "releases") as site:
        before = answers(site.url)
        asking = Asking(site.url, [before, *right, after])
        asking.start()
        try:
            yield Course(
                change,
                striker,
                begun,
                place,
                ended,
                state_of(undisturbed),
                site,
                asking,
                before,
                after,
            )
        finally:
            asking.stop()


# --------------------------------------------------------------------------------------------- when


def spread(number: int, first: int, last: int, chance: random.Random) -> list[int]:
    """Return so many calls from the first to the last, by chance one of each stretch."""
    return [first + int((at + chance.random()) * (last - first + 1) / number) for at in range(number)]


def moments_of(
    change: Change, undisturbed: Ended, number: int, chance: random.Random
) -> list[dict[str, object]]:
    """Return moments that cover the whole of a change: half of them calls to the file system, half of them times.

    Args:
        change: What is struck.
        undisturbed: How it runs otherwise.
        number: How many; of each stretch of the change one.
        chance: Says where in its stretch.
    """
    calls = len(undisturbed.moments)
    first = 1
    if change.from_switch:
        renamed = [at for at, call in enumerate(undisturbed.moments, 1) if call.startswith("os.rename")]
        first = next(
            at
            for at in renamed
            if "/.building-" in undisturbed.moments[at - 1] and "/release " in undisturbed.moments[at - 1]
        )
    by_call = number if change.from_switch else (number + 1) // 2
    found: list[dict[str, object]] = [{"moment": it} for it in spread(by_call, first, calls, chance)]
    by_time = number - by_call
    found.extend({"seconds": (at + chance.random()) * undisturbed.seconds / by_time} for at in range(by_time))
    return found
