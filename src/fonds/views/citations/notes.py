"""Citations for people: a note of the Chicago Manual of Style for archival documents, its short form, and GOST R 7.0.5-2008.

A note is in pieces, since the words of a record may be in another language and run in another direction than those around them;
its text is the pieces put together. A date of access is in none: nobody states one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fonds.views.citations.facts import Cited, When
from fonds.views.citations.names import Name, joined

_UNDATED = "n.d."
_LONG = 50
_SHORTEST = 15


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one language.

    Attributes:
        text: The words.
        language: BCP 47 tag; empty for the words of the note itself.
        quoted: Whether they are the record's, whatever language that is.
    """

    text: str
    language: str = ""
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A citation as a text.

    Attributes:
        pieces: In order.
    """

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a record, as a citation names it.

    Attributes:
        locator: What it is: ``para. 7``, ``lacuna g1 (faded)``.
        iri: Its identifier, which is its permanent address.
    """

    locator: str
    iri: str


@dataclass(frozen=True, slots=True)
class _Item:
    """What stands between two commas.

    Attributes:
        pieces: Its words.
        title: Whether they are a title, which stands in quotation marks with the comma inside.
    """

    pieces: tuple[Piece, ...] = field(default=())
    title: bool = False


def chicago(cited: Cited, part: Part | None = None) -> Note:
    """Return the full note: writer, title, date, where the paper lies, through whom the words came, where they are read.

    The Chicago Manual of Style, 17th edition, 14.221 to 14.231: the item first, the archive behind it. The reference of the
    archive stands as the source has it, since it is not ours to turn round.

    Args:
        cited: The record.
        part: A part of it; None: the whole.
    """
    items = [
        _people(cited, [each.running for each in cited.authors], [each.running for each in cited.recipients]),
        _title(cited, cited.title),
        _date(cited, cited.title),
        _words(_numbered(cited) if not cited.container else ""),
        *_place(cited),
        _translated(cited),
        _said(cited.publisher),
        _words(part.locator if part else ""),
        _words(part.iri if part else cited.iri),
    ]
    return _sentence(items)


def short(cited: Cited) -> Note:
    """Return the short note, for every citation after the first."""
    title = cited.short_title or _beginning(cited.title)
    items = [
        _people(cited, [each.short for each in cited.authors], [each.short for each in cited.recipients]),
        _title(cited, title),
        _date(cited, title),
        *_place(cited),
    ]
    if not cited.shelfmark and not cited.container:
        items.append(_words(cited.iri))
    return _sentence(items)


def quotation(words: str, cited: Cited, part: Part) -> Note:
    """Return words of a record with the note that says where they stand."""
    source = chicago(cited, part).pieces
    quoted = Piece(words, cited.language, quoted=True)
    return Note(
        (Piece("“"), quoted, Piece("” ("), *source[:-1], Piece(source[-1].text.removesuffix(".") + ")."))
    )


def _sentence(items: Iterable[_Item]) -> Note:
    """Join items with commas and end with a full stop."""
    given = [each for each in items if any(piece.text for piece in each.pieces)]
    pieces: list[Piece] = []
    for at, item in enumerate(given):
        mark = "." if at == len(given) - 1 else ","
        *before, last = item.pieces
        if item.title:
            pieces += [Piece("“"), *before, _without_stop(last), Piece(f"{mark}”")]
        else:
            pieces += [*before, last, Piece("" if last.text.endswith(mark) else mark)]
        pieces.append(Piece(" " if mark == "," else ""))
    return Note(_merged(pieces))


