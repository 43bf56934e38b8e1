"""Compact JSON-LD means what it was made from; two other implementations say so."""

from __future__ import annotations

import gzip
import json
import random
import runpy
from pathlib import Path
from typing import Any

import pytest
import rdflib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyld import jsonld
from pyoxigraph import (
    BaseDirection,
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from fonds.errors import FondsError
from fonds.views.jsonld import Context, compact, read_context
from fonds.vocabulary import CRM, DCTERMS, FV, NAMESPACES, RDF, RDFS, XSD, program_ontology

A, B = NamedNode("https://a.example/a"), NamedNode("https://a.example/b")
CONTEXT = read_context(program_ontology() / "context.jsonld")

# ---------------------------------------------------------------------------------------------- the two oracles


def canonical(quads: Any) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def by_oxigraph(document: bytes) -> Dataset:
    return canonical(parse(document, format=RdfFormat.JSON_LD))


def by_pyld(document: bytes, options: dict[str, Any] | None = None) -> Dataset:
    wanted = {"format": "application/n-quads", **(options or {})}
    return canonical(parse(jsonld.to_rdf(json.loads(document), wanted).encode(), format=RdfFormat.N_QUADS))


# ---------------------------------------------------------------------------------------------- hostile statements

_KNOWN = [
    each for namespace in NAMESPACES for each in namespace.terms.values() if each.value.startswith("http")
]
_IRIS = st.one_of(
    st.sampled_from([A, B]),
    st.integers(0, len(_KNOWN) - 1).map(_KNOWN.__getitem__),
    st.integers(0, len(NAMESPACES) - 1).map(lambda index: NamedNode(NAMESPACES[index].iri)),
    st.sampled_from(
        [
            "lang:x", "schema:name", "crm:E5_Event", "crm://x", "id:x", "urn:uuid:0", "type:", "x:@id", "mailto:a@b.example",
            "http://www.cidoc-crm.org/cidoc-crm///x", "http://www.cidoc-crm.org/cidoc-crm/a/b", "http://a.example/@graph",
            "http://www.cidoc-crm.org/cidoc-crm/@type", "http://www.w3.org/2000/01/rdf-schema#", "http://a.example/é/ж?q=1#ü",
            "http://www.w3.org/2000/01/rdf-schema#label/x", "https://schema.org/name:x", "http://a.example/a%20b/..",
            "https://w3id.org/fonds/ns#-", "https://w3id.org/fonds/ns#.", "http://a.example/_:b0", "http://a.example/./x/../y",
        ]
    ).map(NamedNode),
    st.from_regex(r"[a-z][a-z0-9]{0,4}:[a-zA-Z0-9_.:@/~-]{1,8}", fullmatch=True).map(NamedNode),
)  # fmt: skip
_NODES = _IRIS | st.sampled_from([BlankNode("b0"), BlankNode("b1"), BlankNode("zz")])
# The engine's parser takes no surrogates, and no text of ours has any.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "@id",
        "@none",
        "_:b0",
        "https://a.example/a",
        "crm:E5_Event",
        "1",
        "-0",
        "01",
        "true",
        "1e400",
        "9" * 20,
        "\0",
        "</script>",
    ]
)
_DATATYPES = st.sampled_from(
    [XSD.string, XSD.integer, XSD.boolean, XSD.date, XSD.dateTime, XSD.decimal, FV.edtf, A, RDF.type]
)
_LITERALS = st.one_of(
    st.builds(Literal, _TEXTS),
    st.builds(Literal, _TEXTS, datatype=_DATATYPES),
    st.builds(Literal, _TEXTS, language=st.sampled_from(["en", "en-GB", "ru-Latn", "x-none", "none"])),
)
_QUADS = st.builds(Quad, _NODES, _IRIS, _NODES | _LITERALS, st.just(DefaultGraph()) | _NODES)


