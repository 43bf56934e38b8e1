"""Marked texts: what braces mean, what is wrong with its line, and that TEI and plain text say the same, both ways."""

from __future__ import annotations

import gzip
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fonds.cli import main
from fonds.release.publication import build_publication, check_publication
from fonds.sources.marked.head import FIELDS, LINKS, OWN, names
from fonds.sources.marked.spans import KEYWORDS
from fonds.sources.marked.text import BLOCKS, document_of, edition_of, marked_of, tei_of
from fonds.sources.marked.words import MOST_DEPTH
from fonds.sources.xml import Document, read_document

ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / "docs/examples/darusenkov-1964-375.marked.txt"
EDITION = ROOT / "data/documents/darusenkov-1964-375.xml"
PATIENT = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def body(text: str) -> str:
    """Return the blocks of a marked text as TEI, all that is wrong being an error."""
    root, faults = tei_of(text, "a.marked.txt")
    assert faults == []
    division = root.find("text/body/div")
    assert division is not None
    return "".join(etree.tostring(each, encoding="unicode") for each in division)


def faults_of(text: str) -> list[str]:
    return [str(each) for each in tei_of(text, "a.marked.txt")[1]]


def read_again(root: etree._Element) -> Document:
    return read_document(edition_of(root), "a.xml")


def marked(source: str) -> tuple[str, list[str]]:
    """Return the marked text of TEI, and what was refused."""
    whole = f'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/><text><body><div>{source}</div></body></text></TEI>'
    text, faults = marked_of(read_document(whole.encode(), "a.xml"))
    return text.partition("---\n\n")[2].rstrip("\n"), [str(each) for each in faults]


@pytest.mark.parametrize(
    ("words", "tei"),
    [
        ("{F. Castro | person/castro-f}", '<persName ref="person:castro-f" xml:id="m1">F. Castro</persName>'),
        ("{the mill | group/mill ?}", '<orgName ref="group:mill" cert="medium" xml:id="m1">the mill</orgName>'),
        ("{Lyon|place/lyon}", '<placeName ref="place:lyon" xml:id="m1">Lyon</placeName>'),
        ("{Meier | person}", '<persName xml:id="m1">Meier</persName>'),
        ("{F. 1.2 | person/f-1.2}", '<persName ref="person:f-1.2" xml:id="m1">F. 1.2</persName>'),
        ("{here | shelfmark holding/f-1.2}", '<idno type="call-number" corresp="holding:f-1.2">here</idno>'),
        ("{Pravda | work/pravda}", '<title ref="work:pravda" xml:id="m1">Pravda</title>'),
        ("{his going | phrase event/going #m7}", '<rs type="event" ref="event:going" xml:id="m7">his going</rs>'),
        ("{they | phrase group}", '<rs type="group" xml:id="m1">they</rs>'),
        ("{the minister | role/minister}", '<roleName ref="role:minister">the minister</roleName>'),
        ("{5 March | date 1901-03-05}", '<date when="1901-03-05" xml:id="d1">5 March</date>'),
        ("{spring | date 1901-21 ??}", '<date when-iso="1901-21" cert="low" xml:id="d1">spring</date>'),
        (
            "{[2-3 lines] | gap faded 2-3 lines by person/x}",
            '<gap reason="faded" atLeast="2" atMost="3" unit="lines" resp="person:x" xml:id="g1"><desc>[2-3 lines]</desc></gap>',
        ),
        ("{| gap capture ?}with", '<gap reason="capture" cert="medium" xml:id="g1"/>with'),
        ("{Read. | note footnote by person/x}", '<note type="footnote" resp="person:x">Read.</note>'),
        ("{kept | note handwritten-note hand person/x}", '<note type="handwritten-note" hand="person:x">kept</note>'),
        ("{Declassified | stamp}", "<stamp>Declassified</stamp>"),
        ("{So. | speech person/x indirectly}", '<said who="person:x" direct="false">So.</said>'),
        (
            "{I fear it | said #s01 person/x fear negative about event/a person/y}",
            '<said who="person:x" direct="true"><seg xml:id="s01" type="statement" subtype="fear" ana="fv:stance-negative" '
            'corresp="event:a person:y">I fear it</seg></said>',
        ),
        (
            "{lost | statement #s02 fragment undetermined about place/lyon}",
            '<seg xml:id="s02" type="statement" subtype="fragment" ana="fv:stance-undetermined" corresp="place:lyon">lost</seg>',
        ),
        ("{da | foreign in ru-Latn}", '<foreign xml:lang="ru-Latn">da</foreign>'),
        ("{| page 12}", '<pb n="12"/>'),
        (r"\{x \| y\} \\ | z", "{x | y} \\ | z"),
        ("<b> & {a&b | emphasis}", "&lt;b&gt; &amp; <hi>a&amp;b</hi>"),
    ],
)  # fmt: skip
def test_what_a_brace_says_and_that_it_comes_back(words: str, tei: str) -> None:
    made = body(f"---\n{words}\n")
    assert made == f'<p xml:id="p1" n="1">{tei}</p>'
    again, refused = marked(made)
    assert refused == []
    assert body(f"---\n{again}") == made


