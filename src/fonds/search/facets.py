"""By what a search can be narrowed: kind, names, archive unit, year, language, and whether there are gaps, statements or doubts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fonds.identifiers import Kind
from fonds.model import Authority, Certainty, Reference
from fonds.search.entries import Entry, Period, years_of

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a search.

    Attributes:
        name: As an address has it.
        any_fits: Whether one of several chosen values is enough, because a thing has but one, or years without a break;
            if not, as with people, a thing must have all of them.
        names: Whether its values are keys of things of that kind.
        values: All values that there may be; None where they come from the data.
    """

    name: str
    any_fits: bool = False
    names: bool = False
    values: tuple[str, ...] | None = None

    @property
    def field(self) -> str:
        """Where its values stand in the index."""
        return self.name if self.name == KIND else f"facet_{self.name}"


KIND, YEAR, LANGUAGE, GAPS, STATEMENTS, CERTAINTY = (
    "kind",
    "year",
    "language",
    "gaps",
    "statements",
    "certainty",
)
FOUND: tuple[Kind, ...] = (
    Kind.RECORD,
    Kind.PERSON,
    Kind.GROUP,
    Kind.PLACE,
    Kind.EVENT,
    Kind.WORK,
    Kind.HOLDING,
    Kind.TOPIC,
)
"""The kinds of thing that are found."""
_NAMED = (Kind.PERSON, Kind.GROUP, Kind.PLACE, Kind.EVENT)

FACETS: Mapping[str, Facet] = {
    each.name: each
    for each in (
        Facet(KIND, any_fits=True, values=FOUND),
        *(Facet(kind, names=True) for kind in _NAMED),
        Facet(Kind.HOLDING, any_fits=True, names=True),
        Facet(YEAR, any_fits=True),
        Facet(LANGUAGE, any_fits=True),
        Facet(GAPS, any_fits=True, values=(YES, NO)),
        Facet(STATEMENTS, any_fits=True, values=(YES, NO)),
        Facet(CERTAINTY, any_fits=True, values=tuple(Certainty)),
    )
}
"""All of them by name, in the order in which they are shown."""


def values_of_record(entry: Entry, holdings: Sequence[Reference]) -> Iterator[tuple[Facet, str]]:
    """Yield the values of a record, each once, but for its kind.

    Args:
        entry: By what it is found.
        holdings: The units of the archive that contain it.
    """
    yield from _names((*entry.mentioned, *holdings))
    yield from _words(years_of((entry.written, entry.happened)), (entry.language,))
    yield FACETS[GAPS], YES if entry.has_gaps else NO
    yield FACETS[STATEMENTS], YES if entry.has_statements else NO
    yield FACETS[CERTAINTY], entry.certainty.value


def values_of_authority(
    authority: Authority, when: Period | None, holdings: Sequence[Reference]
) -> Iterator[tuple[Facet, str]]:
    """Yield the values of what is listed: who made it, the units that contain it, its years and languages."""
    yield from _names((*authority.creators, *holdings))
    yield from _words(years_of((when,)), authority.languages)


def _names(references: Iterable[Reference]) -> Iterator[tuple[Facet, str]]:
    for kind, key in dict.fromkeys(references):
        if (facet := FACETS.get(kind)) and facet.names:
            yield facet, key


def _words(years: Iterable[int], languages: Iterable[str]) -> Iterator[tuple[Facet, str]]:
    yield from ((FACETS[YEAR], str(each)) for each in years)
    primary = dict.fromkeys(each.split("-")[0].lower() for each in languages)
    yield from ((FACETS[LANGUAGE], each) for each in primary if each)
