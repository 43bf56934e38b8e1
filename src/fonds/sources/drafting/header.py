"""The header of a draft: what the page says of the document, each part where TEI has a place for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fonds.sources.drafting.markup import decide, element, shown, words
from fonds.sources.drafting.text import TextDraft
from fonds.sources.recognition.dates import FoundDate, find_dates
from fonds.sources.recognition.fields import field_of
from fonds.sources.recognition.language import language_of_words
from fonds.sources.recognition.references import (
    WEAK_READING,
    Citation,
    Part,
    Shelfmark,
    Translating,
    find_shelfmark,
    find_translating,
    read_citation,
)
from fonds.sources.recognition.roles import OF_PAGE, Laid, Role
from fonds.sources.recognition.words import plain, values, whole

CAPTURED = "#capture"
_BESIDE = frozenset({"leaf", "reel"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a page says of its document.

    Attributes:
        page: The blocks that are of the page.
        citation: The parts of its citation.
        fields: The values of its statements, by what they are about.
        shelfmark: The archive's reference, in the citation or in a statement.
        translating: Who translated.
        original: The language of the original, as the page states it; empty where it does not.
        dated: The document's date, its words, and why it may be another; None where nothing gives it.
        occasion: The date of the conversation, and its words; None where nothing gives it.
        title: The title, and whether it is quoted in the citation.
        language: The language of the document's words, ``und`` where it cannot be told.
        page_language: The language of the page's own words about it.
        page_title: The title of the HTML document.
    """

    page: tuple[Laid, ...]
    citation: Citation
    fields: dict[str, list[str]]
    shelfmark: Shelfmark | None
    translating: Translating | None
    original: str
    dated: tuple[FoundDate, str, str] | None
    occasion: tuple[FoundDate, str] | None
    title: str
    language: str
    page_language: str
    page_title: str


def stated(laid: Sequence[Laid], text: TextDraft, century: int | None, page_title: str) -> Stated:
    """Return what a page says of its document.

    Args:
        laid: Its blocks, and what each is.
        text: The document's text as drafted.
        century: The century of years written with two figures.
        page_title: The title of the HTML document.
    """
    page = tuple(each for each in laid if each.role in OF_PAGE)
    quoted = next((each for each in page if each.role is Role.CITATION), None)
    citation = read_citation(quoted.block.words, century) if quoted else Citation()
    fields = _fields(page)
    shelfmark = citation.shelfmark or next(
        (found for each in fields.get("source", ()) if (found := find_shelfmark(each, certain=True))), None
    )
    about = " ".join(each.block.words for each in page if each.role in _ABOUT)
    own = " ".join(each.block.words for each in laid if each.role not in OF_PAGE)
    language = language_of_words(own) or "und"
    titles = [each.block.words for each in page if each.role is Role.TITLE]
    translating = _translating(page, fields)
    title = next(iter([*titles, *fields.get("title", ())]), "")
    return Stated(
        page=page,
        citation=citation,
        fields=fields,
        shelfmark=shelfmark,
        translating=translating,
        original=_original(fields, translating),
        dated=_dated(text, citation, fields, century),
        occasion=_occasion(text, citation, title, century),
        title=title,
        language=language,
        page_language=language_of_words(about) or language,
        page_title=page_title,
    )


_ABOUT = frozenset({Role.TITLE, Role.CITATION, Role.ABSTRACT, Role.FIELD, Role.FUNDER})


