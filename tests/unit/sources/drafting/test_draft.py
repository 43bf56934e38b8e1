"""Drafts: what was recognised stands where TEI has a place for it, and no character of a page is lost."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fonds.model import Capture, Record, Reference
from fonds.sources.capture import Captured
from fonds.sources.drafting import Source, draft_edition
from fonds.sources.tables import program_terms
from fonds.sources.tei import read_tei
from fonds.sources.tei_context import Context
from fonds.sources.xml import spaced

TEI = "{http://www.tei-c.org/ns/1.0}"
TYPES = frozenset(Reference("type", key) for key in program_terms("type"))
PROSE = "He came to us on Monday and said that the ships had not come yet."


def drafted(text: str, **facts: str) -> tuple[Record, etree._Element]:
    """Return a draft as a build reads it, held against its capture, and as it is written."""
    source = Source(text=text, sha256="a" * 64, **facts)  # type: ignore[arg-type]
    draft = draft_edition(source, "draft", "2026-11-27", "draft")
    captured = Captured(
        Capture(sha256="a" * 64, size_bytes=1, media_type="text/plain", path="page.txt"), text
    )
    context = Context(known=TYPES, captures={"a" * 64: captured})
    (reading,) = read_tei(draft.xml.encode(), "draft.xml", context)
    assert reading.faults == ()
    assert reading.record is not None
    return reading.record, etree.fromstring(draft.xml.encode())


def lines(*each: str) -> str:
    return "\n\n".join(each)


def decisions(root: etree._Element) -> str:
    return " ".join(str(each.text) for each in root.iter(etree.Comment))


def found(root: etree._Element, name: str) -> list[tuple[str, dict[str, str]]]:
    return [
        (spaced("".join(each.itertext())), {str(key): str(value) for key, value in each.attrib.items()})
        for each in root.iter(f"{TEI}{name}")
    ]


def test_a_gap_says_what_its_words_say() -> None:
    record, root = drafted(lines(f"{PROSE} [two lines illegible] That was all he said to us [...]."))
    assert [(gap.cause, gap.unit, gap.at_least, gap.words) for gap in record.text.gaps] == [
        ("illegible", "line", 2, "[two lines illegible]"),
        ("", None, None, "[...]"),
    ]
    assert "g2: three dots" in decisions(root)


def test_a_loss_that_a_note_reports_beside_a_gap_may_be_the_same() -> None:
    text = f"{PROSE} So [a line faded] it [Translator's note: 2 lines are faded here] was in the end."
    assert "g2, which the note reports, may be the same loss as g1" in decisions(drafted(text)[1])


def test_the_documents_own_date_counts_before_what_the_page_says_and_a_difference_is_a_doubt() -> None:
    record, root = drafted(lines("Date: 4 May 1961", "[Stamp]: Seen", "3 May 1961", "On ships", PROSE))
    assert record.created is not None
    assert record.created.date.edtf == "1961-05-03"
    assert "the page also gives 1961-05-04" in decisions(root)


def test_a_page_without_a_date_gives_none() -> None:
    record, root = drafted(lines("On ships", PROSE))
    assert record.created is None
    assert "gives no date of the document" in decisions(root)


def test_a_year_of_two_figures_is_certain_to_nobody() -> None:
    _, root = drafted(lines("3 May 1961", "On ships", PROSE, "[Handwritten note]: To the file. 5.6.61"))
    (_, (words, attributes)) = found(root, "quote") + found(root, "date")[-1:]
    assert (words, attributes["when"], attributes["cert"]) == ("5.6.61", "1961-06-05", "medium")
    _, root = drafted(lines("On ships", PROSE, "[Handwritten note]: To the file. 5.6.61"))
    assert all("when" not in attributes for _, attributes in found(root, "date"))


def test_no_name_is_marked_and_nothing_is_pointed_to() -> None:
    _, root = drafted(lines("from the diary of", "Holm, A. B.", "3 May 1961", "On ships", PROSE, "A. Holm"))
    assert root.xpath("//@ref") == []
    assert [each.tag for each in root.iter(f"{TEI}persName", f"{TEI}placeName", f"{TEI}orgName")] == []
    assert found(root, "author") == [("Holm, A. B.", {})]


def test_what_a_page_states_is_kept_word_for_word_and_read() -> None:
    record, root = drafted(
        lines(
            "Source: Archive of Norland, Box 12, Folder 3",
            "Original language: German",
            "Translated by Hanna Weiss.",
            "Subjects: Ships",
            "Search",
            "On ships",
            PROSE,
        )
    )
    assert record.shelfmark == "Archive of Norland, Box 12, Folder 3"
    assert [(version.language, version.role, version.held) for version in record.versions] == [
        ("de", "original", False),
        ("en", "translation", True),
    ]
    assert ("Subjects: Ships", {"type": "page", "subtype": "subject", "source": "#capture"}) in found(
        root, "note"
    )


def test_rights_are_quoted_and_never_concluded() -> None:
    _, root = drafted(lines(PROSE, "Print", "© 2001 Archive of Norland"))
    assert ("© 2001 Archive of Norland", {"source": "#capture"}) in found(root, "p")
    assert "of the document, or of the site?" in decisions(root)
    assert found(root, "licence") == []


def test_a_text_in_an_unknown_language_is_undetermined() -> None:
    record, root = drafted("Brenner Holm Weiss Varn.")
    assert record.text.language == "und"
    assert "in which language is the document?" in decisions(root)


def test_a_translation_of_which_the_original_is_not_said_has_none() -> None:
    record, root = drafted(lines("Translated by Hanna Weiss.", "Search", "On ships", PROSE))
    assert [(version.language, version.role) for version in record.versions] == [("en", "translation")]
    assert "in which language is the original?" in decisions(root)


def test_where_the_page_was_saved_stands_in_the_description_of_the_capture() -> None:
    _, root = drafted(PROSE, address="https://a.example/1", saved="2024-03-05")
    assert [each.get("target") for each in root.iter(f"{TEI}ptr")] == ["https://a.example/1"]
    assert ("", {"type": "saved", "when": "2024-03-05"}) in found(root, "date")


def test_every_decision_has_the_line_of_its_comment() -> None:
    draft = draft_edition(
        Source(text=lines("Banner", "Search", PROSE), sha256="a" * 64), None, "2026-11-27", "x"
    )
    xml = draft.xml.split("\n")
    assert draft.decisions
    assert all(f"<!-- decide: {message} -->" in xml[line - 1] for line, message in draft.decisions)
    assert draft.key == "x"


PIECES = st.sampled_from(
    [
        PROSE,
        "Search",
        "Summary",
        "Source",
        "Source:",
        "Date: 3 May 1961",
        "DATE: 3/4/61",
        "3 May 1961",
        "May 3, 1961",
        "K. Holm",
        "[Stamp]: Seen 3.4.61",
        "[Stamp: x] y [Note to the left]: “z”",
        "[Handwritten note]: “no [one word illegible] 3.4.61.“",
        "Handwritten note: a",
        "[...]",
        "[Translator's note: 2 lines are lost]",
        "Translator's note: lost.",
        "[1] a",
        "a [1] b [sic] (illegible).",
        "“T, 3 May 1961,” May 4, 1961, Some Archive, f. 5, op. 2. Translated by A. Holm.",
        "Citation: “T” Archive, Box 3.",
        "РГАНИ, ф. 5, оп. 3",
        "© 1999 all rights reserved",
        "from the diary of",
        "Secret Copy No 2",
        "supported by X & <Y>",
        "with a small letter -- and ]] ]]> -->",
        "Dear Anna,",
        "(signed) A. Holm",
        "click here",
        "\u00a0",
        "\u2028 x \u0085",
        "“",
        "•",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(PIECES | st.text("ab []().:“”,1\u00a0&<", max_size=20), min_size=1, max_size=14),
    st.sampled_from(["\n\n", "\n", "\r\n\r\n"]),
)
def test_no_character_of_any_page_is_lost_or_added(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    if re.search(r"\w", text):
        drafted(text)  # holds the draft against the text


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
        min_size=1,
        max_size=80,
    )
)
def test_any_text_makes_a_draft_that_can_be_built(text: str) -> None:
    if re.search(r"\w", text):
        drafted(text)
