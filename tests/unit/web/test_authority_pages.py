"""Pages of people, groups, places, events and works: each line with its source, each number with its query, whatever the data hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.release.build import build_release
from fonds.settings import Settings
from fonds.vocabulary import CRM, DCTERMS, EDTF, FV, OWL, RDF, RDFS, SKOS, typed
from fonds.web import create_app
from fonds.web.authorities import _degrees
from fonds.web.moments import _bounds
from tests.conftest import opened
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure
from tests.unit.web.test_reported import page, plain, section

BASE = "https://a.example/"
EVIL = "<script>alert(1)</script>"
ARABIC = "القاهرة"
_QUERY = re.compile(r'<a class="quiet" href="(?:\.\./)+(sparql\?query=[^"]+)">([\d\u202f]+)</a>')


def it(path: str) -> NamedNode:
    return NamedNode(f"{BASE}id/{path}")


def graph(path: str, kind: GraphKind, *facts: tuple[NamedNode, NamedNode, NamedNode | Literal]) -> NamedGraph:
    return NamedGraph(NamedNode(f"{BASE}graph/{path}"), kind, tuple(Triple(*each) for each in facts))


def authority(path: str, *facts: tuple[NamedNode, NamedNode, NamedNode | Literal]) -> Description:
    return Description(it(path), (graph(f"authority/{path}", GraphKind.AUTHORITY, *facts),))


def mention(
    number: int, thing: NamedNode, form: str, block: str = "p1"
) -> list[tuple[NamedNode, NamedNode, NamedNode | Literal]]:
    node = it(f"record/r/m{number}")
    return [
        (node, RDF.type, FV.Mention),
        (node, FV.mentions, thing),
        (node, FV.form, Literal(form)),
        (node, FV.in_paragraph, it(f"record/r/{block}")),
    ]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A publication of things with markup for names, without names, in circles, with odd dates and points."""
    evil, nameless, cairo, egypt, loop, fair = (
        it(each)
        for each in (
            "person/evil",
            "person/nameless",
            "place/cairo",
            "place/egypt",
            "place/loop",
            "event/fair",
        )
    )
    match, birth, span, number = (
        it(f"person/evil/{each}") for each in ("match-1", "birth", "ts-birth", "elsewhere-1")
    )
    wikidata = NamedNode("http://www.wikidata.org/entity/Q1?a=1&b='2'")
    descriptions = [
        authority(
            "person/evil",
            (evil, RDF.type, CRM.E21_Person),
            (evil, RDFS.label, Literal(EVIL, language="en")),
            (evil, SKOS.altLabel, Literal('"><img src=x onerror=alert(1)>')),
            (evil, DCTERMS.description, Literal(f"{EVIL} who", language="en")),
            (evil, SKOS.exactMatch, wikidata),
            (evil, SKOS.exactMatch, NamedNode("javascript:alert(1)")),
            (match, RDF.type, CRM.E13_Attribute_Assignment),
            (match, CRM.P140_assigned_attribute_to, evil),
            (match, CRM.P141_assigned, wikidata),
            (match, FV.ground, Literal(f"the same {EVIL}")),
            (match, DCTERMS.source, Literal("a list")),
            (match, FV.checked, typed("2026-01-02", NamedNode("http://www.w3.org/2001/XMLSchema#date"))),
            (match, CRM.P14_carried_out_by, it("group/us")),
            (evil, CRM.P98i_was_born, birth),
            (birth, CRM.P4_has_time_span, span),
            (birth, CRM.P7_took_place_at, cairo),
            (span, FV.edtf, typed("1864-02~", EDTF.EDTF)),
            (span, RDFS.label, Literal("about Candlemas")),
            (span, FV.certainty, Literal("low")),
            (evil, CRM.P1_is_identified_by, number),
            (number, CRM.P190_has_symbolic_content, Literal("118-X")),
            (number, CRM.P2_has_type, it("nothing/gnd")),
            (number, RDFS.seeAlso, NamedNode("https://d-nb.info/gnd/118-X")),
            (evil, DCTERMS.replaces, it("person/older")),
        ),
        authority("person/nameless", (nameless, RDF.type, CRM.E21_Person)),
        authority("group/us", (it("group/us"), RDFS.label, Literal("Us", language="en"))),
        authority(
            "place/cairo",
            (cairo, RDFS.label, Literal(ARABIC, language="ar")),
            (cairo, CRM.P89_falls_within, egypt),
            (cairo, CRM.P168_place_is_defined_by, Literal("POINT(31.24 30.04)")),
        ),
        authority(
            "place/egypt",
            (egypt, RDFS.label, Literal("Egypt", language="en")),
            (egypt, CRM.P89_falls_within, loop),
        ),
        authority(
            "place/loop",
            (loop, RDFS.label, Literal("Loop", language="en")),
            (loop, CRM.P89_falls_within, egypt),
        ),
        authority(
            "event/fair",
            (fair, RDFS.label, Literal("The fair", language="en")),
            (fair, CRM.P4_has_time_span, it("event/fair/ts")),
            (it("event/fair/ts"), FV.edtf, typed("1930-05/1930-06", EDTF.EDTF)),
            (fair, CRM.P7_took_place_at, cairo),
            (fair, CRM.P183_ends_before_the_start_of, it("event/later")),
        ),
        authority("event/later", (it("event/later"), RDFS.label, Literal("Later", language="en"))),
        Description(
            it("record/r"),
            (
                graph(
                    "record/r",
                    GraphKind.RECORD,
                    (it("record/r"), RDF.type, CRM.E31_Document),
                    (it("record/r"), RDFS.label, Literal(f"Letter {EVIL}", language="en")),
                    (it("record/r"), DCTERMS.created, Literal("1931")),
                    (it("record/r"), DCTERMS.creator, evil),
                    *mention(1, evil, EVIL),
                    *mention(2, evil, "E. Vil " * 40),
                    *mention(3, nameless, ARABIC),
                ),
            ),
        ),
        Description(
            NamedNode(f"{BASE}graph/register"),
            (graph("register", GraphKind.REGISTER, (it("person/older"), OWL.deprecated, Literal("true"))),),
        ),
    ]
    folder = tmp_path_factory.mktemp("hostile")
    release = build_release(descriptions, folder, settings=Settings(title="T", languages=("en",)), base=BASE)
    with opened(release, prefixes={}) as store:
        yield asker(create_app(release, store, release.manifest.settings))


