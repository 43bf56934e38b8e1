"""Speaks with a SPARQL endpoint elsewhere: one connection for many questions, time-outs, and no answer that is only half there.

SPARQLWrapper makes the requests. It sends them with :mod:`urllib`, which closes the connection after each and follows
redirects wherever they lead, so that they are sent here with :mod:`http.client` instead, which urllib is built on: its
connections stay open, and an answer is read as it comes.

Only the settings and the command line say where the endpoint is. What it is asked with, a login above all, is never part of
an error's text.
"""

from __future__ import annotations

import base64
import contextlib
import email.message
import http.client
import re
import ssl
import time
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from SPARQLWrapper import POST, SPARQLWrapper

from fonds import __version__
from fonds.errors import QuerySyntaxError, RemoteFailed, StoreBusy, StoreError, StoreUnavailable
from fonds.store.remote_place import PASSWORD, TOKEN, USER, Access

_RESULTS = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
_GRAPHS = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_PIECE_BYTES = 64 * 1024
_ERROR_BYTES = 4 * 1024
_SHOWN_CHARACTERS = 300
_MOST_IDLE = 8
_IDLE_SECONDS = 15.0
"""A connection that was idle for longer is not used again: most servers close theirs after some such time."""
_WAITS = (0.2, 0.8)
"""Seconds before a request is made for the second and the third time."""
_PATIENT_WAITS = (*_WAITS, 2.0, 5.0, 10.0, 20.0)
"""The same where nobody waits for the answer: a store that has answered before comes back, or is only busy."""
_PASSING = (502, 503, 504)
"""What a server, or a proxy before it, answers while it restarts."""
_MOST_RETRY_SECONDS = 300

_BROKEN = (http.client.HTTPException, OSError)


# ------------------------------------------------------------------------------------------------ one answer


