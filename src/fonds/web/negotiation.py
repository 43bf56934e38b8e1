"""Which representation a client gets: its Accept header against what is offered (RFC 9110 12.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fonds.formats import Format

LONGEST_HEADER = 8192
"""Characters of a header that are read; what stands behind them is left out."""

_LONGEST_KNOWN = 1024
_PARTS = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')
_PARAMETERS = re.compile(r'(?:[^;"]|"(?:\\.|[^"\\])*"?)+')
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WEIGHT = re.compile(r"\d{0,3}(?:\.\d{0,9})?")
_HINTS = frozenset({"charset=utf-8", "charset=utf8"})


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header.

    Attributes:
        type: ``text``, or ``*``.
        subtype: ``turtle``, or ``*``.
        parameters: Number of parameters before the weight.
        satisfiable: Whether what we send has these parameters.
        weight: From 0 (never) to 1.
        profiles: The profiles that are wished for (RFC 6906), by IRI.
    """

    type: str
    subtype: str
    parameters: int
    satisfiable: bool
    weight: float
    profiles: tuple[str, ...] = ()

    def specificity(self, media_type: str) -> int | None:
        """Return how closely this range names a media type: None not at all, 0 ``*/*``, 1 ``text/*``, 2 exactly, more by parameter."""
        if not self.satisfiable:
            return None
        if self.type == "*":
            return 0
        type_, _, subtype = media_type.partition("/")
        if self.type != type_:
            return None
        if self.subtype == "*":
            return 1
        return 2 + self.parameters if self.subtype == subtype else None


def negotiate(
    accept: str | None, offered: Sequence[Format], accept_profile: str | None = None
) -> Format | None:
    """Return the format that suits the client best, or None if it takes none of those offered (406).

    The highest weight wins; then the format that the client names over one that a wildcard lets through; then the one
    that stands first in ``offered``. No header, and one in which nothing can be read, mean ``*/*``.

    A profile is a wish, never a reason to refuse (RFC 6906 3.1): among the formats of one media type, the one in a profile
    that the client names wins; who names none gets the one without.

    >>> from fonds.formats import DOCUMENT_FORMATS, LINKED_ART
    >>> negotiate("text/turtle, */*;q=0.1", DOCUMENT_FORMATS).name
    'Turtle'
    >>> negotiate(None, DOCUMENT_FORMATS).name
    'HTML'
    >>> negotiate(f'application/ld+json;profile="{LINKED_ART.profile}"', (*DOCUMENT_FORMATS, LINKED_ART)).name
    'Linked Art'

    Args:
        accept: The header's value; several headers are joined with a comma.
        offered: What can be had, the one that we prefer first.
        accept_profile: The value of Accept-Profile: ``<IRI>;q=…`` (W3C Content Negotiation by Profile 7.1).
    """
    known = len(accept or "") + len(accept_profile or "") <= _LONGEST_KNOWN
    return (_negotiated if known else _negotiated.__wrapped__)(accept, tuple(offered), accept_profile)


# Clients repeat themselves; a header too long to be a client's own is not kept.
@lru_cache(maxsize=2048)
def _negotiated(accept: str | None, offered: tuple[Format, ...], accept_profile: str | None) -> Format | None:
    ranges = read_accept(accept)
    wishes = _wishes(ranges, accept_profile)
    best: Format | None = None
    best_rank = (0.0, 0.0, -1)
    for each in offered:
        wished = wishes.get(each.profile, 0.0) if each.profile else 0.0
        if each.profile and not wished:
            continue
        weight, specificity = _rank(each, ranges) if ranges else (1.0, 0)
        rank = (weight, wished, specificity)
        if weight > 0 and rank > best_rank:
            best, best_rank = each, rank
    return best


def _wishes(ranges: Sequence[MediaRange], accept_profile: str | None) -> dict[str, float]:
    """Return the profiles that a client names, with their weights."""
    wishes = {profile: each.weight for each in ranges for profile in each.profiles}
    for part in _PARTS.findall(accept_profile[:LONGEST_HEADER]) if accept_profile else ():
        name, *pieces = [piece.strip() for piece in _PARAMETERS.findall(part)] or [""]
        weight, _ = read_parameters(pieces)
        if weight is not None and name.startswith("<") and name.endswith(">"):
            wishes[name[1:-1]] = weight
    return wishes


def read_accept(accept: str | None) -> list[MediaRange]:
    """Return the elements of an Accept header; what is malformed is left out."""
    parts = _PARTS.findall(accept[:LONGEST_HEADER]) if accept else []
    return [each for part in parts if (each := _read_range(part)) is not None]


def _rank(offer: Format, ranges: Sequence[MediaRange]) -> tuple[float, int]:
    """Return weight and specificity of an offered format.

    RFC 9110 12.5.1: the most specific range that matches a media type decides its weight. Another name of the format
    counts only where the client writes it out, and never against a refusal of the type that we send.
    """
    weight, specificity = _match(offer.media_type, ranges)
    if weight == 0.0 and specificity >= 2:
        return 0.0, specificity
    for name in offer.also:
        other = _match(name, ranges)
        if other[1] >= 2:
            weight, specificity = max((weight, specificity), other)
    return weight, min(specificity, 2)


def _match(media_type: str, ranges: Sequence[MediaRange]) -> tuple[float, int]:
    best, weight = -1, 0.0
    for each in ranges:
        specificity = each.specificity(media_type)
        if specificity is None or specificity < best:
            continue
        weight = max(weight, each.weight) if specificity == best else each.weight
        best = specificity
    return weight, best


def _read_range(part: str) -> MediaRange | None:
    pieces = [piece.strip() for piece in _PARAMETERS.findall(part)]
    if not pieces:
        return None
    name = pieces[0].lower()
    # Java's HttpURLConnection has always sent "*; q=.2".
    type_, slash, subtype = ("*", "/", "*") if name == "*" else name.partition("/")
    if not (slash and _TOKEN.fullmatch(type_) and _TOKEN.fullmatch(subtype)) or (type_ == "*" != subtype):
        return None
    weight, parameters = read_parameters(pieces[1:])
    if weight is None:
        return None
    # RFC 6906: a profile is a wish, never a reason to refuse; several stand in one value.
    profiles = [each.partition("=")[2] for each in parameters if each.startswith("profile=")]
    binding = [each for each in parameters if not each.startswith("profile=")]
    named = tuple(iri for value in profiles for iri in value.split())
    return MediaRange(type_, subtype, len(binding), _HINTS.issuperset(map(str.lower, binding)), weight, named)


def read_parameters(pieces: Sequence[str]) -> tuple[float | None, list[str]]:
    """Return the weight (None: malformed) and the parameters before it, ``name=value``, without blanks and quotes."""
    parameters: list[str] = []
    for piece in pieces:
        name, _, value = (each.strip() for each in piece.partition("="))
        if name.lower() == "q":
            return _read_weight(value), parameters
        parameters.append(f"{name.lower()}={value.strip(chr(34))}")
    return 1.0, parameters


def _read_weight(text: str) -> float | None:
    if not any(map(str.isdigit, text)) or not _WEIGHT.fullmatch(text):
        return None
    weight = float(text)
    return weight if weight <= 1 else None
