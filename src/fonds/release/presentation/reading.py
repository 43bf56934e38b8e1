"""From the folders of a publication to what a release keeps of how it shows itself; everything wrong is told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from fonds.addresses import spellings
from fonds.errors import Fault, SourceError
from fonds.identifiers import IriSpace
from fonds.release.presentation.colours import faults_of_colours
from fonds.release.presentation.files import FOLDER, HOME, INDEX, PICTURES, TEMPLATES, Index, Page, Picture
from fonds.release.presentation.links import Names, Pointer
from fonds.release.presentation.pictures import ENDINGS, LOGO_BYTES, LOGO_ENDINGS, Unusable, examine
from fonds.release.presentation.templates import template_faults
from fonds.release.presentation.words import Rendered, Source, fragment_faults, read_source, render
from fonds.settings import Settings, line_of_key
from fonds.store.stored import check, read_query
from fonds.vocabulary import PREFIXES

_PAGE_NAME = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)(?:\.([A-Za-z0-9-]+))?\.md")
_PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a record that stand on the home page.

    Attributes:
        key: The record's.
        words: As the settings have them.
        lines: Of the key and of the words in the settings.
        path: Of the settings.
    """

    key: str
    words: str
    lines: tuple[int, int]
    path: str

    def faults(self, text: bytes | None, *, is_known: bool) -> Iterator[Fault]:
        """Yield what is wrong with it.

        Args:
            text: What is published of the record's words; None where nothing is.
            is_known: Whether there is such a record.
        """
        if not is_known:
            yield Fault(self.path, self.lines[0], 0, f"site.featured: there is no record {self.key!r}")
        elif self.words and text is None:
            message = f"site.quote: no words of the record {self.key!r} are published; leave it out"
            yield Fault(self.path, self.lines[1], 0, message)
        elif self.words and _even(self.words) not in _even((text or b"").decode("utf-8", "replace")):
            message = (
                f"site.quote: {self.words[:60]!r} does not stand in what is published of the record {self.key!r}; copy the "
                "words from its page, with its punctuation"
            )
            yield Fault(self.path, self.lines[1], 0, message)


def _even(words: str) -> str:
    return " ".join(words.split())


@dataclass(slots=True)
class Presented:
    """What a release keeps of how a publication shows itself, and what has to hold of its data for that.

    Attributes:
        files: Content by path within the folder ``site`` of a release.
        pointers: Links of pages to things.
        quote: What the home page quotes; None where it features no record.
        faults: What is wrong.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    pointers: list[Pointer] = field(default_factory=list)
    quote: Quote | None = None
    faults: list[Fault] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the files into the folder of a release."""
        for name, content in self.files.items():
            path = folder / FOLDER / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def dead_links(self, knows: Callable[[str], bool], base: str) -> list[Fault]:
        """Return the links of pages that lead to nothing in the data.

        Args:
            knows: Whether anything is asserted of an IRI.
            base: Under which the things stand.
        """
        return [
            each.fault
            for each in self.pointers
            if not any(knows(base + spelling) for path in each.paths for spelling in spellings(path))
        ]


def read_presentation(folder: Path, settings: Settings) -> Presented:
    """Read pictures, pages and templates of a publication, and hold its colours against what can be read."""
    presented = Presented()
    presented.faults += faults_of_colours(folder, settings.site)
    pictures = _logos(folder, settings, presented)
    queries = frozenset(each.stem for each in (folder / "queries").glob("*.rq"))
    presented.faults += _faults_of_queries(folder / "queries")
    pages = _pages(folder / "pages", settings.languages, queries, presented)
    _templates(folder / "templates", presented)
    presented.faults += _unknown_names(folder, settings, queries, {each.name for each in pages})
    presented.quote = _quote(folder, settings, presented)
    index = Index(pages=pages, **pictures)
    if index != Index():
        presented.files[INDEX] = msgspec.json.format(msgspec.json.encode(index), indent=1) + b"\n"
    return presented


def _faults_of_queries(folder: Path) -> Iterator[Fault]:
    prefixes = PREFIXES | IriSpace("http://base.example/").prefixes
    for path in sorted(each for each in folder.glob("*.rq") if not each.name.startswith(".")):
        try:
            check(path, read_query(path), prefixes)
        except SourceError as error:
            yield error.fault


def _logos(folder: Path, settings: Settings, presented: Presented) -> dict[str, Picture]:
    """Take the pictures that the settings name; return what is noted of them, by their keys."""
    found: dict[str, Picture] = {}
    for key in ("logo", "logo_dark", "icon"):
        value = getattr(settings.site, key)
        if not value:
            continue
        try:
            picture = examine(folder / value, endings=LOGO_ENDINGS, most_bytes=LOGO_BYTES)
        except Unusable as error:
            line = line_of_key(folder, "site", key)
            named = f"site.{key}: {value} {error.fault.message}"
            presented.faults.append(
                error.fault if error.fault.line else Fault(str(folder / "fonds.toml"), line, 0, named)
            )
            continue
        name = f"{key.replace('_', '-')}{Path(value).suffix.lower()}"
        presented.files[f"{PICTURES}/{name}"] = picture.content
        found[key] = picture.named(name)
    if "logo_dark" in found and not settings.site.logo:
        line = line_of_key(folder, "site", "logo_dark")
        message = "site.logo_dark: there is no site.logo beside it; set that as well"
        presented.faults.append(Fault(str(folder / "fonds.toml"), line, 0, message))
    return found


