"""What stands around every page: templates and what they can use, the style sheet with its colours, pictures, navigation."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources

import jinja2
from markupsafe import Markup

from fonds.drawing import land
from fonds.identifiers import NS
from fonds.release.folder import Release
from fonds.release.presentation.files import ABOUT, HOME, PICTURES, TEMPLATES, Index, Page
from fonds.release.presentation.templates import environment, loader_of
from fonds.settings import Settings
from fonds.translations import SOURCE, in_own_language, translation
from fonds.web import markup, wording
from fonds.web.questions import asked, editor, read_questions
from fonds.web.style import style_sheets
from fonds.web.terms import read_languages, short_name
from fonds.web.yasqe import editor_files

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


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language in which a page can be had.

    Attributes:
        tag: BCP 47.
        name: What it calls itself.
        prefix: What stands before the addresses of its pages, relative to the root.
        is_current: Whether it is that of the page.
    """

    tag: str
    name: str
    prefix: str
    is_current: bool


_NAMES: Mapping[str, str] = {"en": "English", "ru": "Русский", "es": "Español"}
"""What languages call themselves."""


def tongues(settings: Settings, language: str) -> list[Tongue]:
    """Return the languages in which each page can be had; none where there is one only.

    Args:
        settings: Which languages these are; pages in the first have no prefix.
        language: Of the page.
    """
    first, *others = settings.site.languages
    found = [
        Tongue(each, _NAMES[each], "" if each == first else f"{each}/", each == language)
        for each in (first, *others)
    ]
    return found if others else []


def templates_of(
    release: Release, settings: Settings, own: Index, assets: Mapping[str, bytes], language: str = SOURCE
) -> jinja2.Environment:
    """Return the templates, a publication's own before the program's, with what all of them can use.

    Args:
        release: What is served.
        settings: What it says of itself.
        own: Its own pages.
        assets: What pages load, by name.
        language: Of the pages; the caller speaks it.
    """
    manifest, folder = release.manifest, release.site / TEMPLATES
    it = translation(language)
    its_own = folder if folder.is_dir() else None
    templates = environment(loader_of(its_own), it, confined=its_own is not None)
    foreign = partial(_foreign, language)
    # The page about the data stands in the navigation of every site, whether it has words of its own or not.
    named = dict.fromkeys(each.name for each in own.pages if each.name not in (HOME, ABOUT))
    menu = [name for name in settings.site.menu if name in named]
    templates.globals.update(
        settings=settings,
        manifest=manifest,
        publication=manifest.kind == "publication",
        kinds={kind: wording.heading(kind) for kind in wording.KINDS if kind in manifest.counts.kinds},
        page_language=language,
        tongues=tongues(settings, language),
        is_reviewed=it.is_reviewed,
        prefix="" if language == settings.site.languages[0] else f"{language}/",
        titled=wording.heading,
        has_queries=any(release.queries.glob("*.rq")),
        has_search=release.search.exists(),
        has_timeline=release.chronology.exists(),
        canonical_base=manifest.base,
        namespace=NS,
        value=markup.value,
        entry=markup.entry,
        names=markup.names,
        words=markup.words,
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
        menu=_entries(own, menu, language),
        foot=_entries(own, [name for name in named if name not in menu], language),
        starter=wording.first_query(manifest),
        default_graph_note=wording.default_graph_note(manifest),
        versions={name: hashlib.sha256(each).hexdigest()[:10] for name, each in assets.items()},
    )
    languages = read_languages(release.ontology)

    # With the context, since it depends on the release: templates are compiled once for all of them.
    @jinja2.pass_context
    def language_name(_context: object, tag: str) -> str:
        return it.language_name(tag) or languages.get(tag.split("-", maxsplit=1)[0].lower(), tag)

    templates.filters.update(
        short_name=short_name,
        number=wording.grouped,
        spelled=wording.spelled_date,
        licence=wording.licence_name,
        contact=wording.contact_address,
        report=wording.report_address,
        local=wording.local,
        in_own_language=in_own_language,
        web=wording.web_address,
        foreign=foreign,
        language_name=language_name,
    )
    return templates


def _foreign(own: str, language: str | None) -> str:
    """Return a language, nothing where there is none or it is that of the words which the program itself puts on pages.

    >>> _foreign("en", "en-GB"), _foreign("en", "ru")
    ('', 'ru')
    """
    return "" if not language or language.partition("-")[0].lower() == own else language


_ADDRESS = re.compile(r'((?:href|src)=")(?![A-Za-z][A-Za-z0-9+.-]*:|[#/?])([^"]*)"')
"""An attribute with an address that is relative to another one's folder."""


def words_of(page: Page, address: str | None = None) -> Markup:
    """Return what stands on a page: at build it was made from words without any HTML of their own.

    Args:
        page: A page in one language.
        address: Where it is shown, relative to the root, None: at its own address.
    """
    html, folder = page.html, posixpath.dirname(page.address)
    if folder and address is not None and not posixpath.dirname(address):
        html = _ADDRESS.sub(lambda found: f'{found[1]}{_from_root(folder, found[2])}"', html)
    return Markup(html)  # noqa: S704


def _from_root(folder: str, address: str) -> str:
    """Return an address that is relative to a folder as one that is relative to the root.

    >>> _from_root("pages", "../doc/person/x#y"), _from_root("pages", "plan.png"), _from_root("pages", "../")
    ('doc/person/x#y', 'pages/plan.png', './')
    """
    end = "/" if address.endswith("/") else ""
    return posixpath.normpath(posixpath.join(folder, address)) + end


def _entries(own: Index, names: Iterable[str], language: str) -> list[Entry]:
    pages = (own.page(name, language) for name in names)
    return [Entry(each.address, each.title, _foreign(language, each.language)) for each in pages if each]
