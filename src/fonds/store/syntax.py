"""Says in words what is wrong with a query that the engine could not read.

The engine's own message has two faults: it names a place up to the length of a keyword too far on, and it lists what it
tried last, seldom what is missing. So the common faults are looked for here, and its place is only given as near.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from fonds.errors import QuerySyntaxError
from fonds.store.queries import Token, tokens
from fonds.store.turns import Steps

_CLOSING = {"(": ")", "{": "}", "[": "]"}
_KEYWORD = re.compile(r"\b[A-Z]{2,}\b")
_RULE = re.compile(r"The SELECT [^,\[]+|SELECT \* is [^,\[]+")
_PLACE = re.compile(r"error at (\d+):(\d+): ", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong, and at which character."""

    offset: int
    message: str


def explaining(text: str, message: str, prefixes: Collection[str]) -> Steps[QuerySyntaxError]:
    """Find the error for a query that is not SPARQL.

    Args:
        text: The query.
        message: What the engine says.
        prefixes: Those that need no declaration.
    """
    try:
        fault = (yield from _fault(text, prefixes)) or (yield from _told_by_engine(text, message))
    except QuerySyntaxError as error:  # It cannot be taken apart in reasonable time.
        return QuerySyntaxError(str(error), line=1, column=1)
    if fault is None:
        return QuerySyntaxError(f"The query cannot be read: {message}")
    line = text.count("\n", 0, fault.offset) + 1
    column = fault.offset - text.rfind("\n", 0, fault.offset)
    return QuerySyntaxError(f"Line {line}, column {column}: {fault.message}", line=line, column=column)


def _fault(text: str, prefixes: Collection[str]) -> Steps[_Fault | None]:
    """Find what can be told without a grammar: names whose prefix is unknown, brackets and quotes without a partner."""
    declared, opened = set(prefixes), list[Token]()
    for token in tokens(text):
        yield
        fault = _fault_of_name(token, declared) if token.kind == "name" else _fault_of_mark(token, opened)
        if fault:
            return fault
    return _Fault(opened[-1].start, f"“{opened[-1].text}” is never closed.") if opened else None


def _fault_of_name(token: Token, declared: set[str]) -> _Fault | None:
    prefix = token.text.partition(":")[0]
    if token.before == "PREFIX":
        declared.add(prefix)
    elif token.before == "<":
        return _Fault(token.start - 1, "an address in < > has no spaces, quotes, braces or backslashes.")
    elif prefix not in declared:
        message = f"the prefix {prefix}: is not declared; add PREFIX {prefix}: <address> at the top."
        return _Fault(token.start, message)
    return None


def _fault_of_mark(token: Token, opened: list[Token]) -> _Fault | None:
    if token.text in _CLOSING:
        opened.append(token)
    elif token.text in _CLOSING.values():
        if not opened:
            return _Fault(token.start, f"“{token.text}” closes nothing.")
        last = opened.pop().text
        if _CLOSING[last] != token.text:
            message = f"found “{token.text}”, expected “{_CLOSING[last]}” to close “{last}”."
            return _Fault(token.start, message)
    elif token.kind == "mark" and token.text in "\"'":
        return _Fault(token.start, f"the text that begins with {token.text} has no end.")
    return None


def _told_by_engine(text: str, message: str) -> Steps[_Fault | None]:
    found = _PLACE.match(message)
    if found is None:
        return None
    if rule := _RULE.search(message):
        return _Fault(0, f"{rule[0].strip()}.")
    lines = text.split("\n")[: int(found[1]) - 1]
    offset = min(sum(len(each) + 1 for each in lines) + int(found[2]) - 1, len(text))
    # The engine reads as many characters as a keyword has before it finds that they are another word.
    tried = max((len(each) for each in _KEYWORD.findall(message[found.end() :])), default=0)
    start = 0
    for token in tokens(text):
        yield
        if token.start <= max(0, offset - tried):
            start = token.start
    words = " ".join(text[start : start + 60].split())
    return _Fault(
        start,
        f"the query cannot be read from “{words}” on, or a little behind."
        if words
        else "the query is empty.",
    )
