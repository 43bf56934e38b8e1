"""The map: where places are, drawn and as a table; countries, then parts of the earth, until there are few enough to tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from fonds.descriptions.gazetteer import ELSEWHERE, PAGE_LENGTH, WORLD, Gazetteer, Mark, Place, View
from fonds.drawing.land import ID, read_outline
from fonds.drawing.map import Spot, draw_map, land_in, land_of, window_around, window_of
from fonds.translations import gettext, ngettext, said
from fonds.web.answers import Answer, Exchange
from fonds.web.drawn import Named, as_csv, as_drawing, as_file, on_page, root_of
from fonds.web.frame import LAND
from fonds.web.listings import page_answer, page_number
from fonds.web.literals import point_in_words
from fonds.web.naming import in_language_of_page, title_of
from fonds.web.paging import pages
from fonds.web.problems import Choice, Problem
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.values import direction_of
from fonds.web.wording import counted, grouped

_PARAMETERS = ("in", "area", "without", "page")
_COLUMNS = ("identifier", "title", "longitude", "latitude", "lies_in", "records")
_MOST_ROWS = 50_000
_MOST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Line(Named):
    """A row of the table beside a map.

    Attributes:
        number: Of its mark; empty where it has none.
        where: Its coordinates in words; empty where they are not stated.
        places: For how many places it stands.
        documents: In how many records they are named.
        whole: In which place it lies, the largest.
    """

    number: str = ""
    where: str = ""
    places: int = 1
    documents: int = 0
    whole: Named | None = None


def world(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/map``; ``?in={key}&area=…`` show a country, a part of the earth; ``?without=coordinates`` lists places.

    Raises:
        Problem: There is no such map, or no map at all.
    """
    gazetteer, given = _asked(site, exchange)
    page = page_number(given)
    if "without" in given:
        return _without(site, exchange, gazetteer, page)
    view, root = _view(gazetteer, given), root_of(exchange)
    listed = gazetteer.places(view.name, page) if view.listed else ()
    if page > 1 and not listed:
        raise Problem(
            404,
            said("There is no page {page} of this map.", page=page),
            (Choice(_address(view.name), said("The map")),),
        )
    # A list may go on for pages; its marks are numbered as far as each has one of its own.
    alone = view.listed and len(view.marks) == view.places
    marked = _marked(site, view)
    rows = [] if view.listed and not alone else marked
    return page_answer(
        site,
        exchange,
        "map.html",
        view=view,
        drawing=on_page(_drawn(view, marked, root, _land_on_page(site, root))) if marked else "",
        has_land=LAND in site.assets,
        lines=rows or [_line(site, each, view) for each in listed],
        pages=None if rows else pages("map", page, view.places, PAGE_LENGTH, **_parameters(view.name)),
        trail=list(_trail(gazetteer, view))[::-1],
        unlocated=gazetteer.unlocated,
        few=[_line(site, each) for each in gazetteer.places(ELSEWHERE, 1)]
        if view.name == WORLD and gazetteer.unlocated <= PAGE_LENGTH
        else [],
        files=[
            (f"map.{each}{_query(view.name)}", name) for each, name in _FILES if view.marks or each == "csv"
        ],
        canonical=_address(view.name),
    )


_FILES = (("svg", "SVG"), ("csv", "CSV"), ("geojson", "GeoJSON"))


def place_map(
    site: Site, title: str, language: str | None, points: Sequence[tuple[float, float]], root: str
) -> Markup:
    """Return a small map on which a place is found, nothing where nobody states where it is.

    Args:
        site: Where the place has its page.
        title: What it is called.
        language: Of the title.
        points: Longitude and latitude; several where they are not the same in all sources.
        root: Of the page on which the map stands.
    """
    if not points or site.gazetteer is None:
        return Markup()
    where = "; ".join(_where(each) for each in points)
    spots = [
        Spot(
            each,
            str(number) if len(points) > 1 else "",
            gettext("{title}, {where}: the map of all places").format(title=title, where=_where(each)),
            f"{root}map",
            language=language,
        )
        for number, each in enumerate(points, start=1)
    ]
    described = gettext("Map around {title}, {where}").format(title=title, where=where)
    return on_page(draw_map(window_around(points), spots, described, _land_on_page(site, root)))


