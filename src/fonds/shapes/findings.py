"""Findings: what does not hold, of which thing, by which shape, and where its source stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fonds.errors import Fault
from fonds.model import Origin


class Severity(StrEnum):
    """How bad a finding is (SHACL 2.1.4): a violation stops the build, a warning is reported."""

    VIOLATION = "Violation"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not hold.

    Attributes:
        shape: The name of the shape, such as ``LabelLang``.
        severity: Whether it stops the build.
        focus: The IRI of the thing of which something does not hold (SHACL: focus node).
        message: What was found of it, a predicate to the thing as subject: ``has no label``.
        path: The property concerned, as a SPARQL path; None where it is none or several.
        value: The value concerned, in N-Triples syntax; None where there is none.
        mending: How to mend it.
        origin: Where the source of it stands; an empty path where that is not known.
    """

    shape: str
    severity: Severity
    focus: str
    message: str
    path: str | None = None
    value: str | None = None
    mending: str = ""
    origin: Origin = Origin("")

    @property
    def fault(self) -> Fault:
        """The finding as a fault of its source; of the thing itself where no source is known."""
        message = f"{self.focus} {self.message}. {self.mending} (shape {self.shape})"
        return Fault(self.origin.path or self.focus, self.origin.line, 0, message, self.origin.sheet)


def faults_of(findings: Iterable[Finding]) -> list[Fault]:
    """Return the findings that stop a build, as faults, sorted."""
    return sorted({each.fault for each in findings if each.severity is Severity.VIOLATION})
