"""Lookups: what has an identifier or a reference, and what a thing is related to, as JSON with links that lead somewhere."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urljoin

import pytest

from fonds.identifiers import NS
from fonds.vocabulary import SKOS
from tests.conftest import BASE
from tests.unit.web.conftest import BASE as DATASET_BASE
from tests.unit.web.conftest import Ask

GUEVARA = f"{BASE}id/person/guevara"
RECORD = f"{BASE}id/record/darusenkov-1964-375"


def found(ask: Ask, lookup: str, value: str, **more: str) -> Any:
    given = "".join(f"&{name}={quote(each, safe='')}" for name, each in more.items())
    reply = ask(f"/lookup/{lookup}?value={quote(value, safe='')}{given}")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json"), reply.text
    assert 'rel="service-desc"' in reply.headers["link"]
    return json.loads(reply.body)


@pytest.mark.parametrize(
    "value",
    [
        GUEVARA,
        "person/guevara",
        "id/person/guevara",
        "/doc/person/guevara",
        f"{BASE}doc/person/guevara",
        "pe:guevara",
        " person/guevara ",
    ],
)
def test_an_identifier_is_known_however_it_is_written(ask_publication: Ask, value: str) -> None:
    thing = found(ask_publication, "identifier", value)["thing"]
    assert (thing["iri"], thing["label"]) == (GUEVARA, "Ernesto Guevara")
    assert thing["types"] == ["http://www.cidoc-crm.org/cidoc-crm/E21_Person"]


def test_every_link_leads_somewhere(ask_publication: Ask) -> None:
    for iri in (GUEVARA, RECORD, f"{RECORD}/shelfmark", "http://www.wikidata.org/entity/Q5809"):
        for statement in [
            {"thing": found(ask_publication, "related", iri)["thing"]},
            *found(ask_publication, "related", iri)["statements"][:12],
        ]:
            for href in statement["thing"]["links"].values():
                target = urljoin("http://x.example/lookup/related", href).removeprefix("http://x.example")
                reply = ask_publication(target.partition("#")[0])
                assert reply.status in (200, 303), (target, reply.text)


@pytest.mark.parametrize("value", ["Q5809", "http://www.wikidata.org/entity/Q5809", "https://www.wikidata.org/entity/Q5809"])  # fmt: skip
def test_an_entry_elsewhere_leads_to_what_is_the_same(ask_publication: Ask, value: str) -> None:
    answer = found(ask_publication, "external", value)
    assert answer["total"] == 1
    (match,) = answer["matches"]
    assert (match["thing"]["iri"], match["property"]) == (GUEVARA, SKOS.exactMatch.value)
    assert match["identifier"] == "http://www.wikidata.org/entity/Q5809"


def test_a_number_that_a_source_states_leads_to_what_it_identifies(ask_publication: Ask) -> None:
    matches = found(ask_publication, "external", "No 375")["matches"]
    assert RECORD in {each["thing"]["iri"] for each in matches}


@pytest.mark.parametrize(
    "value", ["Q5809 ", '" } #', "nothing", "http://www.wikidata.org/entity/Q1", "a b", "�"]
)
def test_what_nothing_has_gives_an_empty_list(ask_publication: Ask, value: str) -> None:
    answer = found(ask_publication, "external", value)
    assert answer["total"] == len(answer["matches"]) == (1 if value.strip() == "Q5809" else 0)


@pytest.mark.parametrize(
    "value", ["f. 5 op. 49 d. 758", "ф. 5, оп. 49, д. 758", "TsKhSD, f. 5, op. 49", "5/49/758"]
)
def test_a_reference_is_found_however_it_is_written(ask_publication: Ask, value: str) -> None:
    answer = found(ask_publication, "shelfmark", value)
    assert [each["thing"]["iri"] for each in answer["records"]] == [RECORD]
    assert answer["records"][0]["reference"] == "TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126"
    assert (answer["total"], answer["next"]) == (1, None)


def test_a_unit_of_the_archive_is_found_by_its_reference(ask_publication: Ask) -> None:
    units = found(ask_publication, "shelfmark", "f. 5, op. 49")["units"]
    assert f"{BASE}id/holding/" in units[0]["thing"]["iri"]


def test_relations_are_read_from_both_ends(ask_publication: Ask) -> None:
    answer = found(ask_publication, "related", "person/guevara")
    assert answer["thing"]["iri"] == GUEVARA
    statements = answer["statements"]
    assert {each["direction"] for each in statements} == {"from", "to"}
    match = next(each for each in statements if each["property"] == SKOS.exactMatch.value)
    assert (match["direction"], match["thing"]["iri"]) == ("from", "http://www.wikidata.org/entity/Q5809")
    assert all(each["property_label"] for each in statements)


def test_long_lists_of_relations_come_page_by_page(ask_publication: Ask) -> None:
    target: str | None = f"/lookup/related?value={quote(f'{NS}Mention', safe='')}"
    seen: list[str] = []
    pages = 0
    while target:
        page = json.loads(ask_publication(target).body)
        seen += [each["thing"]["iri"] for each in page["statements"] if each["direction"] == "to"]
        pages += 1
        target = page["next"] and page["next"].replace("../", "/", 1)
    assert pages == page["pages"] > 1
    assert len(seen) == len(set(seen)) == page["to"]


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("identifier?value=nobody", 404, "“nobody” is no identifier of this publication"),
        ("identifier", 400, "“value” is missing"),
        ("identifier?value=", 400, "“value” is missing"),
        ("identifier?value=a&value=b", 400, "given more than once"),
        ("identifier?valeu=a", 400, "There is no parameter “valeu”; this lookup takes value."),
        ("shelfmark?value=words", 400, "“words” is no reference; write it as the archive does"),
        ("shelfmark?value=f.+5&page=2", 404, "There is no page 2."),
        ("shelfmark?value=f.+5&page=x", 400, "expected the number of a page"),
        ("related?value=http://nobody.example/", 404, "does not occur in these data"),
        ("related?value=person/guevara&page=99", 404, "There is no page 99"),
        (f"external?value={'x' * 3000}", 400, "has 3000 characters"),
        ("external?value=%ff", 400, "cannot be read"),
    ],
)
def test_what_cannot_be_looked_up_is_told(ask_publication: Ask, target: str, status: int, words: str) -> None:
    reply = ask_publication(f"/lookup/{target}")
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert words in json.loads(reply.body)["detail"]


def test_a_client_that_takes_no_json_is_told(ask_publication: Ask) -> None:
    assert ask_publication("/lookup/external?value=Q5809", "text/turtle").status == 406


def test_a_dataset_has_identifiers_and_relations_and_no_references(ask: Ask) -> None:
    thing = found(ask, "identifier", "id/person/ann")["thing"]
    assert thing["iri"] == f"{DATASET_BASE}id/person/ann"
    knows = [
        each for each in found(ask, "related", "person/ann")["statements"] if each["direction"] == "from"
    ]
    assert "https://elsewhere.example/bob" in {each["thing"]["iri"] for each in knows}
    assert ask("/lookup/shelfmark?value=f.+5").status == 404
