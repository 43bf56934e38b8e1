"""Pages of RDF as others write it: each kind of data is told in its own words, in an order that people expect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from fonds.release.dataset import build_dataset
from fonds.settings import Settings
from fonds.vocabulary import PREFIXES
from fonds.web import create_app
from fonds.web.markup import value
from fonds.web.values import Value
from tests.conftest import opened
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure

DATASETS = Path(__file__).parents[2] / "datasets"
LONG = "word " * 6_000
RDF_HTML = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML>"
HOSTILE = f"""\
<https://h.example/x> <http://www.w3.org/2000/01/rdf-schema#label> "<script>alert(1)</script>"@en .
<https://h.example/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <javascript:alert(2)> .
<https://h.example/x> <http://purl.org/dc/terms/description> "{LONG}<img src=x onerror=alert(3)>" .
<https://h.example/x> <javascript:alert(4)> "on" .
<https://h.example/x> <https://h.example/p> "12 or so"^^<http://www.w3.org/2001/XMLSchema#integer> .
<https://h.example/x> <https://h.example/q> "1"^^<https://h.example/\\"onclick=alert(5)> .
<https://h.example/x> <https://h.example/says> "\\u202Eevil"@en .
<https://h.example/x> <https://h.example/dir> "x"@ar--rtl .
<https://h.example/x> <https://h.example/html> "<p onclick='x'>Salt &amp;lt;b&gt; <b>grain</b></p>"^^{RDF_HTML} .
<https://h.example/x> <https://h.example/loop> _:a .
_:a <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "one" .
_:a <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:a .
<https://h.example/x> <https://h.example/each> _:b .
_:b <https://h.example/each> _:c .
_:c <https://h.example/each> _:b .
<https://h.example/x> <https://h.example/none> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .
""" + "".join(
    f"<https://h.example/x> <https://h.example/many> <https://h.example/many/{n}> .\n" for n in range(150)
)
MEMBERS = "".join(
    f"<https://h.example/m/{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://h.example/Many> .\n"
    f'<https://h.example/m/{n}> <http://www.w3.org/2000/01/rdf-schema#label> "{"A" if n < 210 else "B"} {n}" .\n'
    for n in range(250)
)


@pytest.fixture(scope="session")
def ask_anything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask a site of all these datasets together."""
    folder = tmp_path_factory.mktemp("anything")
    hostile = folder / "hostile.nq"
    hostile.write_text(MEMBERS + HOSTILE.replace('\\"onclick', "%22onclick"), encoding="utf-8")
    sources = [*sorted(DATASETS.glob("*.ttl")), hostile]
    release = build_dataset(sources, folder / "releases", settings=Settings(), base="https://a.example/")
    with opened(release, prefixes=PREFIXES) as store:
        yield asker(create_app(release, store, release.manifest.settings))


@pytest.fixture
def page(ask_anything: Ask):
    """Return a function that gives the page about an IRI, once its structure is known to be sound."""

    def of(iri: str, parameters: str = "") -> str:
        reply = ask_anything(f"/doc?iri={quote(iri, safe='')}{parameters}", "text/html")
        assert reply.status == 200
        check_structure(Page(reply.text))
        return reply.text

    return of


def rows(text: str) -> dict[str, str]:
    """Return what a page states, by what the property is called, without markup."""
    found = re.findall(r"<dt>(.*?)</dt>\n(.*?)</div>\n(?=<div>|</dl>)", text, re.DOTALL)
    return {plain(name): plain(values) for name, values in found}


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def heading(text: str) -> str:
    return plain(re.search(r"<h1.*?</h1>", text, re.DOTALL)[0])


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://terms.example/t/jug", "jug B.12"),
        ("https://terms.example/t/scheme", "Thesaurus of vessels"),
        ("https://terms.example/t/bottle", "bottle"),
        ("https://events.example/boris", "Boris Lund"),
        ("https://people.example/jan", "Jan Keller"),
        ("https://museum.example/jug-1", "Jug with three handles"),
        ("https://people.example/leah", "Leah Cohen"),
        ("https://ships.example/claim", "claim"),
    ],
)
def test_a_thing_is_called_by_whatever_names_it(page, iri: str, name: str) -> None:
    assert heading(page(iri)) == name


