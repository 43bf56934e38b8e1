"""How a search is narrowed on its page: what is chosen, each with the address without it, and what may be, with its number."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from fonds.identifiers import Kind, is_slug
from fonds.model import Certainty
from fonds.search.facets import (
    CERTAINTY,
    FACETS,
    GAPS,
    KIND,
    LANGUAGE,
    NO,
    STATEMENTS,
    YEAR,
    YES,
    Facet,
)
from fonds.search.finding import Count, Counted
from fonds.translations import gettext, marked, said
from fonds.web.naming import title_of
from fonds.web.problems import Problem
from fonds.web.site import Site
from fonds.web.wording import KINDS, counted, heading

ONCE = ("q", "from", "to", "sort", "page", "format", "all")
"""What an address has once; each facet it may have several times."""
_KEPT = ("q", "from", "to", "sort")
_MOST_CHOSEN = 20
_LANGUAGE = re.compile("[a-z]{2,8}")
_YEAR = re.compile("0|-?[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Given:
    """What an address says of a search.

    Attributes:
        once: What it has once, by name.
        chosen: The values of facets, by name.
    """

    once: Mapping[str, str]
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Among what is searched: among records, where nothing is said."""
        return self.chosen.get(KIND, (Kind.RECORD,))

    @property
    def others(self) -> dict[str, tuple[str, ...]]:
        """What is chosen beside the kind."""
        return {name: values for name, values in self.chosen.items() if name != KIND}

    def get(self, name: str) -> str:
        """Return what it has once, empty where it has not."""
        return self.once.get(name, "")

    def address(self, *, page: int = 1, format: str = "", all: str = "") -> str:
        """Return the address of this search, relative to the root; without its page unless one is given."""
        pairs = [(name, self.once[name]) for name in _KEPT if self.once.get(name)]
        pairs += [(name, value) for name in FACETS for value in self.chosen.get(name, ())]
        further = (("all", all), ("page", str(page) if page > 1 else ""), ("format", format))
        return f"search?{urlencode([*pairs, *(each for each in further if each[1])])}"

    def without(self, name: str, value: str = "") -> Given:
        """Return a search without one value of a facet, or without something that it has once."""
        left = tuple(each for each in self.chosen.get(name, ()) if value and each != value)
        once = {key: each for key, each in self.once.items() if key != name}
        chosen = {**self.chosen, name: left}
        return Given(once, {key: each for key, each in chosen.items() if each})

    def with_value(self, name: str, value: str, instead_of: Collection[str] = ()) -> Given:
        """Return a search with one more value of a facet, in place of some that would make it mean nothing."""
        before = self.kinds if name == KIND else self.chosen.get(name, ())
        kept = (each for each in before if each not in instead_of)
        return replace(self, chosen={**self.chosen, name: (*kept, value)})


