"""Templates of a publication: whether they are templates, and use only what the pages that they shadow offer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from io import IOBase
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.ext import InternationalizationExtension
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from fonds.errors import Fault
from fonds.translations import ENGLISH, Translation

PROGRAM = "fonds"
"""What the program's own templates are called with: ``fonds:base.html``."""
DELIMITER = ":"
_HERE = Path(__file__).parents[2] / "web" / "templates"
_MOST_COMPILED = 500
"""Templates that are kept compiled: a preview may come by ever so many of its author's."""
_MOST_LANGUAGES = 16
_ALWAYS = frozenset(
    (
        "range",
        "dict",
        "cycler",
        "joiner",
        "namespace",
        "loop",
        "self",
        "super",
        "caller",
        "varargs",
        "kwargs",
        "_",
        "gettext",
        "ngettext",
        "pgettext",
        "plural_form",
    )
)


def environment(
    loader: jinja2.BaseLoader, translation: Translation = ENGLISH, *, confined: bool = False
) -> jinja2.Environment:
    """Return an environment in which templates are read as the site reads them.

    Args:
        loader: Finds templates.
        translation: The language in which their own words are shown.
        confined: Whether templates may do nothing but show what they are given: a release may come from anywhere, and so may
            the templates in it.
    """
    return (_Confined if confined else _Environment)(
        translation,
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(translation, confined),
    )


class _Compiled(BytecodeCache):
    """Templates as they were compiled for the release before: the next one is opened while requests wait for the interpreter.

    What a template becomes depends on its text and on the language; a filter whose result depends on the release has to be given
    the context, so that it is not called beforehand with what stands in the template.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template what it became."""
        bucket.code = self._found.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template became."""
        if bucket.code is not None:
            if len(self._found) >= _MOST_COMPILED:
                self._found.clear()
            self._found[bucket.key, bucket.checksum] = bucket.code


@lru_cache(_MOST_LANGUAGES)
def _compiled(translation: Translation, confined: bool) -> _Compiled:  # noqa: ARG001  each has its own
    return _Compiled()


class _Environment(jinja2.Environment):
    """Reads templates in one language: messages are translated when a template is compiled, and cost nothing on a page.

    Args:
        translation: The language.
        options: Of Jinja.
    """

    def __init__(self, translation: Translation, **options: Any) -> None:
        super().__init__(**options, extensions=[_Messages])
        self.translation = translation
        self.globals.update(
            {
                "_": translation.gettext,
                "gettext": translation.gettext,
                "ngettext": translation.ngettext,
                "pgettext": lambda context, message: translation.gettext(message, context),
                "plural_form": translation.plural,
            }
        )

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what all templates can use as one dictionary: Jinja's chain of two is walked in Python for each part of a page."""
        return {**self.globals, **(d or {})}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Constants(self.translation).visit(super()._parse(source, name, filename))
        return tree


class _Confined(_Environment, ImmutableSandboxedEnvironment):
    """The same for templates that are not the program's own: no way leads from what they are given to Python, or to files."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Tell whether a template may read an attribute."""
        return not isinstance(obj, _NOT_SHOWN) and super().is_safe_attribute(obj, attr, value)


_NOT_SHOWN = (Path, ModuleType, IOBase, jinja2.Environment, partial)
"""Of such things no template reads anything."""


class _Constants(NodeTransformer):
    """Puts the translation in the place of ``_("…")``."""

    def __init__(self, translation: Translation) -> None:
        self._translation = translation

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  named by Jinja
        message = node.args[0] if len(node.args) == 1 else None
        if isinstance(node.node, nodes.Name) and node.node.name == "_" and isinstance(message, nodes.Const):
            return nodes.Const(self._translation.gettext(message.value), lineno=node.lineno)
        self.generic_visit(node)
        return node


