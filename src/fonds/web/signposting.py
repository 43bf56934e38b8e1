"""FAIR Signposting: typed links by which machines find identifier, metadata and content (signposting.org/FAIR, RFC 8288).

Level 1 stands in the Link header and in the head of a page; level 2 is the same as a set of links (RFC 9264), which leaves out
nothing however long it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from fonds.addresses import uri
from fonds.formats import LINKSET, Format
from fonds.vocabulary import CRM, DCTERMS, RDF

_ABOUT_PAGE = "https://schema.org/AboutPage"
_MOST_LINKS = 12
"""Authors in a header: a header is no place for hundreds of them; the set of links has all."""
_MOST_IN_SET = 1_000

_SCHEMA = {
    f"<{class_.value}>".encode(): f"https://schema.org/{type_}"
    for class_, type_ in (
        (CRM.E31_Document, "CreativeWork"),
        (CRM.E73_Information_Object, "CreativeWork"),
        (CRM.E33_Linguistic_Object, "CreativeWork"),
        (CRM["E22_Human-Made_Object"], "CreativeWork"),
        (CRM.E21_Person, "Person"),
        (CRM.E74_Group, "Organization"),
        (CRM.E53_Place, "Place"),
        (CRM.E5_Event, "Event"),
        (CRM.E7_Activity, "Event"),
    )
}
_TYPE, _CREATOR = f"<{RDF.type.value}>".encode(), f"<{DCTERMS.creator.value}>".encode()


class Link(NamedTuple):
    """A typed link.

    Attributes:
        relation: Its type (RFC 8288 3.3).
        href: Where it leads; an IRI, or an address relative to the root of the site.
        media_type: Of what is there, empty where that is not said.
        profile: Which conventions that follows (RFC 6906), empty for none.
    """

    relation: str
    href: str
    media_type: str = ""
    profile: str = ""

    @property
    def absolute(self) -> bool:
        """Whether it leads to an IRI."""
        head, colon, _ = self.href.partition(":")
        return bool(colon) and "/" not in head and "?" not in head


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What a document has to point at.

    Attributes:
        iri: The thing that it is about.
        address: The document, relative to the root of the site.
        types: What kind of page and of thing it is, by schema.org.
        authors: Who made the thing: IRIs of ours.
        license: The licence, or the statement on rights, of what the document shows; empty where nothing is stated.
        metadata: Formats in which the thing is described.
        content: Formats of its words.
    """

    iri: str
    address: str
    types: Sequence[str]
    authors: Sequence[str]
    license: str
    metadata: Sequence[Format]
    content: Sequence[Format]


def landmarks(
    iri: str,
    address: str,
    own: Iterable[bytes],
    *,
    license: str,
    metadata: Sequence[Format],
    content: Sequence[Format],
) -> Landmarks:
    """Return the landmarks of a document, with types and authors from what is asserted of the thing.

    Args:
        iri: The thing.
        address: The document, relative to the root of the site.
        own: Lines of N-Quads about it.
        license: See :class:`Landmarks`.
        metadata: See :class:`Landmarks`.
        content: See :class:`Landmarks`.
    """
    start = f"<{iri}> ".encode()
    types: dict[str, None] = {_ABOUT_PAGE: None}
    authors: dict[str, None] = {}
    for line in own:
        if line.startswith(start):
            _, predicate, rest = line.split(b" ", 2)
            value = rest.partition(b" ")[0]
            if predicate == _TYPE and value in _SCHEMA:
                types[_SCHEMA[value]] = None
            elif predicate == _CREATOR and value.startswith(b"<"):
                authors[value[1:-1].decode()] = None
    return Landmarks(iri, address, tuple(types), tuple(authors), license, metadata, content)


def links_of(marks: Landmarks) -> Iterator[Link]:
    """Yield the links of a page (FAIR Signposting, level 1, landing page)."""
    yield Link("cite-as", marks.iri)
    for type_ in marks.types:
        yield Link("type", type_)
    for author in marks.authors:
        yield Link("author", author)
    if marks.license:
        yield Link("license", marks.license)
    for each in marks.metadata:
        yield Link("describedby", in_format(marks.address, each), each.media_type, each.profile)
    for each in marks.content:
        yield Link("item", in_format(marks.address, each), each.media_type)


def level_1(marks: Landmarks) -> list[Link]:
    """Return the links that stand in a page's header and head, and where all of them stand."""
    found: list[Link] = []
    for each in links_of(marks):
        if each.relation != "author" or sum(link.relation == "author" for link in found) < _MOST_LINKS:
            found.append(each)
    return [*found, Link("linkset", in_format(marks.address, LINKSET), LINKSET.media_type)]


def in_format(address: str, format_: Format) -> str:
    """Return the address of one representation of a document."""
    return f"{address}&format={format_.ending}" if "?" in address else f"{address}.{format_.ending}"


def header_values(links: Iterable[Link], root: str) -> list[str]:
    """Return links as values of the Link header; addresses relative to the root of the site get that root before them."""
    return [
        f'<{uri(each.href) if each.absolute else root + each.href}>; rel="{each.relation}"{_type(each)}'
        for each in links
    ]


def _type(link: Link) -> str:
    if not link.media_type:
        return ""
    # Inside the type, as in the links to alternates: a client that looks for plain JSON-LD passes it over.
    profile = f';profile=\\"{link.profile}\\"' if link.profile else ""
    return f'; type="{link.media_type}{profile}"'


def linkset(marks: Landmarks, base: str) -> bytes:
    """Return all links, from the page and back to it, as ``application/linkset+json`` (RFC 9264 4.2)."""
    page = base + marks.address
    here: dict[str, list[dict[str, object]]] = {}
    back: list[dict[str, object]] = []
    home = [{"href": page, "type": "text/html"}]
    for number, each in enumerate(links_of(marks)):
        if number == _MOST_IN_SET:
            break
        href = uri(each.href) if each.absolute else base + each.href
        target: dict[str, object] = {"href": href}
        if each.media_type:
            target["type"] = each.media_type
        if each.profile:
            target["profile"] = [each.profile]
        here.setdefault(each.relation, []).append(target)
        if each.relation == "item":
            back.append({"anchor": href, "collection": home})
        elif each.relation == "describedby":
            back.append({"anchor": href, "describes": home})
    return msgspec.json.encode({"linkset": [{"anchor": page, **here}, *back]})
