"""The SPARQL endpoint: a query's answer as it comes, as a page, or the reason why there is none."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from fonds.errors import (
    ClientBusy,
    FormatError,
    QueryForbidden,
    QueryLimitPassed,
    QuerySyntaxError,
    QueryTooComplex,
    QueryTooLong,
    RemoteFailed,
    ServiceFailed,
    StoreBusy,
    StoreError,
    StoreUnreadable,
)
from fonds.formats import (
    HTML,
    RDF_FORMATS,
    RESULT_FORMATS,
    RESULTS_JSON,
    TSV,
    TURTLE,
    Format,
)
from fonds.store import Answer as StoreAnswer
from fonds.store import QueryForm
from fonds.store.calls import federated_reading
from fonds.store.federation import federation_of
from fonds.store.matching import may_match, wanted_in
from fonds.store.queries import QueryHead
from fonds.store.turns import Steps, Turns, at_once
from fonds.translations import said
from fonds.web.answers import Answer, Exchange, Headers, coded, encoded, header_value
from fonds.web.cache import AnswerCache
from fonds.web.matching import matches_of
from fonds.web.negotiation import negotiate
from fonds.web.operations.entries import HIT, KEPT
from fonds.web.preconditions import conditional
from fonds.web.problems import Choice, Problem, failure, is_page, problem_answer, unreadable
from fonds.web.query_page import address, faulty_line, for_curl, for_python
from fonds.web.representations import FRESH, page_language
from fonds.web.results import read_table, read_truth
from fonds.web.service import service_description
from fonds.web.site import Site
from fonds.web.sparql_request import (
    GRAPH_STORE,
    NO_QUERY_FORMATS,
    OWN_DATASET,
    QueryRequest,
    choose_format,
    named_format,
    not_acceptable,
    read_request,
)
from fonds.web.wording import limits_note

T = TypeVar("T")

_WHOLE_BYTES = 64 * 1024
"""Answers up to this size are sent whole, with an ETag, and kept."""
_WHOLE_SECONDS = 0.015
"""How long the first bytes wait for the rest of a small answer."""
_LONG_QUERY = 4 * 1024
"""Characters of a query that is not read at once: every one of them can be a token."""
_READING_SECONDS = 0.8
WORTH_KEEPING_SECONDS = 0.02
"""An answer that took longer is kept the first time; others when they are asked for again."""
_SHOWN_BYTES = 512 * 1024
_SHOWN_ROWS = 500
_OLD_PROTOCOL_BYTES = 16 * 1024 * 1024
"""Largest answer for a client of HTTP/1.0, to which a cut answer looks whole."""

# ------------------------------------------------------------------------------------------------ errors


def problem_of(error: StoreError, method: str) -> Problem:
    """Return what a client is told about a query that was not answered."""
    told = str(error)
    match error:
        case QuerySyntaxError(line=line, column=column):
            problem = Problem(400, told, facts={"line": line, "column": column} if line else {})
        case FormatError():
            problem = Problem(406, told)
        case QueryForbidden():
            problem = Problem(403, told)
        case QueryTooLong(limit_bytes=limit):
            status = 414 if method in ("GET", "HEAD") else 413
            problem = Problem(status, told, facts={"limit_bytes": limit})
        case ServiceFailed(target=target, late=late):
            problem = Problem(504 if late else 502, told, facts={"target": target})
        case RemoteFailed(late=late):
            problem = Problem(504 if late else 502, told)
        case QueryTooComplex():
            problem = Problem(400, told)
        case QueryLimitPassed(limit=limit, value=value):
            dumps = (Choice("dataset", said("All data as files")),)
            problem = Problem(503, told, dumps, facts={"limit": limit, "value": value})
        case StoreBusy(retry_after_seconds=seconds, limit=limit, value=value):
            facts = {"limit": limit, "value": value} if limit else {}
            headers = ((b"retry-after", str(seconds).encode()),)
            problem = Problem(
                429 if isinstance(error, ClientBusy) else 503, told, headers=headers, facts=facts
            )
        case StoreUnreadable():
            problem = unreadable(error)
        case _:
            problem = Problem(503, told)
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
    rest: StoreAnswer


Deliver = Callable[[Answer | Stream], None]
"""Takes an answer, once: its status is settled, and what is not a stream is whole and coded."""


class Call(NamedTuple):
    """One request to the endpoint, as the edge has read it.

    Attributes:
        exchange: The address and what is accepted.
        method: ``GET``, ``HEAD`` or ``POST``.
        headers: Names in lower case, and values.
        body: Empty for GET.
        client: Who asks; clients take turns.
        coding: The content coding that the client likes best, empty for none.
        whole: Whether the answer may not be streamed (HTTP/1.0).
    """

    exchange: Exchange
    method: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    client: str = ""
    coding: str = ""
    whole: bool = False


_NO_REQUEST = QueryRequest(None)


class Asked(Protocol):
    """A request that is being answered."""

    def give_up(self) -> None:
        """Stop: the client has left."""


class Endpoint:
    """Answers queries; pages are made in the threads of ``executor``.

    Args:
        site: What is served.
        executor: Where pages are made.
        cache: Where short answers to POST are kept; those to GET are kept by the edge.
    """

    def __init__(self, site: Site, executor: Executor, cache: AnswerCache) -> None:
        self._site = site
        self._executor = executor
        self._turns = Turns()
        self._cache = cache
        self._federation = federation_of(site.settings, site.base)

    def begin(self, call: Call, deliver: Deliver) -> Asked:
        """Begin to answer a request; the answer is delivered later, never before this returns."""
        request = _NO_REQUEST
        try:
            content_type = header_value(call.headers, b"content-type") if call.method == "POST" else None
            exchange = call.exchange
            request = read_request(exchange.path, call.method, content_type, exchange.query, call.body)
            exchange.entry.query = request.query or ""
            if request.graph:
                self._require_graph(request.graph)
            if request.query is None:
                return self._make(call, request, self._without_query(call, request), deliver)
            if may_match(request.query) or len(request.query) > _LONG_QUERY:
                work = asyncio.ensure_future(self.read(request.query))
                return _Reading(self, call, request, work, deliver)
            return self.go_on(call, request, self._of_store(at_once(self._reading(request.query))), deliver)
        except (Problem, StoreError) as why:
            return self.refuse(call, request, why, deliver)

    async def read(self, query: str) -> QueryHead:
        """Read a query while others are answered; where it looks for texts, ask the index what these find.

        Raises:
            StoreError: It is no query that is answered here, or so many others are read that its turn did not come in time.
        """
        site, head = self._site, await self._read_in_turns(self._reading(query))
        if may_match(query):
            wanted = await self._read_in_turns(wanted_in(query, base=site.base, prefixes=site.prefixes))
            if wanted:
                matches = await self._in_thread(partial(matches_of, site, query, wanted))
                head = head._replace(matches=matches)
        return self._of_store(head)

    def _reading(self, query: str) -> Steps[QueryHead]:
        return federated_reading(
            query,
            limit_bytes=self._site.settings.limits.query_bytes,
            federation=self._federation,
            base=self._site.base,
        )

    def _of_store(self, head: QueryHead) -> QueryHead:
        """Return what was read of a query; the answer of a store that may hold something else than the release changes."""
        return head if self._site.store.is_of_release else head._replace(volatile=True)

    async def _read_in_turns(self, steps: Steps[T]) -> T:
        """Read a long query while others are answered: it can take a third of a second.

        Raises:
            StoreBusy: So many others are read that its turn did not come in time.
        """
        try:
            async with asyncio.timeout(_READING_SECONDS):
                return await self._turns.take(steps)
        except TimeoutError:
            raise StoreBusy(
                "Too many long queries came at once to be read; come again in a few seconds.",
                limit="query_bytes",
                value=self._site.settings.limits.query_bytes,
            ) from None

    def go_on(self, call: Call, request: QueryRequest, head: QueryHead, deliver: Deliver) -> Asked:
        """Answer a query that was read."""
        try:
            format_ = choose_format(head.form, request, call.exchange)
            if format_ is HTML:
                page = self._result_page(call, request, request.query or "", head)
                return self._make(call, request, page, deliver)
            return self._ask(call, request, head, format_, deliver)
        except (Problem, StoreError) as why:
            return self.refuse(call, request, why, deliver)

    def _require_graph(self, iri: str) -> None:
        if self._site.descriptions.triples_of_graph(iri) is None:
            raise Problem(
                404,
                said("There is no graph <{iri}> here.", iri=iri[:200]),
                (Choice("dataset", said("All graphs")),),
            )

    def refuse(self, call: Call, request: QueryRequest, why: StoreError | Problem, deliver: Deliver) -> Asked:
        """Answer with the reason why there is no other answer."""
        problem = why if isinstance(why, Problem) else problem_of(why, call.method)
        if is_page(call.exchange.accept):
            return self._make(call, request, self._problem(call, problem, request), deliver)
        return _Soon(deliver, encoded(self._told(call, problem), call.coding))

    def _ask(
        self, call: Call, request: QueryRequest, head: QueryHead, format_: Format, deliver: Deliver
    ) -> Asked:
        """Answer from memory, or ask the store."""
        site, query, coding = self._site, request.query or "", call.coding
        headers = _HEADERS_OF[format_.ending, head.volatile]
        keeping = _NOTHING_KEPT
        if not head.volatile:
            tag = _tag(site.release.manifest.digest, query, request, format_)
            again = self._cache.is_asked_again(tag)
            if call.method != "POST":
                headers = (*headers, (b"etag", tag))
                if call.exchange.conditional:
                    judged = conditional(Answer(200, headers), call.headers)
                    if judged.status != 200:
                        return _Soon(deliver, judged)
                keeping = _Keeping(again)
            else:
                keeping = _Keeping(again, b"POST " + tag)
                if kept := self._cache.find(keeping.key, call.exchange.wishes):
                    call.exchange.entry.cache = HIT
                    return _Soon(deliver, kept)
        answer = site.store.ask(
            query,
            format_,
            dataset=request.dataset,
            form=head.form,
            coding="" if call.whole else coding,
            client=call.client,
            calls=head.calls,
            matches=head.matches,
        )
        return _Query(self, call, request, answer, headers, keeping, deliver)

    def keep(self, key: bytes, coding: str, answer: Answer) -> None:
        """Keep a short answer to POST."""
        self._cache.keep(key, (), "", coding, answer)

    def _make(
        self, call: Call, request: QueryRequest, work: Coroutine[Any, Any, Answer], deliver: Deliver
    ) -> Asked:
        return _Making(self._site, call, self._made(call, request, work), deliver)

    async def _made(self, call: Call, request: QueryRequest, work: Coroutine[Any, Any, Answer]) -> Answer:
        try:
            answer = await work
        except Problem as problem:
            answer = await self._problem(call, problem, request)
        except StoreError as error:
            answer = await self._problem(call, problem_of(error, call.method), request)
        return encoded(answer, call.coding)

    async def _without_query(self, call: Call, request: QueryRequest) -> Answer:
        if call.method == "POST":
            raise Problem(400, said("There is no query in this request (SPARQL 1.1 Protocol 2.1)."))
        exchange = call.exchange
        if request.wanted is not None:
            format_ = named_format(request.wanted, NO_QUERY_FORMATS)
        else:
            format_ = negotiate(exchange.accept, NO_QUERY_FORMATS)
            exchange.offered = NO_QUERY_FORMATS
        if format_ is None:
            raise not_acceptable(
                NO_QUERY_FORMATS, said("There is no query in this request, and no such description.")
            )
        exchange.keep = True
        exchange.chosen = format_.ending
        headers = answer_headers(format_, volatile=False)
        if format_ is HTML:
            return Answer(200, headers, await self._page(call, request))
        return Answer(200, headers, await self._in_thread(partial(service_description, self._site, format_)))

    async def _result_page(self, call: Call, request: QueryRequest, query: str, head: QueryHead) -> Answer:
        """Return the beginning of the result as a page; the whole is a link away, in every format."""
        carrier = TURTLE if head.form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE) else TSV
        if head.form is QueryForm.ASK:
            carrier = RESULTS_JSON
        answer = self._site.store.ask(
            query,
            carrier,
            dataset=request.dataset,
            form=head.form,
            client=call.client,
            calls=head.calls,
            matches=head.matches,
        )
        shown, ended = await beginning(answer, _SHOWN_BYTES)
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
        headers = answer_headers(HTML, volatile=head.volatile)
        call.exchange.keep = call.method != "POST" and not head.volatile
        return Answer(200, headers, await self._page(call, request, **values))

    async def _problem(self, call: Call, problem: Problem, request: QueryRequest) -> Answer:
        """Return a problem; a browser gets the query page with its query and what is wrong with it."""
        of_graph_store = request.graph is not None or call.exchange.path == GRAPH_STORE
        if of_graph_store or not is_page(call.exchange.accept):
            return self._told(call, problem)
        return self._told(call, problem, await self._page(call, request, problem=problem))

    def _told(self, call: Call, problem: Problem, page: bytes | None = None) -> Answer:
        call.exchange.keep = False
        call.exchange.entry.limit = problem.limit
        return problem_answer(self._site, problem, call.exchange.accept, call.exchange.path, page)

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
        problem, endpoint = shown["problem"], f"{self._site.base}sparql"
        place = problem.facts if isinstance(problem, Problem) else {}
        line, column = (
            each if isinstance(each := place.get(name), int) else 0 for name in ("line", "column")
        )
        make = partial(
            self._site.page,
            "sparql.html",
            call.exchange.path,
            call.exchange.query,
            query=request.query,
            default_graphs=request.dataset.default_graphs or (),
            named_graphs=request.dataset.named_graphs or (),
            fault=faulty_line(request.query or "", line, column),
            address=address(request),
            result_formats=[
                (name, address(request, format=ending)) for ending, name in _formats_for(shown["form"])
            ],
            curl=for_curl(endpoint, request, shown["form"]),
            python=for_python(endpoint, request, shown["form"]),
            limits=limits_note(self._site.settings),
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


async def beginning(answer: StoreAnswer, limit_bytes: int) -> tuple[bytes, bool]:
    """Return the beginning of an answer, and whether it is all of it.

    Raises:
        StoreError: The query failed meanwhile.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in answer:
            chunks.append(chunk)
            size += len(chunk)
            if size > limit_bytes:
                return b"".join(chunks), False
    finally:
        answer.give_up()
    return b"".join(chunks), True


