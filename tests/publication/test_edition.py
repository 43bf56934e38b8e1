"""The edition of the first record against its capture: a second check, with a few lines of its own and none of the reader's."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest
from lxml import etree

from fonds.model import Record
from fonds.settings import read_settings
from fonds.sources.publication import Publication, read_publication

TEI = "{http://www.tei-c.org/ns/1.0}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
SHA256 = "d12677a194d3850ba94473fc8d417766360ad45b273d85794b277713d622adec"


@pytest.fixture(scope="module")
def edition(publication: Path) -> etree._ElementTree:
    return etree.parse(str(publication / "data/documents/darusenkov-1964-375.xml"))


@pytest.fixture(scope="module")
def read(publication: Path) -> Publication:
    return read_publication(publication, read_settings(publication))


@pytest.fixture(scope="module")
def record(read: Publication) -> Record:
    return read.records[0]


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def transcribed(edition: etree._ElementTree) -> list[str]:
    """What the edition says stands in the capture: strings of the header, furniture, and the blocks of the text, in order."""
    div = edition.find(f".//{TEI}body/{TEI}div")
    return [words(block) for block in div]


def furniture(edition: etree._ElementTree) -> list[str]:
    return [words(item) for item in edition.iterfind(f".//{TEI}list[@type='furniture']/{TEI}item")]


def header_strings(edition: etree._ElementTree) -> list[str]:
    header = edition.find(f"{TEI}teiHeader")
    return [
        words(each) for each in header.iter() if each.get("source") == "#capture" and each.tag != f"{TEI}list"
    ]


def test_the_capture_is_the_registered_one_byte_for_byte(publication: Path) -> None:
    folder = publication / "data/captures"
    with (folder / "register.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    source = (folder / row["file"]).read_bytes()
    assert hashlib.sha256(source).hexdigest() == row["sha256"] == SHA256
    assert len(source) == int(row["size_bytes"]) == 6525


def test_the_capture_is_the_seed(publication: Path) -> None:
    seed = publication.parent / "shared/seed/000_148c2797223ea6d0.txt"
    if not seed.exists():
        pytest.skip("the seed is not here (../shared/seed)")
    assert (publication / "data/captures/148c2797223ea6d0.txt").read_bytes() == seed.read_bytes()


def test_with_the_markup_removed_every_paragraph_is_a_line_of_the_capture(
    edition: etree._ElementTree, capture: str
) -> None:
    paragraphs = [words(p) for p in edition.iterfind(f".//{TEI}body//{TEI}p")]
    assert len(paragraphs) == 8
    start = lines(capture).index(paragraphs[0])
    assert paragraphs == lines(capture)[start : start + 8]


def test_edition_and_listed_furniture_are_the_whole_capture_and_nothing_else(
    edition: etree._ElementTree, capture: str
) -> None:
    """Take each piece away from the capture once, where its order is fixed in that order: nothing may be left."""
    rest = " ".join(capture.split())
    at = 0
    for block in transcribed(edition):
        place = rest.index(block, at)
        rest = rest[:place] + "\0" + rest[place + len(block) :]
        at = place
    at = 0
    for item in furniture(edition):
        place = rest.index(item, at)
        rest = rest[:place] + "\1" + rest[place + len(item) :]
        at = place
    for string in sorted(header_strings(edition), key=len, reverse=True):
        assert rest.count(string) == 1, string
        rest = rest.replace(string, "\2")
    assert re.fullmatch("[\0\1\2 ]+", rest), rest
    # The text is one piece of the capture: no furniture inside it.
    assert re.fullmatch("[\1\2 ]+[\0 ]+[\1\2 ]+", rest)


def test_typographic_evidence_is_kept(edition: etree._ElementTree) -> None:
    text = words(edition.find(f".//{TEI}body"))
    assert "29.12.64.“" in text  # the opening quotation mark closes the note
    assert "turned to China with a similar request the issue was decided" in text  # no punctuation there
    assert "Khrushchev’s" in text
    assert "'" not in text


def test_the_reader_finds_no_fault(read: Publication) -> None:
    assert read.faults == ()
    assert read.to_mint == ()


@pytest.mark.parametrize(
    ("name", "start", "end", "unit", "least", "most"),
    [
        ("g1", 1851, 1895, "word", None, None),
        ("g2", 4326, 4377, "line", None, None),
        ("g3", 4418, 4563, "line", 2, 3),
        ("g4", 6168, 6186, "word", 1, 1),
    ],
)
def test_the_four_lacunae_of_the_source_stand_where_they_stand(
    record: Record,
    capture: str,
    name: str,
    start: int,
    end: int,
    unit: str,
    least: int | None,
    most: int | None,
) -> None:
    gap = next(gap for gap in record.text.gaps if gap.name == name)
    assert gap.span is not None
    assert (gap.span.start, gap.span.end, gap.unit, gap.at_least, gap.at_most) == (
        start,
        end,
        unit,
        least,
        most,
    )
    assert capture[start:end] == gap.words
    assert gap.words[0] + gap.words[-1] == "[]"


def test_the_heading_lost_in_the_capture_is_a_fifth_without_words(record: Record, capture: str) -> None:
    gap = record.text.gaps[0]
    assert (gap.name, gap.cause, gap.words, gap.certainty) == ("g0", "capture", "", "medium")
    assert gap.ground
    assert gap.span is not None
    assert gap.span.start == gap.span.end
    assert capture[gap.span.start :].startswith("with Secretary of")


def test_every_block_mention_and_note_stands_where_its_position_says(record: Record, capture: str) -> None:
    for block in record.text.blocks:
        assert block.span is not None
        assert capture[block.span.start : block.span.end] == block.text
    assert len(record.text.mentions) == 102
    for mention in record.text.mentions:
        assert capture[mention.span.start : mention.span.end] == mention.form
    for note in record.text.notes:
        assert note.span is not None
        assert capture[note.span.start : note.span.end] == note.words


def test_mentions_are_numbered_in_the_order_of_the_text(edition: etree._ElementTree, record: Record) -> None:
    ids = [
        each.get(XML_ID)
        for each in edition.find(f".//{TEI}body").iter()
        if re.fullmatch(r"m\d+", each.get(XML_ID) or "")
    ]
    assert (
        ids
        == [f"m{number}" for number in range(1, 103)]
        == [mention.name for mention in record.text.mentions]
    )


def test_notes_are_who_wrote_what_where_and_when_and_no_more(record: Record) -> None:
    notes = {note.name: note for note in record.text.notes}
    assert set(notes) == {"stamp", "signature", "note-1", "note-2", "translator-note"}
    first, second = notes["note-1"], notes["note-2"]
    assert first.words.startswith("Note. The material is informative; briefed to the sector.")
    assert (first.place, str(first.hand)) == ("at the bottom of the first page", "person/kalinin-a")
    assert (second.words, second.place, second.hand) == (
        "Archive [1 word illegible]. 30.12.64",
        "to the left",
        None,
    )
    assert [
        note.when and (note.when.date.edtf, note.when.certainty, note.when.ground) for note in (first, second)
    ] == [
        ("1964-12-29", "medium", "century inferred"),
        ("1964-12-30", "medium", "century inferred"),
    ]
    assert notes["stamp"].words == "Declassified"
    assert notes["stamp"].when is None


def test_nothing_in_the_data_says_what_the_source_does_not(publication: Path) -> None:
    said = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (publication / "data").rglob("*")
        if path.suffix in (".csv", ".xml")
    )
    for word in ("Wilson", "Havana", "Che ", "Nikita", "Fidel", "RGANI", "owl:sameAs"):
        assert word not in said, word


def test_unidentified_ones_are_marked_and_never_matched(read: Publication) -> None:
    unidentified = {str(each.reference) for each in read.authorities.values() if not each.identified}
    assert unidentified == {
        "person/kalinin-a",
        "group/cc-cpsu-sector-unnamed",
        "group/chinese-side",
        "group/cuban-we",
    }
    assert not any(each.matches for each in read.authorities.values() if not each.identified)


def test_every_published_identity_has_source_and_day(read: Publication) -> None:
    accepted = [
        (str(each.reference), match)
        for each in read.authorities.values()
        for match in each.matches
        if match.accepted_by
    ]
    assert {(thing, match.iri.rpartition("/")[2]) for thing, match in accepted} == {
        ("person/guevara", "Q5809"),
        ("person/khrushchev", "Q35314"),
        ("person/castro-f", "Q11256"),
        ("place/ussr", "Q15180"),
        ("place/czechoslovakia", "Q33946"),
        ("event/caribbean-crisis", "Q128160"),
        ("language/ru", "300389168"),
        ("language/es", "300389311"),
        ("language/en", "300388277"),
    }
    assert all(match.source and match.checked for _, match in accepted)
