"""What stands around every page: templates and what they can use, the style sheet with its colours, pictures, navigation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources

import jinja2
from markupsafe import Markup

from fonds.dates import spelled_date
from fonds.drawing import land
from fonds.identifiers import NS
from fonds.release.folder import Release
from fonds.release.presentation.files import ABOUT, HOME, PICTURES, TEMPLATES, Index, Page
from fonds.release.presentation.templates import environment, loader_of
from fonds.settings import Settings
from fonds.web import markup, wording
from fonds.web.questions import asked, editor, read_questions
from fonds.web.style import style_sheets
from fonds.web.terms import read_languages, short_name
from fonds.web.yasqe import editor_files

_PROGRAM_LANGUAGE = "en"
LAND = "land.svg"
"""The outline of the land, where the program was installed with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation or at the foot.

    Attributes:
        href: Relative to the root.
        label: Its title.
        language: BCP 47 tag of the title; empty where it is that of the page around it.
    """

    href: str
    label: str
    language: str


def assets_of(release: Release, settings: Settings, own: Index) -> dict[str, bytes]:
    """Return what pages load, by name: the program's files, the style sheets, and the publication's pictures."""
    folder = resources.files("fonds.web") / "assets"
    assets = {each.name: each.read_bytes() for each in folder.iterdir()}
    assets |= editor_files()
    assets |= style_sheets(settings.site)
    if outline := land.read_outline():
        assets[LAND] = land.file_of(outline).encode()
    for picture in (own.logo, own.logo_dark, own.icon):
        if picture is not None:
            assets[picture.name] = (release.site / PICTURES / picture.name).read_bytes()
    return assets


def templates_of(
    release: Release, settings: Settings, own: Index, assets: Mapping[str, bytes]
) -> jinja2.Environment:
    """Return the templates, a publication's own before the program's, with what all of them can use."""
    manifest, folder = release.manifest, release.site / TEMPLATES
    templates = environment(loader_of(folder if folder.is_dir() else None))
    # The page about the data stands in the navigation of every site, whether it has words of its own or not.
    named = dict.fromkeys(each.name for each in own.pages if each.name not in (HOME, ABOUT))
    menu = [name for name in settings.site.menu if name in named]
    templates.globals.update(
        settings=settings,
        manifest=manifest,
        publication=manifest.kind == "publication",
        kinds={kind: label for kind, label in wording.KINDS.items() if kind in manifest.counts.kinds},
        titled=wording.heading,
        has_queries=any(release.queries.glob("*.rq")),
        has_search=release.search.exists(),
        has_timeline=release.chronology.exists(),
        canonical_base=manifest.base,
        namespace=NS,
        value=markup.value,
        entry=markup.entry,
        names=markup.names,
        marks=markup.marks,
        statements=markup.statements,
        asked=partial(asked, read_questions()),
        editor=editor,
        inverse=markup.inverse,
        kinds_of=markup.kinds_of,
        sentence=markup.sentence,
        alternates=markup.alternates,
        signs=markup.signposts,
        own=own,
        words_of=words_of,
        own_language=foreign(settings.languages[0]),
        menu=_entries(own, menu),
        foot=_entries(own, [name for name in named if name not in menu]),
        starter=wording.first_query(manifest),
        default_graph_note=wording.default_graph_note(manifest),
        versions={name: hashlib.sha256(each).hexdigest()[:10] for name, each in assets.items()},
    )
    languages = read_languages(release.ontology)
    templates.filters.update(
        short_name=short_name,
        number=wording.grouped,
        spelled=spelled_date,
        licence=wording.licence_name,
        contact=wording.contact_address,
        report=wording.report_address,
        local=wording.local,
        web=wording.web_address,
        foreign=foreign,
        language_name=lambda tag: languages.get(tag.split("-")[0].lower(), tag),
    )
    return templates


def foreign(language: str | None) -> str:
    """Return a language, nothing where there is none or it is that of the words which the program itself puts on pages.

    >>> foreign("en-GB"), foreign("ru")
    ('', 'ru')
    """
    return "" if not language or language.partition("-")[0].lower() == _PROGRAM_LANGUAGE else language


def words_of(page: Page) -> Markup:
    """Return what stands on a page: at build it was made from words without any HTML of their own."""
    return Markup(page.html)  # noqa: S704


def _entries(own: Index, names: Iterable[str]) -> list[Entry]:
    pages = (own.page(name) for name in names)
    return [Entry(each.address, each.title, foreign(each.language)) for each in pages if each]
