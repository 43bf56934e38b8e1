"""A saved page: from the bytes of a text file, HTML, MHTML or WARC to its words, and what it says of where it comes from."""

from __future__ import annotations

import codecs
import datetime
import email
import email.policy
import email.utils
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message

from lxml import etree
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from fonds.errors import SourceError
from fonds.sources.recognition.blocks import Hint, spaced

MOST_BYTES = 64 * 1024 * 1024
"""Most bytes of a file that is read."""
MOST_BYTES_OF_PAGE = 8 * 1024 * 1024
"""Most bytes of one page, after all compression is undone."""
MOST_CHARACTERS = 1024 * 1024
"""Most characters of a page's text."""
_MOST_UNPACKED = 512 * 1024 * 1024

HTML, PLAIN, MHTML, WARC = "text/html", "text/plain", "multipart/related", "application/warc"

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
_CHARSETS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|windows-125\d|cp125\d|cp866|koi8-?[ru]|macintosh"
    r"|mac-?cyrillic|x-mac-cyrillic|gb2312|gbk|gb18030|big5|shift[_-]jis|euc-(jp|kr)",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True)
class _Body:
    """The bytes of one page, and what its envelope says of it."""

    source: bytes
    media_type: str
    charset: str = ""
    address: str = ""
    saved: str = ""
    record: str = ""


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
        body = _body_of_warc(source, shown, record)
        page = _page(body, shown, charset, media_type=WARC)
    elif kind == MHTML:
        page = _page(_body_of_mhtml(source, shown), shown, charset, media_type=MHTML)
    else:
        page = _page(_Body(source, kind), shown, charset, media_type=kind)
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


def _page(body: _Body, shown: str, charset: str, *, media_type: str) -> Page:
    if len(body.source) > MOST_BYTES_OF_PAGE:
        raise SourceError(
            shown,
            f"the page has {len(body.source):,} bytes; at most {MOST_BYTES_OF_PAGE:,} are read as one document",
        )
    text, doubts, used = _decoded(body, shown, charset)
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
    words, hints, title = _words_of_html(text, shown)
    return Page(
        text=words,
        media_type=media_type,
        ending=ending,
        hints=hints,
        address=body.address or _saved_from(text),
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


# -- characters -------------------------------------------------------------------------------------------------------


def _decoded(body: _Body, shown: str, charset: str) -> tuple[str, tuple[str, ...], str]:
    """Return a page's characters, what is doubtful about them, and the character set by which they were read."""
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


def _with_mark(body: _Body, name: str) -> str:
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


def _charset_of_meta(body: _Body) -> str:
    if body.media_type != HTML:
        return ""
    head = body.source[:8192]
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    found = re.search(rb"""(?i)<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]+)""", head)
    return found[1].decode("ascii", "replace") if found else ""


# -- envelopes --------------------------------------------------------------------------------------------------------


def _body_of_mhtml(source: bytes, shown: str) -> _Body:
    message = email.message_from_bytes(source, policy=email.policy.compat32)
    for part in message.walk():
        kind = part.get_content_type()
        if kind not in (HTML, PLAIN) or part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload.strip():
            address = part.get("Content-Location") or message.get("Snapshot-Content-Location") or ""
            return _Body(
                payload,
                kind,
                charset=part.get_content_charset() or "",
                address=_web_address(str(address)),
                saved=_day_of_message(message),
            )
    raise SourceError(shown, "is an MHTML file without a page in it")


def _day_of_message(message: Message) -> str:
    try:
        return email.utils.parsedate_to_datetime(str(message.get("Date"))).date().isoformat()
    except (TypeError, ValueError):
        return ""


def _web_address(address: str) -> str:
    address = address.strip()
    return address if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) and len(address) < 2000 else ""


