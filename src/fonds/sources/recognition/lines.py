"""What a single line is by its form: a sentence, a marking, a name, a signature, the label of a note."""

from __future__ import annotations

import re
from functools import cache

from fonds.sources.recognition.blocks import Block
from fonds.sources.recognition.brackets import BracketKind, find_brackets, standing_label
from fonds.sources.recognition.dates import find_dates, only_dates
from fonds.sources.recognition.words import alternatives, whole

MOST_WORDS_OF_LINE = 15
"""A line of more words is hardly a marking, an address or a signature."""
LONG = 40
"""So many words are a paragraph, whatever stands at their end."""
HEAD_OF_BLOCK = 2000
"""So many characters of a block are looked at for a label."""

_ENDS = re.compile(r"[.!?…:;][”\"»“’')\]]*(?:\s*\[[^\[\]]{0,200}\])*$")
_FEWEST_OF_SENTENCE = 5


def is_prose(block: Block, century: int | None = None) -> bool:
    """Tell whether a block is a paragraph by itself: a sentence that ends, or so many words that it can be nothing else."""
    if block.hint.level:
        return False
    if block.length >= LONG:
        return True
    if block.length < _FEWEST_OF_SENTENCE or not _ENDS.search(block.words):
        return False
    return not (any(only_dates(block.words, century)) or is_name(block.words) or is_marking_line(block.words))


def is_labelled(words: str) -> bool:
    """Tell whether a block begins with the label of a stamp or of a handwritten note."""
    brackets = find_brackets(words[:HEAD_OF_BLOCK])
    if (
        brackets
        and brackets[0].start == 0
        and brackets[0].kind in (BracketKind.STAMP, BracketKind.HANDWRITTEN)
    ):
        return True
    return standing_label(words) is not None


def is_marking_line(words: str) -> bool:
    """Tell whether a line says how secret a document is, which copy or number it has, perhaps when, and nothing else."""
    if len(words.split()) > MOST_WORDS_OF_LINE:
        return False
    undated = words
    for found in reversed(find_dates(words)):
        undated = f"{undated[: found.start]} {undated[found.end :]}"
    rest = undated
    for kind in ("marking", "urgency", "received"):
        rest = whole(kind).sub(" ", rest)
    rest = numbered("copy").sub(" ", rest)
    rest = numbered("register").sub(" ", rest)
    return rest != undated and not re.sub(r"[\W\d_]+", "", rest)


@cache
def numbered(kind: str) -> re.Pattern[str]:
    """Return a pattern that finds a number with its label: ``Copy No 2``, ``№ 375-с``."""
    return re.compile(
        rf"(?<!\w)(?P<label>{alternatives(kind)})[.:]?\s*(?P<number>\d[\w/.–-]*\w|\d)", re.IGNORECASE
    )


INITIAL = r"[^\W\d_a-zа-яё]\.(?:-?[^\W\d_a-zа-яё]\.)*"
CAPITALISED = r"[^\W\d_a-zà-ÿа-яё][\w'’-]*"
_PARTICLE = r"(?:de|del|la|von|van|der|di|da|du|le|y|of)"
_NAME = re.compile(
    rf"(?:{INITIAL}|{CAPITALISED},?|{_PARTICLE})(?:\s+(?:{INITIAL}|{CAPITALISED},?|{_PARTICLE})){{0,5}}[.,]?"
)


def is_name(words: str) -> bool:
    """Tell whether a line has the form of a person's name: capitalised words, with initials or at least two of them.

    >>> is_name("Darusenkov, O. T."), is_name("Seen by him")
    (True, False)
    """
    bare = words[1:-1] if words[:1] + words[-1:] in ("//", "()") else words
    if len(words) > 60 or not _NAME.fullmatch(bare):
        return False
    return bool(re.search(INITIAL, words)) or len(re.findall(CAPITALISED, words)) >= 2


def signature_in(words: str) -> int | None:
    """Return where in a line a signature begins, by the mark that says so; None where it has none.

    >>> signature_in("Ambassador: (signed) K. Todorov"), signature_in("Signed in Varn")
    (12, None)
    """
    if len(words) > 200:
        return None
    for mark in _signature_mark().finditer(words):
        name = words[mark.end() :]
        if not name or is_name(name) or re.fullmatch(CAPITALISED, name):
            return mark.start()
    return None


@cache
def _signature_mark() -> re.Pattern[str]:
    """Return a pattern that fits what stands before a name to say that it signed: ``(signed)``, ``[signature]``, ``Подпись:``."""
    return re.compile(
        rf"(?<!\w)(?:[(\[/]?(?:{alternatives('signed')})[)\]/]?[.:]?\s*|[(\[](?:{alternatives('editorial')})[)\]]\s*)",
        re.IGNORECASE,
    )


@cache
def begins(kind: str) -> re.Pattern[str]:
    """Return a pattern that fits a text that begins with a word of a kind."""
    return re.compile(rf"(?:{alternatives(kind)})(?!\w)", re.IGNORECASE)
