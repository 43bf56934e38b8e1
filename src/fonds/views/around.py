"""What is stated of a record, and of the things around it, read from the lines of a release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fonds.descriptions import Description, Descriptions
from fonds.identifiers import IriSpace
from fonds.inference import Rules
from fonds.views.graph import Beyond, Follows, Known, Properties, Statements, nothing
from fonds.vocabulary import CRM, DCTERMS, FV, PROV, RDF, RDFS, RICO, SKOS

_MOST_KNOWN = 8_192

_CALLED = frozenset(
    map(
        str,
        (
            CRM.P46i_forms_part_of, CRM.P106i_forms_part_of, RDF.type, RDFS.label, RICO.identifier, SKOS.altLabel,
            SKOS.exactMatch, SKOS.notation, SKOS.prefLabel,
        ),
    )
)  # fmt: skip
"""What a view or a citation says of things around a record: what they are, how they are called, and of what they are parts."""
_TOLD = _CALLED | frozenset(
    map(
        str,
        (
            CRM.P1_is_identified_by, CRM.P2_has_type, CRM.P3_has_note, CRM.P4_has_time_span, CRM.P7_took_place_at,
            CRM.P11_had_participant, CRM.P14_carried_out_by, CRM["P14.1_in_the_role_of"], CRM.P15_was_influenced_by,
            CRM.P02_has_range, CRM.P42_assigned, CRM.P49_has_former_or_current_keeper, CRM.P67i_is_referred_to_by,
            CRM.P72_has_language, CRM.P94i_was_created_by, CRM.P94_has_created, CRM.P108i_was_produced_by,
            CRM.P183i_starts_after_the_end_of, CRM.P184_ends_before_or_with_the_end_of, CRM.P190_has_symbolic_content,
            DCTERMS.description, DCTERMS.extent, DCTERMS.format, DCTERMS.source, FV.certainty, FV.edtf, FV.ground,
            FV.on_behalf_of, PROV.wasDerivedFrom, RICO.conditionsOfUse, SKOS.definition, SKOS.inScheme,
        ),
    )
)  # fmt: skip
"""What a page says of them."""
_POINTING = str(CRM.P01_has_domain).encode()
"""What points to things around a record and is looked at: who did what in which role."""


class Things:
    """What is stated of the things of a release, read as it is needed and kept for a while; threads may share it.

    People, places and types recur from record to record.

    Args:
        descriptions: Where it stands.
    """

    def __init__(self, descriptions: Descriptions) -> None:
        self._descriptions = descriptions
        self._known: dict[str, tuple[Properties, Properties]] = {}

    def of(self, thing: str) -> Properties:
        """Return what pages say of a thing: the first two thousand statements about it, as far as they use them."""
        return self._of(thing)[0]

    def pointing(self, thing: str) -> Properties:
        """Return what points to it, as far as pages use that."""
        return self._of(thing)[1]

    def _of(self, thing: str) -> tuple[Properties, Properties]:
        known = self._known.get(thing)
        if known is None:
            known = self._read(thing)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[thing] = known
        return known

    def _read(self, thing: str) -> tuple[Properties, Properties]:
        iri = thing[1:-1] if thing.startswith("<") else thing
        own, links = self._descriptions.lines_of(iri)
        about: dict[str, list[str]] = {}
        pointing: dict[str, list[str]] = {}
        # Names stand behind much else in a long description.
        for _, property_, value, _ in _split((*own, *self._descriptions.names(iri))):
            if property_ in _TOLD:
                about.setdefault(property_, []).append(value)
        for subject, property_, _, _ in _split(each for each in links if _POINTING in each):
            pointing.setdefault(property_, []).append(subject)
        return about, pointing


def _split(lines: Iterable[bytes]) -> Iterator[tuple[str, str, str, str]]:
    """Yield subject, property, value and graph of lines of N-Quads that all stand in named graphs."""
    for line in b"".join(lines).decode().split("\n")[:-1]:
        subject, property_, rest = line.split(" ", 2)
        value, _, graph = rest[:-2].rpartition(" ")
        yield subject, property_, value, graph


@dataclass(frozen=True, slots=True)
class Around:
    """A record with all that its page shows of it.

    Attributes:
        public: What its own graphs state, what all others state of it, and what follows from one of these statements.
        stated: What its document and its page say of themselves, in words too; of other things what they are and how they are
            called.
    """

    public: Known
    stated: Known


def around(
    descriptions: Descriptions,
    things: Things,
    description: Description,
    key: str,
    iris: IriSpace,
    follows: Follows,
    languages: Sequence[str],
) -> Around:
    """Return a record with what is stated around it.

    Args:
        descriptions: Where it stands.
        things: What is known of other things.
        description: The first page of the record's own.
        key: The record's key.
        iris: The publication's identifiers.
        follows: What follows from one statement.
        languages: In which labels are wanted, the most wanted first.
    """
    asserted = {str(iris.graph("record", key)), str(iris.graph("record", key, "text"))}
    public, stated = Statements(), Statements()
    for subject, property_, value, graph in _split(descriptions.with_own_graphs(description)):
        public.add(subject, property_, value)
        if graph in asserted:
            stated.add(subject, property_, value)
    for subject, property_, value, _ in _split(description.links):
        public.point(subject, property_, value)
    # Of a part of which its own graphs say nothing others are asked: the edition that it was taken from stands in that of provenance.
    parts = (f"{str(iris.record(key))[:-1]}/", str(iris.record(key)))
    return Around(
        Known(public, languages, Beyond(things.of, things.pointing, None, parts), follows),
        Known(
            stated, languages, Beyond(things.of, nothing, _CALLED, parts), Follows(broader=follows.broader)
        ),
    )


def what_follows(rules: Rules) -> Follows:
    """Return what follows from one statement, by the rules of a publication."""
    ahead: dict[str, set[str]] = {}
    back: dict[str, set[str]] = {}
    for each in rules.terms.properties if rules.level != "none" else ():
        for step in rules.terms.implied(each):
            if step.property != each and rules.keeps(step.property):
                place = ahead if step.forward else back
                place.setdefault(f"<{step.property}>", set()).add(f"<{each}>")

    @lru_cache(maxsize=_MOST_KNOWN)
    def broader(class_: str) -> frozenset[str]:
        above = rules.terms.superclasses(class_[1:-1]) if rules.level != "none" else ()
        return frozenset((class_, *(f"<{each}>" for each in above if rules.keeps(each))))

    return Follows(_frozen(ahead), _frozen(back), broader)


def _frozen(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(each) for name, each in found.items()}
