"""What stands in brackets in a transcription: losses, notes of translators and editors, labels of stamps and handwritten notes."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from fonds.sources.recognition.words import alternatives, plain, table, values, whole

_MOST_WORDS_OF_LOSS = 14
_MOST_WORDS_OF_LABEL = 14
_MOST_WORDS_ALONE = 6
_DOTS = re.compile(r"[\s.…·]*(?:\.{2,}|…|·{2,}|\.\s\.)[\s.…·]*")
_PAIRS = {"[": "]", "(": ")"}


class BracketKind(StrEnum):
    """What a bracket is."""

    GAP = "gap"
    NOTE = "note"  # of a translator or an editor, whole within the bracket
    STAMP = "stamp"
    HANDWRITTEN = "handwritten"
    EDITORIAL = "editorial"  # a word of the editor's: [signature], [sic]


@dataclass(frozen=True, slots=True)
class Loss:
    """What is said of words that are missing, and no more than is said.

    Attributes:
        attributes: Those of TEI's ``gap``: ``reason``, ``unit``, ``quantity``, ``atLeast``, ``atMost``, ``extent``.
        doubt: What a person has to decide; empty for nothing.
    """

    attributes: Mapping[str, str]
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket in a text.

    Attributes:
        kind: What it is.
        start: Its first code point, the bracket itself.
        end: The code point after its last.
        label: The end of the label within it, for notes and stamps: after ``[Translator's note:``; 0 where it has none.
        open: Whether what it labels follows after it (``[Stamp]: Seen``).
        place: Where on the paper its label says it stands: first and last code point; None where it does not say.
        loss: The loss that it reports.
        translator: Whether the note is a translator's by its label.
    """

    kind: BracketKind
    start: int
    end: int
    label: int = 0
    open: bool = False
    place: tuple[int, int] | None = None
    loss: Loss | None = field(default=None)
    translator: bool = False


