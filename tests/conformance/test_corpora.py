"""Real collections of TEI, built with a few lines of ``fonds.toml`` and counted at the endpoint: the numbers of ``expected.json``.

What is counted otherwise there than here is said where it is compared; ``docs/encoding.md`` explains it.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from lxml import etree

from tests.conftest import BASE, Site, serving

CORPORA = Path(__file__).parents[3] / "shared/corpora"
VOLUMES = ("frus1961-63v06", "frus1964-68v14")

Count = Callable[[str], int]

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the shared corpora are not at {CORPORA}"),
]


def published(folder: Path, settings: str, *sources: Path) -> Path:
    """Build a publication of these files and folders; return the release."""
    from fonds.release.publication import build_publication

    documents = folder / "data/documents"
    documents.mkdir(parents=True)
    for source in sources:
        (shutil.copytree if source.is_dir() else shutil.copy)(source, documents / source.name)
    (folder / "fonds.toml").write_text(f'inference = "none"\n{settings}', encoding="utf-8")
    return build_publication(folder, base=BASE).folder


@pytest.fixture(scope="session")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Both volumes in one publication."""
    settings = '[[collections]]\nname = "frus"\nlanguage = "en"\n'
    files = [CORPORA / name / f"{name}.xml" for name in VOLUMES]
    with serving(published(tmp_path_factory.mktemp("volumes"), settings, *files), base=BASE) as site:
        yield site


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Records of a family, one a file, with registers beside them."""
    settings = '[[collections]]\nname = "lehndorff"\nlanguage = "de"\n'
    folders = [CORPORA / "lebenswelten-sample" / each for each in ("Dokumente", "Register")]
    with serving(published(tmp_path_factory.mktemp("records"), settings, *folders), base=BASE) as site:
        yield site


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Letters that each list the persons they name, by the numbers of one authority file."""
    settings = '[[collections]]\nname = "pmb"\nids = "collection"\n'
    folder = CORPORA / "tei-letters-small/schnitzler"
    with serving(published(tmp_path_factory.mktemp("letters"), settings, folder), base=BASE) as site:
        yield site


def rows(site: Site, query: str) -> list[dict[str, str]]:
    """Return the solutions of a query at the endpoint."""
    answer = site.get(f"sparql?query={quote(query)}", "application/sparql-results+json")
    assert answer.status == 200, answer.text
    found = json.loads(answer.text)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def number(site: Site, pattern: str, what: str = "?x") -> int:
    """Return how many different things a pattern finds."""
    (row,) = rows(site, f"SELECT (COUNT(DISTINCT {what}) AS ?n) WHERE {{ {pattern} }}")
    return int(row["n"])


