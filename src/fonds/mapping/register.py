"""Identifiers that were given up, and what took their place (graph ``register``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fonds.mapping.common import Context
from fonds.mapping.description import Description, GraphBuilder, GraphKind
from fonds.mapping.provenance import table_provenance
from fonds.model import Reference
from fonds.vocabulary import DCTERMS, OWL, SKOS, XSD, text, typed


def describe_register(
    given_up: Mapping[Reference, tuple[Sequence[Reference], str]], context: Context
) -> Description:
    """State of each identifier that was given up that it was, why, and what took its place.

    Args:
        given_up: What has taken the place of each, at the end of all chains, and a note: the day and the reason.
        context: The publication's.
    """
    name = context.iris.graph("register")
    graph = GraphBuilder(name, GraphKind.REGISTER)
    for reference in sorted(given_up):
        survivors, note = given_up[reference]
        graph.add(
            context.thing(reference),
            (OWL.deprecated, typed("true", XSD.boolean)),
            (DCTERMS.isReplacedBy, [context.thing(each) for each in survivors]),
            (SKOS.changeNote, text(note) if note else None),
        )
    described = graph.graph()
    provenance = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    table_provenance(provenance, described, "register", context)
    return Description(name, (described, provenance.graph()))
