"""What a publication says of itself in ``fonds.toml``: read once, and an unknown key is an error."""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec

from fonds.errors import Fault, SettingsError
from fonds.translations import SOURCE, languages

FULLTEXT = Literal["full", "excerpt", "link"]
"""How much of a record's words leaves the house."""

INFERENCE = Literal["none", "shortcuts", "full"]
"""How much of what follows from the asserted triples is written beside them."""

BEGINNINGS = Literal["detect", "file", "divisions"]
"""Where the documents of a TEI file begin."""

SCOPE = Literal["file", "collection"]
"""How far an ``xml:id`` of a list reaches."""

BRACKETS: Mapping[str, str] = {
    "not declassified": "redacted",
    "omitted here": "omitted",
    "here follow": "omitted",
    "illegible": "illegible",
    "unreadable": "illegible",
    "unintelligible": "unintelligible",
    "inaudible": "inaudible",
    "garble": "garbled",
}
"""Words in square brackets by which editors tell of a loss, and its cause."""

_NAME = "fonds.toml"
_EUROPEANA = re.compile(
    r"http://creativecommons\.org/(?:"
    r"licenses/(?:by-nd-nc|by|by-sa|by-nd|by-nc|by-nc-sa|by-nc-nd)/1\.0/(?:(?:fi|il|nl)/)?"
    r"|licenses/by(?:-sa|-nd|-nc|-nc-sa|-nc-nd)?/(?:"
    r"2\.0/(?:(?:au|at|be|br|ca|cl|hr|uk|fr|de|it|jp|nl|pl|kr|es|tw)/)?"
    r"|2\.1/(?:au|es|jp)/"
    r"|2\.5/(?:(?:ar|au|br|bg|ca|cn|co|hr|dk|hu|in|il|it|mk|my|mt|mx|nl|pe|pl|pt|scotland|si|za|es|se|ch|tw)/)?"
    r"|3\.0/(?:(?:au|at|br|cl|cn|cr|hr|cz|ec|eg|ee|fr|de|gr|gt|hk|igo|ie|it|lu|nl|nz|no|ph|pl|pt|pr|ro|rs|sg|za|es|ch|tw|th|ug|us|ve|vn)/)?"
    r"|4\.0/)"
    r"|publicdomain/(?:zero|mark)/1\.0/)"
    r"|http://rightsstatements\.org/vocab/(?:NoC-NC|NoC-OKLR|InC|InC-EDU|InC-OW-EU|CNE)/1\.0/"
)
"""The statements that Europeana takes, as its own rules spell them: ``http``, and a slash at the end."""
_COLLECTION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BASE = re.compile(r"https?://[^\s/<>\"{}|\\^`?#]+(?:/[^\s<>\"{}|\\^`?#]*)?/")
_GRAPH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_ENDPOINT = re.compile(
    r"https?://[^\s/<>\"{}|\\^`?#@*%!$&'()+,;=\x00-\x20]+(?:[/?][^\s<>\"{}|\\^`#\x00-\x20]*)?"
)


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one query of a stranger may use, and how many pages one may ask for."""

    query_seconds: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """Wall-clock seconds until a query is stopped, those in which it waits for a worker included."""
    query_bytes: Annotated[int, msgspec.Meta(gt=0)] = 64 * 1024
    """Longest text of a query, in bytes."""
    worker_memory_bytes: Annotated[int, msgspec.Meta(gt=64 * 1024 * 1024)] = 1024 * 1024 * 1024
    """Most memory of one query worker, in bytes."""
    workers: Annotated[int, msgspec.Meta(gt=0)] = 3
    """Queries that run at the same time; one client has all but one of these workers at most."""
    queued_queries: Annotated[int, msgspec.Meta(ge=0)] = 64
    """Queries that may wait for a worker; one more is answered 503."""
    client_queries: Annotated[int, msgspec.Meta(gt=0)] = 16
    """Queries of one client that may run or wait at the same time; one more is answered 429."""
    result_bytes: Annotated[int, msgspec.Meta(gt=0)] = 2 * 1024 * 1024 * 1024
    """Longest answer of a query, in bytes before compression; a longer one is an error, never cut."""
    result_rows: Annotated[int, msgspec.Meta(gt=0)] = 10_000_000
    """Most rows, or triples, of an answer; with more it is an error, never cut."""
    client_pages: Annotated[int, msgspec.Meta(gt=0)] = 32
    """Pages of one client that may be made or wait at the same time; one more is answered 429. What is in memory does not count."""
    client_pages_per_minute: Annotated[int, msgspec.Meta(ge=0)] = 1200
    """Pages made for one client in a minute, which it may ask for at once; more are answered 429. 0: as many as it likes."""
    queued_pages: Annotated[int, msgspec.Meta(gt=0)] = 1024
    """Pages that may wait to be made; one more is answered 503."""
    inverse_links: Annotated[int, msgspec.Meta(gt=0)] = 100
    """Links from other things that one document lists."""
    cache_bytes: Annotated[int, msgspec.Meta(ge=0)] = 32 * 1024 * 1024
    """Most memory for answers that are kept, in bytes."""
    federation_seconds: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """Wall-clock seconds that another endpoint has to answer, of those that the query has."""
    federation_bytes: Annotated[int, msgspec.Meta(gt=0)] = 16 * 1024 * 1024
    """Most bytes that other endpoints may answer to one query, all together."""
    federation_calls: Annotated[int, msgspec.Meta(gt=0)] = 10
    """Most ``SERVICE`` patterns of one query."""


class Rights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose words, whose rights: the default for records that say nothing else."""

    text: str = "Rights not stated in the source."
    """The statement on quoted text; quoted text carries no licence of ours."""
    data: str = "https://creativecommons.org/publicdomain/zero/1.0/"
    """The licence of what the publication itself writes: descriptions, authorities, vocabularies, provenance."""


