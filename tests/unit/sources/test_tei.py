"""TEI editions: what becomes of them, and what each fault in them is told as."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fonds.model import BlockKind, Inline, Phrase, Record, Reference, Version

from .conftest import LETTER, Publish

Faults = Callable[..., list[str]]
PATH = "data/documents/letter.xml"
WEISS = Reference("person", "weiss")
HOLM = Reference("person", "holm")
BRNO = Reference("place", "brno")
BODY = LETTER[LETTER.index("      <opener>") : LETTER.index("    </body>")]


def letter(body: str | None = None, header: str = "", **replaced: str) -> dict[str, str]:
    """Return the letter with another body, more in its header, or words replaced."""
    text = LETTER if body is None else LETTER.replace(BODY, body)
    text = text.replace("</creation>", "</creation>" + header)
    for old, new in replaced.items():
        text = text.replace(old, new)
    return {PATH: text}


def only(publish: Publish, files: dict[str, str]) -> Record:
    read = publish(files)
    assert read.faults == ()
    (record,) = read.records
    return record


def marks(content: tuple[str | Inline, ...]) -> list[tuple[str, str]]:
    """Return the marks of a content, inner ones after the outer, each with its words."""
    found = []
    for each in content:
        if not isinstance(each, str):
            found += [(str(each.mark), each.text), *marks(each.content)]
    return found


def test_a_plain_letter_becomes_a_record(publish: Publish) -> None:
    record = only(publish, letter())
    assert record.key == "weiss-1911-3"
    assert record.title == record.label == Phrase("Anna Weiss an Karl Holm, 3. Mai 1911", "de")
    assert record.title_source == "title-supplied"
    assert record.creators == (WEISS,)
    assert record.created is not None
    assert (record.created.date.edtf, record.created.form) == ("1911-05-03", "3. Mai 1911")
    assert record.versions == (Version(language="de", role="original", held=True),)
    assert [(block.name, block.kind, block.ordinal, block.text) for block in record.text.blocks] == [
        ("salute", BlockKind.OPENER, None, "Lieber Karl!"),
        ("p1", BlockKind.PARAGRAPH, 1, "Gestern war ich in Brünn bei Frau Holm."),
    ]
    assert record.edition == LETTER.encode()
    assert record.fulltext == "full"
    assert (record.origin.path, record.origin.line) == (PATH, 2)


def test_without_a_capture_positions_count_in_the_plain_text(publish: Publish) -> None:
    text = only(publish, letter()).text
    assert [(mention.name, mention.target, mention.form) for mention in text.mentions] == [
        ("m1", BRNO, "Brünn"),
        ("m2", HOLM, "Frau Holm"),
    ]
    for mention in text.mentions:
        assert text.plain[mention.span.start : mention.span.end] == mention.form
    for block in text.blocks:
        assert block.span is not None
        assert text.plain[block.span.start : block.span.end] == block.text


def test_without_a_namespace_it_is_read_the_same(publish: Publish) -> None:
    record = only(publish, letter(**{' xmlns="http://www.tei-c.org/ns/1.0"': ""}))
    assert record.text.plain == "Lieber Karl!\n\nGestern war ich in Brünn bei Frau Holm."


def test_without_an_id_the_name_of_the_file_is_the_key(publish: Publish) -> None:
    text = LETTER.replace(' xml:id="weiss-1911-3"', "")
    read = publish({PATH: None, "data/documents/1911/Weiß an Holm (3).xml": text})
    assert [record.key for record in read.records] == ["wei-an-holm-3"]


@pytest.mark.parametrize(
    ("dates", "edtf", "form"),
    [
        (
            '<creation><date from="1911-05" to="1911-06">im Frühjahr</date></creation>',
            "1911-05/1911-06",
            "im Frühjahr",
        ),
        ('<creation><date notBefore="1911"/></creation>', "1911/..", "1911/.."),
        ('<creation><date notAfter="1911-05-03"/></creation>', "../1911-05-03", "../1911-05-03"),
        ('<creation><date when="1911-05-03T10:15:00Z"/></creation>', "1911-05-03", "1911-05-03"),
        (
            '<correspDesc><correspAction type="sent"><date when="1911-05"/></correspAction></correspDesc>',
            "1911-05",
            "1911-05",
        ),
    ],
)
def test_dates_become_edtf(publish: Publish, dates: str, edtf: str, form: str) -> None:
    old = '<creation><date when="1911-05-03">3. Mai 1911</date></creation>'
    created = only(publish, letter(**{old: dates})).created
    assert created is not None
    assert (created.date.edtf, created.form) == (edtf, form)


def test_where_the_header_has_no_date_the_dateline_gives_it(publish: Publish) -> None:
    body = '<opener><dateline>Brünn, <date when="1911-05-04">4. Mai</date></dateline></opener><p>Ja.</p>'
    old = '<profileDesc><creation><date when="1911-05-03">3. Mai 1911</date></creation></profileDesc>'
    created = only(publish, letter(body, **{old: ""})).created
    assert created is not None
    assert created.date.edtf == "1911-05-04"


def test_a_day_without_a_year_is_no_date_and_no_fault(publish: Publish) -> None:
    old = '<creation><date when="1911-05-03">3. Mai 1911</date></creation>'
    assert only(publish, letter(**{old: '<creation><date when="--05-03"/></creation>'})).created is None


def test_pretty_printing_is_not_text(publish: Publish) -> None:
    body = """<p>
          Ich sah
          <persName ref="person:holm">
             Frau
             Holm
          </persName> ,<lb/>dann
          <hi>nie<lb break="no"/>
             mand</hi>.
        </p>"""
    text = only(publish, letter(body)).text
    assert text.plain == "Ich sah Frau Holm , dann niemand."
    assert text.mentions[0].form == "Frau Holm"


def test_a_no_break_space_is_a_character_like_any_other(publish: Publish) -> None:
    assert only(publish, letter("<p>3.\u00a0Mai</p>")).text.plain == "3.\u00a0Mai"


def test_the_marks_of_a_paragraph(publish: Publish) -> None:
    body = """<p><said who="person:weiss">Er <emph>log</emph></said> <q>“nein”</q> <foreign xml:lang="la">ergo</foreign>
      <del>x</del> <supplied>y</supplied>
      <seg type="statement" xml:id="s1" subtype="claim" ana="fv:stance-neutral">z</seg> <strange>kept</strange>
      <date when="1911">1911</date><pb n="2"/> <label>A</label></p>"""
    (block,) = only(publish, letter(body)).text.blocks
    assert marks(block.content) == [
        ("speech", "Er log"),
        ("emphasis", "log"),
        ("quotation", "“nein”"),
        ("foreign", "ergo"),
        ("deletion", "x"),
        ("editorial", "y"),
        ("statement", "z"),
        ("other", "kept"),
        ("date", "1911"),
        ("break", ""),
        ("label", "A"),
    ]
    inlines = {str(each.mark): each for each in block.content if not isinstance(each, str)}
    assert inlines["speech"].target == WEISS
    assert inlines["other"].attributes == {"tag": "strange"}
    assert inlines["foreign"].attributes["lang"] == "la"


def test_of_two_readings_the_one_on_the_paper_is_transcribed(publish: Publish) -> None:
    body = "<p>Das <choice><sic>Hauss</sic><corr>Haus</corr></choice> am See</p>"
    (block,) = only(publish, letter(body)).text.blocks
    assert block.text == "Das Hauss am See"
    choice = block.content[1]
    assert not isinstance(choice, str)
    assert choice.attributes == {"tag": "choice", "corr": "Haus"}


def test_blocks_of_every_kind_keep_their_order_and_get_names(publish: Publish) -> None:
    body = """<head>Brief</head><opener><dateline>Brünn</dateline><salute>Lieber!</salute></opener>
      <div><p>Eins.</p><list><item>Zwei</item><item>Drei</item></list></div>
      <table><row><cell>a</cell><cell>b</cell></row></table><quote><p>Vier.</p></quote>
      <closer>Deine <signed><persName ref="person:weiss">Anna</persName></signed></closer>
      <note place="bottom">Am Rand.</note><postscript><p>PS.</p></postscript><novelty>Neues</novelty>"""
    text = only(publish, letter(body)).text
    assert [(block.name, str(block.kind), block.text) for block in text.blocks] == [
        ("heading", "heading", "Brief"),
        ("dateline", "opener", "Brünn"),
        ("salute", "opener", "Lieber!"),
        ("p1", "paragraph", "Eins."),
        ("p2", "paragraph", "Zwei"),
        ("p3", "paragraph", "Drei"),
        ("table", "table", "a b"),
        ("p4", "paragraph", "Vier."),
        ("closer", "closer", "Deine Anna"),
        ("note-1", "note", "Am Rand."),
        ("p5", "paragraph", "PS."),
        ("novelty", "paragraph", "Neues"),
    ]
    assert [(note.name, note.type, note.words) for note in text.notes] == [
        ("signature", "signature-block", "Anna"),
        ("note-1", "footnote", "Am Rand."),
    ]


def test_the_numbers_that_an_edition_gives_are_kept(publish: Publish) -> None:
    text = only(publish, letter('<p n="3">a</p><p n="4">b</p>')).text
    assert [(block.name, block.ordinal) for block in text.blocks] == [("p3", 3), ("p4", 4)]
    text = only(publish, letter('<p n="3">a</p><p n="3">b</p>')).text
    assert [(block.name, block.ordinal) for block in text.blocks] == [("p1", 1), ("p2", 2)]


def test_an_id_that_is_the_name_of_another_part_is_not_taken(publish: Publish) -> None:
    text = only(
        publish, letter('<p xml:id="object">a</p><p xml:id="de">b</p><p xml:id="First_Part">c</p>')
    ).text
    assert [block.name for block in text.blocks] == ["p1", "p2", "first-part"]


def test_a_gap_keeps_the_editors_words_its_unit_and_its_extent(publish: Publish) -> None:
    body = """<p>vor <gap reason="damage" unit="lines" atLeast="2" atMost="3"><desc>[fehlt]</desc></gap> nach
      <gap reason="illegible" quantity="1" unit="chars"/>e</p><gap reason="lost"/>"""
    text = only(publish, letter(body)).text
    assert text.blocks[0].text == "vor [fehlt] nach e"
    first, second, third = text.gaps
    assert (first.name, first.cause, first.unit, first.at_least, first.at_most) == (
        "g1",
        "damage",
        "line",
        2,
        3,
    )
    assert first.span is not None
    assert text.plain[first.span.start : first.span.end] == first.words == "[fehlt]"
    assert (second.unit, second.at_least, second.words) == ("character", 1, "")
    assert third.cause == "lost"


def test_a_note_says_whose_it_is_and_when_only_where_the_edition_says_so(publish: Publish) -> None:
    body = """<p>a<note n="1">Vgl. den <date when="1900">Brief von 1900</date>.</note></p>
      <note type="handwritten-note" hand="person:holm"><label>[Am <seg type="place">linken Rand</seg>:] </label>
        “<quote>gelesen, <date type="written" when="1911-05-09" cert="medium" xml:id="w">9. Mai</date></quote>”</note>"""
    footnote, note = only(publish, letter(body)).text.notes
    assert (footnote.type, footnote.when, footnote.hand) == ("footnote", None, None)
    assert (note.type, note.hand, note.place, note.words) == (
        "handwritten-note",
        HOLM,
        "linken Rand",
        "gelesen, 9. Mai",
    )
    assert note.when is not None
    assert (note.when.name, note.when.date.edtf, note.when.certainty) == (
        f"ts-{note.name}",
        "1911-05-09",
        "medium",
    )


def test_doubt_and_its_ground_go_with_a_mention(publish: Publish) -> None:
    body = '<p><persName xml:id="m9" ref="person:holm" cert="low">sie</persName> und <rs>jemand</rs></p>'
    header = '<creation/><langUsage><language ident="de"/></langUsage>'
    files = letter(body, header)
    files[PATH] = files[PATH].replace(
        "</publicationStmt>",
        '</publicationStmt><notesStmt><note type="ground" target="#m9">Nur sie war da.</note></notesStmt>',
    )
    doubtful, open_ = only(publish, files).text.mentions
    assert (doubtful.certainty, doubtful.ground) == ("low", "Nur sie war da.")
    assert (open_.target, open_.form) == (None, "jemand")


def test_several_pointers_in_one_attribute_are_several_mentions_of_one_form(publish: Publish) -> None:
    mentions = only(publish, letter('<p><rs ref="person:holm person:weiss">beide</rs></p>')).text.mentions
    assert [(mention.target, mention.form) for mention in mentions] == [(HOLM, "beide"), (WEISS, "beide")]
    assert len({mention.name for mention in mentions}) == 2


@pytest.mark.parametrize(
    "markup",
    [
        '<persName ref="person:holm">H</persName>',
        '<persName key="holm">H</persName>',
        '<persName corresp="#h">H</persName>',
        '<rs type="person" sameAs="holm">H</rs>',
        '<name ref="holm">H</name>',
        '<persName ref="https://a.example/id/person/holm">H</persName>',
        '<persName ref="https://elsewhere.example/h">H</persName>',
        '<persName ref="p:holm">H</persName>',
    ],
)
def test_every_form_of_pointer_leads_to_the_row_of_the_table(publish: Publish, markup: str) -> None:
    body = f'<p>{markup}</p><listPerson><person xml:id="h" sameAs="person:holm"><persName>Holm</persName></person></listPerson>'
    files = letter(body)
    files[PATH] = files[PATH].replace(
        "</fileDesc>",
        '</fileDesc><encodingDesc><listPrefixDef><prefixDef ident="p" matchPattern="(.+)" '
        'replacementPattern="../authorities/persons.csv#$1"/></listPrefixDef></encodingDesc>',
    )
    files["data/authorities/matches.csv"] = (
        "thing,iri,ground,source,checked,accepted_by\nperson/holm,https://elsewhere.example/h,w,s,2026-01-02,M\n"
    )
    read = publish(files, base="https://a.example/")
    assert read.faults == ()
    assert [mention.target for mention in read.records[0].text.mentions] == [HOLM]


def test_what_only_the_document_lists_becomes_an_authority_of_its_own(publish: Publish) -> None:
    body = """<p><persName ref="#k">Karl</persName></p>
      <listPerson><person xml:id="k"><persName>Karl Holm</persName><persName xml:lang="cs">Karel</persName></person></listPerson>"""
    read = publish(letter(body))
    own = Reference("person", "weiss-1911-3-k")
    assert read.faults == ()
    assert read.records[0].text.mentions[0].target == own
    assert read.authorities[own].labels == (Phrase("Karl Holm"),)
    assert read.authorities[own].other_names == (Phrase("Karel", "cs"),)
    assert own in read.to_mint
    assert read.records[0].text.plain == "Karl"


def test_an_address_elsewhere_that_nobody_accepted_leaves_the_mention_open(publish: Publish) -> None:
    body = '<p><persName ref="https://elsewhere.example/x">Karl</persName></p>'
    (mention,) = only(publish, letter(body)).text.mentions
    assert mention.target is None


HEADER = """<langUsage><language ident="ru" ana="type:original"/><language ident="de" ana="type:translation"/>
  <language ident="fr" ana="type:other-translation" corresp="#n7"/></langUsage>
  <textClass><keywords><term type="form" ref="type:note">Notiz</term><term type="subject" ref="place:brno">Brünn</term></keywords>
  </textClass>
  <particDesc><person corresp="person:weiss" role="witness"><occupation ana="role:clerk">Schreiberin</occupation></person></particDesc>
  <settingDesc><setting corresp="event:visit"><name ref="place:brno" type="place">Brünn</name><date when="1911-05-02">gestern</date>
    <activity ana="type:visit">Besuch</activity></setting></settingDesc>"""


def test_the_header_says_what_it_is_what_it_documents_and_in_which_languages(publish: Publish) -> None:
    files = letter(
        '<p>a <note xml:id="n7" type="translator">Die französische Fassung ist anders.</note></p>', HEADER
    )
    files[PATH] = files[PATH].replace(
        "</titleStmt>",
        '<respStmt><resp key="trl">Übersetzt für <orgName ref="group:press">die Presse</orgName> von</resp>'
        '<persName ref="person:holm">M. Holm</persName></respStmt></titleStmt>',
    )
    files |= {
        "data/authorities/types.csv": "key,label_en\nnote,note\nvisit,visit\noriginal,o\ntranslation,t\nother-translation,ot\n",
        "data/authorities/roles.csv": "key,label_en\nwitness,witness\nclerk,clerk\n",
        "data/authorities/events.csv": "key,label_en\nvisit,Visit\n",
        "data/authorities/groups.csv": "key,label\npress,Presse\n",
    }
    record = only(publish, files)
    press = Reference("group", "press")
    assert record.versions == (
        Version(language="ru", role="original", held=False),
        Version(language="de", role="translation", held=True, translator=HOLM, on_behalf_of=press),
        Version(language="fr", role="translation", held=False, evidence="n7"),
    )
    assert (record.types, record.subjects) == (("note",), (BRNO,))
    (visit,) = record.documents
    assert (visit.event, visit.types, visit.where) == (Reference("event", "visit"), ("visit",), BRNO)
    assert visit.when is not None
    assert visit.when.date.edtf == "1911-05-02"
    assert [(part.actor, part.roles) for part in visit.participants] == [(WEISS, ("witness", "clerk"))]
    assert record.text.notes[0].type == "editorial-note"


def test_the_archives_reference_is_put_together_from_its_parts(publish: Publish) -> None:
    source = """<sourceDesc><msDesc><msIdentifier><repository ref="group:archive">Stadtarchiv</repository>
      <collection ref="holding:f1">Bestand 1</collection><idno corresp="holding:f1-2">Nr. 2</idno>
      <altIdentifier type="leaf" cert="medium"><idno>Bl. 7</idno></altIdentifier>
      <altIdentifier><idno>alt 9</idno></altIdentifier></msIdentifier></msDesc></sourceDesc>"""
    files = letter(**{"<sourceDesc><p>Invented.</p></sourceDesc>": source})
    files |= {
        "data/authorities/groups.csv": "key,label\narchive,Stadtarchiv\n",
        "data/authorities/holdings.csv": "key,label,level,broader\nf1,1,fonds,\nf1-2,2,file,f1\n",
    }
    record = only(publish, files)
    assert record.shelfmark == "Stadtarchiv, Bestand 1, Nr. 2"
    assert (record.keeper, record.holding) == (Reference("group", "archive"), Reference("holding", "f1-2"))
    assert [(each.bearer, each.value, each.certainty) for each in record.identifiers] == [
        ("leaf", "Bl. 7", "medium"),
        ("object", "alt 9", "high"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<p>Gestern", "<p><hi>Gestern", ":18:62: is not well-formed XML: Opening and ending tag mismatch: hi line 17"),
        ("person:holm", "person:hollm", ':18:19: ref="person:hollm" is not in data/authorities/persons.csv; add a row, or did you mean person:holm?'),  # noqa: E501
        ("person:holm", "persn:holm", ':18:19: ref="persn:holm" the prefix \'persn\' is neither a kind (person, group'),
        ("person:holm", "#nobody", ':18:19: ref="#nobody" no element of this file has this xml:id'),
        ("person:holm", "#weiss-1911-3", ':18:19: ref="#weiss-1911-3" points to a <TEI>, which nothing can be named by'),
        ("1911-05-03", "1911-13-03", ":12:34: when=\"1911-13-03\": '1911-13-03' is no day of the calendar"),
        ("1911-05-03", "May 1911", ":12:34: when=\"May 1911\": 'May 1911' is no date; write 1964"),
        ("<p>Gestern war ich in", '<p>Am <date when="1911-02-30">30.</date> in', ":17:19: when=\"1911-02-30\": '1911-02-30' is no day"),
        ('<placeName ', '<placeName cert="sure" ', ':17:40: cert="sure": expected high, medium, low or unknown'),
        ("<teiHeader>", "<teiHeder>", ":13:15: is not well-formed XML: Opening and ending tag mismatch: teiHeder line 3"),
        ("<body>", '<body n="&auml;">', ":15:20: is not well-formed XML: Entity 'auml' not defined"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_column_and_what_to_do(
    faults: Faults, old: str, new: str, fault: str
) -> None:
    assert old in LETTER
    found = faults({PATH: LETTER.replace(old, new)})
    assert any(each.startswith(PATH + fault) for each in found), found


def test_one_id_twice_names_both_lines(faults: Faults) -> None:
    text = LETTER.replace("<salute>", '<salute xml:id="x">').replace("<p>Gestern", '<p xml:id="x">Gestern')
    assert faults({PATH: text}) == [
        f'{PATH}:17:10: xml:id="x" is there already, in line 16; give one of them another'
    ]


def test_a_file_that_is_no_tei_says_what_it_is(faults: Faults) -> None:
    assert f"{PATH}:1:1: is no TEI document: its outermost element is <html>, expected <TEI>" in faults(
        {PATH: "<html/>"}
    )


def test_a_document_without_header_or_title_says_so(faults: Faults) -> None:
    assert any(
        "has no teiHeader; a record needs at least a title" in each
        for each in faults({PATH: "<TEI><text/></TEI>"})
    )
    untitled = LETTER.replace("<title>Anna Weiss an Karl Holm, 3. Mai 1911</title>", "<title/>")
    assert any("has no title; write one into teiHeader" in each for each in faults({PATH: untitled}))


def test_all_faults_of_a_document_come_in_one_run(faults: Faults) -> None:
    text = (
        LETTER.replace("person:holm", "person:nobody")
        .replace("place:brno", "place:nowhere")
        .replace("05-03", "05-32")
    )
    assert [each.split(" ")[0] for each in faults({PATH: text})] == [
        f"{PATH}:12:34:",
        f"{PATH}:17:40:",
        f"{PATH}:18:19:",
    ]
