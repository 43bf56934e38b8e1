"""The tables say what was measured: spread over the rounds, each number to reach, and who is not there."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from fonds.release.folder import open_release
from tests.bench import building, comparing, virtuoso
from tests.bench.client import Played
from tests.bench.comparing import Plan, Servers, compare, join_of, slices, started
from tests.bench.data import BASE, write_data
from tests.bench.servers import FONDS, Server, load_oxigraph, needs_of_the_bench, timed
from tests.bench.table import HEAD, Row, Spread, once, spread_of
from tests.bench.targets import TARGETS, holding, table

OF_THE_WHOLE = {"build-minutes", "build-peak", "everything-growth"}
"""What only a series of 100,000 documents, and an answer of more than 50 MB, can tell."""


def _server(name: str) -> Server:
    return Server(name, 0, 1.0, "/query", subprocess.Popen(["true"]))


@pytest.fixture
def servers() -> Servers:
    found = Servers(_server("fonds"), _server("Oxigraph"), _server("Virtuoso"))
    for each in found.present:
        each.process.wait()
    return found


def _played(rate: float, faulty: int = 0) -> Played:
    return Played(100, faulty, 100 / rate, 1, [1.0, 2.0])


def test_a_ratio_is_of_what_was_measured_side_by_side() -> None:
    ratio = Spread((10.0, 30.0, 20.0)).over(Spread((10.0, 10.0, 40.0)))
    assert (ratio.low, ratio.median, ratio.high) == (0.5, 1.0, 3.0)
    assert str(ratio) == "1.00 (0.50–3.00)"
    with pytest.raises(ValueError, match="zip"):
        Spread((1.0,)).over(Spread((1.0, 2.0)))


def test_each_server_is_asked_in_each_round_and_none_is_always_first(servers: Servers) -> None:
    asked: list[tuple[str, int]] = []

    def play(server: Server, number: int) -> Played:
        asked.append((server.name, number))
        return _played({"fonds": 100.0 * (number + 1), "Oxigraph": 50, "Virtuoso": 25}[server.name])

    row = compare("work", servers, 3, play, "turtle-warm")
    names = ["fonds", "Oxigraph", "Virtuoso"]
    assert asked == [
        *((name, 0) for name in names),
        *((name, 1) for name in reversed(names)),
        *((name, 2) for name in names),
    ]
    assert row.ratio is not None
    assert row.virtuoso_ratio is not None
    assert row.ratio.values == pytest.approx((2, 4, 6))
    assert row.virtuoso_ratio.values == pytest.approx((4, 8, 12))
    assert str(row).count("|") == HEAD[0].count("|") == HEAD[1].count("|")


def test_wrong_answers_of_ours_end_the_bench_and_those_of_virtuoso_are_told(servers: Servers) -> None:
    def play(wrong: str) -> Row:
        return compare("work", servers, 2, lambda to, _: _played(10, faulty=int(to.name == wrong)))

    told = play("Virtuoso")
    assert told.virtuoso == "1 of 100 answers were not 200"
    assert told.virtuoso_ratio is None
    assert told.ratio is not None
    for name in ("fonds", "Oxigraph"):
        with pytest.raises(RuntimeError, match=f"work: of {name}, 1 of 100"):
            play(name)


def test_who_is_not_there_is_named(servers: Servers) -> None:
    without = Servers(servers.ours, servers.theirs, "not installed")
    row = compare("work", without, 1, lambda *_: _played(10))
    assert (row.virtuoso, row.virtuoso_ratio) == ("not installed", None)


@pytest.mark.parametrize("number", [5, 7, 4000])
def test_slices_have_each_request_once(number: int) -> None:
    requests = [str(each).encode() for each in range(number)]
    parts = slices(requests, 5)
    assert [each for part in parts for each in part] == requests
    assert min(map(len, parts)) > 0
    with pytest.raises(ValueError, match="too few"):
        slices(requests[:4], 5)


def test_each_number_to_reach_has_a_line() -> None:
    lines = table([], 0, 0).splitlines()[2:]
    assert [line.split(" | ")[0] for line in lines] == [f"| {each.work}" for each in TARGETS]
    assert all("elsewhere: " in line and ("`make " in line or "](#" in line) for line in lines)
    bounds = [each.reach for each in TARGETS]
    design = "3 × |0.5 × |2 × |1,000/s|0.8 × |20 ms|350 MiB|50 MB|limit + 1 s|3 × idle|1 s|150 MiB|300 documents|15 min|4 GiB|5 × "
    for number in design.split("|"):
        assert any(number in each for each in (*bounds, *(each.work for each in TARGETS))), number


def test_a_line_says_what_was_measured_and_whether_it_holds() -> None:
    rows = [
        Row("a", "", measure="turtle-warm", ratio=spread_of([2.5, 3.5, 4.0])),
        Row("b", "", measure="html-cold", value=spread_of([400, 500, 450])),
        Row("c", "", measure="start", value=once(0.4)),
        Row("d", "", measure="build-disk", ratio=once(28.0)),
    ]
    said = table(rows, 100_000, 1_000)
    assert "| entity as Turtle, warm | ≥ 3 × Oxigraph | 3.50 (2.50–4.00) | yes, not in each round |" in said
    assert "| entity as HTML, cold | ≥ 1,000/s | 450/s (400–500) | no |" in said
    assert "| 0.40 s, 100,000 triples | yes (here); `make bench SIZE=2M` |" in said
    assert "| 28.00, 1,000 documents | no (here); `make bench-series DOCUMENTS=100000` |" in said
    assert "| ≤ 1 s | 0.40 s | yes |" in table(rows, 1_999_000, 1_000)


@pytest.mark.parametrize(
    ("values", "least", "holds"),
    [
        ((1.0, 1.0), True, "yes"),
        ((0.9, 1.1, 1.2), True, "yes, not in each round"),
        ((0.8, 0.9, 1.1), True, "no, but in some rounds"),
        ((0.9,), True, "no"),
        ((0.9,), False, "yes"),
        ((1.1,), False, "no"),
    ],
)
def test_the_median_decides_whether_a_bound_holds(values: tuple[float, ...], least: bool, holds: str) -> None:
    assert holding(Spread(values), 1.0, least=least) == holds


@pytest.mark.thorough
@pytest.mark.skipif(bool(needs_of_the_bench()), reason=needs_of_the_bench())
def test_what_is_to_be_reached_is_what_is_measured(tmp_path: Path) -> None:
    """Every name in :data:`TARGETS` is one that the bench gives, on data so few that the numbers say nothing."""
    iris = write_data(tmp_path / "data.nt", 3_000)
    joins = [join_of(iri) for iri in iris if "/id/person/" in iri]
    random.Random(1).shuffle(iris)
    timed([*FONDS, "build", tmp_path / "data.nt", "--into", tmp_path / "releases", "--base", BASE])
    load_oxigraph(tmp_path / "oxigraph", [tmp_path / "data.nt"])
    beside: Path | str = comparing.NOT_INSTALLED
    if virtuoso.programs():
        beside = tmp_path / "virtuoso"
        virtuoso.load(beside, [tmp_path / "data.nt"])
    plan = Plan(rounds=2, seconds=0.05, starts=1, streams=2, cold=20, warm=5, joins=len(joins) // 2, groups=3)
    release = open_release(tmp_path / "releases").folder
    with started(release, tmp_path / "oxigraph", beside, plan.starts) as servers:
        rows = list(comparing.served(servers, plan, iris, joins))
    rows += building.rows(tmp_path / "series", 4, "short", 1)
    assert {each.measure for each in rows} - {""} == {each.measure for each in TARGETS} - {""} - OF_THE_WHOLE
    if virtuoso.programs():
        assert all("/s, p99" in each.virtuoso for each in rows if each.work.startswith("SPARQL"))
    else:
        assert {each.virtuoso for each in rows if each.ratio and "series" not in each.work} == {
            "not installed"
        }
