"""The page of a document: its words, its names, what is lost, what is held, and how it came to us."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from html import unescape
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fonds.release.publication import build_publication
from fonds.settings import Presentation
from fonds.store.embedded import EmbeddedStore
from fonds.views.graph import known
from fonds.vocabulary import FV, OA
from fonds.web import create_app
from fonds.web.absent import Loss, Version
from fonds.web.beside import in_order
from fonds.web.cards import Card, Entry
from fonds.web.codings import encode
from fonds.web.named import Named, Names, Naming, forms, with_cards
from fonds.web.site import Site, open_site
from fonds.web.style import style_sheets
from tests.conftest import opened
from tests.unit.web.conftest import Ask, asker
from tests.unit.web.test_pages import Page, check_structure
from tests.unit.web.test_reported import KEY, RECORD, plain, section

CORPORA = Path(__file__).parents[2] / "corpora"


@pytest.fixture
def site(release: Any, store: Any) -> Site:
    return open_site(release, store, release.manifest.settings)


@pytest.fixture
def capture(publication: Path) -> str:
    return (publication / "data/captures/148c2797223ea6d0.txt").read_text(encoding="utf-8")


@pytest.fixture
def record(ask_publication: Ask) -> str:
    text = ask_publication(RECORD, "text/html").text
    check_structure(Page(text))
    return text


def passages(text: str) -> dict[str, str]:
    """Return the blocks of the text by their fragments, with their markup."""
    body = text[text.index('<div class="passages">') : text.index('<p class="formats">')]
    found = re.findall(
        r'<(?:div|aside) class="passage[^"]*" id="([^"]+)"[^>]*>(.*?)</(?:div|aside)>', body, re.S
    )
    return dict(found)


def words(html: str) -> str:
    """Return the words of a block as a reader has them, without numbers of paragraphs and what the page adds."""
    html = re.sub(
        r'<a class="(?:ordinal|call)".*?</a>|<p class="(?:of-mark|footnote)".*?</p>', "", html, flags=re.S
    )
    # What stands for words that the copy lacks is no word of it.
    html = re.sub(r'<span id="g0".*?</span>', "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


# ------------------------------------------------------------------------------------------------ the words


@pytest.mark.clause("USERS 7.1.6")
def test_the_words_on_the_page_are_those_of_the_capture_block_by_block_and_in_its_order(
    record: str, capture: str, site: Site
) -> None:
    shown = {name: words(html) for name, html in passages(record).items()}
    assert [name for name in shown if re.fullmatch(r"p\d", name)] == [f"p{number}" for number in range(1, 9)]
    place = 0
    lines = [" ".join(line.split()) for line in capture.splitlines() if line.strip()]
    source = " ".join(lines)
    for name, text in shown.items():
        found = source.find(text, place)
        assert found >= 0, name
        place = found + len(text)
    for number in range(1, 9):
        assert shown[f"p{number}"] in lines


@pytest.mark.clause("USERS 7.1.6")
def test_what_of_the_capture_is_not_on_the_page_is_listed_as_furniture(
    record: str, capture: str, publication: Path
) -> None:
    edition = (publication / f"data/documents/{KEY}.xml").read_text(encoding="utf-8")
    listed = re.search(r'<list type="furniture".*?</list>', edition, re.S)
    assert listed is not None
    furniture = {
        " ".join(unescape(each).split()) for each in re.findall(r"<item>(.*?)</item>", listed[0], re.S)
    }
    page = " ".join([*map(words, passages(record).values()), plain(record)])
    left = [
        line
        for line in (" ".join(each.split()) for each in capture.splitlines())
        if line and line not in page
    ]
    # Besides: the date that the web page shows, its support and its abstract, which the description has in other words.
    header = re.findall(
        r'<(?:date|funder|bibl|p)[^>]*source="#capture"[^>]*>(.*?)</(?:date|funder|bibl|p)>', edition, re.S
    )
    known = furniture | {" ".join(unescape(re.sub(r"<[^>]+>", "", each)).split()) for each in header}
    assert "" not in known
    assert [line for line in left if not any(line in each or each in line for each in known)] == []
    assert {line for line in left if any(each in line for each in furniture)}


@pytest.mark.clause("USERS 7.1.7")
def test_every_paragraph_has_a_number_that_is_a_link_to_it(record: str) -> None:
    for number in range(1, 9):
        assert (
            f'id="p{number}"><a class="ordinal" href="#p{number}" aria-label="Paragraph {number}">{number}</a>'
            in record
        )


# ------------------------------------------------------------------------------------------------ what is lost


@pytest.mark.clause("USERS 7.1.5")
def test_every_loss_stands_in_its_place_named_by_its_cause_and_explained_below(record: str) -> None:
    drawn = re.findall(
        r'<span id="(g\d)" class="gap" role="note" data-cause="([^"]+)"(?: data-unit="(\w+)")?', record
    )
    assert drawn == [
        ("g0", "lost-in-capture", ""),
        ("g1", "faded", "word"),
        ("g2", "faded", "line"),
        ("g3", "faded", "line"),
        ("g4", "illegible", "word"),
    ]
    below = section(record, "Lost")
    rows = re.findall(r'<li id="lost:(g\d)">(.*?)</li>', below, re.S)
    assert [name for name, _ in rows] == [f"g{number}" for number in range(5)]
    told = {name: plain(row) for name, row in rows}
    assert "lost in our copy" in told["g0"]
    assert "our conclusion, certainty medium" in told["g0"]
    assert "begins in the middle of a phrase" in told["g0"]
    assert "some words: faded" in told["g1"]
    assert "Stated by Gary Goldberg" in told["g1"]
    assert "Who says so is not stated; it stands in Note 2" in told["g4"]
    assert "2–3 lines: faded" in told["g3"]
    assert "1 word: illegible" in told["g4"]
    assert all(f'href="#{name}"' in row for name, row in rows)


@pytest.mark.clause("USERS 7.1.5")
def test_the_stored_query_counts_the_losses_that_the_page_shows(
    record: str, ask_publication: Ask, publication: Path
) -> None:
    query = (publication / "queries/gaps.rq").read_text(encoding="utf-8")
    answer = ask_publication(
        "/sparql",
        "text/csv",
        method="POST",
        headers=[("content-type", "application/sparql-query")],
        body=[query.encode()],
    )
    found = {line.split(",")[1].rpartition("/")[2] for line in answer.text.splitlines()[1:]}
    assert found == set(re.findall(r'id="lost:(g\d)"', record))


def test_how_much_is_lost_is_said_as_the_source_says_it() -> None:
    def extent(**known: str) -> str:
        return Loss(
            "g1", "¶ 1", {name.replace("_", "-"): [Entry(text)] for name, text in known.items()}
        ).extent

    assert extent() == ""
    assert extent(unit="line") == "some lines"
    assert extent(unit="word", number="1") == "1 word"
    assert extent(unit="line", at_least="2", at_most="3") == "2–3 lines"
    assert extent(unit="line", at_least="2", at_most="2") == "2 lines"


# ------------------------------------------------------------------------------------------------ names


@pytest.mark.clause("USERS 7.1.8")
def test_every_linked_name_leads_to_a_card_that_says_who_and_how_sure(
    record: str, ask_publication: Ask
) -> None:
    led = re.findall(r'class="mention" href="([^"]+)"', record)
    assert len(led) > 50
    cards = dict(re.findall(r'<li class="who" id="([^"]+)">(.*?)</li>', record, re.S))
    assert {each for each in led if not each.startswith("#")} == set()
    assert {each[1:] for each in led} <= set(cards)
    for name, card in cards.items():
        page = re.match(r'<a href="\.\./([^"]+)"', card)
        assert page is not None, name
        assert ask_publication(f"/doc/{page[1]}", "text/html").status == 200
    assert "Minister of Industry" in plain(cards["person:guevara"])
    doubt = plain(cards["group:cuban-we"])
    assert "Certainty medium of us Cubans . Who is meant by “us Cubans” is not said." in doubt
    assert "Those whom the speaker means" in doubt


@pytest.mark.clause("USERS 7.1.8")
def test_every_mention_stands_in_the_index_with_its_place(record: str, site: Site) -> None:
    listed = section(record, "Names")
    stated = site.descriptions.graph(site.addresses.iris.graph("record", KEY).value) or []
    found = (re.match(rb"<[^>]*/(m\d+)> <[^>]*#type> <[^>]*#Mention> ", line) for line in stated)
    mentions = {each[1].decode() for each in found if each}
    assert len(mentions) == 102
    linked = set(re.findall(r'href="#(m\d+)"', listed))
    repeated = sum(int(each) - 1 for each in re.findall(r"<small>×(\d+)</small>", listed))
    assert linked <= mentions
    assert len(linked) + repeated == len(mentions)
    assert "Named, and not identified here" in listed
    assert '<q>Czechs</q> <a href="#m65">6</a>' in listed


def test_names_are_listed_as_they_stand_in_the_text_with_the_blocks_that_have_them() -> None:
    found = forms(
        Naming(f"m{place}", block, place, words_, "", "")
        for place, (words_, block) in enumerate(
            [("Che", "¶ 1"), ("Guevara", "¶ 1"), ("Che", "¶ 1"), ("Che", "¶ 2")]
        )
    )
    assert [each.words for each in found] == ["Che", "Guevara"]
    assert [(each.name, each.block, each.number) for each in found[0].places] == [
        ("m0", "¶ 1", 2),
        ("m3", "¶ 2", 1),
    ]


def test_a_name_without_a_card_leads_to_its_page() -> None:
    html = '<a id="m1" class="mention" href="../person/ann" data-kind="person">Ann</a>'
    assert with_cards(html, Names({})) == html
    ann = Named("person:ann", Entry("Ann", "doc/person/ann"), "person", (), Card())
    assert 'href="#person:ann"' in with_cards(html, Names({"person": (ann,)}))


def test_names_of_hostile_data_are_shown_as_words(site: Site) -> None:
    evil = '"><script>alert(1)</script>'
    naming = Naming("m1", evil, 0, evil, evil, evil)
    known = {
        "description": [Entry(evil)],
        "type": [Entry(evil)],
        "match": [Entry("javascript:alert(1)"), Entry(evil)],
    }
    named = Named("person:x", Entry(evil, "doc/person/x"), "person", (naming,), known)
    module: Any = site.templates.get_template("named.html").make_module({"root": "./"})
    index = str(module.index(Names({"person": (named,)}, forms([naming])), "./"))
    lost: Any = site.templates.get_template("absent.html").make_module({"root": "./"})
    fields = ("cause", "unit", "meaning", "stated-by", "note", "certainty", "ground")
    index += str(lost.losses([Loss("g1", evil, {each: [Entry(evil)] for each in fields})], "./"))
    assert "<script" not in index
    assert "javascript:" not in index
    assert index.count("&lt;script&gt;") >= 10


# ------------------------------------------------------------------------------------------------ statements


@pytest.mark.clause("USERS 7.1.9")
def test_each_statement_shows_its_paragraph_speaker_reporter_codes_and_who_coded_it(record: str) -> None:
    listed = section(record, "Statements")
    lead = plain(listed[: listed.index('<p class="hands">')])
    assert "are codes of The project that publishes this dataset" in lead
    assert "no reviewer is stated" in lead
    rows = re.findall(r'<li>\s*(<p class="where"><a href="#(\w+)">(?:¶ \d|note 1)</a>.*?)</li>', listed, re.S)
    assert len(rows) == 36
    for row, name in rows:
        assert f'href="{KEY}/{name}"' in row
        assert "stance: " in row
    s17 = plain({name: row for row, name in rows}["s17"])
    assert "stance: negative · opinion · direct speech · on Chinese leadership" in s17
    assert "certainty" not in s17


# ------------------------------------------------------------------------------------------------ dates, versions, source, rights


@pytest.mark.clause("USERS 7.1.11")
def test_both_dates_are_shown_each_with_what_it_is_the_date_of(record: str) -> None:
    dates = plain(
        record[
            record.index('<ul class="dates">') : record.index("</header>", record.index('<ul class="dates">'))
        ]
    )
    assert "written 27 October 1964" in dates
    assert "documents what happened on 16 October 1964" in dates


@pytest.mark.clause("USERS 7.1.12")
def test_versions_that_are_not_held_are_listed_with_what_they_are_known_from(record: str) -> None:
    groups = re.findall(r"<dt>(.*?)</dt>(.*?)</div>", section(record, "Versions"), re.S)
    rows = {
        term: [plain(each).strip() for each in re.findall(r"<dd>.*?</dd>", values, re.S)]
        for term, values in groups
    }
    assert rows["Original"] == ["Russian not held here"]
    english, spanish = rows["Translations"]
    assert english.startswith("English held by Gary Goldberg for CWIHP")
    assert spanish.startswith("Spanish not held here translator not stated known from")
    assert f'href="{KEY}/translator-note"' in section(record, "Versions")
    assert any("application/pdf" in row and "not held here" in row for row in rows["Files"])


@pytest.mark.clause("USERS 7.1.13")
def test_the_file_from_which_the_text_comes_is_told_with_size_hash_and_what_it_does_not_say(
    record: str,
) -> None:
    (row,) = [
        each
        for each in re.findall(r"<dt>.*?</div>", section(record, "Versions"), re.S)
        if "Taken from" in each
    ]
    told = plain(row)
    assert "6525 bytes, text/plain;charset=utf-8" in told
    assert "SHA-256 d12677a194d3850ba94473fc8d417766360ad45b273d85794b277713d622adec" in told
    assert "Not stated: at which address it was found, on which day it was taken." in told


def test_what_is_stated_of_a_file_is_not_called_unstated(site: Site) -> None:
    known = Card(size=[Entry("1 byte")], when=[Entry("today")], address=[Entry("https://a.example/")])
    version = Version("capture", Entry("A copy", "doc/x"), True, known)
    page = {"card": Card(), "versions": {"capture": [version]}, "passages": (), "fulltext": "full"}
    module: Any = site.templates.get_template("absent.html").make_module({"root": "./"})
    assert "Not stated" not in str(module.versions(page, "./"))
    assert "from https://a.example/" in plain(str(module.versions(page, "./")))


def test_rights_are_told_of_the_original_of_the_words_and_of_the_description(record: str) -> None:
    told = plain(section(record, "Rights"))
    assert "In the original nothing is stated" in told
    assert "In the words of the edition Rights not stated in the source." in told
    assert "In the description, which is ours CC0 1.0 (no rights reserved)" in told


def test_marks_on_the_paper_are_told_with_place_hand_and_day(record: str) -> None:
    found = passages(record)
    assert (
        "handwritten note, at the bottom of the first page , by the hand of A. Kalinin , 29 December 1964 (century inferred)"
        in plain(found["note-1"])
    )
    assert "handwritten note, to the left , whose hand is not stated, 30 December 1964" in plain(
        found["note-2"]
    )


def test_the_archive_s_hierarchy_is_a_trail_and_the_page_tells_of_its_data_and_their_state(
    record: str,
) -> None:
    trail = plain(
        record[
            record.index('<nav class="trail"') : record.index("</nav>", record.index('<nav class="trail"'))
        ]
    )
    assert trail.split() == ["Records", "TsKhSD", "f.", "5", "op.", "49", "d.", "758"]
    told = section(record, "Data")
    assert f'href="{KEY}.ttl"' in told
    assert f"graph%2Frecord%2F{KEY}" not in told
    assert "Open in SPARQL" in told
    assert [
        plain(each).strip()
        for each in re.findall(r'<dd><a href="\.\./\.\./graph/[^"]+"[^>]*>(.*?)</a>', told)
    ] == [
        "What the document and its page say",
        "Quoted words",
        "Reported statements",
        "Inferences of the project",
    ]
    assert "changed last on" in told


# ------------------------------------------------------------------------------------------------ how large it is

_MOST_BYTES = {"": 90_000, "gzip": 20_000, "br": 20_000, "zstd": 20_000}
"""Of the page of the first record: as a client gets it that takes no coding, and as any browser gets it. 60 kB is what the line is
meant to carry (USERS 4.5)."""


@pytest.mark.clause("USERS 4.5")
@pytest.mark.parametrize("coding", _MOST_BYTES)
def test_the_page_of_a_document_is_light_with_its_style_and_scripts(record: str, coding: str) -> None:
    assets = {each.name: each.read_bytes() for each in (resources.files("fonds.web") / "assets").iterdir()}
    assets |= style_sheets(Presentation())

    def sent(body: bytes) -> int:
        return len(encode(body, coding) if coding else body)

    style = sum(
        sent(body) for name, body in assets.items() if name.endswith(".css") and f"/{name}?" in record
    )
    scripts = sum(
        sent(body) for name, body in assets.items() if name.endswith(".js") and f"/{name}?" in record
    )
    assert 0 < sent(record.encode()) <= _MOST_BYTES[coding]
    assert 0 < scripts <= 15_000
    assert 0 < style <= 15_000
    if coding:
        # All that has to come before the page can be read.
        assert sent(record.encode()) + style + scripts <= 30_000


def test_links_of_a_document_s_page_go_no_further_up_than_they_have_to(record: str) -> None:
    hrefs = re.findall(r'(?:href|src)="([^"]*)"', record)
    assert [
        each for each in hrefs if each.startswith("../../doc") and not each.startswith("../../doc?iri=")
    ] == []
    # Nothing that begins with a colon's segment, and nothing empty.
    assert all(each and not re.match(r"[^/?#]*:", each) for each in hrefs if not each.startswith("http"))


# ------------------------------------------------------------------------------------------------ other records


@pytest.fixture(scope="module")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The documents of three small volumes, with somebody to whom errors are reported."""
    folder = tmp_path_factory.mktemp("volumes")
    documents = folder / "data/documents"
    documents.mkdir(parents=True)
    for each in (CORPORA / "volumes").glob("*.xml"):
        (documents / each.name).write_bytes(each.read_bytes())
    # One more, in which the same names mean others.
    eighth = (documents / "volume-8.xml").read_text(encoding="utf-8")
    ninth = eighth.replace("Volume 8", "Volume 9").replace("volume-8", "volume-9")
    lines = "".join(f"<p>Line {each} of a long one &lt;b&gt;</p>" for each in range(900))
    ninth = ninth.replace("<front>", f'<front><div type="section" xml:id="foreword">{lines}</div>')
    (documents / "volume-9.xml").write_text(ninth, encoding="utf-8")
    settings = 'contact = "archive@example.org"\n[[collections]]\nname = "volumes"\nlanguage = "en"\n'
    (folder / "fonds.toml").write_text(settings, encoding="utf-8")
    built = build_publication(folder, base="https://a.example/")
    with opened(built, prefixes={}) as store:
        yield asker(create_app(built, store, built.manifest.settings))


