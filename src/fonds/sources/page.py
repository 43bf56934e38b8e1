"""A saved page: from the bytes of a text file, HTML, MHTML or WARC to its words, and what it says of where it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fonds.errors import SourceError
from fonds.sources.page_characters import decoded
from fonds.sources.page_envelopes import HTML, MOST_BYTES_OF_PAGE, PLAIN, Body, body_of_mhtml, body_of_warc
from fonds.sources.page_html import saved_from, words_of_html
from fonds.sources.recognition.blocks import Hint

MOST_BYTES = 64 * 1024 * 1024
"""Most bytes of a file that is read."""
MOST_CHARACTERS = 1024 * 1024
"""Most characters of a page's text."""
MHTML, WARC = "multipart/related", "application/warc"

_BINARIES = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a ZIP archive, or a file of an office program",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\xd0\xcf\x11\xe0": "a file of an old office program",
    b"7z\xbc\xaf": "a 7z archive",
    b"{\\rtf": "a file in Rich Text Format",
}
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The words of a saved page.

    Attributes:
        text: Its words; in a plain text file, all its characters as they are.
        media_type: What the file is.
        ending: The ending that its name has among the captures.
        verbatim: Whether the file itself is plain text in UTF-8, so that the words are the file.
        hints: What the page's markup says of lines, by the place in the text where each begins.
        address: From where it was saved, if the file says so.
        saved: The day on which it was saved, ISO 8601, if the file says so.
        title: The title of the HTML document.
        record: Which record of a WARC it is, empty for others.
        doubts: What a person has to decide.
    """

    text: str
    media_type: str
    ending: str
    verbatim: bool = False
    hints: Mapping[int, Hint] = field(default_factory=dict)
    address: str = ""
    saved: str = ""
    title: str = ""
    record: str = ""
    doubts: tuple[str, ...] = ()


def read_page(source: bytes, shown: str, *, record: int | None = None, charset: str = "") -> Page:
    """Return the words of a saved page.

    Args:
        source: The bytes of the file.
        shown: Its name in messages.
        record: Which page of a WARC is meant, from 1; None: the only one.
        charset: The character set, if the file does not name it, or not the right one.

    Raises:
        SourceError: It is no such file, it has no words, or it cannot be told which characters or which page are meant.
    """
    if len(source) > MOST_BYTES:
        raise SourceError(shown, f"has {len(source):,} bytes; at most {MOST_BYTES:,} are read")
    kind = _kind(source, shown)
    if record is not None and kind != WARC:
        raise SourceError(shown, f"is no WARC file but {kind}; leave --record out")
    if kind == WARC:
        body = body_of_warc(source, shown, record)
        page = _page(body, shown, charset, media_type=WARC)
    elif kind == MHTML:
        page = _page(body_of_mhtml(source, shown), shown, charset, media_type=MHTML)
    else:
        page = _page(Body(source, kind), shown, charset, media_type=kind)
    if len(page.text) > MOST_CHARACTERS:
        raise SourceError(
            shown,
            f"the page has {len(page.text):,} characters; at most {MOST_CHARACTERS:,} are read as one document",
        )
    if not re.search(r"\w", page.text):
        raise SourceError(shown, "has no words; nothing can be made from it")
    return page


def _kind(source: bytes, shown: str) -> str:
    """Return what a file is by its first bytes."""
    for magic, name in _BINARIES.items():
        if source.startswith(magic):
            raise SourceError(shown, f"is {name}, no saved page; expected plain text, HTML, MHTML or WARC")
    if not source.strip():
        raise SourceError(shown, "is empty; expected plain text, HTML, MHTML or WARC")
    if source.startswith((b"WARC/", b"\x1f\x8b")):
        return WARC
    head = source[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"(?i)(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related", head):
        return MHTML
    # Comments may stand before the first tag: browsers write there from where a page was saved.
    bare = re.sub(rb"(?s)<!--.*?-->|<\?.*?\?>", b"", head).lstrip()
    if re.match(
        rb"(?i)<(?:!doctype\s+html|html|head|body|meta|title|div|main|article|p|table|h[1-6]|span|a)\b", bare
    ):
        return HTML
    return PLAIN


def _page(body: Body, shown: str, charset: str, *, media_type: str) -> Page:
    if len(body.source) > MOST_BYTES_OF_PAGE:
        raise SourceError(
            shown,
            f"the page has {len(body.source):,} bytes; at most {MOST_BYTES_OF_PAGE:,} are read as one document",
        )
    text, doubts, used = decoded(body, shown, charset)
    if _CONTROL.search(text) and body.media_type == PLAIN:
        raise _control_character(text, shown)
    ending = {HTML: "html", PLAIN: "txt", MHTML: "mhtml"}.get(media_type, "")
    if media_type == WARC:
        ending = "warc"
    if body.media_type == PLAIN:
        named = f"{PLAIN};charset={used}" if media_type == PLAIN else media_type
        return Page(
            text=text,
            media_type=named,
            ending=ending,
            verbatim=media_type == PLAIN and used == "utf-8",
            address=body.address,
            saved=body.saved,
            record=body.record,
            doubts=doubts,
        )
    if _CONTROL.search(text):
        text = _CONTROL.sub("\ufffd", text)
        doubts = (*doubts, "the page has control characters; each is U+FFFD in its text")
    words, hints, title = words_of_html(text, shown)
    return Page(
        text=words,
        media_type=media_type,
        ending=ending,
        hints=hints,
        address=body.address or saved_from(text),
        saved=body.saved,
        title=title,
        record=body.record,
        doubts=doubts,
    )


def _control_character(text: str, shown: str) -> SourceError:
    match = _CONTROL.search(text)
    at = match.start() if match else 0
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    return SourceError(
        shown,
        f"has the control character U+{ord(text[at]):04X}, which no text has; is it a file of another kind?",
        line=line,
        column=column,
    )
