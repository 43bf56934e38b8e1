"""Pages in several languages: their addresses, how one leads to the other, whose words they show, and that nothing is left English."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import msgspec
import pytest

import fonds.web.edge
import fonds.web.frame
import fonds.web.site
from fonds.release.dataset import build_dataset
from fonds.release.folder import Release
from fonds.settings import Presentation, Settings
from fonds.store.embedded import EmbeddedStore
from fonds.translations import Translation, translation
from fonds.vocabulary import PREFIXES
from fonds.web import create_app
from tests.conftest import opened
from tests.unit.web.conftest import Ask, Reply, asker

RECORD = "doc/record/darusenkov-1964-375"
PAGES = (
    "", "about", "dataset", "browse", "browse/person", "browse/event?by=date", "browse/holding", "browse/vocab", "search",
    "search?q=guevara", "search?q=zzzzz", "timeline", "timeline?from=1964-10&to=1964-10", "map", "queries/",
    "queries/participants", "sparql", "network/person/guevara", "ns", RECORD, "doc/person/guevara",
    "doc/event/conversation-1964-10-16", "doc/holding/tskhsd-5-49-758", "doc/place/cuba", "doc/vocab/type/call-number",
    "graph/record/darusenkov-1964-375", f"{RECORD}/s01", "help", "release/", "errata", "timeline?record=darusenkov-1964-375",
    "history/record/darusenkov-1964-375",
)  # fmt: skip


def speaking_site(release: Release, store: EmbeddedStore, *languages: str, **more: object) -> Ask:
    """Ask a site in these languages."""
    settings = release.manifest.settings
    shown = msgspec.structs.replace(settings.site, languages=languages)
    return asker(create_app(release, store, msgspec.structs.replace(settings, site=shown, **more)))


def links(reply: Reply, name: str, value: str) -> dict[str, str]:
    """Return languages and addresses of elements with an attribute of this value."""
    found = re.findall(rf'<(?:a|link)[^>]*{name}="{value}"[^>]*>', reply.text)
    attributes = [dict(re.findall(r'([\w-]+)="([^"]*)"', each)) for each in found]
    return {each["hreflang"]: unescape(each["href"]) for each in attributes if "hreflang" in each}


# ------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_every_language(ask_publication: Ask, path: str) -> None:
    for language, prefix in (("en", ""), ("ru", "ru/"), ("es", "es/")):
        reply = ask_publication(f"/{prefix}{path}", "text/html")
        assert (reply.status, reply.headers["content-language"]) == (200, language)
        assert f'<html lang="{language}">' in reply.text


@pytest.mark.parametrize(
    ("path", "words", "title"),
    [
        ("help/shelfmarks", "en", "Fond, opis, delo, list"),
        ("help/shelfmarks.ru", "ru", "Фонд, опись, дело, лист"),
        ("ru/help/shelfmarks", "ru", "Фонд, опись, дело, лист"),
        ("ru/help/shelfmarks.en", "en", "Fond, opis, delo, list"),
        ("es/help/shelfmarks", "es", "Qué son las partes"),
        ("ru/help/sparql", "en", "A query has 60 seconds"),
    ],
)
def test_the_help_is_in_the_language_of_the_page_or_says_in_which_it_is(
    ask_publication: Ask, path: str, words: str, title: str
) -> None:
    page = ask_publication(f"/{path}", "text/html").text
    language = path.partition("/")[0]
    assert f'<html lang="{language if len(language) == 2 else "en"}">' in page
    assert f'<div class="words help" lang="{words}">' in page
    assert title in page
    assert len(re.findall(r'<link rel="alternate" hreflang="ru"', page)) == 1


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("help/model", {"Drawing", "Table"}),
        ("ru/help/model", {"Drawing", "Table"}),
        ("help/shelfmarks.ru", {"Рисунок", "Таблица"}),
        ("es/help/shelfmarks", {"Dibujo", "Tabla"}),
    ],
)
def test_drawings_and_tables_of_the_help_are_named_in_the_language_of_the_words_around_them(
    ask_publication: Ask, path: str, names: set[str]
) -> None:
    page = ask_publication(f"/{path}", "text/html").text
    assert set(re.findall(r'role="region" aria-label="([^"]*)"', page)) == names


@pytest.mark.clause("RFC 9110 8.5")
def test_a_page_says_where_it_is_in_other_languages(ask_publication: Ask) -> None:
    for prefix in ("", "ru/", "es/"):
        reply = ask_publication(f"/{prefix}{RECORD}", "text/html")
        base = "http://127.0.0.1:8000/"
        assert f'<link rel="canonical" href="{base}{prefix}{RECORD}">' in reply.text
        head = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', reply.text))
        assert head == {
            "en": f"{base}{RECORD}",
            "ru": f"{base}ru/{RECORD}",
            "es": f"{base}es/{RECORD}",
            "x-default": f"{base}{RECORD}",
        }


@pytest.mark.parametrize("path", ["", RECORD, "browse/person", "search?q=guevara&kind=person&sort=oldest"])
@pytest.mark.parametrize("prefix", ["", "ru/", "es/"])
def test_the_switch_leads_to_the_same_page(ask_publication: Ask, prefix: str, path: str) -> None:
    here = f"/{prefix}{path}"
    shown = ask_publication(here, "text/html").text
    switch = re.search(r'<nav class="formats" aria-label="(Language|Язык|Idioma)">(.*?)</nav>', shown, re.S)
    assert switch is not None
    led = re.findall(r'<a rel="alternate" lang="(..)" hreflang="(..)" href="([^"]*)">', switch[2])
    own = {"": "en", "ru/": "ru", "es/": "es"}[prefix]
    assert re.findall(r'<span lang="(..)" aria-current="true">', switch[2]) == [own]
    assert {each[0] for each in led} == {"en", "ru", "es"} - {own}
    for language, said, href in led:
        assert language == said
        there = urlsplit(urljoin(f"http://h{here}", unescape(href)))
        expected = f"/{'' if language == 'en' else language + '/'}{path}"
        assert (f"{there.path}?{there.query}" if there.query else there.path) == expected


def test_a_site_in_one_language_has_no_switch_and_no_prefix(release: Release, store: EmbeddedStore) -> None:
    ask = speaking_site(release, store, "en")
    assert "hreflang" not in ask("/", "text/html").text
    assert ask("/ru/", "text/html").status == 404


def test_a_russian_archive_has_russian_pages_at_its_addresses(release: Release, store: EmbeddedStore) -> None:
    ask = speaking_site(release, store, "ru")
    reply = ask(f"/{RECORD}", "text/html")
    assert (reply.status, reply.headers["content-language"]) == (200, "ru")
    assert "Переданные высказывания" in reply.text
    assert 'href="../../assets/' in reply.text
    assert "hreflang" not in reply.text
    for path in ("/sparql?query=ASK%7B%7D", "/queries/participants", "/nothing"):
        assert ask(path, "text/html").headers["content-language"] == "ru"
    assert ask("/ru/", "text/html").status == 404
    # What is no page is as it was, and in English where it says so.
    assert ask(f"/{RECORD}.ttl").status == 200
    assert "A query has 60 seconds" in ask("/openapi.json").text
    described = ask("/sparql", "application/n-triples").text
    assert re.search(r'"A query has 60 seconds[^"]*"@en', described)


@pytest.mark.parametrize(
    ("target", "status", "language"),
    [
        ("/ru/ru/", 404, "ru"),
        ("/ru/es/doc/record/darusenkov-1964-375", 404, "ru"),
        ("/RU/", 404, "en"),
        ("/en/", 404, "en"),
        ("//ru/", 404, "en"),
        ("//ru", 404, "en"),
        ("/ru//evil.example/", 404, "ru"),
        ("/%72u/", 404, "en"),
        ("/ru/..%2f..%2f", 404, "ru"),
        ("/rus/", 404, "en"),
    ],
)
def test_hostile_prefixes_lead_nowhere(ask_publication: Ask, target: str, status: int, language: str) -> None:
    reply = ask_publication(target, "text/html")
    assert (reply.status, reply.headers.get("content-language")) == (status, language)


def test_a_prefix_without_its_slash_leads_to_the_home_page(ask_publication: Ask) -> None:
    reply = ask_publication("/ru?x=1", "text/html")
    assert (reply.status, reply.headers["location"]) == (308, "./ru/?x=1")
    assert ask_publication("/ruin", "text/html").status == 404


@pytest.mark.clause("RFC 9110 15.4.9")
@pytest.mark.parametrize(
    ("path", "accept"),
    [
        (f"{RECORD}.ttl", None),
        (RECORD, "text/turtle"),
        ("assets/fonds.css", None),
        ("dumps/public.nt.gz", None),
        ("dataset.jsonld", None),
        ("sparql?query=ASK%7B%7D", "application/sparql-results+json"),
        ("sparql?query=ASK%7B%7D&format=json", "text/html"),
        ("queries/participants.csv", None),
        ("timeline.csv", None),
        ("timeline.svg?from=1964%2D10", None),
        ("robots.txt", None),
        ("openapi.json", None),
        ("//evil.example/x.ttl", None),
    ],
)
def test_what_is_no_page_has_one_address(ask_publication: Ask, path: str, accept: str | None) -> None:
    reply = ask_publication(f"/ru/{path}", accept)
    if path.startswith("//"):
        assert reply.status == 404
        return
    assert reply.status == 308
    there = urljoin(f"http://h/ru/{path}", reply.headers["location"])
    assert there == f"http://h/{path}"


def test_no_redirect_leads_to_another_host(ask_publication: Ask) -> None:
    for path in ("//evil.example/assets/x", "/assets//evil.example", "dumps//evil.example/"):
        reply = ask_publication(f"/ru/{path}")
        if location := reply.headers.get("location"):
            assert urlsplit(urljoin(f"http://h/ru/{path}", location)).netloc == "h"


def test_a_query_by_post_keeps_its_page_in_the_language(ask_publication: Ask) -> None:
    reply = ask_publication(
        "/ru/sparql",
        "text/html",
        method="POST",
        headers=[("content-type", "application/sparql-query")],
        body=[b"SELECT * { ?s ?p ?o } LIMIT 1"],
    )
    assert (reply.status, reply.headers["content-language"]) == (200, "ru")
    assert "1 строка." in reply.text


def test_identifiers_lead_to_the_page_in_the_language_of_the_link(ask_publication: Ask) -> None:
    reply = ask_publication("/ru/id/person/guevara", "text/html")
    assert reply.status == 303
    assert (
        urljoin("http://h/ru/id/person/guevara", reply.headers["location"])
        == "http://h/ru/doc/person/guevara"
    )
    shown = ask_publication("/ru/doc/person/guevara", "text/html").text
    assert "http://127.0.0.1:8000/id/person/guevara" in shown
    assert "/ru/id/" not in shown


def test_answers_in_different_languages_are_kept_apart(ask_publication: Ask) -> None:
    for _ in range(3):
        titles = {
            prefix: ask_publication(f"{prefix}/{RECORD}", "text/html").text for prefix in ("", "/ru", "/es")
        }
        assert "Reported statements</h2>" in titles[""]
        assert "Переданные высказывания</h2>" in titles["/ru"]
        assert "Declaraciones referidas</h2>" in titles["/es"]


def test_crawlers_are_kept_from_endless_lists_in_every_language(ask_publication: Ask) -> None:
    text = ask_publication("/robots.txt").text
    assert {"Disallow: /search?", "Disallow: /ru/search?", "Disallow: /es/browse/*?"} <= set(
        text.splitlines()
    )


# ------------------------------------------------------------------------------------------------ addresses of the data


@pytest.fixture(scope="module")
def about_russia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A dataset with addresses of its own that begin like those of Russian pages."""
    folder, base = tmp_path_factory.mktemp("about-russia"), "https://a.example/sub/"
    source = folder / "things.ttl"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    source.write_text(
        f'<{base}ru/moscow> {label} "Moscow"@en, "Москва"@ru, "<b>Moscú</b>"@es .\n'
        f'<{base}kiev> {label} "Kiev", "Kyjiw"@de .\n<{base}doc> {label} "Wien"@de .\n'
        f"<{base}ru/moscow> a <https://elsewhere.example/City> .\n",
        encoding="utf-8",
    )
    settings = Settings(languages=("en", "ru"), site=Presentation(languages=("en", "ru", "es")))
    release = build_dataset([source], folder / "releases", settings=settings, base=base)
    with opened(release, prefixes=PREFIXES) as store:
        yield asker(create_app(release, store, settings))


