"""How commands tell people what went wrong."""

from __future__ import annotations

import click

from fonds.errors import BuildError, FondsError, SettingsError, SourceError

_FAULTS_SHOWN = 200


class told_to_people:  # noqa: N801  it reads as a phrase
    """Turns an error raised on purpose into lines for a person and exit status 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BuildError | SettingsError):
            for fault in error.faults[:_FAULTS_SHOWN]:
                click.echo(str(fault), err=True)
            more = len(error.faults) - _FAULTS_SHOWN
            tell_count(len(error.faults), f"… and {more} more. " if more > 0 else "")
            if isinstance(error, BuildError) and error.report:
                click.echo(f"The report: {error.report}", err=True)
            raise SystemExit(1) from error
        if isinstance(error, SourceError | FondsError):
            click.echo(f"fonds: {error}", err=True)
            raise SystemExit(1) from error


def tell_count(faults: int, before: str = "") -> None:
    """Tell how many faults there are, and that nothing was changed."""
    click.echo(f"{before}{faults} fault{'s' if faults != 1 else ''}; nothing was changed.", err=True)
