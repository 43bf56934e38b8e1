"""A record's text for people: safe HTML fragments, block by block."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from urllib.parse import quote

import msgspec

from fonds.model import Block, Gap, Inline, Mark, Mention, Record, Reference
from fonds.quotation import quotable
from fonds.vocabulary import CAUSE_UNSTATED, LOST_IN_CAPTURE, lacuna_cause


class ReadingNote(msgspec.Struct, frozen=True):
    """A footnote of a block: it is read below the words that it belongs to, not among them."""

    name: str
    """Its part name: the fragment under which it is found."""
    number: int
    """Its number within the record, from 1, as it stands in the words."""
    html: str
    """A safe HTML fragment of phrasing content."""


class ReadingBlock(msgspec.Struct, frozen=True):
    """One block of a reading view."""

    name: str
    """Its part name, ``p7``: the fragment under which it is found."""
    kind: str
    """What it is: ``paragraph``, ``opener``, ``closer``, ``note``, ``heading``, ``table``, or ``withheld``."""
    ordinal: int | None
    """The number of a paragraph."""
    language: str
    """BCP 47 tag of its words."""
    html: str
    """A safe HTML fragment of phrasing content."""
    notes: list[ReadingNote] = []
    """Its footnotes, in the order of their numbers."""


class Reading(msgspec.Struct, frozen=True):
    """A record's text for people."""

    language: str
    """BCP 47 tag of the words."""
    fulltext: str
    """How much of them is here: ``full``, ``excerpt`` or ``link``."""
    blocks: list[ReadingBlock]
    """In order."""


WITHHELD = "[…] not published here"
"""What stands for words that do not leave the house."""


def reading_of(record: Record) -> Reading:
    """Return the reading view of as much of a record's words as may be published."""
    if record.fulltext == "link" or not record.text.blocks:
        return Reading(record.text.language, record.fulltext, [])
    return Reading(record.text.language, record.fulltext, _reading_blocks(record, quotable(record)))


def _reading_blocks(record: Record, allowed: Mapping[str, int]) -> list[ReadingBlock]:
    marks = _Marks(
        {mention.name: mention for mention in record.text.mentions},
        {gap.name: gap for gap in record.text.gaps},
        {page.name: page.number for page in record.text.pages},
        frozenset(note.name for note in record.text.notes if note.type in _FOOTNOTES),
    )
    shown = [block for block in record.text.blocks if allowed[block.name] or record.fulltext == "full"]
    blocks = [_reading_block(block, allowed[block.name], marks, record.text.language) for block in shown]
    if record.fulltext != "full":
        withheld = f'<span class="gap" role="note" data-cause="not-published">{WITHHELD}</span>'
        blocks.append(ReadingBlock("withheld", "withheld", None, "en", withheld))
    return blocks


def _reading_block(block: Block, length: int, marks: _Marks, language: str) -> ReadingBlock:
    content = block.content if length == len(block.text) else clip(block.content, length)
    # The number of a footnote stands at the word that it belongs to; the reader of TEI parts a note from the words by a blank.
    words, notes = re.sub(rf"\s+(?={_CALL})", "", "".join(_html(content, marks))), list(marks.below)
    marks.below.clear()
    return ReadingBlock(block.name, str(block.kind), block.ordinal, language, words, notes)


def clip(content: tuple[str | Inline, ...], length: int) -> tuple[str | Inline, ...]:
    """Return the first code points of a content, marks that are cut through included."""
    kept: list[str | Inline] = []
    for each in content:
        if length <= 0:
            break
        words = each if isinstance(each, str) else each.text
        if len(words) <= length:
            kept.append(each)
        else:
            kept.append(
                each[:length] if isinstance(each, str) else replace(each, content=clip(each.content, length))
            )
        length -= len(words)
    return tuple(kept)


@dataclass(slots=True)
class _Marks:
    """What the record says of its marks, by their part names, and the footnotes that were met.

    Attributes:
        mentions: Its mentions.
        gaps: Its gaps.
        pages: The numbers of its pages; empty where a page has none.
        footnotes: Which of its notes are footnotes.
        linked: Whether a link is open: HTML has no link within a link, so that a name within a name is marked only.
        noted: Whether a footnote is open: one within another is read where it stands.
        numbered: How many footnotes were met.
        below: Those of the block that is being read.
    """

    mentions: Mapping[str, Mention]
    gaps: Mapping[str, Gap]
    pages: Mapping[str, str]
    footnotes: frozenset[str]
    linked: bool = False
    noted: bool = False
    numbered: int = 0
    below: list[ReadingNote] = field(default_factory=list)


_CALL = '<a class="call"'
_FOOTNOTES = frozenset({"footnote", "source-note"})
_VOCABULARIES = frozenset({"type", "role", "language"})

_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")

_LOSSES: Mapping[str, str] = {
    "faded": "faded",
    "illegible": "illegible",
    "damaged": "damaged",
    "redacted": "withheld",
    "omitted": "left out by an editor",
    LOST_IN_CAPTURE: "lost in our copy",
    "not-published": "not published here",
    CAUSE_UNSTATED: "missing",
}
"""What is said of each cause of a loss, in a word or two."""

_PLAIN_ELEMENTS: Mapping[Mark, str] = dict.fromkeys(Mark, "span") | {
    Mark.EMPHASIS: "em",
    Mark.DELETION: "del",
}


