"""The site of this repository's own publication, as in the tests of the web."""

from __future__ import annotations

from tests.unit.web.conftest import ask_afresh, store

__all__ = ["ask_afresh", "store"]