def records_of(ask: Ask) -> list[str]:
    return re.findall(r'href="\.\./(doc/record/[^"]+)"', ask("/browse/record", "text/html").text)


def test_documents_of_a_volume_lead_to_those_before_and_after_and_back(volumes: Ask) -> None:
    followed = 0
    for path in records_of(volumes):
        text = volumes(f"/{path}", "text/html").text
        check_structure(Page(text))
        for there in re.findall(r'<a rel="next" href="([^"/]+)"', text):
            back = volumes(f"/doc/record/{there}", "text/html").text
            assert f'<a rel="prev" href="{path.removeprefix("doc/record/")}"' in back
            followed += 1
    assert followed > 2


def test_a_volume_is_on_the_way_to_a_document_and_no_keeper_of_its_paper(volumes: Ask) -> None:
    for path in records_of(volumes):
        text = volumes(f"/{path}", "text/html").text
        trail = text[
            text.index('<nav class="trail"') : text.index("</nav>", text.index('<nav class="trail"'))
        ]
        assert "../work/" in trail
        way = section(text, "Way")
        assert "../work/" not in way.partition("Kept")[2].partition("</li>")[0]


def test_a_document_of_a_volume_has_the_volume_and_its_chapter_above_it_and_is_cited_by_the_volume(
    volumes: Ask,
) -> None:
    text = volumes("/doc/record/volume-7-d1", "text/html").text
    trail = text[text.index('<nav class="trail"') :].partition("</nav>")[0]
    assert re.findall(r'href="\.\./work/([^"]+)"', trail) == ["volume-7", "volume-7-comp1", "volume-7-ch1"]
    assert "in Papers on a Bridge, Volume 7" in plain(section(text, "cite"))


