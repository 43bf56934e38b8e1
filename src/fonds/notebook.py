"""The door for scripts and notebooks: a release, an endpoint or the sources of a publication, as Python has such things.

``import fonds`` is all that is needed::

    data = fonds.open("my-archive")
    for row in data.query("SELECT ?person WHERE { ?person a crm:E21_Person }"):
        print(row["person"])

Terms and graphs are those of :mod:`rdflib`. This is the one module at run time, besides ``fonds verify``, that needs it; it is
imported when one of its functions is first used.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyoxigraph
import rdflib
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
)

from fonds.descriptions import Descriptions, Lists
from fonds.errors import FondsError, QuerySyntaxError, ReleaseError, StoreError
from fonds.identifiers import IriSpace, Kind
from fonds.release.described import descriptions_of
from fonds.release.folder import Release as Folder
from fonds.release.folder import open_release
from fonds.store import QueryForm
from fonds.store.queries import form_of
from fonds.store.stored import EXPECTED, StoredQuery, read_query, read_value
from fonds.texts import Texts
from fonds.vocabulary import PREFIXES, XSD

if TYPE_CHECKING:
    from fonds.model import Authority, Record
    from fonds.release.build_report import Told
    from fonds.settings import Settings

Term = rdflib.URIRef | rdflib.Literal | rdflib.BNode
"""A term of a row: also a string, and ``toPython()`` gives a literal's value."""
Row = Mapping[str, Term]
"""One row of an answer: the variables that are bound, without their question marks."""
Value = Term | str | bool | int | float | datetime.date
"""What a variable of a query can be given: a string is a text, an IRI is an :class:`rdflib.URIRef`."""