def numbers(text: str) -> list[tuple[str, int]]:
    """Return the numbers of a page that lead to a query, each with its address."""
    return [(unescape(query), int(number.replace("\u202f", ""))) for query, number in _QUERY.findall(text)]


@pytest.mark.parametrize(
    "path",
    [
        *("person/evil", "person/nameless", "group/us", "place/cairo", "place/egypt", "place/loop"),
        *("event/fair", "event/later"),
    ],
)
def test_no_name_breaks_a_page_and_none_is_needed(hostile: Ask, path: str) -> None:
    reply = hostile(f"/doc/{path}", "text/html")
    assert reply.status == 200
    shown = Page(reply.text)
    check_structure(shown)
    assert list(shown.all("script", "img")) == []
    assert not [each for each in shown.all("a") if (each["href"] or "").startswith("javascript")]
    assert len(reply.body) < 60_000


def test_the_head_says_who_it_is_with_the_ground_of_each_identity(hostile: Ask) -> None:
    text = page(hostile, "/doc/person/evil")
    facts = plain(text[text.index('<dl class="facts">') : text.index("</dl>")])
    for shown in (
        "Ground: the same",
        "Found by: a list.",
        "Checked 2 January 2026 by Us",
        "No ground is stated.",
        "about February 1864",
        "“about Candlemas”",
        "not before 1 February 1864, not after 29 February 1864",
        "Certainty: low.",
        ARABIC,
        "118-X",
        "Earlier identifiers",
    ):
        assert shown in facts, (shown, facts)
    assert facts.index("118-X") > facts.index("Identifiers that a source states") > facts.index("Ground:")
    assert 'aria-label="stated in graph 1"' in text


def test_who_wrote_a_document_is_listed_with_it_and_long_names_are_cut(hostile: Ask) -> None:
    text = page(hostile, "/doc/person/evil")
    assert "as author · named 2 times" in plain(section(text, "documents"))
    assert "1931" in section(text, "documents")
    forms = section(text, "forms")
    assert "&lt;script&gt;" in forms
    assert re.search(r"(E\.|Vil) …</q>", forms)
    assert plain(section(page(hostile, "/doc/person/nameless"), "forms")).count(ARABIC) == 1


def test_a_place_says_where_it_is_and_what_happened_there_and_circles_end(hostile: Ask) -> None:
    text = plain(page(hostile, "/doc/place/cairo"))
    assert "30.04° N, 31.24° E" in text
    assert re.search(r"Egypt\s*1?\s*› Loop", text)
    assert "What happened there" in text
    assert "The fair" in text
    within = plain(page(hostile, "/doc/place/loop"))
    assert re.search(r"Places within it\s+Egypt\s+stated in\s+graph/authority/place/egypt", within)


def test_an_event_says_when_and_what_came_after_it(hostile: Ask) -> None:
    fair = plain(page(hostile, "/doc/event/fair"))
    assert "not before 1 May 1930, not after 30 June 1930" in fair
    assert re.search(r"Ends before the start of\s+Later", fair)
    later = plain(page(hostile, "/doc/event/later"))
    assert re.search(r"When\s+date not stated", later)
    # This release has no table that names the inverse.
    assert re.search(r"Through “ends before the start of”\s+The fair", later)