@given(st.lists(_QUADS, max_size=12))
@example([Quad(A, RDFS.label, Literal("x", datatype=A)), Quad(A, RDFS.label, Literal("x"))])
@example([Quad(A, RDF.type, Literal("x")), Quad(A, RDF.type, BlankNode("b")), Quad(A, RDF.type, RDF.type)])
@example(
    [Quad(A, DCTERMS.created, Literal("1964")), Quad(A, DCTERMS.created, Literal("1", datatype=XSD.integer))]
)
@example(
    [Quad(A, CRM.P14_carried_out_by, Literal("https://a.example/b")), Quad(A, CRM.P14_carried_out_by, B)]
)
@example(
    [Quad(NamedNode("lang:x"), RDFS.label, Literal("x")), Quad(A, DCTERMS.language, NamedNode("lang:x"))]
)
@example(
    [
        Quad(A, RDFS.label, Literal("x"), A),
        Quad(A, RDFS.label, Literal("y")),
        Quad(B, RDFS.label, Literal("z"), B),
    ]
)
@example([Quad(A, B, Literal("x", language=each)) for each in ("en", "ru")])
@example(
    [
        Quad(A, B, Literal("https://a.example/a")),
        Quad(A, B, A),
        Quad(A, B, Literal("https://a.example/a", datatype=A)),
    ]
)
@settings(deadline=None)
@pytest.mark.clause("JSON-LD 1.1 API 5.1, 8.1")
def test_compact_means_the_statements_it_was_made_from(quads: list[Quad]) -> None:
    document = compact(quads, CONTEXT)
    assert by_oxigraph(document) == canonical(quads)
    assert by_pyld(document) == canonical(quads)


@given(st.lists(_QUADS, max_size=6), st.randoms())
@settings(deadline=None)
def test_order_and_repeats_of_the_input_do_not_matter(quads: list[Quad], chance: random.Random) -> None:
    shuffled = chance.sample(quads * 2, len(quads) * 2)
    assert compact(shuffled, CONTEXT) == compact(quads, CONTEXT)


def test_numbers_that_a_reader_would_change_stay_words() -> None:
    # PyLD writes doubles in its own way, so the engine alone is asked.
    values = [
        *(Literal(each, datatype=NamedNode(XSD.iri + "double")) for each in ("1.0", "INF", "1e3")),
        *(Literal(each, datatype=XSD.integer) for each in ("007", "-0", "+1", "12345678901234567890")),
        *(Literal(each, datatype=XSD.boolean) for each in ("1", "TRUE")),
    ]
    quads = [Quad(A, B, value) for value in values]
    assert by_oxigraph(compact(quads, CONTEXT)) == canonical(quads)


def test_a_direction_of_writing_is_kept() -> None:
    quads = [Quad(A, RDFS.label, Literal("א", language="he", direction=BaseDirection.RTL))]
    assert json.loads(compact(quads, CONTEXT))[RDFS.label.value] == {
        "@language": "he",
        "@value": "א",
        "@direction": "rtl",
    }


def test_a_statement_about_a_statement_is_refused_with_a_way_out() -> None:
    with pytest.raises(FondsError, match="N-Triples"):
        compact([Triple(A, B, Triple(A, B, A))], CONTEXT)


# ---------------------------------------------------------------------------------------------- how it reads


def test_a_thing_reads_as_people_would_write_it() -> None:
    triples = [
        Triple(A, RDF.type, CRM.E5_Event),
        Triple(A, RDFS.label, Literal("Meeting", language="en")),
        Triple(A, RDFS.label, Literal("Встреча", language="ru")),
        Triple(A, RDFS.label, Literal("M")),
        Triple(A, CRM.P14_carried_out_by, B),
        Triple(A, DCTERMS.created, Literal("1964-10-16", datatype=XSD.date)),
        Triple(A, FV.ordinal, Literal("7", datatype=XSD.integer)),
    ]
    assert json.loads(compact(triples, CONTEXT)) == {
        "@context": {
            "@version": 1.1,
            "id": "@id",
            "type": "@type",
            "crm": "http://www.cidoc-crm.org/cidoc-crm/",
            "dcterms": "http://purl.org/dc/terms/",
            "fv": "https://w3id.org/fonds/ns#",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "crm:P14_carried_out_by": {"@type": "@id"},
            "dcterms:created": {"@type": "xsd:date"},
            "rdfs:label": {"@container": "@language"},
        },
        "id": "https://a.example/a",
        "type": "crm:E5_Event",
        "crm:P14_carried_out_by": "https://a.example/b",
        "dcterms:created": "1964-10-16",
        "fv:ordinal": 7,
        "rdfs:label": {"@none": "M", "en": "Meeting", "ru": "Встреча"},
    }


def test_several_subjects_stand_in_a_graph_the_one_asked_for_first() -> None:
    triples = [Triple(A, RDFS.seeAlso, B), Triple(B, RDFS.seeAlso, A)]
    assert [each["id"] for each in json.loads(compact(triples, CONTEXT))["@graph"]] == [A.value, B.value]
    assert [each["id"] for each in json.loads(compact(triples, CONTEXT, first=B))["@graph"]] == [
        B.value,
        A.value,
    ]