def check_chosen(chosen: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse what no facet can have.

    Raises:
        Problem: A value that there cannot be; too many of them.
    """
    if sum(map(len, chosen.values())) > _MOST_CHOSEN:
        raise Problem(
            400,
            said(
                "A search can be narrowed by up to {most_chosen} values; leave some out.",
                most_chosen=_MOST_CHOSEN,
            ),
        )
    for name, values in chosen.items():
        for value in values:
            _check(FACETS[name], value)


def _check(facet: Facet, value: str) -> None:
    shown = f"“{value[:40]}”"
    if facet.name == KIND and value not in KINDS:
        raise Problem(
            400,
            said("{shown} is no kind of thing here; there are {kinds}.", shown=shown, kinds=", ".join(KINDS)),
        )
    if facet.values and value not in facet.values:
        raise Problem(
            400,
            said(
                "{facet}: found {shown}, expected {facet_}.",
                facet=facet.name,
                shown=shown,
                facet_=", ".join(facet.values),
            ),
        )
    if facet.name == YEAR and not _YEAR.fullmatch(value):
        raise Problem(400, said("{shown} is not a year; write 1964, or -43 for 44 BC.", shown=shown))
    if facet.names and not is_slug(value):
        raise Problem(
            400,
            said(
                "{facet}: {shown} is not the last part of an identifier here, as in /id/{facet}/….",
                facet=facet.name,
                shown=shown,
            ),
        )
    if facet.name == LANGUAGE and not _LANGUAGE.fullmatch(value):
        raise Problem(400, said("{shown} is not the code of a language; write en, ru, de.", shown=shown))


# -- for people --------------------------------------------------------------------------------------------------------

_HEADINGS = {
    KIND: (marked("Kind"), marked("Kinds")),
    Kind.HOLDING: (marked("Archive unit"), marked("Archive units")),
    YEAR: (marked("Year"), marked("Years")),
    LANGUAGE: (marked("Language"), marked("Languages")),
    GAPS: (marked("Gaps"), marked("Gaps")),
    STATEMENTS: (marked("Statements"), marked("Statements")),
    CERTAINTY: (marked("Certainty"), marked("Certainty")),
}
_WORDS = {
    (GAPS, YES): marked("words lost or withheld"),
    (GAPS, NO): marked("no gaps"),
    (STATEMENTS, YES): marked("with statements"),
    (STATEMENTS, NO): marked("no statements"),
    (CERTAINTY, Certainty.HIGH): marked("nothing in doubt"),
    (CERTAINTY, Certainty.MEDIUM): marked("something less than certain"),
    (CERTAINTY, Certainty.LOW): marked("something in doubt"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet as it is shown.

    Attributes:
        label: What it is called.
        language: Of the label.
        href: The search with it; where it is chosen, without it.
        number: How many things have it.
        chosen: Whether it is chosen.
    """

    label: str
    language: str | None
    href: str
    number: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A facet as it is shown.

    Attributes:
        name: Of the facet.
        heading: What its values are.
        values: In the order in which they are shown.
        href: The search with all of its values; empty where all are here.
    """

    name: str
    heading: str
    values: tuple[Value, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """Something by which a search is narrowed.

    Attributes:
        name: Of the facet, or of what is given once.
        heading: What it is.
        label: Its value.
        language: Of the label.
        href: The search without it.
    """

    name: str
    heading: str
    label: str
    language: str | None
    href: str


def chips(site: Site, given: Given) -> list[Chip]:
    """Return all by which a search is narrowed: by values of facets, and by days."""
    found = [
        Chip(
            name, _headings(name)[0], *_label(site, FACETS[name], value), given.without(name, value).address()
        )
        for name in FACETS
        for value in given.chosen.get(name, ())
    ]
    days = (("from", gettext("From")), ("to", gettext("To")))
    return found + [
        Chip(name, heading, given.get(name), None, given.without(name).address())
        for name, heading in days
        if given.get(name)
    ]


def groups(site: Site, given: Given, facets: tuple[Counted, ...], total: int) -> list[Group]:
    """Return the facets that can narrow a search further, or that are chosen.

    Args:
        site: Where it is searched.
        given: The search.
        facets: The values of its facets.
        total: How many things were found.
    """
    return [
        Group(
            each.facet.name,
            _headings(each.facet.name)[1],
            tuple(_values(site, given, each)),
            given.address(all=each.facet.name) if each.more and given.get("all") != each.facet.name else "",
        )
        for each in facets
        if each.more or any(count.chosen or count.number != total for count in each.counts)
    ]


def _values(site: Site, given: Given, counted_: Counted) -> Iterator[Value]:
    facet = counted_.facet
    for count in counted_.counts:
        label, language = _label(site, facet, count.value)
        yield Value(label, language, _toggled(site, given, facet, count), count.number, count.chosen)


def _toggled(site: Site, given: Given, facet: Facet, count: Count) -> str:
    if count.chosen:
        return given.without(facet.name, count.value).address()
    related = _above_and_below(site, given, count.value) if facet.name == Kind.HOLDING else ()
    return given.with_value(facet.name, count.value, related).address()


def _above_and_below(site: Site, given: Given, unit: str) -> set[str]:
    """Return the chosen units that contain one, or that it contains: both together would be no narrower than the larger."""
    own = site.addresses.iris.thing(Kind.HOLDING, unit).value
    found = set()
    # Where nothing is chosen the archive need not be read.
    for key in given.chosen.get(Kind.HOLDING, ()):
        iri = site.addresses.iris.thing(Kind.HOLDING, key).value
        if _lies_in(site, own, iri) or _lies_in(site, iri, own):
            found.add(key)
    return found


def _lies_in(site: Site, inner: str, outer: str) -> bool:
    return any(each.iri == outer for each in site.holdings.way_to(inner))


def _headings(name: str) -> tuple[str, str]:
    if name in _HEADINGS:
        one, many = _HEADINGS[name]
        return gettext(one), gettext(many)
    return counted(name, 1).capitalize(), heading(name)


def _label(site: Site, facet: Facet, value: str) -> tuple[str, str | None]:
    if facet.names:
        return title_of(site, site.addresses.iris.thing(facet.name, value).value)
    if facet.name == KIND:
        return heading(value), None
    words = _WORDS.get((facet.name, value))
    return gettext(words) if words else value, None