class Edm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Europeana asks of every record beside its description; with all three, records are offered as EDM."""

    data_provider: str = ""
    """Who holds the records and gives them: a name, or an absolute IRI (`edm:dataProvider`)."""
    provider: str = ""
    """Who hands them on to Europeana, an aggregator, or the same again (`edm:provider`)."""
    rights_statement: str = ""
    """The statement for records whose own statement of rights is none of Europeana's list: an address of it (`edm:rights`)."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that are not set; EDM is offered where there is none."""
        return tuple(each for each in self.__struct_fields__ if not getattr(self, each).strip())


class Presentation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the publication shows itself to people; the files named here stand in its folder and are copied into each release."""

    name: str = ""
    """Its short name, at the top of every page; empty: the title."""
    logo: str = ""
    """A picture before the name, SVG or PNG, such as `site/logo.svg`; empty: the name alone."""
    logo_dark: str = ""
    """The same for readers who prefer light letters on a dark ground; empty: `logo` is shown to them as well."""
    icon: str = ""
    """The small picture in the tab of a browser, SVG or PNG; empty: the program's."""
    accent: str = ""
    """Colour of links and buttons, such as `#1d4f73`, dark enough to be read on light paper; empty: the program's."""
    accent_dark: str = ""
    """The same on a dark ground; empty: made lighter from `accent` until it can be read there."""
    menu: tuple[str, ...] = ()
    """Pages of `pages/` that stand in the navigation, by name and in this order; all others stand at the foot of every page."""
    questions: tuple[str, ...] = ()
    """Stored queries that the home page asks, by name and in this order; empty: the first five by name."""
    featured: str = ""
    """The key of the record that stands on the home page; empty: those written last."""
    quote: str = ""
    """Words of that record, exactly as they are published, that stand beside its title."""
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = (SOURCE,)
    """Languages in which every page can be read, of `en`, `es` and `ru`: in the first at its address, in others below `/ru/` and such."""