def test_an_address_of_the_data_stays_theirs(about_russia: Ask) -> None:
    reply = about_russia("/sub/ru/moscow", "text/html")
    assert reply.status == 303
    assert reply.headers["location"] == "../doc?iri=https://a.example/sub/ru/moscow"
    assert about_russia("/sub/ru/", "text/html").headers["content-language"] == "ru"
    there = about_russia("/sub/ru/kiev", "text/html").headers["location"]
    assert urljoin("http://h/sub/ru/kiev", there).startswith("http://h/sub/ru/doc?iri=")


def test_lists_call_things_by_their_label_in_the_language_of_the_page(about_russia: Ask) -> None:
    listed = {}
    for prefix in ("", "ru/"):
        page = about_russia(f"/sub/{prefix}browse?class=https://elsewhere.example/City", "text/html")
        assert page.status == 200
        listed[prefix] = re.findall(r'<li[^>]*><a href="[^"]*"( lang="[^"]*")?>([^<]*)</a>', page.text)
    assert (' lang="en"', "Moscow") in listed[""]
    assert (' lang="ru"', "Москва") in listed["ru/"]


@pytest.mark.parametrize(
    ("prefix", "name", "shown"),
    [
        ("", "ru/moscow", "Moscow"),
        ("ru/", "ru/moscow", "Москва"),
        ("es/", "ru/moscow", "&lt;b&gt;Moscú&lt;/b&gt;"),
        ("ru/", "kiev", "Kiev"),  # Without a language before one that nobody asked for.
        ("es/", "doc", "Wien"),
    ],
)
def test_labels_fall_back_in_one_order(about_russia: Ask, prefix: str, name: str, shown: str) -> None:
    page = about_russia(f"/sub/{prefix}doc?iri=https://a.example/sub/{name}", "text/html")
    assert page.status == 200
    heading = re.search(r"<h1([^>]*)>(.*?)</h1>", page.text)
    assert heading is not None
    assert heading[2] == shown
    language = {"Москва": "ru", "Moscow": "en", "Wien": "de", "Kiev": ""}.get(shown, "es")
    assert (f'lang="{language}"' in heading[1]) == bool(language)


