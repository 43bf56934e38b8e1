"""The head of a marked text: a line for each thing that is said of the document, above the line ``---``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import NamedTuple

from lxml import etree

from fonds.sources.marked.spans import (
    PLAIN_DATE,
    NotSaidError,
    attributes_of,
    common_words,
    date_words,
    in_tei,
    in_words,
    leftover_words,
    set_line,
    sorted_out,
)
from fonds.sources.marked.words import Refuse, Told, fill, written
from fonds.sources.xml import XML_ID, XML_LANG, words_of


class Field(NamedTuple):
    """One thing that a head can say.

    Attributes:
        path: Where its element stands, from ``teiHeader``, with the attributes of the elements above it that are fixed.
        tag: The element.
        fixed: Its fixed attributes.
        pointing: The attribute that points; empty: it points nowhere.
        argument: The attribute that is written behind the name: ``content #s01: …``.
        says: What it says, for the documents.
    """

    path: str
    tag: str
    fixed: Mapping[str, str] = {}
    pointing: str = "ref"
    argument: str = ""
    says: str = ""


_TITLES, _SOURCE = "fileDesc/titleStmt", "fileDesc/sourceDesc"
_ID, _DESC = f"{_SOURCE}/msDesc/msIdentifier", f"{_SOURCE}/msDesc"
_CAPTURE = f"{_SOURCE}/bibl[@type='capture']"
_PRACTICE = "encodingDesc/editorialDecl"

_FURNITURE = f"{_PRACTICE}/p/list[@type='furniture'][@source='#capture']"

FIELDS: Mapping[str, Field] = {
    "title": Field(_TITLES, "title", says="its title"),
    "cited as": Field(_TITLES, "title", {"type": "citation"}, says="its title as the citation gives it"),
    "short title": Field(_TITLES, "title", {"type": "short"}, says="a short title, for lists"),
    "author": Field(_TITLES, "author", says="who wrote it: O. Weiss | person/weiss"),
    "funder": Field(_TITLES, "funder", says="who paid for the edition"),
    "publisher": Field("fileDesc/publicationStmt", "publisher", says="who published the edition"),
    "rights": Field("fileDesc/publicationStmt/availability[@status='unknown']", "p", says="whose the words are"),
    "licence": Field("fileDesc/publicationStmt/availability", "licence", pointing="target", says="the licence of the words"),
    "ground": Field("fileDesc/notesStmt", "note", {"type": "ground"}, argument="target", says="why you think so, of what has that name"),
    "content": Field("fileDesc/notesStmt", "note", {"type": "content"}, argument="target", says="what a statement says, in a sentence"),
    "caution": Field("fileDesc/notesStmt", "note", {"type": "caution"}, argument="target", says="what a reader of a statement must know"),
    "remark": Field("fileDesc/notesStmt", "note", says="anything else"),
    "capture": Field(_CAPTURE, "idno", {"type": "sha256"}, says="the SHA-256 of the file from which the words were taken"),
    "date on the page": Field(_CAPTURE, "date", {"type": "shown-by-the-page"}, says="a date that the captured page shows"),
    "not held": Field(_CAPTURE, "note", {"type": "format-not-held"}, says="a media type in which the page is offered and not held"),
    "citation": Field(_SOURCE, "bibl", {"type": "citation"}, says="how the source says that it is to be cited"),
    "part of": Field(f"{_SOURCE}/bibl[@type='document']", "relatedItem", {"type": "host"}, "target", says="the work of which it is a part"),
    "repository": Field(_ID, "repository", says="the archive"),
    "unit": Field(_ID, "collection", says="a unit of the archive, the highest first"),
    "number": Field(_ID, "idno", says="the number of the lowest unit"),
    "leaf": Field(f"{_ID}/altIdentifier[@type='leaf']", "idno", says="the leaf"),
    "reel": Field(f"{_ID}/altIdentifier[@type='reel']", "idno", says="the reel of a film"),
    "copy": Field(f"{_ID}/altIdentifier[@type='copy']", "idno", says="the number of the copy"),
    "register number": Field(f"{_ID}/altIdentifier[@type='register']", "idno", says="the number in a register"),
    "document date": Field(f"{_DESC}/msContents/msItem", "docDate", says="the date on the paper"),
    "original language": Field(f"{_DESC}/msContents/msItem", "textLang", {}, "", "mainLang", "the language of the original"),
    "condition": Field(f"{_DESC}/physDesc/objectDesc/supportDesc/condition", "p", says="the state of the paper"),
    "additions": Field(f"{_DESC}/physDesc/additions", "p", says="stamps and notes on the paper"),
    "custody": Field(f"{_DESC}/history", "provenance", {}, "corresp", "ana", "what happened to it: custody type/filing: …"),
    "project": Field("encodingDesc/projectDesc", "p", says="how the edition came about"),
    "correction": Field(f"{_PRACTICE}/correction", "p", says="what was corrected"),
    "quotation": Field(f"{_PRACTICE}/quotation[@marks='all']", "p", says="how quotation marks are treated"),
    "normalization": Field(f"{_PRACTICE}/normalization", "p", says="what was made uniform"),
    "practice": Field(_PRACTICE, "p", says="what else was done to the words"),
    "left out": Field(_FURNITURE, "item", says="words of the capture that are not transcribed"),
    "abstract": Field("profileDesc/abstract", "p", says="a summary"),
    "created": Field("profileDesc/creation", "date", says="when it was written: March 1901 | 1901-03"),
    "written at": Field("profileDesc/creation", "placeName", says="where it was written"),
    "language": Field("profileDesc/langUsage", "language", {}, "ana", "ident", "a language version: language ru: not held | type/original"),
    "form": Field("profileDesc/textClass/keywords", "term", {"type": "form"}, says="what kind of document it is"),
    "classification": Field("profileDesc/textClass/keywords", "term", {"type": "classification"}, says="its degree of secrecy"),
    "subject": Field("profileDesc/textClass/keywords", "term", {"type": "subject"}, says="what it is about"),
    "keyword": Field("profileDesc/textClass/keywords", "term", says="a word to file it under"),
    "person": Field("profileDesc/particDesc/person", "persName", says="who takes part: O. Weiss | person/weiss role=recorder"),
    "office": Field("profileDesc/particDesc/person", "occupation", {}, "", says="an office of the person above: | role/minister 1964"),
    "event": Field("profileDesc/settingDesc", "setting", {}, "corresp", says="what it documents: | event/talks who=person/weiss"),
    "event place": Field("profileDesc/settingDesc/setting", "name", {"type": "place"}, says="where that was"),
    "event date": Field("profileDesc/settingDesc/setting", "date", says="when that was"),
    "event kind": Field("profileDesc/settingDesc/setting", "activity", {}, "ana", says="what kind of event it was"),
    "change": Field("revisionDesc", "change", {}, "", "when", "what was done to the edition, and when"),
}  # fmt: skip
"""What a head can say, in the order in which it is written."""

LINKS = {
    "holder": "whose stance a statement has, if not the speaker's: holder: #s08 group/cuban-leadership",
    "nested-speaker": "whose words the speaker reports",
    "loss": "which gaps cut into a statement: loss: #s25 #g2",
    "stated": "what the text itself relates: stated: event/a crm:P11_had_participant person/b",
    "inferred": "what you conclude, the same",
    "formalised": "what a statement says, as a relation: formalised: #s23 event/a crm:P14_carried_out_by group/b",
}
"""Links, each with what it says."""
OWN = {
    "key": "the end of its identifier, for ever; in a table the row says it",
    "described in": "the language of this head",
    "words in": "the language of the words",
    "translation": "who translated it: Translated for {CWIHP | group/cwihp} by {G. Goldberg | person/goldberg-gary}",
}
"""What else a head can say."""
_DATED = ("date", "docDate", "occupation")
"""Elements that take a date behind the stroke."""
_EXTRA_ON_IDENTIFIER = ("leaf", "reel", "copy", "register number")


def names() -> list[str]:
    """Return what a line of a head can begin with."""
    return [*FIELDS, *LINKS, *OWN]


class HeadReader:
    """Puts the lines of a head into a TEI document.

    Args:
        root: The document, with a ``teiHeader`` and a ``text``.
        tell: Told what is wrong.
    """

    def __init__(self, root: etree._Element, tell: Told) -> None:
        self._root = root
        header, text = root.find("teiHeader"), root.find("text")
        assert header is not None
        assert text is not None
        self._header, self._text = header, text
        self._tell = tell

    def take(self, written_name: str, value: str, line: int) -> None:
        """Take one line: the words before its first colon, and those behind."""
        name, argument = _name_of(written_name)
        if name in OWN:
            self._own(name, value.strip(), line)
        elif name in LINKS:
            self._link(name, value, line)
        elif name in FIELDS:
            self._field(FIELDS[name], name, argument, value, line)
        else:
            near = difflib.get_close_matches(name, names(), n=1)
            hint = (
                f"did you mean {near[0]}?"
                if near
                else "the head ends with a line ---, and its lines begin as the documents say"
            )
            self._tell(line, f"{name!r} is nothing that a head says; {hint}")

    def _own(self, name: str, value: str, line: int) -> None:
        if name == "translation":
            self._translation(value, line)
            return
        if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", value):
            self._tell(line, f"{name}: found {value!r}, expected letters, digits and hyphens")
        elif name == "key":
            self._root.set(XML_ID, value)
        else:
            (self._root if name == "described in" else self._text).set(XML_LANG, value)

    def _translation(self, value: str, line: int) -> None:
        statement = self._made("fileDesc/titleStmt", "respStmt", line)
        resp = etree.SubElement(statement, "resp", key="trl")
        fill(resp, value, line, self._tell)
        if len(resp) and resp[-1].tag in ("persName", "orgName") and not (resp[-1].tail or "").strip(" ."):
            translator = resp[-1]
            translator.tail = None
            statement.append(translator)
        else:
            self._tell(
                line, "translation: end it with who translated: … by {Gary Goldberg | person/goldberg-gary}"
            )

    def _link(self, name: str, value: str, line: int) -> None:
        body = self._text.find("body")
        assert body is not None
        group = next((each for each in body.iterchildren("linkGrp") if each.get("type") == name), None)
        if group is None:
            group = etree.SubElement(body, "linkGrp", type=name)
            set_line(group, line)
        if re.search(r"[{|}\\]", value) or not value.split():
            self._tell(
                line,
                f"{name}: expected names and keys only, such as: {LINKS[name].partition(': ')[2] or '#s01 person/weiss'}",
            )
            return
        link = etree.SubElement(group, "link", target=" ".join(map(in_tei, value.split())))
        set_line(link, line)

    def _field(self, field: Field, name: str, argument: str, value: str, line: int) -> None:
        words, tokens = behind(value)
        try:
            said = sorted_out(tokens)
        except NotSaidError as error:
            self._tell(line, f"{name}: {error}")
            return
        attributes = dict(field.fixed)
        wrong = self._argument(field, name, argument, attributes)
        if name == "office":
            wrong = wrong or _office(said.pointers, said.words, attributes)
        elif said.pointers:
            wrong = wrong or ("" if field.pointing else f"{name} points to nothing")
            attributes[field.pointing] = " ".join(said.pointers)
        if said.words and name != "office":
            wrong = wrong or _date_of(field, said.words, attributes)
        if wrong or said.about or said.by or said.hand:
            self._tell(line, wrong or f"{name}: about, by and hand mean nothing here")
            return
        element = self._made(
            field.path, field.tag, line, again=name in _BEGINS or "altIdentifier" in field.path
        )
        target = element
        if name == "person":
            person = element.getparent()
            assert person is not None
            target = person
            if "ref" in attributes:
                attributes["corresp"] = attributes.pop("ref")
        elif name in _EXTRA_ON_IDENTIFIER:
            above = element.getparent()
            assert above is not None
            target = above
        for key, each in {**attributes, **said.attributes}.items():
            target.set(key, each)
        fill(element, words, line, self._tell)

    @staticmethod
    def _argument(field: Field, name: str, argument: str, attributes: dict[str, str]) -> str:
        if argument and not field.argument:
            return f"{name}: {argument!r} stands before the colon; what is said stands behind it"
        if field.argument and not argument:
            example = {
                "target": "#s01",
                "ident": "ru",
                "mainLang": "ru",
                "when": "2026-11-28",
                "ana": "type/filing",
            }[field.argument]
            return f"{name}: of what? Write it before the colon: {name} {example}: …"
        if argument:
            attributes[field.argument] = " ".join(map(in_tei, argument.split()))
        return ""

    def _made(self, path: str, tag: str, line: int, *, again: bool = False) -> etree._Element:
        """Return a new element at a path; the elements above it are made as well, the last one always where asked."""
        above = self._header
        steps = list(_steps(path))
        for number, (here, attributes) in enumerate(steps):
            step = here.rpartition("/")[2]
            last = number == len(steps) - 1
            known = [
                each
                for each in above.iterchildren(step)
                if attributes.items() <= attributes_of(each).items()
                and (step != "p" or each.find("list") is not None)
            ]
            if known and not (last and again):
                above = known[-1]
            else:
                above = etree.SubElement(above, step, attributes)
                set_line(above, line)
                if step == "list":
                    above.getparent().text = LEFT_OUT  # type: ignore[union-attr]
                if attributes.get("type") == "capture":
                    above.set(XML_ID, "capture")
        element = etree.SubElement(above, tag)
        set_line(element, line)
        return element


_BEGINS = frozenset({"person"})
"""What begins an element above its own each time: what follows belongs to it."""


def _office(pointers: list[str], words: list[str], attributes: dict[str, str]) -> str:
    roles = [each for each in pointers if each.startswith("role:")]
    others = [each for each in pointers if not each.startswith("role:")]
    if len(roles) != 1:
        return "office: which? Write one role behind the stroke: Minister | role/minister 1964-10-16"
    attributes["ana"] = roles[0]
    if others:
        attributes["corresp"] = " ".join(others)
    return _date_of(FIELDS["office"], words, attributes) if words else ""


def _date_of(field: Field, words: list[str], attributes: dict[str, str]) -> str:
    if field.tag not in _DATED or len(words) > 1:
        return f"{' '.join(words)!r} behind the stroke means nothing here"
    attributes["when" if PLAIN_DATE.fullmatch(words[0]) else "when-iso"] = words[0]
    return ""


def _name_of(written_name: str) -> tuple[str, str]:
    """Return the name of a line, and what stands behind the name before the colon."""
    written_name = " ".join(written_name.split())
    for name in sorted(names(), key=len, reverse=True):
        if written_name == name or written_name.startswith(f"{name} "):
            return name, written_name[len(name) :].strip()
    return written_name, ""


def behind(value: str) -> tuple[str, list[str]]:
    """Return the words of a line, and what stands behind the stroke that is in no brace.

    >>> behind("O. {x | y} Weiss | person/weiss")
    ('O. {x | y} Weiss', ['person/weiss'])
    """
    depth = 0
    at = 0
    for at in range(len(value)):
        sign = value[at]
        if at and value[at - 1] == "\\" and (at < 2 or value[at - 2] != "\\"):
            continue
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "|" and not depth:
            return value[:at].strip(), value[at + 1 :].split()
    return value.strip(), []


# ------------------------------------------------------------------------------------------------- from TEI to lines


def lines_of(root: etree._Element, refuse: Refuse) -> Iterator[str]:
    """Yield the lines of a head; what no line can say is refused."""
    header, text = root.find("teiHeader"), root.find("text")
    if root.get(XML_ID):
        yield f"key: {root.get(XML_ID)}"
    if root.get(XML_LANG):
        yield f"described in: {root.get(XML_LANG)}"
    if text is not None and text.get(XML_LANG):
        yield f"words in: {text.get(XML_LANG)}"
    if header is not None:
        yield from _Writer(header, refuse).lines()
    for group in root.iterfind("text//linkGrp"):
        yield from _links(group, refuse)


def _links(group: etree._Element, refuse: Refuse) -> Iterator[str]:
    if group.get("type") not in LINKS or len(group.attrib) > 1:
        refuse(group, f'<linkGrp type="{group.get("type")}"> has no line')
        return
    for link in group:
        try:
            yield f"{group.get('type')}: {' '.join(in_words(each) for each in link.get('target', '').split())}"
        except NotSaidError as error:
            refuse(link, str(error))
        if link.tag != "link" or set(link.attrib) != {"target"}:
            refuse(link, f"<{link.tag}> says more than a target")


class _Writer:
    def __init__(self, header: etree._Element, refuse: Refuse) -> None:
        self._header = header
        self._refuse = refuse
        self._told: set[etree._Element] = set()

    def lines(self) -> Iterator[str]:
        yield from self._below(self._header, "")

    def _below(self, element: etree._Element, path: str) -> Iterator[str]:
        """Yield the lines of what stands below an element that is no line itself."""
        own = " ".join([element.text or "", *(each.tail or "" for each in element)]).split()
        if own and " ".join(own) != (LEFT_OUT if path == "encodingDesc/editorialDecl/p" else ""):
            self._refuse(element, f"<{element.tag}> has words of its own beside other elements")
        for child in element:
            here = f"{path}/{child.tag}".lstrip("/")
            if here == "encodingDesc/listPrefixDef" or self._is_frame_of_standard(here, child):
                continue
            if here == "fileDesc/titleStmt/respStmt":
                yield from self._translation(child)
            elif here == "profileDesc/particDesc/person":
                yield from self._person(child)
            elif here == "profileDesc/settingDesc/setting":
                yield from self._line(child, "event", FIELDS["event"])
                yield from self._below(child, here)
            elif found := self._field(child, here):
                yield from self._line(child, *found)
            elif any(_plain(each.path).startswith(here) for each in FIELDS.values()):
                if self._fits(child, here):
                    yield from self._below(child, here)
                else:
                    self._refuse(child, f"<{child.tag}> with these attributes has no line")
            else:
                self._refuse(child, f"<{child.tag}> of <{element.tag}> has no line")

    def _is_frame_of_standard(self, here: str, child: etree._Element) -> bool:
        """Tell whether a paragraph only fills a place that TEI wants filled."""
        return here in ("fileDesc/publicationStmt/p", "fileDesc/sourceDesc/p") and words_of(child) in (
            "",
            FILLING,
        )

    def _fits(self, element: etree._Element, here: str) -> bool:
        """Tell whether the attributes of an element are those that a line would give it."""
        own = {
            key: value for key, value in attributes_of(element).items() if (key, value) != (XML_ID, "capture")
        }
        if here.endswith("altIdentifier"):
            own = {key: value for key, value in own.items() if key == "type"}
        return any(
            own == attributes
            for field in FIELDS.values()
            for steps, attributes in _steps(field.path)
            if steps == here
        )

    def _field(self, element: etree._Element, here: str) -> tuple[str, Field] | None:
        """Return the line that says an element."""
        best: tuple[str, Field] | None = None
        if element.find("list") is not None:
            return None
        for name, each in FIELDS.items():
            above = element.getparent()
            if f"{_plain(each.path)}/{each.tag}" != here or above is None:
                continue
            last = list(_steps(each.path))[-1][1]
            if not all(above.get(key) == value for key, value in last.items()):
                continue
            if all(element.get(key) == value for key, value in each.fixed.items()) and (
                best is None or len(each.fixed) > len(best[1].fixed)
            ):
                best = (name, each)
        return best

    def _line(
        self, element: etree._Element, name: str, field: Field, extra: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        rest = {**attributes_of(element), **(extra or {})}
        above = element.getparent()
        if name in _EXTRA_ON_IDENTIFIER and above is not None:
            rest |= {key: value for key, value in attributes_of(above).items() if key != "type"}
        rest = {key: value for key, value in rest.items() if key not in field.fixed}
        try:
            before = (
                " ".join(in_words(each) for each in rest.pop(field.argument, "").split())
                if field.argument
                else ""
            )
            tokens = list(_tokens(name, field, rest))
        except NotSaidError as error:
            self._refuse(element, f"<{element.tag}>: {error}")
            return
        if field.argument and not before:
            self._refuse(element, f"<{element.tag}> has no {field.argument}")
        words = written(element, self._refuse) if name != "event" else ""
        behind_ = f" | {' '.join(tokens)}" if tokens else ""
        yield f"{name}{f' {before}' if before else ''}: {words}{behind_}".replace(":  |", ": |")

    def _person(self, person: etree._Element) -> Iterator[str]:
        called = [each for each in person if each.tag == "persName"]
        if len(called) != 1 or called[0].attrib or person[0] is not called[0]:
            self._refuse(person, "<person> needs one <persName> first, without attributes")
            return
        extra = attributes_of(person)
        if "corresp" in extra:
            extra["ref"] = extra.pop("corresp")
        yield from self._line(called[0], "person", FIELDS["person"], extra)
        for each in list(person)[1:]:
            if each.tag != "occupation":
                self._refuse(each, f"<{each.tag}> of <person> has no line")
            else:
                yield from self._line(each, "office", FIELDS["office"])

    def _translation(self, statement: etree._Element) -> Iterator[str]:
        resp = statement.find("resp")
        who = [each for each in statement if each.tag in ("persName", "orgName")]
        if resp is None or len(who) != 1 or len(statement) != 2 or attributes_of(resp) != {"key": "trl"}:
            self._refuse(
                statement, '<respStmt> is no translation: expected <resp key="trl"> and who translated'
            )
            return
        held = etree.Element("held")
        held.append(deepcopy(who[0]))
        held[0].tail = None
        yield f"translation: {written(resp, self._refuse)} {written(held, self._refuse)}"


LEFT_OUT = "Words of the capture that belong to the web page and not to the document are left out. They are, in their order:"
"""What stands before the list of what is left out."""
FILLING = "As the head of the marked text says."
"""What stands where TEI wants something and nothing is to be said."""


def _tokens(name: str, field: Field, rest: dict[str, str]) -> Iterator[str]:
    pointing = {"office": "ana"}.get(name, field.pointing)
    if pointing and rest.get(pointing):
        found = [in_words(each) for each in rest.pop(pointing).split()]
        if not all("/" in each for each in found):
            raise NotSaidError(f"{pointing} points to no thing of a table")
        yield from found
    if name == "office":
        yield from (in_words(each) for each in rest.pop("corresp", "").split())
    yield from common_words(rest)
    if field.tag in _DATED:
        yield from date_words(rest)
    yield from leftover_words(rest)


def _plain(path: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", path)


def _steps(path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield for each element above a line its path, and the attributes that it has."""
    steps = path.split("/")
    for number in range(1, len(steps) + 1):
        attributes = dict(re.findall(r"\[@(\w+)='([^']*)'\]", steps[number - 1]))
        yield _plain("/".join(steps[:number])), attributes


__all__ = ["FIELDS", "LINKS", "OWN", "HeadReader", "behind", "lines_of", "names"]
