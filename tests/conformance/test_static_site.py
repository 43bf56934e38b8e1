"""A site of plain files behind Debian's Caddy: the crawler of the living site finds everything there, in every format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from click.testing import CliRunner

from fonds.cli import main
from fonds.errors import FondsError
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.static import writing
from fonds.static.asking import Asking
from fonds.static.links import STATE
from fonds.static.servers import CADDY
from fonds.static.writing import export_site
from tests.behind import asker_of, files_by_caddy, files_by_nginx
from tests.conformance.crawler import Crawler
from tests.conformance.test_crawl import (  # noqa: F401  they are run once more, on a site of files
    test_documents_answer_conditions_and_head,
    test_every_document_is_the_same_graph_in_every_format_and_is_about_what_it_was_asked_for,
    test_every_identifier_answers_with_triples_about_itself,
    test_every_link_leads_somewhere_in_the_format_that_was_asked_for,
)
from tests.conformance.test_identity_over_time import copied
from tests.unit.web.conftest import Ask
from tests.unit.web.test_changes import letter, persons

pytestmark = pytest.mark.thorough

SETTINGS = """
[site]
languages = ["en", "ru"]
[edm]
data_provider = "The archive"
provider = "The aggregator"
rights_statement = "http://rightsstatements.org/vocab/CNE/1.0/"
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = copied(tmp_path_factory.mktemp("second-still") / "publication")
    with (folder / "fonds.toml").open("a", encoding="utf-8") as toml:
        toml.write(SETTINGS)
    return build_publication(folder, into=tmp_path_factory.mktemp("second-still-releases"))


