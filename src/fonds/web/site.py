"""What every handler needs: the release, its store and texts, the names of terms, the templates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

import jinja2
import msgspec
from pyoxigraph import NamedNode

from fonds.addresses import Addresses, to_root
from fonds.descriptions import Chronology, Descriptions, Gazetteer, Lists
from fonds.formats import Format
from fonds.identifiers import IriSpace
from fonds.inference import read_rules
from fonds.release.changed import CHANGED, Changed
from fonds.release.described import descriptions_of
from fonds.release.folder import Release
from fonds.release.harvest import HARVEST, Harvest
from fonds.release.history import History
from fonds.release.presentation.files import Index as Own
from fonds.release.presentation.files import read_index
from fonds.release.staging import reading
from fonds.search.finding import SearchIndex
from fonds.settings import Settings
from fonds.store import Store
from fonds.store.stored import StoredQuery, read_stored
from fonds.texts import Texts
from fonds.translations import SOURCE, speaking, translation
from fonds.turtle import TurtleWriter
from fonds.views.around import Things, what_follows
from fonds.views.documents import written
from fonds.views.graph import Follows
from fonds.views.jsonld import Context, read_context
from fonds.vocabulary import NAMING, NAMING_ANYTHING, PREFIXES, program_ontology
from fonds.web.archive import Holdings
from fonds.web.frame import assets_of, templates_of
from fonds.web.labels import Labels
from fonds.web.terms import Terms, read_terms

if TYPE_CHECKING:
    from fonds.web.beside import InOrder
    from fonds.web.listings import ListedClass, Members
    from fonds.web.properties import Property
    from fonds.web.values import Value


@dataclass(frozen=True, slots=True)
class Site:
    """One release on the web, in one language.

    Attributes:
        release: What is served.
        store: Where its graphs are asked.
        settings: What the publication says of itself; its languages are in the order in which pages look for labels.
        texts: The words of its records; None for a dataset.
        descriptions: What is stated of each thing.
        addresses: Which address belongs to which IRI.
        terms: What classes and properties are called.
        templates: The pages.
        assets: Style sheets, by name.
        queries: The stored queries.
        prefixes: Known to queries without a declaration.
        lists: The things of each kind by name; None for a dataset.
        holdings: The archive as a tree.
        context: How JSON-LD is written.
        context_document: The same as a document of its own.
        writer: How Turtle is written.
        labels: What things are called.
        changed: When each graph changed last.
        things: What is stated of things around records.
        follows: What follows from one statement.
        own: Pages and pictures of the publication's own.
        search: What is found by which words; None where the release has no index, as of a dataset.
        chronology: When records and events were; None where the release has none, as of a dataset.
        gazetteer: Where places are; None where the release has none, as of a dataset.
        harvest: What is harvested; None where the release does not say, as of a dataset.
        history: What became of each thing; None for a dataset.
        reading: Held open as long as the release is answered from, so that nobody removes it meanwhile.
        language: Of what the program itself says on pages, as a BCP 47 tag.
        shown: How things are shown as values, kept for a while.
        units: The records of units of the archive in their order, kept for a while.
        properties: How pages speak of properties, kept for a while.
        members: The things of some classes in order, kept for a while.
        classes: The classes of a dataset, once they were counted.
        vocabularies: The terms of concept schemes in their order, kept for a while.
    """

    release: Release
    store: Store
    settings: Settings
    texts: Texts | None
    descriptions: Descriptions
    addresses: Addresses
    terms: Terms
    templates: jinja2.Environment
    assets: Mapping[str, bytes]
    queries: tuple[StoredQuery, ...]
    prefixes: Mapping[str, str]
    lists: Lists | None
    holdings: Holdings
    context: Context
    context_document: bytes
    writer: TurtleWriter
    labels: Labels
    changed: Changed
    things: Things
    follows: Follows
    own: Own
    search: SearchIndex | None = None
    chronology: Chronology | None = None
    gazetteer: Gazetteer | None = None
    harvest: Harvest | None = None
    history: History | None = None
    reading: BinaryIO | None = None
    language: str = SOURCE
    shown: dict[str, Value] = field(default_factory=dict)
    units: dict[tuple[str, ...], InOrder] = field(default_factory=dict)
    properties: dict[str, Property] = field(default_factory=dict)
    members: dict[str, Members] = field(default_factory=dict)
    classes: list[ListedClass] = field(default_factory=list)
    vocabularies: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The address under which every identifier stands."""
        return self.release.manifest.base

    @property
    def is_publication(self) -> bool:
        """Whether it was built from an archive's sources, not from files of RDF."""
        return self.release.manifest.kind == "publication"

    @property
    def said(self) -> str:
        """What the names of graphs begin with that hold what somebody only said."""
        return f"{self.base}graph/said/"

    def written(
        self, lines: list[bytes], format: Format, *, first: NamedNode | None = None, named: bool | None = None
    ) -> bytes:
        """Return statements in an RDF syntax; see :func:`fonds.views.documents.written`.

        Args:
            lines: Of canonical N-Quads.
            format: One of the RDF formats.
            first: What they are about, if it is one thing.
            named: Whether they name their graphs; None: as the data do.

        Raises:
            FormatError: The format cannot carry them.
        """
        # Where there are no named graphs, a line of N-Quads is one of N-Triples.
        named = self.descriptions.graphs > 0 if named is None else named
        subject = first.value if first else None
        return written(lines, format, self.writer, self.context, first=subject, named=named)

    def modified(self, iri: str) -> datetime.datetime:
        """Return when what the document of a thing, or of a named graph, shows last changed.

        Of what has no graphs of its own, such as a part of a record, it is not known: it may have been when anything changed last.
        """
        if not self.is_publication and not self.descriptions.graphs:
            return self.changed.latest()
        return self.changed.of(iri) or self.changed.latest()

    def history_of(self, it: NamedNode) -> str:
        """Return the address of a thing's history relative to the root; empty where nothing of it is known."""
        path = self.addresses.iris.path(it.value) or ""
        known = self.history is not None and path.startswith("id/") and self.history.has(path)
        return f"history/{path.removeprefix('id/')}" if known else ""

    @property
    def language_of_terms(self) -> str | None:
        """The language of the tables of terms, where it is not that of the pages."""
        return None if self.language == SOURCE else SOURCE

    @property
    def prefix(self) -> str:
        """What stands before the addresses of its pages: the language, where it is not the first of the site."""
        return "" if self.language == self.settings.site.languages[0] else f"{self.language}/"

    def top(self, root: str) -> str:
        """Return the relative reference to the root of the first language: where assets are, which are the same in all.

        Args:
            root: The relative reference to the root of this language.
        """
        if not self.prefix:
            return root
        return "../" if root == "./" else f"{root}../"

    def page(self, template: str, path: str, query: str = "", /, **values: object) -> bytes:
        """Return a page as UTF-8.

        Args:
            template: Name of the template.
            path: The path that was asked for, percent-encoded and without the prefix of its language; links are relative to it.
            query: What followed it.
            values: What the template shows.
        """
        root = to_root(path)
        # What is the same in every language has one address.
        top = self.top(root)
        here = f"{path[1:]}?{query}" if query else path[1:]
        text = self.templates.get_template(template).render(
            root=root, top=top, here=here, path=path, **values
        )
        return text.encode()

    def close(self) -> None:
        """Let go of the release's files; nobody is being answered from them any more."""
        for each in (
            self.texts,
            self.descriptions,
            self.lists,
            self.chronology,
            self.gazetteer,
            self.harvest,
            self.history,
            self.reading,
        ):
            if each is not None:
                each.close()


