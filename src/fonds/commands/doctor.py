"""The command that looks whether all is in order."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from fonds.commands import DEFAULT_HOST, DEFAULT_PORT
from fonds.commands.telling import told_to_people

_MARKS = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}


@click.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--host", default=DEFAULT_HOST, show_default=True, help="Address that the server is to listen on."
)
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port that it is to listen on.",
)
@click.option("--base", help="Address under which the identifiers stand [default: as the release says].")
@click.option(
    "--network/--no-network", default=True, help="Whether the base address and a store elsewhere are asked."
)
@click.option("--format", "format_", default="text", show_default=True, type=click.Choice(["text", "json"]))
def doctor(path: Path, host: str, port: int, base: str | None, format_: str, *, network: bool) -> None:
    """Look whether PATH, a publication or its releases, can be served on this machine, and say what to do where it cannot.

    Each line is ok, a warning (it works, and somebody should know), or a PROBLEM; with one of these, exit status is 1. Nothing is
    changed.
    """
    from fonds.doctor import Asked, Finding, examine

    found: list[Finding] = []
    with told_to_people():
        for each in examine(Asked(path=path, host=host, port=port, base=base, network=network)):
            found.append(each)
            if format_ == "text":
                click.echo(f"{_MARKS[each.level]}{each.name}: {each.found}")
                if each.advice:
                    click.echo(f"          {each.advice}")
    if format_ == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    if any(each.level == "problem" for each in found):
        raise SystemExit(1)
