"""Counts of what sources hold: of each record alone, put together in any order."""

from __future__ import annotations

import pickle
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.dates import parse_edtf
from fonds.model import (
    Authority,
    Certainty,
    Dated,
    Element,
    Elsewhere,
    Identifier,
    Life,
    Match,
    Mention,
    Named,
    Naming,
    Origin,
    Phrase,
    Record,
    Reference,
    Span,
    Text,
)
from fonds.release.counting import MOST_PLACES, Counts, Listed, counts_of, counts_of_authority
from fonds.settings import Collection, Settings
from fonds.sources.publication import Publication, read_publication

CORPORA = Path(__file__).parents[2] / "corpora"


def record(**said: object) -> Record:
    title = Phrase("A letter")
    values = {
        "key": "a",
        "title": title,
        "label": title,
        "text": Text(language=""),
        "fulltext": "full",
        **said,
    }
    return Record(**values)  # type: ignore[arg-type]


def mention(form: str, line: int = 1, **said: object) -> Mention:
    values = {"target": None, "marked": "persName", "origin": Origin("a.xml", line), **said}
    return Mention(name="m1", form=form, block="p1", span=Span(0, 1), **values)  # type: ignore[arg-type]


def together(*counted: Counts) -> Counts:
    total = Counts()
    for each in counted:
        total.add(each)
    return total


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """The small collections of ``tests/corpora``."""
    folder = tmp_path_factory.mktemp("corpora")
    shutil.copytree(CORPORA, folder / "data/documents")
    collections = (
        Collection(name="bridge", files=["data/documents/volumes/*.xml"], language="en"),
        Collection(name="weiss", files=["data/documents/letters/**/*.xml"], language="de"),
    )
    return read_publication(folder, Settings(collections=collections))


def test_the_small_collections_hold_what_a_person_counts_in_them(corpora: Publication) -> None:
    counts = together(
        *map(counts_of, corpora.records), *map(counts_of_authority, corpora.authorities.values())
    )
    assert (counts.records, counts.with_sender, counts.with_recipient) == (9, 3, 2)
    assert counts.gaps == {"redacted": 2, "illegible": 1}
    assert counts.pages == 2
    assert counts.dates == {"none": 4, "interval": 3, "day": 1, "words": 1}
    assert list(counts.dates_in_words) == ["undated"]
    assert counts.authorities["person"] == 5
    assert counts.elsewhere == {"gnd": 1, "geonames": 1, "wikipedia": 1}
    assert counts.lives == {"birth": 2, "death": 2, "time": 1}
    assert list(counts.unresolved["place"]) == ["Wien"]
    assert counts.outside == 5
    assert counts.lost == {"persName": 1, "rs": 1}
    assert counts.unresolved["persName"]["a stranger"].number == 1
    assert counts.pointers["#p_Z9"].places == (Origin("data/documents/volumes/volume-7.xml", 36),)


@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_in_whatever_order_and_parts_records_are_counted_the_sum_is_one(
    corpora: Publication, chance: random.Random, parts: int
) -> None:
    counted = [counts_of(each) for each in corpora.records]
    whole = together(*counted)
    chance.shuffle(counted)
    assert together(*(together(*counted[part::parts]) for part in range(parts))) == whole


def test_adding_changes_only_the_one_that_is_added_to() -> None:
    one, other = (counts_of(record(text=Text(language="", mentions=(mention("Jo", at),)))) for at in (1, 2))
    before = pickle.dumps(other)
    total = together(one, other)
    total.add(other)
    assert total.unresolved["persName"]["Jo"].number == 3
    assert pickle.dumps(other) == before


def test_counts_can_be_sent_and_stored(corpora: Publication) -> None:
    counts = together(*map(counts_of, corpora.records))
    assert pickle.loads(pickle.dumps(counts)) == counts
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(counts), type=Counts) == counts


