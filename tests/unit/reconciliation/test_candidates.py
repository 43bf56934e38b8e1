"""Candidates: what may be one is found with its reasons, what cannot be is not, and nothing is compared with everything."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from fonds.dates import parse_edtf
from fonds.model import Authority, Dated, Elsewhere, Life, Match, Origin, Phrase, Reference
from fonds.reconciliation.candidates import Candidate, candidates_among
from fonds.reconciliation.comparing import BEFORE, distance_kilometres, score_of
from fonds.reconciliation.entries import Setting, entries_of, telling_words

NOWHERE = Setting((), ())
SHARED = Path(__file__).parents[4] / "shared" / "corpora"


def thing(
    key: str,
    name: str,
    *others: str,
    kind: str = "person",
    said: str = "",
    of: str | None = None,
    elsewhere: str = "",
    where: tuple[float, float] | None = None,
    identified: bool = True,
    listed: str = "",
) -> Authority:
    match = Match(iri=elsewhere, ground="x", source="", checked="", accepted_by="")
    return Authority(
        reference=Reference(kind, key),
        labels=(Phrase(name),),
        other_names=tuple(map(Phrase, others)),
        definition=said,
        broader=Reference(kind, of) if of else None,
        matches=(match,) if elsewhere else (),
        coordinates=where,
        identified=identified,
        origin=Origin(listed or f"data/documents/{key}.xml", 1),
    )


def offered(*things: Authority, setting: Setting = NOWHERE, least: float = 0.0) -> tuple[Candidate, ...]:
    authorities = {each.reference: each for each in things}
    return candidates_among(entries_of(authorities, setting), setting, least=least)


def score(one: Authority, other: Authority, *more: Authority, setting: Setting = NOWHERE) -> float:
    """Return the score of two things; 0 where they are no candidates at all."""
    wanted = {one.reference, other.reference}
    found = [
        each for each in offered(one, other, *more, setting=setting) if {each.thing, each.other} == wanted
    ]
    return found[0].score if found else 0.0


def reasons(one: Authority, other: Authority, *more: Authority, setting: Setting = NOWHERE) -> str:
    wanted = {one.reference, other.reference}
    (found,) = (
        each for each in offered(one, other, *more, setting=setting) if {each.thing, each.other} == wanted
    )
    return "; ".join(map(str, found.reasons))


# ------------------------------------------------------------------------------------------------ persons


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Castro, Fidel", "Fidel Castro"),
        ("Brenner, Jakob", "BRENNER, Jakob"),
        ("Müller, Karl", "Mueller, Karl"),
        ("Дарусенков, Олег Тимофеевич", "Darusenkov, Oleg T."),
        ("Дарусенков, Олег", "Darussenkow, Oleg"),
        ("Хрущев, Никита Сергеевич", "Khrushchev, Nikita S."),
        ("Chruschtschow, Nikita", "Jruschov, Nikita"),
        ("Khrouchtchev, Nikita", "Никита Хрущёв"),
        ("Юрий Андропов", "Andropow, Juri"),
        ("Жуков, Георгий", "Joukov, Gueorgui"),
        ("Kuznetsov, Vasily V.", "Kuznetsov, Vassily V."),
        ("Ball, George W.", "Ball, George"),
        ("Bolshakov Georgi N.", "Bolshakov, Georgi Nikitovich"),
        ("Humboldt, Alexander Freiherr von", "Alexander von Humboldt"),
        ("Marchand, Élise, geb. Brenner", "Brenner, Elise"),
        ("García Márquez, Gabriel", "García, Gabriel"),
        ("Castro, F.", "Castro, Fidel"),
    ],
)
def test_one_name_in_two_spellings_is_offered(name: str, other: str) -> None:
    found = offered(thing("a", name), thing("b", other), least=0.5)
    assert [(each.thing.key, each.other.key) for each in found] == [("a", "b")]
    assert found[0].reasons


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Castro, Fidel", "Castro, Raúl"),
        ("Kennedy, John F.", "Kennedy, Robert F."),
        ("Johnson, U. Alexis", "Johnson, Lyndon B."),
        ("May, John", "Mao, John"),
        ("Miller, Anna", "Mahler, Anna"),
        ("Weiss, Anna", "Holm, Anna"),
        ("Davis, R.", "Davis, John"),
        ("Rompel Jan", "Jan"),
        ("Willutzki", "Willutzki"),
    ],
)
def test_two_names_are_not_offered(name: str, other: str) -> None:
    assert offered(thing("a", name), thing("b", other), least=0.5) == ()


def test_father_and_son_of_one_name_are_not_offered_and_the_contradiction_is_named() -> None:
    father, son = thing("a", "Holm, Peter, Sr."), thing("b", "Holm, Peter, Jr.")
    assert score(father, son) < 0.2
    assert "one is the elder, the other the younger (-5.0)" in reasons(father, son)
    older, younger = thing("c", "Holm, Peter (1840–1902)"), thing("d", "Holm, Peter (1871–1930)")
    assert score(older, younger) < 0.1
    assert "one born in 1840, the other in 1871 (-5.0)" in reasons(older, younger)


def test_dates_of_life_speak_for_and_against() -> None:
    plain = score(thing("a", "Holm, P."), thing("b", "Holm, Peter"))
    same = score(thing("a", "Holm, P.", said="geb. 1871"), thing("b", "Holm, Peter (1871–1930)"))
    other = score(thing("a", "Holm, P.", said="geb. 1840"), thing("b", "Holm, Peter (1871–1930)"))
    late = score(thing("a", "Holm, P. (1931–1990)"), thing("b", "Holm, Peter", said="died in 1930"))
    assert late < other < plain < same
    assert same > 0.9


def test_one_surname_and_initial_but_other_offices_ranks_below_the_same_office() -> None:
    minister = thing("a", "Davis, R.", said="Minister of Finance of Ruritania")
    same = thing("b", "Davis, Richard", said="Ruritania's Minister of Finance until 1901")
    other = thing("c", "Davis, Robert", said="Shipbuilder, owner of a yard on the coast")
    assert score(minister, other) < 0.5 < score(minister, same)
    assert "described with the same words: " in reasons(minister, same)
    assert "nothing in common in what is said of them (-1.5)" in reasons(minister, other)


def test_an_identifier_elsewhere_speaks_loudest() -> None:
    gnd = "https://d-nb.info/gnd/"
    one = thing("a", "Sokolov, A.", elsewhere=gnd + "118543369")
    same = thing("b", "A. S.", elsewhere=gnd + "118543369/")
    other = thing("c", "Sokolov, A.", elsewhere=gnd + "118609807")
    assert score(one, same) > 0.9
    assert "the same identifier elsewhere: d-nb.info/gnd/118543369 (+6.0)" in reasons(one, same)
    assert score(one, other) < 0.05
    assert "two identifiers of d-nb.info/gnd" in reasons(one, other)


def test_a_birth_and_an_identifier_that_a_list_states_count() -> None:
    def listed(key: str, name: str, born: str, gnd: str) -> Authority:
        stated = Elsewhere("gnd", gnd, f"https://d-nb.info/gnd/{gnd}")
        when = Dated(name="birth", date=parse_edtf(born), form=born)
        return replace(thing(key, name), life=(Life("birth", born, when),), elsewhere=(stated,))

    one, same = (
        listed("a", "Holm, P.", "1871-05", "118543369"),
        listed("b", "Holm, Peter", "1871", "118543369"),
    )
    assert "both born in 1871 (+2.5)" in reasons(one, same)
    assert "the same identifier elsewhere: d-nb.info/gnd/118543369 (+6.0)" in reasons(one, same)
    words = replace(thing("c", "Holm, Peter"), life=(Life("birth", "um 1840 in Brünn"),))
    assert "one born in 1871, the other in 1840 (-5.0)" in reasons(one, words)
    decade = replace(thing("d", "Holm, Peter"), life=(Life("birth", "between 1840 and 1849"),))
    assert "born" not in reasons(one, decade)


def test_a_name_that_many_have_says_less() -> None:
    many = [thing(f"x{number}", f"Smith, John {letter}.") for number, letter in enumerate("ABCDEFGH")]
    one, other = thing("a", "Smith, John"), thing("b", "John Smith")
    assert score(one, other, *many) < score(one, other) - 0.05
    assert "8 more have such a name here" in reasons(one, other, *many)


def test_one_list_with_both_speaks_against_them() -> None:
    one, other = (thing(key, "Holm, Peter", listed="data/documents/volume.xml") for key in "ab")
    assert "one list has both (-1.0)" in reasons(one, other)


def test_whoever_is_not_identified_is_not_offered() -> None:
    assert offered(thing("a", "the miller", identified=False), thing("b", "the miller")) == ()


def test_the_documents_speak_too() -> None:
    one, other = thing("a", "Holm, P."), thing("b", "Holm, Peter")
    friend, same_friend = thing("c", "Weiss, Anna"), thing("d", "Anna Weiss")
    together = Setting(
        ((one.reference, friend.reference), (other.reference, same_friend.reference)),
        ((1901, 1901), (1902, 1902)),
    )
    found = reasons(one, other, friend, same_friend, setting=together)
    assert "named together with the same: Weiss, Anna" in found
    assert "named by documents of the same years (+0.3)" in found
    apart = Setting(((one.reference,), (other.reference,)), ((1701, 1701), (1902, 1902)))
    assert "the documents that name them are 201 years apart (-3.0)" in reasons(one, other, setting=apart)
    both = Setting(((one.reference, other.reference),), (None,))
    assert "named apart in 1 document (-1.5)" in reasons(one, other, setting=both)
    born = thing("e", "Holm, Peter (1871–1930)")
    before = Setting(((one.reference,),), ((1850, 1850),))
    assert "born in 1871, after the documents that name the other (-4.0)" in reasons(
        one, born, setting=before
    )


# ------------------------------------------------------------------------------------------------ other kinds


def test_an_acronym_is_offered_for_its_name() -> None:
    short, long = thing("cia", "CIA", kind="group"), thing("a", "Central Intelligence Agency", kind="group")
    assert score(short, long) > 0.5
    assert "“CIA” can be short for the other's name" in reasons(short, long)
    with_both = thing("b", "Komitee für Staatssicherheit (KGB)", kind="group")
    assert score(thing("kgb", "KGB", kind="group"), with_both) > 0.5
    foreign = thing("mfa", "MFA", kind="group")
    assert score(foreign, thing("c", "Ministry of Foreign Affairs", kind="group")) > 0.5
    assert score(short, foreign) == 0


def test_places_of_one_name_in_two_countries_are_kept_apart() -> None:
    spain, argentina = (thing(key, key.title(), kind="place") for key in ("spain", "argentina"))
    one = thing("a", "Córdoba", kind="place", of="spain")
    other = thing("b", "Cordoba", kind="place", of="argentina")
    assert score(one, other, spain, argentina) < 0.5
    assert "one belongs to “spain”, the other to “argentina” (-3.0)" in reasons(one, other, spain, argentina)
    volumes = [thing(f"v{number}", f"Letters, Volume {number}", kind="work") for number in (6, 14)]
    prefaces = [thing(f"p{number}", "Preface", kind="work", of=f"v{number}") for number in (6, 14)]
    assert score(*prefaces, *volumes) < 0.3
    here = thing("c", "Córdoba", kind="place", where=(37.88, -4.77))
    there = thing("d", "Córdoba", kind="place", where=(-31.42, -64.18))
    near = thing("e", "Cordoba", kind="place", where=(37.89, -4.78))
    assert score(here, there) < 0.1
    assert score(here, near) > 0.9
    assert (
        score(thing("f", "Frankfurt (Oder)", kind="place"), thing("g", "Frankfurt (Main)", kind="place"))
        < 0.5
    )


def test_things_of_different_kinds_are_never_offered() -> None:
    assert offered(thing("a", "Washington"), thing("b", "Washington", kind="place")) == ()


# ------------------------------------------------------------------------------------------------ all of them


def test_a_decided_pair_is_not_offered_again() -> None:
    one, other = thing("a", "Castro, Fidel"), thing("b", "Fidel Castro")
    entries = entries_of({each.reference: each for each in (one, other)}, NOWHERE)
    assert candidates_among(entries, NOWHERE, decided={(one.reference, other.reference)}) == ()


def test_a_row_of_a_table_would_stay() -> None:
    (found,) = offered(
        thing("a", "Castro, Fidel"), thing("b", "Fidel Castro", listed="data/authorities/persons.csv")
    )
    assert (found.thing.key, found.other.key) == ("b", "a")


def test_the_order_does_not_depend_on_that_of_the_things() -> None:
    things = [
        thing(f"p{n}", name)
        for n, name in enumerate(["Holm, P.", "Holm, Peter", "P. Holm", "Holm, Peter A."] * 3)
    ]
    first = offered(*things)
    random.Random(7).shuffle(things)
    assert offered(*things) == first
    assert first == tuple(sorted(first, key=lambda each: (-each.score, each.thing, each.other)))
    assert len({frozenset((each.thing, each.other)) for each in first}) == len(first)


def test_a_score_is_what_its_reasons_add_up_to() -> None:
    (found,) = offered(thing("a", "Castro, Fidel"), thing("b", "Fidel Castro"))
    assert found.score == pytest.approx(score_of(found.reasons), abs=0.001)
    assert score_of([]) < 0.5
    assert BEFORE < 0


def test_thousands_of_one_name_are_compared_with_their_neighbours_only() -> None:
    things = [thing(f"p{number}", f"Smith, John (18{number % 100:02d}–1950)") for number in range(3000)]
    begun = time.process_time()
    offered(*things, least=0.9)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("text", ["", "1964", "of the"])
def test_words_that_tell_nothing_are_left_out(text: str) -> None:
    assert telling_words(text) == []


def test_distances_are_those_of_the_globe() -> None:
    assert distance_kilometres((0.0, 0.0), (0.0, 180.0)) == pytest.approx(20015, abs=1)
    assert distance_kilometres((10.0, 10.0), (10.0, 10.0)) == 0


# ------------------------------------------------------------------------------------------------ two real volumes

_TEI = "{http://www.tei-c.org/ns/1.0}"
_ID = "{http://www.w3.org/XML/1998/namespace}id"


def listed_in(path: Path) -> Iterable[Authority]:
    """Return the persons of a volume's list in prose: the names in its items, the rest of each as what is said."""
    for item in etree.parse(path).getroot().iter(f"{_TEI}item"):
        for name in item.iter(f"{_TEI}persName"):
            identifier = name.get(_ID)
            if identifier:
                words, rest = (" ".join("".join(map(str, each.itertext())).split()) for each in (name, item))
                key = f"{path.stem}-{identifier.lower().replace('_', '-')}"
                yield thing(
                    key, words.rstrip(" ,"), said=rest.removeprefix(words), listed=f"data/{path.name}"
                )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared corpora are not here (../shared/corpora)")
def test_the_persons_of_two_volumes_with_one_name_are_offered_with_high_scores() -> None:
    volumes = ("frus1961-63v06", "frus1964-68v14")
    things = [each for volume in volumes for each in listed_in(SHARED / volume / f"{volume}.xml")]
    assert len(things) == 170
    known: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(
        (SHARED / "frus_cross_volume_persons.json").read_text(encoding="utf-8")
    )["names"]
    wanted = {
        frozenset(f"{volume}-{in_volumes[volume][0].lower().replace('_', '-')}" for volume in volumes)
        for in_volumes in known.values()
    }
    assert len(wanted) == 23
    scores = {frozenset((each.thing.key, each.other.key)): each.score for each in offered(*things)}
    assert min(scores.get(pair, 0) for pair in wanted) > 0.9
    # What else is offered is little, and no two of one volume.
    likely = {pair for pair, value in scores.items() if value >= 0.5}
    assert len(likely) < 35
    assert all(len({key[:14] for key in pair}) == 2 for pair in likely)
