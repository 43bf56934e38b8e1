"""schema.org: a record as search engines read it in its page, an archival component and a creative work.

What people are reported to have said is not in it: nothing here reads as a claim of ours, or as a review of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from pyoxigraph import NamedNode, Triple

from fonds.identifiers import IriSpace
from fonds.views.graph import Known, Node, known
from fonds.vocabulary import CRM, DCAT, DCTERMS, FOAF, RICO, SCHEMA, SKOS, VOID

Json = dict[str, Any]

MOST_MENTIONS = 100
"""A volume may name thousands; the page's own list has them all."""

_TYPES = (
    (CRM.E21_Person, "Person"),
    (CRM.E74_Group, "Organization"),
    (CRM.E53_Place, "Place"),
    (CRM.E5_Event, "Event"),
    (CRM.E7_Activity, "Event"),
    (CRM.E73_Information_Object, "CreativeWork"),
    (CRM.E33_Linguistic_Object, "CreativeWork"),
)


_CONTEXT: Json = {
    "@vocab": "https://schema.org/",
    **{name: {"@type": "@id"} for name in ("url", "sdLicense", "license", "contentUrl")},
}
"""Part of what https://schema.org answers with: nobody has to fetch that to read a page."""


def schema_org(facts: Known, record: NamedNode, iris: IriSpace, *, data_license: str = "") -> Json | None:
    """Return a record in schema.org's terms.

    Args:
        facts: What is asserted of the record, with labels of what it names and of the holdings it lies in.
        record: The record.
        iris: The publication's identifiers.
        data_license: The licence of our own description; nothing is said of a licence for the record itself.

    Returns:
        None where nothing is known by which the record could be called.
    """
    name = facts.text(record, DCTERMS.title) or facts.label(record)
    if name is None:
        return None
    objects = list(facts.things(record, CRM.P128i_is_carried_by))
    translations = list(facts.things(record, CRM.P73_has_translation))
    members: Json = {
        "@context": _CONTEXT,
        "@type": ["ArchiveComponent", "CreativeWork"],
        "@id": record.value,
        "name": name,
        "url": iris.document(record.value),
        "identifier": _one_or_many(facts.words(record, DCTERMS.identifier)),
        "author": _one_or_many(_things(facts, facts.things(record, DCTERMS.creator))),
        "dateCreated": _one_or_many(facts.words(record, DCTERMS.created)),
        "inLanguage": _one_or_many(_language(facts, record, iris)),
        "holdingArchive": _one_or_many(_archives(facts, objects)),
        "itemLocation": _one_or_many(_shelfmarks(facts, objects, iris)),
        "isPartOf": _one_or_many(_wholes(facts, record, objects)),
        "about": _one_or_many(_things(facts, facts.things(record, DCTERMS.subject))),
        "mentions": list(_things(facts, list(facts.things(record, SCHEMA.mentions))[:MOST_MENTIONS])),
        "workTranslation": [_translation(facts, each, iris) for each in translations],
        "creditText": _credit(facts, (record, *translations)),
        "sdLicense": data_license,
    }
    return {key: value for key, value in members.items() if value}


def as_script(data: Json) -> str:
    """Return JSON for ``<script type="application/ld+json">``: no text in it can end the element or open a comment.

    >>> as_script({"name": "</script><!-- & ]]>"})
    '{"name":"\\\\u003c/script\\\\u003e\\\\u003c!-- \\\\u0026 ]]\\\\u003e"}'
    """
    return msgspec.json.encode(data).decode().translate(_UNSAFE_IN_HTML)


# HTML Living Standard, 4.12.1.3: "<!--", "<script" and "</script" are dangerous in a script element; the line separators are
# for readers that take the element's content for JavaScript. All of these can stand in strings only.
_UNSAFE_IN_HTML = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def _one_or_many(values: Iterable[Any]) -> Any:
    found = list(values)
    return found[0] if len(found) == 1 else found


