"""Templates of a publication: what would break a page, or never be shown, is told before anybody sees it."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from fonds.release.presentation import templates
from fonds.release.presentation.templates import environment, loader_of, template_faults
from fonds.translations import translation

HERE = Path("templates")


def told(**texts: str) -> list[str]:
    named = {f"{name}.html": text for name, text in texts.items()}
    return [str(each) for each in template_faults(named, HERE)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "base",
            '{% extends "fonds:base.html" %}{% block footer %}{{ settings.publisher }}{{ super() }}{% endblock %}',
        ),
        (
            "home",
            '{% extends "base.html" %}{% block main %}{% for kind, label, n in counts %}{{ n|number }}{% endfor %}{% endblock %}',
        ),
        (
            "record",
            '{% extends "fonds:record.html" %}{% block main %}{% block mine %}{{ record }}{% endblock %}{% endblock %}',
        ),
        ("strip", "{{ settings.title }}{% if cite is defined %}{{ cite }}{% endif %}"),
        ("home", '{% extends "base.html" %}{% block main %}{% include "strip.html" %}{% endblock %}'),
    ],
)
def test_a_template_that_uses_what_there_is_is_taken(name: str, text: str) -> None:
    assert told(**{name: text}, **({"strip": "x"} if name != "strip" else {})) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a\n{% if %}",
            "templates/home.html:2: is no template of Jinja: Expected an expression, got 'end of statement block'",
        ),
        (
            '{% extends "bass.html" %}',
            'templates/home.html:1: there is no template "bass.html"; did you mean "base.html"?',
        ),
        (
            '{% extends "home.html" %}',
            'templates/home.html:1: is made of itself; the program\'s own is "fonds:home.html"',
        ),
        ("{% extends settings %}", "templates/home.html:1: names a template that is not known beforehand"),
        ("\n{{ 1|nummer }}", 'templates/home.html:2: there is no filter "nummer"; did you mean "number"?'),
        ("{{ 1 is evenly }}", 'templates/home.html:1: there is no test "evenly"'),
        (
            '{% extends "fonds:home.html" %}\n{% block footr %}{% endblock %}',
            'templates/home.html:2: nothing above has a block "footr", so it would not be shown; there are data, description,',
        ),
        ("\n\n{{ newst }}", 'templates/home.html:3: no value is called "newst" here; did you mean "newest"?'),
        ("{{ record }}", 'templates/home.html:1: no value is called "record" here'),
        ("\n{% autoescape false %}x{% endautoescape %}", "templates/home.html:2: writes something as it is"),
        ("{{ settings.title | safe }}", "templates/home.html:1: writes something as it is"),
    ],
)
def test_a_template_that_would_fail_is_told_with_its_line(text: str, message: str) -> None:
    found = told(home=text)
    assert len(found) == 1
    assert found[0].startswith(message)


def test_the_programs_own_templates_are_sound_by_the_same_rules() -> None:
    folder = Path(__file__).parents[4] / "src/fonds/web/templates"
    own = {each.name: each.read_text(encoding="utf-8") for each in folder.glob("*.html")}
    assert len(own) > 15
    assert [str(each) for each in template_faults(own, folder)] == []


def test_a_template_shadows_the_programs_which_stays_to_be_had(tmp_path: Path) -> None:
    (tmp_path / "problem.html").write_text('{% extends "fonds:problem.html" %}', encoding="utf-8")
    loader = loader_of(tmp_path)
    jinja = environment(loader)
    own = loader.get_source(jinja, "problem.html")[0]
    assert own == '{% extends "fonds:problem.html" %}'
    assert loader.get_source(jinja, "fonds:problem.html")[0] != own
    with pytest.raises(jinja2.TemplateNotFound):
        loader.get_source(jinja, "../../settings.py")


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ ''['__cla' ~ 'ss__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ function.__globals__ }}",
    "{{ function|attr('__globals__') }}",
    "{{ ([function]|map(attribute='__globals__')|first).keys() }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(function) }}",
    "{{ '{x.__class__}'.format_map({'x': function}) }}",
    "{{ folder.unlink() }}",
    "{{ folder.parent.read_text() }}",
    "{{ held.append(1) }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_of_a_release_reaches_neither_python_nor_files(tmp_path: Path, text: str) -> None:
    """A release may come from anywhere: who serves it does not run what somebody wrote into it."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    held: list[int] = []
    jinja = environment(jinja2.DictLoader({"a.html": text}), confined=True)
    with pytest.raises((jinja2.exceptions.SecurityError, jinja2.UndefinedError)):
        jinja.get_template("a.html").render(function=lambda: 1, folder=secret, held=held)
    assert secret.read_text() == "secret"
    assert held == []


def test_confined_templates_show_what_they_are_given() -> None:
    jinja = environment(
        jinja2.DictLoader({"a.html": "{% for a in b %}{{ a.name }}{{ f(a.name) }}{% endfor %}"}),
        confined=True,
    )
    text = jinja.get_template("a.html").render(b=[{"name": "<x>"}], f=str.upper)
    assert text == "&lt;x&gt;&lt;X&gt;"


def compiled(jinja: jinja2.Environment, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Show the names of templates that an environment compiles from now on."""
    found: list[str] = []
    compile_ = jinja.compile

    def noted(source: str, name: str, filename: str) -> object:
        found.append(name)
        return compile_(source, name, filename)

    monkeypatch.setattr(jinja, "compile", noted)
    return found


@pytest.mark.parametrize(
    ("text", "language", "confined", "again"),
    [
        ("{{ 'a'|mine }} 1", "en", False, []),
        ("{{ 'a'|mine }} 2", "en", False, ["a.html"]),
        ("{{ 'a'|mine }} 1", "ru", False, ["a.html"]),
        ("{{ 'a'|mine }} 1", "en", True, ["a.html"]),
    ],
)
def test_a_template_is_compiled_once_for_all_releases_and_anew_where_it_would_be_another(
    monkeypatch: pytest.MonkeyPatch, text: str, language: str, confined: bool, again: list[str]
) -> None:
    def opened(release: str, text: str, language: str, *, confined: bool) -> jinja2.Environment:
        made = environment(jinja2.DictLoader({"a.html": text}), translation(language), confined=confined)
        made.filters["mine"] = jinja2.pass_context(lambda _, value: f"{value} of {release}")
        return made

    first = opened("first", "{{ 'a'|mine }} 1", "en", confined=False)
    assert first.get_template("a.html").render() == "a of first 1"
    second = opened("second", text, language, confined=confined)
    names = compiled(second, monkeypatch)
    assert second.get_template("a.html").render() == f"a of second {text[-1]}"
    assert names == again


def test_templates_that_are_kept_compiled_are_not_ever_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_MOST_COMPILED", 5)
    kept = environment(jinja2.DictLoader({})).bytecode_cache
    assert isinstance(kept, templates._Compiled)
    for number in range(12):
        text = f"{{{{ a }}}} {number}"
        made = environment(jinja2.DictLoader({"a.html": text})).get_template("a.html")
        assert made.render(a=1) == f"1 {number}"
        assert len(kept._found) <= 5


def test_a_build_refuses_what_begins_with_an_underscore(tmp_path: Path) -> None:
    (fault,) = template_faults({"mine.html": "\n{{ root.__class__ }}"}, tmp_path)
    assert "underscore" in fault.message
    assert fault.line == 2
