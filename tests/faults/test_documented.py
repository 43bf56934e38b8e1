"""docs/faults.md says what holds, and which test shows it."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_every_line_on_faults_names_a_test_that_there_is() -> None:
    lines = (_ROOT / "docs/faults.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    named = {f"def test_{row[-1].replace(' ', '_')}(" for row in rows if row[-1] != "shown by"}
    assert len(named) > 15
    tests = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("faults", "conformance")
        for path in (_ROOT / "tests" / folder).glob("test_*.py")
    )
    assert not [each for each in named if each not in tests]
