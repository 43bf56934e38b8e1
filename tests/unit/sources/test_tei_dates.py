"""Dates of TEI: every combination of attributes that TEI allows, and what is no date, told and kept as words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonds.dates import parse_edtf
from fonds.model import Dated
from fonds.sources.tei_dates import dated, edtf_of, iso_as_edtf, w3c_as_edtf
from fonds.sources.xml import Document, read_document
from tests.unit.sources.conftest import LETTER, Publish

PAGE = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><profileDesc><calendarDesc>
<calendar xml:id="cal-1">Julianischer Kalender</calendar><calendar xml:id="cal-2">Hebrew calendar</calendar>
</calendarDesc></profileDesc></teiHeader><text><body><p>{}</p></body></text></TEI>"""


def document(element: str) -> Document:
    return read_document(PAGE.format(element).encode(), "d.xml")


def read(attributes: str, words: str = "words") -> tuple[Dated | None, Document]:
    page = document(f"<date {attributes}>{words}</date>")
    found = next(page.root.iter("date"))
    return dated(page, found, "ts-doc"), page


@pytest.mark.clause("TEI P5 att.datable.w3c, att.datable.iso")
@pytest.mark.parametrize(
    ("attributes", "edtf"),
    [
        ('when="1911-05-03"', "1911-05-03"),
        ('when=" 1911-05 "', "1911-05"),
        ('when="1911"', "1911"),
        ('when="-0044-03-15"', "-0044-03-15"),
        ('when="12000"', "Y12000"),
        ('when="-12000"', "Y-12000"),
        ('when="1911-05-03T10:15:00"', "1911-05-03"),
        ('when="1911-05-03T10:15:00.5Z"', "1911-05-03"),
        ('when="1911-05-03T23:15:00-05:00"', "1911-05-03"),
        ('when="1911-05-03Z"', "1911-05-03"),
        ('when="1911-05+02:00"', "1911-05"),
        ('when="1911Z"', "1911"),
        ('when-iso="1911~"', "1911~"),
        ('when-iso="19110503"', "1911-05-03"),
        ('when-iso="19110503T1015Z"', "1911-05-03"),
        ('when-iso="1911-05-03T10:15"', "1911-05-03"),
        ('when-iso="1911-123"', "1911-05-03"),
        ('when-iso="1911123"', "1911-05-03"),
        ('when-iso="1911-W18-3"', "1911-05-03"),
        ('when-iso="1911W18"', "[1911-05-01..1911-05-07]"),
        ('when-iso="19"', "19XX"),
        ('when-iso="191X"', "191X"),
        ('when-iso="1911-05/1911-06"', "1911-05/1911-06"),
        ('when-iso="19110503/19110601"', "1911-05-03/1911-06-01"),
        ('when-iso="1911-05/.."', "1911-05/.."),
        ('when="1911" when-iso="1911-05~"', "1911-05~"),
        ('from="1911-05" to="1911-06"', "1911-05/1911-06"),
        ('from="1911-05"', "1911-05/.."),
        ('to="1911-06"', "../1911-06"),
        ('from-iso="1911-05~" to-iso="19110601"', "1911-05~/1911-06-01"),
        ('from="1911-05" to-iso="1911-06?"', "1911-05/1911-06?"),
        ('notBefore="1911"', "1911/.."),
        ('notAfter="1911-05-03"', "../1911-05-03"),
        ('notBefore="1911" notAfter="1912"', "1911/1912"),
        ('notBefore-iso="191X" notAfter-iso="1921-W01"', "191X/1921-01-09"),
        ('from="1911" notAfter="1913"', "1911/1913"),
        ('notBefore="1911" to="1913"', "1911/1913"),
        ('when="1911" notBefore="1910" notAfter="1912"', "1911"),
        ('when="" from="1911"', "1911/.."),
        ('when="--05-03" from="1911"', "1911/.."),
    ],
)
def test_attributes_become_edtf(attributes: str, edtf: str) -> None:
    found, page = read(attributes)
    assert page.faults == []
    assert found is not None
    assert (found.date, found.form) == (parse_edtf(edtf), "words")


@pytest.mark.clause("TEI P5 att.datable.custom")
@pytest.mark.parametrize(
    ("attributes", "edtf"),
    [
        ('when-custom="1917-10-25" datingMethod="#julian"', "1917-11-07"),
        ('when-custom="1917-10-25" calendar="#Julian"', "1917-11-07"),
        ('when-custom="1917-10-25" datingMethod="#cal-1"', "1917-11-07"),
        ('when-custom="1917-10-25" datingMethod="https://example.org/calendars/old-style"', "1917-11-07"),
        ('when-custom="1917-10" datingMethod="#julian"', "[1917-10-14..1917-11-13]"),
        ('when-custom="1900-02-29" datingMethod="#julian"', "1900-03-13"),
        ('when-custom="1917-10-25" datingMethod="#gregorian"', "1917-10-25"),
        ('from-custom="1917-10" to-custom="1917-11" datingMethod="#julian"', "1917-10-14/1917-12-13"),
        (
            'notBefore-custom="1917-10" notAfter-custom="1917-11-01" datingMethod="#julian"',
            "1917-10-14/1917-11-14",
        ),
        # What the words say is Julian; when is Gregorian whatever the calendar of the words (TEI P5 13.4.1).
        ('when="1917-11-07" calendar="#julian"', "1917-11-07"),
        ('when="1917-11-07" when-custom="1917-10-25" datingMethod="#julian"', "1917-11-07"),
    ],
)
def test_a_julian_date_is_bounded_in_the_gregorian_calendar(attributes: str, edtf: str) -> None:
    found, page = read(attributes)
    assert page.faults == []
    assert found is not None
    assert found.date == parse_edtf(edtf)


