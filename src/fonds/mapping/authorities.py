"""People, groups, places, events, works and holdings: names, what they are, and who they are elsewhere (graphs ``authority/…``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pyoxigraph import NamedNode

from fonds.identifiers import Kind
from fonds.isadg import levels
from fonds.mapping.common import Context, add_elsewhere, add_time_span, short_hash
from fonds.mapping.description import Description, GraphBuilder, GraphKind, NamedGraph
from fonds.mapping.dublin_core import as_date
from fonds.mapping.isadg import add_elements, add_named
from fonds.mapping.provenance import authority_provenance
from fonds.model import Authority, Match, Naming
from fonds.vocabulary import CRM, DCTERMS, FV, RDF, RDFS, RICO, RST, SKOS, XSD, text, typed

_FORMS = {
    ("event", "activity"): (CRM.E7_Activity,),
    ("work", "text"): (CRM.E33_Linguistic_Object,),
    ("group", "corporate body"): (CRM.E74_Group, RICO.CorporateBody),
}
_CLASSES = {
    "person": (CRM.E21_Person,),
    "group": (CRM.E74_Group,),
    "place": (CRM.E53_Place,),
    "event": (CRM.E5_Event,),
    "work": (CRM.E73_Information_Object,),
    "topic": (CRM.E28_Conceptual_Object, SKOS.Concept),
}


def describe_authority(authority: Authority, context: Context) -> Description:
    """Map an authority to its graph, and to its part of the provenance graph.

    What turned out to be the same thing stays what its own source says: each in a graph of its own.
    """
    it = context.thing(authority.reference)
    graph = GraphBuilder(context.iris.graph("authority", *authority.reference), GraphKind.AUTHORITY)
    _add_facts(graph, it, authority, RDFS.label, context)
    graph.add(it, (DCTERMS.replaces, [context.thing(each.reference) for each in authority.merged]))
    graphs = [
        (authority, graph.graph()),
        *_words(it, authority, context),
        *_merged_graphs(it, authority, context),
    ]
    provenance = GraphBuilder(context.iris.graph("prov"), GraphKind.PROVENANCE)
    for each, described in graphs:
        authority_provenance(provenance, described, each, context)
    return Description(it, (*(described for _, described in graphs), provenance.graph()))


def _words(it: NamedNode, authority: Authority, context: Context) -> Iterator[tuple[Authority, NamedGraph]]:
    """Yield the words of a work of which no record is made, in a graph with their own rights."""
    if not authority.words:
        return
    words = GraphBuilder(context.iris.graph("authority", *authority.reference, "text"), GraphKind.TEXT)
    words.add(words.name, (DCTERMS.rights, text(authority.rights or context.rights, "en")))
    words.add(it, (CRM.P190_has_symbolic_content, text(authority.words, authority.language)))
    yield authority, words.graph()


def _merged_graphs(
    it: NamedNode, authority: Authority, context: Context
) -> Iterator[tuple[Authority, NamedGraph]]:
    """Yield what other sources say of a thing, under identifiers that were given up for its own."""
    stated = {match.iri for match in authority.matches}
    for each in authority.merged:
        graph = GraphBuilder(context.iris.graph("merged", *each.reference), GraphKind.MERGED)
        matches = tuple(match for match in each.matches if match.iri not in stated)
        _add_facts(
            graph,
            it,
            replace(each, matches=matches),
            SKOS.altLabel,
            context,
            f"-{short_hash(str(each.reference))}",
        )
        stated |= {match.iri for match in matches}
        yield each, graph.graph()


def _add_facts(
    graph: GraphBuilder,
    it: NamedNode,
    authority: Authority,
    naming: NamedNode,
    context: Context,
    suffix: str = "",
) -> None:
    """State what a source says of a thing.

    Args:
        graph: Where it is stated.
        it: The thing.
        authority: What the source says.
        naming: The property of the names that the source prefers.
        context: The publication's.
        suffix: The end of the identifiers of its parts, where more than one source speaks of it.
    """
    graph.add(
        it,
        (RDF.type, classes(authority)),
        (naming, [text(label.text, label.language) for label in authority.labels]),
        (SKOS.altLabel, [text(name.text, name.language) for name in authority.other_names]),
        (CRM.P2_has_type, [context.type(key) for key in authority.types]),
        (CRM.P2_has_type, None if authority.identified else context.type("unidentified")),
        (
            DCTERMS.description,
            text(authority.definition, authority.language) if authority.definition else None,
        ),
        (DCTERMS.description, [text(each.text, each.language) for each in authority.translations]),
        (DCTERMS.creator, [context.thing(creator) for creator in authority.creators]),
    )
    _add_whole(graph, it, authority, context)
    if authority.reference.kind == Kind.HOLDING:
        _add_holding(graph, it, authority, context)
    add_elements(graph, it, authority.elements, context)
    add_named(graph, it, authority.named, context)
    if authority.coordinates:
        latitude, longitude = authority.coordinates
        point = typed(f"POINT({longitude} {latitude})", GEO_WKT)
        graph.add(it, (CRM.P168_place_is_defined_by, point))
    for each in authority.elsewhere:
        add_elsewhere(graph, it, each, context)
    _add_life(graph, it, authority, suffix, context)
    add_matches(graph, it, authority, context)


def _add_life(
    graph: GraphBuilder, it: NamedNode, authority: Authority, suffix: str, context: Context
) -> None:
    """State when and where somebody was born and died, or when something was: in the words of the list, with bounds where it
    gives a date.
    """
    for each in authority.life:
        event = NamedNode(f"{it.value}/{each.event}{suffix}")
        span = NamedNode(f"{it.value}/ts-{each.event}{suffix}")
        if each.event == "time":
            graph.add(it, (CRM.P4_has_time_span, span))
        else:
            born = each.event == "birth"
            graph.add(it, (CRM.P98i_was_born if born else CRM.P100i_died_in, event))
            graph.add(
                event,
                (RDF.type, CRM.E67_Birth if born else CRM.E69_Death),
                (RDFS.label, text(f"{'Birth' if born else 'Death'} of {authority.label}", "en")),
                (CRM.P98_brought_into_life if born else CRM.P100_was_death_of, it),
                (CRM.P4_has_time_span, span if each.when or each.form else None),
                (CRM.P7_took_place_at, _place_of(graph, event, each.place, context) if each.place else None),
            )
        if each.when:
            add_time_span(graph, span, replace(each.when, form=each.form), authority.language)
        elif each.form:
            graph.add(span, (RDF.type, CRM.E52_Time_Span), (RDFS.label, text(each.form)))


def _place_of(graph: GraphBuilder, event: NamedNode, place: Naming, context: Context) -> NamedNode:
    """Return where a birth or a death was; a place that nothing here lists is described within it."""
    if place.target:
        return context.thing(place.target)
    node = NamedNode(f"{event.value}-place")
    graph.add(
        node,
        (RDF.type, CRM.E53_Place),
        (RDFS.label, text(place.form)),
        (CRM.P2_has_type, None if place.elsewhere else context.type("unidentified")),
    )
    if place.elsewhere:
        add_elsewhere(graph, node, place.elsewhere, context)
    return node


GEO_WKT = NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")


def classes(authority: Authority) -> list[NamedNode]:
    """Return what an authority is. A file of an archive is an object, what contains it a holding (CRM 7.1.3, E78, E22)."""
    kind = authority.reference.kind
    if kind == Kind.HOLDING:
        level = levels().get(authority.level)
        is_file = level is not None and level.form == "file"
        return [CRM.E22_Human_Made_Object if is_file else CRM.E78_Curated_Holding, RICO.RecordSet]
    return list(_FORMS.get((kind, authority.form), _CLASSES[kind]))


def _add_whole(graph: GraphBuilder, it: NamedNode, authority: Authority, context: Context) -> None:
    if authority.broader is None:
        return
    whole = context.thing(authority.broader)
    part_of = {
        Kind.GROUP: CRM.P107i_is_current_or_former_member_of,
        Kind.PLACE: CRM.P89_falls_within,
        Kind.WORK: CRM.P106i_forms_part_of,
        Kind.EVENT: CRM.P9i_forms_part_of,
        Kind.HOLDING: CRM.P46i_forms_part_of,
        Kind.TOPIC: SKOS.broader,
    }
    graph.add(it, (part_of[Kind(authority.reference.kind)], whole))
    if authority.reference.kind == Kind.WORK:
        graph.add(whole, (CRM.P106_is_composed_of, it))


def _add_holding(graph: GraphBuilder, it: NamedNode, authority: Authority, context: Context) -> None:
    level = levels().get(authority.level)
    graph.add(
        it,
        (RICO.hasRecordSetType, RST[level.record_set_type] if level and level.record_set_type else None),
        (
            CRM.P2_has_type,
            context.type(f"level-{level.key}") if level and not level.record_set_type else None,
        ),
        (DCTERMS.date, as_date(authority.created)),
        (DCTERMS.subject, [context.thing(each) for each in authority.subjects]),
        (DCTERMS.language, [code for each in authority.languages if (code := context.iso_language(each))]),
        (RICO.identifier, text(authority.code) if authority.code else None),
        (RICO.hasOrHadHolder, context.thing(authority.keeper) if authority.keeper else None),
    )
    if authority.broader:
        graph.add(
            context.thing(authority.broader), (CRM.P46_is_composed_of, it), (RICO.includesOrIncluded, it)
        )


def add_matches(graph: GraphBuilder, it: NamedNode, authority: Authority, context: Context) -> None:
    """State the accepted identifiers elsewhere, each with its ground, source and day; candidates are left out."""
    for match in authority.matches:
        if match.accepted_by and authority.identified:
            _add_match(graph, it, match, authority.language, context)


def _add_match(graph: GraphBuilder, it: NamedNode, match: Match, language: str, context: Context) -> None:
    other = NamedNode(match.iri)
    node = NamedNode(f"{it.value}/match-{short_hash(match.iri)}")
    graph.add(it, (SKOS.exactMatch, other))
    graph.add(
        node,
        (RDF.type, CRM.E13_Attribute_Assignment),
        (RDFS.label, text("Identification with an entry elsewhere", "en")),
        (CRM.P2_has_type, context.type("identity-match")),
        (CRM.P14_carried_out_by, context.project),
        (CRM.P140_assigned_attribute_to, it),
        (CRM.P141_assigned, other),
        (FV.ground, text(match.ground, language)),
        (DCTERMS.source, text(match.source)),
        (FV.checked, typed(match.checked, XSD.date)),
    )
