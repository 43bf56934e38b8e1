"""Shapes: what must hold of every graph that is published, and what was found where it does not."""

from fonds.shapes.catalogue import Shape, Shapes, load_shapes
from fonds.shapes.findings import Finding, Severity, faults_of
from fonds.shapes.neighbours import Neighbours, neighbours_of
from fonds.shapes.report import report_of
from fonds.shapes.store_rules import check_store
from fonds.shapes.validation import validate

__all__ = [
    "Finding",
    "Neighbours",
    "Severity",
    "Shape",
    "Shapes",
    "check_store",
    "faults_of",
    "load_shapes",
    "neighbours_of",
    "report_of",
    "validate",
]
