"""The tree of errors: what it says of itself is what it is, and each error reads as a sentence for a person."""

from __future__ import annotations

import inspect
import re

import fonds.errors
from fonds.errors import BuildError, Fault, FondsError, SourceError


def test_the_tree_at_the_top_of_the_module_is_the_tree_of_classes() -> None:
    drawn = re.findall(
        r"^( *[│├└─ ]*)(\w+Error|\w+Forbidden|Query\w+|Store\w+|Service\w+|Remote\w+|Client\w+) ",
        inspect.getdoc(fonds.errors) or "",
        re.M,
    )
    parents = ["FondsError"]
    tree = {}
    for indent, name in drawn:
        depth = (len(indent) - 4) // 4
        parents[depth:] = [name]
        tree[name] = parents[depth - 1]
    classes = {
        name: type_.__base__.__name__
        for name, type_ in inspect.getmembers(fonds.errors, inspect.isclass)
        if issubclass(type_, FondsError) and type_ is not FondsError
    }
    assert tree == classes


def test_a_fault_reads_as_path_line_column_message_without_what_is_not_known() -> None:
    assert str(Fault("a.xml", 7, 3, "no date")) == "a.xml:7:3: no date"
    assert str(Fault("a.xml", 7, 0, "no date")) == "a.xml:7: no date"
    assert str(Fault("a.xml", 0, 0, "no date")) == "a.xml: no date"


def test_a_source_error_carries_its_fault() -> None:
    error = SourceError("a.xml", "no date", line=7)
    assert error.fault == Fault("a.xml", 7, 0, "no date")
    assert str(error) == "a.xml:7: no date"


def test_a_build_error_lists_all_faults_by_file_and_line() -> None:
    faults = [Fault("b.xml", 1, 0, "late"), Fault("a.xml", 10, 0, "second"), Fault("a.xml", 9, 0, "first")]
    assert str(BuildError(faults)) == "a.xml:9: first\na.xml:10: second\nb.xml:1: late"
