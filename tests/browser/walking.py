"""Pages of every kind that a site has, found by following links."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from tests.conftest import Site

BEGINNINGS = (
    "",
    "about",
    "nothing-is-here",
    "sparql?query=SELECT",
    "sparql?query=SELECT%20*%20%7B%7D",
    "search?q=Guevara&kind=record&kind=person&from=1900",
    "search?q=Guevara&person=guevara&gaps=yes&language=en",
    "search?q=Guevarra+xyzzy",
)
_ENDS = "search?"
"""Behind these no links are followed: they narrow a search in every way."""
_LEFT_OUT = "/es/"
"""Spanish pages are made like Russian ones."""
_BEGIN_OF_PAGE = "<!doctype html>"


def kind_of(address: str) -> str:
    """Return an address without what tells it from others of its kind.

    >>> kind_of("http://a.example/doc/person/guevara"), kind_of("http://a.example/browse/record?page=2")
    ('doc/person/…', 'browse/…?page')
    """
    parts = urlsplit(address)
    path = parts.path.split("/")[1:]
    kept = [part if number < min(2, len(path) - 1) else "…" for number, part in enumerate(path)]
    return "/".join(kept) + ("?" + re.sub(r"=[^&]*", "", parts.query) if parts.query else "")


def walked(site: Site, *, of_each_kind: int = 1, most: int = 200) -> Iterator[tuple[str, str]]:
    """Yield address and HTML of pages of a site, some of each kind.

    Args:
        site: Where.
        of_each_kind: How many pages of a kind are wanted.
        most: How many are wanted in all.
    """
    waiting = [urljoin(site.url, each) for each in BEGINNINGS]
    seen, of_kind = set(waiting), defaultdict[str, int](int)
    while waiting and sum(of_kind.values()) < most:
        address = waiting.pop(0)
        if of_kind[kind_of(address)] >= of_each_kind:
            continue
        page = site.get(address.removeprefix(site.url), "text/html").body.decode(errors="replace")
        if not page.lstrip().startswith(_BEGIN_OF_PAGE):
            continue
        of_kind[kind_of(address)] += 1
        yield address, page
        if address.removeprefix(site.url).startswith(_ENDS):
            continue
        for link in re.findall(r'\shref="([^"#]+)', page):
            target = urljoin(address, link.replace("&amp;", "&"))
            if target.startswith(site.url) and target not in seen and _LEFT_OUT not in target:
                seen.add(target)
                waiting.append(target)
