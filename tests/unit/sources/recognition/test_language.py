"""The language of a text is told by its commonest words, or not at all."""

from __future__ import annotations

import pytest

from fonds.sources.recognition.language import language_of_words


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "We have to tell you that this is what he had said to us in the letter."),
        ("ru", "Он сказал, что это не так, и мы с ним не говорили о том, как и на что"),
        ("es", "El embajador dijo que no se puede hacer por la falta de los barcos en el puerto."),
        ("de", "Ich habe dir nicht geschrieben, und das ist nicht recht von mir, zu dem ich es auf"),
        ("fr", "Je vous écris que nous avons passé dans la ville et que le port est pour les"),
        (None, "Brenner, Holm, Weiss"),
        (None, ""),
    ],
)
def test_a_language_is_told_by_its_words(tag: str | None, text: str) -> None:
    assert language_of_words(text) == tag
