# ruff: noqa: E501
"""For each shape a small faulty input that it catches, and the same input mended."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fonds.mapping.description import Description, GraphKind, NamedGraph
from fonds.model import Origin
from fonds.vocabulary import PREFIXES, PROV, RDF, RDFS

BASE = "https://archive.example/"
RECORD = f"{BASE}id/record/k"
EDITION = "data/documents/k.xml"
TABLE = "data/authorities/holdings.csv"

_OURS = {
    "": f"{RECORD}/",
    "rec": f"{BASE}id/record/",
    "pe": f"{BASE}id/person/",
    "gr": f"{BASE}id/group/",
    "pl": f"{BASE}id/place/",
    "ev": f"{BASE}id/event/",
    "hold": f"{BASE}id/holding/",
    "cap": f"{BASE}id/capture/",
    "t": f"{BASE}vocab/type/",
    "role": f"{BASE}vocab/role/",
    "language": f"{BASE}vocab/language/",
    "g": f"{BASE}graph/",
}
_HEADER = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in (PREFIXES | _OURS).items())

ORIGINS = {
    RECORD: Origin(EDITION, 3),
    f"{RECORD}/s1": Origin(EDITION, 17),
    f"{RECORD}/a1": Origin(EDITION, 17),
    f"{RECORD}/g1": Origin(EDITION, 21),
    f"{BASE}id/event/talk": Origin(EDITION, 9),
    f"{BASE}id/holding/f5": Origin(TABLE, 2),
    f"{BASE}id/person/weiss": Origin("data/authorities/persons.csv", 4),
}
"""Where the sources of the cases would stand."""

_KINDS = {"said": GraphKind.SAID, "curation": GraphKind.CURATION, "authority": GraphKind.AUTHORITY}


def describe(trig: str, *, provenance: bool = True) -> Description:
    """Read a description: the default graph is the record's, named graphs are of the kind that their names say."""
    graphs: dict[str, list[Triple]] = {}
    for quad in parse(_HEADER + trig, format=RdfFormat.TRIG):
        name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else f"{BASE}graph/record/k"
        graphs.setdefault(name, []).append(Triple(quad.subject, quad.predicate, quad.object))
    named = [NamedGraph(NamedNode(name), _kind(name), tuple(found)) for name, found in graphs.items()]
    if provenance:
        source = NamedNode(f"{BASE}id/record/k/edition")
        derived = (
            Triple(source, RDF.type, PROV.Entity),
            Triple(source, RDFS.label, Literal("Edition", language="en")),
            *(Triple(each.name, PROV.wasDerivedFrom, source) for each in named),
        )
        named.append(NamedGraph(NamedNode(f"{BASE}graph/prov"), GraphKind.PROVENANCE, derived))
    return Description(NamedNode(RECORD), tuple(named))


def _kind(name: str) -> GraphKind:
    path = name.removeprefix(f"{BASE}graph/").split("/")
    return GraphKind.TEXT if path[-1] == "text" else _KINDS.get(path[0], GraphKind.RECORD)


@dataclass(frozen=True)
class Case:
    """A shape, an input that violates it, and what replaces what to mend it."""

    shape: str
    faulty: str
    wrong: str
    right: str
    line: str = f"{EDITION}:3"
    """Where the fault is, as a message begins."""
    name: str = ""

    @property
    def mended(self) -> str:
        """The input without its fault."""
        assert self.faulty.count(self.wrong) == 1, (self.shape, self.wrong)
        return self.faulty.replace(self.wrong, self.right)

    def __str__(self) -> str:
        """Return a name for the test."""
        return f"{self.shape}-{self.name}" if self.name else self.shape


