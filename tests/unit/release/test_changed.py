"""When each graph of a release changed last, from release to release."""

from __future__ import annotations

import datetime
import re
import shutil

import pytest

from fonds.errors import ReleaseError
from fonds.mapping.description import Description, GraphKind
from fonds.release.changed import CHANGED, Changed
from fonds.release.folder import open_release
from fonds.release.keeping import latest

BASE = "https://a.example/"
RECORD, PERSON, TEXT = (f"{BASE}graph/{each}" for each in ("record/a", "authority/person/x", "record/a/text"))


def day(number: int) -> datetime.datetime:
    return datetime.datetime(2026, 1, number, 12, tzinfo=datetime.UTC)


def changed_of(release) -> Changed:
    return Changed.open(release.folder / CHANGED)


@pytest.fixture
def more(described, graph) -> Description:
    return Description(
        described[0].subject, (graph("record/c", GraphKind.RECORD, ("record/c", "title", "C")),)
    )


def test_in_the_first_release_everything_changed_when_it_was_issued(build, described):
    changed = changed_of(build(described, day=day(1)))
    assert {changed.of(each) for each in (RECORD, PERSON, TEXT)} == {day(1)}
    assert changed.latest() == day(1)


def test_a_graph_of_another_name_has_no_instant(build, described):
    changed = changed_of(build(described))
    names = [f"{BASE}graph/never/{number}" for number in range(200)]
    assert {changed.of(each) for each in (*names, "", "DEFAULT")} == {None}


def test_what_stays_the_same_keeps_its_instant_over_many_releases(build, described, more, graph):
    build(described, day=day(1))
    build([*described, more], day=day(2))
    third = changed_of(build([*described[1:], more], day=day(3)))
    assert third.of(PERSON) == day(1)
    assert third.of(f"{BASE}graph/record/c") == day(2)
    assert third.of(RECORD) is None


def test_that_a_graph_is_gone_is_a_change(build, described, more):
    build([*described, more], day=day(1))
    assert changed_of(build(described, day=day(2))).latest() == day(2)


def test_a_release_that_is_forced_and_the_same_is_as_old_as_before(build, described):
    build(described, day=day(1))
    changed = changed_of(build(described, day=day(2), force=True))
    assert (changed.of(RECORD), changed.latest()) == (day(1), day(1))


def test_what_comes_back_changed_when_it_came_back(build, described, more):
    build([*described, more], day=day(1))
    build(described, day=day(2))
    assert changed_of(build([*described, more], day=day(3))).of(f"{BASE}graph/record/c") == day(3)


def test_a_release_before_that_cannot_be_read_counts_as_none(build, described):
    first = build(described, day=day(1))
    shutil.rmtree(first.dumps)
    assert changed_of(build(described, day=day(2))).of(RECORD) == day(2)


def test_a_file_that_is_cut_or_of_another_kind_is_an_error(build, described, tmp_path):
    release = open_release(build(described).folder)
    whole = (release.folder / CHANGED).read_bytes()
    path = tmp_path / "copy"
    for wrong in (b"", whole[:-1], whole + b"x", b"X" + whole[1:]):
        path.write_bytes(wrong)
        with pytest.raises(ReleaseError, match="build the release again"):
            Changed.open(path)
    with pytest.raises(ReleaseError, match="build the release again"):
        Changed.open(tmp_path / "never")


@pytest.mark.parametrize(
    ("damage", "wrong"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(b""), r"0 bytes, expected \d+"),
        (
            lambda path: path.write_bytes(bytes(path.stat().st_size)),
            r"changed since the build \(SHA-256 differs\)",
        ),
    ],
)
def test_a_release_whose_history_is_damaged_is_told_and_the_one_before_is_gone_on_from(
    build, described, more, damage, wrong
):
    first, second = build(described, day=day(1)), build([*described, more], day=day(2))
    damage(second.folder / CHANGED)
    told = []
    found = latest(second.folder.parent, lambda what, _done, _of: told.append(what))
    assert found is not None
    assert found.folder == first.folder
    (line,) = told
    assert re.match(
        f"{re.escape(str(second.folder / CHANGED))}: {wrong}; fetch it again. What happened up to {second.folder.name} ",
        line,
    )
