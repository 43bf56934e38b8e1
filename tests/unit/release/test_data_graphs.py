"""RDF of a publication: its graphs, their names, their blank nodes, and what is wrong with a file."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fonds.errors import BuildError
from fonds.release.data_graphs import DataGraphs, read_data_graphs
from fonds.release.publication import build_publication, check_publication

BASE = "https://a.example/"
Read = Callable[[Mapping[str, str | bytes]], DataGraphs]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write(files: Mapping[str, str | bytes]) -> DataGraphs:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_data_graphs(tmp_path, BASE)

    return write


TRIPLE = "<http://b.example/s> <http://b.example/p> <http://b.example/o> .\n"
QUAD = "<http://b.example/s> <http://b.example/p> <http://b.example/o> <http://b.example/g> .\n"
XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:b="http://b.example/">
<rdf:Description rdf:about="http://b.example/s"><b:p rdf:resource="http://b.example/o"/></rdf:Description></rdf:RDF>"""
JSON = '{"@id": "http://b.example/s", "http://b.example/p": {"@id": "http://b.example/o"}}'


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.ttl", TRIPLE), ("a.nt", TRIPLE), ("a.nq", TRIPLE), ("a.trig", TRIPLE), ("a.rdf", XML), ("a.jsonld", JSON),
     ("a.ttl.gz", gzip.compress(TRIPLE.encode(), mtime=0))],
)  # fmt: skip
def test_the_triples_of_a_file_stand_in_a_graph_called_after_it(
    read: Read, name: str, content: str | bytes
) -> None:
    found = read({f"data/graphs/{name}": content})
    assert found.faults == ()
    assert found.lines == {f"{BASE}graph/data/a": frozenset({TRIPLE.encode()})}
    assert found.paths == {f"{BASE}graph/data/a": (f"data/graphs/{name}",)}


def test_quads_keep_their_graphs_and_two_files_may_share_one(read: Read) -> None:
    other = QUAD.replace("/o>", "/o2>")
    found = read({"data/graphs/a.nq": QUAD, "data/graphs/more/b.nq": other + TRIPLE})
    assert {name: len(lines) for name, lines in found.lines.items()} == {
        "http://b.example/g": 2,
        f"{BASE}graph/data/more-b": 1,
    }
    assert found.paths["http://b.example/g"] == ("data/graphs/a.nq", "data/graphs/more/b.nq")


def test_a_blank_node_gets_an_identifier_by_its_content_and_its_file(read: Read) -> None:
    blank = "_:x <http://b.example/p> <http://b.example/o> .\n"
    found = read({"data/graphs/a.nt": blank, "data/graphs/b.nt": blank.replace("_:x", "_:y")})
    (first,), (second,) = (found.lines[f"{BASE}graph/data/{each}"] for each in "ab")
    assert first.startswith(f"<{BASE}.well-known/genid/".encode())
    assert first != second
    assert read({"data/graphs/a.nt": blank.replace("_:x", "_:z")}).lines == found.lines


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.ttl", "<a> <b", ":1:5: is no Turtle: "),
        ("a.rdf", "<rdf:RDF>", ":1:"),
        ("a.jsonld", '{\n"@context": "https://schema.org/", "name": "x"}', ":2: refers to a @context elsewhere, which is not fetched"),
        ("a.nt.gz", b"\x1f\x8bno", ": is no whole gzip file"),
        ("a.csv", "a,b\n", ": is no RDF by its ending; expected .nq"),
        ("a.nq", QUAD.replace("http://b.example/g", f"{BASE}graph/prov"),
         f": has statements in the graph <{BASE}graph/prov>, which is the publication's own"),
        ("ß.nt", TRIPLE, ": its name has no letter or digit to call a graph by"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told(read: Read, name: str, content: str | bytes, fault: str) -> None:
    (found,) = read({f"data/graphs/{name}": content, "data/graphs/good.nt": TRIPLE}).faults
    assert str(found).startswith(f"data/graphs/{name}{fault}")


def test_two_files_that_would_name_one_graph_are_both_named(read: Read) -> None:
    (found,) = read({"data/graphs/a.nt": TRIPLE, "data/graphs/a.ttl": TRIPLE}).faults
    assert str(found) == (
        "data/graphs/a.ttl: its graph would be graph/data/a, which is that of data/graphs/a.nt; rename one of them"
    )


def test_a_link_that_leads_out_is_not_followed(read: Read, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}.nt"
    outside.write_text(TRIPLE)
    (tmp_path / "data/graphs").mkdir(parents=True)
    (tmp_path / "data/graphs/link.nt").symlink_to(outside)
    found = read({})
    assert [str(each) for each in found.faults] == [
        "data/graphs/link.nt: leads out of the publication; put the file itself here"
    ]
    assert found.lines == {}


def test_a_build_tells_the_faults_of_rdf_and_of_tables_together(read: Read, tmp_path: Path) -> None:
    read({"fonds.toml": "", "data/graphs/a.nt": "no", "data/authorities/persons.csv": "key,label\nweiss,\n"})
    with pytest.raises(BuildError) as error:
        build_publication(tmp_path)
    assert [each.path for each in error.value.faults] == ["data/authorities/persons.csv", "data/graphs/a.nt"]


def test_the_shapes_advise_on_rdf_and_stop_nothing(read: Read, tmp_path: Path) -> None:
    crm = "http://www.cidoc-crm.org/cidoc-crm/"
    wrong = f"<http://b.example/s> a <{crm}E53_Place> ; <{crm}P14_carried_out_by> <http://b.example/o> ; <http://b.example/p> 1 .\n"
    read({"fonds.toml": "", "data/graphs/a.ttl": wrong})
    told = check_publication(tmp_path).told
    assert {(each.level, each.path, each.kind) for each in told} == {
        ("warning", "data/graphs/a.ttl", "DomainRange")
    }
    wrong = "http://b.example/s has the property P14"
    assert len([each for each in told if each.message.startswith(wrong)]) == 1
