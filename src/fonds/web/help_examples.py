"""What the examples of the help are about: a record that there is, somebody whom it names, an archive's reference, a day."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.errors import SearchError
from fonds.identifiers import Kind
from fonds.search.asking import read_question
from fonds.search.finding import Asked
from fonds.search.shelfmarks import read_shelfmark
from fonds.vocabulary import CRM, RDF
from fonds.web.facts import facts_about, things
from fonds.web.help_words import Named
from fonds.web.naming import is_unnamed, title_of
from fonds.web.site import Site

_MOST_TRIED = 300
"""Things of a dataset among which one with a name is looked for."""
_FIRST_BYTES = 256 * 1024
_FEW_HITS = 20


@dataclass(frozen=True, slots=True)
class Examples:
    """What examples are about; None and nothing where the data have none of it.

    Attributes:
        thing: Anything that the data describe: the record, where there is one.
        record: A record, with words if any has.
        person: Whom it names.
        place: Which it names.
        event: Which it documents.
        day: On which it was written, as EDTF.
        reference: Of the record, as its archive writes it.
        has_words: Whether the words of the record are published, at least their beginning.
        has_tei: Whether there is an edition of it in TEI.
        class_: A class of the thing, as an IRI.
        graph: A named graph that there is.
        words: By which a search finds a record.
    """

    thing: Named | None = None
    record: Named | None = None
    person: Named | None = None
    place: Named | None = None
    event: Named | None = None
    day: str = ""
    reference: str = ""
    has_words: bool = False
    has_tei: bool = False
    class_: str = ""
    graph: str = ""
    words: str = ""


def examples_of(site: Site) -> Examples:
    """Return what the examples of a release are about."""
    if not site.is_publication:
        return _of_dataset(site)
    record, day = _record(site)
    if record is None:
        kinds = site.lists.kinds if site.lists else {}
        first = next((_first(site, kind) for kind in kinds), None)
        return Examples(first, class_=_class_of(site, first))
    facts = facts_about(site, record.iri)
    named = [each.value for each in things(facts, CRM.P67_refers_to)]
    documented = [each.value for each in things(facts, CRM.P70_documents)]
    person = _of_kind(site, Kind.PERSON, named)
    return Examples(
        record,
        record,
        person,
        _of_kind(site, Kind.PLACE, named),
        _of_kind(site, Kind.EVENT, [*documented, *named]),
        day,
        _reference(site, record),
        site.texts is not None and site.texts.has(record.key, "txt"),
        site.texts is not None and site.texts.has(record.key, "tei"),
        _class_of(site, record),
        site.addresses.iris.graph("record", record.key).value,
        person.title if person and person.iri in named else record.title,
    )


def _record(site: Site) -> tuple[Named | None, str]:
    """Return the record that the home page features, else the one that was written last; and its day."""
    if site.lists is None or Kind.RECORD not in site.lists.kinds:
        return None, ""
    chosen = site.settings.site.featured
    featured = site.addresses.iris.record(chosen).value if chosen else ""
    newest = site.lists.kinds[Kind.RECORD].newest or site.lists.page(Kind.RECORD, 1)
    found = next((each for each in newest if each.iri == featured), None)
    if found is None and featured and site.descriptions.knows(featured):
        return _named(site, featured), ""
    item = found or next(iter(newest), None)
    return (_named(site, item.iri), item.created) if item else (None, "")


def _of_kind(site: Site, kind: Kind, iris: Iterable[str]) -> Named | None:
    """Return the one of these things of a kind to which most leads; where there is none of it, the first that is listed."""
    start = f"{site.base}id/{kind}/"
    found = max(
        (each for each in iris if each.startswith(start)), key=site.descriptions.pointers, default=None
    )
    return _named(site, found) if found else _first(site, kind)


def _first(site: Site, kind: str) -> Named | None:
    items = site.lists.page(kind, 1) if site.lists else ()
    return _named(site, items[0].iri) if items else None


def _named(site: Site, iri: str) -> Named:
    title, language = title_of(site, iri)
    return Named(iri, title, site.addresses.of_iri(iri), language)


def _class_of(site: Site, it: Named | None) -> str:
    classes = things(facts_about(site, it.iri), RDF.type) if it else []
    return classes[0].value if classes else ""


def _reference(site: Site, record: Named) -> str:
    """Return the reference of a record as it stands in its archive, nothing where it can be found by none."""
    if site.search is None:
        return ""
    try:
        question = read_question(record.title[:200])
    except SearchError:
        return ""
    hits = site.search.find(Asked(question, length=_FEW_HITS)).hits
    mark = next((each.shown.mark for each in hits if each.path == f"record/{record.key}"), "")
    return mark if read_shelfmark(mark).parts else ""


# ------------------------------------------------------------------------------------------------ any RDF


def _of_dataset(site: Site) -> Examples:
    """Return the first things that a dump has, one with a name if there is one among them."""
    first: Examples | None = None
    for iri, graph in islice(_subjects(site), _MOST_TRIED):
        title, language = title_of(site, iri)
        thing = Named(iri, title, site.addresses.of_iri(iri), language)
        found = Examples(thing, class_=_class_of(site, thing), graph=graph)
        if site.labels.of(iri) is not None and found.class_:
            return found
        first = first or found
    return first or Examples()


def _subjects(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the things at the beginning of the dump, each with the graph that says something of it, empty for the default graph."""
    with site.release.dataset.open("rb") as file:
        packed = file.read(_FIRST_BYTES)
    lines = zlib.decompressobj(31).decompress(packed, _FIRST_BYTES).rpartition(b"\n")[0]
    seen: set[str] = set()
    for each in parse(lines, format=RdfFormat.N_QUADS):
        it = each.subject
        if isinstance(it, NamedNode) and it.value not in seen and not is_unnamed(it.value):
            seen.add(it.value)
            yield it.value, each.graph_name.value if isinstance(each.graph_name, NamedNode) else ""
