"""Writing graphs into a store elsewhere."""

from __future__ import annotations

from typing import cast

import pyoxigraph
import pytest

from fonds.release.pushing import Updates
from fonds.store.remote_client import RemoteClient


class Store:
    """Takes SPARQL Update, as a store elsewhere does."""

    def __init__(self) -> None:
        self.held = pyoxigraph.Store()

    def update(self, address: str, text: str, *, seconds: float) -> None:
        self.held.update(text)


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x0b"])
def test_an_update_ends_behind_a_triple_whatever_its_literals_hold(sign: str) -> None:
    store = Store()
    lines = [f'<urn:s> <urn:p> "a{sign}b{sign}{number}" .\n'.encode() for number in range(1_501)]
    Updates(cast(RemoteClient, store), "http://store.invalid/update").replace("urn:g", [b"".join(lines)])
    assert len(store.held) == len(lines)
