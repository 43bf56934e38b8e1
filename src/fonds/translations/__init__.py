"""Words of the program in the language of a page: messages of gettext catalogues, plural forms, numbers and dates.

English is what stands in code and templates. A catalogue is ``LANGUAGE/LC_MESSAGES/fonds.po`` in this folder; it is read when
its language is asked for first.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property, lru_cache
from gettext import c2py
from pathlib import Path

SOURCE = "en"
"""The language of the messages themselves."""
_HERE = Path(__file__).parent
CATALOGUE = Path("LC_MESSAGES", "fonds.po")
"""Where a catalogue stands in the folder of its language."""
_IN_CONTEXT = "\x04"
"""Stands between context and message, as in compiled catalogues of gettext."""
_MOST_DATES = 8_192


def _english(number: int) -> int:
    return 0 if number == 1 else 1


class Translation:
    """The messages of one language.

    Args:
        language: BCP 47 tag.
        messages: By the English message, with its context before it; several where a message has plural forms.
        plural: Which form stands with a number.
        is_reviewed: Whether somebody has read the whole of it who speaks the language.
    """

    def __init__(
        self,
        language: str,
        messages: Mapping[str, str | tuple[str, ...]],
        plural: Callable[[int], int] = _english,
        *,
        is_reviewed: bool = True,
    ) -> None:
        self.language = language
        self.is_reviewed = is_reviewed
        self.plural = plural
        self._messages = messages

    def gettext(self, message: str, context: str = "") -> str:
        """Return a message in this language, in English where it has none.

        Args:
            message: In English.
            context: What tells it from the same word with another meaning.
        """
        found = self._messages.get(f"{context}{_IN_CONTEXT}{message}" if context else message, message)
        return found if isinstance(found, str) else found[0]

    def forms(self, one: str, many: str, context: str = "") -> tuple[str, ...]:
        """Return all forms of a message that has plurals, in the order that :attr:`plural` counts them."""
        found = self._messages.get(f"{context}{_IN_CONTEXT}{one}" if context else one)
        return found if isinstance(found, tuple) else tuple((one, many)[_english(n)] for n in self._examples)

    @cached_property
    def _examples(self) -> tuple[int, ...]:
        """A number for each plural form."""
        found: dict[int, int] = {}
        for number in range(200):
            found.setdefault(self.plural(number), number)
        return tuple(found[form] for form in sorted(found))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the form of a message that stands with a number."""
        return self.forms(one, many)[self.plural(number)]

    def number(self, number: float, digits: int = 0) -> str:
        """Return a number with the marks of this language.

        Args:
            number: What is written; a whole one where there are no digits.
            digits: So many stand behind the decimal mark.
        """
        if self.language == SOURCE:
            # With narrow spaces between groups of three digits, from five digits on (SI Brochure 5.4.4).
            text = (f"{number:,.{digits}f}" if digits else f"{number:,}").replace(",", "\u202f")
            return text if number >= 10_000 else text.replace("\u202f", "")
        from babel.numbers import format_decimal

        places = "." + "0" * digits if digits else ""
        return format_decimal(number, format=f"#,##0{places}", locale=self.language)

    def language_name(self, tag: str) -> str:
        """Return what a language is called, nothing where that is not known, and in English, for which there is a table."""
        if self.language == SOURCE:
            return ""
        from babel import Locale

        return str(Locale.parse(self.language).languages.get(tag.split("-", maxsplit=1)[0].lower(), ""))

    def day(self, day: datetime.date) -> str:
        """Return a day as people write it."""
        from babel.dates import format_date

        return format_date(day, "long", locale=self.language)

    def month(self, day: datetime.date) -> str:
        """Return the month of a day as people write it."""
        from babel.dates import format_skeleton

        return format_skeleton("yMMMM", day, locale=self.language)

    def short_day(self, day: datetime.date) -> str:
        """Return a day of a year that stands beside it."""
        from babel.dates import format_skeleton

        return format_skeleton("MMMd", day, locale=self.language)

    def short_month(self, day: datetime.date) -> str:
        """Return the month of a day in few letters."""
        from babel.dates import format_skeleton

        return format_skeleton("yMMM", day, locale=self.language)