@pytest.mark.parametrize(
    "attributes", ["", 'when="--05-03"', 'when="10:15:00"', 'when-iso="T10:15"', 'dur="P2M"']
)
def test_without_a_year_there_is_no_date_and_no_fault(attributes: str) -> None:
    found, page = read(attributes)
    assert found is None
    assert page.faults == []


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ('when="3. Mai 1911"', "when=\"3. Mai 1911\": '3. Mai 1911' is no date; write 1964"),
        ('when="1911-02-29"', "is no day of the calendar"),
        ('when="1911-13"', "is no day of the calendar"),
        ('when="1911-5-3"', "is no date"),
        ('when="12000-05"', "is no date"),
        ('when-iso="1911-366"', "is no date"),
        ('when-iso="1911-W60"', "is no date"),
        ('from="1912" to="1911"', "ends before it begins"),
        ('from="1912" to="soon"', "because of 'soon'"),
        ('when-custom="1901-02-29" datingMethod="#julian"', "is no day of the calendar"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_told_with_its_place_and_kept_as_words(attributes: str, said: str) -> None:
    found, page = read(attributes, "am <hi>dritten</hi> Mai")
    assert found is not None
    assert (found.date.edtf, found.date.earliest, found.date.latest) == ("", None, None)
    assert found.form == "am dritten Mai"
    (fault,) = page.faults
    assert said in fault.message
    assert (fault.line, fault.column > 0) == (3, True)


def test_what_is_no_date_and_has_no_words_is_only_told() -> None:
    found, page = read('when="soon"', "")
    assert found is None
    assert len(page.faults) == 1


def test_a_calendar_that_is_not_known_leaves_the_words() -> None:
    found, page = read('when-custom="5678-02" datingMethod="#cal-2"', "im Cheschwan")
    assert page.faults == []
    assert found is not None
    assert (found.date.edtf, found.form) == ("", "im Cheschwan")


def test_two_attributes_without_a_common_day_are_told() -> None:
    found, page = read('when="1911-05-03" when-iso="1912-05~"')
    assert found is not None
    assert found.date.edtf == "1912-05~"
    assert "have no day in common; the second counts" in page.faults[0].message
    assert read('when="1911-05-03" when-iso="1911-05"')[1].faults == []


values = st.text("0123456789-XWTZ:+/.~?PQ []{}", max_size=24) | st.text(max_size=24)


@given(values)
def test_no_value_of_an_attribute_raises(value: str) -> None:
    assert isinstance(w3c_as_edtf(value) + iso_as_edtf(value), str)


names = st.sampled_from(["when", "from", "to", "notBefore", "notAfter"])
endings = st.sampled_from(["", "-iso", "-custom"])
attribute_values = st.text("0123456789-XWTZ:+/.~?", min_size=1, max_size=12) | st.dates().map(str)


@given(
    st.dictionaries(st.tuples(names, endings).map("".join), attribute_values, max_size=5),
    st.sampled_from(["", "#julian", "#cal-2"]),
)
def test_no_attributes_raise_and_what_is_found_is_a_date_or_told(
    attributes: dict[str, str], method: str
) -> None:
    page = document("<date>words</date>")
    element = next(page.root.iter("date"))
    for name, value in attributes.items():
        element.set(name, value)
    if method:
        element.set("datingMethod", method)
    found = dated(page, element, "ts-doc")
    assert (found is None) == (edtf_of(element) is None)
    if found and found.date.edtf:
        assert parse_edtf(found.date.edtf) == found.date
    elif found:
        custom = any(name.endswith("-custom") for name in attributes)
        assert page.faults or custom


def test_a_date_that_is_only_words_can_be_published(publish: Publish) -> None:
    from fonds.mapping.record import describe
    from fonds.release.publication import context_of
    from fonds.vocabulary import CRM, DCTERMS, FV, RDFS

    old = '<date when="1911-05-03">3. Mai 1911</date>'
    new = '<date when-custom="5671-08-05" datingMethod="#hebrew">im Ijar</date>'
    read = publish({"data/documents/letter.xml": LETTER.replace(old, new)})
    assert read.faults == ()
    triples = [
        each
        for graph in describe(read.records[0], context_of(read, "https://a.example/")).graphs
        for each in graph.triples
    ]
    span = next(each.object for each in triples if each.predicate == CRM.P4_has_time_span)
    stated = {each.predicate: each.object.value for each in triples if each.subject == span}
    assert stated[RDFS.label] == "im Ijar"
    assert not stated.keys() & {FV.edtf, CRM.P82a_begin_of_the_begin, CRM.P82b_end_of_the_end}
    assert [each.object.value for each in triples if each.predicate == DCTERMS.created] == ["im Ijar"]
