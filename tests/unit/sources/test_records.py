"""Tables of records: what a row becomes, and what each fault in it is told as."""

from __future__ import annotations

import csv
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.model import Element, Identifier, Origin, Phrase, Record, Reference
from fonds.sources.plain_text import paragraphs
from fonds.sources.publication import Publication
from fonds.sources.records import TableSource

from .conftest import Publish

TABLE = "data/records/mill.csv"
Faults = Callable[..., list[str]]
NO_LETTER = {"data/documents/letter.xml": None}


@pytest.fixture
def read(publish: Publish) -> Callable[..., Publication]:
    """Return a function that reads a publication with one table of records and no document."""
    return lambda table, **files: publish({**NO_LETTER, TABLE: table, **files})


def only(publication: Publication) -> Record:
    assert publication.faults == ()
    (record,) = publication.records
    return record


def test_a_row_is_a_record_with_the_elements_of_isadg(read: Callable[..., Publication]) -> None:
    record = only(
        read(
            "key,Reference code,Title,Date(s),Name of creator(s),scopeAndContent,3.1.5,accessConditions,Note,language\n"
            "a,F. 1/2,A letter,5 March 1901,person/weiss,She writes.,1 leaf,Open,Torn. | Stained.,German | fre\n"
        )
    )
    assert (record.key, record.title) == ("a", Phrase("A letter"))
    assert record.identifiers == (
        Identifier(name="reference-code", type="reference-code", value="F. 1/2", bearer="text"),
    )
    assert record.created is not None
    assert (record.created.date.edtf, record.created.form) == ("1901-03-05", "5 March 1901")
    assert record.creators == (Reference("person", "weiss"),)
    assert record.elements == (
        Element("scope-and-content", Phrase("She writes.")),
        Element("extent-and-medium", Phrase("1 leaf")),
        Element("conditions-of-access", Phrase("Open")),
        Element("note", Phrase("Torn.")),
        Element("note", Phrase("Stained.")),
    )
    assert [(each.language, each.role, each.held) for each in record.versions] == [
        ("de", "original", False),
        ("fr", "original", False),
    ]
    assert record.origin == Origin(TABLE, 2)


def test_words_in_a_language_are_tagged_by_their_column_or_by_the_row(
    read: Callable[..., Publication],
) -> None:
    record = only(read("key,title_de,note,note_ru,culture\na,Ein Brief,Schön,Письмо,de\n"))
    assert record.title == Phrase("Ein Brief", "de")
    assert record.elements == (
        Element("note", Phrase("Schön", "de")),
        Element("note", Phrase("Письмо", "ru")),
    )


def test_a_title_in_another_language_stands_beside_the_first(read: Callable[..., Publication]) -> None:
    record = only(read("key,title_de,title_en\na,Ein Brief,A letter\n"))
    assert record.title == Phrase("Ein Brief", "de")
    assert record.elements == (Element("title", Phrase("A letter", "en")),)


def test_a_language_that_nobody_knows_is_told_and_tags_nothing(read: Callable[..., Publication]) -> None:
    found = read("key,title,language,culture\na,A,Klingonese,x y\n")
    record = only(found)
    assert record.title == Phrase("A")
    assert record.elements == (Element("language", Phrase("Klingonese")),)
    assert len(found.warnings) == 2


def test_who_keeps_a_unit_keeps_what_is_in_it(read: Callable[..., Publication]) -> None:
    files = {
        "data/authorities/groups.csv": "key,label\narchive,Archive\n",
        "data/authorities/holdings.csv": "key,label,code,level,keeper\nf,F,F,fonds,group/archive\n",
    }
    record = only(read("key,title,holding\na,A,f\n", **files))
    assert (record.holding, record.keeper) == (Reference("holding", "f"), Reference("group", "archive"))


def test_the_key_is_made_of_the_reference_code_where_there_is_none(read: Callable[..., Publication]) -> None:
    assert only(read("referenceCode,title\nF. 1/2,A letter\n")).key == "f-1-2"


