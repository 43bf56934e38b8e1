"""Pieces of XML: words are escaped, comments stay comments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from fonds.sources.drafting.markup import decide, element, words

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=60)


def test_names_with_colons_and_hyphens_are_written_as_such() -> None:
    assert element("p", xml__id="a", when_iso="1961~", from_="1960", cert=None) == (
        '<p xml:id="a" when-iso="1961~" from="1960"/>'
    )


@given(TEXT, TEXT)
def test_words_and_attributes_come_back_as_they_were(text: str, value: str) -> None:
    read = etree.fromstring(element("p", words(text), n=value))
    assert (read.text or "", read.get("n")) == (text, value)


@given(TEXT)
def test_a_comment_holds_any_message(message: str) -> None:
    read = etree.fromstring(f"<p>{decide(message)}x</p>")
    assert len(read) == 1
    assert str(read[0].text).startswith(" decide: ")
    assert read[0].tail == "x"