def test_the_page_of_a_volume_has_its_chapters_and_a_chapter_its_documents_in_their_order(
    volumes: Ask,
) -> None:
    volume = volumes("/doc/work/volume-7", "text/html").text
    check_structure(Page(volume))
    contents = section(volume, "contents")
    works = re.findall(
        r'href="(?:\.\./)+doc/work/volume-7-(\w+)"[^>]*>[^<]*</a>(?: <span class="quiet">(\d+) )?', contents
    )
    assert works[:2] == [("comp1", works[0][1]), ("ch1", "3")]
    assert int(works[0][1]) > 3
    assert ("preface", "") in works
    assert works.index(("preface", "")) > 1
    # Each of its records stands in a chapter.
    assert "doc/record/" not in contents
    # What stands there is not listed once more.
    assert "is composed of" not in plain(section(volume, "stated"))
    assert 'id="linked"' not in volume or "doc/record/volume-7-d1" not in section(volume, "linked")
    chapter = section(volumes("/doc/work/volume-7-ch1", "text/html").text, "contents")
    assert re.findall(r"doc/record/volume-7-(\w+)", chapter) == ["d1", "d2", "d3"]
    query = re.search(r'href="(?:\.\./)+(sparql\?query=[^"]+)">3</a>', chapter)
    assert query is not None
    answer = volumes(f"/{unescape(query[1])}", "text/csv").text
    assert [line.partition(",")[0].rpartition("-")[2] for line in answer.splitlines()[1:]] == [
        "d1",
        "d2",
        "d3",
    ]


