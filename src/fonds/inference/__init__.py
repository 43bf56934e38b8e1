"""What follows from what is asserted: the closure, by rules that stand in the tables of ``ontology/``."""

from fonds.inference.closure import Sorter, infer
from fonds.inference.rules import Rules, read_rules

__all__ = ["Rules", "Sorter", "infer", "read_rules"]
