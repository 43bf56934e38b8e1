"""RDF files as a dataset: as they are, but for blank nodes; and what is said of files that are no RDF."""

from __future__ import annotations

import gzip

import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store

from fonds.errors import BuildError
from fonds.release.dataset import build_dataset
from fonds.release.folder import open_release
from fonds.release.verify import verify
from fonds.settings import Settings

BASE = "https://a.example/"


@pytest.fixture
def load(tmp_path):
    def run(*paths, **given):
        options = {"settings": Settings(), "base": BASE, **given}
        return build_dataset(paths, options.pop("into", tmp_path / "releases"), **options)

    return run


@pytest.fixture
def write(tmp_path):
    def run(name, content):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return run


def quads_of(release):
    return set(Store.read_only(str(release.store)))


ONE = "<http://a/s> <http://a/p> <http://a/o> .\n"

SAME = {
    "nt": ONE,
    "nq": ONE,
    "ttl": "@prefix a: <http://a/> . a:s a:p a:o .",
    "trig": "@prefix a: <http://a/> . { a:s a:p a:o }",
    "n3": "@prefix a: <http://a/> . a:s a:p a:o .",
    "jsonld": '{"@id": "http://a/s", "http://a/p": {"@id": "http://a/o"}}',
    **dict.fromkeys(
        ("rdf", "owl", "xml"),
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a/">'
        '<rdf:Description rdf:about="http://a/s"><a:p rdf:resource="http://a/o"/></rdf:Description></rdf:RDF>',
    ),
}


@pytest.mark.parametrize("ending", [*SAME, *(f"{ending}.gz" for ending in SAME)])
def test_every_syntax_is_read_packed_or_not(load, write, ending):
    release = load(write(f"data.{ending}", SAME[ending.removesuffix(".gz")]))
    (quad,) = quads_of(release)
    assert (quad.subject.value, quad.object.value, quad.graph_name) == (
        "http://a/s",
        "http://a/o",
        DefaultGraph(),
    )
    assert verify(release) == []


def test_the_same_content_has_one_digest_in_every_syntax(load, write, tmp_path):
    digests = {
        load(write(f"{ending}/data.{ending}", text), into=tmp_path / ending).manifest.digest
        for ending, text in SAME.items()
    }
    assert len(digests) == 1


NAMED = f'{ONE}<http://a/s> <http://a/p> "x <y> ." <http://g/1> .\n<http://a/s> <http://a/p> <http://a/o> <http://g/2> .\n'


def test_named_graphs_stay_named_and_the_default_graph_default(load, write):
    release = load(write("data.nq", NAMED))
    assert {str(quad.graph_name) for quad in quads_of(release)} == {"DEFAULT", "<http://g/1>", "<http://g/2>"}
    counts = release.manifest.counts
    assert (counts.public, counts.quads, counts.graphs, counts.records) == (1, 3, 2, 0)
    assert gzip.decompress((release.dumps / "public.nt.gz").read_bytes()) == ONE.encode()
    dump = gzip.decompress((release.dumps / "dataset.nq.gz").read_bytes()).decode()
    assert sorted(dump.splitlines()) == sorted(NAMED.splitlines())
    assert verify(release) == []


def test_union_puts_named_graphs_into_the_default_graph_too(load, write):
    release = load(write("data.nq", NAMED), union=True)
    default = {quad.triple for quad in quads_of(release) if quad.graph_name == DefaultGraph()}
    assert len(default) == 2
    assert release.manifest.counts.public == 2
    assert release.manifest.counts.quads == 3
    assert release.manifest.union
    assert verify(release) == []


BLANK = '<http://a/s> <http://a/p> [ <http://a/q> "v" ; <http://a/r> ( 1 2 ) ] .\n'


