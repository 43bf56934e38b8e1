"""FAIR Signposting, levels 1 and 2, read by a parser of our own (RFC 8288, RFC 9264)."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from fonds.web import create_app
from tests.unit.web.conftest import Ask, asker

if TYPE_CHECKING:
    from fonds.release.folder import Release
    from fonds.store.embedded import EmbeddedStore

KEY = "darusenkov-1964-375"
RECORD = f"/doc/record/{KEY}"
_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[a-z-]+=(?:"(?:\\.|[^"\\])*"|[^",;\s]+))*)')
_PARAMETER = re.compile(r';\s*([a-z-]+)=("(?:\\.|[^"\\])*"|[^",;\s]+)')


@pytest.fixture
def ask(release: Release, store: EmbeddedStore) -> Ask:
    return asker(create_app(release, store, release.manifest.settings))


def links(header: str, context: str) -> list[tuple[str, str, str]]:
    """Return relation, target and type of each link (RFC 8288 3)."""
    found = []
    for target, parameters in _LINK.findall(header):
        named = {name: _unquoted(value) for name, value in _PARAMETER.findall(parameters)}
        found.append((named["rel"], urljoin(context, target), named.get("type", "")))
    return found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


@pytest.mark.clause("FAIR Signposting, level 1, landing page")
def test_a_page_signs_the_way_to_identifier_metadata_and_content(ask: Ask, release: Release) -> None:
    base = release.manifest.base
    reply = ask(RECORD, "text/html")
    assert len(reply.headers["link"]) < 4096
    found = links(reply.headers["link"], f"{base}{RECORD[1:]}")
    by_relation: dict[str, list[str]] = {}
    for relation, target, _ in found:
        by_relation.setdefault(relation, []).append(target)
    assert by_relation["cite-as"] == [f"{base}id/record/{KEY}"]
    assert "https://schema.org/AboutPage" in by_relation["type"]
    assert by_relation["author"] == [f"{base}id/person/darusenkov"]
    assert by_relation["license"] == [f"{base}dataset#rights"]
    assert set(by_relation["item"]) == {f"{base}doc/record/{KEY}.tei.xml", f"{base}doc/record/{KEY}.txt"}
    assert f"{base}doc/record/{KEY}.ttl" in by_relation["describedby"]
    for relation, target, type_ in found:
        if relation in ("describedby", "item", "linkset", "alternate"):
            there = ask("/" + target.removeprefix(base), "*/*")
            assert there.status == 200, target
            assert there.headers["content-type"].replace(";charset=utf-8", "") == type_, target


@pytest.mark.clause("FAIR Signposting, level 1, HTML link elements")
def test_the_head_of_a_page_says_the_same(ask: Ask, release: Release) -> None:
    class Head(HTMLParser):
        found: list[tuple[str, str]]

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "link":
                self.found.append((given.get("rel") or "", given.get("href") or ""))

    head = Head()
    head.found = []
    reply = ask(RECORD, "text/html")
    head.feed(reply.text)
    context = f"{release.manifest.base}{RECORD[1:]}"
    in_page = {(relation, urljoin(context, href)) for relation, href in head.found}
    wanted = {
        (relation, target)
        for relation, target, _ in links(reply.headers["link"], context)
        if relation in ("cite-as", "type", "author", "license", "item", "linkset")
    }
    assert wanted <= in_page


@pytest.mark.clause("FAIR Signposting, level 1, content resources")
@pytest.mark.parametrize("ending", ["tei.xml", "txt"])
def test_content_leads_back_to_its_page(ask: Ask, release: Release, ending: str) -> None:
    base = release.manifest.base
    reply = ask(f"{RECORD}.{ending}")
    found = links(reply.headers["link"], f"{base}{RECORD[1:]}.{ending}")
    assert ("collection", f"{base}doc/record/{KEY}", "text/html") in found
    assert ("cite-as", f"{base}id/record/{KEY}", "") in found


@pytest.mark.clause("RFC 9264 4.2; FAIR Signposting, level 2")
def test_the_set_of_links_has_all_of_them_and_the_way_back(ask: Ask, release: Release) -> None:
    base = release.manifest.base
    reply = ask(f"{RECORD}.linkset.json")
    assert reply.headers["content-type"] == "application/linkset+json"
    contexts = {each["anchor"]: each for each in json.loads(reply.body)["linkset"]}
    page = contexts[f"{base}doc/record/{KEY}"]
    assert page["cite-as"] == [{"href": f"{base}id/record/{KEY}"}]
    for each in page["item"]:
        assert contexts[each["href"]]["collection"] == [
            {"href": f"{base}doc/record/{KEY}", "type": "text/html"}
        ]
    for each in page["describedby"]:
        assert contexts[each["href"]]["describes"] == [
            {"href": f"{base}doc/record/{KEY}", "type": "text/html"}
        ]


def test_a_document_of_our_own_words_is_under_their_licence(ask: Ask, release: Release) -> None:
    found = links(ask("/doc/person/guevara", "text/turtle").headers["link"], release.manifest.base)
    assert ("license", "https://creativecommons.org/publicdomain/zero/1.0/", "") in found
