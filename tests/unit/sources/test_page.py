"""Saved pages: the words of each kind of file, and a clear word on what cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.errors import SourceError
from fonds.sources.page import Page, read_page
from fonds.sources.page_envelopes import MOST_BYTES_OF_PAGE

CAPTURES = Path(__file__).parents[2] / "captures"


def page(html: str) -> Page:
    return read_page(f"<!DOCTYPE html><meta charset=utf-8>{html}".encode(), "page.html")


def refused(source: bytes, **options: object) -> str:
    with pytest.raises(SourceError) as error:
        read_page(source, "page", **options)  # type: ignore[arg-type]
    return str(error.value)


def test_plain_text_is_its_own_text_to_the_last_character() -> None:
    text = "\ufeffA\r\n\tB  \u00a0C\r\n"
    read = read_page(text.encode(), "page.txt")
    assert (read.text, read.verbatim, read.media_type) == (text, True, "text/plain;charset=utf-8")


def test_blocks_of_html_are_parted_by_an_empty_line_and_line_breaks_are_kept() -> None:
    read = page(
        "<h1>Letter</h1><p>one  <b>two</b>\nthree<br>four<ul><li>a<li>b</ul><table><tr><td>c<td>d</table>"
    )
    assert read.text == "Letter\n\none two three\nfour\n\na\n\nb\n\nc\td\n"


def test_the_heading_of_a_row_is_a_label_of_its_own() -> None:
    assert (
        page("<table><tr><th>Date<td>3 May 1961<tr><th>A<th>B</table>").text == "Date\n3 May 1961\n\nA\tB\n"
    )


def test_lines_of_pre_are_kept_as_they_are() -> None:
    assert page("<p>x<pre>one\n  two\n\nthree</pre>").text == "x\n\none\n  two\n\nthree\n"


def test_scripts_styles_comments_and_templates_are_no_words() -> None:
    read = page(
        "<p>a<script>alert('<p>no')</script><style>p {}</style><!-- no --><template>no</template>b<noscript>no</noscript>"
    )
    assert read.text == "ab\n"


def test_markup_tells_of_menus_and_headings() -> None:
    read = page(
        "<nav>Menu</nav><div class='site-footer'>Foot</div><div><h2>Head</h2><p>Words</div><div id=breadcrumb>x</div>"
    )
    hints = {read.text[at:].partition("\n")[0]: hint for at, hint in read.hints.items()}
    assert {words for words, hint in hints.items() if hint.furniture} == {"Menu", "Foot", "x"}
    assert hints["Head"].level == 2


def test_what_stands_outside_of_the_one_main_element_is_furniture() -> None:
    read = page("<p>Before<main><p>Words</main><p>After")
    assert [hint.furniture for _, hint in sorted(read.hints.items())] == [True, False, True]


def test_broken_html_loses_no_words() -> None:
    read = page("<p>a<b>c<p>d</i></table><td>e &amp f &#x26;<p")
    assert "".join(read.text.split()) == "acde&f&"


def test_a_head_without_an_end_takes_no_words_with_it() -> None:
    read = read_page(
        b"<html><head><meta charset=utf-8><title>No</title><nav>Menu</nav><section>Words</section>", "f"
    )
    assert read.text.split() == ["Menu", "Words"]


def test_an_address_is_taken_from_where_the_file_says_it() -> None:
    saved = "<!-- saved from url=(0019)https://a.example/1 -->\n<html><p>x"
    assert read_page(saved.encode(), "f").address == "https://a.example/1"
    assert page("<link rel=canonical href='https://a.example/2'><p>x").address == "https://a.example/2"
    assert page("<link rel=canonical href='javascript:x'><p>x").address == ""


def test_mhtml_has_its_page_with_address_and_day() -> None:
    read = read_page((CAPTURES / "letter.mhtml").read_bytes(), "letter.mhtml")
    assert (read.address, read.saved) == ("https://archive.example/lettres/5", "2024-03-05")
    assert "la ville où nous avons passé l'été" in read.text


def test_a_warc_with_one_page_is_that_page() -> None:
    read = read_page((CAPTURES / "telegram.warc").read_bytes(), "telegram.warc")
    assert (read.address, read.saved) == ("https://norland.example/telegrams/88", "2019-06-11")
    assert read.record == "<urn:uuid:00000000-0000-4000-8000-000000000001>"
    assert "The government has resigned" in read.text


def test_a_warc_with_several_pages_lists_them_and_one_can_be_chosen() -> None:
    source = (CAPTURES / "several.warc.gz").read_bytes()
    message = refused(source)
    assert "has 2 pages; say which is meant" in message
    assert "--record 1  https://norland.example/ " in message
    assert "--record 2  https://norland.example/telegrams/88 " in message
    assert "gone" not in message
    assert "The government has resigned" in read_page(source, "f", record=2).text
    assert "has 2 pages; there is none with the number 3" in refused(source, record=3)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"%PDF-1.7 x", "is a PDF file"),
        (b"\x89PNG\r\n", "is a PNG image"),
        (b"PK\x03\x04xx", "is a ZIP archive"),
        (b"words\x00more", "page:1:6: has the control character U+0000"),
        (b"one\ntwo \x07", "page:2:5: has the control character U+0007"),
        (b"<html><script>x</script></html>", "has no words"),
        (gzip.compress(b"words", mtime=0), "is compressed by gzip, but is no WARC"),
        (b"WARC/1.0\r\nbroken", "is a WARC"),
        ("Привет".encode("cp1251"), "page:1:1: names no character set, and is not UTF-8: byte 0xCF"),
        ("<meta charset=utf-8><p>Да".encode("cp1251"), "page:1:24: declares utf-8, but is not"),
        (b"<meta charset=klingon><p>x", "names the character set 'klingon', which is not known"),
        (b"<meta charset=utf-7><p>x", "names the character set 'utf-7', which is not known"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x--", "without a page"),
        (b"x" * (MOST_BYTES_OF_PAGE + 1), "at most 8,388,608 are read as one document"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(source: bytes, message: str) -> None:
    assert message in refused(source)


def test_record_is_for_warc_only() -> None:
    assert "leave --record out" in refused(b"words", record=1)


def test_a_warc_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fonds.sources.page_envelopes._MOST_UNPACKED", 100_000)
    record = (
        b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: image/png\r\nContent-Length: 900000\r\n\r\n"
        + bytes(900_000)
    )
    assert "unpacks to more than 100,000 bytes" in refused(gzip.compress(record + b"\r\n\r\n"))


def test_a_character_set_that_is_named_is_used() -> None:
    read = read_page("Привет".encode("cp1251"), "f", charset="windows-1251")
    assert (read.text, read.verbatim, read.media_type) == ("Привет", False, "text/plain;charset=windows-1251")
    assert "Запись беседы" in read_page((CAPTURES / "zapis.html").read_bytes(), "f").text
    assert read_page("\ufeffx\n".encode("utf-16"), "f").text.strip("\ufeff") == "x\n"


def test_a_page_in_utf_8_that_says_otherwise_is_read_as_utf_8_and_that_is_a_doubt() -> None:
    read = read_page("<meta charset=iso-8859-1><p>Брно".encode(), "f")
    assert "Брно" in read.text
    assert "declares iso-8859-1, but its bytes are UTF-8" in read.doubts[0]


def test_elements_nested_beyond_reason_are_refused_and_deep_ones_are_read() -> None:
    assert page("<div>" * 900 + "x").text == "x\n"
    assert "nested more than 1000 deep" in refused(b"<html>" + b"<div>" * 5000 + b"x")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_or_refused(source: bytes) -> None:
    try:
        read = read_page(source, "f")
    except SourceError:
        return
    assert read.text.strip()


@given(st.text(alphabet="<>/ pdivbrtabletscrip'\"&;#x0\n\x00\u00a0", max_size=200))
def test_any_markup_is_read_and_every_hint_is_the_beginning_of_a_line(markup: str) -> None:
    try:
        read = page(f"<p>x{markup}")
    except SourceError:
        return
    starts = {0, *(at + 1 for at, character in enumerate(read.text) if character == "\n")}
    assert set(read.hints) <= starts
    assert "\x00" not in read.text
