"""What the pages with drawings share: drawings and tables as files, and links from within a drawing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from fonds.addresses import to_root
from fonds.web.answers import Answer, Exchange, Headers

_CACHE = (b"cache-control", b"public, max-age=60")
_VARY = (b"vary", b"Accept-Encoding")


def root_of(exchange: Exchange) -> str:
    """Return the reference from a page to the root of the site."""
    return to_root(exchange.path)


def on_page(drawing: str) -> Markup:
    """Return a drawing as it stands on a page: all words in it were escaped when it was made."""
    return Markup(drawing)  # noqa: S704


def as_drawing(exchange: Exchange, drawing: str) -> Answer:
    """Return a drawing as a file of its own."""
    exchange.keep = True
    return Answer(200, ((b"content-type", b"image/svg+xml"), _VARY, _CACHE), f"{drawing}\n".encode())


def as_csv(exchange: Exchange, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Answer:
    """Return a table as CSV (RFC 4180)."""
    exchange.keep = True
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows(rows)
    headers: Headers = (
        (b"content-type", b"text/csv;charset=utf-8;header=present"),
        (b"content-disposition", f'attachment; filename="{name}.csv"'.encode("ascii")),
        _VARY,
        _CACHE,
    )
    return Answer(200, headers, table.getvalue().encode())
