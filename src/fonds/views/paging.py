"""What a document says of itself where it is one page of several (Hydra Core Vocabulary)."""

from __future__ import annotations

from fonds.vocabulary import HYDRA, RDF, XSD


def paging(document: str, page: int, pages: int, total: int) -> list[bytes]:
    """Return, as lines of N-Triples, that a document is a page of a longer one, and where the others are.

    Args:
        document: Its address without page, absolute; the first page is there.
        page: Which page it is, from 1.
        pages: How many there are.
        total: How many statements point to the thing, on all pages.
    """
    here = _address(document, page)
    said = [
        (document, HYDRA.view, f"<{here}>"),
        (document, HYDRA.totalItems, f'"{total}"^^{XSD.integer}'),
        (here, RDF.type, str(HYDRA.PartialCollectionView)),
    ]
    if page > 1:
        said.append((here, HYDRA.previous, f"<{_address(document, page - 1)}>"))
    if page < pages:
        said.append((here, HYDRA.next, f"<{_address(document, page + 1)}>"))
    return [f"<{subject}> {property_} {value} .\n".encode() for subject, property_, value in said]


def _address(document: str, page: int) -> str:
    return f"{document}{'&' if '?' in document else '?'}page={page}" if page > 1 else document