ENGLISH = Translation(SOURCE, {})
"""What stands in the code."""


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that pages can be in, English first."""
    return (SOURCE, *sorted(each.parents[1].name for each in _HERE.glob(f"*/{CATALOGUE}")))


@cache
def translation(language: str) -> Translation:
    """Return the messages of a language.

    Raises:
        LookupError: There is no catalogue of that name.
    """
    if language == SOURCE:
        return ENGLISH
    if language not in languages():
        raise LookupError(language)
    return read_catalogue(_HERE / language / CATALOGUE, language)


def read_catalogue(path: Path, language: str) -> Translation:
    """Return the messages of a catalogue; those that are empty or fuzzy are left out, so that they stay English."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    messages: dict[str, str | tuple[str, ...]] = {}
    for each in catalogue:
        one = each.id if isinstance(each.id, str) else each.id[0]
        said = (each.string,) if isinstance(each.string, str) else tuple(each.string or ())
        if one and said and all(said) and not each.fuzzy:
            key = f"{each.context}{_IN_CONTEXT}{one}" if each.context else one
            messages[key] = said[0] if isinstance(each.id, str) else said
    reviewed = "unreviewed" not in catalogue.header_comment.lower()
    return Translation(language, messages, c2py(catalogue.plural_expr), is_reviewed=reviewed)


# ------------------------------------------------------------------------------------------------ the page's own

_SPOKEN: ContextVar[Translation] = ContextVar("spoken", default=ENGLISH)
"""The language of the page that is being made: what a view says is put together in many places that know no page."""


def spoken() -> Translation:
    """Return the messages in the language of the page that is being made."""
    return _SPOKEN.get()


@contextmanager
def speaking(it: Translation) -> Iterator[None]:
    """Make pages in a language until the block ends."""
    token = _SPOKEN.set(it)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def gettext(message: str) -> str:
    """Return a message in the language of the page that is being made."""
    return _SPOKEN.get().gettext(message)


def pgettext(context: str, message: str) -> str:
    """Return a message that means something else in another context, in the language of the page."""
    return _SPOKEN.get().gettext(message, context)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a message that stands with a number, in the language of the page."""
    return _SPOKEN.get().ngettext(one, many, number)


def marked(message: str) -> str:
    """Return a message as it is; it stands in the catalogues, and is translated where it is shown."""
    return message


def marked_plural(one: str, many: str) -> tuple[str, str]:
    """Return both forms of a message as they are; they are translated where they are shown."""
    return one, many


class Said(str):
    """An English sentence that a page can show in its own language.

    Attributes:
        message: The sentence with the names of what stands in it, in braces.
        values: What stands in it, by name.
    """

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, object]


def said(message: str, /, **values: object) -> Said:
    """Return an English sentence that a page can show in its own language.

    >>> said("There is no page {number}.", number=7)
    'There is no page 7.'

    Args:
        message: The sentence; ``{name}`` stands for a value.
        values: By name.
    """
    it = Said(message.format(**values))
    it.message, it.values = message, values
    return it


def in_own_language(text: str) -> str:
    """Return a sentence in the language of the page; words of other origin as they are."""
    if not isinstance(text, Said):
        return text
    values = {
        name: in_own_language(each) if isinstance(each, str) else each for name, each in text.values.items()
    }
    return gettext(text.message).format(**values)


@lru_cache(maxsize=_MOST_DATES)
def _spelled_in(it: Translation, date: str) -> str:
    day = datetime.date.fromisoformat(date if len(date) == 10 else f"{date}-01")
    return it.day(day) if len(date) == 10 else it.month(day)


def spelled(date: str) -> str:
    """Return a day or a month of ISO 8601 as people write it in the language of the page, which is not English.

    Raises:
        ValueError: It is neither.
    """
    return _spelled_in(_SPOKEN.get(), date)
