"""What the document and its page say of themselves, in CIDOC CRM (graph ``record/{key}``)."""

from __future__ import annotations

from dataclasses import replace

from pyoxigraph import Literal, NamedNode

from fonds.identifiers import Kind
from fonds.mapping.common import Context, add_time_span, certainty, short_hash, subtag
from fonds.mapping.description import GraphBuilder
from fonds.model import (
    Block,
    Capture,
    Certainty,
    Dated,
    DocumentedEvent,
    Identifier,
    Mention,
    Note,
    Record,
    Reference,
    Span,
    Version,
)
from fonds.quotation import quoted
from fonds.vocabulary import CRM, CRMDIG, DCTERMS, FV, LRMOO, OA, PROV, RDF, RDFS, RICO, XSD, text, typed


def add_text(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the text as such: what it is, in which language, how it is numbered and titled, what it is part of."""
    it = context.iris.record(record.key)
    graph.add(
        it,
        (RDF.type, [CRM.E33_Linguistic_Object, CRM.E31_Document, LRMOO.F2_Expression, RICO.Record]),
        (RDFS.label, text(record.label.text, record.label.language)),
        (CRM.P2_has_type, [context.type(key) for key in record.types]),
        (CRM.P72_has_language, [context.language(each) for each in original_languages(record)]),
        (CRM.P102_has_title, add_title(graph, record, context)),
        (CRM.P1_is_identified_by, add_identifiers(graph, record, context, "text")),
        (RICO.identifier, [text(each.value) for each in record.identifiers if each.type == "reference-code"]),
        (CRM.P106i_forms_part_of, [context.thing(work) for work in record.part_of]),
        (CRM.P70_documents, [context.thing(documented.event) for documented in record.documents]),
        (CRM.P67i_is_referred_to_by, [context.thing(work) for work in record.referred_to_by]),
    )
    for work in record.part_of:
        graph.add(context.thing(work), (CRM.P106_is_composed_of, it))
    add_creation(graph, record, context)


def original_languages(record: Record) -> list[str]:
    """Return the languages in which the record was written; none where nothing says it: undetermined is no language."""
    languages = [version.language for version in record.versions if version.role == "original"]
    held = [record.text.language] if record.text.blocks else []
    return [each for each in languages or held if each not in ("", "und")]


def held_version(record: Record) -> Version | None:
    """Return the version whose words are held, None where that is the original itself."""
    held = next((each for each in record.versions if each.held), None)
    return held if held and held.role != "original" else None


def bearer_of_words(record: Record, context: Context) -> NamedNode:
    """Return the expression whose words the publication holds: a translation, or the record itself."""
    version = held_version(record)
    return (
        context.iris.record(record.key, subtag(version.language))
        if version
        else context.iris.record(record.key)
    )


def add_title(graph: GraphBuilder, record: Record, context: Context) -> NamedNode:
    """State the title, and where it was taken from."""
    title = context.iris.record(record.key, "title")
    graph.add(
        title,
        (RDF.type, CRM.E35_Title),
        (RDFS.label, text(record.title.text, record.title.language)),
        (CRM.P2_has_type, context.type(record.title_source)),
        (CRM.P72_has_language, context.language(record.title.language) if record.title.language else None),
        (CRM.P190_has_symbolic_content, text(record.title.text)),
    )
    return title


def add_identifiers(graph: GraphBuilder, record: Record, context: Context, bearer: str) -> list[NamedNode]:
    """State the numbers that the text, or the paper, bears."""
    return [
        add_identifier(graph, context.iris.record(record.key, each.name), each, context)
        for each in record.identifiers
        if each.bearer == bearer
    ]


def add_identifier(
    graph: GraphBuilder, node: NamedNode, identifier: Identifier, context: Context
) -> NamedNode:
    """State one number."""
    graph.add(
        node,
        (RDF.type, CRM.E42_Identifier),
        (RDFS.label, text(identifier.value)),
        (CRM.P2_has_type, context.type(identifier.type)),
        (CRM.P190_has_symbolic_content, text(identifier.value)),
        (FV.certainty, certainty(identifier.certainty)),
    )
    return node


def add_creation(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State that somebody wrote it, and when."""
    it, writing = context.iris.record(record.key), context.iris.record(record.key, "writing")
    graph.add(
        writing,
        (RDF.type, [CRM.E65_Creation, LRMOO.F28_Expression_Creation]),
        (RDFS.label, text("Writing of the record", "en")),
        (CRM.P14_carried_out_by, [context.thing(each) for each in record.creators]),
        (CRM.P94_has_created, it),
        (CRM.P4_has_time_span, _date_of_document(graph, record, context)),
    )
    graph.add(
        it,
        (CRM.P94i_was_created_by, writing),
        (RICO.hasAuthor, [context.thing(each) for each in record.creators]),
    )


def _date_of_document(graph: GraphBuilder, record: Record, context: Context) -> NamedNode | None:
    return _time_span(graph, record, record.created, context)


def add_object(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the paper: its shelfmark, its copy number, its place in the archive, its keeper, its making.

    P49, not P50: a citation does not say who keeps it now.
    """
    it, paper = context.iris.record(record.key), context.iris.record(record.key, "object")
    making, shelfmark = (
        context.iris.record(record.key, "making"),
        context.iris.record(record.key, "shelfmark"),
    )
    copy = next((each.value for each in record.identifiers if each.bearer == "object"), "The paper")
    holding = context.thing(record.holding) if record.holding else None
    graph.add(
        paper,
        (RDF.type, [CRM.E22_Human_Made_Object, RICO.Instantiation]),
        (RDFS.label, text(f"{copy} of: {record.label.text}", record.label.language)),
        (
            CRM.P128_carries,
            [it, *(context.iris.record(record.key, note.name) for note in notes_on_paper(record))],
        ),
        (CRM.P46i_forms_part_of, holding),
        (DCTERMS.isPartOf, holding),
        (CRM.P1_is_identified_by, add_identifiers(graph, record, context, "object")),
        (CRM.P49_has_former_or_current_keeper, context.thing(record.keeper) if record.keeper else None),
        (CRM.P108i_was_produced_by, making),
        (RICO.isOrWasInstantiationOf, it),
    )
    graph.add(it, (CRM.P128i_is_carried_by, paper))
    if record.shelfmark:
        mark = Identifier(name="shelfmark", type="call-number", value=record.shelfmark, bearer="object")
        graph.add(paper, (CRM.P1_is_identified_by, add_identifier(graph, shelfmark, mark, context)))
    graph.add(
        making,
        (RDF.type, CRM.E12_Production),
        (RDFS.label, text("Making of the paper", "en")),
        (CRM.P108_has_produced, paper),
        (CRM.P4_has_time_span, _date_of_document(graph, record, context)),
    )
    if holding:
        graph.add(holding, (RICO.includesOrIncluded, it))


def notes_on_paper(record: Record) -> list[Note]:
    """Return the notes, stamps and signatures that the paper carries: all but those of an editor or translator."""
    return [note for note in record.text.notes if note.type not in EDITORIAL_NOTES]


EDITORIAL_NOTES = frozenset({"editorial-note", "footnote", "source-note"})
"""Types of note that belong to an edition, not to the paper."""


def add_versions(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the translations: whose they are, of what, and from which note a version is known that is not held.

    P94 makes a new expression, P73 relates two texts: both are needed.
    """
    it = context.iris.record(record.key)
    for version in record.versions:
        if version.role == "original":
            continue
        translation = context.iris.record(record.key, subtag(version.language))
        evidence = context.iris.record(record.key, version.evidence) if version.evidence else None
        graph.add(it, (CRM.P73_has_translation, translation))
        graph.add(
            translation,
            (RDF.type, [CRM.E33_Linguistic_Object, LRMOO.F2_Expression]),
            (
                RDFS.label,
                text(f"Translation ({version.language}) of: {record.label.text}", record.label.language),
            ),
            (CRM.P72_has_language, context.language(version.language)),
            (CRM.P73i_is_translation_of, it),
            (LRMOO.R76_is_derivative_of, it),
            (CRM.P2_has_type, None if version.held else context.type("version-not-held")),
            (CRM.P67i_is_referred_to_by, evidence),
        )
        if version.translator or version.held:
            _add_translating(graph, record, version, context)


def _add_translating(graph: GraphBuilder, record: Record, version: Version, context: Context) -> None:
    it = context.iris.record(record.key)
    translation = context.iris.record(record.key, subtag(version.language))
    # The first translation keeps the short name; identifiers are never renamed when a second one is found.
    translating = context.iris.record(
        record.key, "translating" if version.held else f"translating-{subtag(version.language)}"
    )
    graph.add(
        translating,
        (RDF.type, [CRM.E65_Creation, LRMOO.F28_Expression_Creation]),
        (RDFS.label, text(f"Translating into {version.language}", "en")),
        (CRM.P2_has_type, context.type("translating")),
        (CRM.P16_used_specific_object, it),
        (CRM.P94_has_created, translation),
        (LRMOO.R17_created, translation),
        (FV.on_behalf_of, context.thing(version.on_behalf_of) if version.on_behalf_of else None),
    )
    if version.translator:
        _add_part(graph, record, translating, version.translator, ("translator",), "translator", context)
    graph.add(translation, (CRM.P94i_was_created_by, translating))


def add_documented_event(
    graph: GraphBuilder, record: Record, documented: DocumentedEvent, context: Context
) -> None:
    """State what the record documents: when, where, who took part, and as what.

    A place that the editor concluded is stated in the curation graph.
    """
    event = context.thing(documented.event)
    where = documented.where if documented.where_certainty is Certainty.HIGH else None
    graph.add(
        event,
        (RDF.type, CRM.E7_Activity),
        (CRM.P2_has_type, [context.type(key) for key in documented.types]),
        (CRM.P7_took_place_at, context.thing(where) if where else None),
        (CRM.P4_has_time_span, _time_span(graph, record, documented.when, context)),
        (CRM.P70i_is_documented_in, context.iris.record(record.key)),
    )
    for part in documented.participants:
        name = name_of_part(record, documented.event, part.actor)
        _add_part(graph, record, event, part.actor, part.roles, name, context)


def name_of_part(record: Record, event: Reference, actor: Reference) -> str:
    """Return what the part of somebody in an event is called; in an event that the record itself names, with its name."""
    own = f"{record.key}/"
    if event.kind == Kind.RECORD:
        return f"part-{event.key.removeprefix(own)}-{actor.key.removeprefix(own)}"
    return f"part-{actor.key.removeprefix(own)}"


def _time_span(graph: GraphBuilder, record: Record, when: Dated | None, context: Context) -> NamedNode | None:
    if when is None:
        return None
    return add_time_span(graph, context.iris.record(record.key, when.name), when, record.editorial_language)


def _add_part(
    graph: GraphBuilder,
    record: Record,
    activity: NamedNode,
    actor: Reference,
    roles: tuple[str, ...],
    name: str,
    context: Context,
) -> None:
    """State that an actor carried out an activity, plainly (P14) and, where a role is known, with it (PC14)."""
    graph.add(activity, (CRM.P14_carried_out_by, context.thing(actor)))
    if roles:
        graph.add(
            context.iris.record(record.key, f"pc-{name}"),
            (RDF.type, CRM.PC14_carried_out_by),
            (RDFS.label, text("Part taken, with its role", "en")),
            (CRM.P01_has_domain, activity),
            (CRM.P02_has_range, context.thing(actor)),
            (CRM.P14_1_in_the_role_of, [context.role(role) for role in roles]),
        )


def add_publication(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the page from which the capture was taken, who published and who supported it; no date, no address: none is given."""
    publication = record.publication
    if publication is None:
        return
    bearer, page = bearer_of_words(record, context), context.iris.record(record.key, "web-page")
    publishing = context.iris.record(record.key, "publishing")
    graph.add(
        page,
        (RDF.type, [CRMDIG.D1_Digital_Object, CRM.E73_Information_Object]),
        (RDFS.label, text("Web page with the text", "en")),
        (CRM.P2_has_type, context.type("web-page")),
        (CRM.P106_is_composed_of, bearer),
        (CRM.P94i_was_created_by, publishing),
        (DCTERMS.isFormatOf, bearer),
        (DCTERMS.format, text("text/html")),
    )
    graph.add(
        publishing,
        (RDF.type, CRM.E65_Creation),
        (RDFS.label, text("Publishing on the web", "en")),
        (CRM.P2_has_type, context.type("web-publication")),
        (CRM.P94_has_created, page),
        (CRM.P14_carried_out_by, context.thing(publication.publisher) if publication.publisher else None),
        (CRM.P15_was_influenced_by, context.thing(publication.funder) if publication.funder else None),
    )
    graph.add(bearer, (DCTERMS.hasFormat, page))
    for media_type in publication.other_formats:
        _add_format_not_held(graph, record, media_type, bearer, page, context)


def _add_format_not_held(
    graph: GraphBuilder, record: Record, media_type: str, bearer: NamedNode, page: NamedNode, context: Context
) -> None:
    name = media_type.rpartition("/")[2]
    file = context.iris.record(record.key, name)
    graph.add(
        file,
        (RDF.type, CRMDIG.D1_Digital_Object),
        (RDFS.label, text(f"{name.upper()} offered by the page; not captured, content unknown", "en")),
        (CRM.P2_has_type, context.type(f"{name}-not-held")),
        (CRM.P67i_is_referred_to_by, page),
        (DCTERMS.format, text(media_type)),
    )
    graph.add(bearer, (DCTERMS.hasFormat, file))


def add_capture(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the capture: its size, its kind, its SHA-256; no date, since none is known."""
    capture = record.capture
    if capture is None:
        return
    page = context.iris.record(record.key, "web-page") if record.publication else None
    label = text(f"Capture of: {record.label.text}", record.label.language)
    source = capture.taken_from
    file = context.iris.capture(source.sha256) if source else None
    _add_file(graph, capture, label, [each for each in (page, file) if each], context)
    if source:
        _add_file(
            graph, source, text(f"Saved page {source.sha256[:16]}", "en"), [page] if page else [], context
        )


def _add_file(
    graph: GraphBuilder, capture: Capture, label: Literal, sources: list[NamedNode], context: Context
) -> None:
    it, number = context.iris.capture(capture.sha256), context.iris.capture(capture.sha256, "sha256")
    graph.add(
        it,
        (RDF.type, [CRMDIG.D1_Digital_Object, PROV.Entity]),
        (RDFS.label, label),
        (CRM.P1_is_identified_by, number),
        (CRM.P130_shows_features_of, sources),
        (DCTERMS.isFormatOf, sources[:1]),
        (DCTERMS.format, text(capture.media_type)),
        (DCTERMS.extent, text(f"{capture.size_bytes} bytes")),
        (PROV.wasDerivedFrom, sources),
    )
    graph.add(
        number,
        (RDF.type, CRM.E42_Identifier),
        (RDFS.label, text(f"SHA-256 {capture.sha256[:16]}…")),
        (CRM.P2_has_type, context.type("sha256")),
        (CRM.P190_has_symbolic_content, text(capture.sha256)),
    )


def add_paragraphs(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the blocks of the text that are numbered or named; their words stand in the text graph."""
    bearer = bearer_of_words(record, context)
    notes = {note.name for note in record.text.notes}
    for block in record.text.blocks:
        if block.name in notes:
            continue
        graph.add(
            context.iris.record(record.key, block.name),
            (RDF.type, CRM.E33_Linguistic_Object),
            (RDFS.label, text(label_of_block(block), "en")),
            (CRM.P106i_forms_part_of, bearer),
            (FV.ordinal, typed(str(block.ordinal), XSD.integer) if block.ordinal else None),
            *positions(block.span),
        )


def label_of_block(block: Block) -> str:
    """Return what a block is called: ``Paragraph 7``, ``Opener``."""
    if block.ordinal:
        return f"Paragraph {block.ordinal}"
    return block.name.replace("-", " ").capitalize()


def positions(span: Span | None) -> tuple[tuple[NamedNode, object], ...]:
    """Return where something stands in the anchor text, as facts (Web Annotation 4.2.5)."""
    if span is None:
        return ()
    return ((OA.start, typed(str(span.start), XSD.integer)), (OA.end, typed(str(span.end), XSD.integer)))


def add_notes(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State the notes, stamps and signatures: what they are, whose, when; their words stand in the text graph.

    A note without a named hand has no author (no P14).
    """
    for note in record.text.notes:
        node, writing = (
            context.iris.record(record.key, note.name),
            context.iris.record(record.key, f"{note.name}-writing"),
        )
        editorial = note.type in EDITORIAL_NOTES
        dated = note.when is not None or (note.hand is not None and not editorial)
        graph.add(
            node,
            (RDF.type, CRM.E33_Linguistic_Object if editorial else CRM.E34_Inscription),
            (RDF.type, DCTERMS.ProvenanceStatement if note.type == "source-note" else None),
            (RDFS.label, text(note.name.replace("-", " ").capitalize(), "en")),
            (CRM.P2_has_type, context.type(note.type)),
            (CRM.P3_has_note, text(note.place, "en") if note.place else None),
            (CRM.P106i_forms_part_of, bearer_of_words(record, context) if editorial else None),
            (CRM.P67_refers_to, _versions_known_from(record, note, context)),
            (CRM.P94i_was_created_by, writing if dated else None),
            *positions(note.span),
        )
        if dated:
            when = note.when
            if when and not quoted(record, when.form):
                when = replace(when, form=when.date.edtf) if when.date.edtf else None
            graph.add(
                writing,
                (RDF.type, CRM.E65_Creation),
                (RDFS.label, text(f"Writing of {note.name.replace('-', ' ')}", "en")),
                (CRM.P94_has_created, node),
                (CRM.P14_carried_out_by, context.thing(note.hand) if note.hand else None),
                (CRM.P4_has_time_span, _time_span(graph, record, when, context)),
            )


def _versions_known_from(record: Record, note: Note, context: Context) -> list[NamedNode]:
    return [
        context.iris.record(record.key, subtag(each.language))
        for each in record.versions
        if each.evidence == note.name
    ]


def add_mentions(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State every mention: what it names, where it stands, its words; and that the text, or a note, refers to it."""
    it = context.iris.record(record.key)
    notes = {note.name for note in notes_on_paper(record)}
    for mention in record.text.mentions:
        block = context.iris.record(record.key, mention.block)
        target = context.thing(mention.target) if mention.target else None
        named = is_published_name(record, mention)
        graph.add(
            context.iris.record(record.key, mention.name),
            (RDF.type, FV.Mention),
            (
                RDFS.label,
                None
                if target or (named and mention.form)
                else text("Mention of something not named here", "en"),
            ),
            (FV.mentions, target),
            (FV.in_paragraph, block),
            (FV.form, text(mention.form) if named and mention.form else None),
            (FV.marked_as, text(mention.marked) if mention.marked else None),
            (FV.pointer, text(mention.pointer) if mention.pointer else None),
            (FV.certainty, certainty(mention.certainty)),
            (FV.ground, text(mention.ground, record.editorial_language) if mention.ground else None),
            *positions(mention.span if mention.form else None),
        )
        if target:
            graph.add(block if mention.block in notes else it, (CRM.P67_refers_to, target))
    _add_name_forms(graph, record, context)


LONGEST_NAME = 60
"""Most code points of a name; longer forms are quotations and stand in the text graph."""


def is_name(mention: Mention) -> bool:
    """Tell whether the words of a mention are a name, not a quotation: of somebody or of a place, and short."""
    named = mention.target is None or mention.target.kind in {Kind.PERSON, Kind.GROUP, Kind.PLACE}
    return named and len(mention.form) <= LONGEST_NAME


def is_published_name(record: Record, mention: Mention) -> bool:
    """Tell whether the words of a mention may leave the house as a name, however much of the text does.

    A phrase that names nobody (“the old man”) is a quotation where the text is not published whole.
    """
    return is_name(mention) and (mention.named or record.fulltext == "full")


def _add_name_forms(graph: GraphBuilder, record: Record, context: Context) -> None:
    """State each form of a name that the record uses, verbatim, as an appellation of what it names."""
    for target, form in sorted(
        {
            (each.target, each.form)
            for each in record.text.mentions
            if each.target and is_published_name(record, each)
        }
    ):
        name = context.iris.thing(target.kind, target.key, f"n-{short_hash(form)}")
        graph.add(context.thing(target), (CRM.P1_is_identified_by, name))
        graph.add(
            name,
            (RDF.type, CRM.E33_E41_Linguistic_Appellation),
            (RDFS.label, text(form)),
            (CRM.P190_has_symbolic_content, text(form)),
        )
