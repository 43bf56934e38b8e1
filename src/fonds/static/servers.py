"""Configuration of web servers for a site of plain files: what leads elsewhere, what was given up, and which format a client gets.

A server chooses by one look at ``Accept``: a page to whoever names HTML, else the first RDF syntax that is named, else a page. Weights are
not read. Where a syntax cannot carry a document, who asks for nothing else gets 406.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.formats import (
    BIBTEX,
    CSL_JSON,
    EDM,
    HTML,
    LINKED_ART,
    LINKSET,
    RDF_FORMATS,
    RDFXML,
    RIS,
    SCHEMA_ORG,
    TEI,
    TEXT,
)
from fonds.vocabulary import DCTERMS, OWL
from fonds.web.answers import ALWAYS

CADDY, NGINX = "Caddyfile", "nginx.conf"
TYPES: Mapping[str, str] = {
    "atom": "application/atom+xml;charset=utf-8",
    "cff": "application/yaml;charset=utf-8",
    "css": "text/css;charset=utf-8",
    "csv": "text/csv;charset=utf-8",
    "geojson": "application/geo+json",
    "graphml": "application/xml",
    "gz": "application/gzip",
    "html": HTML.content_type,
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "js": "text/javascript;charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "rq": "application/sparql-query",
    "svg": "image/svg+xml",
    "tsv": "text/tab-separated-values;charset=utf-8",
    "xml": "application/xml",
    "txt": TEXT.content_type,
    **{each.ending: each.content_type for each in RDF_FORMATS},
    # The longest ending is the one that counts.
    **{each.ending: each.content_type for each in (TEI, RIS, BIBTEX, CSL_JSON, LINKED_ART, SCHEMA_ORG, LINKSET, EDM)},
}  # fmt: skip
"""Types by the endings of files."""
_ACTIVITY = 'application/ld+json;profile="https://www.w3.org/ns/activitystreams"'


@dataclass
class Moves:
    """What is not where its address says.

    Attributes:
        elsewhere: Paths from the root of the site, and where each leads (303).
        moved: What was merged or renamed, by kind and key: what took its place (301).
        gone: What was split or withdrawn, by kind and key (410).
    """

    elsewhere: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def read_register(self, quads: bytes, base: str) -> None:
        """Take what the register says was given up.

        Args:
            quads: The graph of the register, as N-Quads.
            base: Under which identifiers stand.
        """
        start = f"{base}id/"
        replaced: dict[str, list[str]] = {}
        for quad in parse(quads, format=RdfFormat.N_QUADS):
            it, other = quad.subject, quad.object
            if not isinstance(it, NamedNode) or not it.value.startswith(start):
                continue
            if quad.predicate == OWL.deprecated:
                replaced.setdefault(it.value.removeprefix(start), [])
            elif quad.predicate == DCTERMS.isReplacedBy and isinstance(other, NamedNode):
                replaced.setdefault(it.value.removeprefix(start), []).append(other.value.removeprefix(start))
        for it, survivors in replaced.items():
            if len(survivors) == 1:
                self.moved[it] = survivors[0]
            else:
                self.gone.add(it)


def caddyfile(folder: Path, base: str, moves: Moves, prefixes: Sequence[str] = ()) -> str:
    """Return a configuration for Caddy 2.

    Args:
        folder: Of the site, absolute.
        base: Under which its identifiers stand.
        moves: What is not where its address says.
        prefixes: Of its languages but the first.
    """
    prefix = urlsplit(base).path.rstrip("/")
    lines = [
        "# Made by `fonds export --site`, and written anew with the site: include it, or give it to `caddy run --config`.",
        "# FONDS_ADDRESS and FONDS_ROOT of the environment stand in for the address and the folder.",
        f"{{$FONDS_ADDRESS:{_origin(base)}}} {{",
        f"\troot * {{$FONDS_ROOT:{_quoted(str(folder))}}}",
        *(f"\t{line}" for line in _caddy_site(prefix, moves, _tongue(prefixes))),
        "}",
        "",
    ]
    return "\n".join(lines)


def _caddy_site(prefix: str, moves: Moves, tongue: str) -> Iterator[str]:
    yield "encode gzip"
    yield "header {"
    yield from (f"\t{name.decode()} {_quoted(value.decode())}" for name, value in ALWAYS)
    yield "}"
    yield "route {"
    if prefix:
        yield f"\turi strip_prefix {prefix}"
    yield "\t@hidden path /.fonds /.fonds/*"
    yield '\trespond @hidden "There is nothing here." 404'
    yield from (f"\t{line}" for line in _caddy_moves(prefix, moves, tongue))
    yield from (f"\t{line}" for line in _caddy_negotiation(prefix, moves))
    for ending, type_ in TYPES.items():
        name = ending.replace(".", "-")
        yield f"\t@type-{name} path *.{ending}"
        yield f"\theader @type-{name} Content-Type {_quoted(type_)}"
    yield "\t@activities path_regexp ^/changes(?:/.*)?\\.json$"
    yield f"\theader @activities Content-Type {_quoted(_ACTIVITY)}"
    yield "\t@assets path /assets/*"
    yield '\theader @assets Cache-Control "public, max-age=3600"'
    yield "\t@others not path /assets/*"
    yield '\theader @others Cache-Control "public, max-age=60"'
    yield "\t@gone vars gone yes"
    yield "\tfile_server @gone {"
    yield "\t\tstatus 410"
    yield "\t}"
    yield "\tfile_server"
    yield "}"


def _caddy_moves(prefix: str, moves: Moves, tongue: str) -> Iterator[str]:
    for number, (it, there) in enumerate(sorted(moves.moved.items())):
        name = f"moved-{number}"
        yield f"@{name} path_regexp {name} ^/({tongue}(?:id|doc))/{re.escape(it)}((?:\\.|/).*)?$"
        yield f"redir @{name} {prefix}/{{re.{name}.1}}/{there}{{re.{name}.2}} 301"
    gone = "|".join(re.escape(it) for it in sorted(moves.gone))
    if gone:
        yield f"@gone-part path_regexp gone-part ^/({tongue})(?:id|doc)/({gone})/.*$"
        yield "rewrite @gone-part /{re.gone-part.1}doc/{re.gone-part.2}"
        yield f"@gone-thing path_regexp gone-thing ^/({tongue})(?:id|doc)/((?:{gone})(?:\\..*)?)$"
        yield "vars @gone-thing gone yes"
        yield "rewrite @gone-thing /{re.gone-thing.1}doc/{re.gone-thing.2}"
    for name, path, there in (("thing", "id", "doc"), ("term", "vocab", "doc/vocab")):
        yield f"@{name} path_regexp {name} ^/({tongue}){path}/(.+)$"
        # What a matcher has found is known to those within.
        yield f"route @{name} {{"
        yield f"\t@known file /{{re.{name}.1}}{there}/{{re.{name}.2}}.html"
        yield f"\tredir @known {prefix}/{{re.{name}.1}}{there}/{{re.{name}.2}} 303"
        yield "}"


def _tongue(prefixes: Sequence[str]) -> str:
    """Return a pattern for the prefix of a language, or none."""
    return f"(?:{'|'.join(map(re.escape, prefixes))})?" if prefixes else ""


def _caddy_negotiation(prefix: str, moves: Moves) -> Iterator[str]:
    named = "|".join(re.escape(each.media_type) for each in RDF_FORMATS)
    yield "@home {"
    yield "\tpath /"
    yield "\tnot header_regexp Accept text/html"
    yield f"\theader_regexp Accept {named}"
    yield "}"
    yield f"redir @home {prefix}/dataset 303"
    yield "@negotiated {"
    yield "\tfile {path}.html {path}.ttl"
    yield "}"
    yield 'header @negotiated Vary "Accept, Accept-Encoding"'
    for each in RDF_FORMATS:
        yield f"@as-{each.ending} {{"
        yield "\tnot header_regexp Accept text/html"
        yield f"\theader_regexp Accept {re.escape(each.media_type)}"
        yield f"\tfile {{path}}.{each.ending}"
        yield "}"
        yield f"rewrite @as-{each.ending} {{path}}.{each.ending}"
    yield "@no-xml {"
    yield "\tnot header_regexp Accept text/html|[*]/[*]"
    yield f"\theader_regexp Accept {re.escape(RDFXML.media_type)}"
    yield "\tfile {path}.ttl"
    yield "}"
    yield 'respond @no-xml "There is no RDF/XML of this: XML cannot carry it. Other formats are there." 406'
    yield from _caddy_elsewhere(prefix, moves)
    for ending in (".html", "/index.html", ".json", ".ttl"):
        name = ending.strip("/.").replace(".", "-")
        yield f"@page-{name} file {{path}}{ending}"
        yield f"rewrite @page-{name} {{path}}{ending}"


def _caddy_elsewhere(prefix: str, moves: Moves) -> Iterator[str]:
    """Yield what leads elsewhere, for those to whom no representation was given."""
    if moves.elsewhere:
        yield "map {path} {elsewhere} {"
        yield from (
            f"\t{_quoted(path)} {_quoted(prefix + there)}" for path, there in sorted(moves.elsewhere.items())
        )
        yield '\tdefault ""'
        yield "}"
        yield '@elsewhere expression {elsewhere} != ""'
        yield "redir @elsewhere {elsewhere} 303"


def nginx_conf(folder: Path, base: str, moves: Moves, prefixes: Sequence[str] = ()) -> str:
    """Return a configuration for nginx: to be included within ``http``; see :func:`caddyfile`."""
    parts = urlsplit(base)
    prefix = parts.path.rstrip("/")
    start = f"^{re.escape(prefix)}/({_tongue(prefixes)}"
    lines = [
        "# Made by `fonds export --site`, and written anew with the site: include it within http { … }.",
        "map $http_accept $fonds_ending {",
        '\tdefault ".html";',
        '\t"~text/html" ".html";',
        *(f'\t"~{re.escape(each.media_type)}" ".{each.ending}";' for each in RDF_FORMATS),
        "}",
        *_nginx_map("fonds_elsewhere", sorted(moves.elsewhere.items()), prefix),
        "server {",
        f"\tlisten {parts.port or 80};",
        f"\tserver_name {parts.hostname or '_'};",
        f"\troot {_quoted(str(folder))};",
        "\tabsolute_redirect off;",
        "\tetag on;",
        "\tgzip on;",
        "\tgzip_types text/plain text/turtle application/rdf+xml application/ld+json application/json application/xml image/svg+xml;",
        *(f"\tadd_header {name.decode()} {_quoted(value.decode())} always;" for name, value in ALWAYS),
        '\tadd_header Cache-Control "public, max-age=60";',
        '\tadd_header Vary "Accept, Accept-Encoding" always;',
        *(f"\t{line}" for line in _nginx_types()),
        f"\tif ($fonds_elsewhere) {{ return 303 {prefix}$fonds_elsewhere; }}",
        f"\tlocation ^~ {prefix}/.fonds {{ return 404; }}",
        *(f"\t{line}" for line in _nginx_moves(prefix, moves, start)),
        f'\tlocation ~ "{start})id/(.+)$" {{ return 303 {prefix}/$1doc/$2; }}',
        f'\tlocation ~ "{start})vocab/(.+)$" {{ return 303 {prefix}/$1doc/vocab/$2; }}',
        f"\tlocation = {prefix}/ {{",
        f'\t\tif ($fonds_ending != ".html") {{ return 303 {prefix}/dataset; }}',
        "\t\ttry_files /index.html =404;",
        "\t}",
        f"\tlocation {prefix}/ {{",
        *([f"\t\trewrite ^{re.escape(prefix)}(/.*)$ $1 break;"] if prefix else []),
        "\t\ttry_files $uri $uri$fonds_ending $uri.html $uri/index.html $uri.json $uri.ttl =404;",
        "\t}",
        "}",
        "",
    ]
    return "\n".join(lines)


def _nginx_map(name: str, rows: Iterable[tuple[str, str]], prefix: str) -> Iterator[str]:
    yield f"map $uri ${name} {{"
    yield '\tdefault "";'
    yield from (f"\t{_quoted(prefix + path)} {_quoted(there)};" for path, there in rows)
    yield "}"


def _nginx_types() -> Iterator[str]:
    yield "types {"
    yield from (f"\t{_quoted(type_)} {ending};" for ending, type_ in TYPES.items() if "." not in ending)
    yield "}"


def _nginx_moves(prefix: str, moves: Moves, start: str) -> Iterator[str]:
    for it, there in sorted(moves.moved.items()):
        yield f'location ~ "{start}(?:id|doc))/{re.escape(it)}((?:\\.|/).*)?$" {{ return 301 {prefix}/$1/{there}$2; }}'
    for it in sorted(moves.gone):
        yield f'location ~ "{start})(?:id|doc)/{re.escape(it)}(?:/.*)?$" {{'
        yield f"\terror_page 410 @gone-{it.replace('/', '-')};"
        yield "\treturn 410;"
        yield "}"
        yield f"location @gone-{it.replace('/', '-')} {{"
        yield f"\ttry_files /doc/{it}$fonds_ending /doc/{it}.html =410;"
        yield "}"
    yield f'location ~ "^{re.escape(prefix)}/changes(?:/[0-9]+|/holding/[^/]+(?:/[0-9]+)?)?$" {{'
    if prefix:
        yield f"\trewrite ^{re.escape(prefix)}(/.*)$ $1 break;"
    yield "\ttypes { }"
    yield f"\tdefault_type {_quoted(_ACTIVITY)};"
    yield "\ttry_files $uri.json =404;"
    yield "}"
    for each in (TEI, CSL_JSON, LINKED_ART, SCHEMA_ORG, LINKSET, EDM):
        yield f'location ~ "{re.escape(f".{each.ending}")}$" {{'
        if prefix:
            yield f"\trewrite ^{re.escape(prefix)}(/.*)$ $1 break;"
        yield "\ttypes { }"
        yield f"\tdefault_type {_quoted(each.content_type)};"
        yield "}"


def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


def _quoted(text: str) -> str:
    r"""Return a word of a configuration, in quotes.

    >>> _quoted('a "b"')
    '"a \\"b\\""'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
