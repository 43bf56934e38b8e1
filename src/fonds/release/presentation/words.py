"""Pages of words: CommonMark without HTML, their links checked, as they stand on the site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from fonds.addresses import to_root
from fonds.errors import Fault
from fonds.release.presentation.files import HOME, Page, address_of
from fonds.release.presentation.links import Leads, Names, Pointer, where
from fonds.translations import gettext

_FRONT = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*\n", re.DOTALL | re.MULTILINE)
_FRONT_KEYS = ("title",)
_TAKEN = frozenset({"main"})
"""Ids that every page has."""
_LONGEST_DESCRIPTION = 300
_MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file of words.

    Attributes:
        path: As a person would type it.
        name: Of the page.
        language: BCP 47 tag.
        is_preferred: Whether that is the language which the publication prefers.
        text: What stands in it.
    """

    path: str
    name: str
    language: str
    is_preferred: bool
    text: str

    @property
    def address(self) -> str:
        """Where the page is, relative to the root."""
        return address_of(self.name, "" if self.is_preferred else self.language)


@dataclass(slots=True)
class Rendered:
    """A page, what is wrong with it, and what has to hold for its links to lead somewhere.

    Attributes:
        page: As it is shown.
        ids: Where links can lead within it.
        faults: What is wrong.
        pointers: Links to things of the data.
        fragments: Links to places within pages: the page's address, the place, and the fault that it is if there is none.
        pictures: Names of the pictures that it shows.
    """

    page: Page
    ids: set[str]
    faults: list[Fault] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)
    fragments: list[tuple[str, str, Fault]] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)


