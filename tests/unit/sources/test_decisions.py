"""The table of decisions: what is wrong in it is told with its line, and what it says is done to what was read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fonds.model import Origin, Reference
from fonds.reconciliation.decisions import Decision, Verdict
from fonds.sources.decisions import COLUMNS, add_decision, remove_decision

from .conftest import FILES, Publish

PATH = "data/reconciliation.csv"
HEAD = ",".join(COLUMNS) + "\n"
HOLM, WEISS = Reference("person", "holm"), Reference("person", "weiss")
PERSONS = "key,label,identified\nholm,Maria Holm,yes\nholm-m,M. Holm,yes\nnobody,A stranger,no\nweiss,Anna Weiss,yes\n"
SAME = "person/holm,person/holm-m,same,A. Archivist,2026-11-27,the same hand,0.9\n"


def told(publish: Publish, rows: str, **files: str) -> list[str]:
    table = {"data/authorities/persons.csv": PERSONS, PATH: HEAD + rows}
    return [str(fault) for fault in publish({**table, **files}).faults]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("holm,person/holm-m,same,A,2026-11-27,x,", "thing: found 'holm', expected a kind (event, group, holding,"),
        ("type/x,person/holm,same,A,2026-11-27,x,", "thing: found 'type/x', expected a kind"),
        ("person/holm,place/brno,same,A,2026-11-27,x,", "person/holm and place/brno are of two kinds"),
        ("person/holm,person/holm-m,yes,A,2026-11-27,x,", "decision: found 'yes', expected same, different, undecided"),
        ("person/holm,person/holm-m,same,,2026-11-27,x,", "who is empty; say who decided, or write undecided"),
        ("person/holm,person/holm-m,different,A,,x,", "day is empty; say when"),
        ("person/holm,person/holm-m,same,A,2026-11-27,,", "ground is empty; say why"),
        ("person/holm,person/holm-m,same,A,yesterday,x,", "day: found 'yesterday', expected a day"),
        ("person/holm,person/holm-m,same,A,2026-11-27,x,97", "score: found '97', expected a number from 0 to 1"),
        ("person/holm,person/holm-x,same,A,2026-11-27,x,",
         "person/holm-x is neither in the data nor in the register; did you mean person/holm-m?"),
        ("person/holm,person/nobody,same,A,2026-11-27,x,", "person/nobody is not identified"),
        ("person/holm,person/holm,same,A,2026-11-27,x,", "the same as itself"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_told_with_its_line(publish: Publish, row: str, said: str) -> None:
    faults = told(publish, "\n" + row + "\n")
    assert len(faults) == 1
    assert faults[0].startswith(f"{PATH}:3: ")
    assert said in faults[0]


def test_rows_that_are_undecided_need_no_ground_and_change_nothing(publish: Publish) -> None:
    read = publish(
        {"data/authorities/persons.csv": PERSONS, PATH: HEAD + "person/holm,person/holm-m,undecided,,,,\n"}
    )
    assert read.faults == ()
    assert Reference("person", "holm-m") in read.authorities


def test_what_is_the_same_is_one_thing_and_its_names_stay_with_their_source(publish: Publish) -> None:
    letter = FILES["data/documents/letter.xml"]
    assert isinstance(letter, str)
    read = publish(
        {
            "data/authorities/persons.csv": PERSONS,
            PATH: HEAD + SAME,
            "data/documents/letter.xml": letter.replace('ref="person:holm"', 'ref="person:holm-m"'),
        }
    )
    assert read.faults == ()
    assert Reference("person", "holm-m") not in read.authorities
    (merged,) = read.authorities[HOLM].merged
    assert (merged.label, merged.origin) == ("M. Holm", Origin("data/authorities/persons.csv", 3))
    mention = read.records[0].text.mentions[1]
    assert (mention.target, mention.form) == (HOLM, "Frau Holm")
    (given_up,) = read.to_give_up
    assert (str(given_up.reference), given_up.status, given_up.replaced_by, given_up.changed, given_up.reason) == (
        "person/holm-m", "merged", (HOLM,), "2026-11-27", "the same hand",
    )  # fmt: skip
    assert given_up.reference not in read.to_mint


def test_the_register_and_the_decisions_have_to_agree(publish: Publish) -> None:
    head = "kind,key,minted,status,replaced_by,reason\n"

    def faults(row: str) -> list[str]:
        return told(publish, SAME, **{"data/register.csv": head + row})

    assert faults("person,holm-m,2026-01-01,active,,\n") == []
    assert faults("person,holm-m,2026-01-01,merged,holm,x\n") == []
    assert (
        "person/holm-m became person/weiss by the register (line 2)"
        in faults("person,holm-m,2026-01-01,merged,weiss,x\n")[0]
    )
    assert (
        "person/holm-m is withdrawn by the register (line 2)"
        in faults("person,holm-m,2026-01-01,withdrawn,,x\n")[0]
    )


def test_a_part_does_not_become_its_own_whole(publish: Publish) -> None:
    places = "key,label_en,broader\nbrno,Brno,moravia\nmoravia,Moravia,\n"
    row = "place/brno,place/moravia,same,A,2026-11-27,x,\n"
    (fault,) = told(publish, row, **{"data/authorities/places.csv": places})
    assert "place/brno would be a part of itself; mend its broader" in fault


def test_what_could_not_be_read_is_not_said_to_be_missing(publish: Publish) -> None:
    row = "person/holm,person/broken-x,different,A,2026-11-27,x,\n"
    faults = told(publish, row, **{"data/documents/broken.xml": "<TEI>"})
    assert [fault for fault in faults if fault.startswith(PATH)] == []


# ------------------------------------------------------------------------------------------------ writing


def decision(thing: str, other: str, verdict: Verdict = Verdict.SAME) -> Decision:
    return Decision(
        thing=Reference("person", thing), other=Reference("person", other), verdict=verdict, who="A", day="2026-11-27",
        ground='so it is, "they" say',
    )  # fmt: skip


def test_a_decision_is_added_replaced_and_taken_out_and_other_rows_stay_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / PATH
    old = '\ufeffthing,other,decision,who,day,ground\r\nperson/x,person/y,different,B,2026-01-01,"two\r\nlines"\r\n'
    path.write_bytes(old.encode())
    add_decision(tmp_path, decision("a", "b"))
    added = path.read_bytes().decode()
    assert added == old + 'person/a,person/b,same,A,2026-11-27,"so it is, ""they"" say"\r\n'
    add_decision(tmp_path, decision("b", "a", Verdict.DIFFERENT))
    assert path.read_bytes().decode().startswith(old + "person/b,person/a,different,")
    assert len(list(csv.reader(path.open(encoding="utf-8-sig", newline="")))) == 3
    remove_decision(tmp_path, decision("a", "b").pair)
    assert path.read_bytes().decode() == old


def test_the_first_decision_makes_the_table(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    add_decision(tmp_path, decision("a", "b"))
    lines = (tmp_path / PATH).read_text().splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[1].startswith("person/a,person/b,same,A,")
