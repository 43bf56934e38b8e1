"""Where the log goes, and what is in it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TextIO

import msgspec

from fonds.web.operations.journal import Journal, LogHandler
from fonds.web.operations.writing import Writer

_LOGGERS = ("fonds", "uvicorn", "asyncio", "py.warnings")


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What whoever starts a server says of its log.

    Attributes:
        format: Of its lines; None: text in a terminal, else JSON.
        level: A name of :data:`fonds.web.operations.journal.LEVELS`; None: warnings in a terminal, else every request.
        to: Where it goes.
        clients: How much of the address of who asks stands in it.
        queries: Whether the words of queries stand in it.
    """

    format: Literal["json", "text"] | None = None
    level: str | None = None
    to: Literal["stderr", "stdout"] = "stderr"
    clients: Literal["none", "network", "address"] = "none"
    queries: bool = False


@contextmanager
def journal_of(options: LogOptions | None) -> Iterator[Journal]:
    """Open the log until the block ends; what the program and its libraries have to say goes there, too.

    Args:
        options: None: there is none, only numbers.
    """
    stream: TextIO | None = None
    if options is not None and options.level != "off":
        stream = sys.stdout if options.to == "stdout" else sys.stderr
    # A standard stream that was closed is none: its number may come to be that of a file of ours.
    descriptor = _descriptor_of(stream)
    if stream is None or options is None or descriptor is None:
        yield Journal()
        return
    terminal = stream.isatty()
    format_ = options.format or ("text" if terminal else "json")
    stream.flush()
    writer = Writer(descriptor, _left_out if format_ == "json" else _left_out_in_text)
    journal = Journal(
        writer,
        format_,
        options.level or ("warning" if terminal else "info"),
        options.clients,
        queries=options.queries,
    )
    handler = LogHandler(journal)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [each.propagate for each in loggers]
    for each in loggers:
        each.addHandler(handler)
        each.propagate = False
    try:
        yield journal
    finally:
        for each, propagate in zip(loggers, before, strict=True):
            each.removeHandler(handler)
            each.propagate = propagate
        writer.close()


def _descriptor_of(stream: TextIO | None) -> int | None:
    try:
        return stream.fileno() if stream is not None else None
    except (OSError, ValueError):  # It is no file, as in a notebook, or it was closed.
        return None


def _left_out(count: int) -> bytes:
    return msgspec.json.encode({"level": "warning", "message": _words(count), "left_out": count}) + b"\n"


def _left_out_in_text(count: int) -> bytes:
    return f"warning {_words(count)}\n".encode()


def _words(count: int) -> str:
    return f"{count} lines of the log were left out: they could not be written fast enough, or not at all"
