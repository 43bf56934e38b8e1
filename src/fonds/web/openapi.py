"""``/openapi.json``: what programs can ask here, in OpenAPI 3.1, made of what answers: queries, types and formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from fonds.formats import (
    CITATION_FORMATS,
    DOCUMENT_FORMATS,
    EDM,
    HTML,
    JSON,
    LINKED_ART,
    LINKSET,
    PROBLEM,
    RDF_FORMATS,
    RESULT_FORMATS,
    RESULTS_JSON,
    SCHEMA_ORG,
    TEI,
    TEXT,
    Format,
)
from fonds.store.stored import PAGE_ROWS, Kind, Parameter, StoredQuery, written_value
from fonds.translations import ENGLISH, speaking
from fonds.web import lookup, reconcile, reconciled
from fonds.web.answers import Answer, Exchange
from fonds.web.listings import DescribedQuery
from fonds.web.representations import kept_answer
from fonds.web.site import Site
from fonds.web.sparql_request import NO_QUERY_FORMATS
from fonds.web.stored import MOST_PAGES, endings_of
from fonds.web.wording import KINDS, contact_address, licence_name, limits_note, web_address

Json = dict[str, Any]

IRI_PATTERN = r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`]*$"
_SCHEMA_OF: Mapping[Kind, Json] = {
    Kind.IRI: {"type": "string", "format": "iri", "pattern": IRI_PATTERN},
    Kind.STRING: {"type": "string"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.LANGUAGE: {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"},
    Kind.INTEGER: {"type": "integer", "minimum": -(10**18) + 1, "maximum": 10**18 - 1},
}
_ANSWERS = (
    lookup.Identified,
    lookup.Matches,
    lookup.Found,
    lookup.Related,
    list[DescribedQuery],
    reconcile.ServiceManifest,
    dict[str, reconcile.Query],
    reconcile.Extension,
    dict[str, reconcile.Results],
    reconcile.Suggestions,
    reconcile.Flyout,
    reconcile.Extended,
    reconcile.Proposed,
)
_REASONS = {
    "400": "Something that was sent cannot be understood; `detail` says what is expected, `parameter` where",
    "403": "An update, or a call to another endpoint that may not be asked",
    "404": "There is no such thing or page; `choices` may name others",
    "406": "None of the formats that are asked for can be had; `available` lists them",
    "410": "It was given up; `detail` says when and why",
    "413": "The query is longer than is read, or there are more than are answered at once",
    "414": "The query is longer than is read",
    "415": "The body is of another type than is read",
    "429": "This client has too many queries that run or wait; come again after `Retry-After`",
    "502": "Another endpoint that the query asks gave no answer",
    "503": "A limit of the endpoint was passed (`limit`, `value`), or it is busy (`Retry-After`)",
    "504": "Another endpoint that the query asks took too long",
}
_OF_QUERIES = ("400", "404", "406", "414", "429", "502", "503", "504")


def document(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/openapi.json`` (OpenAPI Specification 3.1.0)."""
    with speaking(ENGLISH):
        body = msgspec.json.format(msgspec.json.encode(description(site)), indent=1)
    return kept_answer(exchange, JSON.content_type, body)


def description(site: Site) -> Json:
    """Return the whole description as what JSON is made of."""
    settings, manifest = site.settings, site.release.manifest
    _, schemas = msgspec.json.schema_components(_ANSWERS, ref_template="#/components/schemas/{name}")
    info: Json = {
        "title": settings.title,
        "version": manifest.name,
        "description": f"{settings.description}\n\n{limits_note(settings)}".strip(),
    }
    if licence := web_address(settings.rights.data) if site.is_publication else "":
        info["license"] = {"name": licence_name(licence), "url": licence}
    if contact := contact_address(settings.contact):
        mail = contact.startswith("mailto:")
        info["contact"] = {"email": contact.removeprefix("mailto:")} if mail else {"url": contact}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": urlsplit(site.base).path.rstrip("/") or "/"}],
        "tags": [
            {"name": "Questions", "description": "Stored queries: each answers one question."},
            {
                "name": "Lookups",
                "description": "What has an identifier or a reference, and what it is related to.",
            },
            *(
                [
                    {
                        "name": "Reconciliation",
                        "description": "Persons, places, groups and events for names that others have: the Reconciliation "
                        "Service API 0.2, as OpenRefine asks it.",
                    }
                ]
                if site.is_publication
                else []
            ),
            {"name": "SPARQL", "description": "SPARQL 1.1 Protocol and Graph Store Protocol, to read."},
            {"name": "Documents", "description": "What is stated of one thing, and the whole."},
        ],
        "paths": _questions(site)
        | _lookups()
        | (_reconciliation() if site.is_publication else {})
        | _sparql()
        | _documents(site),
        "components": {"schemas": schemas | _SCHEMAS},
    }


