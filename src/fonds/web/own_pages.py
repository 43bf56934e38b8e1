"""Pages of a publication's own: about it, and whatever else it says in words."""

from __future__ import annotations

from pathlib import Path

from fonds.release.made import read_made
from fonds.release.presentation.files import ABOUT, HOME, PICTURES, address_of
from fonds.translations import said
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.contents import read_facts, vocabularies
from fonds.web.listings import counts, page_answer
from fonds.web.problems import Choice, Problem
from fonds.web.representations import FRESH
from fonds.web.site import Site

PICTURE_TYPES = {
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".jpg": b"image/jpeg",
    ".jpeg": b"image/jpeg",
    ".webp": b"image/webp",
}
_KEPT = (b"cache-control", b"public, max-age=3600")


def about(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/about``: whose this is, what is in it, how it came about; in the publication's words, where it has some."""
    return page_answer(
        site,
        exchange,
        "about.html",
        page=site.own.page(ABOUT, site.language),
        versions_of_page=site.own.versions(ABOUT),
        counts=counts(site),
        vocabularies=vocabularies(read_facts(site)),
        made=read_made(site.release.made),
        canonical=address_of(ABOUT),
    )


def page(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/pages/{name}``: a page of the publication, or a picture on one.

    Raises:
        Problem: There is none of that name.
    """
    file = f"{site.release.site.name}/{PICTURES}/pages/{name}"
    if file in site.release.manifest.files:
        return _picture(exchange, site.release.folder / file)
    if name in (ABOUT, HOME) and (name == HOME or site.own.page(name)):
        exchange.keep = True
        return Answer(301, ((b"location", f"../{address_of(name)}".encode()), FRESH))
    shown = next((each for each in site.own.pages if each.address == f"pages/{name}"), None)
    if shown is None:
        choices = tuple(
            Choice(each.address, each.title) for each in site.own.pages if each.is_preferred and each.title
        )
        raise Problem(
            404, said("There is no page “{name}”.", name=name[:60]), (*choices, Choice("", said("Home")))
        )
    return page_answer(
        site,
        exchange,
        "page.html",
        page=shown,
        versions_of_page=site.own.versions(shown.name),
        canonical=shown.address,
    )


def _picture(exchange: Exchange, path: Path) -> Answer:
    exchange.keep = True
    headers: Headers = ((b"content-type", PICTURE_TYPES[path.suffix.lower()]), _KEPT)
    return Answer(200, headers, path.read_bytes())