@pytest.mark.clause("RDF 1.1 Concepts 3.5")
def test_blank_nodes_get_well_known_identifiers(load, write):
    release = load(write("data.ttl", BLANK))
    terms = {term for quad in quads_of(release) for term in (quad.subject, quad.object)}
    assert not any(isinstance(term, BlankNode) for term in terms)
    assert sum(term.value.startswith(f"{BASE}.well-known/genid/") for term in terms) == 3
    assert verify(release) == []


def test_identifiers_of_blank_nodes_are_the_same_in_every_build(load, write, tmp_path):
    one = load(write("one/data.ttl", BLANK), into=tmp_path / "one")
    two = load(write("two/data.ttl", f"# other labels, other order\n{BLANK}"), into=tmp_path / "two")
    assert one.manifest.digest == two.manifest.digest


def test_one_label_in_two_files_means_two_nodes(load, write):
    release = load(write("a.nt", '_:x <http://a/p> "1" .'), write("b.nt", '_:x <http://a/p> "2" .'))
    assert len({quad.subject for quad in quads_of(release)}) == 2


def test_one_label_in_two_graphs_of_a_file_means_one_node(load, write):
    release = load(
        write("a.nq", '_:x <http://a/p> "1" <http://g/1> .\n_:x <http://a/p> "1" <http://g/2> .\n')
    )
    assert len({quad.subject for quad in quads_of(release)}) == 1


def test_a_blank_graph_name_becomes_an_identifier(load, write):
    (quad,) = quads_of(load(write("a.nq", '<http://a/s> <http://a/p> "1" _:g .')))
    assert quad.graph_name.value.startswith(f"{BASE}.well-known/genid/")


def test_a_folder_gives_its_files_and_leaves_other_xml_alone(load, write, tmp_path):
    write("folder/deep/a.nt", ONE)
    write("folder/b.rdf", SAME["rdf"].replace("http://a/s", "http://a/t"))
    write("folder/letter.xml", "<TEI xmlns='http://www.tei-c.org/ns/1.0'/>")
    write("folder/notes.txt", "nothing")
    assert {quad.subject.value for quad in quads_of(load(tmp_path / "in" / "folder"))} == {
        "http://a/s",
        "http://a/t",
    }


def test_relative_identifiers_are_resolved_against_the_base(load, write):
    (quad,) = quads_of(load(write("a.ttl", "<#me> <p> <x/y> .")))
    assert (quad.subject.value, quad.object.value) == (f"{BASE}#me", f"{BASE}x/y")


@pytest.mark.parametrize(
    ("name", "content", "place", "cause"),
    [
        ("a.ttl", "<http://a/> <http://b/> <http://c/> .\n<http://x> oops", ":2:", "oops"),
        ("a.nt", "<http://a> <http://a> .\n", ":1:23:", "object"),
        ("a.nq", f"{ONE}{ONE}<http://a b> <http://a> <http://a> .\n", ":3:1:", "Invalid IRI"),
        ("a.rdf", "<rdf:RDF>\n<a>\n</rdf:RDF>", ":3:", "mismatched tag"),
        ("a.jsonld", '{"@id": "http://a/",\n ]}', ":2:", "JSON-LD"),
        ("a.ttl", b'<http://a> <http://b> "\xff\xfe" .', ":1:", "UTF-8"),
        ("a.nt.gz", f"{ONE}<http://a> x .\n", ":2:", "N-Triples"),
    ],
)
def test_a_fault_names_file_line_and_cause(load, write, name, content, place, cause):
    path = write(name, content)
    with pytest.raises(BuildError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}{place}")
    assert cause in str(caught.value)


def test_all_faulty_files_are_reported_and_the_old_release_stays(load, write, tmp_path):
    old = load(write("good.nt", ONE))
    with pytest.raises(BuildError) as caught:
        load(write("a.nt", "x"), write("good.nt", ONE), write("b.ttl", "y"))
    assert len(caught.value.faults) == 2
    assert open_release(tmp_path / "releases").folder == old.folder


