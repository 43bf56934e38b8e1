"""What can go wrong on purpose: every error that fonds raises itself, and the fault, which is one finding in a source.

::

    FondsError
    ├── SettingsError            fonds.toml cannot be used
    ├── SourceError              one fault in one source file
    ├── BuildError               a build found faults; it carries all of them
    ├── ReleaseError             a release is missing, half made or changed
    ├── SearchError              what is searched for is longer than the limit
    ├── ParameterError           what was put into a stored query is not what it takes
    └── StoreError               a query could not be answered
        ├── QuerySyntaxError     it is not SPARQL (line, column)
        ├── QueryForbidden       an update, SERVICE or LOAD
        │   └── ServiceForbidden SERVICE, or one that asks whom it may not ask
        ├── QueryTooLong         more text than the limit
        ├── QueryTooComplex      the engine gave up on it
        ├── QueryLimitPassed     time, memory, rows or bytes ran out
        ├── FormatError          the format cannot carry the answer
        ├── ServiceFailed        another endpoint, asked by SERVICE, gave no answer
        ├── RemoteFailed         the store is an endpoint elsewhere, and its answer cannot be used
        ├── StoreBusy            too many queries at once; come again
        │   └── ClientBusy       too many of one client
        └── StoreUnavailable     the store itself does not answer
            └── StoreUnreadable  its files, or its workers, are out of order
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a source: where it stands, what was found, what is expected.

    Attributes:
        path: The file, as a person would type it.
        line: 1-based line, or 0 where the file as a whole is meant.
        column: 1-based column, or 0 where it is not known.
        message: One sentence: what was found, what is expected.
        sheet: For a workbook, the sheet in which it stands; line and column are then its row and column.
        cell: For a table, the column in which it stands as a spreadsheet shows it: its letters and its name; empty where none is
            meant.
    """

    path: str
    line: int
    column: int
    message: str
    sheet: str = ""
    cell: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return ``path:line:column: message`` without the parts that are not known.

        >>> str(Fault("persons.xlsx", 7, 3, "is empty", "Persons"))
        'persons.xlsx, sheet "Persons", row 7, column C: is empty'
        """
        where = self.path
        if self.sheet:
            where += f', sheet "{self.sheet}"'
            where += f", row {self.line}" if self.line else ""
            where += f", column {column_letters(self.column)}" if self.column else ""
            return f"{where}: {self.message}"
        if self.line:
            where += f":{self.line}"
            if self.column:
                where += f":{self.column}"
        return f"{where}: {self.message}"


def column_letters(number: int) -> str:
    """Return the letters by which a spreadsheet names a column.

    >>> [column_letters(each) for each in (1, 26, 27, 703)]
    ['A', 'Z', 'AA', 'AAA']
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class FondsError(Exception):
    """An error raised on purpose; its text is for a person."""


class SettingsError(FondsError):
    """The settings cannot be used as they stand.

    Attributes:
        faults: Every fault found in the settings.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class SearchError(FondsError):
    """A search that is not made; the text says why."""


class ParameterError(FondsError):
    """What was put into a stored query is not what it takes.

    Attributes:
        parameter: Its name.
        expected: What the parameter takes, as the query declares it; empty where it is missing.
    """

    def __init__(self, message: str, *, parameter: str, expected: str = "") -> None:
        self.parameter = parameter
        self.expected = expected
        super().__init__(message)


class SourceError(FondsError):
    """One fault in one source file.

    Attributes:
        fault: Where it is and what is wrong.
    """

    def __init__(self, path: str, message: str, *, line: int = 0, column: int = 0) -> None:
        self.fault = Fault(path, line, column, message)
        super().__init__(str(self.fault))


class BuildError(FondsError):
    """A build stopped; the current release stays.

    Attributes:
        faults: Every fault of the run, by file, line and column.
        report: The page on all that was found; None where none was written.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        self.report: Path | None = None
        super().__init__("\n".join(map(str, self.faults)))


class ReleaseError(FondsError):
    """A release is missing, half made, or not the one that was built."""


class StoreError(FondsError):
    """A query could not be answered."""


class QuerySyntaxError(StoreError):
    """The text is not a SPARQL query.

    Attributes:
        line: 1-based line of the fault, 0 if the engine does not say.
        column: 1-based column of the fault, 0 if the engine does not say.
    """

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        self.line = line
        self.column = column
        super().__init__(message)


class QueryForbidden(StoreError):
    """The query asks for what a public endpoint does not do: updates, SERVICE, LOAD."""


class ServiceForbidden(QueryForbidden):
    """The query asks another endpoint, and may not, or not that one."""


class QueryTooLong(StoreError):
    """The query's text passes the limit.

    Attributes:
        limit_bytes: The most that is accepted.
    """

    def __init__(self, message: str, *, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        super().__init__(message)


class QueryTooComplex(StoreError):
    """The engine broke on the query; its worker was replaced."""


class QueryLimitPassed(StoreError):
    """The query used up a limit.

    Attributes:
        limit: The setting's name, such as ``query_seconds``.
        value: Its value, with the unit that the name says.
    """

    def __init__(self, message: str, *, limit: str, value: float) -> None:
        self.limit = limit
        self.value = value
        super().__init__(message)


class FormatError(StoreError):
    """The format cannot carry the answer: rows in Turtle, a control character in XML; another format can."""


class ServiceFailed(StoreError):
    """Another endpoint, which the query asks by SERVICE, gave no answer that can be used.

    Attributes:
        target: Its address.
        late: Whether it took too long.
    """

    def __init__(self, message: str, *, target: str, late: bool = False) -> None:
        self.target = target
        self.late = late
        super().__init__(message)


class RemoteFailed(StoreError):
    """The store is an endpoint elsewhere, and it gave no answer that can be used: an error, half an answer, none in time.

    Attributes:
        late: Whether it took too long.
    """

    def __init__(self, message: str, *, late: bool = False) -> None:
        self.late = late
        super().__init__(message)


class StoreBusy(StoreError):
    """Too many queries run or wait already.

    Attributes:
        limit: The setting's name, such as ``queued_queries``; empty where it is none of these.
        value: Its value.
        retry_after_seconds: When to come again.
    """

    def __init__(
        self, message: str, *, limit: str = "", value: int = 0, retry_after_seconds: int = 5
    ) -> None:
        self.limit = limit
        self.value = value
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class ClientBusy(StoreBusy):
    """One client has too many queries that run or wait."""


class StoreUnavailable(StoreError):
    """The store does not answer at all."""


class StoreUnreadable(StoreUnavailable):
    """Its files cannot be read, or its workers do not live: the text says where and why, for the log and not for the public."""
