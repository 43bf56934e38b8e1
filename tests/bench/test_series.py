"""The made-up series is what its writer says: counted at the endpoint of a release, and without a fault."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from fonds.release.build_report import Level
from fonds.release.publication import build_publication, check_publication
from tests.bench.building import change_a_word
from tests.bench.document import STEPS, Least, milliseconds
from tests.bench.series import SIZES, write_series
from tests.bench.switching import change_words
from tests.conftest import BASE, Site, serving

_DOCUMENT = "?x a rico:Record"
_SENDING = f"{_DOCUMENT} . ?s crm:P2_has_type t:sending ; crm:P16_used_specific_object ?x"
_INSIDE = f'FILTER(STRSTARTS(STR(?x), "{BASE}id/record/series-"))'
_NOTES = "VALUES ?type { t:footnote t:editorial-note t:source-note } ?x crm:P2_has_type ?type ; crm:P106i_forms_part_of ?y"
_VOLUME = len(f"{BASE}id/record/series-v0001")
_REFERENCE = (
    f'?x fv:marked_as "ref" . {_INSIDE} OPTIONAL {{ ?x fv:mentions ?to }} OPTIONAL {{ ?x fv:pointer ?pointer }} '
    f"BIND(SUBSTR(STR(?x), 1, {_VOLUME}) = SUBSTR(STR(?to), 1, {_VOLUME}) AS ?same)"
)
_PATTERNS = {
    "volumes": f'?x a crm:E73_Information_Object . FILTER(REGEX(STR(?x), "^{BASE}id/work/series-v[0-9]+$"))',
    "documents": _DOCUMENT,
    "dated": f"{_DOCUMENT} ; dcterms:created ?day",
    "placed": f"{_DOCUMENT} ; crm:P94i_was_created_by/crm:P7_took_place_at ?place",
    "sent": f"{_SENDING} ; fv:sender ?who",
    "addressed": f"{_SENDING} ; fv:recipient ?who",
    "sourced": f"{_DOCUMENT} ; dcterms:provenance ?note . ?note crm:P2_has_type t:source-note",
    "persons": f'?x a crm:E21_Person . FILTER(STRSTARTS(STR(?x), "{BASE}id/person/series-"))',
    "terms": f'?x a skos:Concept . FILTER(STRSTARTS(STR(?x), "{BASE}id/topic/series-"))',
    "persName": f'?x fv:marked_as "persName" . {_INSIDE}',
    "unresolved persName": f'?x fv:marked_as "persName" . {_INSIDE} FILTER NOT EXISTS {{ ?x fv:mentions ?who }}',
    "gloss": f'?x fv:marked_as "gloss" . {_INSIDE}',
    "unresolved gloss": f'?x fv:marked_as "gloss" . {_INSIDE} FILTER NOT EXISTS {{ ?x fv:mentions ?what }}',
    "lost": '?x a fv:Mention ; fv:pointer ?pointer . FILTER(CONTAINS(?pointer, "_lost"))',
    "notes": f"{_NOTES} . ?y a rico:Record",
    "pages": "?x a fv:PageBreak",
    "withheld": "?x fv:lacuna_in ?record ; fv:lacuna_cause fv:redacted",
    "illegible": "?x fv:lacuna_in ?record ; fv:lacuna_cause fv:illegible",
    "attachments": '?x crm:P190_has_symbolic_content "Attachment" ; crm:P106i_forms_part_of ?y . ?y a rico:Record',
    "within": f'{_REFERENCE} FILTER(?same || STRSTARTS(?pointer, "#"))',
    "across": f"{_REFERENCE} FILTER(!?same)",
    "out": f'{_REFERENCE} FILTER(STRSTARTS(?pointer, "other-"))',
}


@pytest.fixture(scope="module", params=SIZES)
def series(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, Site, Counter[str]]]:
    """A series of each size, served, and what its writer says that it holds."""
    folder = tmp_path_factory.mktemp("series")
    counts = write_series(folder, 70, size=request.param, documents_per_volume=30, seed=3)
    with serving(build_publication(folder, base=BASE).folder, base=BASE) as site:
        yield request.param, folder, site, counts


@pytest.mark.thorough
def test_the_endpoint_counts_what_was_written(series: tuple[str, Path, Site, Counter[str]]) -> None:
    size, _, site, counts = series
    assert counts.keys() <= _PATTERNS.keys()
    assert size == "short" or all(counts[each] for each in _PATTERNS)
    assert {each: _number(site, pattern) for each, pattern in _PATTERNS.items()} == {
        each: counts[each] for each in _PATTERNS
    }


def _number(site: Site, pattern: str) -> int:
    query = f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"
    answer = site.get(f"sparql?query={quote(query)}", "application/sparql-results+json")
    assert answer.status == 200, answer.text
    return int(json.loads(answer.text)["results"]["bindings"][0]["n"]["value"])


@pytest.mark.thorough
def test_a_series_is_without_faults_and_each_lost_pointer_is_told(
    series: tuple[str, Path, Site, Counter[str]],
) -> None:
    _, folder, _, counts = series
    told = check_publication(folder).told
    assert {each.level for each in told} <= {Level.WARNING}
    assert all("_lost" in each.message for each in told)
    assert len(told) == counts["lost"]


def test_the_same_numbers_give_the_same_bytes_and_a_longer_series_begins_like_a_shorter_one(
    tmp_path: Path,
) -> None:
    write_series(tmp_path / "one", 50, documents_per_volume=20)
    write_series(tmp_path / "same", 50, documents_per_volume=20)
    write_series(tmp_path / "longer", 60, documents_per_volume=20)
    write_series(tmp_path / "other", 50, documents_per_volume=20, seed=2)
    one, same, longer, other = (_bytes(tmp_path / each) for each in ("one", "same", "longer", "other"))
    assert one == same
    assert one[:2] == longer[:2]
    assert not set(one) & set(other)


def _bytes(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in sorted(folder.rglob("*.xml"))]


@pytest.mark.parametrize("size", SIZES)
def test_a_changed_word_is_one_of_a_document(tmp_path: Path, size: str) -> None:
    write_series(tmp_path, 4, size=size)
    [before] = _bytes(tmp_path)
    change_a_word(tmp_path)
    [after] = _bytes(tmp_path)
    start = next(at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    assert after == before[:start] + b"anew " + before[start:]
    assert before[:start].rpartition(b'type="document"')[2].count(b"</div>") == 0


def test_each_step_of_a_document_is_timed(tmp_path: Path) -> None:
    write_series(tmp_path, 4)
    found = milliseconds(tmp_path, rounds=2)
    assert set(found) == set(STEPS)
    assert all(0 < found[step] < 1000 for step in STEPS)


def test_the_least_time_counts() -> None:
    least = Least()
    assert [least.of("a", "1", sum, range(most)) for most in (300_000, 3)] == [44999850000, 3]
    assert least.seconds["a", "1"] < 0.001


def test_as_many_documents_as_wanted_are_changed_in_all_volumes(tmp_path: Path) -> None:
    write_series(tmp_path, 30, size="short", documents_per_volume=10)
    volumes = sorted((tmp_path / "data/documents").glob("*.xml"))
    before = [each.read_text() for each in volumes]
    assert change_words(tmp_path, 7) == 7
    after = [each.read_text() for each in volumes]
    assert [now.count("<p>anew ") for now in after] == [3, 2, 2]
    assert [now.replace("<p>anew ", "<p>") for now in after] == before
