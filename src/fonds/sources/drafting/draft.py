"""The whole draft: header and text of one edition, and the list of what a person has to decide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fonds.sources.drafting import header
from fonds.sources.drafting.header import CAPTURED, Stated, stated
from fonds.sources.drafting.markup import DECIDE, decide, element, shown, words
from fonds.sources.drafting.text import TextDraft, draft_text, when
from fonds.sources.recognition.blocks import Hint, blocks_of
from fonds.sources.recognition.dates import century_of, find_dates
from fonds.sources.recognition.fields import field_of
from fonds.sources.recognition.layout import lay_out
from fonds.sources.recognition.roles import Role
from fonds.sources.recognition.words import values, whole
from fonds.sources.tables import program_terms

_COMMENT = re.compile(f"<!-- {DECIDE} (.*?) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text from which a draft is made.

    Attributes:
        text: Its characters.
        sha256: The hash of the capture that has them.
        hints: What the page's markup says of lines.
        address: From where the page was saved, if that is known.
        saved: On which day, ISO 8601, if that is known.
        title: The title of the HTML document.
        file: The name and the hash of the file from which the text was taken; None where the text is the file.
        record: Which record of a WARC it is.
        doubts: What is doubtful about the text.
    """

    text: str
    sha256: str
    hints: Mapping[int, Hint] = field(default_factory=dict)
    address: str = ""
    saved: str = ""
    title: str = ""
    file: tuple[str, str] | None = None
    record: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of an edition.

    Attributes:
        xml: The TEI document.
        decisions: What a person has to decide, each with its line in the document.
        key: The key that it has.
    """

    xml: str
    decisions: tuple[tuple[int, str], ...]
    key: str


def draft_edition(source: Source, key: str | None, today: str, fallback: str) -> Draft:
    """Return a draft of an edition from the text of a saved page.

    Nothing is said that is not recognised in the words: no person and no place is marked, since a name alone does not tell
    whose it is. What is doubtful is a comment that begins with ``decide:``.

    Args:
        source: The text.
        key: The record's key; None: made from author, year and number where the page gives them, else the fallback.
        today: The day, ISO 8601, for the description of changes.
        fallback: The key where there is none.
    """
    century = century_of(source.text)
    laid = lay_out(blocks_of(source.text, source.hints, lambda line: field_of(line) is not None), century)
    text = draft_text(laid, century)
    said = stated(laid, text, century, source.title)
    chosen = key or _key(said, text) or fallback
    notes = (
        []
        if key
        else [f"the key {chosen} stays for ever once it is published; change xml:id now if you want another"]
    )
    notes += source.doubts
    xml = _document(source, said, text, chosen, today, notes)
    decisions = tuple(
        (number, match[1])
        for number, line in enumerate(xml.split("\n"), start=1)
        for match in _COMMENT.finditer(line)
    )
    return Draft(xml, decisions, chosen)


def _key(said: Stated, text: TextDraft) -> str:
    """Return a key of the author's family name, the year and the register number, where the page gives all but the last."""
    author = text.author.partition(",")[0] if "," in text.author else text.author.rpartition(" ")[2]
    name = re.sub("[^a-z]+", "-", author.lower()).strip("-") if author.isascii() else ""
    if not name or said.dated is None:
        return ""
    number = next((found[1] for found in text.numbers if found[0] == "register"), "")
    digits = re.search(r"\d+", number)
    return "-".join(filter(None, (name, said.dated[0].value[:4], digits[0] if digits else "")))


def _document(
    source: Source, said: Stated, text: TextDraft, key: str, today: str, notes: Iterable[str]
) -> str:
    language = said.language
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="{key}" xml:lang="en">',
        *(f"  {decide(note)}" for note in notes),
        "  <teiHeader>",
        *_file_description(source, said, text),
        *_encoding_description(said),
        *_profile(said, text),
        *_nested(
            "revisionDesc",
            [element("change", "Drafted from the capture by fonds import capture.", when=today)],
            4,
        ),
        "  </teiHeader>",
        f'  <text xml:lang="{language}">',
        "    <body>",
        "      <div>",
        *(f"        {block}" for block in text.blocks or [element("p")]),
        "      </div>",
        "    </body>",
        "  </text>",
        "</TEI>",
        "",
    ]
    return "\n".join(lines)


def _nested(tag: str, lines: Iterable[str], depth: int, **attributes: str) -> list[str]:
    """Return an element around lines, indented; nothing where there are no lines."""
    inner = [f"  {line}" for line in lines]
    if not inner:
        return []
    opening = element(tag, **attributes).removesuffix("/>") + ">"
    indent = " " * depth
    return [f"{indent}{line}" for line in (opening, *inner, f"</{tag}>")]


def _file_description(source: Source, said: Stated, text: TextDraft) -> list[str]:
    first = next((line for line in source.text.split("\n") if line.strip()), "").strip()
    inner = [
        *_nested("titleStmt", header.title_statement(said, text, " ".join(first.split())[:80]), 0),
        *_nested("publicationStmt", header.publication_statement(said), 0),
        *_nested("notesStmt", header.notes_statement(said, text), 0),
        *_nested(
            "sourceDesc",
            [
                *_nested("bibl", _capture(source, said), 0, type="capture", xml__id="capture"),
                *header.citations(said),
                *_nested("msDesc", _description(said, text), 0),
            ],
            0,
        ),
    ]
    return _nested("fileDesc", inner, 4)


