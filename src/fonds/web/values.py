"""The values of properties as a page shows them: things by name, literals as people write them, lists in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from fonds.addresses import uri
from fonds.store import Term
from fonds.translations import gettext
from fonds.vocabulary import PREFIXES
from fonds.web.literals import MACHINE_DATES, spelled, without_tags
from fonds.web.naming import called, short
from fonds.web.site import Site
from fonds.web.terms import short_name

_XSD = PREFIXES["xsd"]
_RDF = PREFIXES["rdf"]
_PLAIN = frozenset({f"{_XSD}string", f"{_RDF}langString", f"{_RDF}dirLangString"})
_MARKUP = frozenset({f"{_RDF}XMLLiteral", f"{_RDF}HTML"})
_MOST_SHOWN = 8_192
_LONGEST_TEXT = 8_000
"""Characters of one literal that a page shows."""
_SAFE = ("http://", "https://", "mailto:")
_FIRST, _REST, _NIL = (f"<{_RDF}{each}>".encode() for each in ("first", "rest", "nil"))
_MOST_ITEMS = 100
"""Items of a list that a page shows."""
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property, ready to be shown.

    Attributes:
        text: What is shown.
        href: Where it leads, relative to the root or absolute; None where it leads nowhere.
        external: Whether that is another site.
        language: BCP 47 tag of a literal.
        note: A datatype, or the name of an IRI that has a label.
        datetime: A date in the form that machines read.
        graphs: Marks of the graphs that say so.
        direction: ``rtl`` or ``ltr`` as the data say, ``auto`` where there are letters that run from right to left.
        stated: A literal as it stands in the data, with its datatype, where it is shown otherwise.
        here: Where a thing that is described elsewhere is listed with all that points to it; empty where nothing else does.
        parts: The items of a list, or subject, property and value of a statement, in this order.
        form: What the parts are: ``list`` or ``statement``; empty where there are none.
        within: What is stated of a small thing without a name of its own.
        left_out: Characters or items that are not shown.
        iri: Of a thing; empty for all else.
    """

    text: str
    href: str | None = None
    external: bool = False
    language: str | None = None
    note: str = ""
    datetime: str = ""
    graphs: tuple[int, ...] = ()
    direction: str = ""
    stated: str = ""
    here: str = ""
    parts: tuple[Value, ...] = ()
    form: str = ""
    within: tuple[Group, ...] = ()
    left_out: int = 0
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A property and its values.

    Attributes:
        iri: The property.
        label: What it is called.
        definition: What it means; empty where no table says it.
        href: Where it is explained, relative to the root; absolute where that is another site; None where it is nowhere.
        values: In the order of their labels.
        more: How many there are besides.
        external: Whether it is explained on another site.
        every: Address of the list of all of them, relative to the root; empty where all are shown.
        language: Of the label and the definition; None where it is that of the page, or not known.
    """

    iri: str
    label: str
    definition: str
    href: str | None
    values: tuple[Value, ...]
    more: int = 0
    external: bool = False
    every: str = ""
    language: str | None = None

    @property
    def number(self) -> int:
        """How many values there are."""
        return len(self.values) + self.more


def direction_of(text: str) -> str:
    """Return how words are to be laid out: ``auto``, by their first letter, where some run from right to left."""
    return "auto" if _RIGHT_TO_LEFT.search(text) else ""


def show(site: Site, value: Term | Triple, graphs: tuple[int, ...] = ()) -> Value:
    """Return a value as a page shows it."""
    if isinstance(value, Literal):
        return _show_literal(value, graphs)
    if isinstance(value, NamedNode):
        return _show_iri(site, value.value, graphs)
    if isinstance(value, Triple):
        parts = (show(site, each) for each in (value.subject, value.predicate, value.object))
        return Value(str(value), graphs=graphs, parts=tuple(parts), form="statement")
    return Value(str(value), graphs=graphs)


def _show_literal(literal: Literal, graphs: tuple[int, ...]) -> Value:
    datatype = literal.datatype.value
    if datatype in _PLAIN:
        return _words(literal, graphs)
    if datatype in _MARKUP:
        return replace(_words(Literal(without_tags(literal.value)), graphs), note=short_name(datatype))
    words = spelled(literal.value, datatype)
    if words is None:
        link = external(literal.value) if datatype == f"{_XSD}anyURI" else None
        return replace(
            _words(literal, graphs), href=link, external=link is not None, note=short_name(datatype)
        )
    machine = literal.value if datatype in MACHINE_DATES else ""
    stated = f"{literal.value} ({short_name(datatype)})"
    return Value(words, datetime=machine, graphs=graphs, stated="" if machine else stated)


def _words(literal: Literal, graphs: tuple[int, ...]) -> Value:
    text = _unwrapped(literal.value) if "\n" in literal.value else literal.value
    direction = literal.direction.value if literal.direction else direction_of(text)
    return Value(
        text[:_LONGEST_TEXT],
        language=literal.language,
        graphs=graphs,
        direction=direction,
        left_out=max(0, len(text) - _LONGEST_TEXT),
    )


_LINE_OF_PROSE = 50


def _unwrapped(text: str) -> str:
    """Return prose without the ends of lines that an editor made: where lines are long, only empty ones part paragraphs."""
    lines = [line.strip() for line in text.strip().splitlines()]
    filled = [len(line) for line in lines if line]
    if not filled or sum(filled) < _LINE_OF_PROSE * len(filled):
        return text
    paragraphs = re.split(r"\n{2,}", "\n".join(lines))
    return "\n".join(each.replace("\n", " ") for each in paragraphs)


def _show_iri(site: Site, iri: str, graphs: tuple[int, ...]) -> Value:
    known = site.shown.get(iri)
    if known is None:
        known = _value_of(site, iri)
        if len(site.shown) >= _MOST_SHOWN:
            site.shown.clear()
        site.shown[iri] = known
    return replace(known, graphs=graphs) if graphs else known


def _value_of(site: Site, iri: str) -> Value:
    label = called(site, iri)
    term = site.terms.by_iri.get(iri)
    own = iri.startswith(site.base)
    described = term is not None if site.is_publication else site.descriptions.knows(iri)
    known = label is not None or own or described
    text = label.value if label else term.label if term else short(site, iri)
    outside = None if known else external(iri)
    # Of what no page can link to, a dataset still tells what points to it.
    told = known or (outside is None and not site.is_publication)
    return Value(
        text.removeprefix("mailto:"),
        site.addresses.of_iri(iri) if told else outside,
        external=outside is not None,
        language=label.language if label else site.language_of_terms if term else None,
        note=short_name(iri) if term and not label else "",
        direction=direction_of(text),
        iri=iri,
        here=_elsewhere_pointed_to(site, iri) if outside and not site.is_publication else "",
    )


def _elsewhere_pointed_to(site: Site, iri: str) -> str:
    """Return where it is listed what points to something that is described elsewhere, nothing if a single statement does."""
    return site.addresses.of_iri(iri) if site.descriptions.pointers(iri) > 1 else ""


def external(iri: str) -> str | None:
    """Return an IRI as a link to elsewhere, None if it is not of a kind that a page may link to."""
    return uri(iri) if iri.lower().startswith(_SAFE) else None


def iri_of(term: Term) -> str:
    """Return a term of a solution as a string."""
    return term.value if isinstance(term, NamedNode | BlankNode | Literal) else str(term)


# ------------------------------------------------------------------------------------------------ lists


def listed_items(site: Site, head: NamedNode, value: Value) -> Value:
    """Return a value with the items of the list that it heads (RDF Schema 1.1, 5.2), as it is where it heads none."""
    if head.value.encode() == _NIL[1:-1]:
        return replace(value, text=gettext("an empty list"), href=None, external=False, note="", here="")
    items = list(_items(site, head))
    if not items:
        return value
    shown = tuple(show(site, item) for item in items[:_MOST_ITEMS])
    return replace(value, parts=shown, form="list", left_out=len(items) - len(shown))


def _items(site: Site, head: NamedNode) -> Iterator[Term | Triple]:
    """Yield the items of a list, one more than is shown at most; a list that goes in a circle ends where it began."""
    seen: set[str] = set()
    node: Term | Triple | None = head
    while isinstance(node, NamedNode) and node.value not in seen and len(seen) <= _MOST_ITEMS:
        seen.add(node.value)
        description = site.descriptions.of(node.value)
        node = None
        for line in description.own if description else ():
            property_ = line.split(b" ", 2)[1]
            if property_ == _FIRST:
                yield _object(line)
            elif property_ == _REST:
                node = _object(line)


def _object(line: bytes) -> Term | Triple:
    quad: Quad = next(parse(line, format=RdfFormat.N_QUADS))
    return quad.object