def test_blocks_are_parted_by_blank_lines_and_say_what_they_are() -> None:
    made = body(
        "---\n% a note to people\n@heading\nA letter\n\nOne,\ntwo.\n\n\n@note #n1 stamp\nSeen\n\n@page 2\n\n"
        "@signed in de\nWeiss\n\n\\@home\n\n\\---\n\n\\% left\n"
    )
    assert re.sub(r' (?:n|xml:id)="p?\d"', "", made) == (
        '<head>A letter</head><p>One,\ntwo.</p><note type="stamp" xml:id="n1">Seen</note><pb/>'
        '<closer><signed xml:lang="de">Weiss</signed></closer><p>@home</p><p>---</p><p>% left</p>'
    )


def test_an_attribute_that_no_head_could_say_again_is_refused() -> None:
    document = read_document(
        b'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>A</title>'
        b'<author nymRef="#x">B</author></titleStmt></fileDesc></teiHeader><text><body><p>C</p></body></text></TEI>',
        "a.xml",
    )
    _, refused = marked_of(document)
    assert [each.message.partition(";")[0] for each in refused] == ["<author>: the attribute nymRef"]


def test_without_a_head_all_is_text() -> None:
    assert body("One.\n\nTwo.") == '<p xml:id="p1" n="1">One.</p><p xml:id="p2" n="2">Two.</p>'
    assert body("") == ""


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("---\nA {b | persn/x}", 2, "'persn/x' says nothing of words"),
        ("---\nA\n{b | persom}", 3, "did you mean person?"),
        ("---\nA {b", 2, "a brace is opened here and never closed"),
        ("---\nA\nb} c", 3, "a brace is closed that was never opened"),
        ("---\nA {b}", 2, "what is it?"),
        ("---\nA {b | gap {c}", 2, "not closed behind its stroke"),
        ("---\n{a | said #s1 person/x clam neutral}", 2, "did you mean claim?"),
        ("---\n{a | said #s1 person/x claim claim}", 2, "or the second"),
        ("---\n{a | statement #s1 person/x claim}", 2, "who says a statement is written behind said"),
        (
            "---\n{a | said #s1 person/x neutral}",
            2,
            "said: a statement needs a kind, one of abstention, assessment",
        ),
        ("---\n{a | said #s1 person/x claim}", 2, "said: a statement needs a stance, one of declined, mixed"),
        ("---\n{a | said person/x claim neutral}", 2, "needs a name that it keeps for ever, such as #s01"),
        ("---\n{a | gap rota 2 words}", 2, "'rota' is no cause of a gap; known are cancelled"),
        ("---\n{a | gap illegibel}", 2, "did you mean illegible?"),
        ("---\n{a | date 1901 1902}", 2, "is more than one date"),
        ("---\n{a | gap faded lines many}", 2, "a gap has a cause, and how much is missing"),
        ("---\n{a | phrase person/x group}", 2, "phrase: of what?"),
        ("---\n{a | label person/x}", 2, "label points to nothing"),
        ("---\n{a | person/x tpye=b}", 2, "did you mean type?"),
        ("---\n{a | person/x about person/y}", 2, "'about' means nothing here"),
        ("---\n{a | foreign in}", 2, "which language?"),
        ("---\n@headng\nA", 2, "did you mean @heading?"),
        ("---\n@heading\n\nA", 2, "the words of the block stand on the lines below it"),
        ("---\n@heading person/x\nA", 2, "label points to nothing"),
        ("---\nA {b | #m1 person/x}", 2, "says nothing of words"),
        ("---\n{a | person/x #m1} {b | person/y #m1}", 2, "the name #m1 is there already"),
        ("---\na\x07b", 2, "U+0007"),
        ("titel: A\n---\n", 1, "did you mean title?"),
        ("title\n---\n", 1, "expected a name, a colon and words"),
        ("key: A b\n---\n", 1, "expected letters, digits and hyphens"),
        ("title: A\n\ncontent: B\n---\n", 3, "of what? Write it before the colon"),
        ("title x: A\n---\n", 1, "what is said stands behind it"),
        ("office: Minister | group/a\n---\n", 1, "Write one role"),
        ("translation: by somebody\n---\n", 1, "end it with who translated"),
        ("holder: {x | person/x}\n---\n", 1, "names and keys only"),
        ("abstract: A | person/x 1901\n---\n", 1, "means nothing here"),
        ("created: A | 1901 1902\n---\n", 1, "means nothing here"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_do(text: str, line: int, told: str) -> None:
    found = faults_of(text)
    assert any(each.startswith(f"a.marked.txt:{line}: ") and told in each for each in found), found


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = faults_of("titel: A\n---\n{a | x}\n\n{b | y}\n\n@z\nc")
    assert [each.partition(": ")[0] for each in found] == [f"a.marked.txt:{line}" for line in (1, 3, 5, 7)]


def test_braces_that_are_too_deep_are_told_and_do_not_break_anything() -> None:
    deep = "{" * 5000 + "a" + " | person/x}" * 5000
    assert any(f"more than {MOST_DEPTH} deep" in each for each in faults_of(f"---\n{deep}"))


@pytest.mark.parametrize(
    "piece",
    [
        *("{a | person/x} ", "{", "\n@x\n\n"),
        *(
            pytest.param(each, marks=pytest.mark.thorough)
            for each in ("\\{", "{a |", "}", "{a}", "|", "a: b\n")
        ),
    ],
)
def test_a_long_text_is_read_in_a_time_that_grows_with_it(piece: str) -> None:
    start = time.monotonic()
    tei_of("---\n" + piece * 3_000, "a.marked.txt")
    short = time.monotonic() - start
    start = time.monotonic()
    tei_of("---\n" + piece * 30_000, "a.marked.txt")
    assert time.monotonic() - start < max(40 * short, 5)


# ---------------------------------------------------------------------------------------------- the same, both ways

WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"
    ),
    min_size=1,
    max_size=12,
)
KEYS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True)
MEANING = st.one_of(
    KEYS.map("person/{}".format),
    KEYS.map("place/{} ?".format),
    KEYS.map("phrase event/{}".format),
    KEYS.map("gap faded 2-3 lines by person/{}".format),
    KEYS.map("said #s-{0} person/{0} indirectly claim neutral about topic/a".format),
    KEYS.map("note footnote by person/{}".format),
    st.sampled_from(["date 1901-03", "date 1901~", "label", "quoted", "emphasis", "person", "gap", "page 7"]),
)


