"""References and citations: their parts as they are written, in several countries' ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.sources.recognition.references import (
    find_shelfmark,
    find_translating,
    is_citation,
    is_reference,
    read_citation,
)


@pytest.mark.parametrize(
    ("text", "repository", "parts"),
    [
        ("РГАНИ, ф. 5, оп. 30, д. 12, лл. 3–5.", "РГАНИ", "fond=ф. 5|opis=оп. 30|delo=д. 12|leaf=лл. 3–5"),
        (
            "AVPRN, F. 0104, Op. 19, Papka 119, D. 3, ll. 12-15",
            "AVPRN",
            "fond=F. 0104|opis=Op. 19|folder=Papka 119|delo=D. 3|leaf=ll. 12-15",
        ),
        (
            "National Archives, Record Group 59, Box 12, Folder 3",
            "National Archives",
            "group=Record Group 59|box=Box 12|folder=Folder 3",
        ),
        (
            "Central State Archive (TsDA), F. 1-B, Op. 64, a.e. 279",
            "Central State Archive (TsDA)",
            "fond=F. 1-B|opis=Op. 64|delo=a.e. 279",
        ),
        ("Stadtarchiv, Best. 12, Nr. 3, Bl. 7", "Stadtarchiv", "group=Best. 12|item=Nr. 3|leaf=Bl. 7"),
        ("AMRE, Caja 12, Carpeta 3, f. 45", "AMRE", "box=Caja 12|folder=Carpeta 3|leaf=f. 45"),
        (
            "Архив, фонд 3, опись 2, ед. хр. 45, л. 12 об.",
            "Архив",
            "fond=фонд 3|opis=опись 2|delo=ед. хр. 45|leaf=л. 12 об.",
        ),
    ],
)
def test_the_parts_of_a_reference_are_as_they_are_written(text: str, repository: str, parts: str) -> None:
    found = find_shelfmark(text)
    assert found is not None
    assert found.repository == repository
    assert "|".join(f"{part.unit}={part.words}" for part in found.parts) == parts
    assert is_reference(text)
    assert all(text[part.start : part.end] == part.words for part in found.parts)


@pytest.mark.parametrize(
    "text", ["I have a box of 3 folders", "Box 12", "d. 5", "He lived in f. 3", "file a, box b"]
)
def test_one_part_or_none_is_no_reference(text: str) -> None:
    assert find_shelfmark(text) is None


def test_one_part_written_in_full_is_enough_where_a_reference_must_be() -> None:
    found = find_shelfmark("Archives of Norland, Box 7", certain=True)
    assert found is not None
    assert (found.repository, found.parts[0].words) == ("Archives of Norland", "Box 7")
    assert find_shelfmark("Archives of Norland, d. 7", certain=True) is None


def test_a_citation_is_read_part_by_part() -> None:
    text = (
        "“Talk of A. Weiss, 3 May 1961,” May 9, 1961, Some Digital Archive, GARN, f. 5, op. 2. "
        "Translated for SHP by Hanna Holm."
    )
    assert is_citation(text)
    citation = read_citation(text)
    assert citation.title == "Talk of A. Weiss, 3 May 1961"
    assert citation.in_title is not None
    assert citation.dated is not None
    assert (citation.in_title.value, citation.dated.value) == ("1961-05-03", "1961-05-09")
    assert (citation.publisher, citation.shelfmark and citation.shelfmark.repository) == (
        "Some Digital Archive",
        "GARN",
    )
    found = find_translating(text)
    assert found is not None
    assert (found.translator, found.commissioner) == ("Hanna Holm", "SHP")


def test_the_day_on_which_somebody_looked_is_not_that_of_the_document() -> None:
    assert read_citation("“A Talk,” Some Digital Archive, accessed on 3 May 2020.").dated is None
    found = read_citation("“A Talk,” 4 May 1961, Some Digital Archive, accessed 3 May 2020.").dated
    assert found is not None
    assert found.value == "1961-05-04"


@pytest.mark.parametrize("text", ["“We shall see,” he said, and left.", "“Yes.”", "A citation of 3 May 1961"])
def test_quoted_words_alone_are_no_citation(text: str) -> None:
    assert not is_citation(text)


@pytest.mark.parametrize(
    ("text", "translator", "language"),
    [
        ("Traducido del ruso por Elena Soto.", "Elena Soto", "ru"),
        ("Translated from German.", "", "de"),
        ("Obtained by X and translated by Peter Holm.", "Peter Holm", ""),
    ],
)
def test_who_translated_and_from_what_is_as_it_is_said(text: str, translator: str, language: str) -> None:
    found = find_translating(text)
    assert found is not None
    assert (found.translator, found.language) == (translator, language)


def test_a_sentence_about_translations_names_nobody() -> None:
    assert find_translating("It was translated by hand and put away.") is None


@given(st.text(alphabet='f.op d1,2“”"aBox ()№', max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    find_shelfmark(text)
    read_citation(text)
    find_translating(text)
