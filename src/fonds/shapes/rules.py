"""Rules that SHACL cannot say, since they need graphs, files, the text, the base, or the tables of terms."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from fonds.dates import DateSpan, is_within, parse_edtf
from fonds.mapping.description import Description, Fact, GraphKind
from fonds.model import Origin, Record
from fonds.shapes.anchors import Anchor, faults_of_anchor
from fonds.shapes.neighbours import Neighbours
from fonds.shapes.terms import Terms
from fonds.vocabulary import CRM, FV, OA, PROV, RDF

Facts = Mapping[str, Mapping[NamedNode, list[object]]]
"""Triples by subject and property; a subject that is a blank node by its label."""


class Found(NamedTuple):
    """What a rule found: of which thing, what, concerning which property and value; where, if not where the thing stands."""

    focus: str
    message: str
    path: NamedNode | None = None
    value: str | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A description, and what else is needed to judge it.

    Attributes:
        description: What is judged.
        facts: Its public triples: by subject, then by property, the objects.
        named: The IRIs of everything that its public triples are about or point to.
        hidden: Its other triples: what is only said.
        neighbours: What is known of the things that it names.
        base: Under which the publication's identifiers stand.
        terms: The tables of terms.
        record: The record that it describes, if it is one.
        words: The text in which the record's positions count.
        folder: The publication, in which captures stand as files.
    """

    description: Description
    facts: Facts
    named: Set[str]
    hidden: Facts
    neighbours: Neighbours
    base: str
    terms: Terms
    record: Record | None
    words: str | None
    folder: Path | None

    def values(self, subject: str, predicate: NamedNode) -> list[object]:
        """Return the objects of a property of a thing."""
        return self.facts.get(subject, {}).get(predicate, [])

    def having(self, type_: NamedNode) -> Iterator[str]:
        """Yield the things of a class."""
        return (subject for subject, facts in self.facts.items() if type_ in facts.get(RDF.type, ()))


Rule = Callable[[Case], Iterable[Found]]


def index(facts: Iterable[Fact]) -> dict[str, dict[NamedNode, list[object]]]:
    """Return facts by subject and property."""
    found: dict[str, dict[NamedNode, list[object]]] = {}
    last: object = None
    stated: dict[NamedNode, list[object]] = {}
    for subject, predicate, object_ in facts:
        if subject is not last:  # facts of one thing mostly stand together
            stated, last = found.setdefault(_iri(subject), {}), subject
        stated.setdefault(predicate, []).append(object_)
    return found


def uri_policy(case: Case) -> Iterator[Found]:
    """Everything described stands under the base, or is a term of the program's ontology."""
    allowed = (*(f"{case.base}{part}/" for part in ("id", "vocab", "graph", "doc")), FV.iri)
    for subject in (*case.facts, *case.hidden):
        if subject.startswith("_:"):
            yield Found(case.description.subject.value, f"is described with a blank node, {subject}")
        elif not subject.startswith(allowed) and subject != FV.iri.rstrip("#"):
            yield Found(subject, "is described here, and is no identifier of this publication")


def described(case: Case) -> Iterator[Found]:
    """Whatever is referred to under the base, or as a term of the program's ontology, is described somewhere."""
    ours = (f"{case.base}id/", f"{case.base}vocab/", FV.iri)
    known = (case.facts, case.neighbours, case.terms.classes, case.terms.properties)
    lost = {iri for iri in case.named if iri.startswith(ours) and not any(iri in each for each in known)}
    if not lost:
        return
    for subject, facts in case.facts.items():
        for predicate, objects in facts.items():
            for each in objects:
                if isinstance(each, NamedNode) and each.value in lost:
                    yield Found(
                        subject, f"refers to {each.value}, which nothing describes", predicate, str(each)
                    )


def known_term(case: Case) -> Iterator[Found]:
    """Every class and property stands in a table."""
    classes, properties = case.terms.classes, case.terms.properties
    for facts in (case.facts, case.hidden):
        for subject, stated in facts.items():
            for predicate in stated:
                if predicate.value not in properties:
                    yield Found(
                        subject, f"has the property {predicate.value}, which no table lists", predicate
                    )
            for each in stated.get(RDF.type, ()):
                if _iri(each) not in classes:
                    yield Found(subject, f"is a {_iri(each)}, which no table lists", RDF.type, str(each))


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


