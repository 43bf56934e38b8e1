"""The outermost layer: an ASGI application that answers what it can from memory, streams queries, and asks Flask for the rest.

ASGI, since it alone lets a broken stream be seen as broken, shows the path as it was sent, and tells when a client leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from fonds.addresses import ascii_path, ascii_query
from fonds.errors import StoreError
from fonds.settings import Limits
from fonds.store import Load
from fonds.translations import said, speaking, translation
from fonds.web.answers import ALWAYS, Answer, Exchange, Wishes, Work, encoded, header_value
from fonds.web.cache import AnswerCache
from fonds.web.clients import Clients
from fonds.web.codings import choose_coding
from fonds.web.oai import OAI
from fonds.web.operations import request_ids
from fonds.web.operations.entries import HIT, KEPT, MADE, SCOPE, Entry
from fonds.web.operations.journal import query_hash, route_of
from fonds.web.operations.metrics import Allowed
from fonds.web.operations.probes import HEALTHY, Condition, Readiness
from fonds.web.preconditions import conditional
from fonds.web.problems import Problem, failure, is_page, problem_answer
from fonds.web.queues import FairQueue, Left
from fonds.web.reconcile import ADDRESS as RECONCILE
from fonds.web.rounds import Rounds
from fonds.web.site import Site
from fonds.web.sparql import WORTH_KEEPING_SECONDS, Asked, Call, Deliver, Stream
from fonds.web.sparql_request import ENDPOINT, GRAPH_STORE, form_in
from fonds.web.stored import Named
from fonds.web.voices import Direct, Voice, Voices, page_only, voice_of, without_prefix
from fonds.web.wsgi import Chunks, WSGIApplication, ask_flask, environ_of

Scope = Mapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]

_METHODS_OF: Mapping[str, tuple[str, ...]] = {ENDPOINT: ("GET", "HEAD", "POST"), GRAPH_STORE: ("GET", "HEAD")}
"""The methods of the addresses that the endpoint answers."""
_FORMS = frozenset({f"/{OAI}", RECONCILE, f"{RECONCILE}/"})
"""Addresses that answer a form as they answer the same in the query of the address (OAI-PMH 2.0, 3.1.1)."""
_FORM_OVERHEAD_BYTES = 16 * 1024
_PERCENT_ENCODED = 3
BODY_SECONDS = 30.0
"""The body of a request has to be here by then."""
_REFUSAL_SECONDS = 1.0
"""A client that asks for too many pages is told so after that."""
HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
_PROBES = frozenset({HEALTH, READY, METRICS})
_HIT = True
_GET_AND_HEAD = frozenset({b"GET", b"HEAD"})
_KEPT = frozenset({200, 301, 303, 410})
_CONDITIONS = frozenset({b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"})
_UNUSUAL = frozenset({b"expect", b"range", b"if-range", b"upgrade"})
"""Headers with which a request is not answered at once."""
_READ = frozenset(
    {b"accept", b"accept-encoding", b"accept-profile", request_ids.HEADER, request_ids.TRACE}
    | _CONDITIONS
    | _UNUSUAL
)
"""All headers that are looked at before anything is answered."""
_OF_BODIES = frozenset({b"content-encoding", b"transfer-encoding"})

T = TypeVar("T")


MetricsPage = Callable[[str | None], Answer]
"""Makes the page with numbers, from what a client accepts."""
InLanguage = Callable[[str], tuple[Site, WSGIApplication, Direct]]
"""Gives the site in another language, its Flask, and what answers without Flask."""


_OF_A_BROWSER = Wishes(accept="text/html")
_FIRST_PAGES = ("", "dataset", "browse", "search?q=a")


def _first_pages(site: Site) -> Iterator[str]:
    """Yield the address of one page of each kind, relative to the root."""
    yield from _FIRST_PAGES
    if site.lists is None:
        return
    for kind in site.lists.kinds:
        yield f"browse/{kind}"
        yield from (site.addresses.of_iri(each.iri) for each in site.lists.page(kind, 1)[:1])


class BrokenStream(Exception):
    """An answer broke off after its first bytes; raised so that the server cuts the connection.

    Attributes:
        limit: The setting that it met, empty for none.
    """

    def __init__(self, message: str, *, limit: str = "") -> None:
        super().__init__(message)
        self.limit = limit


class Head(NamedTuple):
    """What the headers of a request say that is looked at before anything is answered.

    Attributes:
        wishes: Of the client, for the representation.
        conditional: Whether it sets conditions.
        unusual: Whether it asks for something that is not answered at once.
        id: Of the request: the one it comes with, else a new one.
    """

    wishes: Wishes
    conditional: bool
    unusual: bool
    id: bytes


class Prompted(NamedTuple):
    """An answer that is there as soon as it is asked for.

    Attributes:
        answer: None where it has to wait for its turn.
        route: Which kind of address it answers.
        hit: Whether it came from memory.
        make: Makes it, when it is its turn.
    """

    answer: Answer | None
    route: str
    hit: bool
    make: Callable[[], Answer] | None = None


class Edge:
    """The ASGI application.

    Args:
        site: What is served.
        pages: Flask, which answers what nothing else does.
        direct: Gives the work that answers a request without Flask, None for one that is Flask's.
        executor: Where work is done that would keep other requests waiting.
        in_language: Makes the same ready for another language of the site; None where it has only one.
        threads: How much of that is done at the same time.
    """

    def __init__(
        self,
        site: Site,
        pages: WSGIApplication,
        direct: Direct,
        executor: Executor,
        in_language: InLanguage | None = None,
        threads: int = 8,
    ) -> None:
        self._site = site
        self._executor = executor
        self.queue = FairQueue(threads, site.settings.limits, monotonic)
        """Gives places in these threads."""
        self.readiness = Readiness(site, Condition(), monotonic)
        """Tells whether it should be asked."""
        self.metrics: MetricsPage | None = None
        """Makes the page with numbers, for those who may see it; None where nobody counts."""
        self.release = site.release.manifest.name
        """The name of the release that answers."""
        self.serving = site.settings.serve
        """How the server is watched and stopped."""
        self._cache = AnswerCache(site.settings.limits.cache_bytes)
        first = voice_of(site, pages, direct, translation(site.language), executor, self._cache)
        self._voices = Voices(
            first, partial(self._voice, in_language), site.settings.site.languages[1:] if in_language else ()
        )
        self._prefix = urlsplit(site.base).path
        self.clients = Clients(site.settings.proxies)
        """Tells who asks."""
        self._sees_metrics = Allowed(site.settings.serve.metrics, self.clients)
        own = self._prefix.encode()
        self._body_bytes = site.settings.limits.query_bytes * _PERCENT_ENCODED + _FORM_OVERHEAD_BYTES
        self._endpoints = frozenset(start + ENDPOINT.encode()[1:] for start in (b"/", own))
        self._query_targets = tuple(
            start + path.encode()[1:] + b"?" for start in {b"/", own} for path in (ENDPOINT, GRAPH_STORE)
        )
        self.query_lines = (b"POST ", *(b"GET " + target for target in self._query_targets))
        """What a request begins with that asks the store."""
        self._rounds: Rounds | None = None
        self._answering = 0
        """Requests that are being answered, but for queries that the store answers."""

    def _voice(self, in_language: InLanguage | None, language: str) -> Voice:
        assert in_language is not None
        site, pages, direct = in_language(language)
        return voice_of(site, pages, direct, translation(language), self._executor, self._cache)

    def prompt(  # noqa: PLR0911  each of them is one way to be answered
        self,
        method: bytes,
        target: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        head: Head,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> Prompted | None:
        """Return the answer to a GET or HEAD from memory, or one that is made at once; None where it takes longer.

        It is called as soon as the head of a request is there, before there is a task for it.

        Args:
            method: As it was sent.
            target: Path and query, as they were sent.
            headers: Names in lower case, and values.
            head: What :func:`read_head` has read of them.
            loop: In whose rounds what is made takes its turn, where so much comes at once that it has to wait; None: it never waits.
        """
        if method not in _GET_AND_HEAD:
            return None
        wishes, conditions, unusual, _ = head
        if unusual:
            return None
        if (answer := self._cache.find(target, wishes)) is not None:
            return Prompted(conditional(answer, headers) if conditions else answer, answer.route, _HIT)
        if target.startswith(self._query_targets):
            return None
        path, _, query = target.partition(b"?")
        exchange = self._exchange(path, query, wishes)
        route = route_of(exchange.path)
        if exchange.path in _PROBES and not exchange.prefix:
            known = self._known(exchange.path)
            return None if known is None else Prompted(known, route, hit=False)
        work = self._light_work(exchange)
        if work is None:
            return None
        make = partial(self._make_at_once, exchange, target, work, headers if conditions else ())
        if loop is not None and not self.rounds(loop).is_free():
            return Prompted(None, route, hit=False, make=make)
        return Prompted(make(), route, hit=False)

    def _light_work(self, exchange: Exchange) -> Work | None:
        """Return the work that answers a request in a moment, None where it takes longer."""
        if not self._voices.is_ready(exchange.prefix):
            return None
        work = self._voices.of(exchange.prefix).work(exchange)
        return work if work is not None and work.light else None

    def _known(self, path: str) -> Answer | None:
        """Return what those who watch the server are told, where it is known."""
        if path == HEALTH:
            return HEALTHY
        return self.readiness.at_once() if path == READY else None

    def _make_at_once(
        self, exchange: Exchange, target: bytes, work: Work, conditions: Sequence[tuple[bytes, bytes]]
    ) -> Answer:
        coding = choose_coding(exchange.wishes.accept_encoding)
        answer = encoded(work(), coding)
        self._keep_if_wanted(exchange, target, coding, answer)
        return conditional(answer, conditions) if conditions else answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the server's life."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            method, target = scope["method"].encode("latin-1"), target_of(scope)
            headers = scope["headers"]
            found = self.prompt(method, target, headers, read_head(headers))
            if found is not None and found.answer is not None:
                if (entry := scope.get(SCOPE)) is not None:
                    entry.cache, entry.route = HIT if found.hit else MADE, found.route
                await _send(found.answer, scope, send)
            else:
                self._answering += 1
                try:
                    await self._http(scope, receive, send)
                finally:
                    self._answering -= 1
        else:
            await send({"type": "websocket.close", "code": 1000})

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered."""
        return self._answering > 0 or self._site.store.is_busy

    async def start(self) -> None:
        """Be ready for the first request before it comes."""
        await self._site.store.start()

    def warm(self) -> None:
        """Make a page of each kind, so that nobody waits for what the first one has to read: templates, units of the archive, terms.

        It is done in the thread that calls, and nothing of it is kept but what was made ready.
        """
        voice = self._voices.of("")
        for address in _first_pages(self._site):
            path, _, query = address.partition("?")
            exchange = Exchange(f"/{path}", query, _OF_A_BROWSER)
            # What cannot be made is told to whoever asks for it.
            with suppress(Exception):
                work = voice.work(exchange)
                if work is not None:
                    work()
                    continue
                answer = ask_flask(voice.pages, environ_of(exchange, (), "GET"), "")
                if isinstance(answer, Chunks):
                    answer.close()

    def close(self) -> None:
        """Let go of threads, workers and files; nothing is asked any more."""
        self._executor.shutdown()
        self._site.store.close()
        self._site.close()

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, exchange = scope["method"], self._exchange_of(scope)
        if not self._voices.is_ready(exchange.prefix):
            # Others are answered meanwhile.
            await self._in_thread(partial(self._voices.of, exchange.prefix))
        if method == "OPTIONS":
            await self._send_whole(_preflight(exchange), scope, send)
        elif exchange.path == f"{ENDPOINT}/":
            await self._send_whole(_moved(exchange), scope, send)
        elif exchange.prefix and _is_for_programs(exchange):
            await self._send_whole(without_prefix(exchange), scope, send)
        elif method in _METHODS_OF.get(exchange.path, ()):
            await self._query(exchange, scope, receive, send)
        elif method == "POST" and exchange.path in _FORMS:
            await self._form(exchange, scope, receive, send)
        elif method in ("GET", "HEAD") and (answer := await self._probed(exchange, scope)) is not None:
            await _send(answer, scope, send)
        elif method not in ("GET", "HEAD"):
            await self._send_whole(
                self._problem(exchange, _method_not_allowed(exchange, method)), scope, send
            )
        elif not exchange.path.startswith("/"):
            problem = Problem(400, said("The address is not a path."))
            await self._send_whole(self._problem(exchange, problem), scope, send)
        elif self._voices.is_prefix(exchange.path):
            await self._send_whole(_into(exchange), scope, send)
        elif (named := self._voices.of(exchange.prefix).stored.find(exchange.path)) is not None:
            await self._ask_stored(exchange, named, scope, receive, send)
        else:
            await self._get(exchange, scope, receive, send)

    async def _probed(self, exchange: Exchange, scope: Scope) -> Answer | None:
        """Return the answer to whoever watches the server, None for any other address, and for those who may not."""
        if exchange.prefix or exchange.path not in _PROBES:
            return None
        if exchange.path != METRICS:
            return self._known(exchange.path) or await self.readiness.answer()
        if self.metrics is None or not self._sees_metrics(_peer_of(scope), scope["headers"]):
            return None
        return self.metrics(exchange.accept)

    def client_of(self, scope: Scope) -> str:
        """Return whose request it is."""
        return self.clients.of(_peer_of(scope), scope["headers"])

    def load(self) -> Load:
        """Return what query workers do at this moment."""
        return self._site.store.load

    @property
    def cache_bytes(self) -> int:
        """What the answers take that are in memory."""
        return self._cache.size_bytes

    @property
    def limits(self) -> Limits:
        """What strangers may use."""
        return self._site.settings.limits

    @property
    def issued(self) -> str:
        """When the release was built, UTC, ISO 8601."""
        return self._site.release.manifest.issued

    async def _form(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a form; the answer is not kept, since its address does not say what was asked."""
        try:
            body = await self._body(scope, receive)
            if body is None:
                return
            form = form_in(body, header_value(scope["headers"], b"content-type"))
        except Problem as problem:
            await self._send_whole(self._problem(exchange, problem), scope, send)
            return
        exchange.query = "&".join(filter(None, (exchange.query, form)))
        coding = choose_coding(exchange.wishes.accept_encoding)
        answer = await self._made_in_turn(exchange, scope, receive, coding)
        if answer is None:
            return
        if isinstance(answer, Chunks):
            await self._send_chunks(answer, scope["method"], receive, send)
        else:
            await _send(answer, scope, send)

    async def _made_in_turn(
        self, exchange: Exchange, scope: Scope, receive: Receive, coding: str
    ) -> Answer | Chunks | None:
        """Return the answer that is made when it is the client's turn; None if it has left before."""
        client = self.client_of(scope)
        try:
            async with self.queue.place(client, partial(client_gone, receive)):
                return await self._made(exchange, scope, coding)
        except Left:
            return None
        except Problem as problem:
            exchange.keep = False
            answer = self._problem(exchange, problem)
            # Who takes no heed of it asks no faster for that.
            await asyncio.sleep(_REFUSAL_SECONDS)
            return answer

    async def _made(self, exchange: Exchange, scope: Scope, coding: str) -> Answer | Chunks:
        """Return the answer that is made in a thread, by Flask or without it."""
        voice = self._voices.of(exchange.prefix)
        work = voice.work(exchange)
        if work is None:
            environ = environ_of(exchange, scope["headers"], scope["method"])
            answer = await self._in_thread(partial(ask_flask, voice.pages, environ, coding), voice.executor)
            return page_only(exchange, answer)
        return await self._in_thread(lambda: encoded(work(), coding))

    async def _get(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        coding = choose_coding(exchange.wishes.accept_encoding)
        answer = await self._made_in_turn(exchange, scope, receive, coding)
        if answer is None:
            return
        if isinstance(answer, Chunks):
            await self._send_chunks(answer, scope["method"], receive, send)
            return
        self._keep_if_wanted(exchange, target_of(scope), coding, answer)
        await self._send_whole(answer, scope, send)

    def _exchange_of(self, scope: Scope) -> Exchange:
        path = scope.get("raw_path") or scope["path"].encode()
        head = read_head(scope["headers"])
        exchange = self._exchange(path, scope["query_string"], head.wishes, scope.get(SCOPE))
        exchange.conditional = head.conditional
        return exchange

    def _exchange(
        self, raw_path: bytes, query: bytes, wishes: Wishes, entry: Entry | None = None
    ) -> Exchange:
        path = ascii_path(raw_path)
        if self._prefix != "/" and path.startswith(self._prefix):
            # The base has a path of its own, and no proxy has taken it off.
            path = path[len(self._prefix) - 1 :]
        prefix, path = self._voices.split(path)
        if entry is None:
            return Exchange(path, ascii_query(query), wishes, prefix=prefix)
        entry.route, entry.release = route_of(path), self.release
        return Exchange(path, ascii_query(query), wishes, prefix=prefix, entry=entry)

    def _keep_if_wanted(self, exchange: Exchange, target: bytes, coding: str, answer: Answer) -> None:
        """Keep what is asked for again: a crawler asks for every document once."""
        if exchange.keep and self._cache.is_asked_again(b"%b %b" % (target, exchange.chosen.encode())):
            self._keep(exchange, target, coding, answer)

    def _keep(self, exchange: Exchange, target: bytes, coding: str, answer: Answer) -> None:
        if exchange.keep and answer.status in _KEPT:
            entry = exchange.entry
            entry.cache = KEPT
            answer = replace(
                answer,
                route=route_of(exchange.path),
                query_hash=query_hash(entry.query) if entry.query else "",
            )
            self._cache.keep(target, exchange.offered, exchange.chosen, coding, answer)

    def _problem(self, exchange: Exchange, problem: Problem) -> Answer:
        voice = self._voices.of(exchange.prefix)
        with speaking(voice.translation):
            exchange.entry.limit = problem.limit
            return problem_answer(voice.site, problem, exchange.accept, exchange.path)

    async def tell_failure(self, error: Exception, entry: Entry, scope: Scope, send: Send) -> None:
        """Answer 500 with the id of the request, under which the log says what went wrong."""
        exchange, problem = self._exchange_of(scope), failure(error, entry)
        try:
            answer = self._problem(exchange, problem)
        except Exception:  # The page cannot be made either.
            answer = problem_answer(self._site, problem, None, exchange.path)
        await _send(answer, scope, send)

    async def _in_thread(self, work: Callable[[], T], executor: Executor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor or self._executor, work)

    # -------------------------------------------------------------------------------------------- queries

    def rounds(self, loop: asyncio.AbstractEventLoop) -> Rounds:
        """Return the rounds in which queries of all connections are taken."""
        if self._rounds is None:
            self._rounds = Rounds(loop)
        return self._rounds

    def query(
        self,
        method: bytes,
        target: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        head: Head,
        body: bytes,
        peer: str,
        deliver: Deliver,
        entry: Entry,
    ) -> Asked | None:
        """Begin to answer a query; None for any other request.

        Args:
            method: As it was sent; ``POST`` only if :meth:`takes_body` has said so.
            target: Path and query, as they were sent.
            headers: Names in lower case, and values.
            head: What :func:`read_head` has read of them.
            body: Of a POST.
            peer: The address at the other end of the connection.
            deliver: Gets the answer, after this has returned.
            entry: What is noted of the request.
        """
        if head.unusual or not self.may_be_query(method, target):
            return None
        path, _, query = target.partition(b"?")
        exchange = self._exchange(path, query, head.wishes, entry)
        exchange.conditional = head.conditional
        coding = choose_coding(head.wishes.accept_encoding)
        call = Call(exchange, method.decode(), headers, body, self.clients.of(peer, headers), coding)
        return self._begin(call, target, deliver)

    def may_be_query(self, method: bytes, target: bytes) -> bool:
        """Tell whether a request may be one that :meth:`query` answers, as far as its first line shows."""
        return method == b"POST" or (method in _GET_AND_HEAD and target.startswith(self._query_targets))

    def takes_body(self, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bool:
        """Tell whether a POST is a query like most: to the endpoint, of a stated length that is allowed, without a coding."""
        if target.partition(b"?")[0] not in self._endpoints:
            return False
        length = b""
        for name, value in headers:
            if name == b"content-length":
                length = value
            elif name in _UNUSUAL or name in _OF_BODIES:
                return False
        return length.isdigit() and int(length) <= self._body_bytes

    def _begin(self, call: Call, target: bytes, deliver: Deliver) -> Asked:
        """Begin to answer a request to the endpoint, and keep the answer where that may be done."""

        def keep(answer: Answer | Stream) -> None:
            if isinstance(answer, Answer):
                if call.method != "POST":
                    self._keep(call.exchange, target, call.coding, answer)
                if call.exchange.conditional:
                    answer = conditional(answer, call.headers)
            deliver(answer)

        voice = self._voices.of(call.exchange.prefix)
        with speaking(voice.translation):
            return voice.endpoint.begin(call, keep)

    async def _query(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        method, headers = scope["method"], scope["headers"]
        try:
            body = await self._body(scope, receive) if method == "POST" else b""
        except Problem as problem:
            await self._send_whole(self._problem(exchange, problem), scope, send)
            return
        if body is None:
            return
        client = self.client_of(scope)
        coding = choose_coding(exchange.wishes.accept_encoding)
        call = Call(exchange, method, headers, body, client, coding, whole=scope["http_version"] == "1.0")
        gone = asyncio.ensure_future(client_gone(receive))
        answered: asyncio.Future[Answer | Stream] = asyncio.get_running_loop().create_future()
        asked = self._begin(call, target_of(scope), answered.set_result)
        try:
            either: set[asyncio.Future[Any]] = {answered, gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                return
            answer = answered.result()
            if isinstance(answer, Stream):
                await send_stream(answer, method, send, gone)
            else:
                await _send(answer, scope, send)
        finally:
            asked.give_up()
            await _cancelled(gone)

    async def _ask_stored(
        self, exchange: Exchange, named: Named, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a stored query; it is stopped when the client leaves."""
        client = self.client_of(scope)
        loop = asyncio.get_running_loop()
        began, coding = loop.time(), choose_coding(exchange.wishes.accept_encoding)
        gone = asyncio.ensure_future(client_gone(receive))
        voice = self._voices.of(exchange.prefix)
        with speaking(voice.translation):
            asked = asyncio.ensure_future(voice.stored.answer(exchange, named, client))
        try:
            await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                answer = await self._in_thread(partial(encoded, asked.result(), coding))
                answer = page_only(exchange, answer)
                if loop.time() - began > WORTH_KEEPING_SECONDS:
                    self._keep(exchange, target_of(scope), coding, answer)
                else:
                    self._keep_if_wanted(exchange, target_of(scope), coding, answer)
                await self._send_whole(answer, scope, send)
        finally:
            await _cancelled(asked, gone)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body of a request, or None if the client left.

        Raises:
            Problem: It is longer than any query may be, takes too long, or is encoded.
        """
        limits = self._site.settings.limits
        limit = self._body_bytes
        coding = (header_value(scope["headers"], b"content-encoding") or "identity").strip().lower()
        if coding != "identity":
            raise Problem(
                415, said("The body is sent with the coding {coding}; send it without.", coding=coding[:40])
            )
        too_long = Problem(
            413,
            said("A query may have {number} bytes.", number=limits.query_bytes),
            facts={"limit_bytes": limits.query_bytes},
        )
        stated = header_value(scope["headers"], b"content-length") or ""
        if stated.isdecimal() and int(stated) > limit:
            raise too_long
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise too_long
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            raise Problem(
                408,
                said(
                    "The body did not arrive within {body_seconds} seconds.",
                    body_seconds=format(BODY_SECONDS, ".0f"),
                ),
            ) from None

    # -------------------------------------------------------------------------------------------- sending

    async def _send_whole(self, answer: Answer, scope: Scope, send: Send) -> None:
        await _send(conditional(answer, scope["headers"]), scope, send)

    async def _send_chunks(self, answer: Chunks, method: str, receive: Receive, send: Send) -> None:
        """Send a long answer; no thread waits for a slow client, since each chunk is read when the last one is gone."""
        gone = asyncio.ensure_future(client_gone(receive))
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": (*answer.headers, *ALWAYS),
                }
            )
            if method == "HEAD":
                await send({"type": "http.response.body", "body": b""})
                return
            chunk: bytes | None = answer.first
            while chunk is not None and not gone.done():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await self._in_thread(partial(next, answer.rest, None))
            await send({"type": "http.response.body", "body": b""})
        finally:
            await _cancelled(gone)
            await self._in_thread(answer.close)


def target_of(scope: Scope) -> bytes:
    """Return path and query of a request, as they were sent."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path + b"?" + scope["query_string"] if scope["query_string"] else path


def _peer_of(scope: Scope) -> str:
    peer: str = (scope.get("client") or ("",))[0]
    return peer


async def _send(answer: Answer, scope: Scope, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.wire_headers})
    # RFC 9110 9.3.2: HEAD has the headers of GET, Content-Length included, and no body.
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def client_gone(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancelled(*futures: asyncio.Future[Any]) -> None:
    waiting = [each for each in futures if not each.done()]
    for each in waiting:
        each.cancel()
    if waiting:
        await asyncio.gather(*waiting, return_exceptions=True)


async def send_stream(stream: Stream, method: str, send: Send, gone: asyncio.Future[None]) -> None:
    """Send an answer as it comes, at the client's pace; stop the query when the client has left.

    Raises:
        BrokenStream: The answer broke off; the server cuts the connection, so that nobody takes it for whole.
    """
    coming: asyncio.Future[bytes | None] | None = None
    try:
        await send({"type": "http.response.start", "status": 200, "headers": (*stream.headers, *ALWAYS)})
        if method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        chunk: bytes | None = stream.first
        chunks = aiter(stream.rest)
        while chunk is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            coming = asyncio.ensure_future(_next(chunks))
            either: set[asyncio.Future[Any]] = {coming, gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                await _cancelled(coming)
                return
            try:
                chunk = coming.result()
            except StoreError as error:
                raise BrokenStream(str(error), limit=getattr(error, "limit", "")) from error
        await send({"type": "http.response.body", "body": b""})
    finally:
        if coming is not None and not coming.done():  # The server stops.
            coming.cancel()
        stream.rest.give_up()


async def _next(chunks: AsyncIterator[bytes]) -> bytes | None:
    return await anext(chunks, None)


def read_head(headers: Sequence[tuple[bytes, bytes]]) -> Head:
    """Read the headers of a request, once for all that is asked of them.

    Args:
        headers: Names in lower case, and values.
    """
    accept = profile = codings = None
    conditions = unusual = False
    given = trace = b""
    for name, value in headers:
        if name not in _READ:
            continue
        # RFC 9110 5.3: several of one name are a list.
        if name == b"accept":
            accept = value if accept is None else accept + b", " + value
        elif name == b"accept-encoding":
            codings = value if codings is None else codings + b", " + value
        elif name == b"accept-profile":
            profile = value if profile is None else profile + b", " + value
        elif name in _CONDITIONS:
            conditions = True
        elif name in _UNUSUAL:
            unusual = True
        elif name == request_ids.HEADER:
            given = request_ids.taken(value)
        else:
            trace = request_ids.traced(value)
    wishes = Wishes(
        accept.decode("latin-1") if accept is not None else None,
        profile.decode("latin-1") if profile is not None else None,
        codings.decode("latin-1") if codings is not None else None,
    )
    return Head(wishes, conditions, unusual, given or trace or request_ids.made())


def _moved(exchange: Exchange) -> Answer:
    """Send a client that writes a slash behind the endpoint to it, with its method and its body (RFC 9110 15.4.9)."""
    query = f"?{exchange.query}" if exchange.query else ""
    return Answer(308, ((b"location", f"..{ENDPOINT}{query}".encode()), (b"vary", b"Accept")))


def _into(exchange: Exchange) -> Answer:
    """Send a client that leaves out the slash behind the prefix of a language to its home page."""
    query = f"?{exchange.query}" if exchange.query else ""
    return Answer(308, ((b"location", f".{exchange.path}/{query}".encode()),))


def _is_for_programs(exchange: Exchange) -> bool:
    """Tell whether an answer of the endpoint is no page, which alone has a language."""
    if exchange.path == ENDPOINT:
        return "format=" in exchange.query or not is_page(exchange.accept)
    return exchange.path == GRAPH_STORE


def _methods(exchange: Exchange) -> bytes:
    usual = ("GET", "HEAD", "POST") if exchange.path in _FORMS else ("GET", "HEAD")
    return ", ".join((*_METHODS_OF.get(exchange.path, usual), "OPTIONS")).encode()


def _preflight(exchange: Exchange) -> Answer:
    """Answer OPTIONS: what may be asked, by scripts of any origin as well (Fetch standard, CORS-preflight)."""
    methods = _methods(exchange)
    return Answer(
        204,
        (
            (b"allow", methods),
            (b"access-control-allow-methods", methods),
            (
                b"access-control-allow-headers",
                b"Accept, Accept-Profile, Content-Type, If-Match, If-Modified-Since, If-None-Match, Range",
            ),
            (b"access-control-max-age", b"86400"),
        ),
    )


def _method_not_allowed(exchange: Exchange, method: str) -> Problem:
    allowed = _methods(exchange)
    return Problem(
        405,
        said(
            "{method} is not answered here; there are {allowed}.",
            method=method[:20],
            allowed=allowed.decode(),
        ),
        headers=((b"allow", allowed),),
    )
