"""Saved pages of many kinds into a publication: captures as they were, drafts that build, nothing overwritten."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Store, Variable

from fonds.errors import BuildError, SourceError
from fonds.model import BlockKind, Record
from fonds.release.build_report import stopping
from fonds.release.publication import build_publication, check_publication
from fonds.settings import Settings
from fonds.sources.importing import import_capture, keep
from fonds.sources.publication import read_publication

CAPTURES = Path(__file__).parents[2] / "captures"
TODAY = "2026-11-27"
PAGES = [
    "memorandum.txt",
    "nota.txt",
    "record-page.txt",
    "brief.html",
    "zapis.html",
    "telegram.warc",
    "letter.mhtml",
    "cable.html",
    "carta.html",
    "dnevnik.txt",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty publication."""
    place = tmp_path / "publication"
    place.mkdir()
    (place / "fonds.toml").write_text('title = "Pages"\n')
    return place


def imported(path: Path, folder: Path, **options: Any) -> Path:
    return keep(import_capture(path, key=options.pop("key", None), today=TODAY, **options), folder)


@pytest.fixture(scope="module")
def all_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of all pages."""
    place = tmp_path_factory.mktemp("pages")
    (place / "fonds.toml").write_text('title = "Pages"\n')
    for name in PAGES:
        imported(CAPTURES / name, place)
    return place


@pytest.fixture(scope="module")
def records(all_pages: Path) -> Mapping[str, Record]:
    read = read_publication(all_pages, Settings())
    assert read.faults == ()
    return {record.key: record for record in read.records}


def rows(folder: Path) -> Iterator[Mapping[str, str]]:
    with (folder / "data/captures/register.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def kinds(record: Record) -> str:
    letters = {
        BlockKind.OPENER: "o",
        BlockKind.HEADING: "h",
        BlockKind.PARAGRAPH: "p",
        BlockKind.CLOSER: "c",
        BlockKind.NOTE: "n",
    }
    return "".join(letters[block.kind] for block in record.text.blocks)


# -- what comes of each page ------------------------------------------------------------------------------------------


def test_drafts_of_all_pages_pass_the_check_of_a_publication(all_pages: Path) -> None:
    assert stopping(check_publication(all_pages)) == []


@pytest.mark.parametrize(
    ("key", "language", "title", "created", "shelfmark", "blocks"),
    [
        (
            "memorandum",
            "en",
            "MEMORANDUM OF CONVERSATION: THE GRAIN SHIPMENTS",
            "1959-03-04",
            "Altwasser State Archives, Record Group 17, Box 112, Folder 9",
            "oohooppppccnn",
        ),
        (
            "nota",
            "es",
            "Nota de la conversación con el compañero Pérez Ruiz",
            "1962-05-03",
            "РГАСПИ, ф. 495, оп. 12, д. 7, лл. 3–5",
            "ooohpppcnn",
        ),
        (
            "record-page",
            "en",
            "Telegram from the Embassy in Norland",
            "1961-10-03",
            "Central State Archive (TsDA), F. 1-B, Op. 64, a.e. 279, reel 12, ll. 4-6",
            "ooooppcnc",
        ),
        (
            "brief",
            "de",
            "Brief an die Schwester",
            None,
            "Stadtarchiv Altwasser, Best. 12, Nr. 3, Bl. 7",
            "oppcccn",
        ),
        (
            "zapis",
            "ru",
            "Запись беседы с послом Норландии",
            "1957-01-14",
            "Архив внешней политики, фонд 104, опись 19, папка 119, дело 3, лл. 12–15",
            "ooopppcnn",
        ),
        (
            "telegram",
            "en",
            "Telegram from the Legation in Varn",
            "1948-07-09~",
            "National Archives of Norland, Record Group 4, Box 7",
            "oooppcn",
        ),
        ("letter", "fr", "Lettre de Paul", None, None, "hopc"),
        (
            "cable",
            "en",
            "Cable 512, Legation Varn to Foreign Office",
            "1951-02-14",
            "NL-NA, Series 4, Vol. 12, fol. 33r",
            "hoooooppc",
        ),
        (
            "carta",
            "es",
            "Carta del cónsul al ministro",
            "1938-06-02",
            "Archivo General de Norlandia, Fondo Exteriores, Legajo 45, Expediente 7",
            "hoopppccn",
        ),
        (
            "dnevnik",
            "ru",
            "ЗАПИСЬ БЕСЕДЫ",
            "1962-08-10",
            "АВП НР. Ф. 104. Оп. 18. П. 121. Д. 3. Л. 1–3",
            "ooooohoopppccn",
        ),
    ],
)
def test_what_a_page_says_is_found(
    records: Mapping[str, Record],
    key: str,
    language: str,
    title: str,
    created: str | None,
    shelfmark: str | None,
    blocks: str,
) -> None:
    record = records[key]
    assert (record.text.language, record.title.text) == (language, title)
    assert (record.created.date.edtf if record.created else None) == created
    assert (record.shelfmark, kinds(record)) == (shelfmark, blocks)


@pytest.mark.parametrize(
    ("key", "gaps"),
    [
        ("memorandum", ["redacted/word/2/2", "damage/line/-/-", "redacted/line/3/3", "-/-/-/-"]),
        ("nota", ["illegible/word/3/3", "-/line/1/1", "illegible/-/-/-"]),
        ("record-page", ["illegible/line/-/-", "damage/-/-/-"]),
        ("brief", ["illegible/word/2/2", "faded/-/-/-"]),
        ("zapis", ["illegible/word/1/1", "redacted/line/2/2"]),
        ("telegram", ["garbled/line/-/-", "-/-/-/-"]),
        ("letter", ["illegible/word/1/1"]),
        ("cable", ["garbled/-/-/-", "garbled/-/-/-"]),
        ("carta", ["damage/-/-/-", "deleted/word/2/2"]),
        ("dnevnik", ["illegible/line/3/3"]),
    ],
)
def test_gaps_are_what_their_words_say_in_every_language(
    records: Mapping[str, Record], key: str, gaps: list[str]
) -> None:
    found = records[key].text.gaps
    assert [
        f"{gap.cause or '-'}/{gap.unit or '-'}/{gap.at_least or '-'}/{gap.at_most or '-'}" for gap in found
    ] == gaps


@pytest.mark.parametrize(
    ("key", "notes"),
    [
        (
            "memorandum",
            [
                ("signature-block", "J. Hollis", ""),
                ("handwritten-note", "Seen. Reply by cable. 9/3/59", "in the left margin"),
                ("stamp", "RECEIVED REGISTRY No. 0457", ""),
            ],
        ),
        (
            "nota",
            [
                ("editorial-note", "en el original ruso la frase no termina.", ""),
                ("signature-block", "(firmado) V. Sokolov", ""),
                ("handwritten-note", "Al archivo. 11.05.62", "al margen"),
                ("stamp", "DESCLASIFICADO", ""),
            ],
        ),
        (
            "zapis",
            [
                ("signature-block", "Подпись: И. Орлов", ""),
                ("handwritten-note", "Ознакомлен. 16.I.57", "в левом верхнем углу"),
                ("footnote", "[1] Записка не обнаружена.", ""),
            ],
        ),
    ],
)
def test_notes_stamps_and_signatures_are_told_apart(
    records: Mapping[str, Record], key: str, notes: list[tuple[str, str, str]]
) -> None:
    assert [(note.type, note.words, note.place) for note in records[key].text.notes] == notes


def test_numbers_and_languages_are_as_the_page_gives_them(records: Mapping[str, Record]) -> None:
    numbers = {
        key: [(each.type, each.value) for each in record.identifiers] for key, record in records.items()
    }
    assert numbers["memorandum"] == [("copy-number", "Copy No. 4"), ("register-number", "No. 0457")]
    assert numbers["record-page"] == [
        ("microfilm-reel", "reel 12"),
        ("leaf", "ll. 4-6"),
        ("register-number", "Ref. No. 1180/61"),
    ]
    versions = {
        key: [(each.language, each.role) for each in record.versions] for key, record in records.items()
    }
    assert versions["nota"] == [("ru", "original"), ("es", "translation")]
    assert versions["record-page"] == [("bg", "original"), ("en", "translation")]


def test_positions_count_in_the_text_that_is_kept(all_pages: Path, records: Mapping[str, Record]) -> None:
    for record in records.values():
        assert record.capture is not None
        text = (all_pages / record.capture.path).read_text(encoding="utf-8")
        for gap in record.text.gaps:
            assert gap.span is not None
            assert " ".join(text[gap.span.start : gap.span.end].split()) == gap.words


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_every_page_is_kept_byte_for_byte_and_registered(all_pages: Path) -> None:
    kept = {row["sha256"]: row for row in rows(all_pages)}
    for name in PAGES:
        source = (CAPTURES / name).read_bytes()
        row = kept[hashlib.sha256(source).hexdigest()]
        assert (all_pages / "data/captures" / row["file"]).read_bytes() == source
        assert (row["file"].partition(".")[0], int(row["size_bytes"])) == (row["sha256"][:16], len(source))


def test_the_text_of_a_page_that_is_no_plain_text_is_a_capture_of_its_own(folder: Path) -> None:
    imported(CAPTURES / "telegram.warc", folder)
    page, text = rows(folder)
    assert (page["media_type"], text["media_type"]) == ("application/warc", "text/plain;charset=utf-8")
    assert (
        page["note"]
        == "Saved page as it was supplied, saved from https://norland.example/telegrams/88, on 2019-06-11."
    )
    assert page["file"] in text["note"]
    assert (page["taken_from"], text["taken_from"]) == ("", page["sha256"])
    (record,) = read_publication(folder, Settings()).records
    assert record.capture is not None
    assert record.capture.taken_from is not None
    assert record.capture.taken_from.sha256 == page["sha256"]


def test_a_register_without_the_column_for_it_gets_one(folder: Path) -> None:
    register = folder / "data/captures/register.csv"
    register.parent.mkdir(parents=True)
    (register.parent / "old.txt").write_bytes(b"words")
    old = hashlib.sha256(b"words").hexdigest()
    register.write_text(f'file,sha256,media_type,note\nold.txt,{old},text/plain,"a, b"\n')
    imported(CAPTURES / "telegram.warc", folder)
    assert [(row["note"][:4], bool(row["taken_from"])) for row in rows(folder)] == [
        ("a, b", False),
        ("Save", False),
        ("Text", True),
    ]
    assert read_publication(folder, Settings()).faults == ()


def test_the_register_that_is_there_keeps_its_columns_and_its_rows(folder: Path) -> None:
    register = folder / "data/captures/register.csv"
    register.parent.mkdir(parents=True)
    content = b"words"
    (register.parent / "old.txt").write_bytes(content)
    before = f"file,sha256,media_type\r\nold.txt,{hashlib.sha256(content).hexdigest()},text/plain"
    register.write_text(before, newline="")
    imported(CAPTURES / "nota.txt", folder)
    written = register.read_bytes().decode()
    assert written.startswith(before + "\r\n")
    assert len(written.splitlines()) == 3
    assert read_publication(folder, Settings()).faults == ()


def test_text_in_another_character_set_is_kept_as_it_is_and_its_words_beside_it(
    folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "alt.txt"
    page.write_bytes("Он сказал нам, что это не так и не будет так.".encode("cp1251"))
    imported(page, folder, charset="windows-1251")
    assert [row["media_type"] for row in rows(folder)] == [
        "text/plain;charset=windows-1251",
        "text/plain;charset=utf-8",
    ]
    assert read_publication(folder, Settings()).faults == ()


# -- what is refused --------------------------------------------------------------------------------------------------


def faults_of(error: pytest.ExceptionInfo[BuildError]) -> str:
    return " | ".join(map(str, error.value.faults))


def test_a_capture_that_has_an_edition_is_refused_and_nothing_is_written(folder: Path) -> None:
    imported(CAPTURES / "nota.txt", folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(BuildError) as error:
        imported(CAPTURES / "nota.txt", folder, key="another")
    assert "data/documents/nota.xml: is an edition of this capture already" in faults_of(error)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "there", ["data/documents/nota.xml", "data/documents/other.xml", "data/register.csv"]
)
def test_a_key_that_is_there_is_refused(folder: Path, there: str) -> None:
    content = (
        "kind,key,minted,status\nrecord,nota,2026-01-01,withdrawn\n"
        if there.endswith("csv")
        else '<TEI xml:id="nota"/>'
    )
    (folder / there).parent.mkdir(parents=True)
    (folder / there).write_text(content)
    with pytest.raises(BuildError) as error:
        imported(CAPTURES / "nota.txt", folder)
    assert "the key 'nota' is there already" in faults_of(error)
    assert not (folder / "data/captures").exists()


@pytest.mark.parametrize("key", ["Nota", "../x", "a b", "", "1961-05", "p1", "capture"])
def test_a_key_that_is_none_is_refused(folder: Path, key: str) -> None:
    with pytest.raises(SourceError, match="--key: found"):
        imported(CAPTURES / "nota.txt", folder, key=key)


def test_a_folder_that_is_no_publication_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="name one with --into"):
        imported(CAPTURES / "nota.txt", tmp_path)


def test_captures_that_lead_out_of_the_publication_are_refused(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "data").mkdir()
    (folder / "data/captures").symlink_to(outside)
    with pytest.raises(SourceError, match="leads out of"):
        imported(CAPTURES / "nota.txt", folder)
    assert list(outside.iterdir()) == []


def test_a_file_of_fifty_megabytes_is_refused_and_one_beyond_the_limit_is_not_even_read(
    tmp_path: Path,
) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"words and words " * (50 * 65536))
    with pytest.raises(SourceError, match="at most 8,388,608 are read as one document"):
        import_capture(large, key=None, today=TODAY)
    with large.open("r+b") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(SourceError, match="has 68,157,440 bytes; at most 67,108,864 are read"):
        import_capture(large, key=None, today=TODAY)


@pytest.mark.parametrize(("name", "message"), [("none", "no such file"), (".", "is no file")])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        import_capture(tmp_path / name, key=None, today=TODAY)


@pytest.mark.parametrize(
    ("name", "key"),
    [("stamp.txt", "record-stamp"), ("148c27.html.txt", "record-148c27"), ("Ünder Way.txt", "under-way")],
)
def test_a_name_that_can_be_no_identifier_gives_one_that_can(tmp_path: Path, name: str, key: str) -> None:
    page = tmp_path / name
    shutil.copy(CAPTURES / "nota.txt", page)
    assert import_capture(page, key=None, today=TODAY).draft.key == key


def test_a_name_without_letters_gives_a_key_of_the_hash(tmp_path: Path) -> None:
    page = tmp_path / "148-2797.txt"
    shutil.copy(CAPTURES / "nota.txt", page)
    key = import_capture(page, key=None, today=TODAY).draft.key
    assert key == f"record-{hashlib.sha256(page.read_bytes()).hexdigest()[:8]}"


def test_the_same_page_gives_the_same_draft() -> None:
    first, second = (import_capture(CAPTURES / "zapis.html", key=None, today=TODAY) for _ in range(2))
    assert first == second


def test_a_release_says_from_which_file_the_words_were_taken(folder: Path) -> None:
    imported(CAPTURES / "telegram.warc", folder)
    store = Store.read_only(str(build_publication(folder, base="https://a.example/").store))
    page, text = rows(folder)
    asked = """
        PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT ?text ?format { ?text prov:wasDerivedFrom ?file . ?file dcterms:format ?format }
    """
    subject = {Variable("text"): NamedNode(f"https://a.example/id/capture/{text['sha256'][:16]}")}
    found = {row["format"].value for row in store.query(asked, substitutions=subject)}  # type: ignore[union-attr]
    assert found == {"text/html", "application/warc"}
    assert page["media_type"] == "application/warc"