def _fields(page: Sequence[Laid]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for each in page:
        if each.role in (Role.FIELD, Role.RIGHTS, Role.ABSTRACT) and each.field:
            labelled = field_of(each.block.words)
            value = each.block.words[labelled[1] :] if labelled else each.block.words
            fields.setdefault(each.field, []).append(value)
    return fields


def _translating(page: Sequence[Laid], fields: dict[str, list[str]]) -> Translating | None:
    for each in page:
        if each.role in (Role.CITATION, Role.FIELD) and (found := find_translating(each.block.words)):
            return found
    names = fields.get("translator", [])
    return Translating(0, 0, translator=names[0]) if names else None


def _original(fields: dict[str, list[str]], translating: Translating | None) -> str:
    """Return the language of the original as the page states it, empty where it does not."""
    if translating and translating.language:
        return translating.language
    for value in fields.get("original-language", ()):
        match = whole("language").search(value)
        if match:
            return values("language")[plain(match[0])]
    return ""


def _dated(
    text: TextDraft, citation: Citation, fields: dict[str, list[str]], century: int | None
) -> tuple[FoundDate, str, str] | None:
    """Return the document's date: of its own line above the heading, of a statement, of the citation; a doubt where they differ."""
    on_it = [(found, said) for found, said, after_head in text.line_dates if not after_head and found.value]
    of_fields = [
        (found, value[found.start : found.end])
        for value in fields.get("date", ())
        for found in find_dates(value, century)
        if found.value
    ]
    of_citation = [(citation.dated, citation.dated_words)] if citation.dated and citation.dated.value else []
    after = [(found, said) for found, said, after_head in text.line_dates if after_head and found.value]
    candidates = [*on_it, *of_fields, *of_citation]
    if not candidates and not citation.in_title and after:
        candidates = after
    if not candidates:
        return None
    found, said = candidates[0]
    others = sorted({each.value for each, _ in candidates} - {found.value})
    doubt = f"the page also gives {' and '.join(others)}" if others else ""
    if candidates == of_citation:
        doubt = "only the citation gives it"
    return found, said, doubt


def _occasion(
    text: TextDraft, citation: Citation, title: str, century: int | None
) -> tuple[FoundDate, str] | None:
    """Return the date of a conversation: that of the title, if it speaks of one, or of a line below the heading."""
    titles = [each for each in (citation.title, title, text.head) if whole("conversation").search(each)]
    if not titles:
        return None
    for each in titles:
        dates = [found for found in find_dates(each, century) if found.value]
        if dates:
            return dates[-1], each[dates[-1].start : dates[-1].end]
    return next(((found, said) for found, said, after in text.line_dates if after and found.value), None)


# -- the parts of the header ------------------------------------------------------------------------------------------


def title_statement(said: Stated, text: TextDraft, fallback: str) -> Iterator[str]:
    """Yield the lines of ``titleStmt``."""
    language = _tag(said)
    if said.citation.title:
        yield element("title", words(said.citation.title), type="citation", xml__lang=language)
    titles = [each for each in said.page if each.role is Role.TITLE]
    for each in titles:
        yield element(
            "title", words(each.block.words), type="main", xml__lang=language, source=CAPTURED
        ) + _doubt(each)
    if not said.citation.title and not titles:
        yield from _title_otherwise(said, text, fallback)
    author = text.author or next(iter(said.fields.get("creator", ())), "")
    if author:
        yield element("author", words(author)) + (
            decide("the author's name is as the line after the diary's has it, perhaps not in its first form")
            if text.author
            else ""
        )
    else:
        signed = f"; it is signed {shown(text.signature)}" if text.signature else ""
        yield decide(f"who wrote it? The page has no line that says so{signed}")
    for each in said.page:
        if each.role is Role.FUNDER:
            yield element("funder", words(each.block.words), source=CAPTURED) + _doubt(each)
    if said.translating:
        yield _translator(said.translating)


def _title_otherwise(said: Stated, text: TextDraft, fallback: str) -> Iterator[str]:
    if said.title:
        yield element("title", words(said.title), xml__lang=_tag(said))
    elif text.head:
        yield element("title")  # its own heading counts
    elif said.page_title:
        yield element("title", words(said.page_title), xml__lang=_tag(said)) + decide(
            "the title is that of the page; is it that of the document?"
        )
    else:
        yield element("title", words(fallback)) + decide("the page gives no title; write one")


def _tag(said: Stated) -> str | None:
    return said.page_language if said.page_language != "en" else None


def _translator(found: Translating) -> str:
    """Return who translated; where the page names nobody, a comment, since nobody is invented."""
    if not found.translator:
        behalf = f" for {found.commissioner}" if found.commissioner else ""
        return decide(f"the page says that it was translated{behalf}, but not by whom")
    behalf = f" for {element('name', words(found.commissioner))}" if found.commissioner else ""
    resp = element("resp", f"translation{behalf}", key="trl")
    return element("respStmt", resp + element("name", words(found.translator)))


def publication_statement(said: Stated) -> Iterator[str]:
    """Yield the lines of ``publicationStmt``."""
    rights = [
        element("p", words(each.block.words), source=CAPTURED) + _doubt(each)
        for each in said.page
        if each.role is Role.RIGHTS
    ]
    publisher = said.citation.publisher or next(iter(said.fields.get("publisher", ())), "")
    if rights:
        rights.append(decide("is this said of the document, or of the site?"))
    else:
        rights.append(element("p", "Rights not stated on the page."))
    if publisher:
        yield element("publisher", words(publisher))
        yield element("availability", "".join(rights), status="unknown")
    else:
        yield from rights


def notes_statement(said: Stated, text: TextDraft) -> Iterator[str]:
    """Yield the lines of ``notesStmt``: grounds of what is not certain, and the page's other statements word for word."""
    by_ground: dict[str, list[str]] = {}
    for name, ground in text.grounds.items():
        by_ground.setdefault(ground, []).append(name)
    for ground, names in by_ground.items():
        yield element("note", words(ground), type="ground", target=" ".join(f"#{name}" for name in names))
    for part in _weakly_read(said.shelfmark):
        letter = part.words.partition(" ")[0].rstrip("0123456789")
        ground = f"“{letter}” is read as “{part.unit}”; the page does not expand it."
        yield element("note", words(ground), type="ground", target=f"#{part.unit}")
    for each in said.page:
        if each.role is Role.FIELD and each.field != "source":
            yield element(
                "note", words(each.block.words), type="page", subtype=each.field or None, source=CAPTURED
            ) + _doubt(each)
    for each in [each for each in said.page if each.role is Role.SHOWN_DATE][1:]:
        yield element("note", words(each.block.words), type="page", source=CAPTURED)


def _weakly_read(shelfmark: Shelfmark | None) -> list[Part]:
    if shelfmark is None:
        return []
    return list({part.unit: part for part in shelfmark.parts if _is_weak(part)}.values())


def _is_weak(part: Part) -> bool:
    return part.unit in WEAK_READING and not part.spelled


def citations(said: Stated) -> Iterator[str]:
    """Yield how the page says that the document is cited, and where it says that the original is."""
    marked = False
    cited = False
    for each in said.page:
        if each.role is not Role.CITATION and not (each.role is Role.FIELD and each.field == "source"):
            continue
        text = each.block.words
        found = find_shelfmark(text, certain=True)
        content = words(text)
        if found and not marked:
            marked = True
            content = (
                words(text[: found.start])
                + element("idno", words(text[found.start : found.end]), type="call-number")
                + words(text[found.end :])
            )
        type_ = "citation" if each.role is Role.CITATION and not cited else "reference"
        cited = cited or type_ == "citation"
        yield element("bibl", content, type=type_, xml__lang=_tag(said), source=CAPTURED) + _doubt(each)


def identifier(said: Stated, text: TextDraft) -> Iterator[str]:
    """Yield the lines of ``msIdentifier``."""
    shelfmark = said.shelfmark
    empty = True
    if shelfmark and shelfmark.repository:
        empty = False
        yield element("repository", words(shelfmark.repository))
    units = [part for part in shelfmark.parts if part.unit not in _BESIDE] if shelfmark else []
    for number, part in enumerate(units):
        empty = False
        tag = "idno" if number == len(units) - 1 else "collection"
        yield element(tag, words(part.words), type=part.unit)
    if empty:
        yield element("idno") + decide(
            "the page gives no shelfmark; write the archive's reference if you know it"
        )
    seen: set[str] = set()
    for part in shelfmark.parts if shelfmark else ():
        if part.unit in _BESIDE:
            weak = _is_weak(part)
            name = part.unit if weak and part.unit not in seen else None
            seen.add(part.unit)
            yield element(
                "altIdentifier",
                element("idno", words(part.words)),
                type=part.unit,
                cert="medium" if weak else None,
                xml__id=name,
            )
    for unit, number_ in dict.fromkeys(text.numbers):
        yield element("altIdentifier", element("idno", words(number_)), type=unit)


def languages(said: Stated, text: TextDraft) -> Iterator[str]:
    """Yield the lines of ``langUsage``: the language of the words, and of others only what the page or a note says."""
    held = said.language
    if held == "und":
        yield element("language", "not told by its words", ident="und") + decide(
            "in which language is the document? Write it here and on text"
        )
        return
    of_note, other = _languages_of_notes(text)
    source = said.original or of_note
    if source == held:
        yield element("language", "the original; held", ident=held, ana="type:original")
    elif source or said.translating is not None:
        if source:
            doubt = (
                "" if said.original else decide("that the original is in this language is taken from a note")
            )
            yield element("language", "the original; not held", ident=source, ana="type:original") + doubt
        else:
            yield decide("in which language is the original? The page does not say it")
        yield element("language", "translation; held", ident=held, ana="type:translation")
    else:
        yield element("language", "held", ident=held) + decide(
            "the page does not say whether this is the original or a translation; it is read as the original"
        )
    for tag, note in other:
        if tag not in (held, source):
            yield element(
                "language",
                "known only from a note",
                ident=tag,
                ana="type:other-translation",
                corresp=f"#{note}",
            )


def _languages_of_notes(text: TextDraft) -> tuple[str, list[tuple[str, str]]]:
    """Return the language of the original, and of other translations with the note that names them, as notes name them."""
    original = ""
    others: list[tuple[str, str]] = []
    for name, said in text.notes.items():
        for match in whole("language").finditer(said):
            tag = values("language")[plain(match[0])]
            after = plain(said[match.end() : match.end() + 20])
            before = plain(said[max(0, match.start() - 20) : match.start()])
            if after.startswith(("text", "original", "version")) or before.endswith(
                ("texto", "original", "оригинал")
            ):
                original = original or tag
            elif after.startswith(("translation", "перевод")) or before.endswith(
                ("traducción", "traduction")
            ):
                others.append((tag, name))
    return original, others


def _doubt(each: Laid) -> str:
    return decide(f"{shown(each.block.words)} {each.doubt}") if each.doubt else ""
