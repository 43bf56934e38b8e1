"""BEACON files: which things of ours are the same as which entries of an authority file (gbv.github.io/beaconspec).

One file for each authority file, with exact matches only: a near one is no identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from fonds.release.census import Match
from fonds.release.targets import EXACT, Target
from fonds.settings import Settings

_EXACT_MATCH = "http://www.w3.org/2004/02/skos/core#exactMatch"


def write_beacons(folder: Path, matches: Iterable[Match], settings: Settings, base: str, day: str) -> None:
    """Write ``beacon/{authority}.txt`` into the folder of a release, for each authority file that matches lead to.

    Args:
        folder: Of the release.
        matches: By target, in one stretch each.
        settings: The publication's.
        base: Under which it stands.
        day: Of issue, ISO 8601.
    """
    exact = (each for each in matches if each.property in EXACT and each.target and each.target.name)
    for target, found in groupby(exact, key=lambda each: each.target):
        assert target is not None
        lines = sorted({_link(each, target) for each in found})
        path = folder / "beacon" / f"{target.name}.txt"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_head(target, settings, base, day))
            file.write("\n")
            file.writelines(lines)


def _head(target: Target, settings: Settings, base: str, day: str) -> Iterable[str]:
    yield "#FORMAT: BEACON\n"
    yield f"#PREFIX: {target.space}\n"
    yield f"#RELATION: {_EXACT_MATCH}\n"
    yield f"#NAME: {_one_line(settings.title)}\n"
    if settings.description:
        yield f"#DESCRIPTION: {_one_line(settings.description)}\n"
    if settings.publisher:
        yield f"#CREATOR: {_one_line(settings.publisher)}\n"
    if settings.contact:
        yield f"#CONTACT: {_one_line(settings.contact)}\n"
    yield f"#FEED: {base}beacon/{target.name}.txt\n"
    yield f"#HOMEPAGE: {base}\n"
    yield f"#TARGETDATASET: {base}dataset#dataset\n"
    yield f"#TIMESTAMP: {day}\n"


def _link(match: Match, target: Target) -> str:
    """Return a line: the entry of the authority file, without its prefix, and our thing."""
    entry = match.value[1:-1].decode().removeprefix(target.space)
    # A bar separates; in an IRI it has to be encoded anyway (RFC 3987 2.2).
    return f"{entry.replace('|', '%7C')}|{match.subject[1:-1].decode().replace('|', '%7C')}\n"


def _one_line(words: str) -> str:
    return " ".join(words.split())
