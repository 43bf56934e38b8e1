"""The report of a build: each finding once, the page bounded and safe, the value as its schema says."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from fonds.errors import Fault
from fonds.model import Origin
from fonds.release.build_report import BuildReport, Level, Outcome, kind_of, report_from, stopping
from fonds.release.counting import Counts, Listed
from fonds.release.report_page import MOST_KINDS, MOST_OF_A_KIND, MOST_WORDS, as_page
from fonds.release.report_text import MOST_WORDS as MOST_IN_A_TERMINAL
from fonds.release.report_text import as_text
from fonds.release.reporting import as_json
from fonds.shapes import Finding, Severity

SCHEMA = Path(__file__).parents[3] / "docs/report.schema.json"
SCRIPT = "<script>alert('x')</script>"


def report(outcome: Outcome = Outcome.BUILT, counts: Counts | None = None, **said: object) -> BuildReport:
    return report_from(outcome, counts or Counts(), title="Letters", base="https://a.example/", **said)  # type: ignore[arg-type]


def finding(message: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(
        shape="LacunaExtent",
        severity=severity,
        focus="https://a.example/id/record/a/g1",
        message=message,
        origin=Origin("a.xml", 7),
    )


class Page(HTMLParser):
    """The elements of a page, and its words."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(page.decode())
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ref=\"#p9\" no element has this; did you mean #p8?", 'ref="#p10" no element has this'),
        ("'ä' is no date", "'5/3/1901' is no date"),
        ("its key would be person/jo, which a.xml:7 has; change it", "its key would be person/al, which b.xml:12 has; change it"),
        ("has 12 bytes, more than the 7", "has 130 bytes, more than the 70"),
    ],
)  # fmt: skip
def test_messages_that_differ_in_what_is_particular_are_of_one_kind(one: str, other: str) -> None:
    assert kind_of(one) == kind_of(other)
    assert "…" in kind_of(one)


def test_a_message_of_any_length_has_a_short_kind_soon() -> None:
    begun = time.process_time()
    assert len(kind_of(f"found {'x:' * 500_000}, expected a date")) <= 500
    assert time.process_time() - begun < 1


def test_messages_that_say_something_else_are_of_two_kinds() -> None:
    assert kind_of("is empty") != kind_of("is no date")


def test_everything_is_told_once_the_worst_first_then_by_file_and_line() -> None:
    violation = finding("is wrong", Severity.VIOLATION)
    told = report(
        Outcome.FAILED,
        faults=[violation.fault, Fault("b.xml", 2, 0, "is empty")],
        warnings=[Fault("a.xml", 9, 0, "is odd"), Fault("a.xml", 2, 0, "is odd"), Fault("a.xml", 2, 0, "is odd")],
        decisions=[Fault("a.csv", 1, 0, "may be one")],
        findings=[violation, finding("has no unit"), finding("has no unit")],
    )  # fmt: skip
    assert [(each.level, each.path, each.line, each.kind) for each in told.told] == [
        ("fault", "a.xml", 7, "LacunaExtent"),
        ("fault", "b.xml", 2, "is empty"),
        ("warning", "a.xml", 2, "is odd"),
        ("warning", "a.xml", 7, "LacunaExtent"),
        ("warning", "a.xml", 9, "is odd"),
        ("decision", "a.csv", 1, "may be one"),
    ]
    assert (told.faults, told.warnings, told.decisions) == (2, 3, 1)
    assert [(each.level, each.kind, each.number) for each in told.totals][2] == (Level.WARNING, "is odd", 2)
    assert set(stopping(told)) == {violation.fault, Fault("b.xml", 2, 0, "is empty")}


def test_the_value_is_as_its_schema_says() -> None:
    counts = Counts(records=2, without_language=Listed(1, (Origin("a.xml", 1),)), met={"<x>": 3})
    counts.unresolved = {"persName": {"Jo": Listed(1, (Origin("a.xml", 1),))}}
    written = json.loads(
        as_json(report(counts=counts, warnings=[Fault("a.xml", 1, 2, "x", "S")], findings=[finding("y")]))
    )
    jsonschema.validate(written, json.loads(SCHEMA.read_text("utf-8")))
    assert written["names"]["unresolved"] == [
        {"words": "Jo", "number": 1, "marked": "persName", "places": ["a.xml:1"]}
    ]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"faults": "none"}, json.loads(SCHEMA.read_text("utf-8")))


