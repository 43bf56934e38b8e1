"""Sitemaps: the addresses of all documents, each with its last change (the protocol of sitemaps.org, 0.9).

They are made at build, from the same graphs as everything else, a line at a time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from xml.sax.saxutils import escape

from fonds.addresses import Addresses
from fonds.identifiers import IriSpace
from fonds.mapping.description import GraphKind
from fonds.release.changed import Changed
from fonds.release.fragments import Fragments
from fonds.release.presentation.files import FOLDER as SITE
from fonds.release.presentation.files import read_index

MOST_ADDRESSES = 50_000
"""Addresses in one sitemap, as the protocol allows; 50 MB at most are kept to, since an address has 2,048 characters at most."""
_LONGEST_ADDRESS = 2_047
_MOST_BYTES = 50_000_000
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_PAGES = ("", "about", "dataset")
_OF_ALL = ("", "dataset")
"""Pages that show how much there is of everything."""

Entry = tuple[str, datetime.datetime]
"""An address, absolute, and when what stands there last changed."""


def write_sitemaps(folder: Path, subjects: Iterable[str], changed: Changed, base: str) -> None:
    """Write ``sitemap/1.xml`` and so on into the folder of a release, and ``sitemap/index.xml``, which lists them.

    Args:
        folder: Of the release.
        subjects: IRIs of the things whose documents are listed, each once.
        changed: When each graph changed last.
        base: Under which the publication stands; ends with a slash.
    """
    target = folder / "sitemap"
    target.mkdir()
    latest = changed.latest()
    own = (each.address for each in read_index(folder / SITE).pages)
    pages = (
        (address, latest if page in _OF_ALL else changed.of(address) or latest)
        for page in dict.fromkeys((*_PAGES, *own))
        for address in (f"{base}{page}",)
    )
    things = _entries(subjects, changed, base)
    names: list[Entry] = []
    entries = chain(pages, things)
    while part := list(islice(entries, MOST_ADDRESSES)):
        for piece in _pieces(part):
            number = len(names) + 1
            (target / f"{number}.xml").write_text(_sitemap(piece), encoding="utf-8")
            names.append((f"{base}sitemap-{number}.xml", max(moment for _, moment in piece)))
    (target / "index.xml").write_text(_index(names), encoding="utf-8")


def _entries(subjects: Iterable[str], changed: Changed, base: str) -> Iterator[Entry]:
    addresses = Addresses(IriSpace(base))
    latest = changed.latest()
    for subject in subjects:
        address = base + addresses.of_iri(subject)
        # A fragment is no address of its own.
        if "#" not in address and len(address) <= _LONGEST_ADDRESS:
            yield address, changed.of(subject) or latest


def subjects_of(fragments: Fragments, base: str) -> Iterator[str]:
    """Yield the records and authorities of a publication: what has graphs of its own."""
    # {base}graph/record/k and {base}graph/authority/person/x name the things {base}id/record/k and {base}id/person/x.
    graphs = IriSpace(base).graph("").value
    for fragment in fragments:
        path = fragment.name.removeprefix(graphs)
        if fragment.kind is GraphKind.RECORD:
            yield f"{base}id/{path}"
        elif fragment.kind is GraphKind.AUTHORITY:
            yield f"{base}id/{path.removeprefix('authority/')}"


def kind_of(subject: str, base: str) -> str:
    """Return the kind of a record or an authority, such as ``person``."""
    return subject.removeprefix(f"{base}id/").partition("/")[0]


def _pieces(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Yield entries in lists whose sitemaps are within the protocol's size."""
    size = 0
    held: list[Entry] = []
    for entry in entries:
        size += len(entry[0]) + 100
        if size > _MOST_BYTES:
            yield held
            size, held = len(entry[0]) + 100, []
        held.append(entry)
    yield held


def _sitemap(entries: Iterable[Entry]) -> str:
    urls = "".join(f"<url>{_located(each)}</url>\n" for each in entries)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_SPACE}>\n{urls}</urlset>\n'


def _index(entries: Iterable[Entry]) -> str:
    sitemaps = "".join(f"<sitemap>{_located(each)}</sitemap>\n" for each in entries)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_SPACE}>\n{sitemaps}</sitemapindex>\n'


def _located(entry: Entry) -> str:
    address, moment = entry
    return f"<loc>{escape(address)}</loc><lastmod>{moment:%Y-%m-%dT%H:%M:%SZ}</lastmod>"
