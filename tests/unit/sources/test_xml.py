"""XML from strangers: nothing is fetched, nothing is expanded, nothing runs away."""

from __future__ import annotations

from pathlib import Path

import pytest

from fonds.errors import SourceError
from fonds.sources.xml import MOST_DEPTH, read_document


def fault_of(source: bytes) -> str:
    with pytest.raises(SourceError) as error:
        read_document(source, "a.xml")
    return str(error.value)


def test_entities_are_refused_before_anything_is_expanded() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;&l;">]>\n<a b="&m;"/>'
    assert (
        fault_of(laughs)
        == "a.xml:1: declares an entity; entities are not read, write the characters themselves"
    )


def test_a_file_of_the_machine_is_not_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    source = f'<!DOCTYPE a [<!ENTITY s SYSTEM "{secret.as_uri()}">]>\n<a>&s;</a>'.encode()
    assert "declares an entity" in fault_of(source)


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/a.dtd", "FILE"])
def test_an_external_dtd_is_not_read(place: str, tmp_path: Path) -> None:
    dtd = tmp_path / "a.dtd"
    dtd.write_text('<!ENTITY x "from the file"><!ATTLIST a added CDATA "from the file">')
    doctype = f'<!DOCTYPE a SYSTEM "{place.replace("FILE", dtd.as_uri())}">'
    document = read_document(f"{doctype}<a>b</a>".encode(), "a.xml")
    assert dict(document.root.attrib) == {}
    assert "Entity 'x' not defined" in fault_of(f"{doctype}<a>&x;</a>".encode())
    assert "Entity 'x' not defined" in fault_of(f'{doctype}<a b="&x;"/>'.encode())


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE a>",
        "<!-- <!DOCTYPE b> -->\n<?x <a?><!DOCTYPE a [<!-- ]> --><!ATTLIST a b CDATA ']>'>]  >",
        '<!DOCTYPE a PUBLIC "]>" "x[">',
    ],
)
def test_a_doctype_is_passed_over_and_lines_stay_as_they_are(doctype: str) -> None:
    source = f'\ufeff<?xml version="1.0"?>\n{doctype}\n<a c="d"/>'.encode()
    document = read_document(source, "a.xml")
    assert dict(document.root.attrib) == {"c": "d"}
    assert document.place(document.root, 'c="')[0] == source.count(b"\n") + 1


def test_a_doctype_without_end_is_told() -> None:
    assert (
        fault_of(b"\n<!DOCTYPE a [" + b"<!-- " * 100_000)
        == "a.xml:2: its DOCTYPE does not end within 65536 bytes; leave it out"
    )


def test_what_looks_like_an_entity_declaration_in_the_text_is_text() -> None:
    assert (
        read_document(b"<!DOCTYPE a><a><![CDATA[<!ENTITY x 'y'>]]></a>", "a.xml").root.text
        == "<!ENTITY x 'y'>"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_refused(encoding: str) -> None:
    source = f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode(encoding)
    assert fault_of(source) == "a.xml:1: is not UTF-8 but UTF-16 or UTF-32; save it as UTF-8"


def test_an_encoding_in_which_something_could_hide_is_refused() -> None:
    assert (
        fault_of(b'<?xml version="1.0" encoding="UTF-7"?><a/>')
        == "a.xml:1: declares the encoding UTF-7; save it as UTF-8"
    )


def test_a_declared_latin_1_is_read() -> None:
    document = read_document('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>'.encode("latin-1"), "a.xml")
    assert document.root.text == "ä"


def test_bytes_that_are_not_utf8_are_told_with_line_and_column() -> None:
    assert fault_of(b"<a>\n  gr\xfcn</a>") == (
        "a.xml:2:5: is not UTF-8: byte 0xFC at position 8 of the file; save it as UTF-8"
    )


def test_too_deep_nesting_is_refused_and_does_not_end_the_program() -> None:
    depth = MOST_DEPTH + 1
    assert "nested more than" in fault_of(b"<a>" * depth + b"</a>" * depth)
    assert "a.xml:1" in fault_of(b"<a>" * 100_000)


def test_a_cut_file_says_where_it_ends() -> None:
    assert fault_of(b"<TEI>\n<text>\n").startswith("a.xml:3:1: is not well-formed XML: Premature end of data")


def test_an_empty_file_is_told() -> None:
    assert fault_of(b"").startswith("a.xml:1:1: is not well-formed XML: Document is empty")
