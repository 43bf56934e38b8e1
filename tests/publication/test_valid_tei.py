"""The edition of the first record and drafts of captures are valid TEI.

In one file, since the schema of TEI P5 with all its modules takes ten seconds to load, in each process that needs it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from fonds.sources.importing import import_capture

pytestmark = pytest.mark.thorough

FIRST = "data/captures/148c2797223ea6d0.txt"
INVENTED = sorted(
    path for path in (Path(__file__).parents[1] / "captures").iterdir() if path.name != "several.warc.gz"
)


@pytest.fixture(scope="module")
def schema(publication: Path) -> etree.RelaxNG:
    source = publication.parent / "shared/corpora/tei-p5/tei_all.rng"
    if not source.exists():
        pytest.skip("tei_all.rng is not here (../shared/corpora/tei-p5)")
    return etree.RelaxNG(etree.parse(str(source)))


def drafted(path: Path) -> etree._Element:
    return etree.fromstring(import_capture(path, key=None, today="2026-11-27").draft.xml.encode())


def test_the_edition_of_the_first_record_is(publication: Path, schema: etree.RelaxNG) -> None:
    edition = etree.parse(str(publication / "data/documents/darusenkov-1964-375.xml"))
    assert schema.validate(edition), schema.error_log


def test_the_draft_of_the_first_record_is(publication: Path, schema: etree.RelaxNG) -> None:
    assert schema.validate(drafted(publication / FIRST)), schema.error_log


@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.name)
def test_the_draft_of_another_page_is(path: Path, schema: etree.RelaxNG) -> None:
    draft = drafted(path)
    for date in draft.xpath("//*[@when-iso]"):
        del date.attrib["when-iso"]  # docs/encoding.md writes EDTF here, which the schema does not know
    assert schema.validate(draft), schema.error_log


def test_something_else_is_not(publication: Path, schema: etree.RelaxNG) -> None:
    draft = drafted(publication / FIRST)
    draft.append(etree.Element("{http://www.tei-c.org/ns/1.0}paragraph"))
    assert not schema.validate(draft)
