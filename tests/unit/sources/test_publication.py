"""A publication read whole: every fault of every file in one run, and the good documents all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .conftest import LETTER, Publish

Faults = Callable[..., list[str]]


def test_faults_of_all_files_come_in_one_run_and_good_documents_are_read(publish: Publish) -> None:
    read = publish(
        {
            "data/authorities/persons.csv": "key,label\nholm,Maria Holm\nweiss,\n",
            "data/documents/bad.xml": "<TEI>\n<text>",
            "data/documents/good.xml": LETTER.replace("weiss-1911-3", "holm-1911").replace(
                "person:weiss", "person:holm"
            ),
            "data/documents/latin.xml": b"<TEI>\n\xfc</TEI>",
            "data/records.csv": "key,fulltext\nweiss-1911-3,all\n",
            "data/register.csv": "kind,key,minted,status,replaced_by,reason\nplace,brno,today,active,,\n",
        }
    )
    assert [(fault.path, fault.line) for fault in read.faults] == [
        ("data/authorities/persons.csv", 3),
        ("data/documents/bad.xml", 2),
        ("data/documents/latin.xml", 2),
        ("data/documents/letter.xml", 7),
        ("data/records.csv", 2),
        ("data/register.csv", 2),
    ]
    assert [record.key for record in read.records] == ["holm-1911", "weiss-1911-3"]


def test_two_records_with_one_key_name_both_files(faults: Faults) -> None:
    assert faults({"data/documents/second/letter.xml": LETTER}) == [
        "data/documents/second/letter.xml:2: its key 'weiss-1911-3' is also that of data/documents/letter.xml; "
        "give one of them another xml:id"
    ]


def test_a_row_decides_how_much_of_a_record_is_published_and_the_settings_for_the_rest(
    publish: Publish,
) -> None:
    files = {
        "data/documents/other.xml": LETTER.replace("weiss-1911-3", "weiss-1911-4"),
        "data/records.csv": "key,fulltext\nweiss-1911-3,link\n",
    }
    read = publish(files, fulltext="excerpt")
    assert {record.key: record.fulltext for record in read.records} == {
        "weiss-1911-3": "link",
        "weiss-1911-4": "excerpt",
    }


def test_a_faulty_row_of_the_records_is_told(faults: Faults) -> None:
    table = "key,fulltext\nweiss-1911-3,some\nweiss-1911-9,full\nweiss-1911-9,link\n"
    assert faults({"data/records.csv": table}) == [
        "data/records.csv:2: fulltext: found 'some', expected one of full, excerpt, link",
        "data/records.csv:3: key: no document of data/documents has the key 'weiss-1911-9'",
        "data/records.csv:4: the key 'weiss-1911-9' is there already, in line 3",
    ]


def test_what_is_no_document_is_told_and_notes_to_people_are_not(faults: Faults) -> None:
    files = {
        "data/documents/letter.docx": b"PK",
        "data/documents/README.md": "# Read me",
        "data/documents/.hidden": "",
    }
    assert faults(files) == [
        "data/documents/letter.docx: is no kind of file that is read here; a TEI document ends in .xml"
    ]


def test_a_link_that_leads_out_of_the_publication_is_not_followed(publish: Publish, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.xml"
    outside.write_text(LETTER.replace("weiss-1911-3", "stolen"))
    (tmp_path / "data/documents").mkdir(parents=True)
    (tmp_path / "data/documents/link.xml").symlink_to(outside)
    read = publish()
    assert [str(fault) for fault in read.faults] == [
        "data/documents/link.xml: leads out of the publication; put the file itself here"
    ]
    assert [record.key for record in read.records] == ["weiss-1911-3"]


def test_what_a_document_lists_itself_never_takes_a_key_that_is_taken(faults: Faults) -> None:
    body = '<p><persName ref="#k">K</persName></p><listPerson><person xml:id="k"><persName>K</persName></person></listPerson>'
    start, end = LETTER.index("      <opener>"), LETTER.index("    </body>")
    persons = "key,label\nholm,H\nweiss,W\nweiss-1911-3-k,Somebody else\n"
    files = {
        "data/documents/letter.xml": LETTER[:start] + body + LETTER[end:],
        "data/authorities/persons.csv": persons,
    }
    assert faults(files) == [
        "data/documents/letter.xml:16: its key would be person/weiss-1911-3-k, which data/authorities/persons.csv:4 has; "
        "change its xml:id"
    ]


def test_the_order_of_records_is_that_of_their_keys(publish: Publish) -> None:
    files = {
        "data/documents/a.xml": LETTER.replace("weiss-1911-3", "zz"),
        "data/documents/z.xml": LETTER.replace("weiss-1911-3", "aa"),
    }
    assert [record.key for record in publish(files).records] == ["aa", "weiss-1911-3", "zz"]
