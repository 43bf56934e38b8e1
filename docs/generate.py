"""Write the pages that follow from the code: ``docs/settings.md``, ``docs/commands.md``,
``docs/ontology.md``, ``docs/shapes.md``, the columns in ``docs/tables.md``, the keys in ``docs/report.md`` with their schema, and drawings.

Run ``.venv/bin/python docs/generate.py`` after a change of settings, commands, terms or shapes; a test fails until it is done.
"""

from __future__ import annotations

import ast
import csv
import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec

import fonds.settings
from fonds.cli import main
from fonds.drawing.explained import draw_model, draw_reference
from fonds.isadg import Element, Level, elements, levels
from fonds.release import build_report
from fonds.release.build_report import BuildReport
from fonds.settings import Collection, Settings
from fonds.shapes import load_shapes
from fonds.shapes.catalogue import NAMESPACE as SHAPES
from fonds.sources.tables import SPELLINGS
from fonds.vocabulary import FV, PREFIXES, program_ontology

FOLDER = Path(__file__).parent
_BY = "<!-- Made by docs/generate.py; edit {source} instead. -->\n\n"


def settings_page() -> str:
    """Return the reference of ``fonds.toml``, from the docstrings of :mod:`fonds.settings`."""
    described = _docstrings(inspect.getsource(fonds.settings))
    parts = [
        _BY.format(source="the docstrings of src/fonds/settings.py"),
        "# Settings\n\n",
        "A publication is a folder with a `fonds.toml`. Every key has a default, so the smallest file is an empty one. "
        "An unknown key or a wrong value is an error that names its line; `fonds check` shows all of them.\n\n",
        _table(Settings, described),
    ]
    for field in msgspec.structs.fields(Settings):
        if isinstance(field.default, msgspec.Struct):
            kind = type(field.default)
            parts += [f"\n## [{field.name}]\n\n{inspect.getdoc(kind)}\n\n", _table(kind, described)]
    parts += [f"\n## [[collections]]\n\n{inspect.getdoc(Collection)}\n\n", _table(Collection, described)]
    return "".join(parts)


