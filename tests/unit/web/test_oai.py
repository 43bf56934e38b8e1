"""``/oai``: verbs, faults and lists of OAI-PMH 2.0, and harvests during which one release follows another."""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fonds.cli import main
from fonds.errors import ReleaseError
from fonds.pack import PackWriter
from fonds.release import harvest, harvesting
from fonds.release.folder import Release, open_release
from fonds.release.harvest import Harvest
from fonds.release.keeping import releases_of, roll_back
from fonds.release.publication import build_publication
from fonds.web import oai
from fonds.web.edge import Edge
from fonds.web.server import application_of
from tests.unit.web.conftest import Ask, Reply, asker
from tests.unit.web.test_changes import BASE, letter, persons

SCHEMAS = Path(__file__).parents[4] / "shared" / "schemas" / "oai-pmh"
NS = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "edm": "http://www.europeana.eu/schemas/edm/",
}
EDM = """
[edm]
data_provider = "The archive"
provider = "The aggregator"
rights_statement = "http://rightsstatements.org/vocab/CNE/1.0/"
"""
HOLDINGS = (
    "key,label,code,level,broader,keeper\nbest-1,Best. 1,Best. 1,fonds,,group/archive\n"
    "best-1-2,Nr. 2,Nr. 2,file,best-1,group/archive\n"
)


