"""The commands about what is one thing: ``fonds register`` and ``fonds reconcile``."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import click

from fonds.commands.telling import told_to_people

publication_option = click.option(
    "--publication",
    "folder",
    default=".",
    type=click.Path(path_type=Path),
    help="The publication [default: here].",
)


@click.group()
def register() -> None:
    """Say what became of an identifier that was published: no one may be lost in silence."""


_reason = click.option(
    "--reason", required=True, help="Why; shown to those who come with the old identifier."
)
_day = click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day [default: today, UTC].")


@register.command()
@click.argument("old")
@click.argument("new")
@_reason
@_day
@publication_option
def merge(old: str, new: str, reason: str, day: datetime.datetime | None, folder: Path) -> None:
    """OLD turned out to be NEW: its address leads to NEW from now on (301)."""
    _give_up(folder, old, "merged", (new,), reason, day)


@register.command()
@click.argument("old")
@click.argument("new")
@_reason
@_day
@publication_option
def rename(old: str, new: str, reason: str, day: datetime.datetime | None, folder: Path) -> None:
    """OLD is called NEW from now on: its address leads to NEW (301)."""
    _give_up(folder, old, "renamed", (new,), reason, day)


@register.command()
@click.argument("old")
@click.option("--into", required=True, multiple=True, help="What takes its place; twice or more.")
@_reason
@_day
@publication_option
def split(old: str, into: tuple[str, ...], reason: str, day: datetime.datetime | None, folder: Path) -> None:
    """OLD turned out to be several things: its address says so, and names them (410)."""
    if len(into) < 2:
        raise click.UsageError("A thing is split into two or more: --into person/a --into person/b.")
    _give_up(folder, old, "split", into, reason, day)


@register.command()
@click.argument("old")
@_reason
@_day
@click.option(
    "--purge",
    is_flag=True,
    help="Keep nothing of it: the next build works everything out afresh and removes every release that held it.",
)
@publication_option
def withdraw(old: str, reason: str, day: datetime.datetime | None, purge: bool, folder: Path) -> None:
    """OLD is no longer published: its address says when and why (410)."""
    _give_up(folder, old, "purged" if purge else "withdrawn", (), reason, day)
    if purge:
        click.echo(
            "The next build removes every release that held it. What was copied elsewhere is not reached by it: backups, exports, the "
            "history of a repository, other stores (fonds push), harvesters."
        )


@register.command()
@click.argument("old")
@publication_option
def restore(old: str, folder: Path) -> None:
    """OLD is published again: take back what was said of it."""
    _give_up(folder, old, "active", (), "", None)


def _give_up(
    folder: Path, old: str, status: str, new: tuple[str, ...], reason: str, day: datetime.datetime | None
) -> None:
    from fonds.release.identity import change, reference_of

    with told_to_people():
        survivors = [reference_of(each) for each in new]
        given_up = change(folder, reference_of(old), status, survivors, reason, day.date() if day else None)
        into = f" ({', '.join(map(str, given_up.survivors))})" if given_up.survivors else ""
        click.echo(f"{given_up.reference} is {status}{into}.")
        if given_up.places:
            click.echo("The data still name it; change that before the next build:")
            for place in given_up.places:
                click.echo(f"  {place}")


@click.group()
def reconcile() -> None:
    """Find things that may be one, and say of two whether they are; nothing is merged unless somebody says so."""


Option = Callable[[Callable[..., None]], Callable[..., None]]


def _kinds(default: str) -> Option:
    return click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice(["person", "group", "place", "event", "work", "holding", "topic"]),
        help=f"Which kind of thing; may be given several times [default: {default}].",
    )


_least = click.option(
    "--least", default=0.5, show_default=True, type=click.FloatRange(0, 1), help="Least score that is shown."
)


def _limit(what: str) -> Option:
    return click.option(
        "--limit", default=50, show_default=True, type=click.IntRange(0), help=f"How many are {what}; 0: all."
    )


def _format(table: str) -> Option:
    return click.option(
        "--format",
        "format_",
        default="table",
        show_default=True,
        type=click.Choice(["table", "csv", "json"]),
        help=f"csv has the columns of {table}.",
    )


def _left_out(found: int, shown: int) -> str:
    return f"; {found - shown} more (--limit 0 shows all)" if shown < found else ""


@reconcile.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@_kinds("all")
@_least
@_limit("shown")
@_format("data/reconciliation.csv")
def candidates(folder: Path, kinds: tuple[str, ...], least: float, limit: int, format_: str) -> None:
    """Show pairs of things that may be one and of which nothing is decided: score, reasons, weights."""
    from fonds.reconciliation.entries import COMPARED
    from fonds.release import reconciling

    with told_to_people():
        found, faults = reconciling.find_candidates(folder, kinds=kinds or COMPARED, least=least)
        shown = found[:limit] if limit else found
        written = {"table": reconciling.as_table, "csv": reconciling.as_csv, "json": reconciling.as_json}
        click.echo(written[format_](shown))
        click.echo(f"{len(shown)} pairs{_left_out(len(found), len(shown))}.", err=True)
        if faults:
            click.echo(f"The publication has {faults} faults; what they hide is not compared.", err=True)


@reconcile.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option(
    "--service",
    "address",
    default="",
    metavar="URL",
    help="A reconciliation service, by the address that OpenRefine takes.",
)
@click.option(
    "--dump",
    "dumps",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of RDF (.nt .ttl .nq .trig .rdf .jsonld, also .gz); may be given several times.",
)
@_kinds("persons, groups, places, events")
@click.option(
    "--type",
    "type_",
    default="",
    metavar="ID",
    help="Only entries of this type: of a dump an IRI, of a service what it calls it.",
)
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="NAME=ID",
    help="Services only: by which property they know what we know: born=…, died=…, within=…",
)
@click.option(
    "--iri",
    "template",
    default="",
    metavar="TEMPLATE",
    help="Services only: the address of an entry, with {{id}} [default: as the service says].",
)
@click.option(
    "--timeout",
    default=30,
    show_default=True,
    type=click.IntRange(1),
    help="Services only: seconds for one answer.",
)
@_least
@_limit("shown, or kept")
@click.option(
    "--keep",
    is_flag=True,
    help="Write them as candidates into data/authorities/matches.csv; nothing of them is published.",
)
@_format("data/authorities/matches.csv")
def elsewhere(
    folder: Path,
    address: str,
    dumps: tuple[Path, ...],
    kinds: tuple[str, ...],
    type_: str,
    properties: tuple[str, ...],
    template: str,
    timeout: int,
    least: float,
    limit: int,
    keep: bool,
    format_: str,
) -> None:
    """Look for the publication's things in other people's data: score, reasons, weights; nothing is accepted unless somebody says so.

    Either a service is asked for each name, or files are read. What was accepted or rejected before is not offered again.
    """
    from fonds.release import reconciling_elsewhere as found_there
    from fonds.release.reconciling_service import open_service

    if bool(address) == bool(dumps):
        raise click.UsageError("Where? Either --service URL, or --dump FILE.")
    if dumps and (properties or template):
        raise click.UsageError("--property and --iri are for services.")
    known = dict(map(_property, properties))
    with told_to_people():
        if address:
            service = open_service(address, template=template, seconds=timeout)
            search, scheme = found_there.in_service(service, type_=type_, properties=known)
            source = f"{service.name} ({address})"
        else:
            search, scheme = found_there.in_dumps(dumps, type_=type_)
            source = ", ".join(each.name for each in dumps)
        found = found_there.find_elsewhere(
            folder, search, scheme, kinds=kinds or found_there.MATCHED, least=least
        )
        shown = found.candidates[:limit] if limit else found.candidates
        if format_ == "csv":
            click.echo(found_there.as_csv(shown, source))
        else:
            click.echo({"table": found_there.as_table, "json": found_there.as_json}[format_](shown))
        if keep:
            found_there.keep_candidates(folder, shown, source)
        more = _left_out(len(found.candidates), len(shown))
        click.echo(f"{len(shown)} candidates for {found.asked} things{more}.", err=True)
        if found.known:
            click.echo(f"{found.known} have an accepted identifier there and were not asked for.", err=True)
        if keep and shown:
            click.echo(
                "They are candidates in data/authorities/matches.csv: fonds reconcile accept THING IRI, or reject.",
                err=True,
            )
        if found.faults:
            click.echo(
                f"The publication has {found.faults} faults; what they hide is not looked for.", err=True
            )


def _property(given: str) -> tuple[str, str]:
    name, equals, id_ = given.partition("=")
    if not equals or not id_ or name not in ("born", "died", "within"):
        raise click.UsageError(f"--property {given}: expected born=ID, died=ID or within=ID")
    return name, id_


_who = click.option("--who", required=True, help="Who decided.")
_ground = click.option(
    "--ground", required=True, help="Why; shown to those who come with an identifier that was given up."
)


def _pair(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be told of which two things it is."""
    return click.argument("thing")(click.argument("other")(command))


