"""The ties of one thing: what lists state, offices, and what is named in the same paragraphs; drawn, as tables, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from fonds.drawing.graphml import Edge, Node, graphml
from fonds.drawing.network import Other, Ring, draw_network
from fonds.translations import gettext, marked, ngettext, pgettext, said
from fonds.web.answers import Answer, Exchange
from fonds.web.authorities import Authority, authority, kind_of
from fonds.web.drawn import as_csv, as_drawing, as_file, on_page, root_of
from fonds.web.listings import page_answer
from fonds.web.problems import Choice, Problem
from fonds.web.resources import first_known, not_found
from fonds.web.site import Site
from fonds.web.statements import About, title_of
from fonds.web.values import Value
from fonds.web.wording import KINDS, counted, grouped

_ENDINGS = ("csv", "graphml", "svg")
_COLUMNS = ("source", "target", "title", "kind", "tie", "paragraphs")
_MOST_OF_RING = 20
"""Others that are drawn in each ring but the outermost."""
_MOST_DRAWN = 50
LISTED, OFFICES, BESIDE = "listed", "offices", "beside"
_RINGS = {
    LISTED: marked("What is stated"),
    OFFICES: marked("Offices"),
    BESIDE: marked("Named in the same paragraphs"),
}
"""Kinds of tie, from within, with what they are called."""
_TOGETHER = marked("named in the same paragraphs")


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie.

    Attributes:
        other: At its other end.
        kind: Of the other one.
        label: What joins them.
        weight: In how many paragraphs they stand together; 1 for any other tie.
    """

    other: Value
    kind: str
    label: str
    weight: int = 1

    @property
    def kind_name(self) -> str:
        """What such a thing is called."""
        return counted(self.kind, 1) if self.kind in KINDS else self.kind


@dataclass(slots=True)
class Circle:
    """The ties of one kind.

    Attributes:
        name: Which kind: a key of ``_RINGS``.
        label: What they are.
        ties: In their order.
        number: Of the ring in the drawing.
        total: How many there are; more than the ties, where only the strongest are known here.
    """

    name: str
    label: str
    ties: list[Tie] = field(default_factory=list)
    number: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Ego:
    """One thing with its ties."""

    iri: str
    kind: str
    about: About
    circles: tuple[Circle, ...]


def network(site: Site, exchange: Exchange, kind: str, key: str) -> Answer:
    """Answer ``/network/{kind}/{key}``, and the same with ``.csv``, ``.graphml``, ``.svg``.

    Raises:
        Problem: 404, there is no such person, group, place, event, work or topic.
    """
    path, ending = f"{kind}/{key}", ""
    it = first_known(site, site.addresses.things(path))
    if it is None and (found := next((each for each in _ENDINGS if key.endswith(f".{each}")), "")):
        path, ending = path.removesuffix(f".{found}"), found
        it = first_known(site, site.addresses.things(path))
    if it is None:
        raise not_found(site, f"id/{path}")
    ego = _ego(site, it)
    if ending == "csv":
        return as_csv(exchange, "network", _COLUMNS, _rows(ego))
    if ending == "graphml":
        return _as_graphml(exchange, ego)
    if ending == "svg":
        if not ego.circles:
            raise Problem(
                404,
                said("There are no ties to be drawn."),
                (Choice(site.addresses.of_iri(ego.iri), ego.about.title),),
            )
        return as_drawing(exchange, _drawn(ego, site.base)[0])
    drawing, left_out = _drawn(ego, root_of(exchange)) if ego.circles else ("", 0)
    address = f"network/{site.addresses.of_iri(ego.iri).removeprefix('doc/')}"
    return page_answer(
        site,
        exchange,
        "network.html",
        about=ego.about,
        href=site.addresses.of_iri(ego.iri),
        iri=ego.iri,
        kind=ego.kind,
        kind_name=counted(ego.kind, 1),
        circles=ego.circles,
        drawing=on_page(drawing),
        left_out=left_out,
        files=[(f"{address}.{each}", name) for each, name in _FILES if ego.circles],
        canonical=address,
    )


_FILES = (("svg", "SVG"), ("csv", "CSV"), ("graphml", "GraphML"))


def _ego(site: Site, it: NamedNode) -> _Ego:
    kind, description = kind_of(site, it.value), site.descriptions.of(it.value)
    if kind is None or description is None:
        choice = Choice(site.addresses.of_iri(it.value), said("What is stated of it"))
        raise Problem(
            404,
            said("Networks are drawn of people, organisations, places, events, works and topics."),
            (choice,),
        )
    about = title_of(site, it, description)
    counts = site.descriptions.occurrences(it.value)
    shown = authority(site, it, kind, about, counts)
    circles = [Circle(name, gettext(label)) for name, label in _RINGS.items()]
    for circle, ties in zip(
        circles, (_listed(site, shown), _offices(site, shown), _beside(site, shown)), strict=True
    ):
        circle.ties = list(_each_once(ties, it.value))
        circle.total = counts.others if circle.name == BESIDE else len(circle.ties)
    kept = tuple(each for each in circles if each.ties)
    for number, circle in enumerate(kept, start=1):
        circle.number = number
    return _Ego(it.value, kind, about, kept)


