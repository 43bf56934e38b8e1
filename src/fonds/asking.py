"""Ask a query from the command line: of a release on this machine, or of an endpoint anywhere."""

from __future__ import annotations

import ast
import asyncio
import http.client
import re
import shutil
import sys
import unicodedata
import urllib.error
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from fonds import __version__
from fonds.errors import FondsError, ParameterError, QuerySyntaxError, ReleaseError, StoreError
from fonds.formats import RDF_FORMATS, RESULT_FORMATS, RESULTS_JSON, TURTLE, Format
from fonds.identifiers import IriSpace
from fonds.release.folder import Release, open_release
from fonds.store import QueryForm, ServiceCall
from fonds.store.calls import read_federated_query
from fonds.store.federation import federation_of
from fonds.store.portable import pattern_of
from fonds.store.queries import form_of, in_order
from fonds.store.stored import declaring, read_query
from fonds.vocabulary import PREFIXES, XSD
from fonds.web.server import open_store
from fonds.web.sparql_request import named_format

TABLE = "table"
_GET_BYTES = 2000
"""A longer query is sent by POST: proxies cut addresses of a few thousand characters."""
_PIECE_BYTES = 64 * 1024
_WIDEST = 60
"""So many characters of a value stand in a table on a terminal, at least."""

Write = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Question:
    """A query and how its answer is wanted.

    Attributes:
        text: SPARQL, with its variables bound.
        form: Its form.
        format: Of the answer.
        table: Whether the answer is shown as a table.
    """

    text: str
    form: QueryForm
    format: Format
    table: bool


def question(text: str, wanted: str | None, variables: Mapping[str, str]) -> Question:
    """Return a query that is ready to be asked.

    Args:
        text: SPARQL.
        wanted: A format by name; None: a table for rows, Turtle for graphs.
        variables: What they are bound to, as people write it (:func:`term`).

    Raises:
        FondsError: It is no query, or the format does not fit it, or there is no such variable.
    """
    form = form_of(text)
    if form is None:
        raise QuerySyntaxError("This is no query: it has none of SELECT, ASK, CONSTRUCT and DESCRIBE.")
    graph = form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE)
    offered = RDF_FORMATS if graph else RESULT_FORMATS
    text = bound(text, {name: term(value) for name, value in variables.items()})
    if wanted is None or (wanted == TABLE and not graph):
        return Question(text, form, TURTLE if graph else RESULTS_JSON, table=not graph)
    format_ = named_format(wanted, offered)
    if format_ is None:
        names = ", ".join([*([] if graph else [TABLE]), *(each.ending for each in offered)])
        raise FondsError(f"{wanted}: no format for {form}; there are {names}")
    return Question(text, form, format_, table=False)


# ------------------------------------------------------------------------------------------------ the query


def query_text(what: str, folder: Path, given: Sequence[tuple[str, str]] = ()) -> tuple[str, bool]:
    """Return a query: the text of a file, of a stored query of the publication, or what was given itself.

    Args:
        what: A path, ``-`` for standard input, a name such as ``records``, or SPARQL.
        folder: The publication, a folder of its releases, or one of these.
        given: What is put into a stored query: the names of its parameters, and what they are, as at its address. Where nothing
            is, it is asked as it stands in its file.

    Returns:
        The text, and whether it is one of the publication, which declares no prefixes.

    Raises:
        FondsError: It looks like a file that is not there, or cannot be read, or is no stored query and is given parameters.
        ParameterError: One of these is unknown, given twice, missing, or of another kind.
    """
    path = _file_of(what, folder)
    if path is None and given:
        raise FondsError("Only a stored query has parameters; variables of another are bound with --var.")
    if path is None:
        return (sys.stdin.read() if what == "-" else what), False
    own = path.parent.resolve() in {each.resolve() for each in _folders_of_queries(folder)}
    return (_with_parameters(path, given) if given else _read(path)), own


def _file_of(what: str, folder: Path) -> Path | None:
    """Return the file in which a query stands; None where it was given itself."""
    if what == "-" or re.search(r"[\s{}]", what):
        return None
    if re.fullmatch(r"[\w-]+", what):
        for each in _folders_of_queries(folder):
            if (each / f"{what}.rq").is_file():
                return each / f"{what}.rq"
    path = Path(what)
    if path.is_file():
        return path
    raise FondsError(f"{what}: no such file, and no stored query of that name in {folder / 'queries'}")


def _folders_of_queries(folder: Path) -> Iterator[Path]:
    """Yield where stored queries are: in a publication or a release itself, else in the release that is current."""
    yield folder / "queries"
    try:
        yield open_release(folder).folder / "queries"
    except ReleaseError:
        return


def _with_parameters(path: Path, given: Sequence[tuple[str, str]]) -> str:
    """Return a stored query with what somebody put in."""
    query = read_query(path)
    names = [each.name for each in query.parameters]
    values: dict[str, str] = {}
    for name, value in given:
        if name not in names:
            raise ParameterError(
                f"There is no parameter “{name[:60]}”; this query takes {', '.join(names) or 'none'}.",
                parameter=name[:60],
            )
        if name in values:
            raise ParameterError(f"“{name}” is given more than once.", parameter=name)
        values[name] = value
    return query.bound(query.values(values))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FondsError(f"{path}: cannot be read ({error})") from error