class Collection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A collection of TEI files that are read in one way. What is wrong in one is told and, unless ``strict``, stops no build."""

    name: str = ""
    """Its short name: the beginning of the identifiers of what its registers list, and never changed; a-z, 0-9, hyphens."""
    files: tuple[str, ...] = ("data/documents/**/*.xml",)
    """Its files: patterns that begin with ``data/``; ``**`` is any number of folders."""
    registers: tuple[str, ...] = ()
    """Those of them that hold lists only: persons, places …; a file with lists and no text of its own is known without this."""
    documents: BEGINNINGS = "detect"
    """Where documents begin: each file is one, each ``div`` of the types below is one, or whichever of the two a file shows."""
    document_types: tuple[str, ...] = ("document",)
    """The ``type`` of each ``div`` that is a document of a volume."""
    pointing: tuple[str, ...] = ("ref", "key", "corresp", "sameAs", "target")
    """Attributes by which a name points to what it names; the first that leads somewhere counts."""
    ids: SCOPE = "file"
    """Whether an ``xml:id`` of the lists within documents means one thing in its file only, or in the whole collection."""
    language: str = ""
    """Language of the words where neither ``xml:lang`` nor the header says it, as a BCP 47 tag; empty: not known."""
    rights: str = ""
    """The statement on quoted text; empty: the licence that each header gives, else that of ``[rights]``."""
    fulltext: FULLTEXT | None = None
    """How much of the quoted words is published; None: as for the whole publication."""
    source_notes: tuple[str, ...] = ("Source:",)
    """Words with which a note above a document begins that says where the document was found."""
    brackets: dict[str, str] = msgspec.field(default_factory=lambda: dict(BRACKETS))
    """Words in square brackets that tell of a loss, and its cause; ``{}``: brackets tell of none."""
    strict: bool = False
    """Whether what is wrong in a file stops a build, as it does for documents of no collection."""
    file_bytes: Annotated[int, msgspec.Meta(gt=0)] = 64 * 1024 * 1024
    """Longest file that is read, in bytes; a longer one is told and left out."""


class Remote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a store elsewhere is written to, and how it keeps the default graph; read where `store` names one."""

    graphs: str = ""
    """Address of its Graph Store Protocol, by which `fonds push` writes; empty: it writes by SPARQL Update."""
    update: str = ""
    """Address of its SPARQL Update, by which `fonds push` writes where there is no `graphs`."""
    default_graph: str = ""
    """IRI of the named graph that stands there for the default graph, where the store has none of its own; empty: it has one."""
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    """Seconds that it has to take a connection, and to answer a question of a page before the release answers instead."""