def test_a_cut_gzip_file_is_a_fault(load, write):
    path = write("a.nt.gz", ONE * 1000)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BuildError, match="no whole gzip file"):
        load(path)
    path.write_bytes(b"no gzip at all")
    with pytest.raises(BuildError, match="no whole gzip file"):
        load(path)


def test_files_that_are_no_rdf_are_refused_with_what_is_expected(load, write, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BuildError) as caught:
        load(write("a.docx", "x"), tmp_path / "nowhere.ttl", tmp_path / "empty")
    text = str(caught.value)
    assert "expected .nq .nt .ttl" in text
    assert "no such file" in text
    assert "no RDF in this folder" in text


TITLED = """
@prefix void: <http://rdfs.org/ns/void#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://a/o> a owl:Ontology ; rdfs:label "An ontology" .
<http://a/d> a void:Dataset ; dct:title "Ein Datensatz"@de, "A dataset of letters"@en .
"""


def test_the_title_is_what_the_data_say(load, write):
    assert load(write("a.ttl", TITLED)).manifest.settings.title == "A dataset of letters"


def test_the_title_is_found_in_a_named_graph(load, write):
    release = load(write("a.trig", TITLED.replace("<http://a/o> a", "<http://g/> { <http://a/o> a") + "}"))
    assert release.manifest.settings.title == "A dataset of letters"


def test_without_a_title_the_file_gives_its_name(load, write):
    assert load(write("letters.v2.nt.gz", ONE)).manifest.settings.title == "letters.v2"


def test_a_title_of_the_settings_wins(load, write):
    assert load(write("a.ttl", TITLED), settings=Settings(title="Ours")).manifest.settings.title == "Ours"


def test_the_catalogue_of_a_dataset_claims_no_licence(load, write):
    release = load(write("a.ttl", TITLED))
    catalogue = rdflib.Graph().parse(data=release.catalogue.read_bytes(), format="turtle")
    assert not list(catalogue.subject_objects(rdflib.DCTERMS.license))
    assert not list(catalogue.subject_objects(rdflib.DCTERMS.rights))
    dataset = rdflib.URIRef(f"{release.manifest.base}dataset#dataset")
    assert [str(each) for each in catalogue.objects(dataset, rdflib.VOID.triples)] == ["5"]


def test_an_unchanged_dataset_keeps_its_release(load, write):
    path = write("a.nq", NAMED)
    first = load(path)
    assert load(path).folder == first.folder
    assert load(path, union=True).folder != first.folder


def test_an_empty_file_is_a_dataset_without_triples(load, write):
    release = load(write("a.nt", ""))
    assert release.manifest.counts.quads == 0
    assert verify(release) == []


def test_literals_come_out_as_they_went_in(load, write):
    words = 'tab\t, quote ", backslash \\, line\nfeed, return\r, emoji 😀, \x01'
    path = write("a.nt", f'<http://a/s> <http://a/p> "{words.encode("unicode_escape").decode()}" .'.replace('quote "', 'quote \\"')
                 .replace("\\x01", "\\u0001"))  # fmt: skip
    (quad,) = quads_of(load(path))
    assert isinstance(quad.object, Literal)
    assert "emoji 😀" in quad.object.value
    assert NamedNode("http://a/p") == quad.predicate


@pytest.mark.clause("RDF 1.2 Concepts 3.4.2")
def test_a_triple_term_is_kept_and_its_blank_nodes_are_named(load, write):
    path = write(
        "a.nt", '<http://a/s> <http://a/p> <<( _:x <http://a/q> "v" )>> .\n_:x <http://a/q> <http://a/o> .'
    )
    release = load(path)
    (term,) = (quad.object for quad in quads_of(release) if quad.subject == NamedNode("http://a/s"))
    (subject,) = (quad.subject for quad in quads_of(release) if quad.object == NamedNode("http://a/o"))
    assert term.subject == subject
    assert subject.value.startswith(f"{BASE}.well-known/genid/")
    assert verify(release) == []
