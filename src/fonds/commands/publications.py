"""Commands that begin a publication, export it, and write one form of an edition as the other."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from fonds.commands.telling import told_to_people


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--shelfmarks",
    default="fond",
    show_default=True,
    type=click.Choice(["fond", "box", "plain"]),
    help="How the example is shelved: fond/opis/delo/list, box/folder, or plain numbers.",
)
def new(folder: Path, shelfmarks: Literal["fond", "box", "plain"]) -> None:
    """Begin a publication in FOLDER, which is new or empty: a worked example, with notes where something is to be decided."""
    from fonds.beginning import begin_publication

    with told_to_people():
        written = begin_publication(folder, shelfmarks)
        for path in written:
            click.echo(str(folder / path))
        click.echo(f"Now: cd {folder}; fonds serve. README.md there says what to decide.", err=True)


@click.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice(["csv", "tei", "ttl", "trig", "jsonld"]),
    help="csv, tei: the sources; ttl: the public view; trig, jsonld: all graphs.",
)
@click.option(
    "--into",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="A folder (csv, tei) or a file (also .gz) that is not there yet.",
)
def export(path: Path, form: Literal["csv", "tei", "ttl", "trig", "jsonld"], target: Path) -> None:
    """Write a publication as one of CSV and marked texts, or of TEI; or its release as one file of RDF.

    An export of sources is a publication again. It is read before it is written: it holds the same data, or nothing is written.
    """
    from fonds.release.exporting import OF_SOURCES, export_release, export_sources

    with told_to_people():
        if form in OF_SOURCES:
            export_sources(path, form, target, lambda words: click.echo(words, err=True))
        else:
            export_release(path, form, target)
        click.echo(str(target))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="Write into this new file [default: show it]."
)
def convert(file: Path, target: Path | None) -> None:
    """Write FILE, a marked text (.marked.txt), as TEI, or TEI (.xml) as a marked text.

    Every marked text can be written as TEI. What a marked text has no words for is refused, with its lines.
    """
    from fonds.sources.files import new_file
    from fonds.sources.marked.converting import converted

    with told_to_people():
        content = converted(file)
        if target is None:
            click.echo(content, nl=False)
        else:
            with new_file(target) as made:
                made.write(content)
            click.echo(str(target))