_BOUNDS = (
    (CRM.P82a_begin_of_the_begin, "earliest", "T00:00:00Z"),
    (CRM.P82b_end_of_the_end, "latest", "T23:59:59Z"),
)


def time_span_typed(case: Case) -> Iterator[Found]:
    """An EDTF form is EDTF, and the bounds are those that it means."""
    for span, facts in case.facts.items():
        for form in facts.get(FV.edtf, ()):
            date = _date(form.value) if isinstance(form, Literal) else None
            if date is None:
                yield Found(span, f"has the EDTF form {form}, which is no date", FV.edtf, str(form))
            else:
                yield from _bounds(case, span, date)


def _bounds(case: Case, span: str, date: DateSpan) -> Iterator[Found]:
    for predicate, bound, time in _BOUNDS:
        day = date.earliest if bound == "earliest" else date.latest
        for value in case.values(span, predicate):
            expected = f"{day.isoformat()}{time}" if day else "no bound"
            if isinstance(value, Literal) and value.value != expected:
                message = f"has the {bound} bound {value.value}, but {date.edtf} means {expected}"
                yield Found(span, message, predicate, str(value))
    for predicate in (CRM.P81a_end_of_the_begin, CRM.P81b_begin_of_the_end):
        for value in case.values(span, predicate):
            if isinstance(value, Literal) and not is_within(value.value.partition("T")[0], date):
                yield Found(span, f"has a bound {value.value} outside {date.edtf}", predicate, str(value))


@functools.lru_cache(maxsize=4096)
def _date(text: str) -> DateSpan | None:
    try:
        return parse_edtf(text)
    except ValueError:
        return None


def note_hand(case: Case) -> Iterator[Found]:
    """An inscription has its words, where the whole text of the record leaves the house."""
    if case.record is None or case.record.fulltext != "full":
        return
    for inscription in case.having(CRM.E34_Inscription):
        if not case.values(inscription, CRM.P190_has_symbolic_content):
            yield Found(inscription, "is an inscription without words", CRM.P190_has_symbolic_content)


def statement_anchored(case: Case) -> Iterator[Found]:
    """The words of statements and mentions stand where they are said to stand."""
    if case.words is None:
        return
    for annotation in case.having(OA.Annotation):
        for target in case.values(annotation, OA.hasTarget):
            body = next(iter(case.values(annotation, OA.hasBody)), None)
            anchor = _anchor(case, [_iri(each) for each in case.values(_iri(target), OA.hasSelector)])
            if anchor is not None:
                focus = _iri(body) if body else annotation
                yield from (Found(focus, message) for message in faults_of_anchor(anchor, case.words))
    for mention in case.having(FV.Mention):
        start, end = (_number(case, mention, each) for each in (OA.start, OA.end))
        if start is not None and end is not None:
            anchor = Anchor(start, end, _text(case, mention, FV.form), unique=False)
            yield from (Found(mention, message) for message in faults_of_anchor(anchor, case.words))


def _anchor(case: Case, selectors: list[str]) -> Anchor | None:
    """Return what the selectors of a target say together; None where one is missing, which SHACL finds."""
    quote = next((each for each in selectors if OA.TextQuoteSelector in case.values(each, RDF.type)), None)
    position = next(
        (each for each in selectors if OA.TextPositionSelector in case.values(each, RDF.type)), None
    )
    if quote is None or position is None:
        return None
    start, end = _number(case, position, OA.start), _number(case, position, OA.end)
    if start is None or end is None:
        return Anchor(0, 0, None)
    exact, prefix, suffix = (_text(case, quote, each) for each in (OA.exact, OA["prefix"], OA.suffix))
    return Anchor(start, end, exact, prefix or "", suffix or "")


