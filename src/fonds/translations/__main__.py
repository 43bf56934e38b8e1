"""Bring the catalogues up to date with the messages of code and templates: ``python -m fonds.translations``.

New messages are added without a translation, and those that nothing says any more are removed. Nothing else changes.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from fonds.translations import CATALOGUE, SOURCE, languages

_HERE = Path(__file__).parent
_PROGRAM = _HERE.parent
_METHODS = [
    ("translations/**", "ignore"),
    ("**/node_modules/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
]
_OPTIONS = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "marked": None,
    "said": None,
    "ngettext": (1, 2),
    "marked_plural": (1, 2),
    "pgettext": ((1, "c"), 2),
}
"""Functions that are given messages, and in which places."""


def messages() -> Catalog:
    """Return all messages of code and templates, each with the files in which it stands."""
    catalogue = Catalog(charset="utf-8")
    for place, _, message, comments, context in _extracted():
        # Without lines: a catalogue would change with every change of the code.
        catalogue.add(message, None, [(f"src/fonds/{place}", 0)], auto_comments=comments, context=context)
    return catalogue


@cache
def _extracted() -> tuple[tuple[str, int, str | tuple[str, ...], list[str], str | None], ...]:
    return tuple(extract_from_dir(_PROGRAM, _METHODS, _OPTIONS, keywords=KEYWORDS))


def path_of(language: str) -> Path:
    """Return where the catalogue of a language stands."""
    return _HERE / language / CATALOGUE


def update(language: str) -> Catalog:
    """Bring one catalogue up to date, and return it."""
    path = path_of(language)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    fresh = messages()
    # Dates and names that nobody has set would change the file, and say nothing.
    fresh.creation_date = catalogue.creation_date
    catalogue.update(fresh, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, ignore_obsolete=True)
    return catalogue


def main() -> int:
    """Update all catalogues; the exit status says whether any message has no translation."""
    missing = 0
    for language in languages():
        if language != SOURCE:
            untranslated = [each for each in update(language) if each.id and not all(_strings(each.string))]
            missing += len(untranslated)
            print(f"{path_of(language)}: {len(untranslated)} without a translation")
    return 1 if missing else 0


def _strings(string: object) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
