"""Feeds the readers for a while: ``python -m tests.fuzz --seconds 600``.

Where atheris is installed it steers by what of the program an input reaches; elsewhere inputs are made by chance alone. What breaks
a reader is written to ``build/fuzz/``; put it into ``tests/fuzz/found/`` with the change that mends it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.fuzz.mutating import LONGEST_BYTES, Mutations
from tests.fuzz.targets import ROOT, TARGETS, Target

BROKEN = ROOT / "build" / "fuzz"
SLOW_SECONDS = 10


class TooSlow(Exception):
    """A reader takes longer for 64 kB than anybody would wait."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Stop what takes longer than that; for the main thread."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def by_chance(target: Target, seconds: float, number: int) -> dict[str, bytes]:
    """Feed a reader; return one input for each place where it broke."""
    mutations = Mutations(target.seeds(), target.words, number)
    broken: dict[str, bytes] = {}
    tried, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        data = mutations.next()
        tried += 1
        try:
            with within(SLOW_SECONDS):
                target.try_out(data)
        except Exception as error:
            place = _place(error)
            if place not in broken or len(data) < len(broken[place]):
                broken[place] = data
    print(f"{target.name}: {tried} inputs, {len(broken)} places where it broke", flush=True)
    return broken


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if "/fonds/" in each.filename] or list(frames)
    return f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}: {str(error)[:120]}"


def by_coverage(target: Target, seconds: int) -> int:
    """Feed a reader in a process of its own, in which atheris watches the program; return its status."""
    corpus = BROKEN / "corpus" / target.name.replace("/", "-").replace(" ", "-")
    corpus.mkdir(parents=True, exist_ok=True)
    for each in target.seeds():
        (corpus / hashlib.sha1(each, usedforsecurity=False).hexdigest()).write_bytes(each)
    words = BROKEN / f"{corpus.name}.dict"
    # libFuzzer's own form: bytes as \\x41.
    words.write_text(
        "".join('"{}"\n'.format("".join(rf"\x{byte:02x}" for byte in each)) for each in target.words)
    )
    options = [
        f"-max_total_time={seconds}", f"-timeout={SLOW_SECONDS}", f"-max_len={LONGEST_BYTES}", f"-artifact_prefix={BROKEN}/{corpus.name}-",
        f"-dict={words}", "-rss_limit_mb=4096", "-verbosity=0", str(corpus),
    ]  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz.covered", target.name, *options], check=False
    ).returncode


def main() -> int:
    """Feed the readers that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="for all readers together")
    parser.add_argument("--only", action="append", default=[], choices=[each.name for each in TARGETS])
    parser.add_argument(
        "--engine", choices=("atheris", "chance"), help="atheris where it is installed, else chance"
    )
    parser.add_argument(
        "--number", type=int, default=None, help="where chance begins; the clock's, if it is not given"
    )
    given = parser.parse_args()
    targets = [each for each in TARGETS if not given.only or each.name in given.only]
    engine = given.engine or ("atheris" if importlib.util.find_spec("atheris") else "chance")
    number = given.number if given.number is not None else int(time.time())
    print(
        f"{len(targets)} readers by {engine}" + (f", number {number}" if engine == "chance" else ""),
        flush=True,
    )
    BROKEN.mkdir(parents=True, exist_ok=True)
    share = max(1, given.seconds // len(targets))
    failed = False
    for target in targets:
        if engine == "atheris":
            failed |= by_coverage(target, share) != 0
            continue
        for place, data in by_chance(target, share, number).items():
            failed = True
            name = (
                f"{target.name.replace('/', '-').replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
            )
            (BROKEN / name).write_bytes(data)
            print(f"  {place}\n    {BROKEN / name}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
