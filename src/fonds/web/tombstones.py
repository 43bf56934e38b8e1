"""Identifiers that were given up: 301 to what took their place, or 410 with a tombstone (RFC 9110 15.4.2, 15.5.11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from fonds.formats import DOCUMENT_FORMATS, HTML, Format
from fonds.vocabulary import DCTERMS, SKOS
from fonds.web.answers import Answer, Exchange
from fonds.web.representations import Shown, document_headers, negotiated, representations
from fonds.web.site import Site


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A thing whose identifier was given up.

    Attributes:
        it: The identifier.
        survivors: What took its place.
        notes: When and why.
        triples: All that the register says of it.
        part: What follows the identifier in the address, for a part of the thing; empty for the thing itself.
    """

    it: NamedNode
    survivors: tuple[NamedNode, ...]
    notes: tuple[str, ...]
    triples: tuple[Triple, ...]
    part: str = ""

    @property
    def moved(self) -> bool:
        """Whether one thing took its place, so that its address leads there."""
        return len(self.survivors) == 1


def given_up(site: Site, nodes: Iterable[NamedNode]) -> GivenUp | None:
    """Return what the register says of the first of these that it knows, or of what that is a part of; None for none."""
    if not site.is_publication:
        return None
    for node in nodes:
        match (site.addresses.iris.path(node.value) or "").split("/"):
            case ["id", kind, slug, *part]:
                whole = site.addresses.iris.thing(kind, slug)
                if found := _asked(site, whole, "/".join(part)):
                    return found
            case _:
                pass
    return None


def _asked(site: Site, it: NamedNode, part: str) -> GivenUp | None:
    rows = site.store.select("given-up", register=site.addresses.iris.graph("register"), iri=it)
    triples = [
        Triple(it, property_, row["value"])
        for row in rows
        if isinstance(property_ := row["property"], NamedNode)
    ]
    if not triples:
        return None
    survivors = [each.object for each in triples if each.predicate == DCTERMS.isReplacedBy]
    notes = [
        each.object.value
        for each in triples
        if each.predicate == SKOS.changeNote and isinstance(each.object, Literal)
    ]
    things = sorted((each for each in survivors if isinstance(each, NamedNode)), key=lambda each: each.value)
    return GivenUp(it, tuple(things), tuple(sorted(notes)), tuple(triples), part)


def successor(site: Site, gone: GivenUp) -> NamedNode:
    """Return what took the place of a thing; of a part of it, the same part, where there is one."""
    (survivor,) = gone.survivors
    if gone.part:
        part = NamedNode(f"{survivor.value}/{gone.part}")
        if site.descriptions.knows(part.value):
            return part
    return survivor


def tombstone(site: Site, exchange: Exchange, gone: GivenUp, ending: Format | None) -> Answer:
    """Return 410: that there was such a thing, when and why it was given up, and what took its place.

    Raises:
        Problem: 406, none of the formats that the client takes.
    """
    format_ = ending if ending in DOCUMENT_FORMATS else negotiated(exchange, DOCUMENT_FORMATS)
    lines = [f"{triple} .\n".encode() for triple in _in_order(gone.triples)]
    body = _page(site, exchange, gone) if format_ is HTML else site.written(lines, format_, first=gone.it)
    register = site.addresses.iris.graph("register")
    shown = Shown(gone.it.value, format_, DOCUMENT_FORMATS, ending, modified=site.modified(register.value))
    return Answer(410, document_headers(exchange, shown), body)


def _in_order(triples: Sequence[Triple]) -> list[Triple]:
    return sorted(triples, key=str)


def _page(site: Site, exchange: Exchange, gone: GivenUp) -> bytes:
    address = site.addresses.of_iri(gone.it.value)
    labels = [
        (
            site.addresses.of_iri(each.value),
            label.value if (label := site.labels.of(each.value)) else each.value,
        )
        for each in gone.survivors
    ]
    return site.page(
        "gone.html",
        exchange.path,
        exchange.query,
        iri=gone.it.value,
        notes=gone.notes,
        survivors=labels,
        history=site.history_of(gone.it),
        formats=representations(address, DOCUMENT_FORMATS[1:]),
        canonical=address,
    )