def _without_stop(piece: Piece) -> Piece:
    """Return a title without the full stop or comma at its end: the note has its own there."""
    text = piece.text if piece.text.endswith(("..", "…")) else piece.text.removesuffix(".").removesuffix(",")
    return Piece(text, piece.language, piece.quoted)


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return pieces with those of the note itself put together."""
    merged: list[Piece] = []
    for each in pieces:
        if each.text and merged and not each.quoted and not merged[-1].quoted:
            merged[-1] = Piece(merged[-1].text + each.text)
        elif each.text:
            merged.append(each)
    return tuple(merged)


def _words(text: str) -> _Item:
    return _Item((Piece(text),))


def _said(text: str) -> _Item:
    return _Item((Piece(text, quoted=True),))


def _people(cited: Cited, authors: Sequence[str], recipients: Sequence[str]) -> _Item:
    if not authors or not recipients:
        return _said(joined(authors))
    if _says_no_more(cited):
        return _Item()
    return _Item((Piece(joined(authors), quoted=True), Piece(" to "), Piece(joined(recipients), quoted=True)))


def _says_no_more(cited: Cited) -> bool:
    """Tell whether a title is nothing but “A to B, date”, in any language: it says already who wrote to whom."""
    rest = cited.title
    for each in (*cited.authors, *cited.recipients):
        if not any(form in rest for form in (each.running, each.text)):
            return False
        rest = rest.replace(each.running, "").replace(each.text, "")
    return len(rest.replace(cited.date.words if cited.date else "", "")) < 10


def _title(cited: Cited, title: str) -> _Item:
    inner = title.translate(str.maketrans("“”", "‘’"))
    return _Item((Piece(inner, cited.title_language, quoted=True),), title=True)


def _beginning(title: str) -> str:
    """Return a long title up to its first comma, colon, semicolon or full stop that leaves some words.

    >>> _beginning("2. Letter From President Kennedy to Chairman Khrushchev: the Answer to His of April")
    '2. Letter From President Kennedy to Chairman Khrushchev'
    """
    if len(title) <= _LONG:
        return title
    stop = re.compile(r"[,:;.]\s").search(title, _SHORTEST)
    return title[: stop.start()] if stop else title


def _date(cited: Cited, title: str) -> _Item:
    if cited.date is None:
        return _words(_UNDATED)
    text = cited.date.text
    if text in title:
        return _Item()
    # A spelled date is English; the words of a source are in whatever language it is.
    return _words(text) if text != cited.date.words else _said(text)


def _numbered(cited: Cited) -> str:
    """Return the number of a record; a bare one is called a number, and one with which the title begins is not repeated."""
    number = cited.number
    if not number or re.match(rf"{re.escape(number)}\b", cited.title):
        return ""
    return f"no. {number}" if number.isdigit() else number


def _place(cited: Cited) -> Iterator[_Item]:
    """Yield where the record is to be found: in a volume, or in an archive, whose name stands where the source has it."""
    if cited.container:
        number = _numbered(cited)
        yield _Item((Piece(f"{number} in " if number else "in "), Piece(cited.container, quoted=True)))
        return
    yield _said(cited.shelfmark)
    if cited.archive and not cited.shelfmark.startswith(cited.archive):
        yield _said(cited.archive)


def _translated(cited: Cited) -> _Item:
    if not cited.translators and not cited.commissioners:
        return _Item()
    pieces = [Piece("trans.")]
    if cited.translators:
        pieces += [Piece(" "), Piece(_all(cited.translators), quoted=True)]
    if cited.commissioners:
        pieces += [Piece(" for "), Piece(_all(cited.commissioners), quoted=True)]
    return _Item(tuple(pieces))


def _all(names: Iterable[Name]) -> str:
    return joined([each.running for each in names])


# ------------------------------------------------------------------------------------------------ GOST


_LEVELS = {
    "f": "Ф", "fond": "Ф", "ф": "Ф", "фонд": "Ф",
    "op": "Оп", "opis": "Оп", "оп": "Оп", "опись": "Оп",
    "d": "Д", "delo": "Д", "д": "Д", "дело": "Д",
    "l": "Л", "list": "Л", "л": "Л", "лист": "Л",
    "ll": "Лл", "listy": "Лл", "лл": "Лл", "листы": "Лл",
}  # fmt: skip
"""What the levels of an archive of the Russian tradition are called in Latin letters, and how GOST R 7.0.5-2008 has them."""

_UNIT = re.compile(r"(?P<level>[^\W\d_]+)\.?\s*(?P<number>\d.*)")
_VERSO = re.compile(r"\s+(?:ob|об)\.?$")


def gost(cited: Cited) -> Note:
    """Return the reference of GOST R 7.0.5-2008 for an archival document.

    The title stands in it where it is the document's own: that of a translation is no title of the paper in the archive.
    Fond, opis, delo and list get their Russian signs. Of the archive's name only a Russian form that is stated is taken.
    """
    pieces: list[Piece] = []
    own = not cited.original_language or cited.title_language == cited.original_language
    place = _gost_place(cited)
    if own or not place:
        authors = ", ".join(
            " ".join(filter(None, (each.family, each.given))) or each.text for each in cited.authors
        )
        pieces += (
            [Piece(authors, quoted=True), Piece(" " if authors.endswith(".") else ". ")] if authors else []
        )
        pieces.append(Piece(cited.title, cited.title_language, quoted=True))
        date = _gost_date(cited.date) if cited.date else ""
        if date and date not in cited.title:
            pieces += [_stop(cited.title), Piece(date, quoted=True)]
        pieces += [Piece(" // "), *place] if place else [_stop(pieces[-1].text), Piece(f"URL: {cited.iri}")]
    else:
        pieces += place
    return Note(_merged([*pieces, Piece("" if pieces[-1].text.endswith(".") else ".")]))


def _stop(text: str) -> Piece:
    return Piece(" " if text.endswith(".") else ". ")


def _gost_date(date: When) -> str:
    """Return a date in figures, 27.10.1964; of a date with doubts the words."""
    return ".".join(reversed(date.exact.split("-"))) if date.exact else date.text


def _gost_place(cited: Cited) -> list[Piece]:
    if cited.container:
        number = f"№ {cited.number}" if cited.number.isdigit() else cited.number
        behind = [_stop(cited.container), Piece(number)] if number else []
        return [Piece(cited.container, quoted=True), *behind]
    if not cited.location:
        return [Piece(cited.archive_in_russian or cited.archive, quoted=True)] if cited.archive else []
    archive = cited.archive_in_russian or cited.archive
    units = russian_units(cited.location)
    location = Piece(". ".join(units)) if units else Piece(cited.location, quoted=True)
    return [Piece(archive, quoted=True), _stop(archive), location] if archive else [location]


def russian_units(location: str) -> list[str]:
    """Return the units of a shelfmark of the Russian tradition with their Russian signs; none where it is of another.

    What is no fond, opis, delo or list, such as a number of a microfilm, has no place there.

    >>> russian_units("f. 5, op. 49, d. 758, l. 269 ob., r. 9126")
    ['Ф. 5', 'Оп. 49', 'Д. 758', 'Л. 269 об']
    >>> russian_units("Best. 12, d. 4")
    []
    """
    found = [_UNIT.fullmatch(part.strip()) for part in location.split(",")]
    known = [(_LEVELS.get(unit["level"].casefold()), unit["number"]) for unit in found if unit]
    units = [f"{level}. {_VERSO.sub(' об', number)}" for level, number in known if level]
    if not found[0] or _LEVELS.get(found[0]["level"].casefold()) != "Ф" or len(units) < 2:
        return []
    return units