@pytest.mark.parametrize(
    "path",
    [
        *("person/guevara", "person/darusenkov", "person/kalinin-a", "place/cuba", "group/cuban-we"),
        *("group/cc-cpsu", "event/conversation-1964-10-16", "event/khrushchev-departure", "work/pravda"),
    ],
)
@pytest.mark.clause("USERS 5.3")
def test_every_number_is_what_its_query_counts(ask_publication: Ask, path: str) -> None:
    counted = numbers(page(ask_publication, f"/doc/{path}"))
    assert len(counted) >= 4
    for query, number in counted:
        reply = ask_publication(f"/{query}", "text/csv")
        assert reply.status == 200, reply.text
        assert len(reply.text.splitlines()) - 1 == number, query


@pytest.mark.clause("USERS 5.3")
def test_the_page_of_a_person_says_which_offices_which_record_attests(ask_publication: Ask) -> None:
    text = page(ask_publication, "/doc/person/guevara")
    offices = [plain(each) for each in re.findall(r"<li[^>]*>(.*?)</li>", section(text, "offices"), re.S)]
    assert len(offices) == 2
    assert all("16 October 1964" in each and "27 October 1964, No 375" in each for each in offices)
    assert "Our conclusion, certainty medium" in offices[1]
    assert "Our conclusion" not in offices[0]
    ministry = section(page(ask_publication, "/doc/group/cu-ministry-of-industry"), "offices")
    assert "Ernesto Guevara" in plain(ministry)


@pytest.mark.clause("USERS 3.5")
def test_forms_of_a_name_lead_to_their_places_and_longer_words_are_forms_too(ask_publication: Ask) -> None:
    forms = section(page(ask_publication, "/doc/place/cuba"), "forms")
    assert re.search(r"<q[^>]*>Cuba</q>.*?#m5\"", forms, re.S)
    departure = plain(section(page(ask_publication, "/doc/event/khrushchev-departure"), "forms"))
    assert "“Khrushchev’s resignation”" in departure or "Khrushchev’s resignation" in departure


def test_a_meeting_names_who_took_part_in_which_roles(ask_publication: Ask) -> None:
    text = page(ask_publication, "/doc/event/conversation-1964-10-16")
    facts = plain(text[text.index('<dl class="facts">') : text.index("</dl>")])
    assert re.search(r"Ernesto Guevara\s*2?\s+interlocutor", facts)
    assert "recorder" in facts
    assert "Ministry of Industry (as meeting place)" in facts
    assert re.search(r"Starts after the end of\s+Khrushchev's departure", facts)


def test_points_and_bounds_are_written_for_people() -> None:
    assert _degrees("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(-0.12 -33)") == "33° S, 0.12° W"
    assert _degrees("POLYGON((1 2))") == "POLYGON((1 2))"
    # There the latitude comes first.
    elsewhere = "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(-33 -0.12)"
    assert _degrees(elsewhere) == elsewhere
    assert _bounds("196X") == "not before 1 January 1960, not after 31 December 1969"
    assert _bounds("/1964") == "not after 31 December 1964"


def test_a_page_of_links_behind_the_first_needs_nothing_of_this(ask_publication: Ask) -> None:
    reply = ask_publication("/doc/person/guevara?page=1", "text/html")
    assert 'id="documents"' in reply.text
    assert ask_publication("/doc/person/guevara?page=99", "text/html").status == 404


def test_questions_of_pages_stand_in_files_with_one_thing_each() -> None:
    folder = Path(__file__).parents[3] / "src/fonds/web/rq"
    queries = {each.stem: each.read_text("utf-8") for each in folder.glob("*.rq")}
    assert set(queries) == {"mentions", "documents", "names", "co-mentions", "offices"}
    assert all(text.count("$thing") == 1 and text.startswith("# ") for text in queries.values())


def test_a_place_with_coordinates_has_a_small_map_and_one_without_has_none(hostile: Ask) -> None:
    page = hostile("/doc/place/cairo", "text/html").text
    (drawing,) = re.findall(r'<figure class="drawn small"><svg.*?</svg>', page, re.S)
    assert f"Map around {ARABIC}, 30.04° N, 31.24° E" in drawing
    assert f'aria-label="{ARABIC}, 30.04° N, 31.24° E: the map of all places" lang="ar"' in drawing
    assert "Where it is: 30.04° N, 31.24° E" in page
    for place in ("egypt", "loop"):
        assert "drawn small" not in hostile(f"/doc/place/{place}", "text/html").text
