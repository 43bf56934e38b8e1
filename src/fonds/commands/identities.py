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


@reconcile.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["person", "group", "place", "event", "work", "holding", "topic"]),
    help="Which kind of thing; may be given several times [default: all].",
)
@click.option(
    "--least", default=0.5, show_default=True, type=click.FloatRange(0, 1), help="Least score that is shown."
)
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(0), help="How many are shown; 0: all."
)
@click.option(
    "--format",
    "format_",
    default="table",
    show_default=True,
    type=click.Choice(["table", "csv", "json"]),
    help="csv has the columns of data/reconciliation.csv.",
)
def candidates(folder: Path, kinds: tuple[str, ...], least: float, limit: int, format_: str) -> None:
    """Show pairs of things that may be one and of which nothing is decided: score, reasons, weights."""
    from fonds.reconciliation.entries import COMPARED
    from fonds.release import reconciling

    with told_to_people():
        found, faults = reconciling.find_candidates(folder, kinds=kinds or COMPARED, least=least)
        shown = found[:limit] if limit else found
        written = {"table": reconciling.as_table, "csv": reconciling.as_csv, "json": reconciling.as_json}
        click.echo(written[format_](shown))
        more = f"; {len(found) - len(shown)} more (--limit 0 shows all)" if len(shown) < len(found) else ""
        click.echo(f"{len(shown)} pairs{more}.", err=True)
        if faults:
            click.echo(f"The publication has {faults} faults; what they hide is not compared.", err=True)


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
@_day
@publication_option
def accept(
    thing: str, other: str, who: str, ground: str, day: datetime.datetime | None, folder: Path
) -> None:
    """OTHER is the same as THING: after the next build its address leads to THING (301)."""
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
    """THING and OTHER are two: the pair is not offered again."""
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
    """Take back what was decided of THING and OTHER."""
    from fonds.release.identity import reference_of
    from fonds.release.reconciling import undo as take_back

    with told_to_people():
        decision = take_back(folder, reference_of(thing), reference_of(other))
        click.echo(f"{decision.thing} and {decision.other} are no longer decided to be {decision.verdict}.")


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