def _things(facts: Known, nodes: Iterable[Node]) -> Iterator[Json]:
    """Yield things that have a name, with what kind of thing they are."""
    for node in nodes:
        name = facts.label(node)
        if name:
            type_ = next((type_ for class_, type_ in _TYPES if facts.is_a(node, class_)), "Thing")
            yield {"@type": type_, "@id": node.value, "name": name}


def _language(facts: Known, text: Node, iris: IriSpace) -> Iterator[str]:
    """Yield the BCP 47 tags of a text's languages: the keys of the publication's vocabulary of languages."""
    scheme = iris.scheme("language").value + "/"
    for each in facts.things(text, CRM.P72_has_language):
        if each.value.startswith(scheme):
            yield each.value.removeprefix(scheme)
        else:
            yield from list(facts.words(each, SKOS.notation))[:1]


def _archives(facts: Known, objects: Iterable[Node]) -> Iterator[Json]:
    keepers = dict.fromkeys(
        each for it in objects for each in facts.things(it, CRM.P49_has_former_or_current_keeper)
    )
    return ({**each, "@type": "ArchiveOrganization"} for each in _things(facts, keepers))


def _shelfmarks(facts: Known, objects: Iterable[Node], iris: IriSpace) -> Iterator[str]:
    call_number = iris.term("type", "call-number")
    for it in objects:
        for mark in facts.things(it, CRM.P1_is_identified_by):
            if call_number in facts.values(mark, CRM.P2_has_type):
                yield from facts.words(mark, CRM.P190_has_symbolic_content)


def _wholes(facts: Known, record: Node, objects: Iterable[Node]) -> Iterator[Json]:
    """Yield the file with the holdings around it, then the works of which the record is a part."""
    files = dict.fromkeys(each for it in objects for each in facts.things(it, CRM.P46i_forms_part_of))
    for each in files:
        if facts.is_a(each, RICO.RecordSet) and (holding := _holding(facts, each, frozenset())):
            yield holding
    yield from _things(facts, facts.things(record, CRM.P106i_forms_part_of))


def _holding(facts: Known, it: Node, below: frozenset[Node]) -> Json | None:
    """Return a holding with those around it; one that is said to contain itself ends the chain."""
    name = facts.label(it)
    if name is None or it in below:
        return None
    inside = below | {it}
    around = (_holding(facts, each, inside) for each in facts.things(it, CRM.P46i_forms_part_of))
    whole = _one_or_many(each for each in around if each)
    return {"@type": "Collection", "@id": it.value, "name": name, **({"isPartOf": whole} if whole else {})}


def _translation(facts: Known, it: Node, iris: IriSpace) -> Json:
    makings = facts.things(it, CRM.P94i_was_created_by)
    translators = (each for making in makings for each in facts.things(making, CRM.P14_carried_out_by))
    editions = (
        *facts.subjects(CRM.P106_is_composed_of, it),
        *facts.things(it, CRM.P106i_forms_part_of),
    )
    funders = (
        each
        for edition in dict.fromkeys(editions)
        for publishing in facts.things(edition, CRM.P94i_was_created_by)
        for each in facts.things(publishing, CRM.P15_was_influenced_by)
        if facts.is_a(each, CRM.E74_Group, CRM.E21_Person)
    )
    members: Json = {
        "@type": "CreativeWork",
        "@id": it.value,
        "inLanguage": _one_or_many(_language(facts, it, iris)),
        "abstract": facts.text(it, DCTERMS.abstract),
        "translator": _one_or_many(_things(facts, translators)),
        "publisher": _one_or_many(_things(facts, facts.things(it, DCTERMS.publisher))),
        "funder": _one_or_many(_things(facts, dict.fromkeys(funders))),
    }
    return {key: value for key, value in members.items() if value}


def _credit(facts: Known, texts: Iterable[Node]) -> str | None:
    """Return how the source says it should be cited, in its own words."""
    return next(
        (text for each in texts if (text := facts.text(each, DCTERMS.bibliographicCitation)) is not None),
        None,
    )