# ------------------------------------------------------------------------------------------------ words


def test_pages_of_an_unreviewed_translation_say_so_with_a_contact(
    release: Release, store: EmbeddedStore
) -> None:
    ask = speaking_site(release, store, "en", "ru", "es", contact="archive@example.org")
    russian, spanish, english = (ask(each, "text/html").text for each in ("/ru/about", "/es/about", "/about"))
    said = "Перевод интерфейса этого сайта не проверен носителем языка."
    assert said in russian
    assert re.search(rf'{said} <a href="mailto:archive@example.org[^"]*ru%2Fabout">', russian)
    assert "no ha sido revisada por un hablante" in spanish
    assert "translated without review" not in english


def test_problems_are_told_in_the_language_of_the_page_and_in_english_to_programs(
    ask_publication: Ask,
) -> None:
    page = ask_publication("/ru/doc/person/nobody", "text/html")
    assert page.status == 404
    assert "<h1>Не найдено</h1>" in page.text
    assert "По адресу id/person/nobody ничего нет." in page.text
    page = ask_publication("/ru/queries/gaps?recrod=x", "text/html")
    assert page.status == 400
    assert "Параметра «recrod» нет; этот запрос принимает: record, page." in page.text
    choices = ask_publication("/ru/help/nothing", "text/html")
    assert choices.status == 404
    assert re.findall(r'<li><a href="../help/(?:historians|model)">([^<]*)</a>', choices.text) == [
        "Читать и цитировать",
        "Модель",
    ]
    document = ask_publication("/ru/doc/person/nobody", "application/json")
    told = msgspec.json.decode(document.body)
    assert (told["title"], told["detail"][:36]) == ("Not Found", "There is nothing at id/person/nobody")
    page = ask_publication("/ru/sparql?query=SELECT", "text/html")
    assert "<h2>Строка" in page.text
    assert ask_publication("/ru/doc/x", "text/html", method="DELETE").status == 405


