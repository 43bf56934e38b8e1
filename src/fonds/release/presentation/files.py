"""What a release keeps of how a publication shows itself: the pages as they are shown, and which picture is for what."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fonds.errors import ReleaseError

FOLDER = "site"
"""In a release."""
INDEX = "index.json"
TEMPLATES = "templates"
PICTURES = "pictures"

HOME, ABOUT = "home", "about"
"""Pages with a place of their own."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of a release."""

    name: str
    """Of its file."""
    width: int
    """In pixels, or in whatever its file counts in."""
    height: int
    """The same."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page of words, in one language."""

    name: str
    """Of its file, without language and ending."""
    language: str
    """BCP 47 tag."""
    is_preferred: bool
    """Whether it is in the language that the publication prefers."""
    title: str
    """Its heading; empty for a home page that has none."""
    description: str
    """The words of its first paragraph."""
    html: str
    """What stands below its heading, with addresses that are relative to its own."""

    @property
    def address(self) -> str:
        """Where it is, relative to the root."""
        return address_of(self.name, "" if self.is_preferred else self.language)


def address_of(name: str, language: str = "") -> str:
    """Return where a page is, relative to the root.

    >>> address_of("about"), address_of("about", "ru"), address_of("visiting"), address_of("home")
    ('about', 'pages/about.ru', 'pages/visiting', '')
    """
    if language:
        return f"pages/{name}.{language}"
    return {HOME: "", ABOUT: "about"}.get(name, f"pages/{name}")


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of pages and pictures; ``site/index.json``."""

    pages: tuple[Page, ...] = ()
    """By name, and of each name first the one in the language that is preferred."""
    logo: Picture | None = None
    """Beside the name."""
    logo_dark: Picture | None = None
    """The same on a dark ground."""
    icon: Picture | None = None
    """In the tab of a browser."""

    def page(self, name: str, language: str = "") -> Page | None:
        """Return a page in a language, else in the one that is preferred; None if there is none of that name."""
        versions = self.versions(name)
        asked = (each for each in versions if each.language.partition("-")[0].lower() == language)
        return next(asked, None) or next((each for each in versions if each.is_preferred), None)

    def versions(self, name: str) -> tuple[Page, ...]:
        """Return a page in all languages that it has."""
        return tuple(each for each in self.pages if each.name == name)


def read_index(folder: Path) -> Index:
    """Return what stands in the folder ``site`` of a release; a release without it has nothing of its own.

    Raises:
        ReleaseError: Another version of the program wrote it.
    """
    path = folder / INDEX
    try:
        return msgspec.json.decode(path.read_bytes(), type=Index)
    except FileNotFoundError:
        return Index()
    except msgspec.DecodeError as error:
        raise ReleaseError(f"{path}: written by another version of fonds; build the release again") from error
