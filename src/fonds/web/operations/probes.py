"""``/healthz`` and ``/readyz``: whether the process lives, and whether it should be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from fonds.errors import StoreError, StoreUnreadable
from fonds.web.answers import Answer
from fonds.web.site import Site

FRESH_SECONDS = 1.0
"""The store is asked no more often, however often somebody asks whether it answers."""

_UNREADABLE = "The store cannot be read; the log of the server says more."
_PLAIN = ((b"content-type", b"text/plain;charset=utf-8"), (b"cache-control", b"no-store"))
_JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
HEALTHY = Answer(200, _PLAIN, b"ok\n")
"""The answer of ``/healthz``: it comes from the event loop alone, so that no slow page makes a process look dead."""


@dataclass(slots=True)
class Condition:
    """What is so of a serving process, whatever release it serves.

    Attributes:
        draining: Whether it is about to stop.
        refused: The name of the release that became current and cannot be served; empty for none.
        why: Why not.
    """

    draining: bool = False
    refused: str = ""
    why: str = ""


class Readiness:
    """Tells whether a release can be answered from.

    Args:
        site: What is served.
        condition: Of the process.
        clock: Gives the time in seconds.
    """

    def __init__(self, site: Site, condition: Condition, clock: Callable[[], float]) -> None:
        self._site = site
        self.condition = condition
        self._clock = clock
        self._asked_at: float | None = None
        self.tell: Callable[[str], None] = lambda _: None
        """Gets a line for the operator when the store's files are out of order: where they are is nobody else's concern."""
        self._why = ""
        """Why the store does not answer; empty where it does."""
        self._asking: asyncio.Future[None] | None = None

    def at_once(self) -> Answer | None:
        """Return the answer if it is known, None where the store has to be asked first."""
        if self.condition.draining:
            return self._answer()
        known = self._asked_at is not None and self._clock() - self._asked_at < FRESH_SECONDS
        return self._answer() if known else None

    async def answer(self) -> Answer:
        """Ask the store, once for all who want to know, and return the answer."""
        if (known := self.at_once()) is not None:
            return known
        if self._asking is None:
            # Not in the threads of pages, all of which may be busy.
            self._asking = asyncio.get_running_loop().run_in_executor(None, self._ask)
            self._asking.add_done_callback(self._asked)
        await asyncio.shield(self._asking)
        return self._answer()

    def _ask(self) -> None:
        try:
            self._site.store.select("ready")
        except StoreUnreadable as error:
            if self._why != _UNREADABLE:
                self.tell(str(error))
            self._why = _UNREADABLE
        except StoreError as error:
            self._why = str(error)
        else:
            self._why = ""
        self._asked_at = self._clock()

    def _asked(self, _: object) -> None:
        self._asking = None

    def _answer(self) -> Answer:
        """Return what is known: 503 where nobody should ask here."""
        site, condition = self._site, self.condition
        manifest = site.release.manifest
        state: dict[str, object] = {"release": manifest.name, "digest": manifest.digest}
        if condition.refused:
            state |= {"refused": condition.refused, "refused_why": condition.why}
        if condition.draining:
            return _state(
                503, state | {"ready": False, "draining": True, "why": "The server is being stopped."}
            )
        if self._why:
            return _state(503, state | {"ready": False, "why": self._why})
        # Where no namespace can be had, only the tokenizer keeps queries from the network; an operator should know.
        state |= {"ready": True, "query_workers_can_reach_the_network": site.store.network_is_open}
        if site.settings.federation:
            state["queries_can_ask_other_endpoints"] = site.store.can_federate
            if site.store.can_federate is False:
                state["why_not"] = (
                    "This machine gives query workers no network of their own (network namespaces)."
                )
        return _state(200, state)


def _state(status: int, state: dict[str, object]) -> Answer:
    return Answer(status, _JSON, msgspec.json.encode(state))
