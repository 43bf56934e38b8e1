"""Text search in a query: ``fv:matches(?thing, "words")``, and for which words a query has to be answered from the full-text index.

The index is asked once for each text before the query runs, and the worker only looks whether a thing is among what was found.
So what is looked for must stand in the query as it is written: a text that is worked out from the data would need a search for
each row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pyoxigraph import Literal, RdfFormat, parse

from fonds.errors import QuerySyntaxError
from fonds.identifiers import NS
from fonds.store.prologue import Prologue
from fonds.store.queries import Token, tokens
from fonds.store.turns import Steps, at_once

FUNCTION = f"{NS}matches"
"""The function's IRI."""
MOST_TEXTS = 8
"""So many different texts may be looked for in one query."""
MOST_THINGS = 100_000
"""So many things may be found by one text."""

_NAME = "matches"
_ARGUMENTS = 2
_HOW = 'write fv:matches(?thing, "words")'


class Wanted(NamedTuple):
    """A text that is looked for.

    Attributes:
        words: As one would type them into the search field.
        start: Offset in the query of the call.
    """

    words: str
    start: int


def may_match(text: str) -> bool:
    """Tell whether a query may have the function; if not, nothing else need be read."""
    return _NAME in text


def read_wanted(text: str, *, base: str, prefixes: Mapping[str, str]) -> tuple[Wanted, ...]:
    """Find what a query looks for: :func:`wanted_in`, all at once.

    >>> query = 'SELECT * { ?x a fv:Gap FILTER(fv:matches(?x, "rice -telegram")) }'
    >>> read_wanted(query, base="http://a.example/", prefixes={"fv": NS})[0].words
    'rice -telegram'
    """
    return at_once(wanted_in(text, base=base, prefixes=prefixes))


def wanted_in(text: str, *, base: str, prefixes: Mapping[str, str]) -> Steps[tuple[Wanted, ...]]:
    """Find the texts that a query looks for, each once.

    Args:
        text: The query.
        base: Against which relative IRIs are resolved.
        prefixes: Known without a declaration.

    Raises:
        QuerySyntaxError: A call has other arguments than a thing and a text; or there are too many texts.
    """
    prologue, call = Prologue(base, dict(prefixes)), None
    function: Token | None = None
    found: dict[str, Wanted] = {}
    end = 0
    for token in tokens(text):
        yield
        if call and token.start < end:
            raise fault(text, call.start, "“<” can be read in two ways here; write spaces around it.")
        end = token.start + len(token.text)
        if call:
            if call.read(token):
                wanted = Wanted(_words(text, call), call.start)
                found.setdefault(wanted.words, wanted)
                call = None
        elif function and token.text == "(":
            call = _Call(function.start)
        else:
            prologue.read(token)
        function = token if _NAME in token.text and prologue.iri_of(token) == FUNCTION else None
    if len(found) > MOST_TEXTS:
        raise fault(
            text, 0, f"fv:matches looks for {len(found)} texts; {MOST_TEXTS} are allowed in one query."
        )
    return tuple(found.values())


@dataclass(slots=True)
class _Call:
    """A call while its arguments go by.

    Attributes:
        start: Where it begins.
        arguments: The tokens of each argument.
        depth: How many parentheses are open within it.
    """

    start: int
    arguments: list[list[Token]] = field(default_factory=lambda: [[]])
    depth: int = 0

    def read(self, token: Token) -> bool:
        """Take a token, and tell whether it ends the call."""
        if token.text == ")" and not self.depth:
            return True
        self.depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and not self.depth:
            self.arguments.append([])
        else:
            self.arguments[-1].append(token)
        return False


def _words(text: str, call: _Call) -> str:
    """Return the text that a call looks for."""
    if len(call.arguments) != _ARGUMENTS or not all(call.arguments):
        number = len([each for each in call.arguments if each])
        raise fault(
            text, call.start, f"fv:matches takes a thing and a text, found {number} arguments; {_HOW}."
        )
    written = call.arguments[1]
    if len(written) != 1 or written[0].kind != "string":
        shown = text[written[0].start : written[0].start + 40]
        raise fault(
            text,
            written[0].start,
            f"found “{shown}”, expected a text in quotes without a language: what fv:matches looks for must stand in the query.",
        )
    try:
        (quad,) = parse(f"<a:b> <a:b> {written[0].text} .", format=RdfFormat.TURTLE)
    except SyntaxError as error:
        raise fault(text, written[0].start, f"this text cannot be read: {error}") from error
    assert isinstance(quad.object, Literal)
    return quad.object.value


def fault(text: str, offset: int, message: str) -> QuerySyntaxError:
    """Return the error that something is wrong at a place of a query."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return QuerySyntaxError(f"Line {line}, column {column}: {message}", line=line, column=column)
