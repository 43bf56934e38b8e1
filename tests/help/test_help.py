"""The help is true of what is served: every example on it runs and has an answer, every link leads somewhere, whatever the data are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from lxml import html

from fonds.web.help_pages import TOPICS
from tests.conftest import Site
from tests.help.conftest import Served

PUBLICATIONS = ("own", "second", "tables", "new")
DATASETS = ("museum.ttl", "thesaurus.ttl")
ANY = tuple(each.name for each in TOPICS if each.for_any)
PAGES = [
    *((name, page) for name in PUBLICATIONS for page in ("", *(each.name for each in TOPICS))),
    *((name, page) for name in DATASETS for page in ("", *ANY)),
    *(("own", f"shelfmarks.{language}") for language in ("ru", "es")),
]
# Most of what can be wrong is wrong with any publication.
ASKED = [each if each[0] == "own" else pytest.param(*each, marks=pytest.mark.thorough) for each in PAGES]
needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed (Debian: apt-get install curl)"
)


@pytest.fixture
def site(request: pytest.FixtureRequest, name: str) -> Site:
    if name == "own":
        found: Site = request.getfixturevalue("own_site")
        return found
    served: Served = request.getfixturevalue("served")
    return served(name)


def main_of(site: Site, page: str) -> html.HtmlElement:
    reply = site.get(f"help/{page}" if page else "help")
    assert reply.status == 200
    return html.fromstring(reply.text).get_element_by_id("main")


def blocks(site: Site, page: str, language: str) -> list[str]:
    """Return the examples of a page in a language, as they are copied from it."""
    return [each.text_content() for each in main_of(site, page).find_class(f"language-{language}")]


def commands(block: str) -> Iterator[str]:
    """Yield each line of a block for the shell, with the lines before it that only give something a name."""
    given = ""
    for line in block.splitlines():
        if line.partition("=")[0].isidentifier() and "=" in line:
            given += f"{line}; "
        else:
            yield given + line


def is_answer(said: str) -> bool:
    """Tell whether a program was told something: not nothing, no empty list, no table without rows."""
    if said.startswith(('{"', '[{"')):
        told = json.loads(said)
        counted = (
            [told[key] for key in ("total", "totalItems") if key in told] if isinstance(told, dict) else []
        )
        return bool(told) and all(counted)
    lines = said.splitlines()
    is_table = "," in lines[0] and " " not in lines[0] and lines[0] == lines[0].lower() if lines else False
    return bool(said.strip()) and (len(lines) > 1 or not is_table)


def run(command: list[str], folder: Path) -> tuple[int, str, str]:
    (folder / ".curlrc").write_text("fail\nsilent\nshow-error\nnoproxy = *\n")
    environment = {
        "CURL_HOME": str(folder),
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    return done.returncode, done.stdout, done.stderr


@needs_curl
@pytest.mark.parametrize(("name", "page"), ASKED)
def test_every_line_for_the_shell_has_an_answer(site: Site, page: str, tmp_path: Path) -> None:
    for line in (each for block in blocks(site, page, "sh") for each in commands(block)):
        assert "curl " in line
        status, said, complaint = run(["bash", "-c", line], tmp_path)
        assert (status, complaint) == (0, ""), line
        written = [each for each in tmp_path.iterdir() if each.name != ".curlrc"]
        assert is_answer(said) or (written and all(each.stat().st_size for each in written)), line
        for each in written:
            each.unlink()


@pytest.mark.parametrize(("name", "page"), ASKED)
def test_every_program_in_python_prints_something(site: Site, page: str, tmp_path: Path) -> None:
    for program in blocks(site, page, "python"):
        status, said, complaint = run([sys.executable, "-c", program], tmp_path)
        assert (status, complaint) == (0, ""), program
        assert said.strip(), program


@pytest.mark.parametrize(("name", "page"), ASKED)
def test_every_query_has_an_answer(site: Site, page: str) -> None:
    for query in blocks(site, page, "sparql"):
        reply = site.get(f"sparql?query={quote(query)}", "application/sparql-results+json, text/turtle;q=0.5")
        assert reply.status == 200, (query, reply.text)
        found = (
            json.loads(reply.text)["results"]["bindings"]
            if reply.text.startswith("{")
            else reply.text.strip()
        )
        assert found, query


@pytest.mark.parametrize(("name", "page"), ASKED)
def test_every_link_leads_somewhere(site: Site, page: str) -> None:
    address = urljoin(site.url, f"help/{page}" if page else "help")
    for link in main_of(site, page).iter("a"):
        target = urljoin(address, link.get("href"))
        if target.startswith(site.url):
            path, _, place = target.removeprefix(site.url).partition("#")
            reply = site.get(path, "text/html")
            assert reply.status in (200, 303), target
            if place:
                assert html.fromstring(reply.text).get_element_by_id(place, None) is not None, target
        else:
            assert target.startswith(("https://", "mailto:")), target


@pytest.mark.thorough
def test_the_commands_for_archivists_make_a_publication(own_site: Site, tmp_path: Path) -> None:
    program = tmp_path / "fonds"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fonds "$@"\n')
    program.chmod(0o755)
    lines = "".join(blocks(own_site, "archivists", "console")).splitlines()
    assert len(lines) == 3
    for line in lines:
        status, _, complaint = run(["bash", "-c", line], tmp_path)
        assert status == 0, (line, complaint)
    assert (tmp_path / "my-archive" / "fonds.toml").exists()


def test_the_pages_for_programs_and_queries_have_examples_of_each_sort(own_site: Site) -> None:
    numbers = {
        (page, language): len(blocks(own_site, page, language))
        for page in ("historians", "sparql", "programs")
        for language in ("sh", "python", "sparql")
    }
    assert numbers["programs", "sh"] >= 6
    assert numbers["sparql", "sparql"] >= 5
    assert numbers["sparql", "sh"] >= 4
    assert numbers["historians", "sh"] >= 2
    assert numbers["programs", "python"] == numbers["sparql", "python"] == 1


def test_examples_are_of_the_publication_itself(own_site: Site) -> None:
    page = main_of(own_site, "historians")
    links = [each.get("href") for each in page.iter("a")]
    assert "../doc/record/darusenkov-1964-375" in links
    assert "../doc/person/guevara" in links
    assert own_site.base in page.text_content()


@pytest.mark.parametrize("name", [DATASETS[0]])
def test_where_there_are_no_records_nothing_is_said_of_them(site: Site) -> None:
    assert site.get("help/historians").status == 404
    said = " ".join(main_of(site, each).text_content() for each in ("", "sparql", "programs"))
    for word in ("Timeline", "shelfmark", "fv:matches", "crm:E21_Person", "/search", "/lookup"):
        assert word not in said


@pytest.mark.parametrize(("name", "page"), [("own", f"shelfmarks{each}") for each in ("", ".ru", ".es")])
def test_what_the_parts_of_a_reference_mean_is_told_in_each_language_with_a_drawing(
    site: Site, page: str
) -> None:
    main = main_of(site, page)
    language = page.partition(".")[2] or "en"
    words = main.find_class("help")[0]
    assert words.get("lang") == main.find(".//h1").get("lang") == language
    (drawing,) = words.iter("svg")
    assert drawing.find("title").text_content()
    assert len(words.findall(".//tr")) >= 5
    others = {each.get("hreflang") for each in main.findall(".//header//a[@hreflang]")}
    assert others == {"en", "ru", "es"} - {language}


@pytest.mark.parametrize(
    "path", ["", "search?q=zzzzqqq", "search", "sparql", "doc/record/darusenkov-1964-375"]
)
def test_pages_lead_to_the_help(own_site: Site, path: str) -> None:
    page = html.fromstring(own_site.get(path, "text/html").text)
    assert page.xpath("//nav[@aria-label='Site']//a[@rel='help']")
    if path.startswith(("search", "sparql")):
        assert page.xpath("//main//a[@rel='help']")


def test_every_page_tells_browsers_how_to_search(own_site: Site) -> None:
    for path in ("", "help", "about", "doc/person/guevara"):
        page = html.fromstring(own_site.get(path, "text/html").text)
        (link,) = page.xpath("//link[@rel='search']")
        described = own_site.get(urljoin(own_site.url + path, link.get("href")).removeprefix(own_site.url))
        assert (described.status, described.headers["content-type"].partition(";")[0]) == (
            200,
            link.get("type"),
        )