def test_a_level_decides_between_a_record_and_a_unit_that_holds_records(
    read: Callable[..., Publication],
) -> None:
    table = (
        "key,identifier,title,level,parent,repository,archivalHistory,date\n"
        "mill,F. 1,The mill,Fonds,,group/archive,Came in 1950.,1890-1910\n"
        "letters,1,Letters,Series,mill,,,\n"
        "a,1,A letter,item,letters,,,\n"
        "b,2,A letter without a level,,letters,,,\n"
    )
    found = read(table, **{"data/authorities/groups.csv": "key,label\narchive,Archive\n"})
    assert found.faults == ()
    fonds, series = (found.authorities[Reference("holding", key)] for key in ("mill", "letters"))
    archive = Reference("group", "archive")
    assert (fonds.level, fonds.code, fonds.keeper, fonds.broader) == ("fonds", "F. 1", archive, None)
    assert fonds.elements == (Element("archival-history", Phrase("Came in 1950.")),)
    assert fonds.created is not None
    assert fonds.created.date.edtf == "1890/1910"
    # ISAD(G) 2.4: what is said of a unit is not repeated for its parts.
    assert (series.level, series.keeper, series.broader) == ("series", archive, fonds.reference)
    assert [(each.key, each.holding, each.keeper) for each in found.records] == [
        ("a", series.reference, archive),
        ("b", series.reference, archive),
    ]
    assert set(found.to_mint) >= {fonds.reference, series.reference, Reference("record", "a")}


def test_a_parent_is_named_by_its_number_within_the_table_too(read: Callable[..., Publication]) -> None:
    found = read("legacyId,parentId,identifier,title,levelOfDescription\n7,,F1,F,Fonds\n8,7,F1-1,A,Item\n")
    assert found.faults == ()
    assert found.records[0].holding == Reference("holding", "f1")


def test_a_name_in_words_identifies_nobody_and_the_key_that_may_be_meant_is_told(
    read: Callable[..., Publication],
) -> None:
    found = read("key,title,creator\na,A,Anna Weiss | Somebody\nb,B,Anna Weiss\n")
    assert found.faults == ()
    first, second = found.records
    assert [(each.name, each.kind, each.label.text) for each in first.named] == [
        ("creator-1", "actor", "Anna Weiss"),
        ("creator-2", "actor", "Somebody"),
    ]
    assert first.creators == (Reference("record", "a/creator-1"), Reference("record", "a/creator-2"))
    assert second.creators == (Reference("record", "b/creator-1"),)
    assert [str(each) for each in found.warnings] == [
        f"{TABLE}:{line}: name-of-creator: 'Anna Weiss' is what person/weiss is called; write person/weiss if that is meant"
        for line in (2, 3)
    ]


def test_a_date_that_cannot_be_read_is_kept_as_words_and_told(read: Callable[..., Publication]) -> None:
    found = read("key,title,date\na,A,spring 1901\n")
    record = only(found)
    assert record.created is None
    assert record.elements == (Element("date", Phrase("spring 1901")),)
    assert [str(each) for each in found.warnings] == [
        f"{TABLE}:2: date: 'spring 1901' cannot be read as a date and is kept as words; "
        "write EDTF, such as 1901-03-05 or 1901~"
    ]


def test_of_several_dates_that_of_the_creation_counts(read: Callable[..., Publication]) -> None:
    record = only(
        read(
            "key,title,eventTypes,eventDates,eventStartDates,eventEndDates\n"
            "a,A,Accumulation | Creation,1950 | early,|1901-03-01,|1901-04-30\n"
        )
    )
    assert record.created is not None
    assert (record.created.date.edtf, record.created.form) == ("1901-03-01/1901-04-30", "early")
    assert record.elements == (Element("date", Phrase("Accumulation: 1950")),)


def test_whoever_had_a_part_in_another_event_is_no_creator(read: Callable[..., Publication]) -> None:
    record = only(
        read(
            "key,title,eventTypes,eventActors,eventDates\n"
            "a,A,Accumulation | Creation | Creation,The mill | Jakob | NULL,NULL | 1901 | NULL\n"
        )
    )
    assert [each.label.text for each in record.named] == ["Jakob"]
    assert record.elements == (Element("note", Phrase("Accumulation: The mill")),)
    assert record.created is not None
    assert record.created.date.edtf == "1901"


def test_a_table_of_a_kind_that_is_not_read_is_told(faults: Faults) -> None:
    files = {
        "data/records/a.ods": b"PK",
        "data/authorities/persons.xls": b"",
        "data/records/text.txt": "Words",
    }
    assert faults(files) == [
        "data/authorities/persons.xls: is a table of a kind that is not read here; save it as CSV or as .xlsx",
        "data/records/a.ods: is a table of a kind that is not read here; save it as CSV or as .xlsx",
    ]


