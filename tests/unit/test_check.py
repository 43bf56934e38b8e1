"""``fonds check``: all problems in one go, each with what to do about it; unknown names with the nearest known ones."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fonds.beginning import begin_publication
from fonds.cli import main
from fonds.release.advice import LONGEST_FOUND, advice_on
from fonds.release.build_report import Words
from fonds.release.publication import check_publication
from fonds.release.unknown import MOST_NEAR, nearest
from fonds.sources.tables import read_authorities

DOCS = Path(__file__).parents[2] / "docs"


def check(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", str(folder), *options])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    begin_publication(tmp_path / "mine")
    return tmp_path / "mine"


def edit(path: Path, *changes: tuple[str, str]) -> None:
    words = path.read_text()
    for old, new in changes:
        assert old in words
        words = words.replace(old, new, 1)
    path.write_text(words)


@pytest.fixture
def faulty(folder: Path) -> Path:
    """A publication with what people get wrong, in many files and many columns of one row."""
    edit(
        folder / "data/records.csv",
        ("person/brenner-jakob", "Jakob Brener"),
        ("place/lyon", "place/lyom"),
        ("1901-04", "spring 1901"),
        (",full,", ",ful,"),
    )
    with (folder / "data/records.csv").open("a") as table:
        table.write("letter 3,itm,nowhere,x,,1901-99,person/x,,xx,data/texts/none.txt,,,topic/mils,,,\n")
        table.write("letter-1,item,,x,Title,,,,,,,,,,,\n")
    with (folder / "fonds.toml").open("a") as settings:
        settings.write('\n[sit]\nname = "x"\n')
    (folder / "data/documents").mkdir()
    (folder / "data/documents/broken.xml").write_text("<TEI><p></TEI>")
    (folder / "data/authorities/roles.csv").write_text("key,label_en\nMajor!,Major\n")
    return folder


def told(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(check(folder, "--format", "json").stdout)["told"]
    return found


def test_all_that_is_wrong_is_told_in_one_go_with_file_row_and_column(faulty: Path) -> None:
    places = {(each["path"], each.get("line", 0), each.get("cell", "")[:1]) for each in told(faulty)}
    assert places >= {
        ("data/records.csv", 5, "K"),
        ("data/records.csv", 6, "F"),
        ("data/records.csv", 6, "L"),
        *(("data/records.csv", 7, column) for column in "ABCEFGIJM"),
        ("data/records.csv", 8, ""),
        ("data/documents/broken.xml", 1, ""),
        ("data/authorities/roles.csv", 2, "A"),
    }
    assert any(path.endswith("fonds.toml") and line for path, line, _ in places)


def test_each_problem_says_what_is_allowed_gives_an_example_and_leads_to_a_heading(faulty: Path) -> None:
    for each in told(faulty):
        assert each["allowed"], each
        assert each["example"], each
        assert heading_exists(each["docs"]), each
    found = {each["found"] for each in told(faulty) if each.get("found")}
    assert found >= {"ful", "lyom", "letter 3", "itm", "spring 1901", "xx", "x", "mils", "sit", "Major!"}


def heading_exists(docs: str) -> bool:
    page, _, anchor = docs.partition("#")
    titles = re.findall(r"^#+ (.*)$", (DOCS / page).read_text(), re.M)
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return not anchor or anchor in slugs


def test_every_rule_leads_to_a_heading_of_the_documents() -> None:
    from fonds.release import advice

    rules = [*(rule[1:] for rule in advice._RULES), *advice._OF_FILES.values()]
    assert len(rules) > 40
    assert [docs for _, _, docs in rules if not heading_exists(docs)] == []


def test_most_messages_that_are_written_for_tables_have_a_rule_of_their_own() -> None:
    from fonds.release import advice

    sources = Path(advice.__file__).parents[1] / "sources"
    without = []
    for name in ("records", "tables", "plain_text"):
        for message in messages(sources / f"{name}.py"):
            if not any(rule.message.search(message) for rule in advice._RULES):
                without.append(message)
    assert without == []


def messages(path: Path) -> list[str]:
    """Return the texts that are given to a fault in a module, what is put in being x."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            words = "".join(
                str(each.value) if isinstance(each, ast.Constant) else _name(each.value)  # type: ignore[attr-defined]
                for each in node.values
            )
            if re.match(r"^[\w ]+: (?!x$)", words) and "found" in words:
                found.append(words)
    return found


def _name(value: ast.expr) -> str:
    return "broader" if isinstance(value, ast.Name) and value.id == "column" else "x"


