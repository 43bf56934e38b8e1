"""What archivists ask of a publisher, in fifteen lines, each with the tests that show it; EAD3 is left for later.

Most of it is tested where it is made, so here stands which test shows which line, and that these tests are there. What no other test
shows is tested below, with a house that writes Spanish.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LINES: dict[str, tuple[str, ...]] = {
    "1 `fonds new` and `fonds serve` show a page, without a network": (
        "unit/test_beginning.py::test_a_new_publication_builds_and_its_pages_are_shown",
        "test_tutorial.py::test_every_command_runs_and_says_what_is_shown",
    ),
    "2 a spreadsheet row and a text file describe a document; no RDF, no XML": (
        "test_tutorial.py::test_the_letter_of_the_page_has_its_page_and_is_found",
        "unit/sources/marked/test_marked.py::test_everything_that_is_wrong_is_told_at_once",
    ),
    "3 `fonds check` tells of all problems: file, row, column, found, allowed, example; status 1; changes nothing": (
        "unit/test_check.py::test_all_that_is_wrong_is_told_in_one_go_with_file_row_and_column",
        "unit/test_check.py::test_each_problem_says_what_is_allowed_gives_an_example_and_leads_to_a_heading",
        "unit/test_check.py::test_every_rule_leads_to_a_heading_of_the_documents",
        "unit/test_check.py::test_the_exit_status_is_one_and_nothing_is_changed",
        "unit/sources/marked/test_marked.py::test_what_is_told_of_a_marked_text_has_its_own_words_and_a_column",
    ),
    "4 shelfmarks of several schemes, with worked examples": (
        "unit/test_beginning.py::test_a_new_publication_is_without_fault_and_without_warning",
        "unit/test_beginning.py::test_the_page_on_beginning_shows_the_shelfmarks_as_they_are",
        "unit/search/test_shelfmarks.py::test_boxes_and_folders",
    ),
    "5 dates as day, month, year, range, before and after, uncertain; the message says how to write them": (
        "test_how_tos.py::test_dates_mean_what_the_page_on_dates_says",
        "unit/sources/test_written_dates.py::test_a_usual_form_is_read",
        "unit/sources/test_written_dates.py::test_what_could_mean_two_things_or_nothing_is_not_read",
    ),
    "6 unknown people are candidates with the nearest known names; nothing is matched in silence": (
        "unit/test_check.py::test_unknown_people_are_told_with_the_nearest_known_names_and_matched_to_nobody",
        "conformance/test_reconciliation.py::test_lists_are_apart_until_somebody_decides_and_the_pair_is_offered",
        "browser/test_openrefine.py::test_a_column_is_matched_held_against_another_one_and_gives_new_columns",
    ),
    "7 rights of original, edition and data are explained; how much is shown is one field": (
        "unit/test_beginning.py::test_each_decision_has_a_note_and_the_rights_are_all_explained",
        "unit/texts/test_published.py::test_an_excerpt_lets_no_other_word_out",
        "conformance/test_archivists.py::test_the_rights_of_an_original_are_those_of_its_unit_where_it_states_none",
    ),
    "8 gaps and notes in a plain markup on one page": (
        "test_how_tos.py::test_a_page_is_followed_and_comes_to_what_it_says",
        "unit/release/test_exporting.py::test_the_first_record_goes_to_csv_and_text_and_from_there_to_tei_and_is_the_same",
    ),
    "9 identifiers are minted once and kept; a changed or reused one is refused; merging and withdrawing are commands": (
        "unit/test_cli.py::test_build_writes_new_identifiers_into_the_register_once",
        "unit/sources/test_register.py::test_an_identifier_that_would_be_lost_is_a_fault",
        "unit/sources/test_register.py::test_what_was_given_up_and_is_back_is_a_fault",
        "conformance/test_identity_over_time.py::test_what_was_withdrawn_is_gone_and_says_so_in_every_format",
    ),
    "10 history and errata come from the releases and a file of changes": (
        "unit/web/test_history.py::test_each_thing_knows_what_became_of_it",
        "unit/web/test_history.py::test_errata_are_a_list_and_a_table",
    ),
    "11 a static site that works from any web server; all links resolve": (
        "conformance/test_static_site.py::test_every_link_leads_to_a_file_whatever_serves_it",
        "conformance/test_static_site.py::test_the_bytes_are_those_of_the_living_site",
    ),
    "12 out as CSV, TEI, Turtle, CMIF; our own export gives the same data": (
        "unit/release/test_exporting.py::test_a_publication_of_tables_says_the_same_after_an_export",
        "unit/release/test_exporting.py::test_what_csv_and_text_have_no_words_for_stays_tei_and_is_told_with_its_line",
        "unit/release/test_exporting.py::test_a_file_of_rdf_holds_what_the_release_holds",
        "second/test_cmif.py::test_letters_of_a_table_are_an_index",
        "conformance/test_archivists.py::test_letters_and_languages_are_the_same_after_an_export",
    ),
    "13 name, logo, colours, languages, address and contact are settings; nothing names the program that should not": (
        "presentation/test_shown.py::test_a_page_says_nothing_of_the_program_or_its_first_record",
        "presentation/test_shown.py::test_the_about_page_says_whose_the_data_are",
    ),
    "14 the folder is the backup": (
        "unit/release/test_exporting.py::test_a_publication_is_restored_from_its_folder_alone",
    ),
    "15 a path from scan and transcript to a published record, followed": (
        "test_tutorial.py::test_the_example_can_be_taken_out_as_the_page_says",
        "test_tutorial.py::test_a_text_as_word_saves_it_is_told",
    ),
}


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("line", LINES)
def test_each_line_is_shown_by_tests_that_are_there(line: str) -> None:
    for each in LINES[line]:
        path, _, name = each.partition("::")
        assert name in names_in(path), each


COLUMNS = "clave,level,parent,signatura,title_es,title_en,fecha,productor,destinatario,sent from,lengua,text,reproduction,repository"
ROWS = (
    "caja-4,fondo,,Caja 4,Cartas,Letters,1936,,,,español,,Dominio público,group/archivo",
    'carta-1,unidad documental,caja-4,"Caja 4, núm. 1",Carta,A letter,5 de marzo de 1936,person/aldana,Bernabé,'
    "place/teruel,español,data/texts/carta-1.marked.txt,,",
    'carta-2,unidad documental,caja-4,"Caja 4, núm. 2",Otra,Another,1936~,person/aldana,,,español,,In copyright,',
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication in Spanish: letters in a table, people with definitions in two languages."""
    folder = tmp_path_factory.mktemp("archive") / "mine"
    (folder / "data/authorities").mkdir(parents=True)
    (folder / "data/texts").mkdir()
    (folder / "fonds.toml").write_text('title = "Archivo"\nlanguages = ["es", "en"]\n', encoding="utf-8")
    (folder / "data/records.csv").write_text("\n".join((COLUMNS, *ROWS)) + "\n", encoding="utf-8")
    for name, table in {
        "persons": "key,label,definition,definition_en\naldana,Remedios Aldana,Maestra.,A teacher.\n",
        "groups": "key,label,form\narchivo,Archivo Municipal,corporate body\n",
        "places": "key,label_es\nteruel,Teruel\n",
    }.items():
        (folder / f"data/authorities/{name}.csv").write_text(table, encoding="utf-8")
    (folder / "data/texts/carta-1.marked.txt").write_text(
        "Querido {Bernabé | person}: {[rota] | gap torn 3 letters}\n\n@signed\n{Remedios | person/aldana}\n",
        encoding="utf-8",
    )
    return folder


