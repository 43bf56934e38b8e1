"""Identifiers elsewhere: whose they are, in the many forms in which editions write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.model import Elsewhere
from fonds.sources.elsewhere import read_elsewhere


@pytest.mark.parametrize(
    ("value", "type_", "scheme", "iri"),
    [
        ("http://d-nb.info/gnd/118609807", "uri", "gnd", "https://d-nb.info/gnd/118609807"),
        ("https://d-nb.info/gnd/118609807/", "gnd", "gnd", "https://d-nb.info/gnd/118609807"),
        ("118609807", "GND", "gnd", "https://d-nb.info/gnd/118609807"),
        ("4012345-6", "gnd", "gnd", "https://d-nb.info/gnd/4012345-6"),
        (" http://www.geonames.org/564915/druzhba.html", "", "geonames", "https://sws.geonames.org/564915/"),
        ("https://viaf.org/viaf/95158020", "", "viaf", "http://viaf.org/viaf/95158020"),
        ("https://www.wikidata.org/wiki/Q78713", "", "wikidata", "http://www.wikidata.org/entity/Q78713"),
        ("Q78713", "wikidata", "wikidata", "http://www.wikidata.org/entity/Q78713"),
        (
            "http://gov.genealogy.net/item/show/RAUGENKO04UH",
            "uri",
            "gov",
            "http://gov.genealogy.net/RAUGENKO04UH",
        ),
        ("http://gov.genealogy.net/object_327800", "uri", "gov", "http://gov.genealogy.net/object_327800"),
        ("https://de.wikipedia.org/wiki/Presse", "uri", "wikipedia", "https://de.wikipedia.org/wiki/Presse"),
        (
            "https://pmb.acdh.oeaw.ac.at/entity/2121/",
            "",
            "external-identifier",
            "https://pmb.acdh.oeaw.ac.at/entity/2121/",
        ),
        ("RG 59", "shelf", "external-identifier", None),
    ],
)
def test_an_identifier_is_known_by_its_address_or_its_type(
    value: str, type_: str, scheme: str, iri: str | None
) -> None:
    read = read_elsewhere(value, type_)
    assert isinstance(read, Elsewhere)
    assert (read.scheme, read.iri) == (scheme, iri)


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("", "gnd"),
        ("118609808", "gnd"),
        ("http://d-nb.info/gnd/abc", ""),
        ("hhttp://www.geonames.org/3099434", "uri"),
        ("https://www.wikidata.org/wiki/Vienna", ""),
        ("https://not an address", ""),
    ],
)
def test_what_cannot_be_an_identifier_is_told(value: str, type_: str) -> None:
    assert isinstance(read_elsewhere(value, type_), str)


@given(st.text(), st.sampled_from(["", "gnd", "uri", "wikidata", "GeoNames"]))
def test_anything_is_an_identifier_or_told(value: str, type_: str) -> None:
    read = read_elsewhere(value, type_)
    assert isinstance(read, str) or " " not in (read.iri or "")
