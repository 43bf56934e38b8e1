"""Points on the earth, as GeoSPARQL writes them in words."""

from __future__ import annotations

import re

_POINT = re.compile(
    r"(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>\s*)?POINT\s*\(\s*(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)\s*\)",
    re.IGNORECASE,
)


def point_as_written(wkt: str) -> tuple[str, str] | None:
    """Return longitude and latitude as they are written in a point; None for anything else, and outside of the earth.

    Only CRS84 is understood, which is what no name of a system means (OGC 22-047r1, 8.5.1): longitude first.

    >>> point_as_written("POINT(-82.38 23.130)"), point_as_written("POINT(23 -182)")
    (('-82.38', '23.130'), None)
    """
    match = _POINT.fullmatch(wkt.strip())
    if match is None or abs(float(match[1])) > 180 or abs(float(match[2])) > 90:
        return None
    return match[1], match[2]


def point(wkt: str) -> tuple[float, float] | None:
    """Return longitude and latitude of a point in degrees; None for anything else, and outside of the earth."""
    written = point_as_written(wkt)
    return (float(written[0]), float(written[1])) if written else None
