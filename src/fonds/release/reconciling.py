"""Deciding which things of a publication are one: candidates, decisions, and taking them back."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from fonds.errors import FondsError
from fonds.model import Authority, Reference
from fonds.reconciliation.candidates import LEAST_SCORE, Candidate, candidates_among
from fonds.reconciliation.comparing import reasons_for, score_of, surroundings_of
from fonds.reconciliation.decisions import Decision, Verdict, decided_pairs, ends, merges, ordered
from fonds.reconciliation.entries import COMPARED, entries_of, setting_of
from fonds.release.identity import of_whatever_is_good
from fonds.sources.decisions import COLUMNS, DECISIONS, add_decision, faults_against, remove_decision
from fonds.sources.publication import Publication
from fonds.sources.register import REGISTER, give_up


def find_candidates(
    folder: Path, *, kinds: Iterable[str] = COMPARED, least: float = LEAST_SCORE
) -> tuple[tuple[Candidate, ...], int]:
    """Return the pairs of things of a publication that may be one and of which nothing was decided, the likeliest first.

    Args:
        folder: The publication; what is good of it is read, whatever its faults.
        kinds: Which kinds of thing.
        least: The least score, from 0 to 1.

    Returns:
        The candidates, and how many faults the publication has: what could not be read has no candidates.
    """
    publication, setting = of_whatever_is_good(folder, lambda each: (each, setting_of(each.records)))
    entries = entries_of(publication.authorities, setting, kinds)
    decided = decided_pairs(publication.decisions, _becomes(publication))
    return candidates_among(entries, setting, decided=decided, least=least), len(publication.faults)


def _becomes(publication: Publication) -> dict[Reference, Reference]:
    return ends({other: each.thing for other, each in merges(publication.decisions, []).items()})


def decide(
    folder: Path,
    thing: Reference,
    other: Reference,
    verdict: Verdict,
    *,
    who: str,
    ground: str,
    day: datetime.date | None = None,
) -> Decision:
    """Write down what somebody decided of two things; the next build acts on it.

    Args:
        folder: The publication.
        thing: The one that stays, where they are one.
        other: The one that becomes it.
        verdict: What was decided; it takes the place of what was decided of them before.
        who: By whom.
        ground: Why; shown to those who come with the identifier that was given up.
        day: When; None: today, UTC.

    Raises:
        FondsError: It makes no sense; nothing was changed.
    """
    publication, score = of_whatever_is_good(folder, lambda each: (each, _score(each, thing, other)))
    decision = Decision(
        thing=thing,
        other=other,
        verdict=verdict,
        who=" ".join(who.split()),
        day=(day or datetime.datetime.now(datetime.UTC).date()).isoformat(),
        ground=" ".join(ground.split()),
        score=score,
    )
    before = [each for each in publication.decisions if each.pair != decision.pair]
    taken_back = [
        each for each in publication.decisions if each.pair == decision.pair and each.verdict is Verdict.SAME
    ]
    pending = {each.reference for each in publication.to_give_up}
    register = {thing: minted for thing, minted in publication.register.items() if thing not in pending}
    listed = _with_merged(publication)
    problem = next(faults_against(decision, before, listed, register), None)
    if problem:
        raise FondsError(f"{problem}; nothing was changed")
    add_decision(folder, decision)
    for each in taken_back:
        if verdict is not Verdict.SAME or each.other != other:
            _make_active_again(folder, publication, each)
    return decision


def _with_merged(publication: Publication) -> dict[Reference, Authority]:
    """Return all things that are listed, also those that became others."""
    kept = publication.authorities.values()
    return {each.reference: each for one in kept for each in (one, *one.merged)}


def _score(publication: Publication, thing: Reference, other: Reference) -> str:
    """Return the score of two things as they are now; empty where one of them is not there."""
    listed = _with_merged(publication)
    pair = [listed[each] for each in (thing, other) if each in listed]
    if len(pair) < 2 or thing.kind != other.kind:
        return ""
    setting = setting_of(publication.records)
    entries = entries_of({each.reference: each for each in pair}, setting, [thing.kind])
    if len(entries) < 2:
        return ""
    one, two = entries
    return f"{score_of(reasons_for(one, two, surroundings_of(entries, setting))):.3f}"


def undo(folder: Path, thing: Reference, other: Reference) -> Decision:
    """Take back what was decided of two things, and what the register says because of it; return what it was.

    Raises:
        FondsError: Nothing was decided of them; nothing was changed.
    """
    publication = of_whatever_is_good(folder, lambda each: each)
    pair = ordered(thing, other)
    decision = next((each for each in publication.decisions if each.pair == pair), None)
    if decision is None:
        raise FondsError(f"{thing} and {other}: nothing is decided in {DECISIONS}; nothing was changed")
    remove_decision(folder, pair)
    _make_active_again(folder, publication, decision)
    return decision


def _make_active_again(folder: Path, publication: Publication, decision: Decision) -> None:
    """Take back in the register that a thing became another, where the register has it from this decision."""
    if decision.verdict is not Verdict.SAME or not (folder / REGISTER).exists():
        return
    pending = {each.reference for each in publication.to_give_up}
    minted = publication.register.get(decision.other)
    if minted and minted.status == "merged" and decision.other not in pending:
        today = datetime.datetime.now(datetime.UTC).date()
        give_up(folder, decision.other, "active", (), "", today)


# ---------------------------------------------------------------------------------------------------------- written


def as_table(candidates: Sequence[Candidate]) -> str:
    """Return candidates for people to read: score, identifiers, names, and below each why."""
    lines = []
    for each in candidates:
        lines.append(f"{each.score:.3f}  {each.thing}  {each.other}")
        lines.append(f"       {each.names[0]}  |  {each.names[1]}")
        lines += [f"       {reason}" for reason in each.reasons]
    return "\n".join(lines)


def as_csv(candidates: Sequence[Candidate]) -> str:
    """Return candidates as rows of the table of decisions, undecided."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in candidates:
        ground = "; ".join(map(str, each.reasons))
        writer.writerow([each.thing, each.other, Verdict.UNDECIDED, "", "", ground, f"{each.score:.3f}"])
    return out.getvalue().rstrip("\n")


def as_json(candidates: Sequence[Candidate]) -> str:
    """Return candidates with each reason and its weight."""
    written = [
        {
            "thing": str(each.thing),
            "other": str(each.other),
            "names": each.names,
            "score": each.score,
            "reasons": [{"words": words, "weight": round(weight, 3)} for words, weight in each.reasons],
        }
        for each in candidates
    ]
    return msgspec.json.format(msgspec.json.encode(written)).decode()