def test_dates_counts_and_words_for_kinds_are_russian(ask_publication: Ask) -> None:
    page = ask_publication(f"/ru/{RECORD}", "text/html").text
    assert "27 октября 1964\u202fг." in page
    assert "запись беседы" in page  # A term of the data, by its Russian label.
    assert re.search(r'<a href="[^"]*" lang="en">Making of the paper</a>', page)
    home = ask_publication("/ru/", "text/html").text
    assert "<b>1</b> документ<" in home
    assert "<b>9</b> лиц<" in home


def test_citations_are_by_their_style_in_every_language(ask_publication: Ask) -> None:
    notes = {
        prefix: re.findall(
            r"<dd[^>]* data-copy>(.*?)</dd>", ask_publication(f"{prefix}/{RECORD}", "text/html").text
        )
        for prefix in ("", "/ru", "/es")
    }
    plain = {prefix: [re.sub(r"<[^>]*>", "", each) for each in found] for prefix, found in notes.items()}
    assert plain[""]
    assert plain[""] == plain["/ru"] == plain["/es"]


# ------------------------------------------------------------------------------------------------ a crawl


def test_no_link_of_a_russian_page_is_dead(ask_publication: Ask) -> None:
    """Follow links from the Russian home page; what leads into another language, or to data, is asked for and left."""
    todo, seen, pages = deque(["/ru/"]), {"/ru/"}, 0
    dead = []
    while todo and pages < 150:
        address = at = todo.popleft()
        reply = ask_publication(at, "text/html")
        for _ in range(4):
            if reply.status not in (301, 303, 308):
                break
            at = (
                urlsplit(urljoin(f"http://h{at}", reply.headers["location"]))
                ._replace(scheme="", netloc="", fragment="")
                .geturl()
            )
            reply = ask_publication(at, "text/html")
        if reply.status != 200:
            dead.append((address, at, reply.status))
        if not at.startswith("/ru/") or "text/html" not in reply.headers.get("content-type", ""):
            continue
        pages += 1
        assert reply.headers["content-language"] == "ru", at
        for href in re.findall(r'(?:href|src)="([^"]*)"', reply.text):
            there = urlsplit(urljoin(f"http://h{at}", unescape(href)))
            target = there._replace(scheme="", netloc="", fragment="").geturl()
            # Queries take longer, and their pages are asked for above.
            if there.netloc == "h" and target not in seen and not there.path.endswith("/sparql"):
                seen.add(target)
                todo.append(target)
    assert not dead
    assert pages == 150


