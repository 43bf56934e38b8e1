"""The bench of the search measures what it says: the same records every time, all of them found, facets counted right."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fonds.search.asking import read_question
from fonds.search.finding import Asked, SearchIndex
from tests.bench.searching import Archive, check, measure, rows


def test_the_same_records_come_every_time_and_more_begin_like_fewer() -> None:
    assert list(Archive().records(20)) == list(Archive().records(25))[:20]
    assert list(Archive(2).records(1)) != list(Archive().records(1))


@pytest.mark.thorough
def test_an_index_is_measured_and_counts_right(tmp_path: Path) -> None:
    measured = measure(tmp_path, 300, searches=30)
    assert measured.index_bytes > 0
    assert measured.text_bytes > 300 * 1_000
    assert {len(times) for times in measured.latencies.values()} == {30}
    assert measured.percentile("words", 0.5) <= measured.percentile("words", 0.95)
    (index_row,) = (each for each in rows(measured) if "beside the words" in each.work)
    assert index_row.ratio is not None
    assert index_row.ratio.median == pytest.approx(measured.index_bytes / measured.text_bytes)
    assert 0 < measured.values_bytes < measured.index_bytes
    index, archive = SearchIndex(tmp_path / "search"), Archive()
    check(index, archive, 300)
    assert index.find(Asked(read_question("-nothing"))).total == 300


@pytest.mark.thorough
def test_most_questions_find_something(tmp_path: Path) -> None:
    measure(tmp_path, 300, searches=1)
    index = SearchIndex(tmp_path / "search")
    questions = [each for each in Archive().questions(60, random.Random(1)) if each]
    assert sum(index.find(Asked(read_question(each))).total > 0 for each in questions) > len(questions) / 2
