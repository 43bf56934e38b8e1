"""HTML of what pages are mostly made of: values, statements and links.

A page of a thing has hundreds of values; a template would spend most of its time on these. Everything that comes from the
data is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape as _escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from fonds.web.terms import short_name

if TYPE_CHECKING:
    from fonds.web.cards import Entry
    from fonds.web.representations import Representation
    from fonds.web.signposting import Link
    from fonds.web.statements import Group, Source, Value

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
    text = escape(it.text)
    if it.datetime:
        shown = f'<time datetime="{escape(it.datetime)}">{text}</time>'
    else:
        language = f' lang="{escape(it.language)}"' if it.language else ""
        if it.href is None:
            shown = f'<span class="literal"{language}>{text}</span>'
            if it.language:
                shown += f' <span class="tag" title="language">{escape(it.language)}</span>'
        elif it.external:
            shown = (
                f'<a class="external" href="{escape(it.href)}" rel="external noreferrer"{language}>{text}</a>'
            )
        else:
            shown = f'<a href="{root}{escape(it.href)}"{language}>{text}</a>'
    return f'{shown} <span class="tag">{escape(it.note)}</span>' if it.note else shown


def entry(it: Entry, root: str) -> Markup:
    """Return one thing that a card names: a link to its page, or words."""
    return Markup(_entry(it, root, "span"))  # noqa: S704  escaped part by part


def names(entries: Iterable[Entry], root: str) -> Markup:
    """Return several things that a card names, with commas between them."""
    return Markup(", ".join(_entry(it, root) for it in entries))  # noqa: S704  escaped part by part


def _entry(it: Entry, root: str, plain: str = "") -> str:
    language = f' lang="{escape(it.language)}"' if it.language else ""
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


def inverse(groups: Sequence[Group], root: str) -> Markup:
    """Return statements that point to a thing, by property."""
    out = ['<dl class="statements inverse">\n']
    for group in groups:
        _write(group, root, (), out)
    out.append("</dl>\n")
    return Markup("".join(out))  # noqa: S704  escaped part by part


def _write(group: Group, root: str, sources: Sequence[Source], out: list[str]) -> None:
    definition = f": {escape(group.definition)}" if group.definition else ""
    title = f'title="{escape(short_name(group.iri))}{definition}"'
    if group.href is None:
        out.append(f"<div>\n<dt><span {title}>{escape(group.label)}</span></dt>\n")
    else:
        where = 'class="external" rel="external noreferrer" href="' if group.external else f'href="{root}'
        out.append(f'<div>\n<dt><a {where}{escape(group.href)}" {title}>{escape(group.label)}</a></dt>\n')
    for it in group.values:
        marks = "".join(_mark(mark, sources[mark - 1], root) for mark in it.graphs) if sources else ""
        out.append(f"<dd>{_value(it, root)}{marks}</dd>\n")
    if group.more:
        out.append(f"<dd>and {group.more:,} more, which the data have</dd>\n".replace(",", " "))
    out.append("</div>\n")


def _mark(mark: int, source: Source, root: str) -> str:
    href = f"{root}{escape(source.href)}"
    return f'<sup class="source"><a href="{href}" aria-label="stated in graph {mark}">{mark}</a></sup>'


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
