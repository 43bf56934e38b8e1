"""What a push reads back is compared as a store may keep it: Virtuoso keeps points as numbers, and their type under a name of its own."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fonds.release.pushing import _as_compared

WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
OWN = "http://www.openlinksw.com/schemas/virtrdf#Geometry"


def triple(text: str, type_: str) -> Triple:
    node = NamedNode("urn:x")
    return Triple(node, node, Literal(text, datatype=NamedNode(type_)))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("POINT(4.84 45.76)", "POINT(4.8400001525879 45.759998321533)"),
        ("Point (4.8412345 45.7612345678)", "POINT (4.8412345 45.7612345678)"),
        ("POINT(10 -45.7)", "POINT(10 -45.700000762939)"),
        ("POINT(1e99 0)", "POINT(1e99 0)"),
    ],
)
def test_a_point_is_the_same_point_as_virtuoso_keeps_it(sent: str, kept: str) -> None:
    assert _as_compared(triple(sent, WKT)) == _as_compared(triple(kept, OWN))


@pytest.mark.parametrize(
    "kept", ["POINT(4.841 45.76)", "POINT(45.76 4.84)", "POINT(4.84 -45.76)", "POINT(4.84)", "x"]
)
def test_another_point_is_another_point(kept: str) -> None:
    assert _as_compared(triple("POINT(4.84 45.76)", WKT)) != _as_compared(triple(kept, OWN))


def test_everything_else_is_compared_as_it_stands() -> None:
    string = "http://www.w3.org/2001/XMLSchema#string"
    assert _as_compared(triple("4.84", string)) == triple("4.84", string)
    assert _as_compared(triple("POINT(4.84 45.76)", string)) != _as_compared(triple("POINT(4.84 45.76)", WKT))
