"""What is fed: each reader of what strangers write, good inputs for it, the words of its grammar, and how it may refuse."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import openpyxl

from fonds.dates import from_julian, parse_edtf, spelled_date
from fonds.errors import Fault, FondsError
from fonds.formats import DOCUMENT_FORMATS
from fonds.points import point
from fonds.release.data_graphs import read_data_graphs
from fonds.release.presentation.links import Names
from fonds.release.presentation.templates import template_faults
from fonds.release.presentation.words import read_source, render
from fonds.search.asking import read_date as date_of_search
from fonds.search.asking import read_question
from fonds.search.shelfmarks import read_shelfmark, shelfmark_terms
from fonds.settings import Collection, read_settings
from fonds.sources.importing import import_capture
from fonds.sources.marked.text import edition_of, tei_of
from fonds.sources.publication import read_publication
from fonds.sources.recognition.brackets import find_brackets
from fonds.sources.recognition.dates import find_dates
from fonds.sources.recognition.references import find_shelfmark, read_citation
from fonds.sources.tei import read_tei
from fonds.sources.tei_context import Context
from fonds.sources.tei_dates import iso_as_edtf, w3c_as_edtf
from fonds.sources.written_dates import read_date
from fonds.store.queries import reading
from fonds.store.stored import Kind, read_query, read_value
from fonds.store.syntax import explaining
from fonds.store.turns import at_once
from fonds.web.answers import Answer
from fonds.web.clients import Clients
from fonds.web.codings import choose_coding
from fonds.web.negotiation import negotiate
from fonds.web.preconditions import conditional
from fonds.web.problems import Problem
from fonds.web.sparql_request import read_request
from fonds.workshop import Workshop

ROOT = Path(__file__).parents[2]
_QUERY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        name: How it is called.
        read: Reads, and holds what has to be true of what came of it.
        seeds: Good inputs.
        words: Of its grammar.
        refuses: The errors by which it refuses.
        slow: Whether it takes a second each time.
    """

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...] = ()
    refuses: tuple[type[Exception], ...] = (FondsError, Problem)
    slow: bool = False

    def __str__(self) -> str:
        return self.name

    def try_out(self, data: bytes) -> None:
        """Read an input; what it raises beside its own refusals is a fault of the program."""
        try:
            self.read(data)
        except self.refuses as error:
            assert str(error).strip(), "it refuses without a word"


def _words(text: str) -> tuple[bytes, ...]:
    return tuple(each.encode() for each in text.split())


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()


def _files(pattern: str, most: int = 8, largest: int = 40_000) -> list[bytes]:
    found = sorted(ROOT.glob(pattern), key=lambda path: path.stat().st_size)
    return [path.read_bytes() for path in found if path.stat().st_size <= largest][:most]


def _told(faults: Iterable[Fault]) -> None:
    for each in faults:
        assert each.message.strip(), "a fault without a word"
        assert each.line >= 0, each
        assert "Traceback" not in each.message, each


@cache
def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="fonds-fuzz-"))
    import atexit

    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _publication(*parts: tuple[str, bytes]) -> Path:
    folder = _folder() / "publication"
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in (("fonds.toml", b'title = "T"\nbase = "https://a.example/"\n'), *parts):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _read_publication(*parts: tuple[str, bytes]) -> None:
    folder = _publication(*parts)
    workshop = Workshop()
    try:
        read = read_publication(folder, read_settings(folder), workshop=workshop)
        _told(read.faults)
        list(read.records)
    finally:
        workshop.close()


# ------------------------------------------------------------------------------------------------ documents


def _tei(data: bytes) -> None:
    for documents in ("detect", "file"):
        context = Context(profile=Collection(name="any", documents=documents))  # type: ignore[arg-type]
        for each in read_tei(data, "a.xml", context):
            _told(each.faults)


def _tei_seeds() -> list[bytes]:
    return [
        *_files("data/documents/*.xml"),
        *_files("tests/corpora/*/*.xml"),
        *_files("tests/second/data/documents/*.xml"),
    ]


