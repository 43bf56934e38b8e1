"""``/reconcile``: persons, places, groups and events by the Reconciliation Service API 0.2 (W3C Entity Reconciliation Community
Group, Final Report of 10 April 2023), as OpenRefine asks it.

Cross-origin access is by CORS, as the report demands. JSONP, which it allows, would let any site run what it names as a
function, so there is none. What answers consist of stands below as types, of which ``/openapi.json`` is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, TypeVar
from typing import Literal as OneOf

import msgspec

from fonds import __version__
from fonds.formats import HTML, JSON
from fonds.web.answers import Answer, Exchange, Work
from fonds.web.facts import facts_about
from fonds.web.naming import title_of
from fonds.web.problems import Choice, Problem
from fonds.web.reconciled import (
    PROPERTIES,
    TYPES,
    Candidate,
    Entity,
    Given,
    Held,
    Property,
    Wanted,
    candidates,
    description_of,
    entity_of,
    found_by_identifier,
    kind_of,
    names_of,
    of_kinds,
    type_name,
)
from fonds.web.representations import kept_answer, page_language
from fonds.web.site import Site
from fonds.web.sparql_request import read_parameters
from fonds.web.wording import shortened

ADDRESS = "/reconcile"
BATCH_SIZE = 50
"""Queries of one request; it stands in the manifest."""
MOST_IDS = 1_000
MOST_CANDIDATES = 50
_CANDIDATES = 10
LONGEST = 500
_MOST_VALUES = 20
_PREVIEW = (430, 300)
_SUGGESTIONS = 10
MOST_PROPERTIES = 10_000
MOST_SKIPPED = 500

T = TypeVar("T")


# ------------------------------------------------------------------------------------------------ what is asked


class EntityGiven(msgspec.Struct, frozen=True):
    """A thing as a value, such as one that was reconciled before."""

    id: str
    name: str = ""


Value = str | int | float | bool | EntityGiven


class PropertyGiven(msgspec.Struct, frozen=True):
    """What is known of a thing beside its name: a property, and a value or several of which one must fit."""

    pid: str
    v: Value | list[Value]


class Query(msgspec.Struct, frozen=True):
    """One question: a name or an identifier, or something else that is known of a thing."""

    query: str = ""
    type: str | list[str] = []
    limit: Annotated[float, msgspec.Meta(ge=1)] = _CANDIDATES
    properties: list[PropertyGiven] = []
    type_strict: OneOf["any", "should", "all"] = "should"


class Column(msgspec.Struct, frozen=True):
    """A property of which the values are wanted; it has no settings here."""

    id: str


class Extension(msgspec.Struct, frozen=True):
    """Things, and properties of which the values are wanted."""

    ids: list[str]
    properties: list[Column]


# ------------------------------------------------------------------------------------------------ what is answered


class Type(msgspec.Struct, frozen=True):
    """A kind of thing."""

    id: str
    name: str


class ViewTemplate(msgspec.Struct, frozen=True):
    """Where a thing is shown: ``{{id}}`` stands for its identifier."""

    url: str


class PreviewTemplate(msgspec.Struct, frozen=True):
    """Where a small page about a thing is, and how large that is, in pixels."""

    url: str
    width: int
    height: int


class SuggestService(msgspec.Struct, frozen=True):
    """Where something is suggested while somebody types, and where more about it is."""

    service_url: str
    service_path: str
    flyout_service_url: str
    flyout_service_path: str


class Suggest(msgspec.Struct, frozen=True):
    """What can be suggested."""

    entity: SuggestService
    property: SuggestService
    type: SuggestService


class ProposeService(msgspec.Struct, frozen=True):
    """Where the properties of a type are listed."""

    service_url: str
    service_path: str


class Extend(msgspec.Struct, frozen=True):
    """How values are fetched."""

    propose_properties: ProposeService
    property_settings: list[str]


class ServiceManifest(
    msgspec.Struct,
    frozen=True,
    rename={
        "batch_size": "batchSize",
        "identifier_space": "identifierSpace",
        "schema_space": "schemaSpace",
        "default_types": "defaultTypes",
        "service_version": "serviceVersion",
    },
):
    """What the service is and can do (Reconciliation Service API 0.2, 4.1)."""

    versions: list[str]
    name: str
    identifier_space: str
    schema_space: str
    default_types: list[Type]
    documentation: str
    service_version: str
    view: ViewTemplate
    preview: PreviewTemplate
    suggest: Suggest
    extend: Extend
    batch_size: int


class Feature(msgspec.Struct, frozen=True):
    """One of the things that a score is made of: ``name`` from 0 to 100, properties from 0 to 1."""

    id: str
    value: float


class Result(msgspec.Struct, frozen=True):
    """A thing that may be meant."""

    id: str
    name: str
    description: str
    type: list[Type]
    score: float
    match: bool
    features: list[Feature]


class Results(msgspec.Struct, frozen=True):
    """What may be meant by one question, the likeliest first."""

    result: list[Result]


class Suggestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that begins as what somebody types."""

    id: str
    name: str
    description: str = ""
    notable: list[Type] = []


