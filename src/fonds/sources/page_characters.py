"""In which characters a page is written: as it is said, as the page declares, else UTF-8; nothing is guessed."""

from __future__ import annotations

import codecs
import re

from fonds.errors import SourceError
from fonds.sources.page_envelopes import HTML, PLAIN, Body

_CHARSETS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|windows-125\d|cp125\d|cp866|koi8-?[ru]|macintosh"
    r"|mac-?cyrillic|x-mac-cyrillic|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-(jp|kr)",
    re.IGNORECASE,
)


def decoded(body: Body, shown: str, charset: str) -> tuple[str, tuple[str, ...], str]:
    """Return a page's characters, what is doubtful about them, and the character set by which they were read.

    Args:
        body: The page.
        shown: The file's name in messages.
        charset: What somebody said that it is; empty for nothing.

    Raises:
        SourceError: The bytes are not of that character set; the first that is not is named.
    """
    declared = charset or body.charset or _charset_of_mark(body.source) or _charset_of_meta(body)
    name = _known(declared or "utf-8", shown)
    if not charset and name not in ("utf-8", "utf-16", "utf-16-le", "utf-16-be") and declared:
        try:
            text = body.source.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            if not text.isascii():
                doubt = f"the page declares {declared}, but its bytes are UTF-8 and are read as that"
                return text, (doubt,), "utf-8"
    try:
        return _with_mark(body, name), (), "utf-8" if name == "utf-8" else declared.lower()
    except (UnicodeDecodeError, UnicodeError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        before = body.source[:start]
        said = f"declares {declared}, but is not" if declared else "names no character set, and is not UTF-8"
        raise SourceError(
            shown,
            f"{said}: byte 0x{body.source[start]:02X} at position {start}; say what it is with --charset, such as "
            "--charset windows-1251",
            line=before.count(b"\n") + 1,
            column=start - (before.rfind(b"\n") + 1) + 1,
        ) from error


def _with_mark(body: Body, name: str) -> str:
    text = body.source.decode(name)
    # Of a text file the mark is the first character, and positions count from it; in a page it is nothing.
    return text if body.media_type == PLAIN else text.removeprefix("\ufeff")


def _known(name: str, shown: str) -> str:
    """Return Python's name of a character set.

    Raises:
        SourceError: It is none that pages are written in.
    """
    if _CHARSETS.fullmatch(name.strip()):
        try:
            label = {"iso-8859-1": "windows-1252", "latin1": "windows-1252"}.get(name.lower().strip(), name)
            return codecs.lookup(label.strip().replace("x-mac-cyrillic", "mac-cyrillic")).name
        except LookupError:
            pass
    raise SourceError(
        shown, f"names the character set {name[:40]!r}, which is not known; say which with --charset"
    )


def _charset_of_mark(source: bytes) -> str:
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return ""


def _charset_of_meta(body: Body) -> str:
    if body.media_type != HTML:
        return ""
    head = body.source[:8192]
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    found = re.search(rb"""(?i)<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]+)""", head)
    return found[1].decode("ascii", "replace") if found else ""
