"""What follows from what is asserted: the closure, by rules that stand in the tables of ``ontology/``."""

from fonds.inference.closure import Sorter, infer
from fonds.inference.rules import Level, Rules, read_rules

__all__ = ["Level", "Rules", "Sorter", "infer", "read_rules"]