def _number(case: Case, subject: str, predicate: NamedNode) -> int | None:
    value = _text(case, subject, predicate)
    return int(value) if value is not None and value.isdecimal() else None


def _text(case: Case, subject: str, predicate: NamedNode) -> str | None:
    return next((each.value for each in case.values(subject, predicate) if isinstance(each, Literal)), None)


def said_quarantine(case: Case) -> Iterator[Found]:
    """Nothing formalised of what was said is asserted beside it."""
    for subject, stated in case.hidden.items():
        for predicate, objects in stated.items():
            for each in set(objects).intersection(case.values(subject, predicate)):
                message = f"is only said to have {predicate.value} {each}, and it is asserted as well"
                yield Found(subject, message, predicate, str(each))


_CIRCUMSTANCES = (CRM.P4_has_time_span, CRM.P7_took_place_at, CRM.P14_carried_out_by)


def no_background(case: Case) -> Iterator[Found]:
    """Of what the graph of a record only mentions, it says neither when nor where it was, nor who did it."""
    mentioned = {each for facts in case.facts.values() for each in facts.get(FV.mentions, ())}
    if not any(
        case.values(_iri(each), circumstance) for each in mentioned for circumstance in _CIRCUMSTANCES
    ):
        return  # as nearly always; the graph is looked at on its own only where there may be something
    for graph in case.description.graphs:
        if graph.kind is GraphKind.RECORD:
            yield from _background(index(graph.facts))


def _background(facts: Facts) -> Iterator[Found]:
    stated = list(facts.values())
    mentioned = {each for each_facts in stated for each in each_facts.get(FV.mentions, ())}
    documented = {each for each_facts in stated for each in each_facts.get(CRM.P70_documents, ())}
    for thing in mentioned - documented:
        for circumstance in _CIRCUMSTANCES:
            for value in facts.get(_iri(thing), {}).get(circumstance, ()):
                message = f"is only mentioned, and yet the record's graph says of it {_iri(value)}"
                yield Found(_iri(thing), message, value=str(value))


def graph_prov(case: Case) -> Iterator[Found]:
    """Every graph says what it was derived from."""
    for graph in case.description.graphs:
        if (
            not graph.derived
            and graph.kind is not GraphKind.DATA
            and not case.values(graph.name.value, PROV.wasDerivedFrom)
        ):
            yield Found(graph.name.value, "does not say what it was derived from", PROV.wasDerivedFrom)


def capture_hash(case: Case) -> Iterator[Found]:
    """The SHA-256 that the data state of a capture is that of the file."""
    capture = case.record.capture if case.record else None
    if capture is None or case.folder is None:
        return
    file = case.folder / capture.path
    found = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "no file"
    stated = f"{case.base}id/capture/{capture.sha256[:16]}/sha256"
    for value in case.values(stated, CRM.P190_has_symbolic_content):
        if not isinstance(value, Literal) or value.value != found:
            message = f"states the SHA-256 {_text(case, stated, CRM.P190_has_symbolic_content)}, but {capture.path} has {found}"
            yield Found(stated, message, CRM.P190_has_symbolic_content, str(value), Origin(capture.path))


def inference_only(case: Case) -> Iterator[Found]:
    """No description writes the graph of what is inferred."""
    inferred = f"{case.base}graph/inferred"
    for graph in case.description.graphs:
        if graph.name.value == inferred or graph.name.value.startswith(f"{inferred}/"):
            yield Found(graph.name.value, f"holds {len(graph.lines)} triples that a description asserts")


RULES: Mapping[str, tuple[Rule, ...]] = {
    "UriPolicy": (uri_policy,),
    "LabelLang": (described,),
    "KnownTerm": (known_term,),
    "TimeSpanTyped": (time_span_typed,),
    "NoteHand": (note_hand,),
    "StatementAnchored": (statement_anchored,),
    "SaidQuarantine": (said_quarantine,),
    "NoBackground": (no_background,),
    "GraphProv": (graph_prov,),
    "CaptureHash": (capture_hash,),
    "InferenceOnly": (inference_only,),
}
"""The rules by the shape to which they belong."""
