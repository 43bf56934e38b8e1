"""``fonds import capture`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fonds.cli import main

CAPTURES = Path(__file__).parents[1] / "captures"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["import", "capture", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fonds.toml").write_text('title = "Pages"\n')
    return tmp_path


def test_a_draft_is_written_and_what_is_to_decide_is_listed_with_its_line(folder: Path) -> None:
    result = run(CAPTURES / "nota.txt", "--into", folder)
    draft = folder / "data/documents/nota.xml"
    assert (result.exit_code, result.stdout) == (0, f"{draft}\n")
    assert result.stderr.startswith(f"{draft}:3: decide: the key nota stays for ever")
    assert CliRunner().invoke(main, ["check", str(folder)]).exit_code == 0


def test_stdout_shows_the_draft_and_writes_nothing(folder: Path) -> None:
    result = run(CAPTURES / "nota.txt", "--stdout", "--key", "other", "--into", folder)
    assert result.exit_code == 0
    assert result.stdout.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<TEI')
    assert 'xml:id="other"' in result.stdout
    assert [path.name for path in folder.iterdir()] == ["fonds.toml"]


def test_a_fault_is_one_line_and_exit_status_1(folder: Path) -> None:
    result = run(CAPTURES / "several.warc.gz", "--into", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--record 2  https://norland.example/telegrams/88" in result.stderr
    assert run(CAPTURES / "several.warc.gz", "--into", folder, "--record", "2").exit_code == 0


def test_a_record_of_0_is_a_wrong_command_line(folder: Path) -> None:
    assert run(CAPTURES / "several.warc.gz", "--into", folder, "--record", "0").exit_code == 2
