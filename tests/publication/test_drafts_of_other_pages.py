"""Drafts of pages that nobody tuned them to: invented ones, and documents of the shared volumes, shown as a web site shows them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from fonds.sources.importing import import_capture

TEI = "{http://www.tei-c.org/ns/1.0}"
VOLUMES = ("frus1961-63v06", "frus1964-68v14")
EVERY = 30


def drafted(path: Path) -> etree._Element:
    return etree.fromstring(import_capture(path, key=None, today="2026-11-27").draft.xml.encode())


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def documents(publication: Path) -> Iterator[etree._Element]:
    for volume in VOLUMES:
        path = publication.parent / f"shared/corpora/{volume}/{volume}.xml"
        if not path.exists():
            pytest.skip(f"{volume} is not here (../shared/corpora)")
        found = [each for each in etree.parse(str(path)).iter(f"{TEI}div") if each.get("type") == "document"]
        yield from found[::EVERY]


def shown(document: etree._Element) -> str:
    """Return a document as a page: a menu, its blocks, its notes with their numbers below it, a footer."""
    notes: list[str] = []
    parts: list[str] = []
    for block in document.iterchildren(f"{TEI}*"):
        for note in list(block.iter(f"{TEI}note")):
            if note is not block:
                notes.append(words(note))
                tail = note.tail
                note.clear()
                note.text, note.tail = f"[{len(notes)}]", tail
        tag = "h3" if block.tag == f"{TEI}head" else "p"
        if words(block):
            parts.append(f"<{tag}>{html.escape(words(block))}</{tag}>")
    parts += [f"<p>[{number}] {html.escape(note)}</p>" for number, note in enumerate(notes, start=1)]
    return (
        "<html><head><title>x</title></head><body><nav>Home Search</nav>"
        f"<div>{''.join(parts)}</div><footer>Contact us</footer></body></html>"
    )


def test_documents_of_the_shared_volumes_keep_heading_date_notes_and_every_word(
    publication: Path, tmp_path: Path
) -> None:
    pages = 0
    for document in documents(publication):
        given = next(
            (each.get("when") or each.get("from") for each in document.iterfind(f"{TEI}dateline//{TEI}date")),
            None,
        )
        page = tmp_path / f"page-{pages}.html"
        page.write_text(shown(document), encoding="utf-8")
        draft = drafted(page)  # every word is held against the page
        pages += 1
        date = draft.find(f".//{TEI}creation/{TEI}date")
        assert date is not None
        assert not given or date.get("when") == given[:10]
        assert [words(each) for each in draft.iter(f"{TEI}item")] == ["Home Search", "Contact us"]
        assert draft.find(f".//{TEI}body//{TEI}head") is not None
        notes = document.xpath("count(.//*[local-name() = 'note'])")
        assert len(list(draft.iterfind(f".//{TEI}note[@type='footnote']"))) == notes
    assert pages > 14
