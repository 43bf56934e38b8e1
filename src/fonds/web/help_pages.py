"""The help: a page for each kind of user, what the parts of a reference mean, the model; with examples from the data that are served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from fonds.dates import spelled_date
from fonds.descriptions.gazetteer import WORLD
from fonds.drawing.explained import LANGUAGES_OF_LEVELS, draw_model, draw_reference
from fonds.release.presentation.files import HOME
from fonds.store import QueryForm
from fonds.translations import SOURCE, marked, said, speaking, translation
from fonds.web.answers import Answer, Exchange
from fonds.web.discovery import beacons, has_letters
from fonds.web.drawn import root_of
from fonds.web.help_examples import Examples, examples_of
from fonds.web.help_words import Written, as_words, code, render
from fonds.web.listings import page_answer
from fonds.web.problems import Choice, Problem
from fonds.web.site import Site
from fonds.web.wording import contact_address, default_graph_note, licence_name, limits_note, web_address

_INDEX = "index"


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of help.

    Attributes:
        name: In its address.
        title: What links call it.
        about: What it says, in a few words.
        languages: In which there is one, the first of them at the address without a language.
        for_any: Whether it is of use where RDF is served as it came.
    """

    name: str
    title: str
    about: str
    languages: tuple[str, ...] = (SOURCE,)
    for_any: bool = False

    def address(self, language: str, spoken: str) -> str:
        """Return where it is, relative to the root of a site whose pages are in a language."""
        own = spoken if spoken in self.languages else self.languages[0]
        return f"help/{self.name}" + ("" if language == own else f".{language}")

    def file(self, language: str) -> str:
        """Return the name of its file."""
        return f"{self.name}.md" if language == self.languages[0] else f"{self.name}.{language}.md"


TOPICS = (
    Topic(
        "historians",
        marked("Reading and citing"),
        marked("records, gaps, names, who says so and how sure; citing; searching"),
    ),
    Topic(
        "sparql",
        marked("Asking with SPARQL"),
        marked("endpoint, prefixes, graphs, examples, limits, stored queries"),
        for_any=True,
    ),
    Topic(
        "programs",
        marked("For programs and crawlers"),
        marked("formats, files, the feed of changes, look-ups, crawling politely"),
        for_any=True,
    ),
    Topic(
        "archivists",
        marked("Publishing records of your own"),
        marked("how a site like this one is made"),
        for_any=True,
    ),
    Topic(
        "shelfmarks",
        marked("Fond, opis, delo, list"),
        marked("what the parts of a reference mean; in English, Russian and Spanish"),
        LANGUAGES_OF_LEVELS,
    ),
    Topic("model", marked("The model"), marked("in one drawing, and from question to class and property")),
)
"""The pages, in the order in which they are listed."""


def topics_of(site: Site) -> tuple[Topic, ...]:
    """Return the pages that are of use for what is served."""
    return tuple(each for each in TOPICS if site.is_publication or each.for_any)


