"""How numbers, kinds of thing, sizes, licences and addresses are written for people."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fonds.release.folder import Manifest
from fonds.settings import Settings

_LICENCES = {
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0 (no rights reserved)",
    "https://creativecommons.org/publicdomain/mark/1.0/": "Public Domain Mark 1.0",
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
    """Return a number with narrow spaces between groups of three digits, from five digits on (SI Brochure 5.4.4).

    >>> grouped(1234), grouped(2005102)
    ('1234', '2\u202f005\u202f102')
    """
    return f"{number:,}".replace(",", "\u202f") if number >= 10_000 else str(number)


_NAMES: Mapping[str, tuple[str, str]] = {
    "record": ("record", "records"),
    "person": ("person", "people"),
    "group": ("organisation", "organisations"),
    "place": ("place", "places"),
    "event": ("event", "events"),
    "work": ("work", "works"),
    "holding": ("archive unit", "archive units"),
    "topic": ("topic", "topics"),
}

KINDS: Mapping[str, str] = {kind: many.capitalize() for kind, (_, many) in _NAMES.items()}
"""Kinds of thing that are listed for people, with their headings."""


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
    return _NAMES[kind][0 if number == 1 else 1]


def heading(kind: str) -> str:
    """Return what the things of a kind are called together."""
    return KINDS.get(kind, f"{kind.capitalize()}s")


def size_in_words(size_bytes: int) -> str:
    """Return a size for people, in powers of ten as disks are sold.

    >>> size_in_words(312), size_in_words(48_211), size_in_words(2_350_000)
    ('312 bytes', '48.2 kB', '2.4 MB')
    """
    amount, units = float(size_bytes), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{size_bytes} bytes" if units[0] == "bytes" else f"{amount:.1f} {units[0]}"


def licence_name(iri: str) -> str:
    """Return what a licence is called, or its address."""
    return _LICENCES.get(iri.replace("http://", "https://", 1), iri)


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
    name, value = ("subject", f"An error in {address}") if link.startswith("mailto:") else ("page", address)
    return f"{link}{'&' if '?' in link else '?'}{name}={quote(value, safe='')}{mark}{fragment}"


def local(iri: str, base: str) -> str:
    """Return what follows the base, or the whole IRI."""
    return iri.removeprefix(base)


def default_graph_note(manifest: Manifest) -> str:
    """Return what stands in the default graph of the endpoint."""
    if manifest.kind == "publication":
        return (
            "The default graph is the public view: what is asserted, and what follows from it. "
            "GRAPH shows which graph says what."
        )
    if manifest.union:
        return "The default graph holds the triples of all named graphs."
    if manifest.counts.public == 0:
        return "The default graph is empty: all triples stand in named graphs. Use GRAPH."
    return "The default graph is that of the dataset as it came."


def limits_note(settings: Settings) -> str:
    """Return the limits of a query in words, and whom it may ask by SERVICE."""
    limits = settings.limits
    note = (
        f"A query has {limits.query_seconds:g} seconds and {limits.worker_memory_bytes // 2**20} MiB of memory; its text may "
        f"have {limits.query_bytes // 1024} kB, its answer {grouped(limits.result_rows)} rows and "
        f"{limits.result_bytes // 2**20} MiB. What passes a limit is an error that names it; no answer is ever cut."
    )
    if not settings.federation:
        return note
    others = ", ".join(f"<{each}>" for each in settings.federation)
    return (
        f"{note} SERVICE may ask {others}: {limits.federation_calls} times in a query, for {limits.federation_seconds:g} "
        f"seconds each, and {grouped(limits.federation_bytes // 1024)} kB in all."
    )


def first_query(manifest: Manifest) -> str:
    """Return a query to begin with."""
    if manifest.counts.public == 0:
        return "SELECT * WHERE {\n  GRAPH ?graph { ?subject ?property ?value }\n}\nLIMIT 20\n"
    return "SELECT * WHERE {\n  ?subject ?property ?value\n}\nLIMIT 20\n"
