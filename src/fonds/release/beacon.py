"""BEACON files: which things of ours are the same as which entries of an authority file (gbv.github.io/beaconspec).

One file for each authority file, with exact matches only: a near one is no identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from fonds.addresses import uri
from fonds.release.census import Match
from fonds.release.targets import EXACT, Target
from fonds.settings import Settings

BEACON = "beacon"
"""Name of their folder in a release."""


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
        properties, links = set(), set()
        for each in found:
            properties.add(each.property)
            links.add(_link(each, target))
        lines = sorted(links)
        path = folder / BEACON / f"{target.name}.txt"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_head(target, properties, settings, base, day))
            file.write("\n")
            file.writelines(lines)


def _head(
    target: Target, properties: Iterable[bytes], settings: Settings, base: str, day: str
) -> Iterable[str]:
    yield "#FORMAT: BEACON\n"
    yield f"#PREFIX: {target.space}\n"
    stated = [each[1:-1].decode() for each in properties]
    # One relation holds for all links of a file. Where ours differ, the weaker default of the format (rdfs:seeAlso) is true.
    if len(stated) == 1:
        yield f"#RELATION: {stated[0]}\n"
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
    """Return a line: the entry of the authority file, without its prefix, and our thing, as a URI.

    With two bars, between which an annotation could stand: after a single one some readers expect the annotation.
    """
    entry = match.value[1:-1].decode().removeprefix(target.space)
    # A bar separates; in an IRI it has to be encoded anyway (RFC 3987 2.2).
    return f"{entry.replace('|', '%7C')}||{uri(match.subject[1:-1].decode()).replace('|', '%7C')}\n"


def _one_line(words: str) -> str:
    return " ".join(words.split())
