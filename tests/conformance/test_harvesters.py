"""Ten thousand records, harvested over HTTP by programs that others wrote: sickle, and oaipmh-scythe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from oaipmh_scythe import Scythe
from sickle import Sickle
from sickle.oaiexceptions import BadArgument, CannotDisseminateFormat, IdDoesNotExist, NoRecordsMatch

from fonds.release.publication import build_publication
from tests.conftest import Site, serving

pytestmark = pytest.mark.thorough

RECORDS = 10_000
TOML = """title = "Many records"
contact = "archive@a.example"
[edm]
data_provider = "The archive"
provider = "The aggregator"
rights_statement = "http://rightsstatements.org/vocab/CNE/1.0/"
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("many")
    (folder / "data/authorities").mkdir(parents=True)
    (folder / "fonds.toml").write_text(TOML)
    (folder / "data/authorities/groups.csv").write_text("key,label\narchive,Archive\n")
    (folder / "data/authorities/holdings.csv").write_text(
        "key,label,code,level,broader,keeper\n"
        "best-1,Best. 1,Best. 1,fonds,,group/archive\nbest-1-2,Nr. 2,Nr. 2,file,best-1,group/archive\n"
    )
    rows = (
        f"r-{number:05},Record {number} & <more>,{'best-1-2' if number % 4 == 0 else ''}"
        for number in range(RECORDS)
    )
    (folder / "data/records.csv").write_text("\n".join(("key,title,holding", *rows, "")))
    release = build_publication(folder, base="https://many.example/")
    with serving(release.folder, base="https://many.example/") as site:
        yield site


def test_sickle_harvests_everything(many: Site) -> None:
    sickle = Sickle(f"{many.url}oai")
    assert sickle.Identify().deletedRecord == "persistent"
    assert [each.metadataPrefix for each in sickle.ListMetadataFormats()] == ["oai_dc", "edm"]
    sets = {each.setSpec: each.setName for each in sickle.ListSets()}
    assert sets["holding:best-1"] == "Best. 1"
    titles = {
        each.header.identifier: each.metadata["title"][0]
        for each in sickle.ListRecords(metadataPrefix="oai_dc", set="kind:record")
    }
    assert len(titles) == RECORDS
    assert titles["https://many.example/id/record/r-00007"] == "Record 7 & <more>"
    headers = [each.identifier for each in sickle.ListIdentifiers(metadataPrefix="edm", set="holding:best-1")]
    assert len(headers) == len(set(headers)) == RECORDS // 4
    everything = [each.identifier for each in sickle.ListIdentifiers(metadataPrefix="oai_dc")]
    assert len(everything) == len(set(everything)) == RECORDS + 3


def test_sickle_understands_faults(many: Site) -> None:
    sickle = Sickle(f"{many.url}oai")
    with pytest.raises(CannotDisseminateFormat):
        sickle.ListRecords(metadataPrefix="marc21")
    with pytest.raises(IdDoesNotExist):
        sickle.GetRecord(metadataPrefix="oai_dc", identifier="https://many.example/id/record/none")
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(**{"metadataPrefix": "oai_dc", "until": "1999-01-01"})
    with pytest.raises(BadArgument):
        sickle.ListRecords(metadataPrefix="oai_dc", until="yesterday")


def test_sickle_harvests_by_forms(many: Site) -> None:
    sickle = Sickle(f"{many.url}oai", http_method="POST")
    assert len(list(sickle.ListIdentifiers(metadataPrefix="edm", set="holding"))) == RECORDS // 4


def test_scythe_harvests_everything(many: Site) -> None:
    with Scythe(f"{many.url}oai") as scythe:
        found = [each.header.identifier for each in scythe.list_records(metadata_prefix="edm")]
        assert len(found) == len(set(found)) == RECORDS
        record = scythe.get_record(
            identifier="https://many.example/id/record/r-00042", metadata_prefix="oai_dc"
        )
        assert record.metadata["title"] == ["Record 42 & <more>"]
        assert scythe.identify().granularity == "YYYY-MM-DDThh:mm:ssZ"
        assert "kind:record" in [each.setSpec for each in scythe.list_sets()]
