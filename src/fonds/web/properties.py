"""What properties are called: as the data's own ontology says, else as the tables of terms do, else by their local names."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from fonds.naming import preferred
from fonds.translations import gettext
from fonds.vocabulary import OWL, RDFS, SKOS
from fonds.web.site import Site
from fonds.web.terms import readable
from fonds.web.values import external

_MOST_KNOWN = 4_096
_DEFINING = frozenset(f"<{each.value}>".encode() for each in (RDFS.comment, SKOS.definition))
_INVERSE = f"<{OWL.inverseOf.value}>".encode()
_LONGEST_DEFINITION = 500


@dataclass(frozen=True, slots=True)
class Property:
    """A property as pages speak of it.

    Attributes:
        label: What it is called.
        definition: What it means; empty where nothing says it.
        backwards: What it is called when it is read from its value.
        href: Where it is explained, relative to the root; absolute where that is another site; None where it is nowhere.
        external: Whether that is another site.
        language: Of the label; None where it is that of the page, or not known.
    """

    label: str
    definition: str
    backwards: str
    href: str | None
    external: bool
    language: str | None = None


def property_of(site: Site, iri: str) -> Property:
    """Return a property as pages speak of it; what was found is kept for a while."""
    known = site.properties.get(iri)
    if known is None:
        known = _found(site, iri)
        if len(site.properties) >= _MOST_KNOWN:
            site.properties.clear()
        site.properties[iri] = known
    return known


def _found(site: Site, iri: str) -> Property:
    # A publication's tables have been checked, and say more than a label; a dataset's own ontology knows best.
    own = None if site.is_publication else site.labels.of(iri)
    label = own.value if own else site.terms.label(iri)
    inverse = (None if site.is_publication else _stated_inverse(site, iri)) or site.terms.inverse_label(iri)
    english = own is None or (own.language or "en").lower().startswith("en")
    ours = is_explained(site, iri)
    return Property(
        label,
        (None if site.is_publication else _stated_definition(site, iri)) or site.terms.definition(iri),
        inverse
        or (read_backwards(label) if english else None)
        or gettext("through “{label}”").format(label=label),
        site.addresses.of_iri(iri) if ours else external(iri),
        not ours,
        own.language if own and site.language_of_terms else site.language_of_terms,
    )


def is_explained(site: Site, iri: str) -> bool:
    """Tell whether a property has a page here: one that nothing is said of has none."""
    return site.descriptions.mentions(iri) or (site.is_publication and iri in site.terms.by_iri)


def _stated_definition(site: Site, iri: str) -> str | None:
    found = site.descriptions.of(iri)
    lines = [each for each in (found.own if found else ()) if each.split(b" ", 2)[1] in _DEFINING]
    values = (quad.object for quad in parse(b"".join(lines), format=RdfFormat.N_QUADS))
    best = preferred((each for each in values if isinstance(each, Literal)), site.settings.languages)
    return best.value[:_LONGEST_DEFINITION] if best else None


def _stated_inverse(site: Site, iri: str) -> str | None:
    """Return what the inverse is called that the data state, in either direction."""
    found = site.descriptions.of(iri)
    lines = [
        each for each in ((*found.own, *found.links) if found else ()) if each.split(b" ", 2)[1] == _INVERSE
    ]
    for quad in parse(b"".join(lines), format=RdfFormat.N_QUADS):
        other = quad.object if quad.subject == NamedNode(iri) else quad.subject
        if isinstance(other, NamedNode):
            label = site.labels.of(other.value)
            return label.value if label else readable(other.value)
    return None


_IRREGULAR = {
    "broader": "narrower",
    "narrower": "broader",
    "related": "is related to",
    "knows": "is known by",
    "made": "was made by",
    "same as": "is the same as",
    "type": "is the type of",
    "first": "is an item of",
    "is defined by": "defines",
    "in scheme": "has the term",
}
_NO_NOUN_BEGINS = frozenset(
    {"is", "was", "are", "were", "be", "see", "to", "in", "on", "at", "by", "for", "from", "with", "same"}
)
_NO_NOUN_ENDS = frozenset({"of", "to", "in", "on", "at", "by", "for", "from", "with", "as", "also", "about"})


def read_backwards(label: str) -> str | None:
    """Return what an English name of a property becomes when it is read from the value, None where that is not clear.

    >>> read_backwards("author"), read_backwards("has part"), read_backwards("is part of"), read_backwards("mentions")
    ('is author of', 'is part of', 'has part', None)
    """
    words = label.split()
    if known := _IRREGULAR.get(label.casefold()):
        return known
    if not 0 < len(words) <= 4:
        return None
    first, last = words[0].casefold(), words[-1].casefold()
    if first == "has" and len(words) > 1 and last not in _NO_NOUN_ENDS:
        return f"is {' '.join(words[1:])} of"
    if first == "is" and last == "of" and len(words) > 2:
        return f"has {' '.join(words[1:-1])}"
    if last == "of" and len(words) > 1 and not _is_verb(first):
        return f"has {' '.join(words[:-1])}"
    return None if first == "has" or _is_verb(first) or last in _NO_NOUN_ENDS else f"is {label} of"


def _is_verb(word: str) -> bool:
    """Tell whether a word is more likely a verb than a noun: ``mentions``, ``used``."""
    if word in _NO_NOUN_BEGINS or word.endswith("ed"):
        return True
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))
