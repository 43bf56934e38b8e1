"""Lines of graphs: sorting more than memory holds, and packing."""

from __future__ import annotations

import pickle
import random

import pytest

from fonds.lines import DEFAULT
from fonds.mapping.description import GraphKind
from fonds.release.fragments import Fragments, GraphSorter, LineSorter, pack_graph
from fonds.turtle import TurtleWriter
from fonds.vocabulary import PREFIXES


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


def _graph(size: int) -> list[bytes]:
    lines = [f'<http://a/{n % 97}> <http://a/p{n % 5}> "{n}" .\n'.encode() for n in range(size)]
    typed = b"<http://a/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://a/T> .\n"
    return sorted([*lines, typed])


@pytest.mark.parametrize("size", [1, 17, 10_000])
@pytest.mark.parametrize(("name", "public"), [("http://a/g", True), ("http://a/g", False), (DEFAULT, True)])
def test_a_graph_packed_elsewhere_is_the_same_as_one_that_was_streamed(tmp_path, size, name, public):
    lines = _graph(size)
    for folder in ("streamed", "taken"):
        (tmp_path / folder).mkdir()
    streamed, taken = Fragments(tmp_path / "streamed"), Fragments(tmp_path / "taken")
    one = streamed.add(name, GraphKind.DATA, iter(lines), public=public, digested=True)
    packed = pack_graph(
        name, GraphKind.DATA, lines, public=public, derived=False, writer=TurtleWriter(PREFIXES)
    )
    other = taken.take(pickle.loads(pickle.dumps(packed)))
    streamed.close()
    taken.close()
    assert one == other
    assert streamed.terms == taken.terms >= {b"<http://a/p0>", b"<http://a/T>"}
    for file in ("quads", "triples", "turtle"):
        assert (streamed.folder / file).read_bytes() == (taken.folder / file).read_bytes()
    suffix = b"" if name == DEFAULT else b" <http://a/g>"
    assert list(taken.lines(other)) == [line[:-3] + suffix + b" .\n" for line in lines]


def test_a_graph_without_triples_cannot_be_packed():
    with pytest.raises(ValueError, match="http://a/g has no triples"):
        pack_graph(
            "http://a/g", GraphKind.DATA, [], public=True, derived=False, writer=TurtleWriter(PREFIXES)
        )
