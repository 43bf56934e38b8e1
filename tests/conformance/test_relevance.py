"""What people look for comes first: questions whose best answer is known, over the shared corpora and the first record together.

Whoever asks has read the document, or its title. The mean reciprocal rank is one over the place at which the document comes, on
average; what is not among the first twenty counts nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import pytest

from fonds.search.asking import read_question
from fonds.search.finding import Asked, SearchIndex
from tests.conformance.test_corpora import CORPORA, VOLUMES
from tests.conftest import BASE

pytestmark = pytest.mark.thorough

LEAST = 0.9
_FIRST = "darusenkov-1964-375"
_FIRST_RECORD = {
    # USERS.md 7.1.1 and 7.1.11.
    "Darusenkov": _FIRST,
    "Дарусенков": _FIRST,
    "Guevara resignation": _FIRST,
    "f. 5 op. 49 d. 758": _FIRST,
    "ф. 5, оп. 49, д. 758": _FIRST,
    "F.5/49/758": _FIRST,
    "1964-10-16": _FIRST,
    "1964-10-27": _FIRST,
    "Daroussenkov": _FIRST,
    "Гевара": _FIRST,
}
_EARLIER, _LATER = VOLUMES
_OF_VOLUMES = {
    "Benny Goodman concert": f"{_EARLIER}-d45",
    "joint weather satellite system": f"{_EARLIER}-d41",
    "space vehicle to Venus congratulations": f"{_EARLIER}-d5",
    "conquest of the cosmos": f"{_EARLIER}-d13",
    "Khrushchev telephoned from Sochi": f"{_EARLIER}-d113",
    "9 November 1960": f"{_EARLIER}-d1",
    "26 October 1962": f"{_EARLIER}-d65",
    "Svetlana visa New Delhi": f"{_LATER}-d205",
    "T-39 training aircraft East Germany": f"{_LATER}-d9",
    "Telephone Conversation Former President Eisenhower": f"{_LATER}-d237",
    '"Main Trends in Soviet Military Policy"': f"{_LATER}-d241",
    "performing arts groups negotiations": f"{_LATER}-d333",
    "condemned the invasion of Czechoslovakia": f"{_LATER}-d289",
    "dictatorial oligarchy": f"{_LATER}-d265",
    '"visa war"': f"{_LATER}-d149",
    "Llewellyn Thompson presented his credentials": f"{_LATER}-d193",
    "Khrushchev forced out health age": f"{_LATER}-d61",
    "Pravda legitimacy of new leadership": f"{_LATER}-d57",
    "troika jubilee": f"{_LATER}-d253",
    "Katzenbach chancery site": f"{_LATER}-d161",
    "viscerally sympathetic Bowles": f"{_LATER}-d165",
}
_OF_A_FAMILY = {
    "Ricarda Huch": "lehndorff-uy5-j41-dy",
    "Zeitungsbericht Chemnitz 2009": "lehndorff-fff-43m-xdb",
    "Handfeste Surwille": "lehndorff-it5-4jc-43b",
    "Wundlacken": "lehndorff-olq-3qg-s3b",
    "Wasserversorgung Pumpen": "lehndorff-vpz-kft-xcb",
    "Möbeltransport 24. Oktober 1914": "lehndorff-db3-wkt-xcb",
    "Mobeltransport 12. Oktober 1914": "lehndorff-d5y-gjt-xcb",
    "Mitgift Eulenburg": "lehndorff-vsd-151-zhb",
    "Hindenburg an Carol Graf von Lehndorff": "lehndorff-jwq-qjg-j1b",
    "Hitler an Keitel": "lehndorff-vkk-fwv-rz",
    "Treckbericht": "lehndorff-k3q-11h-jfb",
    "Münzsammlung": "lehndorff-ipv-vvj-fbb",
    "Stiftung Mädchenwaisenhaus": "lehndorff-r14-wrz-2y",
    "Hellmuth Stieff Wolfsschanze": "lehndorff-rq1-rrv-rz",
    "1683-04-10": "lehndorff-gdg-trf-s3b",
    "Zeugnis Roßleben": "lehndorff-nzw-3ml-xdb",
    "Obstbau Jacobson": "lehndorff-ptw-lwh-my",
    "Siebert an Otto Kümmel": "lehndorff-fzt-gny-g1b",
    "Memorial Kirchengebäude Rosengarten": "lehndorff-njr-v4x-gqb",
    "Testamentseröffnung": "lehndorff-bvy-2c2-qz",
    "Fahndungsaufruf": "lehndorff-rz5-vyd-qz",
    "Kabinettsordre Palermo": "lehndorff-dfc-lvz-2y",
    "Marianna Konstantinopel": "lehndorff-n4y-g4f-s3b",
    "Gedicht an Steinort": "lehndorff-urs-wl5-1tb",
    "Sophie Kalnein": "lehndorff-yzh-r55-2cb",
}
_OF_LETTERS = {
    "Rodenberg": "l00900",
    "7. 3. 1899": "l00900",
    "Hofmannsthal an Schnitzler 1903": "l01319",
    "Olga Schnitzler mit bestem Dank": "l01748",
    "bleibe bis 5 Uhr zu Hause": "l00058",
}


@pytest.fixture(scope="module")
def everything(publication: Path, tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """The index of one publication of them all: that the first record is first says nothing where it is alone."""
    from fonds.release.publication import build_publication

    folder = tmp_path_factory.mktemp("everything")
    data = folder / "data"
    shutil.copytree(publication / "data", data)
    settings = ['inference = "none"']
    if CORPORA.is_dir():
        for name in VOLUMES:
            (data / "frus").mkdir(exist_ok=True)
            shutil.copy(CORPORA / name / f"{name}.xml", data / "frus")
        for each in ("Dokumente", "Register"):
            shutil.copytree(CORPORA / "lebenswelten-sample" / each, data / "lehndorff" / each)
        shutil.copytree(CORPORA / "tei-letters-small/schnitzler", data / "schnitzler")
        settings += [
            '[[collections]]\nname = "frus"\nlanguage = "en"\nfiles = ["data/frus/*.xml"]',
            '[[collections]]\nname = "lehndorff"\nlanguage = "de"\nfiles = ["data/lehndorff/**/*.xml"]',
            '[[collections]]\nname = "pmb"\nids = "collection"\nfiles = ["data/schnitzler/*.xml"]',
        ]
    (folder / "fonds.toml").write_text("\n".join(settings), encoding="utf-8")
    return SearchIndex(build_publication(folder, base=BASE).search)


def _rank(index: SearchIndex, typed: str, best: str) -> int | None:
    found = index.find(Asked(read_question(typed))).hits
    return next((place for place, each in enumerate(found, 1) if each.path == f"record/{best}"), None)


@pytest.mark.parametrize("typed", _FIRST_RECORD)
def test_the_first_record_comes_first(everything: SearchIndex, typed: str) -> None:
    assert _rank(everything, typed, _FIRST) == 1


@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the shared corpora are not at {CORPORA}")
def test_the_best_answer_comes_first_nearly_always(
    everything: SearchIndex, record_property: Callable[[str, object], None]
) -> None:
    questions = _FIRST_RECORD | _OF_VOLUMES | _OF_A_FAMILY | _OF_LETTERS
    assert len(questions) >= 40
    ranks = {typed: _rank(everything, typed, best) for typed, best in questions.items()}
    mean = fmean(1 / rank if rank else 0.0 for rank in ranks.values())
    record_property("mean reciprocal rank", f"{mean:.3f}")
    missed = {typed: rank for typed, rank in ranks.items() if rank != 1}
    print(f"mean reciprocal rank of {len(questions)} questions: {mean:.3f}; not first: {missed}")
    assert mean >= LEAST, missed
