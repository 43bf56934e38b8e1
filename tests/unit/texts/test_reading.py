"""The reading view: safe HTML fragments with the ids of everything that is marked."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonds.model import (
    Block,
    BlockKind,
    Certainty,
    Gap,
    Inline,
    Mark,
    Mention,
    Note,
    Page,
    Phrase,
    Record,
    Reference,
    Span,
    Text,
)
from fonds.texts.reading import ReadingNote, clip, reading_of


def record(*content, mentions=(), gaps=(), fulltext="full") -> Record:
    block = Block(name="p1", kind=BlockKind.PARAGRAPH, ordinal=1, content=content)
    text = Text(language="en", blocks=(block,), mentions=mentions, gaps=gaps)
    return Record(key="k", title=Phrase("T"), label=Phrase("T"), fulltext=fulltext, text=text)


def html(*content, **given) -> str:
    return reading_of(record(*content, **given)).blocks[0].html


def mention(name, target, certainty=Certainty.HIGH):
    return Mention(name=name, target=target, form="x", block="p1", span=Span(0, 1), certainty=certainty)


def test_a_mention_links_to_the_document_of_what_it_names():
    target = Reference("person", "guevara")
    inline = Inline(mark=Mark.MENTION, content=("Che",), id="m12", target=target)
    found = html("to ", inline, mentions=(mention("m12", target),))
    assert found == 'to <a id="m12" class="mention" href="../person/guevara" data-kind="person">Che</a>'


def test_an_uncertain_mention_says_how_uncertain():
    target = Reference("place", "x")
    inline = Inline(mark=Mark.MENTION, content=("X",), id="m1", target=target)
    assert 'data-certainty="medium"' in html(inline, mentions=(mention("m1", target, Certainty.MEDIUM),))


def test_a_mention_of_nobody_known_is_no_link():
    assert (
        html(Inline(mark=Mark.MENTION, content=("X",), id="m1")) == '<span id="m1" class="mention">X</span>'
    )


def test_a_name_within_a_name_is_no_link_within_a_link():
    inner = Inline(mark=Mark.MENTION, content=("Cuba",), id="m2", target=Reference("place", "cuba"))
    outer = Inline(
        mark=Mark.MENTION, content=("the Party of ", inner), id="m1", target=Reference("group", "party")
    )
    assert html(outer).count("<a ") == 1
    assert '<span id="m2" class="mention" data-kind="place">Cuba</span>' in html(outer)


def test_a_term_of_a_vocabulary_is_linked_under_vocab():
    inline = Inline(mark=Mark.MENTION, content=("X",), target=Reference("type", "letter"))
    assert 'href="../vocab/type/letter"' in html(inline)


def test_a_gap_shows_the_words_of_the_source():
    gap = Gap(name="g1", cause="faded", unit="word", words="several words", block="p1", span=None)
    inline = Inline(mark=Mark.GAP, content=("several words",), id="g1")
    assert (
        html(inline, gaps=(gap,))
        == '<span id="g1" class="gap" role="note" data-cause="faded" data-unit="word" data-loss="faded">several words</span>'
    )


@pytest.mark.parametrize(
    ("cause", "unit", "least", "most", "shown"),
    [
        ("faded", "line", 2, 3, "[2–3 lines faded]"),
        ("illegible", "word", 1, 1, "[1 word illegible]"),
        ("capture", None, None, None, "[lost in our copy]"),
        ("faded", "line", None, None, "[faded]"),
    ],
)
def test_a_gap_without_words_says_what_is_lost(cause, unit, least, most, shown):
    gap = Gap(
        name="g1", cause=cause, unit=unit, words="", block="p1", span=None, at_least=least, at_most=most
    )
    assert f">{shown}<" in html(Inline(mark=Mark.GAP, id="g1"), gaps=(gap,))


def test_why_words_are_missing_is_named_by_the_terms_of_the_ontology_whatever_word_the_source_has():
    for reason, cause, loss in (
        ("fading", "faded", "faded"),
        ("torn", "damaged", "damaged"),
        ("censored", "redacted", "withheld"),
        ("whatever", "cause-unstated", "missing"),
    ):
        found = html(Inline(mark=Mark.GAP, content=("[…]",), attributes={"reason": reason}))
        assert f'role="note" data-cause="{cause}" data-loss="{loss}">[…]<' in found


def test_a_footnote_is_called_for_by_a_number_and_read_below_the_block():
    footnote = Inline(
        mark=Mark.NOTE, content=("See vol. ", Inline(mark=Mark.EMPHASIS, content=("XV",)), "."), id="fn1"
    )
    inside = Inline(mark=Mark.NOTE, content=("an editor's",), id="tn")
    text = Text(
        language="en",
        blocks=(
            Block(name="p1", kind=BlockKind.PARAGRAPH, ordinal=1, content=("A ", footnote, " b ", inside)),
            Block(name="p2", kind=BlockKind.PARAGRAPH, ordinal=2, content=(replace(footnote, id="fn2"),)),
        ),
        notes=tuple(
            Note(name=name, type=type_, words="")
            for name, type_ in (("fn1", "footnote"), ("fn2", "source-note"), ("tn", "editorial-note"))
        ),
    )
    first, second = reading_of(
        Record(key="k", title=Phrase("T"), label=Phrase("T"), fulltext="full", text=text)
    ).blocks
    call = '<a class="call" href="#fn1" aria-label="note 1">1</a>'
    assert first.html == f'A{call} b <span id="tn" class="note">an editor\'s</span>'
    assert first.notes == [ReadingNote("fn1", 1, "See vol. <em>XV</em>.")]
    assert second.notes == [ReadingNote("fn2", 2, "See vol. <em>XV</em>.")]


def test_a_footnote_in_the_words_of_a_link_stays_there():
    footnote = Inline(mark=Mark.NOTE, content=("n",), id="fn1")
    inline = Inline(mark=Mark.MENTION, content=("Che", footnote), id="m1", target=Reference("person", "x"))
    block = Block(name="p1", kind=BlockKind.PARAGRAPH, ordinal=1, content=(inline,))
    text = Text(language="en", blocks=(block,), notes=(Note(name="fn1", type="footnote", words="n"),))
    (found,) = reading_of(
        Record(key="k", title=Phrase("T"), label=Phrase("T"), fulltext="full", text=text)
    ).blocks
    assert (found.html.count("<a "), found.notes) == (1, [])


def test_a_page_begins_within_a_line_and_a_line_of_the_source_is_a_line():
    text = Text(
        language="en",
        blocks=(
            Block(
                name="p1",
                kind=BlockKind.PARAGRAPH,
                ordinal=1,
                content=(
                    "a",
                    Inline(mark=Mark.BREAK, id="pg-12", attributes={"tag": "pb"}),
                    "b",
                    Inline(mark=Mark.BREAK, attributes={"tag": "lb"}),
                ),
            ),
        ),
        pages=(Page(name="pg-12", number="12", facsimile="", block="p1", span=None),),
    )
    (found,) = reading_of(
        Record(key="k", title=Phrase("T"), label=Phrase("T"), fulltext="full", text=text)
    ).blocks
    assert found.html == 'a<span id="pg-12" class="page" data-number="12"></span>b<br>'


def test_a_gap_without_words_does_not_run_into_the_next_word():
    gap = Inline(mark=Mark.GAP, attributes={"reason": "faded"})
    assert html(gap, "with").endswith("[faded]</span> with")
    assert html(gap, ", with").endswith("[faded]</span>, with")


@pytest.mark.parametrize(
    ("inline", "expected"),
    [
        (Inline(mark=Mark.BREAK), "<br>"),
        (Inline(mark=Mark.EMPHASIS, content=("a",)), "<em>a</em>"),
        (Inline(mark=Mark.DELETION, content=("a",)), "<del>a</del>"),
        (Inline(mark=Mark.STATEMENT, content=("a",), id="s17"), '<span id="s17" class="statement">a</span>'),
        (Inline(mark=Mark.LABEL, content=("a",)), '<span class="label">a</span>'),
        (
            Inline(mark=Mark.DATE, content=("29.12.64",), attributes={"when": "1964-12-29"}),
            '<time datetime="1964-12-29">29.12.64</time>',
        ),
        (
            Inline(mark=Mark.DATE, content=("soon",), attributes={"when": "soon"}),
            '<span class="date">soon</span>',
        ),
        (
            Inline(mark=Mark.NOTE, content=("n",), id="tn", attributes={"type": "editorial-note"}),
            '<span id="tn" class="note" data-type="editorial-note">n</span>',
        ),
        (
            Inline(mark=Mark.FOREIGN, content=("da",), attributes={"lang": "ru"}),
            '<span class="foreign" lang="ru">da</span>',
        ),
        (Inline(mark=Mark.OTHER, content=("a",), attributes={"tag": "hi"}), '<span data-tag="hi">a</span>'),
    ],
)
def test_every_mark_has_its_element(inline, expected):
    assert html(inline) == expected


class _Tags(HTMLParser):
    """Collects tags, attribute names and text, as a browser sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


