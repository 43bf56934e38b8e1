"""The SPARQL endpoint: a query's answer as it comes, as a page, or the reason why there is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

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
    HTML,
    RDF_FORMATS,
    RESULTS_JSON,
    TSV,
    TURTLE,
)
from fonds.store import Answer as StoreAnswer
from fonds.store import QueryForm
from fonds.store.queries import QueryHead, read_query
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.negotiation import negotiate
from fonds.web.problems import Choice, Problem, problem_answer
from fonds.web.results import read_table, read_truth
from fonds.web.service import service_description
from fonds.web.site import Site
from fonds.web.sparql_request import (
    NO_QUERY_FORMATS,
    QueryRequest,
    choose_format,
    named_format,
    not_acceptable,
    read_request,
)

T = TypeVar("T")

_WHOLE_BYTES = 64 * 1024
"""Answers up to this size are sent whole, with an ETag, and kept."""
_WHOLE_SECONDS = 0.015
"""How long the first bytes wait for the rest of a small answer."""
_SHOWN_BYTES = 512 * 1024
_SHOWN_ROWS = 500
_OLD_PROTOCOL_BYTES = 16 * 1024 * 1024
"""Largest answer for a client of HTTP/1.0, to which a cut answer looks whole."""

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
            format_ = named_format(request.wanted, NO_QUERY_FORMATS)
        else:
            format_ = negotiate(exchange.accept, NO_QUERY_FORMATS)
            exchange.offered = NO_QUERY_FORMATS
        if format_ is None:
            raise not_acceptable(
                NO_QUERY_FORMATS, "There is no query in this request, and no such description."
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
