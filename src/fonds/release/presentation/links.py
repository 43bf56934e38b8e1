"""Where the links of a page lead: to other pages, to addresses of the site, to things of the data, elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from fonds.errors import Fault
from fonds.formats import DOCUMENT_FORMATS

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WEB = frozenset({"http", "https"})
_OUTSIDE = _WEB | {"mailto", "tel"}
_FIXED = frozenset(
    {
        "",
        "about",
        "browse",
        "changes",
        "changes.atom",
        "citation.cff",
        "cmif.xml",
        "dataset",
        "dumps/",
        "errata",
        "errata.csv",
        "help",
        "help/archivists",
        "help/historians",
        "help/model",
        "help/programs",
        "help/shelfmarks",
        "help/sparql",
        "map",
        "map.csv",
        "map.geojson",
        "map.svg",
        "ns",
        "openapi.json",
        "queries",
        "queries/",
        "release/",
        "report",
        "search",
        "sitemap.xml",
        "sparql",
        "timeline",
        "timeline.csv",
        "timeline.svg",
    }
)
_THINGS = ("id/", "doc/", "vocab/", "graph/")
_HOPE = "write visiting.md for a page, /dataset for an address of this site, /id/record/KEY for a thing"


@dataclass(frozen=True, slots=True)
class Names:
    """Where links may lead.

    Attributes:
        pages: Address by name of the file: ``visiting.md``, ``visiting.ru.md``.
        queries: The stored queries.
    """

    pages: dict[str, str]
    queries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pointer:
    """A link to a thing of the data, and the fault that it is if there is no such thing.

    Attributes:
        paths: What may follow the base in the thing's IRI.
        fault: To be told then.
    """

    paths: tuple[str, ...]
    fault: Fault


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a link leads.

    Attributes:
        address: Relative to the root; None where that is not needed: elsewhere, or within the same page.
        fragment: A place within it.
        is_outside: Whether it leads to another site; a letter or a call leads to none.
        is_page: Whether it leads to a page of words.
        thing: What may follow the base in the IRI of the thing that it is about.
    """

    address: str | None = None
    fragment: str = ""
    is_outside: bool = False
    is_page: bool = False
    thing: tuple[str, ...] = ()


def where(href: str, names: Names) -> Leads | str:
    """Return where a link leads, or what is wrong with it.

    Args:
        href: As it is written, percent-encoded.
        names: Where it may lead.
    """
    if scheme := _SCHEME.match(href):
        if scheme[1].lower() in _OUTSIDE:
            return Leads(is_outside=scheme[1].lower() in _WEB)
        return f"the link {href!r} has a scheme that is not followed here; there are {', '.join(sorted(_OUTSIDE))}"
    path, _, fragment = href.partition("#")
    if not path and fragment:
        return Leads(fragment=unquote(fragment), is_page=True)
    return _on_site(href, path, fragment, names)


def _on_site(href: str, path: str, fragment: str, names: Names) -> Leads | str:
    """Return where a link without a scheme leads, or what is wrong with it."""
    if path in names.pages:
        return Leads(names.pages[path], unquote(fragment), is_page=True)
    if path.endswith(".md"):
        return f"there is no page {path!r} in pages/; there are {', '.join(sorted(names.pages))}"
    if path.startswith("/") and not path.startswith("//"):
        return _within(path[1:], fragment, names)
    return f"the link {href!r} leads nowhere; {_HOPE}"


def _within(address: str, fragment: str, names: Names) -> Leads | str:
    """Return where an address of the site leads, or what is wrong with it."""
    path, mark, query = address.partition("?")
    if path.startswith(_THINGS):
        return Leads(address, fragment, thing=tuple(_paths(path)))
    pages = {each: name for name, each in names.pages.items()}
    if path in pages:
        return Leads(address, fragment, is_page=True)
    head, _, name = path.partition("/")
    if head == "queries" and name and not names.queries & {name, name.rpartition(".")[0]}:
        return f"there is no stored query {name!r} in queries/"
    if path in _FIXED or head in ("queries", "dumps", "browse") or (path, mark) == ("doc", "?"):
        return Leads(f"{path}{mark}{query}", fragment)
    stem, _, ending = path.rpartition(".")
    if stem in ("dataset", "report", "ns") and ending in {each.ending for each in DOCUMENT_FORMATS}:
        return Leads(path, fragment)
    return f"there is nothing at {'/' + address!r} on this site; {_HOPE}"


def _paths(path: str) -> list[str]:
    """Return what may follow the base in the IRI that an address is about: with the ending of a format, or without it."""
    stem, _, ending = path.rpartition(".")
    endings = {each.ending for each in DOCUMENT_FORMATS}
    paths = [path, stem] if ending in endings else [path]
    return [_iri_path(each) for each in paths]


def _iri_path(path: str) -> str:
    if not path.startswith("doc/"):
        return path
    rest = path.removeprefix("doc/")
    return rest if rest.startswith("vocab/") else f"id/{rest}"
