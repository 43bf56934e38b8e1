"""The documents are true: what they show runs, and what there is stands in them."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from fonds.cli import main
from fonds.drawing.explained import draw_model
from fonds.formats import DOCUMENT_FORMATS, RDF_FORMATS, RESULT_FORMATS
from fonds.identifiers import Kind
from fonds.settings import Settings
from fonds.vocabulary import NAMESPACES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SHOWN_AT = "http://127.0.0.1:8000/"


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language, from the heading “Ask it” on."""
    asked = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Ask it")[2]
    return re.findall(rf"```{language}\n(.*?)```", asked, re.S)


@pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed (Debian: apt-get install curl)"
)
@pytest.mark.parametrize("line", "".join(blocks("sh")).splitlines(), ids=lambda line: line.split()[-1])
def test_a_line_of_the_readme_for_the_shell_runs(line: str, own_site: Any, tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text("fail\nsilent\nshow-error\nnoproxy = *\n")
    done = subprocess.run(
        ["bash", "-c", line.replace(SHOWN_AT, own_site.url)],
        capture_output=True,
        text=True,
        check=False,
        env={"CURL_HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Guevara" in done.stdout


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.split()[1])
def test_a_block_of_the_readme_for_python_prints_what_it_says(code: str, own_site: Any) -> None:
    said = re.findall(r"^print\(.*  # (.*)$", code, re.M)
    assert said
    done = subprocess.run(
        [sys.executable, "-c", code.replace(SHOWN_AT, own_site.url)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.splitlines(), done.stderr) == (said, "")


def test_the_readme_shows_curl_rdflib_and_sparqlwrapper() -> None:
    assert len("".join(blocks("sh")).splitlines()) + len(blocks("python")) == 7
    assert {code.split()[1] for code in blocks("python")} == {"rdflib", "SPARQLWrapper"}


def generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "page",
    [
        "settings.md",
        "commands.md",
        "ontology.md",
        "tables.md",
        "report.md",
        "report.schema.json",
        "images/model.svg",
        "images/levels.svg",
    ],
)
def test_a_page_made_from_the_code_is_current(page: str) -> None:
    made: str = generator().PAGES[page]()
    assert (DOCS / page).read_text(encoding="utf-8") == made, "run .venv/bin/python docs/generate.py"


def test_every_setting_has_a_line() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    structs = [
        Settings,
        *(
            type(field.default)
            for field in msgspec.structs.fields(Settings)
            if isinstance(field.default, msgspec.Struct)
        ),
    ]
    keys = [
        field.name
        for each in structs
        for field in msgspec.structs.fields(each)
        if not isinstance(field.default, msgspec.Struct)
    ]
    assert [key for key in keys if f"| `{key}` |" not in page] == []


def test_every_command_and_every_option_has_a_line() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    missing = [name for name in main.commands if f"## fonds {name}\n" not in page]
    options = {
        option
        for command in main.commands.values()
        for each in command.params
        for option in each.opts
        if option.startswith("--")
    }
    assert missing + sorted(option for option in options if option not in page) == []


def test_every_address_has_a_line() -> None:
    from fonds.web.reconcile import ADDRESSES
    from fonds.web.routes import ROUTES

    page = (DOCS / "addresses.md").read_text(encoding="utf-8")
    endings = tuple(f".{each.ending}" for each in DOCUMENT_FORMATS)
    paths = {rule.partition("<")[0] for rule, _ in ROUTES if not rule.endswith(endings)} | {"/sparql"}
    paths |= {re.sub("(entity|property|type)$", "{what}", each) for each in ADDRESSES}
    assert sorted(path for path in paths if f"`{path}" not in page) == []


def test_every_kind_of_thing_and_every_format_has_a_line() -> None:
    page = (DOCS / "addresses.md").read_text(encoding="utf-8")
    types = {type_ for each in DOCUMENT_FORMATS for type_ in (each.media_type, *each.also)} - {
        "application/xhtml+xml"
    }
    wanted = [
        *(f"`{kind}`" for kind in Kind),
        *(f"`{each.ending}`" for each in DOCUMENT_FORMATS),
        *(f"`{type_}`" for type_ in types),
    ]
    assert [each for each in wanted if each not in page] == []
    assert [
        each.name
        for each in (*RDF_FORMATS, *RESULT_FORMATS)
        if each.media_type.rpartition("+")[2] not in page
    ] == []


def test_every_term_that_the_model_page_names_is_one_that_we_write() -> None:
    help_ = ROOT / "src/fonds/web/help"
    table = (help_ / "questions.md").read_text(encoding="utf-8")
    drawn = re.sub(r"([a-z]+:[A-Z][\w.-]*|[a-z]+:[a-z_]\w*)", r"`\1`", draw_model())
    page = (DOCS / "model.md").read_text(encoding="utf-8") + table + drawn
    assert "`crm:E31_Document`" in drawn
    spaces = {
        each.prefix: {term.value.removeprefix(each.iri) for term in each.terms.values()}
        for each in NAMESPACES
    }
    named = re.findall(r"`([a-z]+):([A-Za-z][\w.-]*)`", page)
    assert len(named) > 50
    assert [
        f"{prefix}:{term}" for prefix, term in named if prefix in spaces and term not in spaces[prefix]
    ] == []


def test_every_document_is_reached_from_the_index_and_no_link_is_dead() -> None:
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    listed = set(re.findall(r"^([a-z-]+)$", (DOCS / "index.md").read_text(encoding="utf-8"), re.M))
    assert listed == pages
    linked = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [target for target in linked if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("lock", sorted(each.name for each in ROOT.glob("requirements*.lock")))
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert packages
    assert [each.split()[0] for each in packages if "--hash=sha256:" not in each] == []


def test_the_locks_hold_everything_that_pyproject_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = asked["dependency-groups"]
    wanted = {
        "requirements.lock": [*asked["project"]["dependencies"], *groups["build"]],
        "requirements-dev.lock": [
            each for name, group in groups.items() for each in group if name not in ("fuzz", "audit")
        ],
        "requirements-fuzz.lock": groups["fuzz"],
        "requirements-audit.lock": groups["audit"],
    }
    for lock, requirements in wanted.items():
        names = {re.split(r"[^A-Za-z0-9.-]", each)[0].lower() for each in requirements}
        locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.M))
        assert sorted(names - locked) == [], f"{lock} is behind pyproject.toml; run make lock"


def test_both_locks_hold_what_serves_to_the_same_versions() -> None:
    served, all_ = (
        dict(re.findall(r"^([a-z0-9.-]+)==([^ ;]+)", (ROOT / lock).read_text(encoding="utf-8"), re.M))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert served.items() <= all_.items()


def test_licence_and_readme_say_that_the_capture_is_not_ours() -> None:
    for name in ("LICENSE", "README.md"):
        text = " ".join((ROOT / name).read_text(encoding="utf-8").replace("**", "").split())
        assert "not ours to license" in text
        assert "data/captures/" in text


def test_every_defence_is_held_by_tests_that_there_are() -> None:
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 60
    for row in rows:
        held_by = re.findall(r"`([\w/]+\.py)::(\w+)`", row.split("|")[-2])
        assert held_by, f"no test holds: {row[:90]}"
        for file, name in held_by:
            path = ROOT / "tests" / file
            assert path.is_file(), file
            assert f"def {name}(" in path.read_text(encoding="utf-8"), f"{file} has no {name}"
