"""The words of an HTML page as a text, and what its markup says of its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from fonds.errors import SourceError
from fonds.sources.page_envelopes import web_address
from fonds.sources.recognition.blocks import Hint, spaced

_SILENT = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "title",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
    }
)
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
            "dialog",
        ),
        *(
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
        ),
        *(
            "h6",
            "header",
            "hr",
            "html",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
            "ol",
            "optgroup",
            "option",
            "p",
        ),
        *("pre", "section", "select", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul"),
    }
)
_FURNITURE = frozenset({"nav", "footer", "aside", "menu", "form", "button", "select", "dialog"})
_FURNITURE_ROLES = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"}
)
_FURNITURE_NAMES = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|cookies?|sidebar|social|share|toolbar|skip|pagination)(?:$|[-_\s])",
    re.IGNORECASE,
)
_DEEPEST = 1000


@dataclass(slots=True)
class _Lines:
    """The lines of a page as they come."""

    done: list[tuple[str, Hint]] = field(default_factory=list)
    gaps: list[bool] = field(default_factory=list)  # whether an empty line stands before each
    words: list[str] = field(default_factory=list)
    block: bool = True

    def close(self, hint: Hint, *, block: bool) -> None:
        """End the line that has words, if there is one."""
        line = "".join(self.words)
        self.words = []
        line = line if hint.broken else re.sub("[ \r\n\x0b\x0c\ufeff]+", " ", line)
        for number, each in enumerate(line.split("\n") if hint.broken else [line]):
            if spaced(each):
                self.done.append((each.rstrip() if hint.broken else each.strip(" \t"), hint))
                self.gaps.append(self.block)
                self.block = False
            elif hint.broken and number:
                self.block = True
        self.block = self.block or block


def words_of_html(text: str, shown: str) -> tuple[str, Mapping[int, Hint], str]:
    """Return the words of a page as a text, what its markup says of the lines, and its title.

    Blocks are parted by an empty line, lines within a block by a line feed, cells of a row by a tab. What a browser does not
    show (scripts, styles) is no part of it.

    Args:
        text: The page.
        shown: The file's name in messages.

    Raises:
        SourceError: Its elements are nested beyond reason.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise SourceError(shown, f"cannot be read as HTML: {error}") from error
    if root is None:
        return "", {}, ""
    title = root.find(".//title")
    lines = _Lines()
    _walk(root, lines, shown)
    parts: list[str] = []
    hints: dict[int, Hint] = {}
    at = 0
    for (line, hint), gap in zip(lines.done, lines.gaps, strict=True):
        between = ("\n\n" if gap else "\n") if parts else ""
        hints[at + len(between)] = hint
        parts += (between, line)
        at += len(between) + len(line)
    return "".join(parts) + "\n", hints, spaced(title.text or "") if title is not None else ""


def _walk(root: etree._Element, lines: _Lines, shown: str) -> None:
    """Go through a page without recursion: a hostile one is nested deeply."""
    main = _main(root)
    above: list[tuple[etree._Element, Hint]] = []
    silent: etree._Element | None = None
    hint = Hint(furniture=main is not None, broken=False)
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            above.append((element, hint))
            if len(above) > _DEEPEST:
                raise SourceError(
                    shown, f"elements are nested more than {_DEEPEST} deep; this is no page of a document"
                )
            if silent is None and tag in _SILENT:
                silent = element
            if silent is not None:
                continue
            _break_before(element, tag, lines, hint)
            hint = _hint_within(element, tag, hint, main)
            lines.words.append(element.text or "")
        else:
            outer = above.pop()[1]
            if silent is None and tag in _BLOCKS:
                lines.close(hint, block=True)
            if silent is element:
                silent = None
            hint = outer
            if silent is None:
                lines.words.append(element.tail or "")
    lines.close(hint, block=True)


def _break_before(element: etree._Element, tag: str, lines: _Lines, hint: Hint) -> None:
    """End the line where an element begins another, and part the cells of a row."""
    if tag in _BLOCKS:
        lines.close(hint, block=True)
    elif tag == "br" or (tag == "td" and _follows_label(element)):
        lines.close(hint, block=False)
    elif tag in ("td", "th") and lines.words:
        lines.words.append("\t")


def _follows_label(cell: etree._Element) -> bool:
    """Tell whether a cell stands after the heading of its row: the two are a label and its value."""
    before = cell.getprevious()
    return before is not None and before.tag == "th" and before.getprevious() is None


def _main(root: etree._Element) -> etree._Element | None:
    """Return the one element in which a page says that its content stands; None where it does not say, or there are several."""
    for path in ("//main", "//*[@role='main']", "//article"):
        found = root.xpath(path)
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0], etree._Element):
            return found[0]
    return None


def _hint_within(element: etree._Element, tag: str, hint: Hint, main: etree._Element | None) -> Hint:
    furniture = hint.furniture
    if element is main:
        furniture = False
    elif tag not in ("body", "html") and (
        tag in _FURNITURE
        or (
            tag == "header" and not any(above.tag in ("main", "article") for above in element.iterancestors())
        )
        or element.get("role") in _FURNITURE_ROLES
        or _FURNITURE_NAMES.search(f"{element.get('class', '')} {element.get('id', '')}")
    ):
        furniture = True
    level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else hint.level
    return Hint(furniture=furniture, level=level, broken=hint.broken or tag == "pre")


def saved_from(text: str) -> str:
    """Return the address that browsers note in a comment when they save a page, or that the page gives as its own."""
    noted = re.search(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", text[:4096])
    if noted:
        return web_address(noted[1])
    canonical = re.search(
        r"""<link[^>]{0,300}?rel=["']?canonical["']?[^>]{0,300}?href=["']([^"']+)["']""", text[:65536], re.I
    )
    return web_address(canonical[1]) if canonical else ""
