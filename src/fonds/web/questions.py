"""The queries to which the numbers of a page lead, so that anybody can count again what it says."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from urllib.parse import quote


def read_questions() -> Mapping[str, str]:
    """Return the queries of ``web/rq/``, by name; they are part of the program."""
    folder = resources.files("fonds.web") / "rq"
    found = (each for each in folder.iterdir() if each.name.endswith(".rq"))
    return {each.name.removesuffix(".rq"): each.read_text(encoding="utf-8") for each in found}


def asked(questions: Mapping[str, str], name: str, iri: str) -> str:
    """Return the address of a query about a thing, relative to the root.

    Args:
        questions: All there are.
        name: Which one.
        iri: The thing: an IRI, in which no ``>`` can stand.
    """
    return editor(questions[name].replace("$thing", f"<{iri}>"))


def editor(query: str) -> str:
    """Return the address at which a query stands in the form and its answer below it, relative to the root."""
    return f"sparql?query={quote(query, safe='')}"
