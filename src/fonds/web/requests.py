"""What stands in a request, read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qs

from fonds.translations import said
from fonds.web.problems import Problem


def one_of_each(query: str, names: Sequence[str]) -> dict[str, str]:
    """Return the parameters of a query string that are known.

    Raises:
        Problem: One of them is given twice, or is not UTF-8.
    """
    return _one_of_each(_given(query), names)


def some_of_each(
    query: str, names: Sequence[str], several: Iterable[str]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the parameters of a query string that are known: those that are given once, and those that may be given often.

    What is given often has each value once; empty values are left out.

    Raises:
        Problem: One that must be given once is given twice; the query string is not UTF-8.
    """
    given = _given(query)
    often = {name: tuple(dict.fromkeys(filter(None, given.get(name, ())))) for name in several}
    return _one_of_each(given, names), {name: values for name, values in often.items() if values}


def _given(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Problem(400, said("The query string cannot be read: {error}.", error=error)) from error


def _one_of_each(given: Mapping[str, Sequence[str]], names: Sequence[str]) -> dict[str, str]:
    twice = next((name for name in names if len(given.get(name, ())) > 1), None)
    if twice:
        raise Problem(400, said("“{name}” is given more than once.", name=twice))
    return {name: given[name][0] for name in names if name in given}


def page_of(written: str, most: int) -> int:
    """Return the number of a page, 1 where none is written.

    Args:
        written: What the parameter ``page`` says.
        most: The last page that may be asked for.

    Raises:
        Problem: 400, it is no number from 1 to that.
    """
    if not written:
        return 1
    number = int(written) if written.isascii() and written.isdecimal() and len(written) < 8 else 0
    if not 1 <= number <= most:
        detail = f"“page” is “{written[:60]}”; expected the number of a page, from 1 to {most}."
        raise Problem(400, detail, facts={"parameter": "page", "expected": "integer"})
    return number