def test_of_words_the_first_places_by_file_and_line_are_kept() -> None:
    lines = list(range(2 * MOST_PLACES))
    counted = [
        counts_of(record(text=Text(language="", mentions=(mention("Mrs  Holm\n", line),))))
        for line in reversed(lines)
    ]
    places = tuple(Origin("a.xml", line) for line in lines[:MOST_PLACES])
    assert together(*counted).unresolved == {"persName": {"Mrs Holm": Listed(len(lines), places)}}


def test_a_name_in_a_heading_is_not_listed_twice() -> None:
    told = record(
        text=Text(language="", mentions=(mention("Brno", marked="placeName"),)),
        written_at=Naming("Brno", "place"),
        authors=(Naming("Jo", "person"),),
        named=(Named(name="creator-1", kind="actor", label=Phrase("Somebody")),),
    )
    assert {marked: list(words) for marked, words in counts_of(told).unresolved.items()} == {
        "placeName": ["Brno"],
        "person": ["Jo"],
        "actor": ["Somebody"],
    }


def test_a_mention_is_resolved_open_or_lost_and_a_link_is_none_of_them() -> None:
    person = Reference("person", "jo")
    counts = counts_of(
        record(
            text=Text(
                language="",
                mentions=(
                    mention("Jo", target=person),
                    mention("J.", target=person, certainty=Certainty.LOW),
                    mention("Al"),
                    mention("Bo", pointer="#p9"),
                    mention("see below", marked="ref", pointer="#d2"),
                    mention("letter 3", marked="ref", target=Reference("record", "letter-3")),
                ),
            )
        )
    )
    assert (counts.resolved, counts.doubtful) == ({"person": 2}, 1)
    assert (counts.open, counts.lost) == ({"persName": 1}, {"persName": 1})
    assert counts.links == {"open": 1, "resolved": 1}
    assert list(counts.pointers) == ["#p9"]


@pytest.mark.parametrize(
    ("edtf", "kind", "doubtful"),
    [("1901-03-05", "day", 0), ("1901-03?", "month", 1), ("1901~", "year", 1), ("1901/1903", "interval", 0)],
)
def test_a_date_counts_by_how_exact_it_is(edtf: str, kind: str, doubtful: int) -> None:
    counts = counts_of(record(created=Dated(name="ts-doc", form=edtf, date=parse_edtf(edtf))))
    assert (counts.dates, counts.doubtful_dates) == ({kind: 1}, doubtful)


def test_a_date_in_words_of_a_table_is_listed_with_its_place() -> None:
    origin = Origin("data/records/a.xlsx", 7, "Letters")
    counts = counts_of(record(elements=(Element("date", Phrase("spring 1901")),), origin=origin))
    assert counts.dates == {"words": 1}
    assert counts.dates_in_words == {"spring 1901": Listed(1, (origin,))}


def test_an_identifier_whose_kind_was_inferred_is_listed() -> None:
    sure = Identifier(name="a", type="register-number", value="1", bearer="text")
    doubtful = Identifier(
        name="b", type="register-number", value="2", bearer="text", certainty=Certainty.MEDIUM
    )
    assert list(counts_of(record(identifiers=(sure, doubtful))).doubtful_identifiers) == ["2"]


def test_an_authority_counts_with_what_was_merged_into_it() -> None:
    def entry(**said: object) -> Authority:
        return Authority(reference=Reference("person", "jo"), labels=(Phrase("Jo"),), **said)  # type: ignore[arg-type]

    match: Callable[[str], Match] = lambda who: Match(  # noqa: E731
        iri=f"https://a.example/{who}", ground="", source="", checked="", accepted_by=who
    )
    other = entry(elsewhere=(Elsewhere("gnd", "1"),), life=(Life("birth", "1840"),), edition="volume-7")
    counts = counts_of_authority(
        entry(merged=(other,), matches=(match(""), match("M. K.")), identified=False)
    )
    assert (counts.authorities, counts.listed_in) == ({"person": 1}, {"tables": 1})
    assert (counts.elsewhere, counts.lives) == ({"gnd": 1}, {"birth": 1})
    assert counts.matches == {"candidate": 1, "accepted": 1}
    assert (counts.merged, counts.unidentified) == (1, 1)
