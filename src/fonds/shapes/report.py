"""The validation report: the warnings of a build as SHACL (SHACL 3), without blank nodes, the same for the same findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pyoxigraph
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple

from fonds.shapes.catalogue import NAMESPACE
from fonds.shapes.findings import Finding, Severity
from fonds.vocabulary import DCTERMS, RDF, XSD, text, typed

_SH = "http://www.w3.org/ns/shacl#"
_PREFIXES = {"sh": _SH, "shape": NAMESPACE, "dcterms": DCTERMS.iri, "xsd": XSD.iri}


def report_of(findings: Iterable[Finding], base: str) -> bytes:
    """Return the findings as a SHACL validation report in Turtle; equal findings are one.

    Where the source of a finding stands is its ``dcterms:source``, as ``path:line``.

    Args:
        findings: In any order.
        base: Under which the publication's identifiers stand; the report is ``{base}report``.
    """
    unique = sorted(set(findings), key=_sorting)
    conforms = not any(each.severity is Severity.VIOLATION for each in unique)
    report = NamedNode(f"{base}report")
    triples = [
        Triple(report, RDF.type, NamedNode(f"{_SH}ValidationReport")),
        Triple(report, NamedNode(f"{_SH}conforms"), typed(str(conforms).lower(), XSD.boolean)),
    ]
    for each in unique:
        result = NamedNode(f"{base}report/{each.shape}-{_key(each)}")
        triples.append(Triple(report, NamedNode(f"{_SH}result"), result))
        triples.extend(_result(result, each))
    return pyoxigraph.serialize(triples, format=RdfFormat.TURTLE, prefixes=_PREFIXES) or b""


def _sorting(finding: Finding) -> tuple[str, ...]:
    return (finding.shape, finding.focus, finding.path or "", finding.value or "", finding.message)


def _key(finding: Finding) -> str:
    return hashlib.sha256("\n".join(_sorting(finding)).encode()).hexdigest()[:12]


def _result(result: NamedNode, finding: Finding) -> Iterator[Triple]:
    yield Triple(result, RDF.type, NamedNode(f"{_SH}ValidationResult"))
    yield Triple(result, NamedNode(f"{_SH}focusNode"), NamedNode(finding.focus))
    yield Triple(result, NamedNode(f"{_SH}resultSeverity"), NamedNode(f"{_SH}{finding.severity}"))
    yield Triple(result, NamedNode(f"{_SH}sourceShape"), NamedNode(f"{NAMESPACE}{finding.shape}"))
    yield Triple(
        result, NamedNode(f"{_SH}resultMessage"), text(f"{finding.message}. {finding.mending}".strip(), "en")
    )
    if finding.path and _is_plain(finding.path):
        yield Triple(result, NamedNode(f"{_SH}resultPath"), NamedNode(finding.path[1:-1]))
    value = _term(finding.value)
    if value is not None:
        yield Triple(result, NamedNode(f"{_SH}value"), value)
    if finding.origin.path:
        yield Triple(result, DCTERMS.source, text(str(finding.origin)))


def _is_plain(path: str) -> bool:
    """Tell whether a path is one property; others would need blank nodes (SHACL 2.3.1)."""
    return path.startswith("<") and path.endswith(">") and path.count("<") == 1


def _term(value: str | None) -> NamedNode | Literal | None:
    if value is None or value.startswith("_:"):
        return None
    quad = next(iter(pyoxigraph.parse(f"<urn:s> <urn:p> {value} .", format=RdfFormat.N_TRIPLES)))
    return quad.object if isinstance(quad.object, NamedNode | Literal) else None