# ------------------------------------------------------------------------------------------------ pages


def _pages(
    folder: Path, languages: Sequence[str], queries: frozenset[str], presented: Presented
) -> tuple[Page, ...]:
    """Take the pages of words, and the pictures beside them."""
    sources: list[Source] = []
    sizes: dict[str, tuple[int, int]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        taken = _source(path, languages) if path.suffix == ".md" else _picture(path, presented)
        if isinstance(taken, Fault):
            presented.faults.append(taken)
        elif isinstance(taken, Source):
            sources.append(taken)
        else:
            sizes[path.name] = taken
    presented.faults += _alone(sources)
    names = Names({Path(each.path).name: each.address for each in sources}, queries)
    rendered = {each.address: render(each, names, sizes) for each in sources}
    _note(rendered, presented)
    pages = (each.page for each in rendered.values())
    return tuple(sorted(pages, key=lambda each: (each.name, not each.is_preferred, each.language)))


def _source(path: Path, languages: Sequence[str]) -> Source | Fault:
    found = _PAGE_NAME.fullmatch(path.name)
    if found is None:
        return Fault(
            str(path), 0, 0, "is called unlike a page; expected a name such as visiting.md or visiting.ru.md"
        )
    name, language = found[1], found[2]
    if language == languages[0]:
        message = f"is in the language that is preferred; call it {name}.md"
        return Fault(str(path), 0, 0, message)
    if language is not None and language not in languages:
        message = f"is in the language {language!r}, which `languages` of fonds.toml does not list: {', '.join(languages)}"
        return Fault(str(path), 0, 0, message)
    return read_source(path, name, language or languages[0], is_preferred=language is None)


def _picture(path: Path, presented: Presented) -> tuple[int, int] | Fault:
    if path.suffix.lower() not in ENDINGS:
        endings = ", ".join(sorted(ENDINGS))
        return Fault(
            str(path), 0, 0, f"is neither a page (.md) nor a picture ({endings}); take it out of this folder"
        )
    if not _PICTURE_NAME.fullmatch(path.name):
        return Fault(
            str(path), 0, 0, "is called so that a link would change it; use letters, digits, dots and hyphens"
        )
    try:
        picture = examine(path)
    except Unusable as error:
        return error.fault
    presented.files[f"{PICTURES}/pages/{path.name}"] = picture.content
    return picture.width, picture.height


def _alone(sources: Sequence[Source]) -> Iterator[Fault]:
    """Yield translations of pages that are not there."""
    preferred = {each.name for each in sources if each.is_preferred}
    for each in sources:
        if each.name not in preferred:
            yield Fault(
                each.path, 0, 0, f"is a translation of {each.name}.md, which is not there; write that as well"
            )


def _note(rendered: Mapping[str, Rendered], presented: Presented) -> None:
    for each in rendered.values():
        presented.faults += each.faults
        presented.pointers += each.pointers
    presented.faults += fragment_faults(rendered)
    shown = {name for each in rendered.values() for name in each.pictures}
    for name in [each for each in presented.files if each.startswith(f"{PICTURES}/pages/")]:
        if name.rpartition("/")[2] not in shown:
            del presented.files[name]


# ------------------------------------------------------------------------------------------------ templates, settings


def _templates(folder: Path, presented: Presented) -> None:
    """Take the templates of a publication."""
    texts: dict[str, str] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        if path.suffix != ".html" or not path.is_file():
            presented.faults.append(
                Fault(str(path), 0, 0, "is no template; expected files that end with .html")
            )
            continue
        try:
            texts[path.name] = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            presented.faults.append(Fault(str(path), 0, 0, f"cannot be read ({error})"))
    presented.faults += template_faults(texts, folder)
    presented.files |= {f"{TEMPLATES}/{name}": text.encode() for name, text in texts.items()}


def _unknown_names(
    folder: Path, settings: Settings, queries: frozenset[str], pages: set[str]
) -> Iterator[Fault]:
    """Yield names in the settings that nothing has."""
    path, site = str(folder / "fonds.toml"), settings.site
    for key, names, known, what in (
        ("questions", site.questions, queries, "stored query {0!r} (queries/{0}.rq)"),
        ("menu", site.menu, pages - {HOME}, "page {0!r} (pages/{0}.md) that a menu can lead to"),
    ):
        for number, name in enumerate(names):
            message = None
            if name not in known:
                message = f"there is no {what.format(name)}; there are {', '.join(sorted(known)) or 'none'}"
            elif name in names[:number]:
                message = f"{name!r} stands there twice"
            if message:
                yield Fault(path, line_of_key(folder, "site", key), 0, f"site.{key}: {message}")


def _quote(folder: Path, settings: Settings, presented: Presented) -> Quote | None:
    site, path = settings.site, str(folder / "fonds.toml")
    lines = line_of_key(folder, "site", "featured"), line_of_key(folder, "site", "quote")
    if site.featured:
        return Quote(site.featured, site.quote, lines, path)
    if site.quote:
        message = "site.quote: of which record? Set site.featured to its key"
        presented.faults.append(Fault(path, lines[1], 0, message))
    return None
