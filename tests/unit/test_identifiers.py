"""Identifiers: one place forms them, and what it forms is stable, under the base, and never mistaken for something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import FondsError
from fonds.formats import DOCUMENT_FORMATS, TEI, TEXT
from fonds.identifiers import IriSpace, Kind, is_slug

SPACE = IriSpace("https://archive.example/lod/")


@pytest.mark.parametrize("slug", ["a", "letter-7", "148c2797223ea6d0", "fonds-0.1", "1964-10-16"])
def test_slugs(slug: str) -> None:
    assert is_slug(slug)


@pytest.mark.parametrize(
    "text", ["", "A", "a b", "a--b", "-a", "a-", "a/b", "a.", "ä", "a_b", "a%20b", "a\n", "..", "٣"]
)
def test_texts_that_are_no_slugs(text: str) -> None:
    assert not is_slug(text)


@pytest.mark.parametrize("each", [*DOCUMENT_FORMATS, TEI, TEXT], ids=lambda each: each.ending)
def test_no_slug_looks_like_an_address_with_an_ending(each: object) -> None:
    assert not is_slug(f"letter.{each.ending}")  # type: ignore[attr-defined]


@given(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True), st.sampled_from(list(Kind)))
def test_a_thing_lies_under_the_base_and_has_one_document(slug: str, kind: Kind) -> None:
    iri = SPACE.thing(kind, slug).value
    assert SPACE.path(iri) == f"id/{kind}/{slug}"
    assert SPACE.document(iri) == f"https://archive.example/lod/doc/{kind}/{slug}"


def test_parts_terms_and_graphs_have_documents_too() -> None:
    base = SPACE.base
    assert SPACE.document(SPACE.record("letter-7", "p3").value) == f"{base}doc/record/letter-7/p3"
    assert SPACE.document(SPACE.term("type", "letter").value) == f"{base}doc/vocab/type/letter"
    assert SPACE.document(SPACE.graph("record", "letter-7").value) == f"{base}graph/record/letter-7"


@pytest.mark.parametrize(
    "iri", ["https://archive.example/id/person/x", "https://archive.example/lod/sparql", "urn:x"]
)
def test_what_is_not_a_thing_of_ours_has_no_document(iri: str) -> None:
    assert SPACE.document(iri) is None


@pytest.mark.parametrize(
    "base",
    [
        "https://archive.example",
        "archive.example/",
        "ftp://a.example/",
        "https:///",
        "http://a b/",
        "http://a/?q=/",
    ],
)
def test_a_base_that_would_make_broken_identifiers_is_refused(base: str) -> None:
    with pytest.raises(FondsError, match="ends with a slash"):
        IriSpace(base)


def test_a_capture_is_called_by_the_first_sixteen_digits_of_its_hash() -> None:
    assert SPACE.capture("0123456789abcdef" * 4).value.endswith("/id/capture/0123456789abcdef")


def test_prefixes_shorten_exactly_what_this_space_mints() -> None:
    prefixes = SPACE.prefixes
    assert SPACE.record("a").value == prefixes["rec"] + "a"
    assert SPACE.thing(Kind.PERSON, "a").value == prefixes["pe"] + "a"
    assert SPACE.term("role", "a").value == prefixes["role"] + "a"
    assert SPACE.graph("prov").value == prefixes["g"] + "prov"
    assert all(iri.startswith(SPACE.base) for iri in prefixes.values())


def test_a_record_has_four_graphs_an_authority_one_and_a_part_none() -> None:
    assert [each.value.removeprefix(SPACE.base) for each in SPACE.graphs_of(SPACE.record("a").value)] == [
        "graph/record/a",
        "graph/record/a/text",
        "graph/record/a/statements",
        "graph/curation/a",
    ]
    assert SPACE.graphs_of(SPACE.thing("person", "a").value) == (SPACE.graph("authority", "person", "a"),)
    assert SPACE.graphs_of(SPACE.record("a", "p1").value) == ()
    assert SPACE.graphs_of("https://elsewhere.example/id/record/a") == ()
