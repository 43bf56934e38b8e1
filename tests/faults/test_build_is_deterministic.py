"""Same input, same digest and the same dumps, whatever the hash seed, the order, the folder or the day."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fonds.release.folder import open_release

_BUILDING = Path(__file__).with_name("building.py")


def _build(releases: Path, order: str, hash_seed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(_BUILDING), str(releases), "words", "40", "--order", order]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.mark.thorough
def test_hash_seed_order_and_folder_change_no_byte_of_dumps_texts_and_catalogue(tmp_path: Path) -> None:
    built = [
        _build(tmp_path / name, order, seed)
        for name, order, seed in (("one", "1", "1"), ("another/place", "2", "77"), ("third", "3", "random"))
    ]
    assert [each.returncode for each in built] == [0, 0, 0]
    assert len({each.stdout for each in built}) == 1
    releases = [open_release(tmp_path / name) for name in ("one", "another/place", "third")]
    stable = [
        {name: entry for name, entry in each.manifest.files.items() if not name.startswith("store/")}
        for each in releases
    ]
    assert stable[0] == stable[1] == stable[2]
    assert "dumps/public.ttl.gz" in stable[0]
    assert "texts" in stable[0]
    assert "catalogue.ttl" in stable[0]
