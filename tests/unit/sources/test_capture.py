"""Captures: they are what was registered, and an edition and its capture say the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import LETTER, Publish, captured

Faults = Callable[..., list[str]]
PATH = "data/documents/letter.xml"
REGISTER = "data/captures/register.csv"
PAGE = """Menu   Home

3 May 1911


Dear  Karl,
[Stamp]: Seen

Yesterday I was in Brünn [word lost] with Mrs
Holm. Yours
 Anna  Weiss

Print this page
"""
EDITION = """<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="weiss-1911-3" xml:lang="en">
  <teiHeader><fileDesc>
    <titleStmt><title>Letter</title></titleStmt>
    <publicationStmt><p/></publicationStmt>
    <sourceDesc><bibl type="capture" xml:id="capture"><idno type="sha256">SHA</idno>
      <date when="1911-05-03" source="#capture">3 May 1911</date></bibl></sourceDesc></fileDesc>
    <encodingDesc><editorialDecl><p><list type="furniture"><item>Menu Home</item>
      <item>Print this page</item></list></p></editorialDecl></encodingDesc>
  </teiHeader>
  <text><body>
    <salute>Dear Karl,</salute>
    <note type="stamp"><label>[Stamp]: </label><stamp>Seen</stamp></note>
    <p>Yesterday I was in <placeName ref="place:brno">Brünn</placeName>
      <gap reason="damage" unit="words"><desc>[word lost]</desc></gap> with
      <persName ref="person:holm">Mrs Holm</persName>.</p>
    <closer>Yours <signed><persName ref="person:weiss">Anna Weiss</persName></signed></closer>
  </body></text>
