"""How commands tell people how far they are, and what went wrong."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable

import click

from fonds.errors import BuildError, FondsError, SettingsError, SourceError
from fonds.progress import Progress

_FAULTS_SHOWN = 200


class told_to_people:  # noqa: N801  it reads as a phrase
    """Turns an error raised on purpose, and what the system refuses of a file, into lines for a person and exit status 1."""

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
        if isinstance(error, OSError) and error.filename:
            where = os.fspath(error.filename2 or error.filename)
            click.echo(f"fonds: {where}: {error.strerror}; correct that and run the command again", err=True)
            raise SystemExit(1) from error


def tell_count(faults: int, before: str = "") -> None:
    """Tell how many faults there are, and that nothing was changed."""
    click.echo(f"{before}{faults} fault{'s' if faults != 1 else ''}; nothing was changed.", err=True)


def progress_line() -> Progress:
    """Return what tells how far something is: one line that changes on a terminal, plain lines now and then in a log."""
    terminal = sys.stderr.isatty()
    width = shutil.get_terminal_size().columns
    pace = Pace(time.monotonic)
    last_stage, last_time = "", 0.0

    def tell(stage: str, done: int, total: int | None) -> None:
        nonlocal last_stage, last_time
        now = time.monotonic()
        how_fast = pace.of(stage, done, total)
        if stage == last_stage and done != total and now - last_time < (0.1 if terminal else 5.0):
            return
        last_stage, last_time = stage, now
        of = f" of {total:,}" if total is not None else ""
        line = f"{stage} {done:,}{of}{how_fast}" if (done, total) != (0, 0) else stage
        if terminal:
            click.echo("\r" + line[: width - 1].ljust(width - 1), err=True, nl=done == total)
        else:
            click.echo(line, err=True)

    return tell


class Pace:
    """How fast a stage goes, and how long it will take.

    Args:
        clock: Gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stage = ""
        self._since = 0.0
        self._first = 0

    def of(self, stage: str, done: int, total: int | None) -> str:
        """Return the rate of a stage and its remaining time in words, empty until they can be told.

        >>> clock = iter([0.0, 10.0]).__next__
        >>> pace = Pace(clock)
        >>> pace.of("mapping", 100, 1000), pace.of("mapping", 300, 1000)
        ('', ' (20/s, 35 s left)')
        """
        now = self._clock()
        if stage != self._stage:
            self._stage, self._since, self._first = stage, now, done
            return ""
        seconds, more = now - self._since, done - self._first
        if seconds < 1 or more < 1:
            return ""
        rate = more / seconds
        shown = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"
        if total is None or done >= total:
            return f" ({shown})"
        left = round((total - done) / rate)
        return f" ({shown}, {left // 60} min left)" if left >= 120 else f" ({shown}, {left} s left)"
