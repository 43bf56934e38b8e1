"""Let a site run under mixed traffic for a long time, and write what was seen to ``docs/benchmarks/soak-….md``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.course import HOUR, REPOSITORY, SHORT, TEN_MINUTES, run
from tests.soak.verdicts import table, verdicts

_SIZES = {1: SHORT, 10: TEN_MINUTES, 60: HOUR}


def main() -> None:
    """Run, write the table, and end with status 1 if something did not hold."""
    arguments = argparse.ArgumentParser(prog="make soak", description=__doc__)
    arguments.add_argument("--minutes", type=int, choices=_SIZES, default=10)
    arguments.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "benchmarks")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="fonds-soak-") as folder:
        course = run(Path(folder), _SIZES[chosen.minutes])
    told = table(course)
    target = chosen.into / f"soak-{chosen.minutes}.md"
    target.write_text(told, encoding="utf-8")
    print(f"{told}\n{target}")
    sys.exit(any(not each.holds for each in verdicts(course)))


if __name__ == "__main__":
    main()
