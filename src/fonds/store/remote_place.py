"""Where a store elsewhere is: known without loading what asks it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fonds.errors import StoreError

USER, PASSWORD, TOKEN = "FONDS_STORE_USER", "FONDS_STORE_PASSWORD", "FONDS_STORE_TOKEN"
"""The variables of the environment that hold the login."""


class Access(msgspec.Struct, frozen=True):
    """Where a store is and how it is asked.

    Attributes:
        address: Of its SPARQL query service.
        seconds: That it has to take a connection.
        result_bytes: The longest answer that is read.
        default_graph: The named graph that stands for the default graph there; empty: it has a default graph of its own.
        user: For a login by Basic or Digest; empty: none.
        password: The same.
        token: Sent as a bearer token; empty: none.
    """

    address: str
    seconds: float = 5.0
    result_bytes: int = 2 * 1024 * 1024 * 1024
    default_graph: str = ""
    user: str = ""
    password: str = ""
    token: str = ""


def login_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the login that the environment holds, as the attributes of :class:`Access` that differ from none.

    Raises:
        StoreError: It cannot be sent in a header, or a name has no password.
    """
    found = {
        "user": environment.get(USER, ""),
        "password": environment.get(PASSWORD, ""),
        "token": environment.get(TOKEN, ""),
    }
    if bool(found["user"]) != bool(found["password"]):
        raise StoreError(f"{USER} and {PASSWORD} go together; only one of them is set")
    if ":" in found["user"] or any(not each.isprintable() for each in found.values()):
        raise StoreError(f"{USER}, {PASSWORD} and {TOKEN} may hold no control characters, {USER} no colon")
    if not found["token"].isascii():
        raise StoreError(f"{TOKEN} may hold ASCII characters only")
    return {name: value for name, value in found.items() if value}


def state_graph(base: str) -> str:
    """Return the IRI of the graph in which it is written which release a store holds."""
    return f"{base}graph/store"


class Place(msgspec.Struct, frozen=True):
    """A store elsewhere and the release that it is to hold.

    Attributes:
        access: How it is asked.
        dataset: The IRI of the dataset.
        state: The IRI of the graph in which it is written which release the store holds.
        content: What tells what the store of the release holds from that of others (:func:`fonds.release.folder.content_of`).
    """

    access: Access
    dataset: str
    state: str
    content: str
