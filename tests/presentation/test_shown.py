"""A publication with a name, a logo, colours, pages and templates of its own, and nothing of the program's first record."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from fonds.errors import BuildError
from fonds.release.folder import Release, open_release
from fonds.release.publication import build_publication, check_publication
from fonds.release.verify import verify
from tests.conftest import serving

PAGES = [
    "/",
    "/about",
    "/dataset",
    "/browse/person",
    "/pages/besuch",
    "/pages/about.ru",
    "/doc/nothing",
    "/queries/",
]


def words(page: str) -> str:
    """Return what a reader sees of a page."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<script.*?</script>|<[^>]*>", " ", body, flags=re.S)).split())


def test_the_look_of_a_publication_is_in_its_release_and_changes_no_digest(
    shown: Release, plain: Release
) -> None:
    own = {name for name in shown.manifest.files if name.startswith("site/")}
    assert own == {
        "site/index.json",
        "site/pictures/logo.svg",
        "site/pictures/logo-dark.svg",
        "site/pictures/icon.png",
        "site/pictures/pages/lesesaal.png",
        "site/templates/base.html",
        "site/templates/home.html",
    }
    assert verify(shown, second_reader=False) == []
    assert not plain.site.exists()
    assert shown.manifest.digest == plain.manifest.digest


def test_a_look_that_was_changed_in_a_release_is_found(shown: Release, tmp_path: Path) -> None:
    folder = tmp_path / shown.manifest.name
    shutil.copytree(shown.folder, folder)
    copy = open_release(folder)
    page = folder / "site/templates/home.html"
    page.write_bytes(page.read_bytes().replace(b"eigener", b"fremder"))
    (folder / "site/templates/more.html").write_text("x", encoding="utf-8")
    assert [each.partition(":")[0] for each in verify(copy, second_reader=False)] == [
        "site/templates/home.html",
        "site/templates/more.html",
    ]


@pytest.mark.thorough
def test_a_word_changed_on_a_page_makes_a_new_release_with_the_same_digest(
    publication_of_its_own: Path,
) -> None:
    first = build_publication(publication_of_its_own)
    assert build_publication(publication_of_its_own).manifest.name == first.manifest.name
    page = publication_of_its_own / "pages/hilfe.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nMehr.\n", encoding="utf-8")
    second = build_publication(publication_of_its_own)
    assert second.manifest.name != first.manifest.name
    assert second.manifest.digest == first.manifest.digest


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_nothing_of_the_program_or_its_first_record(shown_site: Any, path: str) -> None:
    page = shown_site.get(path, "text/html").text
    seen = words(page)
    assert "Brenner" in seen
    assert "Nur dienstags: Stadtarchiv Altwasser" in seen
    for name in ("Darusenkov", "Guevara", "Wilson", "Khrushchev"):
        assert name not in page
    # What made it, and the addresses of its style sheet and ontology.
    assert "fonds" not in seen.replace("fonds 0.1.0", "").replace("fonds/ns#", "")
    assert '<html lang="en">' in page
    assert "assets/logo.svg?" in page
    assert 'media="(prefers-color-scheme: dark)" srcset="' in page


def test_the_home_page_has_the_words_the_record_and_the_question_of_the_publication(shown_site: Any) -> None:
    page = shown_site.get("/", "text/html").text
    assert '<h1 dir="auto" lang="de">Briefe des Hauses Brenner</h1>' in page
    assert '<a href="./doc/group/house-brenner">' not in page
    assert '<a href="./id/group/house-brenner">einem Haus</a>' in page
    assert '<a href="./pages/besuch">Besuchen</a>' in page
    assert 'href="./pages/home.ru" hreflang="ru"' in page
    assert "“so leid es Brenner &lt;b&gt;&amp; Söhne tut”" in page
    assert re.search(r'<a href="\./doc/record/brenner-1901-03#p1" dir="auto" lang="de">', page)
    assert "Ein eigener Weg hinein." in page
    assert "Ways in" not in page
    asked = re.search(r'<a href="\./(sparql\?query=[^"]+)">Wer schreibt</a>', page)
    assert asked is not None
    answer = shown_site.get(unescape(asked[1]), "text/csv")
    assert answer.status == 200
    assert len(answer.text.splitlines()) > 1
    assert "<b>7</b> records" in page


def test_pages_of_words_stand_in_the_menu_or_at_the_foot_and_in_their_languages(shown_site: Any) -> None:
    page = shown_site.get("/pages/besuch", "text/html").text
    menu, foot = page.partition("</header>")[0], page.partition("<footer")[2]
    assert '<a href="../pages/besuch" lang="de">Besuch</a>' in menu
    assert "Hilfe" not in menu
    assert '<a href="../pages/hilfe" lang="de">Hilfe</a>' in foot
    assert '<h1 dir="auto" lang="de">Besuch</h1>' in page
    assert (
        '<img src="../pages/lesesaal.png" alt="Der Lesesaal, von der Strasse gesehen" width="120" height="60" loading="lazy">'
        in page
    )
    assert '<a href="#%C3%B6ffnungszeiten">' in page
    assert '<h2 id="öffnungszeiten">' in page
    assert 'href="https://elsewhere.example/" class="external"' in page
    picture = shown_site.get("/pages/lesesaal.png")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    russian = shown_site.get("/pages/about.ru", "text/html").text
    assert '<h1 dir="auto" lang="ru">О собрании</h1>' in russian
    assert '<a href="../about" hreflang="de" rel="alternate">' in russian
    assert "<b>erfunden" not in shown_site.get("/about", "text/html").text


