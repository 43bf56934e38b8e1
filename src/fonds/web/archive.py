"""The archive as a tree: units within units, how many records lie in each, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode

from fonds.identifiers import IriSpace, Kind
from fonds.ordering import natural
from fonds.store import Store, Term
from fonds.vocabulary import CRM, RICO

_MOST_IN_ORDER = 5_000
"""Records of a unit that are put in the order of their codes and days; of more, ``unit-records.rq`` gives no more."""
_MOST_KEPT = 50
"""Units whose records are kept in their order."""
_LEVEL = "/vocab/type/level-"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the archive, as the tree knows it.

    Attributes:
        iri: What it is.
        whole: The unit of which it is directly a part; empty for one that stands by itself.
        code: By what the archive calls it within that; empty where that is not stated.
        level: IRI of its level of description; empty where that is not stated.
        parts: IRIs of the units directly in it, in natural order.
        direct: Records directly in it.
        records: Records in it and in the units below.
        below: Units below it, at any depth.
    """

    iri: str
    whole: str = ""
    code: str = ""
    level: str = ""
    parts: tuple[str, ...] = ()
    direct: int = 0
    records: int = 0
    below: int = 0


@dataclass(frozen=True, slots=True)
class InUnit:
    """A record in a unit.

    Attributes:
        iri: The record.
        code: Its code; empty where none is stated.
        created: When it was written, EDTF; empty where that is not stated.
    """

    iri: str
    code: str = ""
    created: str = ""


@dataclass
class Holdings:
    """The units of a publication and what lies in them; read when first asked for, since a release never changes.

    Attributes:
        store: Where it is asserted.
        iris: Where the units stand.
    """

    store: Store
    iris: IriSpace
    _records: dict[str, tuple[InUnit, ...]] = field(default_factory=dict)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """All units by IRI."""
        things = self.iris.thing(Kind.HOLDING, "")
        rows = self.store.select("units", things=things)
        stated: dict[str, dict[str, str]] = {}
        for row in rows:
            facts = stated.setdefault(_value(row["unit"]), {})
            name, value = _value(row["property"]), _value(row["value"])
            # Of several the first in the alphabet, so that the same release always gives the same tree.
            if name != CRM.P2_has_type.value or _LEVEL in value:
                facts[name] = min(facts.get(name, value), value)
        counts = {
            _value(row["unit"]): int(_value(row["records"]))
            for row in self.store.select("units-filled", things=things)
        }
        return _tree(stated, counts)

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """The units that stand in no other, in natural order."""
        return _ordered(self.units, (each.iri for each in self.units.values() if not each.whole))

    def way_to(self, iri: str) -> list[Unit]:
        """Return the units around one, the outermost first, without itself."""
        way: list[Unit] = []
        unit = self.units.get(iri)
        while unit and unit.whole and (whole := self.units.get(unit.whole)) and whole not in way:
            way.insert(0, whole)
            unit = whole
        return way

    def records_in(self, iri: str) -> tuple[InUnit, ...]:
        """Return the records directly in a unit, by code, then day; a great many by their identifiers."""
        known = self._records.get(iri)
        if known is None:
            known = self._read(NamedNode(iri))
            if len(self._records) >= _MOST_KEPT:
                self._records.clear()
            self._records[iri] = known
        return known

    def _read(self, unit: NamedNode) -> tuple[InUnit, ...]:
        if self.is_large(unit.value):
            rows = self.store.select("unit-records-all", unit=unit)
            return tuple(
                InUnit(each) for each in sorted((_value(row["record"]) for row in rows), key=natural)
            )
        found: dict[str, InUnit] = {}
        for row in self.store.select("unit-records", unit=unit):
            iri, code, created = _value(row["record"]), _text(row.get("code")), _text(row.get("created"))
            known = found.get(iri)
            # Of several codes the first in the alphabet.
            if known is None or (code, created) < (known.code, known.created):
                found[iri] = InUnit(iri, code, created)
        return tuple(sorted(found.values(), key=_place))

    def is_large(self, iri: str) -> bool:
        """Tell whether a unit holds so many records that they stand in the order of their identifiers."""
        unit = self.units.get(iri)
        return unit is not None and unit.direct > _MOST_IN_ORDER


def _place(record: InUnit) -> tuple[bool, object, bool, str, object]:
    """Return where a record stands in its unit: by its code, then its day; what has none comes last."""
    return not record.code, natural(record.code), not record.created, record.created, natural(record.iri)


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, Literal) else ""


def _value(term: Term) -> str:
    return "" if isinstance(term, BlankNode) else term.value


def _tree(stated: Mapping[str, Mapping[str, str]], counts: Mapping[str, int]) -> dict[str, Unit]:
    """Return the units with their parts in natural order, and what lies in and below each."""
    units = {
        iri: Unit(
            iri,
            facts.get(CRM.P46i_forms_part_of.value, "")
            if facts.get(CRM.P46i_forms_part_of.value) in stated
            else "",
            facts.get(RICO.identifier.value, ""),
            facts.get(RICO.hasRecordSetType.value) or facts.get(CRM.P2_has_type.value, ""),
            direct=counts.get(iri, 0),
        )
        for iri, facts in stated.items()
    }
    parts: dict[str, list[str]] = {}
    for unit in units.values():
        if unit.whole:
            parts.setdefault(unit.whole, []).append(unit.iri)
    whole: dict[str, Unit] = {}
    for iri in _from_below(units, parts):
        unit, inside = units[iri], [whole[each] for each in parts.get(iri, ()) if each in whole]
        whole[iri] = Unit(
            iri,
            unit.whole,
            unit.code,
            unit.level,
            _ordered(units, (each.iri for each in inside)),
            unit.direct,
            unit.direct + sum(each.records for each in inside),
            sum(1 + each.below for each in inside),
        )
    return whole


def _from_below(units: Mapping[str, Unit], parts: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all units so that each comes after its parts; a circle is entered at one place and left at another."""
    order: list[str] = []
    seen: set[str] = set()
    tops = [each.iri for each in units.values() if not each.whole]
    for start in (*tops, *units):
        # Depth first without recursion: archives may be deeper than Python's stack.
        waiting = [(start, False)]
        while waiting:
            iri, done = waiting.pop()
            if done:
                order.append(iri)
            elif iri not in seen:
                seen.add(iri)
                waiting.append((iri, True))
                waiting += [(each, False) for each in parts.get(iri, ())]
    return order


def _ordered(units: Mapping[str, Unit], iris: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(iris, key=lambda iri: (natural(units[iri].code or iri), natural(iri))))
