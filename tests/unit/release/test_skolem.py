"""Blank nodes become identifiers that follow from the content alone."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from fonds.release.skolem import BlankStatements, labels_in

GENID = re.compile(rb"<b:([0-9a-f]{32})>")


def skolemised(lines, scope=0) -> list[bytes]:
    statements = BlankStatements()
    for line in lines:
        statements.add(scope, line)
    return sorted(statements.skolemised("b:"))


def relabelled(lines, seed) -> list[bytes]:
    draw = random.Random(seed)
    labels = sorted({label for line in lines for label in labels_in(line)})
    names = dict(
        zip(
            labels, draw.sample([b"_:z%d" % n for n in range(10 * len(labels) + 1)], len(labels)), strict=True
        )
    )
    renamed = [re.sub(rb"_:\w+", lambda found: names.get(found[0], found[0]), line) for line in lines]
    draw.shuffle(renamed)
    return renamed


def canonical(lines) -> str:
    dataset = Dataset(parse(b"".join(lines), format=RdfFormat.N_QUADS))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(str(dataset).splitlines()))


def lines(text: str) -> list[bytes]:
    return [f"{line.strip()}\n".encode() for line in text.strip().splitlines()]


nodes = st.integers(0, 5).map(lambda number: f"_:n{number}")
edges = st.tuples(nodes, st.sampled_from(["<p:>", "<q:>"]), nodes | st.sampled_from(['"v"', "<o:>"]))


@settings(max_examples=200, deadline=None)
@given(st.lists(edges, min_size=1, max_size=9), st.integers(0, 10**6))
def test_labels_and_order_change_nothing(drawn, seed):
    given_lines = sorted({f"{s} {p} {o} .\n".encode() for s, p, o in drawn})
    assert skolemised(given_lines) == skolemised(relabelled(given_lines, seed))


@settings(max_examples=200, deadline=None)
@given(st.lists(edges, min_size=1, max_size=9))
def test_the_result_is_the_same_dataset_but_for_the_names(drawn):
    given_lines = sorted({f"{s} {p} {o} .\n".encode() for s, p, o in drawn})
    back = [GENID.sub(rb"_:\1", line) for line in skolemised(given_lines)]
    assert canonical(back) == canonical(given_lines)


@settings(max_examples=100, deadline=None)
@given(st.lists(edges, min_size=1, max_size=7), st.lists(edges, min_size=1, max_size=7))
def test_different_content_gets_different_identifiers(one, two):
    first, second = (sorted({f"{s} {p} {o} .\n".encode() for s, p, o in each}) for each in (one, two))
    assert (canonical(first) == canonical(second)) == (skolemised(first) == skolemised(second))


@pytest.mark.parametrize(
    "text",
    [
        "<a:> <p:> _:x .\n<b:> <p:> _:y .",
        "_:a <p:> _:b .\n_:b <p:> _:a .",
        "_:a <p:> _:b .\n_:b <p:> _:c .\n_:c <p:> _:a .\n_:d <p:> _:e .\n_:e <p:> _:f .\n_:f <p:> _:d .",
        "_:r <l:> _:a .\n_:r <r:> _:b .\n_:a <n:> _:c .\n_:b <n:> _:d .",
        '_:a <p:> "_:no" _:g .\n_:a <p:> "x" <g:> .',
        "<a:> <p:> <<( _:x <p:> _:y )>> .\n_:x <q:> _:y .",
        "_:a <p:> _:a .",
    ],
)
def test_shapes_that_are_easy_to_get_wrong(text):
    for seed in range(5):
        assert skolemised(lines(text)) == skolemised(relabelled(lines(text), seed))
    assert canonical([GENID.sub(rb"_:\1", line) for line in skolemised(lines(text))]) == canonical(
        lines(text)
    )


def test_a_change_in_one_group_leaves_the_others_as_they_are():
    group = '<a:> <p:> _:x .\n_:x <q:> "1" .'
    before = set(skolemised(lines(f'{group}\n<b:> <p:> _:y .\n_:y <q:> "2" .')))
    after = set(skolemised(lines(f'{group}\n<b:> <p:> _:y .\n_:y <q:> "3" .')))
    assert set(skolemised(lines(group))) <= before & after


def test_one_label_in_two_files_is_two_nodes():
    statements = BlankStatements()
    statements.add(0, b'_:a <p:> "1" .\n')
    statements.add(1, b'_:a <p:> "1" .\n')
    statements.add(1, b'_:a <p:> "2" .\n')
    assert len({GENID.search(line)[1] for line in statements.skolemised("b:")}) == 2
    same = BlankStatements()
    same.add(0, b'_:a <p:> "1" .\n')
    same.add(1, b'_:a <p:> "1" .\n')
    assert len(set(same.skolemised("b:"))) == 2


def _ring(size):
    return [f"_:n{i} <p:> _:n{(i + 1) % size} .\n".encode() for i in range(size)]


def _clique(size):
    return [f"_:n{i} <p:> _:n{j} .\n".encode() for i in range(size) for j in range(size) if i != j]


def _chain(size):
    return [f'_:n{i} <rest:> _:n{i + 1} .\n_:n{i} <first:> "v" .\n'.encode() for i in range(size)]


def _star(size):
    return [f"_:c <p:> _:n{i} .\n".encode() for i in range(size)]


@pytest.mark.parametrize("shape", [_ring, _clique, _chain, _star])
def test_no_shape_takes_longer_than_its_size_warrants(shape):
    given_lines = [
        line for pair in shape(40 if shape is _clique else 3000) for line in pair.splitlines(keepends=True)
    ]
    start = time.perf_counter()
    found = skolemised(given_lines)
    assert time.perf_counter() - start < 10
    assert len(set(found)) == len(set(given_lines))
    assert not any(labels_in(line) for line in found)


def test_labels_are_found_outside_words_and_iris_only():
    assert labels_in(b'<_:a> <p:> "_:b \\" _:c"@en .') == []
    assert labels_in(b'_:a1 <p:> "x"^^<_:t> _:g-2 .') == [b"_:a1", b"_:g-2"]