class _Messages(InternationalizationExtension):
    """``{% trans %}``: the words of the translation, with the values between them as any others on a page."""

    def _make_node(  # type: ignore[override]
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        vars_referenced: bool,
        num_called_num: bool,  # noqa: ARG002  Jinja's own signature
    ) -> nodes.Node:
        if not vars_referenced:
            singular, plural = singular.replace("%%", "%"), plural.replace("%%", "%") if plural else None
        translation = self.environment.translation  # type: ignore[attr-defined]
        if plural is None or plural_expr is None:
            return _shown(translation.gettext(singular, context or ""), variables)
        *others, last = (
            _shown(each, variables) for each in translation.forms(singular, plural, context or "")
        )
        node: list[nodes.Node] = [last]
        for number, form in reversed([*enumerate(others)]):
            chosen = nodes.Call(nodes.Name("plural_form", "load"), [plural_expr], [], None, None)
            test = nodes.Compare(chosen, [nodes.Operand("eq", nodes.Const(number))])
            node = [nodes.If(test, [form], [], node)]
        return node[0]


_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def _shown(message: str, variables: Mapping[str, nodes.Expr]) -> nodes.Output:
    """Return a message as a node of a template, with the values where their names stand in it."""
    parts = _PLACEHOLDER.split(message)
    shown: list[nodes.Expr] = []
    for place, part in enumerate(parts):
        if place % 2:
            shown.append(variables[part])
        elif part:
            shown.append(nodes.TemplateData(part.replace("%%", "%") if len(parts) > 1 else part))
    return nodes.Output(shown)


def loader_of(own: Path | None) -> jinja2.BaseLoader:
    """Return what finds templates: the publication's own before the program's, and these also by ``fonds:NAME``."""
    program = jinja2.FileSystemLoader(_HERE)
    found: list[jinja2.BaseLoader] = [jinja2.FileSystemLoader(own)] if own else []
    return jinja2.ChoiceLoader(
        [*found, program, jinja2.PrefixLoader({PROGRAM: program}, delimiter=DELIMITER)]
    )


@cache
def _program() -> Mapping[str, nodes.Template]:
    """Return the program's templates as trees, by name; they are read once."""
    jinja = environment(jinja2.DictLoader({}))
    return {each.name: jinja.parse(each.read_text(encoding="utf-8")) for each in _HERE.glob("*.html")}


@cache
def _filters() -> frozenset[str]:
    """Return the names of filters: those of the engine, and those of the site."""
    used = (each.name for tree in _program().values() for each in tree.find_all(nodes.Filter))
    return frozenset({*used, *environment(jinja2.DictLoader({})).filters})


@cache
def _tests() -> frozenset[str]:
    """Return the names of tests, such as ``defined``."""
    return frozenset(environment(jinja2.DictLoader({})).tests)


@cache
def _undeclared_in_program(name: str) -> set[str]:
    return _undeclared(_program()[name])


def _undeclared(tree: nodes.Template) -> set[str]:
    """Return the names of values that a template uses and does not set; whatever its filters and tests are."""
    jinja = tree.environment
    assert jinja is not None
    for each in tree.find_all((nodes.Filter, nodes.Test)):
        known = jinja.filters if isinstance(each, nodes.Filter) else jinja.tests
        known.setdefault(each.name, _unknown)
    return find_undeclared_variables(tree)


def _unknown(value: object) -> object:
    """Stand for a filter or a test while a template is read; nothing is ever made with it."""
    return value


@dataclass(frozen=True)
class _Reader:
    """Reads templates, each as a tree.

    Attributes:
        own: The texts of the publication's templates, by name.
    """

    own: Mapping[str, str]

    @cached_property
    def jinja(self) -> jinja2.Environment:
        return environment(jinja2.DictLoader(dict(self.own)))

    def tree(self, name: str) -> nodes.Template | None:
        """Return a template by the name that another one uses, None if there is none."""
        prefix, _, rest = name.partition(DELIMITER)
        if prefix == PROGRAM:
            return _program().get(rest)
        return self.jinja.parse(self.own[name]) if name in self.own else _program().get(name)

    def offered(self, name: str) -> frozenset[str]:
        """Return the names of values that a template can use: of one that shadows a page, the page's; of others, any page's."""
        # The base stands around every page, and a page may leave out what it does not need: see `default`.
        of_one = name in _program() and name != "base.html"
        pages = (name, "base.html") if of_one else _program()
        return _ALWAYS.union(*map(_undeclared_in_program, pages))