def expected(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((CORPORA / name / "expected.json").read_text(encoding="utf-8"))
    return loaded


def slug(identifier: str) -> str:
    return identifier.lower().replace("_", "-")


# -- volumes ----------------------------------------------------------------------------------------------------------


def test_the_report_of_a_build_has_the_expected_numbers_too(tmp_path: Path) -> None:
    from fonds.release.counting import Counts, counts_of
    from fonds.settings import Collection, Settings
    from fonds.sources.publication import read_publication

    documents = tmp_path / "data/documents"
    documents.mkdir(parents=True)
    wanted: Counter[str] = Counter()
    for name in VOLUMES:
        shutil.copy(CORPORA / name / f"{name}.xml", documents)
        wanted.update({key: each for key, each in expected(name)["counts"].items() if isinstance(each, int)})
    counts = Counts()
    collection = Collection(name="frus", files=["data/documents/*.xml"], language="en")
    for record in read_publication(tmp_path, Settings(collections=(collection,))).records:
        counts.add(counts_of(record))
    found = {
        "documents": counts.records,
        "documents_dated": counts.records - counts.dates["words"] - counts.dates["none"],
        "documents_with_sender": counts.with_sender,
        "documents_with_recipient": counts.with_recipient,
        "page_breaks_in_documents": counts.pages,
        "notes": counts.notes["footnote"] + counts.notes["source-note"],
        "gaps_bracketed": counts.gaps["redacted"],
    }
    assert found == {each: wanted[each] for each in found}


def test_both_volumes_are_one_publication_of_455_records(volumes: Site) -> None:
    assert number(volumes, "?x a rico:Record") == 455


@pytest.mark.parametrize("name", VOLUMES)
def test_documents_of_a_volume_and_what_they_say_are_counted(volumes: Site, name: str) -> None:
    counts = expected(name)["counts"]
    document = f"?x a rico:Record ; dcterms:isPartOf work:{name}"
    sending = f"{document} . ?s crm:P2_has_type t:sending ; crm:P16_used_specific_object ?x"
    found = {
        "documents": number(volumes, document),
        "documents_dated": number(volumes, f"{document} ; dcterms:created ?day"),
        "documents_with_place": number(
            volumes, f"{document} ; crm:P94i_was_created_by/crm:P7_took_place_at ?place"
        ),
        "documents_with_sender": number(volumes, f"{sending} ; fv:sender ?who"),
        "documents_with_recipient": number(volumes, f"{sending} ; fv:recipient ?who"),
        "notes": number(
            volumes,
            f"{document} . VALUES ?type {{ t:footnote t:editorial-note t:source-note }} "
            "?n crm:P106i_forms_part_of ?x ; crm:P2_has_type ?type",
            "?n",
        ),
        "page_breaks_in_documents": number(
            volumes, f"{document} . ?p a fv:PageBreak ; dcterms:isPartOf ?x", "?p"
        ),
        # Of the bracketed words only what was withheld is counted there; here also what editors left out or could not hear.
        "gaps_bracketed": number(
            volumes, f"{document} . ?g fv:lacuna_in ?x ; fv:lacuna_cause fv:redacted", "?g"
        ),
    }
    assert found == {each: counts[each] for each in found}
    with_source = number(volumes, f"{document} ; dcterms:provenance ?n . ?n crm:P2_has_type t:source-note")
    assert with_source == counts["documents_with_source_note"] + counts.get(
        "documents_with_untyped_source_note", 0
    )


@pytest.mark.parametrize("name", VOLUMES)
def test_the_lists_of_a_volume_are_its_own(volumes: Site, name: str) -> None:
    authority = expected(name)["authority"]
    for kind, class_, listed in (("person", "crm:E21_Person", "persons"), ("topic", "skos:Concept", "terms")):
        ours = f'?x a {class_} . FILTER(STRSTARTS(STR(?x), "{BASE}id/{kind}/{name}-"))'
        assert number(volumes, ours) == authority[listed]
    assert (
        number(volumes, '?x a crm:E21_Person . FILTER(STRSTARTS(STR(?x), "' + BASE + 'id/person/"))')
        == 58 + 112
    )


@pytest.mark.parametrize("name", VOLUMES)
def test_mentions_of_a_volume_are_resolved_as_far_as_they_point(volumes: Site, name: str) -> None:
    wanted = expected(name)
    inside = f'FILTER(STRSTARTS(STR(?x), "{BASE}id/record/{name}-"))'
    for tag, counts in wanted["mentions"].items():
        mention = f'?x a fv:Mention ; fv:marked_as "{tag}" . {inside}'
        assert number(volumes, mention) == counts["total"]
        assert number(volumes, f"{mention} ?x fv:mentions ?y") == counts["resolved"]
        unlinked = f"{mention} FILTER NOT EXISTS {{ ?x fv:mentions|fv:pointer ?y }}"
        assert number(volumes, unlinked) == counts["unlinked"]
    named = f'?x a fv:Mention ; fv:marked_as "persName" ; fv:mentions ?who . {inside}'
    assert number(volumes, named, "?who") == wanted["distinct_persons_mentioned"]
    reference = f'?x a fv:Mention ; fv:marked_as "ref" . {inside} OPTIONAL {{ ?x fv:mentions ?to }} OPTIONAL {{ ?x fv:pointer ?p }}'
    here = f'STRSTARTS(STR(?to), "{BASE}id/record/{name}-") || STRSTARTS(?p, "#")'
    internal = number(volumes, f"{reference} FILTER({here})")
    assert internal == wanted["refs"]["internal"]
    assert number(volumes, reference) - internal == wanted["refs"]["cross_volume"]


def test_references_between_the_volumes_lead_to_the_record(volumes: Site) -> None:
    across = (
        "?x a fv:Mention ; fv:mentions ?to . ?to dcterms:isPartOf work:frus1961-63v06 . "
        f'FILTER(STRSTARTS(STR(?x), "{BASE}id/record/frus1964-68v14-"))'
    )
    assert number(volumes, across) == (CORPORA / "frus1964-68v14/frus1964-68v14.xml").read_text(
        encoding="utf-8"
    ).count('target="frus1961-63v06#d')


def test_documents_stand_in_their_order(volumes: Site) -> None:
    (row,) = rows(
        volumes,
        "SELECT ?number ?before ?after ?chapter WHERE { rec:frus1964-68v14-d142 dcterms:identifier ?number ; "
        "rico:directlyFollowsInSequence ?before ; rico:directlyPrecedesInSequence ?after ; "
        "crm:P106i_forms_part_of ?chapter . FILTER(?chapter != work:frus1964-68v14) }",
    )
    record = f"{BASE}id/record/frus1964-68v14-d"
    assert (row["number"], row["before"], row["after"]) == ("142", f"{record}141", f"{record}143")
    assert row["chapter"].startswith(f"{BASE}id/work/frus1964-68v14-ch")


def test_front_matter_keeps_its_words(volumes: Site) -> None:
    (row,) = rows(
        volumes,
        "SELECT ?label ?words WHERE { work:frus1964-68v14-preface rdfs:label ?label ; "
        "crm:P190_has_symbolic_content ?words ; crm:P106i_forms_part_of work:frus1964-68v14 }",
    )
    assert row["label"] == "Preface"
    assert len(row["words"]) > 5000


@pytest.mark.parametrize("name", VOLUMES)
def test_the_sampled_documents_are_as_they_should_be(volumes: Site, name: str) -> None:
    for sample in expected(name)["sample"]:
        key = sample["id"].replace("#", "-")
        assert document_of(volumes, key) == sample_of(sample), key
        persons = {
            (row["who"].rpartition("/")[2], row["name"])
            for row in rows(
                volumes,
                f'SELECT DISTINCT ?who ?name WHERE {{ ?m fv:marked_as "persName" ; fv:mentions ?who . ?who rdfs:label ?name '
                f'FILTER(STRSTARTS(STR(?m), "{BASE}id/record/{key}/")) }}',
            )
        }
        assert persons == {
            (f"{name}-{slug(each['id'])}", each["name"]) for each in sample["persons_mentioned"]
        }


def sample_of(sample: dict[str, Any]) -> dict[str, Any]:
    """Return what is compared of a sampled document."""
    return {
        "title": sample["title"],
        "number": sample["n"],
        "sender": [each["text"] for each in sample["sender"]],
        "recipient": [each["text"] for each in sample["recipient"]],
        "date": sample["date"]["when"][:10] if sample["date"] and "when" in sample["date"] else None,
        "date_text": sample["date_text"] if sample["date"] and "when" in sample["date"] else None,
        "place": sample["place_text"],
        "first_head_note": sample["first_head_note"],
        "notes": sample["notes"],
    }


def document_of(site: Site, key: str) -> dict[str, Any]:
    """Return the same of a record."""
    it = f"rec:{key}"
    (core,) = rows(
        site,
        f"SELECT ?title ?number ?date ?words ?place WHERE {{ {it} dcterms:title ?title ; dcterms:identifier ?number . "
        f"OPTIONAL {{ {it} dcterms:created ?date }} "
        f"OPTIONAL {{ {it} crm:P94i_was_created_by/crm:P4_has_time-span/rdfs:label ?words }} "
        f"OPTIONAL {{ {it} crm:P94i_was_created_by/crm:P7_took_place_at/rdfs:label ?place }} }}",
    )
    notes = rows(
        site,
        f"SELECT ?type ?words WHERE {{ ?n crm:P106i_forms_part_of {it} ; crm:P2_has_type ?type ; oa:start ?at ; "
        "crm:P190_has_symbolic_content ?words . "
        "FILTER(?type IN (t:footnote, t:editorial-note, t:source-note)) } ORDER BY ?at",
    )
    sources = [each["words"] for each in notes if each["type"].endswith("source-note")]

    def side(property_: str) -> list[str]:
        # The words of the heading: those of a mention of whoever it is, or the name alone.
        query = (
            f"SELECT DISTINCT ?who ?form ?at WHERE {{ ?s crm:P16_used_specific_object {it} ; {property_} ?who . "
            f"{{ ?who crm:P2_has_type t:unidentified ; rdfs:label ?form . BIND(0 AS ?at) }} UNION "
            f"{{ ?m fv:mentions ?who ; fv:form ?form ; fv:in_paragraph <{BASE}id/record/{key}/heading> ; oa:start ?at }} }} "
            "ORDER BY ?at"
        )
        found: dict[str, str] = {}
        for row in rows(site, query):
            found.setdefault(row["who"], row["form"])
        return list(found.values())

    return {
        "title": core["title"],
        "number": core["number"],
        "sender": side("fv:sender"),
        "recipient": side("fv:recipient"),
        "date": core.get("date"),
        "date_text": core.get("words"),
        "place": core.get("place"),
        "first_head_note": sources[0] if sources else None,
        "notes": len(notes),
    }


# -- records, one a file, with registers ------------------------------------------------------------------------------


def test_records_and_their_registers_are_counted(records: Site) -> None:
    wanted = expected("lebenswelten-sample")
    counts, authority = wanted["counts"], wanted["authority"]
    record = "?x a rico:Record"
    sending = "?s crm:P2_has_type t:sending ; crm:P16_used_specific_object ?x"
    assert number(records, record) == counts["documents"]
    assert number(records, f"{record} ; dcterms:created ?day") == counts["documents_dated"]
    assert number(records, f"{record} . {sending} ; fv:sender ?who") == counts["documents_with_sender"]
    assert number(records, f"{record} . {sending} ; fv:recipient ?who") == counts["documents_with_recipient"]
    assert number(records, f"{record} . {sending}") == counts["documents_with_correspDesc"]
    steps = "VALUES ?type { t:sending t:receiving t:passing-on } ?x crm:P2_has_type ?type"
    assert number(records, steps) == counts["correspActions"]
    without = f"{record} FILTER NOT EXISTS {{ ?p crm:P106i_forms_part_of ?x ; fv:ordinal ?n }}"
    assert number(records, without) == counts["documents_with_empty_body"]
    shelved = f"{record} ; crm:P128i_is_carried_by/crm:P1_is_identified_by ?mark . ?mark crm:P2_has_type t:call-number"
    # One msIdentifier of the 130 has neither the name of an archive nor a number.
    assert counts["documents_with_msIdentifier"] - number(records, shelved) in (0, 1)
    for kind, listed in (("person", "persons"), ("place", "places"), ("group", "orgs")):
        ours = f'?x rdfs:label ?name FILTER(REGEX(STR(?x), "^{BASE}id/{kind}/lehndorff-[^/]+$"))'
        assert number(records, ours) == authority[listed]
    licence = wanted["licences"]
    for address, documents in licence.items():
        assert (
            number(records, f'GRAPH ?x {{ ?x dcterms:rights ?words }} FILTER(STRENDS(?words, " {address}"))')
            == documents
        )


def test_notes_and_gaps_of_the_records_are_counted(records: Site) -> None:
    counts = expected("lebenswelten-sample")["counts"]
    notes = "VALUES ?type { t:footnote t:editorial-note t:source-note } ?x crm:P2_has_type ?type"
    assert number(records, notes) == counts["notes"]
    assert number(records, "?x fv:lacuna_in ?record") == counts["gap"]


def test_mentions_of_the_records_lead_into_the_registers(records: Site) -> None:
    wanted = expected("lebenswelten-sample")
    kinds = {"person": "person", "place": "place", "org": "group"}
    tags = {"person": "persName", "place": "placeName", "org": "orgName", "other:term": "rs"}
    for name, counts in wanted["mentions"].items():
        mention = f'?x fv:mentions ?y ; fv:marked_as "{tags[name]}"'
        assert number(records, mention) == counts["resolved"] == counts["total"]
        assert number(records, mention, "?y") == wanted["distinct_entities_mentioned"][name]
    # Names in the notes of correspDesc count there, too; here they are words of a remark.
    in_notes = Counter(
        str(each.tag).rpartition("}")[2]
        for path in (CORPORA / "lebenswelten-sample/Dokumente").rglob("*.xml")
        for each in etree.parse(path).iterfind(".//{*}correspDesc/{*}note//*[@key]")
    )
    for name, counts in wanted["correspondence"].items():
        place = "crm:P7_took_place_at" if name == "place" else "fv:sender|fv:recipient"
        types = "t:sending t:receiving t:passing-on" if name == "place" else "t:sending"
        step = f"VALUES ?type {{ {types} }} ?s crm:P2_has_type ?type ; {place} ?y ."
        step += f'FILTER(STRSTARTS(STR(?y), "{BASE}id/{kinds[name]}/lehndorff-"))'
        (row,) = rows(records, f"SELECT (COUNT(*) AS ?n) WHERE {{ {step} }}")
        assert int(row["n"]) == counts["resolved"] - in_notes[tags[name]], name


def test_identifiers_elsewhere_are_published_as_the_registers_state_them(records: Site) -> None:
    wanted = expected("lebenswelten-sample")["external_ids"]
    kinds = {"persons": "person", "places": "place", "orgs": "group"}
    # Malformed ones are told and not published: one address of GeoNames begins with “hhttp”. Of Wikipedia, articles count
    # here, not addresses of pictures and searches. GND numbers in an address of the library itself, without /gnd/, stay as they are.
    apart = {("places", "geonames"): 1, ("orgs", "wikipedia"): 4}
    for listed, schemes in wanted.items():
        for scheme, count in schemes.items():
            type_ = "" if scheme == "any_url" else f"; crm:P2_has_type t:{scheme}"
            stated = (
                f"?x crm:P1_is_identified_by ?i . ?i a crm:E42_Identifier ; rdfs:seeAlso ?address {type_} . "
            )
            stated += f'FILTER(STRSTARTS(STR(?x), "{BASE}id/{kinds[listed]}/lehndorff-"))'
            assert number(records, stated) == count - apart.get((listed, scheme), 0), (listed, scheme)


def test_the_sampled_records_are_as_they_should_be(records: Site) -> None:
    check_samples(records, "lebenswelten-sample", "lehndorff")


# -- letters that list whom they name ---------------------------------------------------------------------------------


def test_letters_are_counted_and_their_lists_are_one(letters: Site) -> None:
    wanted = expected("tei-letters-small")
    counts, authority = wanted["counts"], wanted["authority"]
    assert number(letters, "?x a rico:Record") == counts["documents"]
    assert number(letters, "?x a rico:Record ; dcterms:created ?day") == counts["documents_dated"]
    assert number(letters, "?x fv:sender ?who ; fv:recipient ?other") == counts["documents_with_sender"]
    assert number(letters, "?x a fv:PageBreak") == counts["pb"]
    assert (
        number(letters, "VALUES ?t { t:footnote t:editorial-note } ?x crm:P2_has_type ?t") == counts["notes"]
    )
    kinds = {"persons": "person", "places": "place", "orgs": "group", "works": "work"}
    for listed, kind in kinds.items():
        ours = f'?x rdfs:label ?name FILTER(REGEX(STR(?x), "^{BASE}id/{kind}/pmb-[^/]+$"))'
        assert number(letters, ours) == authority[listed]
    gnd = "?x crm:P1_is_identified_by ?i . ?i crm:P2_has_type t:gnd"
    assert number(letters, gnd) == wanted["external_ids"]["persons"]["gnd"]
    names = {"person": "person", "place": "place", "org": "group", "work": "work"}
    for name, found in wanted["mentions"].items():
        mention = f'?x fv:mentions ?y . FILTER(STRSTARTS(STR(?y), "{BASE}id/{names[name]}/"))'
        assert number(letters, mention) == found["resolved"] == found["total"]
    languages = wanted["languages"]["langUsage"]
    assert number(letters, "?x a rico:Record ; dcterms:language lang:ger") == languages["de-AT"]


def test_the_sampled_letters_are_as_they_should_be(letters: Site) -> None:
    check_samples(letters, "tei-letters-small", "pmb")


def spaced(words: str) -> str:
    """Return words with plain blanks: there one that does not break is a blank, here it is a sign of its own."""
    return words.replace("\N{NO-BREAK SPACE}", " ")


def check_samples(site: Site, name: str, collection: str) -> None:
    for sample in expected(name)["sample"]:
        it = f"rec:{slug(sample['id'])}"
        (core,) = rows(
            site,
            f"SELECT ?title ?date ?edtf ?mark WHERE {{ {it} dcterms:title ?title . OPTIONAL {{ {it} dcterms:created ?date }} "
            f"OPTIONAL {{ {it} crm:P94i_was_created_by/crm:P4_has_time-span/fv:edtf ?edtf }} "
            f"OPTIONAL {{ {it} crm:P128i_is_carried_by/crm:P1_is_identified_by ?i . ?i crm:P2_has_type t:call-number ; "
            "rdfs:label ?mark } }",
        )
        date = sample["date_created"] or sample["date_sent"]
        first, last = (date.get(a) or date.get(b) for a, b in (("notBefore", "from"), ("notAfter", "to")))
        assert spaced(core["title"]) == sample["title"]
        assert core["edtf"] == (date.get("when") or f"{first}/{last}"), it
        assert spaced(core.get("mark", "")) in [
            each.replace(" | ", ", ") for each in sample["shelfmark_text"] or [""]
        ]
        for side, property_ in (("sender", "fv:sender"), ("recipient", "fv:recipient")):
            query = (
                f"SELECT DISTINCT ?who WHERE {{ ?s crm:P16_used_specific_object {it} ; {property_} ?who }}"
            )
            ids = {f"{collection}-{slug(each)}" for who in sample[side] for each in who["ids"]}
            assert {row["who"].rpartition("/")[2] for row in rows(site, query)} == ids
        query = (
            "SELECT DISTINCT ?who WHERE { ?m fv:mentions ?who . ?who a crm:E21_Person "
            f'FILTER(STRSTARTS(STR(?m), "{BASE}id/record/{slug(sample["id"])}/")) }}'
        )
        persons = {f"{collection}-{slug(each['id'])}" for each in sample["persons_mentioned"]}
        assert {row["who"].rpartition("/")[2] for row in rows(site, query)} == persons
        if sample["first_paragraph_start"]:
            query = f"SELECT ?words WHERE {{ ?p crm:P106i_forms_part_of {it} ; fv:ordinal 1 ; crm:P190_has_symbolic_content ?words }}"
            words = spaced(rows(site, query)[0]["words"])
            # There the words of a paragraph are without its notes, here with them.
            notes = rows(
                site,
                f"SELECT ?words WHERE {{ ?n crm:P106i_forms_part_of {it} ; crm:P2_has_type t:editorial-note ; "
                "crm:P190_has_symbolic_content ?words }",
            )
            for note in notes:
                words = words.replace(" " + spaced(note["words"]), "")
            # There the beginning of a line is no blank, here it is one.
            begun = "".join(sample["first_paragraph_start"].split())
            assert "".join(words.split()).startswith(begun)


# -- citations --------------------------------------------------------------------------------------------------------


def test_a_document_of_a_volume_is_cited_with_sender_recipient_volume_and_source_note(volumes: Site) -> None:
    (item,) = json.loads(volumes.get("doc/record/frus1961-63v06-d10.csl.json").text)
    volume = "Foreign Relations of the United States, 1961–1963, Volume VI, Kennedy-Khrushchev Exchanges"
    assert item["type"] == "chapter"
    assert item["author"] == [{"family": "Kennedy", "given": "John F."}]
    assert item["recipient"] == [{"family": "Khrushchev", "given": "Nikita S."}]
    assert item["container-title"] == volume
    assert item["note"].startswith("Source: Department of State, Presidential Correspondence: Lot 66 D 204.")
    page = volumes.get("doc/record/frus1961-63v06-d10", "text/html").text
    assert (
        f'John F. Kennedy</bdi> to <bdi>Nikita S. Khrushchev</bdi>, “<bdi lang="en">{item["title"]}' in page
    )
    assert f"in <bdi>{volume}</bdi>" in page


def test_every_document_of_the_volumes_has_a_citation_that_others_read(volumes: Site) -> None:
    import rispy

    keys = [row["x"].rpartition("/")[2] for row in rows(volumes, "SELECT ?x WHERE { ?x a rico:Record }")]
    for key in keys[:: len(keys) // 60]:
        (entry,) = rispy.loads(volumes.get(f"doc/record/{key}.ris").text)
        (item,) = json.loads(volumes.get(f"doc/record/{key}.csl.json").text)
        assert entry["title"] == item["title"]
        assert entry["urls"] == [item["URL"]]


def test_a_letter_is_cited_with_its_shelfmark_and_its_doubtful_date_in_words(letters: Site) -> None:
    (item,) = json.loads(letters.get("doc/record/l00058.csl.json").text)
    assert item["type"] == "personal_communication"
    assert item["issued"] == {"literal": "[1892–1893?]"}
    assert item["archive_location"] == "GB, Cambridge, University Library, Schnitzler, B 8"
    assert "archive" not in item
    assert [each["literal"] for each in item["recipient"]] == ["Schnitzler Arthur"]


# -- search ---------------------------------------------------------------------------------------------------------------

_FACETS_AS_PATTERNS = {
    "person": "{ ?x schema:mentions ?v } UNION { ?x dcterms:creator ?v } ?v a crm:E21_Person "
    'FILTER(CONTAINS(STR(?v), "/id/person/")) BIND(REPLACE(STR(?v), "^.*/", "") AS ?value)',
    "year": "?x dcterms:created ?day BIND(SUBSTR(STR(?day), 1, 4) AS ?value)",
    "gaps": 'BIND(IF(EXISTS { ?gap fv:lacuna_in ?x }, "yes", "no") AS ?value)',
}


@pytest.mark.parametrize("words", ["", "Berlin", "Kosygin Vietnam"])
@pytest.mark.parametrize("facet", _FACETS_AS_PATTERNS)
def test_facets_have_the_numbers_that_the_endpoint_counts(volumes: Site, facet: str, words: str) -> None:
    everything = "" if words else "&statements=yes&statements=no"
    page = volumes.get(f"search?q={quote(words)}{everything}&all={facet}", "text/html")
    assert page.status == 200
    found = {}
    for item in etree.fromstring(page.body, etree.HTMLParser()).iterfind(
        f".//section[@aria-labelledby='facet-{facet}']//li"
    ):
        (value,) = parse_qs(urlsplit(item.find("a").get("href")).query)[facet]
        found[value] = int("".join(filter(str.isdigit, item.find("span").text)))
    filter_ = f'FILTER(fv:matches(?x, "{words}"))' if words else ""
    counted = rows(
        volumes,
        "PREFIX schema: <https://schema.org/> SELECT ?value (COUNT(DISTINCT ?x) AS ?n) "
        f"WHERE {{ ?x a rico:Record . {filter_} {_FACETS_AS_PATTERNS[facet]} }} GROUP BY ?value",
    )
    assert found
    assert found == {row["value"]: int(row["n"]) for row in counted}
