"""Readers of what strangers write, fed for moments; ``make fuzz`` feeds them as long as anybody likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Site
from tests.fuzz.__main__ import within
from tests.fuzz.mutating import Mutations
from tests.fuzz.serving import serving_target
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.wire import send
from tests.unit.web.conftest import Ask

FOUND = Path(__file__).with_name("found")
SLOW_SECONDS = 20
NUMBER = 1964
by_name = pytest.mark.parametrize("target", TARGETS, ids=str)


def file_name(target: Target) -> str:
    return target.name.replace("/", "-").replace(" ", "-")


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_once_broke_a_reader_does_so_no_more(path: Path) -> None:
    (target,) = (each for each in TARGETS if path.name.rpartition("-")[0] == file_name(each))
    target.try_out(path.read_bytes())


@by_name
def test_good_inputs_and_a_few_hostile_ones_break_no_reader(target: Target) -> None:
    if target.slow:
        pytest.skip("reads all the program's templates each time; see the thorough form")
    for each in target.seeds():
        target.try_out(each)
    feed(target, 4)


@pytest.mark.thorough
@by_name
def test_hostile_inputs_break_no_reader(target: Target) -> None:
    feed(target, 10 if target.slow else 300)


def feed(target: Target, number: int) -> None:
    mutations = Mutations(target.seeds(), target.words, NUMBER)
    for _ in range(number):
        data = mutations.next()
        try:
            with within(SLOW_SECONDS):
                target.try_out(data)
        except Exception as error:
            raise AssertionError(f"{target} breaks at {data[:2000]!r}") from error


def test_a_few_hostile_requests_are_answered(ask_afresh: Ask) -> None:
    feed(serving_target(ask_afresh), 40)


@pytest.mark.thorough
def test_hostile_requests_are_answered(ask_afresh: Ask) -> None:
    feed(serving_target(ask_afresh), 3000)


def test_the_same_number_makes_the_same_inputs() -> None:
    one, other = (Mutations([b"a <b> c"], (b"<",), 7) for _ in range(2))
    assert [one.next() for _ in range(50)] == [other.next() for _ in range(50)]


def test_what_is_hardly_http_breaks_no_server(site: Site) -> None:
    send(site.url, NUMBER, 30)
    assert site.get("/healthz").status == 200


@pytest.mark.thorough
def test_much_that_is_hardly_http_breaks_no_server(site: Site) -> None:
    send(site.url, NUMBER, 2000)
    assert site.get("/healthz").status == 200
