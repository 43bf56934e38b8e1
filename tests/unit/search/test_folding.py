"""Spellings of one name meet, whatever the language and the script."""

from __future__ import annotations

from itertools import combinations

import pytest

from fonds.search.folding import cyrillic_spelling, fold, latin_spellings, prepared, sounds

_NAMES = """
Khrushchev Chruschtschow Khrouchtchev Jruschov Hruščëv Chruszczow Хрущёв Хрущев Khrushchov
Brezhnev Breschnew Brejnev Brežnev Брежнев
Chernenko Tschernenko Tchernenko Černenko Черненко
Gorbachev Gorbatschow Gorbatchev Gorbachov Gorbačëv Горбачёв
Kosygin Kossygin Kossyguine Косыгин
Mikoyan Mikojan Mikoïan Микоян
Yeltsin Jelzin Eltsine Ельцин
Dostoevsky Dostojewski Dostoïevski Dostoevskij Dostoyevsky Достоевский
Trotsky Trotzki Trotski Троцкий
Zhukov Schukow Joukov Žukov Жуков
Darusenkov Daroussenkov Darussenkow Дарусенков
Guevara Гевара
Lenin Lénine Ленин
"""


@pytest.mark.parametrize("spellings", _NAMES.strip().splitlines())
def test_each_spelling_of_a_name_sounds_like_each_other(spellings: str) -> None:
    apart = [(a, b) for a, b in combinations(spellings.split(), 2) if not {*sounds(a)} & {*sounds(b)}]
    assert not apart


def test_different_names_sound_different() -> None:
    firsts = [line.split()[0] for line in _NAMES.strip().splitlines()]
    assert not [(a, b) for a, b in combinations(firsts, 2) if {*sounds(a)} & {*sounds(b)}]


def test_folding_keeps_places() -> None:
    text = "Ünïcode Хрущёв й İstanbul Straße 北京 عَرَبِيّ"
    assert len(fold(text)) == len(text)


def test_accents_written_apart_are_the_same() -> None:
    assert prepared("Jose\u0301") == prepared("José")
    assert prepared("Хруще\u0308в") == "Хрущев"


def test_scripts_without_blanks_are_cut_at_each_letter() -> None:
    assert prepared("毛泽东").split() == ["毛", "泽", "东"]


@pytest.mark.parametrize(
    ("latin", "cyrillic"), [("Mikoyan", "микоян"), ("Khrushchev", "хрущев"), ("Kosygin", "косыгин")]
)
def test_a_latin_name_is_spelled_in_cyrillic(latin: str, cyrillic: str) -> None:
    assert cyrillic_spelling(latin) == cyrillic
    assert latin.lower() in latin_spellings(cyrillic)
