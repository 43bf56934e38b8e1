"""The order in which a page tells what is stated of a thing of any kind: first in a sentence, then by what the statements are about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from fonds.translations import gettext, marked
from fonds.web.site import Site
from fonds.web.statements import TYPE, About
from fonds.web.values import Group, Value

_LEADING = tuple(
    re.compile(pattern)
    for pattern in (
        r"^http://purl\.org/dc/terms/description$",
        r"^https?://schema\.org/description$",
        r"^http://www\.w3\.org/2004/02/skos/core#definition$",
        r"^http://www\.w3\.org/2000/01/rdf-schema#comment$",
        r"^http://purl\.org/dc/terms/abstract$",
        r"^http://purl\.org/dc/elements/1\.1/description$",
        r"[/#](?:description|definition|comment|abstract|summary|biography|P3_has_note|scopeAndContent|scopeNote)$",
    )
)
"""Properties whose values say in a sentence what a thing is, the best first."""

_NAMES = re.compile(
    r"(?:name|label|title|headline|alternative|nick|notation|identifier|identifiedBy|code|P1_is_identified_by|P102_has_title)$",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?:note|comment|description|definition|abstract|summary|example|keywords?)$", re.IGNORECASE
)
_DATES = re.compile(
    r"(?:date|created|modified|issued|temporal|time-?span|(?<=[a-z_])time|P4_has_time-span)$", re.IGNORECASE
)
_AGENTS = re.compile(
    r"(?:^|[a-z_])(?:creator|contributor|publisher|author|editor|maker|owner|organi[sz]er|performer|member|agent|"
    r"contact_?point|knows|carried_out_by|keeper|holder|sender|recipient)$",
    re.IGNORECASE,
)
_PLACES = re.compile(
    r"(?:location|place|spatial|coverage|took_place_at|address|lat|long|geo|coordinates)$", re.IGNORECASE
)
_BY_NAME = {
    marked("Names"): _NAMES,
    marked("In words"): _WORDS,
    marked("Dates"): _DATES,
    marked("People and organisations"): _AGENTS,
    marked("Places"): _PLACES,
}
_AGENT_TYPE = re.compile(
    rb"[/#](?:E21_|E39_|E74_)?(?:Person|Agent|Actor|Organi[sz]ation|Group|CorporateBody)>"
)
_PLACE_TYPE = re.compile(rb"[/#](?:E53_)?(?:Place|Location|City|Country|SpatialThing|Feature|Point)>")

TITLES = (*_BY_NAME, marked("More"), marked("Elsewhere"))
_FEW = 12
"""Properties that need no headings between them."""


@dataclass(frozen=True, slots=True)
class Section:
    """Statements that are about one side of a thing.

    Attributes:
        title: Its heading; empty where the statements are few enough to stand together.
        groups: By property.
    """

    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Arranged:
    """What is stated of a thing, in the order in which it is read.

    Attributes:
        lead: What says in a sentence what it is; None where nothing does.
        lead_property: What that property is called.
        sections: All else, but what it is.
    """

    lead: Value | None
    lead_property: str
    sections: tuple[Section, ...]


def arranged(site: Site, about: About) -> Arranged:
    """Return what is stated of a thing in the order in which it is read."""
    groups = [group for group in about.groups if group.iri != TYPE]
    source, lead = _lead(site, groups)
    if source is not None and lead is not None:
        rest = tuple(value for value in source.values if value is not lead)
        groups = [replace(group, values=rest) if group is source else group for group in groups]
    shown = [group for group in groups if group.values]
    return Arranged(lead, source.label if source else "", tuple(_sections(site, shown)))


def _lead(site: Site, groups: Sequence[Group]) -> tuple[Group | None, Value | None]:
    for group in sorted(groups, key=lambda each: _leads(each.iri)):
        if _leads(group.iri) == len(_LEADING):
            break
        words = [each for each in group.values if each.href is None and not each.form and not each.within]
        if words:
            return group, min(words, key=lambda each: _rank(each, site.settings.languages))
    return None, None


@lru_cache(maxsize=4_096)
def _leads(property_: str) -> int:
    """Return which place a property has among those that say what a thing is, from 0; the number of these for any other."""
    return next((place for place, each in enumerate(_LEADING) if each.search(property_)), len(_LEADING))


def _rank(value: Value, languages: Sequence[str]) -> tuple[int, str]:
    language = (value.language or "").lower()
    for place, wanted in enumerate(languages):
        if language.split("-")[0] == wanted.lower().split("-")[0]:
            return place, language
    return len(languages) + bool(language), language


def _sections(site: Site, groups: Sequence[Group]) -> Iterator[Section]:
    by_title: dict[str, list[Group]] = {title: [] for title in TITLES}
    for group in groups:
        by_title[_title(site, group)].append(group)
    filled = [(title, tuple(found)) for title, found in by_title.items() if found]
    if len(groups) <= _FEW or len(filled) < 3:
        together = tuple(group for _, found in filled for group in found)
        if together:
            yield Section("", together)
        return
    for title, found in filled:
        yield Section(gettext(title), found)


def _title(site: Site, group: Group) -> str:
    if title := _by_name(group.iri):
        return title
    first = group.values[0]
    if all(value.datetime for value in group.values):
        return "Dates"
    if _is_a(site, first, _AGENT_TYPE):
        return "People and organisations"
    if _is_a(site, first, _PLACE_TYPE):
        return "Places"
    return "Elsewhere" if all(value.external for value in group.values) else "More"


@lru_cache(maxsize=4_096)
def _by_name(property_: str) -> str:
    """Return under which title a property stands by its name alone, nothing where that does not tell."""
    name = re.split(r"[/#]", property_)[-1]
    for title, pattern in _BY_NAME.items():
        if pattern.search(name):
            return title
    return ""


def _is_a(site: Site, value: Value, kind: re.Pattern[bytes]) -> bool:
    return bool(value.iri) and any(kind.search(line) for line in site.descriptions.names(value.iri))
