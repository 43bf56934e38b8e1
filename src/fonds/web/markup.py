"""HTML of what pages are mostly made of: values, statements and links.

A page of a thing has hundreds of values; a template would spend most of its time on these. Everything that comes from the
data is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape as _escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from fonds.translations import ENGLISH, Translation, gettext, ngettext, spoken
from fonds.web.terms import short_name
from fonds.web.wording import grouped

if TYPE_CHECKING:
    from fonds.web.cards import Entry
    from fonds.web.representations import Representation
    from fonds.web.signposting import Link
    from fonds.web.statements import Source
    from fonds.web.values import Group, Value

_OUT = "external nofollow noopener noreferrer"
"""What a link to another site says of itself."""
_LONG, _BEGINNING = 700, 320
"""Characters from which on a text is folded, and of what is seen of it then."""
_SPECIAL = re.compile(r"[&<>\"']").search


def escape(text: str) -> str:
    """Return words as they may stand in HTML; most have nothing in them that has to be escaped."""
    return _escape(text) if _SPECIAL(text) else text


def value(it: Value, root: str) -> Markup:
    """Return a value: a link, a date or words, with its language and type.

    Args:
        it: What is shown.
        root: The relative reference to the root of the site.
    """
    return Markup(_value(it, root))  # noqa: S704  escaped part by part


def _value(it: Value, root: str) -> str:
    if it.form == "list":
        return _list(it, root)
    if it.form == "statement":
        parts = " ".join(_value(part, root) for part in it.parts)
        return f'<span class="triple">{parts}</span>'
    shown = _itself(it, root)
    if it.note:
        shown += f' <span class="tag">{escape(it.note)}</span>'
    if it.here:
        more = gettext("more that points there")
        shown += f' <a class="tag" href="{root}{escape(it.here)}">{escape(more)}</a>'
    return f"{shown}{_nested(it.within, root)}" if it.within else shown


def _itself(it: Value, root: str) -> str:
    """Return the words of a value, as a link where it leads somewhere."""
    text = escape(it.text)
    if it.datetime:
        return f'<time datetime="{escape(it.datetime)}">{text}</time>'
    tongue = _tongue(it.language, it.direction)
    if it.href is None:
        if len(it.text) > _LONG:
            return _folded(it, tongue)
        shown = f'<span class="literal"{tongue}{_stated(it)}>{text}</span>'
        return f"{shown}{_language(it)}"
    if it.within and not it.language:
        return f'<a class="unnamed" href="{root}{escape(it.href)}"{tongue}>{text}</a>'
    if it.external:
        return f'<a class="external" href="{escape(it.href)}" rel="{_OUT}"{tongue}>{text}</a>'
    return f'<a href="{root}{escape(it.href)}"{tongue}>{text}</a>'


def _tongue(language: str | None, direction: str) -> str:
    """Return the attributes that say in which language words are, and in which direction they run."""
    written = f' lang="{escape(language)}"' if language else ""
    return f'{written} dir="{direction}"' if direction else written


def _stated(it: Value) -> str:
    return f' title="{escape(it.stated)}"' if it.stated else ""


def _language(it: Value) -> str:
    if not it.language:
        return ""
    name = gettext("language")
    return f' <span class="tag" title="{escape(name)}">{escape(it.language)}</span>'


def _folded(it: Value, tongue: str) -> str:
    """Return a long text of which the beginning is seen; the rest follows it when it is unfolded."""
    cut = it.text.rfind(" ", 0, _BEGINNING) + 1 or _BEGINNING
    long = len(it.text) + it.left_out
    size = ngettext("{number} character", "{number} characters", long).format(number=_grouped(long))
    more = gettext("{number} more, which the data have").format(number=_grouped(it.left_out))
    left = f'<span class="more"> … {more}</span>'
    return (
        f'<details class="long"><summary><span class="literal"{tongue}>{escape(it.text[:cut])}</span>'
        f'<span class="tag">{size}</span></summary>'
        f'<span class="literal"{tongue}>{escape(it.text[cut:])}</span>{left if it.left_out else ""}</details>{_language(it)}'
    )


def _grouped(number: int) -> str:
    """Return a number with marks between all groups of three digits, as in a phrase about a size."""
    return f"{number:,}".replace(",", "\u202f") if spoken() is ENGLISH else grouped(number)


def _list(it: Value, root: str) -> str:
    items = "".join(f"<li>{_value(part, root)}</li>" for part in it.parts)
    more = gettext("and more, which the data have")
    left = f"<li>{more}</li>" if it.left_out else ""
    return f'<ol class="items">{items}{left}</ol>'


def _nested(groups: Sequence[Group], root: str) -> str:
    rows = "".join(
        f'<div><dt title="{escape(short_name(group.iri))}"{_tongue(group.language, "")}>{escape(group.label)}</dt>'
        f"{''.join(f'<dd>{_value(part, root)}</dd>' for part in group.values)}</div>"
        for group in groups
    )
    return f'<dl class="nested">{rows}</dl>'


def entry(it: Entry, root: str) -> Markup:
    """Return one thing that a card names: a link to its page, or words."""
    return Markup(_entry(it, root, "span"))  # noqa: S704  escaped part by part


def words(entries: Iterable[Entry], text: str = "") -> Markup:
    """Return the words of the first of some entries, with their language where it is not that of the page.

    Args:
        entries: What a card has in a field; nothing comes of none.
        text: Other words in the same language; empty: its own.
    """
    it = next(iter(entries), None)
    if it is None:
        return Markup("")
    said = escape(text or it.text)
    # A page in English leaves it out: so its documents were always written.
    if not it.language or spoken() is ENGLISH or it.language == spoken().language:
        return Markup(said)  # noqa: S704  escaped
    return Markup(f'<span lang="{escape(it.language)}">{said}</span>')  # noqa: S704  escaped


def names(entries: Iterable[Entry], root: str) -> Markup:
    """Return several things that a card names, with commas between them."""
    return Markup(", ".join(_entry(it, root) for it in entries))  # noqa: S704  escaped part by part


def _entry(it: Entry, root: str, plain: str = "") -> str:
    # What a card names stands among words of the program's own, whose language it has then already.
    language = f' lang="{escape(it.language)}"' if it.language and it.language != spoken().language else ""
    if it.href:
        return f'<a href="{root}{escape(it.href)}"{language}>{escape(it.text)}</a>'
    return f"<{plain}{language}>{escape(it.text)}</{plain}>" if plain else escape(it.text)


def statements(groups: Sequence[Group], root: str, sources: Sequence[Source] = ()) -> Markup:
    """Return statements by property; where they stand in several graphs, with the mark of each."""
    out = ['<dl class="statements">\n']
    for group in groups:
        _write(group, root, sources if len(sources) > 1 else (), out)
    out.append("</dl>\n")
    return Markup("".join(out))  # noqa: S704  escaped part by part


def inverse(groups: Sequence[Group], root: str, *, counted: bool = False) -> Markup:
    """Return statements that point to a thing, by property; each with its number, if all are here."""
    out = ['<dl class="statements inverse">\n']
    for group in groups:
        _write(group, root, (), out, counted=counted and group.number > 1)
    out.append("</dl>\n")
    return Markup("".join(out))  # noqa: S704  escaped part by part


def _write(
    group: Group, root: str, sources: Sequence[Source], out: list[str], *, counted: bool = False
) -> None:
    number = f' <span class="sub">{grouped(group.number)}</span>' if counted else ""
    definition = f": {escape(group.definition)}" if group.definition else ""
    title = f'title="{escape(short_name(group.iri))}{definition}"{_tongue(group.language, "")}'
    if group.href is None:
        out.append(f"<div>\n<dt><span {title}>{escape(group.label)}</span>{number}</dt>\n")
    else:
        where = f'class="external" rel="{_OUT}" href="' if group.external else f'href="{root}'
        out.append(
            f'<div>\n<dt><a {where}{escape(group.href)}" {title}>{escape(group.label)}</a>{number}</dt>\n'
        )
    for it in group.values:
        out.append(f"<dd>{_value(it, root)}{_marks(it, sources, root)}</dd>\n")
    if group.more:
        more = gettext("and {number} more").format(number=_grouped(group.more))
        out.append(
            f'<dd class="more"><a href="{root}{escape(group.every)}">{more}</a></dd>\n'
            if group.every
            else f"<dd>{more}</dd>\n"
        )
    out.append("</div>\n")


@lru_cache(maxsize=1_024)
def _name_of_mark(it: Translation, mark: int) -> str:
    return escape(it.gettext("stated in graph {mark}").format(mark=mark))


def _mark(mark: int, source: Source, root: str) -> str:
    href = f"{root}{escape(source.href)}"
    name = _name_of_mark(spoken(), mark)
    return f'<sup class="source"><a href="{href}" aria-label="{name}">{mark}</a></sup>'


def kinds_of(types: Sequence[Value], root: str, sources: Sequence[Source] = ()) -> Markup:
    """Return what a thing is, in a line above its name."""
    if not types:
        return Markup("")
    marked = sources if len(sources) > 1 else ()
    kinds = ", ".join(
        f"{_value(replace(it, note='', here=''), root)}{_marks(it, marked, root)}" for it in types
    )
    return Markup(f'<p class="kind">{kinds}</p>')  # noqa: S704  escaped part by part


def sentence(it: Value, root: str, sources: Sequence[Source] = ()) -> Markup:
    """Return the sentence that says what a thing is, with the marks of the graphs where it stands."""
    words = f"{_value(it, root)}{_marks(it, sources if len(sources) > 1 else (), root)}"
    return Markup(words if len(it.text) > _LONG else f"<p>{words}</p>")  # noqa: S704  escaped part by part


def marks(graphs: Iterable[int], sources: Sequence[Source], root: str) -> Markup:
    """Return the marks of graphs that say something, each leading to its graph."""
    return Markup("".join(_mark(mark, sources[mark - 1], root) for mark in graphs))  # noqa: S704  escaped part by part


def _marks(it: Value, sources: Sequence[Source], root: str) -> str:
    return marks(it.graphs, sources, root) if sources and it.graphs else ""


def alternates(formats: Iterable[Representation], root: str) -> Markup:
    """Return the ``<link>`` elements of a head that lead to other forms of a document."""
    links = (
        f'<link rel="alternate" type="{escape(each.media_type)}" href="{root}{escape(each.href)}" title="{escape(each.label)}">'
        for each in formats
    )
    return Markup("\n".join(links))  # noqa: S704  escaped part by part


def signposts(links: Iterable[Link], root: str) -> Markup:
    """Return typed links as ``<link>`` elements of a head (FAIR Signposting, level 1)."""
    written = []
    for each in links:
        type_ = f' type="{escape(each.media_type)}"' if each.media_type else ""
        href = escape(each.href if each.absolute else root + each.href)
        written.append(f'<link rel="{escape(each.relation)}" href="{href}"{type_}>')
    return Markup("\n".join(written))  # noqa: S704  escaped part by part
