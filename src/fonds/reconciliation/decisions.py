"""What somebody decided of two things that may be one, and which thing stays where several were found to be one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fonds.errors import Fault
from fonds.model import Origin, Reference


class Verdict(StrEnum):
    """What was decided."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"  # looked at, and left open


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided of two things.

    Attributes:
        thing: The one that stays, where they are one.
        other: The one that becomes it.
        verdict: What was decided.
        who: By whom.
        day: When, ISO 8601.
        ground: Why.
        score: That of the candidate, as it was then; empty where there was none.
        origin: Where it stands.
    """

    thing: Reference
    other: Reference
    verdict: Verdict
    who: str = ""
    day: str = ""
    ground: str = ""
    score: str = ""
    origin: Origin = Origin("")

    @property
    def pair(self) -> tuple[Reference, Reference]:
        """The two things in the order of their identifiers."""
        return ordered(self.thing, self.other)

    def fault(self, message: str) -> Fault:
        """Return a fault of this decision."""
        return Fault(self.origin.path, self.origin.line, 0, message)


def ordered(one: Reference, other: Reference) -> tuple[Reference, Reference]:
    """Return two things in the order of their identifiers."""
    return (one, other) if one <= other else (other, one)


def merges(decisions: Sequence[Decision], faults: list[Fault]) -> dict[Reference, Decision]:
    """Return for each thing that becomes another the decision that says so; those that contradict each other are left out.

    Args:
        decisions: In any order.
        faults: Where contradictions are added: a pair decided twice, a thing that would become two, a circle, and two things
            that are one by what was decided of others and different by what was decided of them.
    """
    wrong = list(_contradictions(decisions))
    faults.extend(fault for fault, _ in wrong)
    left_out = {id(decision) for _, decision in wrong}
    found: dict[Reference, Decision] = {}
    for each in decisions:
        if each.verdict is Verdict.SAME and id(each) not in left_out:
            found.setdefault(each.other, each)
    return found


def ends(becomes: Mapping[Reference, Reference]) -> dict[Reference, Reference]:
    """Return what each thing becomes in the end, where what it becomes may become another.

    >>> a, b, c = (Reference("person", key) for key in "abc")
    >>> ends({c: b, b: a})[c].key
    'a'
    """
    found = {}
    for each in becomes:
        end = each
        seen = {each}
        while end in becomes and becomes[end] not in seen:
            end = becomes[end]
            seen.add(end)
        found[each] = end
    return found


def decided_pairs(
    decisions: Iterable[Decision], becomes: Mapping[Reference, Reference]
) -> frozenset[tuple[Reference, Reference]]:
    """Return the pairs of which something was decided; what was decided of a thing holds for what it became."""
    pairs: set[tuple[Reference, Reference]] = set()
    for each in decisions:
        if each.verdict is not Verdict.UNDECIDED:
            pairs |= {each.pair, ordered(*(becomes.get(thing, thing) for thing in each.pair))}
    return frozenset(pairs)


def _contradictions(decisions: Sequence[Decision]) -> Iterator[tuple[Fault, Decision]]:
    first: dict[tuple[Reference, Reference], Decision] = {}
    becomes: dict[Reference, Decision] = {}
    for each in decisions:
        earlier = first.setdefault(each.pair, each)
        if each.thing == each.other:
            yield each.fault(f"{each.thing} is the same as itself; name two things"), each
        elif earlier is not each:
            yield (
                each.fault(f"this pair is decided already, in line {earlier.origin.line}; keep one row"),
                each,
            )
        elif each.verdict is Verdict.SAME:
            if message := _why_not(each, becomes):
                yield each.fault(message), each
            else:
                becomes.setdefault(each.other, each)
    yield from _torn_apart(first.values(), becomes)


def _why_not(decision: Decision, becomes: Mapping[Reference, Decision]) -> str:
    """Return what is wrong with another thing that becomes one, empty if nothing is."""
    earlier = becomes.get(decision.other)
    if earlier is not None:
        return (
            f"{decision.other} would become {decision.thing}, and by line {earlier.origin.line} {earlier.thing}; "
            f"if all are one, say that {decision.thing} is the same as {earlier.thing}"
        )
    end = decision.thing
    while end in becomes:
        end = becomes[end].thing
        if end == decision.other:
            return (
                f"{decision.thing} becomes {decision.other} by what other rows say; one of them has to stay"
            )
    return ""


def _torn_apart(
    decisions: Iterable[Decision], becomes: Mapping[Reference, Decision]
) -> Iterator[tuple[Fault, Decision]]:
    """Yield what is said to be different and would be one."""
    end = ends({other: each.thing for other, each in becomes.items()})
    within: dict[Reference, list[Decision]] = defaultdict(list)
    for each in becomes.values():
        within[end[each.other]].append(each)
    for each in decisions:
        if each.verdict is not Verdict.DIFFERENT:
            continue
        one, other = (end.get(thing, thing) for thing in (each.thing, each.other))
        if one == other:
            lines = ", ".join(str(same.origin.line) for same in within[one])
            message = f"{each.thing} and {each.other} are different here, and one by line {lines}; take one of them back"
            yield each.fault(message), each
