"""Giving identifiers up: merged, renamed, split, withdrawn; each says why, and none is lost in silence."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fonds import parallel
from fonds.errors import FondsError, SettingsError
from fonds.identifiers import Kind, is_slug
from fonds.model import Reference
from fonds.release.parts import WORKSHOP, work_at_hand
from fonds.settings import Settings, read_settings
from fonds.sources.publication import Publication, read_publication
from fonds.sources.register import PURGED, REGISTER, REGISTERED, WITHDRAWN, give_up, leads_back
from fonds.workshop import Workshop

T = TypeVar("T")

_MOST_PLACES = 20
_SOURCES = frozenset({".xml", ".csv"})


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What was written into the register.

    Attributes:
        reference: What was given up.
        status: What became of it.
        survivors: What took its place.
        places: Where the data still name it, ``file:line``; at most twenty.
    """

    reference: Reference
    status: str
    survivors: tuple[Reference, ...]
    places: tuple[str, ...]


def change(
    folder: Path,
    reference: Reference,
    status: str,
    survivors: Sequence[Reference],
    reason: str,
    day: datetime.date | None = None,
) -> GivenUp:
    """Write into the register what became of an identifier.

    Args:
        folder: The publication.
        reference: What is given up.
        status: ``merged``, ``renamed``, ``split``, ``withdrawn``, ``purged``; ``active`` takes that back.
        survivors: What takes its place.
        reason: Why, for those who come with the old identifier.
        day: When; None: today, UTC.

    Raises:
        FondsError: It makes no sense; nothing was changed.
    """
    problem = of_whatever_is_good(
        folder, lambda each: next(_problems(each, reference, status, survivors, reason), None)
    )
    if problem:
        raise FondsError(f"{problem}; nothing was changed")
    give_up(
        folder, reference, status, survivors, " ".join(reason.split()),
        day or datetime.datetime.now(datetime.UTC).date(),
    )  # fmt: skip
    places = () if status == "active" else tuple(_places(folder, reference))
    return GivenUp(reference, status, tuple(survivors), places[:_MOST_PLACES])


def reference_of(text: str) -> Reference:
    """Return an identifier as people write it, ``person/guevara``.

    Raises:
        FondsError: It is none.
    """
    kind, slash, key = text.strip().partition("/")
    if not slash or kind not in REGISTERED or not is_slug(key):
        kinds = ", ".join(sorted(REGISTERED))
        raise FondsError(
            f"{text!r} is no identifier; expected kind/key, such as person/guevara (kinds: {kinds})"
        )
    return Reference(kind, key)


def of_whatever_is_good(folder: Path, do: Callable[[Publication], T]) -> T:
    """Read a publication, and return what something makes of it; its faults, and those of its settings, stop nothing.

    Args:
        folder: The publication.
        do: Called with it; afterwards its records can no longer be fetched.

    Raises:
        FondsError: It is none.
    """
    try:
        settings = read_settings(folder)
    except SettingsError as error:
        if not (folder / "fonds.toml").exists():
            raise FondsError(f"{folder}: not found, or no publication (no fonds.toml)") from error
        settings = Settings()

    def read(workshop: Workshop) -> T:
        return do(read_publication(folder, settings, workshop=workshop, jobs=parallel.cores()))

    return work_at_hand(folder / "releases" / WORKSHOP, read)


def _things(publication: Publication) -> set[Reference]:
    records = (Reference(Kind.RECORD, each.key) for each in publication.records.filed)
    captures = (Reference(Kind.CAPTURE, sha256[:16]) for sha256 in publication.captures)
    return {*publication.authorities, *records, *captures}


def _problems(
    publication: Publication, reference: Reference, status: str, survivors: Sequence[Reference], reason: str
) -> Iterator[str]:
    """Yield what speaks against a change."""
    register, things = publication.register, _things(publication)
    known = register.get(reference)
    if known is None and reference not in things:
        yield f"{reference} is neither in {REGISTER} nor in the data"
    if status == "active":
        if known is None or known.status == "active":
            yield f"{reference} is active"
        return
    if not reason.strip():
        yield "a reason is missing; it is shown to everybody who comes with the old identifier"
    # What was withdrawn may be purged as well.
    is_next = known is not None and (known.status, status) == ("withdrawn", PURGED)
    if known is not None and known.status != "active" and not is_next:
        yield f"{reference} is {known.status} already ({REGISTER}, line {known.line}); restore it first"
    if len(set(survivors)) < len(survivors):
        yield "the same identifier is named twice"
    for survivor in survivors:
        yield from _problems_of(publication, reference, status, survivor, things)


def _problems_of(
    publication: Publication,
    reference: Reference,
    status: str,
    survivor: Reference,
    things: Iterable[Reference],
) -> Iterator[str]:
    register = publication.register
    other = register.get(survivor)
    if survivor == reference:
        yield f"{reference} cannot take its own place"
    if other is not None and other.status in WITHDRAWN:
        yield f"{survivor} is withdrawn, and cannot take the place of another"
    if leads_back(reference, survivor, register):
        yield f"{survivor} leads back to {reference}"
    if status == "renamed":
        if survivor.kind != reference.kind:
            yield f"a {reference.kind} cannot become a {survivor.kind} by another name; merge it, or withdraw it"
    elif other is None and survivor not in things:
        yield f"{survivor} is neither in {REGISTER} nor in the data; describe it first"


def _places(folder: Path, reference: Reference) -> Iterator[str]:
    """Yield where the data still name a thing by its key."""
    word = re.compile(rf"(?<![\w-]){re.escape(reference.key)}(?![\w-])")
    data = folder / "data"
    for path in sorted(each for each in data.rglob("*") if each.suffix in _SOURCES):
        shown = path.relative_to(folder).as_posix()
        if shown == REGISTER:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (f"{shown}:{number}" for number, line in enumerate(lines, start=1) if word.search(line))
