"""What a page is packed in: MHTML and WARC, with what they say of the day and the address."""

from __future__ import annotations

import datetime
import email
import email.policy
import email.utils
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from fonds.errors import SourceError

HTML, PLAIN = "text/html", "text/plain"
MOST_BYTES_OF_PAGE = 8 * 1024 * 1024
"""Most bytes of one page, after all compression is undone."""
_MOST_UNPACKED = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one page, and what its envelope says of it."""

    source: bytes
    media_type: str
    charset: str = ""
    address: str = ""
    saved: str = ""
    record: str = ""


def body_of_mhtml(source: bytes, shown: str) -> Body:
    """Return the page of an MHTML file: its first part that is HTML or plain text.

    Raises:
        SourceError: It has none.
    """
    message = email.message_from_bytes(source, policy=email.policy.compat32)
    for part in message.walk():
        kind = part.get_content_type()
        if kind not in (HTML, PLAIN) or part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload.strip():
            address = part.get("Content-Location") or message.get("Snapshot-Content-Location") or ""
            return Body(
                payload,
                kind,
                charset=part.get_content_charset() or "",
                address=web_address(str(address)),
                saved=_day_of_message(message),
            )
    raise SourceError(shown, "is an MHTML file without a page in it")


def _day_of_message(message: Message) -> str:
    try:
        return email.utils.parsedate_to_datetime(str(message.get("Date"))).date().isoformat()
    except (TypeError, ValueError):
        return ""


def web_address(address: str) -> str:
    """Return an address if it is one of the web, else nothing."""
    address = address.strip()
    return address if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", address) and len(address) < 2000 else ""


def body_of_warc(source: bytes, shown: str, wanted: int | None) -> Body:
    """Return the page of a WARC.

    Args:
        source: The bytes of the file.
        shown: Its name in messages.
        wanted: Which of its pages, from 1; None: the only one.

    Raises:
        SourceError: It cannot be read, it has no page, or several and none is meant: then they are listed.
    """
    pages: list[str] = []
    chosen: Body | None = None
    try:
        for number, page in enumerate(_pages_of_warc(source, shown), start=1):
            pages.append(f"  --record {number}  {_line_of(page)}")
            if number == (wanted or 1):
                chosen = page
    # The library trips over records that lack what it takes for granted.
    except (
        ArchiveLoadFailed,
        EOFError,
        OSError,
        ValueError,
        AttributeError,
        LookupError,
        TypeError,
    ) as error:
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


def _line_of(page: Body) -> str:
    size = f"{len(page.source):,} bytes"
    return f"{page.address or '(no address)'}  {page.saved or 'no date'}  {page.media_type}  {size}"


def _pages_of_warc(source: bytes, shown: str) -> Iterator[Body]:
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
        yield Body(
            body,
            type_,
            charset=charset,
            address=web_address(headers.get_header("WARC-Target-URI") or ""),
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