def _marked(data: bytes) -> None:
    root, faults = tei_of(_text(data), "a.txt")
    _told(faults)
    ElementTree.fromstring(edition_of(root))


def _page(data: bytes) -> None:
    path = _folder() / "page"
    path.write_bytes(data)
    import_capture(path, key=None, today="2026-01-01")


def _pages() -> list[bytes]:
    return [
        *_files("tests/captures/*", 20),
        b"Content-Type: multipart/related; boundary=a\n\n--a\nContent-Type: text/html\n\n<p>x</p>\n--a--\n",
    ]


def _page_of_words(data: bytes) -> None:
    path = _folder() / "about.md"
    path.write_bytes(data)
    source = read_source(path, "about", "en", is_preferred=True)
    if isinstance(source, Fault):
        _told([source])
        return
    rendered = render(source, Names({"about.md": "about"}, frozenset({"q"})), {})
    _told(rendered.faults)
    html = str(rendered.page.html).lower()
    assert "<script" not in html
    assert "javascript:" not in html.replace("javascript:</", "") or 'href="javascript:' not in html


# ------------------------------------------------------------------------------------------------ tables


def _csv(data: bytes) -> None:
    _read_publication(("data/authorities/persons.csv", data))
    _read_publication(("data/records/records.csv", data))


def _tables() -> list[bytes]:
    small = b'key,label,label_ru,other_names,identified\nkhrushchev,"Khrushchev, Nikita","\xd0\xa5",a|b,yes\n'
    records = b"key,title,date,reference code,text\na-1,Letter,1901-03-05,F. 1,\nb-2,=1+1,about 1900,F. 2,\n"
    return [
        small,
        records,
        records.replace(b",", b";"),
        records.decode().encode("utf-16"),
        *_files("tests/tables/data/records/*.csv", 3),
    ]


@cache
def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "records"
    for row in (["key", "title", "date"], ["a-1", "Letter", "1901"], ["b-2", 12.5, True]):
        sheet.append(row)
    sheet.merge_cells("A5:B6")
    made = BytesIO()
    book.save(made)
    return made.getvalue()


_SHEET = "xl/worksheets/sheet1.xml"


def _sheet(data: bytes) -> None:
    """The sheet within a sound workbook: else hardly an input would come past the archive."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(_workbook())) as old, zipfile.ZipFile(made, "w") as new:
        for each in old.infolist():
            new.writestr(each, data if each.filename == _SHEET else old.read(each))
    _xlsx(made.getvalue())


def _sheets() -> list[bytes]:
    with zipfile.ZipFile(BytesIO(_workbook())) as archive:
        return [archive.read(_SHEET)]


def _xlsx(data: bytes) -> None:
    _read_publication(("data/records/records.xlsx", data))


def _settings(data: bytes) -> None:
    read_settings(_publication(("fonds.toml", data)))


# ------------------------------------------------------------------------------------------------ RDF


def _rdf(ending: str) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        folder = _publication((f"data/graphs/a.{ending}", data))
        _told(read_data_graphs(folder, "https://a.example/").faults)

    return read


_TURTLE = b"""@prefix a: <http://a.example/> . a:b a a:c ; a:d "x"@en--ltr, 1.5e0, true ; a:e [ a:f ( 1 2 ) ] .\n<< a:s a:p a:o >> a:q "1"^^a:t ."""
_JSONLD = b"""{"@context": {"@vocab": "http://a.example/", "n": {"@id": "n", "@container": "@list"}}, "@id": "x", "n": [1, {"@value": "a", "@language": "en"}]}"""
_RDFXML = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://a.example/">'
    b'<rdf:Description rdf:about="x"><a:b rdf:parseType="Collection"/></rdf:Description></rdf:RDF>'
)

# ------------------------------------------------------------------------------------------------ what is typed


def _dates(data: bytes) -> None:
    text = _text(data)
    for read in (parse_edtf, from_julian, w3c_as_edtf, iso_as_edtf):
        try:
            found = read(text)
        except (ValueError, FondsError) as error:
            assert type(error) is ValueError or isinstance(error, FondsError), repr(error)
        else:
            if read is parse_edtf:
                spelled_date(text)
                assert found.earliest is None or found.latest is None or found.earliest <= found.latest  # type: ignore[union-attr]
    read_date(text)
    date_of_search(text)
    find_dates(text)