def test_a_table_that_leads_out_of_the_publication_is_not_read(faults: Faults, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}.csv"
    outside.write_text("key,title\na,A\n")
    for name in ("data/records.csv", "data/records/a.csv", "data/authorities/groups.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(outside)
    assert faults() == [
        f"data/{name}.csv: leads out of the publication; put the file itself here"
        for name in ("authorities/groups", "records", "records/a")
    ]


def test_a_file_of_plain_text_is_the_text_of_its_record(read: Callable[..., Publication]) -> None:
    table = "key,title,text,language\na,A,data/texts/a.txt,de\nb,B,b.txt,\n"
    texts = {"data/texts/a.txt": "Lieber Karl!\r\n\r\nGestern\nwar ich da.\n", "data/records/b.txt": "Words."}
    found = read(table, **texts)
    assert found.faults == ()
    first, second = found.records
    assert [(each.name, each.text) for each in first.text.blocks] == [
        ("p1", "Lieber Karl!"),
        ("p2", "Gestern\nwar ich da."),
    ]
    assert (first.text.language, first.versions[0].held) == ("de", True)
    assert second.text.language == "und"


@given(st.text(alphabet=st.sampled_from("ab \n\r\té"), max_size=60))
def test_a_paragraph_stands_where_it_is_said_to_stand(words: str) -> None:
    blocks = paragraphs(words, Origin("a.txt"))
    plain = "\n\n".join(each.text for each in blocks)
    assert [plain[each.span.start : each.span.end] for each in blocks if each.span] == [
        each.text for each in blocks
    ]
    assert all(each.text.strip() == each.text != "" for each in blocks)
    assert "".join(plain.split()) == "".join(words.split())


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("key,titel2\na,A\n", ":1:2: unknown column 'titel2'; did you mean ti"),
        ("key,note\na,A\n", ":1: the column 'title' is missing"),
        ("key,title,Titel\na,A,B\n", ":1: the columns 'title' and 'Titel' mean the same"),
        ("key,title,title\na,A,B\n", ":1: the column 'title' is there twice"),
        ("key,title,,note\na,A,B,C\n", ":1:3: the column has no name"),
        ("key,title,date_de\na,A,1901\n", ":1:3: unknown column 'date_de'"),
        ("key,title,parent,holding\nf,F,,\na,A,f,g\n", ":3: holding: 'g' is another unit than 'f'"),
        ("key,title\nA 1,A\n", ":2: key: found 'A 1', expected a-z and 0-9"),
        ("key,title\n,A\n", ":2: has neither key nor reference code"),
        ("key,title,note\na,,B\n", ":2: title is empty; every record and every unit needs one"),
        ("key,title\na,A\na,B\n", ":3: the key 'a' is there already, in line 2"),
        ("key,title,level\na,A,seris\n", ":2: level: found 'seris'; did you mean series?"),
        ("key,title,parent\na,A,x\n", ":2: parent: 'x' is no row above this one"),
        ("key,title,creator\na,A,person/weis\n", ":2: name-of-creator: 'weis' is not in data/authorities/persons.csv; did you mean weiss?"),
        ("key,title,events\na,A,event/x\n", ":2: documents: 'x' is not in data/authorities/events.csv"),
        ("key,title,fulltext\na,A,some\n", ":2: fulltext: found 'some', expected one of full, excerpt, link"),
        ("key,title,text\na,A,x.txt\n", ":2: text: there is no file 'x.txt' in the publication"),
        ("key,title,text\na,A,../../x.txt\n", ":2: text: '../../x.txt' leads out of the publication"),
        ("key,title,text\na,A,/etc/hostname\n", ":2: text: '/etc/hostname' leads out of the publication"),
        ("key,title,level,text\na,A,fonds,x.txt\n", ":2: text: a fonds has not a text of its own"),
        ("key,title,level,parent\na,A,,\nf,F,fonds,a\n", ":3: parent: record/a is a record, and a fonds cannot be part of one"),
        ("key,title\na,A\nb\n", ":3: the row has 1 cells, expected 2 (key, title)"),
    ],
)  # fmt: skip
def test_a_fault_of_a_row_is_told_with_its_line(faults: Faults, table: str, fault: str) -> None:
    found = faults({**NO_LETTER, TABLE: table})
    assert any(each.startswith(TABLE + fault) for each in found), found


def test_a_text_that_is_not_utf8_is_told_by_its_own_name(faults: Faults) -> None:
    files = {**NO_LETTER, TABLE: "key,title,text\na,A,data/a.txt\n", "data/a.txt": "Änna".encode("latin-1")}
    assert any(each.startswith("data/a.txt:1:1: is not UTF-8: byte 0xC4") for each in faults(files))