def test_no_word_of_a_source_becomes_part_of_the_page() -> None:
    counts = Counts(met={SCRIPT: 1}, gaps={SCRIPT: 1}, dates_in_words={SCRIPT: Listed(1, (Origin(SCRIPT),))})
    counts.unresolved = {SCRIPT: {SCRIPT: Listed(1, (Origin(SCRIPT, 1),))}}
    faults = [Fault(SCRIPT, 1, 1, SCRIPT, SCRIPT)]
    told = report_from(Outcome.FAILED, counts, title=SCRIPT, base="", faults=faults, warnings=faults)
    page = Page(as_page(told, shapes="report.ttl"))
    assert "script" not in page.tags
    assert page.text.count("alert('x')") >= 9
    assert {name for name, _ in page.attributes} <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "href", "id", "scope", "aria-label", "aria-labelledby",
    }  # fmt: skip


def test_what_no_page_may_hold_is_replaced_and_a_name_that_is_no_utf8_stops_nothing() -> None:
    told = report(warnings=[Fault("a\udcff.xml", 1, 0, "holds \x07 and \x00")])
    page = as_page(told).decode()
    assert "holds \ufffd and \ufffd" in page
    assert "a?.xml" in page
    assert json.loads(as_json(told))["told"][0]["path"] == "a?.xml"


def test_the_page_is_bounded_and_says_the_true_numbers() -> None:
    counts = Counts()
    counts.unresolved = {"persName": {f"Somebody {number}": Listed(1) for number in range(5000)}}
    kinds = [f"is wrong in the way {'x' * number}" for number in range(1, MOST_KINDS + 4)]
    faults = [Fault("a.xml", line, 0, kind) for kind in kinds for line in range(1, 100)]
    told = report(counts=counts, warnings=faults)
    page = Page(as_page(told))
    assert len(told.told) == len(faults)
    assert f"Warnings ({len(faults):,})" in page.text
    assert page.text.count(f"The first {MOST_OF_A_KIND} of 99") == MOST_KINDS
    assert "3 more kinds are in report.json" in page.text
    assert f"the first {MOST_WORDS} of 5,000" in page.text
    assert page.tags.count("tr") < MOST_KINDS * (MOST_OF_A_KIND + 2) + MOST_WORDS + 100


def test_every_table_has_a_caption_and_heads_and_every_section_is_in_the_contents() -> None:
    counts = Counts(records=3, notes={"stamp": 1}, authorities={"person": 2}, met={"<x>": 1})
    page = Page(as_page(report(counts=counts, warnings=[Fault("a.xml", 1, 0, "is odd")])))
    assert page.tags.count("table") == page.tags.count("caption") == page.tags.count("thead") > 3
    assert page.tags.count("h1") == page.tags.count("main") == 1
    linked = {value for name, value in page.attributes if name == "href" and value and value[0] == "#"}
    assert linked == {f"#{value}" for name, value in page.attributes if name == "id"}
    assert len(linked) == page.tags.count("section")


def test_a_terminal_gets_the_same_facts_in_lines() -> None:
    counts = Counts(records=1, met={"<x>": 2}, dates={"day": 1})
    counts.unresolved = {
        "persName": {f"N{at:02}": Listed(1, (Origin("a.xml", at),)) for at in range(MOST_IN_A_TERMINAL + 2)}
    }
    decisions = [Fault("a.csv", 2, 0, "may be one")]
    lines = as_text(
        report(counts=counts, warnings=[Fault("a.xml", 1, 2, "is odd")], decisions=decisions)
    ).splitlines()
    assert lines[:2] == ["warning: a.xml:1:2: is odd", "decide: a.csv:2: may be one"]
    assert "    1 × N00 (persName): a.xml" in lines
    assert "    … and 2 more" in lines
    assert lines[-1] == "0 faults, 1 warning, 1 to decide, 2 not understood."
