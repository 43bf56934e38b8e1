"""How the data are cited: the same facts in words, for BibTeX, and in the Citation File Format; nobody is made up."""

from __future__ import annotations

import bibtexparser
import pytest
import yaml

from fonds.views.citations.data import UNKNOWN, CitedData, as_bibtex, as_cff, in_words

AWKWARD = CitedData(
    'A "title": {with} \\ all & sorts, #1\n- x: y',
    "Archive: “Q” {100 %} & sons",
    "2026-11-27-3f2a9c01b7de",
    "2026-11-27",
    "https://a.example/dataset",
    "One\nparagraph: 'x'.",
)
PLAIN = CitedData("What is lost?", "", "2026-11-27-3f2a9c01b7de", "2026-11-27", "https://a.example/dataset")


@pytest.mark.clause("CFF 1.2.0")
def test_the_file_is_yaml_that_says_what_was_said() -> None:
    read = yaml.safe_load(as_cff(AWKWARD))
    assert read["title"] == 'A "title": {with} \\ all & sorts, #1 - x: y'
    assert read["authors"] == [{"name": "Archive: “Q” {100 %} & sons"}]
    assert (read["cff-version"], read["type"], str(read["date-released"])) == (
        "1.2.0",
        "dataset",
        "2026-11-27",
    )
    assert (read["version"], read["url"]) == (AWKWARD.version, AWKWARD.address)
    assert "license" not in read


def test_nobody_is_named_who_is_not_stated() -> None:
    read = yaml.safe_load(as_cff(PLAIN))
    assert read["authors"] == [{"name": UNKNOWN}]
    assert "abstract" not in read
    assert "author" not in as_bibtex(PLAIN)
    assert in_words(PLAIN) == (
        "What is lost? Data, release 2026-11-27-3f2a9c01b7de, 27 November 2026. https://a.example/dataset."
    )


def test_bibtex_is_one_entry_whatever_the_words_hold() -> None:
    for cited in (AWKWARD, PLAIN):
        library = bibtexparser.parse_string(as_bibtex(cited))
        assert library.failed_blocks == []
        (entry,) = library.entries
        assert entry.entry_type == "dataset"
        assert entry["url"] == cited.address
        assert entry["version"] == cited.version
