"""Words of the program in other languages: catalogues that lack nothing, plural forms, dates, numbers, templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import jinja2
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import fonds
from fonds.release.presentation.templates import environment
from fonds.translations import (
    ENGLISH,
    SOURCE,
    Translation,
    gettext,
    in_own_language,
    languages,
    ngettext,
    said,
    speaking,
    translation,
)
from fonds.translations.__main__ import KEYWORDS, messages, path_of
from fonds.web.wording import counted, grouped, size_in_words, spelled_date

CODE = Path(fonds.__file__).parent
OTHERS = [each for each in languages() if each != SOURCE]
PLACEHOLDERS = re.compile(r"%\(\w+\)s|\{\w*\}")
TAGS = re.compile(r"</?[a-z]+[^>]*>")


def strings(of: str | Iterable[str] | None) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of or ())


def literal_messages(path: Path) -> Iterator[str]:
    """Yield the messages that stand in a file, as Python itself reads it."""
    for call in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute):
            name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
            words = call.args[1:] if name == "pgettext" else call.args
            if name in KEYWORDS:
                yield from (
                    it.value for it in words if isinstance(it, ast.Constant) and isinstance(it.value, str)
                )


@pytest.fixture(scope="module")
def extracted() -> Catalog:
    """What code and templates say."""
    return messages()


@pytest.fixture(params=OTHERS)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with path_of(request.param).open("rb") as file:
        return read_po(file, locale=request.param)


def keys(catalogue: Catalog) -> set[tuple[str | None, str | tuple[str, ...]]]:
    return {
        (each.context, each.id if isinstance(each.id, str) else tuple(each.id))
        for each in catalogue
        if each.id
    }


def test_there_are_catalogues_beside_english() -> None:
    assert set(OTHERS) == {"ru", "es"}
    with pytest.raises(LookupError):
        translation("xx")


def test_a_catalogue_has_every_message_and_no_other(catalogue: Catalog, extracted: Catalog) -> None:
    """``python -m fonds.translations`` adds what is missing and takes out what is obsolete."""
    assert len(keys(extracted)) > 500
    assert keys(catalogue) == keys(extracted)
    assert not catalogue.obsolete


def test_every_message_in_code_is_taken_out(extracted: Catalog) -> None:
    """Those in f-strings are not, before Python 3.12: they have to stand before them."""
    taken = {form for each in extracted for form in strings(each.id)}
    found = [message for path in CODE.rglob("*.py") for message in literal_messages(path)]
    assert len(found) > 300
    assert [each for each in found if each not in taken] == []


def test_nothing_in_a_catalogue_is_empty_or_fuzzy(catalogue: Catalog) -> None:
    faulty = [
        each.id for each in catalogue if each.id and (each.fuzzy or not all(strings(each.string) or ("",)))
    ]
    assert faulty == []


def test_every_message_has_as_many_plural_forms_as_its_language(catalogue: Catalog) -> None:
    wrong = [
        each.id
        for each in catalogue
        if each.id and len(strings(each.string)) != (1 if isinstance(each.id, str) else catalogue.num_plurals)
    ]
    assert wrong == []


def test_translations_have_the_placeholders_and_the_markup_of_their_message(catalogue: Catalog) -> None:
    wrong = []
    for each in catalogue:
        for own in strings(each.string) if each.id else ():
            sources = strings(each.id)
            for pattern in (PLACEHOLDERS, TAGS):
                allowed = [sorted(set(pattern.findall(source))) for source in sources]
                if sorted(set(pattern.findall(own))) not in allowed:
                    wrong.append((each.id, own))
            # A quotation mark or a sign of HTML would end what it stands in.
            if set(TAGS.sub("", own)) & set("<>&") - set("".join(sources)):
                wrong.append((each.id, own))
    assert wrong == []


def test_a_catalogue_says_that_nobody_has_reviewed_it(catalogue: Catalog) -> None:
    assert "UNREVIEWED" in catalogue.header_comment
    assert not translation(str(catalogue.locale)).is_reviewed
    assert ENGLISH.is_reviewed


@pytest.mark.parametrize(
    ("number", "russian"),
    [(1, "документ"), (2, "документа"), (5, "документов"), (11, "документов"), (21, "документ"),
     (22, "документа"), (111, "документов"), (0, "документов")],
)  # fmt: skip
def test_russian_has_three_plural_forms(number: int, russian: str) -> None:
    with speaking(translation("ru")):
        assert counted("record", number) == russian
    assert counted("record", number) == ("record" if number == 1 else "records")


def test_a_language_is_spoken_until_the_block_ends() -> None:
    with speaking(translation("es")):
        with speaking(translation("ru")):
            assert gettext("Search") == "Поиск"
        assert gettext("Search") == "Búsqueda"
    assert gettext("Search") == "Search"
    assert ngettext("record", "records", 2) == "records"


def test_what_has_no_translation_stays_english() -> None:
    it = Translation("ru", {"one": "один"})
    assert (it.gettext("one"), it.gettext("two")) == ("один", "two")
    assert it.ngettext("{number} thing", "{number} things", 5) == "{number} things"


@pytest.mark.parametrize(
    ("language", "day", "month", "about", "number", "size"),
    [
        ("ru", "27 октября 1964\u202fг.", "октябрь 1964\u202fг.", "около 29 декабря 1964\u202fг.", "12\u00a0345", "48,2 кБ"),
        ("es", "27 de octubre de 1964", "octubre de 1964", "hacia 29 de diciembre de 1964", "12.345", "48,2 kB"),
        ("en", "27 October 1964", "October 1964", "about 29 December 1964", "12\u202f345", "48.2 kB"),
    ],
)  # fmt: skip
def test_dates_and_numbers_are_written_as_a_language_has_them(
    language: str, day: str, month: str, about: str, number: str, size: str
) -> None:
    with speaking(translation(language)):
        assert spelled_date("1964-10-27") == day
        assert spelled_date("1964-10") == month
        assert spelled_date("1964-12-29~") == about
        assert spelled_date("1964") == "1964"
        assert spelled_date("not a date") == "not a date"
        assert grouped(12_345) == number
        assert size_in_words(48_211) == size


def test_a_sentence_is_english_and_keeps_what_it_takes_to_translate_it() -> None:
    hint = said(" Did you mean one of these?")
    sentence = said("There is nothing at {path}.{hint}", path="{x}", hint=hint)
    assert sentence == "There is nothing at {x}. Did you mean one of these?"
    with speaking(translation("ru")):
        assert in_own_language(sentence) == "По адресу {x} ничего нет. Может быть, что-то из этого?"
        assert in_own_language("said by somebody else") == "said by somebody else"


# ------------------------------------------------------------------------------------------------ templates


MARKED = Translation(
    "ru",
    {
        "Search": "<Поиск>",
        "%(who)s writes": "пишет %(who)s",
        "%(number)s unit": ("%(number)s единица", "%(number)s единицы", "%(number)s единиц"),
        "verb\x04Search": "Найти",
        "100%": "сто",
    },
    lambda number: 0 if number == 1 else 1 if number < 5 else 2,
)


def rendered(template: str, it: Translation, **values: object) -> str:
    return (
        environment(jinja2.DictLoader({"page.html": template}), it).get_template("page.html").render(**values)
    )


@pytest.mark.parametrize(
    ("it", "number", "expected"),
    [
        (ENGLISH, 1, "1 unit"),
        (ENGLISH, 0, "0 units"),
        (MARKED, 1, "1 единица"),
        (MARKED, 3, "3 единицы"),
        (MARKED, 7, "7 единиц"),
    ],
)
def test_templates_choose_the_plural_form(it: Translation, number: int, expected: str) -> None:
    template = "{% trans n=n, number=n %}{{ number }} unit{% pluralize n %}{{ number }} units{% endtrans %}"
    assert rendered(template, it, n=number) == expected


def test_messages_of_templates_are_translated_and_escaped() -> None:
    assert rendered('{{ _("Search") }}', MARKED) == "&lt;Поиск&gt;"
    assert rendered('{{ _("Search")|upper if x else _("Other") }}', MARKED, x=False) == "Other"
    assert rendered('{% trans "verb" %}Search{% endtrans %}', MARKED) == "Найти"
    assert rendered("{% trans %}100%{% endtrans %}", MARKED) == "сто"
    assert rendered("{% trans %}100%{% endtrans %}", ENGLISH) == "100%"


def test_values_between_translated_words_are_escaped() -> None:
    template = "{% trans who=who %}{{ who }} writes{% endtrans %}"
    assert rendered(template, MARKED, who="<script>%(who)s") == "пишет &lt;script&gt;%(who)s"
    assert rendered(template, ENGLISH, who="<b>") == "&lt;b&gt; writes"


def test_months_on_drawings_are_those_of_the_page() -> None:
    from fonds.drawing.periods import MONTH, Unit

    day = date(1964, 10, 16).toordinal()
    assert MONTH.part(day).label == "October 1964"
    with speaking(translation("ru")):
        assert MONTH.part(day).label == "октябрь 1964\u202fг."
        assert Unit("year", 5).label == "5 лет"
    assert MONTH.part(day).label == "October 1964"
