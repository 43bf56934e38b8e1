"""The page of the dataset: every number on it is the answer of the query to which it leads."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from fonds.release.folder import Release
from fonds.release.made import read_made


@pytest.fixture(scope="module")
def page(site: Any) -> str:
    text: str = site.get("/dataset", "text/html").text
    return text


def test_every_number_of_classes_and_properties_is_what_its_query_counts(site: Any, page: str) -> None:
    counted = re.findall(r'<td class="number"><a href="\./(sparql\?query=[^"]+)">([^<]+)</a></td>', page)
    assert len(counted) == 40
    for address, number in counted:
        answer = site.get(unescape(address), "text/csv").text.split()
        assert answer[1] == number.replace("\u202f", "")


def test_what_is_lost_is_counted_by_cause_and_listed_by_its_query(
    site: Any, page: str, release: Release
) -> None:
    made = read_made(release.made)
    assert made is not None
    assert made.gaps == {"faded": 3, "illegible": 1, "lost-in-capture": 1}
    lost = re.findall(
        r'(?:: |, )([a-z ]+) <a href="\./(sparql\?query=[^"]+lacuna_cause[^"]+)">(\d+)</a>', page
    )
    assert [(cause, number) for cause, _, number in lost] == [
        ("faded", "3"),
        ("illegible", "1"),
        ("lost in our copy", "1"),
    ]
    for _, address, number in lost:
        rows = site.get(unescape(address), "application/sparql-results+json").text
        lacunae = {each["lacuna"]["value"] for each in json.loads(rows)["results"]["bindings"]}
        assert len(lacunae) == int(number)


def test_findings_are_told_by_shape_with_what_should_hold(page: str, release: Release) -> None:
    made = read_made(release.made)
    assert made is not None
    assert made.findings == ()
    assert "Nothing was found." in page
    assert "1 marked name in the texts that nothing identifies, beside 101 that are identified" in page


def test_every_download_has_its_type_and_checksum(page: str, release: Release) -> None:
    names = {name for name in release.manifest.files if name.startswith("dumps/")}
    assert names
    for name in names:
        assert f'href="./{name}"' in page
        assert release.manifest.files[name].sha256 in page
    listed = page.partition("<main")[2]
    assert listed.index("dumps/dataset.nq.gz") < listed.index("dumps/authority.nq.gz")
    assert "<code>application/n-quads</code>" in page


def test_the_citation_of_the_data_can_be_had_as_a_file(site: Any) -> None:
    reply = site.get("/citation.cff")
    assert reply.headers["content-disposition"] == 'attachment; filename="CITATION.cff"'
    assert "From the Diary of O. T. Darusenkov" in reply.text


def test_the_home_page_features_words_of_the_record_at_their_paragraph(site: Any) -> None:
    page = site.get("/", "text/html").text
    assert 'href="./doc/record/darusenkov-1964-375#p2"' in page
    assert "“The report of Khrushchev’s resignation, Guevara noted, disturbed us very much" in page
    assert site.get("/about", "text/html").text.count("<h1") == 1