PRIVATE: tuple[str, ...] = (
    *("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
    *("fc00::/7", "fe80::/10"),
)
"""This machine and private networks (RFC 1122 3.2.1.3, RFC 1918, RFC 3927, RFC 4193, RFC 4291 2.5.6)."""


class Serving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the server is watched and stopped."""

    metrics: tuple[str, ...] = PRIVATE
    """Addresses or networks that `/metrics` is answered to; to all others there is no such address. `[]`: to nobody."""
    notice_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Seconds after SIGTERM in which `/readyz` says no and all is answered still: more than a proxy's health check takes to notice."""
    drain_seconds: Annotated[float, msgspec.Meta(ge=0)] = 8.0
    """Seconds after that in which answers that are on their way may come to their end; then they are cut."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a publication says of itself."""

    title: str = "A dataset"
    """Its name, on every page and in the catalogue."""
    description: str = ""
    """One paragraph: what is published, whose it is, how much there is."""
    publisher: str = ""
    """Who publishes it: a name, or nothing."""
    contact: str = ""
    """An e-mail address or web address for errors and questions."""
    base: str | None = None
    """The address under which every identifier stands; it ends with a slash. None: the address that ``fonds serve`` listens on."""
    languages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("en",)
    """Languages of labels, the one that is preferred first."""
    fulltext: FULLTEXT = "full"
    """How much of the quoted words is published, where a record's own row does not say."""
    inference: INFERENCE = "shortcuts"
    """How much of what follows from the data stands beside it in the default graph: nothing, what common questions need, all."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies before the server, such as ``127.0.0.1``: only their X-Forwarded-For is believed."""
    federation: tuple[str, ...] = ()
    """Addresses of SPARQL endpoints, such as ``https://query.wikidata.org/sparql``, that queries may ask by ``SERVICE``; no others are."""
    federation_private: bool = False
    """Whether these may be in a private network or on this machine. Danger: whoever can query then reaches them through this server."""
    store: str = ""
    """Address of a SPARQL 1.1 endpoint that answers instead of the release's own store; empty: the release's own."""
    remote: Remote = Remote()
    """Where that store is written to, and how it keeps the default graph."""
    rights: Rights = Rights()
    """The statements on rights."""
    edm: Edm = Edm()
    """What Europeana asks of every record."""
    site: Presentation = Presentation()
    """How it shows itself."""
    limits: Limits = Limits()
    """What one query of a stranger may use, and how many pages one may ask for."""
    serve: Serving = Serving()
    """How the server is watched and stopped."""
    collections: tuple[Collection, ...] = ()
    """Collections of TEI files, a table ``[[collections]]`` each."""


def read_settings(folder: Path) -> Settings:
    """Read ``fonds.toml`` of a publication.

    Raises:
        SettingsError: It is missing, not TOML, or has an unknown key or a wrong value.
    """
    path = folder / _NAME
    try:
        source = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(
            [
                Fault(
                    str(path),
                    0,
                    0,
                    "not found; a publication is a folder with a fonds.toml: go into it, or begin one by `fonds new`",
                )
            ]
        ) from None
    except OSError as error:
        raise SettingsError([Fault(str(path), 0, 0, f"cannot be read ({error.strerror})")]) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            [Fault(str(path), 0, 0, f"is not UTF-8 ({error.reason} at byte {error.start})")]
        ) from error
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        raise SettingsError([Fault(str(path), line, column, f"is not TOML: {error}")]) from error
    if faults := list(_faults(values, Settings, str(path), source, ())):
        raise SettingsError(faults)
    settings = msgspec.convert(values, Settings)
    if "edm" in values and settings.edm.missing:
        keys = " and ".join(f"edm.{each}" for each in settings.edm.missing)
        message = f"{keys}: not set; Europeana asks for all three, so set what is missing or take the table [edm] out"
        raise SettingsError([Fault(str(path), _line_of(source, ("edm",)), 0, message)])
    return settings


def _faults(
    values: dict[str, Any], struct: type[msgspec.Struct], path: str, source: str, above: tuple[str, ...]
) -> Iterator[Fault]:
    """Yield every unknown key and every wrong value, each with its line."""
    hints = get_type_hints(struct, include_extras=True)
    for key, value in values.items():
        keys = (*above, key)
        hint = hints.get(key)
        if hint is None:
            near = difflib.get_close_matches(key, hints, n=1)
            hope = (
                f"; did you mean {'.'.join((*above, near[0]))}?"
                if near
                else f"; known are {', '.join(hints)}"
            )
            message = f"unknown key {'.'.join(keys)}{hope}"
        elif isinstance(value, dict) and isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            yield from _faults(value, hint, path, source, keys)
            continue
        elif (
            key == "collections" and isinstance(value, list) and all(isinstance(each, dict) for each in value)
        ):
            yield from _faults_of_collections(value, path, source)
            continue
        elif (wrong := _wrong(".".join(keys), value, hint)) is not None:
            message = f"{'.'.join(keys)}: found {value!r}, {wrong}"
        else:
            continue
        yield Fault(path, _line_of(source, keys), 0, message)


