"""How identifiers are formed: the one place that knows what a URI of a publication looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pyoxigraph import NamedNode

from fonds.errors import FondsError

NS = "https://w3id.org/fonds/ns#"
"""The namespace of the program's own ontology: the same in every publication."""

_BASE = re.compile(r"https?://[^\s/<>\"{}|\\^`?#]+(?:/[^\s<>\"{}|\\^`?#]*)?/")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+|\.[0-9][a-z0-9]*)*")


class Kind(StrEnum):
    """The kinds of thing that get an identifier of their own: the first segment after ``/id/``."""

    RECORD = "record"
    PERSON = "person"
    GROUP = "group"
    PLACE = "place"
    EVENT = "event"
    WORK = "work"
    HOLDING = "holding"
    TOPIC = "topic"
    CAPTURE = "capture"
    SOFTWARE = "software"
    RUN = "run"
    SOURCE = "source"


def is_slug(text: str) -> bool:
    """Tell whether a text can be the last segment of an identifier: ``a-z 0-9``, single hyphens or dots between.

    A dot stands before a digit only, so that no identifier looks like an address with an ending (``letter.ttl``).

    >>> is_slug("letter-7"), is_slug("fonds-0.1"), is_slug("letter.ttl"), is_slug("O. Weiss")
    (True, True, False, False)
    """
    return _SLUG.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class IriSpace:
    """The URIs of one publication, all under its base.

    Attributes:
        base: An absolute IRI that ends with ``/``.

    Raises:
        FondsError: The base is no such IRI.
    """

    base: str

    def __post_init__(self) -> None:
        if not _BASE.fullmatch(self.base):
            raise FondsError(
                f"base: found {self.base!r}, expected an http or https address that ends with a slash"
            )

    def thing(self, kind: str, slug: str, *part: str) -> NamedNode:
        """Return ``{base}id/{kind}/{slug}[/part…]``."""
        whole = f"{self.base}id/{kind}/{slug}"
        return NamedNode(f"{whole}/{'/'.join(part)}" if part else whole)

    def record(self, key: str, *part: str) -> NamedNode:
        """Return the identifier of a record, or of one of its parts."""
        return self.thing("record", key, *part)

    def capture(self, sha256: str, *part: str) -> NamedNode:
        """Return the identifier of a capture: the first sixteen digits of its SHA-256."""
        return self.thing(Kind.CAPTURE, sha256[:16], *part)

    def term(self, scheme: str, term: str) -> NamedNode:
        """Return ``{base}vocab/{scheme}/{term}``, a concept of the publication's own vocabularies."""
        return NamedNode(f"{self.base}vocab/{scheme}/{term}")

    def scheme(self, scheme: str) -> NamedNode:
        """Return ``{base}vocab/{scheme}``, the concept scheme itself."""
        return NamedNode(f"{self.base}vocab/{scheme}")

    def graph(self, *path: str) -> NamedNode:
        """Return ``{base}graph/{path…}``."""
        return NamedNode(f"{self.base}graph/{'/'.join(path)}")

    def document(self, iri: str) -> str | None:
        """Return the address of the document about one of our things, or None if the IRI is not such a thing.

        >>> IriSpace("https://a.example/").document("https://a.example/id/person/x")
        'https://a.example/doc/person/x'
        """
        path = self.path(iri)
        if path is None:
            return None
        if path.startswith("id/"):
            return f"{self.base}doc/{path.removeprefix('id/')}"
        if path.startswith("vocab/"):
            return f"{self.base}doc/{path}"
        if path.startswith("graph/"):
            return iri
        return None

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of this publication's own identifiers; stored queries and Turtle use them without declaring them."""
        kinds = {
            "rec": Kind.RECORD,
            "pe": Kind.PERSON,
            "gr": Kind.GROUP,
            "pl": Kind.PLACE,
            "ev": Kind.EVENT,
            "work": Kind.WORK,
            "hold": Kind.HOLDING,
            "topic": Kind.TOPIC,
            "cap": Kind.CAPTURE,
        }
        things = {prefix: f"{self.base}id/{kind}/" for prefix, kind in kinds.items()}
        terms = {
            "t": f"{self.base}vocab/type/",
            "role": f"{self.base}vocab/role/",
            "language": f"{self.base}vocab/language/",
        }
        return {**things, **terms, "g": f"{self.base}graph/"}

    def path(self, iri: str) -> str | None:
        """Return what follows the base, or None if the IRI is not under it."""
        return iri.removeprefix(self.base) if iri.startswith(self.base) else None

    def graphs_of(self, iri: str) -> tuple[NamedNode, ...]:
        """Return the named graphs that are about this thing as a whole (none for a thing without graphs of its own)."""
        path = self.path(iri)
        match path.split("/") if path else []:
            case ["id", "record", key]:
                return (
                    self.graph("record", key),
                    self.graph("record", key, "text"),
                    self.graph("record", key, "statements"),
                    self.graph("curation", key),
                )
            case ["id", kind, slug]:
                return (self.graph("authority", kind, slug),)
            case _:
                return ()