# ------------------------------------------------------------------------------------------------ nothing left in English


class _Marking(Translation):
    """A language in which every message stands in brackets."""

    def gettext(self, message: str, context: str = "") -> str:
        return f"⟦{message}⟧"

    def forms(self, one: str, many: str, context: str = "") -> tuple[str, ...]:
        return f"⟦{one}⟧", f"⟦{many}⟧"

    def language_name(self, tag: str) -> str:
        return f"⟦{tag}⟧"


class _Unmarked(HTMLParser):
    """Gathers the words of a page that are neither marked nor data in a language of their own."""

    VOID = frozenset("meta link br input img source path use rect circle line polygon".split())
    QUOTED = frozenset("script style code pre textarea svg time q".split())
    CLASSES = frozenset(
        "iri hash codes name imprint literal formats index sources tag statements identifier mention".split()
    )

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        within = bool(self._open) and self._open[-1][1]
        foreign = given.get("lang") not in (None, "ru")
        quoted = (
            within
            or foreign
            or tag in self.QUOTED
            or bool(self.CLASSES & set((given.get("class") or "").split()))
        )
        for name in ("aria-label", "placeholder", "alt"):
            if (value := given.get(name)) and not quoted:
                self._take(value)
        if tag not in self.VOID:
            self._open.append((tag, quoted))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and not self._open[-1][1]:
            self._take(data)

    def _take(self, text: str) -> None:
        left = ""
        for sign in text:
            if sign == "⟦":
                self._depth += 1
            elif sign == "⟧":
                self._depth -= 1
            elif not self._depth:
                left += sign
        if re.search(r"[A-Za-z]{2,}", left):
            self.found.append(" ".join(left.split()))


