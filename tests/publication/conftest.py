"""What the tests of this repository's own publication share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def capture(publication: Path) -> str:
    """The capture of the first record, character by character."""
    return (publication / "data/captures/148c2797223ea6d0.txt").read_bytes().decode("utf-8")
