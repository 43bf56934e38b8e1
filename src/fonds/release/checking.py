"""The shapes at work in a build: every description is held against them as it passes, the store when it is full."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from pyoxigraph import Store

from fonds.errors import BuildError
from fonds.mapping.common import Context
from fonds.mapping.description import Description, GraphKind
from fonds.model import Origin, Record
from fonds.release.environment import Asking, Environment
from fonds.release.mapped import check, words_of
from fonds.shapes import (
    Finding,
    Neighbours,
    Shapes,
    check_store,
    faults_of,
    report_of,
)
from fonds.shapes.findings import Severity
from fonds.sources.publication import Publication


@dataclass(slots=True)
class Checking:
    """What is known of a publication while it is checked, and what was found.

    Attributes:
        publication: What is built.
        context: What the mapping knows of it.
        shapes: What must hold.
        neighbours: What records need to know of the things that they name.
        origins: Where the sources of authorities and terms stand, by IRI.
        findings: What does not hold, so far.
    """

    publication: Publication
    context: Context
    shapes: Shapes
    neighbours: Neighbours
    origins: dict[str, Origin]
    findings: list[Finding] = field(default_factory=list)

    def checked(self, descriptions: Iterable[Description]) -> Iterator[Description]:
        """Pass descriptions on, each checked on its way.

        Raises:
            BuildError: After the last one, if anything found so far violates a shape; it carries every violation. Of files of
                which what is wrong stops nothing, violations are findings like others.
        """
        records = self.publication.records
        filed = {self.context.iris.record(each.key).value: each for each in records.filed}
        for description in descriptions:
            if any(graph.kind is GraphKind.DATA for graph in description.graphs):
                self.findings.extend(self._check_data(description))
            else:
                found = filed.get(description.subject.value)
                self.findings.extend(self._check(description, records.fetch(found) if found else None))
            yield description
        self._stop_at(self.findings)

    def check_store(self, store: Store) -> None:
        """Hold a finished store against the rules that need all of it.

        Raises:
            BuildError: It violates some.
        """
        records = {
            self.context.iris.record(each.key).value: each.origin for each in self.publication.records.filed
        }
        found = check_store(store, self.shapes, ChainMap(records, self.origins))
        self.findings.extend(found)
        self._stop_at(found)

    def _stop_at(self, findings: Iterable[Finding]) -> None:
        faults = faults_of(each for each in findings if each.origin.path not in self.publication.advised)
        if faults:
            raise BuildError(faults)

    def report(self) -> bytes:
        """Return the validation report of what was checked so far."""
        return report_of(self.findings, self.context.iris.base)

    def _check(self, description: Description, record: Record | None) -> list[Finding]:
        return check(
            description,
            record,
            shapes=self.shapes,
            context=self.context,
            neighbours=self.neighbours,
            origins=self.origins,
            words=words_of(record, self.publication.captures) if record else None,
            folder=self.publication.folder,
        )

    def _check_data(self, description: Description) -> list[Finding]:
        """Hold RDF that came as it is against the shapes, as advice: nothing in it stops a build.

        What holds of our own identifiers, labels and terms is not asked of others.
        """
        origin = self.origins.get(description.subject.value, Origin(""))
        if sum(len(graph.facts) for graph in description.graphs) > MOST_CHECKED_TRIPLES:
            return []
        return [
            replace(each, severity=Severity.WARNING, origin=each.origin if each.origin.path else origin)
            for each in self._check(description, None)
            if each.shape not in _OF_OURS
        ]


def begin_checking(publication: Publication, shapes: Shapes, environment: Environment) -> Checking:
    """Return a checking that has found nothing yet.

    Args:
        publication: What is built.
        shapes: What must hold.
        environment: What the things of the publication may ask of each other.
    """
    neighbours = Asking(environment).neighbours
    return Checking(publication, environment.context, shapes, neighbours, dict(environment.origins))


MOST_CHECKED_TRIPLES = 200_000
"""Graphs of RDF with more triples than this are not held against the shapes: the engine wants all of one in memory."""
_OF_OURS = frozenset({"UriPolicy", "LabelLang", "KnownTerm", "RecordCore", "TitleSource"})
