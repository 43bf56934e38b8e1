"""Who asks: the address that limits for each client go by."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

_NETWORK_BITS = 64
"""A subscriber has at least so much of an IPv6 address to choose from (RFC 6177), so that all of it is one client."""


class Networks:
    """Addresses and networks that somebody has named.

    Args:
        named: Each as text.
    """

    def __init__(self, named: Sequence[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(each, strict=False) for each in named)
        self._holds = lru_cache(maxsize=1024)(self._look_up)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        """Tell whether an address is one of them, or in one of them; what is no address is in none.

        >>> "127.0.0.1" in Networks(["127.0.0.1"]), "::ffff:10.1.2.3" in Networks(["10.0.0.0/8"]), "x" in Networks(["::/0"])
        (True, True, False)
        """
        return self._holds(address)

    def _look_up(self, address: str) -> bool:
        found = _read(address)
        return found is not None and any(found in each for each in self._networks)


class Clients:
    """Tells clients apart.

    Args:
        proxies: The addresses or networks of reverse proxies, whose X-Forwarded-For is believed; nobody else's is.
    """

    def __init__(self, proxies: Sequence[str]) -> None:
        self._proxies = Networks(proxies)

    def of(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """Return whose request it is.

        Args:
            peer: The address at the other end of the connection.
            headers: Of the request, names in lower case.
        """
        return _client(self.behind(peer, headers) or peer)

    def behind(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """Return the address of whom a proxy of ours names, as it stands there; empty where the peer is none, or names nobody.

        Args:
            peer: The address at the other end of the connection.
            headers: Of the request, names in lower case.
        """
        if self._proxies and peer in self._proxies:
            named = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode(
                "latin-1"
            )
            # Each proxy adds who asked it; the last one that is no proxy of ours is the client.
            for each in reversed(named[-1000:].split(",")):
                address = each.strip()
                if address and address not in self._proxies:
                    return address
        return ""


@lru_cache(maxsize=4096)
def _client(address: str) -> str:
    found = _read(address)
    if found is None:
        return address[:100] or "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
    return str(found)


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address without its zone, one of IPv4 as such where it is written as one of IPv6; None for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def network_of(client: str) -> str:
    """Return the network of a client, from which nobody tells one household: of IPv4 the first 24 bits, of IPv6 the first 48.

    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::/64"), network_of("unknown")
    ('203.0.113.0/24', '2001:db8:1::/48', '')
    """
    try:
        found = ipaddress.ip_network(client, strict=False)
    except ValueError:
        return ""
    return str(found.supernet(new_prefix=24 if found.version == 4 else 48))
