"""``/history/…``: what became of a thing from release to release, what was stated otherwise before, and why; and the list of errata."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.formats import DOCUMENT_FORMATS, HTML, by_ending
from fonds.release.history import CHANGESET, Reason, Step, explained, stated_otherwise
from fonds.translations import gettext, marked, said
from fonds.vocabulary import DCTERMS, PREFIXES, PROV, RDF, RDFS, XSD, text, typed
from fonds.web.answers import Answer, Exchange
from fonds.web.drawn import as_csv
from fonds.web.literals import spelled
from fonds.web.problems import Choice, Problem
from fonds.web.representations import (
    Shown,
    document_headers,
    kept_answer,
    negotiated,
    page_language,
    representations,
)
from fonds.web.site import Site
from fonds.web.terms import readable
from fonds.web.tombstones import given_up

ERRATA = "errata"
_ERRATUM = "erratum"
_FATES = {
    "Create": marked("Published for the first time"),
    "Update": marked("Changed"),
    "Delete": marked("Withdrawn"),
    "Move": marked("Replaced by another"),
}
_AGAIN = marked("Published again")
_WORDS = frozenset({f"{PREFIXES['xsd']}string", f"{PREFIXES['rdf']}langString"})
_LONG = 40
"""Of words from so many characters on it is shown which of them are others."""
_MOST_WORDS = 2_000
_AROUND = 6
"""So many words are shown before and behind others that are new or gone."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value as a page shows it.

    Attributes:
        words: What it is.
        language: BCP 47 tag; empty where it has none.
        href: Where it leads, relative to the root; empty where it leads nowhere.
    """

    words: str
    language: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is stated otherwise.

    Attributes:
        of: Which part of the thing; empty for the thing itself.
        property: What the property is called, or several that say the same.
        before: Values that are gone.
        now: Values that are new.
        words: One text out of another, with what is new and what is gone marked in it; None where they are no long texts.
    """

    of: str
    property: str
    before: tuple[Said, ...]
    now: tuple[Said, ...]
    words: Markup | None = None


@dataclass(frozen=True, slots=True)
class ShownStep:
    """What became of a thing in one release, as a page shows it.

    Attributes:
        number: From 1, the oldest first: the name of the step on the page.
        fate: In words.
        day: When, ISO 8601.
        release: In which release.
        reasons: Why.
        own: What is stated otherwise of the thing itself.
        parts: And of its parts.
        more: How many statements differ that are not kept.
        target: What took its place.
    """

    number: int
    fate: str
    day: str
    release: str
    reasons: Sequence[Reason] = ()
    own: Sequence[Change] = ()
    parts: Sequence[Change] = ()
    more: int = 0
    target: Said | None = None


def history(site: Site, exchange: Exchange, kind: str, key: str) -> Answer:
    """Answer ``/history/{kind}/{key}``: the latest first; as RDF in the terms of PROV-O.

    Raises:
        Problem: Nothing is known to have become of such a thing.
    """
    it = f"id/{kind}/{key}"
    steps, reasons = (site.history.of(it), site.history.reasons(it)) if site.history else ((), ())
    if not steps and not reasons:
        choices: tuple[Choice, ...] = (Choice("changes", said("What changed, from the beginning")),)
        if site.descriptions.knows(site.base + it):
            choices = (Choice(f"doc/{kind}/{quote(key, safe='')}", said("The thing itself")), *choices)
        raise Problem(
            404, said("No history of {kind}/{key} is known.", kind=kind[:40], key=key[:80]), choices
        )
    # A key may hold dots of its own.
    ending = by_ending(PurePosixPath(exchange.path).suffix[1:], DOCUMENT_FORMATS)
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    told, rest = explained(steps, reasons)
    if format_ is HTML:
        body = _page(site, exchange, it, told, rest)
    else:
        lines = [f"{each} .\n".encode() for each in _triples(site, it, told)]
        body = site.written(sorted(lines), format_, named=False)
    return Answer(200, document_headers(exchange, Shown(None, format_, DOCUMENT_FORMATS, ending)), body)


# ------------------------------------------------------------------------------------------------ the page


_Told = Sequence[tuple[Step, tuple[Reason, ...]]]


