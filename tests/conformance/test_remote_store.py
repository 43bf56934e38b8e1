"""A release in engines that are not ours: pushed, asked, served and replaced, on the Oxigraph server and on Virtuoso 7."""

from __future__ import annotations

import asyncio
import datetime
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode

from fonds.cli import main
from fonds.errors import FondsError, RemoteFailed, StoreUnavailable
from fonds.formats import NTRIPLES, TSV, Format
from fonds.release import claiming
from fonds.release.claiming import ClaimError
from fonds.release.folder import Release, content_of, graphs_of
from fonds.release.publication import build_publication
from fonds.release.pushing import PushError, Updates, _Push, push, writer_of
from fonds.store import Dataset, Store
from fonds.store.asking_remote import Answered, claims_under, read_state
from fonds.store.queries import form_of, own_queries
from fonds.store.remote_client import RemoteClient
from fonds.store.remote_place import Place
from fonds.web.server import open_remote_store, open_store, place_of
from tests import engines
from tests.conftest import BASE, serving
from tests.engines import Engine

REPOSITORY = Path(__file__).parents[2]
QUERIES = sorted(each.stem for each in (REPOSITORY / "queries").glob("*.rq"))
RICO = "https://www.ica.org/standards/RiC/ontology#"


@pytest.fixture(scope="module", params=["oxigraph", pytest.param("virtuoso", marks=pytest.mark.thorough)])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on an empty store."""
    run = {"oxigraph": engines.oxigraph, "virtuoso": engines.virtuoso}[request.param]
    with run(tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.fixture(scope="module")
def place(engine: Engine, release: Release) -> Place:
    """The engine's store with the release in it, as `fonds push` leaves it."""
    result = pushed(engine, release.folder)
    assert result.exit_code == 0, result.output
    assert "66 named graphs written" in result.output
    return place_in(engine, release)


def place_in(engine: Engine, release: Release) -> Place:
    found = place_of(release, engine.environment, address=engine.query, default_graph=engine.default_graph)
    assert found is not None
    return found


def pushed(engine: Engine, folder: Path, *options: str):
    return CliRunner(env=engine.environment).invoke(
        main,
        [
            "push", str(folder), "--store", engine.query, "--graphs", engine.graphs,
            *(["--default-graph", engine.default_graph] if engine.default_graph else []), *options,
        ],
    )  # fmt: skip


def answers(store: Store, *asked: tuple[str, Format, Dataset]) -> list[bytes]:
    async def whole() -> list[bytes]:
        found = []
        for text, format_, dataset in asked:
            answer = await store.query(text, format_, dataset=dataset)
            found.append(b"".join([chunk async for chunk in answer]))
        return found

    try:
        return asyncio.run(whole())
    finally:
        store.close()


def rows_of(answer: bytes, release: Release) -> list[bytes]:
    """Return the rows of an answer, in order, without those of graphs that are the engine's own, which Virtuoso has."""
    ours = {each.name for each in graphs_of(release)}
    head, *rows = answer.splitlines()
    if head.startswith(b"?graph\t"):
        foreign = (
            b"<http://www.openlinksw.com/",
            b"<http://www.w3.org/",
            b"<http://localuriqaserver/",
            b"<urn:activitystreams",
        )
        rows = [
            row for row in rows if row.split(b"\t")[0][1:-1].decode() in ours or not row.startswith(foreign)
        ]
    return [head, *sorted(rows)]


# ------------------------------------------------------------------------------------------------ the same answers


@pytest.fixture(scope="module")
def answered(place: Place, release: Release) -> dict[str, tuple[bytes, bytes]]:
    """What our own store and the other one answer to every stored query."""
    texts = [(REPOSITORY / "queries" / f"{name}.rq").read_text() for name in QUERIES]
    asked = [
        (text, NTRIPLES if form_of(text) in ("CONSTRUCT", "DESCRIBE") else TSV, Dataset()) for text in texts
    ]
    both = (answers(each, *asked) for each in (open_store(release), open_remote_store(release, place)))
    return dict(zip(QUERIES, zip(*both, strict=True), strict=True))


@pytest.mark.parametrize("name", QUERIES)
def test_a_stored_query_has_the_same_answer(
    name: str, answered: dict[str, tuple[bytes, bytes]], release: Release
) -> None:
    own, remote = (rows_of(each, release) for each in answered[name])
    assert remote == own
    assert len(own) > 1