def _shelfmarks(data: bytes) -> None:
    text = _text(data)
    read_shelfmark(text)
    shelfmark_terms([text])
    find_shelfmark(text)
    read_citation(text)
    find_brackets(text)
    point(text)


def _question(data: bytes) -> None:
    read_question(_text(data))


# ------------------------------------------------------------------------------------------------ requests


def _sparql(data: bytes) -> None:
    text = _text(data)
    at_once(reading(text, limit_bytes=_QUERY_BYTES))
    at_once(explaining(text, "error at 1:1: expected x", ()))


def _stored(data: bytes) -> None:
    path = _folder() / "q.rq"
    path.write_bytes(data)
    read_query(path)


def _value(data: bytes) -> None:
    for kind in Kind:
        try:
            read_value(kind, _text(data))
        except ValueError as error:
            assert type(error) is ValueError, repr(error)
            assert str(error), "it refuses without a word"


def _request(data: bytes) -> None:
    head, _, body = data.partition(b"\n")
    for type_ in ("application/x-www-form-urlencoded", "application/sparql-query", _text(head)):
        for method in ("GET", "POST"):
            try:
                read_request(
                    "/sparql", method, type_, head.decode("latin-1").encode("ascii", "replace").decode(), body
                )
            except Problem as problem:
                assert 400 <= problem.status < 500, problem