def commands_page() -> str:
    """Return the reference of the command ``fonds``, from its own help texts."""
    parts = [
        _BY.format(source="the help texts in src/fonds/cli.py and src/fonds/commands"),
        "# Commands\n\n",
        "`make serve` puts the command `fonds` into `.venv/bin`. Exit status: 0 done; 1 faults were found, each told with file "
        "and line, and nothing was changed; 2 the command line itself is wrong; 130 it was interrupted, and nothing was changed.\n",
    ]
    for name, command in _commands(main):
        context = click.Context(
            command,
            info_name=f"fonds {name}",
            max_content_width=100,
            terminal_width=100,
            help_option_names=["-h", "--help"],
        )
        parts.append(f"\n## fonds {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "".join(parts)


def _commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield the commands of a group by name, those of a group within it after it."""
    for name, command in sorted(group.commands.items()):
        yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")


def ontology_page() -> str:
    """Return the reference of the program's own ontology, from ``ontology/fonds.csv``."""
    parts = [
        _BY.format(source="ontology/fonds.csv"),
        "# Ontology\n\n",
        f"What CIDOC CRM has no term for: prefix `fv`, namespace `{PREFIXES['fv']}`, the same in every publication and "
        "served by each at `/ns`.\n",
    ]
    for kind, heading in (
        ("class", "Classes"),
        ("property", "Properties"),
        ("scheme", "Schemes"),
        ("concept", "Concepts"),
    ):
        parts.append(f"\n## {heading}\n\n| term | narrower than, or in | what it means |\n|---|---|---|\n")
        parts += [
            f"| `{_short(row['iri'])}` | {_terms(row['broader'])} | {row['definition']} |\n"
            for row in _ontology()
            if row["kind"] == kind
        ]
    return "".join(parts)


def shapes_page() -> str:
    """Return the reference of the shapes, from what the files of ``ontology/shapes`` say of themselves."""
    parts = [
        _BY.format(source="ontology/shapes"),
        "# Shapes\n\n",
        "What must hold of everything that is published. Every build holds each record, with what it names, against these "
        "shapes, and the finished store against the few that need all of it. A violation stops the build, with the file and the "
        "line that caused it; a warning stands in `report.ttl` of the release.\n\n"
        "The shapes are SHACL, in `ontology/shapes/description` (of a record or a table's row, with its neighbours), "
        "`ontology/shapes/source` (of the graph of a record alone; the program has none) and, as SPARQL, "
        "`ontology/shapes/store`; what SHACL cannot say is held by the program (`src/fonds/shapes/rules.py`). A publication "
        f"adds shapes of its own in `ontology/shapes` of its folder. A shape's IRI is its name behind `{SHAPES}`.\n\n"
        "| | shape | severity | what holds | how to mend it |\n|---|---|---|---|---|\n",
    ]
    parts += [
        f"| {each.order} | `{each.name}` | {each.severity.lower()} | {each.description} | {each.mending} |\n"
        for each in load_shapes().catalogue.values()
    ]
    return "".join(parts)


def tables_page() -> str:
    """Return the page on tables: its text as it stands, then the columns and levels from ``ontology``."""
    mark = "<!-- Made by"
    written, _, rest = (FOLDER / "tables.md").read_text(encoding="utf-8").partition(mark)
    parts = [
        written,
        mark,
        rest.partition("\n")[0],
        "\n\n| ISAD(G) | what it is | Dublin Core, RiC-O | names of the column |\n|---|---|---|---|\n",
    ]
    parts += [
        f"| {each.number or '–'} | {_described(each)} | {_said_by(each)} | {_listed(each.spellings)} |\n"
        for each in elements().values()
    ]
    parts.append("\n| level | what the row is | names |\n|---|---|---|\n")
    parts += [
        f"| `{each.key}` | {'a record' if each.form == 'record' else _unit(each)} | {_listed(each.spellings)} |\n"
        for each in levels().values()
    ]
    parts.append("\n| column of a table of authorities | other names |\n|---|---|\n")
    parts += [f"| `{each}` | {_listed(names)} |\n" for each, names in SPELLINGS.items()]
    return "".join(parts)


def marked_text_page() -> str:
    """Return the page on marked texts with the kinds and stances of statements in it, from ``ontology/fonds.csv``."""
    first, last = (
        "<!-- Made by docs/generate.py from ontology/fonds.csv: statements -->\n",
        "<!-- end: statements -->",
    )
    written = (FOLDER / "marked-text.md").read_text(encoding="utf-8")
    before, _, rest = written.partition(first)
    _, _, after = rest.partition(last)
    rows = list(_ontology())
    made = [first]
    for scheme, called in (("kinds", "kind"), ("stances", "stance")):
        made.append(f"\n| {called} | the words |\n|---|---|\n")
        members = (row for row in rows if row["broader"] == f"{FV.iri}{scheme}")
        keys = (
            (row["iri"].removeprefix(FV.iri).removeprefix("stance-"), row["definition"]) for row in members
        )
        made += [
            f"| `{key}` | {definition[:1].lower()}{definition[1:].rstrip('.')} |\n"
            for key, definition in sorted(keys)
        ]
    return f"{before}{''.join(made)}\n{last}{after}"


def report_page() -> str:
    """Return the page on the report of a build: its text as it stands, then the keys, from :mod:`fonds.release.build_report`."""
    mark = "<!-- Made by"
    written, _, rest = (FOLDER / "report.md").read_text(encoding="utf-8").partition(mark)
    described = _docstrings(inspect.getsource(build_report))
    parts = [written, mark, rest.partition("\n")[0], "\n\n", _keys(BuildReport, described)]
    for struct in (
        build_report.Records,
        build_report.Dates,
        build_report.Names,
        build_report.Authorities,
        build_report.Total,
        build_report.Told,
        build_report.Words,
    ):
        parts += [f"\n### {struct.__name__}\n\n{inspect.getdoc(struct)}\n\n", _keys(struct, described)]
    return "".join(parts)


def _keys(struct: type[msgspec.Struct], described: dict[tuple[str, str], str]) -> str:
    rows = "".join(
        f"| `{field.name}` | {described[struct.__name__, field.name]} |\n"
        for field in msgspec.structs.fields(struct)
    )
    return f"| key | what it says |\n|---|---|\n{rows}"


def report_schema() -> str:
    """Return the JSON Schema of the report of a build."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(BuildReport)
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _described(element: Element) -> str:
    return (
        f"{element.name}: {element.meaning}"
        if element.meaning and element.meaning != element.name
        else element.name
    )


def _said_by(element: Element) -> str:
    terms = [f"dcterms:{element.dcterms}"] if element.dcterms else []
    terms += [f"rico:{element.rico}"] if element.rico else []
    return ", ".join(f"`{each}`" for each in terms) or "–"


def _unit(level: Level) -> str:
    class_ = "crm:E22_Human-Made_Object" if level.form == "file" else "crm:E78_Curated_Holding"
    return f"a unit, `{class_}`" + (f", `rst:{level.record_set_type}`" if level.record_set_type else "")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)


PAGES = {
    "marked-text.md": marked_text_page,
    "tables.md": tables_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
    "ontology.md": ontology_page,
    "shapes.md": shapes_page,
    "report.md": report_page,
    "report.schema.json": report_schema,
    "images/model.svg": lambda: f"{draw_model()}\n",
    "images/levels.svg": lambda: f"{draw_reference()}\n",
}


def _ontology() -> Iterator[dict[str, str]]:
    with (program_ontology() / "fonds.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _terms(cell: str) -> str:
    return ", ".join(f"`{_short(iri)}`" for iri in cell.split()) or "–"


def _short(iri: str) -> str:
    prefix = next((each for each, start in PREFIXES.items() if iri.startswith(start)), None)
    return f"{prefix}:{iri.removeprefix(PREFIXES[prefix])}" if prefix else iri


def _table(struct: type[msgspec.Struct], described: dict[tuple[str, str], str]) -> str:
    rows = ["| key | default | what it says |\n|---|---|---|\n"]
    for field in msgspec.structs.fields(struct):
        if not isinstance(field.default, msgspec.Struct):
            default = field.default
            if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
                default = field.default_factory()
            rows.append(
                f"| `{field.name}` | {_shown(default)} | {described[struct.__name__, field.name]} |\n"
            )
    return "".join(rows)


def _shown(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case int() if value >= 1024 and value % 1024 == 0:
            return (
                f"`{value}` ({value // 1024**2} MiB)"
                if value % 1024**2 == 0
                else f"`{value}` ({value // 1024} KiB)"
            )
        case tuple():
            return f"`{list(value)}`".replace("'", '"')
        case str():
            shown = f'"{value}"'
        case dict():
            shown = "{" + ", ".join(f'"{key}" = "{each}"' for key, each in value.items()) + "}"
        case _:
            shown = str(value)
    return f"`{shown}`"


def _docstrings(source: str) -> dict[tuple[str, str], str]:
    """Return the text below each attribute, by class and attribute."""
    found = {}
    for class_ in ast.walk(ast.parse(source)):
        if not isinstance(class_, ast.ClassDef):
            continue
        for attribute, below in zip(class_.body, class_.body[1:], strict=False):
            match attribute, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[class_.name, name] = " ".join(text.replace("``", "`").split())
    return found


if __name__ == "__main__":
    for page, written in PAGES.items():
        (FOLDER / page).write_text(written(), encoding="utf-8")
