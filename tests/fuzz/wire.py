"""Bytes that are sent to a server, which are hardly HTTP."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from tests.fuzz.mutating import Mutations

SEEDS = [
    b"GET /doc/record/x HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 6\r\n\r\nASK {}",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n3;a=b\r\n {}\r\n0\r\nX: y\r\n\r\n",
    b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /oai HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\nverb=Identify",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
    b'GET http://a.example/dumps/dataset.nq.gz HTTP/1.1\r\nHost: a.example\r\nRange: bytes=0-1,5-\r\nIf-Range: "x"\r\n\r\n',
]
WORDS = tuple(
    b"HTTP/1.1 HTTP/1.0 HTTP/2.0 GET POST HEAD CONNECT TRACE Host: Content-Length: Transfer-Encoding: chunked identity gzip Connection: close Upgrade: Expect: "
    b"Trailer: TE: 100-continue keep-alive Keep-Alive: \r\n\r\n 0\r\n\r\n * //x http:// Content-Encoding: -1 0x1 +1".split(
        b" "
    )
)


def send(url: str, number: int, times: int) -> None:
    """Send broken requests to a server, each over a connection of its own; it answers as HTTP has it, or closes.

    Args:
        url: Of the server.
        number: Where chance begins.
        times: How many.
    """
    place = urlsplit(url)
    mutations = Mutations(SEEDS, WORDS, number)
    for _ in range(times):
        data = mutations.next()
        with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
            answer = _answer(connection, data)
        for each in answer.split(b"HTTP/1.1 ")[1:]:
            # What is asked for may not be there; but nothing of it is a fault of the server's.
            assert not each.startswith(b"5") or each.startswith(b"503"), (data[:2000], each[:300])
        assert b"Traceback" not in answer, data[:2000]


def _answer(connection: socket.socket, data: bytes) -> bytes:
    answer = b""
    try:
        connection.sendall(data)
        # What is not whole is waited for: this end says that nothing more comes.
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65_536):
            answer += part
    except OSError:
        pass  # A reset: it has read as much as it wanted.
    return answer
