"""When and where everything was, as it is kept in a release: nothing is lost, whatever the dates and places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import fonds.release.chronology
import fonds.release.gazetteer
from fonds.days import numbered
from fonds.descriptions import Chronology, Gazetteer, Lists
from fonds.descriptions.chronology import Dated, Span, bounds_of
from fonds.descriptions.gazetteer import ELSEWHERE, WORLD, Place, View
from fonds.release.chronology import write_chronology
from fonds.release.folder import Release
from tests.drawn import EVENTS, PLACES, RECORDS, WITHOUT, made_up


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return made_up(tmp_path_factory.mktemp("made-up"))


@pytest.fixture
def chronology(collection: Release) -> Iterator[Chronology]:
    opened = Chronology(collection.chronology)
    yield opened
    opened.close()


@pytest.fixture
def gazetteer(collection: Release) -> Iterator[Gazetteer]:
    opened = Gazetteer(collection.gazetteer)
    yield opened
    opened.close()


def every(chronology: Chronology) -> Iterator[tuple[int | None, Span, Dated]]:
    """Yield each thing with its span, and the year that both are kept in."""
    spans: list[tuple[int | None, Span]] = [(None, each) for each in chronology.whole.wider]
    for year in chronology.whole.years:
        own = chronology.spans(year.year)
        assert (year.records, year.events) == (
            sum(each.records for each in own),
            sum(each.events for each in own),
        )
        spans += [(year.year, each) for each in own]
    for place, span in spans:
        for thing in chronology.things(place, span.start, span.start + span.number):
            yield place, span, thing


def test_each_record_and_event_is_kept_once_with_its_own_bounds(chronology: Chronology) -> None:
    found = list(every(chronology))
    kinds = Counter(thing.kind for _, _, thing in found)
    assert (kinds["record"] + chronology.whole.undated[0], kinds["event"] + chronology.whole.undated[1]) == (
        RECORDS,
        EVENTS,
    )
    assert len({thing.iri for _, _, thing in found}) == len(found)
    for year, span, thing in found:
        assert bounds_of(thing.edtf) == (span.first, span.last)
        if year is not None and span.first is not None and span.last is not None:
            assert numbered(span.first)[0] == numbered(span.last)[0] == year


def test_open_and_distant_dates_are_kept_and_words_are_not_dates(chronology: Chronology) -> None:
    assert [each.year for each in chronology.whole.years][:1] == [-44]
    assert [each.year for each in chronology.whole.years][-1] == 170_000
    assert chronology.whole.undated == (2, 1)
    open_ends = {
        thing.edtf
        for year, span, thing in every(chronology)
        if None in (span.first, span.last) and year is None
    }
    assert open_ends == {"1962/..", "../1952"}


def test_records_stand_before_events_of_the_same_bounds_so_that_either_can_be_listed_alone(
    chronology: Chronology,
) -> None:
    for _, span, thing in every(chronology):
        records = (
            list(chronology.things(numbered(span.first)[0], span.start, span.start + span.records))
            if _
            else []
        )
        assert {each.kind for each in records} <= {"record"}, thing


def test_many_different_bounds_are_widened_and_still_hold_all(
    collection: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonds.release.chronology, "_MOST_WIDER", 3)
    lists = Lists(collection.lists)
    write_chronology(tmp_path / "chronology", lists, tmp_path)
    lists.close()
    widened = Chronology(tmp_path / "chronology")
    assert len(widened.whole.wider) == 3
    things = [(span, thing) for year, span, thing in every(widened) if year is None]
    assert {thing.edtf for _, thing in things} == {"1951/1953", "1955/1958", "1962/..", "../1952"}
    for span, thing in things:
        first, last = bounds_of(thing.edtf) or (None, None)
        assert (span.first is None) == (first is None)
        assert (span.last is None) == (last is None)
        assert span.first is None or first is None or span.first <= first
        assert span.last is None or last is None or span.last >= last
    widened.close()


def test_the_bytes_are_the_same_each_time(collection: Release, tmp_path: Path) -> None:
    lists = Lists(collection.lists)
    write_chronology(tmp_path / "again", lists, tmp_path)
    lists.close()
    assert (tmp_path / "again").read_bytes() == collection.chronology.read_bytes()


# ------------------------------------------------------------------------------------------------ places


def below(gazetteer: Gazetteer, view: View) -> Iterator[Place]:
    """Yield every place to which a map leads, by whatever way."""
    if view.listed:
        page = 1
        while found := gazetteer.places(view.name, page):
            yield from found
            page += 1
        return
    for mark in view.marks:
        if not mark.view:
            yield Place(mark.iri, mark.title, mark.language, mark.point, mark.whole, mark.documents)
            continue
        further = gazetteer.view(mark.view)
        assert further is not None
        assert further.above == view.name
        assert further.places == mark.places
        yield from below(gazetteer, further)


def test_every_place_with_coordinates_is_reached_once_and_no_map_has_too_many_marks(
    gazetteer: Gazetteer,
) -> None:
    world = gazetteer.view(WORLD)
    assert world is not None
    found = [each.iri for each in below(gazetteer, world)]
    assert len(found) == len(set(found)) == PLACES == world.places
    waiting = [world]
    while waiting:
        view = waiting.pop()
        assert len(view.marks) <= fonds.release.gazetteer.MOST_MARKS
        waiting += [further for mark in view.marks if mark.view and (further := gazetteer.view(mark.view))]


def test_the_world_shows_countries_and_what_lies_in_none_by_itself(gazetteer: Gazetteer) -> None:
    world = gazetteer.view(WORLD)
    assert world is not None
    assert {each.title: each.places for each in world.marks if each.view} == {"Fiji": 31, "Cuba": 101}
    fiji = next(each for each in world.marks if each.title == "Fiji")
    assert abs(fiji.point[0]) > 179
    assert [each.iri.rpartition("/")[2] for each in world.marks if not each.view] == ["pole", "alone"]


def test_many_places_at_one_spot_end_in_a_list(gazetteer: Gazetteer) -> None:
    view = gazetteer.view("in=cuba")
    while view is not None and not view.listed:
        most = max(view.marks, key=lambda each: each.places)
        view = gazetteer.view(most.view)
    assert view is not None
    assert (view.places, len(view.marks)) == (70, 1)
    assert view.marks[0].point == (-82.38, 23.13)
    assert len(gazetteer.places(view.name, 1)) == 70


def test_places_without_coordinates_are_listed(gazetteer: Gazetteer) -> None:
    assert gazetteer.unlocated == WITHOUT
    assert [each.title for each in gazetteer.places(ELSEWHERE, 1)] == [
        f"Nowhere {number}" for number in range(WITHOUT)
    ]
    assert gazetteer.places(ELSEWHERE, 2) == ()


def test_places_that_lie_in_each_other_end_no_build() -> None:
    wholes = {"a": ["b"], "b": ["c"], "c": ["a"]}
    assert fonds.release.gazetteer._outermost("a", wholes) == "c"