def test_a_name_is_known_where_a_thing_is_a_value_too(page) -> None:
    assert rows(page("https://events.example/concert"))["performer"] == "Ada Novak Boris Lund"


@pytest.mark.parametrize(
    ("iri", "sentence"),
    [
        ("https://events.example/concert", "Songs of the coast, sung by those who know them."),
        ("https://terms.example/t/jug", "A vessel with a handle and a lip, for pouring."),
        ("https://data.example/trees", "Every tree on public ground, with species and year of planting."),
        ("https://museum.example/jug-1", "Glazed inside only."),
        ("https://ships.example/ns#Ship", "A vessel of the sea."),
    ],
)
def test_a_thing_is_introduced_by_its_description_which_is_not_repeated(
    page, iri: str, sentence: str
) -> None:
    text = page(iri)
    assert sentence in plain(re.search(r'<div class="lead".*?</div>', text, re.DOTALL)[0])
    assert text.count(sentence) == 1


def test_values_are_written_as_people_write_them(page) -> None:
    stated = rows(page("https://events.example/concert"))
    assert stated["start date"] == "14 June 2025, 19:30 UTC+02:00"
    assert stated["door time"] == "19:00"
    assert stated["duration"] == "2 hours 30 minutes"
    assert stated["is accessible for free"] == "yes"
    assert stated["maximum attendee capacity"] == "12 500"
    assert rows(page("https://data.example/town-area"))["centroid"] == "54.3233° N, 10.1394° E"
    assert rows(page("https://ships.example/aurora"))["launched"] == "October 1891"


def test_names_and_dates_stand_before_people_and_these_before_places_and_links_elsewhere(page) -> None:
    names = list(rows(page("https://events.example/concert")))
    order = ["name", "start date", "organizer", "location", "duration", "image"]
    assert [each for each in names if each in order] == order


def test_what_has_no_name_is_told_where_it_belongs(page) -> None:
    stated = rows(page("https://events.example/hall"))
    assert stated["address"] == (
        "unnamed postal address address country Nowhere address locality Altwasser street address 1 Harbour Street"
    )
    assert stated["geo"] == "unnamed geo coordinates latitude 54.3233 longitude 10.1394"


def test_a_list_is_told_in_its_order(page) -> None:
    text = page("https://terms.example/t/pots")
    items = re.search(r'<ol class="items">(.*?)</ol>', text, re.DOTALL)[1]
    assert plain(items) == "jug beaker puzzle jug"
    assert rows(page("https://terms.example/t/beaker"))["is an item of"] == "pots by size"


def test_a_statement_about_a_statement_is_told_with_its_three_parts(page) -> None:
    assert rows(page("https://ships.example/claim"))["reifies"] == "Aurora captain Captain Vik"


def test_properties_are_called_as_the_data_call_them_forwards_and_backwards(page) -> None:
    assert rows(page("https://ships.example/aurora"))["captain"] == "Captain Vik"
    assert rows(page("https://ships.example/vik"))["commands"] == "Aurora"
    assert (
        rows(page("https://data.example/town"))["is publisher of 3"]
        == "Open data of a town Street trees Wells"
    )
    assert rows(page("https://terms.example/t/jug"))["is related to"] == "beaker"


def test_words_carry_their_language_and_run_in_their_direction(page) -> None:
    text = page("https://terms.example/t/jug")
    assert '<span class="literal" lang="he" dir="auto">כד</span>' in text
    assert '<span class="literal" lang="ru">кувшин</span>' in text
    assert '<span class="literal" lang="ar" dir="rtl">x</span>' in page("https://h.example/x")


def test_links_to_others_are_marked_and_vouch_for_nobody(page) -> None:
    text = page("https://people.example/ines")
    (link,) = re.findall(r'<a [^>]*href="https://people.example/ines.png"[^>]*>', text)
    assert 'class="external"' in link
    assert {"nofollow", "noopener"} <= set(re.search(r'rel="([^"]*)"', link)[1].split())
    assert "<img" not in text


