"""A build in parts: several machines each work out a share of the files, and one puts what they worked out together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fonds.errors import BuildError, Fault, FondsError
from fonds.fingerprint import digest, program
from fonds.progress import Progress
from fonds.workshop import Workshop, WorkshopBusyError, WorkshopDamagedError, opened_workshop, unpacked

T = TypeVar("T")

WORKSHOP = ".workshop"
"""The file beside the releases that holds what builds worked out."""


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the files of a publication: which files it has depends on nothing but their names.

    Attributes:
        number: Which, from 1.
        of: How many there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        """Return ``2/5``."""
        return f"{self.number}/{self.of}"

    @property
    def file_name(self) -> str:
        """The name of the file that holds what was worked out."""
        return f"part-{self.number}-of-{self.of}"

    def has(self, shown: str) -> bool:
        """Tell whether a file, by its name in messages, is one of its own."""
        return int.from_bytes(digest(shown)[:8], "big") % self.of == self.number - 1


def part_of(text: str) -> Part:
    """Return a part as people write it, ``2/5``.

    Raises:
        FondsError: It is none.
    """
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise FondsError(f"{text!r} is no part; expected a number and how many there are, such as 2/5")
    return Part(int(number), int(of))


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from the file of a part.

    Attributes:
        path: The file.
        part: Which part it says it is.
        entries: The numbers that its entries have now.
    """

    path: Path
    part: str
    entries: frozenset[int]


def work_in(path: Path, do: Callable[[Workshop], T], progress: Progress, *, fresh: bool = False) -> T:
    """Do something with a workshop; if that turns out to be damaged, throw it away and do it once more.

    Args:
        path: The file of the workshop.
        do: What is done.
        progress: Told if the file had to be thrown away.
        fresh: Throw it away at once.

    Raises:
        BuildError: Another process is at work with it.
    """
    if fresh:
        path.unlink(missing_ok=True)
    try:
        with opened_workshop(path, lambda words: progress(words, 0, 0)) as workshop:
            return do(workshop)
    except WorkshopDamagedError as error:
        progress(f"{path.name} is thrown away and made again: {error}", 0, 0)
        path.unlink(missing_ok=True)
        with opened_workshop(path, lambda words: progress(words, 0, 0)) as workshop:
            return do(workshop)
    except WorkshopBusyError as error:
        message = "another build is at work here; wait for it, or stop it, and build again"
        raise BuildError([Fault(str(path.parent), 0, 0, message)]) from error


def work_at_hand(path: Path, do: Callable[[Workshop], T]) -> T:
    """Do something with the workshop that is there; with a temporary one where there is none, or it cannot be used now."""
    if path.exists():
        # It is a help and no more: what is asked is answered without it.
        with contextlib.suppress(WorkshopBusyError, WorkshopDamagedError, OSError):
            workshop = Workshop(path)
            with contextlib.closing(workshop):
                return do(workshop)
    with contextlib.closing(Workshop()) as workshop:
        return do(workshop)


def note_part(workshop: Workshop, part: Part) -> None:
    """Write down in a workshop of which part it is, and of which program."""
    workshop.note("part", str(part))
    workshop.note("program", program().hex())


def take_parts(workshop: Workshop, paths: Sequence[Path], progress: Progress) -> list[Taken]:
    """Take over what parts worked out; of what another version of the program made, or what is damaged, nothing is taken.

    Raises:
        BuildError: Some of the files are not there, or in use.
    """
    if missing := [path for path in paths if not path.is_file()]:
        message = "not found; name the files that `fonds build --part` made"
        raise BuildError([Fault(str(path), 0, 0, message) for path in missing])
    return [taken for path in paths if (taken := _take(workshop, path, progress))]


def _take(workshop: Workshop, path: Path, progress: Progress) -> Taken | None:
    again = "; its work is done again here"
    try:
        part = Workshop(path)
    except WorkshopDamagedError as error:
        progress(f"{path} is no part of a build ({error}){again}", 0, 0)
        return None
    except WorkshopBusyError as error:
        message = "another process is at work with it; wait until the part is whole"
        raise BuildError([Fault(str(path), 0, 0, message)]) from error
    try:
        if part.noted("program") != program().hex():
            progress(f"{path} was made by another version of fonds{again}", 0, 0)
            return None
        return Taken(path, part.noted("part"), frozenset(_copied(workshop, part)))
    except WorkshopDamagedError as error:
        progress(f"{path} is damaged ({error}){again}", 0, 0)
        return None
    finally:
        part.close()


def _copied(workshop: Workshop, part: Workshop) -> list[int]:
    """Copy each entry that is whole, and return the numbers that they have now."""
    numbers = []
    for each in part.stored():
        for frame in (each.head, *each.bodies):
            unpacked(frame)
        if (number := workshop.number(each.key)) is None:
            number = workshop.put(each, used=False)
        numbers.append(number)
    return numbers


def tell_of_parts(workshop: Workshop, taken: Sequence[Taken], read_here: int, progress: Progress) -> None:
    """Tell how much of what parts had was of use, and what had to be done here."""
    for each in taken:
        used = len(each.entries & workshop.used)
        progress(f"Taken from {each.path} (part {each.part}), entries:", used, len(each.entries))
        if not used:
            progress(
                "None of it fits: it is a part of another publication, or of this one as it was:", 0, None
            )
    progress("Files that no part had, read here:", read_here, None)
