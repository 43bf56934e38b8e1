"""How values, dates and sizes are shown."""

from __future__ import annotations

import doctest

import pytest
from pyoxigraph import Literal

from fonds.naming import preferred
from fonds.ordering import natural
from fonds.web import literals, negotiation, properties, terms, wording
from fonds.web.terms import readable, short_name
from fonds.web.values import _unwrapped, external


@pytest.mark.parametrize(
    "module", [literals, negotiation, properties, terms, wording], ids=lambda each: each.__name__
)
def test_the_examples_are_true(module) -> None:
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


def test_the_label_is_in_our_first_language_then_in_none_then_in_any() -> None:
    labels = [
        Literal("Ann", language="fr"),
        Literal("Anna"),
        Literal("Анна", language="ru"),
        Literal("An", language="en-GB"),
    ]
    assert preferred(labels, ("en", "ru")).value == "An"
    assert preferred(labels, ("ru",)).value == "Анна"
    assert preferred(labels, ("es",)).value == "Anna"
    assert preferred(labels[:1], ("es",)).value == "Ann"
    assert preferred([], ("en",)) is None


@pytest.mark.parametrize(
    "iri",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "urn:x", "file:///etc/passwd", "JaVaScRiPt:x"],
)
def test_only_web_and_mail_addresses_are_links(iri: str) -> None:
    assert external(iri) is None


def test_quotes_in_an_iri_do_not_leave_their_attribute() -> None:
    assert '"' not in (external('http://a.example/"onclick="x') or "")
    assert external("HTTPS://a.example/é") == "HTTPS://a.example/%C3%A9"


def test_paragraph_nine_stands_before_ten() -> None:
    assert sorted(["Paragraph 10", "Paragraph 9", "paragraph 1"], key=natural) == [
        "paragraph 1",
        "Paragraph 9",
        "Paragraph 10",
    ]


def test_a_term_without_table_has_a_readable_name() -> None:
    assert readable("http://www.cidoc-crm.org/cidoc-crm/P14.1_in_the_role_of") == "in the role of"
    assert readable("http://purl.org/dc/terms/hasPart") == "has part"
    assert readable("urn:x") == "urn:x"
    assert short_name("http://purl.org/dc/terms/hasPart") == "dcterms:hasPart"


def test_lines_of_prose_run_on_and_lines_of_verse_do_not() -> None:
    line = "A Record is a kind of Record Resource, which may itself"
    prose = f"{line}\n   contain one or more Records, or may consist of them.\n\n{line}, as another paragraph has it."
    assert _unwrapped(prose).count("\n") == 1
    verse = "The first line\nThe second line"
    assert _unwrapped(verse) == verse
