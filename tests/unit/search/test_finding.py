"""The index of a release finds what people look for, first what they mean."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonds.dates import parse_edtf
from fonds.errors import ReleaseError, SearchError
from fonds.model import Authority, Phrase, Reference
from fonds.search.asking import read_question
from fonds.search.entries import Entry, period_of
from fonds.search.finding import Asked, SearchIndex
from fonds.search.index import write_index

if TYPE_CHECKING:
    from fonds.release.folder import Release

_FIRST = "record/darusenkov-1964-375"


@pytest.fixture(scope="module")
def publication_index(release: Release) -> SearchIndex:
    return SearchIndex(release.search)


def _entry(
    key: str,
    title: str,
    *,
    written: str = "",
    mark: str = "",
    language: str = "en",
    mentioned: tuple[Reference, ...] = (),
) -> Entry:
    period = period_of(parse_edtf(written)) if written else None
    marks = (mark,) if mark else ()
    return Entry(
        key, Phrase(title, language), written=period, marks=marks, language=language, mentioned=mentioned
    )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """Seven records and three names."""
    mao, khrushchev, place = (
        Reference("person", "mao"),
        Reference("person", "nsk"),
        Reference("place", "havana"),
    )
    authorities = (
        Authority(
            reference=mao,
            labels=(Phrase("毛泽东", "zh"), Phrase("Mao Zedong", "en")),
            other_names=(Phrase("Mao Tse-tung"),),
        ),
        Authority(reference=khrushchev, labels=(Phrase("Хрущёв, Никита Сергеевич", "ru"),)),
        Authority(
            reference=place, labels=(Phrase("Havana", "en"),), other_names=(Phrase("La Habana", "es"),)
        ),
    )
    records = [
        (
            _entry("a", "Telegram on rice", written="1964-10", mark="RG 59, Box 9", mentioned=(mao,)),
            "Deliveries were resigned.",
        ),
        (
            _entry("b", "Letter", written="1964-10-27", mark="RG 59, Box 10", mentioned=(khrushchev, place)),
            "No rice.",
        ),
        (
            _entry("c", "Записка", written="1953/1955", language="ru", mark="ф. 5, оп. 9"),
            "Отставки министров. Микоян молчал.",
        ),
        (_entry("d", "Brief über Häuser", language="de"), "Die Häuser des Straßburger Münsters."),
        (_entry("e", "Undated note", mark="f. 5, op. 10"), "box 59 stands in rice here"),
        (_entry("f", "<script>alert(1)</script>", written="-0043-03-15"), "\u202eעברית شالوم"),
        (_entry("g", "北京日报", language="zh"), "毛泽东在北京"),
    ]
    folder = tmp_path_factory.mktemp("index") / "search"
    write_index(folder, records, {each.reference: each for each in authorities})
    return SearchIndex(folder)


def _keys(index: SearchIndex, typed: str, **asked: object) -> list[str]:
    hits = index.find(Asked(read_question(typed), **asked)).hits  # type: ignore[arg-type]
    return [each.path.partition("/")[2] for each in hits]


@pytest.mark.clause("USERS 7.1.1", "USERS 7.1.11")
@pytest.mark.parametrize(
    "typed",
    [
        "Darusenkov",
        "Дарусенков",
        "Daroussenkov",
        "Guevara resignation",
        "Guevara resigned",
        "f. 5 op. 49 d. 758",
        "ф. 5, оп. 49, д. 758",
        "F.5/49/758",
        "TsKhSD f. 5",
        "1964-10-16",
        "1964-10-27",
        "27 October 1964",
        "Хрущёв",
        "person:Guevara place:Cuba",
        "Guevra~",
    ],
)
def test_the_first_record_comes_first(publication_index: SearchIndex, typed: str) -> None:
    assert publication_index.find(Asked(read_question(typed))).hits[0].path == _FIRST


@pytest.mark.parametrize(
    "typed", ["f. 5 op. 50", "1964-10-28", "Guevara Eisenhower", "-Guevara", '"Guevara resignation"']
)
def test_what_does_not_fit_is_not_found(publication_index: SearchIndex, typed: str) -> None:
    assert publication_index.find(Asked(read_question(typed))).total == 0


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("resignation", {"a"}),
        ("отставка", {"c"}),
        ("Mikoyan", {"c"}),
        ("Haus", {"d"}),
        ("hauser", {"d"}),
        ("Strassburger", {"d"}),
        ("Mao Tse-tung", {"a"}),
        ("毛泽东", {"a", "g"}),
        ("北京", {"g"}),
        ("Khrushchev", {"b"}),
        ("Chruschtschow", {"b"}),
        ("habana", {"b"}),
        ("place:mao", set()),
        ("rice -telegram", {"b", "e"}),
        ("del*", {"a"}),
        ("עברית", {"f"}),
        ("script", {"f"}),
        ("date:1964-10", {"a", "b"}),
        ("1954", {"c"}),
        ("date:..0001", {"f"}),
    ],
)
def test_words_names_and_days(index: SearchIndex, typed: str, keys: set[str]) -> None:
    assert {*_keys(index, typed)} == keys


@pytest.mark.parametrize("fulltext", ["excerpt", "link"])
def test_words_that_are_not_published_are_not_found(publication: Path, tmp_path: Path, fulltext: str) -> None:
    from fonds.release.publication import build_publication

    shutil.copytree(publication / "data", tmp_path / "data")
    (tmp_path / "fonds.toml").write_text("", encoding="utf-8")
    rows = (tmp_path / "data/records.csv").read_text(encoding="utf-8")
    (tmp_path / "data/records.csv").write_text(rows.replace(",full\n", f",{fulltext}\n"), encoding="utf-8")
    opened = SearchIndex(build_publication(tmp_path).search)
    # In the last paragraph of the record; its title and names are published all the same.
    assert opened.find(Asked(read_question('"conducting themselves unacceptably"'))).total == 0
    assert opened.find(Asked(read_question("published here"))).total == 0
    assert opened.find(Asked(read_question("Guevara"))).total == 1


def test_a_shelfmark_comes_before_the_same_words(index: SearchIndex) -> None:
    assert _keys(index, "RG 59 Box 10")[0] == "b"
    assert _keys(index, "ф. 5 оп. 9") == ["c"]


def test_a_day_comes_before_a_month_that_holds_it(index: SearchIndex) -> None:
    assert _keys(index, "1964-10-27") == ["b", "a"]


def test_sorted_by_the_last_possible_day_undated_last(index: SearchIndex) -> None:
    everything = "-nothing"
    assert _keys(index, everything, sort="oldest")[:4] == ["f", "c", "b", "a"]
    assert _keys(index, everything, sort="newest")[:4] == ["a", "b", "c", "f"]


def test_sorted_by_shelfmark_those_without_last(index: SearchIndex) -> None:
    assert _keys(index, "rice", sort="shelfmark") == ["e", "a", "b"]


def test_a_period_without_words(index: SearchIndex) -> None:
    assert {*_keys(index, "", period=parse_edtf("1955/1964-10-01"))} == {"a", "c"}


def test_pages_hold_each_hit_once(index: SearchIndex) -> None:
    pages = [_keys(index, "-nothing", start=start, length=3) for start in (0, 3, 6)]
    assert sorted(key for page in pages for key in page) == list("abcdefg")


def test_the_nearest_names_are_offered(index: SearchIndex) -> None:
    assert index.nearest(read_question("Havanna"))[0].path == "place/havana"


@given(typed=st.text(max_size=120))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_can_be_asked(index: SearchIndex, typed: str) -> None:
    try:
        question = read_question(typed)
    except SearchError:
        return
    index.find(Asked(question))
    index.nearest(question)


def test_a_release_is_not_written_to(release: Release, publication_index: SearchIndex) -> None:
    publication_index.find(Asked(read_question("Guevara")))
    assert {f"search/{each.name}" for each in release.search.iterdir()} == {
        name for name in release.manifest.files if name.startswith("search/")
    }


def test_nothing_of_an_open_index_stays_elsewhere(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = SearchIndex(release.search)
    assert not [*tmp_path.iterdir()]
    found = opened.find(Asked(read_question("Guevara resignation"), sort="newest"))
    assert [each.path for each in found.hits] == [_FIRST]


def test_a_folder_without_an_index_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=str(tmp_path)):
        SearchIndex(tmp_path)
