"""What a record names: each thing with its names in the text, where they stand, who it is and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from fonds.ordering import natural
from fonds.views.graph import Known, Node
from fonds.vocabulary import CRM, DCTERMS, FV, OA, RDFS, SKOS
from fonds.web.cards import Card, CardWriter, Entry
from fonds.web.custody import Event
from fonds.web.site import Site
from fonds.web.statements import block_name
from fonds.web.values import external
from fonds.web.wording import KINDS, shortened

_LONGEST = 80
"""Characters of a name in the text that an index shows."""
_MOST = 2_000
"""Names in the text that an index shows."""


@dataclass(frozen=True, slots=True)
class Naming:
    """One place of the text that names something.

    Attributes:
        name: Its fragment.
        block: In which paragraph or note.
        start: Where it begins.
        form: The words; empty where they are not published.
        certainty: How sure it is who is named; empty where no doubt is stated.
        ground: Why it is not certain.
    """

    name: str
    block: str
    start: int
    form: str
    certainty: str
    ground: str


@dataclass(frozen=True, slots=True)
class Place:
    """A block that names a thing.

    Attributes:
        name: The fragment of the first name in it.
        block: What the block is called.
        number: How many names there are in it.
    """

    name: str
    block: str
    number: int


@dataclass(frozen=True, slots=True)
class Form:
    """A name as it stands in the text.

    Attributes:
        words: Verbatim; empty where they are not published.
        places: In the order of the text.
    """

    words: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that a record names.

    Attributes:
        card: The fragment of its card on the page: ``person:guevara``; no part of a record is called like that.
        label: What it is called, with its page.
        kind: ``person``, ``place`` …
        namings: In the order of the text; at least one.
        known: What else is known of it, by field.
        offices: Which offices the record attests for it.
    """

    card: str
    label: Entry
    kind: str
    namings: tuple[Naming, ...]
    known: Card
    offices: tuple[Event, ...] = ()

    @property
    def forms(self) -> tuple[Form, ...]:
        """Its names in the text, in the order in which they come first."""
        return forms(self.namings)

    @property
    def doubts(self) -> tuple[Naming, ...]:
        """The places of which it is not certain that they name it."""
        return tuple(each for each in self.namings if each.certainty or each.ground)

    @property
    def descriptions(self) -> Sequence[Entry]:
        """Who or what it is, in the words of the lists of the publication."""
        return self.known.get("description", ())

    @property
    def types(self) -> Sequence[Entry]:
        """Of what types it is."""
        return self.known.get("type", ())

    @property
    def matches(self) -> Sequence[str]:
        """The same elsewhere, as far as a page may link to it."""
        return [each.text for each in self.known.get("match", ()) if external(each.text)]


