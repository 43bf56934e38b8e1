"""The same facts in Dublin Core terms, beside CIDOC CRM on every record (graph ``record/{key}``)."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from fonds.mapping.common import Context, day, subtag
from fonds.mapping.crm import bearer_of_words, original_languages
from fonds.mapping.description import GraphBuilder
from fonds.model import Dated, Record
from fonds.vocabulary import DCMITYPE, DCTERMS, RDF, RDFS, SCHEMA, XSD, text, typed


def add_dublin_core(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State title, creator, date, language, parts and versions of the record."""
    it = context.iris.record(record.key)
    creators = [context.thing(each) for each in record.creators]
    graph.add(
        it,
        (DCTERMS.title, text(record.title.text, record.title.language)),
        (DCTERMS.creator, creators),
        (DCTERMS.date, as_date(record.created)),
        (DCTERMS.created, as_date(record.created)),
        (DCTERMS.type, [DCMITYPE.Text, *(context.type(key) for key in record.types)]),
        (
            DCTERMS.language,
            [code for each in original_languages(record) if (code := context.iso_language(each))],
        ),
        (DCTERMS.isPartOf, [context.thing(work) for work in record.part_of]),
        (DCTERMS.identifier, [text(each.value) for each in record.identifiers if each.bearer == "text"]),
        (DCTERMS.subject, [context.thing(each) for each in record.subjects]),
        (DCTERMS.isReferencedBy, [context.thing(work) for work in record.referred_to_by]),
        (DCTERMS.hasPart, parts(record, context)),
        (SCHEMA.mentions, sorted(_mentioned(record, context), key=str)),
    )
    _add_custody(graph, record, context)
    _add_versions(graph, record, context)


def as_date(dated: Dated | None) -> Literal | None:
    """Return a date as precisely as it is known: xsd:date, xsd:gYearMonth or xsd:gYear; anything else as EDTF words."""
    if dated is None:
        return None
    plain = dated.date.plain
    if plain is None:
        return text(dated.date.edtf or dated.form)
    if plain.count("-") - plain.startswith("-") == 2 and dated.date.earliest:
        return day(dated.date.earliest)
    return typed(plain, XSD.gYear if len(plain.lstrip("-")) == 4 else XSD.gYearMonth)


def parts(record: Record, context: Context) -> list[NamedNode]:
    """Return the parts of the record: paragraphs, other blocks, notes, stamps, signatures."""
    names = dict.fromkeys(
        [*(block.name for block in record.text.blocks), *(note.name for note in record.text.notes)]
    )
    return [context.iris.record(record.key, name) for name in names]


def _mentioned(record: Record, context: Context) -> set[NamedNode]:
    return {context.thing(each.target) for each in record.text.mentions if each.target}


def _add_custody(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the archive's reference as a statement of provenance."""
    if record.shelfmark is None:
        return
    note = context.iris.record(record.key, "custody-note")
    graph.add(context.iris.record(record.key), (DCTERMS.provenance, note))
    graph.add(note, (RDF.type, DCTERMS.ProvenanceStatement), (RDFS.label, text(record.shelfmark)))


def _add_versions(graph: GraphBuilder, record: Record, context: Context) -> None:
    it = context.iris.record(record.key)
    for version in record.versions:
        if version.role == "original":
            continue
        translation = context.iris.record(record.key, subtag(version.language))
        graph.add(it, (DCTERMS.hasVersion, translation))
        graph.add(
            translation,
            (DCTERMS.isVersionOf, it),
            (DCTERMS.language, context.iso_language(version.language)),
            (DCTERMS.contributor, context.thing(version.translator) if version.translator else None),
        )
    publication = record.publication
    if publication and publication.publisher:
        graph.add(bearer_of_words(record, context), (DCTERMS.publisher, context.thing(publication.publisher)))
