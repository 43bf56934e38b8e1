"""The dataset as a whole: its description in VoID and DCAT, and the dumps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup
from pyoxigraph import RdfFormat, Triple, parse, serialize

from fonds.formats import DOCUMENT_FORMATS, HTML, RDF_FORMATS, Format, by_ending
from fonds.release.examples import examples
from fonds.release.folder import check_size
from fonds.release.made import read_made
from fonds.translations import said
from fonds.views.citations.data import CitedData, as_bibtex, as_cff, in_words
from fonds.views.schema_org import as_script, schema_org_dataset
from fonds.vocabulary import PREFIXES
from fonds.web.answers import Answer, Exchange
from fonds.web.contents import (
    MOST_ROWS,
    Facts,
    classes_in,
    dumps,
    losses,
    parts_of,
    properties_in,
    read_facts,
    vocabularies,
)
from fonds.web.discovery import beacons, has_letters
from fonds.web.problems import Choice, Problem
from fonds.web.representations import (
    FRESH,
    Shown,
    document_headers,
    kept_answer,
    negotiated,
    representations,
)
from fonds.web.site import Site


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
            404, said("This release has no report: RDF is served as it came, and held against no shapes.")
        )
    format_ = ending or negotiated(exchange, DOCUMENT_FORMATS)
    if format_ is HTML:
        return Answer(303, ((b"location", b"dataset#checked"), (b"vary", b"Accept"), FRESH))
    headers = document_headers(exchange, Shown(f"{site.base}report", format_, RDF_FORMATS, ending))
    return Answer(200, headers, _converted(site, site.release.report, format_))


def well_known_void(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/.well-known/void``: the same description, as RDF (VoID 7.2)."""
    format_ = negotiated(exchange, (*RDF_FORMATS, HTML))
    exchange.keep = True
    exchange.chosen = format_.ending
    if format_ is HTML:
        return Answer(303, ((b"location", b"../dataset"), (b"vary", b"Accept"), FRESH))
    link = f'<../dataset>; rel="canonical", <{site.base}dataset#dataset>; rel="describes"'.encode("ascii")
    body = catalogue(site, format_)
    return kept_answer(exchange, format_.content_type, body, (b"link", link), negotiated=True)


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


def _page(site: Site, exchange: Exchange) -> bytes:
    facts, cited, made = read_facts(site), cited_data(site), read_made(site.release.made)
    classes, properties = classes_in(site, facts), properties_in(site, facts)
    return site.page(
        "dataset.html",
        exchange.path,
        exchange.query,
        parts=parts_of(site, facts),
        dumps=dumps(site, facts),
        classes=classes[:MOST_ROWS],
        more_classes=len(classes) - MOST_ROWS,
        properties=properties[:MOST_ROWS],
        more_properties=len(properties) - MOST_ROWS,
        vocabularies=vocabularies(facts),
        made=made,
        losses=losses(site, made),
        is_checked=site.release.report.exists(),
        citation=in_words(cited),
        bibtex=as_bibtex(cited).strip(),
        schema=_schema(site, facts),
        beacons=beacons(site),
        letters=has_letters(site),
        harvested=site.harvest is not None,
        formats=representations("dataset", RDF_FORMATS),
        canonical="dataset",
    )


def _schema(site: Site, facts: Facts) -> Markup:
    data = schema_org_dataset(facts.triples, facts.dataset, site.base, site.settings.languages)
    # as_script leaves nothing in it that could end the element.
    return Markup(as_script(data))  # noqa: S704


def cited_data(site: Site) -> CitedData:
    """Return what a citation of the data names."""
    settings, manifest = site.settings, site.release.manifest
    day, address = manifest.issued[:10], f"{site.base}dataset"
    return CitedData(settings.title, settings.publisher, manifest.name, day, address, settings.description)


def citation_file(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/citation.cff``: how the data are cited, in the Citation File Format."""
    file = (b"content-disposition", b'attachment; filename="CITATION.cff"')
    return kept_answer(exchange, "application/yaml;charset=utf-8", as_cff(cited_data(site)).encode(), file)


def sparql_examples(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/.well-known/sparql-examples``: the stored queries as SPARQL editors look for them; people see their list.

    Raises:
        Problem: 406, none of the formats that the client takes.
    """
    format_ = negotiated(exchange, (*RDF_FORMATS, HTML))
    exchange.keep = True
    exchange.chosen = format_.ending
    if format_ is HTML:
        return Answer(303, ((b"location", b"../queries/"), (b"vary", b"Accept"), FRESH))
    triples = examples(site.queries, site.base, site.prefixes)
    lines = [f"{triple} .\n".encode() for triple in triples]
    body = site.written(lines, format_, named=False)
    return kept_answer(exchange, format_.content_type, body, negotiated=True)


# ------------------------------------------------------------------------------------------------ files


DUMP_TYPES = {
    ".gz": "application/gzip",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle",
}
"""Media types of the files of a release by their endings; of what is not here it is plain text. Flask adds the charset of texts."""


def dump_file(site: Site, name: str) -> tuple[Path, str, str]:
    """Return path, media type and SHA-256 of a dump.

    Only names that stand in the manifest are looked up, so that no path of a request reaches the file system.

    Raises:
        Problem: There is none of that name.
        ReleaseError: It is not as it was written.
    """
    entry = site.release.manifest.files.get(f"dumps/{name}")
    if entry is None:
        choices = tuple(Choice(each.href, each.name) for each in dumps(site))
        raise Problem(404, said("There is no dump “{name}”.", name=name[:80]), choices)
    check_size(site.release.dumps / name, entry)
    return (
        site.release.dumps / name,
        DUMP_TYPES.get(Path(name).suffix, "text/plain"),
        entry.sha256,
    )