def build(folder: Path) -> Release:
    return build_publication(folder)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of four letters, one of them withdrawn since and one changed."""
    folder = tmp_path_factory.mktemp("harvested")
    (folder / "data/documents").mkdir(parents=True)
    (folder / "data/authorities").mkdir()
    (folder / "fonds.toml").write_text(
        f'title = "<Letters> & more"\ndescription = "Made for a test."\nbase = "{BASE}"\ncontact = "archive@a.example"\n{EDM}'
    )
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes")
    for number in (1, 2, 3, 4):
        letter(folder, number, "Heute.")
    build(folder)
    letter(folder, 1, "Gestern.")
    (folder / "data/documents/letter-3.xml").unlink()
    arguments = ["register", "withdraw", "record/letter-3", "--reason", "the family asked for it"]
    main([*arguments, "--publication", str(folder)], standalone_mode=False)
    build(folder)
    return folder


@pytest.fixture(scope="module")
def edge(life: Path) -> Iterator[Edge]:
    edge = application_of(open_release(life))
    yield edge
    edge.close()


@pytest.fixture(scope="module")
def ask(edge: Edge) -> Ask:
    return asker(edge)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema | None:
    path = SCHEMAS / "OAI-PMH.xsd"
    return etree.XMLSchema(file=str(path)) if path.exists() else None


@dataclass
class Answer:
    """An answer of the protocol, checked for what all have in common."""

    root: etree._Element
    verb: str = ""
    codes: list[str] = field(default_factory=list)

    def all(self, path: str) -> list[str]:
        values = self.root.xpath(path, namespaces=NS)
        assert isinstance(values, list)
        return [each if isinstance(each, str) else each.text or "" for each in values]

    @property
    def token(self) -> str:
        return next(iter(self.all("//o:resumptionToken")), "")


ORDER = {
    "Identify": ["repositoryName", "baseURL", "protocolVersion", "adminEmail", "earliestDatestamp", "deletedRecord",
                 "granularity", "compression", "compression", "description"],
    "record": ["header", "metadata"],
    "header": ["identifier", "datestamp"],
    "metadataFormat": ["metadataPrefix", "schema", "metadataNamespace"],
    "set": ["setSpec", "setName"],
}  # fmt: skip


def read(reply: Reply) -> Answer:
    """Read an answer, holding it against the clauses that every answer has to keep."""
    assert reply.status == 200
    # OAI-PMH 2.0, 3.1.2.1
    assert reply.headers["content-type"] == "text/xml;charset=utf-8"
    assert reply.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    root = etree.fromstring(reply.body)
    assert root.tag == f"{{{NS['o']}}}OAI-PMH"
    date, request, *rest = root
    assert [etree.QName(each).localname for each in (date, request)] == ["responseDate", "request"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", date.text or "")
    assert request.text == f"{BASE}oai"
    codes = [each.get("code", "") for each in rest if etree.QName(each).localname == "error"]
    assert len(rest) == max(1, len(codes))
    if {"badVerb", "badArgument"} & set(codes):
        assert not request.attrib
    for name, wanted in ORDER.items():
        for each in root.iter(f"{{{NS['o']}}}{name}"):
            names = [
                etree.QName(child).localname for child in each if etree.QName(child).localname != "setSpec"
            ]
            shown = wanted if name != "set" else wanted[1:]
            assert names == (shown[:1] if name == "record" and each[0].get("status") else shown)
    for each in root.iter(f"{{{NS['o']}}}metadata"):
        assert len(each) == 1
    return Answer(root, etree.QName(rest[0]).localname, codes)


def query(**arguments: str) -> str:
    return urlencode({name.rstrip("_"): value for name, value in arguments.items()})


def asked(ask: Ask, **arguments: str) -> Answer:
    return read(ask(f"/oai?{query(**arguments)}"))


# ------------------------------------------------------------------------------------------ verbs


def answers(ask: Ask) -> Iterator[Reply]:
    """Yield an answer of each kind."""
    letter_1 = f"{BASE}id/record/letter-1"
    for arguments in (
        {"verb": "Identify"},
        {"verb": "ListMetadataFormats"},
        {"verb": "ListMetadataFormats", "identifier": letter_1},
        {"verb": "ListSets"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "metadataPrefix": "edm"},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": letter_1},
        {"verb": "GetRecord", "metadataPrefix": "edm", "identifier": letter_1},
        {"verb": "ListRecords", "metadataPrefix": "none"},
        {"verb": "nothing"},
        {},
    ):
        yield ask(f"/oai?{urlencode(arguments)}")


@pytest.mark.clause("OAI-PMH 2.0, 3.2: XML response format")
def test_every_kind_of_answer_has_the_form_of_the_protocol(ask: Ask) -> None:
    assert [read(each).verb for each in answers(ask)][-2:] == ["error", "error"]


@pytest.mark.clause("OAI-PMH 2.0, XML schema")
def test_every_kind_of_answer_is_valid(ask: Ask, schema: etree.XMLSchema | None) -> None:
    if schema is None:
        pytest.skip(
            "the XML schema of OAI-PMH is not beside the checkout (shared/schemas/oai-pmh/OAI-PMH.xsd)"
        )
    for each in answers(ask):
        schema.assertValid(etree.fromstring(each.body))


@pytest.mark.clause("OAI-PMH 2.0, 4.2")
def test_it_identifies_itself(ask: Ask, edge: Edge) -> None:
    found = asked(ask, verb="Identify")
    assert found.all("//o:repositoryName") == ["<Letters> & more"]
    assert found.all("//o:baseURL") == [f"{BASE}oai"]
    assert found.all("//o:protocolVersion") == ["2.0"]
    assert found.all("//o:adminEmail") == ["archive@a.example"]
    assert found.all("//o:deletedRecord") == ["persistent"]
    assert found.all("//o:granularity") == ["YYYY-MM-DDThh:mm:ssZ"]
    assert found.all("//o:description/oai_dc:dc/dc:title") == ["<Letters> & more"]
    listed = asked(ask, verb="ListIdentifiers", metadataPrefix="oai_dc").all("//o:datestamp")
    assert found.all("//o:earliestDatestamp") == [min(listed)]


@pytest.mark.clause("OAI-PMH 2.0, 4.4")
def test_formats_are_listed_and_for_an_item_those_that_it_has(ask: Ask) -> None:
    prefixes = "//o:metadataPrefix"
    assert asked(ask, verb="ListMetadataFormats").all(prefixes) == ["oai_dc", "edm"]
    record, person = (f"{BASE}id/{each}" for each in ("record/letter-1", "person/weiss"))
    assert asked(ask, verb="ListMetadataFormats", identifier=record).all(prefixes) == ["oai_dc", "edm"]
    assert asked(ask, verb="ListMetadataFormats", identifier=person).all(prefixes) == ["oai_dc"]


@pytest.mark.clause("OAI-PMH 2.0, 4.6; 2.6 Set")
def test_sets_are_listed_and_hold_what_they_say(ask: Ask) -> None:
    specs = asked(ask, verb="ListSets").all("//o:setSpec")
    assert specs == ["kind", "kind:person", "kind:record"]
    for spec in specs:
        found = asked(ask, verb="ListIdentifiers", metadataPrefix="oai_dc", set=spec)
        every = found.all("//o:identifier")
        assert every
        assert spec == "kind" or all(f"/id/{spec.removeprefix('kind:')}/" in each for each in every)
    whole = asked(ask, verb="ListIdentifiers", metadataPrefix="oai_dc").all("//o:identifier")
    assert sorted(whole) == sorted(
        asked(ask, verb="ListIdentifiers", metadataPrefix="oai_dc", set="kind").all("//o:identifier")
    )


@pytest.mark.clause("OAI-PMH 2.0, 4.1")
def test_a_record_is_had_by_its_identifier(ask: Ask) -> None:
    identifier = f"{BASE}id/record/letter-1"
    found = asked(ask, verb="GetRecord", metadataPrefix="oai_dc", identifier=identifier)
    assert found.all("//o:header/o:identifier") == [identifier]
    assert found.all("//dc:title") == ["Brief 1"]
    assert found.all("//dc:creator") == ["Anna Weiss"]
    assert found.all("//dc:identifier") == [identifier]
    found = asked(ask, verb="GetRecord", metadataPrefix="edm", identifier=identifier)
    assert found.all("//edm:dataProvider") == ["The archive"]
    person = asked(ask, verb="GetRecord", metadataPrefix="oai_dc", identifier=f"{BASE}id/person/weiss")
    assert person.all("//dc:title | //dc:type") == ["Anna Weiss", "person"]


@pytest.mark.clause("OAI-PMH 2.0, 2.5.1: deleted records")
def test_what_was_withdrawn_stays_as_deleted(ask: Ask) -> None:
    identifier = f"{BASE}id/record/letter-3"
    for arguments in (
        {"verb": "GetRecord", "identifier": identifier, "metadataPrefix": "oai_dc"},
        {"verb": "GetRecord", "identifier": identifier, "metadataPrefix": "edm"},
        {"verb": "ListRecords", "metadataPrefix": "edm"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "kind:record"},
    ):
        found = asked(ask, **arguments)
        assert found.all("//o:header[@status='deleted']/o:identifier") == [identifier]
        assert found.all("//o:record[o:header/@status='deleted']/o:metadata") == []
    assert asked(ask, verb="ListMetadataFormats", identifier=identifier).codes == ["noMetadataFormats"]


@pytest.mark.clause("OAI-PMH 2.0, 2.7.1: selective harvesting and datestamps")
def test_bounds_are_kept_and_both_belong_to_what_is_asked_for(ask: Ask, life: Path) -> None:
    first, second = Harvest(open_release(life).folder).moments

    def within(**bounds: str) -> list[str]:
        found = asked(ask, verb="ListIdentifiers", metadataPrefix="oai_dc", **bounds)
        return sorted(each.removeprefix(f"{BASE}id/") for each in found.all("//o:identifier")) or found.codes

    assert within(from_=second) == ["record/letter-1", "record/letter-3"]
    assert within(until=first) == ["person/holm", "person/weiss", "record/letter-2", "record/letter-4"]
    assert within(from_=first, until=second) == within()
    after = datetime.datetime.fromisoformat(second) + datetime.timedelta(seconds=1)
    assert within(from_=f"{after:%Y-%m-%dT%H:%M:%SZ}") == ["noRecordsMatch"]
    assert within(until="1999-12-31") == ["noRecordsMatch"]
    assert within(from_=first[:10], until=second[:10]) == within()
    assert within(from_=second, set="kind:person") == ["noRecordsMatch"]


@pytest.mark.clause("OAI-PMH 2.0, 3.1.1: GET and POST")
def test_a_form_is_answered_as_an_address_is(ask: Ask) -> None:
    form = query(verb="GetRecord", metadataPrefix="oai_dc", identifier=f"{BASE}id/record/letter-1")
    type_ = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")]
    posted = read(ask("/oai", method="POST", headers=type_, body=[form[:20].encode(), form[20:].encode()]))
    assert posted.all("//dc:title") == ["Brief 1"]
    # Both count, so one of each in both is one too many.
    twice = read(ask(f"/oai?{form}", method="POST", headers=type_, body=[b"verb=GetRecord"]))
    assert twice.codes == ["badVerb"]
    assert ask("/oai", method="POST", headers=[("content-type", "text/xml")], body=[b"<a/>"]).status == 415
    assert ask("/oai", method="POST", headers=type_, body=[b"x" * 10_000_000]).status == 413
    assert ask("/oai", method="PUT").status == 405
    assert "POST" in ask("/oai", method="OPTIONS").headers["allow"]
    assert ask("/oai?verb=Identify", method="HEAD").raw == b""
    assert ask("/changes", method="POST", headers=type_, body=[b"a=b"]).status == 405


# ------------------------------------------------------------------------------------------ faults

LIST = "verb=ListRecords&metadataPrefix=oai_dc"


@pytest.mark.clause("OAI-PMH 2.0, 3.6: error and exception conditions")
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("metadataPrefix=oai_dc", "badVerb"),
        ("verb=Identify&set=kind", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=x", "badArgument"),
        (f"{LIST}&metadataPrefix=oai_dc", "badArgument"),
        (f"{LIST}&from=2020-01-01&from=2020-01-01", "badArgument"),
        (f"{LIST}&from=2020-01-01&until=2020-01-01T00:00:00Z", "badArgument"),
        (f"{LIST}&from=2020-01-02&until=2020-01-01", "badArgument"),
        (f"{LIST}&from=2020-02-30", "badArgument"),
        (f"{LIST}&from=2020-01-01T00:00:00", "badArgument"),
        (f"{LIST}&from=2020", "badArgument"),
        (f"{LIST}&from=", "badArgument"),
        (f"{LIST}&set=", "badArgument"),
        (f"{LIST}&set=a::b", "badArgument"),
        (f"{LIST}&resumptionToken=abc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=", "badArgument"),
        ("verb=ListSets&set=kind", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=marc21&identifier={BASE}id/record/letter-1", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=edm&identifier={BASE}id/person/weiss", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=oai_dc&identifier={BASE}id/record/letter-9", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:1", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=oai:x:1", "idDoesNotExist"),
        (f"verb=ListMetadataFormats&identifier={BASE}id/record/letter-3", "noMetadataFormats"),
        (f"{LIST}&set=kind:place", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=edm&set=kind:person", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=abc", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=%C3%A9", "badResumptionToken"),
        ("verb=%00&set=%01", "badVerb"),
        ("verb=Identify&%ff=1", "badArgument"),
        ("&".join(f"a{number}=1" for number in range(200)), "badArgument"),
    ],
)  # fmt: skip
def test_faults_have_the_code_of_the_protocol(ask: Ask, sent: str, code: str) -> None:
    found = read(ask(f"/oai?{sent}"))
    assert found.codes == [code]
    assert all(found.all("//o:error"))


@pytest.mark.clause("OAI-PMH 2.0, 4.6: noSetHierarchy")
def test_where_there_is_nothing_there_are_no_sets(tmp_path: Path) -> None:
    (tmp_path / "fonds.toml").write_text(f'base = "{BASE}"\n')
    (tmp_path / "data/documents").mkdir(parents=True)
    edge = application_of(build(tmp_path))
    ask = asker(edge)
    assert asked(ask, verb="ListSets").codes == ["noSetHierarchy"]
    assert asked(ask, verb="ListRecords", metadataPrefix="oai_dc", set="kind").codes == ["noSetHierarchy"]
    assert asked(ask, verb="ListRecords", metadataPrefix="oai_dc").codes == ["noRecordsMatch"]
    assert asked(ask, verb="ListMetadataFormats").all("//o:metadataPrefix") == ["oai_dc"]
    refused = asked(ask, verb="ListRecords", metadataPrefix="edm")
    assert refused.codes == ["cannotDisseminateFormat"]
    assert "edm.data_provider" in refused.all("//o:error")[0]
    (mail,) = asked(ask, verb="Identify").all("//o:adminEmail")
    assert re.fullmatch(r"\S+@(\S+\.)+\S+", mail)
    assert mail.endswith(".invalid")
    edge.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", "set", "from", "until", "identifier", "metadataPrefix", "resumptionToken", "x"]) | st.text(),
            st.sampled_from(["ListRecords", "ListSets", "GetRecord", "oai_dc", "2020-01-01"]) | st.text() | st.binary(),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_whatever_is_asked_the_answer_is_one_of_the_protocol(
    ask: Ask, given_: list[tuple[str, str | bytes]]
) -> None:
    sent = [(name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value)
            for name, value in given_]  # fmt: skip
    read(ask(b"/oai?" + urlencode(sent).encode()))


# ------------------------------------------------------------------------------------------ lists


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai, "_MOST_RECORDS", 2)
    monkeypatch.setattr(oai, "_MOST_IDENTIFIERS", 2)


def harvested(ask: Ask, verb: str = "ListRecords", **arguments: str) -> list[str]:
    """Return the identifiers of a whole list, page by page, in their order."""
    answer = asked(ask, verb=verb, **arguments)
    found: list[str] = []
    sizes = set()
    while True:
        assert not answer.codes
        page = answer.all("//o:header/o:identifier")
        assert page
        for token in answer.root.iter(f"{{{NS['o']}}}resumptionToken"):
            assert token.get("cursor") == str(len(found))
            sizes.add(token.get("completeListSize"))
        found += page
        if not (token_ := answer.token):
            break
        answer = asked(ask, verb=verb, resumptionToken=token_)
    assert sizes <= {str(len(found))}
    return [each.removeprefix(f"{BASE}id/") for each in found]


@pytest.mark.clause("OAI-PMH 2.0, 3.5: flow control")
@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_a_list_is_had_page_by_page(ask: Ask, short_pages: None, verb: str) -> None:
    everything = harvested(ask, verb, metadataPrefix="oai_dc")
    assert sorted(everything) == [
        "person/holm",
        "person/weiss",
        *(f"record/letter-{number}" for number in (1, 2, 3, 4)),
    ]
    assert harvested(ask, verb, metadataPrefix="edm") == [
        each for each in everything if each.startswith("record/")
    ]
    assert harvested(ask, verb, metadataPrefix="oai_dc", set="kind:person") == ["person/holm", "person/weiss"]


def test_long_records_come_a_few_at_a_time(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai, "_MOST_BYTES", 0)
    assert len(asked(ask, verb="ListRecords", metadataPrefix="oai_dc").all("//o:record")) == 1
    assert len(harvested(ask, metadataPrefix="oai_dc")) == 6


def test_a_token_is_of_one_list_only(ask: Ask, short_pages: None) -> None:
    token = asked(ask, verb="ListRecords", metadataPrefix="oai_dc").token
    assert asked(ask, verb="ListIdentifiers", resumptionToken=token).codes == ["badResumptionToken"]
    assert asked(ask, verb="ListSets", resumptionToken=token).codes == ["badResumptionToken"]
    assert asked(ask, verb="ListRecords", resumptionToken=f"{token}x").codes == ["badResumptionToken"]
    # Asked again it gives the same again (3.5.1).
    pages = [asked(ask, verb="ListRecords", resumptionToken=token).all("//o:identifier") for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 7),
        (1, "marc21"),
        (2, "none"),
        (3, "yesterday"),
        (4, "x"),
        (5, -1),
        (6, "2001-01-01T00:00:00Z"),
        (7, "\x00"),
    ],
)
def test_forged_tokens_are_refused(ask: Ask, short_pages: None, place: int, value: object) -> None:
    token = asked(ask, verb="ListRecords", metadataPrefix="oai_dc").token
    parts = json.loads(base64.urlsafe_b64decode(token + "=="))
    parts[place] = value
    forged = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
    assert asked(ask, verb="ListRecords", resumptionToken=forged).codes == ["badResumptionToken"]


def test_sets_are_had_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvesting, "SETS_ON_PAGE", 2)
    (tmp_path / "data/documents").mkdir(parents=True)
    (tmp_path / "data/authorities").mkdir()
    (tmp_path / "fonds.toml").write_text(f'base = "{BASE}"\n')
    persons(tmp_path, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes")
    letter(tmp_path, 1, "Heute.")
    edge = application_of(build(tmp_path))
    ask = asker(edge)
    first = asked(ask, verb="ListSets")
    assert (first.all("//o:setSpec"), bool(first.token)) == (["kind", "kind:person"], True)
    second = asked(ask, verb="ListSets", resumptionToken=first.token)
    assert (second.all("//o:setSpec"), second.token) == (["kind:record"], "")
    assert second.all("//o:resumptionToken/@cursor") == ["2"]
    edge.close()


# ------------------------------------------------------------------------------------------ from release to release


@dataclass
class Publication:
    """Letters that change from release to release."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "data/documents").mkdir(parents=True)
        (self.folder / "data/authorities").mkdir()
        (self.folder / "fonds.toml").write_text(f'base = "{BASE}"\n{EDM}')
        persons(self.folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes")
        for number in range(1, 10):
            letter(self.folder, number, "Heute.")

    def withdraw(self, number: int) -> None:
        (self.folder / f"data/documents/letter-{number}.xml").unlink()
        arguments = ["register", "withdraw", f"record/letter-{number}", "--reason", "asked for"]
        main([*arguments, "--publication", str(self.folder)], standalone_mode=False)


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    return Publication(tmp_path / "publication")


def state_of(answers: list[Answer]) -> dict[str, str]:
    """Return what a harvester holds that read these answers: the text of the metadata, or that there are none any more."""
    held: dict[str, str] = {}
    for answer in answers:
        for record in answer.root.iter(f"{{{NS['o']}}}record"):
            it = record.findtext("o:header/o:identifier", "", NS).removeprefix(f"{BASE}id/")
            metadata = record.find("o:metadata", NS)
            held[it] = "".join(metadata.itertext()) if metadata is not None else "deleted"
    return held


def harvest_while(ask_in_turn: list[Ask], **arguments: str) -> list[Answer]:
    """Harvest to the end, each page from the next release, the last of which stays."""
    answers = [asked(ask_in_turn[0], verb="ListRecords", metadataPrefix="oai_dc", **arguments)]
    turn = 1
    while token := answers[-1].token:
        ask = ask_in_turn[min(turn, len(ask_in_turn) - 1)]
        answers.append(asked(ask, verb="ListRecords", resumptionToken=token))
        assert not answers[-1].codes
        turn += 1
    return answers


@pytest.mark.clause("OAI-PMH 2.0, 3.5: harvests over changes of the repository")
def test_a_harvest_that_meets_new_releases_ends_with_the_newest_state_of_everything(
    publication: Publication, short_pages: None
) -> None:
    folder = publication.folder
    edges = [application_of(build(folder))]
    # One that was sent already, one that is next, one at the end; one that is new, one that goes; and a name that all show.
    for number in (1, 3, 9):
        letter(folder, number, "Anders.")
    letter(folder, 10, "Neu.")
    publication.withdraw(2)
    edges.append(application_of(build(folder)))
    letter(folder, 5, "Noch einmal.")
    publication.withdraw(9)
    edges.append(application_of(build(folder)))
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiß,yes")
    edges.append(application_of(build(folder)))
    asks = [asker(each) for each in edges]
    newest = state_of(harvest_while(asks[-1:]))
    assert sorted(newest) == sorted(
        ["person/holm", "person/weiss", *(f"record/letter-{number}" for number in range(1, 11))]
    )
    assert newest["record/letter-2"] == newest["record/letter-9"] == "deleted"
    assert "Anna Weiß" in newest["record/letter-4"]
    for start in range(3):
        assert state_of(harvest_while(asks[start:])) == newest
    # So does one that comes back later and asks for what changed since.
    (since,) = asked(asks[0], verb="Identify").all("//o:earliestDatestamp")
    held = state_of(harvest_while(asks[:1]))
    held |= state_of(harvest_while(asks[-1:], from_=since))
    assert held == newest
    for edge in edges:
        edge.close()


def test_after_a_rollback_tokens_of_the_release_that_was_taken_back_are_refused(
    publication: Publication, short_pages: None
) -> None:
    folder = publication.folder
    first = application_of(build(folder))
    letter(folder, 1, "Anders.")
    second = application_of(build(folder))
    token = asked(asker(second), verb="ListRecords", metadataPrefix="oai_dc").token
    roll_back(releases_of(folder), None)
    back = application_of(open_release(folder))
    refused = asked(asker(back), verb="ListRecords", resumptionToken=token)
    assert refused.codes == ["badResumptionToken"]
    assert "begin the harvest again" in refused.all("//o:error")[0]
    assert len(harvested(asker(back), metadataPrefix="oai_dc")) == 11
    for edge in (first, second, back):
        edge.close()


def stamps(folder: Path) -> dict[str, str]:
    read_ = Harvest(open_release(folder).folder)
    found = {each.it: read_.moments[each.moment] for each in read_.every()}
    read_.close()
    return found


def changed_by(folder: Path) -> list[str]:
    """Build, and return what bears the moment of the release."""
    build(folder)
    found = stamps(folder)
    latest = Harvest(open_release(folder).folder).moments[-1]
    return sorted(it for it, moment in found.items() if moment == latest)


@pytest.mark.thorough
def test_the_moment_of_an_item_is_that_of_the_release_in_which_its_metadata_changed(
    publication: Publication,
) -> None:
    folder = publication.folder
    build(folder)
    letter(folder, 1, "Anders.")
    assert changed_by(folder) == ["record/letter-1"]
    # A name that the metadata show, and that of somebody who is mentioned in one of them.
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes", "rot,Eva Rot,yes")
    letter(folder, 2, "Heute.", "rot")
    assert changed_by(folder) == ["person/rot", "record/letter-2"]
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiss,yes", "rot,Eva Roth,yes")
    assert changed_by(folder) == ["person/rot", "record/letter-2"]
    persons(folder, "holm,Karl Holm,yes", "weiss,Anna Weiß,yes", "rot,Eva Roth,yes")
    assert changed_by(folder) == ["person/weiss", *(f"record/letter-{number}" for number in range(1, 10))]
    toml = folder / "fonds.toml"
    toml.write_text(toml.read_text().replace("The archive", "Another archive"))
    assert len(changed_by(folder)) == 12


def test_a_term_that_is_called_something_else_changes_what_is_of_that_type(publication: Publication) -> None:
    folder = publication.folder
    types = folder / "data/authorities/types.csv"
    types.write_text("key,label\nletter,letter\nnote,note\n")
    (folder / "data/records.csv").write_text("key,title,types\na,A,letter\nb,B,note\n")
    build(folder)
    types.write_text("key,label\nletter,a letter\nnote,note\n")
    assert changed_by(folder) == ["record/a"]


def test_moments_follow_one_another_whatever_the_clock_says(tmp_path: Path) -> None:
    day = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    moments: tuple[str, ...] = ()
    for issued in (day, day, day - datetime.timedelta(days=1), day + datetime.timedelta(hours=1)):
        harvesting.write_moments(tmp_path, moments, issued, dated=True)
        moments = tuple(json.loads((tmp_path / harvest.MOMENTS).read_bytes()))
    assert moments == (
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:06Z",
        "2026-01-02T03:04:07Z",
        "2026-01-02T04:04:05Z",
    )


def test_a_release_bears_a_moment_that_is_not_before_it_is_served(publication: Publication) -> None:
    folder = publication.folder
    build(folder)
    letter(folder, 1, "Anders.")
    made = Harvest(build(folder).folder)
    assert datetime.datetime.fromisoformat(made.moments[-1]) >= datetime.datetime.now(datetime.UTC)


def test_what_comes_back_is_harvested_again_and_a_set_tells_of_what_left_with_its_holding(
    publication: Publication,
) -> None:
    folder = publication.folder
    (folder / "data/authorities/holdings.csv").write_text(HOLDINGS)
    (folder / "data/authorities/groups.csv").write_text("key,label\narchive,Archive\n")
    records = folder / "data/records.csv"
    records.write_text("key,title,holding\na,A,best-1-2\nb,B,best-1\n")
    build(folder)
    made = Harvest(open_release(folder).folder)
    assert made.item("record/a") == harvest.Item(
        "record/a", 0, ("holding:best-1", "holding:best-1-2", "kind:record")
    )
    assert [made.at(number).it for number in made.numbers("holding:best-1")] == ["record/a", "record/b"]
    assert [made.at(number).it for number in made.numbers("holding:best-1-2")] == ["record/a"]
    records.write_text("key,title,holding\nb,B,best-1\n")
    main(
        ["register", "withdraw", "record/a", "--reason", "lent", "--publication", str(folder)],
        standalone_mode=False,
    )
    build(folder)
    made = Harvest(open_release(folder).folder)
    gone = made.item("record/a")
    assert gone is not None
    assert (gone.deleted, gone.sets) == (True, ("holding:best-1", "holding:best-1-2", "kind:record"))
    assert made.item("record/none") is None


def test_what_the_register_gave_up_before_there_were_releases_is_deleted_too(
    publication: Publication,
) -> None:
    folder = publication.folder
    build(folder)
    publication.withdraw(4)
    release = build_publication(folder, into=folder.with_name("elsewhere"))
    gone = Harvest(release.folder).item("record/letter-4")
    assert gone is not None
    assert gone.deleted


def test_a_head_that_is_damaged_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / harvest.MOMENTS).write_text('["2026-01-02T03:04:05Z"]')
    pack = PackWriter(tmp_path / harvest.HARVEST)
    pack.add([(b"head", b"no JSON")])
    pack.close()
    with pytest.raises(ReleaseError, match=rf"{harvest.HARVEST}: cannot be read .*build the release again"):
        Harvest(tmp_path)