_NAME = re.compile(r"[\w-]+")
_ENDPOINT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a release describes: a record, a person, a place and so on.

    Attributes:
        iri: What it is.
        title: What it is called.
        language: Of the title (BCP 47); None where that is not stated.
        created: When a record was written, or an event happened (EDTF); empty where that is not known.
    """

    iri: rdflib.URIRef
    title: str
    language: str | None = None
    created: str = ""

    @property
    def key(self) -> str:
        """The last segment of its identifier."""
        return self.iri.rpartition("/")[2]


# ---------------------------------------------------------------------------------------------------------- opening


def open(path: str | os.PathLike[str]) -> OpenRelease:
    """Open a release: that of a folder, or the current one of a publication or of a folder of releases.

    Args:
        path: The folder.

    Raises:
        ReleaseError: There is none, or it is not as it was built.
    """
    if str(path).startswith(("http://", "https://")):
        raise ReleaseError(
            f"{path}: is an address and no folder; a SPARQL endpoint is opened by fonds.endpoint(…)"
        )
    return OpenRelease(open_release(Path(path)))


def endpoint(address: str, *, timeout_seconds: int = _ENDPOINT_SECONDS) -> Endpoint:
    """Return a SPARQL endpoint, which is asked when a query is; its own prefixes need no declaration where it is one of fonds.

    Args:
        address: Of the endpoint, such as ``http://127.0.0.1:8000/sparql``.
        timeout_seconds: After which an answer is given up.

    Raises:
        FondsError: It is no address.
    """
    if not address.startswith(("http://", "https://")):
        raise FondsError(
            f"{address}: is no address of an endpoint; expected http:// or https://. A folder is opened by fonds.open(…)"
        )
    return Endpoint(address, timeout_seconds)


def publication(path: str | os.PathLike[str]) -> Publication:
    """Read the sources of a publication as they are now, whatever was built of them before.

    Args:
        path: The folder with the ``fonds.toml``.

    Raises:
        SettingsError: It has none, or one that cannot be used.
    """
    from fonds.settings import read_settings

    folder = Path(path)
    return Publication(folder, read_settings(folder))


# ---------------------------------------------------------------------------------------------------------- what can be asked


class Askable:
    """What answers queries."""

    def _answer(self, query: str, form: QueryForm, values: Mapping[str, Value]) -> object:
        raise NotImplementedError

    def query(self, query: str, /, **values: Value) -> list[Row]:
        """Return the rows of a SELECT query, all at once.

        Args:
            query: SPARQL, or the name of a stored query of a release.
            values: By variable.

        Raises:
            QuerySyntaxError: It is no SPARQL, or no SELECT.
            StoreError: There is no answer.
        """
        found = self._answer(query, QueryForm.SELECT, values)
        assert isinstance(found, QuerySolutions)
        names = [each.value for each in found.variables]
        return [
            {name: as_rdflib(term) for name, term in zip(names, row, strict=True) if term is not None}
            for row in found
        ]

    def ask(self, query: str, /, **values: Value) -> bool:
        """Return the truth of an ASK query; its arguments and errors are those of :meth:`query`."""
        return bool(self._answer(query, QueryForm.ASK, values))

    def construct(self, query: str, /, **values: Value) -> rdflib.Graph:
        """Return the graph of a CONSTRUCT query; its arguments and errors are those of :meth:`query`."""
        found = self._answer(query, QueryForm.CONSTRUCT, values)
        return graph_of(found)  # type: ignore[arg-type]  # of this form come triples


class OpenRelease(Askable):
    """A release: what it describes, its texts, its graphs, and queries over them, without a server and without limits.

    It is closed at the end of a ``with`` block, or with the process.

    Args:
        release: Its folder and manifest.
    """

    def __init__(self, release: Folder) -> None:
        self.folder = release.folder
        """Where it is."""
        self._release = release
        self._manifest = release.manifest
        try:
            self._store = pyoxigraph.Store.read_only(str(release.store))
        except OSError as error:
            raise ReleaseError(
                f"{release.store}: the store cannot be opened ({error}); build the release again"
            ) from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Return what it is called and where it stands."""
        return f"<release {self.name} of “{self.title}”>"

    def close(self) -> None:
        """Let go of its files; may be called twice."""
        for name in ("_descriptions", "_lists", "_texts"):
            it = self.__dict__.pop(name, None)
            if it is not None:
                it.close()

    # ---------------------------------------------------------------------------------------- what it is

    @property
    def name(self) -> str:
        """Its day of issue and the first twelve digits of its digest."""
        return self._manifest.name

    @property
    def title(self) -> str:
        """What the publication is called."""
        return self._manifest.settings.title

    @property
    def base(self) -> str:
        """Under which its identifiers stand."""
        return self._manifest.base

    @property
    def counts(self) -> Mapping[str, int]:
        """How many things of each kind it describes: ``{"record": 1, "person": 9, …}``."""
        return dict(self._manifest.counts.kinds)

    @cached_property
    def _is_publication(self) -> bool:
        return self._manifest.kind == "publication"

    @cached_property
    def _iris(self) -> IriSpace:
        return IriSpace(self.base)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return PREFIXES | (self._iris.prefixes if self._is_publication else {})

    @cached_property
    def _descriptions(self) -> Descriptions:
        return descriptions_of(self._release)

    @cached_property
    def _lists(self) -> Lists | None:
        return Lists(self._release.lists) if self._is_publication else None

    @cached_property
    def _texts(self) -> Texts | None:
        return Texts(self._release.texts) if self._release.texts.exists() else None

    # ---------------------------------------------------------------------------------------- what it describes

    def records(self) -> Iterator[Thing]:
        """Yield the records by title; none for a dataset."""
        return self.things(Kind.RECORD)

    def things(self, kind: str) -> Iterator[Thing]:
        """Yield the things of a kind by name.

        Args:
            kind: ``record``, ``person``, ``group``, ``place``, ``event``, ``work``, ``holding`` or ``topic``.

        Raises:
            FondsError: There is no such kind.
        """
        if kind not in tuple(Kind):
            raise FondsError(f"{kind!r}: there is no such kind; there are {', '.join(Kind)}")
        for each in self._lists.every(kind) if self._lists else ():
            yield Thing(rdflib.URIRef(each.iri), each.title, each.language, each.created)

    def text(self, record: Thing | str) -> str | None:
        """Return the words of a record as they are published; None where they are not.

        Args:
            record: It, or its key.
        """
        found = self._texts.get(_key(record), "txt") if self._texts else None
        return found.decode() if found is not None else None

    def tei(self, record: Thing | str) -> bytes | None:
        """Return the TEI of a record as it is published; None where there is none.

        Args:
            record: It, or its key.
        """
        return self._texts.get(_key(record), "tei") if self._texts else None

    def graph(self, iri: Thing | str) -> rdflib.Graph:
        """Return what is stated of a thing, as its document has it; of a named graph all that stands in it.

        Args:
            iri: The thing: its IRI, or what follows ``id/`` in it (``person/guevara``); or the IRI of a named graph.

        Raises:
            ReleaseError: Nothing is stated of it.
        """
        wanted = str(iri.iri if isinstance(iri, Thing) else iri)
        for each in (wanted, f"{self.base}id/{wanted}", f"{self.base}{wanted}"):
            lines = self._descriptions.graph(each)
            if lines is None and (description := self._descriptions.of(each)) is not None:
                lines = description.quads
            if lines:
                quads = pyoxigraph.parse(b"".join(lines), format=RdfFormat.N_QUADS, lenient=True)
                return graph_of((each.triple for each in quads), self._prefixes)
        raise ReleaseError(f"{wanted}: nothing is stated of it in {self.name}")

    @property
    def queries(self) -> list[str]:
        """The names of its stored queries."""
        return sorted(each.stem for each in self._release.queries.glob("*.rq"))

    def _answer(self, query: str, form: QueryForm, values: Mapping[str, Value]) -> object:
        text = self._text_of(query, values)
        _require(text, form)
        try:
            return self._store.query(text, prefixes=self._prefixes)
        except SyntaxError as error:
            raise QuerySyntaxError(str(error)) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreError(f"{self.name}: the query cannot be answered: {error}") from error

    def _text_of(self, query: str, values: Mapping[str, Value]) -> str:
        if not _NAME.fullmatch(query):
            return _bound(query, values)
        path = self._release.queries / f"{query}.rq"
        if not path.is_file():
            raise FondsError(
                f"{query}: no stored query of that name; there are {', '.join(self.queries) or 'none'}"
            )
        stored = read_query(path)
        return stored.bound({name: _of_parameter(stored, name, value) for name, value in values.items()})


