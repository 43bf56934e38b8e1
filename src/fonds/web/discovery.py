"""What tells crawlers where to go: ``/robots.txt``, sitemaps, BEACON files, an index of letters."""

from __future__ import annotations

from fonds.release.cmif import CMIF
from fonds.translations import said
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.problems import Choice, Problem
from fonds.web.site import Site

_KEPT = (b"cache-control", b"public, max-age=3600")


def robots(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/robots.txt`` (RFC 9309): documents and data may be read; endless lists and answers of queries need not be."""
    exchange.keep = True
    # The same lists and answers in other languages.
    others = "".join(
        f"Disallow: /{language}/{path}\n"
        for language in site.settings.site.languages[1:]
        for path in (
            "sparql?",
            "search?",
            "queries/*?",
            "timeline?",
            "map?",
            "network/",
            "browse/*?",
            "browse?",
        )
    )
    # The longest rule that matches wins (RFC 9309 2.2.2): the endpoint itself, which describes itself, may be read.
    # Readers from before that standard (Python's own among them) take the first rule that matches: hence this order.
    text = (
        "User-agent: *\n"
        "Disallow: /sparql?\n"
        "Disallow: /search?\n"
        "Disallow: /queries/*?\n"
        "Disallow: /timeline?\n"
        "Disallow: /map?\n"
        "Disallow: /network/\n"
        "Disallow: /browse/*?\n"
        "Allow: /browse/\n"
        "Disallow: /browse?\n"
        f"{others}"
        "Allow: /\n"
        f"Sitemap: {site.base}sitemap.xml\n"
    )
    return Answer(200, ((b"content-type", b"text/plain;charset=utf-8"), _KEPT), text.encode())


def sitemap_index(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/sitemap.xml``: the list of the sitemaps."""
    return _file(site, exchange, "sitemap/index.xml", b"application/xml")


def sitemap(site: Site, exchange: Exchange, number: str) -> Answer:
    """Answer ``/sitemap-{number}.xml``: a sitemap; it stands at the root, since it lists what is below it only."""
    return _file(site, exchange, f"sitemap/{number}.xml", b"application/xml")


def beacon(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/beacon/{name}.txt``: exact matches with one authority file."""
    return _file(site, exchange, f"beacon/{name}.txt", b"text/plain;charset=utf-8")


def beacons(site: Site) -> list[tuple[str, str]]:
    """Return the BEACON files that there are: address relative to the root, and name."""
    names = (name for name in site.release.manifest.files if name.startswith("beacon/"))
    return [(name, name.removeprefix("beacon/").removesuffix(".txt")) for name in sorted(names)]


def letters(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/cmif.xml``: the letters as a correspondence index."""
    return _file(site, exchange, CMIF, b"application/xml")


def has_letters(site: Site) -> bool:
    """Tell whether there is an index of letters."""
    return CMIF in site.release.manifest.files


def _file(site: Site, exchange: Exchange, name: str, type_: bytes) -> Answer:
    """Return a file of the release; only names that stand in the manifest are looked up.

    Raises:
        Problem: There is none of that name.
    """
    if name not in site.release.manifest.files:
        raise Problem(
            404,
            said("There is no {name}.", name=name[:80]),
            (Choice("sitemap.xml", said("The list of the sitemaps")),),
        )
    exchange.keep = True
    headers: Headers = ((b"content-type", type_), (b"vary", b"Accept-Encoding"), _KEPT)
    return Answer(200, headers, (site.release.folder / name).read_bytes())