def test_the_exit_status_is_one_and_nothing_is_changed(faulty: Path) -> None:
    def state() -> dict[str, str]:
        files = (path for path in faulty.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = state()
    assert [check(faulty, *options).exit_code for options in ((), ("--format", "json"))] == [1, 1]
    assert state() == before


def test_a_faulty_row_does_not_hide_what_a_shape_finds_elsewhere(folder: Path) -> None:
    (folder / "data/documents").mkdir()
    (folder / "data/documents/letter.xml").write_text(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letter-9" xml:lang="en"><teiHeader><fileDesc><titleStmt>'
        "<title>A</title></titleStmt></fileDesc><profileDesc><langUsage>"
        '<language ident="de" ana="type:original"/></langUsage></profileDesc></teiHeader>\n'
        '<text><body><p><seg xml:id="s1" type="statement" subtype="claim" ana="fv:stance-neutral">So.</seg></p></body></text></TEI>'
    )
    edit(folder / "data/records.csv", (",full,", ",ful,"))
    messages = [each["message"] for each in told(folder)]
    assert any("fulltext: found 'ful'" in each for each in messages)
    assert any("shape StatementCore" in each for each in messages)


def test_unknown_people_are_told_with_the_nearest_known_names_and_matched_to_nobody(faulty: Path) -> None:
    edit(faulty / "fonds.toml", ('[sit]\nname = "x"\n', ""))
    (faulty / "data/authorities/roles.csv").unlink()
    report = json.loads(check(faulty, "--format", "json").stdout)
    (unknown,) = report["names"]["unresolved"]
    assert unknown["words"] == "Jakob Brener"
    assert unknown["places"] == ["data/records.csv:5"]
    assert [near["thing"] for near in unknown["nearest"]] == ["person/brenner-jakob"]
    assert 0.5 < unknown["nearest"][0]["score"] < 1
    text = check(faulty).stdout
    assert "        person/brenner-jakob? Jakob Brenner (0." in text
    begin_publication(faulty.parent / "other")
    mentions = [check_publication(each, jobs=1).names.resolved for each in (faulty, faulty.parent / "other")]
    assert mentions[0] == mentions[1]


@pytest.mark.parametrize(
    ("written", "marked", "thing"),
    [
        ("J. Brenner", "persName", "person/brenner-jakob"),
        ("Бреннер, Якоб", "actor", "person/brenner-jakob"),
        ("Elise Marchant", "persName", "person/marchand-elise"),
        ("Lyonn", "placeName", "place/lyon"),
        ("Town archives of Altwasser", "orgName", "group/town-archive"),
    ],
)
def test_a_name_in_another_spelling_is_near(folder: Path, written: str, marked: str, thing: str) -> None:
    known = read_authorities(folder, [], [])
    near = nearest([Words(words=written, number=1, marked=marked)], known)
    assert thing in [each.thing for each in near[0]]
    assert all(each.thing.partition("/")[0] == thing.partition("/")[0] for each in near[0])


@pytest.mark.parametrize("written", ["Otto Schmidt", "?", "", "x" * 5000, "<script>alert(1)</script>"])
def test_a_name_that_is_like_nobodys_has_nobody_near(folder: Path, written: str) -> None:
    known = read_authorities(folder, [], [])
    assert not nearest([Words(words=written, number=1, marked="persName")], known).get(0)


def test_no_more_than_three_are_near(folder: Path) -> None:
    with (folder / "data/authorities/persons.csv").open("a") as table:
        table.writelines(f"brenner-{number},Jakob Brenner,,\n" for number in range(9))
    near = nearest(
        [Words(words="Jakob Brenner", number=1, marked="persName")], read_authorities(folder, [], [])
    )
    assert len(near[0]) == MOST_NEAR


def test_a_very_long_value_is_cut_and_takes_no_time() -> None:
    start = time.process_time()
    advice = advice_on(f"key: found '{'x ' * 1_000_000}', expected a-z", "data/records.csv")
    assert len(advice.found) == LONGEST_FOUND
    advice_on("found '" + "\\" * 1_000_000, "data/records.csv")
    advice_on(f"key: found '{'its key is what could be ' * 40_000}', expected a-z", "data/other.csv")
    advice_on(f"title: found '{'its key is what could be ' * 40_000}', expected words", "data/records.csv")
    assert time.process_time() - start < 5


def test_the_page_on_checking_shows_what_is_printed(folder: Path) -> None:
    page = (DOCS / "check.md").read_text()
    edit(
        folder / "data/records.csv",
        ("person/brenner-jakob", "Jakob Brener"),
        ("place/lyon", "place/lyom"),
        (",full,", ",ful,"),
    )
    printed = check(folder).stdout
    for block in re.findall(r"```text\n(.*?)```", page, re.S):
        assert block in printed
    (shown,) = re.findall(r"```json\n(.*?)```", page, re.S)
    assert json.loads(shown) in told(folder)