def test_the_pages_about_and_home_have_one_address(shown_site: Any) -> None:
    assert shown_site.get("/pages/about").headers["location"] == "../about"
    assert shown_site.get("/pages/home").headers["location"] == "../"
    missing = shown_site.get("/pages/..%2f..%2fmanifest.json", "text/html")
    assert missing.status == 404


def test_the_about_page_says_whose_the_data_are(shown_site: Any) -> None:
    page = shown_site.get("/about", "text/html").text
    seen = words(page)
    assert "Published by Stadtarchiv Altwasser" in seen
    assert 'href="mailto:lesesaal@altwasser.example"' in page
    assert "Rights in quoted words Erfunden; keine Rechte." in seen
    assert '<td class="number">2</td>' in page
    assert "style=" not in page


def test_the_style_sheet_has_the_colours_and_its_address_changes_with_them(shown_site: Any) -> None:
    page = shown_site.get("/", "text/html").text
    style = shown_site.get("/assets/fonds.css").text
    assert "--wax: #1d4f73;" in style.partition("@media print")[2]
    assert re.search(r"fonds\.css\?[0-9a-f]{10}", page)
    for name, kind in (
        ("logo.svg", "image/svg+xml"),
        ("logo-dark.svg", "image/svg+xml"),
        ("icon.png", "image/png"),
    ):
        assert shown_site.get(f"/assets/{name}").headers["content-type"] == kind


def test_the_data_are_cited_by_their_publisher(shown_site: Any) -> None:
    page = shown_site.get("/dataset", "text/html").text
    assert re.search(
        r"Stadtarchiv Altwasser\. Briefe des Hauses Brenner\. Data, release \S+, [^.]+\. https://altwasser\.example/dataset\.",
        page,
    )
    file = shown_site.get("/citation.cff").text
    assert 'authors:\n  - name: "Stadtarchiv Altwasser"\n' in file
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    assert (data["@type"], data["publisher"]["name"]) == ("Dataset", "Stadtarchiv Altwasser")
    assert 50 <= len(data["description"]) <= 5000
    assert len(page.encode()) < 60_000


def broken(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def settings_with(folder: Path, old: str, new: str) -> None:
    path = folder / "fonds.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


Change = Callable[[Path], None]
FAULTS: dict[str, tuple[Change, str]] = {
    "a thing that is not there": (
        lambda at: broken(at, "pages/hilfe.md", "# Hilfe\n\nEin\n[Haus](/id/person/nobody)"),
        r"pages/hilfe\.md:3: the link '/id/person/nobody' leads to nothing in the data",
    ),
    "words that are not in the record": (
        lambda at: settings_with(at, "so leid es", "so froh es"),
        r"fonds\.toml:21: site\.quote: 'so froh es Brenner .* does not stand in what is published of the record 'brenner-1901-03'",
    ),
    "words of a record that publishes none": (
        lambda at: settings_with(at, 'featured = "brenner-1901-03"', 'featured = "holm-1905"'),
        r"fonds\.toml:21: site\.quote: no words of the record 'holm-1905' are published",
    ),
    "a record that is not there": (
        lambda at: settings_with(at, 'featured = "brenner-1901-03"', 'featured = "brenner"'),
        r"fonds\.toml:20: site\.featured: there is no record 'brenner'",
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", FAULTS)
def test_what_is_said_of_the_data_has_to_be_so(publication_of_its_own: Path, name: str) -> None:
    change, message = FAULTS[name]
    change(publication_of_its_own)
    with pytest.raises(BuildError, match=message):
        build_publication(publication_of_its_own)
    assert not (publication_of_its_own / "releases/current").exists()


def test_a_check_tells_of_everything_at_once(publication_of_its_own: Path) -> None:
    broken(publication_of_its_own, "pages/hilfe.md", "Ohne Titel, und [nirgends](hin)")
    broken(
        publication_of_its_own,
        "templates/base.html",
        '{% extends "fonds:base.html" %}\n{% block fuss %}x{% endblock %}',
    )
    settings_with(publication_of_its_own, "#1d4f73", "#ffcc00")
    told = [
        f"{Path(each.path).name}:{each.line}: {each.message}"
        for each in check_publication(publication_of_its_own).told
    ]
    assert [each for each in told if each.startswith("hilfe.md:1: has no title")]
    assert [each for each in told if each.startswith("hilfe.md:1: the link 'hin' leads nowhere")]
    assert [each for each in told if each.startswith('base.html:2: nothing above has a block "fuss"')]
    assert [
        each
        for each in told
        if "fonds.toml:17: site.accent: #ffcc00 on the light ground #f2ecdd has a contrast of 1.2" in each
    ]


@pytest.mark.thorough
def test_templates_that_break_every_page_are_told_when_the_server_starts(
    publication_of_its_own: Path,
) -> None:
    base = (
        '{% extends "fonds:base.html" %}{% block footer %}{{ settings.title.nothing.of.this }}{% endblock %}'
    )
    broken(publication_of_its_own, "templates/base.html", base)
    release = build_publication(publication_of_its_own)
    with pytest.raises(pytest.fail.Exception), serving(release.folder):
        pass
