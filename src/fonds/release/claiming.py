"""Sees to it that a store elsewhere is written by one push at a time: whoever writes has a claim there.

A store has no locks that SPARQL or the Graph Store Protocol could take. So each push puts a graph of its own into the store, and
looks after that whether it is the only one. Of two that come at the same time at least one sees the other, and gives way. A
claim of which nothing was heard for :data:`STANDS_SECONDS` was left behind by a push that was killed, and is taken over.
"""

from __future__ import annotations

import datetime
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from fonds.errors import FondsError, StoreError
from fonds.store.asking_remote import Answered, claims_under
from fonds.store.remote_client import RemoteClient
from fonds.store.remote_place import Place
from fonds.vocabulary import DCTERMS, XSD

if TYPE_CHECKING:
    from fonds.release.pushing import Writer

STANDS_SECONDS = 900.0
"""So long a claim stands of which nothing is heard: one request to write may take two thirds of it."""
RENEW_SECONDS = 60.0
"""So often a push says that its claim stands."""
_SECONDS = 60.0


class ClaimError(FondsError):
    """Another push writes into the store, or has taken it over."""


class Claim:
    """The claim of one push; a context manager, which makes it and takes it back.

    Args:
        client: Asks the store.
        place: Where it is.
        writer: Writes into it.
        take_over: Do not wait for others that stand: whoever says so knows that they were killed.

    Raises:
        ClaimError: Another push is at work.
        StoreError: The store does not answer, or takes no writing.
    """

    def __init__(
        self, client: RemoteClient, place: Place, writer: Writer, *, take_over: bool = False
    ) -> None:
        self._client = client
        self._place = place
        self._writer = writer
        self._take_over = take_over
        self._graph = f"{claims_under(place.state)}{secrets.token_hex(8)}"
        self._said = 0.0

    def __enter__(self) -> Claim:
        self._others()
        try:
            self._say()
            for each in self._others(own=True):
                self._writer.remove(each)
        except BaseException:
            self._take_back()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._take_back()

    def renew(self) -> None:
        """Say that the claim stands, if that was long ago; called before every piece that is written.

        Raises:
            ClaimError: Another push has taken the store over.
            StoreError: The store does not answer.
        """
        if time.monotonic() - self._said >= RENEW_SECONDS:
            self.require()
            self._say()

    def require(self) -> None:
        """See to it that nobody else has taken the store over.

        Raises:
            ClaimError: Somebody has.
            StoreError: The store does not answer.
        """
        if time.monotonic() - self._said >= STANDS_SECONDS or self._graph not in self._there():
            raise ClaimError(
                "Another push has taken the store over, since nothing was heard of this one for too long; it goes on, and this one "
                "ends here."
            )

    def renewing(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield pieces that are to be written, saying meanwhile that the claim stands."""
        for each in pieces:
            self.renew()
            yield each

    def _others(self, *, own: bool = False) -> list[str]:
        """Return the claims of others that stand no more.

        Args:
            own: Whether this one was made.

        Raises:
            ClaimError: One of them stands, or this one is not there.
        """
        found = self._there()
        if own and self._graph not in found:
            raise ClaimError("The store does not hold what it has just been given; nothing else was written.")
        for graph, when in found.items():
            age = _age(when)
            if graph != self._graph and age < STANDS_SECONDS and not self._take_over:
                left = max(1, round((STANDS_SECONDS - age) / 60))
                raise ClaimError(
                    f"Another push writes into this store; it was last heard of at {when}. Come again when it is done. If it was "
                    f"killed, its claim ends in {left} minute{'' if left == 1 else 's'}, or at once with --take-over."
                )
        return [each for each in found if each != self._graph]

    def _there(self) -> dict[str, str]:
        """Return when each claim was last heard of, by its graph."""
        query = (
            f"SELECT ?g ?when WHERE {{ GRAPH ?g {{ ?g <{DCTERMS.issued.value}> ?when }} "
            f'FILTER(STRSTARTS(STR(?g), "{claims_under(self._place.state)}")) }} LIMIT 100'
        )
        rows = Answered(self._client.ask(query, graph=False, seconds=_SECONDS)).solutions()
        return {row["g"].value: row["when"].value for row in rows}

    def _say(self) -> None:
        began = time.monotonic()
        now = datetime.datetime.now(datetime.UTC)
        line = (
            f'<{self._graph}> <{DCTERMS.issued.value}> "{now:%Y-%m-%dT%H:%M:%SZ}"^^<{XSD.dateTime.value}> .\n'
        )
        self._writer.replace(self._graph, [line.encode()])
        self._said = began

    def _take_back(self) -> None:
        # What is not taken back ends by itself, and whatever went wrong before is what is worth telling.
        with suppress(StoreError):
            self._writer.remove(self._graph)


def _age(when: str) -> float:
    """Return how many seconds ago something was said; what is no moment was said just now."""
    try:
        said = datetime.datetime.fromisoformat(when)
    except ValueError:
        return 0.0
    said = said if said.tzinfo else said.replace(tzinfo=datetime.UTC)
    return (datetime.datetime.now(datetime.UTC) - said).total_seconds()