class Suggestions(msgspec.Struct, frozen=True):
    """What begins as what somebody types."""

    result: list[Suggestion]


class Flyout(msgspec.Struct, frozen=True):
    """A few words about something, as HTML without any script."""

    id: str
    html: str


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """A property of which values were asked for."""

    id: str
    name: str
    type: Type | msgspec.UnsetType = msgspec.UNSET


class Extended(msgspec.Struct, frozen=True):
    """Values by thing and property."""

    meta: list[Meta]
    rows: dict[str, dict[str, list[dict[str, str | int]]]]


class Proposed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The properties that things of a type can have."""

    type: str
    properties: list[Type]
    limit: int | msgspec.UnsetType = msgspec.UNSET


# ------------------------------------------------------------------------------------------------ the service


def answered(site: Site, exchange: Exchange) -> Work:
    """Return the work that answers an address at or below ``/reconcile``."""
    return Work(partial(_answer, site, exchange), light=False)


def _answer(site: Site, exchange: Exchange) -> Answer:
    if not site.is_publication:
        raise Problem(404, "Only a publication of an archive can be reconciled with; these are files of RDF.")
    view = ADDRESSES.get(exchange.path.rstrip("/"))
    if view is None:
        raise Problem(
            404,
            f"There is nothing at {exchange.path[:200]}.",
            (Choice("reconcile", "The reconciliation service"),),
        )
    given: dict[str, str] = {}
    for name, value in read_parameters(exchange.query.encode()):
        if name in given:
            raise Problem(400, f"“{name[:60]}” is given more than once.", facts={"parameter": name[:60]})
        given[name] = value
    if "callback" in given:
        detail = (
            "There is no JSONP here, which lets other sites run scripts; ask without “callback”, by CORS."
        )
        raise Problem(400, detail, facts={"parameter": "callback"})
    return view(site, exchange, given)


def service(site: Site, exchange: Exchange, given: Mapping[str, str]) -> Answer:
    """Answer ``/reconcile``: the manifest; what ``queries`` asks for; the values that ``extend`` asks for.

    Raises:
        Problem: 400, it is not what the specification says; 413, there are too many queries or things.
    """
    if "queries" in given and "extend" in given:
        raise Problem(400, "Ask either by “queries” or by “extend”.")
    if "queries" in given:
        return _json(exchange, _reconciled(site, given["queries"]))
    if "extend" in given:
        return _json(exchange, _extended(site, given["extend"]))
    if "query" in given:
        detail = 'A single “query” was of version 0.1; send “queries”, such as {"q0": {"query": "…"}}.'
        raise Problem(400, detail, facts={"parameter": "query"})
    return _json(exchange, manifest(site))


def manifest(site: Site) -> ServiceManifest:
    """Return what the service is and can do."""
    base = site.base.rstrip("/")

    def suggest(what: str) -> SuggestService:
        return SuggestService(base, f"{ADDRESS}/suggest/{what}", base, f"{ADDRESS}/flyout/{what}?id=${{id}}")

    width, height = _PREVIEW
    return ServiceManifest(
        versions=["0.2"],
        name=site.settings.title,
        identifier_space=f"{site.base}id/",
        schema_space="http://www.cidoc-crm.org/cidoc-crm/",
        default_types=[_type(kind) for kind in TYPES],
        documentation=f"{site.base}help",
        service_version=__version__,
        view=ViewTemplate(f"{site.base}id/{{{{id}}}}"),
        preview=PreviewTemplate(f"{base}{ADDRESS}/preview?id={{{{id}}}}", width, height),
        suggest=Suggest(suggest("entity"), suggest("property"), suggest("type")),
        extend=Extend(ProposeService(base, f"{ADDRESS}/properties"), []),
        batch_size=BATCH_SIZE,
    )


def _type(kind: str) -> Type:
    return Type(kind, type_name(kind))


def _json(exchange: Exchange, found: object) -> Answer:
    return kept_answer(exchange, JSON.content_type, msgspec.json.encode(found))


# ------------------------------------------------------------------------------------------------ reconciliation


def _reconciled(site: Site, text: str) -> dict[str, Results]:
    queries = _decoded(dict[str, Query], text, "queries")
    if len(queries) > BATCH_SIZE:
        raise Problem(
            413,
            f"There are {len(queries)} queries; {BATCH_SIZE} are answered at once.",
            facts={"limit": BATCH_SIZE},
        )
    wanted = {key: _wanted(key, each) for key, each in queries.items()}
    return {
        key: Results([_result(each) for each in candidates(site, wanted[key], _limit(query.limit))])
        for key, query in queries.items()
    }


def _limit(limit: float) -> int:
    return int(min(limit, MOST_CANDIDATES))


def _wanted(key: str, query: Query) -> Wanted:
    """Return what a query looks for.

    Raises:
        Problem: 400, it says nothing by which anything can be found, or names something that there is not.
    """
    where = f" (query “{key[:60]}”)"
    types = [query.type] if isinstance(query.type, str) else query.type
    kinds = tuple(dict.fromkeys(kind for each in types if each for kind in _kinds(each, where)))
    properties = tuple((_property(each.pid, where), _values(each, where)) for each in query.properties)
    name = query.query.strip()
    if len(name) > LONGEST:
        raise Problem(400, f"The name has {len(name)} characters; {LONGEST} are read{where}.")
    if not name and not any(each.id == "elsewhere" for each, _ in properties):
        raise Problem(
            400,
            f"There is neither a “query”, nor the property “elsewhere”, by which something can be found{where}.",
        )
    return Wanted(name, kinds or tuple(TYPES), properties)


def _kinds(type_: str, where: str = "") -> list[str]:
    found = [kind for kind, classes in TYPES.items() if type_ == kind or type_ in classes]
    if not found:
        raise Problem(
            400,
            f"There is no type “{type_[:100]}”{where}; there are {', '.join(TYPES)}.",
            facts={"parameter": "type", "types": list(TYPES)},
        )
    return found


def _property(id_: str, where: str = "") -> Property:
    found = PROPERTIES.get(id_)
    if found is None:
        raise Problem(
            400,
            f"There is no property “{id_[:100]}”{where}; there are {', '.join(PROPERTIES)}.",
            facts={"properties": list(PROPERTIES)},
        )
    return found


def _values(given: PropertyGiven, where: str) -> tuple[Given, ...]:
    if PROPERTIES[given.pid].fits is None:
        raise Problem(400, f"“{given.pid}” can be fetched, but nothing can be held against it{where}.")
    values = given.v if isinstance(given.v, list) else [given.v]
    if not 1 <= len(values) <= _MOST_VALUES:
        raise Problem(400, f"“{given.pid}” has {len(values)} values; it can have 1 to {_MOST_VALUES}{where}.")
    read = tuple(Entity(each.id, each.name) if isinstance(each, EntityGiven) else each for each in values)
    if any(len(each.id + each.name if isinstance(each, Entity) else str(each)) > LONGEST for each in read):
        raise Problem(400, f"A value of “{given.pid}” has more than {LONGEST} characters{where}.")
    return read


def _result(candidate: Candidate) -> Result:
    return Result(
        *candidate.entity,
        candidate.description(),
        [_type(candidate.kind)],
        candidate.score,
        candidate.match,
        [Feature(key, value) for key, value in candidate.features.items()],
    )


def _decoded(type_: type[T], text: str, name: str) -> T:
    try:
        return msgspec.json.decode(text, type=type_)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Problem(
            400, f"“{name}” cannot be read: {shortened(str(error), 300)}.", facts={"parameter": name}
        ) from error


# ------------------------------------------------------------------------------------------------ data extension


def _extended(site: Site, text: str) -> Extended:
    asked = _decoded(Extension, text, "extend")
    if len(asked.ids) > MOST_IDS:
        raise Problem(
            413,
            f"There are {len(asked.ids)} things; {MOST_IDS} are answered at once.",
            facts={"limit": MOST_IDS},
        )
    properties = [_property(each.id) for each in asked.properties]
    return Extended(
        [Meta(each.id, each.name, _type(each.type) if each.type else msgspec.UNSET) for each in properties],
        {each: _row(site, each, properties) for each in asked.ids},
    )


def _row(site: Site, id_: str, properties: Sequence[Property]) -> dict[str, list[dict[str, str | int]]]:
    iri = found_by_identifier(site, id_[:LONGEST])
    if iri is None:
        return {each.id: [] for each in properties}
    facts, kind = facts_about(site, iri), kind_of(site, iri)
    return {
        each.id: [_cell(value) for value in each.values(site, iri, facts)] if kind in each.kinds else []
        for each in properties
    }


def _cell(value: Held) -> dict[str, str | int]:
    if isinstance(value, Entity):
        return {"id": value.id, "name": value.name}
    # A date stays a text: as “date” it would have an hour, which nobody states.
    return {"int": value} if isinstance(value, int) else {"str": value}


def proposed(site: Site, exchange: Exchange, given: Mapping[str, str]) -> Answer:  # noqa: ARG001  every view is called alike
    """Answer ``/reconcile/properties?type=…&limit=…``: the properties that things of a type can have; without a type, all."""
    type_ = given.get("type", "")
    found = of_kinds(_kinds(type_)) if type_ else list(PROPERTIES.values())
    limit = _number(given, "limit", len(PROPERTIES), least=1, most=MOST_PROPERTIES)
    shown = [Type(each.id, each.name) for each in found[:limit]]
    return _json(exchange, Proposed(type_, shown, limit if "limit" in given else msgspec.UNSET))


def _number(given: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int) -> int:
    text = given.get(name) or str(default)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1
    if not least <= number <= most:
        raise Problem(
            400,
            f"“{name}” is “{text[:60]}”; expected a number from {least} to {most}.",
            facts={"parameter": name},
        )
    return number


# ------------------------------------------------------------------------------------------------ suggestions


def _suggested(
    of: Callable[[Site, str, slice], list[Suggestion]],
    site: Site,
    exchange: Exchange,
    given: Mapping[str, str],
) -> Answer:
    """Answer ``/reconcile/suggest/{what}?prefix=…&cursor=…``; what else clients send of old is passed over."""
    prefix = given.get("prefix", "")
    if len(prefix) > LONGEST:
        raise Problem(
            400, f"“prefix” has {len(prefix)} characters; {LONGEST} are read.", facts={"parameter": "prefix"}
        )
    start = _number(given, "cursor", 0, most=MOST_SKIPPED)
    return _json(exchange, Suggestions(of(site, prefix.strip(), slice(start, start + _SUGGESTIONS))))


def _entities(site: Site, prefix: str, shown: slice) -> list[Suggestion]:
    found: dict[str, None] = {}
    if prefix and (known := found_by_identifier(site, prefix)) is not None:
        found[known] = None
    if prefix and site.search is not None:
        most = MOST_SKIPPED + _SUGGESTIONS
        for path in site.search.named(prefix, tuple(TYPES), most, beginning=True):
            found[site.addresses.iris.thing(*path.split("/", 1)).value] = None
    return [_suggestion(site, iri) for iri in list(found)[shown]]


def _suggestion(site: Site, iri: str) -> Suggestion:
    kind = kind_of(site, iri)
    return Suggestion(
        *entity_of(site, iri), description_of(site, iri, kind, facts_about(site, iri)), [_type(kind)]
    )


def _types(site: Site, prefix: str, shown: slice) -> list[Suggestion]:  # noqa: ARG001
    found = (Suggestion(kind, type_name(kind), TYPES[kind][0]) for kind in TYPES)
    return [each for each in found if _begins(each, prefix)][shown]


def _properties(site: Site, prefix: str, shown: slice) -> list[Suggestion]:  # noqa: ARG001
    found = (Suggestion(each.id, each.name, each.words) for each in PROPERTIES.values())
    return [each for each in found if _begins(each, prefix)][shown]


def _begins(it: Suggestion, prefix: str) -> bool:
    words = [it.id, *it.name.split(), it.name]
    return it.description == prefix or any(each.casefold().startswith(prefix.casefold()) for each in words)


# ------------------------------------------------------------------------------------------------ previews


def _flyout(
    of: Callable[[Site, str], Mapping[str, Any]], site: Site, exchange: Exchange, given: Mapping[str, str]
) -> Answer:
    """Answer ``/reconcile/flyout/{what}?id=…``: a few words as HTML."""
    id_ = _id(given)
    page = site.page("reconcile-flyout.html", exchange.path, it=of(site, id_))
    return _json(exchange, Flyout(id_, page.decode().strip()))


def _id(given: Mapping[str, str]) -> str:
    id_ = given.get("id", "")
    if not id_.strip() or len(id_) > LONGEST:
        raise Problem(400, "“id” is missing, or longer than identifiers are.", facts={"parameter": "id"})
    return id_


def _of_entity(site: Site, id_: str) -> Mapping[str, Any]:
    iri = found_by_identifier(site, id_)
    if iri is None:
        raise Problem(404, f"There is no person, group, place or event “{id_[:200]}” here.")
    facts, kind = facts_about(site, iri), kind_of(site, iri)
    name, language = title_of(site, iri)
    return {
        "iri": iri,
        "href": site.addresses.of_iri(iri),
        "name": name,
        "language": language,
        "kind": type_name(kind),
        "names": [each for each in names_of(facts) if each != name],
        "description": description_of(site, iri, kind, facts),
        "rows": [
            (each.name, [value.name if isinstance(value, Entity) else str(value) for value in values])
            for each in of_kinds([kind])
            if each.id not in ("name", "description") and (values := each.values(site, iri, facts))
        ],
    }


def _of_type(site: Site, id_: str) -> Mapping[str, Any]:  # noqa: ARG001
    (kind, *_) = _kinds(id_)
    return {"name": type_name(kind), "language": None, "kind": "", "description": ", ".join(TYPES[kind])}


def _of_property(site: Site, id_: str) -> Mapping[str, Any]:  # noqa: ARG001
    found = _property(id_)
    return {"name": found.name, "language": None, "kind": "", "description": found.words}


def preview(site: Site, exchange: Exchange, given: Mapping[str, str]) -> Answer:
    """Answer ``/reconcile/preview?id=…``: a small page about a thing, which other sites may show in a frame."""
    body = site.page("reconcile-preview.html", exchange.path, it=_of_entity(site, _id(given)))
    return replace(kept_answer(exchange, HTML.content_type, body, page_language()), framed=True)


ADDRESSES: Mapping[str, Callable[[Site, Exchange, Mapping[str, str]], Answer]] = {
    ADDRESS: service,
    f"{ADDRESS}/properties": proposed,
    f"{ADDRESS}/preview": preview,
    f"{ADDRESS}/suggest/entity": partial(_suggested, _entities),
    f"{ADDRESS}/suggest/property": partial(_suggested, _properties),
    f"{ADDRESS}/suggest/type": partial(_suggested, _types),
    f"{ADDRESS}/flyout/entity": partial(_flyout, _of_entity),
    f"{ADDRESS}/flyout/property": partial(_flyout, _of_property),
    f"{ADDRESS}/flyout/type": partial(_flyout, _of_type),
}
"""Every address of the service with what answers it."""
