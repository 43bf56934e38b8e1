"""The pages on how to do something are followed, each in a new publication, and come to what they say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from fonds.beginning import begin_publication
from fonds.sources.written_dates import read_date
from tests.following import Reader

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.glob("how-*.md"))

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed (Debian: apt-get install curl)"
)


@pytest.mark.thorough
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_followed_and_comes_to_what_it_says(page: Path, tmp_path: Path) -> None:
    begin_publication(tmp_path / "my-archive")
    reader = Reader(tmp_path / "my-archive")
    reader.follow(page.read_text(encoding="utf-8"))
    assert "check" in reader.done or "build" in reader.done


def test_there_is_a_page_for_each_question_that_archivists_have() -> None:
    names = {page.stem.removeprefix("how-") for page in PAGES}
    assert names >= {
        "shelfmarks", "dates", "gaps", "rights", "languages", "merging", "withdrawing", "hosting", "identifiers", "elsewhere",
    }  # fmt: skip


def test_dates_mean_what_the_page_on_dates_says() -> None:
    page = (DOCS / "how-dates.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \| (?:`(.*?)`)? *\|", page, re.M)
    assert len(rows) == 10
    for written, meant in rows:
        for each in re.findall(r"`(.*?)`", written):
            read = read_date(each)
            assert (read.edtf if read else "") == meant, each