def test_a_class_that_others_define_leads_to_its_things(page) -> None:
    assert re.search(
        r'<p class="kind"><a href="\./browse\?class=https://schema.org/MusicEvent">',
        page("https://events.example/concert"),
    )


def test_what_is_hostile_stays_words(page) -> None:
    text = page("https://h.example/x")
    assert heading(text) == "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert not re.search(r"href=\"?javascript", text)
    assert "<img" not in text
    stated = rows(text)
    assert stated["p"] == "12 or so xsd:integer"
    assert stated["none"] == "an empty list"
    assert stated["loop"] == "one"
    assert stated["html"] == "Salt &amp;lt;b&gt; grain rdf:HTML"


def test_long_texts_are_folded_and_cut_and_the_page_says_so(page) -> None:
    text = page("https://h.example/x")
    folded = re.search(r'<details class="long">.*?</details>', text, re.DOTALL)[0]
    assert "30\u202f028 characters" in folded
    assert "22\u202f028 more, which the data have" in folded
    assert len(text) < 60_000


@pytest.mark.parametrize(
    ("left_out", "words"),
    [(7, "7 more, which"), (1_234, "1\u202f234 more, which"), (1_234_567, "1\u202f234\u202f567 more, which")],
)
def test_how_much_of_a_text_is_left_out_is_a_number_in_groups(left_out: int, words: str) -> None:
    assert f"… {words} the data have" in value(Value("word " * 200, left_out=left_out), "")


def test_of_many_values_some_are_shown_and_all_are_a_query_away(page, ask_anything: Ask) -> None:
    text = page("https://h.example/x")
    address = re.search(r'<a href="\./(sparql\?query=[^"]*)">and 50 more</a>', text)[1]
    answer = ask_anything(f"/{address}", "text/csv")
    assert answer.status == 200
    assert answer.text.count("https://h.example/many/") == 150


def test_a_concept_stands_between_broader_and_narrower_ones(page) -> None:
    text = page("https://terms.example/t/jug")
    assert (
        plain(re.search(r'<nav class="trail".*?</nav>', text, re.DOTALL)[0])
        == "Vocabularies Thesaurus of vessels vessel jug"
    )
    narrower = re.search(r'<section aria-labelledby="narrower">(.*?)</section>', text, re.DOTALL)[1]
    assert plain(narrower) == "Narrower terms 1 puzzle jug"
    assert text.count("puzzle jug") == 1


def test_a_thesaurus_is_listed_by_name(ask_anything: Ask) -> None:
    text = ask_anything("/browse/vocab?in=https://terms.example/t/scheme", "text/html").text
    assert re.findall(r"<dt><a [^>]*>([^<]*)</a>", text) == [
        "beaker",
        "bottle",
        "jug",
        "puzzle jug",
        "vessel",
    ]
    assert "A vessel with a handle and a lip, for pouring." in text


def test_the_things_of_a_class_stand_by_name_with_letters_to_jump_to(ask_anything: Ask) -> None:
    text = ask_anything("/browse?class=https://h.example/Many", "text/html").text
    check_structure(Page(text))
    assert "1–200 of 250" in plain(text)
    assert plain(re.search(r'<nav class="jumps".*?</nav>', text, re.DOTALL)[0]) == "A B"
    address = re.search(r'<a href="\./(browse\?class=https://h.example/Many&amp;page=2)#([^"]*)">B</a>', text)
    assert address is not None
    second = ask_anything(f"/{address[1].replace('&amp;', '&')}", "text/html").text
    assert plain(re.search(rf'<li id="{address[2]}">.*?</li>', second, re.DOTALL)[0]) == "B 210"
    assert ask_anything("/browse?class=https://h.example/Many&page=3").status == 404


def test_the_largest_class_stands_first_and_vocabularies_are_a_link_away(ask_anything: Ask) -> None:
    text = ask_anything("/browse", "text/html").text
    assert plain(re.findall(r"<tr><td>.*?</tr>", text)[0]) == "Many https://h.example/Many 250"
    assert '<a href="./browse/vocab">Vocabularies</a>' in text
