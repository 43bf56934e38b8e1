"""Identifiers elsewhere: finding candidates in services and dumps, and writing down what somebody decided of each.

Nothing that is found is published: only what somebody accepted, with a name, a ground, a source and a day.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fonds.errors import FondsError
from fonds.model import Authority, Reference
from fonds.reconciliation.candidates import LEAST_SCORE
from fonds.reconciliation.comparing import surroundings_of
from fonds.reconciliation.elsewhere import Elsewhere, Foreign, compared, in_order
from fonds.reconciliation.entries import Entry, entries_of, in_authority_file, setting_of
from fonds.release.identity import of_whatever_is_good
from fonds.release.reconciling_dump import search_dumps
from fonds.release.reconciling_service import Service, ask_service, on_one_line
from fonds.sources.matches import TABLE, match_row, match_rows, pair_of, put_matches, take_match
from fonds.sources.publication import Publication
from fonds.sources.sheets import Row
from fonds.sources.tables import MATCH_COLUMNS, faults_of_match

MATCHED = ("person", "group", "place", "event")
"""The kinds of thing that are looked for elsewhere, if nothing else is said."""

Search = Callable[[Sequence[Entry]], Iterable[tuple[Entry, Foreign]]]


@dataclass(frozen=True, slots=True)
class FoundElsewhere:
    """What a search elsewhere gave.

    Attributes:
        candidates: The likeliest first; nothing of which anything is decided.
        asked: Of how many things.
        known: How many were not looked for, since an identifier of that authority file is accepted for them already.
        faults: How many faults the publication has: what could not be read was not looked for.
    """

    candidates: tuple[Elsewhere, ...]
    asked: int
    known: int
    faults: int


def in_service(
    service: Service, *, type_: str = "", properties: Mapping[str, str] | None = None
) -> tuple[Search, str]:
    """Return what looks for things in a service, and the authority file to which its entries belong."""

    def search(entries: Sequence[Entry]) -> Iterable[tuple[Entry, Foreign]]:
        for entry, found in ask_service(service, entries, type_=type_, properties=properties):
            yield from ((entry, each) for each in found)

    return search, in_authority_file(service.iri_of("x"))[0]


def in_dumps(
    paths: Sequence[Path],
    *,
    type_: str = "",
    progress: Callable[[str, int, int | None], None] | None = None,
) -> tuple[Search, str]:
    """Return what looks for things in files of RDF; to which authority files their entries belong is not known beforehand."""
    return lambda entries: search_dumps(paths, entries, type_=type_, progress=progress), ""


def find_elsewhere(
    folder: Path,
    search: Search,
    scheme: str,
    *,
    kinds: Iterable[str] = MATCHED,
    least: float = LEAST_SCORE,
) -> FoundElsewhere:
    """Look elsewhere for the things of a publication; nothing is written.

    Args:
        folder: The publication; what is good of it is read, whatever its faults.
        search: Looks for things; of :func:`in_service` or :func:`in_dumps`.
        scheme: The authority file that is searched, as far as it is one: who has an accepted identifier of it is not asked for.
        kinds: Which kinds of thing.
        least: The least score, from 0 to 1.

    Raises:
        FondsError: The service or a file cannot be read.
    """
    publication, setting = of_whatever_is_good(folder, lambda each: (each, setting_of(each.records)))
    entries = entries_of(publication.authorities, setting, kinds)
    accepted = _accepted(publication)
    wanted = [each for each in entries if not scheme or scheme not in accepted.get(each.reference, {})]
    decided = set(map(pair_of, match_rows(folder)))
    surroundings = surroundings_of(entries, setting)
    found: dict[tuple[Reference, str], Elsewhere] = {}
    for ours, foreign in search(wanted):
        here, _ = in_authority_file(foreign.iri)
        if (str(ours.reference), foreign.iri) in decided or here in accepted.get(ours.reference, {}):
            continue
        candidate = compared(ours, foreign, surroundings)
        if candidate and candidate.score >= least:
            found[candidate.thing, foreign.iri] = candidate
    return FoundElsewhere(
        in_order(found.values()), len(wanted), len(entries) - len(wanted), len(publication.faults)
    )


def _accepted(publication: Publication) -> dict[Reference, dict[str, str]]:
    """Return the accepted identifiers elsewhere of each thing, by authority file."""
    return {
        reference: dict(in_authority_file(match.iri) for match in each.matches if match.accepted_by)
        for reference, each in publication.authorities.items()
    }


def keep_candidates(folder: Path, candidates: Sequence[Elsewhere], source: str) -> None:
    """Write candidates into the table of identifiers elsewhere, accepted by nobody; ``fonds check`` names them until somebody decides.

    Args:
        folder: The publication.
        candidates: What was found.
        source: Where.
    """
    put_matches(
        folder,
        [_row(each.thing, each.foreign.iri, ground=_ground(each), source=source) for each in candidates],
    )


def _ground(candidate: Elsewhere) -> str:
    name = candidate.foreign.names[0] if candidate.foreign.names else "without a name"
    return on_one_line(f"“{name}” there; {candidate.ground}")


def _row(thing: Reference, iri: str, **cells: str) -> dict[str, str]:
    return {"thing": str(thing), "iri": iri, **cells}


def decide_elsewhere(
    folder: Path,
    thing: Reference,
    iri: str,
    *,
    same: bool,
    who: str,
    ground: str,
    source: str = "",
    day: datetime.date | None = None,
) -> None:
    """Write down whether an entry elsewhere is a thing of ours; the next build publishes it if it is.

    Args:
        folder: The publication.
        thing: Ours.
        iri: The entry elsewhere.
        same: What was decided.
        who: By whom.
        ground: Why.
        source: Where it was looked up; empty: as the candidate has it.
        day: When; None: today, UTC.

    Raises:
        FondsError: It makes no sense; nothing was changed.
    """
    publication = of_whatever_is_good(folder, lambda each: each)
    before = match_row(folder, thing, iri)
    cells = _row(
        thing,
        iri,
        ground=on_one_line(ground),
        source=on_one_line(source) or before.get("source", ""),
        checked=(day or datetime.datetime.now(datetime.UTC).date()).isoformat(),
    )
    cells |= {"accepted_by" if same else "rejected_by": on_one_line(who)}
    problem = next(_problems(publication, thing, cells, in_table=bool(before)), None)
    if problem:
        raise FondsError(f"{problem}; nothing was changed")
    put_matches(folder, [cells])


def _problems(
    publication: Publication, thing: Reference, cells: Mapping[str, str], *, in_table: bool
) -> Iterator[str]:
    listed: dict[Reference, Authority] = dict(publication.authorities)
    row = Row(TABLE, 0, {name: cells.get(name, "") for name in MATCH_COLUMNS})
    yield from (each.message for each in faults_of_match(row, thing, listed, ()))
    if not (cells.get("accepted_by") or cells.get("rejected_by")):
        yield "who decided is empty; give it by --who"
    known = listed[thing].matches if thing in listed else ()
    if not in_table and any(each.iri == cells["iri"] for each in known):
        yield f"{cells['iri']} stands in a workbook; write there what was decided"
    scheme, id_ = in_authority_file(cells["iri"])
    for each in known:
        other, theirs = in_authority_file(each.iri)
        if cells.get("accepted_by") and each.accepted_by and other == scheme and theirs != id_:
            yield (
                f"{thing} is {each.iri} already, by {each.accepted_by}; one thing has one identifier of an authority file: "
                "take that one back first"
            )
    if cells.get("accepted_by"):
        for reference, authority in listed.items():
            if reference != thing and any(m.iri == cells["iri"] and m.accepted_by for m in authority.matches):
                yield f"{cells['iri']} is {reference} already; say first that {reference} and {thing} are one, or take that back"


def undo_elsewhere(folder: Path, thing: Reference, iri: str) -> str:
    """Take back what was decided of a thing and an entry elsewhere; return what it was.

    Raises:
        FondsError: Nothing stands there of the two; nothing was changed.
    """
    before = match_row(folder, thing, iri)
    if not before:
        raise FondsError(f"{thing} and {iri}: nothing stands in {TABLE}; nothing was changed")
    take_match(folder, thing, iri)
    return (
        "accepted"
        if before.get("accepted_by")
        else "rejected"
        if before.get("rejected_by")
        else "a candidate"
    )


# ---------------------------------------------------------------------------------------------------------- written


def as_table(candidates: Sequence[Elsewhere]) -> str:
    """Return candidates for people to read: score, ours, theirs, names, and below each why."""
    lines = []
    for each in candidates:
        name = each.foreign.names[0] if each.foreign.names else ""
        below = [
            f"{each.label}  |  {name}  {each.foreign.description}",
            *map(str, each.reasons),
            each.foreign.remark,
        ]
        lines.append(f"{each.score:.3f}  {each.thing}  {each.foreign.iri}")
        lines += [f"       {on_one_line(line)}" for line in below if line]
    return "\n".join(lines)


def as_csv(candidates: Sequence[Elsewhere], source: str) -> str:
    """Return candidates as rows of the table of identifiers elsewhere, accepted by nobody."""
    out = io.StringIO()
    columns = [each for each in MATCH_COLUMNS if each != "rejected_by"]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for each in candidates:
        cells = _row(each.thing, each.foreign.iri, ground=_ground(each), source=source)
        writer.writerow([cells.get(name, "") for name in columns])
    return out.getvalue().rstrip("\n")


def as_json(candidates: Sequence[Elsewhere]) -> str:
    """Return candidates with each reason and its weight."""
    written = [
        {
            "thing": str(each.thing),
            "iri": each.foreign.iri,
            "names": [each.label, *each.foreign.names],
            "description": each.foreign.description,
            "score": each.score,
            "reasons": [{"words": words, "weight": round(weight, 3)} for words, weight in each.reasons],
            "remark": each.foreign.remark,
        }
        for each in candidates
    ]
    return msgspec.json.format(msgspec.json.encode(written)).decode()