@pytest.fixture(scope="module")
def folder(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("still") / "site"
    done = export_site(release.folder, folder, endpoint="https://endpoint.example/sparql")
    assert done.dead == ()
    return folder


@pytest.fixture(scope="module")
def ask(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with files_by_caddy(folder, tmp_path_factory.mktemp("caddy")) as port:
        yield asker_of(port)


@pytest.fixture(scope="module")
def crawler(ask: Ask, release: Release) -> Crawler:
    return Crawler(ask, release.manifest.base)


def test_what_was_given_up_answers_as_on_a_living_site(ask: Ask) -> None:
    moved = ask("/id/person/brenner-j", "text/html")
    assert (moved.status, moved.headers["location"]) == (301, "/id/person/brenner-jakob")
    moved = ask("/doc/person/brenner-j.ttl")
    assert (moved.status, moved.headers["location"]) == (301, "/doc/person/brenner-jakob.ttl")
    for path in ("/id/record/brenner-1899", "/doc/record/brenner-1899", "/id/record/brenner-1899/p1"):
        page = ask(path, "text/html")
        assert page.status == 410
        assert "No longer published" in page.text
        tombstone = ask(path, "text/turtle")
        assert (tombstone.status, tombstone.headers["content-type"]) == (410, "text/turtle;charset=utf-8")


def test_a_thing_is_not_its_document_and_what_is_not_there_is_not_found(ask: Ask) -> None:
    see = ask("/id/record/brenner-1901-03")
    assert (see.status, see.headers["location"]) == (303, "/doc/record/brenner-1901-03")
    see = ask("/vocab/type/letter")
    assert (see.status, see.headers["location"]) == (303, "/doc/vocab/type/letter")
    for path in ("/id/record/none", "/doc/record/none", "/.fonds/files", "/.fonds/Caddyfile", "/.fonds"):
        assert ask(path).status == 404


@pytest.mark.parametrize(
    ("accept", "type_"),
    [
        (None, "text/html;charset=utf-8"),
        ("*/*", "text/html;charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html;charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("text/turtle, */*;q=0.1", "text/turtle;charset=utf-8"),
    ],
)
def test_a_client_gets_the_format_that_it_names(ask: Ask, accept: str | None, type_: str) -> None:
    reply = ask("/doc/record/brenner-1901-03", accept)
    assert (reply.status, reply.headers["content-type"]) == (200, type_)
    assert "Accept" in reply.headers["vary"]
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "default-src 'none'" in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/doc/record/brenner-1901-03.tei.xml", "application/tei+xml"),
        (
            "/doc/record/brenner-1901-03.la.json",
            'application/ld+json;profile="https://linked.art/ns/v1/linked-art.json"',
        ),
        (
            "/doc/record/brenner-1901-03.edm.rdf",
            'application/rdf+xml;profile="http://www.europeana.eu/schemas/edm/"',
        ),
        ("/doc/record/brenner-1901-03.csl.json", "application/vnd.citationstyles.csl+json"),
        ("/doc/record/brenner-1901-03.card.png", "image/png"),
        ("/changes", 'application/ld+json;profile="https://www.w3.org/ns/activitystreams"'),
        ("/changes/1", 'application/ld+json;profile="https://www.w3.org/ns/activitystreams"'),
        ("/changes.atom", "application/atom+xml;charset=utf-8"),
        ("/sitemap.xml", "application/xml"),
        ("/robots.txt", "text/plain;charset=utf-8"),
        ("/dumps/dataset.nq.gz", "application/gzip"),
    ],
)
def test_files_have_their_types(ask: Ask, path: str, type_: str) -> None:
    reply = ask(path)
    assert (reply.status, reply.headers["content-type"]) == (200, type_)


def test_the_dataset_is_described_at_its_address_and_where_programs_look_for_it(ask: Ask) -> None:
    known = ask("/.well-known/void", "text/turtle")
    assert known.headers["content-type"] == "text/turtle;charset=utf-8"
    for accept in (None, "text/html"):
        page = ask("/.well-known/void", accept)
        assert (page.status, page.headers["location"]) == (303, "/dataset")
    home = ask("/", "text/turtle")
    assert (home.status, home.headers["location"]) == (303, "/dataset")


def test_the_bytes_are_those_of_the_living_site(ask: Ask, release: Release) -> None:
    with Asking(release) as living:
        for path in (
            "/doc/record/brenner-1901-03.ttl",
            "/doc/person/brenner-jakob.jsonld",
            "/dataset.nt",
            "/changes/1",
        ):
            assert ask(path).body == living.ask(path).body


# ------------------------------------------------------------------------------------------ nginx


@pytest.fixture(scope="module")
def nginx(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with files_by_nginx(folder, tmp_path_factory.mktemp("nginx")) as port:
        yield asker_of(port)


@pytest.mark.parametrize(
    ("path", "accept", "status", "found"),
    [
        ("/", "text/html", 200, "text/html;charset=utf-8"),
        ("/", "text/turtle", 303, "/dataset"),
        ("/doc/record/brenner-1901-03", None, 200, "text/html;charset=utf-8"),
        ("/doc/record/brenner-1901-03", "application/ld+json", 200, "application/ld+json"),
        ("/doc/record/brenner-1901-03.edm.rdf", None, 200, 'application/rdf+xml;profile="http://www.europeana.eu/schemas/edm/"'),
        ("/id/record/brenner-1901-03", None, 303, "/doc/record/brenner-1901-03"),
        ("/ru/id/record/brenner-1901-03", None, 303, "/ru/doc/record/brenner-1901-03"),
        ("/vocab/type/letter", None, 303, "/doc/vocab/type/letter"),
        ("/id/person/brenner-j", None, 301, "/id/person/brenner-jakob"),
        ("/doc/person/brenner-j.ttl", None, 301, "/doc/person/brenner-jakob.ttl"),
        ("/id/record/brenner-1899", "text/turtle", 410, "text/turtle;charset=utf-8"),
        ("/doc/record/brenner-1899", "text/html", 410, "text/html;charset=utf-8"),
        ("/changes", None, 200, 'application/ld+json;profile="https://www.w3.org/ns/activitystreams"'),
        ("/changes/1", None, 200, 'application/ld+json;profile="https://www.w3.org/ns/activitystreams"'),
        ("/.well-known/void", "text/html", 303, "/dataset"),
        ("/.fonds/files", None, 404, "text/html"),
        ("/doc/record/none", None, 404, "text/html"),
    ],
)  # fmt: skip
def test_nginx_answers_as_caddy_does(
    nginx: Ask, path: str, accept: str | None, status: int, found: str
) -> None:
    reply = nginx(path, accept)
    assert reply.status == status
    assert reply.headers["location" if status in (301, 303) else "content-type"] == found
    if status in (200, 410):
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "Accept" in reply.headers["vary"]


# ------------------------------------------------------------------------------------------ without a server


class Links(HTMLParser):
    """Gathers links and fragments of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.forms += tag == "form"
        for name, value in attrs:
            if name in ("href", "src", "srcset", "xlink:href") and value:
                self.links.append(value)


def read(path: Path) -> Links:
    page = Links()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_every_link_leads_to_a_file_whatever_serves_it(folder: Path) -> None:
    pages = {path: read(path) for path in [*folder.rglob("*.html"), *folder.rglob("*.svg")]}
    assert len(pages) > 100
    dead = []
    for path, page in pages.items():
        assert page.forms == 0
        for link in page.links:
            if re.match(r"[a-z+.-]+:", link):
                continue
            address = urldefrag(link).url
            there = (
                path
                if not address
                else Path(os.path.normpath(path.parent / unquote(address.partition("?")[0])))
            )
            if not there.is_file():
                dead.append(f"{path.relative_to(folder)}: {link}")
    assert dead[:20] == []


def test_absolute_links_under_the_base_lead_to_files_too(folder: Path, release: Release) -> None:
    base = release.manifest.base
    dead = set()
    for path in folder.rglob("*.html"):
        for link in read(path).links:
            if link.startswith(base):
                name = unquote(urldefrag(urljoin(base, link)).url.removeprefix(base)).partition("?")[0]
                name = re.sub(
                    "^(id|vocab)/", lambda found: "doc/" if found[1] == "id" else "doc/vocab/", name
                )
                endings = ("", ".html", "index.html", ".json", ".ttl")
                found = (folder / f"{name}{ending}" for ending in endings)
                if name and not any(map(Path.is_file, found)) and "brenner-j/" not in name:
                    dead.add(f"{path.relative_to(folder)}: {link}")
    assert sorted(dead)[:20] == []


def test_pages_are_there_in_all_languages_and_lead_to_one_another(ask: Ask, folder: Path) -> None:
    page = ask("/ru/doc/record/brenner-1901-03", "text/html")
    assert (page.status, page.headers["content-type"]) == (200, "text/html;charset=utf-8")
    assert '<html lang="ru">' in page.text
    assert (
        "../../../doc/record/brenner-1901-03.html"
        in read(folder / "ru/doc/record/brenner-1901-03.html").links
    )
    # What has no language has one file.
    assert (
        "../../../doc/record/brenner-1901-03.ttl" in read(folder / "ru/doc/record/brenner-1901-03.html").links
    )
    see = ask("/ru/id/record/brenner-1901-03")
    assert (see.status, see.headers["location"]) == (303, "/ru/doc/record/brenner-1901-03")
    assert ask("/ru/doc/record/brenner-1899", "text/html").status == 410
    assert (folder / "ru/sparql.html").is_file()
    assert {path.suffix for path in (folder / "ru").rglob("*") if path.is_file()} == {".html"}


def test_what_only_a_server_can_answer_says_so(folder: Path) -> None:
    assert "https://endpoint.example/sparql" in (folder / "sparql.html").read_text()
    search = read(folder / "search.html").links
    assert "browse/record.html" in search


# ------------------------------------------------------------------------------------------ again


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    """A publication of three letters."""
    folder = tmp_path / "publication"
    (folder / "data/documents").mkdir(parents=True)
    (folder / "data/authorities").mkdir()
    (folder / "fonds.toml").write_text('base = "https://a.example/below/"\n')
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes")
    for number in (1, 2, 3):
        letter(folder, number, "Heute.")
    build_publication(folder)
    return folder


def test_only_what_changed_is_written_again_and_what_is_gone_is_removed(
    publication: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    first = export_site(publication, site)
    assert first.dead == ()
    before = state_of(site)
    again = export_site(publication, site)
    assert (again.changed, again.removed, again.files) == (0, 0, first.files)
    assert state_of(site) == before
    (site / "CNAME").write_text("somebody's own")
    persons(publication, "holm,Karl Holmes,yes", "weiss,Anna Weiss,yes")
    arguments = [
        "register",
        "withdraw",
        "record/letter-3",
        "--reason",
        "asked for",
        "--publication",
        str(publication),
    ]
    (publication / "data/documents/letter-3.xml").unlink()
    assert CliRunner().invoke(main, arguments).exit_code == 0
    build_publication(publication)
    renewed = export_site(publication, site)
    after = state_of(site)
    assert 0 < renewed.changed < first.files
    assert renewed.removed > 5
    assert not (site / "doc/record/letter-3/p1.html").exists()
    assert not (site / "doc/record/letter-3").exists()
    assert "No longer published" in (site / "doc/record/letter-3.html").read_text()
    assert "Karl Holmes" in (site / "doc/person/holm.html").read_text()
    assert (site / "CNAME").read_text() == "somebody's own"
    untouched = [name for name in before if name in after and before[name][1] == after[name][1]]
    assert len(untouched) > first.files / 3
    assert all(before[name][0] == after[name][0] for name in untouched)
    caddy = (site / STATE / CADDY).read_text()
    assert "record/letter\\-3" in caddy
    assert "uri strip_prefix /below" in caddy


def test_an_export_that_fails_leaves_the_site_as_it_was(
    publication: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    export_site(publication, site)
    before = state_of(site)
    letter(publication, 1, "Anders.")
    build_publication(publication)

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr(writing, "_write_configuration", broken)
    done = CliRunner().invoke(main, ["export", str(publication), "--site", str(site)])
    assert (done.exit_code, "No space left on device" in done.output) == (1, True)
    assert state_of(site) == before
    assert not (site / STATE / "next").exists()


def test_a_file_that_was_left_half_way_is_known_and_removed_by_the_next_export(
    publication: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    replace = Path.replace
    moved = 0

    def dies(path: Path, target: Path) -> Path:
        nonlocal moved
        if "next" in path.parts:
            moved += 1
            if moved > 40:
                raise OSError(5, "Input/output error", str(target))
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        with pytest.raises(FondsError, match="Input/output error"):
            export_site(publication, site)
    assert moved > 40
    # The home page comes last.
    assert not (site / "index.html").exists()
    left = {name for name in state_of(site) if not name.startswith(STATE)}
    assert left <= set((site / STATE / "files").read_text().split("\n"))
    whole = export_site(publication, site)
    assert (site / "index.html").exists()
    assert len([name for name in state_of(site) if not name.startswith(STATE)]) == whole.files


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, release: Release) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = CliRunner().invoke(main, ["export", str(release.folder), "--site", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds something else" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_list_of_files_that_leads_out_of_the_site_removes_nothing(
    tmp_path: Path, publication: Path
) -> None:
    site, other = tmp_path / "site", tmp_path / "other.txt"
    other.write_text("mine")
    (site / STATE).mkdir(parents=True)
    (site / STATE / "files").write_text(f"../other.txt\n{other}\n.fonds/../../other.txt\n")
    export_site(publication, site)
    assert other.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--to and --into, or --site"),
        (["--site", "x", "--to", "csv"], "--site stands alone"),
        (["--to", "csv"], "--to and --into, or --site"),
        (["--to", "csv", "--into", "x", "--endpoint", "https://a.example/"], "--endpoint belongs to --site"),
        (["--site", "x", "--endpoint", "javascript:alert(1)"], "expected an absolute http or https address"),
    ],
)
def test_options_that_do_not_belong_together_are_refused(
    release: Release, arguments: list[str], words: str
) -> None:
    done = CliRunner().invoke(main, ["export", str(release.folder), *arguments])
    assert done.exit_code == 2
    assert words in done.output
