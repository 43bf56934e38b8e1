"""Other people's data that ours is matched with: authority files, known by what their IRIs begin with."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

EXACT: frozenset[bytes] = frozenset(
    {
        b"<http://www.w3.org/2004/02/skos/core#exactMatch>",
        b"<http://www.w3.org/2002/07/owl#sameAs>",
        b"<https://schema.org/sameAs>",
        b"<http://schema.org/sameAs>",
    }
)
"""Properties that say of two IRIs that they mean the same, as N-Triples."""

MATCHES: frozenset[bytes] = EXACT | {
    b"<http://www.w3.org/2004/02/skos/core#closeMatch>",
    b"<http://www.w3.org/2004/02/skos/core#broadMatch>",
    b"<http://www.w3.org/2004/02/skos/core#narrowMatch>",
    b"<http://www.w3.org/2004/02/skos/core#relatedMatch>",
    b"<http://www.w3.org/2000/01/rdf-schema#seeAlso>",
}
"""Properties that lead to the same or a near thing in other people's data, as N-Triples."""


class Target(NamedTuple):
    """A data set that IRIs lead to.

    Attributes:
        name: For addresses of ours; empty for one that is known by its host only.
        title: What it is called.
        space: What its IRIs begin with.
    """

    name: str
    title: str
    space: str


# What IRIs begin with, without their scheme: some of these are written with http and with https.
_KNOWN: dict[str, tuple[str, str]] = {
    "www.wikidata.org/entity/": ("wikidata", "Wikidata"),
    "viaf.org/viaf/": ("viaf", "Virtual International Authority File"),
    "d-nb.info/gnd/": ("gnd", "Gemeinsame Normdatei"),
    "sws.geonames.org/": ("geonames", "GeoNames"),
    "id.loc.gov/authorities/names/": ("lcnaf", "Library of Congress Name Authority File"),
    "id.loc.gov/authorities/subjects/": ("lcsh", "Library of Congress Subject Headings"),
    "id.loc.gov/vocabulary/iso639-2/": ("iso639-2", "ISO 639-2 languages at the Library of Congress"),
    "vocab.getty.edu/aat/": ("aat", "Art & Architecture Thesaurus"),
    "vocab.getty.edu/tgn/": ("tgn", "Getty Thesaurus of Geographic Names"),
    "vocab.getty.edu/ulan/": ("ulan", "Union List of Artist Names"),
    "data.bnf.fr/ark:/12148/": ("bnf", "data.bnf.fr"),
    "isni.org/isni/": ("isni", "International Standard Name Identifier"),
    "orcid.org/": ("orcid", "ORCID"),
    "dbpedia.org/resource/": ("dbpedia", "DBpedia"),
    "id.worldcat.org/fast/": ("fast", "Faceted Application of Subject Terminology"),
    "pleiades.stoa.org/places/": ("pleiades", "Pleiades"),
}
_HTTPS = frozenset({"gnd", "geonames", "isni", "orcid", "pleiades"})
"""Those whose own IRIs begin with https; the others' begin with http."""
_KNOWN_HOSTS = frozenset(space.partition("/")[0] for space in _KNOWN)


def target_of(iri: str) -> Target | None:
    """Return the data set that an IRI belongs to.

    A known authority file; else, under the IRI's host, whatever its publisher has there. None for an IRI that is not one of
    the web, and for other things on the hosts of authority files.

    >>> target_of("https://d-nb.info/gnd/118540238")
    Target(name='gnd', title='Gemeinsame Normdatei', space='https://d-nb.info/gnd/')
    >>> target_of("http://d-nb.info/gnd/118540238").name, target_of("http://a.example/x").space
    ('gnd-http', 'http://a.example/')
    >>> target_of("https://d-nb.info/standards/"), target_of("urn:x")
    (None, None)
    """
    scheme, _, rest = iri.partition("://")
    if scheme not in ("http", "https"):
        return None
    host = rest.partition("/")[0]
    if host not in _KNOWN_HOSTS:
        return Target("", host, f"{scheme}://{host}/") if rest.startswith(f"{host}/") and host else None
    for space, (name, title) in _KNOWN.items():
        if rest.startswith(space):
            usual = (scheme == "https") == (name in _HTTPS)
            return Target(name if usual else f"{name}-{scheme}", title, f"{scheme}://{space}")
    return None


def host_of(iri: str) -> str:
    """Return the host of an IRI, empty where it has none."""
    try:
        return urlsplit(iri).netloc
    except ValueError:
        # An IRI with a bracket in its host that is no IPv6 address: RFC 3986 3.2.2 forbids it, RDF parsers let it pass.
        return ""


def spaces() -> tuple[str, ...]:
    """Return what the IRIs of known authority files begin with, without their scheme."""
    return tuple(_KNOWN)
