"""Which file holds what an address answers, and where a link leads in a site that has no query strings.

A page has its address and ``.html`` behind it; what is no page has an ending of its own. Of query strings those that lead to further
pages of something become a part of the name, ``browse/person~page=2.html``. What only a server can answer, such as a search, leads to
a page that says so.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urldefrag, urljoin

from fonds.formats import DOCUMENT_FORMATS, LINKSET
from fonds.static.servers import TYPES
from fonds.web.own_pages import PICTURE_TYPES

SEARCH, SPARQL = "search", "sparql"
"""Addresses of the pages that say what only a server can answer."""
_SERVED = {
    SEARCH: SEARCH,
    "search.xml": SEARCH,
    SPARQL: SPARQL,
    "sparql-terms.js": SPARQL,
    "rdf-graph-store": SPARQL,
    "openapi.json": SPARQL,
    "oai": SPARQL,
    "lookup": SPARQL,
    "reconcile": SPARQL,
    "healthz": SPARQL,
    "readyz": SPARQL,
}
"""What only a server can answer, and which page says so."""
_ENDINGS = {
    "changes": ".json",
    ".well-known/sparql-examples": ".ttl",
    ".well-known/void": ".ttl",
}
"""Endings of what is no page, where its address has none."""
STATE = ".fonds"
"""The folder within a site that holds what is known of it, and the configuration of servers; it is not served."""
_FOLLOWED: tuple[tuple[str, set[str]], ...] = (
    ("doc", {"iri", "format", "page"}),
    ("doc/", {"page", "words"}),
    ("graph/", {"page"}),
    ("browse", {"class", "page", "by", "in"}),
    ("browse/", {"page", "by", "in"}),
    ("map", {"in", "area", "without", "page"}),
    ("map.", {"in", "area", "without"}),
)
"""What an address begins with (or is), and which parameters lead to something else that is written down."""
_PLAIN = re.compile(r"[A-Za-z0-9=.,_-]{1,100}")
_ATTRIBUTE = re.compile(r'(?<=[\s"])(href|src|srcset|action|xlink:href)="([^"]*)"')
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_SEARCH_LINK = re.compile(r'<link rel="search"[^>]*>\n?')
_FORMAT_ENDINGS = {each.ending for each in (*DOCUMENT_FORMATS, LINKSET)}


class Address(NamedTuple):
    """An address relative to the root of the site.

    Attributes:
        path: Percent-encoded, without the slash at its beginning; empty for the home page.
        query: As it stands behind ``?``, in our order of parameters; empty for none.
        prefix: Before the path where the page is in another language, ``ru/``; empty for the first one.
    """

    path: str
    query: str = ""
    prefix: str = ""

    @property
    def target(self) -> str:
        """What is asked for."""
        path = f"/{self.prefix}{self.path}"
        return f"{path}?{self.query}" if self.query else path


def address_of(reference: str, page: str, prefixes: Sequence[str] = ()) -> tuple[Address, str] | None:
    """Return the address to which a reference leads, and its fragment; None for one that leads out of the site.

    Args:
        reference: As it stands on a page.
        page: Target of the page on which it stands.
        prefixes: Of the languages of the site.
    """
    if not reference or re.match(r"[a-z][a-z0-9+.-]*:|//", reference, re.IGNORECASE):
        return None
    absolute, fragment = urldefrag(urljoin(f"http://site{page}", reference))
    path, _, query = absolute.removeprefix("http://site").removeprefix("/").partition("?")
    prefix = next((each for each in prefixes if f"{path}/".startswith(each)), "")
    return Address(f"{path}/".removeprefix(prefix)[:-1] if prefix else path, query, prefix), fragment


def written(address: Address) -> Address:
    """Return the address of what is written down for an address: itself, or what stands in its place.

    >>> written(Address("search", "q=oil")).target, written(Address("browse/person", "page=2&x=1", "ru/")).target
    ('/search', '/ru/browse/person?page=2')
    """
    found = _written(address.path, address.query)
    # What is no page has no language.
    return found._replace(prefix=address.prefix) if file_of(found).endswith(".html") else found


def _written(path: str, query: str) -> Address:
    first = path.partition("/")[0]
    if first == "queries" and query:
        return Address(path)
    if first in _SERVED:
        return Address(_SERVED[first])
    if first == "assets":
        return Address(path)
    if path == "queries":
        path = "queries/"
    if not query:
        return Address(path)
    known = next((names for start, names in _FOLLOWED if _begins(path, start)), set())
    given = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name in known]
    kept = sorted(
        (name, value) for name, value in given if (name, value) not in (("page", "1"), ("words", "1"))
    )
    return Address(path, "&".join(f"{name}={quote(value, safe=_IN_VALUE)}" for name, value in kept))


_IN_LINK = "/~=,;@!$&'()*+:-._"
_IN_VALUE = "/:@!$'()*,;-._~"


def _begins(path: str, start: str) -> bool:
    return path.startswith(start) if start[-1] in "/." else path == start


def file_of(address: Address) -> str:
    """Return the file that holds what an address answers, relative to the folder of the site.

    >>> file_of(Address("")), file_of(Address("doc/person/x")), file_of(Address("doc/person/x.ttl"))
    ('index.html', 'doc/person/x.html', 'doc/person/x.ttl')
    >>> file_of(Address("browse/person", "by=date&page=2"))
    'browse/person~by=date~page=2.html'
    """
    if address.prefix:
        return address.prefix + file_of(address._replace(prefix=""))
    path = unquote(address.path)
    values = dict(parse_qsl(address.query, keep_blank_values=True))
    if path == "doc" and "iri" in values:
        return _of_iri(values)
    if not _is_within(path):
        # Whoever formed such an identifier, no file outside the site is written, nor one that another address has.
        stem, ending = _split(address.path)
        return f"doc/iri/{_hash(stem)}{_in_name(address.query)}{ending}"
    if not path or path.endswith("/"):
        return f"{path}index.html"
    if path.startswith(("dumps/", "assets/")) or (path.startswith("release/") and path.count("/") > 1):
        return path
    stem, ending = _split(path)
    return f"{stem}{_in_name(address.query)}{ending}"


def _is_within(path: str) -> bool:
    """Tell whether a decoded path can be that of a file in the site, and of no other address.

    >>> _is_within("doc/person/x"), _is_within("doc/person/../../../x"), _is_within(".fonds/files"), _is_within("doc/a\\0b")
    (True, False, False, False)
    """
    return not path or (not path.startswith(STATE) and all(map(_is_name, path.removesuffix("/").split("/"))))


_LONGEST_NAME_BYTES = 200


def _is_name(part: str) -> bool:
    harmless = part not in ("", ".", "..") and part.isprintable() and not set(part) & set("\\\ufffd")
    return harmless and len(part.encode()) <= _LONGEST_NAME_BYTES


def _of_iri(values: dict[str, str]) -> str:
    """Return the file of a document about something whose identifier is no address here."""
    stem = f"doc/iri/{_hash(values['iri'])}"
    page = _in_name(f"page={values['page']}") if "page" in values else ""
    ending = values.get("format", "html")
    return f"{stem}{page}.{ending if ending in _KNOWN else 'html'}"


def _split(path: str) -> tuple[str, str]:
    """Return a path without its ending, and the ending; that of a page where it has none."""
    if path in _ENDINGS:
        return path, _ENDINGS[path]
    if path.startswith("changes/") and not path.endswith(".atom"):
        return path, ".json"
    folder, slash, name = path.rpartition("/")
    # A dot in an identifier stands before a digit; one before a language ends no name.
    found = re.search(r"\.(?=[a-z])[a-z0-9.]+$", name)
    if found and found[0].rpartition(".")[2] in _KNOWN:
        return f"{folder}{slash}{name[: found.start()]}", found[0]
    return path, ".html"


_KNOWN = frozenset({*_FORMAT_ENDINGS, *TYPES, *(name.removeprefix(".") for name in PICTURE_TYPES)})
"""Endings that files have."""


def _in_name(query: str) -> str:
    if not query:
        return ""
    parts = query.split("&")
    if all(map(_PLAIN.fullmatch, parts)):
        return "~" + "~".join(parts)
    return "~" + "~".join(map(_part_of_name, parts))


def _part_of_name(part: str) -> str:
    if _PLAIN.fullmatch(part):
        return part
    name = part.partition("=")[0]
    return f"{name}={_hash(part)}" if _PLAIN.fullmatch(name) else _hash(part)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


_MOST_KNOWN = 65_536


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How the links of pages are rewritten.

    Attributes:
        base: Under which the publication stands; what pages say of their own address is absolute.
        prefixes: Of the languages of the site.
        follow: Is told each address that a page leads to, and returns the one at which that is, after redirects.
    """

    base: str
    prefixes: Sequence[str]
    follow: Callable[[Address], Address]
    _known: dict[tuple[str, str, str, str], str] = field(default_factory=dict)

    def page(self, content: bytes, target: str, file: str) -> bytes:
        """Return a page, or a drawing with links, as it is written down.

        Args:
            content: As a server answers it.
            target: At which it was asked for; its links are relative to that.
            file: In which it stands; they are relative to that afterwards.
        """
        page = content.decode()
        # A form is sent to a server.
        page = _SEARCH_LINK.sub("", _FORM.sub("", page))
        return _ATTRIBUTE.sub(lambda found: self._attribute(found, target, file), page).encode()

    def _attribute(self, found: re.Match[str], target: str, file: str) -> str:
        name, value = found.groups()
        if not value or value[0] in "#?":
            return self._rewritten(name, value, target, file)
        # Where a link leads depends on the folders only, and every page has the same menu.
        key = (name, value, target.partition("?")[0].rpartition("/")[0], posixpath.dirname(file))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = self._rewritten(name, value, target, file)
        return known

    def _rewritten(self, name: str, value: str, target: str, file: str) -> str:
        if value.startswith(self.base) and "?" in value:
            return f'{name}="{escape(self._absolute(unescape(value)))}"'
        resolved = address_of(unescape(value), target, self.prefixes)
        if resolved is None or value.startswith("#"):
            return f'{name}="{value}"'
        address, fragment = resolved
        there = self.follow(written(address))
        # An asset keeps the hash behind its name, by which browsers know a new one.
        query = f"?{address.query}" if address.path.startswith("assets/") and address.query else ""
        link = quote(relative(file_of(there), file), safe=_IN_LINK)
        return f'{name}="{escape(link + query + (f"#{fragment}" if fragment else ""))}"'

    def _absolute(self, address: str) -> str:
        """Return the absolute address of what stands here in the place of an address with a query string."""
        resolved = address_of("/" + address.removeprefix(self.base), "/", self.prefixes)
        assert resolved is not None
        return self.base + quote(
            file_of(self.follow(written(resolved[0]))).removesuffix(".html"), safe=_IN_LINK
        )


def relative(file: str, other: str) -> str:
    """Return the reference from one file to another.

    >>> relative("doc/person/x.html", "doc/record/y.html"), relative("index.html", "a/b.html")
    ('../person/x.html', '../index.html')
    """
    return posixpath.relpath(file, posixpath.dirname(other) or ".")
