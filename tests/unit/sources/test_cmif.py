"""Correspondence indexes: a record for each letter, nobody made the same as anybody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fonds.model import Certainty, Elsewhere, Phrase, Record, Reference
from fonds.sources.cmif import CmifSource

from .conftest import LETTER, Publish

Faults = Callable[..., list[str]]
PATH = "data/documents/index.xml"
INDEX = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letters">
  <teiHeader>
    <fileDesc>
      <titleStmt><title>Letters of the mill</title><editor>Ida Holm</editor></titleStmt>
      <publicationStmt><publisher>The archive</publisher><idno type="url">https://archive.example/index.xml</idno></publicationStmt>
      <sourceDesc><bibl type="print" xml:id="b1">Letters, ed. Holm, 1950.</bibl></sourceDesc>
    </fileDesc>
    <profileDesc>
      <correspDesc key="12" source="#b1">
        <correspAction type="sent">
          <persName ref="http://d-nb.info/gnd/118609807">Weiss, Anna</persName>
          <placeName ref="http://www.geonames.org/2">Brno</placeName>
          <date when="1901-03-05"/>
        </correspAction>
        <correspAction type="received">
          <persName>Holm</persName>
          <date notBefore="1901-03-06" notAfter="1901-03-09" cert="low"/>
        </correspAction>
        <note>Torn.</note>
      </correspDesc>
      <correspDesc ref="https://archive.example/letters/13" source="#b1">
        <correspAction type="sent"><persName ref="https://d-nb.info/gnd/118609807/">Anna Weiß</persName></correspAction>
        <correspAction type="received"><persName>Holm</persName></correspAction>
      </correspDesc>
      <correspDesc key="14">
        <correspAction type="received">
          <persName ref="http://www.correspsearch.net/unknown">Unknown</persName>
        </correspAction>
        <correspAction type="forwarded"><orgName ref="http://viaf.org/viaf/95158020">The post</orgName></correspAction>
      </correspDesc>
    </profileDesc>
  </teiHeader>
  <text><body><p/></body></text>
</TEI>
"""
FILES = {"data/documents/letter.xml": None, PATH: INDEX}


@pytest.fixture
def letters(publish: Publish) -> dict[str, Record]:
    found = publish(FILES)
    assert found.faults == ()
    return {each.key: each for each in found.records}


def test_each_letter_is_a_record_without_words(letters: dict[str, Record]) -> None:
    assert list(letters) == ["letters-12", "letters-13", "letters-14"]
    assert all(not each.text.blocks and not each.edition for each in letters.values())
    assert letters["letters-12"].title == Phrase("Letter of Weiss, Anna to Holm, 1901-03-05", "en")
    assert letters["letters-12"].types == ("letter",)
    assert [(each.type, each.value) for each in letters["letters-13"].identifiers] == [
        ("web-address", "https://archive.example/letters/13")
    ]
    assert [(each.type, each.value) for each in letters["letters-12"].identifiers] == [
        ("edition-number", "12")
    ]


def test_who_sent_it_and_who_received_it_where_and_when(letters: dict[str, Record]) -> None:
    sending, receiving = letters["letters-12"].documents
    weiss = Reference("person", "letters-d-nb-info-gnd-118609807")
    assert sending.types == ("sending",)
    assert [(each.actor, each.roles) for each in sending.participants] == [
        (weiss, ("sender",)),
        (Reference("record", "letters-12/recipient-1"), ("recipient",)),
    ]
    assert sending.where == Reference("place", "letters-geonames-org-2")
    assert sending.when is not None
    assert sending.when.date.edtf == "1901-03-05"
    assert receiving.types == ("receiving",)
    assert receiving.when is not None
    assert (receiving.when.date.edtf, receiving.when.certainty) == ("1901-03-06/1901-03-09", Certainty.LOW)
    assert letters["letters-12"].creators == (weiss,)
    assert letters["letters-12"].created is not None
    assert letters["letters-12"].created.name == "ts-doc"


def test_one_identifier_is_one_person_within_an_index_and_a_name_alone_is_nobody_in_particular(
    publish: Publish,
) -> None:
    found = publish(FILES)
    weiss = found.authorities[Reference("person", "letters-d-nb-info-gnd-118609807")]
    assert (weiss.label, [each.text for each in weiss.other_names]) == ("Weiss, Anna", ["Anna Weiß"])
    assert weiss.elsewhere == (Elsewhere("gnd", "118609807", "https://d-nb.info/gnd/118609807"),)
    assert weiss.matches == ()
    index = found.authorities[Reference("work", "letters")]
    address = "https://archive.example/index.xml"
    assert index.elsewhere == (Elsewhere("external-identifier", address, address),)
    named = {
        record.key: [each.label.text for each in record.named if each.kind == "person"]
        for record in found.records
    }
    assert named == {"letters-12": ["Holm"], "letters-13": ["Holm"], "letters-14": ["Unknown"]}