def world_svg(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/map.svg?…``: the drawing alone, with the outline of the land in it.

    Raises:
        Problem: 404, there is nothing on it.
    """
    view = _view(*_asked(site, exchange))
    if not view.marks:
        raise Problem(
            404,
            said("No place here has coordinates, so there is no map."),
            (Choice("map", said("The places")),),
        )
    outline = read_outline()
    land = land_of(outline) if outline else ""
    return as_drawing(exchange, _drawn(view, _marked(site, view), site.base, land))


def world_csv(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/map.csv?…``: all places of a map; of the world those without coordinates too."""
    gazetteer, given = _asked(site, exchange)
    places = _whole(_every(gazetteer, _view(gazetteer, given), elsewhere=True))
    rows = ((each.iri, each.title, *(each.point or ("", "")), each.whole, each.documents) for each in places)
    return as_csv(exchange, "map", _COLUMNS, rows)


def world_geojson(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/map.geojson?…``: all places of a map as features (RFC 7946)."""
    gazetteer, given = _asked(site, exchange)
    features = [
        {
            "type": "Feature",
            "id": each.iri,
            "geometry": {"type": "Point", "coordinates": each.point},
            "properties": {"title": each.title, "records": each.documents},
        }
        for each in _whole(_every(gazetteer, _view(gazetteer, given), elsewhere=False))
    ]
    collection = msgspec.json.encode({"type": "FeatureCollection", "features": features})
    return as_file(exchange, "application/geo+json", collection)


def _asked(site: Site, exchange: Exchange) -> tuple[Gazetteer, dict[str, str]]:
    if site.gazetteer is None:
        what = (
            said("This release was made before there was a map; build it again.")
            if site.is_publication
            else said("There is no map of this dataset: only publications of an archive have one.")
        )
        raise Problem(404, what, (Choice("browse", said("Lists")), Choice("sparql", "SPARQL")))
    return site.gazetteer, one_of_each(exchange.query, _PARAMETERS)


def _view(gazetteer: Gazetteer, given: Mapping[str, str]) -> View:
    asked = [f"{name}={given[name]}" for name in ("in", "area") if given.get(name)]
    view = gazetteer.view("&".join(asked) or WORLD)
    if view is None:
        raise Problem(
            404,
            said("There is no such map; each map leads to smaller ones."),
            (Choice("map", said("The map")),),
        )
    return view


# ------------------------------------------------------------------------------------------------ drawing, table


def _drawn(view: View, marked: Sequence[Line], root: str, land: str) -> str:
    """Return a map, given the rows of its marks."""
    window = window_of([each.point for each in view.marks], whole=view.name == WORLD)
    spots = [_spot(each, line, root) for each, line in zip(view.marks, marked, strict=True)]
    described = ngettext("Map of {number} place", "Map of {number} places", view.places).format(
        number=grouped(view.places)
    )
    if view.title:
        described = gettext("{map} in {place}").format(map=described, place=view.title)
    return draw_map(window, spots, described, land)


def _land_on_page(site: Site, root: str) -> str:
    versions: Any = site.templates.globals["versions"]
    return land_in(f"{site.top(root)}assets/{LAND}?{versions[LAND]}#{ID}") if LAND in site.assets else ""


def _spot(it: Mark, line: Line, root: str) -> Spot:
    places = ngettext("{number} place", "{number} places", it.places).format(number=grouped(it.places))
    what = f"{places}, " if it.places > 1 else ""
    name = f"{line.number}: {line.title}, {what}{grouped(it.documents)} {counted('record', it.documents)}"
    return Spot(it.point, line.number, name, root + line.href, it.places > 1, line.language)


def _marked(site: Site, view: View) -> list[Line]:
    """Return a row for each mark of a map."""
    return [_line_of_mark(site, each, number, view) for number, each in enumerate(view.marks, start=1)]


def _line_of_mark(site: Site, it: Mark, number: int, view: View) -> Line:
    title, language = in_language_of_page(site, it.iri, it.title, it.language)
    title = title or _area_in_words(it.view)
    # What cannot be told apart on any map is told by the list below it.
    at_a_place = site.addresses.of_iri(it.iri) if it.iri else f"{_address(view.name)}#places"
    href = _address(it.view) if it.view else at_a_place
    return Line(
        title,
        href,
        language if it.title else None,
        direction_of(title),
        str(number),
        _where(it.point) if it.places == 1 else gettext("around {place}").format(place=_where(it.point)),
        it.places,
        it.documents,
        _whole_of(site, it.whole, view),
    )


def _line(site: Site, it: Place, view: View | None = None) -> Line:
    title, language = in_language_of_page(site, it.iri, it.title, it.language)
    return Line(
        title,
        site.addresses.of_iri(it.iri),
        language,
        direction_of(title),
        where=_where(it.point) if it.point else "",
        documents=it.documents,
        whole=_whole_of(site, it.whole, view),
    )


def _whole_of(site: Site, iri: str, view: View | None) -> Named | None:
    """Return in which place one lies, None where there is none, or where it is the one that a map is of."""
    shown = view.name.partition("&")[0] if view else ""
    if not iri or shown == f"in={iri.rpartition('/')[2]}":
        return None
    title, language = title_of(site, iri)
    return Named(title, site.addresses.of_iri(iri), language, direction_of(title))


def _where(point: tuple[float, float]) -> str:
    """Return a point in words.

    >>> _where((-82.38, 23.0)), _where((0, -90))
    ('23° N, 82.38° W', '90° S, 0° E')
    """
    east, north = ((each + 180) % 360 - 180 if abs(each) > 180 else each for each in point)
    return point_in_words(f"{abs(east):g}", f"{abs(north):g}", west=east < 0, south=north < 0)


def _area_in_words(view: str) -> str:
    """Return a part of the earth in words; what is no part of it is a spot.

    >>> _area_in_words("in=cuba&area=-85,20,-80,25")
    '20° N, 85° W to 25° N, 80° W'
    """
    if "area=" not in view:
        return gettext("One spot")
    west, south, east, north = map(float, view.rpartition("area=")[2].split(","))
    return gettext("{first} to {last}").format(first=_where((west, south)), last=_where((east, north)))


def _without(site: Site, exchange: Exchange, gazetteer: Gazetteer, page: int) -> Answer:
    listed = gazetteer.places(ELSEWHERE, page)
    if not listed:
        raise Problem(404, said("There are no such places on this page."), (Choice("map", said("The map")),))
    return page_answer(
        site,
        exchange,
        "map-list.html",
        lines=[_line(site, each) for each in listed],
        pages=pages("map", page, gazetteer.unlocated, PAGE_LENGTH, without="coordinates"),
        canonical="map?without=coordinates",
    )


def _trail(gazetteer: Gazetteer, view: View) -> Iterator[tuple[str, str]]:
    """Yield the maps in which a map is a mark, the nearest first: address and name."""
    for _ in range(_MOST_STEPS):
        above = gazetteer.view(view.above) if view.above else None
        if above is None:
            return
        view = above
        yield _address(view.name), _called(view)


def _called(view: View) -> str:
    return gettext("The world") if view.name == WORLD else view.title or _area_in_words(view.name)


# ------------------------------------------------------------------------------------------------ all places of a map


def _every(gazetteer: Gazetteer, view: View, *, elsewhere: bool) -> Iterator[Place]:
    if view.listed:
        yield from _listed(gazetteer, view.name)
    for mark in () if view.listed else view.marks:
        below = gazetteer.view(mark.view) if mark.view else None
        if below is not None:
            yield from _every(gazetteer, below, elsewhere=False)
        elif not mark.view:
            yield Place(mark.iri, mark.title, mark.language, mark.point, mark.whole, mark.documents)
    if elsewhere and view.name == WORLD:
        yield from _listed(gazetteer, ELSEWHERE)


def _listed(gazetteer: Gazetteer, name: str) -> Iterator[Place]:
    page = 1
    while found := gazetteer.places(name, page):
        yield from found
        page += 1


def _whole(places: Iterator[Place]) -> list[Place]:
    """Return places, all of them.

    Raises:
        Problem: There are more than so many; they are not cut.
    """
    found: list[Place] = []
    for each in places:
        found.append(each)
        if len(found) > _MOST_ROWS:
            choices = (Choice("map", said("The map")), Choice("dataset#dumps", said("All data as files")))
            raise Problem(
                400,
                said(
                    "There are more places than can be had at once, {most_rows}. Ask for a smaller map, or take all data.",
                    most_rows=grouped(_MOST_ROWS),
                ),
                choices,
            )
    return found


# ------------------------------------------------------------------------------------------------ addresses


def _parameters(name: str) -> dict[str, str]:
    return {} if name == WORLD else dict(each.split("=", 1) for each in name.split("&"))


def _query(name: str) -> str:
    given = "&".join(f"{key}={quote(value, safe=',')}" for key, value in _parameters(name).items())
    return f"?{given}" if given else ""


def _address(name: str) -> str:
    return f"map{_query(name)}"
