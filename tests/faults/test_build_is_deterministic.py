"""Same input, same digest and the same dumps, whatever the hash seed, the order, the folder or the day."""

from __future__ import annotations

from fonds.release.folder import open_release


def test_hash_seed_order_and_folder_change_no_byte_of_dumps_texts_and_catalogue(build, tmp_path):
    built = [
        build(tmp_path / name, "words", 40, "--order", order, hash_seed=seed)
        for name, order, seed in (("one", "1", "1"), ("another/place", "2", "77"), ("third", "3", "random"))
    ]
    assert [each.returncode for each in built] == [0, 0, 0]
    assert len({each.stdout for each in built}) == 1
    releases = [open_release(tmp_path / name) for name in ("one", "another/place", "third")]
    stable = [
        {name: entry for name, entry in each.manifest.files.items() if not name.startswith("store/")}
        for each in releases
    ]
    assert stable[0] == stable[1] == stable[2]
    assert "dumps/public.ttl.gz" in stable[0]
    assert "texts" in stable[0]
    assert "catalogue.ttl" in stable[0]
