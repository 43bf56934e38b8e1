"""Every stored query, asked of the endpoint, against answers worked out from the text by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

KEY = "darusenkov-1964-375"
FOLDER = Path(__file__).parents[2] / "queries"
G, D, K = "person/guevara", "person/darusenkov", "person/kalinin-a"


@pytest.fixture(scope="module")
def run(site: Any) -> Any:
    """Return a function that runs a stored query and gives chosen columns, IRIs without what they have in common."""

    def rows(name: str, *columns: str) -> list[tuple[str, ...]]:
        query = (FOLDER / f"{name}.rq").read_bytes()
        headers = {"Content-Type": "application/sparql-query"}
        reply = site.get(
            "sparql", "application/sparql-results+json", method="POST", headers=headers, body=query
        )
        assert reply.status == 200, reply.text
        answer = json.loads(reply.body)
        shown = columns or answer["head"]["vars"]
        assert set(shown) <= set(answer["head"]["vars"])
        return [
            tuple(_short(row[each]["value"], site.base) if each in row else "-" for each in shown)
            for row in answer["results"]["bindings"]
        ]

    return rows


def _short(value: str, base: str) -> str:
    for common in (f"{base}id/record/{KEY}/", f"{base}id/", f"{base}vocab/", base):
        value = value.removeprefix(common)
    return value


def test_each_query_has_a_title_and_a_question() -> None:
    queries = sorted(FOLDER.glob("*.rq"))
    assert 25 <= len(queries) <= 32
    for query in queries:
        first, second = query.read_text("utf-8").splitlines()[:2]
        assert first.startswith("# title: "), query
        assert second.startswith("# question: "), query
        assert second.endswith("?"), query
        assert "PREFIX" not in query.read_text("utf-8"), query


def test_every_query_is_held_here_to_its_answer() -> None:
    tested = {
        *ANSWERS,
        "text",
        "quotations",
        "mentions",
        "names",
        "graphs",
        "what-is-said",
        "stances",
        "speakers",
        "identities",
        "about",
        "co-mentions",
    }
    assert tested == {query.stem for query in FOLDER.glob("*.rq")}


ANSWERS: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
    "records": (
        ("record", "creator_name", "date", "shelfmark"),
        [(f"record/{KEY}", "O. T. Darusenkov", "1964-10-27", "TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126")],
    ),
    "participants": (
        ("who", "role", "place_label", "date"),
        [
            (D, "role/first-secretary-ussr-embassy-cuba", "Ministry of Industry (as meeting place)", "1964-10-16"),
            (D, "role/recorder", "Ministry of Industry (as meeting place)", "1964-10-16"),
            (G, "role/interlocutor", "Ministry of Industry (as meeting place)", "1964-10-16"),
            (G, "role/minister-of-industry-cuba", "Ministry of Industry (as meeting place)", "1964-10-16"),
            (G, "role/secretary-national-leadership-upsrc", "Ministry of Industry (as meeting place)", "1964-10-16"),
        ],
    ),
    "versions": (
        ("version", "language", "translator", "on_behalf_of", "known_from"),
        [("en", "English", "Gary Goldberg", "CWIHP", "-"), ("es", "Spanish", "-", "-", "translator-note")],
    ),
    "shelfmark": (
        ("unit", "code", "keeper"),
        [
            ("holding/tskhsd-5", "f. 5", "TsKhSD"),
            ("holding/tskhsd-5-49", "op. 49", "TsKhSD"),
            ("holding/tskhsd-5-49-758", "d. 758", "TsKhSD"),
        ],
    ),
    "chain": (
        ("statement", "nested_speaker", "speaker", "reporter", "translator", "capture"),
        [
            ("k01", "-", K, "-", "person/goldberg-gary", "capture/d12677a194d3850b"),
            *(
                (
                    f"s{number:02}",
                    "group/chinese-side" if number == 22 else "-",
                    "-" if number in (25, 26) else G,
                    D,
                    "person/goldberg-gary",
                    "capture/d12677a194d3850b",
                )
                for number in range(1, 36)
            ),
        ],
    ),
    "cautions": (
        ("statement", "loss"),
        [
            ("k01", "-"), ("s03", "-"), ("s06", "g1"), ("s07", "-"), ("s20", "-"), ("s22", "-"), ("s23", "-"),
            ("s25", "g2"), ("s25", "g3"), ("s26", "g2"), ("s26", "g3"), ("s28", "-"), ("s29", "-"),
        ],
    ),
    "gaps": (
        ("gap", "cause", "unit", "at_least", "at_most", "block", "start", "end", "certainty", "stated_by"),
        [
            ("g0", "lost in our copy", "-", "-", "-", "heading", "816", "816", "medium", "group/project"),
            ("g1", "faded", "word", "-", "-", "p3", "1851", "1895", "-", "person/goldberg-gary"),
            ("g2", "faded", "line", "-", "-", "p6", "4326", "4377", "-", "person/goldberg-gary"),
            ("g3", "faded", "line", "2", "3", "p6", "4418", "4563", "-", "person/goldberg-gary"),
            ("g4", "illegible", "word", "1", "1", "note-2", "6168", "6186", "-", "-"),
        ],
    ),
    "not-held": (("thing", "known_from"), [("es", "translator-note"), ("pdf", "web-page")]),
    "notes": (
        ("note", "type", "place", "hand", "date"),
        [
            ("note-1", "handwritten note", "at the bottom of the first page", K, "1964-12-29"),
            ("note-2", "handwritten note", "to the left", "-", "1964-12-30"),
            ("signature", "signature", "-", "-", "-"),
            ("stamp", "stamp", "-", "-", "-"),
            ("translator-note", "editorial note", "-", "-", "-"),
        ],
    ),
    "custody": (
        ("event", "note", "not_after", "certainty"),
        [("briefing", "note-1", "1964-12-29", "-"), ("filing", "note-2", "1964-12-30", "medium")],
    ),
    "secrecy": (
        ("assignment", "degree", "date", "actor"),
        [("classifying", "secret", "-", "-"), ("declassifying", "declassified", "-", "-")],
    ),
    "offices": (
        ("person", "role", "group", "day", "certainty"),
        [
            (D, "role/first-secretary-ussr-embassy-cuba", "group/ussr-embassy-cuba", "1964-10-27", "-"),
            (G, "role/minister-of-industry-cuba", "group/cu-ministry-of-industry", "1964-10-16", "-"),
            (G, "role/secretary-national-leadership-upsrc", "group/upsrc-national-leadership", "1964-10-16", "medium"),
            (K, "role/chief-of-cc-cpsu-sector", "group/cc-cpsu-sector-unnamed", "1964-12-29", "-"),
        ],
    ),
    "dates": (
        ("thing", "words", "edtf", "note"),
        [
            ("event/conversation-1964-10-16", "16 October 1964", "1964-10-16", "-"),
            ("tenure-1", "1964-10-16 (attested)", "1964-10-16", "-"),
            ("tenure-2", "1964-10-16 (attested)", "1964-10-16", "-"),
            ("making", "27 October 1964", "1964-10-27", "-"),
            ("tenure-3", "1964-10-27 (attested)", "1964-10-27", "-"),
            ("writing", "27 October 1964", "1964-10-27", "-"),
            ("note-1-writing", "29.12.64", "1964-12-29", "century inferred"),
            ("tenure-4", "1964-12-29 (attested)", "1964-12-29", "-"),
            ("note-2-writing", "30.12.64", "1964-12-30", "century inferred"),
        ],
    ),
    "inferences": (("thing",), [("filing",), ("g0",), ("leaf",), ("reel",), ("tenure-2",), ("ts-note-1",), ("ts-note-2",)]),
    "doubts": (
        ("form", "thing", "certainty"),
        [
            ("us Cubans", "group/cuban-we", "medium"),
            ("Czechs", "-", "-"),
            ("sector", "group/cc-cpsu-sector-unnamed", "medium"),
        ],
    ),
    "unidentified": (
        ("thing",),
        [("group/cc-cpsu-sector-unnamed",), ("group/chinese-side",), ("group/cuban-we",), (K,)],
    ),
    "captures": (
        ("capture", "extent", "sha256"),
        [("capture/d12677a194d3850b", "6525 bytes", "d12677a194d3850ba94473fc8d417766360ad45b273d85794b277713d622adec")],
    ),
    "rights": (("record", "rights"), [(f"record/{KEY}", "Rights not stated in the source.")]),
    "met": (("one", "other"), [(D, G)]),
    "said-not-asserted": (("statement", "subject", "object"), [("s23", "event/rice-delivery", "group/chinese-side")]),
    "events": (
        ("event", "date", "ended_before"),
        [
            ("event/caribbean-crisis", "-", "-"),
            ("event/chinese-aid", "-", "-"),
            ("event/conversation-1964-10-16", "1964-10-16", "-"),
            ("event/cpsu-congress-xxii", "-", "-"),
            ("event/criticism-of-khrushchev", "-", "-"),
            ("event/khrushchev-departure", "-", "event/conversation-1964-10-16"),
            ("event/negation-of-khrushchev-period", "-", "-"),
            ("event/negation-regarding-stalin", "-", "-"),
            ("event/report-of-departure", "-", "-"),
            ("event/rice-delivery", "-", "-"),
            ("event/weapons-request-china", "-", "-"),
            ("event/weapons-request-czechoslovakia", "-", "-"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stored_query_answers_as_the_text_has_it(run: Any, name: str) -> None:
    columns, expected = ANSWERS[name]
    assert run(name, *columns) == expected


def test_the_text_comes_paragraph_by_paragraph_from_the_capture(run: Any, capture: str) -> None:
    rows = run("text", "number", "words", "start", "end")
    assert [row[0] for row in rows] == [str(number) for number in range(1, 9)]
    assert all(capture[int(start) : int(end)] == words for _, words, start, end in rows)


def test_the_quotations_are_the_words_of_the_capture_in_their_order(run: Any, capture: str) -> None:
    rows = run("quotations", "statement", "words", "start", "end")
    assert [row[0] for row in rows] == [*(f"s{number:02}" for number in range(1, 36)), "k01"]
    assert all(capture[int(start) : int(end)] == words for _, words, start, end in rows)


def test_names_are_counted_as_often_as_they_stand_in_the_text(run: Any, capture: str) -> None:
    text = capture[capture.index("[Stamp]") : capture.index("It appears your Web browser")]
    times = {thing: int(number) for thing, number in run("mentions", "thing", "times")}
    assert times["person/khrushchev"] == text.count("Khrushchev")
    assert times["person/guevara"] == text.count("Guevara")
    assert times["person/kosygin"] == text.count("Kosygin")
    assert times["place/china"] == len([1 for word in text.replace("Chinese", "").split("China")]) - 1
    forms = {(thing, form): int(number) for thing, form, number in run("names", "thing", "form", "times")}
    assert forms["person/khrushchev", "Cde. Khrushchev"] == text.count("Cde. Khrushchev")
    assert forms["place/ussr", "Soviet Union"] == text.count("Soviet Union")
    assert forms["group/cpsu", "CPSU"] == text.count("CPSU")


def test_what_there_is_about_one_thing_is_counted(run: Any) -> None:
    assert run("about") == [(G, f"record/{KEY}", "1964-10-27", "8", "0", "33")]


def test_who_is_named_in_the_same_paragraphs_is_counted_as_the_edition_has_it(
    run: Any, publication: Path
) -> None:
    edition = etree.parse(publication / f"data/documents/{KEY}.xml")
    together = Counter[str]()
    for block in edition.xpath("//*[local-name()='body']//*[local-name()='p'][@n]"):
        named = {ref.rpartition(":")[2] for each in block.iter("{*}*") if (ref := each.get("ref"))}
        if "guevara" in named:
            together.update(named - {"guevara"})
    rows = {
        other.rpartition("/")[2]: int(number) for other, number in run("co-mentions", "other", "paragraphs")
    }
    assert rows["khrushchev"] == together["khrushchev"] == 6
    assert {each: rows[each] for each in ("khrushchev-departure", "cpsu", "kosygin")} == {
        each: together[each] for each in ("khrushchev-departure", "cpsu", "kosygin")
    }


def test_what_is_said_of_kosygin_brezhnev_and_khrushchev_is_counted_by_stance(run: Any) -> None:
    stances = {
        (about, stance): int(number)
        for about, stance, number in run("stances", "about", "stance", "statements")
    }
    assert {key[1]: number for key, number in stances.items() if key[0] == "person/kosygin"} == {
        "positive": 3,
        "uncertain": 1,
    }
    assert {key[1]: number for key, number in stances.items() if key[0] == "person/brezhnev"} == {
        "declined": 1
    }
    assert {key[1]: number for key, number in stances.items() if key[0] == "person/khrushchev"} == {
        "positive": 2,
        "negative": 5,
    }


def test_each_thing_that_a_statement_is_about_is_listed_with_it(run: Any) -> None:
    rows = run("what-is-said", "about", "statement", "speaker_label", "stance")
    kosygin = [row[1:] for row in rows if row[0] == "person/kosygin"]
    assert kosygin == [
        ("s32", "Ernesto Guevara", "positive"),
        ("s33", "Ernesto Guevara", "positive"),
        ("s34", "Ernesto Guevara", "uncertain"),
        ("s35", "Ernesto Guevara", "positive"),
    ]
    assert len({row[1] for row in rows}) == 36


def test_whose_stance_it_is_is_told_from_who_speaks(run: Any) -> None:
    rows = run("speakers", "speaker", "reporter_label", "occasion", "holder", "statements")
    spoken = (G, "O. T. Darusenkov", "event/conversation-1964-10-16")
    assert rows == [
        (*spoken, G, "21"),
        (*spoken, "group/cuban-we", "8"),
        (*spoken, "group/cuban-leadership", "4"),
        (K, "-", "-", K, "1"),
    ]


def test_nine_identities_are_published(run: Any) -> None:
    assert len(run("identities")) == 9


def test_the_graphs_are_counted_and_sourced(run: Any) -> None:
    rows = run("graphs", "graph", "source", "triples")
    graphs = {graph for graph, _, _ in rows}
    assert {f"graph/record/{KEY}", f"graph/record/{KEY}/statements", f"graph/said/{KEY}/s23"} <= graphs
    assert all(int(number) > 0 for _, _, number in rows)