def open_site(release: Release, store: Store, settings: Settings) -> Site:
    """Return the site of a release; the texts stay open as long as it lives.

    Raises:
        ReleaseError: A file of it is missing or damaged.
    """
    first = settings.site.languages[0]
    with speaking(translation(first)):
        return _open(release, store, settings, first)


def in_language(site: Site, settings: Settings, language: str) -> Site:
    """Return a site in another language: it shares all that is open, and keeps what it has put in words for itself.

    Args:
        site: In its first language.
        settings: As the publication has them.
        language: A BCP 47 tag.
    """
    with speaking(translation(language)):
        ordered = _ordered(settings, language)
        return replace(
            site,
            language=language,
            settings=ordered,
            templates=templates_of(site.release, settings, site.own, site.assets, language),
            labels=site.labels.in_order_of(ordered.languages),
            shown={},
            units={},
            properties={},
            members={},
            classes=[],
            vocabularies={},
        )


def _ordered(settings: Settings, language: str) -> Settings:
    """Return settings in whose order of languages the one that is asked for comes first; a site in English alone asks for none."""
    if settings.site.languages == (SOURCE,):
        return settings
    others = (each for each in settings.languages if each != language)
    return msgspec.structs.replace(settings, languages=(language, *others))


def _open(release: Release, store: Store, settings: Settings, language: str) -> Site:
    addresses = Addresses(IriSpace(release.manifest.base))
    ordered = _ordered(settings, language)
    own = read_index(release.site)
    assets = assets_of(release, settings, own)
    publication = release.manifest.kind == "publication"
    prefixes = PREFIXES | (addresses.iris.prefixes if publication else {})
    context_path = program_ontology() / "context.jsonld"
    texts = Texts(release.texts) if release.texts.exists() else None
    descriptions = descriptions_of(release)
    return Site(
        release,
        store,
        ordered,
        texts,
        descriptions,
        addresses,
        read_terms(release.ontology if publication else program_ontology()),
        templates_of(release, settings, own, assets, language),
        assets,
        read_stored(release.queries),
        prefixes,
        Lists(release.lists) if publication else None,
        Holdings(store, addresses.iris),
        read_context(context_path),
        context_path.read_bytes(),
        TurtleWriter(prefixes),
        Labels(descriptions, ordered.languages, NAMING if publication else NAMING_ANYTHING),
        Changed.open(release.folder / CHANGED),
        Things(descriptions),
        what_follows(read_rules([release.ontology], settings.inference, release.manifest.base))
        if publication
        else Follows(),
        own,
        SearchIndex(release.search) if release.search.exists() else None,
        Chronology(release.chronology) if release.chronology.exists() else None,
        Gazetteer(release.gazetteer) if release.gazetteer.exists() else None,
        Harvest(release.folder) if HARVEST in release.manifest.files else None,
        History(release) if publication else None,
        reading(release.folder),
        language,
    )
