"""What the pages with drawings share: drawings and tables as files, and links from within a drawing."""

from __future__ import annotations

import csv
import io
import re
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


_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.][\d.,:/TZX~?%-]*$)")


def in_a_cell(value: object) -> object:
    """Return a value as it stands in a table that may be opened in a spreadsheet program.

    Such programs run what begins like a formula, and formulas send what else stands there to anybody. An apostrophe before it, which
    they do not show, makes it a text. The results of SPARQL in CSV are exact instead, as their standard has it.

    >>> in_a_cell("=HYPERLINK(A1)"), in_a_cell("-2+3+cmd|A0"), in_a_cell("- a dash"), in_a_cell("-0044-03-15"), in_a_cell(-1.5)
    ("'=HYPERLINK(A1)", "'-2+3+cmd|A0", "'- a dash", '-0044-03-15', -1.5)
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def as_csv(exchange: Exchange, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Answer:
    """Return a table as CSV (RFC 4180), for spreadsheet programs too: see :func:`in_a_cell`.

    Args:
        exchange: Of the request.
        name: Under which it is saved, without its ending; empty where it is shown.
        columns: Their names.
        rows: Of values.
    """
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows([in_a_cell(each) for each in row] for row in rows)
    content = table.getvalue().encode()
    return as_file(exchange, "text/csv;charset=utf-8;header=present", content, name and f"{name}.csv")
