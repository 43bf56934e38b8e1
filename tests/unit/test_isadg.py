"""The columns of tables of records: their spellings, and that what they become is a term of the program."""

from __future__ import annotations

import csv

import pytest

from fonds.isadg import element_named, elements, level_named, levels
from fonds.vocabulary import DCTERMS, RICO, RST, program_ontology

ATOM = """legacyId parentId qubitParentSlug accessionNumber identifier title levelOfDescription extentAndMedium repository
archivalHistory acquisition scopeAndContent appraisal accruals arrangement accessConditions reproductionConditions language script
languageNote physicalCharacteristics findingAids locationOfOriginals locationOfCopies relatedUnitsOfDescription publicationNote
digitalObjectPath digitalObjectURI digitalObjectChecksum generalNote subjectAccessPoints placeAccessPoints nameAccessPoints
genreAccessPoints descriptionIdentifier institutionIdentifier rules descriptionStatus levelOfDetail revisionHistory
languageOfDescription scriptOfDescription sources archivistNote publicationStatus physicalObjectName physicalObjectLocation
physicalObjectType alternativeIdentifiers alternativeIdentifierLabels eventDates eventTypes eventStartDates eventEndDates
eventActors eventActorHistories culture""".split()


def test_every_element_of_isadg_is_there_once_by_its_number() -> None:
    numbers = {each.number for each in elements().values() if each.number}
    areas = {1: 5, 2: 4, 3: 4, 4: 5, 5: 4, 6: 1, 7: 3}
    assert numbers == {f"3.{area}.{each}" for area, last in areas.items() for each in range(1, last + 1)}
    assert {element_named(number).number for number in numbers} == numbers  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ATOM)
def test_every_column_of_the_csv_template_of_atom_is_known(name: str) -> None:
    assert element_named(name) is not None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Reference code(s)", "reference-code"),
        ("3.1.1", "reference-code"),
        ("3.1.3 Date(s)", "date"),
        ("SCOPE AND CONTENT", "scope-and-content"),
        ("scope_and_content", "scope-and-content"),
        ("Titel", "title"),
        ("título", "title"),
        ("eventActors", "name-of-creator"),
    ],
)
def test_capitals_blanks_accents_and_numbers_do_not_matter(name: str, key: str) -> None:
    found = element_named(name)
    assert found is not None
    assert found.key == key


def test_no_spelling_means_two_things() -> None:
    spelled = [
        (spelling, each.key)
        for each in elements().values()
        for spelling in (each.key, each.name, *each.spellings)
    ]
    assert [(name, key) for name, key in spelled if element_named(name) is not elements()[key]] == []


def test_what_an_element_becomes_is_a_term_of_the_program() -> None:
    with (program_ontology() / "terms.csv").open(encoding="utf-8", newline="") as file:
        types = {row["key"] for row in csv.DictReader(file) if row["scheme"] == "type"}
    kept = {
        each.key
        for each in elements().values()
        if each.becomes in ("element", "identifier", "subjects", "title")
    }
    assert sorted(kept - types) == []
    assert sorted(f"level-{each.key}" for each in levels().values() if f"level-{each.key}" not in types) == [
        "level-collection", "level-file", "level-fonds", "level-item", "level-series",
    ]  # fmt: skip
    for each in elements().values():
        assert not each.rico or RICO[each.rico]
        assert not each.dcterms or DCTERMS[each.dcterms]
    for level in levels().values():
        assert not level.record_set_type or RST[level.record_set_type]


def test_a_level_is_known_by_several_names_and_an_unknown_one_is_none() -> None:
    assert [level_named(each).key for each in ("Fonds", "Sub-Series", "Akte", "")] == [  # type: ignore[union-attr]
        "fonds", "subseries", "file", "item",
    ]  # fmt: skip
    assert level_named("shelf") is None
