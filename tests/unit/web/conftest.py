"""A client that speaks ASGI in this process, a hostile little dataset, and a store whose answers are scripted."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest

from fonds.release.dataset import build_dataset
from fonds.release.folder import Release
from fonds.settings import Limits, Settings
from fonds.store import QueryForm
from fonds.store.embedded import EmbeddedStore
from fonds.vocabulary import PREFIXES
from fonds.web import create_app
from fonds.web.edge import ASGIApplication
from tests.conftest import opened

BASE = "https://a.example/sub/"


@dataclass
class Reply:
    """What an application sent.

    Attributes:
        status: HTTP status code.
        headers: By name in lower case; several of one name are joined.
        body: All of it, decoded if it was compressed.
        raw: As it was sent.
        chunks: How many messages carried it.
        complete: Whether the application said that this was the end.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes = b""
    chunks: int = 0
    complete: bool = False

    @property
    def text(self) -> str:
        return self.body.decode()


Ask = Callable[..., Reply]


@cache
def _runner() -> asyncio.Runner:
    """Return what runs every request in one event loop, as a server does: a store belongs to the loop that first asks it."""
    return asyncio.Runner()


def asker(application: ASGIApplication) -> Ask:
    """Return a function that sends one request to an application: ``ask("/path?query", accept, method=…, headers=…, body=…)``."""

    def ask(
        target: str | bytes,
        accept: str | None = None,
        *,
        method: str = "GET",
        headers: Sequence[tuple[str, str]] = (),
        body: Sequence[bytes] = (b"",),
        http_version: str = "1.1",
        leave_after: int | None = None,
    ) -> Reply:
        return _runner().run(
            send_request(
                application,
                target,
                accept,
                method=method,
                headers=headers,
                body=body,
                http_version=http_version,
                leave_after=leave_after,
            )
        )

    return ask


async def send_request(
    application: ASGIApplication,
    target: str | bytes,
    accept: str | None = None,
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (),
    body: Sequence[bytes] = (b"",),
    http_version: str = "1.1",
    leave_after: int | None = None,
) -> Reply:
    """Send one request.

    Args:
        leave_after: Leave after so many chunks of the answer; 0: before anything came.
    """
    path, _, query = (target if isinstance(target, bytes) else target.encode()).partition(b"?")
    given = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    if accept is not None:
        given.append((b"accept", accept.encode("latin-1")))
    scope = {
        "type": "http",
        "http_version": http_version,
        "method": method,
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": given,
    }
    reply, left = Reply(), asyncio.Event()
    if leave_after == 0:
        left.set()
    coming = [
        {"type": "http.request", "body": part, "more_body": place < len(body) - 1}
        for place, part in enumerate(body)
    ]

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop(0)
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            for name, value in message["headers"]:
                key = name.decode()
                assert name == name.lower()
                assert not set(value) & {10, 13, 0}
                text = value.decode("latin-1")
                reply.headers[key] = f"{reply.headers[key]}, {text}" if key in reply.headers else text
        else:
            reply.raw += message.get("body", b"")
            reply.chunks += 1
            reply.complete = not message.get("more_body", False)
            if leave_after is not None and reply.chunks >= leave_after:
                left.set()

    await application(scope, receive, send)
    coded = reply.headers.get("content-encoding") == "gzip" and reply.raw
    reply.body = gzip.decompress(reply.raw) if coded else reply.raw
    return reply


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of a small dataset with unfriendly labels and IRIs, for the base https://a.example/sub/."""
    folder = tmp_path_factory.mktemp("dataset")
    source = folder / "things.nq"
    source.write_text(QUADS, encoding="utf-8")
    settings = Settings(
        title="Things & <others>", limits=Limits(query_seconds=5, query_bytes=2000, workers=1)
    )
    return build_dataset([source], folder / "releases", settings=settings, base=BASE)


_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_ANN = f"<{BASE}id/person/ann>"
QUADS = f"""\
{_ANN} {_TYPE} <https://elsewhere.example/Person> .
{_ANN} {_LABEL} "Ann"@en .
{_ANN} {_LABEL} "<script>alert(1)</script>"@ru .
{_ANN} <https://elsewhere.example/knows> <https://elsewhere.example/bob> .
{_ANN} <https://elsewhere.example/page> <javascript:alert(1)> .
{_ANN} <https://elsewhere.example/page> <http://ok.example/?a=1&b=2'> .
{_ANN} <https://elsewhere.example/note> "\\"><img src=x onerror=alert(1)>" .
{_ANN} <https://elsewhere.example/born> "1864-02-03"^^<http://www.w3.org/2001/XMLSchema#date> .
<{BASE}id/person/ann.ttl> {_LABEL} "Her file"@en .
<{BASE}id/person/a%20b> {_LABEL} "Minted with %20"@en .
<{BASE}id/person/a%2Fb> {_LABEL} "Minted with %2F"@en .
<{BASE}id/person/café> {_LABEL} "Café"@fr .
<{BASE}id/person/slash/> {_LABEL} "Ends with a slash"@en .
<{BASE}id/x:y> {_LABEL} "With a colon"@en .
<{BASE}id/control> {_LABEL} "\\u0001" .
<{BASE}people/eve> {_LABEL} "Eve"@en .
<{BASE}people//two> {_LABEL} "Two slashes"@en .
<https://elsewhere.example/bob> {_LABEL} "Bob"@en <{BASE}graph/bob> .
<https://elsewhere.example/bob> <https://elsewhere.example/age> "9" <https://elsewhere.example/graph> .
<https://elsewhere.example/Person> {_LABEL} "Mensch"@de <{BASE}graph/bob> .
"""