class Reply:
    """An answer that is read as it comes; a file to the parsers of the engine.

    Attributes:
        status: Of HTTP.
        media_type: Without parameters, in lower case.
        headers: All of them.
        ends_clearly: Whether its end can be told from its breaking off.
    """

    def __init__(
        self, client: RemoteClient, connection: http.client.HTTPConnection, response: http.client.HTTPResponse
    ) -> None:
        self.status = response.status
        self.headers: email.message.Message = response.headers
        self.media_type = response.headers.get_content_type() if response.headers["content-type"] else ""
        self.ends_clearly = bool(response.chunked) or response.length is not None
        self._client = client
        self._connection: http.client.HTTPConnection | None = connection
        self._response = response
        self._left = client.access.result_bytes
        self._is_virtuoso = "virtuoso" in (response.headers["server"] or "").lower()
        self._held = b""
        self.deadline = 0.0
        """When it has to be there, on the monotonic clock."""

    def read(self, size: int = -1) -> bytes:
        """Return what comes next, at least a byte of it and about so many at most; nothing at its end.

        Raises:
            StoreError: It broke off, or is longer than it may be.
        """
        amount = min(size, _PIECE_BYTES) if size > 0 else _PIECE_BYTES
        if not self._is_virtuoso:
            return self._piece(amount)
        while self._connection is not None:
            held = _VIRTUOSO_NODE.sub(rb"\1", self._held + self._piece(amount))
            # What names a node may begin at the end of this piece.
            place = len(held) - _LONGEST_MARK if self._connection is not None else len(held)
            if place > 0:
                self._held = held[place:]
                return held[:place]
            self._held = held
        rest, self._held = self._held, b""
        return rest

    def _piece(self, amount: int) -> bytes:
        connection = self._connection
        if connection is None:
            return b""
        try:
            self._client.let_wait(connection, self.deadline)
            piece = self._response.read1(amount)
        except TimeoutError as error:
            self.close()
            raise _late() from error
        except _BROKEN as error:
            self.close()
            raise RemoteFailed("The store broke off in the middle of its answer.") from error
        self._left -= len(piece)
        if self._left < 0:
            self.close()
            raise RemoteFailed(
                f"The store's answer is longer than the {self._client.access.result_bytes} bytes that are read."
            )
        if not piece:
            if self._response.length:  # It said that more would come.
                self.close()
                raise RemoteFailed("The store broke off in the middle of its answer.")
            self._connection = None
            self._client.take_back(connection, self._response)
        return piece

    def finish(self) -> None:
        """See to it that nothing else comes, so that the connection can be used again.

        Raises:
            RemoteFailed: Something does, other than blanks, or it broke off.
        """
        while piece := self.read():
            if piece.strip():
                self.close()
                raise RemoteFailed("The store's answer goes on behind its end.")

    def beginning(self) -> bytes:
        """Return the first bytes of an error, and let go of the connection."""
        text = b""
        with contextlib.suppress(StoreError):
            while len(text) < _ERROR_BYTES and (piece := self.read(_ERROR_BYTES)):
                text += piece
        self.close()
        return text[:_ERROR_BYTES]

    def close(self) -> None:
        """Let go of the connection, whatever else would come; may be called twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


_VIRTUOSO_NODE = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*"|<bnode>)nodeID://')
"""How Virtuoso names blank nodes, which is no name of one (SPARQL 1.1 Query Results JSON Format 3.2.2)."""
_LONGEST_MARK = 64


# ------------------------------------------------------------------------------------------------ the client


class _Request(SPARQLWrapper):
    """A request as SPARQLWrapper makes it, which is sent by somebody else."""

    def made(self) -> urllib.request.Request:
        """Return it."""
        request: urllib.request.Request = self._createRequest()
        return request


class _Sent(NamedTuple):
    """What is sent: for as long as an answer is missing, to be sent again."""

    method: str
    address: str
    body: bytes | None
    headers: Mapping[str, str]


class RemoteClient:
    """Asks one endpoint; threads may share it, each question having a connection for itself meanwhile.

    Args:
        access: Where it is and how it is asked.
        patient: Whether a request that does not get through is made again for about forty seconds, once another one got through;
            otherwise for one.
    """

    def __init__(self, access: Access, *, patient: bool = False) -> None:
        self.access = access
        self._is_patient = patient
        self._has_answered = False
        self._idle: deque[tuple[float, http.client.HTTPConnection]] = deque()
        self._logins: dict[str, _Login] = {}
        self._tls: ssl.SSLContext | None = None

    # ---------------------------------------------------------------------------------------- queries

    def ask(
        self,
        query: str,
        *,
        graph: bool,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        seconds: float,
    ) -> Reply:
        """Ask a query (SPARQL 1.1 Protocol 2.1) and return the answer, of which nothing is read yet.

        A request that did not get through is made again, up to three times in all, or more by a patient client: a query changes
        nothing.

        Args:
            query: SPARQL, as the endpoint is to read it.
            graph: Whether the answer is a graph.
            default_graphs: The dataset that is asked; None: the endpoint's own.
            named_graphs: The same.
            seconds: Until the answer has to be there as a whole.

        Raises:
            QuerySyntaxError: The endpoint does not take the query.
            StoreBusy: It has too much to do.
            StoreUnavailable: It cannot be reached.
            RemoteFailed: It answers, but nothing that can be used.
        """
        wrapper = _Request(self.access.address, agent=f"fonds/{__version__}")
        wrapper.setOnlyConneg(True)
        wrapper.setMethod(POST)
        wrapper.setQuery(query)
        for iri in default_graphs or ():
            wrapper.addParameter("default-graph-uri", iri)
        for iri in named_graphs or ():
            wrapper.addParameter("named-graph-uri", iri)
        wrapper.addCustomHttpHeader("Accept", _GRAPHS if graph else _RESULTS)
        made = wrapper.made()
        body = made.data if isinstance(made.data, bytes) else None
        sent = _Sent(made.get_method(), made.full_url, body, dict(made.header_items()))
        reply = self._reply(sent, time.monotonic() + seconds)
        self._require_usable(reply)
        return reply

    def _require_usable(self, reply: Reply) -> None:
        """See to it that an answer is one, and a whole one.

        Raises:
            StoreError: It is not.
        """
        status = reply.status
        if status == 200:
            if most := reply.headers["x-sparql-maxrows"]:
                reply.close()
                raise RemoteFailed(
                    f"The store cut its answer after {_shown(most, 20)} rows; ask for a part (LIMIT, OFFSET), or take the dumps."
                )
            if reply.headers["x-sql-state"]:
                reply.close()
                raise RemoteFailed("The store gave a part of the answer only, since its time was over.")
            if reply.headers.get("content-encoding", "identity").lower() != "identity":
                reply.close()
                raise RemoteFailed("The store compressed its answer, which it was not asked to.")
            return
        self._refuse(reply)

    def _refuse(self, reply: Reply) -> None:
        """Raise what an answer without success means."""
        status, text = reply.status, reply.beginning()
        if status == 206:
            raise RemoteFailed("The store gave a part of the answer only (206).")
        if status in (400, 414, 413):
            raise QuerySyntaxError(f"The store does not take this query: {self._said(reply, text)}")
        if status in (401, 403, 407):
            raise RemoteFailed(
                f"The store wants a login that this server does not have ({status}); whoever runs it sets {USER} and "
                f"{PASSWORD}, or {TOKEN}."
            )
        if status == 404:
            raise RemoteFailed("There is no store where this server asks for one (404).")
        if status in (408, 504):
            raise RemoteFailed(f"The store gave no answer in its time ({status}).", late=True)
        if status in (429, 503):
            raise StoreBusy(
                f"The store has too much to do ({status}); come again later.",
                retry_after_seconds=_seconds(reply.headers["retry-after"]),
            )
        if 300 <= status < 400:
            raise RemoteFailed(
                f"The store has moved ({status}); whoever runs this server sets its new address."
            )
        raise RemoteFailed(f"The store failed ({status}).")

    def _said(self, reply: Reply, text: bytes) -> str:
        """Return the first words of an error: harmless, short, and without a login."""
        words = text.decode("utf-8", "replace")
        if reply.media_type in ("text/html", "application/xhtml+xml"):
            words = re.sub(
                r"<(script|style)\b.*?(</\1>|\Z)|<[^>]*>", " ", words, flags=re.DOTALL | re.IGNORECASE
            )
        for secret in (self.access.password, self.access.token):
            if secret:
                words = words.replace(secret, "…")
        host = urlsplit(self.access.address).netloc
        return _shown(words.replace(self.access.address, "…").replace(host, "…"), _SHOWN_CHARACTERS)

    # ---------------------------------------------------------------------------------------- writing

    def send(
        self, method: str, address: str, body: bytes | None, content_type: str, *, seconds: float
    ) -> Reply:
        """Send a request that writes, and return its answer, whatever its status.

        It is made again where it did not get through: all that is sent here may come twice without harm.

        Raises:
            StoreError: There is no answer.
        """
        headers = {"User-Agent": f"fonds/{__version__}", "Accept": "*/*"}
        if body is not None:
            headers["Content-Type"] = content_type
        return self._reply(_Sent(method, address, body, headers), time.monotonic() + seconds)

    def update(self, address: str, text: str, *, seconds: float) -> None:
        """Run an update (SPARQL 1.1 Protocol 2.2).

        Raises:
            StoreError: It was not done.
        """
        body = urlencode({"update": text}).encode()
        self.require_done(
            self.send("POST", address, body, "application/x-www-form-urlencoded", seconds=seconds)
        )

    def require_done(self, reply: Reply, *allowed: int) -> None:
        """See to it that something was written.

        Raises:
            StoreError: It was not.
        """
        if 200 <= reply.status < 300 or reply.status in allowed:
            reply.beginning()
            return
        if reply.status in (400, 413, 414, 415, 500):
            raise RemoteFailed(
                f"The store did not take what was sent ({reply.status}): {self._said(reply, reply.beginning())}"
            )
        self._refuse(reply)

    # ---------------------------------------------------------------------------------------- connections

    def _reply(self, sent: _Sent, deadline: float) -> Reply:
        """Send a request, several times if need be, and return its answer, whatever that is in the end."""
        for wait in _PATIENT_WAITS if self._is_patient and self._has_answered else _WAITS:
            reply = None
            try:
                reply = self._answered(sent, deadline)
                self._has_answered = True
            except StoreUnavailable:
                if time.monotonic() + wait >= deadline:
                    raise
            if reply is not None:
                if reply.status not in _PASSING or time.monotonic() + wait >= deadline:
                    return reply
                reply.close()
            time.sleep(wait)
        return self._answered(sent, deadline)

    def _answered(self, sent: _Sent, deadline: float) -> Reply:
        """Send a request once, and a second time with the login, where one is wanted in a way that was not known before."""
        place = sent.address.partition("?")[0]
        login = self._logins.get(place)
        reply = self._exchanged(sent, deadline, self._authorization(sent, login))
        if reply.status == 401 and self.access.user and not self.access.token:
            login = _login(reply.headers["www-authenticate"] or "", self.access)
            reply.beginning()
            self._logins[place] = login
            reply = self._exchanged(sent, deadline, self._authorization(sent, login))
        return reply

    def _exchanged(self, sent: _Sent, deadline: float, authorization: str) -> Reply:
        parts = urlsplit(sent.address)
        selector = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {**sent.headers, **({"Authorization": authorization} if authorization else {})}
        while True:
            connection, fresh = self._connection(parts.scheme, parts.netloc)
            try:
                if fresh:
                    connection.timeout = max(0.01, min(self.access.seconds, deadline - time.monotonic()))
                    connection.connect()
            except (TimeoutError, *_BROKEN) as error:
                connection.close()
                raise StoreUnavailable("The store cannot be reached; come again later.") from error
            try:
                self.let_wait(connection, deadline)
                connection.request(sent.method, selector, sent.body, headers)
                self.let_wait(connection, deadline)
                reply = Reply(self, connection, connection.getresponse())
            except TimeoutError as error:
                connection.close()
                raise _late() from error
            except _BROKEN as error:
                connection.close()
                if not fresh:
                    continue
                if isinstance(error, http.client.BadStatusLine) and not isinstance(
                    error, http.client.RemoteDisconnected
                ):
                    raise RemoteFailed("What answers in the store's place does not speak HTTP.") from error
                raise StoreUnavailable("The store closed the connection without an answer.") from error
            reply.deadline = deadline
            return reply

    def _connection(self, scheme: str, netloc: str) -> tuple[http.client.HTTPConnection, bool]:
        """Return a connection, and whether it is a new one."""
        with contextlib.suppress(IndexError):
            while True:
                since, connection = self._idle.pop()
                same = (connection.host, connection.port) == _host_and_port(scheme, netloc)
                if same and time.monotonic() - since < _IDLE_SECONDS:
                    return connection, False
                connection.close()
        host, port = _host_and_port(scheme, netloc)
        if scheme == "https":
            self._tls = self._tls or ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, context=self._tls), True
        return http.client.HTTPConnection(host, port), True

    def let_wait(self, connection: http.client.HTTPConnection, deadline: float) -> None:
        """Let a connection wait until a deadline and no longer.

        Raises:
            TimeoutError: It has passed.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(left)

    def take_back(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        """Keep a connection for the next question, if it is one that stays open."""
        response.close()  # What is read to its end is not closed by itself.
        if response.will_close or connection.sock is None or len(self._idle) >= _MOST_IDLE:
            connection.close()
        else:
            self._idle.append((time.monotonic(), connection))

    def close(self) -> None:
        """Close all connections that are idle."""
        with contextlib.suppress(IndexError):
            while True:
                self._idle.pop()[1].close()

    def _authorization(self, sent: _Sent, login: _Login | None) -> str:
        """Return the value of the header that logs in, empty where nobody does, or it is not known yet how."""
        if self.access.token:
            return f"Bearer {self.access.token}"
        if login is None:
            return ""
        if not login.challenge:
            said = f"{self.access.user}:{self.access.password}"
            return "Basic " + base64.b64encode(said.encode()).decode()
        request = urllib.request.Request(sent.address, sent.body, method=sent.method)  # noqa: S310  http or https
        try:
            found = login.digest.get_authorization(request, login.challenge)
        except (ValueError, NotImplementedError, OSError) as error:  # An unknown `qop` is an URLError.
            raise _unknown_login() from error
        if not found:
            raise _unknown_login()
        return f"Digest {found}"


class _Login(NamedTuple):
    """How a server wants a login.

    Attributes:
        challenge: What it said for Digest (RFC 7616), by name; empty for Basic (RFC 7617).
        digest: What makes the answers to it.
    """

    challenge: Mapping[str, str]
    digest: Any


def _login(challenge: str, access: Access) -> _Login:
    """Return how a server wants a login that has refused a request; one that does not say how gets Basic."""
    scheme, _, rest = challenge.partition(" ")
    if scheme.lower() != "digest":
        return _Login({}, None)
    pairs = [each for each in urllib.request.parse_http_list(rest) if "=" in each]
    return _Login(
        urllib.request.parse_keqv_list(pairs), urllib.request.HTTPDigestAuthHandler(_OneUser(access))
    )


class _OneUser(urllib.request.HTTPPasswordMgr):
    """Knows one user, for every address: requests go to the store only.

    Args:
        access: Has the login.
    """

    def __init__(self, access: Access) -> None:
        super().__init__()
        self._access = access

    def find_user_password(self, realm: str, authuri: str) -> tuple[str | None, str | None]:  # noqa: ARG002
        """Return that user."""
        return self._access.user, self._access.password


def _unknown_login() -> RemoteFailed:
    return RemoteFailed("The store wants a login in a way that is not known here.")


def _host_and_port(scheme: str, netloc: str) -> tuple[str, int]:
    parts = urlsplit(f"{scheme}://{netloc}")
    return parts.hostname or "", parts.port or (443 if scheme == "https" else 80)


def _late() -> RemoteFailed:
    return RemoteFailed(
        "The store gave no answer in the time that it has; ask for less, or take the dumps.", late=True
    )


def _seconds(retry_after: str | None) -> int:
    """Return when to come again, as a server says, within reason."""
    with contextlib.suppress(ValueError):
        return max(1, min(int(retry_after or ""), _MOST_RETRY_SECONDS))
    return 5


def _shown(text: str, most: int) -> str:
    """Return the beginning of a text of somebody else, on one line and without control characters."""
    words = " ".join(text.split())
    return "".join(each if each.isprintable() else "�" for each in words)[:most]