def _faults_of_collections(tables: list[dict[str, Any]], path: str, source: str) -> Iterator[Fault]:
    """Yield what is wrong in each ``[[collections]]``, seen in its own lines, and names that are there twice."""
    lines = source.splitlines()
    heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*collections\s*\]\]", line)]
    names: set[str] = set()
    for number, table in enumerate(tables):
        start = heads[number] if number < len(heads) else 0
        end = heads[number + 1] if number + 1 < len(heads) else len(lines)
        own = "\n" * start + "\n".join(lines[start:end])
        yield from _faults(table, Collection, path, own, ("collections",))
        name = table.get("name", "")
        line = _line_of(own, ("collections", "name")) or start + 1
        if not isinstance(name, str) or not _COLLECTION.fullmatch(name):
            message = f"collections.name: found {name!r}, expected a short name such as letters-1901"
            yield Fault(path, line, 0, message)
        elif name in names:
            yield Fault(path, line, 0, f"collections.name: {name!r} is there already; give each its own")
        names.add(str(name))


def _wrong(key: str, value: object, hint: Any) -> str | None:
    """Return what was expected instead of a value, or None where it will do."""
    rule = _EXPECTED.get(key) or _EXPECTED.get(key.rpartition(".")[2])
    if rule is not None and (found := rule[0](value)) is not None:
        wrong = "" if found == value else f", not {found!r}"
        return f"expected {rule[1]}{wrong}"
    if get_origin(hint) is Literal and value not in get_args(hint):
        return f"expected one of {', '.join(get_args(hint))}"
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        reason = str(error).split(" - at ")[0]
        return reason[0].lower() + reason[1:]
    return None


def _no_base(value: object) -> object | None:
    """Return a value that is no base address, None where it is one."""
    return None if isinstance(value, str) and _BASE.fullmatch(value) else value


def _no_network(value: object) -> object | None:
    """Return the first item of a list that is no address or network, None where all are."""
    given: list[object] = value if isinstance(value, list) else []
    for each in given:
        try:
            ipaddress.ip_network(str(each), strict=False)
        except ValueError:
            return each
    return None


def _no_endpoint(value: object) -> object | None:
    """Return the first item of a list that is no address of an endpoint, None where all are."""
    given: list[object] = value if isinstance(value, list) else []
    return next((each for each in given if not (isinstance(each, str) and is_endpoint(each))), None)


def _no_address(value: object) -> object | None:
    """Return a value that is no address of an endpoint, None where it is one or empty."""
    return None if value == "" or (isinstance(value, str) and is_endpoint(value)) else value


def _no_graph(value: object) -> object | None:
    """Return a value that cannot name a graph, None where it can or is empty."""
    return None if isinstance(value, str) and (not value or is_graph(value)) else value


def rights_for_europeana(statement: str) -> str | None:
    """Return a statement of rights as Europeana's list has it, None where it is not in that list.

    >>> rights_for_europeana("https://rightsstatements.org/vocab/CNE/1.0/")
    'http://rightsstatements.org/vocab/CNE/1.0/'
    >>> rights_for_europeana("http://rightsstatements.org/vocab/UND/1.0/") is None
    True
    """
    address = statement.strip().replace("https://", "http://", 1).removesuffix("deed.en")
    address = address.replace("http://rightsstatements.org/page/", "http://rightsstatements.org/vocab/", 1)
    address = address if address.endswith("/") else f"{address}/"
    return address if _EUROPEANA.fullmatch(address) else None


def _no_statement(value: object) -> object | None:
    """Return a value that is no statement of Europeana's list, None where it is one or empty."""
    return None if isinstance(value, str) and (not value or rights_for_europeana(value)) else value


def is_graph(name: str) -> bool:
    """Tell whether a text is an absolute IRI, which can name a graph."""
    return _GRAPH.fullmatch(name) is not None


def is_endpoint(address: str) -> bool:
    """Tell whether a text is an absolute http or https address, without a user or a fragment."""
    if not _ENDPOINT.fullmatch(address):
        return False
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "").encode("idna")
    except ValueError:  # A port that is none, or a host that no name can be made of.
        return False
    return port != 0 and bool(host)


