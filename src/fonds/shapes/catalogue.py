"""The shapes of a publication: read once from ``ontology/shapes``, compiled once, used for every record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph
import shacl
from pyoxigraph import Literal, NamedNode, RdfFormat

from fonds.errors import BuildError, Fault
from fonds.shapes.findings import Severity
from fonds.shapes.terms import Terms, read_terms, shapes_of_terms
from fonds.vocabulary import RDFS, program_ontology

NAMESPACE = "https://w3id.org/fonds/ns/shape/"
"""Under which the shapes have their IRIs: the same in every publication."""

_SH = "http://www.w3.org/ns/shacl#"
_DESCRIPTION, _SOURCE, _STORE = "description", "source", "store"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a shape says of itself.

    Attributes:
        order: Its number in the guide to the model.
        name: Its name, which is the end of its IRI.
        severity: Of what it finds; a part of a shape may be milder.
        description: What holds.
        mending: How to mend what does not hold.
    """

    order: int
    name: str
    severity: Severity
    description: str
    mending: str


@dataclass(frozen=True, slots=True)
class StoreRule:
    """A rule over the finished store: a query for what does not hold.

    Attributes:
        shape: The shape's name.
        message: What is found of a focus node.
        query: SPARQL that selects ``?focus`` and, if it has one, ``?value``.
    """

    shape: str
    message: str
    query: str


@dataclass(frozen=True, slots=True)
class Shapes:
    """Every shape, ready to use; immutable, and safe to share between threads.

    Attributes:
        catalogue: What each shape says of itself, by name, in the order of their numbers.
        terms: The tables of terms.
        description: What holds of a description together with the things that it names.
        source: What holds of the graph of a record on its own; None: nothing (the program's own ontology has no such shape).
        store: What holds of the finished store.
    """

    catalogue: Mapping[str, Shape]
    terms: Terms
    description: shacl.Shapes
    source: shacl.Shapes | None
    store: tuple[StoreRule, ...]


def load_shapes(ontologies: Sequence[Path] = ()) -> Shapes:
    """Read and compile the shapes.

    Args:
        ontologies: Folders of tables of terms; none: the program's. In each, ``shapes/`` holds ``description/*.ttl``,
            ``source/*.ttl`` and ``store/*.rq``.

    Raises:
        BuildError: A file is no Turtle, or its shapes cannot be compiled.
    """
    folders = list(ontologies) or [program_ontology()]
    terms = read_terms(folders)
    files = [path for folder in folders for path in sorted((folder / "shapes").rglob("*.ttl"))]
    texts = {path: path.read_text(encoding="utf-8") for path in files}
    own = "\n".join(text for path, text in texts.items() if path.parent.name == _DESCRIPTION)
    source = "\n".join(text for path, text in texts.items() if path.parent.name == _SOURCE)
    rules = [path for folder in folders for path in sorted((folder / "shapes" / _STORE).glob("*.rq"))]
    return Shapes(
        _catalogue(texts),
        terms,
        _compile(f"{own}\n{shapes_of_terms(terms)}", folders[0]),
        _compile(source, folders[0]) if source else None,
        tuple(_rule(path.read_text(encoding="utf-8")) for path in rules),
    )


def shapes_as_turtle(ontologies: Sequence[Path] = ()) -> str:
    """Return the shapes of descriptions as one Turtle text, those of domains and ranges included: for other engines."""
    folders = list(ontologies) or [program_ontology()]
    files = [path for folder in folders for path in sorted((folder / "shapes" / _DESCRIPTION).glob("*.ttl"))]
    return "\n".join(
        [*(path.read_text(encoding="utf-8") for path in files), shapes_of_terms(read_terms(folders))]
    )


def _compile(text: str, folder: Path) -> shacl.Shapes:
    try:
        return shacl.Shapes.from_text(text, format="turtle")
    except ValueError as error:
        raise BuildError(
            [Fault(str(folder / "shapes"), 0, 0, f"the shapes cannot be used: {error}")]
        ) from error


def _catalogue(texts: Mapping[Path, str]) -> Mapping[str, Shape]:
    found = [shape for path, text in texts.items() for shape in _shapes_of(path, text)]
    return {shape.name: shape for shape in sorted(found, key=lambda shape: shape.order)}


def _shapes_of(path: Path, text: str) -> list[Shape]:
    facts: dict[str, dict[str, str]] = {}
    try:
        for quad in pyoxigraph.parse(text, format=RdfFormat.TURTLE):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal | NamedNode):
                facts.setdefault(quad.subject.value, {})[quad.predicate.value] = quad.object.value
    except SyntaxError as error:
        raise BuildError([Fault(str(path), error.lineno or 0, 0, f"is no Turtle: {error.msg}")]) from error
    return [_shape(each) for each in facts.values() if f"{_SH}order" in each]


def _shape(facts: Mapping[str, str]) -> Shape:
    return Shape(
        int(facts[f"{_SH}order"]),
        facts[f"{_SH}name"],
        Severity(facts[f"{_SH}severity"].removeprefix(_SH)),
        facts[f"{_SH}description"],
        facts[RDFS.comment.value],
    )


def _rule(text: str) -> StoreRule:
    """Read a rule: its first lines are ``# shape: …`` and ``# message: …``."""
    header = {
        key.strip(): value.strip()
        for line in text.splitlines()
        if line.startswith("#")
        for key, colon, value in [line.removeprefix("#").partition(":")]
        if colon
    }
    return StoreRule(header["shape"], header["message"], text)
