"""Answers that are kept, bounded in bytes: a release never changes, so they stay right as long as it is served."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from fonds.formats import Format
from fonds.web.answers import Answer
from fonds.web.negotiation import negotiate

_LARGEST_PART = 8
"""An answer that would take more than one part in so many of the cache is not kept."""
_MOST_HEADERS = 32


@dataclass
class _Target:
    """The answers of one address."""

    offered: tuple[Format, ...]
    answers: dict[tuple[str, bool], Answer] = field(default_factory=dict)
    chosen: dict[str | None, str | None] = field(default_factory=dict)
    size_bytes: int = 0

    def choose(self, accept: str | None) -> str | None:
        """Return the name of the format that an Accept header leads to, None for none of those offered."""
        if not self.offered:
            return ""
        if accept not in self.chosen:
            if len(self.chosen) >= _MOST_HEADERS:
                self.chosen.clear()
            format_ = negotiate(accept, self.offered)
            self.chosen[accept] = format_.ending if format_ else None
        return self.chosen[accept]


class AnswerCache:
    """The answers that were asked for last, by address, representation and coding; for one thread.

    Attributes:
        limit_bytes: Most memory of all answers together.
        size_bytes: Memory that they take.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._targets: OrderedDict[str, _Target] = OrderedDict()

    def find(self, target: str, accept: str | None, *, gzip: bool) -> Answer | None:
        """Return the answer for an address and an Accept header, None if it is not here."""
        known = self._targets.get(target)
        if known is None:
            return None
        chosen = known.choose(accept)
        answer = known.answers.get((chosen, gzip)) if chosen is not None else None
        if answer is not None:
            self._targets.move_to_end(target)
        return answer

    def keep(
        self, target: str, offered: tuple[Format, ...], chosen: str, answer: Answer, *, gzip: bool
    ) -> None:
        """Keep an answer; the ones that nobody asked for longest make room."""
        size = answer.size_bytes + len(target)
        if size > self.limit_bytes // _LARGEST_PART:
            return
        chosen = chosen if offered else ""
        known = self._targets.setdefault(target, _Target(offered))
        before = known.answers.get((chosen, gzip))
        grown = size - (before.size_bytes + len(target) if before else 0)
        known.answers[chosen, gzip] = answer
        known.size_bytes += grown
        self.size_bytes += grown
        self._targets.move_to_end(target)
        while self.size_bytes > self.limit_bytes:
            _, oldest = self._targets.popitem(last=False)
            self.size_bytes -= oldest.size_bytes
