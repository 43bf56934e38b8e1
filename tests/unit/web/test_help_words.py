"""Words of the data stand in the help as words: none of them becomes markup, a link, an example or a turn of direction."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from lxml import html

from fonds.web import help_words
from fonds.web.help_words import Named, render

HOSTILE = (
    "<script>alert(1)</script>",
    "](javascript:alert(1)) [x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "`code` ``` \n```sh\nrm -rf /\n```\n# Heading",
    "<img src=x onerror=alert(1)>",
    "\u202elive\u2066 \u2069\u2069",
    "&lt;b&gt; | a | b |",
    "{{ 7 * 7 }}",
)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(help_words, "FOLDER", tmp_path)

    def write(text: str, **values: object) -> html.HtmlElement:
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        return html.fromstring(f"<div>{render('page.md', values, '../', {}).html}</div>")

    return write


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(write, words: str) -> None:
    it = Named("https://a.example/x", words, "doc/x", "ru")
    page = write(
        "a {{ words }} b\n\n{{ link(it) }}\n\n{{ code(words) }}\n\n| a | b |\n|---|---|\n| {{ words }} | c |\n",
        words=words,
        it=it,
    )
    assert {each.tag for each in page.iter()} <= {
        "div",
        "p",
        "a",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    (link,) = page.iter("a")
    assert (link.get("href"), link.get("lang"), link.get("dir")) == ("../doc/x", "ru", "auto")
    plain = " ".join("".join(each for each in words if not 0x2000 < ord(each) < 0x2070).split())
    assert link.text_content() == plain
    assert page.findall(".//td")[0].text_content() == plain
    assert page.find("p").text_content() == f"a {plain} b"


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_do_not_leave_their_place_in_an_example(write, words: str) -> None:
    page = write(
        "```sh\ncurl {{ shell(words) }} x\n```\n\n```python\nprint({{ python(words) }})\n```\n", words=words
    )
    shell, python = (each.text_content() for each in page.iter("code"))
    assert {each.tag for each in page.iter()} == {"div", "pre", "code"}
    assert eval(python.removeprefix("print")) == words
    assert shlex.split(shell) == ["curl", " ".join(words.split()), "x"]


def test_a_link_without_a_place_to_lead_to_is_told_when_the_page_is_made(write) -> None:
    with pytest.raises(help_words.jinja2.UndefinedError):
        write("{{ nothing_of_that_name }}")
