"""What a worker makes of an answer: frames, prefixes, and what XML cannot carry."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from fonds.store import worker
from fonds.store.worker import FRAME, Unfit, declared_prefixes, fit_for_xml, for_xml, with_tidy_prefixes

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
PREDICATES = st.sampled_from(
    [
        "http://e/p",
        "http://e/p/",
        "http://e/1",
        "http://e/a1",
        "http://e/#",
        "urn:x:é.2",
        "http://e/%41",
        "http://e/1a",
    ]
    + [
        f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}"
        for name in ("li", "_1", "type", "Description", "RDF", "ID")
    ]
    + ["http://www.w3.org/2000/xmlns/x", "http://e/a·", "http://e/·"]
)


@given(st.lists(st.tuples(PREDICATES, TEXTS), min_size=1, max_size=4))
def test_rdfxml_is_written_whole_and_unchanged_or_refused(pairs: list[tuple[str, str]]) -> None:
    triples = [ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode(p), ox.Literal(text)) for p, text in pairs]
    try:
        written = for_xml(ox.serialize(fit_for_xml(triples), format=ox.RdfFormat.RDF_XML) or b"")
    except Unfit:
        return
    graph = rdflib.Graph().parse(data=written, format="xml")
    found = {(str(predicate), str(value)) for _, predicate, value in graph}
    assert found == set(pairs)


@pytest.mark.parametrize(
    "predicate", ["http://e/p/", "http://e/1", "http://e/#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#li"]
)
def test_a_property_without_an_xml_name_is_named_in_the_refusal(predicate: str) -> None:
    triple = ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode(predicate), ox.Literal(""))
    with pytest.raises(Unfit, match=predicate):
        list(fit_for_xml([triple]))
    nested = ox.Triple(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p"), triple)
    with pytest.raises(Unfit, match=predicate):
        list(fit_for_xml([nested]))


@pytest.mark.clause("XML 1.0 2.2")
@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_xml_has_not_is_found_even_across_pieces(character: str) -> None:
    data = f"ab{character}cd".encode()
    for cut in range(len(data) + 1):
        with pytest.raises(Unfit, match=f"{ord(character):04X}"):
            for_xml_in_two(data, cut)


def for_xml_in_two(data: bytes, cut: int) -> bytes:
    return for_xml(data[:cut]) + for_xml(data[cut:], data[:cut][-2:])


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs"]), max_size=30))
def test_every_other_character_passes(text: str) -> None:
    assert for_xml(text.encode()) == text.encode()


def test_turtle_keeps_the_prefixes_that_occur_in_order() -> None:
    turtle = b'@prefix b: <http://b/> .\n@prefix a: <http://a/> .\n@prefix c: <http://c/> .\nb:x a:y "@prefix d:" .\n'
    assert (
        with_tidy_prefixes(turtle)
        == b'@prefix a: <http://a/> .\n@prefix b: <http://b/> .\nb:x a:y "@prefix d:" .\n'
    )
    assert with_tidy_prefixes(turtle, complete=False).count(b"\n") == 4
    assert with_tidy_prefixes(b"") == b""


def test_the_prefixes_of_a_query_are_taken_over_where_they_are_iris() -> None:
    text = 'PREFIX ex: <http://e/> prefix a-b:\n<urn:x:> PREFIX : <http://f/> PREFIX bad: <no iri> "PREFIX s: <a b>"'
    assert declared_prefixes(text) == {"ex": "http://e/", "a-b": "urn:x:", "": "http://f/"}


def test_a_worker_loads_the_engine_and_the_standard_library_only() -> None:
    script = f"import sys; sys.argv=['w']; import runpy; runpy.run_path({worker.__file__!r}, run_name='w'); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert not {"fonds", "msgspec", "asyncio", "pathlib"} & set(loaded.split())


def test_a_worker_ends_when_the_other_end_closes() -> None:
    ours, theirs = socket.socketpair()
    engine = Path(ox.__file__).parents[1]
    with tempfile.TemporaryFile() as number:
        number.truncate(worker.NUMBER.size)
        passed = [theirs.fileno(), number.fileno()]
        command = [sys.executable, "-I", "-S", worker.__file__, str(engine), *map(str, passed)]
        process = subprocess.Popen(command, pass_fds=passed)
    theirs.close()
    ours.close()
    assert process.wait(timeout=20) == 0


def test_the_filter_is_a_whole_number_of_instructions() -> None:
    assert len(b"".join(worker._filter(0xC000003E, (41, 59)))) % 8 == 0
    assert FRAME.size == 5