def _body_of_warc(source: bytes, shown: str, wanted: int | None) -> _Body:
    """Return the page of a WARC; where there are several and none is meant, they are listed in the error."""
    pages: list[str] = []
    chosen: _Body | None = None
    try:
        for number, page in enumerate(_pages_of_warc(source, shown), start=1):
            pages.append(f"  --record {number}  {_line_of(page)}")
            if number == (wanted or 1):
                chosen = page
    except (ArchiveLoadFailed, EOFError, OSError, ValueError) as error:
        if source.startswith(b"\x1f\x8b") and not pages:
            message = "is compressed by gzip, but is no WARC; unpack it first"
        else:
            message = f"is a WARC that cannot be read to its end: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        raise SourceError(shown, message) from error
    if not pages:
        raise SourceError(
            shown, "is a WARC without a page: no response with status 200 is HTML or plain text"
        )
    if wanted is None and len(pages) > 1:
        listed = "\n".join(pages[:100]) + (f"\n  … and {len(pages) - 100} more" if len(pages) > 100 else "")
        raise SourceError(shown, f"has {len(pages)} pages; say which is meant:\n{listed}")
    if chosen is None:
        raise SourceError(shown, f"has {len(pages)} pages; there is none with the number {wanted}")
    return chosen


def _line_of(page: _Body) -> str:
    size = f"{len(page.source):,} bytes"
    return f"{page.address or '(no address)'}  {page.saved or 'no date'}  {page.media_type}  {size}"


def _pages_of_warc(source: bytes, shown: str) -> Iterator[_Body]:
    """Yield the records of a WARC that are pages, with their content decompressed."""
    unpacked = 0
    for record in ArchiveIterator(io.BytesIO(source)):
        body = b""
        if _is_page(record):
            body = record.content_stream().read(MOST_BYTES_OF_PAGE + 1)
        unpacked += len(body)
        while piece := record.raw_stream.read(1 << 20):
            unpacked += len(piece)
            if unpacked > _MOST_UNPACKED:
                raise SourceError(
                    shown, f"unpacks to more than {_MOST_UNPACKED:,} bytes; cut the page out first"
                )
        if not body:
            continue
        type_, charset = _content_type(record)
        headers = record.rec_headers
        yield _Body(
            body,
            type_,
            charset=charset,
            address=_web_address(headers.get_header("WARC-Target-URI") or ""),
            saved=_iso_day(headers.get_header("WARC-Date") or ""),
            record=headers.get_header("WARC-Record-ID") or "",
        )


def _is_page(record: ArcWarcRecord) -> bool:
    if record.rec_type not in ("response", "resource"):
        return False
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    return status == "200" and _content_type(record)[0] in (HTML, PLAIN)


def _content_type(record: ArcWarcRecord) -> tuple[str, str]:
    """Return a record's media type and character set, as its headers name them."""
    headers = record.http_headers if record.http_headers else record.rec_headers
    message = Message()
    message["Content-Type"] = re.sub(r"[\r\n]", " ", headers.get_header("Content-Type") or "")
    type_ = message.get_content_type()
    return HTML if type_ == "application/xhtml+xml" else type_, message.get_content_charset() or ""


def _iso_day(written: str) -> str:
    try:
        return datetime.date.fromisoformat(written[:10]).isoformat()
    except ValueError:
        return ""


# -- HTML -------------------------------------------------------------------------------------------------------------

# Not the whole head: where its end is left to be guessed, the parser takes the beginning of the page for a part of it.
_SILENT = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "title",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
    }
)
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
            "dialog",
        ),
        *(
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
        ),
        *(
            "h6",
            "header",
            "hr",
            "html",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
            "ol",
            "optgroup",
            "option",
            "p",
        ),
        *("pre", "section", "select", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)
_FURNITURE = frozenset({"nav", "footer", "aside", "menu", "form", "button", "select", "dialog"})
_FURNITURE_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"}
)
_FURNITURE_NAMES = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|cookies?|sidebar|social|share|toolbar|skip|pagination)(?:$|[-_\s])",
    re.IGNORECASE,
)
_DEEPEST = 1000


@dataclass(slots=True)
class _Lines:
    """The lines of a page as they come."""

    done: list[tuple[str, Hint]] = field(default_factory=list)
    gaps: list[bool] = field(default_factory=list)  # whether an empty line stands before each
    words: list[str] = field(default_factory=list)
    block: bool = True

    def close(self, hint: Hint, *, block: bool) -> None:
        """End the line that has words, if there is one."""
        line = "".join(self.words)
        self.words = []
        line = line if hint.broken else re.sub("[ \r\n\x0b\x0c\ufeff]+", " ", line)
        for number, each in enumerate(line.split("\n") if hint.broken else [line]):
            if spaced(each):
                self.done.append((each.rstrip() if hint.broken else each.strip(" \t"), hint))
                self.gaps.append(self.block)
                self.block = False
            elif hint.broken and number:
                self.block = True
        self.block = self.block or block