# ------------------------------------------------------------------------------------------------ the dataset


def schema_org_dataset(
    triples: Iterable[Triple], dataset: NamedNode, home: str, languages: Sequence[str] = ("en",)
) -> Json:
    """Return the dataset as search engines read it: a schema.org Dataset with its downloads.

    Args:
        triples: The catalogue of the release (DCAT and VoID).
        dataset: The dataset.
        home: The address of its home page.
        languages: In which languages titles are wanted.
    """
    facts = known(triples, languages)
    publisher = next(facts.things(dataset, DCTERMS.publisher), None)
    period = next(facts.things(dataset, DCTERMS.temporal), None)
    # Where rights differ from part to part, the statement that says so stands in the place of a licence.
    rights = (
        each for property_ in (DCTERMS.license, DCTERMS.rights) for each in facts.things(dataset, property_)
    )
    license = next(rights, None)
    members: Json = {
        "@context": _CONTEXT,
        "@type": "Dataset",
        "@id": dataset.value,
        "url": f"{home}dataset",
        "name": facts.text(dataset, DCTERMS.title),
        "description": _described(facts, dataset),
        "identifier": facts.text(dataset, DCTERMS.identifier),
        "version": facts.text(dataset, DCAT.version),
        "dateModified": facts.text(dataset, DCTERMS.modified),
        "isAccessibleForFree": True,
        "license": _iri_of(license) if license else None,
        "publisher": {"@type": "Organization", "name": facts.text(publisher, FOAF.name)} if publisher else None,
        "temporalCoverage": _coverage(facts, period),
        "spatialCoverage": [
            {"@type": "Place", "@id": _iri_of(place), "name": facts.label(place)}
            for place in facts.things(dataset, DCTERMS.spatial)
        ],
        "inLanguage": [tag.rpartition("/")[2] for tag in map(_iri_of, facts.things(dataset, DCTERMS.language))],
        "includedInDataCatalog": {
            "@type": "DataCatalog", "@id": f"{home}dataset#catalogue", "url": f"{home}dataset",
        },
        "distribution": [_download(facts, each) for each in facts.things(dataset, DCAT.distribution)],
    }  # fmt: skip
    return {name: value for name, value in members.items() if value not in (None, [], "")}


_SHORTEST, _LONGEST = 50, 5000
"""Characters of a description that Google's search for datasets takes (its structured data for Dataset)."""


def _described(facts: Known, dataset: Node) -> str:
    """Return the description of a dataset; where it is short, with the title and the extent."""
    words = facts.text(dataset, DCTERMS.description) or ""
    if len(words) < _SHORTEST:
        extent = [
            f"{what}: {number}"
            for what, property_ in (
                ("triples", VOID.triples),
                ("classes", VOID.classes),
                ("properties", VOID.properties),
            )
            if (number := facts.text(dataset, property_)) is not None
        ]
        parts = (
            facts.text(dataset, DCTERMS.title),
            words,
            f"Linked open data, {', '.join(extent)}." if extent else "",
        )
        words = " – ".join(part for part in parts if part)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 2].rpartition(" ")[0] + " …"


def _coverage(facts: Known, period: Node | None) -> str | None:
    """Return the days between which the records were written, as an interval of ISO 8601."""
    first, last = facts.text(period, DCAT.startDate), facts.text(period, DCAT.endDate)
    return f"{first}/{last}" if first and last else None


def _download(facts: Known, distribution: Node) -> Json:
    media_type = next(map(_iri_of, facts.things(distribution, DCAT.mediaType)), "")
    return {
        "@type": "DataDownload",
        "name": facts.text(distribution, DCTERMS.title),
        "contentUrl": next(map(_iri_of, facts.things(distribution, DCAT.downloadURL)), None),
        "encodingFormat": "/".join(media_type.rsplit("/", 2)[-2:]),
        "contentSize": f"{facts.text(distribution, DCAT.byteSize)} B",
    }


def _iri_of(node: Node) -> str:
    return node.value
