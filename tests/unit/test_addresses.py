"""Addresses of IRIs, and IRIs of addresses."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote_to_bytes, urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fonds.addresses import Addresses, ascii_path, named_node, percent_decoded, spellings, to_root
from fonds.identifiers import NS, IriSpace

BASE = "https://a.example/"
ADDRESSES = Addresses(IriSpace(BASE))


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        (f"{BASE}id/person/x", "doc/person/x"),
        (f"{BASE}id/record/x/p1", "doc/record/x/p1"),
        (f"{BASE}vocab/type/x", "doc/vocab/type/x"),
        (f"{BASE}graph/record/x", "graph/record/x"),
        (f"{BASE}dataset#dataset", "dataset#dataset"),
        (f"{BASE}id/person/é", "doc/person/%C3%A9"),
        (f"{BASE}id/person/a%20b", "doc/person/a%20b"),
        (f"{BASE}.well-known/genid/1", f"doc?iri={BASE}.well-known/genid/1"),
        (f"{BASE}id/person/x#me", f"doc?iri={BASE}id/person/x%23me"),
        ("https://other.example/?a=1&b=2", "doc?iri=https://other.example/%3Fa%3D1%26b%3D2"),
        (f"{NS}Mention", "ns#Mention"),
    ],
)
def test_every_iri_has_its_address(iri: str, address: str) -> None:
    assert ADDRESSES.of_iri(iri) == address


@given(
    st.text(
        st.characters(codec="utf-8", exclude_characters=' <>"{}|\\^`#?', exclude_categories=["Cc", "Cs"]),
        min_size=1,
        max_size=20,
    )
)
@example("/")
@example("vocab/")
def test_the_address_of_a_thing_leads_back_to_it(name: str) -> None:
    iri = f"{BASE}id/{name}"
    if named_node(iri) is None:
        return
    address = ADDRESSES.of_iri(iri)
    assert address.isascii()
    if address.startswith("doc?iri="):  # Slashes that follow each other do not survive in a path.
        assert "//" in iri.removeprefix(BASE) or name.startswith("vocab/")
        assert parse_qs(address.partition("?")[2])["iri"] == [iri]
    else:
        assert iri in [node.value for node in ADDRESSES.things(address.removeprefix("doc/"))]


def test_a_path_means_what_was_sent_before_what_it_decodes_to() -> None:
    assert list(spellings("a%2Fb")) == ["a%2Fb", "a/b"]
    assert list(spellings("caf%C3%A9%20x")) == ["caf%C3%A9%20x", "café%20x", "café x"]
    assert list(spellings("%FF")) == ["%FF"]
    assert list(spellings("%")) == ["%"]
    assert list(spellings("plain")) == ["plain"]


@given(st.binary(max_size=40))
def test_a_path_as_sent_becomes_ascii_and_can_be_read(raw: bytes) -> None:
    path = ascii_path(raw)
    assert path.isascii()
    assert path.isprintable()
    assert all(isinstance(each, str) for each in spellings(path))


@pytest.mark.parametrize("path", ["/", "/doc", "/doc/person/x", "/queries/", "/doc/a%2Fb", "/id/person/x/"])
def test_the_root_is_found_from_any_page_and_under_any_prefix(path: str) -> None:
    for prefix in ("https://h.example", "https://h.example/deep/er"):
        assert urljoin(prefix + path, to_root(path)) == f"{prefix}/"


@given(
    st.binary(max_size=60)
    | st.lists(st.sampled_from([b"%", b"=", b"\n", b"\r", b"A", b"4", b"%41", b"%zz", b" "])).map(b"".join)
)
def test_percent_encodings_are_decoded_as_the_standard_library_does(text: bytes) -> None:
    assert percent_decoded(text) == unquote_to_bytes(text)
