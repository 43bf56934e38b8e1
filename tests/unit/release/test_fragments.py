"""Lines of graphs: sorting more than memory holds."""

from __future__ import annotations

import random

import pytest

from fonds.lines import DEFAULT
from fonds.release.fragments import GraphSorter, LineSorter


@pytest.mark.parametrize("run_bytes", [50, 500, 10**9])
def test_lines_are_sorted_without_repeats_however_little_fits_into_memory(tmp_path, run_bytes):
    numbers = [random.Random(1).randrange(300) for _ in range(1000)]
    lines = [f"<http://a/{number}> .\n".encode() for number in numbers]
    sorter = LineSorter(tmp_path, run_bytes)
    for start in range(0, 1000, 7):
        sorter.extend(lines[start : start + 7])
    assert list(sorter) == sorted(set(lines))
    sorter.clear()
    assert list(tmp_path.iterdir()) == []


def test_graphs_come_one_after_the_other_each_sorted(tmp_path):
    sorter = GraphSorter(tmp_path, 40)
    sorter.add("http://b/", [b"<2> .\n", b"<1> .\n"])
    sorter.add(DEFAULT, [b"<9> .\n"])
    sorter.add("http://a/", [b"<3> .\n"])
    sorter.add("http://b/", [b"<0> .\n", b"<1> .\n"])
    assert [(name, list(lines)) for name, lines in sorter.graphs()] == [
        (DEFAULT, [b"<9> .\n"]),
        ("http://a/", [b"<3> .\n"]),
        ("http://b/", [b"<0> .\n", b"<1> .\n", b"<2> .\n"]),
    ]
