"""How numbers, kinds of thing, sizes, licences and addresses are written for people."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from urllib.parse import quote

from fonds import dates
from fonds.release.folder import Manifest
from fonds.settings import Settings
from fonds.translations import ENGLISH, Translation, gettext, marked, marked_plural, ngettext, spoken
from fonds.translations import spelled as spelled_in

_LICENCES = {
    "https://creativecommons.org/publicdomain/zero/1.0/": marked("CC0 1.0 (no rights reserved)"),
    "https://creativecommons.org/publicdomain/mark/1.0/": marked("Public Domain Mark 1.0"),
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
}


def shortened(text: str, most: int) -> str:
    """Return words on one line, cut behind one of them where they have more than so many characters.

    >>> shortened("First\\nSecretary of the\\nCentral Committee", 20)
    'First Secretary of …'
    """
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rpartition(" ")[0] + " …"


def grouped(number: int) -> str:
    """Return a number with the marks of the page's language between groups of three digits.

    In English narrow spaces, from five digits on (SI Brochure 5.4.4).

    >>> grouped(1234), grouped(2005102), grouped(2**53 + 1)
    ('1234', '2\u202f005\u202f102', '9\u202f007\u202f199\u202f254\u202f740\u202f993')
    """
    return spoken().number(number)


@functools.lru_cache(maxsize=8192)
def _spelled_in(_it: Translation, edtf: str) -> str:
    try:
        date = dates.parse_edtf(edtf)
    except ValueError:
        return edtf
    if date.plain is None or date.earliest is None or dates.spelled_day(date.earliest.isoformat()) is None:
        return edtf
    text = spelled_in(date.plain) if len(date.plain) in (7, 10) else date.plain
    if date.approximate:
        text = gettext("about {date}").format(date=text)
    return gettext("{date} (uncertain)").format(date=text) if date.uncertain else text


def spelled_date(edtf: str) -> str:
    """Return an EDTF date as people write it in the language of the page; one that cannot be spelled simply stays as it is.

    >>> spelled_date("1964-10-27"), spelled_date("1964-10"), spelled_date("1964-12-29~")
    ('27 October 1964', 'October 1964', 'about 29 December 1964')
    """
    it = spoken()
    return dates.spelled_date(edtf) if it is ENGLISH else _spelled_in(it, edtf)


def spelled_day(text: str) -> str | None:
    """Return a day as people write it in the language of the page, None if it is not a day of the calendar."""
    english = dates.spelled_day(text)
    return english if english is None or spoken() is ENGLISH else spelled_in(text)


_NAMES: Mapping[str, tuple[str, str]] = {
    "record": marked_plural("record", "records"),
    "person": marked_plural("person", "people"),
    "group": marked_plural("organisation", "organisations"),
    "place": marked_plural("place", "places"),
    "event": marked_plural("event", "events"),
    "work": marked_plural("work", "works"),
    "holding": marked_plural("archive unit", "archive units"),
    "topic": marked_plural("topic", "topics"),
}

KINDS: Mapping[str, str] = {
    "record": marked("Records"),
    "person": marked("People"),
    "group": marked("Organisations"),
    "place": marked("Places"),
    "event": marked("Events"),
    "work": marked("Works"),
    "holding": marked("Archive units"),
    "topic": marked("Topics"),
}
"""Kinds of thing that are listed for people, with their headings in English."""


def singular(kind: str) -> str:
    """Return what one thing of a kind is called.

    >>> singular("group")
    'organisation'
    """
    return _NAMES[kind][0]


def counted(kind: str, number: int) -> str:
    """Return what so many things of a kind are called.

    >>> counted("person", 1), counted("person", 9)
    ('person', 'people')
    """
    return ngettext(*_NAMES[kind], number)


def heading(kind: str) -> str:
    """Return what the things of a kind are called together."""
    return gettext(KINDS[kind]) if kind in KINDS else f"{kind.capitalize()}s"


def size_in_words(size_bytes: int) -> str:
    """Return a size for people, in powers of ten as disks are sold.

    >>> size_in_words(312), size_in_words(48_211), size_in_words(2_350_000)
    ('312 bytes', '48.2 kB', '2.4 MB')
    """
    if size_bytes < 1000:
        return ngettext("{number} byte", "{number} bytes", size_bytes).format(number=size_bytes)
    amount, units = size_bytes / 1000, [marked("kB"), marked("MB"), marked("GB"), marked("TB")]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{spoken().number(amount, 1)} {gettext(units[0])}"


def licence_name(iri: str) -> str:
    """Return what a licence is called, or its address."""
    return gettext(_LICENCES.get(iri.replace("http://", "https://", 1), iri))


def contact_address(contact: str) -> str:
    """Return a link to whoever is responsible: ``mailto:`` for a mail address, a web address as it is, else nothing.

    >>> contact_address("archive@example.org"), contact_address("javascript:alert(1)")
    ('mailto:archive@example.org', '')
    """
    if contact.startswith(("http://", "https://", "mailto:")):
        return contact
    return f"mailto:{contact}" if "@" in contact and ":" not in contact else ""


def web_address(words: str) -> str:
    """Return words that are the address of a web page, nothing where they are prose.

    >>> web_address("https://creativecommons.org/licenses/by/4.0/"), web_address("Ask the archive.")
    ('https://creativecommons.org/licenses/by/4.0/', '')
    """
    return words if words.startswith(("http://", "https://")) and not set(words) & set(' <>"{}|\\^`') else ""


def report_address(contact: str, address: str) -> str:
    """Return a link by which somebody reports an error on a page: a mail with its address, or the web address with it.

    >>> report_address("archive@example.org", "https://a.example/doc/x?page=2")
    'mailto:archive@example.org?subject=An%20error%20in%20https%3A%2F%2Fa.example%2Fdoc%2Fx%3Fpage%3D2'
    >>> report_address("https://a.example/help#form", "https://a.example/doc/x")
    'https://a.example/help?page=https%3A%2F%2Fa.example%2Fdoc%2Fx#form'
    >>> report_address("the reading room", "https://a.example/doc/x")
    ''
    """
    link, mark, fragment = contact_address(contact).partition("#")
    if not link:
        return ""
    name, value = (
        ("subject", gettext("An error in {address}").format(address=address))
        if link.startswith("mailto:")
        else ("page", address)
    )
    return f"{link}{'&' if '?' in link else '?'}{name}={quote(value, safe='')}{mark}{fragment}"


def local(iri: str, base: str) -> str:
    """Return what follows the base, or the whole IRI."""
    return iri.removeprefix(base)


def default_graph_note(manifest: Manifest) -> str:
    """Return what stands in the default graph of the endpoint."""
    if manifest.kind == "publication":
        return gettext(
            "The default graph is the public view: what is asserted, and what follows from it. "
            "GRAPH shows which graph says what."
        )
    if manifest.union:
        return gettext("The default graph holds the triples of all named graphs.")
    if manifest.counts.public == 0:
        return gettext("The default graph is empty: all triples stand in named graphs. Use GRAPH.")
    return gettext("The default graph is that of the dataset as it came.")


def limits_note(settings: Settings) -> str:
    """Return the limits of a query in words, and whom it may ask by SERVICE."""
    limits = settings.limits
    note = gettext(
        "A query has {seconds} seconds and {memory} MiB of memory; its text may have {text} kB, its answer {rows} rows and "
        "{answer} MiB. What passes a limit is an error that names it; no answer is ever cut."
    ).format(
        seconds=f"{limits.query_seconds:g}",
        memory=limits.worker_memory_bytes // 2**20,
        text=limits.query_bytes // 1024,
        rows=grouped(limits.result_rows),
        answer=limits.result_bytes // 2**20,
    )
    if not settings.federation:
        return note
    more = gettext(
        "SERVICE may ask {others}: {calls} times in a query, for {seconds} seconds each, and {size} kB in all."
    ).format(
        others=", ".join(f"<{each}>" for each in settings.federation),
        calls=limits.federation_calls,
        seconds=f"{limits.federation_seconds:g}",
        size=grouped(limits.federation_bytes // 1024),
    )
    return f"{note} {more}"


def first_query(manifest: Manifest) -> str:
    """Return a query to begin with."""
    if manifest.counts.public == 0:
        return "SELECT * WHERE {\n  GRAPH ?graph { ?subject ?property ?value }\n}\nLIMIT 20\n"
    return "SELECT * WHERE {\n  ?subject ?property ?value\n}\nLIMIT 20\n"
