"""What the texts find for which a query looks, from the full-text index of the release: ``fv:matches``."""

from __future__ import annotations

from collections.abc import Iterable

from fonds.errors import QuerySyntaxError, SearchError
from fonds.search.asking import read_question
from fonds.store import Matches
from fonds.store.matching import MOST_THINGS, Wanted, fault
from fonds.web.site import Site


def matches_of(site: Site, query: str, wanted: Iterable[Wanted]) -> tuple[Matches, ...]:
    """Return what each text finds.

    Args:
        site: Where it is searched.
        query: In which they stand.
        wanted: The texts.

    Raises:
        QuerySyntaxError: There is no index; a text is empty or too long, or finds too much.
    """
    return tuple(Matches(each.words, _things(site, query, each)) for each in wanted)


def _things(site: Site, query: str, wanted: Wanted) -> tuple[str, ...]:
    if site.search is None:
        raise fault(
            query, wanted.start, "this release has no full-text index, so that there is no fv:matches here."
        )
    try:
        question = read_question(wanted.words)
    except SearchError as error:
        raise fault(query, wanted.start, f"fv:matches: {error}") from error
    if not question.text:
        raise fault(query, wanted.start, "fv:matches looks for nothing; write a word, a name or a day.")
    things = site.search.things(question, MOST_THINGS)
    if things is None:
        raise _too_many(query, wanted)
    return things


def _too_many(query: str, wanted: Wanted) -> QuerySyntaxError:
    return fault(
        query,
        wanted.start,
        f"“{wanted.words[:60]}” finds more than {MOST_THINGS:,} things; add words to it, or take all of them without fv:matches.",
    )
