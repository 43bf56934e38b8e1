"""Commands that are stopped, starved or doubled, and publications on which they work."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import lives
from tests.faults.lives import begin, build, copied, state_of
from tests.faults.striking import Ended, Striker, striker

LONG = os.environ.get("FONDS_FAULTS") == "long"
"""Whether all is struck at many moments: ``make faults``."""
SEED = os.environ.get("FONDS_FAULTS_SEED") or (
    str(random.SystemRandom().randrange(1_000_000)) if LONG else "1"
)
"""By which moments are drawn: one of its own for each ``make faults``, unless it is given."""


class Summary:
    """What is told at the end of all tests, whether or not they pass."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, line: str) -> None:
        """Tell one thing more."""
        self.lines.append(line)


_SUMMARY = Summary()


@pytest.fixture(scope="session")
def summary() -> Summary:
    """What is told at the end."""
    return _SUMMARY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what was struck, and how often."""
    if _SUMMARY.lines:
        terminalreporter.section(f"faults, by the seed {SEED}")
        for line in _SUMMARY.lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def strike() -> Iterator[Striker]:
    """Runs commands of fonds, and strikes them."""
    with striker() as running:
        yield running


@pytest.fixture(scope="session")
def two_releases(strike: Striker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of twelve letters with two releases; it is copied, never changed."""
    return begin(tmp_path_factory.mktemp("begun") / "publication", strike)


@pytest.fixture(scope="session")
def corrected(
    two_releases: Path, strike: Striker, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, str], Ended]:
    """What is there when a letter of it is corrected and it is built undisturbed, and how that build ran."""
    publication = copied(two_releases, tmp_path_factory.mktemp("corrected") / "publication")
    lives.write_letter(publication, lives.CHANGED, "Other words", "More")
    ended = strike.succeed(*build(publication, "--jobs", "1"), clock=lives.THIRD, trace=True)
    return state_of(publication), ended
