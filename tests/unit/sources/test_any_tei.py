"""Any well-formed TEI is read without an error, and no word of its text is lost."""

from __future__ import annotations

import itertools
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fonds.settings import Collection
from fonds.sources import Reading
from fonds.sources.tei import read_tei
from fonds.sources.tei_context import Context

HEADER = (
    "<teiHeader><fileDesc><titleStmt><title>T</title></titleStmt><publicationStmt><p/></publicationStmt>"
    "<sourceDesc><p/></sourceDesc></fileDesc></teiHeader>"
)
INLINE = "persName placeName hi note ref gloss date del supplied q said quote rs seg unknown foreign label pb lb signed title"
BLOCK = "p head list item table row cell div lg l opener dateline closer salute postscript figure floatingText body odd"
TAGS = (*INLINE.split(), *BLOCK.split(), "div type='document'", "div type='chapter'", "gap reason='x'")

numbers = itertools.count()


def element(tag: str, inside: list[str]) -> str:
    name = tag.split(maxsplit=1)[0]
    identifier = f' xml:id="i{next(numbers)}"' if "document" in tag or name in ("note", "persName") else ""
    if name in ("pb", "lb", "gap"):
        return f"<{tag}{identifier}/>"
    return f"<{tag}{identifier}>{''.join(inside)}</{name}>"


words = st.builds(lambda: f" w{next(numbers)}w ")
trees = st.recursive(
    words, lambda inner: st.builds(element, st.sampled_from(TAGS), st.lists(inner, max_size=4)), max_leaves=25
)


def held(readings: list[Reading]) -> str:
    """Return all words that came of reading."""
    found = []
    for reading in readings:
        if reading.record:
            found.append(reading.record.text.plain)
        for each in reading.authorities:
            found += [each.label, each.definition, each.words, *(name.text for name in each.other_names)]
    return "\n".join(found)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(trees, min_size=1, max_size=4), st.sampled_from(["detect", "file"]))
def test_no_word_of_a_text_is_lost(body: list[str], documents: str) -> None:
    text = f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="v">{HEADER}<text><body>{"".join(body)}</body></text></TEI>'
    etree.fromstring(text)
    context = Context(profile=Collection(name="any", documents=documents))  # type: ignore[arg-type]
    readings = list(read_tei(text.encode(), "v.xml", context))
    assert not any(reading.faults for reading in readings)
    lost = set(re.findall(r"w\d+w", text)) - set(re.findall(r"w\d+w", held(readings)))
    assert lost == set()
    for reading in readings:
        if reading.record:
            plain = reading.record.text.plain
            for mention in reading.record.text.mentions:
                assert plain[mention.span.start : mention.span.end] == mention.form
