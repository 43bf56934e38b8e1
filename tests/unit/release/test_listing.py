"""The lists of a release: each thing once, in the order of names, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fonds.descriptions import Descriptions, Lists
from fonds.descriptions.lists import Item
from fonds.identifiers import IriSpace
from fonds.ordering import natural
from fonds.release.folder import Release, graphs_of
from fonds.release.listing import write_lists


@pytest.fixture
def descriptions(release: Release) -> Iterator[Descriptions]:
    iris = IriSpace(release.manifest.base)
    found = Descriptions(release.descriptions, release.names, release.dataset, iris, graphs=0)
    yield found
    found.close()


def listed(path: Path, kind: str) -> list[list[Item]]:
    """Return the pages of a kind."""
    lists = Lists(path)
    pages, number = [], 1
    while page := lists.page(kind, number):
        pages.append(list(page))
        number += 1
    assert sum(map(len, pages)) == lists.kinds[kind].total
    lists.close()
    return pages


def test_every_thing_with_a_graph_of_its_own_is_listed_once_by_name(release: Release) -> None:
    graphs = [each.name.removeprefix(f"{release.manifest.base}graph/") for each in graphs_of(release)]
    wanted = sorted(each.rpartition("/")[2] for each in graphs if each.startswith("authority/person/"))
    (people,) = listed(release.lists, "person")
    assert sorted(each.iri.rpartition("/")[2] for each in people) == wanted
    assert [each.title for each in people] == sorted((each.title for each in people), key=natural)
    assert "Stalin" in [each.title for each in people]


def test_a_record_is_listed_with_its_title_and_its_day(release: Release) -> None:
    ((record,),) = listed(release.lists, "record")
    assert record.title.startswith("From the Diary of O. T. Darusenkov")
    assert (record.language, record.created) == ("en", "1964-10-27")
    assert Lists(release.lists).kinds["record"].newest == (record,)


def test_the_bytes_are_the_same_whatever_the_order_and_the_pages_go_on_where_the_last_one_ends(
    release: Release, descriptions: Descriptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fonds.release.listing.PAGE_LENGTH", 3)
    base = release.manifest.base
    graphs = [each.name for each in graphs_of(release) if each.kind in ("record", "authority")]
    things = [each.replace("/graph/authority/", "/id/").replace("/graph/", "/id/") for each in graphs]
    for name, subjects in (("one", things), ("other", things[::-1])):
        (tmp_path / f"{name}-scratch").mkdir()
        write_lists(tmp_path / name, subjects, descriptions, base, ["en"], tmp_path / f"{name}-scratch")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    pages = listed(tmp_path / "one", "person")
    assert [len(each) for each in pages[:-1]] == [3] * (len(pages) - 1)
    assert [each for page in pages for each in page] == [
        each for page in listed(release.lists, "person") for each in page
    ]


def test_a_thing_without_a_name_is_listed_by_its_identifier(tmp_path: Path) -> None:
    class Nothing:
        def names(self, iri: str) -> tuple[bytes, ...]:
            return ()

        def lines_of(self, iri: str) -> tuple[list[bytes], list[bytes]]:
            return [], []

    nothing: Any = Nothing()
    things = [f"https://a.example/id/record/{key}" for key in ("r10", "r9")]
    write_lists(tmp_path / "lists", things, nothing, "https://a.example/", ["en"], tmp_path)
    ((first, second),) = listed(tmp_path / "lists", "record")
    assert (first.title, second.title, first.created) == ("r9", "r10", "")


def test_events_and_records_stand_by_date_too_the_undated_last_with_years_to_jump_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = {"a": "1901-05", "b": "", "c": "1899~", "d": "-0044-03-15", "e": "1901-02-03"}

    class Dated:
        def names(self, iri: str) -> tuple[bytes, ...]:
            return (f'<{iri}> <http://www.w3.org/2000/01/rdf-schema#label> "É {iri[-1]}" .\n'.encode(),)

        def lines_of(self, iri: str) -> tuple[list[bytes], list[bytes]]:
            day = days[iri[-1]]
            line = f'<{iri}> <http://purl.org/dc/terms/created> "{day}" .\n'.encode()
            return [line] if day else [], []

    monkeypatch.setattr("fonds.release.listing.PAGE_LENGTH", 2)
    dated: Any = Dated()
    things = [f"https://a.example/id/record/{key}" for key in days]
    write_lists(tmp_path / "lists", things, dated, "https://a.example/", ["en"], tmp_path)
    lists = Lists(tmp_path / "lists")
    found = [item.iri[-1] for page in (1, 2, 3) for item in lists.page("record", page, by_date=True)]
    assert found == ["d", "c", "e", "a", "b"]
    extent = lists.kinds["record"]
    jumps = [(each.label, each.page, each.place, each.number) for each in extent.years]
    assert jumps == [("-44", 1, 0, 1), ("1899", 1, 1, 1), ("1901", 2, 0, 2), ("undated", 3, 0, 1)]
    assert [(each.label, each.number) for each in extent.letters] == [("E", 5)]
