"""What a worker makes of an answer: frames, prefixes, and what XML cannot carry."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from fonds.store import worker
from fonds.store.worker import DECLARATION, FRAME, Unfit, declared_prefixes, fit_for_xml, for_xml
from fonds.turtle import TurtleWriter

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


def test_the_prefixes_of_a_query_are_taken_over_where_they_are_iris() -> None:
    text = 'PREFIX ex: <http://e/> prefix a-b:\n<urn:x:> PREFIX : <http://f/> PREFIX bad: <no iri> "PREFIX s: <a b>"'
    assert declared_prefixes(DECLARATION.findall(text)) == {
        "ex": "http://e/",
        "a-b": "urn:x:",
        "": "http://f/",
    }


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


class Pipe:
    """Takes what a worker sends."""

    def __init__(self) -> None:
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    hold = send_whole = sendall

    def text(self) -> bytes:
        """Return what the frames carry."""
        text, at = b"", 0
        while at < len(self.sent):
            kind, size = FRAME.unpack_from(self.sent, at)
            payload = self.sent[at + FRAME.size : at + FRAME.size + size]
            text += payload if kind == worker.CHUNK else payload[2:] if kind == worker.WHOLE else b""
            at += FRAME.size + size
        return text


def turtle_of(lines: bytes, cuts: list[int], prefixes: dict[str, str], most: int = 10**9) -> bytes:
    said = {"graph": True, "format": "text/turtle", "default_graphs": None, "named_graphs": None}
    limits = {"memory_bytes": 2**30, "coding": "", "result_bytes": 2**30, "result_rows": most}
    pipe = Pipe()
    frames = worker._TurtleFrames(pipe, worker._Options(said | limits), TurtleWriter(prefixes))
    for start, end in pairwise([0, *sorted(cuts), len(lines)]):
        frames.write(lines[start:end])
    frames.end(worker.SLIM)
    return pipe.text()


TRICKY = b"""\
<http://e/a> <http://e/p> <http://e/b.> .
<http://e/a> <http://e/p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
<http://e/a> <http://e/p> "x^^<http://e/y> .\\n"@en .
<http://e/a> <http://e/q> <<( <http://e/s> <http://e/p> "a b"@en--ltr )>> .
<http://e/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/K> .
_:b1 <http://e/p> "\xd1\x8f\xf0\x9f\x98\x80\\r" .
<http://e/> <urn:x:y> _:b1 .
"""


@pytest.mark.clause("RDF 1.2 Turtle")
@given(st.lists(st.integers(0, len(TRICKY)), max_size=8))
def test_turtle_says_what_the_engine_says_wherever_its_pieces_end(cuts: list[int]) -> None:
    prefixes = {"": "http://e/", "x": "http://no.example/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
    turtle = turtle_of(TRICKY, cuts, prefixes)
    assert canonical(turtle, RdfFormat.TURTLE) == canonical(TRICKY, RdfFormat.N_TRIPLES)
    assert turtle.count(b"@prefix") == 1
    assert b":a :p <http://e/b.>, 1, " in turtle


def canonical(text: bytes, format_: RdfFormat) -> set[str]:
    graph = Dataset(parse(text, format=format_))
    graph.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(each) for each in graph}


def test_long_turtle_declares_every_prefix_and_is_sent_as_it_comes() -> None:
    lines = b"".join(
        b'<http://e/s%d> <http://e/p> "%d" .\n' % (number % 7000, number) for number in range(20_000)
    )
    turtle = turtle_of(lines, list(range(0, len(lines), 8192)), {"e": "http://e/", "x": "http://x/"})
    assert turtle.startswith(b"@prefix e: <http://e/> .\n@prefix x: <http://x/> .\n\n")
    assert canonical(turtle, RdfFormat.TURTLE) == canonical(lines, RdfFormat.N_TRIPLES)


@pytest.mark.parametrize(("rows", "most"), [(3, 3), (4, 3), (20_000, 19_999)])
def test_triples_in_turtle_are_counted(rows: int, most: int) -> None:
    lines = b"".join(b'<http://e/s> <http://e/p> "%d" .\n' % number for number in range(rows))
    cuts = list(range(0, len(lines), 8192))
    if rows <= most:
        assert turtle_of(lines, cuts, {}, most).count(b'"') == 2 * rows
    else:
        with pytest.raises(worker.LimitPassed, match="result_rows"):
            turtle_of(lines, cuts, {}, most)


def test_the_thread_that_reads_queries_for_a_store_elsewhere_reaches_nobody() -> None:
    """Its worker has the network, which the engine that reads a query must not have."""
    with ThreadPoolExecutor(1, initializer=worker._refuse_sockets) as reader:
        refused = reader.submit(socket.socket).exception()
    assert isinstance(refused, PermissionError)
    socket.socket().close()