def _accept(data: bytes) -> None:
    text = data.decode("latin-1")
    found = negotiate(text, DOCUMENT_FORMATS, text)
    assert found is None or found in DOCUMENT_FORMATS
    assert choose_coding(text) in ("", "gzip", "br", "zstd")
    Clients(["10.0.0.0/8"]).of("10.0.0.1", [(b"x-forwarded-for", data)])
    answer = Answer(200, ((b"etag", b'"x"'), (b"last-modified", b"Sun, 06 Nov 1994 08:49:37 GMT")), b"x")
    for name in (b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since"):
        assert conditional(answer, [(name, data)]).status in (200, 304, 412)


def _template(data: bytes) -> None:
    _told(template_faults({"record.html": _text(data)}, Path("templates")))


_QUERIES = [
    b"SELECT * WHERE { ?s ?p ?o . FILTER(?o < 3 && ?s != <http://a.example/#b>) } LIMIT 1",
    b'PREFIX a: <http://a.example/>\nCONSTRUCT { ?s a:b "x"@en } WHERE { GRAPH ?g { ?s a:b+ "\\u0041" } } # end',
    b"DESCRIBE <x> FROM <y>",
    b"ASK { SERVICE <http://a.example/> { ?s ?p ?o } }",
    b"""SELECT (GROUP_CONCAT(?x; separator=",") AS ?y) { VALUES (?x) { ('''a''') ("b") (UNDEF) } BIND(STRUUID() AS ?z) }""",
]

TARGETS = (
    Target(
        "tei",
        _tei,
        _tei_seeds,
        _words(
            "<TEI </TEI> <text> <body> <div> <p> </p> <persName <date when='1964' <note <gap/> xml:id='a' ref='#a' <!ENTITY <!DOCTYPE &amp; "
            "&x; xmlns='' <lb/> <ref target='x'/> <list><item> <table><row><cell> <measure <rs type='x' notBefore='x' calendar='#julian' "
            "<teiHeader> <said who='#a'> <quote> <seg corresp='#x' ana='#y' </div>"
        ),
    ),
    Target(
        "marked text",
        _marked,
        lambda: [
            *_files("tests/unit/sources/marked/**/*.txt"),
            *_files("tests/tables/data/**/*.txt"),
            _MARKED,
        ],
        _words(
            "--- [[ ]] {{ }} [ ] [[Khrushchev|person/khrushchev]] # ## > * _ ~ | key: title: date: note: [date: ] [gap [place: = : @ {~ ~} {-"
        ),
    ),
    Target(
        "saved page",
        _page,
        _pages,
        _words(
            "<html> <p> <br> <table> <td> <!-- --> <script> <style> </p> &#x0; &nbsp; <meta charset=x> WARC/1.0 Content-Type: multipart/related "
            "boundary= Content-Transfer-Encoding: base64 quoted-printable message/rfc822 [1] [handwritten 12.5.1964 Ф. оп. д. [Signed]"
        ),
    ),
    Target(
        "page of words",
        _page_of_words,
        lambda: [
            *_files("pages/*.md"),
            b"# T\n\n[a](javascript:x) <b>x</b> ![p](p.png)\n\n|a|b|\n|-|-|\n|1|2|\n\n```\nx\n```\n",
        ],
        _words(
            "# ## * ** _ ` ``` [a](b) ![a](b) <a> [a]: http://x > | --- 1. - &colon; javascript&#58; data:text/html vbscript: \\"
        ),
    ),
    Target("csv", _csv, _tables, _words('key label , ; \t " "" | yes no person/ = + @ \r \n')),
    Target(
        "sheet",
        _sheet,
        _sheets,
        _words(
            '<row> <c> <v> <f> <is><t> t="s" t="e" t="b" t="n" s="1" s="999" r="A1" r="ZZZZZ9" r="-1" <mergeCell ref="A1:B2"/> '
            'ref="A:A" ref="$A$1:$B$2" ref="1:1" 1e400 nan inf <!DOCTYPE'
        ),
    ),
    Target("workbook", _xlsx, lambda: [_workbook()]),
    Target(
        "settings",
        _settings,
        lambda: [
            *_files("fonds.toml"),
            *_files("tests/*/fonds.toml"),
            *_files("tests/*/publication/fonds.toml"),
        ],
        _words(
            "[limits] [[collections]] [site] title = base = \"x\" 1 -1 inf nan true [] {} 1979-05-27 '''x''' proxies federation store fulltext rights"
        ),
    ),
    Target(
        "turtle",
        _rdf("ttl"),
        lambda: [_TURTLE],
        _words("@prefix @base a [ ] ( ) << >> <<( )>> _:b ^^ @en PREFIX <x> ; , . true 1e1 VERSION"),
    ),
    Target(
        "trig",
        _rdf("trig"),
        lambda: [_TURTLE, b"<http://a.example/g> { <x> <y> <z> }"],
        _words("GRAPH { } [] _:g"),
    ),
    Target(
        "n-quads",
        _rdf("nq"),
        lambda: [
            b'<http://a.example/s> <http://a.example/p> "x"@en <http://a.example/g> .\n_:a <http://a.example/p> _:b .\n'
        ],
        _words('_:a <a:b> ^^<a:b> @en . "x"'),
    ),
    Target(
        "json-ld",
        _rdf("jsonld"),
        lambda: [_JSONLD],
        _words(
            '"@context" "@id" "@type" "@value" "@list" "@set" "@graph" "@reverse" "@included" "@import" "@container" "@json" null [ ] { } "http://x/"'
        ),
    ),
    Target(
        "rdf/xml",
        _rdf("rdf"),
        lambda: [_RDFXML],
        _words(
            "rdf:ID='a' rdf:nodeID='b' rdf:parseType='Resource' xml:base='x' xml:lang='x' <rdf:li> <!ENTITY rdf:datatype='x'"
        ),
    ),
    Target(
        "dates",
        _dates,
        lambda: [
            b"1964-10-16",
            b"1862-06?",
            b"156X-12-25~",
            b"[1667,1668..1670]",
            b"-0044-03-15",
            b"Y-17E7",
            b"2001-21",
            b"1984-06-02?/2004-08~",
            b"../1985",
            b"16 October 1964",
            b"5.III.1901",
            b"about 1900",
            b"P1Y",
            b"--10-16",
            b"24:00:00",
            b"1964-290",
            b"{1960,1961-12}",
            "16 октября 1964 г.".encode(),
            b"den 3. April 1712",
            b"1960s",
            b"between 1900 and 1910",
            b"1st half of the 19th c.",
        ],
        _words("X XX ~ ? % / .. [ ] { } , S Y E - -- 00 13 99 T Z 31 Feb"),
    ),
    Target(
        "shelfmarks",
        _shelfmarks,
        lambda: [
            b"TsKhSD, f. 5, op. 49, d. 758, l. 269, r. 9126",
            "Ф. 5. Оп. 30. Д. 1–12. Л. 3об.".encode(),
            b"HHStA, StK 12/3, fol. 4v-5r",
            b"MS Add. 1234, ff. 1-20",
            b"RGANI f.5 op. 49 [illegible] ll. 12-13 [page missing]",
            b"POINT(1.5 -2)",
        ],
        _words("f. op. d. l. ll. fol. r. v ob. об Ф. Оп. Д. Л. , ; : – - ( ) [ ] No. № POINT( e5"),
    ),
    Target(
        "search",
        _question,
        lambda: [
            b'khrushchev "cuban missile" -castro title:letter date:1964 1964..1966 cuba~ mis* f. 5, op. 49',
            "„письмо“ от:хрущёв".encode(),
        ],
        _words('" -  : ~ * .. title: date: before: „ “ OR AND'),
    ),
    Target(
        "sparql",
        _sparql,
        lambda: [*_QUERIES, *_files("queries/*.rq")],
        _words(
            "SELECT ASK CONSTRUCT DESCRIBE INSERT DATA LOAD SERVICE SILENT PREFIX BASE GRAPH FROM NAMED { } ( ) << >> < > <= # '''  \"\"\" \\u0053 \\U00000053 "
            "?x $x a:b <a> VALUES UNDEF BIND NOW() UUID() fv:matches ^ | / ! EXISTS NOT"
        ),
    ),
    Target(
        "stored query",
        _stored,
        lambda: [*_files("queries/*.rq"), *_files("tests/*/queries/*.rq")],
        _words("# title: description: @param VALUES ?x { } date iri text default:"),
    ),
    Target(
        "value",
        _value,
        lambda: [
            b"1964-10-16",
            b"http://a.example/x",
            b"12",
            b"-1.5",
            b"yes",
            b"person/x",
            b"two words",
            b'"x"@en',
        ],
        _words('< > " \\ @ ^^ { } 1e5'),
    ),
    Target(
        "request",
        _request,
        lambda: [
            b"query=ASK%7B%7D&format=json\nquery=ASK%7B%7D",
            b"default-graph-uri=http%3A%2F%2Fa.example%2F&query=x&output=csv\n",
            b"graph=x:y\nASK {}",
            b"text/plain; charset=utf-8\nx",
        ],
        _words("query= & = %7B %zz %00 update= using-graph-uri= default format= charset= ;"),
    ),
    Target(
        "headers",
        _accept,
        lambda: [
            b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            b'application/ld+json;profile="http://a/ http://b/";q=0.5',
            b"gzip, deflate, br;q=1.0, *;q=0",
            b"<http://a.example/>;q=0.5, <http://b.example/>",
            b'"x", W/"y", *',
            b"Sun, 06 Nov 1994 08:49:37 GMT",
            b"bytes=0-1,2-",
            b"203.0.113.9, 10.0.0.1",
        ],
        _words('*/* text/* ;q= q=0 q=1.0001 , ; = " \\" W/ GMT -0000 +9999'),
    ),
    Target(
        "template",
        _template,
        lambda: [
            b'{% extends "fonds:record.html" %}{% block main %}{{ title }}{% endblock %}',
            b"{% for a in range(3) %}{{ a|upper }}{% if a is defined %}{% endif %}{% endfor %}",
        ],
        _words(
            "{% {{ }} %} {# #} extends include block macro call filter safe autoescape trans pluralize import from set | ( ) [ ] '' is not"
        ),
        slow=True,
    ),
)
"""Every reader, but for those that a served release is needed for: :mod:`tests.fuzz.serving`."""

_MARKED = b"""key: a-1
title: A letter
date: 1901-03-05

---
# Head

A [[Khrushchev|person/khrushchev]] said *that* [on 5 March 1901|date 1901-03-05].

> Quoted.
"""