def _whole_lines(text: bytes) -> str:
    return text[: text.rfind(b"\n") + 1].decode("utf-8", "ignore")


# ------------------------------------------------------------------------------------------------ on its way


class _Soon:
    """An answer that is there already."""

    def __init__(self, deliver: Deliver, answer: Answer) -> None:
        self._handle = asyncio.get_running_loop().call_soon(deliver, answer)

    def give_up(self) -> None:
        """Deliver nothing."""
        self._handle.cancel()


class _Making:
    """An answer that is made in a task."""

    def __init__(self, site: Site, call: Call, work: Coroutine[Any, Any, Answer], deliver: Deliver) -> None:
        self._site = site
        self._call = call
        self._deliver = deliver
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Answer]) -> None:
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            exchange = self._call.exchange
            problem = failure(error, exchange.entry)
            self._deliver(problem_answer(self._site, problem, exchange.accept, exchange.path))
        else:
            self._deliver(task.result())

    def give_up(self) -> None:
        """Stop the task."""
        self._task.cancel()


class _Reading:
    """A long query, while it is read."""

    def __init__(
        self,
        endpoint: Endpoint,
        call: Call,
        request: QueryRequest,
        work: asyncio.Future[QueryHead],
        deliver: Deliver,
    ) -> None:
        self._endpoint = endpoint
        self._call = call
        self._request = request
        self._deliver = deliver
        self._work = work
        self._asked: Asked | None = None
        work.add_done_callback(self._go_on)

    def _go_on(self, work: asyncio.Future[QueryHead]) -> None:
        if work.cancelled():
            return
        endpoint, call, request = self._endpoint, self._call, self._request
        error = work.exception()
        if isinstance(error, StoreError):
            self._asked = endpoint.refuse(call, request, error, self._deliver)
        else:
            self._asked = endpoint.go_on(call, request, work.result(), self._deliver)

    def give_up(self) -> None:
        """Stop reading, or what came after it."""
        self._work.cancel()
        if self._asked is not None:
            self._asked.give_up()