@dataclass(frozen=True, slots=True)
class Names:
    """All that a record names.

    Attributes:
        things: By kind, in the order of the kinds; within a kind in the order of the alphabet.
        unidentified: Names of which nothing says whose they are.
    """

    things: Mapping[str, tuple[Named, ...]]
    unidentified: tuple[Form, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether it names anything."""
        return bool(self.things or self.unidentified)


def names(site: Site, known: Known, offices: Iterable[Event]) -> Names:
    """Return what a record names.

    Args:
        site: Where it is published.
        known: What is stated of it and around it.
        offices: What offices it attests: they stand on the cards of those who held them.
    """
    namings: dict[Node, list[Naming]] = {}
    unknown: list[Naming] = []
    for mention in known.of_type(FV.Mention)[:_MOST]:
        block = next(known.things(mention, FV.in_paragraph), None)
        if isinstance(mention, NamedNode) and block is not None:
            naming = _naming(known, mention, block)
            things = list(known.things(mention, FV.mentions))
            for thing in things:
                namings.setdefault(thing, []).append(naming)
            if not things:
                unknown.append(naming)
    by_kind: dict[str, list[Named]] = {}
    for it, found in namings.items():
        if isinstance(it, NamedNode):
            held = tuple(
                each for each in offices if any(actor.iri == it.value for actor in each.entries("actor"))
            )
            named = _named(site, it.value, _in_order(found), _known_of(site, known, it), held)
            by_kind.setdefault(named.kind, []).append(named)
    ordered = sorted(by_kind, key=lambda kind: (_rank(kind), kind))
    by_rank = {
        kind: tuple(sorted(by_kind[kind], key=lambda each: natural(each.label.text))) for kind in ordered
    }
    return Names(by_rank, forms(_in_order(unknown)))


def _known_of(site: Site, known: Known, it: NamedNode) -> Card:
    """Return how a thing is called, what is said of it in a sentence, of what types it is, and as what it is known elsewhere."""
    write = CardWriter(site, known, Card())
    write.words("label", known.literals(it, RDFS.label, SKOS.prefLabel))
    write.words("description", known.literals(it, DCTERMS.description, SKOS.definition))
    write.types("type", known.things(it, CRM.P2_has_type))
    for match in known.things(it, SKOS.exactMatch):
        write.words_of("match", match, [Literal(match.value)])
    return write.done()


def _rank(kind: str) -> int:
    kinds = [*KINDS]
    # Documents that a text points to come last: they are no names.
    return kinds.index(kind) if kind in kinds and kind != "record" else len(kinds)


def _naming(known: Known, mention: NamedNode, block: Node) -> Naming:
    start = next(known.words(mention, OA.start), "")
    return Naming(
        mention.value.rpartition("/")[2],
        block_name(block.value),
        int(start) if start.isdecimal() else 0,
        shortened(next(known.words(mention, FV.form), ""), _LONGEST),
        next(known.words(mention, FV.certainty), ""),
        next(known.words(mention, FV.ground), ""),
    )


def _in_order(found: Iterable[Naming]) -> tuple[Naming, ...]:
    return tuple(sorted(found, key=lambda each: (each.start, natural(each.name))))


def _named(
    site: Site, iri: str, namings: tuple[Naming, ...], known: Card, offices: tuple[Event, ...]
) -> Named:
    kind, slug = _kind_and_slug(site, iri)
    label = next(iter(known.get("label", ())), None)
    href = site.addresses.of_iri(iri)
    entry = Entry(label.text if label else slug, href, label.language if label else None, iri=iri)
    return Named(f"{kind}:{slug}", entry, kind, namings, known, offices)


def _kind_and_slug(site: Site, iri: str) -> tuple[str, str]:
    match (site.addresses.iris.path(iri) or iri).split("/"):
        case ["id" | "vocab", kind, *slug] if slug:
            return kind, "/".join(slug)
    return "other", iri


def forms(namings: Iterable[Naming]) -> tuple[Form, ...]:
    """Return names as they stand in the text, each with the blocks in which it stands, in order."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in namings:
        found.setdefault(each.form, {}).setdefault(each.block, []).append(each.name)
    return tuple(
        Form(words, tuple(Place(each[0], block, len(each)) for block, each in blocks.items()))
        for words, blocks in found.items()
    )


_LINK = re.compile(r'(<a(?: id="[^"]*")? class="mention" )href="\.\./([^"]+)"(?: data-kind="[^"]*")?')


def with_cards(html: str, names: Names) -> Markup:
    """Return words with their names leading to the cards of the page, as far as it has them.

    Args:
        html: A fragment of a reading view; nothing in it comes from a request.
        names: What has a card.
    """
    known = {each.card for things in names.things.values() for each in things}

    def lead(found: re.Match[str]) -> str:
        card = found[2].removeprefix("vocab/").replace("/", ":", 1)
        # The card's name begins with the kind: no need to say it twice.
        return f'{found[1]}href="#{card}"' if card in known else found[0]

    return Markup(_LINK.sub(lead, html))  # noqa: S704  escaped when the release was built
