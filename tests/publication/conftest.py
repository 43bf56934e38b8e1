"""What the tests of this repository's own publication share."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree


@pytest.fixture(scope="session")
def capture(publication: Path) -> str:
    """The capture of the first record, character by character."""
    return (publication / "data/captures/148c2797223ea6d0.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="session")
def tei_schema(publication: Path) -> etree.RelaxNG:
    """The schema of TEI P5 with all its modules; it takes some seconds to load."""
    schema = publication.parent / "shared/corpora/tei-p5/tei_all.rng"
    if not schema.exists():
        pytest.skip("tei_all.rng is not here (../shared/corpora/tei-p5)")
    return etree.RelaxNG(etree.parse(str(schema)))
