"""Reads the history of each thing: which release created, changed, replaced or withdrew it, what was stated otherwise before, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from pyoxigraph import NamedNode, Triple

from fonds.errors import ReleaseError
from fonds.pack import Pack
from fonds.release.folder import Release
from fonds.vocabulary import DCTERMS, RDF

HISTORY = "history"
"""Its name in the folder of a release."""
CORRECTIONS = "corrections.json"
"""The name of the file that says why things were changed."""
CHANGESET = "http://purl.org/vocab/changeset/schema#"
"""Changeset: what is added to a description, and what is taken away, each as a statement."""


class Step(msgspec.Struct, frozen=True, array_like=True):
    """What became of a thing in one release."""

    type: str
    """``Create``, ``Update``, ``Delete``, or ``Move`` where one other took its place."""
    end: str
    """When the release was issued, UTC, ISO 8601 to the second."""
    release: str
    """Its name."""
    target: str = ""
    """What took its place, without the base where it stands under it."""
    added: int = 0
    """Statements that are new."""
    removed: int = 0
    """Statements that are gone."""
    lines: tuple[str, ...] = ()
    """The first of them: ``+`` or ``-``, then the statement as a line of N-Triples; none where they were too many, or where all
    or nothing of the thing is new."""


class Reason(msgspec.Struct, frozen=True):
    """Why something was changed, as people say it."""

    thing: str
    """Its kind and key."""
    day: str
    """When, ISO 8601."""
    sort: str
    """``erratum`` or ``revision``."""
    reason: str
    by: str = ""


_decoder = msgspec.json.Decoder(tuple[Step, ...])


def steps_in(content: bytes | None) -> tuple[Step, ...]:
    """Return the steps of a thing's history as it is written; none where there is none."""
    return _decoder.decode(content) if content else ()


def reasons_in(folder: Path) -> tuple[Reason, ...]:
    """Return why things were changed, as the folder of a release says it; nothing where it does not.

    Raises:
        ReleaseError: It is damaged.
    """
    path = folder / CORRECTIONS
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Reason, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        raise ReleaseError(f"{path}: cannot be read ({error}); build the release again") from error


class History:
    """The history of a release, open for reading from any thread.

    Args:
        release: Which.

    Raises:
        ReleaseError: It is damaged.
    """

    def __init__(self, release: Release) -> None:
        files = release.manifest.files
        self._pack = Pack(release.folder / HISTORY) if HISTORY in files else None
        self._reasons: tuple[Reason, ...] = ()
        if CORRECTIONS in files:
            self._reasons = reasons_in(release.folder)

    def of(self, it: str) -> tuple[Step, ...]:
        """Return what became of a thing, the oldest first; nothing where it has none.

        Args:
            it: The thing, without the base.

        Raises:
            ReleaseError: The file is damaged.
        """
        content = self._pack.get(it.encode()) if self._pack else None
        try:
            return steps_in(content)
        except msgspec.MsgspecError as error:
            raise ReleaseError(
                f"the history of {it} cannot be read ({error}); build the release again"
            ) from error

    def has(self, it: str) -> bool:
        """Tell whether it is known what became of a thing.

        Args:
            it: The thing, without the base.
        """
        return self._pack is not None and it.encode() in self._pack

    def things(self) -> Iterator[str]:
        """Yield all things of which it is known what became of them, without the base."""
        if self._pack is not None:
            yield from (name.decode() for name, _ in self._pack.pieces(0, len(self._pack)))

    def reasons(self, it: str | None = None) -> tuple[Reason, ...]:
        """Return why things were changed, or one thing, by day.

        Args:
            it: The thing, without the base; None: all things.
        """
        return tuple(each for each in self._reasons if it is None or f"id/{each.thing}" == it)

    def close(self) -> None:
        """Let go of the file."""
        if self._pack is not None:
            self._pack.close()


def stated_otherwise(
    change: NamedNode, triple: Triple, number: int, *, added: bool, graph: NamedNode | None = None
) -> Iterator[Triple]:
    """Yield that a change set adds a statement, or takes it away, in the terms of the Changeset vocabulary.

    Args:
        change: The change set.
        triple: What is stated, or was.
        number: Of the statement among others of the change set, from 1.
        added: Whether it is added.
        graph: In which it is stated; None: that is not told.
    """
    which = "addition" if added else "removal"
    statement = NamedNode(f"{change.value}-{which}-{number}")
    yield Triple(change, NamedNode(f"{CHANGESET}{which}"), statement)
    yield Triple(statement, RDF.type, NamedNode(f"{RDF.iri}Statement"))
    yield Triple(statement, NamedNode(f"{RDF.iri}subject"), triple.subject)
    yield Triple(statement, NamedNode(f"{RDF.iri}predicate"), triple.predicate)
    yield Triple(statement, NamedNode(f"{RDF.iri}object"), triple.object)
    if graph is not None:
        yield Triple(statement, DCTERMS.isPartOf, graph)


def explained(
    steps: Sequence[Step], reasons: Iterable[Reason]
) -> tuple[list[tuple[Step, tuple[Reason, ...]]], tuple[Reason, ...]]:
    """Return each step with its reasons, and the reasons that belong to no step.

    A reason is that of the first change that was published on its day or later; that a thing was there first is no change, that it is there
    again is one.
    """
    found: list[list[Reason]] = [[] for _ in steps]
    rest: list[Reason] = []
    for reason in reasons:
        at = next(
            (
                n
                for n, each in enumerate(steps)
                if (n or each.type != "Create") and each.end[:10] >= reason.day
            ),
            None,
        )
        (rest if at is None else found[at]).append(reason)
    return [(step, tuple(why)) for step, why in zip(steps, found, strict=True)], tuple(rest)
