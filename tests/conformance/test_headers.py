"""The headers of every answer of every kind: what a browser may do with it, and that nobody is followed by it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fonds.web.routes import DIRECT, ROUTES

KEY = "darusenkov-1964-375"
VALUES: Mapping[str, tuple[str, ...]] = {
    "kind": ("person",),
    "key": ("castro-f", "nobody"),
    "number": ("1", "999"),
    "name": ("nothing",),
    "path": (f"record/{KEY}", "dumps/dataset.nq.gz"),
    "_": (f"record/{KEY}", "nothing"),
}
"""What is put in place of the parts of a rule."""
FURTHER = (
    "/sparql",
    "/sparql/",
    "/sparql?query=ASK%7B%7D",
    "/sparql?query=SELECT*%7B%3Fs%20%3Fp%20%3Fo%7D",
    "/sparql?query=nonsense",
    "/sparql?query=LOAD%20%3Cx:y%3E",
    "/rdf-graph-store?default",
    "/rdf-graph-store",
    "/reconcile",
    "/reconcile/preview?id=person/castro-f",
    "/reconcile/flyout/entity?id=person/castro-f",
    "/reconcile/x",
    f"/id/record/{KEY}",
    f"/doc/record/{KEY}",
    f"/doc/record/{KEY}.ttl",
    f"/doc/record/{KEY}.jsonld",
    f"/doc/record/{KEY}.tei",
    f"/doc/record/{KEY}.txt",
    f"/doc/record/{KEY}.svg",
    "/vocab/type/x",
    "/doc?iri=x:y",
    "/doc?iri=none",
    "/dumps/dataset.nq.gz",
    "/dumps/SHA256SUMS",
    "/search?q=cuba",
    "/search?q=cuba&format=atom",
    "/search?q=cuba&format=csv",
    "/oai?verb=Identify",
    "/oai?verb=x",
    "/pages/about",
    "/help/sparql",
    "/queries/mentions",
    "/lookup/shelfmark?value=f.5",
    "/browse/person",
    "/ru/",
    "/ru",
    "/es/nothing",
    "/timeline?from=1964",
    "/openapi.json?x",
    "/favicon.ico",
    "/../x",
    "/%00",
    "/" + "a" * 3000,
)
NEVER = ("set-cookie", "server", "x-powered-by", "via")
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses() -> Iterator[str]:
    """Yield at least one address of every rule."""
    for rule, _ in ROUTES:
        names = PLACE.findall(rule)
        choices = [VALUES[name] for name in names]
        for turn in range(max(map(len, choices), default=1)):
            yield PLACE.sub(
                lambda found, turn=turn: VALUES[found[1]][min(turn, len(VALUES[found[1]]) - 1)], rule
            )  # type: ignore[misc]
    yield from (f"/{each}/person/castro-f" for each in DIRECT)
    yield from FURTHER


def policy(text: str) -> dict[str, list[str]]:
    parts = [each.split() for each in text.split(";")]
    return {name: values for name, *values in parts}


def keeps_the_rules(headers: Mapping[str, str], *, framed: bool = False) -> None:
    """Hold what every answer says."""
    rules = policy(headers["content-security-policy"])
    assert rules["default-src"] == ["'none'"]
    assert rules["base-uri"] == ["'none'"]
    assert rules["form-action"] == ["'self'"]
    assert rules["frame-ancestors"] == (["*"] if framed else ["'none'"])
    assert not {"object-src", "connect-src", "frame-src", "worker-src"} & rules.keys(), (
        "default-src forbids these"
    )
    for name, values in rules.items():
        allowed = {
            "'none'",
            "'self'",
            *(["data:"] if name == "img-src" else []),
            *(["*"] if name == "frame-ancestors" else []),
        }
        assert set(values) <= allowed, (name, values)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    # Open data are read by scripts of any origin, and shown by them.
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers
    denied = dict(each.strip().split("=") for each in headers["permissions-policy"].split(","))
    assert {"camera", "geolocation", "microphone"} <= denied.keys()
    assert set(denied.values()) == {"()"}
    for name in NEVER:
        assert name not in headers


def is_framed(address: str, status: int) -> bool:
    return address.startswith("/reconcile/preview") and status == 200


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "*/*", "image/png"])
def test_every_answer_of_every_route_has_them(site: Any, accept: str) -> None:
    seen = set()
    for address in addresses():
        reply = site.get(address, accept)
        try:
            keeps_the_rules(reply.headers, framed=is_framed(address, reply.status))
        except (AssertionError, KeyError) as error:
            raise AssertionError(
                f"{address}, {accept}, {reply.status}: {error!r}\n{dict(reply.headers)}"
            ) from error
        seen.add(reply.status)
        assert reply.status < 500, address
        if "text/html" in reply.headers.get("content-type", ""):
            assert not re.search(
                rb"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/ld\+json\")|<style|\son\w+=|\sstyle=",
                reply.body,
            ), address
    assert {200, 303, 404} <= seen or accept == "image/png"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PATCH"])
def test_every_method_has_them(site: Any, method: str) -> None:
    for address in (
        "/",
        f"/doc/record/{KEY}",
        "/dumps/dataset.nq.gz",
        "/sparql",
        "/reconcile",
        "/oai",
        "/healthz",
        "/nothing",
    ):
        keeps_the_rules(site.get(address, "*/*", method=method).headers)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("/dumps/dataset.nq.gz", {"Range": "bytes=0-9"}, 206),
        ("/dumps/dataset.nq.gz", {"Range": "bytes=99999999999-"}, 416),
        (f"/doc/record/{KEY}", {"If-None-Match": "*"}, 304),
        ("/dumps/dataset.nq.gz", {"If-None-Match": "*"}, 304),
        (f"/doc/record/{KEY}", {"If-Match": '"x"'}, 412),
        ("/reconcile/preview?id=person/castro-f", {"If-None-Match": "*"}, 304),
    ],
)
def test_answers_to_conditions_and_ranges_have_them(
    site: Any, address: str, headers: dict[str, str], status: int
) -> None:
    reply = site.get(address, "*/*", headers=headers)
    assert reply.status == status
    keeps_the_rules(reply.headers, framed=address.startswith("/reconcile/preview"))


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=lambda head: repr(head[:20]),
)
def test_what_is_no_request_gets_them_too(site: Any, head: bytes) -> None:
    with socket.create_connection(site.address, timeout=10) as connection:
        connection.sendall(head)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    first, *lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    assert 400 <= int(first.split()[1]) < 500
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert headers["connection"] == "close"
    keeps_the_rules(headers)
