"""What a brace says of words: ``{F. Castro | person/castro-f}`` is an element of TEI, and the other way round."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from fonds.identifiers import is_slug
from fonds.sources.sheets import meant
from fonds.sources.tables import KINDS
from fonds.sources.xml import XML_ID, XML_LANG
from fonds.vocabulary import LACUNA_CAUSES, concepts

POINTER_KINDS = frozenset({*KINDS, "type", "role", "record", "language"})
_NAME = re.compile(r"#[^\W\d][\w.-]*")
_ATTRIBUTE = re.compile(r"[a-zA-Z][\w-]*")
PLAIN_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
"""A date that TEI writes as `when`; any other is one in EDTF, `when-iso`."""
_NUMBER = re.compile(r"(?P<least>\d{1,6})(?:-(?P<most>\d{1,6}))?")
_GENERAL = frozenset(
    {
        "type",
        "subtype",
        "n",
        "place",
        "role",
        "source",
        "corresp",
        "resp",
        "hand",
        "who",
        "target",
        "ana",
    }
    | {
        "ident",
        "mainLang",
        "from",
        "to",
        "notBefore",
        "notAfter",
        "when",
        "when-iso",
        "when-custom",
        "datingMethod",
    }
    | {
        "rend",
        "rendition",
        "reason",
        "unit",
        "quantity",
        "atLeast",
        "atMost",
        "evidence",
        "facs",
        "level",
        "ref",
    }
    | {"cert", "direct", "status", "break", "sameAs", "calendar", "key"}
)
"""Attributes that can be written as they are: ``place=left``."""
_CERTAINTY = {"?": "medium", "??": "low"}
_KINDS_OF_NAMES = {
    "person": "persName",
    "group": "orgName",
    "place": "placeName",
    "work": "title",
    "role": "roleName",
}
_SIMPLE: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "name": ("name", {}, "ref"),
    "office": ("roleName", {}, "ref"),
    "marking": ("term", {"type": "classification"}, "ref"),
    "term": ("term", {}, "ref"),
    "title": ("title", {}, "ref"),
    "quoted": ("q", {}, "who"),
    "quote": ("quote", {}, "source"),
    "label": ("label", {}, ""),
    "editorial": ("seg", {"type": "editorial"}, ""),
    "where": ("seg", {"type": "place"}, ""),
    "emphasis": ("hi", {}, ""),
    "foreign": ("foreign", {}, ""),
    "deleted": ("del", {}, ""),
    "supplied": ("supplied", {}, "resp"),
    "signed": ("signed", {}, ""),
    "stamp": ("stamp", {}, ""),
    "shelfmark": ("idno", {"type": "call-number"}, "corresp"),
    "line": ("lb", {}, ""),
    "tei-element": ("gi", {}, ""),
    "tei-attribute": ("att", {}, ""),
}
"""Words that say what something is: the element, its fixed attributes, and the attribute that points."""
_OWN = ("phrase", "date", "gap", "note", "said", "statement", "speech", "page", "person", "group", "place")
KEYWORDS = frozenset({*_SIMPLE, *_OWN})


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Return the attributes of an element, to be changed at will."""
    return {str(name): str(value) for name, value in element.attrib.items()}


def set_line(element: etree._Element, line: int) -> None:
    """Let an element begin on a line; behind line 65,535 libxml2 can count no further."""
    element.sourceline = min(line, 65_535)  # type: ignore[assignment]  # the stubs give it no usable type


class NotSaidError(Exception):
    """Something that the other form has no words for; the text says what."""


@dataclass(slots=True)
class Said:
    """What stands behind the stroke of a brace, sorted.

    Attributes:
        pointers: What it points to, as TEI writes it.
        about: What a statement is about, the same.
        by: Who tells of it, the same.
        hand: In whose hand it is, the same.
        attributes: What else it says.
        words: Words that are none of these, in their order.
    """

    pointers: list[str] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    hand: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def _points(word: str, stroke: str = "/") -> bool:
    """Tell whether a word is a kind and a key; in TEI a colon stands between them."""
    kind, _, key = word.partition(stroke)
    return kind in POINTER_KINDS and is_slug(key)


