"""The SPARQL endpoint: what a request asks (SPARQL 1.1 Protocol 2), in which format, and its answer as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from email.message import Message
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qsl

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from fonds.addresses import named_node
from fonds.errors import (
    FormatError,
    QueryForbidden,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    QueryTooLong,
    StoreBusy,
    StoreError,
)
from fonds.formats import (
    CSV,
    HTML,
    JSONLD,
    NQUADS,
    NTRIPLES,
    RDF_FORMATS,
    RDFXML,
    RESULT_FORMATS,
    RESULTS_JSON,
    RESULTS_XML,
    TRIG,
    TSV,
    TURTLE,
    Format,
)
from fonds.store import Answer as StoreAnswer
from fonds.store import Dataset, QueryForm
from fonds.store.queries import QueryHead, read_query
from fonds.vocabulary import PREFIXES, RDF, RDFS, SD
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.negotiation import negotiate, read_accept
from fonds.web.problems import Choice, Problem, problem_answer
from fonds.web.results import read_table, read_truth
from fonds.web.site import Site
from fonds.web.wording import default_graph_note

T = TypeVar("T")
_OWN_DATASET = Dataset()

_ROWS_FORMATS = (*RESULT_FORMATS, HTML)
_GRAPH_FORMATS = (*RDF_FORMATS, HTML)
_NO_QUERY_FORMATS = (HTML, *RDF_FORMATS)

_WHOLE_BYTES = 64 * 1024
"""Answers up to this size are sent whole, with an ETag, and kept."""
_WHOLE_SECONDS = 0.015
"""How long the first bytes wait for the rest of a small answer."""
_SHOWN_BYTES = 512 * 1024
_SHOWN_ROWS = 500
_OLD_PROTOCOL_BYTES = 16 * 1024 * 1024
"""Largest answer for a client of HTTP/1.0, to which a cut answer looks whole."""

_NAMES: Mapping[str, tuple[Format, ...]] = {
    "html": (HTML,),
    "json": (RESULTS_JSON, JSONLD),
    "xml": (RESULTS_XML, RDFXML),
    "csv": (CSV,),
    "tsv": (TSV,),
    "srj": (RESULTS_JSON,),
    "srx": (RESULTS_XML,),
    "turtle": (TURTLE,),
    "ttl": (TURTLE,),
    "n3": (TURTLE,),
    "nt": (NTRIPLES,),
    "ntriples": (NTRIPLES,),
    "n-triples": (NTRIPLES,),
    "json-ld": (JSONLD,),
    "jsonld": (JSONLD,),
    "rdf": (RDFXML,),
    "rdf+xml": (RDFXML,),
    "rdfxml": (RDFXML,),
    "trig": (TRIG,),
    "nq": (NQUADS,),
    "nquads": (NQUADS,),
    "n-quads": (NQUADS,),
}
"""What clients write after ``format=`` or ``output=``; one name can stand for rows and for graphs."""


# ------------------------------------------------------------------------------------------------ the request


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """What a request asks.

    Attributes:
        query: The text; None where there is none.
        dataset: What the request names as its dataset.
        wanted: A format by name; None where the Accept header decides.
    """

    query: str | None
    dataset: Dataset = _OWN_DATASET
    wanted: str | None = None


def read_request(method: str, content_type: str | None, query_string: str, body: bytes) -> QueryRequest:
    """Read a request to the endpoint.

    Raises:
        Problem: 400 for what cannot be read or is given twice, 403 for an update, 415 for another type of body.
    """
    parameters = _read_parameters(query_string)
    if method == "POST":
        type_, charset = _media_type(content_type)
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise Problem(415, f"The body is sent as {charset[:40]}; send UTF-8.")
        if type_ == "application/x-www-form-urlencoded":
            parameters += _read_parameters(_utf8(body))
        elif type_ == "application/sparql-query":
            parameters.append(("query", _utf8(body)))
        elif type_ == "application/sparql-update":
            raise Problem(403, "This endpoint answers queries; it takes no updates.")
        else:
            raise Problem(
                415,
                f"The body is sent as “{type_[:80]}”; "
                "send application/x-www-form-urlencoded or application/sparql-query (SPARQL 1.1 Protocol 2.1).",
            )
    return _request(parameters)


def _request(parameters: Sequence[tuple[str, str]]) -> QueryRequest:
    def given(*names: str) -> list[str]:
        return [value for name, value in parameters if name in names]

    if given("update", "using-graph-uri", "using-named-graph-uri"):
        raise Problem(403, "This endpoint answers queries; it takes no updates.")
    queries = given("query")
    if len(queries) > 1:
        raise Problem(400, "“query” is given more than once (SPARQL 1.1 Protocol 2.1).")
    wanted = next((each for each in given("format", "output", "results") if each), None)
    return QueryRequest(
        queries[0] if queries else None,
        _dataset(given("default-graph-uri"), given("named-graph-uri")),
        wanted,
    )


def _dataset(default_graphs: list[str], named_graphs: list[str]) -> Dataset:
    for iri in (*default_graphs, *named_graphs):
        if named_node(iri) is None:
            raise Problem(400, f"“{iri[:200]}” is not an absolute IRI and cannot name a graph.")
    if not default_graphs and not named_graphs:
        return _OWN_DATASET
    # SPARQL 1.1 Protocol 2.1.4: a request that names a graph has exactly the dataset it names.
    return Dataset(tuple(default_graphs), tuple(named_graphs))


def _read_parameters(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Problem(400, f"The parameters cannot be read: {error}.") from error


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, f"The body is not UTF-8 ({error.reason} at byte {error.start}).") from error


def _media_type(content_type: str | None) -> tuple[str, str]:
    """Return type and charset of a body, in lower case; empty where they are not given."""
    message = Message()
    message["content-type"] = (content_type or "")[:1000].replace("\r", " ").replace("\n", " ")
    if not content_type:
        return "", ""
    charset = message.get_param("charset", "")
    return message.get_content_type(), charset.lower() if isinstance(charset, str) else "unknown"


# ------------------------------------------------------------------------------------------------ the format


def choose_format(form: QueryForm | None, wanted: str | None, exchange: Exchange) -> Format:
    """Return the format of the answer: as the request names it, else as its Accept header has it.

    Raises:
        Problem: 406, with what can be had for this form of query.
    """
    graph = form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE)
    offered = _GRAPH_FORMATS if graph else _ROWS_FORMATS
    if wanted is not None:
        named = _named(wanted, offered)
        if named is None:
            raise _not_acceptable(offered, f"There is no format “{wanted[:60]}” for this query.")
        return named
    format_ = negotiate(exchange.accept, offered)
    if format_ is None and graph and _asks_for_results(exchange.accept):
        # roqet asks for application/sparql-results+xml whatever the form of the query is.
        format_ = TURTLE
    if format_ is None:
        raise _not_acceptable(offered, "None of the formats that are asked for can be had for this query.")
    exchange.offered = offered
    exchange.chosen = format_.ending
    return format_


def _named(wanted: str, offered: Sequence[Format]) -> Format | None:
    name = wanted.strip().lower()
    by_name = next((each for each in _NAMES.get(name, ()) if each in offered), None)
    return by_name or next((each for each in offered if name in (each.media_type, *each.also)), None)


def _asks_for_results(accept: str | None) -> bool:
    types = {each.media_type for each in RESULT_FORMATS}
    return any(f"{each.type}/{each.subtype}" in types and each.weight > 0 for each in read_accept(accept))


def _not_acceptable(offered: Sequence[Format], what: str) -> Problem:
    types = [each.media_type for each in offered]
    return Problem(406, f"{what} There are {', '.join(types)}.", facts={"available": types})


# ------------------------------------------------------------------------------------------------ errors


def problem_of(error: StoreError, method: str) -> Problem:
    """Return what a client is told about a query that was not answered."""
    said = str(error)
    match error:
        case QuerySyntaxError(line=line, column=column):
            problem = Problem(400, said, facts={"line": line, "column": column} if line else {})
        case FormatError():
            problem = Problem(406, said)
        case QueryForbidden():
            problem = Problem(403, said)
        case QueryTooLong(limit_bytes=limit):
            status = 414 if method in ("GET", "HEAD") else 413
            problem = Problem(status, said, facts={"limit_bytes": limit})
        case QueryTooComplex():
            problem = Problem(400, said)
        case QueryLimitPassed(limit=limit, value=value):
            dumps = (Choice("dataset", "All data as files"),)
            problem = Problem(503, said, dumps, facts={"limit": limit, "value": value})
        case StoreBusy(retry_after_seconds=seconds):
            problem = Problem(503, said, headers=((b"retry-after", str(seconds).encode()),))
        case _:
            problem = Problem(503, said)
    return problem


# ------------------------------------------------------------------------------------------------ the answer


@dataclass(frozen=True)
class Stream:
    """An answer that is sent as it comes.

    Attributes:
        headers: Without :data:`~fonds.web.answers.ALWAYS`.
        first: What is there already.
        rest: The query's own answer; it raises if it does not come to its end.
    """

    headers: Headers
    first: bytes
    rest: Rest


class Rest:
    """What is still to come of an answer, a chunk at a time."""

    def __init__(self, answer: StoreAnswer) -> None:
        self._answer = answer
        self._chunks: AsyncIterator[bytes] = answer.__aiter__()
        self._pending: asyncio.Future[bytes | None] | None = None

    def next(self) -> asyncio.Future[bytes | None]:
        """Return the next chunk, or None at the end; the same future until it is done and taken."""
        if self._pending is None:
            self._pending = asyncio.ensure_future(self._next())
        return self._pending

    def take(self) -> bytes | None:
        """Return the chunk of a future that is done."""
        pending, self._pending = self.next(), None
        return pending.result()

    async def _next(self) -> bytes | None:
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            return None

    async def aclose(self) -> None:
        """Give the worker free."""
        if self._pending is not None and not self._pending.done():
            self._pending.cancel()
            await asyncio.gather(self._pending, return_exceptions=True)
        await self._answer.aclose()


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the endpoint, as the edge has read it.

    Attributes:
        exchange: The address and what is accepted.
        method: ``GET``, ``HEAD`` or ``POST``.
        content_type: Of the body.
        body: Empty for GET.
        whole: Whether the answer may not be streamed (HTTP/1.0).
    """

    exchange: Exchange
    method: str
    content_type: str | None
    body: bytes
    whole: bool = False


