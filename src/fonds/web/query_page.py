"""What the query page shows beside an answer: the place of a fault, the address of a query, and the same query from programs."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from urllib.parse import quote

from fonds.store import QueryForm
from fonds.web.sparql_request import QueryRequest

_AROUND = 60
"""So many characters of a long line are shown on either side of a fault."""


@dataclass(frozen=True, slots=True)
class FaultyLine:
    """The line of a query in which something is wrong.

    Attributes:
        number: 1-based.
        before: What stands before the place.
        at: The character or word at the place; empty at the end of a line.
        after: The rest.
    """

    number: int
    before: str
    at: str
    after: str


def faulty_line(query: str, line: int, column: int) -> FaultyLine | None:
    """Return the line of a query in which something is wrong, None where there is no such place.

    >>> faulty_line("SELECT * {\\n  ?s foo:p ?o\\n}", 2, 6)
    FaultyLine(number=2, before='  ?s ', at='foo:p', after=' ?o')
    """
    lines = query.split("\n")
    if not 1 <= line <= len(lines) or column < 1:
        return None
    text, start = lines[line - 1].rstrip("\r"), column - 1
    end = start + 1
    while end < len(text) and not text[end].isspace() and text[start : start + 1].isalnum():
        end += 1
    before, after = text[:start], text[end:]
    if len(before) > _AROUND:
        before = f"…{before[-_AROUND:]}"
    if len(after) > _AROUND:
        after = f"{after[:_AROUND]}…"
    return FaultyLine(line, before, text[start:end], after)


def address(request: QueryRequest, **more: str) -> str:
    """Return the address of a query, relative to the root: whoever opens it asks the same."""
    pairs = [
        ("query", request.query or ""),
        *(("default-graph-uri", iri) for iri in request.dataset.default_graphs or ()),
        *(("named-graph-uri", iri) for iri in request.dataset.named_graphs or ()),
        *more.items(),
    ]
    return "sparql?" + "&".join(
        f"{name}={quote(value, safe='', errors='surrogatepass')}" for name, value in pairs
    )


def for_curl(endpoint: str, request: QueryRequest, form: object) -> str:
    """Return a command for a shell that asks the same query.

    Args:
        endpoint: The address of the endpoint.
        request: The query and its dataset.
        form: Of the query, which decides what is asked for.
    """
    accept = (
        "text/turtle" if _is_graph(form) else "text/csv" if form is QueryForm.SELECT else "text/plain, */*"
    )
    given = [f"default-graph-uri={iri}" for iri in request.dataset.default_graphs or ()] + [
        f"named-graph-uri={iri}" for iri in request.dataset.named_graphs or ()
    ]
    values = [*given, f"query={request.query or ''}"]
    options = " \\\n  ".join(f"--data-urlencode {shlex.quote(value)}" for value in values)
    return f"curl -H {shlex.quote('Accept: ' + accept)} \\\n  {options} \\\n  {shlex.quote(endpoint)}"


def for_python(endpoint: str, request: QueryRequest, form: object) -> str:
    """Return a program that asks the same query by SPARQLWrapper; see :func:`for_curl`."""
    format_ = "TURTLE" if _is_graph(form) else "JSON"
    lines = [
        f"from SPARQLWrapper import {format_}, SPARQLWrapper",
        "",
        f"endpoint = SPARQLWrapper({endpoint!r})",
        f"endpoint.setQuery({_python_text(request.query or '')})",
        *(f"endpoint.addDefaultGraph({iri!r})" for iri in request.dataset.default_graphs or ()),
        *(f"endpoint.addNamedGraph({iri!r})" for iri in request.dataset.named_graphs or ()),
        f"endpoint.setReturnFormat({format_})",
        "answer = endpoint.query().convert()",
    ]
    if _is_graph(form):
        lines.append("print(answer.decode())")
    elif form is QueryForm.ASK:
        lines.append('print(answer["boolean"])')
    else:
        lines += ['for row in answer["results"]["bindings"]:', "    print(row)"]
    return "\n".join(lines) + "\n"


def _is_graph(form: object) -> bool:
    return form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE)


def _python_text(text: str) -> str:
    """Return a text as Python writes it, over several lines where that is safe and easier to read."""
    plain = text.replace("\r\n", "\n")
    if (
        "\n" in plain
        and plain.isascii()
        and not set('\\\r\0"') & set(plain)
        and plain.replace("\n", "").isprintable()
    ):
        return f'"""{plain}"""'
    return repr(plain)
