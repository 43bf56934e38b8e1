"""What a release tells of how it was made, in numbers: what its checks found, and what it is known to lack."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fonds.errors import ReleaseError

MADE = "made.json"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one shape found."""

    shape: str
    """Its name."""
    holds: str
    """What holds where it finds nothing."""
    number: int
    """Of how many things it does not hold."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was found when a publication was made into a release; ``made.json``."""

    findings: tuple[Found, ...]
    """By shape, those that found most first."""
    warnings: int
    """Other things in the sources that could not be understood, and stop nothing."""
    decisions: int
    """Identifiers elsewhere that nobody has accepted, and pairs that may be one."""
    records: int
    """How many there are."""
    with_words: int
    """Those with words of their own."""
    gaps: dict[str, int]
    """Words that are not there, by cause: the terms of the program's ontology."""
    fulltext: dict[str, int]
    """Records by how much of their words is published."""
    languages: dict[str, int]
    """Records by the language of their words, or those that their source names."""
    without_language: int
    """Records with words of which nothing says the language."""
    without_date: int
    """Records that nothing dates."""
    date_in_words: int
    """Records of which the date is words only."""
    resolved: int
    """Names in texts that are identified."""
    doubtful: int
    """Those among them of which that is not certain."""
    unresolved: int
    """Names in texts that are not."""
    unidentified: int
    """Whom the source leaves unidentified."""


def read_made(path: Path) -> Made | None:
    """Return what a release tells of how it was made, None where it tells nothing.

    Raises:
        ReleaseError: Another version of the program wrote it.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Made)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise ReleaseError(f"{path}: written by another version of fonds; build the release again") from error
