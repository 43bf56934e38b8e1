"""Each setting of `fulltext`: what leaves the house, and that no other word does."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest
from lxml import etree

from fonds.errors import SourceError
from fonds.model import Block, BlockKind, Inline, Mark, Mention, Origin, Phrase, Record, Reference, Span, Text
from fonds.quotation import EXCERPT_LENGTH, quotable
from fonds.texts import published
from fonds.texts.reading import WITHHELD

TEI = "{http://www.tei-c.org/ns/1.0}"

FIRST = " ".join(f"alpha{number}" for number in range(30))
SECOND = " ".join(f"beta{number}" for number in range(60))
THIRD = " ".join(f"gamma{number}" for number in range(40))

FIRST_TEI = FIRST.replace("alpha5 ", "<hi>alpha5</hi> ")
SECOND_TEI = SECOND.replace("beta1 ", "<rs ref='x'>beta1 <!-- secretinner --></rs>").replace(
    "beta2 ", "beta2\n      "
)

EDITION = f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="tei.rng"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0">
  <teiHeader><fileDesc><titleStmt><title>A title &amp; more</title></titleStmt>
    <sourceDesc><msDesc><physDesc><additions>secretaddition</additions></physDesc></msDesc></sourceDesc></fileDesc>
    <encodingDesc><editorialDecl><p>secretremark</p></editorialDecl></encodingDesc>
    <profileDesc><abstract><p>An abstract <note>secretground</note><note/> of it</p></abstract></profileDesc></teiHeader>
  <standOff>
    <listPerson><person xml:id="x"><persName>Name of X</persName></person></listPerson>
    <spanGrp><span>secretspan</span></spanGrp><note>secretstandoff</note>
  </standOff>
  <sourceDoc><zone>secretzone</zone></sourceDoc>
  <text xml:lang="en" rend="secretrend">
    <front>secretfront <head xml:id="h">secrethead</head></front>
    <body n="1">
      <!-- secretcomment -->
      <opener xml:id="opener"><stamp>secretstamp</stamp></opener>
      <pb n="2"/>
      <p xml:id="p1" n="1" ana="secretana">{FIRST_TEI}</p>
      <div><p xml:id="p2" n="2">{SECOND_TEI}</p>
      <table><row><cell>secretcell</cell></row></table></div>
      <p xml:id="p3" n="3">{THIRD}</p>
      <closer xml:id="closer">secretcloser</closer>
      <note xml:id="note-1">secretnote</note>
    </body>
  </text>
</TEI>
""".encode()

SECRET = re.compile(r"secret\w+|gamma\d+")


def record(fulltext: str, edition: bytes = EDITION) -> Record:
    def block(name, kind, words, ordinal=None):
        return Block(name=name, kind=kind, content=(words,), ordinal=ordinal)

    mention = Inline(mark=Mark.MENTION, content=("alpha5",), id="m1", target=Reference("person", "x"))
    first = Block(
        name="p1",
        kind=BlockKind.PARAGRAPH,
        ordinal=1,
        content=(FIRST[: FIRST.index("alpha5 ")], mention, FIRST[FIRST.index("alpha5 ") + 6 :]),
    )
    blocks = (
        block("opener", BlockKind.OPENER, "secretstamp"),
        first,
        block("p2", BlockKind.PARAGRAPH, SECOND, 2),
        block("p3", BlockKind.PARAGRAPH, THIRD, 3),
        block("closer", BlockKind.CLOSER, "secretcloser"),
        block("note-1", BlockKind.NOTE, "secretnote"),
    )
    mentions = (
        Mention(name="m1", target=Reference("person", "x"), form="alpha5", block="p1", span=Span(0, 6)),
    )
    text = Text(language="en", blocks=blocks, mentions=mentions)
    return Record(
        key="k", title=Phrase("T"), label=Phrase("T"), fulltext=fulltext, text=text, edition=edition
    )


def everything(text) -> str:
    return msgspec.json.encode(text.reading).decode() + (text.tei or b"").decode() + (text.text or "")


def letters(words: str) -> int:
    return len("".join(words.split()))


def test_full_publishes_the_edition_as_it_is_and_every_word():
    found = published(record("full"))
    assert found.tei == EDITION
    assert found.text == record("full").text.plain + "\n"
    assert [block.name for block in found.reading.blocks] == ["opener", "p1", "p2", "p3", "closer", "note-1"]
    assert WITHHELD not in everything(found)


def test_link_publishes_no_word():
    found = published(record("link"))
    assert found.tei is None
    assert found.text is None
    assert found.reading.blocks == []
    assert found.reading.fulltext == "link"
    assert not re.search(r"alpha|beta|gamma|secret", everything(found))


def test_an_excerpt_lets_no_other_word_out():
    assert SECRET.findall(everything(published(record("excerpt")))) == []