@pytest.fixture(scope="session")
def dataset_store(dataset: Release) -> Iterator[EmbeddedStore]:
    """A store on that dataset."""
    with opened(dataset, prefixes=PREFIXES) as store:
        yield store


@pytest.fixture(scope="session")
def ask(dataset: Release, dataset_store: EmbeddedStore) -> Ask:
    """Ask a site of that dataset."""
    return asker(create_app(dataset, dataset_store, dataset.manifest.settings))


@pytest.fixture(scope="session")
def store(release: Release) -> Iterator[EmbeddedStore]:
    """A store on this repository's own publication, for all that is asked in one event loop."""
    with opened(release, prefixes={}) as store:
        yield store


@pytest.fixture(scope="session")
def ask_publication(release: Release, store: EmbeddedStore) -> Ask:
    """Ask a site of this repository's own publication; it keeps what it was asked before."""
    return asker(create_app(release, store, release.manifest.settings))


@pytest.fixture
def ask_afresh(release: Release, store: EmbeddedStore) -> Ask:
    """Ask a site of it that was never asked before."""
    return asker(create_app(release, store, release.manifest.settings))


END = object()
FULL_BYTES = 512 * 1024


class ScriptedAnswer:
    """An answer that gives chunks, waits for ever at None, and fails at what is an error.

    Attributes:
        closed: 1 once it was given up.
    """

    def __init__(self, script: Sequence[bytes | Exception | None], stopped: Callable[[], None]) -> None:
        self.form = QueryForm.SELECT
        self.settled = False
        self.complete = False
        self.error: Any = None
        self.coding = ""
        self.closed = 0
        self._stopped = stopped
        self._held = False
        self._chunks: deque[bytes] = deque()
        self._call: Callable[[], None] | None = None
        self._script = iter(script)
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._step)

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self._chunks))

    def _step(self) -> None:
        each = next(self._script, END)
        if each is None:
            return
        if isinstance(each, Exception):
            self.error = each
        elif each is END:
            self.settled = self.complete = True
        else:
            assert isinstance(each, bytes)
            self.settled = True
            self._chunks.append(each)
            if self.size_bytes < FULL_BYTES:
                self._loop.call_soon(self._step)
            else:
                self._held = True
        if self._call is not None:
            self._call()

    def on_news(self, call: Callable[[], None] | None) -> None:
        self._call = call

    def take(self) -> bytes:
        taken = b"".join(self._chunks)
        self._chunks.clear()
        self._go_on()
        return taken

    def _go_on(self) -> None:
        if self._held:
            self._held = False
            self._loop.call_soon(self._step)

    def __aiter__(self) -> ScriptedAnswer:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self.error is not None:
                raise self.error
            if self.complete:
                raise StopAsyncIteration
            await asyncio.sleep(0.001)
        self._go_on()
        return self._chunks.popleft()

    def give_up(self) -> None:
        if not self.closed and not self.settled and self.error is None:
            self._stopped()
        self.closed = 1


class ScriptedStore:
    """A store that answers strangers from a script, and everything else as another store does.

    Attributes:
        script: What the next answers give; an exception alone is raised by ``ask`` itself, None waits for ever.
        answers: Those that were given.
        stopped: How often a query was given up before it had an answer.
    """

    def __init__(self, behind: Any, script: Any) -> None:
        self._behind = behind
        self.script = script
        self.answers: list[ScriptedAnswer] = []
        self.asked: list[Any] = []
        self.stopped = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def ask(self, sparql: str, format: Any, *, dataset: Any = None, **_: Any) -> ScriptedAnswer:
        self.asked.append((sparql, format, dataset))
        if isinstance(self.script, Exception):
            raise self.script
        script = [None] if self.script is None else self.script
        self.answers.append(ScriptedAnswer(script, self._stop))
        return self.answers[-1]

    def _stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def scripted(dataset: Release, dataset_store: EmbeddedStore) -> Callable[..., tuple[Ask, ScriptedStore]]:
    """Make a site whose queries answer from a script."""

    def make(script: Any) -> tuple[Ask, ScriptedStore]:
        store = ScriptedStore(dataset_store, script)
        return asker(create_app(dataset, store, dataset.manifest.settings)), store  # type: ignore[arg-type]

    return make


_OWN_SCRIPT = re.compile(
    r'<script (?:defer|type="module") src="(?:\.\.?/)+assets/[a-z.]+\?[0-9a-f]{10}"></script>'
)


def strange_scripts(page: str) -> list[str]:
    """Return the beginnings of scripts on a page that are no files of the program's own."""
    return re.findall(r"(?i)<script.{0,80}", _OWN_SCRIPT.sub("", page))


def query_target(query: str, **parameters: str) -> str:
    """Return the address of a query."""
    return f"/sparql?query={quote(query)}" + "".join(
        f"&{name}={quote(value)}" for name, value in parameters.items()
    )
