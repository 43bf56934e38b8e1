"""Tables of authorities: what they become, and what each fault in them is told as."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fonds.model import Origin, Phrase, Reference

from .conftest import Publish

PERSONS = "data/authorities/persons.csv"
Faults = Callable[..., list[str]]


def test_a_row_becomes_an_authority_with_its_names_types_and_place(publish: Publish) -> None:
    table = (
        "key,label,label_en,label_ru,other_names,other_names_en,types,broader,form,definition,identified\n"
        'press,,The Press,Печать,"Pressa | Die Presse",the paper,office,,corporate body,"A house, of sorts.",no\n'
    )
    files = {
        "data/authorities/groups.csv": table,
        "data/authorities/types.csv": "key,label_en\noffice,office\n",
    }
    press = publish(files).authorities[Reference("group", "press")]
    assert press.labels == (Phrase("The Press", "en"), Phrase("Печать", "ru"))
    assert press.other_names == (Phrase("Pressa"), Phrase("Die Presse"), Phrase("the paper", "en"))
    assert (press.types, press.form, press.identified) == (("office",), "corporate body", False)
    assert press.definition == "A house, of sorts."
    assert press.origin == Origin("data/authorities/groups.csv", 2)


def test_holdings_works_and_places_keep_what_only_they_have(publish: Publish) -> None:
    files = {
        "data/authorities/groups.csv": "key,label\narchive,Stadtarchiv\n",
        "data/authorities/holdings.csv": (
            "key,label,code,level,broader,keeper\nf1,Fonds 1,F. 1,fonds,,group/archive\nf1-2,Akte 2,2,file,f1,\n"
        ),
        "data/authorities/works.csv": "key,label_de,creators,form\ndiary,Tagebuch,person/weiss | person/holm,text\n",
        "data/authorities/places.csv": "key,label,latitude,longitude\nbrno,Brno,49.19,16.61\n",
    }
    read = publish(files)
    assert read.faults == ()
    file = read.authorities[Reference("holding", "f1-2")]
    assert (file.code, file.level, file.broader) == ("2", "file", Reference("holding", "f1"))
    assert read.authorities[Reference("holding", "f1")].keeper == Reference("group", "archive")
    diary = read.authorities[Reference("work", "diary")]
    assert diary.creators == (Reference("person", "weiss"), Reference("person", "holm"))
    assert read.authorities[Reference("place", "brno")].coordinates == (49.19, 16.61)


@pytest.mark.parametrize(
    "header",
    [
        "ID,Name,Other forms of name",
        "key,prefLabel,alternative_names",
        "slug,authorized form of name,Variants",
    ],
)
def test_a_column_has_other_names_too(publish: Publish, header: str) -> None:
    read = publish({PERSONS: f"{header}\nholm,Maria Holm,\nweiss,Anna Weiss,A. W.\n"})
    assert read.faults == ()
    weiss = read.authorities[Reference("person", "weiss")]
    assert (weiss.labels, weiss.other_names) == ((Phrase("Anna Weiss"),), (Phrase("A. W."),))


def test_two_names_of_one_column_are_a_fault(faults: Faults) -> None:
    assert f"{PERSONS}:1: the columns 'label' and 'Name' mean the same" in faults(
        {PERSONS: "key,label,Name\nweiss,A,B\n"}
    )


def test_a_byte_order_mark_and_windows_line_ends_are_read(publish: Publish) -> None:
    table = b'\xef\xbb\xbfkey,label,identified\r\nholm,Maria Holm,yes\r\nweiss,"Anna\r\nWeiss",yes\r\n'
    read = publish({PERSONS: table})
    assert read.faults == ()
    assert read.authorities[Reference("person", "weiss")].origin.line == 3


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("key,lable,identified\nweiss,A,yes\n", ":1:2: unknown column 'lable'; did you mean label?"),
        ("key,label,shoe size\nweiss,A,38\n", ":1:3: unknown column 'shoe size'; known here: definition, identified, key,"),
        ("label,identified\nA,yes\n", ":1: the column 'key' is missing"),
        ("key,label,label\nweiss,A,B\n", ":1: the column 'label' is there twice"),
        ("key,identified\nweiss,yes\n", ":1: has no column for labels: label, or label_en"),
        ("", ":1: is empty; expected a first row with the columns key"),
        ("key,label,identified\nweiss,A\n", ":2: the row has 2 cells, expected 3 (key, label, identified)"),
        ("key,label\nweiss,A\nholm,B\nweiss,C\n", ":4: the key 'weiss' is there already, in line 2"),
        ("key,label\nA. Weiss,A\n", ":2: key: found 'A. Weiss', expected a-z and 0-9 with single hyphens between"),
        ("key,label\nweiss,\n", ":2: weiss has no label; fill in label"),
        ("key,label,identified\nweiss,A,maybe\n", ":2: identified: found 'maybe', expected yes or no"),
        ("key,label,types\nweiss,A,unidentifed\n", ":2: types: 'unidentifed' is not in data/authorities/types.csv; did you mean unidentified?"),  # noqa: E501
        ('key,label\nweiss,"A\n', ":2: is not CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_fault_in_a_table_is_told_with_line_and_what_to_do(faults: Faults, table: str, fault: str) -> None:
    found = [each for each in faults({PERSONS: table}) if each.startswith(PERSONS)]
    assert any(each.startswith(PERSONS + fault) for each in found), found


@pytest.mark.parametrize(
    ("name", "table", "fault"),
    [
        ("groups", "key,label,broader\na,A,bb\nb,B,\n", ":2: broader: 'bb' is not in data/authorities/groups.csv; did you mean b?"),
        ("groups", "key,label,broader\na,A,b\nb,B,a\n", ":2: broader: a would be a part of itself"),
        ("groups", "key,label,form\na,A,club\n", ":2: form: found 'club'; known here: corporate body"),
        ("holdings", "key,label,level\nf,F,fond\n", ":2: level: found 'fond'; did you mean fonds?"),
        ("holdings", "key,label,keeper\nf,F,archive\n", ":2: keeper: found 'archive', expected a kind and a key, such as 'group/cpsu'"),
        ("holdings", "key,label,keeper\nf,F,group/archive\n", ":2: keeper: 'archive' is not in data/authorities/groups.csv"),
        ("works", "key,label,creators\nw,W,person/weis\n", ":2: creators: 'weis' is not in data/authorities/persons.csv; did you mean weiss?"),  # noqa: E501
        ("places", "key,label,latitude,longitude\nbrno,Brno,91,16\n", ":2: latitude: found '91', expected degrees from -90 to 90"),
        ("places", "key,label,latitude,longitude\nbrno,Brno,49,\n", ":2: longitude: found '', expected degrees from -180 to 180"),
        ("person", "key,label\na,A\n", ": no table has this name; did you mean persons.csv?"),
    ],
)  # fmt: skip
def test_what_one_table_says_of_another_is_checked(faults: Faults, name: str, table: str, fault: str) -> None:
    path = f"data/authorities/{name}.csv"
    found = faults({path: table})
    assert any(each.startswith(path + fault) for each in found), found


def test_a_table_that_is_not_utf8_says_byte_and_line(faults: Faults) -> None:
    table = "key,label\nholm,Maria Holm\nweiss,Änna\n".encode("latin-1")
    assert f"{PERSONS}:3:7: is not UTF-8: byte 0xC4 at position 32 of the file; save it as UTF-8" in faults(
        {PERSONS: table}
    )


def test_all_faults_of_all_tables_come_in_one_run(faults: Faults) -> None:
    found = faults(
        {
            PERSONS: "key,label,identified\nholm,,yes\nweiss,A,perhaps\nweiss,B,yes\n",
            "data/authorities/places.csv": "key,label_en,latitude,longitude\nbrno,Brno,north,16\n",
        }
    )
    assert [each.partition(": ")[0] for each in found if "csv" in each.partition(":")[0]] == [
        "data/authorities/persons.csv:2",
        "data/authorities/persons.csv:3",
        "data/authorities/persons.csv:4",
        "data/authorities/places.csv:2",
    ]


MATCHES = "data/authorities/matches.csv"
HEADER = "thing,iri,ground,source,checked,accepted_by\n"


def test_a_match_nobody_accepted_is_kept_as_a_candidate(publish: Publish) -> None:
    table = (
        HEADER
        + "person/weiss,https://example.org/1,same dates,,,\n"
        + "person/weiss,https://example.org/2,same name and dates,catalogue,2026-01-02,M. K.\n"
    )
    read = publish({MATCHES: table})
    assert read.faults == ()
    weiss = read.authorities[Reference("person", "weiss")]
    assert [(match.iri[-1], match.accepted_by) for match in weiss.matches] == [("1", ""), ("2", "M. K.")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("person/weis,https://a.example/1,why,where,2026-01-02,M", "thing: person/weis is not in data/authorities/persons.csv; did you mean person/weiss?"),  # noqa: E501
        ("weiss,https://a.example/1,why,where,2026-01-02,M", "thing: found 'weiss', expected a kind and a key"),
        ("person/holm,https://a.example/1,why,where,2026-01-02,M", "thing: person/holm is not identified (identified = no)"),
        ("person/weiss,Q5,why,where,2026-01-02,M", "iri: found 'Q5', expected an http or https address"),
        ("person/weiss,https://a.example/<1>,why,where,2026-01-02,M", "iri: found 'https://a.example/<1>', expected"),
        ("person/weiss,https://a.example/1,,where,2026-01-02,M", "ground is empty; say why"),
        ("person/weiss,https://a.example/1,why,,2026-01-02,M", "source is empty; say where it was looked up"),
        ("person/weiss,https://a.example/1,why,where,,M", "checked is empty; give the day of the check"),
        ("person/weiss,https://a.example/1,why,where,2026-02-30,M", "checked: found '2026-02-30', expected a day"),
    ],
)  # fmt: skip
def test_a_faulty_match_is_told(faults: Faults, row: str, fault: str) -> None:
    persons = "key,label,identified\nholm,Maria Holm,no\nweiss,Anna Weiss,yes\n"
    found = faults({PERSONS: persons, MATCHES: HEADER + row + "\n"})
    assert any(each.startswith(f"{MATCHES}:2: {fault}") for each in found), found
