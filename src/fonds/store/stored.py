"""Stored queries: questions of a publication, each in a file that says what it asks and what somebody else may put in.

A file ``queries/{name}.rq`` begins with what it is, in comments, so that any SPARQL program runs it as it stands::

    # title: Named together
    # question: Who and what is named in the same paragraphs as somebody or something?
    # keywords: people, mentions
    # parameter: ?thing (iri, required) the person, group, place, event or work

    SELECT ?other … WHERE { VALUES ?thing { pe:guevara } … }

A parameter is a variable to which one ``VALUES`` clause of the query gives one value: that of the file is the example of a
required parameter, and what an optional one is where nobody says otherwise (``UNDEF``: anything). Another value takes its
place as a term, as the engine itself writes it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Triple

from fonds.errors import ParameterError, QuerySyntaxError, SourceError
from fonds.store import QueryForm
from fonds.store.matching import FUNCTION
from fonds.store.prologue import undeclared
from fonds.store.queries import Token, form_of, in_order
from fonds.store.syntax import explaining
from fonds.store.turns import at_once
from fonds.vocabulary import XSD, typed

PAGE_ROWS = 200
"""Rows of a page of an answer."""

_HEADER = re.compile(r"#[ \t]*([a-z]+):[ \t]*(.*?)[ \t]*")
_PARAMETER = re.compile(r"\?(\w+)[ \t]+\(([^)]*)\)[ \t]*(.*)")
_ONCE = ("title", "question", "keywords")
_RESERVED = frozenset({"page", "format"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_REQUIRED = "required"
_PAGING_WORDS = frozenset({"LIMIT", "OFFSET", "VALUES"})


class Kind(StrEnum):
    """What a parameter takes."""

    IRI = "iri"
    STRING = "string"
    DATE = "date"
    LANGUAGE = "language"
    INTEGER = "integer"


Value = NamedNode | Literal
"""What takes the place of a parameter."""

EXPECTED: Mapping[Kind, str] = {
    Kind.IRI: "an absolute IRI, such as http://www.wikidata.org/entity/Q5809",
    Kind.STRING: "words",
    Kind.DATE: "a day as YYYY-MM-DD, such as 1964-10-16",
    Kind.LANGUAGE: "a language tag (BCP 47), such as en or ru-Latn",
    Kind.INTEGER: "a whole number, such as 12",
}
"""What a parameter of each kind takes, in words."""


def read_value(kind: Kind, text: str) -> Value:
    """Return what somebody wrote as a term.

    >>> read_value(Kind.DATE, "1964-10-16").value
    '1964-10-16'

    Raises:
        ValueError: It is nothing of that kind; the message says why.
    """
    match kind:
        case Kind.IRI:
            return NamedNode(text)
        case Kind.STRING:
            return Literal(text)
        case Kind.DATE:
            if not _DATE.fullmatch(text):
                raise ValueError("it is not written as a day is")
            return typed(datetime.date.fromisoformat(text).isoformat(), XSD.date)
        case Kind.LANGUAGE:
            if not _LANGUAGE.fullmatch(text):
                raise ValueError("it is no language tag")
            return Literal(text.lower())
        case Kind.INTEGER:
            if not _INTEGER.fullmatch(text):
                raise ValueError("it is no whole number, or longer than 18 digits")
            return typed(str(int(text)), XSD.integer)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a stored query that others may give a value.

    Attributes:
        name: Without its question mark.
        kind: What it takes.
        required: Whether there is no answer without it.
        words: What it is, for people.
        written: Its example or what it is by default, as it stands in the file; empty: anything (``UNDEF``).
        start: Offset of the first character between the braces of its ``VALUES``.
        end: Offset of the closing brace.
    """

    name: str
    kind: Kind
    required: bool
    words: str
    written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A question with its query.

    Attributes:
        name: Of its file, without ending.
        title: A few words.
        question: One sentence.
        text: The query as it stands in the file.
        form: Of the query.
        keywords: For finding it.
        parameters: In the order of the file.
        pageable: Whether it returns rows and says nothing itself of how many: its answer comes page by page.
    """

    name: str
    title: str
    question: str
    text: str
    form: QueryForm
    keywords: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    pageable: bool = False

    def bound(self, values: Mapping[str, Value]) -> str:
        """Return the query with other values for some of its parameters.

        Args:
            values: By the name of the parameter. They are written by the engine: none of them can end where it stands.
        """
        text = self.text
        for each in sorted(self.parameters, key=lambda each: each.start, reverse=True):
            if each.name in values:
                text = f"{text[: each.start]} {values[each.name]} {text[each.end :]}"
        return text

    def values(self, given: Mapping[str, str]) -> dict[str, Value]:
        """Return what somebody put in, as terms.

        Args:
            given: By the name of a parameter; what is empty is as good as not given.

        Raises:
            ParameterError: A required one is missing, or one is of another kind.
        """
        for each in self.parameters:
            if each.required and not given.get(each.name):
                raise ParameterError(
                    f"“{each.name}” is missing: {each.words}. It is {EXPECTED[each.kind]}.",
                    parameter=each.name,
                )
        return {
            each.name: _value_of(each, given[each.name]) for each in self.parameters if given.get(each.name)
        }

    def page(self, text: str, number: int) -> str:
        """Return the query for one page, and for one row more, which tells whether there is another.

        Args:
            text: The query, as :meth:`bound` returns it.
            number: Of the page, from 1.
        """
        return f"{text.rstrip()}\nLIMIT {PAGE_ROWS + 1} OFFSET {(number - 1) * PAGE_ROWS}\n"

    def examples(self, prefixes: Mapping[str, str]) -> dict[str, str]:
        """Return the value of each parameter as it stands in the file, as somebody would write it; empty: anything."""
        return {each.name: written_value(each, prefixes) for each in self.parameters}


def _value_of(parameter: Parameter, given: str) -> Value:
    try:
        return read_value(parameter.kind, given)
    except ValueError as error:
        raise ParameterError(
            f"“{parameter.name}” is “{given[:100]}”; expected {EXPECTED[parameter.kind]} ({error}).",
            parameter=parameter.name,
            expected=parameter.kind.value,
        ) from error


def written_value(parameter: Parameter, prefixes: Mapping[str, str]) -> str:
    """Return the value that a parameter has in the file, as somebody would write it; empty: anything.

    Args:
        parameter: Of a query that was read.
        prefixes: Known without a declaration.
    """
    term = _term(parameter.written, prefixes) if parameter.written else None
    return term.value if term is not None else ""


def read_stored(folder: Path) -> tuple[StoredQuery, ...]:
    """Return the stored queries of a folder by name; none where there is no such folder.

    Raises:
        SourceError: One of them says something of itself that is not so.
    """
    return tuple(read_query(path) for path in sorted(folder.glob("*.rq")))


def read_query(path: Path) -> StoredQuery:
    """Read a stored query.

    Raises:
        SourceError: It is not UTF-8, or it says something of itself that is not so, with the line.
    """
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise SourceError(str(path), f"not UTF-8 ({error.reason} at byte {error.start})") from error
    return _Reader(path, text).query()


def check(path: Path, query: StoredQuery, prefixes: Mapping[str, str]) -> None:
    """See that the engine can read a query, and that the values of its parameters are of their kinds.

    Args:
        path: Its file.
        query: As :func:`read_query` returns it.
        prefixes: Known without a declaration.

    Raises:
        SourceError: Otherwise, with the line where it is known.
    """
    for each in query.parameters:
        line = query.text.count("\n", 0, each.start) + 1
        if each.written and not _is_of_kind(_term(each.written, prefixes), each.kind):
            said = f"“{each.written[:60]}” is no value of ?{each.name}, which is declared as “{each.kind}”"
            raise SourceError(str(path), f"{said}: {EXPECTED[each.kind]}", line=line)
    if "SERVICE" in query.text.upper():  # Whoever else it asks is not asked in a build.
        return
    try:
        pyoxigraph.Store().query(
            query.text,
            prefixes=dict(prefixes),
            custom_functions={NamedNode(FUNCTION): _nothing},  # It has to be known, no more.
        )
    except RuntimeError as error:
        raise SourceError(str(path), str(error)) from error
    except (SyntaxError, ValueError) as error:
        why = at_once(explaining(query.text, str(error), prefixes))
        words = str(why).removeprefix(f"Line {why.line}, column {why.column}: ")
        raise SourceError(str(path), words, line=why.line or 0, column=why.column or 0) from error


def _nothing(*_: object) -> None:
    return None


def _is_of_kind(term: Value | None, kind: Kind) -> bool:
    if kind is Kind.IRI or not isinstance(term, Literal):
        return kind is Kind.IRI and isinstance(term, NamedNode)
    try:
        return read_value(kind, term.value) == term
    except ValueError:
        return False


class _Reader:
    """One file while it is read."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._said: dict[str, str] = {}
        self._declared: list[tuple[int, str]] = []

    def query(self) -> StoredQuery:
        self._read_header()
        said, text = self._said, self._text
        try:
            read, form = list(in_order(text)), form_of(text)
        except QuerySyntaxError as error:
            raise SourceError(str(self._path), str(error)) from error
        if form is None:
            raise SourceError(
                str(self._path), "there is none of SELECT, ASK, CONSTRUCT and DESCRIBE in it: it is no query"
            )
        parameters = tuple(self._parameter(line, words, read) for line, words in self._declared)
        keywords = tuple(each for word in said.get("keywords", "").split(",") if (each := word.strip()))
        return StoredQuery(
            self._path.stem,
            said.get("title") or self._path.stem.replace("-", " "),
            said.get("question", ""),
            text,
            form,
            keywords,
            parameters,
            form is QueryForm.SELECT and not _limits_itself(read),
        )

    def _read_header(self) -> None:
        for number, line in enumerate(self._text.split("\n"), 1):
            if line.strip() and not line.startswith("#"):
                return
            found = _HEADER.fullmatch(line.rstrip("\r"))
            if found is None:
                continue
            name, words = found.groups()
            if name == "parameter":
                self._declared.append((number, words))
            elif name in _ONCE:
                if name in self._said:
                    raise self._fault(number, f"“{name}” stands there twice")
                self._said[name] = words

    def _parameter(self, line: int, said: str, read: Sequence[Token]) -> Parameter:
        found = _PARAMETER.fullmatch(said)
        if found is None or not found[3]:
            raise self._fault(
                line,
                f"“{said[:60]}” is no parameter; write: ?name (iri, required) what it is",
            )
        name, (kind, *more) = found[1], [each.strip() for each in found[2].split(",")]
        if kind not in set(Kind) or more not in ([], [_REQUIRED]):
            kinds = ", ".join(Kind)
            raise self._fault(
                line, f"“({found[2][:60]})”: expected one of {kinds}, and perhaps “, {_REQUIRED}”"
            )
        if name in _RESERVED:
            raise self._fault(line, f"a parameter cannot be called “{name}”: that is the program's own")
        if sum(words.startswith(f"?{name} ") for _, words in self._declared) > 1:
            raise self._fault(line, f"?{name} is declared twice")
        start, end = self._values(line, name, read)
        written = self._text[start:end].strip()
        if written == "UNDEF" and more:
            raise self._fault(
                line, f"?{name} is required: its VALUES needs an example between the braces in place of UNDEF"
            )
        return Parameter(
            name, Kind(kind), bool(more), found[3], "" if written == "UNDEF" else written, start, end
        )

    def _values(self, line: int, name: str, read: Sequence[Token]) -> tuple[int, int]:
        """Return where the one value of a variable stands."""
        found = [
            index
            for index, (keyword, variable, brace) in enumerate(zip(read, read[1:], read[2:], strict=False))
            if keyword.text.upper() == "VALUES"
            and variable.text in (f"?{name}", f"${name}")
            and brace.text == "{"
        ]
        if len(found) != 1:
            many = f"there are {len(found)}" if found else "there is none"
            raise self._fault(line, f"a parameter has one “VALUES ?{name} {{ … }}” in its query; {many}")
        opening = read[found[0] + 2]
        after = read[found[0] + 3 :]
        closing = next((place for place, token in enumerate(after) if token.text == "}"), None)
        if closing is None or not _is_one_term(after[:closing]):
            raise self._fault(
                line, f"“VALUES ?{name} {{ … }}” holds one value (or UNDEF, for anything), as its example"
            )
        return opening.start + 1, after[closing].start

    def _fault(self, line: int, what: str) -> SourceError:
        return SourceError(str(self._path), what, line=line)


