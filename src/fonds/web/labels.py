"""What things are called: one label for each, in the language that is wanted most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyoxigraph import Literal, RdfFormat, parse

from fonds.descriptions import Descriptions
from fonds.naming import preferred

_MOST_KNOWN = 8_192


class _Unknown:
    """Stands for a label that was not looked up yet; None is that of a thing without one."""


_UNKNOWN = _Unknown()


class Labels:
    """The labels of a release, looked up as they are needed and kept for a while; threads may share them.

    Args:
        descriptions: Where they stand.
        languages: The languages of the publication, the one that is preferred first.
        properties: Whose values are labels.
    """

    def __init__(
        self, descriptions: Descriptions, languages: Sequence[str], properties: Iterable[str]
    ) -> None:
        self._descriptions = descriptions
        self._languages = languages
        self._of = tuple(properties)
        self._properties = frozenset(f"<{each}>".encode() for each in self._of)
        self._known: dict[str, Literal | None] = {}

    def in_order_of(self, languages: Sequence[str]) -> Labels:
        """Return the same labels, of which another language is preferred."""
        return Labels(self._descriptions, languages, self._of)

    def of(self, iri: str) -> Literal | None:
        """Return what a thing is called, None where it has no label."""
        # One look-up: another thread may clear what is known in between.
        known = self._known.get(iri, _UNKNOWN)
        if not isinstance(known, _Unknown):
            return known
        lines = [line for line in self._descriptions.names(iri) if line.split(b" ", 2)[1] in self._properties]
        label = None
        if lines:
            values = (quad.object for quad in parse(b"".join(lines), format=RdfFormat.N_QUADS))
            label = preferred((each for each in values if isinstance(each, Literal)), self._languages)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[iri] = label
        return label
