"""Records as Linked Art documents, against what the API's own schemas say."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from referencing import Registry, Resource

from fonds.identifiers import IriSpace
from fonds.views.around import Around
from fonds.views.graph import known
from fonds.views.linked_art import linked_art
from fonds.vocabulary import CRM, RDF, RDFS

HERE = Path(__file__).parent
SCHEMAS = HERE.parents[3] / "shared" / "schemas" / "linked-art"
KEY = "darusenkov-1964-375"


@pytest.fixture(scope="session")
def schemas() -> Registry[Any]:
    if not SCHEMAS.is_dir():
        pytest.skip(
            "the schemas of the Linked Art API are not beside the checkout (shared/schemas/linked-art)"
        )
    contents = [json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")]
    found = [(each["$id"], Resource.from_contents(each)) for each in contents if "$id" in each]
    return Registry().with_resources(found)


def validate(document: dict[str, Any], schemas: Registry[Any]) -> None:
    name = {"HumanMadeObject": "object", "LinguisticObject": "text"}[document["type"]]
    schema = schemas.contents(f"https://linked.art/api/1.0/schema/{name}.json")
    jsonschema.Draft202012Validator(
        schema, registry=schemas, format_checker=jsonschema.FormatChecker()
    ).validate(document)


def expected(name: str) -> dict[str, Any]:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", ["object", "en"])
def test_parts_of_the_first_record_are_the_documents_written_by_hand(
    part: str, triples: list[Triple], iris: IriSpace
) -> None:
    assert linked_art(known(triples), iris.record(KEY, part), iris) == expected(f"{part}.la.json")


@pytest.mark.parametrize("part", ["object", "en", "es", "leaf", None])
@pytest.mark.clause("Linked Art API 1.0: object, text")
def test_documents_are_valid(
    part: str | None, triples: list[Triple], iris: IriSpace, schemas: Registry[Any]
) -> None:
    it = iris.record(KEY, part) if part else iris.record(KEY)
    document = linked_art(known(triples), it, iris)
    assert document is not None
    validate(document, schemas)


def test_the_schema_refuses_a_wrong_document(
    triples: list[Triple], iris: IriSpace, schemas: Registry[Any]
) -> None:
    document = linked_art(known(triples), iris.record(KEY, "en"), iris)
    assert document is not None
    with pytest.raises(jsonschema.ValidationError):
        validate(
            {**document, "translation_of": [{"id": "https://a.example/", "type": "LinguisticObject"}]},
            schemas,
        )


@pytest.mark.parametrize("part", ["object", "en", "es", None])
def test_documents_of_the_release_are_valid(
    part: str | None, first_record: Around, schemas: Registry[Any]
) -> None:
    iris = IriSpace("http://127.0.0.1:8000/")
    it = iris.record(KEY, part) if part else iris.record(KEY)
    document = linked_art(first_record.stated, it, iris)
    assert document is not None
    validate(document, schemas)


def test_what_is_read_of_a_record_is_all_that_the_views_use(first_record: Around, release: Any) -> None:
    iris = IriSpace("http://127.0.0.1:8000/")
    dump = (release.folder / "dumps" / "public.nt.gz").read_bytes()
    languages = release.manifest.settings.languages
    everything = [quad.triple for quad in parse(gunzip(dump), format=RdfFormat.N_TRIPLES)]
    for part in ("object", "en", "es"):
        it = iris.record(KEY, part)
        assert linked_art(first_record.stated, it, iris) == linked_art(known(everything, languages), it, iris)


def gunzip(data: bytes) -> bytes:
    import gzip

    return gzip.decompress(data)


def test_nothing_reported_is_shown(triples: list[Triple], iris: IriSpace) -> None:
    for part in ("object", "en"):
        assert "hinese" not in json.dumps(linked_art(known(triples), iris.record(KEY, part), iris))
    assert linked_art(known(triples), iris.record(KEY, "s17"), iris) is None


def test_no_present_custodian_is_claimed(triples: list[Triple], iris: IriSpace) -> None:
    document = linked_art(known(triples), iris.record(KEY, "object"), iris)
    assert document is not None
    assert not [key for key in document if "custodian" in key or "owner" in key or "location" in key]


def test_order_of_the_input_does_not_matter(triples: list[Triple], iris: IriSpace) -> None:
    it = iris.record(KEY, "object")
    shuffled = random.Random(1).sample(triples, len(triples))
    assert json.dumps(linked_art(known(shuffled * 2), it, iris)) == json.dumps(
        linked_art(known(triples), it, iris)
    )


def test_what_is_missing_is_missing(iris: IriSpace, schemas: Registry[Any]) -> None:
    it = iris.record("bare")
    triples = [
        Triple(it, RDF.type, CRM.E33_Linguistic_Object),
        Triple(it, RDFS.label, Literal("Bare")),
        Triple(it, CRM.P72_has_language, iris.term("language", "tt")),
        Triple(it, CRM.P94i_was_created_by, iris.record("bare", "writing")),
    ]
    document = linked_art(known(triples), it, iris)
    assert document is not None
    assert "created_by" not in document
    assert document["language"] == [{"id": "https://fonds.example/vocab/language/tt", "type": "Language"}]
    validate(document, schemas)


def test_a_thing_without_a_name_has_no_document(iris: IriSpace) -> None:
    it = iris.record("nameless")
    assert linked_art(known([Triple(it, RDF.type, CRM.E33_Linguistic_Object)]), it, iris) is None


def test_labels_come_in_the_language_that_is_wanted(triples: list[Triple], iris: IriSpace) -> None:
    it = iris.record(KEY, "object")
    russian = [*triples, Triple(it, RDFS.label, Literal("Экземпляр № 2", language="ru"))]
    assert linked_art(known(russian, ("ru", "en")), it, iris)["_label"] == "Экземпляр № 2"  # type: ignore[index]
    assert linked_art(known(russian), it, iris)["_label"] == "Copy No 2 of record No 375"  # type: ignore[index]


def test_things_of_others_have_no_page_of_ours(triples: list[Triple]) -> None:
    document = linked_art(
        known(triples),
        NamedNode(f"https://fonds.example/id/record/{KEY}/object"),
        IriSpace("https://b.example/"),
    )
    assert document is not None
    assert "subject_of" not in document
