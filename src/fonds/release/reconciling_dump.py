"""Looks for things of ours in files of somebody else's RDF, read as they are, whatever their size: once for names, once for what is
said of those that fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from fonds.errors import FondsError
from fonds.points import point
from fonds.reconciliation.elsewhere import Foreign, Sought
from fonds.reconciliation.entries import Entry
from fonds.release.rdf_files import Unreadable, format_of, quads_of
from fonds.vocabulary import RDF, SKOS

_LOCAL = re.compile(r"[^/#]*$")
_PREFERRED = re.compile(
    r"(?:pref)?label|(?:full|display|official|short|preferred)?name(?:for\w+)?|preferredname\w*|title",
    re.IGNORECASE,
)
_VARIANT = re.compile(
    r"(?:alt|hidden)label|alternat(?:iv)?ename|variantname\w*|othername\w*|alias", re.IGNORECASE
)
_BORN = re.compile(r"dateofbirth|birthdate|birthyear|yearofbirth|p569", re.IGNORECASE)
_DIED = re.compile(r"dateofdeath|deathdate|deathyear|yearofdeath|p570", re.IGNORECASE)
_DESCRIPTION = re.compile(
    r"description|biographicalorhistoricalinformation|comment|definition|abstract|scopenote", re.IGNORECASE
)
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_MOST_NAMES = 40
_MOST_SUBJECTS = 2_000_000
_SAME = frozenset({"http://www.w3.org/2002/07/owl#sameAs", SKOS.exactMatch.value})


@dataclass(slots=True)
class _Gathered:
    preferred: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    description: str = ""
    born: int | None = None
    died: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    same: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)


def search_dumps(
    paths: Sequence[Path],
    entries: Sequence[Entry],
    *,
    type_: str = "",
    progress: Callable[[str, int, int | None], None] | None = None,
) -> Iterator[tuple[Entry, Foreign]]:
    """Yield things of ours with entries of dumps that have a key in common with them.

    Names are what stands in properties that are called like names (``prefLabel``, ``name``, ``preferredNameForThePerson`` …);
    days of birth and death, coordinates and what is the same elsewhere are read likewise.

    Args:
        paths: Files of RDF, also compressed (``.gz``).
        entries: The things.
        type_: The class of which entries must be; empty: any.
        progress: Told how many statements were read.

    Raises:
        FondsError: A file is not there or cannot be read.
    """
    for path in paths:
        if not path.is_file():
            raise FondsError(f"{path}: no such file")
        if format_of(path) is None:
            raise FondsError(
                f"{path}: is no file of RDF by its ending; expected .nt .ttl .nq .trig .rdf .jsonld, also with .gz"
            )
    sought = Sought(entries)
    wanted: set[str] = set()
    for quad in _quads(paths, "reading names", progress):
        if (
            isinstance(quad.object, Literal)
            and isinstance(quad.subject, NamedNode)
            and quad.subject.value not in wanted
        ):
            name = _local(quad)
            if (_PREFERRED.fullmatch(name) or _VARIANT.fullmatch(name)) and sought.may_be_called(
                quad.object.value
            ):
                wanted.add(quad.subject.value)
                if len(wanted) > _MOST_SUBJECTS:
                    raise FondsError(
                        f"More than {_MOST_SUBJECTS:,} entries have names like ours; ask for fewer things at once (--kind)"
                    )
    gathered: dict[str, _Gathered] = {}
    for quad in _quads(paths, "reading what is said of them", progress):
        if isinstance(quad.subject, NamedNode) and quad.subject.value in wanted:
            _gather(gathered.setdefault(quad.subject.value, _Gathered()), quad)
    for iri in sorted(gathered):
        if type_ and type_ not in gathered[iri].types:
            continue
        foreign = _foreign(iri, gathered[iri])
        for entry in sought.like(foreign):
            yield entry, foreign


def _quads(
    paths: Sequence[Path], stage: str, progress: Callable[[str, int, int | None], None] | None
) -> Iterator[Quad]:
    read = 0
    for path in paths:
        try:
            for batch in quads_of(path, path.resolve().as_uri()):
                yield from batch
                read += len(batch)
                if progress:
                    progress(stage, read, None)
        except Unreadable as error:
            raise FondsError(str(error.fault)) from error
        except OSError as error:
            raise FondsError(f"{path}: {error.strerror or error}") from error


def _local(quad: Quad) -> str:
    found = _LOCAL.search(quad.predicate.value)
    return found[0] if found else ""


def _gather(it: _Gathered, quad: Quad) -> None:
    name, value = _local(quad), quad.object
    if isinstance(value, NamedNode):
        if quad.predicate == RDF.type:
            it.types.add(value.value)
        elif quad.predicate.value in _SAME:
            it.same.append(value.value)
        return
    if not isinstance(value, Literal):
        return
    text = value.value
    if _PREFERRED.fullmatch(name):
        it.preferred.append(text)
    elif _VARIANT.fullmatch(name):
        it.variants.append(text)
    elif _BORN.fullmatch(name):
        it.born = it.born or _year(text)
    elif _DIED.fullmatch(name):
        it.died = it.died or _year(text)
    elif _DESCRIPTION.fullmatch(name):
        it.description = it.description or " ".join(text.split())[:500]
    elif name in ("lat", "latitude"):
        it.latitude = _degrees(text, 90)
    elif name in ("long", "lon", "longitude"):
        it.longitude = _degrees(text, 180)
    elif (place := point(text)) is not None:
        it.longitude, it.latitude = place


def _year(text: str) -> int | None:
    found = _YEAR.search(text)
    return int(found[0]) if found else None


def _degrees(text: str, most: int) -> float | None:
    """Return a number of degrees; None for anything else, such as INF, and outside of the earth."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) <= most else None


def _foreign(iri: str, it: _Gathered) -> Foreign:
    names = tuple(dict.fromkeys([*it.preferred, *it.variants]))[:_MOST_NAMES]
    at = (it.latitude, it.longitude) if it.latitude is not None and it.longitude is not None else None
    return Foreign(iri, names, it.description, it.born, it.died, at, tuple(it.same))
