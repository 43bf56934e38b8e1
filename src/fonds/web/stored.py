"""Stored queries as an API: ``/queries/{name}`` with what somebody puts in, page by page, in every format of results."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import quote, unquote

import msgspec
from pyoxigraph import QueryResultsFormat, parse_query_results

from fonds.addresses import to_root
from fonds.errors import ParameterError, StoreError
from fonds.formats import (
    CSV,
    HTML,
    JSONLD,
    RDF_FORMATS,
    RESULTS_JSON,
    RESULTS_XML,
    TSV,
    TURTLE,
    Format,
)
from fonds.store import QueryForm
from fonds.store.stored import (
    PAGE_ROWS,
    StoredQuery,
    Value,
    declaring,
    written_value,
)
from fonds.translations import said
from fonds.web.answers import Answer, Exchange
from fonds.web.negotiation import negotiate
from fonds.web.paging import at_page
from fonds.web.problems import Choice, Problem, is_page, problem_answer
from fonds.web.query_page import for_curl, for_python
from fonds.web.questions import editor
from fonds.web.requests import page_of
from fonds.web.results import Table, read_table, read_truth
from fonds.web.site import Site
from fonds.web.sparql import Endpoint, answer_headers, beginning, problem_of
from fonds.web.sparql_request import QueryRequest, not_acceptable, read_known, read_parameters

T = TypeVar("T")

FOLDER = "/queries/"
TEXT = "rq"
"""The ending under which the query itself stands."""
ROWS: Mapping[str, Format] = {
    "html": HTML,
    "json": RESULTS_JSON,
    "csv": CSV,
    "tsv": TSV,
    "xml": RESULTS_XML,
    "srj": RESULTS_JSON,
    "srx": RESULTS_XML,
}
"""Endings under which the rows of a SELECT can be had, and the truth of an ASK."""
GRAPHS: Mapping[str, Format] = {
    "html": HTML,
    "json": JSONLD,
    **{each.ending: each for each in RDF_FORMATS},
}
"""Endings under which the triples of a CONSTRUCT or DESCRIBE can be had."""

MOST_PAGES = 1_000_000
_MOST_BYTES = 16 * 1024 * 1024
"""Largest answer that is put together here; the endpoint streams longer ones."""


Named = tuple[StoredQuery, str]
"""A stored query, and the ending behind its name in an address; empty: the client's headers choose the format."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A stored query with what somebody put in.

    Attributes:
        query: Which.
        given: What was written, by parameter, also where it cannot be understood.
        values: The same as terms.
        page: From 1.
    """

    query: StoredQuery
    given: Mapping[str, str]
    values: Mapping[str, Value]
    page: int = 1

    @property
    def text(self) -> str:
        """The query with these values."""
        return self.query.bound(self.values)

    def address(self, ending: str = "", page: int | None = None) -> str:
        """Return the address of an answer, relative to the root.

        Args:
            ending: Of the format, with its dot; empty: the client chooses.
            page: Another page; None: this one.
        """
        number = self.page if page is None else page
        return at_page(f"queries/{quote(self.query.name, safe='')}{ending}", number, self.given)


def endings_of(query: StoredQuery) -> Mapping[str, Format]:
    """Return the formats in which a query is answered, by ending."""
    return GRAPHS if query.form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE) else ROWS


def read_asking(query: StoredQuery, query_string: str) -> Asking:
    """Read what somebody puts into a query.

    Raises:
        Problem: 400, with the name of the parameter: it is unknown, given twice, missing, or of another kind.
    """
    names = [*(each.name for each in query.parameters), *(["page"] if query.pageable else [])]
    given = read_known(query_string, names, said("this query"), also=("page",))
    page = page_of(given.pop("page", ""), MOST_PAGES)
    if page > 1 and not query.pageable:
        raise Problem(404, said("The answer to this query is one page."), _choices(query))
    given = {name: value for name, value in given.items() if value}
    try:
        return Asking(query, given, query.values(given), page)
    except ParameterError as error:
        facts = {"parameter": error.parameter} | ({"expected": error.expected} if error.expected else {})
        raise Problem(400, str(error), facts=facts) from error


def _choices(query: StoredQuery) -> tuple[Choice, ...]:
    return (Choice(f"queries/{quote(query.name, safe='')}", query.title),)


# ------------------------------------------------------------------------------------------------ rows


class _Head(msgspec.Struct):
    vars: list[str] = []
    link: list[str] = []


class _Results(msgspec.Struct):
    bindings: list[msgspec.Raw]


class _Rows(msgspec.Struct):
    """The rows of a SELECT, each as it came (SPARQL 1.1 Query Results JSON Format 3)."""

    head: _Head
    results: _Results


def _cut(json: bytes, most: int) -> tuple[bytes, int, bool]:
    """Return so many rows of a result in JSON, how many these are, and whether there are more."""
    rows = msgspec.json.decode(json, type=_Rows)
    found, more = rows.results.bindings, len(rows.results.bindings) > most
    if more:
        del found[most:]
        json = msgspec.json.encode({"head": {"vars": rows.head.vars}, "results": {"bindings": found}})
    return json, len(found), more


def _written(json: bytes, format_: Format) -> bytes:
    """Return a result in another format."""
    assert format_.results is not None
    if format_ is RESULTS_JSON:
        return json
    read = parse_query_results(json, format=QueryResultsFormat.JSON)
    written = read.serialize(format=format_.results)
    assert written is not None
    return written


# ------------------------------------------------------------------------------------------------ answering


@dataclass(frozen=True, slots=True)
class Told:
    """What a page shows of an answer.

    Attributes:
        asking: What was asked; None where it could not be understood.
        table: Rows of a SELECT.
        truth: The answer to an ASK.
        turtle: Triples.
        more: Whether there is another page.
    """

    asking: Asking | None
    table: Table | None = None
    truth: bool | None = None
    turtle: str | None = None
    more: bool = False


class StoredQueries:
    """Answers stored queries.

    Args:
        site: What is served.
        executor: Where results are written and pages are made.
        endpoint: Reads queries.
    """

    def __init__(self, site: Site, executor: Executor, endpoint: Endpoint) -> None:
        self._site = site
        self._executor = executor
        self._endpoint = endpoint
        self._queries = {each.name: each for each in site.queries}

    def find(self, path: str) -> Named | None:
        """Return which query a path names, and the ending behind its name; None where it names none, or the text of one."""
        if not path.startswith(FOLDER):
            return None
        name = unquote(path.removeprefix(FOLDER), errors="replace")
        if name in self._queries:
            return self._queries[name], ""
        stem, _, ending = name.rpartition(".")
        return (self._queries[stem], ending) if stem in self._queries and ending != TEXT else None

    async def answer(self, exchange: Exchange, named: Named, client: str) -> Answer:
        """Answer a request.

        Args:
            exchange: The address and what the client accepts; it learns whether the answer may be kept.
            named: What :meth:`find` found.
            client: Who asks; clients take turns.
        """
        query, ending = named
        try:
            return await self._answer(exchange, query, ending, client)
        except Problem as problem:
            return await self._refused(exchange, query, problem)
        except StoreError as error:
            return await self._refused(exchange, query, problem_of(error, "GET"))

    async def _answer(self, exchange: Exchange, query: StoredQuery, ending: str, client: str) -> Answer:
        format_ = _format_of(exchange, query, ending)
        if format_ is HTML and not exchange.query and any(each.required for each in query.parameters):
            page = await self._page(exchange, query, Told(None))  # Nobody has asked yet.
            exchange.keep = True
            return Answer(200, answer_headers(HTML, volatile=False), page)
        asking = read_asking(query, exchange.query)
        text = asking.text
        head = await self._endpoint.read(text)
        carrier = RESULTS_JSON
        if query.form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE):
            carrier = TURTLE if format_ is HTML else format_
        answer = self._site.store.ask(
            query.page(text, asking.page) if query.pageable else text,
            carrier,
            form=query.form,
            client=client,
            calls=head.calls,
            matches=head.matches,
        )
        body, ended = await beginning(answer, _MOST_BYTES)
        if not ended:
            raise Problem(
                503,
                said(
                    "The answer has more than {most_bytes} MiB, which is more than is put together here; the endpoint streams it.",
                    most_bytes=_MOST_BYTES // 2**20,
                ),
                (
                    Choice(
                        f"{editor(text)}&format={carrier.ending}",
                        said("The same query at the endpoint"),
                    ),
                ),
                facts={"limit_bytes": _MOST_BYTES},
            )
        exchange.keep = not head.volatile
        made = partial(self._made, exchange, asking, format_, ending, body, volatile=head.volatile)
        return await self._in_thread(made)

    def _made(
        self,
        exchange: Exchange,
        asking: Asking,
        format_: Format,
        ending: str,
        body: bytes,
        *,
        volatile: bool,
    ) -> Answer:
        """Return the answer out of what the store said."""
        query, more = asking.query, False
        if query.form is QueryForm.SELECT and query.pageable:
            body, rows, more = _cut(body, PAGE_ROWS)
            if not rows and asking.page > 1:
                raise Problem(
                    404,
                    said("There is no page {number}.", number=asking.page),
                    (Choice(asking.address(page=1), said("The first page")),),
                )
        headers = (
            *answer_headers(format_, volatile=volatile),
            (b"link", self._links(exchange, asking, ending, more)),
        )
        if format_ is HTML:
            told = self._told(asking, body, more)
            return Answer(200, headers, self._rendered(exchange, query, told))
        if query.form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE):
            return Answer(200, headers, body)
        return Answer(200, headers, _written(body, format_))

    def _told(self, asking: Asking, body: bytes, more: bool) -> Told:
        match asking.query.form:
            case QueryForm.SELECT:
                tsv = _written(body, TSV)
                table = read_table(self._site, tsv, complete=True, rows=tsv.count(b"\n"))
                return Told(asking, table=table, more=more)
            case QueryForm.ASK:
                return Told(asking, truth=read_truth(body))
            case _:
                return Told(asking, turtle=body.decode("utf-8", "replace"))

    def _links(self, exchange: Exchange, asking: Asking, ending: str, more: bool) -> bytes:
        """Return what the answer is linked with (RFC 8288): its pages, and what describes this API."""
        root, ending = to_root(exchange.path), f".{ending}" if ending else ""
        links = {"service-desc": "openapi.json"}
        if asking.page > 1:
            links |= {"first": asking.address(ending, 1), "prev": asking.address(ending, asking.page - 1)}
        if more:
            links["next"] = asking.address(ending, asking.page + 1)
        return ", ".join(f'<{root}{href}>; rel="{name}"' for name, href in links.items()).encode()

    async def _refused(self, exchange: Exchange, query: StoredQuery, problem: Problem) -> Answer:
        exchange.keep = False
        exchange.entry.limit = problem.limit
        page = None
        if is_page(exchange.accept):
            page = await self._page(exchange, query, Told(None), problem)
        return problem_answer(self._site, problem, exchange.accept, exchange.path, page)

    async def _page(
        self, exchange: Exchange, query: StoredQuery, told: Told, problem: Problem | None = None
    ) -> bytes:
        return await self._in_thread(partial(self._rendered, exchange, query, told, problem))

    def _rendered(
        self, exchange: Exchange, query: StoredQuery, told: Told, problem: Problem | None = None
    ) -> bytes:
        site, asking = self._site, told.asking
        if asking is None:
            given: Mapping[str, str] = _legible(exchange.query) or query.examples(site.prefixes)
            text = query.text
        else:
            given, text = asking.given, asking.text
        endpoint = f"{site.base}sparql"
        request = QueryRequest(declaring(text, site.prefixes))
        files: dict[Format, str] = {}
        for ending, format_ in endings_of(query).items():
            if format_ is not HTML:
                files.setdefault(format_, ending)
        return site.page(
            "query.html",
            exchange.path,
            exchange.query,
            query=query,
            text=text,
            fields=[
                (each, given.get(each.name, ""), written_value(each, site.prefixes))
                for each in query.parameters
            ],
            problem=problem,
            told=told,
            asking=asking,
            files=[(each.name, asking.address(f".{ending}")) for each, ending in files.items()]
            if asking
            else [],
            faulty=problem.facts.get("parameter") if problem else None,
            curl=for_curl(endpoint, request, query.form),
            python=for_python(endpoint, request, query.form),
            page_rows=PAGE_ROWS,
            canonical=asking.address() if asking else f"queries/{quote(query.name, safe='')}",
        )

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await get_running_loop().run_in_executor(self._executor, work)


def _format_of(exchange: Exchange, query: StoredQuery, ending: str) -> Format:
    """Return the format of the answer: as the address names it, else as the Accept header has it."""
    endings = endings_of(query)
    if ending:
        if ending not in endings:
            choices = tuple(
                Choice(f"queries/{quote(query.name, safe='')}.{each}", endings[each].name) for each in endings
            )
            detail = said(
                "There is no format “{format}” of this query; there are {formats}.",
                format=ending[:60],
                formats=", ".join(endings),
            )
            raise Problem(404, detail, choices, facts={"available": list(endings)})
        return endings[ending]
    offered = tuple(dict.fromkeys(endings.values()))
    found = negotiate(exchange.accept, offered)
    if found is None:
        raise not_acceptable(
            offered, said("None of the formats that are asked for can be had for this query.")
        )
    exchange.offered, exchange.chosen = offered, found.ending
    return found


def _legible(query_string: str) -> dict[str, str]:
    """Return what a form was sent with, so that nothing is lost in which one thing is wrong."""
    try:
        return dict(read_parameters(query_string.encode()))
    except Problem:
        return {}
