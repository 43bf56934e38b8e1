"""Commands that begin a publication, export it, and write one form of an edition as the other."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from fonds.commands.telling import progress_line, told_to_people


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
    type=click.Choice(["csv", "tei", "ttl", "trig", "jsonld", "cmif"]),
    help="csv, tei: the sources; ttl: the public view; trig, jsonld: all graphs; cmif: the letters, as an index.",
)
@click.option(
    "--into",
    "target",
    type=click.Path(path_type=Path),
    help="A folder (csv, tei) or a file (also .gz) that is not there yet.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="The whole site as plain files, into this folder: new, empty, or written by this before.",
)
@click.option(
    "--endpoint",
    default="",
    help="With --site: address of a SPARQL endpoint that has the same data, told on the page.",
)
def export(
    path: Path,
    form: Literal["csv", "tei", "ttl", "trig", "jsonld", "cmif"] | None,
    target: Path | None,
    site: Path | None,
    endpoint: str,
) -> None:
    """Write a publication as one of CSV and marked texts, or of TEI; its release as one file of RDF; or its site as plain files.

    An export of sources is a publication again. It is read before it is written: it holds the same data, or nothing is written.

    A site that is there already is renewed: only what changed is written. Configurations of Caddy and nginx stand in its folder .fonds.
    """
    from fonds.release.exporting import OF_SOURCES, export_release, export_sources
    from fonds.settings import ENDPOINT, is_endpoint

    if site is not None and (form or target):
        raise click.UsageError("--site stands alone, without --to and --into")
    if endpoint and site is None:
        raise click.UsageError("--endpoint belongs to --site")
    if endpoint and not is_endpoint(endpoint):
        raise click.UsageError(f"--endpoint: found {endpoint!r}, expected {ENDPOINT}")
    with told_to_people():
        if site is not None:
            _export_site(path, site, endpoint)
        elif form is None or target is None:
            raise click.UsageError("say what is wanted: --to and --into, or --site")
        elif form in OF_SOURCES:
            export_sources(path, form, target, lambda words: click.echo(words, err=True))
            click.echo(str(target))
        else:
            export_release(path, form, target)
            click.echo(str(target))


def _export_site(path: Path, site: Path, endpoint: str) -> None:
    from fonds.static.links import STATE
    from fonds.static.servers import CADDY, NGINX
    from fonds.static.writing import export_site

    done = export_site(path, site, endpoint=endpoint, progress=progress_line())
    click.echo(f"{done.files:,} files, {done.changed:,} of them written, {done.removed:,} removed.", err=True)
    if done.dead:
        shown = ", ".join(done.dead[:10])
        click.echo(
            f"Nothing is, on the living site either, where {len(done.dead)} links lead: {shown}", err=True
        )
    click.echo(f"For a web server: {site / STATE / CADDY}, {site / STATE / NGINX}", err=True)
    click.echo(str(site))


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