def test_graphs_and_datasets_are_the_same(place: Place, engine: Engine, release: Release) -> None:
    record = next(each.name for each in graphs_of(release) if each.kind == "record")
    said = next(each.name for each in graphs_of(release) if not each.public)
    everything = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    asked = [
        (everything, NTRIPLES, Dataset()),
        ("CONSTRUCT WHERE { ?s ?p ?o }", NTRIPLES, Dataset()),
        (f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{said}> {{ ?s ?p ?o }} }}", NTRIPLES, Dataset()),
        (everything, NTRIPLES, Dataset((record,), ())),
        (f"CONSTRUCT {{ ?s ?p ?o }} FROM <{record}> WHERE {{ ?s ?p ?o }}", NTRIPLES, Dataset()),
        ("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", TSV, Dataset((), (said, record))),
    ]
    own = answers(open_store(release), *asked)
    if engine.name == "virtuoso":
        asked[-1] = (
            f"SELECT DISTINCT ?g {{ VALUES ?g {{ <{said}> <{record}> }} GRAPH ?g {{ ?s ?p ?o }} }}",
            TSV,
            Dataset(),
        )
    remote = answers(open_remote_store(release, place), *asked)
    for mine, theirs in zip(own, remote, strict=True):
        assert mine
        assert sorted(theirs.splitlines()) == sorted(mine.splitlines())


@pytest.mark.parametrize("name", sorted(own_queries().keys() - {"ready", "classes", "schemes"}))
def test_a_question_of_ours_finds_the_same(name: str, place: Place, release: Release) -> None:
    own, remote = open_store(release), open_remote_store(release, place)
    found = 0
    for bindings in bindings_of(name, own, release):
        expected, rows = (
            {row_of(each) for each in store.select(name, **bindings)} for store in (own, remote)
        )
        assert remote._is_lost is False
        assert rows == expected
        found += len(rows)
    assert found or name in ("given-up", "record-beside", "work-parts")
    own.close()
    remote.close()


_POINTED_TO = """PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> SELECT DISTINCT ?iri {
  GRAPH ?g { ?other crm:P89_falls_within|crm:P7_took_place_at|crm:P107i_is_current_or_former_member_of|crm:P9i_forms_part_of ?iri }
} ORDER BY ?iri LIMIT 20"""


_VALUES = """PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> SELECT DISTINCT ?value {
  ?it crm:P190_has_symbolic_content ?value ; a crm:E42_Identifier } ORDER BY ?value LIMIT 5"""
_WORKS = """PREFIX crm: <http://www.cidoc-crm.org/cidoc-crm/> SELECT DISTINCT ?work {
  GRAPH ?g { ?part crm:P106i_forms_part_of ?work } } ORDER BY ?work LIMIT 5"""


def row_of(row):
    """Return a row without the copy of the record that one form of `unit` names for labels, and the other for none."""
    return frozenset((name, term) for name, term in row.items() if name != "node")


def bindings_of(name: str, own: Store, release: Release) -> list[dict[str, NamedNode | Literal]]:
    engine = ox.Store.read_only(str(release.store))
    pointed_to, values, works = (
        [row[0] for row in engine.query(query)] for query in (_POINTED_TO, _VALUES, _WORKS)
    )
    assert pointed_to
    assert values
    things = {"things": NamedNode(f"{BASE}id/holding/")}
    units = [{"unit": row["unit"]} for row in own.select("units-filled", **things)]
    assert units
    given: dict[str, list] = {
        "around": [{"iri": each, "within": Literal("/statements")} for each in pointed_to],
        "given-up": [{"register": NamedNode(f"{BASE}graph/register"), "iri": NamedNode(f"{BASE}id/none")}],
        "identified": [{"value": each} for each in values],
        "work-parts": [{"work": each} for each in works],
        "members": [{"class": NamedNode("http://www.cidoc-crm.org/cidoc-crm/E53_Place")}],
        "scheme-terms": [{"scheme": row["scheme"]} for row in own.select("schemes")],
        "units": [things],
        "units-filled": [things],
        "record-beside": [
            {"record": row["record"]} for unit in units for row in own.select("unit-records-all", **unit)
        ],
    }
    return given.get(name, units)


# ------------------------------------------------------------------------------------------------ served


