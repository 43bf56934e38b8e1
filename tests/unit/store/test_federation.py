"""Asking another endpoint: only at public addresses, nobody is followed elsewhere, and no answer is too long."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from fonds.errors import ServiceFailed
from fonds.settings import Limits, Settings
from fonds.store import federation as module
from fonds.store.federation import Exchange, Federation, federation_of, is_public
from tests.unit.elsewhere import Elsewhere, elsewhere

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::808:808", "2002:808:808::1"]  # fmt: skip
NOT_PUBLIC = {
    "unspecified": ["0.0.0.0", "::", "0.1.2.3"],
    "loopback": ["127.0.0.1", "127.255.0.9", "::1"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"],
    "link-local": ["169.254.169.254", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "shared": ["100.64.0.1", "192.0.0.1", "198.18.0.1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"],
    "multicast": ["224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "4000::1", "100::1"],
    "IPv4 inside IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808"],
    "6to4": ["2002:7f00:1::1", "2002:a00:1::", "2002:c0a8:101::"],
    "Teredo": ["2001:0:7f00:1::1"],
    "no address": ["", "localhost", "127.1", "0x7f.1", "2130706433"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_network_may_be_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("kind", "address"), [(k, each) for k, group in NOT_PUBLIC.items() for each in group]
)
def test_no_other_address_may_be_asked(kind: str, address: str) -> None:
    assert not is_public(address), kind


@pytest.fixture
def there() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


def ask(target: str, *, most_bytes: int = 100_000, **options: object) -> module.Found:
    federation = Federation((target,), **({"private": True} | options))  # type: ignore[arg-type]
    return Exchange(target, "SELECT ?o { ?s rdfs:label ?o }", federation, most_bytes).perform()


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]]
)
def test_a_name_that_leads_to_a_private_address_is_not_asked(there: Elsewhere, addresses: list[str]) -> None:
    target = there.place.replace("127.0.0.1", "public.example") + "sparql"
    with pytest.raises(ServiceFailed, match="not one of the public network") as raised:
        ask(target, private=False, resolve=lambda *_: addresses)
    assert not any(
        address in str(raised.value) for address in addresses
    )  # What is inside is nobody's business.
    assert there.asked == []


def test_an_address_that_is_listed_is_held_to_the_same(there: Elsewhere) -> None:
    with pytest.raises(ServiceFailed, match="public network"):
        ask(f"{there.place}sparql", private=False)
    with pytest.raises(ServiceFailed, match="public network"):
        ask(f"{there.place.replace('127.0.0.1', 'localhost')}sparql", private=False)
    assert there.asked == []


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(there: Elsewhere) -> None:
    looked_up = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append((host, port))
        return ["127.0.0.1"] if len(looked_up) == 1 else ["192.0.2.1"]

    there.store.clear()
    port = int(there.place.rpartition(":")[2].strip("/"))
    target = f"http://endpoint.example:{port}/sparql"
    federation = Federation((target,), private=True, resolve=resolve)
    found = Exchange(target, "SELECT * {}", federation, 1000).perform()
    assert found.media_type == "application/sparql-results+json"
    assert looked_up == [("endpoint.example", port)]
    ((_, _, headers),) = there.asked
    assert headers["host"] == f"endpoint.example:{port}"


def test_a_name_that_nobody_knows_is_an_error(there: Elsewhere) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(ServiceFailed, match="its name is not known"):
        ask("https://nowhere.example/sparql", resolve=resolve)


@pytest.mark.clause("SPARQL 1.1 Protocol 2.1.2")
def test_a_request_is_a_form_and_says_who_asks_and_nothing_of_who_asked(
    there: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:3128/")
    target = f"{there.place}sparql"
    settings = Settings(federation=(target,), federation_private=True)
    federation = federation_of(settings, "https://archive.example/é/")
    Exchange(target, "SELECT * { ?s ?p 'é & +' }", federation, 1000).perform()
    ((path, query, headers),) = there.asked
    assert (path, query) == ("/sparql", "SELECT * { ?s ?p 'é & +' }")
    assert headers == {
        "host": there.place.removeprefix("http://").strip("/"),
        "user-agent": headers["user-agent"],
        "accept": "application/sparql-results+json, application/sparql-results+xml;q=0.9",
        "accept-encoding": "identity",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": headers["content-length"],
        "connection": "close",
    }
    assert headers["user-agent"].startswith("fonds/")
    assert headers["user-agent"].endswith("(https://archive.example/%C3%A9/)")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("redirect", r"answers 302 and leads to <http://127\.0\.0\.1:1/inside>; nobody is followed"),
        ("huge", "more than the 16777216 bytes"),
        ("page", "answers with text/html, not with"),
        ("coded", "in the coding gzip"),
        ("down", "answers 503"),
        ("cut", "before it was complete"),
        ("noise", "does not speak HTTP|cannot be reached"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error_that_says_why(
    there: Elsewhere, path: str, why: str
) -> None:
    with pytest.raises(ServiceFailed, match=why) as raised:
        ask(f"{there.place}{path}")
    assert raised.value.target == f"{there.place}{path}"
    assert not raised.value.late
    assert there.paths == [f"/{path}"]


def test_an_endpoint_that_says_nothing_is_late(there: Elsewhere) -> None:
    with pytest.raises(ServiceFailed, match=r"within the 0\.2 seconds") as raised:
        ask(f"{there.place}slow", limits=Limits(federation_seconds=0.2))
    assert raised.value.late


def test_where_nobody_listens_is_an_error(there: Elsewhere) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    with pytest.raises(ServiceFailed, match="cannot be reached"):
        ask(place)


def test_a_request_that_is_given_up_ends_at_once(there: Elsewhere) -> None:
    target = f"{there.place}left"
    exchange = Exchange(target, "ASK {}", Federation((target,), private=True), 1000)
    ended = threading.Event()

    def work() -> None:
        with pytest.raises(ServiceFailed):
            exchange.perform()
        ended.set()

    threading.Thread(target=work, daemon=True).start()
    while not there.asked:
        threading.Event().wait(0.001)
    exchange.abort()
    assert ended.wait(5)
    assert there.left.wait(5)


# ------------------------------------------------------------------------------------------------ TLS


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for endpoint.example that nobody vouches for, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout {key} -out {certificate} "
        "-subj /CN=endpoint.example -addext subjectAltName=DNS:endpoint.example"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return certificate, key


def _without_first_line(request: BinaryIO) -> BinaryIO:
    request.readline()
    return request


@pytest.fixture
def secure(certified: tuple[Path, Path]) -> Iterator[tuple[int, list[str]]]:
    """The port of a server with that certificate, and the names by which it is called."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certified)
    names: list[str] = []
    context.sni_callback = lambda _, name, __: names.append(name or "")
    answer = b'{"head":{"vars":[]},"results":{"bindings":[]}}'

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    # All of it: what is closed with something unread is reset, and the answer lost.
                    with stream.makefile("rb") as request:
                        head = http.client.parse_headers(_without_first_line(request))
                        request.read(int(head.get("Content-Length", 0)))
                    stream.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(answer) + answer
                    )
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], names
        listener.shutdown(socket.SHUT_RDWR)


def test_a_certificate_is_checked_against_the_name_that_is_listed(
    secure: tuple[int, list[str]], certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, names = secure
    here = {"resolve": lambda *_: ["127.0.0.1"]}
    with pytest.raises(ServiceFailed, match=r"no secure connection .*CERTIFICATE_VERIFY_FAILED"):
        ask(f"https://endpoint.example:{port}/sparql", **here)
    vouched = ssl.create_default_context(cafile=str(certified[0]))
    monkeypatch.setattr(module, "_tls", lambda: vouched)
    assert ask(f"https://endpoint.example:{port}/sparql", **here).body
    with pytest.raises(ServiceFailed, match="no secure connection"):
        ask(f"https://another.example:{port}/sparql", **here)
    assert names == ["endpoint.example", "endpoint.example", "another.example"]


def test_an_endpoint_without_tls_is_not_asked_without_it(there: Elsewhere) -> None:
    with pytest.raises(ServiceFailed, match="no secure connection"):
        ask(there.place.replace("http:", "https:"))
    assert there.asked == []