def _page(site: Site, exchange: Exchange, it: str, told: _Told, rest: Sequence[Reason]) -> bytes:
    gone = given_up(site, [NamedNode(site.base + it)])
    shown = [_shown(site, it, number, step, why) for number, (step, why) in enumerate(told, start=1)]
    address = f"history/{it.removeprefix('id/')}"
    return site.page(
        "history.html",
        exchange.path,
        about=_named(site, site.base + it),
        iri=site.base + it,
        steps=shown[::-1],
        reasons=rest,
        notes=gone.notes if gone else (),
        formats=representations(address, DOCUMENT_FORMATS[1:]),
        canonical=address,
    )


def _shown(site: Site, it: str, number: int, step: Step, why: Sequence[Reason]) -> ShownStep:
    changes = list(_changes(site, site.base + it, step))
    return ShownStep(
        number,
        gettext(_fate(step, number)),
        step.end[:10],
        step.release,
        why,
        [each for each in changes if not each.of],
        [each for each in changes if each.of],
        step.added + step.removed - len(step.lines),
        _named(site, site.base + step.target) if step.target else None,
    )


def _fate(step: Step, number: int) -> str:
    """Return what became of a thing in its step of a number, from 1, to be translated."""
    return _AGAIN if step.type == "Create" and number > 1 else _FATES.get(step.type, step.type)


def _changes(site: Site, thing: str, step: Step) -> Iterator[Change]:
    """Yield what is stated otherwise, property by property: of the thing itself first, then of its parts."""
    found: dict[tuple[str, str], tuple[list[object], list[object]]] = {}
    for added, triple in statements_of(step):
        subject = getattr(triple.subject, "value", "")
        old, new = found.setdefault((subject, triple.predicate.value), ([], []))
        (new if added else old).append(triple.object)
    shown: dict[tuple[str, tuple[Said, ...], tuple[Said, ...], Markup | None], list[str]] = {}
    for (subject, property_), (old, new) in sorted(
        found.items(), key=lambda each: (each[0][0] != thing, each[0])
    ):
        of = "" if subject == thing else _part(site, thing, subject)
        words = _other_words(old[0], new[0]) if len(old) == len(new) == 1 else None
        before, now = (tuple(_said(site, each) for each in some) for some in (old, new))
        # Two properties that say the same are told once.
        shown.setdefault((of, before, now, words), []).append(site.terms.label(property_))
    for (of, before, now, words), properties in shown.items():
        yield Change(of, ", ".join(dict.fromkeys(properties)), before, now, words)


def statements_of(step: Step) -> list[tuple[bool, Triple]]:
    """Return the statements of a step, and of each whether it is new."""
    found = []
    for sign in "-+":
        lines = "".join(f"{each[1:]} .\n" for each in step.lines if each[0] == sign)
        triples = parse(lines.encode(), format=RdfFormat.N_TRIPLES)
        found += [(sign == "+", quad.triple) for quad in triples]
    return found


def _part(site: Site, thing: str, subject: str) -> str:
    """Return what a part of a thing is called, or another thing of which its graphs state something."""
    label = site.labels.of(subject)
    if label is not None:
        return label.value
    if subject.startswith((f"{thing}/", f"{thing}#")):
        return subject[len(thing) + 1 :]
    return site.addresses.iris.path(subject) or subject


def _named(site: Site, iri: str) -> Said:
    label = site.labels.of(iri)
    href = site.addresses.of_iri(iri) if site.descriptions.knows(iri) else ""
    if label is None:
        return Said(site.addresses.iris.path(iri) or readable(iri), href=href)
    return Said(label.value, label.language or "", href)


def _said(site: Site, value: object) -> Said:
    if isinstance(value, Literal):
        return Said(spelled(value.value, value.datatype.value) or value.value, value.language or "")
    return _named(site, value.value) if isinstance(value, NamedNode) else Said(str(value))


def _other_words(old: object, new: object) -> Markup | None:
    """Return one text out of another, None where that would help nobody."""
    if not isinstance(old, Literal) or not isinstance(new, Literal):
        return None
    if {old.datatype.value, new.datatype.value} - _WORDS or max(len(old.value), len(new.value)) < _LONG:
        return None
    before, now = old.value.split(), new.value.split()
    if max(len(before), len(now)) > _MOST_WORDS:
        return None
    pieces: list[Markup] = []
    steps = difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes()
    for place, (tag, start, end, from_, to) in enumerate(steps):
        if tag == "equal":
            pieces.append(_same(before[start:end], first=place == 0, last=place == len(steps) - 1))
            continue
        if end > start:
            pieces.append(Markup("<del>{}</del>").format(" ".join(before[start:end])))
        if to > from_:
            pieces.append(Markup("<ins>{}</ins>").format(" ".join(now[from_:to])))
    return Markup(" ").join(pieces)