def sorted_out(tokens: Sequence[str]) -> Said:
    """Return what the words behind a stroke say.

    Raises:
        NotSaidError: One of them cannot stand there.
    """
    said = Said()
    into = said.pointers
    waiting = ""
    for each in tokens:
        if waiting:
            said.attributes[XML_LANG] = each
            waiting = ""
        elif each in ("about", "by", "hand"):
            into = {"about": said.about, "by": said.by, "hand": said.hand}[each]
        elif each == "in":
            waiting = each
        elif each in _CERTAINTY:
            said.attributes["cert"] = _CERTAINTY[each]
        elif _NAME.fullmatch(each) and into is said.pointers and XML_ID not in said.attributes:
            said.attributes[XML_ID] = each[1:]
        elif "=" in each and _ATTRIBUTE.fullmatch(each.partition("=")[0]):
            name, _, value = each.partition("=")
            if name not in _GENERAL:
                near = difflib.get_close_matches(name, _GENERAL, n=1)
                raise NotSaidError(
                    f"{each}: {name} is nothing that is read{f'; did you mean {near[0]}?' if near else ''}"
                )
            said.attributes[name] = " ".join(map(in_tei, value.split(",")))
        elif _points(each) or (into is not said.pointers and each.startswith(("#", "http"))):
            into.append(in_tei(each))
        else:
            said.words.append(each)
            into = said.pointers
    if waiting:
        raise NotSaidError("in: which language? Write it behind, such as: in ru")
    return said


def in_tei(pointer: str) -> str:
    """Return a pointer as TEI writes it: ``person/x`` is ``person:x``."""
    return pointer.replace("/", ":", 1) if _points(pointer) else pointer


def in_words(pointer: str) -> str:
    """Return a pointer of TEI as a marked text writes it.

    Raises:
        NotSaidError: It has signs that mean something else there.
    """
    written = pointer.replace(":", "/", 1) if _points(pointer, ":") else pointer
    if not written or re.search(r"[\s,|{}\\=]", written):
        raise NotSaidError(f"{pointer!r} has a sign that means something else here")
    return written


def element_of(tokens: Sequence[str]) -> tuple[etree._Element, etree._Element]:
    """Return the element that the words behind a stroke mean, and the one within it that takes the words before it.

    Raises:
        NotSaidError: They mean none.
    """
    if not tokens:
        raise NotSaidError("what is it? Write that behind the stroke, such as {F. Castro | person/castro-f}")
    first, rest = tokens[0], tokens[1:]
    kind = first.partition("/")[0]
    if _points(first):
        said = sorted_out(tokens)
        tag = _KINDS_OF_NAMES.get(kind, "rs")
        fixed = {} if tag != "rs" else {"type": kind}
        element = _element(tag, {**fixed, "ref": " ".join(said.pointers)}, said)
        return element, element
    if first in ("said", "statement", "speech"):
        return _speech(first, sorted_out(rest))
    if first == "gap":
        return _gap(sorted_out(rest))
    maker = _MAKERS.get(first)
    if maker:
        element = maker(sorted_out(rest))
    elif first in _SIMPLE:
        element = _simple(first, sorted_out(rest))
    elif first in _KINDS_OF_NAMES:
        element = _element(_KINDS_OF_NAMES[first], {}, sorted_out(rest))
    else:
        near = difflib.get_close_matches(first, KEYWORDS, n=1) if "/" not in first else []
        hint = (
            f"; did you mean {near[0]}?"
            if near
            else ": a kind and a key (person/weiss), or one of the words of the list"
        )
        raise NotSaidError(f"{first!r} says nothing of words that is read here{hint}")
    return element, element


def _element(tag: str, attributes: Mapping[str, str], said: Said, **leftover: bool) -> etree._Element:
    if said.words and not leftover.get("words"):
        raise NotSaidError(f"{' '.join(said.words)!r} means nothing here")
    for what, held in (("about", said.about), ("by", said.by), ("hand", said.hand)):
        if held and not leftover.get(what):
            raise NotSaidError(f"{what!r} means nothing here")
    element = etree.Element(tag)
    for name, value in {**attributes, **said.attributes}.items():
        try:
            element.set(name, value)
        except ValueError as error:
            raise NotSaidError(f"{value!r} has signs that no text can have") from error
    return element


def _simple(word: str, said: Said) -> etree._Element:
    tag, fixed, pointing = _SIMPLE[word]
    if said.pointers and not pointing:
        raise NotSaidError(f"{word} points to nothing; leave {', '.join(said.pointers)} out")
    pointers = {pointing: " ".join(said.pointers)} if said.pointers else {}
    return _element(tag, {**fixed, **pointers}, said)


