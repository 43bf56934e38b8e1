"""Links between documents: where pointers to other files lead, once all files are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fonds.model import Mention, Record, Reference, Related


def open_pointers(record: Record) -> frozenset[str]:
    """Return the pointers of a record that may lead to other documents, as they stand there."""
    mentions = frozenset(each.pointer for each in record.text.mentions if _is_open(each))
    return mentions | {each.pointer for each in record.related}


def addresses_in(pointers: str) -> Iterator[str]:
    """Yield the addresses that some pointers can mean, the one that is meant first.

    >>> list(addresses_in("volume-6.xml#d3 https://a.example/volume-7 letter-2"))
    ['volume-6#d3', 'volume-6', 'letter-2']
    """
    # An address is what it is: that its end is like the name of a file here says nothing.
    for pointer in (each for each in pointers.split() if "://" not in each):
        file, sharp, part = pointer.partition("#")
        stem = file.rpartition("/")[2].removesuffix(".xml")
        if sharp:
            yield f"{stem}#{part}"
        if stem:
            yield stem


def linked(record: Record, addresses: Mapping[str, str]) -> Record:
    """Return a record whose references to other documents lead to their records, as far as these are published.

    Args:
        record: A record whose pointers to other files are kept as they are.
        addresses: The keys of records by what a pointer can say: ``volume-7#d12``, ``letter-12``.
    """
    if record.related:
        related = tuple(_related(each, record.key, addresses) for each in record.related)
        record = replace(record, related=related)
    if not any(_is_open(each) for each in record.text.mentions):
        return record
    mentions = tuple(_linked(each, addresses) for each in record.text.mentions)
    return replace(record, text=replace(record.text, mentions=mentions))


def _related(related: Related, key: str, addresses: Mapping[str, str]) -> Related:
    target = _target(related.pointer, addresses)
    return related if target == Reference("record", key) else replace(related, target=target)


def _is_open(mention: Mention) -> bool:
    unknown = mention.target is None and bool(mention.pointer)
    return unknown and mention.marked in ("ref", "ptr") and "://" not in mention.pointer


def _linked(mention: Mention, addresses: Mapping[str, str]) -> Mention:
    target = _target(mention.pointer, addresses) if _is_open(mention) else None
    return mention if target is None else replace(mention, target=target, pointer="")


def _target(pointers: str, addresses: Mapping[str, str]) -> Reference | None:
    """Return the record to which the first of some pointers leads that leads to any."""
    keys = (addresses.get(each) for each in addresses_in(pointers))
    key = next((each for each in keys if each), None)
    return Reference("record", key) if key else None
