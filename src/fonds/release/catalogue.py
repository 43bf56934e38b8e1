"""What can be had of a release, and how: DCAT 3 for ``catalogue.ttl``, as DCAT-AP 3 wants it.

Sizes, checksums, dates and the release's name change with every build and stand here only; what the dataset holds is said by
VoID (:mod:`fonds.release.void`), which the catalogue repeats.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from fonds.addresses import dataset_iri
from fonds.formats import NQUADS, NTRIPLES, RESULT_FORMATS, TURTLE, Format
from fonds.lines import types_first
from fonds.mapping.description import GraphBuilder, GraphKind
from fonds.release import dumps
from fonds.release.census import INFERRED
from fonds.release.folder import DATASET, FileEntry, Manifest
from fonds.release.fragments import sorted_lines
from fonds.release.void import TITLES, Rights, describe, is_iri, rights_of
from fonds.turtle import TurtleWriter
from fonds.vocabulary import DCAT, DCTERMS, FOAF, PREFIXES, RDF, SPDX, VCARD, XSD, text, typed

_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

_DUMPS: tuple[tuple[str, Format, str], ...] = (
    (DATASET, NQUADS, "Everything, in its named graphs"),
    (dumps.PUBLIC, NTRIPLES, "The public view, asserted triples"),
    (dumps.PUBLIC_TURTLE, TURTLE, "The public view, asserted triples"),
    (dumps.INFERRED, NTRIPLES, TITLES[INFERRED]),
    *((dumps.of_kind(kind), NQUADS, TITLES[kind]) for kind in GraphKind),
)
"""The dumps that there may be: name of the file, format, and what it holds."""


def catalogue(manifest: Manifest, meta: Iterable[Triple]) -> bytes:
    """Return ``catalogue.ttl``: a DCAT 3 catalogue with the dataset, its distributions and its service, and the VoID.

    Args:
        manifest: Its name, day, settings, and the files of its dumps.
        meta: The triples of the graph ``meta``; none for a dataset that came as RDF.
    """
    base, settings = manifest.base, manifest.settings
    graph = GraphBuilder(dataset_iri(base, "catalogue"), GraphKind.META)
    issued = typed(manifest.issued, XSD.dateTime)
    title = text(settings.title, settings.languages[0] if settings.languages else None)
    dataset, service, of = dataset_iri(base), dataset_iri(base, "service"), dataset_iri(base, "catalogue")
    distributions = [each for each in _DUMPS if f"dumps/{each[0]}" in manifest.files]
    graph.add(
        of,
        (RDF.type, DCAT.Catalog),
        (DCTERMS.title, title),
        (DCTERMS.description, text("What can be had of this dataset, and how.", "en")),
        (DCTERMS.modified, issued),
        # DCAT-AP 3.0, Catalogue: the publisher is mandatory, where there is one.
        (DCTERMS.publisher, dataset_iri(base, "publisher") if settings.publisher else None),
        (DCTERMS.language, _languages(manifest)),
        (DCAT.dataset, dataset),
        (DCAT.service, service),
        (FOAF.homepage, NamedNode(base)),
    )
    describe(graph, settings, base)
    graph.add(
        dataset,
        # DCAT-AP 3.0, Dataset: a description is mandatory; RDF that came as it is brings none.
        (DCTERMS.description, None if settings.description else _extent_in_words(manifest)),
        (DCTERMS.identifier, text(manifest.name)),
        (DCAT.version, text(manifest.name)),
        (DCTERMS.modified, issued),
        (DCTERMS.language, _languages(manifest)),
        (DCAT.contactPoint, dataset_iri(base, "contact") if settings.contact else None),
        (DCAT.landingPage, NamedNode(f"{base}dataset")),
        (DCAT.distribution, [dataset_iri(base, name) for name, _, _ in distributions]),
    )
    if settings.contact:
        _add_contact(graph, base, settings.contact)
    for name, format, words in distributions:
        _add_distribution(graph, manifest, name, format, words)
        graph.add(dataset_iri(base, name), *_rights(manifest, name))
    _add_service(graph, base, title)
    return TurtleWriter(PREFIXES).turtle(types_first(sorted_lines({*graph.graph().triples, *meta})))


def _extent_in_words(manifest: Manifest) -> Literal:
    counts = manifest.counts
    if manifest.kind == "dataset":
        return text(f"RDF as it came: {counts.quads} statements, named graphs: {counts.graphs}.", "en")
    return text(f"Archival description as linked open data, records: {counts.records}.", "en")


def _languages(manifest: Manifest) -> list[NamedNode]:
    """Return the languages of labels (DCAT 3, 6.4.10: two-letter codes by preference).

    None for RDF that came as it is: there ``languages`` says what readers prefer, not what the data are written in.
    """
    if manifest.kind == "dataset":
        return []
    tags = (tag.partition("-")[0].lower() for tag in manifest.settings.languages)
    return [NamedNode(f"http://id.loc.gov/vocabulary/iso639-1/{tag}") for tag in tags if len(tag) == 2]


def _add_contact(graph: GraphBuilder, base: str, contact: str) -> None:
    """State whom to ask (DCAT-AP 3.0, Dataset: contact point): an address of mail or of the web."""
    point = dataset_iri(base, "contact")
    # An address of the web may hold an @ as well: https://social.example/@archive
    mail = contact.removeprefix("mailto:")
    is_mail = "@" in mail and ":" not in mail
    graph.add(
        point,
        (RDF.type, VCARD.Kind),
        (VCARD.fn, text(contact)),
        (VCARD.hasEmail, NamedNode(f"mailto:{quote(mail, safe='@+')}") if is_mail else None),
        (VCARD.hasURL, NamedNode(contact) if is_iri(contact) else None),
    )


def _add_distribution(graph: GraphBuilder, manifest: Manifest, name: str, format: Format, words: str) -> None:
    entry: FileEntry = manifest.files[f"dumps/{name}"]
    distribution = dataset_iri(manifest.base, name)
    checksum = dataset_iri(manifest.base, f"{name}-sha256")
    address = NamedNode(f"{manifest.base}dumps/{name}")
    graph.add(
        distribution,
        (RDF.type, DCAT.Distribution),
        (DCTERMS.title, text(f"{words} ({format.name}, gzip)", "en")),
        (DCAT.downloadURL, address),
        (DCAT.accessURL, address),
        (DCAT.mediaType, NamedNode(_MEDIA_TYPE + format.media_type)),
        (DCAT.compressFormat, NamedNode(f"{_MEDIA_TYPE}application/gzip")),
        (DCAT.byteSize, typed(str(entry.size), XSD.nonNegativeInteger)),
        (SPDX.checksum, checksum),
        (DCTERMS.issued, typed(manifest.issued, XSD.dateTime)),
    )
    graph.add(
        checksum,
        (RDF.type, SPDX.Checksum),
        (SPDX.algorithm, SPDX.checksumAlgorithm_sha256),
        (SPDX.checksumValue, typed(entry.sha256, XSD.hexBinary)),
    )


def _rights(manifest: Manifest, name: str) -> Rights:
    """Return what is stated of the rights in a dump: nothing of RDF that came as it is.

    A dump of one kind of graph has that kind's. The others mix quoted words with the publication's own: a statement says that
    rights differ, and no licence covers it all.
    """
    if manifest.kind == "dataset":
        return []
    kind = next((each for each in GraphKind if dumps.of_kind(each) == name), None)
    if kind is not None:
        return rights_of(kind, manifest.settings, manifest.base)
    return [(DCTERMS.rights, dataset_iri(manifest.base, "rights"))]


def _add_service(graph: GraphBuilder, base: str, title: Literal) -> None:
    endpoint = NamedNode(f"{base}sparql")
    graph.add(
        dataset_iri(base, "service"),
        (RDF.type, DCAT.DataService),
        (DCTERMS.title, [title, text("SPARQL endpoint", "en")]),
        (DCAT.endpointURL, endpoint),
        (DCAT.endpointDescription, endpoint),
        (DCAT.servesDataset, dataset_iri(base)),
        (DCTERMS.format, [NamedNode(_MEDIA_TYPE + each.media_type) for each in RESULT_FORMATS]),
    )


def write_catalogue(folder: Path, manifest: Manifest, meta: Iterable[Triple]) -> None:
    """Write ``catalogue.ttl`` into the folder of a release."""
    (folder / "catalogue.ttl").write_bytes(catalogue(manifest, meta))