def _phrase(said: Said) -> etree._Element:
    kinds = {each.partition(":")[0] for each in said.pointers} | set(said.words)
    if len(kinds) > 1 or not kinds <= POINTER_KINDS:
        raise NotSaidError("phrase: of what? Write a kind and a key, or a kind alone: phrase group")
    fixed = {"type": next(iter(kinds))} if kinds else {}
    if said.pointers:
        fixed["ref"] = " ".join(said.pointers)
    return _element("rs", fixed, said, words=True)


def _date(said: Said) -> etree._Element:
    if len(said.words) > 1:
        raise NotSaidError(f"{' '.join(said.words)!r} is more than one date")
    when = {("when" if PLAIN_DATE.fullmatch(each) else "when-iso"): each for each in said.words}
    return _element("date", when, said, words=True)


def _note(said: Said) -> etree._Element:
    if len(said.words) > 1:
        raise NotSaidError(f"{' '.join(said.words)!r}: a note has one type")
    fixed = {"type": said.words[0]} if said.words else {}
    fixed |= {name: " ".join(held) for name, held in (("resp", said.by), ("hand", said.hand)) if held}
    return _element("note", fixed, said, words=True, by=True, hand=True)


def _page(said: Said) -> etree._Element:
    if len(said.words) > 1:
        raise NotSaidError(f"{' '.join(said.words)!r}: a page has one number")
    return _element("pb", {"n": said.words[0]} if said.words else {}, said, words=True)


_MAKERS: Mapping[str, Callable[[Said], etree._Element]] = {
    "phrase": _phrase,
    "date": _date,
    "note": _note,
    "page": _page,
}


def _is_cause(word: str) -> None:
    """Refuse a cause of a gap that is none."""
    if word.lower() in LACUNA_CAUSES:
        return
    hint = meant(word.lower(), LACUNA_CAUSES, all_of_them="known are")
    raise NotSaidError(f"{word!r} is no cause of a gap; {hint}")


def _gap(said: Said) -> tuple[etree._Element, etree._Element]:
    attributes: dict[str, str] = {}
    for word in said.words:
        number = _NUMBER.fullmatch(word)
        if number and not attributes.keys() & {"quantity", "atLeast"}:
            if number["most"]:
                attributes |= {"atLeast": number["least"], "atMost": number["most"]}
            else:
                attributes["quantity"] = number["least"]
        elif "reason" not in attributes and not number:
            attributes["reason"] = word
        elif "unit" not in attributes and not number:
            attributes["unit"] = word
        else:
            raise NotSaidError(f"{word!r}: a gap has a cause, and how much is missing: gap faded 2-3 lines")
    if "reason" in attributes:
        _is_cause(attributes["reason"])
    if said.by:
        attributes["resp"] = " ".join(said.by)
    element = _element("gap", attributes, said, words=True, by=True)
    return element, etree.SubElement(element, "desc")


def _of(scheme: str) -> list[str]:
    """Return the kinds or the stances of statements as they are written here."""
    return sorted(key.removeprefix("stance-") for key in concepts(scheme))


def _is_whole(word: str, attributes: Mapping[str, str]) -> None:
    """Refuse a statement without a name, a kind or a stance."""
    if XML_ID not in attributes:
        missing = (
            "a name that it keeps for ever, such as #s01; or write speech for words that are no statement"
        )
    elif "subtype" not in attributes:
        missing = f"a kind, one of {', '.join(_of('kinds'))}"
    elif "ana" not in attributes and attributes["subtype"] != "fragment":
        missing = f"a stance, one of {', '.join(_of('stances'))}"
    else:
        return
    raise NotSaidError(f"{word}: a statement needs {missing}")