class Endpoint:
    """Answers queries; pages are made in the threads of ``executor``."""

    def __init__(self, site: Site, executor: Executor) -> None:
        self._site = site
        self._executor = executor

    async def answer(self, call: Call) -> Answer | Stream:
        """Return the answer to a request; its status is settled, and what is not a stream is whole."""
        try:
            request = read_request(call.method, call.content_type, call.exchange.query, call.body)
        except Problem as problem:
            return await self._problem(call, problem, QueryRequest(None))
        try:
            if request.query is None:
                return await self._without_query(call, request)
            return await self._query(call, request, request.query)
        except Problem as problem:
            return await self._problem(call, problem, request)
        except StoreError as error:
            return await self._problem(call, problem_of(error, call.method), request)

    async def _query(self, call: Call, request: QueryRequest, query: str) -> Answer | Stream:
        head = read_query(query, limit_bytes=self._site.settings.limits.query_bytes)
        format_ = choose_format(head.form, request.wanted, call.exchange)
        if format_ is HTML:
            return await self._result_page(call, request, query, head)
        answer = await self._site.store.query(query, format_, dataset=request.dataset)
        headers: Headers = (
            (b"content-type", format_.content_type.encode()),
            (b"vary", b"Accept, Accept-Encoding"),
            (b"cache-control", b"no-store" if head.volatile else b"public, max-age=60"),
        )
        rest = Rest(answer)
        try:
            first, ended = await _gather(
                rest, *((_OLD_PROTOCOL_BYTES, None) if call.whole else (_WHOLE_BYTES, _WHOLE_SECONDS))
            )
        except BaseException:
            await rest.aclose()
            raise
        if ended:
            await rest.aclose()
            call.exchange.keep = call.method != "POST" and not head.volatile
            return Answer(200, headers, first)
        if call.whole:
            await rest.aclose()
            raise Problem(
                505,
                "This answer is too long for HTTP/1.0, where a cut answer looks like a whole one; use HTTP/1.1.",
            )
        return Stream(headers, first, rest)

    async def _without_query(self, call: Call, request: QueryRequest) -> Answer:
        if call.method == "POST":
            raise Problem(400, "There is no query in this request (SPARQL 1.1 Protocol 2.1).")
        exchange = call.exchange
        if request.wanted is not None:
            format_ = _named(request.wanted, _NO_QUERY_FORMATS)
        else:
            format_ = negotiate(exchange.accept, _NO_QUERY_FORMATS)
            exchange.offered = _NO_QUERY_FORMATS
        if format_ is None:
            raise _not_acceptable(
                _NO_QUERY_FORMATS, "There is no query in this request, and no such description."
            )
        exchange.keep = True
        exchange.chosen = format_.ending
        headers: Headers = (
            (b"content-type", format_.content_type.encode()),
            (b"vary", b"Accept, Accept-Encoding"),
            (b"cache-control", b"public, max-age=60"),
        )
        body = (
            await self._page(call, request) if format_ is HTML else service_description(self._site, format_)
        )
        return Answer(200, headers, body)

    async def _result_page(self, call: Call, request: QueryRequest, query: str, head: QueryHead) -> Answer:
        """Return the beginning of the result as a page; the whole is a link away, in every format."""
        carrier = TURTLE if head.form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE) else TSV
        if head.form is QueryForm.ASK:
            carrier = RESULTS_JSON
        rest = Rest(await self._site.store.query(query, carrier, dataset=request.dataset))
        try:
            shown, ended = await _gather(rest, _SHOWN_BYTES, None)
        finally:
            await rest.aclose()
        values: dict[str, object] = {"form": head.form, "complete": ended}
        if carrier is TSV:
            table = await self._in_thread(
                partial(read_table, self._site, shown, complete=ended, rows=_SHOWN_ROWS)
            )
            values |= {"table": table, "complete": ended and not table.cut}
        elif carrier is RESULTS_JSON:
            values["truth"] = read_truth(shown)
        else:
            values["turtle"] = shown.decode("utf-8", "ignore") if ended else _whole_lines(shown)
        headers: Headers = (
            (b"content-type", HTML.content_type.encode()),
            (b"vary", b"Accept, Accept-Encoding"),
            (b"cache-control", b"no-store" if head.volatile else b"public, max-age=60"),
        )
        call.exchange.keep = call.method != "POST" and not head.volatile
        return Answer(200, headers, await self._page(call, request, **values))

    async def _problem(self, call: Call, problem: Problem, request: QueryRequest) -> Answer:
        """Return a problem; a browser gets the query page with its query and what is wrong with it."""
        call.exchange.keep = False
        answer = problem_answer(self._site, problem, call.exchange.accept, call.exchange.path)
        if not (answer.header(b"content-type") or b"").startswith(b"text/html"):
            return answer
        return replace(answer, body=await self._page(call, request, problem=problem))

    async def _page(self, call: Call, request: QueryRequest, **values: object) -> bytes:
        defaults: dict[str, object] = {
            "problem": None,
            "table": None,
            "truth": None,
            "turtle": None,
            "form": None,
            "complete": True,
        }
        shown = defaults | values
        make = partial(
            self._site.page,
            "sparql.html",
            call.exchange.path,
            query=request.query,
            default_graphs=request.dataset.default_graphs or (),
            named_graphs=request.dataset.named_graphs or (),
            result_formats=_formats_for(shown["form"]),
            queries=self._site.queries,
            canonical="sparql",
            **shown,
        )
        return await self._in_thread(make)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _formats_for(form: object) -> list[tuple[str, str]]:
    if form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE):
        return [(each.ending, each.name) for each in RDF_FORMATS]
    return [("json", "JSON"), ("xml", "XML"), ("csv", "CSV"), ("tsv", "TSV")]