def escaped(words: str) -> str:
    return re.sub(r"[\\{|}]", r"\\\g<0>", words)


def spans(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inner = st.lists(words, min_size=1, max_size=3).map("".join)
    return st.tuples(inner, MEANING).map(lambda each: f"{{{each[0]} | {each[1]}}}")


CONTENT = st.recursive(WORDS.map(escaped), spans, max_leaves=8)
BLOCK = st.lists(CONTENT, min_size=1, max_size=4).map("".join)
KINDS = st.sampled_from(
    ["", "@heading\n", "@opener #here-it-is\n", "@note stamp\n", "@signed\n", "@closer in ru\n"]
)
TEXTS = st.lists(st.tuples(KINDS, BLOCK), max_size=4)


def written(blocks: list[tuple[str, str]]) -> str:
    guarded = ((kind, f"\\{words}" if words[:1] in "@%-" else words) for kind, words in blocks)
    return "title: A\n---\n" + "\n\n".join(f"{kind}{words}" for kind, words in guarded if words.strip())


@PATIENT
@given(TEXTS)
@pytest.mark.thorough
def test_plain_to_tei_and_back_says_the_same(blocks: list[tuple[str, str]]) -> None:
    root, faults = tei_of(written(blocks), "a.marked.txt")
    if any("there already" in each.message for each in faults):
        return
    assert faults == []
    text, refused = marked_of(read_again(root))
    assert refused == []
    again, faults = tei_of(text, "b.marked.txt")
    assert faults == []
    second, refused = marked_of(read_again(again))
    assert (second, refused) == (text, [])
    assert words_and_marks(again) == words_and_marks(root)


def words_and_marks(root: etree._Element) -> list[Any]:
    """Return the elements of a text with their attributes, and its words without the blanks."""
    text = root.find("text")
    assert text is not None
    marks = [(each.tag, sorted(each.attrib.items())) for each in text.iter()]
    return [marks, [re.sub(r"\s", "", "".join(block.itertext())) for block in text.iterfind("body/div/*")]]


@PATIENT
@given(st.text(st.sampled_from("ab {}|\\@%-\n:#/=?") | st.characters(), max_size=60))
def test_any_text_gives_well_formed_tei(text: str) -> None:
    document = document_of(text, "a.marked.txt")
    assert read_document(edition_of(document.root), "a.xml").root.tag == "TEI"
    assert all(1 <= each.line <= text.count("\n") + text.count("\r") + 1 for each in document.faults)


@PATIENT
@given(WORDS)
def test_words_stay_words_whatever_they_hold(words: str) -> None:
    root, faults = tei_of(f"title: A\n---\nA {escaped(words)} z", "a.marked.txt")
    assert faults == []
    text = root.find("text")
    assert text is not None
    assert "".join(map(str, text.itertext())) == f"A {words} z"


# ------------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("tei", "told"),
    [
        ("<p>a\n<table><row/></table></p>", "a.xml:2:1: <table> has no word here"),
        ("<p>\n\n<persName ana='x y z'/><app/></p>", "a.xml:3:24: <app> has no word here"),
        ("<lg><l>a</l></lg>", "<lg> as a block"),
        ("<p rendition='a|b'>a</p>", "has a sign that means something else here"),
        ("<p><gap unit='line'/></p>", "a gap with a unit and without a cause"),
        ("<p><gap reason='a' atLeast='2'/></p>", "is said in two ways, or not in numbers"),
        ("<p><rs type='person' ref='group:x'>a</rs></p>", "of two kinds"),
        ("<p><said direct='perhaps'>a</said></p>", 'direct="perhaps"'),
        ("<p><seg type='statement' subtype='hunch'>a</seg></p>", "is no kind of statement"),
        ("<p><hi xmlns:x='http://x.example/' x:y='z'>a</hi></p>", "the attribute y"),
        ("<p>a</p>words<p>b</p>", "words between blocks"),
        ("<p>a</p><spanGrp/>", "<spanGrp> as a block"),
    ],
)
def test_what_no_words_say_is_refused_with_its_line(tei: str, told: str) -> None:
    refused = marked(tei)[1]
    assert any(told in each for each in refused), refused
    assert all("keep the document as TEI" in each for each in refused)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (
            "<fileDesc><editionStmt>\n<p>2nd</p></editionStmt></fileDesc>",
            "<editionStmt> of <fileDesc> has no line",
        ),
        ("<profileDesc><correspDesc/></profileDesc>", "<correspDesc> of <profileDesc> has no line"),
        ("<fileDesc><notesStmt><note type='ground'>a</note></notesStmt></fileDesc>", "has no target"),
        ("<fileDesc><titleStmt>words</titleStmt></fileDesc>", "has words of its own"),
        (
            "<fileDesc><titleStmt><respStmt><resp>ed</resp><name/></respStmt></titleStmt></fileDesc>",
            "is no translation",
        ),
        (
            "<profileDesc><particDesc><person role='x'/></particDesc></profileDesc>",
            "<person> needs one <persName> first",
        ),
    ],
)
def test_a_header_that_no_line_says_is_refused(header: str, told: str) -> None:
    whole = f'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader>{header}</teiHeader><text><body><p>a</p></body></text></TEI>'
    refused = [str(each) for each in marked_of(read_document(whole.encode(), "a.xml"))[1]]
    assert any(told in each for each in refused), refused


