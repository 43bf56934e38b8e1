"""Make the JSON-LD context of this folder from its tables of terms.

    python ontology/make_context.py

The context says for every property whether its values are things or dates, and which texts stand by language. It is
served at ``/ns/context/1.jsonld``: a term may be added to it, but none may change its meaning there; that takes a ``2``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from fonds.vocabulary import AAT, DCTERMS, FV, OA, PREFIXES, RDF, RDFS, SKOS, XSD

HERE = Path(__file__).parent
TABLES = ("crm", "crminf", "crmdig", "crmtex", "lrmoo", "rico", "standards", "fonds")
LITERAL = RDFS.iri + "Literal"
KEYWORDS = {"id": "@id", "type": "@type"}

# Texts for people, which have a language: {"en": …, "@none": …}.
BY_LANGUAGE = {
    RDFS.iri: "label comment",
    SKOS.iri: "prefLabel altLabel hiddenLabel definition note editorialNote scopeNote",
    DCTERMS.iri: "title alternative description abstract bibliographicCitation",
    FV.iri: "ground",
    PREFIXES["crm"]: "P3_has_note",
}
# Dates. A value that is less precise than a day says so itself.
DATES = {
    DCTERMS.iri: "created date issued modified",
    PREFIXES["dcat"]: "endDate startDate",
    FV.iri: "checked earliest latest",
}
TIMES = {
    PREFIXES["crm"]: "P81a_end_of_the_begin P81b_begin_of_the_end P82a_begin_of_the_begin P82b_end_of_the_end"
}
# standards.csv names no ranges: these properties of it have literals, the others have things.
LITERALS = {
    DCTERMS.iri: "extent format identifier",
    PREFIXES["schema"]: "keywords position",
    SKOS.iri: "notation",
    OA.iri: "end exact prefix start suffix",
    PREFIXES[
        "void"
    ]: "classes distinctObjects distinctSubjects documents entities properties triples uriSpace",
    PREFIXES["dcat"]: "byteSize keyword version",
    PREFIXES["spdx"]: "checksumValue",
    PREFIXES["foaf"]: "name",
    PREFIXES["hydra"]: "totalItems",
    PREFIXES["vcard"]: "fn",
    PREFIXES["owl"]: "versionInfo",
    PREFIXES["sh"]: "ask construct namespace prefix select",
    PREFIXES["spex"]: "describe",
}
# The tables name no range for these properties, and their values are things.
THINGS = {
    PREFIXES["crm"]: "P01_has_domain P02_has_range",
    FV.iri: "mentions lacuna_in cut_by formalised_in fr_thing_about fr_actor_said_about fr_thing_part_of fr_translation_of",
}
# Values of these are now a thing and now words.
EITHER = {DCTERMS.iri: "rights subject source provenance accessRights"}


def context() -> dict[str, object]:
    """Return the context: the keywords' names, the prefixes, and the properties whose values need a word."""
    prefixes = {**PREFIXES, "aat": AAT}
    terms = {short(iri, prefixes): definition for iri, definition in definitions() if definition}
    return {
        "@version": 1.1,
        **KEYWORDS,
        **dict(sorted(prefixes.items())),
        **dict(sorted(terms.items())),
    }


def definitions() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every property of the tables with what the context says of it; nothing where plain strings are meant."""
    for table in TABLES:
        with (HERE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["kind"] == "property" and not row["iri"].startswith(RDF.iri):  # rdf:type is "type"
                    yield row["iri"], definition(row["iri"], row["range"], table)


def definition(iri: str, range_: str, table: str) -> dict[str, str]:
    """Return what the context says of one property."""
    if is_among(iri, BY_LANGUAGE):
        return {"@container": "@language"}
    type_ = ""
    if is_among(iri, DATES) or range_ == XSD.date.value:
        type_ = "xsd:date"
    elif is_among(iri, TIMES):
        type_ = "xsd:dateTime"
    elif range_.startswith(PREFIXES["edtf"]):
        type_ = short(range_, PREFIXES)
    elif is_among(iri, THINGS) or not (is_plain(iri, range_) or is_untold(range_, table)):
        type_ = "@id"
    return {"@type": type_} if type_ else {}


def is_plain(iri: str, range_: str) -> bool:
    """Tell whether the values of a property are literals, or now this and now that: nothing is said of them."""
    return is_among(iri, EITHER) or is_among(iri, LITERALS) or range_.startswith((LITERAL, XSD.iri))


def is_untold(range_: str, table: str) -> bool:
    """Tell whether a property has no range, in a table in which things are not what is meant then."""
    return not range_ and table not in ("standards", "rico")


def is_among(iri: str, lists: dict[str, str]) -> bool:
    """Tell whether a term is in one of the lists, which stand by namespace."""
    return any(
        iri.startswith(namespace) and iri.removeprefix(namespace) in names.split()
        for namespace, names in lists.items()
    )


def short(iri: str, prefixes: dict[str, str]) -> str:
    """Return the compact IRI of a term of the tables."""
    prefix = next(each for each, namespace in prefixes.items() if iri.startswith(namespace))
    return f"{prefix}:{iri.removeprefix(prefixes[prefix])}"


def written() -> str:
    """Return the file as it should stand, one term on a line."""
    lines = (f"  {json.dumps(term)}: {json.dumps(definition)}" for term, definition in context().items())
    return '{\n "@context": {\n' + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    (HERE / "context.jsonld").write_text(written(), encoding="utf-8")