def test_a_named_graph_keeps_its_name_and_what_is_said_of_it() -> None:
    quads = [Quad(A, RDFS.seeAlso, A, B), Quad(B, RDFS.label, Literal("graph"))]
    document = json.loads(compact(quads, CONTEXT))
    assert document["@graph"] == [
        {
            "id": B.value,
            "rdfs:label": {"@none": "graph"},
            "@graph": [{"id": A.value, "rdfs:seeAlso": A.value}],
        }
    ]


def test_nothing_is_an_empty_graph() -> None:
    assert by_pyld(compact([], CONTEXT)) == Dataset()
    assert json.loads(compact([], CONTEXT))["@graph"] == []


def test_an_iri_that_looks_like_a_prefix_turns_the_prefix_off() -> None:
    document = json.loads(compact([Triple(NamedNode("dcterms:x"), DCTERMS.title, Literal("t"))], CONTEXT))
    assert "dcterms" not in document["@context"]
    assert document["http://purl.org/dc/terms/title"] == "t"


# ---------------------------------------------------------------------------------------------- the context itself

_ADDRESS = "https://a.example/ns/context/1.jsonld"


def _load_context(url: str, _options: object) -> dict[str, Any]:
    assert url == _ADDRESS
    document = json.loads((program_ontology() / "context.jsonld").read_bytes())
    return {"contextUrl": None, "documentUrl": url, "document": document}


@given(st.lists(_QUADS, max_size=6))
@settings(deadline=None)
def test_with_the_context_at_its_address_a_reader_finds_the_same(quads: list[Quad]) -> None:
    document = compact(quads, CONTEXT, address=_ADDRESS)
    assert by_pyld(document, {"documentLoader": _load_context}) == canonical(quads)


def test_the_context_is_as_its_script_makes_it(publication: Path) -> None:
    script = runpy.run_path(str(publication / "ontology" / "make_context.py"))
    written = (publication / "ontology" / "context.jsonld").read_text(encoding="utf-8")
    assert written == script["written"](), "run: python ontology/make_context.py"


def test_the_context_has_a_prefix_for_every_namespace_that_fonds_writes(context: Context) -> None:
    assert {each.prefix for each in NAMESPACES} <= context.prefixes.keys()


def test_a_context_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "context.jsonld"
    path.write_text(
        '{"@context": {"id": "@id", "type": "@type", "name": {"@id": "https://schema.org/name"}}}'
    )
    with pytest.raises(FondsError, match="make_context"):
        read_context(path)


# ---------------------------------------------------------------------------------------------- the first record


def test_the_whole_release_goes_there_and_back_by_both_readers(release: Any, context: Context) -> None:
    dump = gzip.decompress((release.folder / "dumps" / "dataset.nq.gz").read_bytes())
    quads = list(parse(dump, format=RdfFormat.N_QUADS))
    document = compact(quads, context)
    assert by_oxigraph(document) == canonical(quads)
    assert by_pyld(document) == canonical(quads)
    assert len(document) < len(serialize(quads, format=RdfFormat.JSON_LD) or b"") * 2 / 3


@pytest.mark.thorough
def test_rdflib_reads_the_same_from_it_as_from_the_dump(release: Any, context: Context) -> None:
    dump = gzip.decompress((release.folder / "dumps" / "dataset.nq.gz").read_bytes())
    ours, theirs = rdflib.Dataset(), rdflib.Dataset()
    ours.parse(data=compact(parse(dump, format=RdfFormat.N_QUADS), context).decode(), format="json-ld")
    theirs.parse(data=dump.decode(), format="nquads")
    assert set(ours.quads()) == set(theirs.quads())


def test_a_namespace_itself_is_written_in_full() -> None:
    document = json.loads(compact([Triple(A, RDF.type, NamedNode(RDFS.iri))], CONTEXT))
    assert document["type"] == RDFS.iri


def test_values_of_the_release_need_no_more_words(release: Any, context: Context) -> None:
    """Where a property always has things, dates or texts, its values are plain: the context says what they are."""
    dump = gzip.decompress((release.folder / "dumps" / "public.nt.gz").read_bytes())
    document = json.loads(compact((quad.triple for quad in parse(dump, format=RdfFormat.N_TRIPLES)), context))
    wordy = {
        key
        for node in document["@graph"]
        for key, values in node.items()
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, dict) and {"id", "@value"} & value.keys()
    }
    assert wordy <= WORDY, wordy


WORDY = {
    "dcterms:accessRights", "dcterms:created", "dcterms:date", "dcterms:provenance", "dcterms:rights", "dcterms:source",
    "dcterms:subject",
}  # fmt: skip
"""Dates that are not days; things here and words there."""