def index(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/help``: which pages there are, and the least that one has to know."""
    return _answer(site, exchange, f"{_INDEX}.md", None, SOURCE)


def page(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/help/{name}`` and ``/help/{name}.{language}``.

    Raises:
        Problem: 404, there is no such page.
    """
    stem, _, language = name.partition(".")
    topic = next((each for each in topics_of(site) if each.name == stem), None)
    if topic is None or (language and language not in topic.languages):
        choices = [Choice(f"help/{each.name}", said(each.title)) for each in topics_of(site)]
        raise Problem(
            404,
            said("There is no page of help “{name}”.", name=name[:60]),
            (*choices, Choice("help", said("Help"))),
        )
    shown = language or (site.language if site.language in topic.languages else topic.languages[0])
    return _answer(site, exchange, topic.file(shown), topic, shown)


def _answer(site: Site, exchange: Exchange, file: str, topic: Topic | None, language: str) -> Answer:
    # Whatever language the page around them is in, these words are in their own.
    with speaking(translation(language)):
        words = render(file, _values(site), root_of(exchange), _DRAWINGS)
    return page_answer(
        site,
        exchange,
        "help.html",
        words=words,
        language=language,
        versions_of_page=_versions(topic) if topic else [],
        topic=topic,
        topics=topics_of(site),
        canonical=topic.address(language, site.language) if topic else "help",
    )


class _Version(NamedTuple):
    """A page in one of its languages, and where it is, relative to the root."""

    language: str
    address: str


def _versions(topic: Topic) -> list[_Version]:
    return [_Version(each, f"help/{topic.name}.{each}") for each in topic.languages]


_DRAWINGS: Mapping[str, Callable[[], str]] = {
    "model": draw_model,
    **{f"levels.{each}": partial(draw_reference, each) for each in LANGUAGES_OF_LEVELS},
}


def _values(site: Site) -> Mapping[str, object]:
    """Return what a publication fills into the help."""
    manifest, settings = site.release.manifest, site.settings
    examples = examples_of(site)
    kinds = manifest.counts.kinds
    home = site.own.page(HOME)
    world = site.gazetteer.view(WORLD) if site.gazetteer else None
    return {
        **{name: getattr(examples, name) for name in Examples.__slots__},
        "spelled_day": spelled_date(examples.day),
        "pages": topics_of(site),
        "title": home.title if home and home.title else settings.title,
        "base": site.base,
        "endpoint": f"{site.base}sparql",
        "publication": site.is_publication,
        "has_edm": site.is_publication and not settings.edm.missing,
        "release": manifest.name,
        "issued": spelled_date(manifest.issued[:10]),
        "limits": limits_note(settings),
        "default_graph_note": default_graph_note(manifest),
        "federation": bool(settings.federation) and site.store.can_federate is not False,
        "can_match": site.search is not None and site.store.can_match,
        "in_graphs": manifest.counts.public == 0,
        "small_query": _small_query(site, examples),
        "address": _address(site, examples),
        "questions": bool(site.queries),
        "question": _question(site),
        "gaps": any(each.name == "gaps" for each in site.queries),
        "has_search": site.search is not None,
        "has_timeline": site.chronology is not None and bool(site.chronology.whole.years),
        "has_map": world is not None and bool(world.marks),
        "has_holdings": bool(kinds.get("holding")),
        "everything_published": settings.fulltext == "full",
        "beacons": beacons(site),
        "letters": has_letters(site),
        "contact": contact_address(settings.contact),
        "contact_words": settings.contact,
        "licence": web_address(settings.rights.data) if site.is_publication else "",
        "licence_words": licence_name(settings.rights.data),
        "search": _search,
    }


def _small_query(site: Site, examples: Examples) -> str:
    """Return a query of one line that has an answer, whatever the data are."""
    if examples.person:
        return "SELECT ?person ?name WHERE { ?person a crm:E21_Person ; rdfs:label ?name } LIMIT 5"
    pattern = "?thing ?property ?value"
    if site.release.manifest.counts.public == 0:
        pattern = f"GRAPH ?graph {{ {pattern} }}"
    return f"SELECT * WHERE {{ {pattern} }} LIMIT 5"


def _address(site: Site, examples: Examples) -> str:
    """Return where a program gets the thing of the examples: its IRI, where that is an address of this site."""
    if examples.thing is None:
        return ""
    own = examples.thing.iri.startswith(site.base)
    return examples.thing.iri if own else f"{site.base}{examples.thing.href}"


def _question(site: Site) -> str:
    """Return where the first question that needs nothing from anybody is answered as a table, relative to the root."""
    wanted = site.settings.site.questions
    ready = [
        each
        for each in site.queries
        if each.form is QueryForm.SELECT and not any(parameter.required for parameter in each.parameters)
    ]
    ready.sort(key=lambda each: wanted.index(each.name) if each.name in wanted else len(wanted))
    return f"queries/{ready[0].name}.csv" if ready else ""


def _search(words: str) -> Written:
    """Return a search as somebody types it, with a link that makes it."""
    address = f"/search?{urlencode({'q': words})}"
    return Written(f"[{code(words)}](<{as_words(address)}>)")