def _same(words: list[str], *, first: bool, last: bool) -> Markup:
    """Return words that are the same, a few of them before and behind others."""
    if len(words) > 2 * _AROUND + 1:
        head = [] if first else words[:_AROUND]
        tail = [] if last else words[-_AROUND:]
        words = [*head, "…", *tail]
    return Markup("{}").format(" ".join(words))


# ------------------------------------------------------------------------------------------------ as data


_TYPES: Mapping[str, NamedNode] = {
    type_: NamedNode(f"https://www.w3.org/ns/activitystreams#{type_}") for type_ in _FATES
}


def _triples(site: Site, it: str, told: _Told) -> Iterator[Triple]:
    """Yield the history of a thing in the terms of PROV-O: each step an activity, which makes a version of it or ends the last."""
    thing, document = NamedNode(site.base + it), f"{site.base}history/{it.removeprefix('id/')}"
    version: NamedNode | None = None
    for number, (step, why) in enumerate(told, start=1):
        activity = NamedNode(f"{document}#step-{number}")
        yield Triple(activity, RDF.type, _prov("Activity"))
        yield Triple(activity, RDF.type, _TYPES.get(step.type, _prov("Activity")))
        yield Triple(activity, RDFS.label, text(gettext(_fate(step, number)), "en"))
        yield Triple(activity, _prov("endedAtTime"), typed(step.end, XSD.dateTime))
        for each in why:
            yield Triple(activity, RDFS.comment, text(each.reason))
        if step.type in ("Delete", "Move"):
            if version is not None:
                yield Triple(version, _prov("wasInvalidatedBy"), activity)
                yield Triple(version, _prov("invalidatedAtTime"), typed(step.end, XSD.dateTime))
            if step.target:
                yield Triple(thing, DCTERMS.isReplacedBy, NamedNode(site.base + step.target))
            version = None
        else:
            made = NamedNode(f"{document}#version-{number}")
            yield from _version(made, thing, activity, version, site.base, step)
            version = made
        yield from _changeset(activity, thing, step)


def _version(
    made: NamedNode, thing: NamedNode, activity: NamedNode, before: NamedNode | None, base: str, step: Step
) -> Iterator[Triple]:
    yield Triple(made, RDF.type, _prov("Entity"))
    yield Triple(made, _prov("specializationOf"), thing)
    yield Triple(made, _prov("wasGeneratedBy"), activity)
    yield Triple(made, _prov("generatedAtTime"), typed(step.end, XSD.dateTime))
    yield Triple(made, DCTERMS.isPartOf, NamedNode(f"{base}release/{step.release}"))
    if before is not None:
        yield Triple(made, _prov("wasRevisionOf"), before)


def _changeset(activity: NamedNode, thing: NamedNode, step: Step) -> Iterator[Triple]:
    if not step.lines:
        return
    yield Triple(activity, RDF.type, NamedNode(f"{CHANGESET}ChangeSet"))
    yield Triple(activity, NamedNode(f"{CHANGESET}subjectOfChange"), thing)
    for number, (added, triple) in enumerate(statements_of(step), start=1):
        yield from stated_otherwise(activity, triple, number, added=added)


def _prov(name: str) -> NamedNode:
    return NamedNode(f"{PROV.iri}{name}")


# ------------------------------------------------------------------------------------------------ errata


def errata(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/errata``: what was wrong, since when it is right, and why; the latest first."""
    rows = [
        (each, _named(site, f"{site.base}id/{each.thing}"), f"history/{each.thing}")
        for each in reversed(_errata(site))
    ]
    body = site.page("errata.html", exchange.path, errata=rows, canonical=ERRATA)
    return kept_answer(exchange, HTML.content_type, body, page_language())


def errata_csv(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/errata.csv``: the same as a table, the oldest first."""
    rows = [(f"{site.base}id/{each.thing}", each.day, each.reason, each.by) for each in _errata(site)]
    return as_csv(exchange, "", ("thing", "day", "reason", "by"), rows)


def _errata(site: Site) -> list[Reason]:
    reasons: Iterable[Reason] = site.history.reasons() if site.history else ()
    return [each for each in reasons if each.sort == _ERRATUM]
