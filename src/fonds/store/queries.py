"""Reads a query before the engine does: its form, and whether it asks for what a public endpoint does not do.

The engine has no lexer of its own: its grammar works on characters, so ``SERVICEex:a`` and ``service:a {`` are federated
calls to it, and ``<`` is an operator wherever no IRI can be read. The rules here are therefore those of SPARQL's lexical
grammar (SPARQL 1.1 Query 19.8, SPARQL 1.2 Query 19.8) and, where the two differ, those of the engine as well: a query is
refused if either reading finds a call. What stands in strings, IRIs, comments, variables and names is never a keyword.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from fonds.errors import QueryForbidden, QuerySyntaxError, QueryTooLong, ServiceForbidden, StoreError
from fonds.store import Matches, QueryForm, ServiceCall
from fonds.store.turns import Steps

# ------------------------------------------------------------------------------------------------ tokens

# SPARQL 1.1 Query 19.8, productions [164] to [173].
_BASE_CHARACTERS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_START = f"{_BASE_CHARACTERS}_0-9"
_INSIDE = f"{_START}\u00b7\u0300-\u036f\u203f\u2040"
_PREFIX = rf"[{_BASE_CHARACTERS}](?:[{_INSIDE}-]|\.+(?=[{_INSIDE}-]))*+"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:[{_START}:]|{_ESCAPED})(?:[{_INSIDE}:-]|{_ESCAPED}|\.+(?=[{_INSIDE}:%\\-]))*+"

_TOKEN = re.compile(
    rf"""
      (?P<space>   [ \t\r\n]++ | \#[^\r\n]*+ )
    | (?P<iri>     <(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+> )
    | (?P<string>  \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*+\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
                 | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+' )
    | (?P<variable> [?$][{_START}][{_START}\u00b7\u0300-\u036f\u203f\u2040]*+ )
    | (?P<blank>   _:[{_START}](?:[{_INSIDE}-]|\.+(?=[{_INSIDE}-]))*+ )
    | (?P<name>    {_PREFIX}(?::(?:{_LOCAL})?)?+ | :(?:{_LOCAL})? )  # a word, where it has no colon
    | (?P<tag>     @[A-Za-z]+(?:-[A-Za-z0-9]+)*+ )
    | (?P<number>  [0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? )
    | (?P<mark>    . )
    """,
    re.VERBOSE | re.DOTALL,
)

_CODEPOINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")
_HIERARCHICAL = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_MOST_OPEN_QUOTES = 16
"""To find that a quote never closes takes a look at all that follows: no text needs many such looks."""
_OPERANDS = frozenset({"variable", "string", "number", "name", "iri", "tag", "blank", "word"})


class Token(NamedTuple):
    """A token, with what matters of the one before it.

    Attributes:
        kind: The group's name in ``_TOKEN``; ``word`` for a name without a colon (it may have dots inside).
        text: As written.
        before: The word, in capitals, that stands directly before it, else the kind of what stands there.
        start: Offset of its first character.
    """

    kind: str
    text: str
    before: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, in order; where a ``<`` can be read in two ways, those of the other reading afterwards.

    Raises:
        QuerySyntaxError: There are so many such places, or quotes that never close, that reading them all would take long.
    """
    starts: list[tuple[int, int, str]] = [(0, 0, "")]
    seen: set[tuple[int, int]] = set()
    budget, open_quotes = 16 * len(text) + 10_000, 0
    while starts:
        position, depth, before = starts.pop()
        while position < len(text) and (position, depth) not in seen:
            if starts or seen:
                seen.add((position, depth))
            found = _TOKEN.match(text, position)
            assert found is not None  # `mark` takes any character
            kind, word = found.lastgroup or "", found[0]
            if kind == "name" and ":" not in word:
                kind = "word"
            position, start = found.end(), position
            budget -= len(word)
            if budget < 0:
                raise QuerySyntaxError(
                    "The query has too many “<” that can be read in two ways; write spaces around it."
                )
            if kind == "space":
                continue
            open_quotes += _never_closes(kind, word, text, position)
            if open_quotes > _MOST_OPEN_QUOTES:
                raise QuerySyntaxError("The query has many quotation marks without a second one.")
            yield Token(kind, word, before, start)
            if kind == "iri" and _is_maybe_operator(word, before, depth):
                seen.add((start, depth))
                starts.append((start + 1, depth, "<"))
            depth += (word == "(") - (word == ")")
            before = word.upper() if kind in ("word", "mark") else kind


def in_order(text: str) -> Iterator[Token]:
    """Yield the tokens of the first reading of a text; :func:`tokens` gives those of others behind it."""
    last = -1
    for token in tokens(text):
        if token.start <= last:
            return
        last = token.start
        yield token


def _never_closes(kind: str, word: str, text: str, end: int) -> bool:
    """Tell whether a token is a quotation mark, or three of them, of which the text has no second one."""
    if kind == "mark":
        return word in ("'", '"')
    return kind == "string" and len(word) == 2 and text.startswith(word[0], end)


def _is_maybe_operator(iri: str, before: str, depth: int) -> bool:
    """Tell whether the engine may read ``<`` as an operator here, and something different behind it.

    That needs an operand before it and a parenthesis around it (or ``<<``); behind it, a comment or the keyword itself.
    """
    if "#" not in iri and "service" not in iri.lower():
        return False
    if _HIERARCHICAL.match(iri):  # No expression begins with `name://`.
        return False
    return before == "<" or (depth > 0 and (before in _OPERANDS or before in (")", "TRUE", "FALSE")))


def with_codepoints(text: str) -> str:
    """Return a text with its codepoint escapes resolved everywhere (SPARQL 1.1 Query 19.2)."""
    return _CODEPOINT.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


# ------------------------------------------------------------------------------------------------ what a query is


class QueryHead(NamedTuple):
    """What can be told of a query without answering it.

    Attributes:
        form: Its form; None where there is no keyword of a form: the engine will say what is wrong.
        volatile: Whether its answer changes from one time to the next (NOW, RAND, UUID, STRUUID, BNODE, SERVICE).
        calls: Its ``SERVICE`` patterns, where they are allowed (:mod:`fonds.store.calls`).
        matches: What is found by the texts for which it looks (:mod:`fonds.store.matching`).
    """

    form: QueryForm | None
    volatile: bool
    calls: tuple[ServiceCall, ...] = ()
    matches: tuple[Matches, ...] = ()


_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH")
_PROLOGUE = ("PREFIX", "BASE", "VERSION")
_VOLATILE = ("NOW", "RAND", "UUID", "BNODE")  # STRUUID ends with UUID.
_NOTEWORTHY = re.compile("SERVICE|NOW|RAND|UUID|BNODE", re.IGNORECASE | re.ASCII)
_FIRST_FORM = re.compile(
    r"(?:[ \t\r\n]*+PREFIX[ \t\r\n]++[A-Za-z0-9_.-]*+:[ \t\r\n]*+<[^<>\x00-\x20\"{}|^`\\]*+>)*+"
    rf"[ \t\r\n]*+({'|'.join(QueryForm)})",
    re.IGNORECASE | re.ASCII,
)
"""What most queries begin with; ``selectdistinct`` is two words to the engine."""
_BEFORE_A_GRAPH = frozenset({"GRAPH", "FROM", "NAMED", "DESCRIBE"})


def reading(text: str, *, limit_bytes: int) -> Steps[QueryHead]:
    """Find the form of a query, and refuse what a public endpoint does not do.

    >>> from fonds.store.turns import at_once
    >>> at_once(reading('SELECT * { ?s ?p "SERVICE" }', limit_bytes=1000)).form.value
    'SELECT'

    Args:
        text: What the client sent; it need not be SPARQL.
        limit_bytes: The most that is read, in bytes of UTF-8.

    Raises:
        QueryTooLong: It is longer than that.
        QueryForbidden: It contains SERVICE (:class:`~fonds.errors.ServiceForbidden`), or is an update.
        QuerySyntaxError: It cannot be read in one way.
    """
    size = len(text) if len(text) > limit_bytes else len(text.encode("utf-8", "surrogatepass"))
    if size > limit_bytes:
        raise QueryTooLong(
            f"The query has {size} bytes or more; this endpoint reads {limit_bytes}.", limit_bytes=limit_bytes
        )
    head = yield from _read(text)
    if "\\u" in text or "\\U" in text:
        # The engine resolves escapes within strings and IRIs; by the standard they come first, everywhere.
        resolved = yield from _read(with_codepoints(text))
        head = QueryHead(head.form or resolved.form, head.volatile or resolved.volatile)
    return head


def form_of(text: str) -> QueryForm | None:
    """Return the form of a query, whatever else it contains."""
    return next((form for token in tokens(text) if (form := _form_at(token))), None)


@dataclass(slots=True)
class _Reader:
    """What was found so far.

    Attributes:
        form: The form, once its keyword was seen.
        volatile: Whether a function was seen whose value changes.
        called: A name that begins a federated call if a brace follows.
    """

    form: QueryForm | None = None
    volatile: bool = False
    called: bool = field(default=False)


def _read(text: str) -> Steps[QueryHead]:
    nothing_hides = _NOTEWORTHY.search(text) is None
    if nothing_hides and (found := _FIRST_FORM.match(text)):
        return QueryHead(QueryForm(found[1].upper()), volatile=False)
    reader = _Reader()
    for token in tokens(text):
        yield
        if nothing_hides and reader.form is not None:
            break
        if reader.called and token.text == "{":
            raise _service()
        reader.called = False
        if token.kind == "word":
            _read_word(reader, token)
        elif token.kind == "name":
            _read_name(reader, token)
    return QueryHead(reader.form, reader.volatile)


def _read_word(reader: _Reader, token: Token) -> None:
    word = token.text.upper()
    # No other word of SPARQL has these letters, and to the engine `trueSERVICE` and `SERVICESILENT` are two words.
    if "SERVICE" in word:
        raise _service()
    if reader.form is None:
        if word in _UPDATES:
            raise QueryForbidden(f"{word} is an update; this endpoint answers queries and takes no updates.")
        reader.form = _form_at(token)
    if word.endswith(_VOLATILE):
        reader.volatile = True


def _read_name(reader: _Reader, token: Token) -> None:
    name = token.text.upper()
    # `service:a {` is a call to the engine, where no keyword before it takes a name.
    reader.called = "SERVICE" in name and token.before not in _BEFORE_A_GRAPH
    reader.form = reader.form or _form_at(token)


def _form_at(token: Token) -> QueryForm | None:
    """Return the form whose keyword a word begins with (``selectdistinct`` is two words to the engine)."""
    if token.kind not in ("word", "name") or token.before in _PROLOGUE:
        return None
    return next((form for form in QueryForm if token.text.upper().startswith(form)), None)


def _service() -> ServiceForbidden:
    return ServiceForbidden(
        "SERVICE asks another endpoint; this endpoint answers from its own data only. "
        "Ask both from your own program, or load a dump."
    )


# ------------------------------------------------------------------------------------------------ our own queries


_HEADER = re.compile(r"#\s*(\w+):\s*(.*)")


@dataclass(frozen=True, slots=True)
class OwnQuery:
    """One of the program's own queries.

    Attributes:
        name: The file's name without its ending.
        title: From its header.
        question: From its header.
        text: SPARQL.
    """

    name: str
    title: str
    question: str
    text: str


@lru_cache(maxsize=1)
def own_queries() -> Mapping[str, OwnQuery]:
    """Return the queries of ``store/rq/``, by name; they are part of the program and read once."""
    folder = files("fonds.store") / "rq"
    found = (each for each in folder.iterdir() if each.name.endswith(".rq"))
    return {query.name: query for query in (_own(each.name, each.read_text("utf-8")) for each in found)}


def own_query(name: str) -> OwnQuery:
    """Return one of them.

    Raises:
        StoreError: There is none of that name.
    """
    try:
        return own_queries()[name]
    except KeyError:
        raise StoreError(
            f"store/rq/{name}.rq: there is no such query; see the folder for those there are"
        ) from None


def _own(file: str, text: str) -> OwnQuery:
    lines = (_HEADER.match(line) for line in text.splitlines())
    header = {line[1]: line[2] for line in lines if line}
    return OwnQuery(file.removesuffix(".rq"), header.get("title", ""), header.get("question", ""), text)