# --------------------------------------------------------------------------------------------------- the first record


def test_the_first_record_in_plain_form_is_what_its_edition_says() -> None:
    text, refused = marked_of(read_document(EDITION.read_bytes(), "d.xml"))
    assert refused == []
    assert text == EXAMPLE.read_text()


def test_the_first_record_in_plain_form_is_the_same_tei_both_ways() -> None:
    root, faults = tei_of(EXAMPLE.read_text(), "d.marked.txt")
    assert faults == []
    text, refused = marked_of(read_again(root))
    assert (text, refused) == (EXAMPLE.read_text(), [])


@pytest.mark.thorough
def test_both_forms_of_the_first_record_build_the_same_graph(tmp_path: Path) -> None:
    graphs = []
    for name in ("tei", "plain"):
        folder = tmp_path / name
        for each in ("data", "queries"):
            shutil.copytree(ROOT / each, folder / each)
        shutil.copy(ROOT / "fonds.toml", folder)
        if name == "plain":
            (folder / "data/documents/darusenkov-1964-375.xml").unlink()
            (folder / "data/texts").mkdir()
            shutil.copy(EXAMPLE, folder / "data/texts")
            (folder / "data/records.csv").write_text(
                "key,title,text,fulltext\ndarusenkov-1964-375,Memorandum,data/texts/darusenkov-1964-375.marked.txt,full\n"
            )
        release = build_publication(folder, base="http://a.example/", jobs=1)
        graphs.append(set(gzip.decompress((release.dumps / "dataset.nq.gz").read_bytes()).splitlines()))
    assert len(graphs[0]) > 5000
    assert graphs[0] == graphs[1]


