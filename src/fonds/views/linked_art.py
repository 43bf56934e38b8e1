"""Linked Art: a record's object and its texts as JSON-LD of the Linked Art API 1.0.

What people are reported to have said has no place there: it is left out, and a link leads to the page that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pyoxigraph import NamedNode

from fonds.identifiers import IriSpace, Kind
from fonds.views.graph import Known, Node
from fonds.vocabulary import AAT, CRM, DCTERMS, RICO, SKOS

CONTEXT = "https://linked.art/ns/v1/linked-art.json"
MEDIA_TYPE = 'application/ld+json;profile="https://linked.art/ns/v1/linked-art.json"'
"""The media type of these documents (Linked Art API 1.0, Protocol)."""

Json = dict[str, Any]

# The classifications that Linked Art itself asks for: what its readers look for.
_CALL_NUMBER: Json = {"id": f"{AAT}300311706", "type": "Type", "_label": "Call Number"}
_PRIMARY_NAME: Json = {"id": f"{AAT}300404670", "type": "Type", "_label": "Primary Name"}
_ACCESS_STATEMENT: Json = {"id": f"{AAT}300133046", "type": "Type", "_label": "Access Statement"}

# What a reference may be called, the most special first (Linked Art API 1.0, shared structures: reference).
_TYPES = (
    (CRM.E21_Person, "Person"),
    (CRM.E74_Group, "Group"),
    (CRM.E53_Place, "Place"),
    (CRM.E7_Activity, "Activity"),
    (CRM.E5_Event, "Event"),
    (CRM.E56_Language, "Language"),
    (CRM.E55_Type, "Type"),
    (SKOS.Concept, "Type"),
    (CRM.E33_Linguistic_Object, "LinguisticObject"),
    (CRM.E78_Curated_Holding, "Set"),
    (RICO.RecordSet, "Set"),
    (CRM.E22_Human_Made_Object, "HumanMadeObject"),
    (CRM.E73_Information_Object, "PropositionalObject"),
    (CRM.E28_Conceptual_Object, "PropositionalObject"),
)
_TIMES = (
    ("begin_of_the_begin", CRM.P82a_begin_of_the_begin),
    ("end_of_the_begin", CRM.P81a_end_of_the_begin),
    ("begin_of_the_end", CRM.P81b_begin_of_the_end),
    ("end_of_the_end", CRM.P82b_end_of_the_end),
)


def linked_art(facts: Known, it: NamedNode, iris: IriSpace) -> Json | None:
    """Return the Linked Art document of one part of a record: its object, its text, or a translation.

    Args:
        facts: What is asserted of the record, with labels and matches of what it names.
        it: The object or the text.
        iris: The publication's identifiers.

    Returns:
        None where the thing is neither an object nor a text, or has no label: Linked Art has no document for it then.
    """
    label = facts.label(it)
    if label is None:
        return None
    head: Json = {"@context": CONTEXT, "id": it.value, "type": "", "_label": label}
    if facts.is_a(it, CRM.E22_Human_Made_Object) and not facts.is_a(it, RICO.RecordSet):
        members = {**_object(facts, it, iris), "type": "HumanMadeObject"}
    elif facts.is_a(it, CRM.E33_Linguistic_Object):
        members = {**_text(facts, it, iris), "type": "LinguisticObject"}
    else:
        return None
    return {key: value for key, value in {**head, **members}.items() if value}


def _object(facts: Known, it: NamedNode, iris: IriSpace) -> Json:
    wholes = list(facts.things(it, CRM.P46i_forms_part_of))
    sets = [each for each in wholes if facts.is_a(each, RICO.RecordSet, CRM.E78_Curated_Holding)]
    objects = [_reference(facts, each) for each in wholes if each not in sets]
    carried = facts.things(it, CRM.P128_carries)
    return {
        "identified_by": list(_identifiers(facts, it, iris)),
        "referred_to_by": list(_access_statements(facts, it)),
        "member_of": [_reference(facts, each, "Set") for each in sets],
        "subject_of": _page(it, iris),
        # The schema has room for one whole, and for no whole of another kind.
        "part_of": next((each for each in objects if each["type"] == "HumanMadeObject"), None),
        # An inscription is a mark on the paper; what the object carries as a text is the record.
        "carries": [
            _reference(facts, each, "LinguisticObject")
            for each in carried
            if facts.is_a(each, CRM.E33_Linguistic_Object) and not facts.is_a(each, CRM.E34_Inscription)
        ],
        "produced_by": _activity(facts, facts.things(it, CRM.P108i_was_produced_by), "Production"),
    }


def _text(facts: Known, it: NamedNode, iris: IriSpace) -> Json:
    originals = list(facts.things(it, CRM.P73i_is_translation_of))
    about = dict.fromkeys(
        each
        for node in (it, *originals)
        for each in facts.things(node, CRM.P129_is_about, DCTERMS.subject)
        if isinstance(each, NamedNode)
    )
    references = [_reference(facts, each) for each in about]
    return {
        "identified_by": [*_names(facts, it, originals), *_identifiers(facts, it, iris)],
        "classified_as": [_concept(facts, each) for each in facts.things(it, CRM.P2_has_type)],
        "subject_of": _page(it, iris),
        "language": [_language(facts, each) for each in facts.things(it, CRM.P72_has_language)],
        "about": [each for each in references if each["type"]],
        "created_by": _activity(facts, facts.things(it, CRM.P94i_was_created_by), "Creation", originals),
    }


def _identifiers(facts: Known, it: Node, iris: IriSpace) -> Iterator[Json]:
    """Yield the identifiers of a thing, its shelfmark first."""
    call_number = iris.term("type", "call-number")
    found = []
    for each in facts.things(it, CRM.P1_is_identified_by):
        types = list(facts.things(each, CRM.P2_has_type))
        classes = [
            _CALL_NUMBER if type_ == call_number else _concept(facts, type_)
            for type_ in sorted(types, key=str)
        ]
        content = facts.text(each, CRM.P190_has_symbolic_content)
        if content is not None and facts.is_a(each, CRM.E42_Identifier):
            found.append((call_number not in types, content, classes))
    for _, content, classes in sorted(found, key=lambda entry: entry[:2]):
        yield {"type": "Identifier", **({"classified_as": classes} if classes else {}), "content": content}


def _names(facts: Known, it: Node, originals: Sequence[Node]) -> Iterator[Json]:
    """Yield the titles of a text; a translation is known by those titles of its original that are in its language."""
    own = list(facts.things(it, CRM.P102_has_title))
    language = set(facts.things(it, CRM.P72_has_language))
    shared = [
        title
        for original in originals
        for title in facts.things(original, CRM.P102_has_title)
        if language & set(facts.things(title, CRM.P72_has_language))
    ]
    for number, title in enumerate(dict.fromkeys((*own, *shared))):
        content = facts.text(title, CRM.P190_has_symbolic_content)
        if content is None:
            continue
        primary = [_PRIMARY_NAME] if number == 0 else []
        languages = [_language(facts, each) for each in facts.things(title, CRM.P72_has_language)]
        classes = [*primary, *(_concept(facts, each) for each in facts.things(title, CRM.P2_has_type))]
        name: Json = {"type": "Name", "classified_as": classes, "content": content, "language": languages}
        yield {key: value for key, value in name.items() if value}


def _access_statements(facts: Known, it: Node) -> Iterator[Json]:
    for value in facts.values(it, DCTERMS.accessRights):
        content = facts.label(value) if isinstance(value, Node) else value.value
        if content:
            yield {"type": "LinguisticObject", "classified_as": [_ACCESS_STATEMENT], "content": content}


def _activity(
    facts: Known, activities: Iterable[Node], type_: str, influenced_by: Sequence[Node] = ()
) -> Json | None:
    """Return a production or a creation; of several, which the schema has no room for, the first that says something."""
    for it in activities:
        actors = [_reference(facts, each) for each in facts.things(it, CRM.P14_carried_out_by)]
        influences = [_reference(facts, each, "LinguisticObject") for each in influenced_by]
        members: Json = {
            "classified_as": [_concept(facts, each) for each in facts.things(it, CRM.P2_has_type)],
            "timespan": _time_span(facts, it),
            "carried_out_by": [each for each in actors if each["type"] in ("Person", "Group")],
            "influenced_by": influences,
        }
        said = {key: value for key, value in members.items() if value}
        if said:
            return {"type": type_, **said}
    return None


def _time_span(facts: Known, it: Node) -> Json | None:
    for span in facts.things(it, CRM.P4_has_time_span):
        times = {key: next(facts.words(span, property_), None) for key, property_ in _TIMES}
        stated = {key: time for key, time in times.items() if time}
        if stated:
            return {"type": "TimeSpan", **stated}
    return None


def _reference(facts: Known, node: Node, type_: str | None = None) -> Json:
    """Return a reference to a thing; its type is empty where Linked Art has no word for what it is."""
    found = type_ or next((name for class_, name in _TYPES if facts.is_a(node, class_)), "")
    label = facts.label(node)
    return {"id": node.value, "type": found, **({"_label": label} if label else {})}


def _concept(facts: Known, node: Node) -> Json:
    return _reference(facts, node, "Type")


def _language(facts: Known, node: Node) -> Json:
    """Return a language by its entry in the Art & Architecture Thesaurus, by which Linked Art knows languages."""
    matches = (each.value for each in facts.things(node, SKOS.exactMatch) if each.value.startswith(AAT))
    return {**_reference(facts, node, "Language"), "id": next(matches, node.value)}


def _page(it: NamedNode, iris: IriSpace) -> list[Json]:
    """Return a link to the page of the record, which says what this document leaves out, and who says it."""
    match (iris.path(it.value) or "").split("/"):
        case ["id", Kind.RECORD, key, *_]:
            page = iris.document(iris.record(key).value)
        case _:
            return []
    carrier = {
        "type": "DigitalObject",
        "format": "text/html",
        "access_point": [{"id": page, "type": "DigitalObject"}],
    }
    return [
        {
            "type": "LinguisticObject",
            "_label": "The record's page, with its statements and their sources",
            "digitally_carried_by": [carrier],
        }
    ]
