"""What the pages with drawings share: drawings and tables as files, and links from within a drawing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fonds.addresses import to_root
from fonds.web.answers import Answer, Exchange
from fonds.web.representations import kept_answer


@dataclass(frozen=True, slots=True)
class Named:
    """A thing in the table beside a drawing, with its page.

    Attributes:
        title: What it is called.
        href: Its page, relative to the root.
        language: Of the title.
        direction: Of the title; see :func:`fonds.web.values.direction_of`.
    """

    title: str
    href: str
    language: str | None = None
    direction: str = ""


def root_of(exchange: Exchange) -> str:
    """Return the reference from a page to the root of the site."""
    return to_root(exchange.path)


def on_page(drawing: str) -> Markup:
    """Return a drawing as it stands on a page: all words in it were escaped when it was made."""
    return Markup(drawing)  # noqa: S704


def as_file(exchange: Exchange, media_type: str, content: bytes, name: str = "") -> Answer:
    """Return a file that follows from the release and the address.

    Args:
        exchange: In which it was asked for.
        media_type: Of the file.
        content: Of the file.
        name: Under which it is saved; empty where it is shown.
    """
    saved = (b"content-disposition", f'attachment; filename="{name}"'.encode("ascii"))
    return kept_answer(exchange, media_type, content, *((saved,) if name else ()))


def as_drawing(exchange: Exchange, drawing: str) -> Answer:
    """Return a drawing as a file of its own."""
    return as_file(exchange, "image/svg+xml", f"{drawing}\n".encode())


def as_csv(exchange: Exchange, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Answer:
    """Return a table as CSV (RFC 4180)."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows(rows)
    content = table.getvalue().encode()
    return as_file(exchange, "text/csv;charset=utf-8;header=present", content, f"{name}.csv")