@reconcile.command()
@_pair
@_who
@_ground
@click.option(
    "--source", default="", help="Of an IRI: where it was looked up [default: as the candidate says]."
)
@_day
@publication_option
def accept(
    thing: str, other: str, who: str, ground: str, source: str, day: datetime.datetime | None, folder: Path
) -> None:
    """OTHER is the same as THING: after the next build its address leads to THING (301).

    OTHER may also be the IRI of an entry elsewhere: the next build publishes it as the same, with ground, source and day.
    """
    if _is_iri(other):
        _decide_elsewhere(folder, thing, other, same=True, who=who, ground=ground, source=source, day=day)
    else:
        if source:
            raise click.UsageError("--source is for an IRI elsewhere.")
        _decide(folder, thing, other, "same", who, ground, day)


@reconcile.command()
@_pair
@_who
@_ground
@_day
@publication_option
def reject(
    thing: str, other: str, who: str, ground: str, day: datetime.datetime | None, folder: Path
) -> None:
    """THING and OTHER, which may be the IRI of an entry elsewhere, are two: the pair is not offered again."""
    if _is_iri(other):
        _decide_elsewhere(folder, thing, other, same=False, who=who, ground=ground, source="", day=day)
    else:
        _decide(folder, thing, other, "different", who, ground, day)