class _Keeping(NamedTuple):
    """Whether and where a short answer is kept.

    Attributes:
        again: Whether it was asked for lately.
        key: Under which it is kept here; empty where the edge keeps it by its address.
        allowed: Whether it may be kept.
    """

    again: bool
    key: bytes = b""
    allowed: bool = True


_NOTHING_KEPT = _Keeping(again=False, allowed=False)


class _Query:
    """A query, until it is known whether its answer is sent whole."""

    def __init__(
        self,
        endpoint: Endpoint,
        call: Call,
        request: QueryRequest,
        answer: StoreAnswer,
        headers: Headers,
        keeping: _Keeping,
        deliver: Deliver,
    ) -> None:
        self._endpoint = endpoint
        self._call = call
        self._request = request
        self._answer = answer
        self._headers = headers
        self._keeping = keeping
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._refusal: Asked | None = None
        self._taken: list[bytes] = []
        answer.on_news(self._news)
        if answer.error is not None:  # It failed before anybody listened.
            self._news()

    def give_up(self) -> None:
        """Stop the query."""
        self._leave()
        self._answer.give_up()
        if self._refusal is not None:
            self._refusal.give_up()

    def _leave(self) -> None:
        self._answer.on_news(None)
        if self._timer is not None:
            self._timer.cancel()

    def _news(self) -> None:
        answer, call = self._answer, self._call
        if answer.complete:
            self._whole()
        elif answer.error is not None:
            self._refuse(answer.error)
        elif call.whole:
            # Nobody reads it before it is whole: the worker would wait for ever.
            self._taken.append(answer.take())
            if sum(map(len, self._taken)) > _OLD_PROTOCOL_BYTES:
                self._long()
        elif answer.size_bytes > _WHOLE_BYTES:
            self._long()
        elif self._timer is None and answer.size_bytes:
            self._timer = self._loop.call_later(_WHOLE_SECONDS, self._long)

    def _whole(self) -> None:
        self._leave()
        answer, call = self._answer, self._call
        self._taken.append(answer.take())
        whole = Answer(200, self._coded_headers(), b"".join(self._taken))
        if not answer.coding:
            whole = coded(whole, call.coding)
        keeping = self._keeping
        if keeping.allowed and (keeping.again or self._loop.time() - self._began > WORTH_KEEPING_SECONDS):
            if keeping.key:
                call.exchange.entry.cache = KEPT
                self._endpoint.keep(keeping.key, call.coding, whole)
            else:
                call.exchange.keep = True
        self._deliver(whole)

    def _long(self) -> None:
        self._leave()
        answer, call = self._answer, self._call
        if call.whole:
            answer.give_up()
            self._refuse(
                Problem(
                    505,
                    said(
                        "This answer is too long for HTTP/1.0, where a cut answer looks like a whole one; use HTTP/1.1."
                    ),
                )
            )
            return
        call.exchange.keep = False
        self._deliver(Stream(self._coded_headers(), answer.take(), answer))

    def _coded_headers(self) -> Headers:
        coding = self._answer.coding
        return (*self._headers, (b"content-encoding", coding.encode())) if coding else self._headers

    def _refuse(self, why: StoreError | Problem) -> None:
        self._leave()
        self._refusal = self._endpoint.refuse(self._call, self._request, why, self._deliver)


def _tag(digest: str, query: str, request: QueryRequest, format_: Format) -> bytes:
    """Return the ETag of an answer, which follows from the release, the query, the dataset and the format.

    It is weak (RFC 9110 8.8.1): the rows of an answer without ORDER BY may come in another order another time.
    """
    dataset = "" if request.dataset == OWN_DATASET else repr(request.dataset)
    said = "\0".join((digest, query, dataset, format_.ending))
    return b'W/"%s"' % hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32].encode()


def answer_headers(format_: Format, *, volatile: bool) -> Headers:
    """Return the headers of the answer to a query; one that changes from moment to moment is not kept."""
    return (
        (b"content-type", format_.content_type.encode()),
        (b"vary", b"Accept, Accept-Encoding"),
        (b"cache-control", b"no-store") if volatile else FRESH,
        *((page_language(),) if format_ is HTML else ()),
    )


_HEADERS_OF: Mapping[tuple[str, bool], Headers] = {
    (format_.ending, volatile): answer_headers(format_, volatile=volatile)
    for format_ in (*RESULT_FORMATS, *RDF_FORMATS)
    for volatile in (False, True)
}
