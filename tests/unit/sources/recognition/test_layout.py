"""What each block of a page is, on pages of several kinds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fonds.sources.recognition.blocks import Hint, blocks_of
from fonds.sources.recognition.document_blocks import parts_of_notes
from fonds.sources.recognition.layout import lay_out
from fonds.sources.recognition.roles import Role

PROSE = "He came to us on Monday and said that the ships had not come yet."


def roles(*lines: str) -> list[Role]:
    return [each.role for each in lay_out(blocks_of("\n\n".join(lines)), 1900)]


def test_the_document_stands_between_the_furniture() -> None:
    assert roles("Search", "Secret", "3 May 1961", "On the ships", PROSE, "K. Holm", "Print") == [
        Role.FURNITURE,
        Role.OPENER,
        Role.DATELINE,
        Role.HEAD,
        Role.PARAGRAPH,
        Role.SIGNED,
        Role.FURNITURE,
    ]


def test_a_summary_before_a_citation_is_the_pages_and_a_last_paragraph_before_one_is_not() -> None:
    citation = "“Talk, 3 May 1961,” May 9, 1961, Some Digital Archive, GARN, f. 5, op. 2."
    assert roles("Holm tells of the talk.", citation, PROSE, PROSE)[0] is Role.ABSTRACT
    assert roles(PROSE, "He left at ten on the same day.", citation)[:2] == [Role.PARAGRAPH, Role.PARAGRAPH]


def test_a_part_of_a_document_that_is_headed_summary_is_no_statement_of_the_page() -> None:
    assert roles("Estimate of damage", "3 May 1961", "Summary", PROSE, PROSE)[3] is Role.PARAGRAPH
    assert roles("Search", "Summary", PROSE, "Contents", "Estimate of damage", PROSE)[2] is Role.ABSTRACT


def test_what_only_its_place_makes_furniture_is_a_doubt() -> None:
    laid = lay_out(blocks_of(f"The Archive of Norland\n\nSearch\n\n{PROSE}"))
    assert [(each.role, bool(each.doubt)) for each in laid] == [
        (Role.FURNITURE, True),
        (Role.FURNITURE, False),
        (Role.PARAGRAPH, False),
    ]


def test_words_of_menus_within_the_document_stay_in_it() -> None:
    assert roles(PROSE, "Home", PROSE) == [Role.PARAGRAPH] * 3


def test_what_is_of_the_page_by_its_form_is_a_doubt_within_the_document() -> None:
    laid = lay_out(blocks_of(f"{PROSE}\n\nPlease click here.\n\n{PROSE}"))
    assert [(each.role, bool(each.doubt)) for each in laid] == [
        (Role.PARAGRAPH, False),
        (Role.FURNITURE, True),
        (Role.PARAGRAPH, False),
    ]


def test_notes_on_the_paper_and_footnotes_are_no_paragraphs() -> None:
    assert roles(
        "[Stamp]: Seen",
        f"{PROSE} [1]",
        "K. Holm",
        "[Note to the left]: To the file.",
        "[1] On Monday, 3 May.",
    ) == [Role.STAMP, Role.PARAGRAPH, Role.SIGNED, Role.HANDWRITTEN, Role.FOOTNOTE]


def test_what_the_markup_calls_a_menu_is_furniture_although_it_is_a_sentence() -> None:
    text = f"{PROSE}\n\n{PROSE}"
    laid = lay_out(blocks_of(text, {0: Hint(furniture=True)}))
    assert [each.role for each in laid] == [Role.FURNITURE, Role.PARAGRAPH]


def test_a_text_without_a_sentence_is_still_a_document() -> None:
    assert Role.PARAGRAPH in roles("Search", "Arrived safely, all well", "Sending money soon", "Print")


def test_notes_in_one_block_are_parted_at_their_labels() -> None:
    assert list(parts_of_notes("[Stamp]: Seen [Note to the left]: No")) == [(0, 14), (14, 36)]


@given(
    st.lists(
        st.sampled_from(
            [
                PROSE,
                "Search",
                "Summary",
                "Source",
                "Date: 3 May 1961",
                "K. Holm",
                "[Stamp]: x",
                "3 May 1961",
                "…",
                "[1] a",
                "“T, 3 May 1961,” Some Archive, f. 5, op. 2.",
                "РГАНИ, ф. 5, оп. 3",
                "© 1999 all rights reserved",
                "from the diary of",
            ]
        ),
        max_size=12,
    )
)
def test_every_block_is_something_in_its_order(lines: list[str]) -> None:
    blocks = blocks_of("\n\n".join(lines))
    assert [each.block for each in lay_out(blocks, 1900)] == blocks
