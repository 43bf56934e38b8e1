"""The pack of texts: every text is found, nothing else is, and the same texts make the same bytes."""

from __future__ import annotations

import random
import threading

import msgspec
import pytest

from fonds.errors import ReleaseError
from fonds.texts import PublishedText, Reading, Texts, write_texts


def text(words: str, tei: bytes | None = b"<TEI/>") -> PublishedText:
    return PublishedText(Reading("en", "full", []), tei, words)


@pytest.fixture
def many():
    return {f"record-{number}": text(f"Ω {number} " * (number % 50)) for number in range(500)}


def test_every_text_is_found_in_each_form(many, tmp_path):
    write_texts(tmp_path / "texts", many.items())
    texts = Texts.open(tmp_path / "texts")
    assert len(texts) == 1500
    for key, expected in many.items():
        assert texts.get(key, "txt") == expected.text.encode()
        assert texts.get(key, "tei") == b"<TEI/>"
        assert msgspec.json.decode(texts.get(key, "reading"), type=Reading) == expected.reading
    texts.close()


@pytest.mark.parametrize(
    ("key", "form"), [("no", "txt"), ("a", "pdf"), ("", ""), ("a\0txt", "txt"), ("a", "tei")]
)
def test_what_is_not_there_is_not_found(tmp_path, key, form):
    write_texts(tmp_path / "texts", [("a", text("x", tei=None))])
    assert Texts.open(tmp_path / "texts").get(key, form) is None


def test_an_empty_pack_opens(tmp_path):
    write_texts(tmp_path / "texts", [])
    assert Texts.open(tmp_path / "texts").get("a", "txt") is None


def test_order_changes_no_byte(many, tmp_path):
    items = list(many.items())
    write_texts(tmp_path / "one", items)
    random.Random(3).shuffle(items)
    write_texts(tmp_path / "two", items)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_two_texts_of_one_record_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two texts for record a"):
        write_texts(tmp_path / "texts", [("a", text("x")), ("a", text("y"))])


def test_many_threads_read_at_once(many, tmp_path):
    write_texts(tmp_path / "texts", many.items())
    texts = Texts.open(tmp_path / "texts")
    wrong = []

    def read(seed: int) -> None:
        for key in random.Random(seed).sample(sorted(many), 300):
            if texts.get(key, "txt") != many[key].text.encode():
                wrong.append(key)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_a_file_that_is_no_pack_is_refused(tmp_path):
    (tmp_path / "texts").write_bytes(b"SQLite format 3\0" * 10)
    with pytest.raises(ReleaseError, match="no pack of texts"):
        Texts.open(tmp_path / "texts")
    with pytest.raises(ReleaseError, match="No such file"):
        Texts.open(tmp_path / "nowhere")


def test_damage_is_an_error_and_not_a_text(tmp_path):
    path = tmp_path / "texts"
    write_texts(path, [("a", text("words " * 100))])
    data = path.read_bytes()
    path.write_bytes(data[:-30])
    with pytest.raises(ReleaseError, match="ends early"):
        Texts.open(path).get("a", "txt")
    broken = bytearray(data)
    broken[data.index(b"a\0txt") + 12] ^= 0xFF
    path.write_bytes(bytes(broken))
    with pytest.raises(ReleaseError, match="damaged"):
        Texts.open(path).get("a", "txt")