def test_the_words_of_a_preface_are_read_on_its_page_a_piece_at_a_time(volumes: Ask) -> None:
    text = volumes("/doc/work/volume-7-preface", "text/html").text
    assert re.findall(r"<p>(.*?)</p>", section(text, "words")) == ["Preface", "Why Adams built it."]
    assert "has symbolic content" not in plain(section(text, "stated"))
    # The words of a chapter are its title and one sentence; those of the volume none.
    assert "This chapter begins in 1930." in plain(
        section(volumes("/doc/work/volume-7-ch1", "text/html").text, "words")
    )
    first = volumes("/doc/work/volume-9-foreword", "text/html").text
    check_structure(Page(first))
    read, pages = re.findall(r"Line (\d+)", plain(section(first, "words"))), 1
    text = first
    while found := re.search(r'rel="next" href="\.\./\.\./([^"#]+)#words">Read on', text):
        assert len(text.encode()) < 25_000
        answer = volumes(f"/{found[1]}", "text/html")
        text, pages = answer.text, pages + 1
        assert "content-location" not in answer.headers
        assert f'rel="canonical" href="https://a.example/{found[1]}"' in text
        read += re.findall(r"Line (\d+)", plain(section(text, "words")))
    assert pages == 4
    assert read == [str(each) for each in range(900)]
    beyond = volumes("/doc/work/volume-9-foreword?words=5", "text/html")
    assert (beyond.status, "The text has 4 pages, no 5." in plain(beyond.text)) == (404, True)
    assert volumes("/doc/work/volume-9-foreword?words=x", "text/html").status == 400


