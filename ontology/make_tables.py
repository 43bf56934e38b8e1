"""Make the term tables of this folder from the ontologies as published.

    python ontology/make_tables.py FOLDER_OF_ONTOLOGIES

Facts only (local names, labels, hierarchies, inverses, domains, ranges), each with the version and the SHA-256 of the
file it was read from; the ontologies' own texts are not copied. Terms of specifications that have no file there (Dublin
Core, SKOS, PROV …) stand in ``standards.csv``, made from the constants of ``fonds.vocabulary`` and rdflib's namespaces.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.namespace import DCTERMS, FOAF, PROV, SDO, SH, SKOS, VOID, DefinedNamespace

from fonds.vocabulary import NAMESPACES

HERE = Path(__file__).parent
COLUMNS = ("iri", "kind", "label", "broader", "inverse", "domain", "range", "version", "source", "sha256")
FILES = {
    "crm": ("cidoc_crm_v7.1.3.rdf", "CIDOC CRM 7.1.3", "http://www.cidoc-crm.org/cidoc-crm/"),
    "crminf": ("CRMinf_v1.2.1.rdf", "CRMinf 1.2.1", "http://www.cidoc-crm.org/extensions/crminf/"),
    "crmdig": ("CRMdig_v5.0.rdf", "CRMdig 5.0", "http://www.cidoc-crm.org/extensions/crmdig/"),
    "crmtex": ("CRMtex_v2.0.rdf", "CRMtex 2.0", "http://www.cidoc-crm.org/extensions/crmtex/"),
    "lrmoo": ("LRMoo_v1.1.1.rdf", "LRMoo 1.1.1", "http://iflastandards.info/ns/lrm/lrmoo/"),
    "rico": ("RiC-O_1.1.rdf", "RiC-O 1.1", "https://www.ica.org/standards/RiC/ontology#"),
}
# Names that no published file at hand declares; attested by use in other publications of CIDOC CRM data.
PROPERTY_CLASSES = {
    "PC14_carried_out_by": ("class", "carried out by (with a role)", "", ""),
    "PC67_refers_to": ("class", "refers to (with a type)", "", ""),
    "P01_has_domain": ("property", "has domain", "", ""),
    "P02_has_range": ("property", "has range", "", ""),
    "P14.1_in_the_role_of": ("property", "in the role of", "PC14_carried_out_by", "E55_Type"),
    "P67.1_has_type": ("property", "has type", "PC67_refers_to", "E55_Type"),
}
SPECIFICATIONS = {
    "dcterms": (
        "DCMI Metadata Terms, 2020-01-20",
        "https://www.dublincore.org/specifications/dublin-core/dcmi-terms/",
    ),
    "dcmitype": (
        "DCMI Metadata Terms, 2020-01-20",
        "https://www.dublincore.org/specifications/dublin-core/dcmi-terms/",
    ),
    "prov": ("PROV-O, 2013-04-30", "https://www.w3.org/TR/prov-o/"),
    "oa": ("Web Annotation Vocabulary, 2017-02-23", "https://www.w3.org/TR/annotation-vocab/"),
    "skos": ("SKOS Reference, 2009-08-18", "https://www.w3.org/TR/skos-reference/"),
    "schema": ("schema.org", "https://schema.org/"),
    "rdf": ("RDF 1.1, 2014-02-25", "https://www.w3.org/TR/rdf11-concepts/"),
    "rdfs": ("RDF Schema 1.1, 2014-02-25", "https://www.w3.org/TR/rdf-schema/"),
    "owl": ("OWL 2, 2012-12-11", "https://www.w3.org/TR/owl2-overview/"),
    "void": ("VoID, 2011-03-03", "https://www.w3.org/TR/void/"),
    "dcat": ("DCAT 3, 2024-08-22", "https://www.w3.org/TR/vocab-dcat-3/"),
    "spdx": ("SPDX 2.3", "https://spdx.github.io/spdx-spec/v2.3/"),
    "sd": (
        "SPARQL 1.1 Service Description, 2013-03-21",
        "https://www.w3.org/TR/sparql11-service-description/",
    ),
    "foaf": ("FOAF 0.99, 2014-01-14", "http://xmlns.com/foaf/0.1/"),
    "vcard": ("vCard Ontology, 2014-05-22", "https://www.w3.org/TR/vcard-rdf/"),
    "hydra": ("Hydra Core", "https://www.hydra-cg.com/spec/latest/core/"),
    "sh": ("SHACL, 2017-07-20", "https://www.w3.org/TR/shacl/"),
    "spex": ("SPARQL examples, 2024", "https://github.com/sib-swiss/sparql-examples"),
    "rst": (
        "RiC-O vocabulary of record set types",
        "https://www.ica.org/standards/RiC/vocabularies/recordSetTypes",
    ),
}
_CHECKED_BY_RDFLIB: dict[str, type[DefinedNamespace]] = {
    "dcterms": DCTERMS,
    "prov": PROV,
    "skos": SKOS,
    "schema": SDO,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "void": VOID,
    "foaf": FOAF,
    "sh": SH,
}


def main(folder: Path) -> None:
    """Write every table."""
    for prefix, (name, version, namespace) in FILES.items():
        rows = list(_terms(folder / name, version, namespace))
        if prefix == "crm":
            rows += _property_classes(namespace)
        _write(HERE / f"{prefix}.csv", rows)
    _write(HERE / "standards.csv", list(_standards()))


def _terms(path: Path, version: str, namespace: str) -> Iterator[tuple[str, ...]]:
    graph = Graph().parse(path, format="xml")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    kinds = {
        "class": {*graph.subjects(RDF.type, RDFS.Class), *graph.subjects(RDF.type, OWL.Class)},
        "property": {
            *graph.subjects(RDF.type, RDF.Property),
            *graph.subjects(RDF.type, OWL.ObjectProperty),
            *graph.subjects(RDF.type, OWL.DatatypeProperty),
        },
    }
    for kind, terms in kinds.items():
        above = RDFS.subClassOf if kind == "class" else RDFS.subPropertyOf
        for term in sorted(each for each in terms if isinstance(each, URIRef) and each.startswith(namespace)):
            label = next(
                (
                    str(each)
                    for each in graph.objects(term, RDFS.label)
                    if getattr(each, "language", "") == "en"
                ),
                "",
            )
            inverse = sorted({*graph.objects(term, OWL.inverseOf), *graph.subjects(OWL.inverseOf, term)})
            yield (
                str(term),
                kind,
                label or _readable(str(term).removeprefix(namespace)),
                *(
                    " ".join(
                        sorted(str(each) for each in values if isinstance(each, URIRef) and each != term)
                    )
                    for values in (
                        graph.objects(term, above),
                        inverse,
                        graph.objects(term, RDFS.domain),
                        graph.objects(term, RDFS.range),
                    )
                ),
                version,
                path.name,
                digest,
            )


def _property_classes(namespace: str) -> list[tuple[str, ...]]:
    return [
        (
            namespace + local, kind, label, "", "",
            namespace + domain if domain else "", namespace + target if target else "",
            "CIDOC CRM 7.1.3, property classes", "third-party use", "",
        )
        for local, (kind, label, domain, target) in PROPERTY_CLASSES.items()
    ]  # fmt: skip


def _standards() -> Iterator[tuple[str, ...]]:
    for namespace in NAMESPACES:
        if namespace.prefix not in SPECIFICATIONS:
            continue
        version, source = SPECIFICATIONS[namespace.prefix]
        known = _CHECKED_BY_RDFLIB.get(namespace.prefix)
        for term in namespace.terms.values():
            local = term.value.removeprefix(namespace.iri)
            if known is not None and local not in known:
                sys.exit(f"{namespace.prefix}:{local} is not a term of {version}")
            kind = "class" if local[0].isupper() else "property"
            yield (term.value, kind, _readable(local), "", "", "", "", version, source, "")


def _readable(local: str) -> str:
    """Return a local name as words: ``hasOrHadHolder`` as ``has or had holder``."""
    words = re.sub(r"^[A-Z]{1,4}\d+[a-z]?_", "", local).replace("_", " ")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).lower() if "_" not in local else words


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(sorted(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
