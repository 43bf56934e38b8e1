"""A marked text as a whole: its head, its blocks, the names of its parts; from and to TEI."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from fonds.errors import Fault
from fonds.sources.marked.head import FILLING, HeadReader, lines_of
from fonds.sources.marked.spans import NotSaidError, attributes_of, element_of, set_line, tokens_of
from fonds.sources.marked.words import Refuse, Told, fill, written
from fonds.sources.xml import TEI, XML_ID, Document, line_of

SEPARATOR = "---"
"""The line that ends a head."""
WIDTH = 120
"""As long are the lines that are written, in characters."""
BLOCKS = {
    "paragraph": "p",
    "heading": "head",
    "opener": "opener",
    "dateline": "dateline",
    "salute": "salute",
    "closer": "closer",
    "signed": "signed",
    "note": "note",
    "page": "pb",
}
"""What a line that begins with ``@`` can say that the next block is."""
_SERIES = {
    "persName": "m",
    "orgName": "m",
    "placeName": "m",
    "rs": "m",
    "name": "m",
    "date": "d",
    "gap": "g",
    "p": "p",
}
"""Of which series the names of parts are."""
_HEADER = (
    ("fileDesc", ("titleStmt", "publicationStmt", "notesStmt", "sourceDesc")),
    ("encodingDesc", ()),
    ("profileDesc", ("abstract", "creation", "langUsage", "textClass", "particDesc", "settingDesc")),
    ("revisionDesc", ()),
)
_PREFIXES = ("person", "group", "place", "event", "work", "holding", "topic", "type", "role")
_LAID_OUT = frozenset(
    {
        "TEI",
        "teiHeader",
        "text",
        "body",
        "div",
        "linkGrp",
        "msDesc",
        "msIdentifier",
        "bibl",
        "person",
        "setting",
    }
    | {"keywords", "history", "editorialDecl", "listPrefixDef"}
    | {name for each, parts in _HEADER for name in (each, *parts)}
)
"""Elements whose parts stand on lines of their own."""


def tei_of(text: str, path: str) -> tuple[etree._Element, list[Fault]]:
    """Return the TEI document that a marked text says, and all that is wrong with the text.

    Elements have their names without the namespace, and the line of the text on which they begin.

    Args:
        text: The marked text.
        path: Its name in messages.
    """
    faults: list[Fault] = []

    def tell(line: int, message: str) -> None:
        faults.append(Fault(path, line, 0, message))

    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))
    root = _empty()
    end = next((number for number, line in enumerate(lines) if line.rstrip() == SEPARATOR), -1)
    _read_head(root, lines[: max(end, 0)], tell)
    body = root.find("text/body")
    assert body is not None
    links = list(body)
    for link in links:
        body.remove(link)
    division = etree.SubElement(body, "div")
    _read_blocks(division, lines[end + 1 :], end + 2, tell)
    body.extend(links)
    _give_names(root)
    for each in _twice(root):
        line = each.sourceline
        tell(
            line if isinstance(line, int) else 0,
            f"the name #{each.get(XML_ID)} is there already; give each its own",
        )
    _fill_places(root)
    return root, faults


def document_of(text: str, path: str) -> Document:
    """Return a marked text as a document that is read like an edition; its faults are in it."""
    root, faults = tei_of(text, path)
    by_id: dict[str, etree._Element] = {}
    for each in root.iter():
        if name := each.get(XML_ID):
            by_id.setdefault(name, each)
    return Document(path, text.encode("utf-8", "replace"), root, by_id, set(), faults)


def edition_of(root: etree._Element) -> bytes:
    """Return a document as a file of TEI P5."""
    edition = deepcopy(root)
    for each in edition.iter():
        each.tag = f"{{{TEI}}}{each.tag}"
    _lay_out(edition)
    whole = etree.Element(f"{{{TEI}}}TEI", attributes_of(edition), nsmap={None: TEI})  # type: ignore[dict-item]
    whole.text = edition.text
    whole.extend(list(edition))
    return etree.tostring(whole, encoding="UTF-8", xml_declaration=True) + b"\n"


def _lay_out(element: etree._Element, depth: int = 0) -> None:
    """Put elements that hold elements only on lines of their own."""
    holds_words = (element.text or "").strip() or any((each.tail or "").strip() for each in element)
    if holds_words or etree.QName(element).localname not in _LAID_OUT or not len(element):
        return
    element.text = "\n" + "  " * (depth + 1)
    children = list(element)
    for each in children:
        each.tail = "\n" + "  " * (depth + (1 if each is not children[-1] else 0))
        _lay_out(each, depth + 1)


def _empty() -> etree._Element:
    root = etree.Element("TEI")
    header = etree.SubElement(root, "teiHeader")
    for name, parts in _HEADER:
        above = etree.SubElement(header, name)
        for part in parts:
            etree.SubElement(above, part)
    etree.SubElement(etree.SubElement(root, "text"), "body")
    return root


def _fill_places(root: etree._Element) -> None:
    """Take away what nothing was said of, and fill what TEI wants filled."""
    header = root.find("teiHeader")
    assert header is not None
    for path in ("fileDesc/publicationStmt", "fileDesc/sourceDesc"):
        place = header.find(path)
        if place is not None and not len(place):
            etree.SubElement(place, "p").text = FILLING
    for name, parts in _HEADER:
        above = header.find(name)
        assert above is not None
        for part in parts:
            found = above.find(part)
            if found is not None and not len(found) and part != "titleStmt":
                above.remove(found)
        if not len(above) and not above.text and name != "encodingDesc":
            header.remove(above)
    encoding = header.find("encodingDesc")
    assert encoding is not None
    prefixes = etree.SubElement(encoding, "listPrefixDef")
    for each in _PREFIXES:
        table = f"../authorities/{each}s.csv#$1"
        etree.SubElement(
            prefixes, "prefixDef", ident=each, matchPattern=r"([a-z0-9.\-]+)", replacementPattern=table
        )


# ------------------------------------------------------------------------------------------------------------- reading


def _read_head(root: etree._Element, lines: list[str], tell: Told) -> None:
    reader = HeadReader(root, tell)
    held: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if held and line[:1] in (" ", "\t") and line.strip():
            held[-1] = (held[-1][0], f"{held[-1][1]}\n{line}")
        elif line.strip() and not line.startswith("%"):
            held.append((number, line))
    for number, line in held:
        name, colon, value = line.partition(":")
        if colon:
            reader.take(name, value, number)
        else:
            tell(
                number,
                f"expected a name, a colon and words, such as “title: Letter to the mayor”; found {line.strip()[:60]!r}",
            )


def _read_blocks(division: etree._Element, lines: list[str], first: int, tell: Told) -> None:
    for number, block in _blocks(lines, first):
        if block.startswith("@"):
            said, _, words = block.partition("\n")
            _block(division, said[1:].split(), words, number, tell)
        else:
            _add_block(division, etree.Element("p"), block, number, tell)


def _blocks(lines: list[str], first: int) -> Iterator[tuple[int, str]]:
    """Yield the blocks of a text, each with its first line; blank lines part them, and lines that begin with % are notes to people."""
    held: list[str] = []
    begin = first
    for number, line in enumerate([*lines, ""], start=first):
        if line.startswith("%"):
            if held:
                held.append("")
        elif line.strip():
            if not held:
                begin = number
            held.append(line)
        elif held:
            yield begin, "\n".join(held)
            held = []


def _block(division: etree._Element, tokens: list[str], words: str, line: int, tell: Told) -> None:
    name = tokens[0] if tokens else ""
    if name not in BLOCKS:
        near = difflib.get_close_matches(name, BLOCKS, n=1)
        hint = (
            f"did you mean @{near[0]}?" if near else f"known are {', '.join(f'@{each}' for each in BLOCKS)}"
        )
        tell(line, f"@{name} is no kind of block; {hint} (\\@ for a sign of the words)")
        _add_block(division, etree.Element("p"), words, line + 1, tell)
        return
    tag = BLOCKS[name]
    try:
        if tag in ("note", "pb"):
            element, _ = element_of(tokens)
        else:
            # What can be said of a block is what can be said of a label: a name, a language, an attribute.
            element, _ = element_of(["label", *tokens[1:]])
            element.tag = tag
    except NotSaidError as error:
        tell(line, f"@{name}: {error}")
        element = etree.Element(tag)
    if tag != "pb" and not words.strip():
        tell(
            line,
            f"@{name}: the words of the block stand on the lines below it, without an empty line between",
        )
        return
    if tag == "pb" and words.strip():
        _add_block(division, element, "", line, tell)
        _add_block(division, etree.Element("p"), words, line + 1, tell)
        return
    _add_block(division, element, words, line + 1, tell)


def _add_block(division: etree._Element, element: etree._Element, words: str, line: int, tell: Told) -> None:
    set_line(element, line)
    if element.tag == "signed":
        closer = etree.SubElement(division, "closer")
        set_line(closer, line)
        closer.append(element)
    else:
        division.append(element)
    fill(element, words, line, tell)
    element.text = (element.text or "").lstrip() or None


# ------------------------------------------------------------------------------------------------------ names of parts


def _named_parts(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """Yield the parts of the text that have names of a series, an outer one before those within it."""
    text = root.find("text")
    if text is None:
        return
    for each in text.iter():
        series = _SERIES.get(str(each.tag), "")
        if each.tag == "title" and each.get("ref"):
            series = "m"
        if series == "p" and (above := each.getparent()) is not None and above.tag != "div":
            series = ""
        if series:
            yield series, each


def _give_names(root: etree._Element) -> None:
    """Name all parts of a series that have no name: the next number that nobody has."""
    taken = {each.get(XML_ID) for each in root.iter() if each.get(XML_ID)}
    numbers: dict[str, int] = defaultdict(int)
    paragraphs = [each for series, each in _named_parts(root) if series == "p"]
    for series, each in _named_parts(root):
        if each.get(XML_ID):
            continue
        while True:
            numbers[series] += 1
            name = f"{series}{numbers[series]}"
            if name not in taken:
                break
        each.set(XML_ID, name)
    if not any(each.get("n") for each in paragraphs):
        for number, each in enumerate(paragraphs, start=1):
            each.set("n", str(number))


def _take_names(root: etree._Element) -> None:
    """Take away the names that are given again when the text is read."""
    given = {each: each.get(XML_ID, "") for _, each in _named_parts(root)}
    numbers: dict[str, int] = defaultdict(int)
    for series, each in _named_parts(root):
        if given[each] in (f"{series}{numbers[series] + 1}", ""):
            numbers[series] += 1
            each.attrib.pop(XML_ID, "")
    paragraphs = [each for series, each in _named_parts(root) if series == "p"]
    counted = [each.get("n") for each in paragraphs] == [str(number + 1) for number in range(len(paragraphs))]
    if counted:
        for each in paragraphs:
            del each.attrib["n"]
    again = deepcopy(root)
    _give_names(again)
    for (_, each), (_, named) in zip(_named_parts(root), _named_parts(again), strict=True):
        if given[each] and named.get(XML_ID) != given[each]:
            # One that would be numbered otherwise: then all names are written.
            for part, name in given.items():
                if name:
                    part.set(XML_ID, name)
            return


def _twice(root: etree._Element) -> Iterator[etree._Element]:
    seen: set[str] = set()
    for each in root.iter():
        name = each.get(XML_ID)
        if name in seen:
            yield each
        elif name:
            seen.add(name)


# ------------------------------------------------------------------------------------------------------------- writing


def marked_of(document: Document) -> tuple[str, list[Fault]]:
    """Return the marked text that says a TEI document, and a fault for each element that it has no words for.

    Args:
        document: As :func:`fonds.sources.xml.read_document` returns it.
    """
    faults: list[Fault] = []

    def refuse(element: etree._Element, message: str) -> None:
        line, column = document.place(element)
        faults.append(
            Fault(
                document.path,
                line,
                column,
                f"{message}; a marked text cannot say it, keep the document as TEI",
            )
        )

    root = deepcopy(document.root)
    for copy, original in zip(root.iter(), document.root.iter(), strict=True):
        set_line(copy, line_of(original))
    _take_names(root)
    head = list(lines_of(root, refuse))
    blocks = list(_written_blocks(root, refuse))
    for each in root:
        if each.tag not in ("teiHeader", "text"):
            refuse(each, f"<{each.tag}>")
    return "\n".join([*head, SEPARATOR, "", *(f"{block}\n" for block in blocks)]).rstrip("\n") + "\n", faults


def _written_blocks(root: etree._Element, refuse: Refuse) -> Iterator[str]:
    body = root.find("text/body")
    if body is None:
        refuse(root, "no <text> with a <body>")
        return
    for above in (root.find("text"), body):
        for each in above if above is not None else ():
            if above is not body and each is not body:
                refuse(each, f"<{each.tag}> of <text>")
    parts = [each for each in body if each.tag != "linkGrp"]
    if len(parts) == 1 and parts[0].tag == "div" and not parts[0].attrib:
        parts = list(parts[0])
    for each in parts:
        if (each.tail or "").strip():
            refuse(each, "words between blocks")
        if (
            each.tag == "closer"
            and len(each) == 1
            and each[0].tag == "signed"
            and not (each.text or "").strip()
        ):
            if each.attrib or (each[0].tail or "").strip():
                refuse(each, "<closer> around <signed> says more")
            yield from _written_block(each[0], refuse)
        else:
            yield from _written_block(each, refuse)


def _written_block(element: etree._Element, refuse: Refuse) -> Iterator[str]:
    tag = str(element.tag)
    name = next((name for name, each in BLOCKS.items() if each == tag), "")
    if not name:
        refuse(element, f"<{tag}> as a block")
        return
    try:
        if tag in ("note", "pb"):
            tokens, _ = tokens_of(element)
        else:
            stand_in = etree.Element("label", attributes_of(element))
            tokens = [name, *tokens_of(stand_in)[0][1:]]
    except NotSaidError as error:
        refuse(element, f"<{tag}>: {error}")
        return
    words = written(element, refuse)
    if tag == "pb":
        yield f"@{' '.join(tokens)}"
    elif words:
        words = _wrapped(_guarded(words))
        yield words if tokens == ["paragraph"] else f"@{' '.join(tokens)}\n{words}"


def _guarded(words: str) -> str:
    r"""Return words that are not taken for anything else at the beginning of a line.

    >>> _guarded("@home"), _guarded("---"), _guarded("% of all")
    ('\\@home', '\\---', '\\% of all')
    """
    return f"\\{words}" if words[:1] in ("@", "%") or words == SEPARATOR else words


def _wrapped(words: str) -> str:
    """Return words in lines of bearable length; where a line would begin like a note to people, in one line."""
    lines = textwrap.wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False)
    wrong = any(line.startswith("%") or line.rstrip() == SEPARATOR for line in lines)
    return words if wrong or " ".join(lines) != words else "\n".join(lines)


__all__ = ["BLOCKS", "document_of", "edition_of", "marked_of", "tei_of"]