# ------------------------------------------------------------------------------------------------ pieces

_SCHEMAS: Json = {
    "Problem": {
        "title": "Problem",
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "parameter": {"type": "string"},
            "line": {"type": "integer"},
            "column": {"type": "integer"},
            "choices": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"href": {"type": "string"}, "label": {"type": "string"}},
                    "required": ["href", "label"],
                },
            },
        },
        "required": ["type", "title", "status", "detail"],
    },
    "Results": {
        "title": "Results",
        "description": "Rows of a SELECT, or the truth of an ASK (SPARQL 1.1 Query Results JSON Format).",
        "type": "object",
        "properties": {
            "head": {
                "type": "object",
                "properties": {"vars": {"type": "array", "items": {"type": "string"}}},
            },
            "results": {
                "type": "object",
                "properties": {
                    "bindings": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": {"$ref": "#/components/schemas/Term"},
                        },
                    }
                },
                "required": ["bindings"],
            },
            "boolean": {"type": "boolean"},
        },
        "required": ["head"],
    },
    "Term": {
        "title": "Term",
        "description": "An RDF term; unbound variables have none.",
        "type": "object",
        "properties": {
            "type": {"enum": ["uri", "literal", "bnode", "triple"]},
            "value": {},
            "xml:lang": {"type": "string"},
            "datatype": {"type": "string"},
        },
        "required": ["type", "value"],
    },
}
_PROBLEM = {PROBLEM.media_type: {"schema": {"$ref": "#/components/schemas/Problem"}}, HTML.media_type: {}}


def _operation(
    tag: str, name: str, summary: str, answers: Json, reasons: Iterable[str], words: str = "", **more: object
) -> Json:
    return {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        **({"description": words} if words else {}),
        **more,
        "responses": answers
        | {status: {"description": _REASONS[status], "content": _PROBLEM} for status in reasons},
    }


def _parameter(name: str, words: str, schema: Json, *, required: bool = False, **more: object) -> Json:
    return {"name": name, "in": "query", "description": words, "required": required, "schema": schema, **more}


def _content(formats: Sequence[Format]) -> Json:
    found: Json = {}
    for each in formats:
        schema = {"schema": {"$ref": "#/components/schemas/Results"}} if each is RESULTS_JSON else {}
        found.setdefault(each.media_type, schema)
    return found


def _answered(words: str, formats: Sequence[Format], **headers: str) -> Json:
    told = {name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()}
    return {
        "200": {"description": words, "content": _content(formats), **({"headers": told} if told else {})}
    }


