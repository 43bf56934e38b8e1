"""The commands about releases that are kept: ``fonds releases``, ``diff``, ``receive``, ``rollback``, ``repair`` and ``prune``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from fonds.commands.telling import progress_line, told_to_people

if TYPE_CHECKING:
    from fonds.release.comparing import Comparison
    from fonds.release.folder import Release

_MOST_SHOWN = 200

_path = click.argument("path", default=".", type=click.Path(path_type=Path))
_publication = click.option(
    "--publication",
    "path",
    default=".",
    type=click.Path(path_type=Path),
    help="The publication, or its folder of releases [default: here].",
)


@click.command()
@_path
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="[default: text]"
)
def releases(path: Path, format_: str) -> None:
    """List the releases of a publication, the latest first."""
    from fonds.release.keeping import kept, releases_of

    with told_to_people():
        there = kept(releases_of(path))
    if format_ == "json":
        rows = [
            {"name": each.name, "current": each.is_current}
            | (
                {"problem": each.problem}
                if each.release is None
                else {
                    "issued": each.release.manifest.issued,
                    "digest": each.release.manifest.digest,
                    "previous": each.release.manifest.previous,
                    "counts": each.release.manifest.counts,
                }
            )
            for each in there
        ]
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2))
        return
    for each in there:
        mark = "*" if each.is_current else " "
        if each.release is None:
            click.echo(f"{mark} {each.name}  cannot be opened: {each.problem}")
            continue
        manifest = each.release.manifest
        counts = manifest.counts
        what = f"{_number(counts.records, 'record')}, {_number(counts.public, 'triple')}"
        click.echo(f"{mark} {each.name}  {manifest.issued}  {what}")


@click.command()
@click.argument("before", required=False)
@click.argument("now", required=False)
@_publication
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "nt", "patch"]),
    default="text",
    help="nt: as RDF, a change set for each thing; patch: every statement as RDF Patch [default: text]",
)
def diff(before: str | None, now: str | None, path: Path, format_: str) -> None:
    """Tell what differs between two releases: things, and statements.

    BEFORE and NOW are names of releases, or as much of their beginning as only one has. Without NOW the current release is meant,
    without BEFORE the one before it.
    """
    from fonds.release.changesets import change_sets
    from fonds.release.comparing import compare
    from fonds.release.folder import open_release
    from fonds.release.keeping import before as before_it
    from fonds.release.keeping import one_of, releases_of

    with told_to_people():
        folder = releases_of(path)
        later = one_of(folder, now) if now else open_release(folder)
        earlier = one_of(folder, before) if before else before_it(folder, later)
        if format_ in ("nt", "patch"):
            for text in change_sets(earlier, later) if format_ == "nt" else _patch(earlier, later):
                click.echo(text, nl=False)
            return
        comparison = compare(earlier, later)
    if format_ == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(comparison), indent=2))
    else:
        _show(comparison)


def _show(comparison: Comparison) -> None:
    click.echo(f"{comparison.before} → {comparison.now}")
    for each in comparison.things[:_MOST_SHOWN]:
        click.echo(f"{each.fate:<9}  {each.iri}  +{each.added} −{each.removed}")
    if len(comparison.things) > _MOST_SHOWN:
        click.echo(f"… and {len(comparison.things) - _MOST_SHOWN:,} more; --format json has all.")
    fates = [each.fate for each in comparison.things]
    told = ", ".join(f"{fates.count(fate):,} {fate}" for fate in ("created", "changed", "withdrawn"))
    click.echo(
        f"Things: {told}. {_number(comparison.graphs, 'graph')} not the same: "
        f"{_number(comparison.added, 'statement')} added, {comparison.removed:,} removed."
    )


def _patch(before: Release, now: Release) -> Iterator[str]:
    """Yield what makes the one dataset out of the other, as RDF Patch: https://afs.github.io/rdf-delta/rdf-patch.html."""
    from fonds.release.comparing import changed_graphs

    changed = changed_graphs(before, now)
    yield f"H id <urn:sha256:{now.manifest.digest}> .\nH prev <urn:sha256:{before.manifest.digest}> .\nTX .\n"
    for each in changed:
        for statement in each.statements:
            yield f"{'A' if statement.added else 'D'} {statement.line.decode()}"
    yield "TC .\n"


@click.command()
@click.argument("arrived", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Folder of the releases [default: the one in which ARRIVED stands].",
)
def receive(arrived: Path, into: Path | None) -> None:
    """Take a release that was copied from another machine, and make it the current one.

    ARRIVED is its folder, such as releases/.arriving. Every file of it is hashed first; what is not whole is refused, and the
    current release stays. A server of the folder sees the release before or this one, never a part.
    """
    from fonds.release.receiving import receive as receive_release

    with told_to_people():
        release = receive_release(arrived, into or arrived.absolute().parent)
    click.echo(f"{release.folder.name} is the current release now.")


@click.command()
@click.argument("name", required=False)
@_publication
def rollback(name: str | None, path: Path) -> None:
    """Make an older release the current one again: NAME, or the one before the current one.

    Every file of it is hashed first. Nothing is removed; the next build makes a new release as always.
    """
    from fonds.release.keeping import releases_of, roll_back

    with told_to_people():
        release = roll_back(releases_of(path), name)
    click.echo(f"{release.manifest.name} is the current release now.")


@click.command()
@click.argument("name", required=False)
@_publication
def repair(name: str | None, path: Path) -> None:
    """Make store and full-text index of a release again: NAME, or the current one.

    For files that are damaged, or that another version of an engine cannot read. Both are made from the dumps and words of the release; the
    sources are not needed. It makes a release beside the other one, with the same content; the current one where that was.
    """
    from fonds.release.keeping import named, releases_of
    from fonds.release.repairing import repair as repair_release

    with told_to_people():
        folder = releases_of(path)
        release = repair_release(folder, named(folder, name), progress_line())
    click.echo(f"{release.manifest.name} has store and index anew.")


@click.command()
@_path
@click.option(
    "--keep", type=click.IntRange(1), required=True, help="How many stay, the current one among them."
)
def prune(path: Path, keep: int) -> None:
    """Remove old releases: all but the current one and the latest beside it."""
    from fonds.release.keeping import prune as prune_releases
    from fonds.release.keeping import releases_of

    with told_to_people():
        gone = prune_releases(releases_of(path), keep)
    for each in gone:
        click.echo(f"removed {each}")
    click.echo(f"{_number(len(gone), 'release')} removed.")


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
