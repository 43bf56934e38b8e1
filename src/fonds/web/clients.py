"""Who asks: the address that limits for each client go by."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

_NETWORK_BITS = 64
"""A subscriber has at least so much of an IPv6 address to choose from (RFC 6177), so that all of it is one client."""


class Clients:
    """Tells clients apart.

    Args:
        proxies: The addresses or networks of reverse proxies, whose X-Forwarded-For is believed; nobody else's is.
    """

    def __init__(self, proxies: Sequence[str]) -> None:
        self._proxies = tuple(ipaddress.ip_network(each, strict=False) for each in proxies)
        self._is_proxy = lru_cache(maxsize=1024)(self._find_proxy)

    def of(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """Return whose request it is.

        Args:
            peer: The address at the other end of the connection.
            headers: Of the request, names in lower case.
        """
        if self._proxies and self._is_proxy(peer):
            named = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode(
                "latin-1"
            )
            # Each proxy adds who asked it; the last one that is no proxy of ours is the client.
            for each in reversed(named[-1000:].split(",")):
                address = each.strip()
                if address and not self._is_proxy(address):
                    return _client(address)
        return _client(peer)

    def _find_proxy(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)


@lru_cache(maxsize=4096)
def _client(address: str) -> str:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100] or "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
    return str(found)


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