def test_a_volume_is_told_in_words_and_not_by_the_parts_of_its_title(volumes: Ask) -> None:
    lead = re.search(r'<p class="lead"[^>]*>(.*?)<', volumes("/doc/work/volume-7", "text/html").text)
    assert lead is not None
    assert lead[1].startswith("primary editor: R. Editor; A Press; 1990; isbn-13: 9780000000000; Printed")


def test_what_has_one_name_with_another_is_told_apart_in_lists(volumes: Ask) -> None:
    def told(kind: str, name: str) -> list[str]:
        listed = volumes(f"/browse/{kind}", "text/html").text
        found = re.findall(rf"<li[^>]*><a [^>]*>{name}</a>(.*?)</li>", listed)
        return [plain(each).strip() for each in found]

    # By the work that it is a part of, by what is said of it; where that is the same, by the key.
    assert told("record", "1. Minutes") == ["Papers on a Bridge, Volume 8", "Papers on a Bridge, Volume 9"]
    assert told("person", "Adamson, Karl") == [
        "of another county (volume-8-p-a1)",
        "of another county (volume-9-p-a1)",
    ]
    assert told("work", "Preface") == [""]


def test_the_page_of_a_letter_says_who_sent_it_to_whom(volumes: Ask) -> None:
    told = [
        (
            path,
            plain(text[text.index('<ul class="dates">') :].partition("</ul>")[0]),
            plain(section(text, "About")),
        )
        for path in records_of(volumes)
        if "Sending of the record" in (text := volumes(f"/{path}", "text/html").text)
    ]
    assert told
    for path, dates, described in told:
        assert re.search(r"\b(?:sent by|by|to) ", dates), path
        assert "Sent by" in described or "Sent to" in described, path