def _is_one_term(read: Sequence[Token]) -> bool:
    """Tell whether tokens are one term, or UNDEF: a literal may have a language or a datatype, a number a sign."""
    kinds = [token.kind if token.kind != "mark" else token.text for token in read]
    if kinds == ["word"]:
        return read[0].text.upper() in ("UNDEF", "TRUE", "FALSE")
    return kinds in (
        ["iri"],
        ["name"],
        ["string"],
        ["string", "tag"],
        ["string", "^", "^", "iri"],
        ["string", "^", "^", "name"],
        ["number"],
        ["-", "number"],
        ["+", "number"],
    )


def _limits_itself(read: Sequence[Token]) -> bool:
    """Tell whether a query says, outside all braces, how many rows it wants, or ends with VALUES: nothing can stand behind it."""
    depth = 0
    for token in read:
        if token.kind == "mark":
            depth += (token.text == "{") - (token.text == "}")
        elif depth == 0 and token.kind == "word" and token.text.upper() in _PAGING_WORDS:
            return True
    return False


# ------------------------------------------------------------------------------------------------ terms and prefixes


def _term(written: str, prefixes: Mapping[str, str]) -> Value | None:
    """Return a term as the engine reads it, None where it cannot."""
    query = f"SELECT ?it WHERE {{ VALUES ?it {{ {written} }} }}"
    try:
        rows = pyoxigraph.Store().query(query, prefixes=dict(prefixes))
    except (SyntaxError, ValueError):
        return None
    assert isinstance(rows, QuerySolutions)
    found = [row["it"] for row in rows]
    term = found[0] if len(found) == 1 else None
    return None if isinstance(term, BlankNode | Triple) else term


def declaring(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query that declares the prefixes which it uses, so that any SPARQL program can run it.

    >>> declaring("SELECT ?s { ?s rdfs:label 'x:y' }", {"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "x": "urn:x"})
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\\nSELECT ?s { ?s rdfs:label 'x:y' }"

    Args:
        text: A query.
        prefixes: Known without a declaration.
    """
    wanted = undeclared(list(in_order(text)))
    lines = [f"PREFIX {each}: <{prefixes[each]}>\n" for each in wanted if each in prefixes]
    return "".join(lines) + text