async def _gather(rest: Rest, limit_bytes: int, seconds: float | None) -> tuple[bytes, bool]:
    """Return the beginning of an answer, and whether it is all of it.

    Args:
        rest: What is to come.
        limit_bytes: Stop when there is as much.
        seconds: Stop after so long, if there is anything by then; None: however long it takes.
    """
    chunks: list[bytes] = []
    size = 0
    deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
    while size <= limit_bytes:
        pending = rest.next()
        if not pending.done():
            left = (
                None
                if deadline is None or not chunks
                else max(0.0, deadline - asyncio.get_running_loop().time())
            )
            await asyncio.wait({pending}, timeout=left)
            if not pending.done():
                return b"".join(chunks), False
        chunk = rest.take()
        if chunk is None:
            return b"".join(chunks), True
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks), False


def _whole_lines(text: bytes) -> str:
    return text[: text.rfind(b"\n") + 1].decode("utf-8", "ignore")


# ------------------------------------------------------------------------------------------------ service description

_FORMAT_IRIS: Mapping[str, str] = {
    "srj": "SPARQL_Results_JSON",
    "srx": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
}


def service_description(site: Site, format_: Format) -> bytes:
    """Return what the endpoint says of itself (SPARQL 1.1 Service Description)."""
    service, dataset = NamedNode(f"{site.base}dataset#service"), NamedNode(f"{site.base}dataset#dataset")
    default = NamedNode(f"{site.base}dataset#default-graph")
    formats = [
        NamedNode(f"http://www.w3.org/ns/formats/{_FORMAT_IRIS[each.ending]}")
        for each in (*RESULT_FORMATS, *RDF_FORMATS)
    ]
    triples = [
        Triple(service, RDF.type, SD.Service),
        Triple(service, SD.endpoint, NamedNode(f"{site.base}sparql")),
        Triple(service, SD.supportedLanguage, SD.SPARQL11Query),
        *(Triple(service, SD.resultFormat, each) for each in formats),
        Triple(service, SD.defaultDataset, dataset),
        Triple(dataset, RDF.type, SD.Dataset),
        Triple(dataset, SD.defaultGraph, default),
        Triple(default, RDF.type, SD.Graph),
        Triple(default, RDFS.comment, Literal(default_graph_note(site.release.manifest), language="en")),
    ]
    prefixes = {prefix: PREFIXES[prefix] for prefix in ("rdf", "rdfs", "sd")}
    return serialize(triples, format=format_.rdf or RdfFormat.TURTLE, prefixes=prefixes) or b""