def find_brackets(text: str) -> list[Bracket]:
    """Return the brackets of a text that say something, in their order, none within another.

    Square brackets are an editor's. Round ones are anybody's; they count only where they have the words of a loss and no others.

    >>> [(each.kind.value, each.loss.attributes) for each in find_brackets("so [2-3 lines faded] it was") if each.loss]
    [('gap', {'reason': 'faded', 'unit': 'lines', 'atLeast': '2', 'atMost': '3'})]
    """
    return [found for start, end in _pairs(text) if (found := _bracket(text, start, end))]


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the outermost pairs of brackets that are closed."""
    stack: list[tuple[str, int]] = []
    waiting = {"]": 0, ")": 0}
    pairs: list[tuple[int, int]] = []
    for match in re.finditer(r"[\[\]()]", text):
        if match[0] in _PAIRS:
            stack.append((_PAIRS[match[0]], match.start()))
            waiting[_PAIRS[match[0]]] += 1
        elif waiting[match[0]]:
            closing, start = "", 0
            while closing != match[0]:
                closing, start = stack.pop()
                waiting[closing] -= 1
            pairs.append((start, match.end()))
    squares = sorted(start for start, _ in pairs if text[start] == "[")
    end = 0
    for pair in sorted(pairs):
        if pair[0] >= end and not (text[pair[0]] == "(" and _holds_one(squares, *pair)):
            yield pair
            end = pair[1]


def _holds_one(starts: list[int], start: int, end: int) -> bool:
    """Tell whether one of sorted places lies in a stretch: a round bracket must not hide a square one."""
    at = bisect.bisect_right(starts, start)
    return at < len(starts) and starts[at] < end


def _bracket(text: str, start: int, end: int) -> Bracket | None:
    content = text[start + 1 : end - 1]
    if text[start] == "(":
        loss = read_loss(content, alone=True)
        return Bracket(BracketKind.GAP, start, end, loss=loss) if loss else None
    if not content.strip() or re.fullmatch(r"[\d*†,\s]+", content):
        return None  # a footnote's number, or nothing
    return (
        _note(content, start, end)
        or _labelled(text, start, end)
        or _gap(content, start, end)
        or Bracket(BracketKind.EDITORIAL, start, end)
    )


def _gap(content: str, start: int, end: int) -> Bracket | None:
    loss = read_loss(content)
    return Bracket(BracketKind.GAP, start, end, loss=loss) if loss else None


# -- notes and labels -------------------------------------------------------------------------------------------------


@cache
def _note_label() -> re.Pattern[str]:
    return re.compile(
        rf"\s*(?:(?P<translator>{alternatives('translator')})|{alternatives('editor')})\s*[:–—-]\s*",
        re.IGNORECASE,
    )


def _note(content: str, start: int, end: int) -> Bracket | None:
    label = _note_label().match(content)
    if label is None or label.end() == len(content):
        return None
    words = content[label.end() :]
    said = read_loss(words, within=True)
    return Bracket(
        BracketKind.NOTE,
        start,
        end,
        label=start + 1 + label.end(),
        loss=said,
        translator=label["translator"] is not None,
    )


def _labelled(text: str, start: int, end: int) -> Bracket | None:
    """Read ``[Stamp]: words``, ``[Stamp: words]``, ``[Handwritten note at the top]: words``; None for anything else."""
    content = text[start + 1 : end - 1]
    for kind, words in ((BracketKind.STAMP, "stamp"), (BracketKind.HANDWRITTEN, "note")):
        label, colon, rest = content.partition(":")
        named = _label_of(words, label)
        if named is None:
            continue
        if colon and rest.strip():
            inside = start + 1 + len(label) + 1
            inside += len(rest) - len(rest.lstrip())
            return Bracket(kind, start, end, label=inside, place=_moved(named, start + 1))
        after = re.compile(r"\s*:\s*").match(text, end)
        if not colon and after and after.end() < len(text):
            return Bracket(kind, start, end, label=after.end(), open=True, place=_moved(named, start + 1))
    return None


def _moved(place: tuple[int, int], by: int) -> tuple[int, int] | None:
    return (place[0] + by, place[1] + by) if place[1] > place[0] else None


@cache
def _label(words: str) -> re.Pattern[str]:
    first = r"(?:(?:first|second|third|another|left|right|upper|lower|\d+)\s+)?"
    return re.compile(rf"\s*{first}(?:{alternatives(words)})(?!\w)", re.IGNORECASE)


def _label_of(words: str, label: str) -> tuple[int, int] | None:
    """Return where in a label its words on the place stand (an empty stretch if it has none); None if it is no such label."""
    match = _label(words).match(label)
    if match is None or len(label.split()) > _MOST_WORDS_OF_LABEL:
        return None
    at = _place_within(match[0])
    if at is not None:
        return match.start() + at, len(label.rstrip())
    rest = label[match.end() :]
    lead = len(rest) - len(rest.lstrip(" ,;"))
    return match.end() + lead, max(match.end() + lead, len(label.rstrip()))


def _place_within(words: str) -> int | None:
    """Return where the place begins in words such as “note to the left”; None where they name none."""
    place = re.search(
        r"\b(?:(?:in|on) the margin|to the |at the |al margen|en marge|на полях|am Rand)",
        words,
        re.IGNORECASE,
    )
    return place.start() if place else None


def standing_label(text: str) -> tuple[BracketKind, int] | None:
    """Return what a line without brackets labels, and where its words begin (``Handwritten note: Seen``); None for others."""
    head, colon, rest = text.partition(":")
    if not colon or not rest.strip():
        return None
    start = len(head) + 1 + len(rest) - len(rest.lstrip())
    for kind, words in ((BracketKind.STAMP, "stamp"), (BracketKind.HANDWRITTEN, "note")):
        if _label_of(words, head) is not None and len(head.split()) <= 8:
            return kind, start
    return None


# -- losses -----------------------------------------------------------------------------------------------------------


def read_loss(words: str, *, alone: bool = False, within: bool = False) -> Loss | None:
    """Return what a bracket says of a loss; None where it does not speak of one.

    Args:
        words: What stands in the bracket.
        alone: There must be no words but those of a loss, and a cause must be among them.
        within: The words are a sentence that may speak of a loss; a number of lines or words must be lost in it.
    """
    if not (alone or within) and _DOTS.fullmatch(words):
        return Loss({}, "three dots: something is left out, but not by whom or why")
    reasons = list(_reasons(words))
    attributes = _extent(words)
    measured = "unit" in attributes
    if attributes == {"unit": "pages"} and not _counts_pages(words, reasons):
        attributes = {}  # “page damaged”: the page is there
    if "omitted" in reasons and re.search(r"\band\b|;", words):
        attributes = {}  # “here follow a table and 6 pages”: the number is not that of all that is left out
    if within:
        return _loss(reasons, attributes) if reasons and measured else None
    if len(words.split()) > _MOST_WORDS_OF_LOSS or ":" in words:
        return None
    if alone:
        only = len(words.split()) <= _MOST_WORDS_ALONE and any(reasons) and not _rest_of_loss(words)
        return _loss(reasons, attributes) if only else None
    return _loss_in_brackets(words, reasons, attributes, measured=measured)


def _loss_in_brackets(
    words: str, reasons: list[str], attributes: Mapping[str, str], *, measured: bool
) -> Loss | None:
    """Return a loss by the words of a square bracket: a cause, or something missing that is measured, or a measure alone."""
    if any(reasons) or (reasons and (measured or len(words.split()) <= 2)):
        return _loss(reasons, attributes)
    if not reasons and len(attributes) > 1 and not _rest_of_loss(words):
        return Loss(attributes, "a number of lines or words in brackets; that they are lost is not said")
    return None


def _counts_pages(words: str, reasons: list[str]) -> bool:
    """Tell whether pages are what is lost where no number is given: “several pages”, “page missing”, not “page torn”."""
    missing = "omitted" in reasons or (not any(reasons) and len(words.split()) <= 3)
    return missing or whole("several").search(words) is not None


def _loss(reasons: list[str], attributes: Mapping[str, str]) -> Loss:
    # The table has causes before effects: what cannot be read since it is faded is faded.
    reason = next(filter(None, reasons), "")
    return Loss({**({"reason": reason} if reason else {}), **attributes})


def _reasons(words: str) -> Iterator[str]:
    """Yield the causes that words name, in the order of the table; empty where something is missing and no cause is named."""
    found = {values("loss")[plain(match[0])] for match in whole("loss").finditer(words)}
    order = dict.fromkeys(value for value, _, _ in table()["loss"])
    yield from (value for value in order if value in found)


@cache
def _measure() -> re.Pattern[str]:
    number = rf"\d{{1,4}}|{alternatives('number')}"
    between = rf"\s*[-–—/]\s*|\s+(?:{alternatives('range')})\s+"
    loss = rf"(?:(?:{alternatives('loss')})\s+)?"
    inexact = "|".join(map(alternatives, ("about", "qualifier", "part")))
    return re.compile(
        rf"(?:(?P<about>(?<!\w)(?:{inexact})\.?\s+)?"
        rf"(?<!\w)(?P<least>{number})(?:(?:{between})(?P<most>{number}))?\s+{loss})?"
        rf"(?<!\w)(?P<unit>{alternatives('unit')})(?!\w)",
        re.IGNORECASE,
    )


def _extent(words: str) -> dict[str, str]:
    """Return the unit and the number that words name; a number that is only about right is given in words."""
    matches = list(_measure().finditer(words))
    match = next((each for each in matches if each["least"]), matches[0] if matches else None)
    if match is None:
        return {}
    attributes = {"unit": values("unit")[plain(match["unit"])]}
    if not match["least"]:
        return attributes
    if match["about"]:
        return attributes | {"extent": match[0].strip()}
    least, most = _number(match["least"]), _number(match["most"] or "")
    if most is None:
        return attributes | {"quantity": str(least)}
    if least is not None and least < most:
        return attributes | {"atLeast": str(least), "atMost": str(most)}
    return attributes | {"extent": match[0].strip()}


def _number(words: str) -> int | None:
    if words.isdecimal():
        return int(words)
    return int(values("number")[plain(words)]) if words else None


def _rest_of_loss(words: str) -> str:
    """Return what is left of words without those of a loss and its measure."""
    rest = whole("loss").sub(" ", words)
    rest = _measure().sub(" ", rest)
    return re.sub(r"[\s.,;…-]+", " ", rest).strip()
