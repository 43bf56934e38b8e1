"""Reads a query that may ask other endpoints: whom each of its ``SERVICE`` patterns asks, and whether the settings list it.

A pattern is allowed only where its endpoint can be told with certainty: an address, or a name whose prefix the query
declares. A variable could name any endpoint, so it is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fonds.errors import ServiceForbidden
from fonds.store import ServiceCall
from fonds.store.federation import Federation
from fonds.store.prologue import Prologue, resolved
from fonds.store.queries import QueryHead, Token, reading, tokens, with_codepoints
from fonds.store.turns import Steps, at_once

_STAND_IN = "GRAPH : "
"""What a call is read as, once it is known that it is allowed: a pattern that asks nobody, and is no longer than any call."""


def read_federated_query(text: str, *, limit_bytes: int, federation: Federation, base: str) -> QueryHead:
    """Find the form of a query and the endpoints that it asks: :func:`federated_reading`, all at once.

    >>> text = "PREFIX e: <https://e.example/> SELECT * { SERVICE e:sparql { ?s ?p ?o } }"
    >>> federation = Federation(("https://e.example/sparql",))
    >>> head = read_federated_query(text, limit_bytes=1000, federation=federation, base="http://a.example/")
    >>> [(call.target, text[call.start : call.end]) for call in head.calls]
    [('https://e.example/sparql', 'e:sparql')]
    """
    return at_once(federated_reading(text, limit_bytes=limit_bytes, federation=federation, base=base))


def federated_reading(text: str, *, limit_bytes: int, federation: Federation, base: str) -> Steps[QueryHead]:
    """Find the form of a query and the endpoints that it asks, and refuse what a public endpoint does not do.

    Args:
        text: What the client sent; it need not be SPARQL.
        limit_bytes: The most that is read, in bytes of UTF-8.
        federation: Whom it may ask.
        base: Against which relative IRIs are resolved.

    Raises:
        QueryTooLong: It is longer than that.
        QueryForbidden: It asks an endpoint that is not listed or cannot be told, too many, or is an update.
        QuerySyntaxError: It cannot be read in one way.
    """
    try:
        return (yield from reading(text, limit_bytes=limit_bytes))
    except ServiceForbidden:
        if not federation.targets:
            raise
    reader = _Reader(Prologue(base), federation.targets)
    calls = yield from reader.calls(text)
    most = federation.limits.federation_calls
    if len(calls) > most:
        raise ServiceForbidden(
            f"The query has {len(calls)} SERVICE patterns; {most} are allowed in one query."
        )
    if "\\u" in text or "\\U" in text:
        # By the standard, escapes come before everything else; the engine resolves them later. Both have to agree.
        again = yield from _Reader(Prologue(base), federation.targets).calls(with_codepoints(text))
        if [each.target for each in again] != [each.target for each in calls]:
            raise reader.unclear("because of its escapes (\\u…)")
    try:
        head = yield from reading(_without(text, calls, reader.keywords), limit_bytes=limit_bytes)
    except ServiceForbidden as error:
        raise reader.unclear("as it is written") from error
    return QueryHead(head.form, volatile=True, calls=calls)


def _without(text: str, calls: Sequence[ServiceCall], keywords: Sequence[int]) -> str:
    """Return a query without its calls, to be held against the rules for queries that have none.

    Args:
        text: The query.
        calls: Its calls.
        keywords: Where each of them begins.
    """
    parts, position = [], 0
    for call, keyword in zip(calls, keywords, strict=True):
        parts += [text[position:keyword], _STAND_IN]
        position = call.end
    return "".join((*parts, text[position:]))


@dataclass(slots=True)
class _Reader:
    """What is known of a query so far.

    Attributes:
        prologue: What its names stand for.
        targets: Whom it may ask.
        keywords: Where its calls begin.
    """

    prologue: Prologue
    targets: Sequence[str]
    keywords: list[int] = field(default_factory=list)

    def calls(self, text: str) -> Steps[tuple[ServiceCall, ...]]:
        """Find the calls of a query.

        Raises:
            ServiceForbidden: One is not allowed.
        """
        keyword: int | None = None
        found: list[ServiceCall] = []
        end = 0
        for token in tokens(text):
            yield
            if token.start < end:
                raise self.unclear("because a “<” can be read in two ways; write spaces around it")
            end = token.start + len(token.text)
            if keyword is not None:
                if token.kind == "word" and token.text.upper() == "SILENT" and token.before == "SERVICE":
                    continue
                found.append(ServiceCall(self._target(token), token.start, end))
                self.keywords.append(keyword)
                keyword = None
            elif token.kind == "word" and token.text.upper() == "SERVICE":
                keyword = token.start
            self.prologue.read(token)
        return tuple(found)

    def _target(self, token: Token) -> str:
        """Return the endpoint that a token names."""
        if token.kind == "iri":
            target = resolved(token.text, self.prologue.base) or token.text[1:-1]
        elif token.kind == "name" and not token.text.upper().startswith("SILENT"):
            target = self.prologue.iri_of(token) or ""
            if not target:
                prefix = token.text.partition(":")[0]
                raise self._refused(f"SERVICE {token.text}: the query does not declare the prefix {prefix}:.")
        elif token.kind == "variable":
            raise self._refused(
                f"SERVICE {token.text}: a variable could name any endpoint; write its address."
            )
        else:
            raise self.unclear("as it is written")
        if target not in self.targets:
            raise self._refused(f"SERVICE <{target[:200]}>: this endpoint does not ask that one.")
        return target

    def unclear(self, why: str) -> ServiceForbidden:
        """Return the error that nobody can tell whom a query asks."""
        return self._refused(
            f"Whom SERVICE asks cannot be told with certainty, {why}: write SERVICE <address> {{ … }}."
        )

    def _refused(self, why: str) -> ServiceForbidden:
        allowed = ", ".join(f"<{each}>" for each in self.targets)
        return ServiceForbidden(f"{why} SERVICE may ask {allowed}.")
