"""Long lists page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a page stands in a list.

    Attributes:
        first: The number of its first entry, from 1.
        last: The number of its last entry.
        total: How many entries there are.
        number: Which page it is, from 1.
        count: How many pages there are.
        before: Address of the page before it, relative to the root; empty for the first.
        after: Address of the page after it; empty for the last.
        end: Address of the last page.
    """

    first: int
    last: int
    total: int
    number: int
    count: int
    before: str
    after: str
    end: str


def at_page(address: str, number: int, parameters: Mapping[str, str]) -> str:
    """Return the address of a page of a list.

    Args:
        address: Of the list, without a query.
        number: Of the page, from 1.
        parameters: Of the query, beside ``page``; empty ones are left out.
    """
    given = {name: value for name, value in parameters.items() if value}
    if number > 1:
        given["page"] = str(number)
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    return f"{address}?{query}" if query else address


def pages(address: str, number: int, total: int, length: int, **parameters: str) -> Pages:
    """Return where a page stands in a list.

    Args:
        address: Of the list, relative to the root, without a query.
        number: Of the page, from 1.
        total: Entries in all.
        length: Entries on a page.
        parameters: Of the query, beside ``page``; empty ones are left out.
    """
    count = max(1, -(-total // length))

    return Pages(
        (number - 1) * length + 1,
        min(total, number * length),
        total,
        number,
        count,
        at_page(address, number - 1, parameters) if number > 1 else "",
        at_page(address, number + 1, parameters) if number < count else "",
        at_page(address, count, parameters),
    )