def _words_of_html(text: str, shown: str) -> tuple[str, Mapping[int, Hint], str]:
    """Return the words of a page as a text, what its markup says of the lines, and its title.

    Blocks are parted by an empty line, lines within a block by a line feed, cells of a row by a tab. What a browser does not
    show (scripts, styles) is no part of it.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise SourceError(shown, f"cannot be read as HTML: {error}") from error
    if root is None:
        return "", {}, ""
    title = root.find(".//title")
    lines = _Lines()
    _walk(root, lines, shown)
    parts: list[str] = []
    hints: dict[int, Hint] = {}
    at = 0
    for (line, hint), gap in zip(lines.done, lines.gaps, strict=True):
        between = ("\n\n" if gap else "\n") if parts else ""
        hints[at + len(between)] = hint
        parts += (between, line)
        at += len(between) + len(line)
    return "".join(parts) + "\n", hints, spaced(title.text or "") if title is not None else ""


def _walk(root: etree._Element, lines: _Lines, shown: str) -> None:
    """Go through a page without recursion: a hostile one is nested deeply."""
    main = _main(root)
    above: list[tuple[etree._Element, Hint]] = []
    silent: etree._Element | None = None
    hint = Hint(furniture=main is not None, broken=False)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            above.append((element, hint))
            if len(above) > _DEEPEST:
                raise SourceError(
                    shown, f"elements are nested more than {_DEEPEST} deep; this is no page of a document"
                )
            if silent is None and tag in _SILENT:
                silent = element
            if silent is not None:
                continue
            _break_before(element, tag, lines, hint)
            hint = _hint_within(element, tag, hint, main)
            lines.words.append(element.text or "")
        else:
            outer = above.pop()[1]
            if silent is None and tag in _BLOCKS:
                lines.close(hint, block=True)
            if silent is element:
                silent = None
            hint = outer
            if silent is None:
                lines.words.append(element.tail or "")
    lines.close(hint, block=True)


def _break_before(element: etree._Element, tag: str, lines: _Lines, hint: Hint) -> None:
    """End the line where an element begins another, and part the cells of a row."""
    if tag in _BLOCKS:
        lines.close(hint, block=True)
    elif tag == "br" or (tag == "td" and _follows_label(element)):
        lines.close(hint, block=False)
    elif tag in ("td", "th") and lines.words:
        lines.words.append("\t")


def _follows_label(cell: etree._Element) -> bool:
    """Tell whether a cell stands after the heading of its row: the two are a label and its value."""
    before = cell.getprevious()
    return before is not None and before.tag == "th" and before.getprevious() is None


def _main(root: etree._Element) -> etree._Element | None:
    """Return the one element in which a page says that its content stands; None where it does not say, or there are several."""
    for path in ("//main", "//*[@role='main']", "//article"):
        found = root.xpath(path)
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0], etree._Element):
            return found[0]
    return None


def _hint_within(element: etree._Element, tag: str, hint: Hint, main: etree._Element | None) -> Hint:
    furniture = hint.furniture
    if element is main:
        furniture = False
    elif tag not in ("body", "html") and (
        tag in _FURNITURE
        or (
            tag == "header" and not any(above.tag in ("main", "article") for above in element.iterancestors())
        )
        or element.get("role") in _FURNITURE_ROLES
        or _FURNITURE_NAMES.search(f"{element.get('class', '')} {element.get('id', '')}")
    ):
        furniture = True
    level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else hint.level
    return Hint(furniture=furniture, level=level, broken=hint.broken or tag == "pre")


def _saved_from(text: str) -> str:
    """Return the address that browsers note in a comment when they save a page, or that the page gives as its own."""
    noted = re.search(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", text[:4096])
    if noted:
        return _web_address(noted[1])
    canonical = re.search(
        r"""<link[^>]{0,300}?rel=["']?canonical["']?[^>]{0,300}?href=["']([^"']+)["']""", text[:65536], re.I
    )
    return _web_address(canonical[1]) if canonical else ""
