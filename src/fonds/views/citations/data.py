"""How the data are cited, as against a record: in words, as BibTeX, and as a Citation File Format."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from fonds.dates import spelled_date
from fonds.views.citations.bibtex import entry, escaped, in_braces
from fonds.views.citations.facts import plain

UNKNOWN = "[publisher not identified]"
"""What stands where a file must name somebody and nobody is named (RDA 2.8.4.7)."""


@dataclass(frozen=True, slots=True)
class CitedData:
    """What a citation of a dataset names.

    Attributes:
        title: Of the dataset.
        publisher: Who publishes it; empty where that is not said.
        version: The name of the release.
        day: Of its issue, ISO 8601.
        address: Where it is found.
        about: One paragraph; empty where there is none.
    """

    title: str
    publisher: str
    version: str
    day: str
    address: str
    about: str = ""


def in_words(cited: CitedData) -> str:
    """Return a citation for people, in the order of DataCite: who, when, what, which version, where.

    >>> in_words(CitedData("Letters", "An archive", "2026-11-27-3f2a9c01b7de", "2026-11-27", "https://a.example/dataset"))
    'An archive. Letters. Data, release 2026-11-27-3f2a9c01b7de, 27 November 2026. https://a.example/dataset.'
    """
    release = f"Data, release {cited.version}, {spelled_date(cited.day)}"
    parts = (plain(cited.publisher), plain(cited.title), release, cited.address)
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def as_bibtex(cited: CitedData) -> str:
    """Return a dataset as an entry of BibTeX, of the type that biblatex has for it."""
    fields = (
        ("author", in_braces(cited.publisher)),
        ("title", in_braces(cited.title)),
        ("version", escaped(cited.version)),
        ("date", cited.day),
        ("year", cited.day[:4]),
        ("url", cited.address),
    )
    return entry("dataset", re.sub(r"[^A-Za-z0-9]+", "-", cited.version).strip("-"), fields)


def as_cff(cited: CitedData) -> str:
    """Return a dataset in the Citation File Format 1.2.0.

    No licence is named: rights differ from part to part, and the address of the dataset says which has which.
    """
    members: dict[str, object] = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below. Rights differ from part to part: see the address.",
        "type": "dataset",
        "title": plain(cited.title),
        "abstract": plain(cited.about),
        "version": cited.version,
        "date-released": cited.day,
        "url": cited.address,
    }
    # JSON's strings are YAML's, in quotation marks (YAML 1.2, 1.3).
    lines = [f"{name}: {msgspec.json.encode(value).decode()}\n" for name, value in members.items() if value]
    name = msgspec.json.encode(plain(cited.publisher) or UNKNOWN).decode()
    return f"{''.join(lines)}authors:\n  - name: {name}\n"
