"""Citations for people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fonds.views.citations import Cited, Name, When
from fonds.views.citations.notes import Part, chicago, gost, quotation, russian_units, short

MEMO = Cited(
    "https://a.example/id/record/memo", "memo", "From the Diary of O. T. Darusenkov, Record of a Conversation", "en",
    "From the Diary, No 375",
    authors=(Name("O. T. Darusenkov", "Darusenkov", "O. T."),), translators=(Name("Gary Goldberg"),),
    commissioners=(Name("CWIHP"),), publishers=(Name("Digital Archive"),), date=When("1964-10-27"), number="No 375",
    archive="TsKhSD", location="f. 5, op. 49, d. 758, l. 269, r. 9126",
    shelfmark="TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126", language="en", original_language="ru",
)  # fmt: skip
PRINTED = Cited(
    "https://a.example/id/record/d2", "d2", "2. Message to Khrushchev", "en",
    authors=(Name("Kennedy, John F.", "Kennedy", "John F."),),
    recipients=(Name("Khrushchev, Nikita S.", "Khrushchev", "Nikita S."),), date=When("1960-11-10"), number="2",
    whole="Foreign Relations, Volume VI", language="en",
)  # fmt: skip
BARE = Cited("https://a.example/id/record/b", "b", "Antwort aus Lyon", "de", date=When("", "Frühling 1902"))


def test_the_note_names_writer_title_date_number_archive_translator_and_where_it_is_read() -> None:
    assert chicago(MEMO).text == (
        "O. T. Darusenkov, “From the Diary of O. T. Darusenkov, Record of a Conversation,” 27 October 1964, No 375, "
        "TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126, trans. Gary Goldberg for CWIHP, Digital Archive, "
        "https://a.example/id/record/memo."
    )
    assert short(MEMO).text == (
        "Darusenkov, “From the Diary, No 375,” 27 October 1964, TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126."
    )


def test_a_printed_document_is_found_in_its_volume() -> None:
    assert chicago(PRINTED).text == (
        "John F. Kennedy to Nikita S. Khrushchev, “2. Message to Khrushchev,” 10 November 1960, "
        "in Foreign Relations, Volume VI, https://a.example/id/record/d2."
    )
    assert "no. 2 in Foreign Relations" in chicago(replace(PRINTED, title="Message")).text
    assert short(PRINTED).text.startswith("Kennedy to Khrushchev, “2. Message to Khrushchev,”")


def test_of_a_record_with_title_and_date_only_nothing_else_is_said() -> None:
    assert chicago(BARE).text == "“Antwort aus Lyon,” Frühling 1902, https://a.example/id/record/b."
    assert short(BARE).text == "“Antwort aus Lyon,” Frühling 1902, https://a.example/id/record/b."
    assert gost(BARE).text == "Antwort aus Lyon. Frühling 1902. URL: https://a.example/id/record/b."


def test_a_record_without_date_says_so() -> None:
    assert "“Antwort aus Lyon,” n.d., " in chicago(replace(BARE, date=None)).text
    assert gost(replace(BARE, date=None)).text.startswith("Antwort aus Lyon. URL")


def test_a_title_that_says_who_wrote_to_whom_is_not_preceded_by_the_same() -> None:
    title = "Richard Beer-Hofmann an Arthur Schnitzler, [1892?]"
    names = {"authors": (Name("Richard Beer-Hofmann"),), "recipients": (Name("Arthur Schnitzler"),)}
    letter = replace(BARE, title=title, date=When("1892?", "[1892?]"), **names)
    assert chicago(letter).text == f"“{title},” https://a.example/id/record/b."
    assert chicago(replace(letter, title="On the weather")).text.startswith(
        "Richard Beer-Hofmann to Arthur Schnitzler, “On"
    )


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("The end.", "“The end,” "),
        ("Who?", "“Who?,” "),
        ("He said “no”", "“He said ‘no’,” "),
        ("And so on …", "“And so on …,” "),
        ("To Smith, Jr.", "“To Smith, Jr,” "),
    ],
)
def test_the_comma_behind_a_title_stands_inside_and_quotation_marks_change(title: str, shown: str) -> None:
    assert shown in chicago(replace(BARE, title=title)).text


def test_words_of_the_record_are_pieces_of_their_own_with_their_language() -> None:
    quoted = [
        (piece.text, piece.language)
        for piece in chicago(replace(BARE, title="תשובה", title_language="he")).pieces
        if piece.quoted
    ]
    assert ("תשובה", "he") in quoted


@pytest.mark.clause("GOST R 7.0.5-2008 10")
def test_gost_gives_the_shelfmark_with_russian_signs_and_no_title_of_a_translation() -> None:
    assert gost(MEMO).text == "TsKhSD. Ф. 5. Оп. 49. Д. 758. Л. 269."
    assert gost(replace(MEMO, archive_in_russian="ЦХСД")).text == "ЦХСД. Ф. 5. Оп. 49. Д. 758. Л. 269."
    russian = replace(MEMO, title="Запись беседы", title_language="ru")
    assert (
        gost(russian).text
        == "Darusenkov O. T. Запись беседы. 27.10.1964 // TsKhSD. Ф. 5. Оп. 49. Д. 758. Л. 269."
    )


def test_gost_of_other_archives_and_of_volumes_stands_as_the_source_has_it() -> None:
    other = replace(BARE, archive="Stadtarchiv", location="Best. 12/1", shelfmark="Best. 12/1")
    assert gost(other).text == "Antwort aus Lyon. Frühling 1902 // Stadtarchiv. Best. 12/1."
    assert gost(PRINTED).text == (
        "Kennedy John F. 2. Message to Khrushchev. 10.11.1960 // Foreign Relations, Volume VI. № 2."
    )


@pytest.mark.parametrize(
    ("location", "units"),
    [
        ("ф. 5, оп. 49, д. 758, лл. 1-5", ["Ф. 5", "Оп. 49", "Д. 758", "Лл. 1-5"]),
        ("f.5, op.49", ["Ф. 5", "Оп. 49"]),
        ("f. 5, op. 49, l. 3 ob.", ["Ф. 5", "Оп. 49", "Л. 3 об"]),
        ("f. 5", []),
        ("fol. 12, d. 4", []),
        ("", []),
    ],
)
def test_only_a_shelfmark_of_fond_opis_delo_and_list_gets_russian_signs(
    location: str, units: list[str]
) -> None:
    assert russian_units(location) == units


def test_a_part_is_cited_at_its_own_address_and_quoted_with_its_note() -> None:
    part = Part("para. 7", "https://a.example/id/record/b/p7")
    note = chicago(BARE, part).text
    assert note == "“Antwort aus Lyon,” Frühling 1902, para. 7, https://a.example/id/record/b/p7."
    assert quotation("Gestern …", BARE, part).text == f"“Gestern …” ({note.removesuffix('.')})."
