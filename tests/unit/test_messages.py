"""Every message that the program has for people is quoted by a test that shows it: three words of it that follow each other, at least.

It is read from the sources: the words that stand in calls of errors, faults and problems. What is passed on from elsewhere has no
words there, and is judged where it is made.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import fonds.errors
from fonds.errors import FondsError

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src/fonds"
HERE = Path(__file__)
_TOLD_BY = {"Problem", "Fault", "fault", "UsageError", "BadParameter", "Unreadable", "NoSuchPage"}
_TRANSLATED = {"said", "gettext", "ngettext"}
_WORDS = 3
_LEAST = 10
"""Characters: fewer say nothing of which message it is."""
_OF_TESTS = {".py", ".md", ".txt", ".csv", ".json", ".xml"}


class Message(NamedTuple):
    """Words for people in the sources."""

    path: str
    line: int
    pieces: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {' … '.join(self.pieces)}"


def errors() -> set[str]:
    found = {
        name
        for name, each in inspect.getmembers(fonds.errors, inspect.isclass)
        if issubclass(each, FondsError)
    }
    return found | {"WorkshopError", "WorkshopDamagedError", "WorkshopBusyError"} | _TOLD_BY


def plain(text: str) -> str:
    return " ".join(text.replace("\\", "").split())


def runs(piece: str) -> list[str]:
    """Return the words of a piece, three by three; all of them where there are fewer."""
    words = plain(piece).split(" ")
    number = min(_WORDS, len(words))
    found = [" ".join(words[at : at + number]) for at in range(len(words) - number + 1)]
    return [each for each in found if len(each) >= _LEAST]


def messages(source: str, path: str) -> Iterator[Message]:
    """Yield the messages in a module: words in the arguments of what tells people of something."""
    told = errors()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in told:
            arguments = [
                *node.args,
                *(each.value for each in node.keywords if each.arg in (None, "message", "detail")),
            ]
            pieces = tuple(piece for each in arguments for piece in _pieces(each) if runs(piece))
            if pieces:
                yield Message(path, node.lineno, pieces)


def _name(function: ast.expr) -> str:
    return (
        function.id
        if isinstance(function, ast.Name)
        else function.attr
        if isinstance(function, ast.Attribute)
        else ""
    )


def _pieces(node: ast.expr) -> Iterator[str]:
    """Yield the words of an argument; those of calls in it, such as choices and headers, are no part of the message."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        # What is put into a message that is translated has a name in braces.
        yield from (each for each in re.split(r"\{\w+\}", node.value) if each)
    elif isinstance(node, ast.Call) and _name(node.func) in _TRANSLATED and node.args:
        yield from _pieces(node.args[0])
    elif isinstance(node, ast.JoinedStr):
        for each in node.values:
            if isinstance(each, ast.Constant):
                yield from _pieces(each)
    elif isinstance(node, ast.BinOp):
        yield from _pieces(node.left)
        yield from _pieces(node.right)
    elif isinstance(node, ast.IfExp):
        yield from _pieces(node.body)
        yield from _pieces(node.orelse)


@cache
def quoted() -> str:
    """Return all words of the tests: of Python the strings, as they are when they are joined."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*")):
        if path.suffix not in _OF_TESTS or path == HERE or "node_modules" in path.parts or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        if path.suffix != ".py":
            found.append(plain(text))
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(plain(node.value))
    return "\n".join(found)


def unshown() -> list[Message]:
    tests = quoted()
    at_once = {run for line in tests.split("\n") for run in runs(line)}
    every = (
        each
        for path in sorted(SOURCES.rglob("*.py"))
        if "node_modules" not in path.parts
        for each in messages(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    )
    shown = [(each, [run for piece in each.pieces for run in runs(piece)]) for each in every]
    # Where the first or the last word is a part of another one, all of the text has to be looked through.
    return [
        each for each, found in shown if at_once.isdisjoint(found) and not any(run in tests for run in found)
    ]


OUT_OF_REACH = {
    "The store is being closed.": "a query has to come between two steps of a server that stops",
    "> cannot be asked now.": "the system has to be without threads",
    "the site was not written:  …  pages cannot be made: ": "a page of ours has to break",
    ".rq: found no SELECT query, expected one": "a query of the program's own has to be another one",
    "This release was made before there was a search; build it again.": "a release of an older version has to be at hand",
}
"""Messages that no test shows, each with what it would take."""


def test_every_message_is_shown_by_a_test() -> None:
    """A new message without a test fails here; so does one of those above once a test shows it."""
    found = {" … ".join(each.pieces) for each in unshown()}
    assert sorted(found - set(OUT_OF_REACH)) == []
    assert sorted(set(OUT_OF_REACH) - found) == []


def test_the_inventory_finds_what_it_is_to_find() -> None:
    source = (
        'raise Problem(404, f"There is no such {thing} in these data.", (Choice("a", "Not a word of this"),))'
    )
    (found,) = messages(source, "a.py")
    assert found.pieces == ("There is no such ", " in these data.")
    assert runs(found.pieces[0]) == ["There is no", "is no such"]
    assert list(messages("raise Problem(503, str(error))", "a.py")) == []
    assert list(messages('print("There is no such thing")', "a.py")) == []