@dataclass(frozen=True)
class Endpoint(Askable):
    """A SPARQL endpoint.

    Attributes:
        address: Of it.
        timeout_seconds: After which an answer is given up.
    """

    address: str
    timeout_seconds: int = _ENDPOINT_SECONDS

    def graph(self, iri: str) -> rdflib.Graph:
        """Return what the endpoint describes a thing by (DESCRIBE).

        Raises:
            StoreError: There is no answer.
        """
        return self.construct(f"DESCRIBE <{NamedNode(str(iri)).value}>")

    def _answer(self, query: str, form: QueryForm, values: Mapping[str, Value]) -> object:
        from fonds.asking import Question, ask_endpoint, with_prefixes
        from fonds.formats import NTRIPLES, RESULTS_JSON

        text = with_prefixes(_bound(query, values))
        found = _require(text, form)
        format_ = NTRIPLES if form is QueryForm.CONSTRUCT else RESULTS_JSON
        pieces: list[bytes] = []
        ask_endpoint(
            self.address,
            Question(text, found, format_, table=False),
            lambda piece: pieces.append(bytes(piece)),
            timeout_seconds=self.timeout_seconds,
        )
        body = b"".join(pieces)
        try:
            if form is QueryForm.CONSTRUCT:
                return [each.triple for each in pyoxigraph.parse(body, format=RdfFormat.N_TRIPLES)]
            read = pyoxigraph.parse_query_results(body, format=QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise StoreError(f"{self.address}: the answer cannot be read: {str(error)[:200]}") from error
        if isinstance(read, QueryBoolean) != (form is QueryForm.ASK):
            raise StoreError(f"{self.address}: the answer is none to a {form}")
        return read


@dataclass(frozen=True)
class Publication:
    """The sources of a publication.

    Attributes:
        folder: Where they are.
        settings: What ``fonds.toml`` says.
    """

    folder: Path
    settings: Settings = field(repr=False)

    def records(self) -> list[Record]:
        """Return the records as they are read: title, dates, mentions, statements, gaps (:class:`fonds.model.Record`)."""
        return self._read()[0]

    def authorities(self) -> list[Authority]:
        """Return the persons, places … as tables and documents list them (:class:`fonds.model.Authority`)."""
        return self._read()[1]

    def check(self) -> tuple[Told, ...]:
        """Return what ``fonds check`` tells: faults, which stop a build, then warnings, then what is to be decided; nothing is changed."""
        from fonds.release.publication import check_publication

        return check_publication(self.folder).told

    def build(self, *, base: str | None = None) -> OpenRelease:
        """Build a release in the folder ``releases``, and open it.

        Args:
            base: Address under which the identifiers stand; None: as the settings say.

        Raises:
            BuildError: There are faults; the current release stays.
        """
        from fonds.release.publication import build_publication

        return OpenRelease(build_publication(self.folder, base=base))

    def _read(self) -> tuple[list[Record], list[Authority]]:
        from fonds.sources.publication import read_publication

        read = read_publication(self.folder, self.settings)
        return list(read.records), list(read.authorities.values())


# ---------------------------------------------------------------------------------------------------------- terms


def as_rdflib(term: object) -> Term:
    """Return a term of the engine as one of rdflib.

    Raises:
        StoreError: It is a triple term (RDF 1.2), which rdflib does not know.
    """
    match term:
        case NamedNode():
            return rdflib.URIRef(term.value)
        case BlankNode():
            return rdflib.BNode(term.value)
        case Literal():
            if term.language:
                return rdflib.Literal(term.value, lang=term.language)
            datatype = None if term.datatype == XSD.string else rdflib.URIRef(term.datatype.value)
            return rdflib.Literal(term.value, datatype=datatype, normalize=False)
    raise StoreError(f"{term} is a triple term (RDF 1.2), which rdflib does not know; ask for its parts")


def graph_of(triples: Iterable[pyoxigraph.Triple], prefixes: Mapping[str, str] = PREFIXES) -> rdflib.Graph:
    """Return triples of the engine as a graph of rdflib that writes names short."""
    graph = rdflib.Graph()
    for prefix, iri in prefixes.items():
        graph.bind(prefix, iri)
    for each in triples:
        graph.add((as_rdflib(each.subject), as_rdflib(each.predicate), as_rdflib(each.object)))
    return graph


def _as_engine(value: Value) -> NamedNode | Literal:
    if isinstance(value, rdflib.URIRef):
        return NamedNode(str(value))
    if isinstance(value, rdflib.BNode):
        raise FondsError(f"{value}: a blank node has no name by which a query can ask for it")
    literal = value if isinstance(value, rdflib.Literal) else rdflib.Literal(value)
    if literal.language:
        return Literal(str(literal), language=literal.language)
    return (
        Literal(str(literal), datatype=NamedNode(str(literal.datatype)))
        if literal.datatype
        else Literal(str(literal))
    )


def _of_parameter(stored: StoredQuery, name: str, value: Value) -> NamedNode | Literal:
    parameter = next((each for each in stored.parameters if each.name == name), None)
    if parameter is None:
        known = ", ".join(each.name for each in stored.parameters) or "none"
        raise FondsError(f"{stored.name}: there is no parameter {name!r}; there are {known}")
    try:
        return read_value(parameter.kind, str(value))
    except ValueError as error:
        raise FondsError(
            f"{stored.name}: {name} is {str(value)!r}; expected {EXPECTED[parameter.kind]}"
        ) from error


def _bound(query: str, values: Mapping[str, Value]) -> str:
    if not values:
        return query
    from fonds.asking import bound

    return bound(query, {name: _as_engine(value) for name, value in values.items()})


def _require(text: str, form: QueryForm) -> QueryForm:
    """Return the form of a query.

    Raises:
        QuerySyntaxError: It is of another form than is wanted.
    """
    found = form_of(text)
    wanted: Sequence[QueryForm] = (
        (QueryForm.CONSTRUCT, QueryForm.DESCRIBE) if form is QueryForm.CONSTRUCT else (form,)
    )
    if found is None:
        raise QuerySyntaxError("This is no query: it has none of SELECT, ASK, CONSTRUCT and DESCRIBE.")
    if found not in wanted:
        by = {QueryForm.SELECT: "query", QueryForm.ASK: "ask"}.get(found, "construct")
        raise QuerySyntaxError(f"This is a {found}, and not a {form}; it is answered by .{by}(…).")
    return found


def _key(record: Thing | str) -> str:
    return record.key if isinstance(record, Thing) else record.rpartition("/")[2]