def test_what_is_written_in_the_language_of_the_house_is_without_fault_and_warning(archive: Path) -> None:
    from fonds.release.publication import check_publication

    report = check_publication(archive, jobs=1)
    assert report.told == ()
    assert (report.records.languages, report.dates.records) == ({"es": 2}, {"day": 1, "year": 1})


@pytest.mark.parametrize("form", ["csv", "tei"])
def test_letters_and_languages_are_the_same_after_an_export(archive: Path, form: str, tmp_path: Path) -> None:
    from contextlib import closing

    from fonds.release.exporting import export_sources
    from fonds.settings import read_settings
    from fonds.sources.publication import read_publication
    from fonds.workshop import Workshop

    export_sources(archive, "csv" if form == "csv" else "tei", tmp_path / "out", lambda _: None)
    found = []
    for folder in (archive, tmp_path / "out"):
        with closing(Workshop()) as workshop:
            publication = read_publication(folder, read_settings(folder), workshop=workshop)
            records = {each.key: publication.records.fetch(each) for each in publication.records.filed}
            found.append(
                (
                    {
                        key: (each.title, each.correspondence[:1] and each.correspondence[0].actors)
                        for key, each in records.items()
                    },
                    {
                        str(key): (each.definition, each.translations, each.language)
                        for key, each in publication.authorities.items()
                    },
                )
            )
    assert found[0] == found[1]


@pytest.mark.thorough
def test_the_rights_of_an_original_are_those_of_its_unit_where_it_states_none(
    archive: Path, tmp_path: Path
) -> None:
    from fonds.release.publication import build_publication
    from fonds.web import create_app
    from tests.conftest import opened
    from tests.unit.web.conftest import asker

    release = build_publication(archive, into=tmp_path / "releases")
    with opened(release, prefixes={}) as store:
        ask = asker(create_app(release, store, release.manifest.settings))
        pages = {key: ask(f"/doc/record/{key}", "text/html").text for key in ("carta-1", "carta-2")}
        person = ask("/doc/person/aldana.nt").text
    assert "<dt>In the original</dt><dd>Dominio público" in pages["carta-1"]
    assert "<dt>In the original</dt><dd>In copyright" in pages["carta-2"]
    assert '"Maestra."@es' in person
    assert '"A teacher."@en' in person