def _leads_out(value: object) -> object | None:
    """Return the first pattern of a list that does not stay within ``data``, None where all do."""
    given: list[object] = value if isinstance(value, list) else []
    for each in given:
        parts = PurePosixPath(str(each)).parts
        if parts[:1] != ("data",) or ".." in parts:
            return each
    return None


def _no_colour(value: object) -> object | None:
    """Return a value that is no colour, None where it is one or empty."""
    return None if isinstance(value, str) and re.fullmatch(r"(?:#[0-9A-Fa-f]{6})?", value) else value


def _leads_elsewhere(value: object) -> object | None:
    """Return a value that names no file in the folder ``site`` of the publication, None where it does or is empty."""
    if not isinstance(value, str) or "\\" in value or "\0" in value:
        return value
    parts = PurePosixPath(value).parts
    return value if parts and (parts[0] != "site" or ".." in parts or len(parts) < 2) else None


def _no_translation(value: object) -> object | None:
    """Return the first item of a list that pages cannot be in, or that is there twice; None where all will do."""
    given: list[object] = value if isinstance(value, list) else []
    known = languages()
    return next((each for at, each in enumerate(given) if each not in known or each in given[:at]), None)


ENDPOINT = "an absolute http or https address, without a user or a fragment, such as https://store.example.org/sparql"
"""What :func:`is_endpoint` takes, in words."""
_PICTURE = "a file in the publication's folder site, such as site/logo.svg"
_COLOUR = "a colour of six hexadecimal digits such as #1d4f73"
_PATTERNS = "patterns such as data/letters/**/*.xml, within data"
_NETWORKS = "IP addresses or networks such as 127.0.0.1 or 10.0.0.0/8"
_EXPECTED: Mapping[str, tuple[Callable[[object], object | None], str]] = {
    "base": (_no_base, "an http or https address that ends with a slash"),
    "files": (_leads_out, _PATTERNS),
    "registers": (_leads_out, _PATTERNS),
    "logo": (_leads_elsewhere, _PICTURE),
    "logo_dark": (_leads_elsewhere, _PICTURE),
    "icon": (_leads_elsewhere, _PICTURE),
    "accent": (_no_colour, _COLOUR),
    "accent_dark": (_no_colour, _COLOUR),
    "proxies": (_no_network, _NETWORKS),
    "metrics": (_no_network, _NETWORKS),
    "store": (_no_address, ENDPOINT),
    "graphs": (_no_address, ENDPOINT),
    "update": (_no_address, ENDPOINT),
    "site.languages": (
        _no_translation,
        f"languages that pages can be in, each once, of {', '.join(languages())}",
    ),
    "rights_statement": (
        _no_statement,
        "a statement that Europeana takes: http://rightsstatements.org/vocab/ with NoC-NC, NoC-OKLR, InC, InC-EDU, InC-OW-EU or CNE "
        "and /1.0/, or a Creative Commons licence such as http://creativecommons.org/licenses/by/4.0/",
    ),
    "default_graph": (_no_graph, "an absolute IRI"),
    "federation": (
        _no_endpoint,
        "absolute http or https addresses of SPARQL endpoints, without a user or a fragment, "
        "such as https://query.wikidata.org/sparql",
    ),
}
"""By key, or key with the table before it: what returns a value that will not do, and what was expected."""


def line_of_key(folder: Path, *keys: str) -> int:
    """Return the line of ``fonds.toml`` on which a key stands, 0 where it cannot be told."""
    try:
        return _line_of((folder / _NAME).read_text(encoding="utf-8-sig"), keys)
    except (OSError, UnicodeDecodeError):
        return 0


def _line_of(source: str, keys: tuple[str, ...]) -> int:
    """Return the line on which a key stands, 0 if it cannot be told."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(source.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if table == keys:
                return number
        elif (name := re.match(r"\s*([\w.\"'-]+)\s*=", line)) and (
            *table,
            *(part.strip("\"'") for part in name[1].split(".")),
        ) == keys:
            return number
    return 0