def _each_once(ties: Iterable[Tie], own: str) -> Iterator[Tie]:
    seen: set[tuple[str, str]] = set()
    for each in ties:
        if each.other.iri and each.other.iri != own and (each.other.iri, each.label) not in seen:
            seen.add((each.other.iri, each.label))
            yield each


def _listed(site: Site, it: Authority) -> Iterator[Tie]:
    """Yield what lists, records and conclusions state of a thing."""
    stated = [
        *((gettext("part of"), chain[0]) for chain in it.wholes),
        *((gettext("took place there"), each) for each in it.where),
        *((gettext("took part"), each.who) for each in it.participants),
        *((pgettext("maker", "by"), each) for each in it.makers),
        *(
            (gettext("{what} there").format(what=life.name.lower()), each)
            for life in it.life
            for each in life.places
        ),
        *(
            (group.label[:1].lower() + group.label[1:], each)
            for group in (*it.order, *it.around)
            for each in group.things
        ),
    ]
    return (Tie(other, _kind(site, other), label) for label, other in stated)


def _offices(site: Site, it: Authority) -> Iterator[Tie]:
    for office in it.offices:
        roles = ", ".join(each.text for each in office.roles) or gettext("office not named")
        for other in (*((office.holder,) if office.holder else ()), *office.groups):
            yield Tie(other, _kind(site, other), roles)


def _beside(site: Site, it: Authority) -> Iterator[Tie]:
    together = gettext(_TOGETHER)
    return (Tie(each.thing, _kind(site, each.thing), together, each.paragraphs) for each in it.neighbours)


def _kind(site: Site, it: Value) -> str:
    match (site.addresses.iris.path(it.iri) or "").split("/"):
        case ["id", kind, *_]:
            return kind
    return ""


# ------------------------------------------------------------------------------------------------ drawing, data


def _drawn(ego: _Ego, root: str) -> tuple[str, int]:
    """Return a drawing, and how many things are not on it."""
    ties_of: dict[str, list[Tie]] = {}
    for circle in ego.circles:
        for tie in circle.ties:
            ties_of.setdefault(tie.other.iri, []).append(tie)
    # Who is joined by several ties stands in the innermost ring, and is told with all of them.
    left = dict(ties_of)
    rings: list[Ring] = []
    for circle in ego.circles:
        own = list(dict.fromkeys(tie.other.iri for tie in circle.ties if tie.other.iri in left))
        most = _MOST_DRAWN - sum(len(ring.others) for ring in rings)
        shown = own[: most if circle is ego.circles[-1] else min(most, _MOST_OF_RING)]
        for iri in own:
            del left[iri]
        if shown:
            rings.append(Ring(str(circle.number), [_other(ties_of[iri], root) for iri in shown]))
    drawn = sum(len(ring.others) for ring in rings)
    described = ngettext(
        "Ties of {title} with {number} other", "Ties of {title} with {number} others", drawn
    ).format(title=ego.about.title, number=grouped(drawn))
    return draw_network(ego.about.title, ego.about.language, rings, described), len(ties_of) - drawn


def _other(ties: list[Tie], root: str) -> Other:
    """Return who is joined by some ties, the first of which is one of the ring in which they are drawn."""
    first = ties[0]
    told = "; ".join(_told(each) for each in ties)
    return Other(
        first.other.text,
        f"{first.other.text}: {told}",
        root + (first.other.href or ""),
        first.kind,
        first.weight,
        first.other.language,
    )


def _told(it: Tie) -> str:
    if it.label != gettext(_TOGETHER):
        return it.label
    told = ngettext(
        "named together in {number} paragraph", "named together in {number} paragraphs", it.weight
    )
    return told.format(number=grouped(it.weight))


def _rows(ego: _Ego) -> Iterator[tuple[object, ...]]:
    for circle in ego.circles:
        for each in circle.ties:
            number = each.weight if circle.name == BESIDE else ""
            yield ego.iri, each.other.iri, each.other.text, each.kind, each.label, number


def _as_graphml(exchange: Exchange, ego: _Ego) -> Answer:
    nodes = {ego.iri: Node(ego.iri, ego.about.title, ego.kind)}
    edges = []
    for circle in ego.circles:
        for each in circle.ties:
            nodes.setdefault(each.other.iri, Node(each.other.iri, each.other.text, each.kind))
            edges.append(Edge(ego.iri, each.other.iri, each.label, each.weight))
    content = graphml(nodes.values(), edges).encode()
    return as_file(exchange, "application/xml;charset=utf-8", content, "network.graphml")