@reconcile.command()
@_pair
@click.option("--who", default="", help="Who looked at it.")
@click.option("--ground", default="", help="What is not clear.")
@_day
@publication_option
def defer(thing: str, other: str, who: str, ground: str, day: datetime.datetime | None, folder: Path) -> None:
    """THING and OTHER may be one, and nobody can tell yet: fonds check goes on naming the pair."""
    _decide(folder, thing, other, "undecided", who, ground, day)


@reconcile.command()
@_pair
@publication_option
def undo(thing: str, other: str, folder: Path) -> None:
    """Take back what was decided of THING and OTHER, which may be the IRI of an entry elsewhere."""
    from fonds.release.identity import reference_of
    from fonds.release.reconciling import undo as take_back
    from fonds.release.reconciling_elsewhere import undo_elsewhere

    with told_to_people():
        if _is_iri(other):
            was = undo_elsewhere(folder, reference_of(thing), other)
            click.echo(f"{other} was {was} for {thing}; it no longer is.")
            return
        decision = take_back(folder, reference_of(thing), reference_of(other))
        click.echo(f"{decision.thing} and {decision.other} are no longer decided to be {decision.verdict}.")


def _is_iri(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _decide_elsewhere(
    folder: Path,
    thing: str,
    iri: str,
    *,
    same: bool,
    who: str,
    ground: str,
    source: str,
    day: datetime.datetime | None,
) -> None:
    from fonds.release.identity import reference_of
    from fonds.release.reconciling_elsewhere import decide_elsewhere

    with told_to_people():
        on = day.date() if day else None
        decide_elsewhere(
            folder, reference_of(thing), iri, same=same, who=who, ground=ground, source=source, day=on
        )
        click.echo(f"{thing} {'is' if same else 'is not'} {iri}.")


def _decide(
    folder: Path, thing: str, other: str, verdict: str, who: str, ground: str, day: datetime.datetime | None
) -> None:
    from fonds.reconciliation.decisions import Verdict
    from fonds.release.identity import reference_of
    from fonds.release.reconciling import decide

    with told_to_people():
        one, two = reference_of(thing), reference_of(other)
        on = day.date() if day else None
        decision = decide(folder, one, two, Verdict(verdict), who=who, ground=ground, day=on)
        score = f" (score {decision.score})" if decision.score else ""
        click.echo(f"{decision.thing} and {decision.other}: {decision.verdict}{score}.")
