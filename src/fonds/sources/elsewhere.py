"""Identifiers elsewhere that a list states: whose they are, and whether they can be such."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fonds.model import Elsewhere

EXTERNAL = "external-identifier"
"""The type of an identifier of a scheme that is not known here."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of identifiers.

    Attributes:
        hosts: The end of the host names under which its identifiers stand, and what of the path comes before them.
        form: What an identifier looks like.
        address: How its address is written by those who give it.
    """

    hosts: str
    form: str
    address: str


_SCHEMES: Mapping[str, Scheme] = {
    "gnd": Scheme(
        r"d-nb\.info/gnd/|explore\.gnd\.network/gnd/", r"[0-9]{1,9}-?[0-9X]", "https://d-nb.info/gnd/{}"
    ),
    "viaf": Scheme(r"viaf\.org/viaf/", r"[1-9][0-9]{1,21}", "http://viaf.org/viaf/{}"),
    "geonames": Scheme(r"(?:sws\.)?geonames\.org/", r"[1-9][0-9]{0,8}", "https://sws.geonames.org/{}/"),
    "wikidata": Scheme(
        r"wikidata\.org/(?:wiki|entity)/", r"Q[1-9][0-9]{0,9}", "http://www.wikidata.org/entity/{}"
    ),
    "gov": Scheme(
        r"gov\.genealogy\.net/(?:item/show/)?", r"[A-Za-z]+_?[0-9A-Z_]+", "http://gov.genealogy.net/{}"
    ),
    "orcid": Scheme(r"orcid\.org/", r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", "https://orcid.org/{}"),
}
_WIKIPEDIA = re.compile(r"https?://([a-z]{2,3}(?:-[a-z]+)?)\.(?:m\.)?wikipedia\.org/wiki/([^\s?#]+)")
_IRI = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+\.[^\s<>\"{}|\\^`\x00-\x20]+")
_HOST = {
    name: re.compile(rf"(?:https?://)?(?:www\.)?(?:{scheme.hosts})([^/?#\s]+)(?:[/?#]\S*)?", re.IGNORECASE)
    for name, scheme in _SCHEMES.items()
}


def read_elsewhere(value: str, type_: str = "") -> Elsewhere | str:
    """Return an identifier elsewhere as a source states it, or what is wrong with it.

    >>> read_elsewhere("http://www.geonames.org/564915/druzhba.html")
    Elsewhere(scheme='geonames', value='564915', iri='https://sws.geonames.org/564915/')
    >>> read_elsewhere("118609808", "gnd")
    'is no identifier of the GND: its check digit should be 7, not 8'

    Args:
        value: The identifier, its address, or ``gnd:`` and the like before it.
        type_: Whose it is, as the edition says: ``gnd``, ``GeoNames``; an ``idno`` of type ``uri`` says nothing.
    """
    value = value.strip()
    if not value:
        return "is empty"
    for name, host in _HOST.items():
        match = host.fullmatch(value)
        if match:
            return _of_scheme(name, match[1])
    wikipedia = _WIKIPEDIA.fullmatch(value)
    if wikipedia:
        return Elsewhere("wikipedia", f"{wikipedia[1]}:{wikipedia[2]}", value)
    prefix, _, rest = value.partition(":")
    name, number = (
        (prefix.lower(), rest) if is_scheme(prefix) else (re.sub("[^a-z]", "", type_.lower()), value)
    )
    if is_scheme(name) and "//" not in number:
        return _of_scheme(name, number)
    if "://" in value and not _IRI.fullmatch(value):
        return "is no address"
    return Elsewhere(EXTERNAL, value, value if _IRI.fullmatch(value) else None)


def is_scheme(prefix: str) -> bool:
    """Tell whether a prefix is that of a scheme of identifiers that is known here."""
    return prefix.lower() in _SCHEMES


def _of_scheme(name: str, value: str) -> Elsewhere | str:
    scheme = _SCHEMES[name]
    if not re.fullmatch(scheme.form, value):
        return f"is no identifier of {_called(name)}: {value!r}"
    if name == "gnd" and (wrong := _check_digit(value)):
        return f"is no identifier of {_called(name)}: {wrong}"
    return Elsewhere(name, value, scheme.address.format(value))


def _called(name: str) -> str:
    return {"gnd": "the GND", "viaf": "VIAF", "geonames": "GeoNames", "wikidata": "Wikidata"}.get(
        name, name.upper()
    )


def _check_digit(value: str) -> str:
    """Return what is wrong with the last digit of a GND identifier, empty if nothing is.

    The older kind, without a hyphen, is counted modulo 11 from behind; those with a hyphen are left to the GND.
    """
    if "-" in value or len(value) < 9:
        return ""
    digits, last = value[:-1], value[-1]
    total = sum(weight * int(digit) for weight, digit in enumerate(reversed(digits), start=2))
    check = (11 - total % 11) % 11
    expected = "X" if check == 10 else str(check)
    return "" if last == expected else f"its check digit should be {expected}, not {last}"
