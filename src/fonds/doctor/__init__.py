"""Looks at a machine and a publication as whoever runs it would, and says what is in order, what is not, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from fonds.errors import FondsError
from fonds.release.folder import Release, open_release
from fonds.settings import Settings, read_settings

Level = Literal["ok", "warning", "problem"]


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found of one thing."""

    name: str
    """Of what was looked at, such as ``open files``."""
    level: Level
    """``ok``; ``warning``: it works, and somebody should know; ``problem``: it does not, or will not."""
    found: str
    """In words."""
    advice: str = ""
    """What to do, where something is not in order."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be looked at."""

    path: Path
    """A release, a folder of releases or a publication."""
    host: str
    """Address to listen on."""
    port: int
    """Port to listen on."""
    base: str | None = None
    """Address under which the identifiers stand; None: as the release, or the settings, say."""
    network: bool = True
    """Whether the base address and a store elsewhere are asked."""


def examine(asked: Asked) -> Iterator[Finding]:
    """Yield what is found, from the machine to what is published.

    Args:
        asked: What is to be looked at.
    """
    from fonds.doctor import machine, service

    release, settings, about = _release_of(asked.path)
    yield from machine.examine(settings, _folder_of(asked.path, release))
    yield about
    if release is not None:
        yield from service.examine_release(release)
    base = asked.base or (release.manifest.base if release is not None else settings.base)
    yield from service.examine_address(asked, base, settings, release)


def _release_of(path: Path) -> tuple[Release | None, Settings, Finding]:
    try:
        release = open_release(path)
    except FondsError as error:
        return (
            None,
            _settings_of(path),
            Finding("release", "problem", str(error), "run `fonds build` or fetch it again"),
        )
    counts = release.manifest.counts
    found = f"{release.manifest.name}, built {release.manifest.issued}, {counts.quads:,} statements, all files are there"
    return release, release.manifest.settings, Finding("release", "ok", found)


def _settings_of(path: Path) -> Settings:
    try:
        return read_settings(path)
    except FondsError:
        return Settings()


def _folder_of(path: Path, release: Release | None) -> Path:
    if release is not None:
        return release.folder.parent
    return path if path.is_dir() else path.parent