def test_one_key_in_two_tables_names_both(faults: Faults) -> None:
    files = {TABLE: "key,title\na,A\n", "data/records/second.csv": "key,title\n\na,B\n"}
    assert faults(files) == [
        "data/records/second.csv:3: the key 'a' is there already, in data/records/mill.csv:2"
    ]


def test_one_key_in_a_table_and_a_document_names_both(faults: Faults) -> None:
    assert faults({TABLE: "key,title\nweiss-1911-3,A\n"}) == [
        f"{TABLE}:2: its key 'weiss-1911-3' is also that of data/documents/letter.xml:2; give one of them another key"
    ]


def test_a_faulty_row_never_loses_the_others(publish: Publish) -> None:
    found = publish({**NO_LETTER, TABLE: "key,title\na,A\nb,\nc,C\n"})
    assert [each.key for each in found.records] == ["a", "c"]
    assert [fault.line for fault in found.faults if fault.path == TABLE] == [3]


def test_records_csv_holds_records_and_choices_for_documents_alike(publish: Publish) -> None:
    table = "key,fulltext,title\nweiss-1911-3,link,\na,excerpt,A letter\n"
    found = publish({"data/records.csv": table})
    assert found.faults == ()
    assert {each.key: each.fulltext for each in found.records} == {"weiss-1911-3": "link", "a": "excerpt"}


@pytest.mark.parametrize(
    "table",
    [
        b"\xef\xbb\xbfkey,title\r\na,\xc3\x84nna\r\n",
        "key;title\na;Änna\n".encode(),
        "key\ttitle\na\tÄnna\n".encode("utf-16"),
        "key,title\na,Änna\n".encode("utf-16"),
        b"key,title,,\na,\xc3\x84nna,,\n",
    ],
    ids=["byte order mark", "semicolons", "tabs in UTF-16", "UTF-16", "empty columns"],
)
def test_a_table_is_read_as_spreadsheets_write_it(read: Callable[..., Publication], table: bytes) -> None:
    assert only(read(table)).title.text == "Änna"


def test_utf16_without_a_mark_is_told(faults: Faults) -> None:
    table = "key,title\na,A\n".encode("utf-16-le")
    assert faults({**NO_LETTER, TABLE: table})[0].startswith(
        f"{TABLE}:1: is UTF-16 without a byte order mark"
    )


def test_the_template_of_atom_is_read_whole(read: Callable[..., Publication]) -> None:
    found = read((Path(__file__).parent / "atom-isad.csv").read_text("utf-8"))
    assert found.faults == ()
    fonds, series = (found.authorities[Reference("holding", key)] for key in ("f2", "f2-s1"))
    assert (series.broader, found.records[0].holding) == (fonds.reference, series.reference)
    said = {each.key: each.words.text for each in fonds.elements}
    header, row = ((Path(__file__).parent / "atom-isad.csv").read_text("utf-8")).splitlines()[:2]
    told = {str(each).partition(": ")[2].partition(":")[0] for each in found.warnings}
    kept = {
        "legacyId", "identifier", "title", "levelOfDescription", "language", "languageOfDescription", "eventDates", "eventTypes",
        "eventStartDates", "eventEndDates", "eventActors", "culture", "subjectAccessPoints",
    }  # fmt: skip
    for name, words in zip(header.split(","), next(csv.reader([row])), strict=True):
        assert not words or name in kept | told or words in {*said.values(), "Box 1", "D1"}, name


def test_a_column_that_is_not_published_is_told(read: Callable[..., Publication]) -> None:
    found = read("key,title,publicationStatus\na,A,Draft\n")
    assert only(found).elements == ()
    assert [str(each) for each in found.warnings] == [
        f"{TABLE}:2: publicationStatus: is not published: Draft"
    ]


def test_two_hundred_unknown_columns_are_each_told(faults: Faults) -> None:
    header = ",".join(["key", "title", *(f"column {number}" for number in range(200))])
    assert len(faults({TABLE: f"{header}\n"})) == 200


def test_rows_come_one_by_one(tmp_path: Path) -> None:
    table = tmp_path / "data/records/big.csv"
    table.parent.mkdir(parents=True)
    row = "r-{},F/{},Letter,1901-03-05,Name,Scope and content of a letter.\n"
    with table.open("w") as file:
        file.write("key,referenceCode,title,date,creator,scopeAndContent\n")
        file.writelines(row.format(number, number) for number in range(20_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readings = TableSource(folder=tmp_path).read(table)
    assert sum(each.record is not None for each in readings) == 20_000
    # Kept are a key and a place for each row, not the records.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