def test_an_excerpt_is_cut_between_words_at_its_length():
    found = published(record("excerpt"))
    words = found.text.removesuffix(f"\n\n{WITHHELD}\n").split("\n\n")
    assert words[0] == FIRST
    assert SECOND.startswith(words[1] + " ")
    assert len(FIRST) + len(words[1]) <= EXCERPT_LENGTH
    assert sum(quotable(record("excerpt")).values()) == len(FIRST) + len(words[1])


def test_an_excerpt_in_the_reading_view_has_its_marks_and_says_what_is_withheld():
    blocks = published(record("excerpt")).reading.blocks
    assert [block.name for block in blocks] == ["p1", "p2", "withheld"]
    assert 'id="m1"' in blocks[0].html
    assert WITHHELD in blocks[-1].html


def test_an_excerpt_of_the_edition_keeps_header_names_divisions_and_numbers():
    root = etree.fromstring(published(record("excerpt")).tei)
    assert root.findtext(f".//{TEI}title") == "A title & more"
    assert root.findtext(f".//{TEI}persName") == "Name of X"
    assert "".join(root.find(f".//{TEI}abstract").itertext()) == "An abstract  of it"
    ids = [
        element.get("{http://www.w3.org/XML/1998/namespace}id")
        for element in root.find(f"{TEI}text").iter("*")
    ]
    assert [each for each in ids if each] == ["h", "opener", "p1", "p2", "p3", "closer", "note-1"]
    assert [element.get("n") for element in root.find(f"{TEI}text").iter(f"{TEI}p")] == ["1", "2", "3"]


def test_an_excerpt_of_the_edition_says_in_every_shortened_block_that_words_are_not_published():
    root = etree.fromstring(published(record("excerpt")).tei)
    gaps = {
        gap.getparent().get("{http://www.w3.org/XML/1998/namespace}id")
        for gap in root.iter(f"{TEI}gap")
        if gap.get("reason") == "not-published"
    }
    assert gaps >= {"h", "opener", "p2", "p3", "closer", "note-1"}
    assert "p1" not in gaps


def test_an_excerpt_of_the_edition_has_as_many_letters_as_the_plain_excerpt():
    found = published(record("excerpt"))
    root = etree.fromstring(found.tei)
    words = "".join(root.find(f"{TEI}text").itertext())
    assert letters(words) == letters(found.text) - letters(WITHHELD)
    assert root.find(f".//{TEI}hi").text == "alpha5"


@pytest.mark.parametrize(
    ("edition", "cause"),
    [
        (b"<TEI><text>", "no element found"),
        (b"<html/>", "expected <TEI>"),
        (b'<!DOCTYPE TEI [<!ENTITY a "b">]><TEI/>', "entities"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><TEI/>'.encode("latin-1"), "UTF-8"),
    ],
)
def test_an_edition_that_cannot_be_shortened_safely_is_a_fault(edition, cause):
    with pytest.raises(SourceError, match=cause):
        published(record("excerpt", edition))


def test_a_record_without_an_edition_has_no_tei():
    assert published(record("full", b"")).tei is None
    assert published(record("excerpt", b"")).tei is None


def test_comments_leave_the_house_with_no_excerpt() -> None:
    edition = EDITION.replace(b"<TEI ", b"<!-- secretprologue\n -->\n<TEI ", 1).replace(
        b"<profileDesc>", b"<profileDesc><!-- secretheader -->", 1
    )
    tei = published(record("excerpt", edition + b"<!-- secretepilogue -->\n")).tei or b""
    assert b"<!--" not in tei
    assert not SECRET.search(tei.decode())


def test_a_paragraph_without_an_id_is_known_by_its_line() -> None:
    edition = EDITION.replace(b'xml:id="p1" ', b"").replace(b'xml:id="p2" ', b"")
    lines = {
        name: edition[: edition.index(start)].count(b"\n") + 1
        for name, start in (("p1", b'<p n="1"'), ("p2", b'<p n="2"'))
    }
    given = record("excerpt", edition)
    blocks = tuple(
        replace(each, origin=Origin("k.xml", lines.get(each.name, 0))) for each in given.text.blocks
    )
    tei = published(replace(given, text=replace(given.text, blocks=blocks))).tei or b""
    assert "".join(etree.fromstring(tei).find(f".//{TEI}body/{TEI}p").itertext()) == FIRST
    assert not SECRET.search(tei.decode())


def test_two_paragraphs_on_one_line_are_withheld_since_neither_is_known() -> None:
    edition = EDITION.replace(b'xml:id="p1" ', b"").replace(b'xml:id="p2" ', b"")
    tei = published(record("excerpt", edition)).tei or b""
    assert b"alpha" not in tei