def test_what_cannot_be_an_identifier_elsewhere_is_told_and_left_out(publish: Publish) -> None:
    found = publish({**FILES, PATH: INDEX.replace("118609807", "118609808")})
    weiss = found.authorities[Reference("person", "letters-d-nb-info-gnd-118609808")]
    assert weiss.elsewhere == ()
    assert found.faults == ()
    wrong = "is no identifier of the GND: its check digit should be 7, not 8; it is left out"
    assert [str(each) for each in found.warnings] == [
        f"{PATH}:12: 'http://d-nb.info/gnd/118609808' {wrong}",
        f"{PATH}:23: 'https://d-nb.info/gnd/118609808/' {wrong}",
    ]


def test_two_indexes_with_one_identifier_are_not_guessed_to_name_one_person(publish: Publish) -> None:
    found = publish(
        {**FILES, "data/documents/other.xml": INDEX.replace('xml:id="letters"', 'xml:id="others"')}
    )
    assert found.faults == ()
    assert {each.key for each in found.authorities if each.kind == "person"} >= {
        "letters-d-nb-info-gnd-118609807",
        "others-d-nb-info-gnd-118609807",
    }


def test_an_identifier_that_somebody_accepted_is_the_thing_of_the_table(publish: Publish) -> None:
    matches = (
        "thing,iri,ground,source,checked,accepted_by\n"
        "person/weiss,https://d-nb.info/gnd/118609807,same dates,catalogue,2026-01-02,M. K.\n"
    )
    found = publish({**FILES, "data/authorities/matches.csv": matches})
    assert found.records[0].creators == (Reference("person", "weiss"),)
    assert found.records[1].creators == (Reference("person", "weiss"),)


def test_the_index_and_the_edition_refer_to_the_letter(publish: Publish) -> None:
    found = publish(FILES)
    index, edition = Reference("work", "letters"), Reference("work", "letters-b1")
    assert found.records[0].referred_to_by == (index, edition)
    assert found.records[2].referred_to_by == (index,)
    assert found.authorities[edition].label == "Letters, ed. Holm, 1950."
    assert [each.words.text for each in found.authorities[index].elements] == ["Ida Holm", "The archive"]


def test_other_actions_are_kept(letters: dict[str, Record]) -> None:
    assert [each.types for each in letters["letters-14"].documents] == [("sending",), ("forwarding",)]
    assert letters["letters-14"].title.text == "Letter to Unknown"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('key="14"', 'key="12"', "its letter would be called 'letters-12', as that in line 10 is; give one of them an xml:id"),
        ('key="14"', "", "has no xml:id, key or ref by which its letter could be called"),
        ('key="12" source="#b1"', 'key="12" source="#b2"', 'source="#b2" names no bibl of sourceDesc'),
        ('ref="http://d-nb.info/gnd/118609807"', 'ref="person:weis"', 'ref="person:weis" is in no table of data/authorities'),
        ('when="1901-03-05"', 'when="1901-02-30"', 'when="1901-02-30": \'1901-02-30\' is no day of the calendar'),
    ],
)  # fmt: skip
def test_a_fault_of_an_index_is_told_and_the_other_letters_are_read(
    publish: Publish, old: str, new: str, fault: str
) -> None:
    found = publish({**FILES, PATH: INDEX.replace(old, new)})
    assert any(each.path == PATH and each.line and each.message.startswith(fault) for each in found.faults), (
        found.faults
    )
    assert len(found.records) >= 2


def test_an_index_is_known_by_its_content(tmp_path: Path) -> None:
    reader = CmifSource(folder=tmp_path)

    def accepted(text: str, name: str = "a.xml") -> bool:
        (tmp_path / name).write_text(text)
        return reader.accepts(tmp_path / name)

    assert accepted(INDEX)
    assert accepted(INDEX.replace("<p/>", "<p><!-- no words --></p>"))
    assert accepted(INDEX.replace("<body><p/></body>", "<body/>"))
    assert not accepted(INDEX, "a.txt")
    assert not accepted(LETTER)
    assert not accepted(INDEX.replace("<p/>", "<p>Dear Holm!</p>"))
    assert not accepted(LETTER.replace("<profileDesc>", "<profileDesc><correspDesc/>"))
    assert not accepted("")


def test_the_examples_of_the_format_are_read(publish: Publish) -> None:
    folder = Path(__file__).parents[4] / "shared/corpora/tei-letters-small/cmif"
    if not folder.is_dir():
        pytest.skip("the shared corpora are not here")
    files = {f"data/documents/{each.name}": each.read_bytes() for each in folder.glob("*.xml")}
    found = publish({"data/documents/letter.xml": None, **files})
    assert found.faults == ()
    assert len(found.records) == 6
    assert all(len(each.referred_to_by) == 2 for each in found.records)
    assert sum(len(each.documents) for each in found.records) == 11