# ------------------------------------------------------------------------------------------------------ beside a table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data/authorities").mkdir(parents=True)
    (tmp_path / "fonds.toml").write_text('title = "Letters"\n')
    (tmp_path / "data/authorities/persons.csv").write_text("key,label\nweiss,Anna Weiss\nholm,Karl Holm\n")
    (tmp_path / "data/records.csv").write_text(
        "key,title,date,creator,language,reference code,text\na,A letter,1901-03,person/weiss,de,B 7,a.marked.txt\n"
    )
    return tmp_path


def test_a_row_and_its_marked_text_are_one_record(folder: Path) -> None:
    (folder / "data/a.marked.txt").write_text(
        "form: letter | type/letter\n---\nLieber {Karl | person/holm}, {ich komme | said #s01 person/weiss claim neutral"
        " about person/holm}. {[ein Wort] | gap torn 1 word}\n"
    )
    (folder / "data/authorities/types.csv").write_text("key,label_en\nletter,letter\n")
    report = check_publication(folder, jobs=1)
    assert [each.message for each in report.told if each.level == "fault"] == []
    assert (report.records.number, report.records.statements, report.records.gaps) == (1, 1, {"torn": 1})
    assert report.names.resolved == {"person": 1}
    assert report.dates.records == {"month": 1}
    assert report.records.languages == {"de": 1}


def test_what_is_wrong_in_a_marked_text_stands_in_its_line(folder: Path) -> None:
    (folder / "data/a.marked.txt").write_text(
        "remark: made up\n---\nLieber\n{Karl | person/hoim},\n\n{ich | said person/weiss claim neutral}\n\n{x | date 1901-99}\n"
    )
    told = {(each.path, each.line, each.message[:40]) for each in check_publication(folder, jobs=1).told}
    assert ("data/a.marked.txt", 4, "person/hoim is not in data/authorities/p") in told
    assert ("data/a.marked.txt", 6, "said: a statement needs a name that it k") in told
    assert ("data/a.marked.txt", 8, "'1901-99' is no day of the calendar") in told


def test_what_is_told_of_a_marked_text_has_its_own_words_and_a_column(folder: Path) -> None:
    (folder / "data/a.marked.txt").write_text(
        "---\nLieber {Karl | person/weis},\n\n{[fehlt] | gap torn 3 Wörter} am {x | date 12-1901}\n"
    )
    told = {each.line: each for each in check_publication(folder, jobs=1).told if each.kind != "note"}
    assert (
        told[2].message
        == "person/weis is not in data/authorities/persons.csv; add a row, or did you mean person/weiss?"
    )
    assert (told[2].column, told[2].found) == (16, "person/weis")
    assert told[4].path == "data/a.marked.txt"
    messages = {each.message.partition(";")[0]: each for each in check_publication(folder, jobs=1).told}
    assert messages["'Wörter' is no unit in which losses are counted"].docs == "marked-text.md#gaps"
    assert messages["'12-1901' is no date"].example == "{5 March 1901 | date 1901-03-05}"