</TEI>
"""


def test_every_position_is_that_of_the_capture_as_it_was_received(publish: Publish) -> None:
    read = publish(captured(PAGE, EDITION))
    assert read.faults == ()
    (record,) = read.records
    stretches = {
        **{block.name: block.span for block in record.text.blocks},
        **{mention.form: mention.span for mention in record.text.mentions},
        **{note.words: note.span for note in record.text.notes},
        **{gap.words: gap.span for gap in record.text.gaps},
    }
    assert {name: span and PAGE[span.start : span.end] for name, span in stretches.items()} == {
        "salute": "Dear  Karl,",
        "note-1": "[Stamp]: Seen",
        "p1": "Yesterday I was in Brünn [word lost] with Mrs\nHolm.",
        "closer": "Yours\n Anna  Weiss",
        "Brünn": "Brünn",
        "Mrs Holm": "Mrs\nHolm",
        "Anna Weiss": "Anna  Weiss",
        "Seen": "Seen",
        "[word lost]": "[word lost]",
    }
    assert record.capture is not None
    assert record.capture.furniture == ("Menu Home", "Print this page")
    assert record.publication is not None


def test_positions_count_code_points_and_windows_line_ends_are_kept(publish: Publish) -> None:
    page = "\ufeff" + PAGE.replace("\n", "\r\n").replace("Brünn", "𝔅rünn")
    (record,) = publish(captured(page, EDITION.replace("Brünn", "𝔅rünn"))).records
    mention = record.text.mentions[0]
    assert page[mention.span.start : mention.span.end] == "𝔅rünn"


@pytest.mark.parametrize(
    ("old", "new", "faults_expected"),
    [
        (
            "in <placeName",
            "at <placeName",
            [f"{PATH}:13: p1 is not what the capture says (data/captures/page.txt:9): after «Yesterday I was » the edition has "
             "«at Brünn [word lost] with Mrs Holm.», the capture has «in Brünn [word lost] with Mrs Holm. Your»"],
        ),
        (
            "Yesterday I",
            "I",
            [f"{PATH}:13: p1 is not what the capture says (data/captures/page.txt:9): the edition has "
             "«I was in Brünn [word lost] with Mrs Holm», the capture has «Yesterday I was in Brünn [word lost] wit»"],
        ),
        (
            "<salute>Dear Karl,</salute>",
            "",
            [f"data/captures/page.txt:6: capture line 6: «Dear Karl,» is neither transcribed nor listed as furniture in {PATH}"],
        ),
        (
            "<item>Menu Home</item>",
            "",
            [f"data/captures/page.txt:1: capture line 1: «Menu Home» is neither transcribed nor listed as furniture in {PATH}"],
        ),
        (
            "Print this page",
            "Print that page",
            [f"data/captures/page.txt:13: capture line 13: «Print this page» is neither transcribed nor listed as furniture in {PATH}",
             f"{PATH}:8: «Print that page» is listed as furniture, but is not in the capture at that place"],
        ),
        (
            "</body>",
            "<p>Nobody ever wrote this here.</p></body>",
            [f"{PATH}:17: the words of p2, «Nobody ever wrote this here.», are not in the capture at that place"],
        ),
        (
            ">3 May 1911<",
            ">4 May 1911<",
            [f"{PATH}:6: <date> is not what the capture says (data/captures/page.txt:3): the edition has «4 May 1911», "
             "the capture has «3 May 1911 Dear Karl, [Stamp]: Seen Yest»"],
        ),
    ],
)  # fmt: skip
def test_a_difference_is_told_with_both_readings_and_places(
    faults: Faults, old: str, new: str, faults_expected: list[str]
) -> None:
    assert old in EDITION
    assert faults(captured(PAGE, EDITION.replace(old, new))) == faults_expected


def test_blocks_out_of_order_are_told(faults: Faults) -> None:
    salute = "<salute>Dear Karl,</salute>"
    stamp = '<note type="stamp"><label>[Stamp]: </label><stamp>Seen</stamp></note>'
    swapped = EDITION.replace(salute, "SALUTE").replace(stamp, salute).replace("SALUTE", stamp)
    assert faults(captured(PAGE, swapped)) == [
        f"{PATH}:12: salute stands before note-1 in the capture (data/captures/page.txt:6); put it there"
    ]


def test_a_changed_capture_names_both_hashes(faults: Faults) -> None:
    files = captured(PAGE, EDITION)
    files["data/captures/page.txt"] = PAGE.replace("1911", "1912")
    first, second = faults(files)
    assert first.startswith(f"{REGISTER}:2: page.txt is not the file that was registered: its SHA-256 is ")
    old = files[REGISTER].split(",")[-2]
    assert first.endswith(f", the register says {old}")
    assert second.startswith(f"{PATH}:5:")
    assert "in data/captures/register.csv, or its file is faulty" in second


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("gone.txt,{sha},text/plain", "gone.txt is not there; put it back into data/captures"),
        ("../../../etc/passwd,{sha},text/plain", "file: found '../../../etc/passwd', expected the name of a file in data/captures"),
        ("page.txt,12,text/plain", "sha256: found '12', expected 64 hexadecimal digits"),
        ("page.txt,{sha},text", "media_type: found 'text', expected one such as text/plain;charset=utf-8"),
        ("page.txt,{sha},text/plain,9", "size_bytes: found '9', but page.txt has "),
    ],
)  # fmt: skip
def test_a_fault_of_the_register_of_captures_is_told(faults: Faults, row: str, fault: str) -> None:
    files = captured(PAGE, EDITION)
    header, old = files[REGISTER].splitlines()
    columns = header + ",size_bytes" if row.count(",") == 3 else header
    files[REGISTER] = f"{columns}\n{row.format(sha=old.split(',')[1])}\n"
    found = faults(files)
    assert any(each.startswith(f"{REGISTER}:2: {fault}") for each in found), found


def test_a_capture_that_is_not_utf8_is_told(faults: Faults) -> None:
    import hashlib

    page = "Brünn".encode("latin-1")
    sha256 = hashlib.sha256(page).hexdigest()
    files = {
        REGISTER: f"file,sha256,media_type\npage.txt,{sha256},text/plain\n",
        "data/captures/page.txt": page,
    }
    assert (
        "data/captures/page.txt:1:3: is not UTF-8: byte 0xFC at position 2 of the file; save it as UTF-8"
        in faults(files)
    )


def test_an_edition_of_a_capture_that_nobody_registered_is_told(faults: Faults) -> None:
    text = LETTER.replace("<p>Invented.</p>", '<bibl type="capture"><idno type="sha256">ab12</idno></bibl>')
    found = faults({PATH: text})
    assert any("the capture ab12… is not in data/captures/register.csv" in each for each in found), found


def test_furniture_with_the_words_of_a_block_is_laid_where_it_stands(publish: Publish) -> None:
    page = PAGE.replace("Menu   Home", "Dear Karl,\n\nMenu   Home")
    edition = EDITION.replace("<item>Menu Home</item>", "<item>Dear Karl,</item><item>Menu Home</item>")
    read = publish(captured(page, edition))
    assert read.faults == ()
    salute = next(block for block in read.records[0].text.blocks if block.name == "salute")
    assert salute.span is not None
    assert salute.span.start == page.index("Dear  Karl,")


def test_the_file_from_which_a_text_was_taken_must_be_in_the_register(faults: Faults) -> None:
    files = captured(PAGE, EDITION)
    rows = files[REGISTER].splitlines()
    wrong = {**files, REGISTER: f"{rows[0]},taken_from\n{rows[1]},{'0' * 64}\n"}
    assert [each for each in faults(wrong) if "taken_from" in each] == [
        f"{REGISTER}:2: taken_from: found {'0' * 64!r}, expected the sha256 of another file of this register"
    ]
