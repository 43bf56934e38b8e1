"""Messages that nothing else asks for, in the whole words that people read."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fonds.cli import main
from fonds.errors import BuildError, FondsError, FormatError, QuerySyntaxError, SourceError
from fonds.formats import CSV, JSONLD
from fonds.release.presentation import words
from fonds.release.reconciling_dump import search_dumps
from fonds.settings import Settings
from fonds.shapes import catalogue
from fonds.sources.files import new_file
from fonds.sources.page import read_page
from fonds.store.queries import tokens
from fonds.turtle import TurtleWriter
from fonds.views.documents import written
from fonds.views.jsonld import read_context
from fonds.vocabulary import program_ontology
from fonds.workshop import Stored, Workshop, WorkshopDamagedError, decoded, packed, unpacked

CONTEXT = program_ontology() / "context.jsonld"
LINE = b"<urn:a> <urn:b> <urn:c> .\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["query", "ASK { ?s ?p ?o }", "--var", "name"], "--var name: expected NAME=VALUE"),
        (["register", "split", "person/a", "--into", "person/b", "--reason", "r"], "A thing is split into two or more: --into person/a"),
        (["reconcile", "elsewhere", "--dump", "a.nt", "--iri", "https://a.example/{{id}}"], "--property and --iri are for services."),
        (["reconcile", "accept", "person/a", "person/b", "--who", "w", "--ground", "g", "--source", "s"],
         "--source is for an IRI elsewhere."),
    ],
)  # fmt: skip
def test_a_command_line_that_cannot_be_says_what_it_takes(arguments: list[str], words: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_a_push_without_a_store_asks_which(tmp_path: Path) -> None:
    from fonds.release.dataset import build_dataset

    (tmp_path / "a.nt").write_bytes(LINE)
    build_dataset([tmp_path / "a.nt"], tmp_path / "releases", settings=Settings(), base="http://a.example/")
    done = CliRunner().invoke(main, ["push", str(tmp_path / "releases")])
    assert (done.exit_code, "Which store? --store URL, or store in fonds.toml." in done.output) == (2, True)


def test_shapes_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="the shapes cannot be used: "):
        catalogue._compile("<a> <b> ", tmp_path)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(FondsError, match="a: is there already; name a new file"), new_file(tmp_path / "a"):
        pass


def test_a_file_that_is_no_saved_page_says_what_it_is() -> None:
    with pytest.raises(SourceError, match="no saved page; expected plain text, HTML, MHTML or WARC"):
        read_page(b"%PDF-1.7\n", "a.pdf")


def test_a_page_of_the_publication_has_a_size_that_people_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_MOST_BYTES", 3)
    path = tmp_path / "about.md"
    path.write_text("long", encoding="utf-8")
    fault = words.read_source(path, "about", "en", is_preferred=True)
    assert str(fault).endswith("about.md: has 4 bytes; a page may have 3")


def test_more_entries_than_can_be_compared_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fonds.model import Reference
    from fonds.reconciliation.entries import Entry
    from fonds.reconciliation.names import read_name
    from fonds.release import reconciling_dump

    monkeypatch.setattr(reconciling_dump, "_MOST_SUBJECTS", 1)
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    (tmp_path / "a.nt").write_text(
        "".join(f'<urn:{n}> {label} "Anna Weiss" .\n' for n in range(3)), encoding="utf-8"
    )
    mine = Entry(Reference("person", "a"), (read_name("Anna Weiss"),), "Anna Weiss")
    with pytest.raises(
        FondsError, match="More than 1 entries have names like ours; ask for fewer things at once"
    ):
        list(search_dumps([tmp_path / "a.nt"], [mine]))


def test_a_query_with_quotation_marks_without_end_is_given_up() -> None:
    with pytest.raises(QuerySyntaxError, match="The query has many quotation marks without a second one"):
        list(tokens("SELECT " + '"a\n' * 2_000))


def test_a_graph_in_a_format_that_is_none_for_graphs_is_refused() -> None:
    context = read_context(CONTEXT)
    with pytest.raises(FormatError, match=r"CSV cannot carry a graph; Turtle, .* can"):
        written([LINE], CSV, TurtleWriter({}), context, first=None, named=False)
    triple = b"<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .\n"
    with pytest.raises(
        FormatError, match=r"JSON-LD 1.1 has no statements about statements; ask for N-Triples"
    ):
        written([triple], JSONLD, TurtleWriter({}), context, first=None, named=False)


def test_a_context_that_somebody_else_wrote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "context.jsonld"
    path.write_text('{"@context": {"a": {"@id": "urn:a"}}}', encoding="utf-8")
    with pytest.raises(FondsError, match="a is not a compact IRI with @type or @container; remake it by"):
        read_context(path)


def test_a_workshop_tells_what_is_damaged(tmp_path: Path) -> None:
    import msgspec

    with pytest.raises(WorkshopDamagedError, match=r"an entry is damaged \("):
        unpacked(b"no frame")
    with pytest.raises(WorkshopDamagedError, match=r"an entry is damaged \("):
        decoded(msgspec.json.Decoder(int).decode, b"{")
    workshop = Workshop(tmp_path / "w")
    number = workshop.put(Stored(b"key", packed(b"head")))
    with pytest.raises(WorkshopDamagedError, match="a part of an entry is missing"):
        workshop.frame(workshop.place(number, 0))
    workshop.close()


def test_a_worker_that_cannot_evaluate_a_query_says_so() -> None:
    from fonds.settings import Limits
    from fonds.store.pool import _error

    error = _error({"error": "evaluation", "message": "division by zero"}, Limits())
    assert isinstance(error, QuerySyntaxError)
    assert str(error) == "The query cannot be evaluated: division by zero"


def test_an_excerpt_of_what_is_no_xml_is_refused() -> None:
    from types import SimpleNamespace

    from fonds.texts import shortening

    blocks = SimpleNamespace(blocks=(), gaps=(), mentions=(), statements=(), notes=())
    record = SimpleNamespace(text=blocks, edition=b"<TEI>", origin=SimpleNamespace(path="a.xml"), notes=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shortening, "quotable", lambda _: {})
        with pytest.raises(SourceError, match=r"a\.xml:1:6: no excerpt can be made: "):
            shortening.shortened_edition(record)  # type: ignore[arg-type]


class SaidByAStore:
    """An answer of a store elsewhere."""

    def __init__(self, status: int, media_type: str, body: bytes) -> None:
        self.status, self.media_type, self._body = status, media_type, body

    def read(self, size: int = -1) -> bytes:
        read, self._body = self._body, b""
        return read

    beginning = read

    def close(self) -> None:
        pass


def test_a_store_elsewhere_that_answers_something_else_is_told() -> None:
    from typing import Any

    from fonds.errors import RemoteFailed
    from fonds.store.asking_remote import Answered
    from fonds.store.remote_client import RemoteClient
    from fonds.store.remote_place import Access

    truth: Any = SaidByAStore(200, "application/sparql-results+json", b'{"head":{},"boolean":true}')
    with pytest.raises(RemoteFailed, match="The store answered with a truth, where rows were asked for"):
        Answered(truth).solutions()
    refused: Any = SaidByAStore(400, "text/plain", b"No such graph")
    with pytest.raises(RemoteFailed, match=r"The store did not take what was sent \(400\): No such graph"):
        RemoteClient(Access("http://a.example/sparql", 1.0, 1000)).require_done(refused)


def test_an_index_of_letters_that_is_none_is_told(tmp_path: Path) -> None:
    from fonds.sources.cmif import CmifSource

    (reading,) = CmifSource(folder=tmp_path).parse(b"<letters/>", "data/letters.xml")
    assert "is no index: expected <TEI> with an xml:id, or a name to make a key from" in str(
        reading.faults[0]
    )


def test_a_folder_that_arrived_without_its_manifest_is_refused(tmp_path: Path) -> None:
    from fonds.errors import ReleaseError
    from fonds.release.receiving import receive

    (tmp_path / ".arrived").mkdir()
    with pytest.raises(ReleaseError, match=r"no release here \(no manifest\.json\); copy all of its folder"):
        receive(tmp_path / ".arrived", tmp_path / "releases")


def test_a_socket_that_does_not_listen_cannot_be_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from fonds.web import server

    with socket.socket() as idle:
        monkeypatch.setattr(server, "_INHERITED", idle.fileno())
        monkeypatch.setenv("LISTEN_FDS", "1")
        words = "not one socket of TCP that listens; a .socket unit has one line ListenStream=ADDRESS:PORT, and Accept=no"
        with pytest.raises(FondsError, match=words):
            server._handed_over()