def test_a_page_says_once_what_points_to_its_record(volumes: Ask) -> None:
    seen = 0
    for path in records_of(volumes):
        text = volumes(f"/{path}", "text/html").text
        if 'id="linked"' not in text:
            continue
        linked = plain(section(text, "linked"))
        for each in ("in sequence", "forms part of", "example resource"):
            assert each not in linked, path
        if "references" in linked:
            assert "is referred to by" not in linked
            seen += 1
    assert seen


def test_a_mark_is_not_called_what_its_words_call_it(record: str) -> None:
    stamp = record[record.index('id="stamp"') :].partition("</aside>")[0]
    assert plain(stamp.partition(">")[2]).casefold().count("stamp") == 1
    note = record[record.index('id="note-1"') :].partition("</aside>")[0]
    assert "by the hand of A. Kalinin" in plain(note)


def test_footnotes_are_called_for_in_the_words_and_stand_below_them(volumes: Ask) -> None:
    called = 0
    for path in records_of(volumes):
        text = volumes(f"/{path}", "text/html").text
        for name, number in re.findall(r'<a class="call" href="#([^"]+)" aria-label="note (\d+)">', text):
            assert f'<p class="footnote" id="{name}" role="note"' in text
            assert f'<span class="number">{number}</span>' in text
            called += 1
    assert called > 2