_RECORD = """rec:k a crm:E31_Document, crm:E33_Linguistic_Object ; crm:P94i_was_created_by :writing ; crm:P72_has_language language:ru ;
  crm:P128i_is_carried_by :object ; crm:P102_has_title :title ; dcterms:creator pe:weiss ; dcterms:created "1964-10-27"^^xsd:date ;
  dcterms:language lang:rus .
language:ru skos:notation "rus" . language:en skos:notation "eng" .
:writing crm:P14_carried_out_by pe:weiss ; crm:P4_has_time-span :ts-doc .
:ts-doc crm:P82a_begin_of_the_begin "1964-10-27T00:00:00Z"^^xsd:dateTime ; crm:P82b_end_of_the_end "1964-10-27T23:59:59Z"^^xsd:dateTime .
"""
_PAPER = """:object a crm:E22_Human-Made_Object ; rico:isOrWasInstantiationOf rec:k ; crm:P49_has_former_or_current_keeper gr:archive ;
  crm:P1_is_identified_by :shelfmark ; crm:P46i_forms_part_of hold:f5-758 .
:shelfmark a crm:E42_Identifier ; crm:P2_has_type t:call-number ; crm:P190_has_symbolic_content "f. 5, d. 758" .
hold:f5-758 crm:P46i_forms_part_of hold:f5 ; rico:hasRecordSetType rst:File ; rico:identifier "d. 758" .
hold:f5 a rico:RecordSet ; rico:hasRecordSetType rst:Fonds ; rico:identifier "f. 5" .
"""
_TRANSLATION = """rec:k crm:P72_has_language language:ru . language:ru skos:notation "rus" . language:en skos:notation "eng" .
:en crm:P73i_is_translation_of rec:k ; crm:P72_has_language language:en ; dcterms:language lang:eng ;
  crm:P94i_was_created_by :translating ; dcterms:contributor pe:weiss .
:translating crm:P16_used_specific_object rec:k ; crm:P14_carried_out_by pe:weiss .
"""
_SPAN = """:ts a crm:E52_Time-Span ; fv:edtf "1964-10"^^edtf:EDTF ;
  crm:P82a_begin_of_the_begin "1964-10-01T00:00:00Z"^^xsd:dateTime ; crm:P82b_end_of_the_end "1964-10-31T23:59:59Z"^^xsd:dateTime .
"""
_TALK = """rec:k a crm:E31_Document ; crm:P2_has_type t:record-of-conversation ; crm:P70_documents ev:talk ; crm:P94i_was_created_by :writing .
:writing crm:P4_has_time-span :ts-doc . :ts-doc crm:P82a_begin_of_the_begin "1964-10-27T00:00:00Z"^^xsd:dateTime .
ev:talk a crm:E7_Activity ; crm:P2_has_type t:conversation ; crm:P70i_is_documented_in rec:k ; crm:P14_carried_out_by pe:weiss , pe:noir ;
  crm:P7_took_place_at pl:ministry ; crm:P4_has_time-span :ts-conv .
:ts-conv crm:P82a_begin_of_the_begin "1964-10-16T00:00:00Z"^^xsd:dateTime .
"""
_TENURE = """:tenure-1 a crm:E7_Activity ; crm:P2_has_type t:tenure ; crm:P14_carried_out_by pe:weiss ; crm:P4_has_time-span :ts-att .
:ts-att crm:P81a_end_of_the_begin "1964-10-16T00:00:00Z"^^xsd:dateTime .
:pc-1 a crm:PC14_carried_out_by ; crm:P01_has_domain :tenure-1 ; crm:P02_has_range pe:weiss ; crm:P14.1_in_the_role_of role:minister .
"""
_NOTE = """:note-1 a crm:E34_Inscription ; crm:P2_has_type t:handwritten-note ; crm:P190_has_symbolic_content "Seen. Weiss" ;
  crm:P67_refers_to pe:weiss ; crm:P94i_was_created_by :note-1-writing . :note-1-writing crm:P14_carried_out_by pe:weiss .
"""
_LOSS = """:g1 a crm:E90_Symbolic_Object ; crm:P2_has_type t:lacuna ; fv:lacuna_in rec:k ; fv:lacuna_unit t:line ; crm:P43_has_dimension :g1-extent ;
  oa:start 6 ; oa:end 9 .
:g1-extent crm:P91_has_unit t:line ; crm:P90a_has_lower_value_limit 2 ; crm:P90b_has_upper_value_limit 3 .
"""
WORDS = "Guest: I am for it. You are for it too. The end."
_STATEMENT = """:s1 a fv:ReportedStatement , crm:E13_Attribute_Assignment ; crm:P14_carried_out_by pe:weiss ; crm:P141_assigned :s1-content ;
  crm:P2_has_type fv:stance-positive , fv:opinion , fv:direct-speech ; crm:P9i_forms_part_of ev:talk .
:s1-content a crminf:I4_Proposition_Set ; crm:P3_has_note "That it is good." .
:a1 a oa:Annotation ; oa:hasBody :s1 ; oa:hasTarget :a1-target . :a1-target oa:hasSelector :a1-q , :a1-p .
:a1-q a oa:TextQuoteSelector ; oa:exact "for it" ; oa:prefix "I am " ; oa:suffix ". You" .
:a1-p a oa:TextPositionSelector ; oa:start 12 ; oa:end 18 .
"""
_FRAGMENT = (
    _STATEMENT.replace("crm:P14_carried_out_by pe:weiss ; ", "")
    .replace("fv:opinion", "fv:fragment")
    .replace("fv:stance-positive", "fv:stance-undetermined")
)
_MATCH = """pe:weiss skos:exactMatch wd:Q1 .
pe:match-1 a crm:E13_Attribute_Assignment ; crm:P140_assigned_attribute_to pe:weiss ; crm:P141_assigned wd:Q1 ;
  dcterms:source "a list" ; fv:checked "2026-01-01"^^xsd:date .
"""
_KEEPER = """:object crm:P50_has_current_keeper gr:archive .
:kept crm:P140_assigned_attribute_to :object ; crm:P141_assigned gr:archive ; dcterms:source "its guide" ; fv:checked "2026-01-01"^^xsd:date .
"""
_PERSON = "data/authorities/persons.csv:4"

