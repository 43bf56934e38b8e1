"""The letters as a correspondence index: each rule of CMIF 1.1, by its documentation and its customisation of TEI."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from pyoxigraph import RdfFormat, Store

from fonds.cli import main
from fonds.release.cmif import CMIF, UNKNOWN, date_attributes, edition_id, write_cmif
from fonds.release.folder import Release
from fonds.settings import Settings
from fonds.sources.cmif import CmifSource
from fonds.vocabulary import DCTERMS, FV
from fonds.web import create_app
from tests.conftest import opened
from tests.second.conftest import BASE
from tests.unit.web.conftest import asker

TEI = "{http://www.tei-c.org/ns/1.0}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
NS = {"t": TEI[1:-1]}


@pytest.fixture(scope="module")
def index(second: Release) -> etree._Element:
    return etree.fromstring((second.folder / CMIF).read_bytes())


def found(index: etree._Element, path: str) -> list[etree._Element]:
    elements: list[etree._Element] = index.findall(path, NS)
    return elements


def names(elements: list[etree._Element]) -> list[str]:
    return [str(each.tag).removeprefix(TEI) for each in elements]


@pytest.mark.clause("CMIF titleStmt")
def test_the_index_has_a_title_and_a_contact(index: etree._Element) -> None:
    (statement,) = found(index, ".//t:titleStmt")
    assert names(list(statement)) == ["title", "editor"]
    assert all(each.text for each in statement)


@pytest.mark.clause("CMIF publicationStmt")
def test_publisher_address_day_and_licence_follow_each_other(index: etree._Element) -> None:
    (statement,) = found(index, ".//t:publicationStmt")
    assert names(list(statement)) == ["publisher", "idno", "date", "availability"]
    publisher, idno, date, availability = statement
    assert [each.text for each in publisher] == ["The tests of fonds"]
    assert (idno.get("type"), idno.text) == ("url", f"{BASE}cmif.xml")
    assert len(date.get("when", "")) == len("2026-11-28")
    assert date.text is None
    (licence,) = availability
    assert licence.get("target") == "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.clause("CMIF sourceDesc/bibl")
def test_the_edition_is_online_and_has_a_uuid_that_never_changes(index: etree._Element) -> None:
    (bibl,) = found(index, ".//t:sourceDesc/t:bibl")
    name = bibl.get(XML_ID, "")
    assert bibl.get("type") == "online"
    assert uuid.UUID(name).version == 5
    assert name[0].isalpha()
    assert name == edition_id(BASE) == "e5a9700a-7038-5eec-92bb-4d37b0fb45aa"
    assert {each.get("source") for each in found(index, ".//t:correspDesc")} == {f"#{name}"}


@pytest.mark.clause("CMIF correspDesc")
def test_each_letter_is_there_once_with_its_permanent_address(index: etree._Element) -> None:
    letters = found(index, "t:teiHeader/t:profileDesc/t:correspDesc")
    assert [each.get("ref") for each in letters] == [
        f"{BASE}id/record/brenner-1901-03",
        f"{BASE}id/record/marchand-1901",
    ]


@pytest.mark.clause("CMIF correspAction")
def test_a_letter_is_sent_and_received_by_somebody_with_nothing_else_in_it(index: etree._Element) -> None:
    for letter in found(index, ".//t:correspDesc"):
        assert [each.get("type") for each in letter] == ["sent", "received"]
        for action in letter:
            held = names(list(action))
            assert set(held) <= {"persName", "orgName", "placeName", "date"}
            assert set(held) & {"persName", "orgName"}
            assert not (action.text or "").strip()


@pytest.mark.clause("CMIF 1.1 Encoding uncertainty")
def test_what_an_editor_concluded_says_so(index: etree._Element) -> None:
    first, second = found(index, ".//t:correspDesc")
    (place,) = found(first, ".//t:placeName")
    assert (place.text, place.get("cert"), place.get("evidence")) == ("Altwasser", "low", "conjecture")
    (date,) = found(second, ".//t:date")
    assert dict(date.attrib) == {"when": "1901", "cert": "low", "evidence": "conjecture"}
    (stated,) = found(second, ".//t:placeName")
    assert dict(stated.attrib) == {}


@pytest.mark.clause("CMIF correspAction/date")
@pytest.mark.parametrize(
    ("edtf", "attributes"),
    [
        ("1901-03-05", {"when": "1901-03-05"}),
        ("1901?", {"when": "1901", "cert": "low"}),
        ("1901-03/1901-04", {"from": "1901-03", "to": "1901-04"}),
        ("../1901", {"notAfter": "1901"}),
        ("[1901-03-05,1901-03-07]", {"notBefore": "1901-03-05", "notAfter": "1901-03-07"}),
        ("-0043", {}),
        ("in spring", {}),
    ],
)
def test_dates_are_days_months_and_years_of_four_digits(edtf: str, attributes: dict[str, str]) -> None:
    assert date_attributes(edtf) == attributes


def test_what_was_written_is_read_again_as_the_same_letters(second: Release) -> None:
    readings = list(CmifSource(folder=second.folder).parse((second.folder / CMIF).read_bytes(), "cmif.xml"))
    assert [each.faults for each in readings if each.faults] == []
    records = [each.record for each in readings if each.record]
    assert [each.title.text for each in records] == [
        "Letter of Jakob Brenner to Élise Marchand, 1901-03/1901-04",
        "Letter of Élise Marchand to Jakob Brenner, 1901",
    ]


def test_the_index_has_an_address_and_is_told_of(second: Release) -> None:
    with opened(second, prefixes={}) as store:
        ask = asker(create_app(second, store, second.manifest.settings))
        reply = ask("/cmif.xml")
        assert (reply.status, reply.headers["content-type"]) == (200, "application/xml")
        assert reply.body == (second.folder / CMIF).read_bytes()
        for page in ("/dataset", "/help/programs"):
            assert "cmif.xml" in ask(page, "text/html").text


def test_letters_that_somebody_elses_index_lists_are_not_ours_to_list(tmp_path: Path) -> None:
    store = Store()
    base, crm = "https://a.example/", "http://www.cidoc-crm.org/cidoc-crm/"
    letters = "".join(
        f"<{base}id/record/{key}/sending> <{FV.sender.value}> <{base}id/person/a> ; "
        f"<{crm}P16_used_specific_object> <{base}id/record/{key}> . "
        for key in ("ours", "theirs")
    )
    listed = f"<{base}id/record/theirs> <{DCTERMS.isReferencedBy.value}> <{base}id/work/index> ."
    store.load(f"{letters}{listed}".encode(), format=RdfFormat.TURTLE)
    settings = Settings(publisher="A")
    assert write_cmif(tmp_path, store, settings, base, "2026-11-28") == 1
    assert [
        each.get("ref") for each in found(etree.parse(tmp_path / CMIF).getroot(), ".//t:correspDesc")
    ] == [f"{base}id/record/ours"]


def publication(folder: Path, *, rows: str, settings: str) -> Path:
    (folder / "data/authorities").mkdir(parents=True)
    (folder / "fonds.toml").write_text(f'base = "https://letters.example/"\n{settings}')
    (folder / "data/records.csv").write_text(
        f"key,title,date,creator,destinatario,sent from,sent to,language,reference code\n{rows}"
    )
    (folder / "data/authorities/persons.csv").write_text("key,label\naldana,Remedios <Aldana>\n")
    (folder / "data/authorities/groups.csv").write_text("key,label\ncomite,Comité de Defensa\n")
    (folder / "data/authorities/places.csv").write_text("key,label_es,label_en\nteruel,Teruel,Teruel (en)\n")
    (folder / "data/authorities/matches.csv").write_text(
        "thing,iri,ground,source,checked,accepted_by\n"
        "person/aldana,http://www.wikidata.org/entity/Q456,g,s,2026-11-28,A. A.\n"
        "person/aldana,https://d-nb.info/gnd/118540238,g,s,2026-11-28,A. A.\n"
        "place/teruel,https://sws.geonames.org/3108126/,g,s,2026-11-28,A. A.\n"
        "group/comite,https://viaf.org/viaf/1,nobody has looked,,,\n"
    )
    return folder


def exported(folder: Path) -> tuple[int, str]:
    built = CliRunner().invoke(main, ["build", str(folder)])
    assert built.exit_code == 0, built.output
    done = CliRunner().invoke(
        main, ["export", str(folder), "--to", "cmif", "--into", str(folder / "index.xml")]
    )
    return done.exit_code, done.output


ROW = 'carta-1,Carta,14 de agosto de 1936,person/aldana,group/comite | Bernabé,place/teruel,Zaragoza,es,"Caja 4, núm. 11"\n'
OPEN = 'languages = ["es"]\npublisher = "Archivo"\ncontact = "a@archivo.example"\n[rights]\ndata = "https://creativecommons.org/licenses/by/4.0"\n'


@pytest.mark.thorough
def test_letters_of_a_table_are_an_index(tmp_path: Path) -> None:
    folder = publication(tmp_path / "p", rows=f"{ROW}carta-2,Otra,,,person/aldana,,,es,\n", settings=OPEN)
    assert exported(folder)[0] == 0
    index = etree.parse(folder / "index.xml").getroot()
    (email,) = found(index, ".//t:editor/t:email")
    assert email.text == "a@archivo.example"
    (licence,) = found(index, ".//t:licence")
    assert licence.get("target") == "https://creativecommons.org/licenses/by/4.0/"
    first, second = found(index, ".//t:correspDesc")
    assert first.get("key") == "Caja 4, núm. 11"
    said = [
        (str(each.tag).removeprefix(TEI), each.text, dict(each.attrib)) for action in first for each in action
    ]
    assert said == [
        ("persName", "Remedios <Aldana>", {"ref": "https://d-nb.info/gnd/118540238"}),
        ("placeName", "Teruel", {"ref": "https://sws.geonames.org/3108126/"}),
        ("date", None, {"when": "1936-08-14"}),
        ("orgName", "Comité de Defensa", {}),
        ("persName", "Bernabé", {}),
        ("placeName", "Zaragoza", {}),
    ]
    assert [each.text for each in second.iter(f"{TEI}persName")] == [UNKNOWN, "Remedios <Aldana>"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("rows", "settings", "words"),
    [
        (
            "carta-1,Carta,1936,person/aldana,,,,es,\n",
            OPEN,
            "has no letters, that is, no record that says to whom it was sent",
        ),
        ("carta-1,Carta,1936,person/aldana,,,,es,\n", "", "has no letters, that is"),
        (ROW, "", "publisher is empty; name to whom the index is attributed"),
        (
            ROW,
            'publisher = "A"\n[rights]\ndata = "Ask us"\n',
            "data under [rights] is 'Ask us'; an index is CC BY 4.0 or CC0",
        ),
    ],
)
def test_without_letters_or_an_open_licence_there_is_no_index_and_words_say_why(
    tmp_path: Path, rows: str, settings: str, words: str
) -> None:
    code, output = exported(publication(tmp_path / "p", rows=rows, settings=settings))
    assert code == 1
    assert words in output
    assert not (tmp_path / "p/index.xml").exists()