_NUMBERS = (
    (re.compile(r"[+-]?[0-9]+"), XSD.integer),
    (re.compile(r"[+-]?[0-9]*\.[0-9]+"), XSD.decimal),
    (re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"), NamedNode(f"{XSD.iri}double")),
)
_SUBJECT = "urn:fonds:variable"


def term(value: str) -> NamedNode | Literal:
    """Return the term that somebody means.

    >>> str(term("crm:E21_Person")), str(term('"Куба"@ru')), str(term("1964")), str(term("Guevara"))
    ('<http://www.cidoc-crm.org/cidoc-crm/E21_Person>', '"Куба"@ru', '"1964"^^<http://www.w3.org/2001/XMLSchema#integer>', '"Guevara"')

    Args:
        value: ``<address>``, ``prefix:name``, ``"text"``, ``"text"@en``, ``"1964"^^xsd:gYear``, a number; anything else is a
            text as it stands.

    Raises:
        FondsError: It begins as an address or a quoted text and goes on as neither.
    """
    for pattern, datatype in _NUMBERS:
        if pattern.fullmatch(value):
            return Literal(value, datatype=datatype)
    prefix, colon, _ = value.partition(":")
    if value[:1] in ("<", '"', "'") or (colon and prefix in PREFIXES):
        return _parsed(value)
    return Literal(value)


def _parsed(value: str) -> NamedNode | Literal:
    declared = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    try:
        quads = list(parse(f"{declared}<{_SUBJECT}> <{_SUBJECT}> {value}\n.", format=RdfFormat.TURTLE))
    except SyntaxError as error:
        raise FondsError(f"{value}: neither an address in < > nor a text in quotes ({error})") from error
    found = quads[0].object if len(quads) == 1 and quads[0].subject == NamedNode(_SUBJECT) else None
    if not isinstance(found, NamedNode | Literal):
        raise FondsError(f"{value}: expected one address or one text")
    return found


def bound(text: str, values: Mapping[str, NamedNode | Literal]) -> str:
    """Return a query in which variables have values: ``VALUES`` at the beginning of its pattern (SPARQL 1.1 Query 10).

    A sub-select that does not pass a variable on has a variable of its own under the same name, which stays free.

    Raises:
        FondsError: The query has no such variable, or no pattern.
    """
    if not values:
        return text
    found = list(in_order(text))
    names = sorted({each.text[1:] for each in found if each.kind == "variable"})
    for name in values:
        if name not in names:
            raise FondsError(f"?{name}: the query has no such variable; it has {', '.join(names) or 'none'}")
    place = pattern_of(found)
    if place is None:
        raise FondsError("The query has no pattern in braces in which a variable could be bound.")
    clauses = "".join(f" VALUES ?{name} {{ {value} }}" for name, value in values.items())
    return f"{text[: place[0]]}{clauses} {text[place[0] :]}"


def with_prefixes(text: str) -> str:
    """Return a query that declares the prefixes which only our own store knows, for an endpoint elsewhere."""
    return declaring(text, PREFIXES)


# ------------------------------------------------------------------------------------------------ asking


def ask_release(path: Path, asked: Question, write: Write) -> None:
    """Ask a release on this machine, within the limits that strangers have.

    Raises:
        FondsError: There is no release, or no answer.
    """
    release = open_release(path)
    manifest = release.manifest
    head = read_federated_query(
        asked.text,
        limit_bytes=manifest.settings.limits.query_bytes,
        federation=federation_of(manifest.settings, manifest.base),
        base=manifest.base,
    )
    asyncio.run(_ask_release(release, asked, head.calls, write))


async def _ask_release(
    release: Release, asked: Question, calls: tuple[ServiceCall, ...], write: Write
) -> None:
    store = open_store(release)
    try:
        answer = await store.query(asked.text, asked.format, calls=calls)
        prefixes = {**PREFIXES, **IriSpace(release.manifest.base).prefixes}
        if asked.table:
            write(table(await _whole(answer), prefixes).encode())
        else:
            async for chunk in answer:
                write(chunk)
    finally:
        store.close()


async def _whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def ask_endpoint(endpoint: str, asked: Question, write: Write, *, timeout_seconds: int) -> None:
    """Ask an endpoint (SPARQL 1.1 Protocol).

    Raises:
        FondsError: It cannot be reached, or refuses; the text has its own words.
    """
    from SPARQLWrapper import GET, POST, SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    client = SPARQLWrapper(endpoint, agent=f"fonds/{__version__}")
    client.setQuery(asked.text)
    client.setMethod(GET if len(asked.text.encode()) <= _GET_BYTES else POST)
    client.setOnlyConneg(True)
    client.addCustomHttpHeader("Accept", asked.format.media_type)
    client.setTimeout(timeout_seconds)
    try:
        answer: Any = client.query().response
        _require(asked.format, answer.headers.get_content_type(), endpoint)
        if asked.table:
            write(table(answer.read(), PREFIXES).encode())
        else:
            while piece := answer.read(_PIECE_BYTES):
                write(piece)
    except SPARQLWrapperException as error:
        raise StoreError(f"{endpoint}: {_detail(_response(str(error)))}") from error
    except urllib.error.HTTPError as error:
        raise StoreError(
            f"{endpoint}: {error.code} {_detail(error.read().decode('utf-8', 'replace'))}"
        ) from error
    except urllib.error.URLError as error:
        raise StoreError(f"{endpoint}: cannot be reached ({error.reason})") from error
    except http.client.HTTPException as error:
        raise StoreError(
            f"{endpoint}: the answer broke off ({type(error).__name__}); nothing of it is whole"
        ) from error
    except TimeoutError as error:
        raise StoreError(f"{endpoint}: no answer within {timeout_seconds} seconds (--timeout)") from error
    except OSError as error:
        raise StoreError(f"{endpoint}: the connection broke ({error})") from error


def _require(format_: Format, media_type: str, endpoint: str) -> None:
    if media_type not in (format_.media_type, *format_.also):
        raise StoreError(f"{endpoint}: answered in {media_type[:80]}, not in {format_.media_type} as asked")


class _Problem(msgspec.Struct):
    detail: str


def _response(said: str) -> str:
    """Return what a server said, of which SPARQLWrapper's errors hold the bytes as Python writes them."""
    _, found, written = said.partition("Response:\n")
    try:
        return ast.literal_eval(written).decode("utf-8", "replace") if found else said
    except (SyntaxError, ValueError, AttributeError):
        return said


def _detail(said: str) -> str:
    """Return what a server says is wrong: the detail of a problem document, else the first lines."""
    try:
        return harmless(msgspec.json.decode(said, type=_Problem).detail)
    except msgspec.MsgspecError:
        pass
    return harmless(" ".join(said.split())[:500])


# ------------------------------------------------------------------------------------------------ tables


class _Term(msgspec.Struct, frozen=True):
    type: str
    value: Any
    lang: str = msgspec.field(name="xml:lang", default="")
    datatype: str = ""


class _Head(msgspec.Struct, frozen=True):
    vars: tuple[str, ...] = ()


class _Rows(msgspec.Struct, frozen=True):
    bindings: tuple[dict[str, _Term], ...] = ()


class _Results(msgspec.Struct, frozen=True):
    head: _Head = _Head()
    results: _Rows = _Rows()
    boolean: bool | None = None


def table(results: bytes, prefixes: Mapping[str, str]) -> str:
    """Return a result in JSON (SPARQL 1.1 Query Results JSON Format) as a table for people, or ``yes`` or ``no``.

    Raises:
        StoreError: It is no such result.
    """
    try:
        found = msgspec.json.decode(results, type=_Results)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"The answer is no result in JSON: {error}") from error
    if found.boolean is not None:
        return "yes\n" if found.boolean else "no\n"
    names = found.head.vars
    rows = [
        [_cell(row[name], prefixes) if name in row else "" for name in names]
        for row in found.results.bindings
    ]
    lines = list(_lines([names, *rows])) if names else []
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    return "\n".join([*lines, count]) + "\n"