CASES = (
    Case(
        "UriPolicy",
        "<http://elsewhere.example/weiss> rdfs:label 'Weiss' .",
        "<http://elsewhere.example/weiss>",
        "pe:weiss",
        line="http://elsewhere.example/weiss",
    ),
    Case(
        "UriPolicy",
        "rec:k crm:P67_refers_to _:b . _:b rdfs:label 'x' .",
        "rec:k crm:P67_refers_to _:b . _:b",
        "rec:k",
        name="no blank nodes",
    ),
    Case("LabelLang", ":title a crm:E35_Title ; rdfs:comment 'A title'@en .", "rdfs:comment", "rdfs:label"),
    Case(
        "LabelLang",
        ":title a crm:E35_Title ; rdfs:label 'A title'@en , 'Title'@en .",
        "'Title'@en",
        "'Titre'@fr",
        name="one in a language",
    ),
    Case(
        "LabelLang",
        ":title a crm:E35_Title ; rdfs:label 'A title' , 'Title' .",
        "'Title'",
        "'Titre'@fr",
        name="one without a language",
    ),
    Case(
        "LabelLang",
        "language:ru a skos:Concept ; skos:prefLabel 'a'@en , 'b'@en .",
        "'b'@en",
        "'b'@fr",
        name="one preferred",
        line=f"{BASE}vocab/language/ru",
    ),
    Case(
        "LabelLang",
        "rec:k crm:P67_refers_to pe:nobody .",
        "pe:nobody",
        "rec:k",
        name="what is referred to is described",
    ),
    Case("KnownTerm", "rec:k dcterms:rightsHolder 'x' .", "dcterms:rightsHolder", "dcterms:rights"),
    Case("KnownTerm", "rec:k a crm:E38_Image .", "crm:E38_Image", "crm:E36_Visual_Item", name="classes too"),
    Case(
        "DomainRange",
        "rec:k a crm:E31_Document ; crm:P4_has_time-span :ts . :ts a crm:E52_Time-Span .",
        "crm:E31_Document",
        "crm:E7_Activity",
    ),
    Case(
        "DomainRange",
        "ev:talk a crm:E7_Activity ; crm:P4_has_time-span :ts . :ts a crm:E53_Place .",
        "crm:E53_Place",
        "crm:E52_Time-Span",
        name="ranges too",
        line=f"{EDITION}:9",
    ),
    Case(
        "DomainRange",
        ":g1 a crm:E42_Identifier ; crm:P190_has_symbolic_content rec:k .",
        "rec:k",
        "'12'",
        name="literals",
        line=f"{EDITION}:21",
    ),
    Case(
        "RecordCore",
        _RECORD.replace("crm:P94i_was_created_by :writing", "crm:P94i_was_created_by :writing , :other"),
        " , :other",
        "",
        name="one creation",
    ),
    Case(
        "RecordCore",
        _RECORD.replace(
            "crm:P72_has_language language:ru ;",
            "crm:P72_has_language_of language:ru ; dcterms:hasPart :p1 ;",
        ),
        "crm:P72_has_language_of",
        "crm:P72_has_language",
        name="a language",
    ),
    Case(
        "RecordCore",
        _RECORD.replace("crm:P128i_is", "crm:P128_is"),
        "crm:P128_is",
        "crm:P128i_is",
        name="a carrier",
    ),
    Case(
        "RecordCore",
        _RECORD.replace("crm:P102_has_title", "dcterms:title"),
        "dcterms:title",
        "crm:P1_is_identified_by",
        name="a title or an identifier",
    ),
    Case(
        "DcParallel",
        _RECORD.replace("dcterms:creator pe:weiss", "dcterms:creator pe:noir"),
        "pe:noir",
        "pe:weiss",
        name="creators",
    ),
    Case("DcParallel", _RECORD.replace("lang:rus", "lang:eng"), "lang:eng", "lang:rus", name="languages"),
    Case(
        "DcParallel",
        _TRANSLATION.replace("dcterms:language lang:eng ;", "dcterms:subject lang:eng ;"),
        "dcterms:subject",
        "dcterms:language",
        name="languages of translations",
    ),
    Case(
        "DcDateMatch",
        _RECORD.replace('"1964-10-27"^^xsd:date', '"1964-10-28"^^xsd:date'),
        "1964-10-28",
        "1964-10-27",
    ),
    Case(
        "DcDateMatch",
        _RECORD.replace('"1964-10-27"^^xsd:date', '"1963"^^xsd:gYear'),
        "1963",
        "1964",
        name="years",
    ),
    Case(
        "DcDateMatch",
        _RECORD.replace("crm:P4_has_time-span :ts-doc", "crm:P4_has :ts-doc"),
        "crm:P4_has :",
        "crm:P4_has_time-span :",
        name="a span",
    ),
    Case(
        "TitleSource", ":title a crm:E35_Title ; crm:P2_has_type t:letter .", "t:letter", "t:title-supplied"
    ),
    Case(
        "IdentifierTyped",
        ":no a crm:E42_Identifier ; crm:P2_has_type t:register-number ; crm:P190_has_symbolic_content '1' , '2' .",
        " , '2'",
        "",
    ),
    Case(
        "IdentifierTyped",
        ":no a crm:E42_Identifier ; rdfs:label '1' ; crm:P190_has_symbolic_content '1' .",
        "rdfs:label '1'",
        "crm:P2_has_type t:register-number",
        name="a type",
    ),
    Case(
        "Shelfmark",
        _PAPER.replace("crm:P49_has_former_or_current_keeper gr:archive ;", "dcterms:publisher gr:archive ;"),
        "dcterms:publisher",
        "crm:P49_has_former_or_current_keeper",
        name="a keeper",
    ),
    Case("Shelfmark", _PAPER.replace("rst:Fonds", "rst:Series"), "rst:Series", "rst:Fonds", name="a fonds"),
    Case(
        "Shelfmark",
        _PAPER.replace('rico:identifier "f. 5"', 'rdfs:label "f. 5"'),
        "rdfs:label",
        "rico:identifier",
        line=f"{TABLE}:2",
        name="codes",
    ),
    Case(
        "Shelfmark",
        _PAPER + "hold:f5 crm:P46i_forms_part_of hold:f5-758 .",
        "hold:f5 crm:P46i_forms_part_of hold:f5-758 .",
        "",
        name="no circle",
    ),
    Case(
        "Shelfmark",
        _PAPER.replace("crm:P46i_forms_part_of hold:f5-758 .", "dcterms:isPartOf hold:f5-758 ."),
        "dcterms:isPartOf",
        "crm:P46i_forms_part_of",
        name="more than words",
    ),
    Case(
        "KeeperNotCurrent",
        _KEEPER.replace('dcterms:source "its guide"', 'rdfs:comment "its guide"'),
        "rdfs:comment",
        "dcterms:source",
    ),
    Case("TimeSpanOrder", _SPAN.replace("1964-10-01T", "1964-11-01T"), "1964-11-01T", "1964-10-01T"),
    Case(
        "TimeSpanOrder",
        ":ts a crm:E52_Time-Span ; crm:P81a_end_of_the_begin '1964-10-17T00:00:00Z'^^xsd:dateTime ; crm:P81b_begin_of_the_end '1964-10-16T23:59:59Z'^^xsd:dateTime .",
        "-17T",
        "-16T",
        name="inner bounds",
    ),
    Case(
        "TimeSpanTyped",
        _SPAN.replace('"1964-10-01T00:00:00Z"^^xsd:dateTime', '"1964-10-01T00:00:00"^^xsd:dateTime'),
        "00:00:00",
        "00:00:00Z",
        name="a zone",
    ),
    Case(
        "TimeSpanTyped",
        _SPAN.replace('"1964-10"^^edtf:EDTF', '"October 1964"^^edtf:EDTF'),
        "October 1964",
        "1964-10",
        name="EDTF",
    ),
    Case(
        "TimeSpanTyped",
        _SPAN.replace('"1964-10"^^edtf:EDTF', '"1964-10-05"^^edtf:EDTF'),
        "1964-10-05",
        "1964-10",
        name="the bounds of its EDTF",
    ),
    Case("TwoDates", _TALK.replace("1964-10-27T", "1964-10-15T"), "1964-10-15T", "1964-10-27T"),
    Case(
        "AttestedTenure",
        _TENURE.replace("crm:P4_has_time-span :ts-att", "dcterms:date :ts-att"),
        "dcterms:date",
        "crm:P4_has_time-span",
        name="a date",
    ),
    Case(
        "AttestedTenure",
        _TENURE.replace("crm:P14_carried_out_by pe:weiss", "crm:P11_had_participant pe:weiss"),
        "crm:P11_had_participant",
        "crm:P14_carried_out_by",
        name="a holder",
    ),
    Case(
        "AttestedTenure",
        _TENURE.replace("crm:P14_carried_out_by pe:weiss", "crm:P14_carried_out_by pe:weiss , pe:noir"),
        " , pe:noir",
        "",
        name="one holder",
    ),
    Case(
        "AttestedTenure",
        _TENURE.replace("crm:P14.1_in_the_role_of", "crm:P2_has_type"),
        "crm:P2_has_type role",
        "crm:P14.1_in_the_role_of role",
        name="a role",
    ),
    Case(
        "PcMirrored",
        _TENURE.replace("crm:P14_carried_out_by pe:weiss", "crm:P11_had_participant pe:weiss"),
        "crm:P11_had_participant",
        "crm:P14_carried_out_by",
    ),
    Case(
        "PcMirrored",
        _TENURE.replace("crm:P14.1_in_the_role_of", "crm:P2_has_type"),
        "crm:P2_has_type role",
        "crm:P14.1_in_the_role_of role",
        name="a role",
    ),
    Case(
        "ConversationParties",
        _TALK.replace("pe:weiss , pe:noir", "pe:weiss"),
        "pe:weiss",
        "pe:weiss , pe:noir",
        name="two parties",
        line=f"{EDITION}:9",
    ),
    Case(
        "ConversationParties",
        _TALK.replace("pl:ministry", "pl:ministry , pl:embassy"),
        " , pl:embassy",
        "",
        name="one place",
        line=f"{EDITION}:9",
    ),
    Case(
        "TranslationPair",
        _TRANSLATION.replace(
            "crm:P72_has_language language:en ; dcterms:language lang:eng",
            "crm:P72_has_language language:ru ; dcterms:language lang:rus",
        ),
        "crm:P72_has_language language:ru ; ",
        "crm:P72_has_language language:en ; ",
    ),
    Case(
        "TranslationPair",
        _TRANSLATION.replace("crm:P16_used_specific_object", "crm:P67_refers_to"),
        "crm:P67_refers_to",
        "crm:P16_used_specific_object",
        name="used its original",
    ),
    Case(
        "NoGhostTranslator",
        _TRANSLATION.replace("dcterms:contributor pe:weiss", "dcterms:contributor pe:noir"),
        "pe:noir",
        "pe:weiss",
    ),
    Case(
        "NoGhostTranslator",
        _TRANSLATION
        + ":en crm:P2_has_type t:version-not-held ; crm:P67i_is_referred_to_by :note . :note crm:P67_refers_to rec:k .",
        "crm:P67_refers_to rec:k",
        "crm:P67_refers_to pe:weiss",
        name="not held",
    ),
    Case(
        "ClassificationEvent",
        ":object a crm:E22_Human-Made_Object ; crm:P2_has_type t:secret .",
        "t:secret",
        "t:marked-secret",
    ),
    Case(
        "DeclassAfter",
        ":d a crm:E17_Type_Assignment ; crm:P2_has_type t:declassification ; crm:P41_classified :object ; crm:P4_has_time-span :ts-d . :ts-d crm:P82b_end_of_the_end '1960-01-01T23:59:59Z'^^xsd:dateTime . :object crm:P128_carries rec:k .\n"
        + _RECORD,
        "1960-01-01",
        "1990-01-01",
    ),
    Case(
        "NoteHand",
        _NOTE.replace("crm:P67_refers_to pe:weiss", "crm:P67_refers_to pe:noir"),
        "pe:noir",
        "pe:weiss",
    ),
    Case(
        "NoteHand",
        _NOTE.replace('"Seen. Weiss"', '"Seen. Weiss" , "Seen"'),
        ' , "Seen"',
        "",
        name="one content",
    ),
    Case(
        "LacunaExtent",
        _LOSS.replace("crm:P90a_has_lower_value_limit 2", "crm:P90a_has_lower_value_limit 4"),
        "limit 4",
        "limit 2",
        line=f"{EDITION}:21",
    ),
    Case(
        "LacunaExtent",
        _LOSS.replace(
            "crm:P90a_has_lower_value_limit 2 ; crm:P90b_has_upper_value_limit 3", "rdfs:label 'several'"
        ),
        "rdfs:label 'several'",
        "crm:P90_has_value 3",
        name="a number",
        line=f"{EDITION}:21",
    ),
    Case(
        "LacunaExtent",
        _LOSS.replace("crm:P91_has_unit t:line", "crm:P91_has_unit t:word"),
        "t:word",
        "t:line",
        name="its unit",
        line=f"{EDITION}:21",
    ),
    Case(
        "LacunaExtent",
        _LOSS.replace("crm:P91_has_unit t:line", "crm:P91_has_unit t:line , t:word"),
        " , t:word",
        "",
        name="one unit",
        line=f"{EDITION}:21",
    ),
    Case(
        "LacunaExtent",
        ":g1 a crm:E90_Symbolic_Object ; crm:P2_has_type t:lacuna ; fv:lacuna_cause t:line .",
        "fv:lacuna_cause",
        "fv:lacuna_unit",
        name="a unit",
        line=f"{EDITION}:21",
    ),
    Case(
        "StatementCore",
        _STATEMENT.replace("crm:P14_carried_out_by", "fv:reported_by"),
        "fv:reported_by",
        "crm:P14_carried_out_by",
        name="a speaker",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementCore",
        _STATEMENT.replace("pe:weiss ;", "pe:weiss , pe:noir ;"),
        " , pe:noir",
        "",
        name="one speaker",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementCore",
        _STATEMENT.replace("crminf:I4_Proposition_Set", "crm:E73_Information_Object"),
        "crm:E73_Information_Object",
        "crminf:I4_Proposition_Set",
        name="a content",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementCore",
        _STATEMENT.replace("fv:stance-positive , ", "fv:stance-positive , fv:stance-negative , "),
        " , fv:stance-negative",
        "",
        name="one stance",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementCore",
        _STATEMENT.replace("fv:opinion , ", "fv:faded , "),
        "fv:faded",
        "fv:claim",
        name="a kind",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementCore",
        _STATEMENT.replace("crm:P9i_forms_part_of ev:talk", "crm:P67i_is_referred_to_by :note-1")
        + ":note-1 a crm:E33_Linguistic_Object .",
        "crm:E33_Linguistic_Object",
        "crm:E34_Inscription",
        name="an occasion",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementCore",
        _FRAGMENT + ":s1-content fv:stance_holder pe:weiss .",
        ":s1-content fv:stance_holder pe:weiss .",
        "",
        name="no holder of a fragment",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        _STATEMENT.replace("oa:hasSelector :a1-q , :a1-p", "oa:hasSelector :a1-q"),
        "oa:hasSelector :a1-q",
        "oa:hasSelector :a1-q , :a1-p",
        name="a position",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        _STATEMENT.replace("a oa:TextQuoteSelector", "a oa:TextPositionSelector"),
        ":a1-q a oa:TextPositionSelector",
        ":a1-q a oa:TextQuoteSelector",
        name="a quotation",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        _STATEMENT.replace("oa:start 12 ; oa:end 18", "oa:start 13 ; oa:end 19"),
        "oa:start 13 ; oa:end 19",
        "oa:start 12 ; oa:end 18",
        name="the words there",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        _STATEMENT.replace("oa:end 18", "oa:end 19"),
        "oa:end 19",
        "oa:end 18",
        name="as many",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        _STATEMENT.replace('oa:prefix "I am "', 'oa:prefix "I was "'),
        "I was",
        "I am",
        name="the words before",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        _STATEMENT.replace('; oa:prefix "I am " ; oa:suffix ". You" ', ""),
        '"for it" .',
        '"for it" ; oa:prefix "m " .',
        name="nowhere else",
        line=f"{EDITION}:17",
    ),
    Case(
        "StatementAnchored",
        ":g1-m a fv:Mention ; fv:form 'Guess' ; oa:start 0 ; oa:end 5 .",
        "Guess",
        "Guest",
        name="mentions too",
        line=f"{EDITION}:21",
    ),
    Case(
        "FragmentNoStance",
        _FRAGMENT.replace("fv:stance-undetermined", "fv:stance-negative"),
        "fv:stance-negative",
        "fv:stance-undetermined",
        line=f"{EDITION}:17",
    ),
    Case(
        "FragmentNoStance",
        _STATEMENT + ":g1 fv:lacuna_in rec:k ; oa:start 14 ; oa:end 16 . :s1 dcterms:subject :g1 .",
        "dcterms:subject",
        "fv:cut_by",
        name="cut by a loss",
        line=f"{EDITION}:21",
    ),
    Case(
        "SaidQuarantine",
        "ev:rice crm:P14_carried_out_by gr:them . g:said\\/k\\/s1 { ev:rice crm:P14_carried_out_by gr:them . }",
        "ev:rice crm:P14_carried_out_by gr:them . g:said",
        "g:said",
        line=f"{BASE}id/event/rice",
    ),
    Case(
        "NoBackground",
        ":m1 fv:mentions ev:talk . ev:talk crm:P7_took_place_at pl:havana .",
        "ev:talk crm:P7_took_place_at pl:havana .",
        "g:curation\\/k { ev:talk crm:P7_took_place_at pl:havana }",
        line=f"{EDITION}:9",
    ),
    Case(
        "NoBackground",
        ":m1 fv:mentions ev:talk . ev:talk crm:P4_has_time-span :ts . rec:k crm:P67_refers_to ev:talk .",
        "crm:P67_refers_to",
        "crm:P70_documents",
        name="unless documented",
        line=f"{EDITION}:9",
    ),
    Case(
        "MatchSourced",
        _MATCH.replace('dcterms:source "a list"', 'rdfs:comment "a list"'),
        "rdfs:comment",
        "dcterms:source",
        line=_PERSON,
    ),
    Case(
        "MatchSourced",
        _MATCH.replace("fv:checked", "dcterms:issued"),
        "dcterms:issued",
        "fv:checked",
        name="a day",
        line=_PERSON,
    ),
    Case(
        "MatchSourced",
        _MATCH.replace("skos:exactMatch wd:Q1", "skos:exactMatch wd:Q1 , wd:Q2")
        + "pe:match-2 crm:P140_assigned_attribute_to pe:weiss ; crm:P141_assigned wd:Q2 , <http://d-nb.info/gnd/2> ; dcterms:source 'x' ; fv:checked '2026-01-01'^^xsd:date .",
        "wd:Q1 , wd:Q2",
        "wd:Q1 , <http://d-nb.info/gnd/2>",
        name="one in each file",
        line=_PERSON,
    ),
    Case(
        "MatchSourced",
        _MATCH + "pe:weiss crm:P2_has_type t:unidentified .",
        "pe:weiss crm:P2_has_type t:unidentified .",
        "",
        name="nobody unidentified",
        line=_PERSON,
    ),
    Case(
        "NoRightsInvented",
        ":en dcterms:license 'CC BY' ; dcterms:bibliographicCitation 'A letter.' .",
        "'A letter.'",
        "'A letter, CC BY.'",
    ),
    Case(
        "InferenceOnly",
        "g:inferred { rec:k crm:P67_refers_to pe:weiss }",
        "g:inferred",
        "g:record\\/k",
        line=f"{BASE}graph/inferred",
    ),
)
