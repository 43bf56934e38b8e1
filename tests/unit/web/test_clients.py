"""Who asks: an address, and what a trusted proxy says of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.web.clients import Clients

PROXIES = ("127.0.0.1", "10.0.0.0/8", "fd00::/8")


def client(peer: str, *forwarded: str, proxies: tuple[str, ...] = PROXIES) -> str:
    return Clients(proxies).of(peer, [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", (), "192.0.2.1"),
        ("192.0.2.1", ("203.0.113.9",), "192.0.2.1"),
        ("127.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("198.51.100.1, 203.0.113.9",), "203.0.113.9"),
        ("127.0.0.1", ("203.0.113.9, 10.1.2.3",), "203.0.113.9"),
        ("127.0.0.1", ("198.51.100.1", "203.0.113.9"), "203.0.113.9"),
        # A socket for both versions of IP gives addresses of IPv4 as of IPv6 (RFC 4291 2.5.5.2).
        ("::ffff:127.0.0.1", ("203.0.113.9, ::ffff:10.1.2.3",), "203.0.113.9"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", (), "192.0.2.1"),
        ("fd00::1", ("2001:db8:1:2::9",), "2001:db8:1:2::/64"),
        ("", (), "unknown"),
    ],
)
def test_a_client_is_the_last_address_that_is_no_proxy_of_ours(
    peer: str, forwarded: tuple[str, ...], expected: str
) -> None:
    assert client(peer, *forwarded) == expected


def test_without_proxies_nothing_is_believed() -> None:
    assert client("127.0.0.1", "203.0.113.9", proxies=()) == "127.0.0.1"


@given(st.text(st.characters(codec="latin-1"), max_size=60), st.sampled_from(["127.0.0.1", "192.0.2.1", "x"]))
def test_any_header_gives_some_client(forwarded: str, peer: str) -> None:
    assert client(peer, forwarded)
