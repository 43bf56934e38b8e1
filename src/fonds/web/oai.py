"""``/oai``: the Open Archives Initiative Protocol for Metadata Harvesting, version 2.0.

Six verbs, by GET or by POST of a form; every fault is an answer of the protocol (3.6), with status 200. A resumption token holds all that
the next answer depends on, and a place in the order in which items changed, so that the server remembers nobody and a
harvester goes on after a restart, or on another copy. What changes while somebody harvests comes to the end of that order: with a new
release the harvest goes on, and ends with the newest state of everything. A token is refused where the release that gave it is no
longer among those before the one that is served, as after a rollback.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import msgspec
from pyoxigraph import NamedNode, RdfFormat, parse

from fonds.addresses import uri
from fonds.drawing.svg import Attribute, element, text
from fonds.identifiers import Kind
from fonds.release.harvest import CHUNK, Harvest, Item
from fonds.views import dublin_core, edm
from fonds.views.citations import cited
from fonds.views.graph import known
from fonds.web.answers import Answer, Exchange
from fonds.web.problems import Choice, Problem
from fonds.web.records import facts_of
from fonds.web.site import Site
from fonds.web.wording import KINDS, counted, heading

OAI = "oai"
_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_DC, _EDM = "oai_dc", "edm"
_MOST_IDENTIFIERS = 500
_MOST_RECORDS = CHUNK
_MOST_BYTES = 1_500_000
"""Descriptions that one answer is made of, about a second's work; of very long records fewer are sent at once."""
_LONGEST_TOKEN = 4_000
_MOST_ARGUMENTS = 50
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PREFIX = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
_SET = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")
_MAIL = re.compile(r"\S+@(?:\S+\.)+\S+")
_CHOICES = (
    Choice("dataset", "The dataset"),
    Choice("sitemap.xml", "The list of the sitemaps"),
)


class _Refused(Exception):
    """A fault of a request (OAI-PMH 2.0, 3.6): its code, and words for a person."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


class _Token(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a list that goes on depends on.

    Attributes:
        verb: Which list.
        prefix: In which format; empty for sets.
        set: Of which set; empty for all.
        since: The first moment; empty for none.
        until: The last moment; empty for none.
        sent: How many were sent already.
        latest: The moment of the release that gave it.
        moment: Of the item that was sent last.
        it: That item; of sets, the specification that was sent last.
    """

    verb: str
    prefix: str
    set: str
    since: str
    until: str
    sent: int
    latest: str
    moment: str
    it: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that can be answered.

    Attributes:
        site: What is harvested.
        harvest: Its items.
        verb: What is asked for.
        arguments: By name, each once.
    """

    site: Site
    harvest: Harvest
    verb: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return an argument; empty where it is not given."""
        return self.arguments.get(name, "")


