"""Names of files in a site that is written down: whoever forms an identifier decides nothing outside it."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.addresses import uri
from fonds.static.links import Address, file_of

HOSTILE = [
    "doc/person/..%2F..%2F..%2F..%2Ftmp%2Fpwned",
    "doc/..%2f..%2f.ssh/authorized_keys",
    "doc/person/%2e%2e/%2e%2e/%2e%2e/x",
    "doc/person/a%00b",
    "doc/person/a%0Ab",
    "doc/person/a%5C..%5Cb",
    "doc/person//x",
    "%2Fetc%2Fpasswd",
    ".fonds/files",
    "%2Efonds/files",
    "doc/%E2%80%AEtxt",
    "doc/" + "x" * 300,
    "doc/%FF",
    "graph/..%2F..%2Fx.ttl",
    "..%2Fx/",
    "dumps/..%2F..%2Fx",
    "release/a/..%2F..%2F..%2Fx",
]


def is_harmless(name: str) -> bool:
    parts = name.split("/")
    return (
        posixpath.normpath(name) == name
        and not name.startswith(("/", ".fonds"))
        and ".." not in parts
        and name.isprintable()
        and "\\" not in name
        and all(len(part.encode()) < 255 for part in parts)
    )


@pytest.mark.parametrize("path", HOSTILE)
@pytest.mark.parametrize("prefix", ["", "ru/"])
def test_no_identifier_is_written_outside_the_site(path: str, prefix: str) -> None:
    assert is_harmless(file_of(Address(path, prefix=prefix)))
    assert is_harmless(file_of(Address(path, "page=2", prefix)))


def test_what_would_have_one_name_has_two() -> None:
    for one, other in (("doc/%FF", "doc/%FE"), ("doc/a//b", "doc/a/b"), ("doc/a%00", "doc/a%01")):
        assert file_of(Address(one)) != file_of(Address(other))


def test_a_query_names_no_folder() -> None:
    for query in ("iri=x:y&page=../../x", "iri=x:y&format=../../x", "iri=x:y&page=%2F..%2F"):
        assert is_harmless(file_of(Address("doc", query)))


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_address_is_written_outside_the_site(path: str, query: str) -> None:
    address = Address(uri(path.encode("utf-8", "replace").decode().lstrip("/")), f"page={query}")
    assert is_harmless(file_of(address)), file_of(address)
