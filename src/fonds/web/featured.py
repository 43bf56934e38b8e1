"""The record that stands on the home page, with words of it that the publication chose."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import msgspec
from pyoxigraph import RdfFormat, parse

from fonds.texts import Reading
from fonds.views.graph import known
from fonds.vocabulary import DCTERMS
from fonds.web.site import Site

_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Featured:
    """A record and words of it.

    Attributes:
        title: What it is called.
        href: Its page, relative to the root, at the paragraph of the words where there is one that holds all of them.
        created: When it was written; empty where that is not known.
        language: Of the title; None where it has none.
        quote: The words; empty where none were chosen.
        quote_language: Of the words.
    """

    title: str
    href: str
    created: str
    language: str | None
    quote: str
    quote_language: str


def featured(site: Site) -> Featured | None:
    """Return the record that the settings feature; None where they feature none, or it is no longer there."""
    chosen = site.settings.site
    record = site.addresses.iris.record(chosen.featured) if chosen.featured else None
    described = site.descriptions.of(record.value) if record else None
    if record is None or described is None:
        return None
    label = site.labels.of(record.value)
    facts = known(each.triple for each in parse(b"".join(described.own), format=RdfFormat.N_QUADS))
    fragment, language = _place(site, chosen.featured, chosen.quote)
    return Featured(
        label.value if label else chosen.featured,
        site.addresses.of_iri(record.value) + (f"#{fragment}" if fragment else ""),
        next(facts.words(record, DCTERMS.created), ""),
        label.language if label else None,
        chosen.quote,
        language,
    )


def _place(site: Site, key: str, quote: str) -> tuple[str, str]:
    """Return in which block of a record's text words stand, empty where none holds all of them, and their language."""
    source = site.texts.get(key, "reading") if site.texts and quote else None
    if source is None:
        return "", ""
    reading = msgspec.json.decode(source, type=Reading)
    words = _even(quote)
    block = next(
        (each for each in reading.blocks if words in _even(html.unescape(_MARKUP.sub("", each.html)))), None
    )
    return (block.name, block.language) if block else ("", reading.language)


def _even(words: str) -> str:
    return " ".join(words.split())
