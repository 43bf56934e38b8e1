"""Names: however somebody wrote one down, it can be compared."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.reconciliation.names import initial_of, names_in, plain_letters, read_name, sounds_of, words_in


@pytest.mark.parametrize(
    ("text", "words", "surname"),
    [
        ("Castro, Fidel", ("castro", "fidel"), 1),
        ("Fidel Castro", ("fidel", "castro"), 0),
        ("Bruce, David K.E.", ("bruce", "david", "k", "e"), 1),
        ("Humboldt, Alexander Freiherr von", ("humboldt", "alexander"), 1),
        ("Dr. Alexander von Humboldt", ("alexander", "humboldt"), 0),
        ("Souvanna Phouma, Prince", ("souvanna", "phouma"), 0),
        ("Graf Lehndorff, Heinrich", ("lehndorff", "heinrich"), 1),
        ("King, Martin Luther, Jr.", ("king", "martin", "luther"), 1),
        ("Steffi Graf", ("steffi", "graf"), 0),
        ("Davis, Richard D.", ("davis", "richard", "d"), 1),
        ("O’Neill, Seán", ("oneill", "sean"), 1),
        ("García Márquez, Gabriel", ("garcia", "marquez", "gabriel"), 2),
        ("Chiang Kai-shek,", ("chiang", "kai", "shek"), 0),
        ("Müller, Karl, geb. 1901", ("muller", "karl"), 1),
        ("Дарусенков, Олег Т.", ("darusenkov", "oleg", "t"), 1),
        ("  Weiss ,  Anna  ", ("weiss", "anna"), 1),
        ("משה לוי", ("משה", "לוי"), 0),
        ("Major", ("major",), 0),
        ("", (), 0),
        ("(?)", (), 0),
    ],
)
def test_a_name_is_its_words_without_ranks_particles_and_accents(
    text: str, words: tuple[str, ...], surname: int
) -> None:
    name = read_name(text)
    assert (name.words, name.surname) == (words, surname)


@pytest.mark.parametrize(
    "spellings",
    [
        "Khrushchev Chruschtschow Jruschov Khrouchtchev Chruščëv Chruszczow Хрущёв Хрущев",
        "Darusenkov Darussenkow Дарусенков",
        "Zhukov Schukow Joukov Жуков",
        "Vyshinsky Wyschinski Вышинский",
        "Tsarapkin Zarapkin Царапкин",
        "Dzhugashvili Dschugaschwili Джугашвили",
        "Mikoyan Mikojan Микоян",
        "Yuri Juri Iouri Юрий",
        "Tchaikovsky Tschaikowski Чайковский",
        "Müller Mueller Muller",
        "Meyer Meier Maier",
        "Škoda Skoda",
    ],
)
def test_the_spellings_of_a_name_have_a_sound_in_common(spellings: str) -> None:
    first, *others = spellings.split()
    assert all(sounds_of(first) & sounds_of(each) for each in others)


@pytest.mark.parametrize(
    ("text", "generation", "qualifier", "born", "died"),
    [
        ("Holm, Peter, Jr.", "the younger", "", None, None),
        ("Holm, Peter d. Ä.", "the elder", "", None, None),
        ("Alexandre Dumas fils", "the younger", "", None, None),
        ("Khrushchev, Nikita S. (1894–1971)", "", "", 1894, 1971),
        ("Weiss, Anna, ca. 1870-", "", "", 1870, None),
        ("Córdoba (España)", "", "espana", None, None),
        ("Central Intelligence Agency (CIA)", "", "cia", None, None),
        ("Weiss & Holm (1800-1950)", "", "1800 1950", None, None),  # longer than a life
    ],
)
def test_what_a_name_says_besides(
    text: str, generation: str, qualifier: str, born: int | None, died: int | None
) -> None:
    name = read_name(text)
    assert (name.generation, name.qualifier, name.born, name.died) == (generation, qualifier, born, died)


def test_a_name_at_birth_is_a_name_of_its_own() -> None:
    assert [name.key for name in names_in("Marchand, Élise, geb. Brenner")] == [
        "elise marchand",
        "brenner elise",
    ]
    assert [name.key for name in names_in("Elise Marchand née Brenner")] == [
        "elise marchand",
        "brenner elise",
    ]


words = st.text(st.characters(categories=["L"]), min_size=1, max_size=8)


@given(words, words)
def test_the_order_of_a_name_and_its_accents_do_not_count(family: str, given_name: str) -> None:
    straight, turned = read_name(f"{given_name} {family}"), read_name(f"{family}, {given_name}")
    if len(straight.words) == len(turned.words) == 2 and not turned.generation:
        assert sorted(straight.words) == sorted(turned.words)


def test_a_letter_without_a_sound_is_no_word() -> None:
    assert read_name("Ъ Holm").words == ("holm",)
    assert words_in("Ъ") == []


@given(st.text(max_size=200))
def test_no_text_is_slow_or_raises(text: str) -> None:
    begun = time.process_time()
    for name in names_in(text):
        assert len(name.words) == len(name.sounds)
        assert all(name.words)
        for family, given_names in name.readings:
            assert sorted((*family, *given_names)) == list(range(len(name.words)))
        initial_of(name.words[0] if name.words else "")
    assert isinstance(plain_letters(text), str)
    assert all(words_in(text))
    assert time.process_time() - begun < 0.2
