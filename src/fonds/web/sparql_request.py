"""A request to the SPARQL endpoint: what it asks, of which dataset, and in which format (SPARQL 1.1 Protocol 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message
from functools import lru_cache
from typing import NamedTuple

from fonds.addresses import ascii_query, named_node, percent_decoded
from fonds.formats import (
    CSV,
    HTML,
    JSONLD,
    NQUADS,
    NTRIPLES,
    RDF_FORMATS,
    RDFXML,
    RESULT_FORMATS,
    RESULTS_JSON,
    RESULTS_XML,
    TRIG,
    TSV,
    TURTLE,
    Format,
)
from fonds.store import Dataset, QueryForm
from fonds.translations import said
from fonds.web.answers import Exchange
from fonds.web.negotiation import negotiate, read_accept
from fonds.web.problems import Problem

OWN_DATASET = Dataset()

ENDPOINT = "/sparql"
GRAPH_STORE = "/rdf-graph-store"

_ROWS_FORMATS = (*RESULT_FORMATS, HTML)
_GRAPH_FORMATS = (*RDF_FORMATS, HTML)
NO_QUERY_FORMATS = (HTML, *RDF_FORMATS)
_MOST_PARAMETERS = 1000

_NAMES: Mapping[str, tuple[Format, ...]] = {
    "html": (HTML,),
    "json": (RESULTS_JSON, JSONLD),
    "xml": (RESULTS_XML, RDFXML),
    "csv": (CSV,),
    "tsv": (TSV,),
    "srj": (RESULTS_JSON,),
    "srx": (RESULTS_XML,),
    "turtle": (TURTLE,),
    "ttl": (TURTLE,),
    "n3": (TURTLE,),
    "nt": (NTRIPLES,),
    "ntriples": (NTRIPLES,),
    "n-triples": (NTRIPLES,),
    "json-ld": (JSONLD,),
    "jsonld": (JSONLD,),
    "rdf": (RDFXML,),
    "rdf+xml": (RDFXML,),
    "rdfxml": (RDFXML,),
    "trig": (TRIG,),
    "nq": (NQUADS,),
    "nquads": (NQUADS,),
    "n-quads": (NQUADS,),
}
"""What clients write after ``format=`` or ``output=``; one name can stand for rows and for graphs."""


# ------------------------------------------------------------------------------------------------ the request


class QueryRequest(NamedTuple):
    """What a request asks.

    Attributes:
        query: The text; None where there is none.
        dataset: What the request names as its dataset.
        wanted: A format by name; None where the Accept header decides.
        graph: The graph that the graph store is asked for, empty for the default graph; None where a query is meant.
    """

    query: str | None
    dataset: Dataset = OWN_DATASET
    wanted: str | None = None
    graph: str | None = None


def read_request(
    path: str, method: str, content_type: str | None, query_string: str, body: bytes
) -> QueryRequest:
    """Read a request to the endpoint, or to the graph store.

    Raises:
        Problem: 400 for what cannot be read or is given twice, 403 for an update, 415 for another type of body.
    """
    parameters = read_parameters(query_string.encode())
    if method == "POST":
        type_ = _type_of_utf8(content_type)
        if type_ == "application/x-www-form-urlencoded":
            parameters += read_parameters(body)
        elif type_ == "application/sparql-query":
            parameters.append(("query", _utf8(body)))
        elif type_ == "application/sparql-update":
            raise Problem(403, said("This endpoint answers queries; it takes no updates."))
        else:
            raise Problem(
                415,
                said(
                    "The body is sent as “{type}”; send application/x-www-form-urlencoded or "
                    "application/sparql-query (SPARQL 1.1 Protocol 2.1).",
                    type=type_[:80],
                ),
            )
    if path == GRAPH_STORE or (method != "POST" and _names_a_graph(parameters)):
        return _graph_request(parameters)
    return _request(parameters)


def _type_of_utf8(content_type: str | None) -> str:
    """Return the media type of a body.

    Raises:
        Problem: 415, it is not in UTF-8.
    """
    type_, charset = _media_type(content_type)
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise Problem(415, said("The body is sent as {charset}; send UTF-8.", charset=charset[:40]))
    return type_


def form_in(body: bytes, content_type: str | None) -> str:
    """Return a form as the query of an address, which is written in the same way (URL standard 5).

    Raises:
        Problem: 415, the body is no form in UTF-8.
    """
    type_ = _type_of_utf8(content_type)
    if type_ != "application/x-www-form-urlencoded":
        raise Problem(
            415,
            said("The body is sent as “{type}”; send application/x-www-form-urlencoded.", type=type_[:80]),
        )
    return ascii_query(body)


def _names_a_graph(parameters: Sequence[tuple[str, str]]) -> bool:
    names = [name for name, _ in parameters]
    return "query" not in names and ("graph" in names or "default" in names)


def _graph_request(parameters: Sequence[tuple[str, str]]) -> QueryRequest:
    """Read which graph is asked for (SPARQL 1.1 Graph Store HTTP Protocol 4.2)."""
    named = [value for name, value in parameters if name == "graph"]
    default = [value for name, value in parameters if name == "default"]
    if len(named) + len(default) != 1 or any(default):
        raise Problem(
            400,
            said(
                "Say which graph: ?graph= with its IRI, or ?default for the default graph, one of them and once "
                "(SPARQL 1.1 Graph Store HTTP Protocol 4.2)."
            ),
        )
    wanted = _wanted(parameters)
    if default:
        return QueryRequest(_WHOLE_GRAPH, OWN_DATASET, wanted, "")
    return QueryRequest(_WHOLE_GRAPH, _dataset(named, []), wanted, named[0])


_WHOLE_GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def _wanted(parameters: Sequence[tuple[str, str]]) -> str | None:
    return next((value for name, value in parameters if value and name in _OF_FORMATS), None)


def _request(parameters: Sequence[tuple[str, str]]) -> QueryRequest:
    if len(parameters) == 1 and parameters[0][0] == "query":
        return QueryRequest(parameters[0][1])
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(name, []).append(value)
    if not given.keys().isdisjoint(_OF_UPDATES):
        raise Problem(403, said("This endpoint answers queries; it takes no updates."))
    queries = given.get("query", [])
    if len(queries) > 1:
        raise Problem(400, said("“query” is given more than once (SPARQL 1.1 Protocol 2.1)."))
    return QueryRequest(
        queries[0] if queries else None,
        _dataset(given.get("default-graph-uri", []), given.get("named-graph-uri", [])),
        _wanted(parameters),
    )


_OF_UPDATES = frozenset({"update", "using-graph-uri", "using-named-graph-uri"})
_OF_FORMATS = frozenset({"format", "output", "results"})


def _dataset(default_graphs: list[str], named_graphs: list[str]) -> Dataset:
    for iri in (*default_graphs, *named_graphs):
        if named_node(iri) is None:
            raise Problem(400, said("“{iri}” is not an absolute IRI and cannot name a graph.", iri=iri[:200]))
    if not default_graphs and not named_graphs:
        return OWN_DATASET
    # SPARQL 1.1 Protocol 2.1.4: a request that names a graph has exactly the dataset it names.
    return Dataset(tuple(default_graphs), tuple(named_graphs))


def read_parameters(text: bytes) -> list[tuple[str, str]]:
    """Read what a form, or the query of an address, says (URL standard 5.1), but hold it to UTF-8."""
    pieces = [piece for piece in text.replace(b"+", b" ").split(b"&") if piece]
    if len(pieces) > _MOST_PARAMETERS:
        raise Problem(
            400,
            said(
                "The parameters cannot be read: there are more than {most_parameters}.",
                most_parameters=_MOST_PARAMETERS,
            ),
        )
    try:
        named = (piece.partition(b"=") for piece in pieces)
        return [(percent_decoded(name).decode(), percent_decoded(value).decode()) for name, _, value in named]
    except UnicodeDecodeError as error:
        raise Problem(400, said("The parameters cannot be read: {error}.", error=error)) from error


def read_known(query: str, names: Sequence[str], what: str, *, also: Sequence[str] = ()) -> dict[str, str]:
    """Read the parameters of an address that takes no others.

    Args:
        query: The query string.
        names: Of the parameters.
        what: What takes them: ``said("this query")``.
        also: Names that are read as well, but are not worth telling.

    Raises:
        Problem: 400; where one is unknown or given twice, with its name.
    """
    given: dict[str, str] = {}
    for name, value in read_parameters(query.encode()):
        facts: dict[str, object] = {"parameter": name[:60]}
        if name not in names and name not in also:
            facts["parameters"] = list(names)
            detail = said(
                "There is no parameter “{name}”; {what} takes {names}.",
                name=name[:60],
                what=what,
                names=", ".join(names) or said("none"),
            )
            raise Problem(400, detail, facts=facts)
        if name in given:
            raise Problem(400, said("“{name}” is given more than once.", name=name), facts=facts)
        given[name] = value
    return given


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem(
            400,
            said("The body is not UTF-8 ({error} at byte {place}).", error=error.reason, place=error.start),
        ) from error


def _media_type(content_type: str | None) -> tuple[str, str]:
    """Return type and charset of a body, in lower case; empty where they are not given."""
    return _parsed_type(content_type[:1000]) if content_type else ("", "")


@lru_cache(maxsize=64)
def _parsed_type(content_type: str) -> tuple[str, str]:
    message = Message()
    message["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    charset = message.get_param("charset", "")
    return message.get_content_type(), charset.lower() if isinstance(charset, str) else "unknown"


# ------------------------------------------------------------------------------------------------ the format


def choose_format(form: QueryForm | None, request: QueryRequest, exchange: Exchange) -> Format:
    """Return the format of the answer: as the request names it, else as its Accept header has it.

    Raises:
        Problem: 406, with what can be had for this form of query.
    """
    graph, wanted = form in (QueryForm.CONSTRUCT, QueryForm.DESCRIBE), request.wanted
    offered: tuple[Format, ...] = _GRAPH_FORMATS if graph else _ROWS_FORMATS
    if request.graph is not None and wanted is not None:
        offered = RDF_FORMATS
    if wanted is not None:
        named = named_format(wanted, offered)
        if named is None:
            raise not_acceptable(
                offered, said("There is no format “{format}” for this query.", format=wanted[:60])
            )
        return named
    format_ = negotiate(exchange.accept, offered)
    if format_ is None and graph and _asks_for_results(exchange.accept):
        # roqet asks for application/sparql-results+xml whatever the form of the query is.
        format_ = TURTLE
    if format_ is None:
        raise not_acceptable(
            offered, said("None of the formats that are asked for can be had for this query.")
        )
    exchange.offered = offered
    exchange.chosen = format_.ending
    # A browser gets a graph of the graph store as text: its page is at the graph's own address.
    return TURTLE if request.graph is not None and format_ is HTML else format_


def named_format(wanted: str, offered: Sequence[Format]) -> Format | None:
    """Return the format that a client calls by a name or a media type, None where it is not offered."""
    name = wanted.strip().lower()
    by_name = next((each for each in _NAMES.get(name, ()) if each in offered), None)
    return by_name or next((each for each in offered if name in (each.media_type, *each.also)), None)


def _asks_for_results(accept: str | None) -> bool:
    types = {each.media_type for each in RESULT_FORMATS}
    return any(f"{each.type}/{each.subtype}" in types and each.weight > 0 for each in read_accept(accept))


def not_acceptable(offered: Sequence[Format], what: str) -> Problem:
    """Return the problem of a client that takes nothing of what is offered."""
    types = [each.media_type for each in offered]
    return Problem(
        406, said("{what} There are {types}.", what=what, types=", ".join(types)), facts={"available": types}
    )