def read_source(path: Path, name: str, language: str, *, is_preferred: bool) -> Source | Fault:
    """Return a file of words, or why it cannot be read."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return Fault(
            str(path), 0, 0, f"is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        )
    except OSError as error:
        return Fault(str(path), 0, 0, f"cannot be read ({error.strerror})")
    if len(content) > _MOST_BYTES:
        return Fault(str(path), 0, 0, f"has {len(content):,} bytes; a page may have {_MOST_BYTES:,}")
    return Source(str(path), name, language, is_preferred, text)


def render(source: Source, names: Names, sizes: Mapping[str, tuple[int, int]]) -> Rendered:
    """Return a page.

    Args:
        source: Its file.
        names: Where links may lead.
        sizes: Width and height of the pictures in the folder, by name.
    """
    work = _Work(source, names, sizes)
    front, body, above = _front(source.text)
    work.line = above
    for line, key, _ in front:
        if key not in _FRONT_KEYS:
            work.tell(line, f"unknown key {key!r} above the words; known is {', '.join(_FRONT_KEYS)}")
    parser = commonmark()
    tokens = parser.parse(body)
    title, tokens = titled(tokens, {key: value for _, key, value in front}.get("title", ""))
    work.prepare(tokens)
    if not title and source.name != HOME:
        work.tell(1, "has no title; begin with a heading such as `# Visiting us`")
    html = parser.renderer.render(tokens, parser.options, {})
    page = Page(
        name=source.name,
        language=source.language,
        is_preferred=source.is_preferred,
        title=title,
        description=_described(tokens),
        html=html,
    )
    if not html.strip():
        work.tell(1, "holds no words; write some, or delete the file")
    return Rendered(page, work.ids, work.faults, work.pointers, work.fragments, work.pictures)


def _front(text: str) -> tuple[list[tuple[int, str, str]], str, int]:
    """Return what stands between lines of dashes above the words, with its lines; the words; how many lines stand above them."""
    found = _FRONT.match(text)
    if found is None:
        return [], text, 0
    lines = found[1].splitlines()
    parts = ((number, *each.partition(":")) for number, each in enumerate(lines, start=2) if each.strip())
    keys = [(number, key.strip(), value.strip().strip("\"'")) for number, key, _, value in parts]
    return keys, text[found.end() :], len(lines) + 2


def commonmark() -> MarkdownIt:
    """Return a reader of CommonMark with tables; HTML in it is words like others."""
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable("table")
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    return parser


def _open_table(renderer: object, tokens: list[Token], at: int, options: object, env: object) -> str:  # noqa: ARG001
    name = escape(gettext("Table"))
    return f'<div class="wide" role="region" aria-label="{name}" tabindex="0"><table>\n'


def _close_table(renderer: object, tokens: list[Token], at: int, options: object, env: object) -> str:  # noqa: ARG001
    return "</table></div>\n"


def _code(renderer: object, tokens: list[Token], at: int, options: object, env: object) -> str:  # noqa: ARG001
    return f'<pre class="code" tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


def titled(tokens: list[Token], title: str) -> tuple[str, list[Token]]:
    """Return the title and the tokens below it: of a page whose first block is a heading of the first level, that heading."""
    if tokens and (tokens[0].type, tokens[0].tag) == ("heading_open", "h1"):
        return title or plain(tokens[1]), tokens[3:]
    return title, tokens


def plain(inline: Token) -> str:
    """Return the words of a block without marks."""
    words = (
        " " if each.type in ("softbreak", "hardbreak") else "" if each.type == "image" else each.content
        for each in inline.children or ()
    )
    return " ".join("".join(words).split())


def _described(tokens: list[Token]) -> str:
    """Return the words of the first paragraph, cut at a blank where they are many."""
    first = next(
        (
            tokens[at + 1]
            for at, each in enumerate(tokens)
            if each.type == "paragraph_open" and not each.level
        ),
        None,
    )
    words = plain(first) if first else ""
    if len(words) <= _LONGEST_DESCRIPTION:
        return words
    return words[:_LONGEST_DESCRIPTION].rpartition(" ")[0] + " …"


def place_for(words: str, taken: set[str]) -> str:
    """Return the id of a heading, which is taken from then on.

    >>> place_for("How sure?", {"how-sure"})
    'how-sure-2'
    """
    name = stem = re.sub(r"[^\w]+", "-", words.lower()).strip("-") or "part"
    number = 1
    while name in taken or name in _TAKEN:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name


def prepare_cell(token: Token) -> None:
    """Write into a cell of a table what pages need of it; nothing into any other token."""
    if token.type in ("th_open", "td_open"):
        # A style in an attribute is refused by the site's own policy.
        align = str(token.attrs.pop("style", ""))
        token.attrs |= {"class": "number"} if align.endswith("right") else {}
        token.attrs |= {"scope": "col"} if token.type == "th_open" else {}


class _Work:
    """What is found out while the tokens of one page are made ready to be written."""

    def __init__(self, source: Source, names: Names, sizes: Mapping[str, tuple[int, int]]) -> None:
        self.source, self.names, self.sizes = source, names, sizes
        self.root = to_root(f"/{source.address}")
        self.line = 0
        self.ids: set[str] = set()
        self.faults: list[Fault] = []
        self.pointers: list[Pointer] = []
        self.fragments: list[tuple[str, str, Fault]] = []
        self.pictures: set[str] = set()

    def tell(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.source.path, line, 0, message))

    def prepare(self, tokens: list[Token]) -> None:
        line = self.line + 1
        for at, token in enumerate(tokens):
            line = self.line + token.map[0] + 1 if token.map else line
            if token.type == "heading_open":
                self._heading(token, plain(tokens[at + 1]), line)
            else:
                prepare_cell(token)
            for child in token.children or ():
                self._inline(child, line)

    def _heading(self, token: Token, words: str, line: int) -> None:
        if token.tag == "h1":
            self.tell(line, "a second heading of the first level; write `##`")
        token.attrs["id"] = place_for(words, self.ids)

    def _inline(self, token: Token, line: int) -> None:
        if token.type == "link_open":
            self._link(token, line)
        elif token.type == "image":
            self._picture(token, line)

    def _link(self, token: Token, line: int) -> None:
        leads = where(str(token.attrs["href"]), self.names)
        if isinstance(leads, str):
            self.tell(line, leads)
            return
        self._note(leads, str(token.attrs["href"]), line)
        if leads.is_outside:
            token.attrs["class"] = "external"
        elif leads.address is not None:
            token.attrs["href"] = f"{self.root}{leads.address}{leads.fragment and '#' + leads.fragment}"

    def _note(self, leads: Leads, href: str, line: int) -> None:
        if leads.thing:
            message = f"the link {href!r} leads to nothing in the data"
            self.pointers.append(Pointer(leads.thing, Fault(self.source.path, line, 0, message)))
        if leads.fragment and leads.is_page:
            message = f"the link {href!r}: that page has no heading of this name"
            address = self.source.address if leads.address is None else leads.address
            self.fragments.append((address, leads.fragment, Fault(self.source.path, line, 0, message)))

    def _picture(self, token: Token, line: int) -> None:
        name = str(token.attrs["src"])
        if name not in self.sizes:
            self.tell(
                line, f"the picture {name!r} is not in pages/; put the file there and name it as it is called"
            )
            return
        if not token.content.strip():
            self.tell(
                line,
                f"the picture {name!r} has no words in its brackets; say what it shows (WCAG 2.2, 1.1.1)",
            )
        width, height = self.sizes[name]
        token.attrs |= {
            "src": f"{self.root}pages/{name}",
            "width": str(width),
            "height": str(height),
            "loading": "lazy",
        }
        self.pictures.add(name)


def fragment_faults(pages: Mapping[str, Rendered]) -> Iterator[Fault]:
    """Yield the links that lead to no heading of a page.

    Args:
        pages: By address.
    """
    for each in pages.values():
        for address, fragment, fault in each.fragments:
            if address in pages and fragment not in pages[address].ids:
                yield fault
