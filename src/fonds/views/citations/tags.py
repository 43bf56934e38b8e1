"""What the head of a record's page tells programs that save or show a link: Zotero, and whoever reads OpenGraph.

Zotero's reader of pages knows ``meta`` only. ``z:`` fields go into its own fields as they are. What would win over them, or land
in a wrong field, is not here: no COinS, no ``citation_…``, no ``dc:coverage``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fonds.views.citations.facts import Cited

_TYPES = {"chapter": "bookSection", "letter": "letter", "manuscript": "manuscript"}
_KINDS = {"letter": "z:letterType", "manuscript": "z:manuscriptType"}


@dataclass(frozen=True, slots=True)
class Tag:
    """A ``meta`` element.

    Attributes:
        name: What it is called.
        content: What it says.
        attribute: Where its name stands: ``name``, or ``property`` for OpenGraph.
    """

    name: str
    content: str
    attribute: str = "name"


@dataclass(frozen=True, slots=True)
class Picture:
    """The card of a record.

    Attributes:
        address: Where it is, absolute.
        width: In pixels.
        height: In pixels.
        alternative: What it shows, in words.
    """

    address: str
    width: int
    height: int
    alternative: str


def zotero(cited: Cited) -> list[Tag]:
    """Return the tags by which Zotero saves a record with its archive and its shelfmark."""
    tags = [
        Tag("z:itemType", _TYPES[cited.form]),
        Tag("dc:title", cited.title),
        *(Tag("dc:creator", each.inverted) for each in cited.authors),
        Tag("dc:date", cited.date.value if cited.date else ""),
        Tag("dc:language", cited.language),
        Tag("z:bookTitle", cited.container),
        Tag("z:archive", cited.archive),
        Tag("z:archiveLocation", cited.location),
        Tag(_KINDS.get(cited.form, ""), cited.kind),
        Tag("dcterms:abstract", cited.abstract),
        Tag("dc:rights", cited.rights),
    ]
    return [each for each in tags if each.name and each.content]


def open_graph(cited: Cited, address: str, site: str, picture: Picture | None) -> list[Tag]:
    """Return what a link to the page is shown with.

    Args:
        cited: The record.
        address: Of its page, absolute.
        site: What the site is called.
        picture: Its card, if there is one.
    """
    tags = [
        ("og:type", "article"),
        ("og:title", cited.title),
        ("og:url", address),
        ("og:description", cited.abstract),
        ("og:site_name", site),
        *(_shown(picture) if picture else ()),
    ]
    return [
        *(Tag(name, content, "property") for name, content in tags if content),
        *([Tag("twitter:card", "summary_large_image")] if picture else []),
    ]


def _shown(picture: Picture) -> Iterator[tuple[str, str]]:
    yield "og:image", picture.address
    yield "og:image:type", "image/png"
    yield "og:image:width", str(picture.width)
    yield "og:image:height", str(picture.height)
    yield "og:image:alt", picture.alternative
