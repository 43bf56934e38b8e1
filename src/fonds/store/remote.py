"""A store elsewhere, on any SPARQL 1.1 endpoint, for a release that is here.

Strangers' queries are sent there by the same worker processes that answer them from a release's own store
(:mod:`fonds.store.worker`), within the same limits. Our own questions are asked from the serving process; as long as the other
store does not answer them, the release's own does, so that pages show what the release knows.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from fonds.errors import QueryForbidden, ServiceForbidden, StoreError
from fonds.settings import Limits
from fonds.store import Solution, Term
from fonds.store.asking_remote import RemoteQuestions
from fonds.store.embedded import EmbeddedStore
from fonds.store.pool import Request, WorkerAnswer
from fonds.store.portable import portable_query, with_terms
from fonds.store.remote_place import Place

_OWN_RESULT_BYTES = 256 * 1024 * 1024
"""Longest answer to one of our own questions: the units of a large archive."""
_SILENCE_SECONDS = 5.0
"""So long a store that did not answer is asked nothing for pages; then one page asks it."""
_LOG = logging.getLogger("fonds")


class RemoteStore(EmbeddedStore):
    """A store elsewhere; see :class:`fonds.store.Store`.

    Args:
        place: Where it is, and which release it is to hold.
        path: The folder of the release's own store, which answers for pages when the other one does not.
        base: Under which the identifiers stand.
        kind: Of the release.
        prefixes: Known to every query without a declaration, beside the publication's own.
        limits: What one query of a stranger may use; none asks other endpoints.

    Raises:
        StoreUnavailable: The release's own store cannot be opened.
    """

    def __init__(
        self, place: Place, path: Path, *, base: str, kind: str, prefixes: Mapping[str, str], limits: Limits
    ) -> None:
        super().__init__(path, base=base, kind=kind, prefixes=prefixes, limits=limits)
        self._settings = dataclasses.replace(self._settings, remote=place)
        mine = msgspec.structs.replace(place.access, result_bytes=min(limits.result_bytes, _OWN_RESULT_BYTES))
        self._questions = RemoteQuestions(msgspec.structs.replace(place, access=mine), self._prefixes, base)
        self._seconds = place.access.seconds
        self._silent_until = 0.0
        self._is_lost = False
        self._lock = threading.Lock()

    @property
    def is_of_release(self) -> bool:
        """Whether answers follow from the release: what the store holds was put there by ``fonds push``, as far as is known."""
        return self._questions.is_managed

    @property
    def can_federate(self) -> bool | None:
        """None: what a store elsewhere would ask further endpoints is out of sight."""
        return None

    async def start(self) -> None:
        """Have a worker started, and see what the store holds; one that does not answer yet stops nobody."""
        await super().start()
        await asyncio.get_running_loop().run_in_executor(None, self._look)

    def _look(self) -> None:
        try:
            self._questions.require_release(anew=True)
        except StoreError as error:
            self._lose(error)

    @property
    def can_match(self) -> bool:
        """Whether queries can look for texts: the store behind this one has no such function."""
        return False

    def _ask(self, request: Request) -> WorkerAnswer:
        """Begin to answer a stranger's query.

        Raises:
            QueryForbidden: It asks further endpoints, or for words.
        """
        if request.matches:
            raise QueryForbidden(
                "fv:matches is asked of the release's own store only; the store behind this one has no such function. "
                "Search at /search."
            )
        if request.calls:
            raise ServiceForbidden(
                "SERVICE asks another endpoint; the store behind this one is not made to do so."
            )
        return super()._ask(request)

    # ---------------------------------------------------------------------------------------- our own questions

    def select(self, name: str, /, **bindings: Term) -> Sequence[Solution]:
        """Run one of our own queries; see :meth:`fonds.store.Store.select`.

        The release's own store answers while the other one does not; but ``ready`` asks that one alone.
        """
        if name == "ready":
            self._questions.require_release(anew=True)
            found = self._select(name, bindings)
            self._find()
            return found
        if self._may_ask():
            try:
                found = self._select(name, bindings)
            except StoreError as error:
                self._lose(error)
            else:
                self._find()
                return found
        return super().select(name, **bindings)

    def _select(self, name: str, bindings: Mapping[str, Term]) -> Sequence[Solution]:
        text = with_terms(portable_query(name).text, bindings)
        found = self._questions.ask(text, graph=False, seconds=self._seconds).solutions()
        return [{**bindings, **row} for row in found]

    def _may_ask(self) -> bool:
        """Tell whether the other store is asked; after a silence, one page finds out for all whether it answers again."""
        if not self._is_lost:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._silent_until:
                return False
            self._silent_until = now + _SILENCE_SECONDS
            return True

    def _lose(self, error: StoreError) -> None:
        with self._lock:
            self._silent_until = time.monotonic() + _SILENCE_SECONDS
            said, self._is_lost = self._is_lost, True
        if not said:
            _LOG.warning("the release answers for its pages, since the remote store does not: %s", error)

    def _find(self) -> None:
        if not self._is_lost:
            return
        with self._lock:
            was_lost, self._is_lost = self._is_lost, False
        if was_lost:
            _LOG.warning("the remote store answers again")

    def close(self) -> None:
        """Stop the workers and close the connections; see :meth:`fonds.store.Store.close`."""
        super().close()
        self._questions.client.close()