def _speech(word: str, said: Said) -> tuple[etree._Element, etree._Element]:
    """Return speech, a statement, or a statement in speech."""
    indirect = "indirectly" in said.words
    words = [each for each in said.words if each != "indirectly"]
    name = said.attributes.pop(XML_ID, "")
    speech = etree.Element("said")
    if word == "statement" and (said.pointers or indirect):
        raise NotSaidError(
            "who says a statement is written behind said: {… | said #s01 person/weiss claim neutral}"
        )
    if said.pointers:
        speech.set("who", " ".join(said.pointers))
    if word != "statement":
        speech.set("direct", "false" if indirect else "true")
    if word == "speech":
        rest = Said(attributes=said.attributes, about=said.about, by=said.by, hand=said.hand, words=words)
        extra = _element("said", {XML_ID: name} if name else {}, rest)
        for key, value in extra.attrib.items():
            speech.set(key, value)
        return speech, speech
    attributes = {**({XML_ID: name} if name else {}), "type": "statement"}
    for each in words:
        if "subtype" not in attributes and each in concepts("kinds"):
            attributes["subtype"] = each
        elif "ana" not in attributes and f"stance-{each}" in concepts("stances"):
            attributes["ana"] = f"fv:stance-{each}"
        else:
            known = [*_of("kinds"), *_of("stances")]
            near = difflib.get_close_matches(each, known, n=1)
            raise NotSaidError(
                f"{each!r} is no kind and no stance of a statement, or the second; "
                + (
                    f"did you mean {near[0]}?"
                    if near
                    else f"kinds are {', '.join(_of('kinds'))}; stances are {', '.join(_of('stances'))}"
                )
            )
    _is_whole(word, attributes)
    if said.about:
        attributes["corresp"] = " ".join(said.about)
    statement = _element("seg", attributes, Said(attributes=said.attributes, by=said.by, hand=said.hand))
    if word == "statement":
        return statement, statement
    speech.append(statement)
    return speech, statement


# ------------------------------------------------------------------------------------------------- from TEI to words


def tokens_of(element: etree._Element) -> tuple[list[str], etree._Element]:
    """Return the words behind the stroke that mean an element, and the element that has the words before it.

    Raises:
        NotSaidError: No words mean it.
    """
    tag = str(element.tag)
    rest = attributes_of(element)
    common = list(common_words(rest))
    inner = element
    if tag == "said":
        words, inner = _words_of_speech(element, rest)
        if inner is not element:
            common = [*_common_of(inner), *common]
    elif tag == "seg" and rest.get("type") == "statement":
        words = ["statement", *_words_of_statement(rest)]
    elif tag in ("persName", "orgName", "placeName"):
        kind = next(kind for kind, name in _KINDS_OF_NAMES.items() if name == tag)
        words = _pointers(rest, "ref") if rest.get("ref", "").startswith(f"{kind}:") else [kind]
    elif tag == "rs":
        words = ["phrase", *(_pointers(rest, "ref") or list(filter(None, [rest.get("type", "")])))]
        kinds = {each.partition("/")[0] for each in words[1:]}
        if rest.pop("type", None) not in {*kinds, None} or len(kinds) > 1 or not kinds <= POINTER_KINDS:
            raise NotSaidError("type and ref of <rs> are of two kinds")
    elif tag == "date":
        words = ["date", *date_words(rest)]
    elif tag == "gap":
        words, inner = _words_of_gap(element, rest)
    elif tag == "note":
        words = ["note", *filter(None, [rest.pop("type", "")])]
        words += [
            token
            for name in ("resp", "hand")
            for token in _after("by" if name == "resp" else name, rest, name)
        ]
    elif tag == "pb":
        words = ["page", *filter(None, [rest.pop("n", "")])]
    else:
        words = _words_of_simple(tag, rest)
    return [_token(words[0]), *common, *map(_token, words[1:]), *leftover_words(rest)], inner


def _token(word: str) -> str:
    if not word or re.search(r"[\s|{}\\]", word):
        raise NotSaidError(f"{word!r} cannot be written as one word")
    return word


def common_words(rest: dict[str, str]) -> Iterator[str]:
    """Yield what every element can say, and take it away."""
    if XML_ID in rest:
        yield f"#{rest.pop(XML_ID)}"
    if rest.get("cert") in _CERTAINTY.values():
        yield next(sign for sign, degree in _CERTAINTY.items() if degree == rest["cert"])
        del rest["cert"]
    if XML_LANG in rest:
        yield from ("in", _token(rest.pop(XML_LANG)))


def _common_of(inner: etree._Element) -> Iterator[str]:
    rest = {key: value for key, value in attributes_of(inner).items() if key in (XML_ID, XML_LANG, "cert")}
    yield from common_words(rest)


def _pointers(rest: dict[str, str], name: str) -> list[str]:
    """Return what an attribute points to as words, and take it away."""
    return [in_words(each) for each in rest.pop(name, "").split()]


def _after(word: str, rest: dict[str, str], name: str) -> list[str]:
    found = _pointers(rest, name)
    return [word, *found] if found else []


def date_words(rest: dict[str, str]) -> list[str]:
    """Return a date as words, and take it away; none where it can stand as an attribute only."""
    for name in ("when", "when-iso"):
        value = rest.get(name, "")
        plain = bool(PLAIN_DATE.fullmatch(value))
        if (
            value
            and plain is (name == "when")
            and not re.search(r"[\s|{}=\\#]", value)
            and value not in _MEANING_ELSE
        ):
            del rest[name]
            return [value]
    return []


