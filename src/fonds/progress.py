"""How far something is: told by whatever takes long, heard by whoever wants to know."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""Told a stage, how much of it is done, and how much there is to do (None: not known); with 0 of 0 the stage is a note."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Tell nobody."""
