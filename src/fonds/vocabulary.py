"""The terms that fonds writes, as constants; what they mean stands in the tables of ``ontology/``."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from fonds.errors import FondsError


class Namespace:
    """A closed list of terms under one IRI; a term that is not listed is an error, not a new term.

    Hyphens of a local name are underscores here: ``CRM.P4_has_time_span`` is ``crm:P4_has_time-span``;
    a dot is an underscore as well (``P14_1_in_the_role_of``).
    """

    def __init__(self, prefix: str, iri: str, terms: str) -> None:
        self.prefix = prefix
        self.iri = iri
        self.terms = {term.translate(_TO_ATTRIBUTE): NamedNode(iri + term) for term in terms.split()}
        # Found as fast as any attribute; what is not there is asked for below.
        vars(self).update({name: term for name, term in self.terms.items() if name not in vars(self)})

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):  # Python's own questions (inspect, copy) are not about terms.
            raise AttributeError(name)
        try:
            return self.terms[name]
        except KeyError:
            raise FondsError(
                f"{self.prefix}:{name} is not among the terms that fonds writes; see vocabulary.py"
            ) from None

    def __getitem__(self, local: str) -> NamedNode:
        """Return the term with that local name, spelled as the ontology does."""
        try:
            return self.terms[local.translate(_TO_ATTRIBUTE)]
        except KeyError:
            raise self._unlisted(local) from None

    def _unlisted(self, name: str) -> FondsError:
        return FondsError(f"{self.prefix}:{name} is not among the terms that fonds writes; see vocabulary.py")


_TO_ATTRIBUTE: Final = str.maketrans("-.", "__")

CRM: Final = Namespace(
    "crm",
    "http://www.cidoc-crm.org/cidoc-crm/",
    """
    E3_Condition_State E5_Event E7_Activity E12_Production E13_Attribute_Assignment E17_Type_Assignment E21_Person
    E22_Human-Made_Object E28_Conceptual_Object E31_Document E33_Linguistic_Object E33_E41_Linguistic_Appellation
    E34_Inscription E35_Title E39_Actor E42_Identifier E52_Time-Span E53_Place E54_Dimension E55_Type E56_Language
    E58_Measurement_Unit E65_Creation E67_Birth E69_Death E73_Information_Object E74_Group E78_Curated_Holding E90_Symbolic_Object
    PC14_carried_out_by PC67_refers_to
    P01_has_domain P02_has_range P14.1_in_the_role_of P67.1_has_type
    P1_is_identified_by P2_has_type P3_has_note P4_has_time-span P7_took_place_at P9_consists_of P9i_forms_part_of
    P11_had_participant P14_carried_out_by P15_was_influenced_by P16_used_specific_object P41_classified P42_assigned
    P43_has_dimension P44_has_condition P46_is_composed_of P46i_forms_part_of P49_has_former_or_current_keeper
    P56i_is_found_on P67_refers_to P67i_is_referred_to_by P70_documents P70i_is_documented_in P72_has_language
    P73_has_translation P73i_is_translation_of P81a_end_of_the_begin P81b_begin_of_the_end P82a_begin_of_the_begin
    P82b_end_of_the_end P90_has_value P90a_has_lower_value_limit P90b_has_upper_value_limit P91_has_unit
    P94_has_created P94i_was_created_by
    P98_brought_into_life P98i_was_born P100_was_death_of P100i_died_in P102_has_title P106_is_composed_of P106i_forms_part_of
    P107i_is_current_or_former_member_of P108_has_produced P108i_was_produced_by P128_carries P128i_is_carried_by
    P129_is_about P130_shows_features_of P140_assigned_attribute_to P141_assigned P148_has_component
    P168_place_is_defined_by P177_assigned_property_of_type P183_ends_before_the_start_of P183i_starts_after_the_end_of
    P184_ends_before_or_with_the_end_of P190_has_symbolic_content P89_falls_within
    """,
)
CRMINF: Final = Namespace("crminf", "http://www.cidoc-crm.org/extensions/crminf/", "I4_Proposition_Set")
CRMTEX: Final = Namespace(
    "crmtex",
    "http://www.cidoc-crm.org/extensions/crmtex/",
    "TX1_Written_Text TX7_Written_Text_Segment TXP4_has_segment",
)
CRMDIG: Final = Namespace(
    "crmdig",
    "http://www.cidoc-crm.org/extensions/crmdig/",
    "D1_Digital_Object D10_Software_Execution D14_Software L10_had_input",
)
LRMOO: Final = Namespace(
    "lrmoo",
    "http://iflastandards.info/ns/lrm/lrmoo/",
    "F2_Expression F28_Expression_Creation R17_created R76_is_derivative_of",
)
RICO: Final = Namespace(
    "rico",
    "https://www.ica.org/standards/RiC/ontology#",
    """
    Record RecordSet Instantiation CorporateBody accruals conditionsOfAccess conditionsOfUse hasAuthor hasRecordSetType
    history identifier hasOrHadHolder includesOrIncluded isOrWasInstantiationOf recordResourceExtent
    recordResourceStructure scopeAndContent directlyFollowsInSequence directlyPrecedesInSequence
    isRecordResourceAssociatedWithRecordResource
    """,
)
RST: Final = Namespace(
    "rst", "https://www.ica.org/standards/RiC/vocabularies/recordSetTypes#", "Collection Fonds Series File"
)
DCTERMS: Final = Namespace(
    "dcterms",
    "http://purl.org/dc/terms/",
    """
    abstract accessRights alternative bibliographicCitation conformsTo contributor created creator date description extent
    format hasFormat hasPart hasVersion identifier isFormatOf isPartOf isReferencedBy isReplacedBy isVersionOf issued
    language license modified provenance publisher rights source spatial subject temporal title type PeriodOfTime
    ProvenanceStatement references RightsStatement replaces
    """,
)
DCMITYPE: Final = Namespace("dcmitype", "http://purl.org/dc/dcmitype/", "Text Dataset")
PROV: Final = Namespace(
    "prov",
    "http://www.w3.org/ns/prov#",
    "Activity Entity SoftwareAgent hadPrimarySource used wasAssociatedWith wasDerivedFrom wasGeneratedBy",
)
OA: Final = Namespace(
    "oa",
    "http://www.w3.org/ns/oa#",
    """
    Annotation SpecificResource TextQuoteSelector TextPositionSelector end exact hasBody hasScope hasSelector hasSource
    hasTarget identifying motivatedBy prefix start suffix
    """,
)
SKOS: Final = Namespace(
    "skos",
    "http://www.w3.org/2004/02/skos/core#",
    """
    Concept ConceptScheme altLabel broader changeNote definition editorialNote exactMatch hasTopConcept inScheme notation note
    prefLabel scopeNote topConceptOf
    """,
)
SCHEMA: Final = Namespace("schema", "https://schema.org/", "keywords mentions position target")
RDF: Final = Namespace("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "type Property langString")
RDFS: Final = Namespace(
    "rdfs",
    "http://www.w3.org/2000/01/rdf-schema#",
    "Class comment domain isDefinedBy label range seeAlso subClassOf subPropertyOf",
)
OWL: Final = Namespace("owl", "http://www.w3.org/2002/07/owl#", "Ontology deprecated inverseOf versionInfo")
XSD: Final = Namespace(
    "xsd",
    "http://www.w3.org/2001/XMLSchema#",
    "anyURI boolean date dateTime gYear gYearMonth hexBinary integer decimal nonNegativeInteger string",
)
EDTF: Final = Namespace("edtf", "http://id.loc.gov/datatypes/edtf/", "EDTF")
LANG: Final = Namespace(
    "lang", "http://id.loc.gov/vocabulary/iso639-2/", ""
)  # codes stand in ontology/languages.csv
VOID: Final = Namespace(
    "void",
    "http://rdfs.org/ns/void#",
    """
    Dataset Linkset class classPartition classes dataDump distinctObjects distinctSubjects documents entities
    exampleResource feature inDataset linkPredicate objectsTarget properties property propertyPartition rootResource
    sparqlEndpoint subjectsTarget subset triples uriSpace vocabulary
    """,
)
DCAT: Final = Namespace(
    "dcat",
    "http://www.w3.org/ns/dcat#",
    """
    Catalog DataService Dataset Distribution accessService accessURL byteSize compressFormat contactPoint dataset
    distribution downloadURL endDate endpointDescription endpointURL keyword landingPage mediaType packageFormat
    servesDataset service startDate theme version
    """,
)
SPDX: Final = Namespace(
    "spdx", "http://spdx.org/rdf/terms#", "Checksum algorithm checksum checksumAlgorithm_sha256 checksumValue"
)
SD: Final = Namespace(
    "sd",
    "http://www.w3.org/ns/sparql-service-description#",
    """
    BasicFederatedQuery Dataset Function Graph NamedGraph Service SPARQL11Query availableGraphs defaultDataset
    defaultEntailmentRegime defaultGraph endpoint extensionFunction feature graph name namedGraph resultFormat
    supportedLanguage
    """,
)
FOAF: Final = Namespace("foaf", "http://xmlns.com/foaf/0.1/", "Agent Document homepage name primaryTopic")
VCARD: Final = Namespace("vcard", "http://www.w3.org/2006/vcard/ns#", "Kind fn hasEmail hasURL")
HYDRA: Final = Namespace(
    "hydra", "http://www.w3.org/ns/hydra/core#", "next previous totalItems view PartialCollectionView"
)
SH: Final = Namespace(
    "sh",
    "http://www.w3.org/ns/shacl#",
    """
    SPARQLExecutable SPARQLSelectExecutable SPARQLAskExecutable SPARQLConstructExecutable
    ask construct declare namespace prefix prefixes select
    """,
)
SPEX: Final = Namespace(
    "spex", "https://purl.expasy.org/sparql-examples/ontology#", "SPARQLDescribeExecutable describe"
)
FV: Final = Namespace(
    "fv",
    "https://w3id.org/fonds/ns#",
    """
    Mention PageBreak ReportedStatement
    faded illegible damaged redacted lost-in-capture omitted cause-unstated
    stance-positive stance-negative stance-mixed stance-neutral stance-sceptical stance-uncertain stance-declined
    stance-undetermined
    reaction self-report expectation self-positioning opinion claim disavowal fragment intention fear abstention
    reservation assessment direct-speech indirect-speech handwritten
    cut_by checked certainty earliest edtf form formalised_in ground in_paragraph lacuna_cause lacuna_stated_by lacuna_in
    lacuna_unit latest mentions nested_speaker on_behalf_of ordinal reported_by stance_holder year client_queries
    federates_with federation_bytes federation_calls federation_seconds queued_queries query_bytes query_seconds
    result_bytes result_rows worker_memory_bytes workers facsimile marked_as page pointer recipient sender
    fr_actor_actor_met fr_actor_said_about fr_actor_thing_by fr_event_actor fr_event_place fr_event_time fr_reported_by
    fr_thing_about fr_thing_from_event fr_thing_language fr_thing_part_of fr_translation_of
    """,
)

NAMESPACES: Final = (
    CRM, CRMINF, CRMTEX, CRMDIG, LRMOO, RICO, RST, DCTERMS, DCMITYPE, PROV, OA, SKOS, SCHEMA, RDF, RDFS, OWL, XSD, EDTF,
    LANG, VOID, DCAT, SPDX, SD, FOAF, VCARD, HYDRA, SH, SPEX, FV,
)  # fmt: skip
"""Every namespace that fonds writes."""

PREFIXES: Final[dict[str, str]] = {each.prefix: each.iri for each in NAMESPACES} | {
    "wd": "http://www.wikidata.org/entity/"
}
"""Prefixes for Turtle, for pages, and known to every query without being declared."""

AAT: Final = "http://vocab.getty.edu/aat/"

CC0: Final = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")


def text(value: str, language: str | None = None) -> Literal:
    """Return a literal with a language tag, or a plain one."""
    return Literal(value, language=language) if language else Literal(value)


def typed(value: str, datatype: NamedNode) -> Literal:
    """Return a literal with that datatype."""
    return Literal(value, datatype=datatype)


@cache
def concepts(scheme: str) -> frozenset[str]:
    """Return the local names of the concepts of one of the program's own schemes, such as ``kinds`` or ``stances``."""
    with (program_ontology() / "fonds.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(
            row["iri"].removeprefix(FV.iri)
            for row in csv.DictReader(file)
            if row["broader"] == FV.iri + scheme
        )


