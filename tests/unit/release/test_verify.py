"""The second reader: rdflib reads every dump and must find what pyoxigraph finds."""

from __future__ import annotations

import gzip

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.verify import second_reading, verify

BASE = "https://a.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"


def rewrite(release, name, change):
    path = release.dumps / name
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))


def test_both_readers_agree_on_awkward_literals(build):
    subject, predicate = NamedNode(f"{BASE}id/record/a"), NamedNode("http://purl.org/dc/terms/title")
    values = [
        Literal('quote " backslash \\ line\n tab\t return\r é 😀 \u0001 \u2028'),
        Literal("", language="en-GB"),
        Literal("007", datatype=NamedNode(f"{XSD}integer")),
        Literal("1.50", datatype=NamedNode(f"{XSD}decimal")),
        Literal("not a date", datatype=NamedNode(f"{XSD}date")),
        Literal("<b>&amp;</b>", datatype=NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral")),
    ]
    triples = tuple(Triple(subject, predicate, value) for value in values)
    release = build(
        [Description(subject, (NamedGraph(NamedNode(f"{BASE}graph/record/a"), GraphKind.RECORD, triples),))]
    )
    assert verify(release, second_reader=True) == []


@pytest.mark.parametrize("name", ["public.nt.gz", "public.ttl.gz", "dataset.nq.gz"])
def test_dumps_that_differ_from_each_other_are_named(build, described, name):
    release = build(described)
    rewrite(release, name, lambda data: data.replace(b"Words of others", b"Other words"))
    assert second_reading(release)


def test_a_changed_graph_is_named_though_its_hashes_are_made_to_fit(build, described):
    release = build(described)
    rewrite(release, "dataset.nq.gz", lambda data: data.replace(b"Words of others", b"Other words"))
    assert any(f"the graph {BASE}graph/record/a/text is not the one" in each for each in verify(release))


def test_a_graph_that_is_gone_is_named(build, described):
    release = build(described)
    rewrite(
        release,
        "dataset.nq.gz",
        lambda data: b"".join(
            line for line in data.splitlines(keepends=True) if b"/graph/said/a>" not in line
        ),
    )
    assert f"dumps/dataset.nq.gz: the graph {BASE}graph/said/a is missing" in verify(release)
