"""Brackets that tell of a loss: marked as gaps, with nothing of the words changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fonds.model import Inline, Mark, plain
from fonds.sources.brackets import bracketed, loss_in_brackets

CAUSES = {"illegible": "illegible", "not declassified": "redacted"}
Content = tuple[str | Inline, ...]


def gap(words: Content, cause: str) -> Inline:
    return Inline(mark=Mark.GAP, content=words, attributes={"reason": cause})


def gaps(content: Content) -> list[str]:
    """Return the words of the gaps of a content."""
    found = []
    for each in content:
        if isinstance(each, Inline):
            found += [each.text] if each.mark is Mark.GAP else gaps(each.content)
    return found


def test_a_bracket_around_a_mark_is_one_gap() -> None:
    content = ("a [", Inline(mark=Mark.EMPHASIS, content=("text not declassified",)), "] b")
    assert gaps(bracketed(content, CAUSES, gap)) == ["[text not declassified]"]


def test_a_bracket_inside_a_mark_is_found_there() -> None:
    content = ("a ", Inline(mark=Mark.EMPHASIS, content=("b [illegible] c",)), " d [sic]")
    assert gaps(bracketed(content, CAUSES, gap)) == ["[illegible]"]


def test_the_extent_is_a_plain_number_or_not_told() -> None:
    assert loss_in_brackets("[18 lines of 2-column source text not declassified]") == ("line", 18)
    assert loss_in_brackets("[8–1/2 lines of source text not declassified]") == (None, None)
    assert loss_in_brackets("[several words illegible]") == ("word", None)


pieces = st.recursive(
    st.text(alphabet="[] ail", max_size=8).map(lambda text: text.replace("ail", "[illegible]")),
    lambda inner: st.lists(inner, max_size=4).map(
        lambda found: Inline(mark=Mark.OTHER, content=tuple(found))  # type: ignore[arg-type]
    ),
    max_leaves=12,
)


@given(st.lists(pieces, max_size=6).map(tuple))
def test_no_word_changes_or_moves(content: Content) -> None:
    assert plain(bracketed(content, CAUSES, gap)) == plain(content)
