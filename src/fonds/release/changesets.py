"""What differs between two releases, as RDF: a change set for each thing, whose statements are there or are there no more.

The terms are those of the Changeset vocabulary and of PROV-O, as in the histories of things (``/history/…``).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fonds.lines import DEFAULT, split_quad
from fonds.release.comparing import changed_graphs, compare, counts, thing_of
from fonds.release.folder import Release
from fonds.release.history import CHANGESET, stated_otherwise
from fonds.vocabulary import DCTERMS, PROV, RDF, XSD, typed

_ACTIVITY = "https://www.w3.org/ns/activitystreams#"
_FATES = {"created": "Create", "changed": "Update", "withdrawn": "Delete"}


def change_sets(before: Release, now: Release) -> Iterator[bytes]:
    """Yield lines of N-Triples, in no order, none of them twice: what is stated of each thing no more, and what is now.

    Memory holds a few numbers for each thing that changed.

    Raises:
        ReleaseError: As :func:`fonds.release.comparing.changed_graphs` says.
    """
    base = now.manifest.base
    later, earlier = (NamedNode(f"{base}release/{each.manifest.name}") for each in (now, before))
    whole = f"{later.value}#since-{before.manifest.name}"
    comparison = compare(before, now)
    yield _line(later, RDF.type, NamedNode(f"{PROV.iri}Entity"))
    yield _line(later, NamedNode(f"{PROV.iri}wasRevisionOf"), earlier)
    for release, manifest in ((earlier, before.manifest), (later, now.manifest)):
        yield _line(release, NamedNode(f"{PROV.iri}generatedAtTime"), typed(manifest.issued, XSD.dateTime))
    names = {each.iri: _name(whole, each.iri) for each in comparison.things}
    for each in comparison.things:
        change = NamedNode(names[each.iri])
        yield _line(change, RDF.type, NamedNode(f"{CHANGESET}ChangeSet"))
        yield _line(change, RDF.type, NamedNode(_ACTIVITY + _FATES[each.fate]))
        yield _line(change, NamedNode(f"{CHANGESET}subjectOfChange"), NamedNode(each.iri))
        yield _line(change, DCTERMS.isPartOf, later)
    numbers: Counter[tuple[str, bool]] = Counter()
    for changed in changed_graphs(before, now):
        if not counts(changed.graph):
            continue
        for statement in changed.statements:
            thing = thing_of(statement.line, base)
            if thing is None:
                continue
            numbers[thing, statement.added] += 1
            yield from _statement(
                NamedNode(names[thing]),
                statement.line,
                numbers[thing, statement.added],
                added=statement.added,
            )


def _statement(change: NamedNode, line: bytes, number: int, *, added: bool) -> Iterator[bytes]:
    name, triple = split_quad(line)
    (stated,) = (quad.triple for quad in parse(triple, format=RdfFormat.N_TRIPLES))
    graph = NamedNode(name) if name != DEFAULT else None
    for each in stated_otherwise(change, stated, number, added=added, graph=graph):
        yield f"{each} .\n".encode()


def _name(whole: str, iri: str) -> str:
    return f"{whole}-{hashlib.sha256(iri.encode()).hexdigest()[:16]}"


def _line(subject: object, predicate: object, value: object) -> bytes:
    return f"{Triple(subject, predicate, value)} .\n".encode()  # type: ignore[arg-type]
