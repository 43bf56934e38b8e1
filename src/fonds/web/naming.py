"""What a thing is called: by its labels, else by whatever property of the data reads like a name, else by its IRI."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from fonds.naming import preferred
from fonds.translations import gettext
from fonds.vocabulary import CRM, PREFIXES
from fonds.web.site import Site
from fonds.web.terms import readable, short_name

_NAMELIKE = re.compile(
    rb"[/#](?:(?:full|display|preferred|pref|main|official|short|common)[_-]?)?"
    rb"(?:name|label|title|headline|caption|appellation|literal_?form)>$",
    re.IGNORECASE,
)
_GIVEN = re.compile(rb"[/#](?:given_?name|first_?name|forename)>$", re.IGNORECASE)
_FAMILY = re.compile(rb"[/#](?:family_?name|last_?name|surname)>$", re.IGNORECASE)
_NAMED_BY = frozenset(
    f"<{each}>".encode()
    for each in (
        CRM.P1_is_identified_by.value,
        CRM.P102_has_title.value,
        "http://www.w3.org/2008/05/skos-xl#prefLabel",
    )
)
"""Properties that lead to a name which is a thing of its own."""
_CONTENT = f"<{CRM.P190_has_symbolic_content.value}>".encode()
_LONGEST_NAME = 200
_MOST_NAMES = 4
_MOST_LINES = 2_000
_TYPE = f"<{PREFIXES['rdf']}type>".encode()
_UNNAMED = "/.well-known/genid/"


def is_unnamed(iri: str) -> bool:
    """Tell whether an IRI stands for what was a blank node in its source (RDF 1.1 Concepts 3.5)."""
    return _UNNAMED in iri


def called(site: Site, iri: str) -> Literal | None:
    """Return what a thing is called, None where nothing that is stated of it reads like a name."""
    label = site.labels.of(iri)
    if label is not None or site.is_publication:
        return label
    return _name_within(site, iri, 1)


def _name_within(site: Site, iri: str, steps: int) -> Literal | None:
    """Return a name that stands in a description, or as many steps away as are allowed."""
    found = site.descriptions.of(iri)
    if found is None:
        return None
    lines = [(line.split(b" ", 2)[1], line) for line in islice(found.own, _MOST_LINES)]
    named = _literals(line for property_, line in lines if _NAMELIKE.search(property_))
    if name := preferred(named, site.settings.languages):
        return name
    if name := _of_a_person(lines):
        return name
    for _, line in islice(((each, line) for each, line in lines if each in _NAMED_BY), _MOST_NAMES):
        if steps and (name := _appellation(site, line)):
            return name
    if not steps and (content := preferred(_literals(line for each, line in lines if each == _CONTENT), ())):
        return content
    return None


def _of_a_person(lines: Iterable[tuple[bytes, bytes]]) -> Literal | None:
    """Return given and family name as one."""
    given = family = ""
    for property_, line in lines:
        if not given and _GIVEN.search(property_):
            given = next((each.value for each in _literals([line])), "")
        elif not family and _FAMILY.search(property_):
            family = next((each.value for each in _literals([line])), "")
    return Literal(f"{given} {family}".strip()) if given or family else None


def _appellation(site: Site, line: bytes) -> Literal | None:
    """Return the words of a name that is a thing of its own."""
    name = _parsed(line).object
    if not isinstance(name, NamedNode):
        return None
    return site.labels.of(name.value) or _name_within(site, name.value, 0)


def _literals(lines: Iterable[bytes]) -> list[Literal]:
    values = (_parsed(line).object for line in lines)
    return [each for each in values if isinstance(each, Literal) and 0 < len(each.value) <= _LONGEST_NAME]


def _parsed(line: bytes) -> Quad:
    quad: Quad = next(parse(line, format=RdfFormat.N_QUADS))
    return quad


def readable_name(site: Site, iri: str) -> str:
    """Return something to call a thing that has no label."""
    if is_unnamed(iri):
        kinds = [
            _parsed(line).object for line in site.descriptions.names(iri) if line.split(b" ", 2)[1] == _TYPE
        ]
        named = [each for each in kinds if isinstance(each, NamedNode)]
        return (
            gettext("unnamed {kind}").format(kind=site.terms.label(named[0].value))
            if named
            else gettext("unnamed node")
        )
    path = site.addresses.iris.path(iri)
    if path and path.startswith("id/"):
        return " / ".join(path.split("/")[2:]) or path
    return readable(iri)


def title_of(site: Site, iri: str) -> tuple[str, str | None]:
    """Return what a list calls a thing, and in which language that is; None for something readable that is no name."""
    label = called(site, iri)
    return (label.value, label.language) if label else (readable_name(site, iri), None)


def in_language_of_page(site: Site, iri: str, title: str, language: str | None) -> tuple[str, str | None]:
    """Return a label in the language of the page, else the title that a list has, in the language that all pages share.

    Args:
        site: Where it is listed.
        iri: The thing.
        title: As the list has it.
        language: Of that.
    """
    if not site.prefix or (language or "").partition("-")[0] == site.language:
        return title, language
    label = site.labels.of(iri)
    if label is None or (label.language or "").partition("-")[0].lower() != site.language:
        return title, language
    return label.value, label.language


def short(site: Site, iri: str) -> str:
    """Return a short name of something that has no label: as a value of something else."""
    own = iri.startswith(f"{site.base}id/") or is_unnamed(iri)
    return readable_name(site, iri) if own else short_name(iri)