def _capture(source: Source, said: Stated) -> Iterable[str]:
    yield element("idno", source.sha256, type="sha256")
    shown_dates = [each for each in said.page if each.role is Role.SHOWN_DATE]
    if shown_dates:
        yield _shown_date(shown_dates[0].block.words, said)
    if source.address:
        yield element("ptr", target=source.address)
    if source.saved:
        yield element("date", type="saved", when=source.saved)
    if source.file:
        name, sha256 = source.file
        record = f", record {source.record}" if source.record else ""
        yield element("note", words(f"Text taken from {name}{record}, SHA-256 {sha256}."), type="file")
    offered = {
        format_
        for word, format_ in values("offered").items()
        for each in said.page
        if each.role is Role.FURNITURE and word in each.block.words.lower()
    }
    for format_ in sorted(offered):
        yield element("note", format_, type="format-not-held")


def _shown_date(line: str, said: Stated) -> str:
    """Return the date that the page shows; whose it is, is a doubt unless it is that of the document's own line."""
    found = next(iter(find_dates(line)), None)
    date = element(
        "date",
        words(line),
        type="shown-by-the-page",
        when=found.attributes.get("when") if found else None,
        source=CAPTURED,
    )
    same = said.dated is not None and found is not None and found.value == said.dated[0].value
    return date if same else date + decide("is the date that the page shows that of the document?")


def _description(said: Stated, text: TextDraft) -> Iterable[str]:
    yield from _nested("msIdentifier", header.identifier(said, text), 0)
    item = []
    if said.dated:
        found, words_, _ = said.dated
        item.append(element("docDate", words(words_), **when(found)))
    yield from _nested("msContents", _nested("msItem", item, 0), 0)
    if text.stamps:
        stamps = "; ".join(
            element("stamp", words(stamp), type="declassification", corresp=f"#{name}")
            for name, stamp in text.stamps
        )
        yield from _nested("physDesc", _nested("additions", [element("p", stamps)], 0), 0)


def _encoding_description(said: Stated) -> list[str]:
    furniture: list[str] = []
    for each in said.page:
        if each.role is Role.FURNITURE:
            item = element("item", words(each.block.words))
            furniture.append(item + (decide(f"{shown(each.block.words)} {each.doubt}") if each.doubt else ""))
    listed = _nested("list", furniture, 0, type="furniture", source=CAPTURED)
    says = "Words of the capture that belong to the page and not to the document are left out. They are, in their order:"
    editorial = [
        element(
            "p",
            "Nothing is corrected. Blanks and line ends between words are not significant; everything else is transcribed "
            "character by character; quotation marks and brackets stand in the text.",
        ),
        *(["<p>" + says, *(f"  {line}" for line in listed), "</p>"] if listed else []),
    ]
    return _nested("encodingDesc", _nested("editorialDecl", editorial, 0), 4)


def _profile(said: Stated, text: TextDraft) -> list[str]:
    abstracts = [each for each in said.page if each.role is Role.ABSTRACT]
    language = said.page_language if said.page_language != "en" else None
    created = []
    if said.dated:
        found, words_, doubt = said.dated
        doubts = "; ".join(filter(None, (doubt, found.doubt)))
        cert = "medium" if doubts else None
        created = [
            element("date", words(words_), **when(found), cert=cert)
            + (decide(f"the document's date: {doubts}") if doubts else "")
        ]
    else:
        created = [
            element("date")
            + decide("the page gives no date of the document; write when it was written, if its words say so")
        ]
    inner = [
        *_nested(
            "abstract",
            [
                element("p", words(each.block.words), xml__lang=language, source=CAPTURED)
                for each in abstracts
            ],
            0,
        ),
        *_nested("creation", created, 0),
        *_nested("langUsage", header.languages(said, text), 0),
        *_nested("textClass", _nested("keywords", _terms(said, text), 0), 0),
        *_nested("settingDesc", _setting(said), 0),
    ]
    return _nested("profileDesc", inner, 4)


def _terms(said: Stated, text: TextDraft) -> Iterable[str]:
    """Yield what kind of document it is called, and how secret; each without a pointer until a person gives it one."""
    title = said.citation.title or said.title or text.head
    known = program_terms("type")
    forms = dict.fromkeys(match[0] for match in whole("form").finditer(title))
    for form in forms:
        key = re.sub("[^a-z]+", "-", form.lower()).strip("-")
        hint = f"type:{key}" if key in known else "a type of data/authorities/types.csv"
        yield element("term", words(form), type="form") + decide(
            f"{shown(form)}: if it is such a document, point to {hint} by ref"
        )
    for marking in dict.fromkeys(text.markings):
        yield element("term", words(marking), type="classification") + decide(
            f"{shown(marking)}: point to a type of data/authorities/types.csv by ref, here and in the text"
        )


def _setting(said: Stated) -> Iterable[str]:
    if said.occasion is None:
        return
    found, words_ = said.occasion
    yield from _nested(
        "setting",
        [
            element("date", words(words_), **when(found)),
            element("activity", "conversation", ana="type:conversation")
            + decide(
                "a conversation on this day: point to its event by corresp, and name those who took part in particDesc"
            ),
        ],
        0,
    )
