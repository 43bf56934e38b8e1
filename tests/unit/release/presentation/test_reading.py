"""The folders of a publication: everything that is wrong in them is told, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonds.release.presentation.files import Index, read_index
from fonds.release.presentation.reading import Presented, read_presentation
from fonds.settings import Presentation, Settings

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"/>'


def read(folder: Path, files: dict[str, str], **settings: object) -> Presented:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_presentation(folder, Settings(languages=("en", "ru"), site=Presentation(**settings)))  # type: ignore[arg-type]


def test_a_publication_without_looks_has_nothing_in_its_release(tmp_path: Path) -> None:
    found = read(tmp_path, {})
    assert (found.files, found.faults, found.quote) == ({}, [], None)
    assert read_index(tmp_path / "site") == Index()


def test_what_is_read_is_what_a_release_keeps(tmp_path: Path) -> None:
    files = {
        "site/logo.svg": PICTURE,
        "pages/help.md": "# Help\n\n![Ours](a.svg)",
        "pages/help.ru.md": "# Помощь\n\nДа.",
        "pages/a.svg": PICTURE,
        "pages/b.svg": PICTURE,
        "pages/.hidden": "x",
        "templates/home.html": '{% extends "fonds:home.html" %}',
    }
    found = read(tmp_path, files, logo="site/logo.svg")
    assert found.faults == []
    found.write(tmp_path / "release")
    index = read_index(tmp_path / "release/site")
    assert [(each.name, each.language, each.is_preferred) for each in index.pages] == [
        ("help", "en", True),
        ("help", "ru", False),
    ]
    assert [each.address for each in index.versions("help")] == ["pages/help", "pages/help.ru"]
    assert index.logo is not None
    assert (index.logo.name, index.logo.width, index.logo.height) == ("logo.svg", 200, 100)
    kept = {str(each.relative_to(tmp_path / "release/site")) for each in (tmp_path / "release").rglob("*.*")}
    # A picture that no page shows is left out.
    assert kept == {"index.json", "pictures/logo.svg", "pictures/pages/a.svg", "templates/home.html"}


@pytest.mark.parametrize(
    ("files", "settings", "message"),
    [
        (
            {"pages/Help.md": "# H\n\nx"},
            {},
            "pages/Help.md: is called unlike a page; expected a name such as visiting.md",
        ),
        (
            {"pages/help.en.md": "# H\n\nx"},
            {},
            "pages/help.en.md: is in the language that is preferred; call it help.md",
        ),
        (
            {"pages/help.fr.md": "# H\n\nx"},
            {},
            "pages/help.fr.md: is in the language 'fr', which `languages` of fonds.toml",
        ),
        (
            {"pages/help.ru.md": "# H\n\nx"},
            {},
            "pages/help.ru.md: is a translation of help.md, which is not there",
        ),
        ({"pages/notes.txt": "x"}, {}, "pages/notes.txt: is neither a page (.md) nor a picture"),
        ({"pages/a b.svg": PICTURE}, {}, "pages/a b.svg: is called so that a link would change it"),
        ({"pages/a.svg": "<svg/>"}, {}, "pages/a.svg: is not an SVG"),
        ({"templates/a.css": "x"}, {}, "templates/a.css: is no template; expected files that end with .html"),
        ({}, {"logo": "site/none.svg"}, "fonds.toml: site.logo: site/none.svg cannot be read (No such file"),
        (
            {"site/a.svg": PICTURE},
            {"logo_dark": "site/a.svg"},
            "site.logo_dark: there is no site.logo beside it",
        ),
        (
            {},
            {"questions": ("x",)},
            "site.questions: there is no stored query 'x' (queries/x.rq); there are none",
        ),
        ({"queries/x.rq": "ASK {}"}, {"questions": ("x", "x")}, "site.questions: 'x' stands there twice"),
        (
            {"pages/home.md": "x"},
            {"menu": ("home",)},
            "site.menu: there is no page 'home' (pages/home.md) that a menu",
        ),
        ({}, {"quote": "x"}, "site.quote: of which record? Set site.featured to its key"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    tmp_path: Path, files: dict[str, str], settings: dict[str, object], message: str
) -> None:
    found = [str(each) for each in read(tmp_path, files, **settings).faults]
    assert len(found) == 1
    assert message in found[0].replace(f"{tmp_path}/", "")


def test_a_page_that_is_not_utf8_or_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/help.md").write_bytes(b"# Caf\xe9")
    (tmp_path / "pages/more.md").mkdir()
    told = [each.message for each in read(tmp_path, {}).faults]
    assert told == [
        "is not UTF-8 (unexpected end of data at byte 5); save it as UTF-8",
        "cannot be read (Is a directory)",
    ]


def test_an_index_of_another_version_is_told(tmp_path: Path) -> None:
    from fonds.errors import ReleaseError

    (tmp_path / "index.json").write_text('{"pages": 7}', encoding="utf-8")
    with pytest.raises(ReleaseError, match="build the release again"):
        read_index(tmp_path)