def test_an_error_is_reported_with_the_identifier_of_the_record_and_to_nobody_where_nobody_is_named(
    volumes: Ask, record: str
) -> None:
    path = records_of(volumes)[0]
    told = section(volumes(f"/{path}", "text/html").text, "Data")
    iri = f"https://a.example/id/{path.removeprefix('doc/')}"
    assert (
        f"mailto:archive@example.org?subject=An%20error%20in%20{iri.replace(':', '%3A').replace('/', '%2F')}"
        in told
    )
    assert "Report an error" not in record


def unit(**codes: tuple[str, str]) -> dict[str, dict[str, list[Entry]]]:
    return {
        name: {
            field: [Entry(text, name, iri=name)]
            for field, text in (("label", name), ("code", code), ("created", created))
            if text
        }
        for name, (code, created) in codes.items()
    }


def test_records_of_a_unit_stand_in_the_order_of_its_codes_else_of_their_dates_else_in_none() -> None:
    by_code = unit(a=("d. 10", ""), b=("d. 9", ""), c=("d. 11", ""))
    found = in_order(by_code).beside("a")
    assert ([each.text for each in found.before], [each.text for each in found.after], found.order) == (
        ["b"],
        ["c"],
        "code",
    )
    assert (
        in_order(by_code).beside("b").before,
        [each.text for each in in_order(by_code).beside("b").after],
    ) == (
        (),
        ["a"],
    )
    by_date = unit(a=("d. 10", "1964-10"), b=("", "1964-09-01"), c=("d. 1", "1965"))
    found = in_order(by_date).beside("a")
    assert ([each.text for each in found.before], [each.text for each in found.after], found.order) == (
        ["b"],
        ["c"],
        "date",
    )
    assert not in_order(unit(a=("d. 10", ""), b=("", "1964"), c=("", ""))).beside("a")
    assert not in_order(by_code).beside("elsewhere")


