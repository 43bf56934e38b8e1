"""Collections: volumes and their documents, registers, pointers between files, and what is told of bad ones."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from fonds.model import Elsewhere, Naming, Record, Reference, Sequence
from fonds.settings import Collection, Settings
from fonds.sources.publication import Publication, read_publication
from fonds.sources.tei import read_tei
from fonds.sources.tei_context import Context

CORPORA = Path(__file__).parents[2] / "corpora"
BRIDGE = Collection(name="bridge", files=("data/documents/volumes/*.xml",), language="en")
WEISS = Collection(name="weiss", files=("data/documents/letters/**/*.xml",))
VOLUME = (CORPORA / "volumes/volume-7.xml").read_text("utf-8")
HEADER = (
    "<teiHeader><fileDesc><titleStmt><title>T</title></titleStmt><publicationStmt><p/></publicationStmt>"
    "<sourceDesc><p/></sourceDesc></fileDesc></teiHeader>"
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    """What the small corpora hold."""
    folder = tmp_path_factory.mktemp("corpora")
    shutil.copytree(CORPORA, folder / "data/documents")
    return read_publication(folder, Settings(collections=(BRIDGE, WEISS)))


def record(read: Publication, key: str) -> Record:
    return next(each for each in read.records if each.key == key)


def told(folder: Path, files: Mapping[str, str | bytes], collection: Collection = BRIDGE) -> Publication:
    """Read a publication with these files in its collection."""
    for name, content in files.items():
        path = folder / "data/documents/volumes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_publication(folder, Settings(collections=(collection,)))


def volume(body: str, identifier: str = "v") -> str:
    return f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="{identifier}">{HEADER}<text><body>{body}</body></text></TEI>'


def document(identifier: str, words: str = "<p>Words.</p>") -> str:
    return f'<div type="document" xml:id="{identifier}"><head>Head</head>{words}</div>'


# -- volumes ----------------------------------------------------------------------------------------------------------


def test_each_document_of_a_volume_is_a_record_with_a_key_of_both_ids(read: Publication) -> None:
    keys = [each.key for each in read.records if each.key.startswith("volume-7")]
    assert keys == [f"volume-7-{each}" for each in ("d1", "d2", "d3", "d4", "d4a")]
    assert {Reference("record", key) for key in keys} <= set(read.to_mint)


def test_a_document_has_its_place_in_the_volume(read: Publication) -> None:
    second = record(read, "volume-7-d2")
    assert second.sequence == Sequence(2, "volume-7-d1", "volume-7-d3")
    assert second.part_of == (Reference("work", "volume-7"), Reference("work", "volume-7-ch1"))
    assert read.authorities[Reference("work", "volume-7-ch1")].broader == Reference("work", "volume-7-comp1")


def test_a_document_within_another_is_a_record_of_its_own_and_a_part_of_it(read: Publication) -> None:
    outer, inner = record(read, "volume-7-d4"), record(read, "volume-7-d4a")
    assert inner.within == outer.key
    assert inner.text.plain == "Attachment\n\nThe plan."
    assert "The plan." not in outer.text.plain
    assert outer.text.plain.endswith("Enclosure\n\nThe cost.")


def test_sender_and_recipient_are_those_whom_the_heading_marks(read: Publication) -> None:
    first = record(read, "volume-7-d1")
    adams = Reference("person", "volume-7-p-a1")
    assert [(each.name, each.actors) for each in first.correspondence] == [
        ("sending", (Naming("Ruth Adams", "person", adams),)),
        ("addressing", (Naming("County Board"),)),
    ]
    assert first.creators == (adams,)
    # A gloss that points to a term of the list is somebody of whom the words are known, never the term.
    assert record(read, "volume-7-d2").correspondence[0].actors == (Naming("Board"),)


def test_title_number_place_and_date_are_as_the_volume_gives_them(read: Publication) -> None:
    first = record(read, "volume-7-d1")
    assert first.title.text == "1. Letter From Ruth Adams to the County Board"
    assert [(each.type, each.value) for each in first.identifiers] == [("document-number", "1")]
    assert first.written_at == Naming("Millbrook", "place")
    assert first.created is not None
    assert (first.created.date.edtf, first.created.form) == ("1930-05-02", "May 2, 1930, 10 a.m.")


def test_a_date_in_words_only_stays_words(read: Publication) -> None:
    second = record(read, "volume-7-d2")
    assert (second.created, second.dated_in_words) == (None, "undated")


def test_bounds_that_the_editors_give_a_document_date_it(read: Publication) -> None:
    third = record(read, "volume-7-d3")
    assert third.created is not None
    assert third.created.date.edtf == "1930-06-01/1930-06-30"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("d1", "Source: County Archive, RG 2. Secret."),
        ("d2", "Source:County Archive, RG 3."),
        ("d3", "Summary: The ferry sank. Source: County Archive, RG 4."),
        ("d4", None),
    ],
)
def test_a_note_on_the_source_is_known_with_and_without_its_type(
    read: Publication, key: str, words: str | None
) -> None:
    notes = [each.words for each in record(read, f"volume-7-{key}").text.notes if each.type == "source-note"]
    assert notes == ([words] if words else [])


def test_a_summary_before_the_source_is_the_abstract(read: Publication) -> None:
    abstract = record(read, "volume-7-d3").abstract
    assert abstract is not None
    assert abstract.text == "The ferry sank."


def test_brackets_that_tell_of_a_loss_are_gaps_and_others_are_words(read: Publication) -> None:
    first = record(read, "volume-7-d1")
    assert [(each.cause, each.unit, each.at_least, each.words) for each in first.text.gaps] == [
        ("redacted", "line", 2, "[2 lines not declassified]"),
        ("redacted", None, None, "[text not declassified]"),
    ]
    for each in first.text.gaps:
        assert each.span is not None
        assert first.text.plain[each.span.start : each.span.end] == each.words


def test_which_brackets_tell_of_a_loss_is_a_setting(tmp_path: Path) -> None:
    files = {"v.xml": volume(document("d1", "<p>A [cut here] b [illegible].</p>"))}
    collection = Collection(name="bridge", files=BRIDGE.files, brackets={"cut here": "omitted"})
    (only,) = told(tmp_path, files, collection).records
    assert [(each.cause, each.words) for each in only.text.gaps] == [("omitted", "[cut here]")]


def test_pages_begin_where_the_volume_breaks(read: Publication) -> None:
    (page,) = record(read, "volume-7-d1").text.pages
    assert (page.number, page.block) == ("2", "p3")


def test_references_lead_to_documents_of_this_volume_and_of_others(read: Publication) -> None:
    found = {
        each.form: (each.target, each.pointer)
        for each in record(read, "volume-7-d1").text.mentions
        if each.marked == "ref"
    }
    assert found == {
        "note 1 to Document 2": (Reference("record", "volume-7-d2"), ""),
        "volume 8": (Reference("record", "volume-8-d1"), ""),
        "volume 99": (None, "volume-99#d4"),
        "page 2": (None, "#pg_2"),  # of this document itself
    }


def test_lists_in_prose_are_authorities_of_their_volume(read: Publication) -> None:
    adams, adamson = (read.authorities[Reference("person", f"volume-{at}-p-a1")] for at in (7, 8))
    assert (adams.label, adams.definition) == ("Adams, Ruth", "engineer of the county until 1931")
    assert (adamson.label, adamson.definition) == ("Adamson, Karl", "of another county")
    board = read.authorities[Reference("topic", "volume-7-t-cb")]
    assert (board.label, board.definition) == ("CB", "County Board")


def test_what_stands_around_the_documents_is_kept(read: Publication) -> None:
    preface = read.authorities[Reference("work", "volume-7-preface")]
    assert (preface.label, preface.words) == ("Preface", "Preface\n\nWhy Adams built it.")
    assert (
        read.authorities[Reference("work", "volume-7-ch1")].words == "Plans\n\nThis chapter begins in 1930."
    )
    assert "isbn-13: 9780000000000" in read.authorities[Reference("work", "volume-7")].definition


def test_the_edition_of_a_document_is_tei_with_the_header_of_its_volume(read: Publication) -> None:
    edition = record(read, "volume-7-d3").edition
    (again,) = read_tei(edition, "again.xml", Context(profile=Collection(name="again", documents="file")))
    assert again.record is not None
    assert again.record.key == "volume-7-d3"
    assert again.record.text.plain == record(read, "volume-7-d3").text.plain


def test_what_is_not_understood_keeps_its_words_and_is_counted(read: Publication) -> None:
    assert "Odd words." in record(read, "volume-7-d4").text.plain
    assert read.met["<unknownThing>"] == 1
    assert read.met['div/@subtype="editorial-note"'] == 1


# -- registers and pointers -------------------------------------------------------------------------------------------


def test_a_register_lists_and_is_no_document(read: Publication) -> None:
    weiss = read.authorities[Reference("person", "weiss-ed-w1")]
    assert (weiss.label, [each.text for each in weiss.other_names]) == ("Weiss Anna", ["A. W."])
    assert weiss.elsewhere == (Elsewhere("gnd", "118609807", "https://d-nb.info/gnd/118609807"),)
    assert [(each.event, each.form, each.when is not None) for each in weiss.life] == [
        ("birth", "1. März 1880", True),
        ("death", "nach 1945", False),
    ]
    assert read.authorities[Reference("place", "weiss-ed-b1")].coordinates == (49.19522, 16.60796)
    assert not any(each.key.startswith("persons") for each in read.records)


def test_names_point_in_many_ways(read: Publication) -> None:
    found = [
        (each.form, each.target.key if each.target else each.pointer)
        for each in record(read, "weiss-1").text.mentions
    ]
    assert found == [
        ("uns beide", "weiss-ed-w1"),
        ("uns beide", "weiss-ed-h1"),
        ("die Presse", "weiss-ed-p1"),
        ("Brünn", "weiss-ed-b1"),
        ("das Buch", "weiss-ed-t1"),
        ("jemand", "#ed_gone"),
        ("Anna", "weiss-ed-w1"),
        ("den nächsten", "weiss-2"),
    ]


def test_correspondence_has_its_steps_with_whoever_is_named(read: Publication) -> None:
    weiss, holm = (Reference("person", f"weiss-ed-{each}") for each in ("w1", "h1"))
    sent, received, forwarded = record(read, "weiss-1").correspondence
    assert sent.actors == (Naming("Weiss, Anna", "person", weiss),)
    assert sent.places == (Naming("Brünn", "place", Reference("place", "weiss-ed-b1")),)
    assert sent.when is not None
    assert received.actors == (Naming("Holm", "person", holm), Naming("Unbekannte Firma", "group"))
    assert (forwarded.name, forwarded.action) == ("correspondence-3", "forwarded")


def test_a_header_is_read_where_there_is_no_text(read: Publication) -> None:
    second, third = record(read, "weiss-2"), record(read, "weiss-3")
    assert (second.text.blocks, third.text.blocks) == ((), ())
    assert second.abstract is not None
    assert second.described_with == (Reference("person", "weiss-ed-h1"),)
    assert second.created is not None
    assert second.created.date.edtf == "1912-01-01/1912-12-31"
    first = record(read, "weiss-1")
    assert first.title.text == "Anna Weiss an Karl Holm, Mai 1911"
    assert first.shelfmark == "CZ, Brünn, Stadtarchiv, Fonds 3, Bl. 7"
    assert [each.text for each in first.keywords] == ["Kategorie: Reisen"]
    assert [each.text for each in first.remarks] == ["Der Umschlag fehlt.", "Per Boten."]
    assert [each.text for each in first.sources] == ["Freie Presse, 1911"]
    assert first.rights == "The edition states: https://creativecommons.org/licenses/by/4.0/"


def test_what_is_wrong_in_a_collection_is_told_and_stops_nothing(read: Publication) -> None:
    assert read.faults == ()
    assert [str(each) for each in read.warnings] == [
        "data/documents/letters/register/persons.xml:10:81: 'http://d-nb.info/gnd/118609808' is no identifier of the GND: "
        "its check digit should be 7, not 8; it is left out",
        'data/documents/letters/weiss_1.xml:39:29: sameAs="#ed_gone" no element of this file has this xml:id',
        'data/documents/volumes/volume-7.xml:36:105: corresp="#p_Z9" no element of this file has this xml:id',
    ]


def test_ids_of_lists_mean_one_thing_in_the_collection_where_it_says_so(tmp_path: Path) -> None:
    def letter(identifier: str, name: str) -> str:
        return (
            f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="{identifier}">{HEADER}<text><body><p><rs ref="#p1">he</rs>'
            f'</p></body><back><listPerson><person xml:id="p1"><persName>{name}</persName></person></listPerson></back>'
            "</text></TEI>"
        )

    files = {"a.xml": letter("a", "A. Holm"), "b.xml": letter("b", "Adam Holm")}
    apart = told(tmp_path, files)
    assert {each.key for each in apart.authorities} == {"a-p1", "b-p1"}
    one = told(tmp_path, files, Collection(name="holm", files=BRIDGE.files, ids="collection"))
    (holm,) = one.authorities.values()
    assert (holm.reference.key, holm.label, [each.text for each in holm.other_names]) == (
        "holm-p1",
        "A. Holm",
        ["Adam Holm"],
    )
    assert [each.text.mentions[0].target for each in one.records] == [holm.reference] * 2


# -- bad files --------------------------------------------------------------------------------------------------------


def test_one_id_of_two_documents_publishes_neither_and_all_others(tmp_path: Path) -> None:
    read = told(tmp_path, {"v.xml": volume("\n".join(document(each) for each in ("d1", "d2", "d2", "d3")))})
    assert [each.key for each in read.records] == ["v-d1", "v-d3"]
    assert read.faults == ()
    shown = [str(each) for each in read.warnings]
    assert any(":2:" in each and 'xml:id="d2" is that of two documents' in each for each in shown), shown
    assert any(":3:" in each and "is there already, in line 2" in each for each in shown), shown


def test_one_id_twice_within_a_volume_leads_nowhere(tmp_path: Path) -> None:
    listed = '<list><item><persName xml:id="x">A</persName></item><item><persName xml:id="x">B</persName></item></list>'
    text = volume(document("d1", '<p><persName corresp="#x">A</persName></p>')).replace(
        "<body>", f"<front><div><head>P</head>{listed}</div></front><body>"
    )
    read = told(tmp_path, {"v.xml": text})
    (only,) = read.records
    assert only.text.mentions[0].target is None
    assert not [each for each in read.authorities if each.kind == "person"]


def test_two_files_with_one_id_are_both_named_and_neither_wins(tmp_path: Path) -> None:
    text = volume("<p>Words.</p>", "same")
    read = told(tmp_path, {"a.xml": text, "b.xml": text, "c.xml": volume("<p>Other.</p>", "other")})
    assert [each.key for each in read.records] == ["other"]
    assert [(each.path[-5:], "none is published" in each.message) for each in read.warnings] == [
        ("a.xml", True),
        ("b.xml", True),
    ]


def test_ids_that_differ_in_their_case_only_get_keys_of_their_own(tmp_path: Path) -> None:
    body = volume(document("d1") + document("D1"))
    keys = [each.key for each in told(tmp_path, {"v.xml": body}).records]
    assert keys[0] == "v-d1"
    assert keys[1].startswith("v-d1-")


def test_a_renamed_file_gives_the_same_keys(tmp_path: Path) -> None:
    text = volume(document("d1"))
    first = told(tmp_path / "one", {"old.xml": text})
    second = told(tmp_path / "two", {"deep/er/new.xml": text}, Collection(name="x", files=("data/**/*.xml",)))
    assert [each.key for each in first.records] == [each.key for each in second.records]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("cut.xml", VOLUME[: len(VOLUME) // 2], "is not well-formed XML"),
        ("latin.xml", '<?xml version="1.0" encoding="UTF-8"?><TEI>é</TEI>'.encode("latin-1"), "is not UTF-8"),
        ("wide.xml", VOLUME.encode("utf-16"), "is not UTF-8 but UTF-16"),
        (
            "bomb.xml",
            '<!DOCTYPE TEI [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><TEI>&b;</TEI>',
            "declares an entity",
        ),
        ("html.xml", "<html/>", "is no TEI document"),
        ("note.txt", "words", None),
        ("empty.xml", "", "is not well-formed XML"),
    ],
)
def test_a_bad_file_is_told_and_the_others_are_read(
    tmp_path: Path, name: str, content: str | bytes, what: str | None
) -> None:
    read = told(tmp_path, {name: content, "good.xml": volume(document("d1"))})
    assert [each.key for each in read.records] == ["v-d1"]
    if what:
        assert read.faults == ()
        assert [(each.path.endswith(name), what in each.message) for each in read.warnings] == [(True, True)]


def test_a_file_longer_than_is_read_is_told(tmp_path: Path) -> None:
    collection = Collection(name="bridge", files=BRIDGE.files, file_bytes=1000)
    read = told(tmp_path, {"long.xml": volume("<p>" + "x" * 1000 + "</p>")}, collection)
    assert "more than the 1000 of a file that is read whole" in str(read.warnings[0])


def test_a_link_out_of_the_publication_is_told(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.xml").write_text(volume(document("d1")))
    folder = tmp_path / "publication"
    (folder / "data/documents/volumes").mkdir(parents=True)
    (folder / "data/documents/volumes/link.xml").symlink_to(tmp_path / "elsewhere.xml")
    read = told(folder, {"good.xml": volume(document("d1"), "w")})
    assert [each.key for each in read.records] == ["w-d1"]
    assert "leads out of the publication" in str(read.warnings[0])


def test_in_a_strict_collection_what_is_wrong_is_a_fault(tmp_path: Path) -> None:
    collection = Collection(name="bridge", files=BRIDGE.files, strict=True)
    read = told(
        tmp_path, {"v.xml": volume(document("d1", '<p><persName ref="#gone">A</persName></p>'))}, collection
    )
    assert [each.message for each in read.faults] == ['ref="#gone" no element of this file has this xml:id']
    assert read.warnings == ()


def test_a_document_that_was_published_and_is_now_unreadable_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/register.csv").write_text(
        "kind,key,minted,status,replaced_by,reason\nrecord,v-d1,2026-01-01,active,,\n"
    )
    read = told(tmp_path, {"v.xml": "<TEI>"})
    assert "the build would lose a published identifier" in str(read.faults[0])


def test_what_comes_of_a_file_can_be_sent_to_another_process() -> None:
    context = Context(profile=BRIDGE)
    readings = list(read_tei(VOLUME.encode(), "v.xml", context))
    assert pickle.loads(pickle.dumps(readings)) == readings


# -- other shapes -----------------------------------------------------------------------------------------------------


def test_a_corpus_holds_documents_with_headers_of_their_own(tmp_path: Path) -> None:
    inner = "".join(
        f'<TEI xml:id="{each}">{HEADER}<text><body><p>{each}</p></body></text></TEI>'
        for each in ("one", "two")
    )
    text = f'<teiCorpus xmlns="http://www.tei-c.org/ns/1.0">{HEADER}{inner}</teiCorpus>'
    read = told(tmp_path, {"c.xml": text})
    assert [(each.key, each.text.plain) for each in read.records] == [("one", "one"), ("two", "two")]
    (again,) = read_tei(read.records[1].edition, "two.xml", Context())
    assert again.record is not None
    assert again.record.text.plain == "two"


def test_divisions_of_other_types_can_be_the_documents(tmp_path: Path) -> None:
    body = '<div1 type="entry" xml:id="e1"><head><date when="1901-02-03">3. Februar</date></head><p>Regen.</p></div1>'
    collection = Collection(name="diary", files=BRIDGE.files, document_types=("entry", "letter"))
    (entry,) = told(tmp_path, {"v.xml": volume(body)}, collection).records
    assert entry.created is not None
    assert (entry.key, entry.created.date.edtf) == ("v-e1", "1901-02-03")


def test_the_date_of_what_is_enclosed_is_not_that_of_the_document(tmp_path: Path) -> None:
    words = (
        '<p>A</p><attachment><dateline><date when="1900-01-01">1900</date></dateline><p>B</p></attachment>'
    )
    (only,) = told(tmp_path, {"v.xml": volume(document("d1", words))}).records
    assert only.created is None


BRNO = Reference("place", "v-b1")
PERSONS = """<text><body><p>Words.</p></body><back><listPerson><person xml:id="p1"><persName>Jo</persName>{life}</person></listPerson>
<listPlace><place xml:id="b1"><placeName>Brno</placeName></place></listPlace></back></text>"""


@pytest.mark.parametrize(
    ("life", "form", "place"),
    [
        ('<birth>1880 in <placeName ref="#b1">Brünn</placeName></birth>', "1880 in", Naming("Brünn", "place", BRNO)),
        ('<birth><placeName ref="b1">Brünn</placeName></birth>', "", Naming("Brünn", "place", BRNO)),
        ('<birth><settlement ref="#gone"><placeName>Wien</placeName></settlement></birth>', "", Naming("Wien", "place")),
        ('<birth><settlement ref="#p1">Jo</settlement></birth>', "", Naming("Jo", "place")),
        ('<birth><date when="1880">1880</date><country>CZ</country></birth>', "1880", Naming("CZ", "place")),
        ('<birth when="1880">1880</birth>', "1880", None),
    ],
)  # fmt: skip
def test_where_somebody_was_born_is_a_place_that_is_listed_or_its_name(
    tmp_path: Path, life: str, form: str, place: Naming | None
) -> None:
    text = f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="v">{HEADER}{PERSONS.format(life=life)}</TEI>'
    found = told(tmp_path, {"v.xml": text})
    (birth,) = found.authorities[Reference("person", "v-p1")].life
    assert (birth.form, birth.place) == (form, place)
    assert found.warnings == ()


def test_whoever_is_known_elsewhere_only_keeps_name_and_address(tmp_path: Path) -> None:
    header = HEADER.replace(
        "</titleStmt>", '<author ref="https://viaf.org/viaf/12345">Jo</author></titleStmt>'
    ).replace(
        "</teiHeader>",
        '<profileDesc><correspDesc><correspAction type="received"><persName ref="http://d-nb.info/gnd/118609807">A. S.'
        "</persName></correspAction></correspDesc></profileDesc></teiHeader>",
    )
    text = volume("<p>Words.</p>").replace(HEADER, header)
    (only,) = told(tmp_path, {"v.xml": text}).records
    assert only.authors == (
        Naming("Jo", "person", None, Elsewhere("viaf", "12345", "http://viaf.org/viaf/12345")),
    )
    (received,) = only.correspondence
    stated = Elsewhere("gnd", "118609807", "https://d-nb.info/gnd/118609807")
    assert received.actors == (Naming("A. S.", "person", None, stated),)


def test_a_transcription_that_is_not_read_is_counted(tmp_path: Path) -> None:
    text = volume("<p>Words.</p>").replace("<text>", "<sourceDoc><line>Not read</line></sourceDoc><text>")
    assert told(tmp_path, {"v.xml": text}).met["<sourceDoc>"] == 1


@pytest.mark.parametrize(
    "pointer",
    ["gnd:118609807", "https://d-nb.info/gnd/118609807/", "pmb:ed_w1", "http://d-nb.info/gnd/118609807"],
)
def test_an_identifier_elsewhere_leads_to_the_entry_that_states_it(tmp_path: Path, pointer: str) -> None:
    prefixes = (
        '<encodingDesc><listPrefixDef><prefixDef ident="pmb" matchPattern="(.+)" '
        'replacementPattern="https://pmb.example/$1"/></listPrefixDef></encodingDesc></teiHeader>'
    )
    letter = volume(f'<p><persName ref="{pointer}">A</persName></p>').replace("</teiHeader>", prefixes)
    register = (CORPORA / "letters/register/persons.xml").read_text("utf-8")
    (only,) = told(tmp_path, {"register.xml": register, "letter.xml": letter}).records
    assert only.text.mentions[0].target == Reference("person", "bridge-ed-w1")


def test_a_document_whose_id_something_else_has_too_is_published_all_the_same(tmp_path: Path) -> None:
    body = document("d1", '<p>A<note xml:id="d2">B</note></p>') + document("d2")
    read = told(tmp_path, {"v.xml": volume(body)})
    assert [each.key for each in read.records] == ["v-d1", "v-d2"]
    assert len(read.warnings) == 1


def test_ids_without_a_latin_letter_give_keys_that_stay(tmp_path: Path) -> None:
    body = volume(document("文書一") + document("文書二"))
    first = [each.key for each in told(tmp_path / "a", {"v.xml": body}).records]
    again = [each.key for each in told(tmp_path / "b", {"w.xml": body}).records]
    assert first == again
    assert len(set(first)) == 2


def test_sections_with_one_name_are_kept_apart(tmp_path: Path) -> None:
    sections = '<div xml:id="S1"><p>one</p></div><div xml:id="s1"><p>two</p></div>'
    read = told(tmp_path, {"v.xml": volume(sections + document("d1"))})
    words = {each.words for each in read.authorities.values() if each.words}
    assert words == {"one", "two"}


def test_a_key_of_three_collections_is_nobodys(tmp_path: Path) -> None:
    for each in ("a", "b", "c"):
        (tmp_path / f"data/documents/{each}").mkdir(parents=True)
        (tmp_path / f"data/documents/{each}/v.xml").write_text(volume("<p>Words.</p>", "same"))
    collections = tuple(Collection(name=each, files=(f"data/documents/{each}/*.xml",)) for each in "abc")
    read = read_publication(tmp_path, Settings(collections=collections))
    assert list(read.records) == []
    assert {each.path for each in read.warnings} == {f"data/documents/{each}/v.xml" for each in "abc"}


def test_a_volume_in_no_collection_is_one_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "data/documents"
    folder.mkdir(parents=True)
    (folder / "v.xml").write_text(volume(document("d1") + document("d2") + document("d2")))
    read = read_publication(tmp_path, Settings())
    assert [each.key for each in read.records] == ["v-d1"]
    assert read.faults == ()
    assert read.warnings