def test_a_statement_of_no_kind_is_a_fault_and_stops_nothing_else(folder: Path) -> None:
    """It ended the whole check, with the words of a programmer."""
    (folder / "data/a.xml").write_text(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="b"><teiHeader><fileDesc><titleStmt><title>A</title></titleStmt>'
        '</fileDesc></teiHeader><text xml:lang="de"><body><p><said who="person:weiss"><seg xml:id="s1" type="statement"'
        ' ana="fv:stance-neutral">ja</seg> <seg xml:id="s2" type="statement" subtype="claim" ana="fv:stance-x">nein</seg>'
        "</said></p></body></text></TEI>"
    )
    (folder / "data/documents").mkdir(exist_ok=True)
    (folder / "data/a.xml").rename(folder / "data/documents/b.xml")
    told = [each.message for each in check_publication(folder, jobs=1).told]
    assert any(
        each.startswith("has no subtype; expected one of abstention, assessment, claim") for each in told
    ), told
    assert any('ana="stance-x" is none of the stances' in each for each in told), told


def test_the_key_in_a_head_must_be_that_of_the_row(folder: Path) -> None:
    (folder / "data/a.marked.txt").write_text("key: b\n---\nSo.\n")
    (told,) = check_publication(folder, jobs=1).told
    assert "key: found 'b', but the row has 'a'" in told.message


# ---------------------------------------------------------------------------------------------------------- commands


def fonds(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_convert_writes_tei_and_marked_text(tmp_path: Path) -> None:
    tei = fonds("convert", EXAMPLE)
    assert tei.exit_code == 0, tei.output
    (tmp_path / "d.xml").write_bytes(tei.stdout_bytes)
    assert fonds("convert", tmp_path / "d.xml").stdout == EXAMPLE.read_text()
    written_to = tmp_path / "new" / "d.marked.txt"
    assert fonds("convert", tmp_path / "d.xml", "--to", written_to).exit_code == 0
    assert written_to.read_text() == EXAMPLE.read_text()
    assert fonds("convert", EXAMPLE, "--to", written_to).exit_code == 1


def test_convert_refuses_with_lines_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/><text><body>\n<lg/></body></text></TEI>'
    )
    result = fonds("convert", tmp_path / "a.xml", "--to", tmp_path / "a.marked.txt")
    assert result.exit_code == 1
    assert "a.xml:2:1: <lg> as a block; a marked text cannot say it" in result.stderr
    assert not (tmp_path / "a.marked.txt").exists()
    (tmp_path / "b.marked.txt").write_text("---\n{a | x}\n")
    result = fonds("convert", tmp_path / "b.marked.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "b.marked.txt:2: 'x' says nothing of words" in result.stderr
    assert "expected a marked text" in fonds("convert", tmp_path / "c.docx").output


# --------------------------------------------------------------------------------------------------------- the page

PAGE = ROOT / "docs/marked-text.md"


def test_the_page_explains_every_word_every_block_and_every_line() -> None:
    page = PAGE.read_text()
    assert [each for each in (*FIELDS, *LINKS, *OWN) if f"| `{each}`" not in page] == []
    assert [each for each in KEYWORDS if not re.search(rf"`{each}[` ]", page)] == []
    said = {**OWN, **{name: field.says for name, field in FIELDS.items()}, **LINKS}
    assert [each for each in said.values() if f"| {each} |".replace("|", "\\|")[1:-2] not in page] == []
    assert [each for each in BLOCKS if f"`@{each}`" not in page] == []
    assert len(names()) == len({*names()})


def test_the_examples_of_the_page_are_read_without_fault_and_come_back() -> None:
    examples = re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.S)
    assert len(examples) >= 3
    for each in examples:
        root, faults = tei_of(each if "\n---\n" in each else f"---\n{each}", "example")
        assert faults == [], each
        assert marked_of(read_again(root))[1] == []