def test_no_more_records_of_a_unit_are_put_in_order_than_a_page_can_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fonds.web.beside._MOST", 2)
    assert not in_order(unit(a=("1", ""), b=("2", ""), c=("3", ""))).beside("a")


# ------------------------------------------------------------------------------------------------ queries


def test_the_page_of_a_record_asks_the_store_for_nothing_but_what_lies_beside_it_and_that_once(
    ask_afresh: Ask, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    select = store.select

    def noted(name: str, **bindings: Any) -> Any:
        asked.append(name)
        return select(name, **bindings)

    monkeypatch.setattr(store, "select", noted)
    for ending in ("html", "schema.json", "la.json", "ris", "ttl"):
        assert ask_afresh(f"{RECORD}.{ending}").status == 200
    assert asked == ["unit"]
    assert ask_afresh(RECORD, "text/html").status == 200
    assert asked == ["unit"]


def test_lists_and_the_home_page_ask_the_store_for_nothing(
    ask_afresh: Ask, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = ask_afresh("/doc/person/gueva", "text/html")
    assert (missing.status, "doc/person/guevara" in missing.text) == (404, True)
    monkeypatch.setattr(store, "select", None)
    for path in ("/", "/browse/record", "/browse/person"):
        assert ask_afresh(path, "text/html").status == 200
    assert ask_afresh("/browse/person?page=2").status == 404


# ------------------------------------------------------------------------------------------------ weight


def sent(ask: Ask, target: str) -> int:
    reply = ask(target, "text/html", headers=[("accept-encoding", "gzip")])
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.raw) == reply.body
    return len(reply.raw)


def test_a_document_with_its_style_and_script_is_light_on_a_bad_line(
    ask_publication: Ask, record: str
) -> None:
    linked = {
        name: f"/assets/{name}?{hash_}"
        for name, hash_ in re.findall(r"assets/([\w-]+\.(?:css|js))\?(\w+)", record)
    }
    sizes = {name: sent(ask_publication, target) for name, target in linked.items()}
    assert sizes.keys() >= {"document.css", "document.js"}
    assert sizes["document.css"] <= 15_000
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= 15_000
    assert sent(ask_publication, RECORD) <= 30_000
    assert sent(ask_publication, RECORD) + sum(sizes.values()) <= 60_000


def test_literals_of_other_kinds_do_not_break_a_row() -> None:
    # A start that is no number counts as the beginning.
    from fonds.web.named import _naming

    mention = NamedNode("https://a.example/id/record/x/m1")
    stated = known([Triple(mention, OA.start, Literal("soon")), Triple(mention, FV.form, Literal("a\n b"))])
    naming = _naming(stated, mention, NamedNode("https://a.example/id/record/x/p1"))
    assert (naming.name, naming.block, naming.start, naming.form) == ("m1", "¶ 1", 0, "a b")
