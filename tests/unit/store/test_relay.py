"""What the worker does to the text of a query that asks others, and to the engine's words on it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from fonds.store import worker
from fonds.store.relay import placed, rewritten
from tests.unit.elsewhere import needs_a_network_of_its_own


def address(number: int) -> str:
    return f"http://127.0.0.1:40000/{number}-{'0' * 32}"


def spans(text: str, *named: str) -> list[tuple[int, int]]:
    found, position = [], 0
    for each in named:
        position = text.index(each, position)
        found.append((position, position + len(each)))
        position += len(each)
    return found


def test_each_endpoint_is_named_by_the_address_of_its_pattern_and_the_rest_stays() -> None:
    text = "SELECT * { SERVICE <a:b> { 'é <a:b>' SERVICE x:y{} } }"
    calls = [*spans(text, "<a:b>"), *spans(text, "x:y")]
    assert rewritten(text, calls, address) == (
        f"SELECT * {{ SERVICE <{address(0)}> {{ 'é <a:b>' SERVICE <{address(1)}>{{}} }} }}"
    )
    assert rewritten(text, [], address) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * { SERVICE x:y { ?s ?p ?o } ! }", ["x:y"]),
        ("SELECT * { SERVICE x:y { ?s ?p ?o } SERVICE x:z { ?s ?p ?o } ! }", ["x:y", "x:z"]),
        ("SELECT * { SERVICE x:y { ?s ?p ?o } ! SERVICE x:z { ?s ?p ?o } }", ["x:y", "x:z"]),
        ("SELECT * {\n  SERVICE x:y { ?s ?p ?o }\n\n ! }", ["x:y"]),
        ("SELECT * { ! SERVICE x:y { ?s ?p ?o }\n }", ["x:y"]),
        (f"SELECT * {{ SERVICE <http://e.example/{'long' * 40}> {{ ?s ?p ?o }} ! }}", [f"<http://e.example/{'long' * 40}>"]),
    ],
)  # fmt: skip
def test_a_fault_has_the_place_that_it_has_in_the_query_as_it_came(text: str, named: list[str]) -> None:
    def message(query: str) -> str:
        with pytest.raises(SyntaxError) as raised:
            ox.Store().query(query, prefixes={"x": "http://e/"})
        return str(raised.value)

    calls = spans(text, *named)
    there = placed(message(rewritten(text, calls, address)), text, calls, address)
    assert there == message(text)


def test_words_that_name_no_place_stay_as_they_are() -> None:
    assert placed("The SELECT contains ?x twice", "SELECT", [], address) == "The SELECT contains ?x twice"


# ------------------------------------------------------------------------------------------------ the walls

_WALLS = """
import importlib.util, json, os, socket, sys, types
sys.modules["pyoxigraph"] = types.ModuleType("pyoxigraph")
for name in ("worker", "relay"):
    spec = importlib.util.spec_from_file_location(name, f"{sys.argv[1]}/{name}.py")
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
worker, relay = sys.modules["worker"], sys.modules["relay"]
worker._unshare_network()
listener = relay.listen()
filtered = worker._refuse_sockets(but_ipv4=True)

def works(call):
    try:
        call()
    except OSError:
        return False
    return True

made = {name: works(lambda: socket.socket(getattr(socket, name), kind)) for name, kind in (
    ("AF_INET", socket.SOCK_STREAM), ("AF_INET6", socket.SOCK_STREAM), ("AF_UNIX", socket.SOCK_STREAM),
    ("AF_NETLINK", socket.SOCK_RAW), ("AF_PACKET", socket.SOCK_RAW))}
reached = [works(lambda: socket.create_connection(address, timeout=5)) for address in (
    listener.getsockname(), (sys.argv[2], 80), ("127.0.0.1", int(sys.argv[3])))]
started = works(lambda: os.execv("/bin/true", ["true"]))
print(json.dumps({"filtered": filtered, "made": made, "reached": reached, "started": started}))
"""


@needs_a_network_of_its_own
def test_a_worker_with_a_relay_reaches_the_relay_and_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as outside:
        folder, port = Path(worker.__file__).parent, outside.getsockname()[1]
        command = [sys.executable, "-I", "-S", "-c", _WALLS, str(folder), "192.0.2.1", str(port)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    if not found["filtered"]:
        pytest.skip("no seccomp filter can be installed here")
    assert found["reached"] == [True, False, False]
    assert found["made"] == {
        "AF_INET": True,
        "AF_INET6": False,
        "AF_UNIX": False,
        "AF_NETLINK": False,
        "AF_PACKET": False,
    }
    assert found["started"] is False
