"""A small publication of the tests' own making, each file of which a test can replace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fonds.settings import Settings
from fonds.sources.publication import Publication, read_publication

LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="weiss-1911-3" xml:lang="de">
  <teiHeader>
    <fileDesc>
      <titleStmt>
        <title>Anna Weiss an Karl Holm, 3. Mai 1911</title>
        <author ref="person:weiss">Anna Weiss</author>
      </titleStmt>
      <publicationStmt><p>Made for a test.</p></publicationStmt>
      <sourceDesc><p>Invented.</p></sourceDesc>
    </fileDesc>
    <profileDesc><creation><date when="1911-05-03">3. Mai 1911</date></creation></profileDesc>
  </teiHeader>
  <text>
    <body>
      <opener><salute>Lieber Karl!</salute></opener>
      <p>Gestern war ich in <placeName ref="place:brno">Brünn</placeName> bei
        <persName ref="person:holm">Frau Holm</persName>.</p>
    </body>
  </text>
</TEI>
"""

FILES: Mapping[str, str | bytes] = {
    "data/documents/letter.xml": LETTER,
    "data/authorities/persons.csv": "key,label,identified\nholm,Maria Holm,yes\nweiss,Anna Weiss,yes\n",
    "data/authorities/places.csv": "key,label_en,label_de\nbrno,Brno,Brünn\n",
}

Publish = Callable[..., Publication]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Return a function that writes the small publication, with some files replaced, added or left out (None), and reads it."""

    def write(files: Mapping[str, str | bytes | None] | None = None, **settings: object) -> Publication:
        for name, content in {**FILES, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_publication(tmp_path, Settings(**settings))  # type: ignore[arg-type]

    return write


@pytest.fixture
def faults(publish: Publish) -> Callable[..., list[str]]:
    """Return a function that does the same and returns the faults as a person sees them."""
    return lambda files=None, **settings: [str(fault) for fault in publish(files, **settings).faults]


def captured(text: str, edition: str) -> dict[str, str]:
    """Return the files of a publication whose letter is an edition of a capture; ``SHA`` in it stands for the hash."""
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return {
        "data/captures/page.txt": text,
        "data/captures/register.csv": f"file,sha256,media_type\npage.txt,{sha256},text/plain\n",
        "data/documents/letter.xml": edition.replace("SHA", sha256),
    }
