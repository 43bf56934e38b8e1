"""Reported statements on pages: through whose hands they came, where they stand, and never as facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import msgspec
import pytest
from pyoxigraph import NamedNode

from fonds.views.around import Around
from fonds.vocabulary import FV
from fonds.web import create_app
from fonds.web.cards import Card, Entry
from fonds.web.reported import ROLES, Said, Told, said_in_record, said_of
from fonds.web.site import Site, open_site
from fonds.web.statements import about, links
from fonds.web.values import Group
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure

KEY = "darusenkov-1964-375"
RECORD = f"/doc/record/{KEY}"


@pytest.fixture
def site(release: Any, store: Any) -> Site:
    return open_site(release, store, release.manifest.settings)


def page(ask: Ask, path: str) -> str:
    reply = ask(path, "text/html")
    assert reply.status == 200
    check_structure(Page(reply.text))
    return reply.text


def section(text: str, name: str) -> str:
    """Return one section of a page, by the identifier of its heading."""
    start = text.index(f'aria-labelledby="{name}"')
    return text[start : text.index("</section>", start)]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def statements(told: Sequence[Told]) -> dict[str, Said]:
    return {said.name: said for each in told for said in each.statements}


def iri(site: Site, kind: str, slug: str) -> NamedNode:
    return site.addresses.iris.thing(kind, slug)


def test_the_page_of_a_record_has_each_of_its_statements_with_its_page_and_its_place(
    ask_publication: Ask, site: Site, first_record: Around
) -> None:
    said = statements(said_in_record(site, first_record.public))
    assert list(said) == [*(f"s{number:02}" for number in range(1, 36)), "k01"]
    text = page(ask_publication, RECORD)
    listed = section(text, "Statements")
    for name, each in said.items():
        assert f'href="{each.href.removeprefix("doc/record/")}"' in listed
        assert f'href="#{each.name}"' in listed
        assert f'<span id="{name}" class="statement">' in text


def test_a_statement_is_worded_as_a_report_with_the_hands_it_came_through(
    ask_publication: Ask, site: Site, first_record: Around
) -> None:
    told = said_in_record(site, first_record.public)
    hands = [
        plain(each) for each in re.findall(r'<p class="hands">(.*?)</p>', page(ask_publication, RECORD), re.S)
    ]
    assert [len(each.statements) for each in told] == [24, 2, 9, 1]
    spoken = "O. T. Darusenkov reports that Ernesto Guevara said, in the translation of Gary Goldberg :"
    assert [each.strip() for each in (hands[0], hands[2])] == [spoken, spoken]
    assert "is reported to have written by hand" in hands[3]


def test_fragments_are_shown_as_such_and_nobody_is_their_speaker(
    ask_publication: Ask, site: Site, first_record: Around
) -> None:
    fragments = said_in_record(site, first_record.public)[1]
    assert [each.name for each in fragments.statements] == ["s25", "s26"]
    for each in fragments.statements:
        assert each.is_fragment
        assert (list(each.entries("speaker")), list(each.holders)) == ([], [])
    text = section(page(ask_publication, RECORD), "Statements")
    hands = plain(re.findall(r'<p class="hands">(.*?)</p>', text, re.S)[1])
    assert "fragments" in hands
    assert "Guevara" not in hands


def test_cautions_losses_third_hands_and_names_of_others_are_shown(site: Site, first_record: Around) -> None:
    said = statements(said_in_record(site, first_record.public))
    assert "advanced age" in said["s06"].cautions[0]
    assert [entry.href for entry in said["s06"].losses] == [f"doc/record/{KEY}#g1"]
    assert [entry.href for entry in said["s25"].losses] == [f"doc/record/{KEY}#g2", f"doc/record/{KEY}#g3"]
    assert [entry.iri.rpartition("/")[2] for entry in said["s22"].entries("nested")] == ["chinese-side"]
    assert [entry.iri.rpartition("/")[2] for entry in said["s08"].holders] == ["cuban-leadership"]
    assert not said["s17"].holders
    assert [entry.text for entry in said["s17"].entries("stance")] == ["negative"]
    assert [entry.text for entry in said["s31"].entries("stance")] == ["declined"]


@pytest.mark.parametrize(
    ("path", "heading", "number"),
    [
        ("person/khrushchev", "What is said of Khrushchev", 7),
        ("person/kosygin", "What is said of Kosygin", 4),
        ("person/brezhnev", "What is said of Brezhnev", 1),
        ("person/guevara", "What Ernesto Guevara is reported to have said", 33),
        ("person/darusenkov", "What O. T. Darusenkov reports others to have said", 35),
        ("group/chinese-side", "What another speaker reports of the words of", 1),
        ("place/china", "What is said of China", None),
        ("event/conversation-1964-10-16", "What is reported to have been said on this occasion", 35),
    ],
)
def test_the_page_of_a_thing_tells_what_is_said_of_it_and_by_it(
    ask_publication: Ask, path: str, heading: str, number: int | None
) -> None:
    text = page(ask_publication, f"/doc/{path}")
    found = re.search(rf'<h2 id="(said-\w+)">{re.escape(heading)}', text)
    assert found is not None, plain(text)[:800]
    listed = section(text, found[1])
    assert f'href="../../doc/record/{KEY}"' in listed
    if number is not None:
        assert listed.count('<p class="where">') == number


def test_a_statement_s_own_page_says_through_whom_it_came_in_which_words(ask_publication: Ask) -> None:
    text = section(page(ask_publication, f"{RECORD}/s17"), "said-itself")
    assert "O. T. Darusenkov reports that Ernesto Guevara said" in plain(text)
    assert (
        "<q>I consider that the Chinese leaders have been conducting themselves unacceptably</q>"
        in unescape(text)
    )
    assert f'href="../../../doc/record/{KEY}#s17"' in text


def linking(site: Site, it: NamedNode) -> Sequence[Group]:
    return links(site, site.descriptions.of(it.value)).groups


def test_statements_do_not_stand_among_the_activities_and_links_of_a_thing(site: Site) -> None:
    for kind, slug in (
        ("person", "guevara"),
        ("person", "darusenkov"),
        ("event", "conversation-1964-10-16"),
        ("place", "cuba"),
    ):
        groups = linking(site, iri(site, kind, slug))
        linked = {value.href or "" for group in groups for value in group.values}
        assert linked
        assert not {each for each in linked if re.search(r"/[sk]\d\d(-content)?$", each)}
    # What an editor codes, and what links a statement with its anchor, is no statement itself.
    groups = linking(site, site.addresses.iris.record(KEY, "s17"))
    assert {value.text for group in groups for value in group.values} >= {"Coding of s17", "Anchor of s17"}


def test_what_somebody_only_said_is_nowhere_stated(site: Site) -> None:
    groups = linking(site, iri(site, "group", "chinese-side"))
    assert "ev:rice-delivery" not in {value.text for group in groups for value in group.values}
    assert not any("rice-delivery" in (value.href or "") for group in groups for value in group.values)


def test_no_more_statements_are_listed_than_a_page_can_bear_and_all_are_counted(site: Site) -> None:
    it = iri(site, "person", "guevara")
    counts = site.descriptions.occurrences(it.value)
    few = msgspec.structs.replace(counts, statements={"by": counts.statements["by"][:3]})
    (passed,) = said_of(site, it, few)
    assert (passed.role, passed.shown, passed.number) == ("by", 3, 33)
    macros = site.templates.get_template("reported.html").make_module()
    text = str(macros.passed_on(passed, about(site, it), "../../"))  # type: ignore[attr-defined]
    assert "Only 3 are listed" in text
    offered = re.search(r'href="\.\./\.\.(/sparql\?query=[^"]+)">List all with SPARQL', text)
    assert offered is not None
    ask = asker(create_app(site.release, site.store, site.settings))
    assert ask(unescape(offered[1]), "text/csv").text.count("/s") == 33
    assert "List all" not in section(page(ask, "/doc/person/guevara"), "said-by")


def test_words_that_hold_markup_are_shown_as_words(site: Site) -> None:
    evil = Entry("<script>alert(1)</script>", "doc/x", details=('"><img src=x>',))
    fields = (
        "content",
        "words",
        "speaker",
        "reporter",
        "translator",
        "nested",
        "holder",
        "target",
        "caution",
        "loss",
    )
    said = Said("s01", "doc/x", "doc/x#s01", "<b>", evil, Card((field, [evil]) for field in fields))
    told = site.templates.get_template("reported.html").make_module().told([Told((said,))], "./")  # type: ignore[attr-defined]
    assert "<script" not in told
    assert "<img" not in told
    assert "<b>" not in told
    assert str(told).count("&lt;script&gt;") >= 7


def test_one_s_own_words_are_not_called_a_report(site: Site) -> None:
    author = Entry("Ann", "doc/person/ann", iri="https://a.example/id/person/ann")
    said = Said(
        "s01", "doc/x", "doc/x#s01", "", Entry("", "doc/x"), Card(speaker=[author], reporter=[author])
    )
    told = site.templates.get_template("reported.html").make_module().told([Told((said,))], "./")  # type: ignore[attr-defined]
    assert "Ann writes:" in plain(str(told))


def test_handwriting_and_fragments_are_known_by_their_codes() -> None:
    def coded(field: str, code: NamedNode) -> Said:
        return Said("s01", "", "", "", Entry(""), Card({field: [Entry("x", iri=code.value)]}))

    assert coded("mode", FV.handwritten).is_handwritten
    assert coded("kind", FV.fragment).is_fragment
    assert not coded("kind", FV.opinion).is_fragment


@pytest.mark.clause("USERS 7.1.10")
def test_the_page_tells_how_the_record_came_to_us_and_what_is_not_known_of_it(ask_publication: Ask) -> None:
    text = section(page(ask_publication, RECORD), "Way")
    events = [plain(each).strip() for each in re.findall(r"<li[^>]*>(.*?)</li>", text, re.S)]
    assert [each for each in events if each.startswith("27 October 1964 Making")]
    briefing = next(each for each in events if "Briefing" in each)
    assert briefing.startswith("not after 29 December 1964")
    assert "Known from Note 1" in briefing
    filing = next(each for each in events if "Filing" in each)
    assert filing.startswith("date not stated")
    assert "Our conclusion, certainty medium" in filing
    declassifying = next(each for each in events if "Declassifying" in each)
    assert declassifying.startswith("date not stated")
    assert "after Classifying" in declassifying
    note = next(each for each in events if "Writing of note 1" in each)
    assert note.startswith("29 December 1964 “29.12.64” century inferred")
    assert "A. Kalinin" in note
    unknown = [each.removeprefix("date not stated ") for each in events if each.startswith("date not stated")]
    for step in (
        "Translating into en by Gary Goldberg for CWIHP",
        "Publishing on the web by History and Public Policy Program Digital Archive",
        "Kept, as it is cited, by TsKhSD , f. 5 , op. 49 , d. 758",
        "r. 9126 read by us as: microfilm reel",
        "The copy was taken from which this text comes: 6525 bytes",
    ):
        assert step in unknown
    assert any(each.startswith("16 October 1964 Conversation") for each in events)
    assert len(events) >= 11
    assert not any("Reported" in each for each in events)


def test_offices_are_shown_on_the_day_that_attests_them(ask_publication: Ask) -> None:
    text = section(page(ask_publication, RECORD), "Offices")
    offices = [plain(each).strip() for each in re.findall(r"<li[^>]*>(.*?)</li>", text, re.S)]
    assert len(offices) == 4
    assert offices[0].startswith("16 October 1964 Ernesto Guevara , Minister of Industry")
    ours = [each for each in offices if "Our conclusion" in each]
    assert len(ours) == 1
    assert "National Leadership" in ours[0]


def test_a_dataset_has_no_statements_to_show(ask: Ask) -> None:
    assert "reported" not in ask("/doc/person/ann", "text/html").text


@pytest.mark.parametrize("role", ROLES[1:])
def test_statements_are_counted_in_each_connection_as_their_query_counts_them(
    site: Site, ask_publication: Ask, role: str
) -> None:
    found = 0
    assert site.lists is not None
    for kind in site.lists.kinds:
        for listed in site.lists.page(kind, 1):
            it = NamedNode(listed.iri)
            counts = site.descriptions.occurrences(it.value)
            for passed in said_of(site, it, counts):
                if passed.role != role:
                    continue
                macros = site.templates.get_template("reported.html").make_module()
                address = unescape(str(macros.all_of(passed, about(site, it))))  # type: ignore[attr-defined]
                rows = ask_publication(f"/{address}", "text/csv").text.splitlines()[1:]
                assert len({row.partition(",")[0] for row in rows}) == passed.number == passed.shown
                found += passed.number
    assert found > 0


def test_a_statement_s_own_page_tells_through_whom_it_came(site: Site) -> None:
    it = site.addresses.iris.record(KEY, "s17")
    (passed,) = said_of(site, it, site.descriptions.occurrences(it.value))
    said = passed.told[0].first
    assert (passed.role, said.name, said.block) == ("itself", "s17", "¶ 5")
    assert said.words == "I consider that the Chinese leaders have been conducting themselves unacceptably"
    assert [each.text for each in said.entries("speaker")] == ["Ernesto Guevara"]
    assert [each.text for each in said.entries("reporter")] == ["O. T. Darusenkov"]
    assert [each.text for each in said.entries("translator")] == ["Gary Goldberg"]
    assert [each.text for each in said.entries("stance")] == ["negative"]
    assert [each.text for each in said.entries("kind")] == ["opinion"]
    assert [each.text for each in said.entries("mode")] == ["direct speech"]
