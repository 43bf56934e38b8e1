"""The style sheets, made when a release is opened: one for documents with what they need, one with everything for all else.

The sources stand in ``style/``, a file for each part; what they share is in both sheets, so that a page loads only one.
"""

from __future__ import annotations

import re
from importlib import resources

from fonds.release.presentation.colours import style_of
from fonds.settings import Presentation

STYLE = "fonds.css"
"""The sheet of every page that is not a document's."""

DOCUMENT_STYLE = "document.css"
"""The sheet of a document's page, which has to come quickly over a bad line."""

PARTS = {
    STYLE: ("ground", "frame", "facts", "lists", "record", "query", "search", "drawings", "screens"),
    DOCUMENT_STYLE: ("ground", "frame", "facts", "record", "screens"),
}
"""Of which files a sheet is made, in the order of the cascade (CSS Cascading 5, 6.1)."""


def style_sheets(site: Presentation) -> dict[str, bytes]:
    """Return the style sheets by name, with the colours of a publication at their ends."""
    own = style_of(site)
    return {name: f"{_made_of(parts)}\n{own}".encode() for name, parts in PARTS.items()}


def part(name: str) -> str:
    """Return one of the files, as it stands in the sources."""
    return (resources.files("fonds.web") / "style" / f"{name}.css").read_text(encoding="utf-8")


def shortened(text: str) -> str:
    """Return rules without comments and without spaces that mean nothing (CSS Syntax 3, 4.3.1); strings stay as they are.

    >>> shortened('a:hover, b > i { margin: 0.5em -0.2em; /* no */ content: "a  {0.1} /* b */"; }')
    'a:hover,b>i{margin:.5em -.2em;content:"a  {0.1} /* b */"}'
    """
    return "".join(
        piece if piece.startswith('"') else _short(piece)
        for piece in _STRINGS.split(_COMMENTS.sub(_kept, text))
    ).strip()


_COMMENTS = re.compile(r'("[^"]*")|/\*.*?\*/', re.DOTALL)
_STRINGS = re.compile(r'("[^"]*")')
_SPACES = re.compile(r"\s+")
# Not around “+” and “-”, which need them within calc() and clamp(), nor before “:” and “(”, where a space is a combinator.
_AROUND = re.compile(r" ?([{};,>]) ?|(?<=:) ")
_ZERO = re.compile(r"(?<=[ (,:-])0(?=\.\d)")


def _kept(found: re.Match[str]) -> str:
    return found[1] or ""


def _short(rules: str) -> str:
    spaced = _AROUND.sub(lambda found: found[1] or "", _SPACES.sub(" ", rules))
    return _ZERO.sub("", spaced).replace(";}", "}")


def _made_of(parts: tuple[str, ...]) -> str:
    return shortened("\n".join(map(part, parts)))
