"""What an archive's description says of a unit in words: the elements of ISAD(G), and whom they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pyoxigraph import NamedNode

from fonds.isadg import elements
from fonds.mapping.common import Context
from fonds.mapping.description import GraphBuilder
from fonds.model import Element, Named
from fonds.vocabulary import CRM, DCTERMS, RDF, RDFS, RICO, text

_NODES = {
    "accessRights": DCTERMS.RightsStatement,
    "rights": DCTERMS.RightsStatement,
    "provenance": DCTERMS.ProvenanceStatement,
}
"""Dublin Core terms whose values are things, with the class of these."""
_CLASSES = {
    "actor": CRM.E39_Actor,
    "person": CRM.E21_Person,
    "group": CRM.E74_Group,
    "place": CRM.E53_Place,
    "event": CRM.E7_Activity,
}


def add_elements(graph: GraphBuilder, it: NamedNode, said: Iterable[Element], context: Context) -> None:
    """State each element: a text about the unit, of the type of the element; RiC-O and Dublin Core say the same beside it."""
    numbers: Counter[str] = Counter()
    for each in said:
        numbers[each.key] += 1
        number = numbers[each.key]
        element = elements()[each.key]
        # The first title is a crm:E35_Title and has the name already.
        name = f"other-{each.key}" if element.becomes == "title" else each.key
        node = NamedNode(f"{it.value}/{name}" + (f"-{number}" if number > 1 else ""))
        words = text(each.words.text, each.words.language)
        class_ = _NODES.get(element.dcterms)
        graph.add(it, (CRM.P67i_is_referred_to_by, node))
        graph.add(
            node,
            (RDF.type, [CRM.E33_Linguistic_Object, *([class_] if class_ else [])]),
            (RDFS.label, text(element.name.capitalize(), "en")),
            (CRM.P2_has_type, context.type(each.key)),
            (CRM.P190_has_symbolic_content, text(each.words.text)),
        )
        if element.becomes in ("element", "title") and element.dcterms:
            graph.add(it, (DCTERMS[element.dcterms], node if class_ else words))
        if element.becomes == "element" and element.rico:
            graph.add(it, (RICO[element.rico], words))


def add_named(graph: GraphBuilder, it: NamedNode, named: Iterable[Named], context: Context) -> None:
    """State whom and what a description names; nobody is identified by it."""
    for each in named:
        unidentified = None if each.kind == "event" else context.type("unidentified")
        graph.add(
            NamedNode(f"{it.value}/{each.name}"),
            (RDF.type, _CLASSES[each.kind]),
            (RDFS.label, text(each.label.text, each.label.language)),
            (CRM.P2_has_type, unidentified),
        )
