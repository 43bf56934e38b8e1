"""Packs: what goes in comes out, the same bytes for the same pieces, and damage is told."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fonds.errors import ReleaseError
from fonds.pack import Pack, PackWriter, StretchWriter, hash_of, renew_pack

PIECES = st.dictionaries(st.binary(min_size=1, max_size=30), st.binary(max_size=300), min_size=0, max_size=60)


def write(path: Path, pieces: dict[bytes, bytes], sample: bytes = b"") -> Pack:
    writer = PackWriter(path, sample)
    ordered = sorted(pieces.items(), key=lambda piece: hash_of(piece[0]))
    half = len(ordered) // 2
    writer.add(ordered[:half])
    writer.add(ordered[half:])
    writer.close()
    return Pack(path)


@settings(max_examples=50)
@given(PIECES, st.binary(max_size=100))
def test_every_piece_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, pieces: dict[bytes, bytes], sample: bytes
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    pack = write(folder / "pack", pieces, sample)
    assert len(pack) == len(pieces)
    assert {name: pack.get(name) for name in pieces} == pieces
    assert pack.get(b"never a name of thirty bytes and more") is None
    pack.close()
    assert [each.name for each in folder.iterdir()] == ["pack"]
    again = write(folder / "again", pieces, sample)
    again.close()
    assert (folder / "pack").read_bytes() == (folder / "again").read_bytes()


@pytest.mark.parametrize("sample", [b"", b"what pieces look like"])
def test_a_pack_in_parts_is_the_same_as_one_that_was_written_at_once(tmp_path: Path, sample: bytes) -> None:
    pieces = {b"<s:%d>" % number: b"what pieces look like %d" % number for number in range(1_000)}
    write(tmp_path / "whole", pieces, sample).close()
    ordered = sorted(pieces.items(), key=lambda piece: hash_of(piece[0]))
    writer = PackWriter(tmp_path / "pack", sample)
    for number, start in enumerate((0, 400, 400, 1_000)):
        part = StretchWriter(tmp_path / f"part-{number}", sample)
        part.add(ordered[start : [400, 400, 1_000, 1_000][number]])
        writer.take(part.close())
    writer.close()
    assert (tmp_path / "pack").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pack", "whole"]


@settings(max_examples=100, deadline=None)
@given(PIECES, PIECES, st.binary(max_size=100), st.randoms())
def test_a_renewed_pack_is_the_same_as_one_that_was_written_afresh(
    tmp_path_factory: pytest.TempPathFactory,
    pieces: dict[bytes, bytes],
    new: dict[bytes, bytes],
    sample: bytes,
    random: Random,
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    before = write(folder / "before", pieces, sample)
    gone = {each for each in pieces if random.random() < 0.3 or each in new}
    renew_pack(folder / "renewed", before, gone, new.items())
    stay = {name: content for name, content in pieces.items() if name not in gone}
    assert len(write(folder / "fresh", stay | new, sample)) == len(stay | new)
    assert (folder / "renewed").read_bytes() == (folder / "fresh").read_bytes()
    assert sorted(each.name for each in folder.iterdir()) == ["before", "fresh", "renewed"]


def test_pieces_with_one_hash_are_told_by_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fonds.pack.hash_of", lambda name: name[:1] * 8)
    packs = {
        "before": {b"a1": b"1", b"a2": b"2", b"b1": b"3"},
        "fresh": {b"a0": b"4", b"a2": b"2", b"b1": b"3"},
    }
    for name, pieces in packs.items():
        writer = PackWriter(tmp_path / name)
        writer.add(pieces.items())
        writer.close()
    renew_pack(tmp_path / "renewed", Pack(tmp_path / "before"), {b"a1"}, [(b"a0", b"4")])
    assert (tmp_path / "renewed").read_bytes() == (tmp_path / "fresh").read_bytes()


def test_a_part_out_of_order_is_refused(tmp_path: Path) -> None:
    one, other = sorted((b"<a:>", b"<b:>"), key=hash_of)
    writer, part = PackWriter(tmp_path / "pack"), StretchWriter(tmp_path / "part")
    writer.add([(other, b"")])
    part.add([(one, b"")])
    with pytest.raises(ValueError, match="order of their hashes"):
        writer.take(part.close())


def test_pieces_of_one_thing_have_one_hash_but_for_its_end() -> None:
    assert hash_of(b"<a:>")[:7] == hash_of(b"<a:>\x002")[:7]
    assert hash_of(b"<a:>")[:7] != hash_of(b"<b:>")[:7]


def test_pieces_out_of_order_or_twice_are_refused(tmp_path: Path) -> None:
    writer = PackWriter(tmp_path / "pack", b"")
    first, second = sorted((b"a", b"b"), key=hash_of)
    writer.add([(second, b"")])
    with pytest.raises(ValueError, match="order"):
        writer.add([(first, b"")])
    with pytest.raises(ValueError, match="two pieces"):
        PackWriter(tmp_path / "other", b"").add([(b"a", b"1"), (b"a", b"2")])


def test_what_is_no_pack_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="build the release again"):
        Pack(tmp_path / "absent")
    (tmp_path / "other").write_bytes(b"something else")
    with pytest.raises(ReleaseError, match="no pack"):
        Pack(tmp_path / "other")


def test_damage_is_told_with_its_place(tmp_path: Path) -> None:
    pack = write(tmp_path / "pack", {b"thing": b"words " * 100})
    pack.close()
    data = bytearray((tmp_path / "pack").read_bytes())
    at = data.index(b"thing") + len(b"thing")
    data[at : at + 4] = b"\0\0\0\0"
    (tmp_path / "pack").write_bytes(data)
    with pytest.raises(ReleaseError, match=r"damaged at byte \d+"):
        Pack(tmp_path / "pack").get(b"thing")
    (tmp_path / "pack").write_bytes(data[: at + 2])
    with pytest.raises(ReleaseError, match="ends early"):
        Pack(tmp_path / "pack").get(b"thing")
