"""Descriptions and graphs in the syntaxes of RDF, straight from their lines."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import RdfFormat, parse, serialize

from fonds.errors import FondsError, FormatError
from fonds.formats import JSONLD, NQUADS, NTRIPLES, RDF_FORMATS, RDFXML, TRIG, TURTLE, Format
from fonds.lines import split_quad, triples_of
from fonds.store import worker
from fonds.turtle import TurtleWriter
from fonds.views.jsonld import Context, compact_lines


def written(
    lines: Sequence[bytes],
    format: Format,
    writer: TurtleWriter,
    context: Context,
    *,
    first: str | None = None,
    named: bool = True,
) -> bytes:
    """Return statements in an RDF syntax; those for one graph hold each triple once.

    Args:
        lines: Of canonical N-Quads, those of one subject together.
        format: One of the RDF formats.
        writer: Writes Turtle and TriG.
        context: How JSON-LD is written.
        first: The IRI of the thing that they are about, if it is one thing.
        named: Whether any stands in a named graph.

    Raises:
        FormatError: The format cannot carry them, or is no RDF syntax; the text says why.
    """
    if format is TURTLE:
        return writer.turtle(triples_of(lines) if named else lines)
    if format is NTRIPLES:
        return b"".join(triples_of(lines) if named else lines)
    if format is NQUADS:
        return b"".join(_by_graph(lines))
    if format is TRIG:
        return writer.trig(lines)
    try:
        if format is JSONLD:
            return compact_lines(triples_of(lines) if named else lines, context, first=first)
        if format is RDFXML:
            return _rdfxml(triples_of(lines))
    except (FondsError, worker.Unfit) as error:
        raise FormatError(str(error)) from error
    carry = ", ".join(each.name for each in RDF_FORMATS)
    raise FormatError(f"{format.name} cannot carry a graph; {carry} can.")


def _by_graph(lines: Sequence[bytes]) -> list[bytes]:
    graphs = [(split_quad(line)[0], place) for place, line in enumerate(lines)]
    return [lines[place] for _, place in sorted(graphs)]


def _rdfxml(triples: Sequence[bytes]) -> bytes:
    parsed = [quad.triple for quad in parse(b"".join(triples), format=RdfFormat.N_TRIPLES)]
    return worker.for_xml(serialize(worker.fit_for_xml(parsed), format=RdfFormat.RDF_XML) or b"")
