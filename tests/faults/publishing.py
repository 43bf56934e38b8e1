"""Builds a publication in a process of its own that counts what it works out; the tests stop it, or let its workers die.

Usage: publishing.py FOLDER [--jobs N] [--start METHOD] [--kill-at N] [--deadly WORD] [--deadly-to READER|MAPPER]

It prints a line of JSON: the digest, and how many files were read and how many things mapped and not taken from before.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from fonds import parallel, workshop
from fonds.errors import BuildError
from fonds.release import mapped, working
from fonds.release.publication import build_publication
from fonds.sources import filing


def counted(module: Any, name: str, counts: dict[str, int], what: str) -> None:
    """Count what is asked for in one place of a module."""
    original = getattr(module, name)

    def counting(self: Any, missing: Any, *rest: Any) -> Any:
        counts[what] += len(missing)
        return original(self, missing, *rest)

    setattr(module, name, counting)


def deadly(module: Any, name: str, word: bytes) -> None:
    """Let a process end where it comes upon a word."""
    original = getattr(module, name)

    def killing(given: Any, one: Any, *rest: Any) -> Any:
        found = one.read_bytes() if isinstance(one, Path) else mapped.unpacked(one.record or b"")
        if word in found:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(given, one, *rest)

    setattr(module, name, killing)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--start")
    parser.add_argument("--kill-at", type=int)
    parser.add_argument("--deadly")
    parser.add_argument("--deadly-to", default="reader")
    given = parser.parse_args()
    counts = {"read": 0, "mapped": 0}
    counted(filing.Filing, "_work", counts, "read")
    counted(working.Working, "_work", counts, "mapped")
    # However little there is to do, it is done by processes.
    filing._FEW_BYTES = working._FEW = 0
    if given.kill_at is not None:
        workshop._COMMIT_SECONDS = 0
    if given.start:
        parallel._best_start = lambda: given.start
    if given.deadly:
        place = (filing, "_read_file") if given.deadly_to == "reader" else (mapped, "_map_record")
        deadly(*place, given.deadly.encode())

    def progress(stage: str, done: int, total: int | None) -> None:
        if stage == "mapping" and given.kill_at is not None and done >= given.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        release = build_publication(
            given.folder, base="https://a.example/", jobs=given.jobs, progress=progress
        )
    except BuildError as error:
        sys.exit("\n".join(map(str, error.faults)))
    print(
        json.dumps({"digest": release.manifest.digest, "records": release.manifest.counts.records, **counts})
    )


if __name__ == "__main__":
    main()
