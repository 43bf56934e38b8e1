"""How close the draft that is made of the first record's capture comes to the edition made by hand, measured part by part.

For each part, what the hand-made edition has and what the draft has are two sets; precision is the share of the draft's
that the edition has too, recall the share of the edition's that the draft has. Positions count in the capture, so that
words only count where they stand. The table of ``docs/import-capture.md`` is what is measured here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

import pytest
from lxml import etree

from fonds.model import Mark, Record, Reference
from fonds.settings import read_settings
from fonds.sources.capture import read_captures
from fonds.sources.importing import import_capture
from fonds.sources.publication import read_publication
from fonds.sources.tables import program_terms
from fonds.sources.tei import read_tei
from fonds.sources.tei_context import Context
from fonds.sources.tei_text import stretches

CAPTURE = "data/captures/148c2797223ea6d0.txt"
TEI = "{http://www.tei-c.org/ns/1.0}"

Found = set[Hashable]


class Edition:
    """An edition as it is read, and as it is written."""

    def __init__(self, record: Record, root: etree._Element) -> None:
        self.record = record
        self.root = root


@pytest.fixture(scope="module")
def hand(publication: Path) -> Edition:
    read = read_publication(publication, read_settings(publication))
    source = publication / read.records[0].origin.path
    return Edition(read.records[0], etree.parse(str(source)).getroot())


@pytest.fixture(scope="module")
def draft(publication: Path) -> Edition:
    xml = import_capture(publication / CAPTURE, key=None, today="2026-11-27").draft.xml
    types = frozenset(Reference("type", key) for key in program_terms("type"))
    context = Context(known=types, captures=read_captures(publication, []))
    (reading,) = read_tei(xml.encode(), "draft.xml", context)
    assert reading.faults == ()
    assert reading.record is not None
    return Edition(reading.record, etree.fromstring(xml.encode()))


def blocks(edition: Edition) -> Found:
    return {(block.span, block.kind, block.ordinal) for block in edition.record.text.blocks}


def gaps(edition: Edition) -> Found:
    return {(gap.span, gap.cause, gap.unit, gap.at_least, gap.at_most) for gap in edition.record.text.gaps}


def dates(edition: Edition) -> Found:
    return {
        (block.span, span, inline.text, inline.attributes.get("when"), inline.attributes.get("type"))
        for block in edition.record.text.blocks
        for inline, span in stretches(block.content)
        if inline.mark is Mark.DATE
    }


def dates_of_header(edition: Edition) -> Found:
    paths = {
        "document": ".//teiHeader//creation/date",
        "conversation": ".//teiHeader//setting/date",
        "shown by the page": ".//teiHeader//sourceDesc/bibl/date",
        "of the description": ".//teiHeader//msItem/docDate",
    }
    return {
        (name, each.get("when"))
        for name, path in paths.items()
        for each in edition.root.iterfind(_in_tei(path))
    }


def notes(edition: Edition) -> Found:
    return {
        (note.type, note.words, note.place, note.span, bool(note.when)) for note in edition.record.text.notes
    }


def editorial_words(edition: Edition) -> Found:
    return {
        (block.span, span)
        for block in edition.record.text.blocks
        for inline, span in stretches(block.content)
        if inline.mark is Mark.EDITORIAL
    }


def reference(edition: Edition) -> Found:
    inner = _words(edition, ".//teiHeader//msIdentifier/*")
    return inner | _words(edition, ".//teiHeader//bibl/idno")


def citation(edition: Edition) -> Found:
    header = ".//teiHeader//"
    paths = {
        "title": f"{header}titleStmt/title[@type='citation']",
        "author": f"{header}titleStmt/author",
        "funder": f"{header}titleStmt/funder",
        "translator": f"{header}respStmt/*",
        "publisher": f"{header}publisher",
        "citation": f"{header}bibl[@type='citation']",
        "summary": f"{header}abstract/p",
        "format": f"{header}note[@type='format-not-held']",
    }
    found: Found = set()
    for name, path in paths.items():
        for each in edition.root.iterfind(_in_tei(path)):
            found.add((name, _text(each)) if each.tag != f"{TEI}resp" else ("for", _text(each[0])))
    return found


def markings(edition: Edition) -> Found:
    inner = {("copy, register", each.value) for each in edition.record.identifiers}
    for each in edition.root.iterfind(_in_tei(".//keywords/term[@type='classification']")):
        inner.add(("marking", _text(each)))
    return inner | {("stamp", each.words) for each in edition.record.classifications if each.stamp}


def languages(edition: Edition) -> Found:
    return {
        (each.get("ident"), each.get("ana"))
        for each in edition.root.iterfind(_in_tei(".//langUsage/language"))
    }


def furniture(edition: Edition) -> Found:
    assert edition.record.capture is not None
    return set(enumerate(edition.record.capture.furniture))


def names(edition: Edition) -> Found:
    return {(mention.span, mention.target) for mention in edition.record.text.mentions}


def statements(edition: Edition) -> Found:
    return {each.span for each in edition.record.text.statements}


def _in_tei(path: str) -> str:
    steps = path.removeprefix(".//").split("/")
    return ".//" + "/".join(f"{TEI}{step}" if step and step != "*" else step for step in steps)


def _words(edition: Edition, path: str) -> Found:
    return {
        (each.get("type"), _text(each))
        for each in edition.root.iterfind(_in_tei(path))
        if each.get("type") != "sha256"
    }


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


PARTS: dict[str, Callable[[Edition], Found]] = {
    "blocks: where each begins and ends, its kind and number": blocks,
    "gaps: place, cause, unit, number": gaps,
    "dates in the text": dates,
    "dates of document, conversation and page": dates_of_header,
    "notes, stamps and signature: kind, words, place": notes,
    "editorial words in brackets": editorial_words,
    "the archive's reference and its parts": reference,
    "title, author, translator, publisher, summary, citation": citation,
    "marking, copy, register number, stamp": markings,
    "languages": languages,
    "furniture, in its order": furniture,
    "names, and who or what is meant": names,
    "reported statements": statements,
}


def measured(hand: Edition, draft: Edition) -> str:
    lines = ["| part | precision | recall |", "|---|---|---|"]
    for name, part in PARTS.items():
        ours, theirs = part(draft), part(hand)
        both = len(ours & theirs)
        lines.append(f"| {name} | {both} of {len(ours)} | {both} of {len(theirs)} |")
    return "\n".join(lines)


def test_the_documents_say_how_close_it_is(hand: Edition, draft: Edition, publication: Path) -> None:
    page = (publication / "docs/import-capture.md").read_text(encoding="utf-8")
    assert measured(hand, draft) in page


def test_nothing_is_in_the_draft_that_the_edition_has_not_but_the_form_of_the_authors_name(
    hand: Edition, draft: Edition
) -> None:
    only = {name: part(draft) - part(hand) for name, part in PARTS.items()}
    assert {name: found for name, found in only.items() if found} == {
        "title, author, translator, publisher, summary, citation": {("author", "Darusenkov, O. T.")}
    }


def test_what_the_edition_concludes_is_left_to_a_person(hand: Edition, draft: Edition) -> None:
    (lost,) = gaps(hand) - gaps(draft)
    assert lost[1] == "capture"  # type: ignore[index]
    assert names(draft) == statements(draft) == set()
    comments = [str(each.text) for each in draft.root.iter(etree.Comment)]
    assert any('reason="capture"' in each for each in comments)
    assert all(each.startswith(" decide: ") for each in comments)


def test_no_person_group_or_place_is_pointed_to(draft: Edition) -> None:
    assert draft.root.xpath("//@ref | //@key[. != 'trl']") == []