def _html(content: Sequence[str | Inline], marks: _Marks) -> Iterator[str]:
    for each, after in zip_longest(content, content[1:], fillvalue=""):
        yield html.escape(each, quote=False) if isinstance(each, str) else _element(each, marks)
        if _is_empty_gap(each) and _begins_with_a_word(after):
            yield " "


def _is_empty_gap(each: str | Inline) -> bool:
    return isinstance(each, Inline) and each.mark is Mark.GAP and not each.text


def _begins_with_a_word(each: str | Inline) -> bool:
    return (each if isinstance(each, str) else each.text)[:1].isalnum()


def _element(inline: Inline, marks: _Marks) -> str:
    return _WRITERS.get(inline.mark, _plain)(inline, marks)


def _plain(inline: Inline, marks: _Marks) -> str:
    return _tagged(_PLAIN_ELEMENTS[inline.mark], inline, marks, _attributes(inline))


def _date(inline: Inline, marks: _Marks) -> str:
    when = inline.attributes.get("when", "")
    if _DAY.fullmatch(when):
        return _tagged("time", inline, marks, {"datetime": when})
    return _tagged("span", inline, marks, {"class": "date"})


def _attributes(inline: Inline) -> Mapping[str, str]:
    given = inline.attributes
    match inline.mark:
        case Mark.NOTE:
            return {"class": "note", "data-type": given.get("type", "")}
        case Mark.FOREIGN:
            return {"class": "foreign", "lang": given.get("lang") or given.get("language") or ""}
        case Mark.OTHER:
            return {"data-tag": given.get("tag", "")}
        case Mark.EMPHASIS | Mark.DELETION:
            return {}
        case mark:
            return {"class": str(mark)}


def _mention(inline: Inline, marks: _Marks) -> str:
    mention = marks.mentions.get(inline.id or "")
    target = inline.target or (mention.target if mention else None)
    certainty = str(mention.certainty) if mention else inline.attributes.get("cert", "high")
    linking = target is not None and not marks.linked
    attributes = {
        "class": "mention",
        "href": _address(target) if target and linking else "",
        "data-kind": target.kind if target else "",
        "data-certainty": "" if certainty == "high" else certainty,
    }
    before, marks.linked = marks.linked, marks.linked or linking
    written = _tagged("a" if linking else "span", inline, marks, attributes)
    marks.linked = before
    return written


def _break(inline: Inline, marks: _Marks) -> str:
    """Return a new line; of a page the place where it begins, with its number, in the middle of a line."""
    if inline.attributes.get("tag") != "pb":
        return "<br>"
    number = marks.pages.get(inline.id or "", "")
    return _tagged("span", replace(inline, content=()), marks, {"class": "page", "data-number": number})


def _note(inline: Inline, marks: _Marks) -> str:
    """Return a note in its place; of a footnote the number that calls for it, and set its words aside."""
    if inline.id not in marks.footnotes or marks.noted or marks.linked:
        return _plain(inline, marks)
    marks.numbered += 1
    number, name = marks.numbered, inline.id or ""
    marks.noted = True
    words = "".join(_html(inline.content, marks))
    marks.noted = False
    marks.below.append(ReadingNote(name, number, words))
    href = html.escape(f"#{name}")
    return f'{_CALL} href="{href}" aria-label="note {number}">{number}</a>'


def _address(target: Reference) -> str:
    """Return the address of a thing's document, seen from the document of a record."""
    above = "../vocab" if target.kind in _VOCABULARIES else ".."
    return f"{above}/{quote(target.kind, safe='')}/{quote(target.key, safe='')}"


def _gap(inline: Inline, marks: _Marks) -> str:
    gap = marks.gaps.get(inline.id or "") or _unlisted(inline)
    cause = "not-published" if gap.cause == "not-published" else lacuna_cause(gap.cause)
    attributes = {"class": "gap", "role": "note", "data-cause": cause, "data-unit": gap.unit or ""}
    if inline.text:
        return _tagged("span", inline, marks, attributes | {"data-loss": _LOSSES[cause]})
    shown = replace(inline, content=(f"[{_loss(gap, cause)}]",))
    return _tagged("span", shown, marks, attributes)


def _unlisted(inline: Inline) -> Gap:
    """Return what the words themselves say of a gap."""
    given = inline.attributes
    return Gap(name="", cause=given.get("reason", ""), unit=given.get("unit"), words="", block="", span=None)


def _loss(gap: Gap, cause: str) -> str:
    """Return a short text for words that are not there: ``2–3 lines faded``."""
    bounds = sorted({each for each in (gap.at_least, gap.at_most) if each is not None})
    if not bounds or not gap.unit:
        return _LOSSES[cause]
    return f"{'–'.join(map(str, bounds))} {gap.unit}{'' if bounds == [1] else 's'} {_LOSSES[cause]}"


_WRITERS: Mapping[Mark, Callable[[Inline, _Marks], str]] = {
    Mark.MENTION: _mention,
    Mark.GAP: _gap,
    Mark.NOTE: _note,
    Mark.DATE: _date,
    Mark.BREAK: _break,
}


def _tagged(element: str, inline: Inline, marks: _Marks, attributes: Mapping[str, str]) -> str:
    given = {"id": inline.id or "", **attributes}
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in given.items() if value)
    return f"<{element}{written}>{''.join(_html(inline.content, marks))}</{element}>"