_NAMES = re.compile(
    r"SPARQL|CSV|SVG|GraphML|GeoJSON|TEI|BibTeX|CSL-JSON|RIS|PDF|TSV|curl|Python \(SPARQLWrapper\)|CITATION\.cff|well-known/void|"
    r"\d{4}-\d\d-\d\d-[0-9a-f]{12}|[a-z]+:\w+|fonds \d.*|\d+ bytes|[\w.-]+\.(?:gz|tsv)|SHA256SUMS|text/\w+|"
    r"charset=utf-8|OAI-PMH|/?oai\b|Turtle|JSON-LD|"
    r"N-Triples|RDF/XML|TriG|N-Quads|Linked Art|Español|English|Русский"
)
"""Names of formats and of languages in themselves."""


@pytest.fixture(scope="module")
def marking(release: Release) -> Iterator[Ask]:
    """A site whose Russian is English in brackets."""
    marked = _Marking("ru", {})

    def found(language: str) -> Translation:
        return marked if language == "ru" else translation(language)

    with opened(release, prefixes=PREFIXES) as store:
        with pytest.MonkeyPatch.context() as patch:
            for module in (fonds.web.edge, fonds.web.frame, fonds.web.site):
                patch.setattr(module, "translation", found)
            ask = speaking_site(release, store, "en", "ru")
            ask("/ru/", "text/html")  # It is made ready when it is asked for first.
        yield ask


@pytest.fixture(scope="module")
def of_data(release: Release) -> Callable[[str], bool]:
    """Tell whether words stand in the data, as a label or as a part of a text."""
    import gzip

    data = gzip.decompress((release.folder / "dumps" / "dataset.nq.gz").read_bytes()).decode()
    own = unescape(data.encode().decode("unicode_escape", "ignore")) + data
    tables = "\n".join(each.read_text(encoding="utf-8") for each in release.ontology.glob("*.csv")).casefold()

    def known(words: str) -> bool:
        bare = words.strip(" ,.:;()–—·…“”0123456789/×")
        left = _NAMES.sub("", words)
        return not re.search("[A-Za-z]{2}", left) or bare in own or bare.casefold() in tables

    return known


@pytest.mark.parametrize("path", PAGES)
def test_no_words_of_the_program_are_left_in_english(
    marking: Ask, of_data: Callable[[str], bool], path: str
) -> None:
    reader = _Unmarked()
    text = marking(f"/ru/{path}", "text/html").text
    assert "⟦Skip to the content⟧" in text
    reader.feed(text[text.index("<body") :])
    assert [each for each in reader.found if not of_data(each)] == []