def template_faults(own: Mapping[str, str], folder: Path) -> Iterator[Fault]:
    """Yield what is wrong in the templates of a publication.

    Args:
        own: Their texts, by name.
        folder: Where they stand.
    """
    reader = _Reader({})
    sound: dict[str, str] = {}
    for name, text in own.items():
        try:
            reader.jinja.parse(text, name)
            sound[name] = text
        except jinja2.TemplateSyntaxError as error:
            yield Fault(str(folder / name), error.lineno, 0, f"is no template of Jinja: {error.message}")
        except RecursionError:
            yield Fault(str(folder / name), 1, 0, "is no template that can be read: it is nested too deep")
    reader = _Reader(sound)
    for name in sound:
        for line, message in _wrong_in(name, reader):
            yield Fault(str(folder / name), line, 0, message)


def _wrong_in(name: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    tree = reader.tree(name)
    if tree is None:
        return
    yield from _wrong_templates(tree, name, reader)
    yield from _wrong_filters(tree)
    yield from _wrong_blocks(tree, name, reader)
    yield from _wrong_names(tree, name, reader)
    for each in tree.find_all((nodes.Filter, nodes.ScopedEvalContextModifier)):
        if not isinstance(each, nodes.Filter) or each.name == "safe":
            message = "writes something as it is, without escaping it; what the data say is never written so"
            yield each.lineno, message
    for found in tree.find_all(nodes.Getattr):
        if found.attr.startswith("_"):
            yield (
                found.lineno,
                f"reads “{found.attr}”: what begins with an underscore is no value for templates",
            )


def _wrong_templates(tree: nodes.Template, name: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    for each in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        other = getattr(each, "template", None)
        if not isinstance(other, nodes.Const) or not isinstance(other.value, str):
            yield (
                each.lineno,
                "names a template that is not known beforehand; write its name in quotation marks",
            )
        elif other.value == name:
            yield each.lineno, f'is made of itself; the program\'s own is "{PROGRAM}{DELIMITER}{name}"'
        elif reader.tree(other.value) is None:
            near = difflib.get_close_matches(other.value, [*reader.own, *_program()], n=1)
            yield each.lineno, f'there is no template "{other.value}"{_meant(near)}'


def _wrong_filters(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for kind, node, known in (("filter", nodes.Filter, _filters()), ("test", nodes.Test, _tests())):
        for each in tree.find_all(node):
            if each.name not in known:
                near = difflib.get_close_matches(each.name, known, n=1)
                yield each.lineno, f'there is no {kind} "{each.name}"{_meant(near)}'


def _wrong_blocks(tree: nodes.Template, name: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    """Yield blocks of a template that extends another one and has no such block: they would never be shown."""
    above = _blocks_above(tree, name, reader)
    if above is None:
        return
    for each in tree.body:
        if isinstance(each, nodes.Block) and each.name not in above:
            known = ", ".join(sorted(above))
            yield (
                each.lineno,
                f'nothing above has a block "{each.name}", so it would not be shown; there are {known}',
            )


def _blocks_above(tree: nodes.Template, name: str, reader: _Reader) -> set[str] | None:
    """Return the names of the blocks in all templates that one extends; None where it extends none."""
    found: set[str] | None = None
    seen = {name}
    while parent := tree.find(nodes.Extends):
        other = getattr(parent.template, "value", None)
        above = reader.tree(other) if isinstance(other, str) and other not in seen else None
        if above is None or other is None:
            return found
        seen.add(other)
        found = (found or set()) | {each.name for each in above.find_all(nodes.Block)}
        tree = above
    return found


def _wrong_names(tree: nodes.Template, name: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    offered = reader.offered(name)
    for missing in sorted(_undeclared(tree) - offered):
        lines = [
            each.lineno for each in tree.find_all(nodes.Name) if each.name == missing and each.ctx == "load"
        ]
        near = difflib.get_close_matches(missing, offered, n=1)
        yield min(lines, default=0), f'no value is called "{missing}" here{_meant(near)}'


def _meant(near: list[str]) -> str:
    return f'; did you mean "{near[0]}"?' if near else ""
