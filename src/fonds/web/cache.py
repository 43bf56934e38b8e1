"""Answers that are kept, bounded in bytes: a release never changes, so they stay right as long as it is served."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from fonds.formats import Format
from fonds.web.answers import Answer, Wishes
from fonds.web.codings import choose_coding
from fonds.web.negotiation import negotiate

_LARGEST_PART = 8
"""An answer that would take more than one part in so many of the cache is not kept."""
_MOST_WISHES = 32
_MOST_SEEN = 16_384
_LONGEST_WISHES = 1024


@dataclass
class _Target:
    """The answers of one address.

    Attributes:
        offered: The formats that can be had there.
        answers: By name of the format and coding.
        known: By what clients asked for; several wishes lead to one answer.
        size_bytes: What all of that takes.
    """

    offered: tuple[Format, ...]
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    known: dict[Wishes, Answer] = field(default_factory=dict)
    size_bytes: int = 0

    def find(self, wishes: Wishes) -> Answer | None:
        answer = self.known.get(wishes)
        if answer is not None:
            return answer
        chosen = ""
        if self.offered:
            format_ = negotiate(wishes.accept, self.offered, wishes.accept_profile)
            if format_ is None:
                return None
            chosen = format_.ending
        answer = self.answers.get((chosen, choose_coding(wishes.accept_encoding)))
        if answer is not None and sum(map(len, filter(None, wishes))) <= _LONGEST_WISHES:
            if len(self.known) >= _MOST_WISHES:
                self.known.clear()
            self.known[wishes] = answer
        return answer


class AnswerCache:
    """The answers that were asked for last, by target, representation and coding; for one thread.

    Attributes:
        limit_bytes: Most memory of all answers together.
        size_bytes: Memory that they take.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._targets: OrderedDict[bytes, _Target] = OrderedDict()
        self._seen: set[bytes] = set()
        self._seen_before: set[bytes] = set()

    def __contains__(self, target: bytes) -> bool:
        """Tell whether any answer is kept for a target."""
        return target in self._targets

    def is_asked_again(self, name: bytes) -> bool:
        """Tell whether something was asked for lately, and take note that it is now.

        Who follows every address there is asks for each once: such answers need not push out those that others want again.
        """
        if name in self._seen:
            return True
        if len(self._seen) >= _MOST_SEEN:
            self._seen, self._seen_before = set(), self._seen
        self._seen.add(name)
        return name in self._seen_before

    def find(self, target: bytes, wishes: Wishes) -> Answer | None:
        """Return the answer for a target (path and query, as they were sent) and a client's wishes, None if it is not here."""
        known = self._targets.get(target)
        if known is None:
            return None
        answer = known.find(wishes)
        if answer is not None:
            self._targets.move_to_end(target)
        return answer

    def keep(
        self, target: bytes, offered: tuple[Format, ...], chosen: str, coding: str, answer: Answer
    ) -> None:
        """Keep an answer; the ones that nobody asked for longest make room.

        Args:
            target: Path and query, as they were sent.
            offered: What could be had there; empty where there was nothing to choose.
            chosen: The ending of the format that was.
            coding: What the client's wishes for codings led to, whether or not the answer was worth coding.
            answer: As it is sent.
        """
        size = answer.size_bytes + len(target)
        if size > self.limit_bytes // _LARGEST_PART:
            return
        place = (chosen if offered else "", coding)
        known = self._targets.setdefault(target, _Target(offered))
        before = known.answers.get(place)
        grown = size - (before.size_bytes + len(target) if before else 0)
        known.answers[place] = answer
        known.known.clear()
        known.size_bytes += grown
        self.size_bytes += grown
        self._targets.move_to_end(target)
        while self.size_bytes > self.limit_bytes:
            _, oldest = self._targets.popitem(last=False)
            self.size_bytes -= oldest.size_bytes
