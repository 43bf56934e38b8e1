"""The dataset as a whole: its description in VoID and DCAT, and the dumps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from fonds.formats import DOCUMENT_FORMATS, HTML, RDF_FORMATS, Format, by_ending
from fonds.naming import preferred
from fonds.views.schema_org import as_script, schema_org_dataset
from fonds.vocabulary import DCTERMS, PREFIXES, RDFS, VOID
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.discovery import beacons
from fonds.web.problems import Choice, Problem
from fonds.web.representations import Shown, document_headers, negotiated, representations
from fonds.web.site import Site
from fonds.web.values import Value, external
from fonds.web.wording import licence_name, size_in_words

_CACHE = (b"cache-control", b"public, max-age=60")


def dataset(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/dataset``: what there is, how much, under which rights, and how to get all of it (VoID, DCAT 3)."""
    ending = by_ending(exchange.path.partition(".")[2], DOCUMENT_FORMATS)
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    body = _page(site, exchange) if format_ is HTML else catalogue(site, format_)
    about = f"{site.base}dataset#dataset"
    return Answer(200, document_headers(exchange, Shown(about, format_, DOCUMENT_FORMATS, ending)), body)


def report(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/report``: what was found when the release was checked (a SHACL validation report); for people, its section."""
    ending = by_ending(exchange.path.partition(".")[2], DOCUMENT_FORMATS)
    if not site.release.report.exists():
        raise Problem(
            404, "This release has no report: RDF is served as it came, and held against no shapes."
        )
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    if format_ is HTML:
        return Answer(303, ((b"location", b"dataset#checked"), (b"vary", b"Accept"), _CACHE))
    headers = document_headers(exchange, Shown(f"{site.base}report", format_, RDF_FORMATS, ending))
    return Answer(200, headers, _converted(site, site.release.report, format_))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found and that did not stop the build.

    Attributes:
        about: What it is about, relative to the root of the site.
        label: The end of its IRI.
        message: What was found, and how to mend it.
        source: File and line of the source, where that is known.
    """

    about: str
    label: str
    message: str
    source: str


_MOST_FINDINGS = 100


def _findings(site: Site) -> list[Finding] | None:
    """Return what the report says, at most a hundred; None where there is no report."""
    if not site.release.report.exists():
        return None
    facts: dict[str, dict[str, str]] = {}
    for each in parse(site.release.report.read_bytes(), format=RdfFormat.TURTLE):
        local = each.predicate.value.rpartition("#")[2].rpartition("/")[2]
        facts.setdefault(str(each.subject), {})[local] = getattr(each.object, "value", "")
    return [
        Finding(
            site.addresses.of_iri(result["focusNode"]),
            result["focusNode"].removeprefix(site.base),
            result.get("resultMessage", ""),
            result.get("source", ""),
        )
        for _, result in sorted(facts.items())
        if "focusNode" in result
    ][:_MOST_FINDINGS]


def well_known_void(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/.well-known/void``: the same description, as RDF (VoID 7.2)."""
    format_ = negotiated(exchange, (*RDF_FORMATS, HTML))
    exchange.keep = True
    exchange.chosen = format_.ending
    if format_ is HTML:
        return Answer(303, ((b"location", b"../dataset"), (b"vary", b"Accept"), _CACHE))
    headers: Headers = (
        (b"content-type", format_.content_type.encode()),
        (b"vary", b"Accept, Accept-Encoding"),
        (
            b"link",
            f'<../dataset>; rel="canonical", <{site.base}dataset#dataset>; rel="describes"'.encode("ascii"),
        ),
        _CACHE,
    )
    return Answer(200, headers, catalogue(site, format_))


def catalogue(site: Site, format_: Format) -> bytes:
    """Return the catalogue of the release in an RDF syntax; Turtle as it stands in the release."""
    return _converted(site, site.release.catalogue, format_)


def _converted(site: Site, path: Path, format_: Format) -> bytes:
    """Return a Turtle file of the release in an RDF syntax; Turtle as it stands there."""
    source = path.read_bytes()
    if format_.rdf is None or format_.rdf == RdfFormat.TURTLE:
        return source
    statements = parse(source, format=RdfFormat.TURTLE, base_iri=site.base)
    triples: Iterator[Triple] = (each.triple for each in statements)
    return serialize(triples, format=format_.rdf, prefixes=_prefixes(format_)) or b""


def _prefixes(format_: Format) -> dict[str, str] | None:
    return dict(PREFIXES) if format_.rdf in (RdfFormat.RDF_XML, RdfFormat.TRIG) else None


# ------------------------------------------------------------------------------------------------ the page


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the dataset with rights of its own.

    Attributes:
        title: What it holds.
        triples: How many; None where it is not said.
        rights: Licences or statements.
    """

    title: str
    triples: int | None
    rights: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Dump:
    """A file with all of it.

    Attributes:
        name: Of the file.
        href: Relative to the root.
        size: In words.
        sha256: 64 hexadecimal digits.
    """

    name: str
    href: str
    size: str
    sha256: str


def _page(site: Site, exchange: Exchange) -> bytes:
    statements = [each.triple for each in parse(site.release.catalogue.read_bytes(), format=RdfFormat.TURTLE)]
    return site.page(
        "dataset.html",
        exchange.path,
        parts=_parts(site, statements),
        dumps=dumps(site),
        findings=_findings(site),
        beacons=beacons(site),
        schema=_schema(site, statements),
        formats=representations("dataset", RDF_FORMATS),
        canonical="dataset",
    )


def _schema(site: Site, statements: Sequence[Triple]) -> Markup:
    data = schema_org_dataset(
        statements, NamedNode(f"{site.base}dataset#dataset"), site.base, site.settings.languages
    )
    # as_script leaves nothing in it that could end the element.
    return Markup(as_script(data))  # noqa: S704


def _parts(site: Site, statements: Sequence[Triple]) -> list[Part]:
    """Return the parts that the VoID description names, with their rights."""
    whole = NamedNode(f"{site.base}dataset#dataset")
    facts: dict[tuple[object, NamedNode], list[object]] = {}
    for subject, predicate, value in ((each.subject, each.predicate, each.object) for each in statements):
        facts.setdefault((subject, predicate), []).append(value)
    parts = (
        value for value in facts.get((whole, VOID.subset), ()) if (value, VOID.linkPredicate) not in facts
    )
    beside = (subject for subject, predicate in facts if predicate == VOID.properties)
    return [_part(site, facts, each) for each in dict.fromkeys((*parts, *beside)) if each != whole]


def _part(site: Site, facts: dict[tuple[object, NamedNode], list[object]], part: object) -> Part:
    def literals(subject: object, predicate: NamedNode) -> list[Literal]:
        return [each for each in facts.get((subject, predicate), ()) if isinstance(each, Literal)]

    title = preferred(literals(part, DCTERMS.title), site.settings.languages)
    count = next(iter(literals(part, VOID.triples)), None)
    rights = []
    for each in (*facts.get((part, DCTERMS.license), ()), *facts.get((part, DCTERMS.rights), ())):
        if isinstance(each, NamedNode):
            words = preferred(literals(each, RDFS.label), site.settings.languages)
            rights.append(
                Value(words.value, language=words.language)
                if words
                else Value(licence_name(each.value), external(each.value), external=True)
            )
        elif isinstance(each, Literal):
            rights.append(Value(each.value, language=each.language))
    return Part(title.value if title else str(part), int(count.value) if count else None, tuple(rights))


def dumps(site: Site) -> list[Dump]:
    """Return the dumps of the release with sizes and checksums."""
    files = site.release.manifest.files
    return [
        Dump(name.removeprefix("dumps/"), name, size_in_words(entry.size), entry.sha256)
        for name, entry in sorted(files.items())
        if name.startswith("dumps/")
    ]


# ------------------------------------------------------------------------------------------------ files


_TYPES = {
    ".gz": "application/gzip",
    ".tsv": "text/tab-separated-values;charset=utf-8",
    ".ttl": "text/turtle;charset=utf-8",
}


def dump_file(site: Site, name: str) -> tuple[Path, str, str]:
    """Return path, media type and SHA-256 of a dump.

    Only names that stand in the manifest are looked up, so that no path of a request reaches the file system.

    Raises:
        Problem: There is none of that name.
    """
    entry = site.release.manifest.files.get(f"dumps/{name}")
    if entry is None:
        choices = tuple(Choice(each.href, each.name) for each in dumps(site))
        raise Problem(404, f"There is no dump “{name[:80]}”.", choices)
    return site.release.dumps / name, _TYPES.get(Path(name).suffix, "text/plain;charset=utf-8"), entry.sha256