def _of_type(words: str, schema: Json) -> Json:
    return {"200": {"description": words, "content": {JSON.media_type: {"schema": schema}}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


_PAGE = {"type": "integer", "minimum": 1, "default": 1}


# ------------------------------------------------------------------------------------------------ paths


def _questions(site: Site) -> Json:
    listed = _of_type("The stored queries", {"type": "array", "items": _ref("DescribedQuery")})
    listed["200"]["content"][HTML.media_type] = {}
    paths: Json = {
        "/queries": {"get": _operation("Questions", "queries", "The stored queries", listed, ("406",))}
    }
    for query in site.queries:
        paths[f"/queries/{quote(query.name, safe='')}"] = {"get": _question(site, query)}
    return paths


def _question(site: Site, query: StoredQuery) -> Json:
    parameters = [_of_query(site, each) for each in query.parameters]
    words = query.question
    if query.pageable:
        words += f'\n\nPages of {PAGE_ROWS} rows; `Link: rel="next"` leads on.'
        parameters.append(_parameter("page", "Which page", _PAGE | {"maximum": MOST_PAGES}))
    endings = ", ".join(f"`.{each}`" for each in endings_of(query))
    words += f"\n\nBeside `Accept`, an ending of the path chooses the format: {endings}; `.rq` is the query itself."
    return _operation(
        "Questions",
        f"query-{query.name}",
        query.title,
        _answered("The answer", tuple(endings_of(query).values()), Link="Other pages (RFC 8288)"),
        _OF_QUERIES,
        words.strip(),
        parameters=parameters,
    )


def _of_query(site: Site, parameter: Parameter) -> Json:
    schema, written = dict(_SCHEMA_OF[parameter.kind]), written_value(parameter, site.prefixes)
    value = int(written) if written and parameter.kind is Kind.INTEGER else written
    if written and not parameter.required:
        schema["default"] = value
    example = {"example": value} if written else {}
    empty = {} if parameter.required else {"allowEmptyValue": True}
    return _parameter(
        parameter.name, parameter.words, schema, required=parameter.required, **example, **empty
    )


def _lookups() -> Json:
    text: Json = {"type": "string", "minLength": 1, "maxLength": lookup.LONGEST_VALUE, "pattern": r"\S"}
    pages = _parameter("page", "Which page", _PAGE | {"maximum": lookup.MOST_PAGES})

    def get(name: str, summary: str, type_: str, words: str, reasons: tuple[str, ...], *more: Json) -> Json:
        value = _parameter("value", words, text, required=True)
        return {
            f"/lookup/{name}": {
                "get": _operation(
                    "Lookups",
                    f"lookup-{name}",
                    summary,
                    _of_type("What was found", _ref(type_)),
                    ("400", "404", "406", *reasons),
                    parameters=[value, *more],
                )
            }
        }

    return {
        **get(
            "identifier",
            "What an identifier of these data stands for",
            "Identified",
            "An IRI, whole or without what all of them begin with: `person/guevara`",
            ("410",),
        ),
        **get(
            "external",
            "What has an identifier elsewhere",
            "Matches",
            "An entry of an authority file, as an IRI or its number alone (`Q5809`), or an identifier that a source states",
            (),
        ),
        **get(
            "shelfmark",
            "What has an archive's reference",
            "Found",
            "A reference or its beginning, however it is written: `f. 5, op. 49`, `ф. 5, оп. 49, д. 758`",
            (),
            pages,
        ),
        **get(
            "related",
            "What a thing is related to",
            "Related",
            "An IRI that occurs in the data, or one of ours without what all of them begin with",
            (),
            pages,
        ),
    }


def _reconciliation() -> Json:
    """Return what the Reconciliation Service API 0.2 has, as it is answered here."""
    tag = "Reconciliation"

    def coded(name: str, words: str, schema: Json) -> Json:
        content = {"content": {JSON.media_type: {"schema": schema}}}
        return {"name": name, "in": "query", "description": words, "required": False, **content}

    batch: Json = {
        "type": "object",
        "additionalProperties": _ref("Query"),
        "maxProperties": reconcile.BATCH_SIZE,
    }
    of_batch = {"type": "object", "additionalProperties": _ref("Results")}
    answer = _of_type(
        "The manifest, without parameters; else what was asked for",
        {"anyOf": [_ref("ServiceManifest"), of_batch, _ref("Extended")]},
    )
    forms = [
        coded("queries", f"Up to {reconcile.BATCH_SIZE} questions by keys of the client's own", batch),
        coded("extend", f"Up to {reconcile.MOST_IDS} things, and properties of them", _ref("Extension")),
    ]
    form: Json = {
        "type": "object",
        "properties": {
            each["name"]: {"type": "string", "contentMediaType": JSON.media_type} for each in forms
        },
    }
    types = {"type": "string", "enum": list(reconciled.TYPES)}
    text: Json = {"type": "string", "maxLength": reconcile.LONGEST}
    cursor = {"type": "integer", "minimum": 0, "maximum": reconcile.MOST_SKIPPED, "default": 0}
    limit = {"type": "integer", "minimum": 1, "maximum": reconcile.MOST_PROPERTIES}
    proposed = [
        _parameter("type", "A type; without one, all properties", types),
        _parameter("limit", "How many", limit),
    ]
    id_ = _parameter("id", "The identifier", text | {"minLength": 1}, required=True)
    page: Json = {"200": {"description": "A page that fits into a frame", "content": {HTML.media_type: {}}}}

    def get(name: str, summary: str, answers: Json, reasons: tuple[str, ...], parameters: list[Json]) -> Json:
        operation = _operation(
            tag, f"reconcile-{name.replace('/', '-')}", summary, answers, reasons, parameters=parameters
        )
        return {f"{reconcile.ADDRESS}/{name}": {"get": operation}}

    paths: Json = {
        reconcile.ADDRESS: {
            "get": _operation(
                tag,
                "reconcile-get",
                "What the service can do; or ask it",
                answer,
                ("400", "413"),
                parameters=forms,
            ),
            "post": _operation(
                tag,
                "reconcile-post",
                "Ask by a form",
                answer,
                ("400", "413", "415"),
                requestBody={"content": {"application/x-www-form-urlencoded": {"schema": form}}},
            ),
        },
        **get(
            "properties",
            "The properties of a type",
            _of_type("Properties", _ref("Proposed")),
            ("400",),
            proposed,
        ),
        **get("preview", "A small page about a thing", page, ("400", "404"), [id_]),
    }
    prefix = _parameter("prefix", "What somebody has typed", text)
    for what in ("entity", "property", "type"):
        parameters = [prefix, _parameter("cursor", "How many are passed over", cursor)]
        suggested = _of_type("What begins so", _ref("Suggestions"))
        paths |= get(
            f"suggest/{what}", f"Suggest while somebody types: {what}", suggested, ("400",), parameters
        )
        flyout = _of_type("A few words as HTML", _ref("Flyout"))
        paths |= get(f"flyout/{what}", f"A few words about one: {what}", flyout, ("400", "404"), [id_])
    return paths


def _sparql() -> Json:
    query = {"type": "string", "minLength": 1}
    named = {"type": "array", "items": {"type": "string", "format": "iri"}}
    formats = tuple(dict.fromkeys((*RESULT_FORMATS, *RDF_FORMATS, HTML)))
    parameters = [
        _parameter("query", "SPARQL 1.1; known prefixes need no declaration", query),
        _parameter("default-graph-uri", "Graphs whose merge is the default graph", named),
        _parameter("named-graph-uri", "Graphs that GRAPH reaches", named),
        _parameter("format", "A format by name or media type, over Accept", {"type": "string"}),
    ]
    form: Json = {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in parameters},
        "required": ["query"],
    }
    reasons = ("400", "403", "406", "429", "502", "503", "504")
    answer = _answered(
        f"The answer to the query; without one, the description of the endpoint ({NO_QUERY_FORMATS[1].name} or a page)",
        formats,
    )
    graph = [
        _parameter("graph", "The graph", {"type": "string", "format": "iri"}),
        _parameter("default", "The default graph", {"type": "string", "maxLength": 0}, allowEmptyValue=True),
    ]
    return {
        "/sparql": {
            "get": _operation(
                "SPARQL", "sparql-get", "Ask a query", answer, ("414", *reasons), parameters=parameters
            ),
            "post": _operation(
                "SPARQL",
                "sparql-post",
                "Ask a query",
                answer,
                ("413", "415", *reasons),
                requestBody={
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {"schema": form},
                        "application/sparql-query": {"schema": query},
                    },
                },
            ),
        },
        "/rdf-graph-store": {
            "get": _operation(
                "SPARQL",
                "graph-store",
                "Read a whole graph",
                _answered("Its triples", RDF_FORMATS),
                ("400", "404", "406", "429", "503"),
                parameters=graph,
            )
        },
    }