def _lines(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    if sys.stdout.isatty():
        most = max(_WIDEST, shutil.get_terminal_size().columns - sum(sorted(widths)[:-1]) - 2 * len(widths))
        widths = [min(width, most) for width in widths]
    for number, row in enumerate(cells):
        yield "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  ".join("─" * width for width in widths)


def _padded(cell: str, width: int) -> str:
    if _width(cell) > width:
        while _width(cell) > width - 1:
            cell = cell[:-1]
        cell += "…"
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Return how many columns a text takes (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def _cell(value: _Term, prefixes: Mapping[str, str]) -> str:
    if value.type == "triple":
        parts = (msgspec.convert(value.value[place], _Term) for place in ("subject", "predicate", "object"))
        return f"<<( {' '.join(_cell(each, prefixes) for each in parts)} )>>"
    text = harmless(str(value.value))
    if value.type == "uri":
        return _short(text, prefixes)
    if value.lang:
        return f"{text} @{harmless(value.lang)}"
    return f"_:{text}" if value.type == "bnode" else text


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    best = max(
        (each for each in prefixes.items() if iri.startswith(each[1])),
        key=lambda each: len(each[1]),
        default=None,
    )
    return f"{best[0]}:{iri[len(best[1]) :]}" if best else iri


def harmless(text: str) -> str:
    """Return a text in which nothing can give a terminal orders: control characters are shown as escapes.

    >>> harmless("a\\x1b[2Jb\\n\\u202e")
    'a\\\\x1b[2Jb\\\\n\\\\u202e'
    """
    return "".join(
        each if unicodedata.category(each)[0] != "C" else each.encode("unicode_escape").decode()
        for each in text
    )