hostile = st.sampled_from(
    [
        '"><script>alert(1)</script>',
        "' onclick=x ",
        "&lt;b&gt;",
        "<!--",
        "]]>",
        "a\0b",
        "javascript:alert(1)",
        "\"x'y",
    ]
) | st.text(max_size=8)
references = st.none() | st.builds(Reference, hostile, hostile)
leaves = st.builds(
    Inline,
    mark=st.sampled_from(Mark),
    content=st.tuples(hostile),
    id=st.none() | hostile,
    target=references,
    attributes=st.dictionaries(
        st.sampled_from(["when", "type", "lang", "tag", "reason", "unit", "cert"]), hostile
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(hostile | leaves, max_size=4), st.sampled_from(Mark))
def test_no_data_ever_becomes_markup(content, mark):
    parser = _Tags()
    parser.feed(html(Inline(mark=mark, content=tuple(content))))
    parser.close()
    assert parser.open == []
    assert set(parser.tags) <= {"a", "span", "em", "del", "br", "time"}
    assert parser.attributes <= {
        "id", "class", "href", "lang", "datetime", "data-kind", "data-certainty", "data-cause", "data-unit", "data-type",
        "data-tag", "data-loss", "data-number", "role", "aria-label",
    }  # fmt: skip


def test_a_link_never_leaves_the_site():
    inline = Inline(
        mark=Mark.MENTION, content=("x",), target=Reference("javascript:alert(1)", "//evil.example/")
    )
    assert 'href="../javascript%3Aalert%281%29/%2F%2Fevil.example%2F"' in html(inline)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=10), st.text(max_size=10), st.text(max_size=10), st.integers(0, 30))
def test_clipping_keeps_exactly_the_first_code_points(a, b, c, length):
    content = (a, Inline(mark=Mark.EMPHASIS, content=(b, Inline(mark=Mark.MENTION, content=(c,)))), a)
    whole = a + b + c + a
    kept = clip(content, length)
    assert "".join(each if isinstance(each, str) else each.text for each in kept) == whole[:length]