@contextmanager
def served(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    options = ["--default-graph", engine.default_graph] if engine.default_graph else []
    with serving(folder, "--store", engine.query, *options, base=BASE) as site:
        yield site


def test_a_server_answers_from_the_engine(
    place: Place, engine: Engine, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(engine, release.folder, monkeypatch) as site:
        count = quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        reply = site.get(f"/sparql?query={count}", "text/csv")
        counts = release.manifest.counts
        assert (reply.status, reply.text.split()) == (200, ["n", str(counts.public + counts.inferred)])
        for path in (
            "/",
            "/sparql",
            "/browse/holding",
            "/browse/person",
            "/browse/vocab",
            f"/sparql?query={count}",
        ):
            assert site.get(path, "text/html").status == 200, path
        ready = json.loads(site.get("/readyz").text)
        assert ready["ready"] is True
        bad = site.get(f"/sparql?query={quote('SELECT * { ?s ?p')}", "application/json")
        assert bad.status == 400
        assert json.loads(bad.text)["line"] == 1
        assert (
            site.get(f"/sparql?query={quote('SELECT * { SERVICE <http://127.0.0.1:1/> { } }')}").status == 403
        )
        # A record of every kind of page part that asks the store shows the same as from our own.
        with serving(release.folder, base=BASE) as own:
            for path in ("/browse/holding", "/browse/vocab", f"/doc/record/{_key()}", "/doc/place/cuba"):
                assert site.get(path, "text/html").text == own.get(path, "text/html").text, path


def _key() -> str:
    return next((REPOSITORY / "data" / "documents").glob("*.xml")).stem


# ------------------------------------------------------------------------------------------------ pushing


def test_a_second_push_writes_nothing(place: Place, engine: Engine, release: Release) -> None:
    result = pushed(engine, release.folder)
    assert result.exit_code == 0, result.output
    assert "0 named graphs written, 66 as they were, 0 removed; the default graph as it was" in result.output


def test_a_push_without_the_login_or_with_a_wrong_one_says_so_and_not_the_password(
    place: Place, engine: Engine, release: Release
) -> None:
    if not engine.environment:
        pytest.skip("the Oxigraph server has no logins")
    wrong = {**engine.environment, "FONDS_STORE_PASSWORD": "wrong-password"}
    for environment in ({"FONDS_STORE_USER": "", "FONDS_STORE_PASSWORD": ""}, wrong):
        result = CliRunner(env=environment).invoke(
            main, ["push", str(release.folder), "--store", engine.query, "--graphs", engine.graphs, "--fresh",
                   "--default-graph", engine.default_graph],
        )  # fmt: skip
        assert result.exit_code == 1
        assert "login" in result.output
        assert "wrong-password" not in result.output
    assert pushed(engine, release.folder).exit_code == 0


@pytest.fixture(scope="module")
def next_release(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release after that one, beside it: from the same sources, with more inference and another title."""
    source = tmp_path_factory.mktemp("changed") / "publication"
    names = shutil.ignore_patterns(".*", "build", "releases", "node_modules", "src", "tests", "docs")
    shutil.copytree(REPOSITORY, source, ignore=names)
    settings = (source / "fonds.toml").read_text()
    assert "inference =" not in settings
    settings = settings.replace('title = "', 'inference = "full"\ntitle = "Changed ', 1)
    (source / "fonds.toml").write_text(settings)
    into = tmp_path_factory.mktemp("both")
    shutil.copytree(release.folder, into / release.folder.name)
    return build_publication(source, into=into, base=BASE)


@pytest.mark.thorough
def test_no_server_ever_answers_from_half_a_release(
    place: Place, engine: Engine, release: Release, next_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What follows from the sources is in no digest, and yet another store.
    assert next_release.manifest.digest == release.manifest.digest
    assert content_of(next_release) != content_of(release)
    counts = release.manifest.counts
    expected = {
        "default": str(counts.public + counts.inferred),
        "named": str(sum(each.triples for each in graphs_of(release))),
    }
    graphs = " ".join(f"<{each.name}>" for each in graphs_of(release))
    queries = {
        "default": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "named": f"SELECT (COUNT(*) AS ?n) {{ VALUES ?g {{ {graphs} }} GRAPH ?g {{ ?s ?p ?o }} }}",
    }
    seen: list[tuple[str, int, str]] = []
    stop = threading.Event()
    with served(engine, release.folder, monkeypatch) as site:

        def watch() -> None:
            number = 0
            while not stop.is_set():
                for name, query in queries.items():
                    number += 1
                    # No answer from memory: each query is another one.
                    reply = site.get(f"/sparql?query={quote(f'{query} # {number}')}", "text/csv")
                    seen.append((name, reply.status, reply.text))

        watcher = threading.Thread(target=watch)
        watcher.start()
        begun = time.monotonic()
        while {name for name, status, _ in seen if status == 200} != queries.keys():
            assert time.monotonic() - begun < 60, seen[-5:]
            time.sleep(0.1)
        result = pushed(engine, next_release.folder)
        time.sleep(1.0)
        stop.set()
        watcher.join()
        assert result.exit_code == 0, result.output
        assert "66 as they were" not in result.output
        assert " 0 named graphs written" not in result.output
        good = {(name, text.split()[1]) for name, status, text in seen if status == 200}
        assert good == set(expected.items())
        assert {status for _, status, _ in seen} == {200, 503}
        # It goes on showing what it knows, and says why it answers no queries.
        assert site.get(f"/doc/record/{_key()}", "text/html").status == 200
        assert site.get("/browse/holding", "text/html").status == 200
        assert json.loads(site.get("/readyz").text)["ready"] is False
        problem = json.loads(site.get("/sparql?query=ASK%7B%7D", "application/json").text)
        assert "another release" in problem["detail"]
        with served(engine, next_release.folder, monkeypatch) as after:
            reply = after.get(f"/sparql?query={quote(queries['default'])}", "text/csv")
            new = next_release.manifest.counts
            assert reply.text.split()[1] == str(new.public + new.inferred)
        # And when its own release is there again, it answers without a restart.
        assert pushed(engine, release.folder).exit_code == 0
        time.sleep(2.1)
        reply = site.get(f"/sparql?query={quote(queries['default'] + ' # again')}", "text/csv")
        assert (reply.status, reply.text.split()[1]) == (200, expected["default"])


@pytest.mark.thorough
def test_a_push_that_was_stopped_leaves_no_release_and_is_run_again(
    place: Place, engine: Engine, release: Release
) -> None:
    client = RemoteClient(place.access)
    writer = writer_of(client, graphs=engine.graphs, update="")

    class Stopping:
        left = 20

        def replace(self, graph, pieces):
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            writer.replace(graph, pieces)

        def remove(self, graph):
            writer.remove(graph)

    with pytest.raises(KeyboardInterrupt):
        push(release, place, Stopping(), fresh=True, progress=lambda *_: None)
    store = open_remote_store(release, place)
    with pytest.raises(Exception, match="just getting another release"):
        answers(store, ("ASK { ?s ?p ?o }", TSV, Dataset()))
    done = push(release, place, writer, fresh=False, progress=lambda *_: None)
    assert done.written == 66
    answers(open_remote_store(release, place), ("ASK { ?s ?p ?o }", TSV, Dataset()))


@pytest.mark.thorough
@pytest.mark.parametrize("damage", ["missing", "surplus", "altered", "foreign"])
def test_what_is_not_as_it_should_be_is_found(
    place: Place, engine: Engine, release: Release, damage: str
) -> None:
    """Somebody else writes into the store: the counts, or the samples, or the names of graphs tell it."""
    writer = writer_of(RemoteClient(place.access), graphs=engine.graphs, update="")
    everything = {each.name: each for each in graphs_of(release)}
    sampled = _Push(release, place, writer, lambda *_: None)._samples(set(everything))
    small = everything[min(sampled, key=lambda each: everything[each].triples)]
    line = b"<urn:s> <urn:p> <urn:o> .\n"
    graph = {"foreign": f"{BASE}graph/foreign", "surplus": engine.default_graph}.get(damage, small.name)
    if damage == "surplus":
        # Beside the release's own triples.
        RemoteClient(place.access).send(
            "POST",
            engine.graphs + (f"?graph={quote(graph)}" if graph else "?default"),
            line,
            "text/turtle",
            seconds=30,
        ).close()
    else:
        number = small.triples - 1 if damage == "missing" else small.triples
        writer.replace(graph, [b"".join(b"<urn:s> <urn:p> <urn:o%d> .\n" % each for each in range(number))])
    if damage == "foreign":
        done = push(release, place, writer, fresh=False, progress=lambda *_: None)
        assert done.removed == 1
        return
    try:
        unwilling = Unwilling(place, writer)
        with pytest.raises(PushError) as raised:
            push(release, place, unwilling, fresh=damage == "altered", progress=lambda *_: None)
        with pytest.raises(StoreUnavailable):
            answers(open_remote_store(release, place), ("ASK { ?s ?p ?o }", TSV, Dataset()))
        assert ("triples" if damage != "altered" else small.name) in str(raised.value)
    finally:
        push(release, place, writer, fresh=True, progress=lambda *_: None)


class Unwilling:
    """Writes nothing but which release there is, like a store that says that it was done."""

    def __init__(self, place: Place, writer) -> None:
        self._place = place
        self._writer = writer

    def replace(self, graph, pieces):
        if graph.startswith(self._place.state):
            self._writer.replace(graph, pieces)

    def remove(self, graph):
        if graph.startswith(self._place.state):
            self._writer.remove(graph)


def claims_in(place: Place) -> list[str]:
    """Return the graphs in which pushes say that they are at work."""
    query = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{claims_under(place.state)}")) }}'
    return [
        row["g"].value
        for row in Answered(RemoteClient(place.access).ask(query, graph=False, seconds=30)).solutions()
    ]


@pytest.mark.thorough
def test_of_pushes_at_once_only_one_writes(
    place: Place, engine: Engine, release: Release, next_release: Release
) -> None:
    """Two releases are pushed at once, again and again: the store holds the one whose push succeeds, or none."""
    outcomes: list[int] = []
    for _ in range(4):
        start = threading.Barrier(2)
        said: dict[str, str] = {}

        def run(which: Release, start: threading.Barrier = start, said: dict[str, str] = said) -> None:
            there = place_in(engine, which)
            writer = writer_of(RemoteClient(there.access), graphs=engine.graphs, update="")
            start.wait()
            try:
                push(which, there, writer, fresh=True, progress=lambda *_: None)
                said[which.manifest.name] = ""
            except FondsError as error:
                said[which.manifest.name] = f"{type(error).__name__}: {error}"

        both = [threading.Thread(target=run, args=(each,)) for each in (release, next_release)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(said) == 2
        for each in (release, next_release):
            words = said[each.manifest.name]
            assert not words or words.startswith("ClaimError: Another push writes into this store"), words
        done = [each for each in (release, next_release) if not said[each.manifest.name]]
        outcomes.append(len(done))
        held, loading = read_state(RemoteClient(place.access), place, seconds=30)
        if done:
            assert (held, loading) == (content_of(done[0]), "")
        assert claims_in(place) == []
        for whole in done:
            assert "; 0 named graphs written" in pushed(engine, whole.folder).output
    assert set(outcomes) <= {0, 1}, outcomes
    assert pushed(engine, release.folder).exit_code == 0


@pytest.mark.thorough
def test_a_claim_that_was_left_behind_is_waited_for_or_taken_over(
    place: Place, engine: Engine, release: Release
) -> None:
    writer = writer_of(RemoteClient(place.access), graphs=engine.graphs, update="")
    left = f"{claims_under(place.state)}0123456789abcdef"

    def claim(ago: float) -> None:
        moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=ago)
        when = f'"{moment:%Y-%m-%dT%H:%M:%SZ}"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
        writer.replace(left, [f"<{left}> <http://purl.org/dc/terms/issued> {when} .\n".encode()])

    claim(ago=60)
    before = read_state(RemoteClient(place.access), place, seconds=30)
    refused = pushed(engine, release.folder, "--fresh")
    assert refused.exit_code == 1
    assert "ends in 14 minutes, or at once with --take-over" in refused.output
    assert read_state(RemoteClient(place.access), place, seconds=30) == before
    assert claims_in(place) == [left]
    # It is no graph of the release, for those who ask.
    count = (f"SELECT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g = <{left}>) }}", TSV, Dataset())
    (found,) = answers(open_remote_store(release, place), count)
    assert found.count(b"\n") == 1
    assert pushed(engine, release.folder, "--fresh", "--take-over").exit_code == 0
    claim(ago=claiming.STANDS_SECONDS + 1)
    assert pushed(engine, release.folder, "--fresh").exit_code == 0
    assert claims_in(place) == []


@pytest.mark.thorough
def test_a_push_that_was_taken_over_ends(
    place: Place, engine: Engine, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "RENEW_SECONDS", 0.0)
    writer = writer_of(RemoteClient(place.access), graphs=engine.graphs, update="")
    written: list[str] = []

    class TakenOver:
        def replace(self, graph, pieces):
            writer.replace(graph, pieces)
            written.append(graph)
            if len(written) == 10:
                for each in claims_in(place):
                    writer.remove(each)

        def remove(self, graph):
            writer.remove(graph)

    with pytest.raises(ClaimError, match="has taken the store over"):
        push(release, place, TakenOver(), fresh=True, progress=lambda *_: None)
    assert len(written) == 10
    assert read_state(RemoteClient(place.access), place, seconds=30) == ("", place.content)
    assert pushed(engine, release.folder).exit_code == 0


def test_a_release_is_written_by_updates_as_well(release: Release, tmp_path: Path) -> None:
    with engines.oxigraph(tmp_path) as engine:
        place = place_in(engine, release)
        client = RemoteClient(place.access)
        done = push(release, place, Updates(client, engine.update), fresh=False, progress=lambda *_: None)
        assert done.written == 66
        same = answers(
            open_remote_store(release, place), ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", TSV, Dataset())
        )
        assert same == answers(open_store(release), ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", TSV, Dataset()))


def test_whom_a_push_writes_to_has_to_be_said(release: Release) -> None:
    result = CliRunner().invoke(main, ["push", str(release.folder)])
    assert (result.exit_code, "--store URL" in result.output) == (2, True)
    result = CliRunner().invoke(main, ["push", str(release.folder), "--store", "http://127.0.0.1:9/"])
    assert (result.exit_code, "--graphs" in result.output) == (1, True)
    for wrong in ("http://me:secret@e.example/", "ftp://e.example/", "e.example"):
        result = CliRunner().invoke(main, ["push", str(release.folder), "--store", wrong])
        assert result.exit_code == 2
        assert "without a user" in result.output


# ------------------------------------------------------------------------------------------------ gone, and cut


@pytest.mark.thorough
def test_a_server_outlives_its_engine(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engines.oxigraph(tmp_path) as engine:
        port = int(engine.query.rpartition(":")[2].partition("/")[0])
        assert pushed(engine, release.folder).exit_code == 0
    asking = f"/sparql?query={quote('SELECT (COUNT(*) AS ?n) { ?s ?p ?o }')}"
    # It starts while the engine is away.
    with served(engine, release.folder, monkeypatch) as site:
        reply = site.get(asking, "application/json")
        assert reply.status == 503
        assert "cannot be reached" in json.loads(reply.text)["detail"]
        assert engine.query not in reply.text
        page = site.get(asking, "text/html")
        assert page.status == 503
        assert "COUNT" in page.text
        for path in (
            "/",
            "/browse/holding",
            "/browse/vocab",
            f"/doc/record/{_key()}",
            "/search?q=rice",
            "/dataset",
        ):
            assert site.get(path, "text/html").status == 200, path
        assert site.get("/readyz").status == 503
        with engines.oxigraph(tmp_path, port=port):
            assert site.get(asking, "text/csv").status == 200
            # The store is asked once a second at most.
            until = time.monotonic() + 5
            while site.get("/readyz").status != 200 and time.monotonic() < until:
                time.sleep(0.1)
            assert site.get("/readyz").status == 200


@pytest.mark.thorough
def test_what_virtuoso_cuts_is_told(release: Release, tmp_path: Path) -> None:
    """Rows are cut with a header that says so; graphs without a word, which a push finds."""
    with engines.virtuoso(tmp_path, most_rows=200) as engine:
        asked = [(f"SELECT * {{ ?s ?p ?o }} LIMIT {most}", TSV, Dataset()) for most in (150, 1000)]
        place = place_of(release, {}, address=engine.query)
        assert place is not None
        (found,) = answers(open_remote_store(release, place), asked[0])
        assert found.count(b"\n") == 151
        with pytest.raises(RemoteFailed, match="cut its answer after 200 rows"):
            answers(open_remote_store(release, place), asked[1])
        result = pushed(engine, release.folder)
        assert (result.exit_code, "it cuts its answers" in result.output) == (1, True)
