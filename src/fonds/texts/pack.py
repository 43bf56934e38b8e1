"""The texts of a release in one read-only file, found by record and form."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from fonds.pack import Pack, PackWriter, hash_of
from fonds.texts.published import PublishedText


def write_texts(path: Path, items: Iterable[tuple[str, PublishedText]]) -> None:
    """Write the pack of texts: the same bytes for the same texts, in whatever order they come.

    Args:
        path: Where; nothing stands there.
        items: Record keys with their texts; no two have one key.
    """
    spool = path.with_name(path.name + ".spool")
    places: dict[bytes, tuple[int, int]] = {}
    with spool.open("w+b") as pieces:
        for key, text in items:
            for form, data in _forms(text):
                name = _name(key, form)
                if name in places:
                    raise ValueError(f"two texts for record {key}")
                places[name] = (pieces.tell(), pieces.write(zlib.compress(data, 1)))
        pack = PackWriter(path)
        for name in sorted(places, key=lambda name: (hash_of(name), name)):
            start, size = places[name]
            pieces.seek(start)
            pack.add([(name, zlib.decompress(pieces.read(size)))])
        pack.close()
    spool.unlink()


def _forms(text: PublishedText) -> Iterator[tuple[str, bytes]]:
    yield "reading", msgspec.json.encode(text.reading)
    if text.tei is not None:
        yield "tei", text.tei
    if text.text is not None:
        yield "txt", text.text.encode()


def _name(key: str, form: str) -> bytes:
    return f"{key}\0{form}".encode()


class Texts:
    """The pack of texts of a release, open for reading from any thread."""

    def __init__(self, path: Path) -> None:
        self._pack = Pack(path, "pack of texts")

    @classmethod
    def open(cls, path: Path) -> Texts:
        """Open a pack.

        Raises:
            ReleaseError: It is missing or not a pack of texts.
        """
        return cls(path)

    def __len__(self) -> int:
        """Return how many texts there are, forms counted one by one."""
        return len(self._pack)

    def get(self, key: str, form: str) -> bytes | None:
        """Return a text of a record, None if there is none.

        Args:
            key: The record's key.
            form: ``reading`` (JSON of a :class:`Reading`), ``tei`` or ``txt``.

        Raises:
            ReleaseError: The file is damaged.
        """
        return self._pack.get(_name(key, form))

    def has(self, key: str, form: str) -> bool:
        """Tell whether there is a text of a record in a form."""
        return _name(key, form) in self._pack

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        self._pack.close()