def harvesting(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/oai``.

    Raises:
        Problem: 404, nothing is harvested here: the release is of a dataset.
    """
    if site.harvest is None:
        raise Problem(
            404, "There is nothing to be harvested by OAI-PMH: only releases of publications are.", _CHOICES
        )
    attributes: Mapping[str, str] = {}
    try:
        verb, arguments = _read(exchange.query)
        try:
            body = element(verb, None, *_VERBS[verb].answer(_Asked(site, site.harvest, verb, arguments)))
        except _Refused as refused:
            # OAI-PMH 2.0, 3.2: the request is repeated, but where it could not be read.
            attributes = {} if refused.code == "badArgument" else {"verb": verb, **arguments}
            raise
        attributes = {"verb": verb, **arguments}
    except _Refused as refused:
        body = element("error", {"code": refused.code}, text(str(refused)))
    return _answer(site, attributes, body)


def _answer(site: Site, attributes: Mapping[str, str], body: str) -> Answer:
    now = datetime.datetime.now(datetime.UTC)
    root: dict[str, Attribute] = {
        "xmlns": _NAMESPACE,
        "xmlns:xsi": dublin_core.XSI,
        "xsi:schemaLocation": f"{_NAMESPACE} {_SCHEMA}",
    }
    document = element(
        "OAI-PMH",
        root,
        element("responseDate", None, f"{now:%Y-%m-%dT%H:%M:%SZ}"),
        element("request", dict(attributes), text(_address(site))),
        body,
    )
    headers = (
        # OAI-PMH 2.0, 3.1.2.1: text/xml, whatever is accepted.
        (b"content-type", b"text/xml;charset=utf-8"),
        (b"vary", b"Accept-Encoding"),
        # It says when it was sent.
        (b"cache-control", b"no-cache"),
    )
    return Answer(200, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{document}\n'.encode())


def _address(site: Site) -> str:
    return uri(f"{site.base}{OAI}")


# ------------------------------------------------------------------------------------------ the request


def _read(query: str) -> tuple[str, dict[str, str]]:
    """Return the verb of a request, and its other arguments.

    Raises:
        _Refused: It cannot be read, or has what its verb does not know.
    """
    try:
        given = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_ARGUMENTS)
    except ValueError as error:
        raise _Refused("badArgument", f"The arguments cannot be read: {error}.") from error
    verbs = [value for name, value in given if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in _VERBS:
        found = "is missing" if not verbs else "is given twice" if len(verbs) > 1 else f"is “{verbs[0][:60]}”"
        raise _Refused("badVerb", f"The verb {found}; there are {', '.join(_VERBS)}.")
    verb, arguments = verbs[0], {name: value for name, value in given if name != "verb"}
    _check(_VERBS[verb], verb, [name for name, _ in given if name != "verb"], arguments)
    return verb, arguments


def _check(rules: _Verb, verb: str, names: Sequence[str], arguments: Mapping[str, str]) -> None:
    for name in names:
        if name not in (*rules.required, *rules.optional, *rules.exclusive):
            raise _Refused("badArgument", f"{verb} takes no argument “{name[:60]}”.")
        if names.count(name) > 1:
            raise _Refused("badArgument", f"“{name}” is given more than once.")
    if any(name in rules.exclusive for name in names):
        if len(names) > 1:
            raise _Refused("badArgument", "With resumptionToken no other argument but verb is given.")
        return
    for name in rules.required:
        if name not in arguments:
            raise _Refused("badArgument", f"{verb} asks for the argument “{name}”.")
    for name, (pattern, wanted) in _FORMS.items():
        if name in arguments and not pattern.fullmatch(arguments[name]):
            raise _Refused("badArgument", f"{name} is “{arguments[name][:60]}”; expected {wanted}.")


def _window(asked: _Asked) -> tuple[str, str]:
    """Return the first and the last moment that are asked for; empty where there is no bound.

    Raises:
        _Refused: They are no days or seconds, not of one sort, or in the wrong order.
    """
    since, until = asked.get("from"), asked.get("until")
    for name, moment in (("from", since), ("until", until)):
        if name in asked.arguments and not _is_moment(moment):
            wanted = "YYYY-MM-DDThh:mm:ssZ or YYYY-MM-DD"
            raise _Refused("badArgument", f"{name} is “{moment[:40]}”; expected {wanted}, in UTC.")
    if since and until and len(since) != len(until):
        raise _Refused("badArgument", "from and until are not of one granularity.")
    first = f"{since}T00:00:00Z" if len(since) == 10 else since
    last = f"{until}T23:59:59Z" if len(until) == 10 else until
    if first and last and first > last:
        raise _Refused("badArgument", "from is later than until.")
    return first, last


def _is_moment(written: str) -> bool:
    if not (_DAY.fullmatch(written) or _SECOND.fullmatch(written)) or not written.isascii():
        return False
    try:
        datetime.datetime.fromisoformat(written)
    except ValueError:
        return False
    return True


def _written_token(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def _read_token(asked: _Asked) -> _Token:
    """Return what a token says.

    Raises:
        _Refused: It is none of ours, belongs to another list, or to a release that is not among those before this one.
    """
    written = asked.get("resumptionToken")
    try:
        if len(written) > _LONGEST_TOKEN or not written.isascii():
            raise ValueError  # noqa: TRY301  what follows refuses it
        padded = written + "=" * (-len(written) % 4)
        token = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=_Token)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise _Refused("badResumptionToken", "This is no resumption token of this repository.") from None
    if token.verb != asked.verb or token.sent < 1:
        raise _Refused("badResumptionToken", "This resumption token belongs to another list.")
    if token.latest not in asked.harvest.moments:
        words = "What this resumption token was given for is not published here any more; begin the harvest again."
        raise _Refused("badResumptionToken", words)
    bounds = [each for each in (token.since, token.until, token.moment) if each]
    if not all(map(_SECOND.fullmatch, bounds)):
        raise _Refused("badResumptionToken", "This is no resumption token of this repository.")
    return token


# ------------------------------------------------------------------------------------------ verbs


def _identify(asked: _Asked) -> Iterator[str]:
    site, settings = asked.site, asked.site.settings
    yield element("repositoryName", None, text(settings.title))
    yield element("baseURL", None, text(_address(site)))
    yield element("protocolVersion", None, "2.0")
    yield element("adminEmail", None, text(_mail(site)))
    yield element("earliestDatestamp", None, asked.harvest.moments[0])
    yield element("deletedRecord", None, "persistent")
    yield element("granularity", None, "YYYY-MM-DDThh:mm:ssZ")
    for coding in ("gzip", "br"):
        yield element("compression", None, coding)
    dataset = [
        dublin_core.Element("title", settings.title),
        dublin_core.Element("description", settings.description.strip()),
        dublin_core.Element("publisher", settings.publisher),
        dublin_core.Element("type", "Dataset"),
        dublin_core.Element("identifier", uri(f"{site.base}dataset")),
        *(dublin_core.Element("language", each) for each in settings.languages),
        dublin_core.Element("rights", settings.rights.data),
    ]
    yield element("description", None, dublin_core.oai_dc(each for each in dataset if each.words))


def _mail(site: Site) -> str:
    """Return the address of who is responsible; one that says that none is known where the settings state none."""
    contact = site.settings.contact.strip().removeprefix("mailto:")
    if _MAIL.fullmatch(contact):
        return contact
    # The schema asks for one. RFC 6761 6.4: nobody can have it.
    return f"no-address-stated@{(urlsplit(site.base).hostname or 'host').replace(':', '.')}.invalid"


def _list_metadata_formats(asked: _Asked) -> Iterator[str]:
    prefixes = _formats(asked.site)
    if "identifier" in asked.arguments:
        identifier = asked.get("identifier")
        item = _item(asked, identifier)
        if item.deleted:
            raise _Refused(
                "noMetadataFormats", f"{identifier[:200]} was withdrawn; its identifier is all there is."
            )
        prefixes = [each for each in prefixes if _has(item, each)]
    for prefix in prefixes:
        schema, namespace = _FORMATS[prefix]
        yield element(
            "metadataFormat",
            None,
            element("metadataPrefix", None, prefix),
            element("schema", None, schema),
            element("metadataNamespace", None, namespace),
        )


def _list_sets(asked: _Asked) -> Iterator[str]:
    sent, behind = 0, ""
    if "resumptionToken" in asked.arguments:
        token = _read_token(asked)
        sent, behind = token.sent, token.it
    sets, more = asked.harvest.sets(behind)
    if not sets:
        if sent:
            raise _Refused("badResumptionToken", "No sets follow; begin again.")
        raise _Refused("noSetHierarchy", "There are no sets here, since there is nothing to be harvested.")
    for each in sets:
        # Kinds are named here as on the pages.
        kind = each.spec.removeprefix("kind:")
        name = heading(kind) if kind == each.name else each.name
        yield element("set", None, element("setSpec", None, each.spec), element("setName", None, text(name)))
    if more or sent:
        next_ = None
        if more:
            latest = asked.harvest.moments[-1]
            next_ = _Token(asked.verb, "", "", "", "", sent + len(sets), latest, "", sets[-1].spec)
        yield _resumption(next_, sent, None)


def _get_record(asked: _Asked) -> Iterator[str]:
    item = _item(asked, asked.get("identifier"))
    prefix = _prefix(asked.site, asked.get("metadataPrefix"))
    if not item.deleted and not _has(item, prefix):
        raise _Refused("cannotDisseminateFormat", f"Only records are offered as {prefix}.")
    if (record := _record(asked, item, prefix)) is None:
        raise _Refused("cannotDisseminateFormat", f"There is nothing to be said of it as {prefix}.")
    yield record


def _list_identifiers(asked: _Asked) -> Iterator[str]:
    return _list(asked, _MOST_IDENTIFIERS, lambda item, _: _header(asked, item))


def _list_records(asked: _Asked) -> Iterator[str]:
    return _list(asked, _MOST_RECORDS, lambda item, prefix: _record(asked, item, prefix))


def _list(asked: _Asked, most: int, write: Callable[[Item, str], str | None]) -> Iterator[str]:
    """Yield one page of a list, and the token of the next."""
    harvest = asked.harvest
    if "resumptionToken" in asked.arguments:
        token = _read_token(asked)
        prefix, set_, since, until = token.prefix, token.set, token.since, token.until
        if prefix not in _formats(asked.site):
            raise _Refused(
                "badResumptionToken", f"Nothing is offered as {prefix[:40]} any more; begin again."
            )
    else:
        token = None
        prefix, set_ = _prefix(asked.site, asked.get("metadataPrefix")), asked.get("set")
        since, until = _window(asked)
        if set_ and not harvest.head.sets:
            raise _Refused("noSetHierarchy", "There are no sets here.")
    numbers = _members(harvest, prefix, set_)
    first = bisect_left(numbers, harvest.first_since(since) if since else 0)
    end = bisect_left(numbers, harvest.first_after(until)) if until else len(numbers)
    at = max(first, bisect_left(numbers, harvest.behind(token.moment, token.it))) if token else first
    sent = token.sent if token else 0
    last: Item | None = None
    written = weight = 0
    while at < end and written < most and weight <= _MOST_BYTES:
        last = harvest.at(numbers[at])
        at += 1
        if asked.verb == "ListRecords":
            weight += asked.site.descriptions.weight(_iri(asked.site, last))
        if (each := write(last, prefix)) is not None:
            written += 1
            yield each
    sent += written
    if last is None:
        if token:
            raise _Refused("badResumptionToken", "Nothing follows; begin the harvest again.")
        raise _Refused(
            "noRecordsMatch", "No record is in that set and changed within these bounds, in that format."
        )
    if at < end or token:
        next_ = None
        if at < end:
            place = harvest.moments[last.moment], last.it
            next_ = _Token(asked.verb, prefix, set_, since, until, sent, harvest.moments[-1], *place)
        yield _resumption(next_, token.sent if token else 0, end - first)


def _resumption(next_: _Token | None, cursor: int, size: int | None) -> str:
    """Return the token of the next page; an empty one ends a list of several pages (OAI-PMH 2.0, 3.5)."""
    attributes: dict[str, Attribute] = {"cursor": str(cursor)}
    if size is not None:
        attributes = {"completeListSize": str(size), **attributes}
    return element("resumptionToken", attributes, *([_written_token(next_)] if next_ else []))


def _members(harvest: Harvest, prefix: str, spec: str) -> Sequence[int]:
    """Return the numbers of the items of a set that can be had in a format."""
    only_records = prefix == _EDM
    if not only_records:
        return harvest.numbers(spec)
    if spec in ("", "kind"):
        return harvest.numbers(f"kind:{Kind.RECORD}")
    is_of_records = spec == f"kind:{Kind.RECORD}" or spec.partition(":")[0] == "holding"
    return harvest.numbers(spec) if is_of_records else ()


# ------------------------------------------------------------------------------------------ records


def _item(asked: _Asked, identifier: str) -> Item:
    """Return an item by its identifier.

    Raises:
        _Refused: There is none.
    """
    start = uri(f"{asked.site.base}id/")
    item = asked.harvest.item(identifier.removeprefix(start)) if identifier.startswith(start) else None
    if item is None:
        raise _Refused("idDoesNotExist", f"There is no “{identifier[:200]}”; identifiers begin with {start}")
    return item


def _iri(site: Site, item: Item) -> str:
    return f"{site.base}id/{item.it}"


def _formats(site: Site) -> list[str]:
    return [_DC] if edm.why_not(site.settings.edm) else [_DC, _EDM]


def _prefix(site: Site, prefix: str) -> str:
    """Return a format that there is.

    Raises:
        _Refused: There is no such format.
    """
    if prefix in (formats := _formats(site)):
        return prefix
    why = edm.why_not(site.settings.edm) if prefix == _EDM else ""
    raise _Refused(
        "cannotDisseminateFormat", why or f"There is no “{prefix[:40]}”; there are {', '.join(formats)}."
    )


def _has(item: Item, prefix: str) -> bool:
    return prefix == _DC or item.it.startswith(f"{Kind.RECORD}/")


def _header(asked: _Asked, item: Item) -> str:
    return element(
        "header",
        {"status": "deleted" if item.deleted else None},
        element("identifier", None, text(uri(_iri(asked.site, item)))),
        element("datestamp", None, asked.harvest.moments[item.moment]),
        *(element("setSpec", None, each) for each in item.sets),
    )


def _record(asked: _Asked, item: Item, prefix: str) -> str | None:
    """Return a record; None where there is nothing to be said of it in that format."""
    if item.deleted:
        return element("record", None, _header(asked, item))
    metadata = _metadata(asked.site, item, prefix)
    if metadata is None:
        return None
    return element("record", None, _header(asked, item), element("metadata", None, metadata))


def _metadata(site: Site, item: Item, prefix: str) -> str | None:
    it = NamedNode(_iri(site, item))
    kind, _, key = item.it.partition("/")
    if kind == Kind.RECORD:
        facts = facts_of(site, it, key).stated
        named = cited(facts, it, site.addresses.iris)
        if named is not None and prefix == _EDM:
            page = site.base + site.addresses.of_iri(it.value)
            return edm.edm(facts, named, page, site.settings.edm, schema_location=True, declaration=False)
        if named is not None:
            return dublin_core.oai_dc(dublin_core.of_record(facts, named))
    description = site.descriptions.of(it.value, named=False)
    if prefix == _EDM or description is None:
        return None
    stated = (quad.triple for quad in parse(b"".join(description.own), format=RdfFormat.N_QUADS))
    about = known(stated, site.settings.languages)
    words = counted(kind, 1) if kind in KINDS else kind
    return dublin_core.oai_dc(
        dublin_core.of_thing(about, it, uri(it.value), words, site.settings.rights.data)
    )


@dataclass(frozen=True, slots=True)
class _Verb:
    """What a verb takes, and what answers it.

    Attributes:
        answer: Yields what stands in the element of its name.
        required: Arguments that must be given.
        optional: Arguments that may be.
        exclusive: The one that stands instead of all others.
    """

    answer: Callable[[_Asked], Iterator[str]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()


_SELECTING = ("from", "until", "set")
_RESUMING = ("resumptionToken",)
_VERBS: Mapping[str, _Verb] = {
    "Identify": _Verb(_identify),
    "ListMetadataFormats": _Verb(_list_metadata_formats, optional=("identifier",)),
    "ListSets": _Verb(_list_sets, exclusive=_RESUMING),
    "GetRecord": _Verb(_get_record, required=("identifier", "metadataPrefix")),
    "ListIdentifiers": _Verb(_list_identifiers, ("metadataPrefix",), _SELECTING, _RESUMING),
    "ListRecords": _Verb(_list_records, ("metadataPrefix",), _SELECTING, _RESUMING),
}
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "metadataPrefix": (_PREFIX, "letters, digits and - _ . ! ~ * ' ( )"),
    "set": (_SET, "a set as ListSets has it, such as kind:record"),
    "identifier": (re.compile(r"[\x21-\x7e]+"), "a URI"),
}
_FORMATS: Mapping[str, tuple[str, str]] = {
    _DC: (dublin_core.SCHEMA, dublin_core.NAMESPACE),
    _EDM: (edm.SCHEMA, edm.NAMESPACE),
}
"""By prefix: address of the schema, and namespace."""
