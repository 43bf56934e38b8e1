"""Which IRI a name of a query stands for: what its prologue has declared so far (SPARQL 1.1 Query 4.1.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import RdfFormat, parse

from fonds.store.queries import Token

_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class Prologue:
    """What is known of a query's names, as its tokens go by.

    Attributes:
        base: Against which relative IRIs are resolved from here on.
        prefixes: What is declared.
    """

    base: str
    prefixes: dict[str, str] = field(default_factory=dict)
    _declared: str | None = None

    def read(self, token: Token) -> None:
        """Take note of a token that declares something."""
        declared, self._declared = self._declared, None
        if token.kind == "name" and token.before == "PREFIX":
            self._declared = token.text.removesuffix(":") if token.text.endswith(":") else None
        elif token.kind == "iri" and token.before == "BASE":
            self.base = resolved(token.text, self.base) or self.base
        elif token.kind == "iri" and token.before == "name" and declared is not None:
            self.prefixes[declared] = resolved(token.text, self.base) or ""

    def iri_of(self, token: Token) -> str | None:
        """Return the IRI that a token names, None where it names none."""
        if token.kind == "iri":
            return resolved(token.text, self.base)
        if token.kind != "name":
            return None
        prefix, _, local = token.text.partition(":")
        namespace = self.prefixes.get(prefix)
        return namespace + _ESCAPED.sub(r"\1", local) if namespace else None


def undeclared(found: Sequence[Token]) -> list[str]:
    """Return the prefixes that a query uses without declaring them, in order.

    Args:
        found: Its tokens.
    """
    declared = {each.text.partition(":")[0] for each in found if each.before == "PREFIX"}
    return sorted({each.text.partition(":")[0] for each in found if each.kind == "name"} - declared)


def resolved(written: str, base: str) -> str | None:
    """Return an IRI in angle brackets as the engine reads it, None where it can't."""
    try:
        (quad,) = parse(f"{written} <a:b> <a:b> .", format=RdfFormat.TURTLE, base_iri=base)
    except (SyntaxError, ValueError):
        return None
    return str(getattr(quad.subject, "value", "")) or None