def program_ontology() -> Path:
    """Return the folder of the program's own tables: inside the package as installed, beside ``src/`` in a checkout."""
    package = Path(__file__).parent
    installed = package / "ontology"
    return installed if installed.is_dir() else package.parents[1] / "ontology"


NAMING: Final = tuple(each.value for each in (RDFS.label, SKOS.prefLabel, FV.form))
"""The properties whose values are what things are called, in a publication."""

NAMING_ANYTHING: Final = (
    *NAMING,
    DCTERMS.title.value,
    "http://purl.org/dc/elements/1.1/title",
    FOAF.name.value,
    "https://schema.org/name",
    "http://schema.org/name",
)
"""The same for RDF of any origin."""


LOST_IN_CAPTURE = "lost-in-capture"
CAUSE_UNSTATED = "cause-unstated"
_LACUNA_CAUSES = {
    "faded": "faded",
    "fading": "faded",
    "illegible": "illegible",
    "damage": "damaged",
    "damaged": "damaged",
    "torn": "damaged",
    "redacted": "redacted",
    "cancelled": "redacted",
    "censored": "redacted",
    "sanitized": "redacted",
    "omitted": "omitted",
    "sampling": "omitted",
    "editorial": "omitted",
    "capture": LOST_IN_CAPTURE,
}
"""Causes by the words of TEI ``gap/@reason`` that are in use."""
LACUNA_CAUSES: Final = frozenset(_LACUNA_CAUSES)
"""The words that say why something is missing."""
LACUNA_UNITS: Final = ("character", "word", "line", "paragraph", "page", "chapter")
"""In what losses are counted: keys of the program's own types; a publication may have more."""


def lacuna_cause(word: str) -> str:
    """Return the term of the ontology for the cause of a loss that a source gives in a word.

    >>> lacuna_cause("fading"), lacuna_cause("a mystery")
    ('faded', 'cause-unstated')
    """
    return _LACUNA_CAUSES.get(word.lower(), CAUSE_UNSTATED)