_MEANING_ELSE = frozenset({"about", "by", "hand", "in", "?", "??"})


def _words_of_speech(element: etree._Element, rest: dict[str, str]) -> tuple[list[str], etree._Element]:
    direct = rest.pop("direct", "true")
    if direct not in ("true", "false"):
        raise NotSaidError(f'direct="{direct}"')
    who = _pointers(rest, "who")
    _only_pointers(who, "who")
    indirectly = ["indirectly"] if direct == "false" else []
    inner = element[0] if len(element) == 1 else None
    alone = inner is not None and not (element.text or "").strip() and not (inner.tail or "").strip()
    if inner is None or not alone or inner.tag != "seg" or inner.get("type") != "statement" or rest:
        return ["speech", *who, *indirectly], element
    own = attributes_of(inner)
    list(common_words(own))
    words = _words_of_statement(own)
    if own:
        raise NotSaidError(f"<seg> has {', '.join(own)}")
    return ["said", *who, *indirectly, *words], inner


def _only_pointers(words: Sequence[str], name: str) -> None:
    for each in words:
        if not _points(each):
            raise NotSaidError(f'{name}="{each}" points to no thing of a table')


def _words_of_statement(rest: dict[str, str]) -> list[str]:
    del rest["type"]
    words = []
    if kind := rest.pop("subtype", ""):
        if kind not in concepts("kinds"):
            raise NotSaidError(f'subtype="{kind}" is no kind of statement')
        words.append(kind)
    if stance := rest.pop("ana", ""):
        if stance.removeprefix("fv:") not in concepts("stances"):
            raise NotSaidError(f'ana="{stance}" is no stance')
        words.append(stance.removeprefix("fv:stance-"))
    return [*words, *_after("about", rest, "corresp")]


def _words_of_gap(element: etree._Element, rest: dict[str, str]) -> tuple[list[str], etree._Element]:
    words = ["gap"]
    reason, unit = rest.pop("reason", ""), rest.pop("unit", "")
    quantity, least, most = (rest.pop(name, "") for name in ("quantity", "atLeast", "atMost"))
    if not reason and unit:
        raise NotSaidError("a gap with a unit and without a cause")
    extent = quantity or (f"{least}-{most}" if least and most else "")
    if (
        (quantity and (least or most))
        or bool(least) != bool(most)
        or (extent and not _NUMBER.fullmatch(extent))
    ):
        raise NotSaidError("how much is missing is said in two ways, or not in numbers")
    for word in (reason, unit):
        if word and (_NUMBER.fullmatch(word) or word in _MEANING_ELSE or re.search(r"[=#/]", word)):
            raise NotSaidError(f"{word!r} of a gap means something else here")
    words += filter(None, [reason, extent, unit])
    words += _after("by", rest, "resp")
    if len(element) > 1 or (element.text or "").strip() or any(each.tag != "desc" for each in element):
        raise NotSaidError("a gap has words in one <desc>, or none")
    inner = element[0] if len(element) else element
    if len(inner.attrib) and inner is not element:
        raise NotSaidError("<desc> says more than words")
    return words, inner


def _words_of_simple(tag: str, rest: dict[str, str]) -> list[str]:
    if tag in ("title", "roleName") and rest.get("ref"):
        kind = {"title": "work", "roleName": "role"}[tag]
        if all(each.startswith(f"{kind}:") for each in rest["ref"].split()):
            return _pointers(rest, "ref")
    for word, (name, fixed, pointing) in _SIMPLE.items():
        if name == tag and all(rest.get(key) == value for key, value in fixed.items()):
            for key in fixed:
                del rest[key]
            pointers = rest.get(pointing, "").split() if pointing else []
            if pointers and all(_points(each, ":") for each in pointers):
                return [word, *_pointers(rest, pointing)]
            return [word]
    raise NotSaidError(f"<{tag}> has no word here")


def leftover_words(rest: Mapping[str, str]) -> Iterator[str]:
    """Yield attributes as they are written.

    Raises:
        NotSaidError: One of them is not read, or would be read otherwise.
    """
    for name, value in rest.items():
        if name not in _GENERAL:
            raise NotSaidError(f"the attribute {etree.QName(name).localname}")
        pieces = [in_words(each) for each in value.split()]
        if not pieces or value != " ".join(value.split()):
            raise NotSaidError(f'{name}="{value}"')
        yield f"{name}={','.join(pieces)}"