def _documents(site: Site) -> Json:
    there = {"schema": {"type": "string"}, "required": True, "in": "path"}
    kind = {**there, "name": "kind", "schema": {"type": "string", "enum": [*KINDS, "capture"]}}
    slug = {**there, "name": "slug", "description": "The last segment of its identifier"}
    key = {**there, "name": "key", "description": "The last segment of the record's identifier"}
    moved: Json = {
        status: {"description": words, "headers": {"Location": {"schema": {"type": "string"}}}}
        for status, words in (("301", "It has another identifier now"), ("303", "See the document about it"))
    }
    page = _parameter("page", "Which page of what points to it", _PAGE | {"maximum": 999_999_999})
    paths: Json = {}
    if site.is_publication:
        paths["/id/{kind}/{slug}"] = {
            "get": _operation(
                "Documents", "thing", "An identifier", moved, ("404", "410"), parameters=[kind, slug]
            )
        }
        paths["/doc/{kind}/{slug}"] = {
            "get": _operation(
                "Documents",
                "document",
                "What is stated of a thing",
                _answered("The document", DOCUMENT_FORMATS) | {"301": moved["301"]},
                ("400", "404", "406", "410"),
                "Beside `Accept`, an ending of the path chooses the format: "
                + ", ".join(f"`.{each.ending}`" for each in (*DOCUMENT_FORMATS, LINKSET))
                + ".",
                parameters=[kind, slug, page],
            )
        }
        europeana = () if site.settings.edm.missing else (EDM,)
        of_records = (TEI, TEXT, *CITATION_FORMATS, LINKED_ART, SCHEMA_ORG, *europeana)
        for each in of_records:
            paths[f"/doc/record/{{key}}.{each.ending}"] = {
                "get": _operation(
                    "Documents",
                    f"record-{each.ending}",
                    f"A record as {each.name}",
                    _answered("The record", (each,)) | {"301": moved["301"]},
                    ("404", "410"),
                    parameters=[key],
                )
            }
    iri = _parameter("iri", "Any IRI that occurs in the data", _SCHEMA_OF[Kind.IRI], required=True)
    paths["/doc"] = {
        "get": _operation(
            "Documents",
            "document-of-iri",
            "What is stated of any IRI",
            _answered("The document", DOCUMENT_FORMATS),
            ("400", "404", "406"),
            parameters=[iri, page],
        )
    }
    for path, name, words in (
        ("/dataset", "dataset", "The dataset: VoID and DCAT"),
        ("/.well-known/sparql-examples", "examples", "The stored queries as examples for SPARQL editors"),
    ):
        formats = DOCUMENT_FORMATS if name == "dataset" else RDF_FORMATS
        answers = _answered(words, formats) | ({"303": moved["303"]} if formats is RDF_FORMATS else {})
        paths[path] = {"get": _operation("Documents", name, words, answers, ("406",))}
    return paths
