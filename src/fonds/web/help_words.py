"""The words of the help: Markdown with gaps that a publication fills, and how it becomes what stands on a page."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jinja2
from markdown_it.token import Token
from markupsafe import Markup, escape
from pyoxigraph import Literal

from fonds.release.presentation.words import commonmark, place_for, plain, prepare_cell, titled
from fonds.translations import gettext
from fonds.web.questions import editor

FOLDER = Path(__file__).parent / "help"
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that would turn the words around a name."""
_DRAWING, _SPARQL = "drawing", "sparql"


class Written(str):
    """Words that stand in Markdown, or in an example, as they are: what was to be escaped in them is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of the data that an example is about.

    Attributes:
        iri: What it is.
        title: What it is called.
        href: Its page, relative to the root.
        language: Of the title; None where that is not stated.
    """

    iri: str
    title: str
    href: str
    language: str | None = None

    @property
    def key(self) -> str:
        """The last part of its identifier."""
        return self.iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Words:
    """A page of help, as it is shown.

    Attributes:
        title: Its heading.
        html: What stands below it.
    """

    title: str
    html: Markup


@dataclass(slots=True)
class _Page:
    """What is known while one page is made.

    Attributes:
        root: What stands before every address.
        drawings: What draws, by name.
        languages: Of the titles of things to which it links, by address.
    """

    root: str
    drawings: Mapping[str, Callable[[], str]]
    languages: dict[str, str] = field(default_factory=dict)


def render(
    name: str, values: Mapping[str, object], root: str, drawings: Mapping[str, Callable[[], str]]
) -> Words:
    """Return a page of help.

    Args:
        name: Of its file in ``web/help``.
        values: What the publication fills in; in Markdown each of them is words, whatever stands in it.
        root: What stands before every address: links are relative.
        drawings: Each returns an SVG, for the name that stands in a block of code which is called ``drawing``.
    """
    page = _Page(root, drawings)
    functions = {
        "code": code,
        "link": lambda it, words="": _link(it, words, page),
        "shell": lambda words: Written(shlex.quote(" ".join(words.split()))),
        "python": lambda words: Written(repr(words)),
        "iri": lambda words: Written(f"<{words}>"),
        "text": lambda words: Written(str(Literal(words))),
    }
    text = _templates(FOLDER).get_template(name).render({**functions, **values})
    parser = commonmark()
    parser.add_render_rule("fence", lambda _, tokens, at, __, ___: _block(tokens[at], page))
    title, tokens = titled(parser.parse(text), "")
    _prepare(tokens, page)
    return Words(title, Markup(parser.renderer.render(tokens, parser.options, {})))  # noqa: S704  html is off in the parser


@cache
def _templates(folder: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # What is made is Markdown: each value is escaped as that, and the parser knows no HTML.
        autoescape=False,  # noqa: S701
        finalize=as_words,
    )


def as_words(value: object) -> str:
    r"""Return a value as it stands in Markdown, on one line, as words and nothing more.

    >>> as_words("[Kennedy](https://a.example)\n# <b>")
    '\\[Kennedy\\]\\(https\\:\\/\\/a\\.example\\) \\# \\<b\\>'
    """
    if isinstance(value, Written):
        return value
    return _PUNCTUATION.sub(r"\\\g<0>", " ".join(_DIRECTION.sub("", str(value)).split()))


def code(words: str) -> Written:
    """Return words as code.

    >>> code("a`b")
    '`` a`b ``'
    """
    line = " ".join(_DIRECTION.sub("", words).split())
    if "`" not in line:
        return Written(f"`{line}`")
    fence = "`" * (1 + max(len(each) for each in re.findall("`+", line)))
    return Written(f"{fence} {line} {fence}")


def _link(it: Named, words: str, page: _Page) -> Written:
    """Return a link to a thing, which says in which language its title is."""
    if it.language and not words:
        page.languages[f"/{it.href}"] = it.language
    return Written(f"[{as_words(words or it.title)}](</{it.href}>)")


def _prepare(tokens: list[Token], page: _Page) -> None:
    taken: set[str] = set()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrs["id"] = place_for(plain(tokens[at + 1]), taken)
        prepare_cell(token)
        for child in token.children or ():
            if child.type == "link_open":
                _lead(child, page)


def _lead(link: Token, page: _Page) -> None:
    """Make the address of a link relative, and say in which language its words are."""
    href = str(link.attrs["href"])
    if href.startswith("/"):
        link.attrs["href"] = f"{page.root}{href[1:]}"
    elif not href.startswith("#"):
        link.attrs["class"] = "external"
    if href in page.languages:
        link.attrs |= {"lang": page.languages[href], "dir": "auto"}


def _block(token: Token, page: _Page) -> str:
    """Return a block of code, below a query the link that asks it; or a drawing."""
    sort, content = token.info.strip(), token.content
    if sort == _DRAWING:
        drawn = page.drawings[content.strip()]()
        # Nothing in it can be focused, so that the keyboard scrolls the whole (WCAG 2.2, 2.1.1).
        name = escape(gettext("Drawing"))
        scrolled = f'<div class="wide" role="region" aria-label="{name}" tabindex="0">'
        return f'<figure class="drawn">{scrolled}{drawn}</div></figure>\n'
    block = f'<pre class="code" tabindex="0"><code class="language-{escape(sort)}">{escape(content)}</code></pre>\n'
    if sort != _SPARQL:
        return block
    return (
        f'{block}<p class="formats"><a href="{page.root}{escape(editor(content))}">Ask this query</a></p>\n'
    )
