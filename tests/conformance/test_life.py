"""A life of a publication, release by release: feeds, OAI-PMH, sitemap, history, errata, dumps and addresses tell one story.

Each is read as its own client reads it, by HTTP from a server that runs all the time, and held against what archivists
know that they did (``living.py``).
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import random
import re
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import msgspec
import pytest
from markupsafe import escape
from oaipmh_scythe import Scythe
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch

from fonds.identifiers import IriSpace
from fonds.static.writing import export_site
from tests.behind import CADDY, files_by_caddy
from tests.conformance.living import (
    BASE,
    SECRET,
    SHORT,
    STORY,
    Fate,
    Life,
    State,
    Told,
    add_letters,
    anything,
    begin,
    fates_in,
)
from tests.conftest import Reply, Site, serving
from tests.processes import until

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
IRIS = IriSpace(BASE)


class Reader:
    """Somebody who asks the site by the addresses of its data."""

    def __init__(self, ask: Callable[[str, str | None], Reply]) -> None:
        self._ask = ask

    def get(self, address: str, accept: str | None = None) -> Reply:
        reply = self._ask(address, accept)
        if reply.headers.get("content-encoding") == "gzip":
            return Reply(reply.status, reply.headers, gzip.decompress(reply.body))
        return reply

    def follow(self, address: str, accept: str | None = None) -> tuple[list[int], str]:
        """Return the statuses on the way, and where it ended."""
        statuses = []
        while True:
            reply = self.get(address, accept)
            statuses.append(reply.status)
            if reply.status not in (301, 303):
                return statuses, address
            address = urljoin(
                address if address.startswith(BASE) else BASE + address.removeprefix("/"),
                reply.headers["location"],
            )


def quads_of(reply: Reply) -> set[Quad]:
    return set(parse(reply.body, format=RdfFormat.N_QUADS))


# ------------------------------------------------------------------------------------------------ clients


@dataclass
class Follower:
    """A client of the Change Discovery API 1.0 (its 3.2.2, "Activity Streams processing algorithm"): reads from the end backwards.

    Attributes:
        reader: By which it asks.
        address: Of the collection.
        held: What it holds: of each thing the quads of its graphs.
        seen: When the latest activity was that it has seen.
        pages: The bodies of pages that said they never change.
    """

    reader: Reader
    address: str = "changes"
    held: dict[str, set[Quad]] = field(default_factory=dict)
    seen: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)

    def crawl(self) -> list[tuple[str, Fate]]:
        """Go on; return what is new, the oldest first."""
        collection = msgspec.json.decode(self.reader.get(self.address).body)
        address: str | None = collection["last"]["id"]
        new: list[dict[str, object]] = []
        while address:
            reply = self.reader.get(address)
            page = msgspec.json.decode(reply.body)
            assert page["id"] == address
            if "immutable" in reply.headers["cache-control"]:
                assert self.pages.setdefault(address, reply.body) == reply.body
            items = page["orderedItems"]
            fresh = [each for each in items if each["endTime"] > self.seen]
            new += reversed(fresh)
            address = page.get("prev", {}).get("id") if len(fresh) == len(items) else None
        done: set[str] = set()
        for each in new:
            it = each["object"]["id"]  # type: ignore[index]
            if it in done:
                continue
            done.add(it)
            self.held.pop(it, None)
            if each["type"] in ("Create", "Update", "Add"):
                self.held[it] = self._fetch(it)
        if new:
            self.seen = str(new[0]["endTime"])
        return [_told(each) for each in reversed(new)]

    def crawled(self) -> dict[str, set[Quad]]:
        """Crawl, and return what it holds then."""
        self.crawl()
        return self.held

    def _fetch(self, it: str) -> set[Quad]:
        found: set[Quad] = set()
        for graph in [each.value for each in IRIS.graphs_of(it)] or [it]:
            reply = self.reader.get(graph, "application/n-quads")
            assert reply.status in (200, 404), graph
            found |= quads_of(reply) if reply.status == 200 else set()
        return found


def _told(activity: dict[str, object]) -> tuple[str, Fate]:
    target = activity.get("target", {"id": ""})["id"]  # type: ignore[index]
    it: str = activity["object"]["id"]  # type: ignore[index]
    return it.removeprefix(f"{BASE}id/"), Fate(str(activity["type"]), target.removeprefix(f"{BASE}id/"))


FATES = {
    "New": "Create", "Changed": "Update", "Withdrawn": "Delete", "Replaced": "Move", "Came here": "Add", "Moved elsewhere": "Remove",
}  # fmt: skip


@dataclass
class Feed:
    """A reader of feeds: shows each entry once.

    Attributes:
        address: Of the feed.
        entries: By their ids: when, what became, and where that leads.
    """

    reader: Reader
    address: str
    entries: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def poll(self) -> list[tuple[str, str]]:
        """Read it; return what is new: address and fate."""
        root = ET.fromstring(self.reader.get(self.address).body)
        new = []
        found = [self._entry(each) for each in root.iter(f"{ATOM}entry")]
        # RFC 4287 4.2.15: the latest change, and the order that readers expect.
        assert [each[1][0] for each in found] == sorted((each[1][0] for each in found), reverse=True)
        if found:
            assert root.findtext(f"{ATOM}updated") == found[0][1][0]
        for name, entry in found:
            if name not in self.entries:
                new.append((entry[2].removeprefix(f"{BASE}doc/"), FATES[entry[1]]))
                self.entries[name] = entry
            assert self.entries[name] == entry
        return new

    def _entry(self, entry: ET.Element) -> tuple[str, tuple[str, str, str]]:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        fate = (entry.findtext(f"{ATOM}title") or "").partition(":")[0]
        return entry.findtext(f"{ATOM}id") or "", (
            entry.findtext(f"{ATOM}updated") or "",
            fate,
            link.get("href", ""),
        )


@dataclass(frozen=True)
class Harvested:
    """A record as a harvester keeps it."""

    deleted: bool
    sets: frozenset[str]
    titles: tuple[str, ...] = ()
    creators: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass
class Mirror:
    """A harvester by sickle: begins with everything, then asks for what changed since."""

    sickle: Sickle
    held: dict[str, Harvested] = field(default_factory=dict)

    def harvest(self, since: datetime.datetime | None) -> dict[str, Harvested]:
        """Harvest what changed at a moment or later; return it."""
        bounds = {"from": f"{since:%Y-%m-%dT%H:%M:%SZ}"} if since else {}
        found: dict[str, Harvested] = {}
        try:
            for each in self.sickle.ListRecords(metadataPrefix="oai_dc", **bounds):
                values = each.metadata if not each.deleted else {}
                found[each.header.identifier.removeprefix(f"{BASE}id/")] = Harvested(
                    each.deleted,
                    frozenset(each.header.setSpecs),
                    *(tuple(values.get(name, ())) for name in ("title", "creator", "date")),
                )
        except NoRecordsMatch:
            pass
        self.held |= found
        return found


@dataclass
class Crawler:
    """A crawler that follows the sitemap: fetches again only what bears a later day than it knows."""

    reader: Reader
    held: dict[str, tuple[str, bytes, bytes]] = field(default_factory=dict)

    def crawl(self) -> None:
        listed: dict[str, str] = {}
        index = ET.fromstring(self.reader.get("sitemap.xml").body)
        for part in index.iter(f"{SITEMAP}sitemap"):
            there = part.findtext(f"{SITEMAP}lastmod") or ""
            urls = ET.fromstring(self.reader.get(part.findtext(f"{SITEMAP}loc") or "").body)
            here = {
                each.findtext(f"{SITEMAP}loc") or "": each.findtext(f"{SITEMAP}lastmod") or ""
                for each in urls.iter(f"{SITEMAP}url")
            }
            assert there == max(here.values())
            listed |= here
        for address in self.held.keys() - listed.keys():
            del self.held[address]
        for address, day in listed.items():
            page, data = self._fetch(address)
            known = self.held.get(address)
            if known is not None and known[0] == day:
                assert (address, known[2].decode()) == (address, data.decode())
                other = set(known[1].splitlines()) ^ set(page.splitlines())
                assert (address, other) == (address, set())
            elif known is not None:
                assert known[0] < day
                assert (known[1], known[2]) != (page, data), (address, day)
            self.held[address] = day, page, data

    def _fetch(self, address: str) -> tuple[bytes, bytes]:
        page = self.reader.get(address, "text/html")
        assert page.status == 200
        if not address.startswith(f"{BASE}doc/"):
            return _main(page.body), b""
        data = self.reader.get(address, "application/n-quads")
        assert data.status == 200
        return _main(page.body), data.body


def _main(page: bytes) -> bytes:
    """Return what a page says, but for the name of the release that it shows, and its ways to other pages."""
    found = re.search(rb"<main.*</main>", page, re.DOTALL)
    assert found
    said = re.sub(rb"<nav\b.*?</nav>", b"", found[0], flags=re.DOTALL)
    return re.sub(rb"\d{4}-\d\d-\d\d-[0-9a-f]{12}", b"", said)


# ------------------------------------------------------------------------------------------------ checks of one release


class Story:
    """All clients, and what they must see of each release."""

    def __init__(self, life: Life, site: Site, starts: frozenset[int]) -> None:
        self.life, self.site, self.reader = life, site, Reader(site.get)
        self.starts = starts
        self.followers: list[Follower] = []
        self.feed = Feed(self.reader, "changes.atom")
        self.sickle = Sickle(f"{site.url}oai")
        self.mirror = Mirror(self.sickle)
        self.crawler = Crawler(self.reader)
        self.of_units: dict[str, tuple[Follower, Feed]] = {}

    def check(self, told: Told) -> None:
        self._await(told.name)
        self._check_dump(told)
        self._check_changes(told)
        self._check_atom(told)
        self._check_units(told)
        self._check_harvest(told)
        self._check_addresses(told.state, self.reader)
        self._check_history(self.reader)
        self._check_errata(told.state, self.reader)
        self._check_releases()
        self.crawler.crawl()

    def check_files(self, told: Told, reader: Reader) -> None:
        """Read the same from plain files, as clients that come for the first time."""
        assert Follower(reader).crawled() == Follower(self.reader).crawled()
        self._check_addresses(told.state, reader)
        self._check_history(reader)
        self._check_errata(told.state, reader)
        here, there = Feed(reader, "changes.atom"), Feed(self.reader, "changes.atom")
        assert here.poll() == there.poll()
        assert here.entries == there.entries
        for unit in self.of_units:
            address = f"changes/holding/{unit}"
            assert Follower(reader, address).crawled() == Follower(self.reader, address).crawled()
            here, there = Feed(reader, f"{address}.atom"), Feed(self.reader, f"{address}.atom")
            assert here.poll() == there.poll()
        crawler = Crawler(reader)
        crawler.crawl()
        assert {address: day for address, (day, *_) in crawler.held.items()} == {
            address: day for address, (day, *_) in self.crawler.held.items()
        }

    def _await(self, name: str) -> None:
        self.site.process.send_signal(signal.SIGHUP)
        until(lambda: msgspec.json.decode(self.site.get("readyz").body)["release"] == name, 120)

    def _dump(self, name: str) -> set[Quad]:
        reply = self.site.get(f"release/{name}/dumps/dataset.nq.gz")
        assert reply.status == 200
        return set(parse(gzip.decompress(reply.body), format=RdfFormat.N_QUADS))

    def _check_dump(self, told: Told) -> None:
        state, dump = told.state, self._dump(told.name)
        assert things_in(dump) == state.things().keys()
        stated = {
            (each.subject.value, each.predicate.value, each.object)
            for each in dump
            if isinstance(each.subject, NamedNode)
        }
        words = {each[2].value for each in stated if isinstance(each[2], Literal)}
        for key, it in state.letters.items():
            record = f"{BASE}id/record/{key}"
            titles = {
                o.value
                for s, p, o in stated
                if (s, p) == (record, f"{DCTERMS}title") and isinstance(o, Literal)
            }
            days = {
                o.value
                for s, p, o in stated
                if (s, p) == (record, f"{DCTERMS}created") and isinstance(o, Literal)
            }
            assert (titles, days) == ({it.title}, {it.day})
            assert (record, f"{DCTERMS}creator", NamedNode(f"{BASE}id/person/{it.author}")) in stated
            assert any(it.words in each for each in words)
            assert any(
                s.startswith(f"{record}/") and o == NamedNode(f"{BASE}id/person/{it.whom}")
                for s, _, o in stated
            )
        for key, label in state.persons.items():
            assert label in {
                o.value
                for s, p, o in stated
                if (s, p) == (f"{BASE}id/person/{key}", LABEL) and isinstance(o, Literal)
            }
        assert any(SECRET in each for each in words) == any(
            SECRET in it.words for it in state.letters.values()
        )

    def _check_changes(self, told: Told) -> None:
        number = len(self.life.releases)
        if number in self.starts:
            self.followers.append(Follower(self.reader))
        holds: dict[str, set[Quad]] = {}
        for quad in self._dump(told.name):
            assert isinstance(quad.graph_name, NamedNode)
            holds.setdefault(quad.graph_name.value, set()).add(quad)
        # These follow from all others, and are nobody's.
        expected = set().union(
            *(quads for name, quads in holds.items() if not re.search("/graph/(meta|prov)$", name))
        )
        for each in self.followers:
            new = [(it, fate) for it, fate in each.crawl() if not it.startswith(BASE)]
            if len(self.life.releases) - 1 and each.pages is not None and each is not self.followers[-1]:
                assert dict(new) == told.fates
            assert {quad for quads in each.held.values() for quad in quads} == expected
            assert {
                it.removeprefix(f"{BASE}id/") for it in each.held if it.startswith(f"{BASE}id/")
            } == told.state.things().keys()

    def _check_atom(self, told: Told) -> None:
        new = [
            (it, fate)
            for it, fate in self.feed.poll()
            if not it.startswith(BASE) and not it.startswith(("vocab/", "graph/"))
        ]
        assert sorted(new) == sorted((it, fate.type) for it, fate in told.fates.items())

    def _check_units(self, told: Told) -> None:
        """Read what became of the records of each unit that ever was, by a client of each."""
        before = self.life.releases[-2].state if len(self.life.releases) > 1 else State()
        for unit in {*told.state.units, *before.units, *self.of_units}:
            expected = fates_in(unit, before, told.state, told.fates)
            within = {
                f"record/{key}"
                for key in told.state.letters
                if unit in told.state.holdings_of(f"record/{key}")
            }
            if unit not in self.of_units:
                if not within:
                    assert self.reader.get(f"changes/holding/{unit}").status == 404
                    continue
                address = f"changes/holding/{unit}"
                self.of_units[unit] = Follower(self.reader, address), Feed(self.reader, f"{address}.atom")
            follower, feed = self.of_units[unit]
            assert dict(follower.crawl()) == expected
            assert {it.removeprefix(f"{BASE}id/") for it in follower.held} == within
            assert sorted(feed.poll()) == sorted((it, fate.type) for it, fate in expected.items())
            page = self.reader.get(f"{BASE}doc/holding/{unit}", "text/html")
            assert (f"changes/holding/{unit}.atom" in page.text) == (unit in told.state.units)

    def _check_harvest(self, told: Told) -> None:
        state = told.state
        full = Mirror(self.sickle)
        full.harvest(None)
        assert {it for it, each in full.held.items() if each.deleted} == state.gone.keys()
        assert {it for it, each in full.held.items() if not each.deleted} == state.things().keys()
        for it, each in full.held.items():
            assert f"kind:{it.partition('/')[0]}" in each.sets
            if it.startswith("record/") and not each.deleted:
                letter = state.letters[it.removeprefix("record/")]
                assert each.titles == (letter.title,)
                assert each.dates == (letter.day,)
                assert each.creators == (state.persons[letter.author],)
                assert each.sets == {"kind:record"} | {f"holding:{unit}" for unit in state.holdings_of(it)}
        new = self.mirror.harvest(told.moment if self.mirror.held else None)
        assert self.mirror.held == full.held
        assert told.fates.keys() <= new.keys()
        # A record is sent once more where something that it shows changed, or may have; nothing else is.
        assert {
            it for it, each in new.items() if each.deleted or not it.startswith("record/")
        } <= told.fates.keys()
        with Scythe(f"{self.site.url}oai") as scythe:
            found = {
                each.header.identifier.removeprefix(f"{BASE}id/"): each.header.deleted
                for each in scythe.list_records(metadata_prefix="oai_dc")
            }
            since = f"{told.moment:%Y-%m-%dT%H:%M:%SZ}"
            again = {
                each.header.identifier.removeprefix(f"{BASE}id/")
                for each in scythe.list_records(metadata_prefix="oai_dc", from_=since)
            }
        assert found == {it: each.deleted for it, each in full.held.items()}
        assert again == new.keys() or len(self.life.releases) == 1

    def _ever(self) -> set[str]:
        return {it for each in self.life.releases for it in (*each.state.things(), *each.state.gone)}

    def _check_addresses(self, state: State, reader: Reader) -> None:
        for it in self._ever():
            statuses, end = reader.follow(f"{BASE}id/{it}", "text/turtle")
            seen, place = [], it
            while place in state.gone and state.gone[place].how in ("merged", "renamed"):
                # However often it was replaced, one step leads to what is there now.
                seen, place = [301], state.gone[place].targets[0]
            if place not in state.gone:
                assert (it, statuses, end) == (it, [*seen, 303, 200], f"{BASE}doc/{place}")
                continue
            # What was replaced by what is gone now may say so itself, or lead there.
            assert (it, statuses[-1]) == (it, 410)
            assert set(statuses[:-1]) <= set(seen)
            gone = state.gone[place]
            reply = reader.get(f"{BASE}id/{place}", "application/n-triples")
            triples = list(parse(reply.body, format=RdfFormat.N_TRIPLES))
            replaced = {
                each.object.value
                for each in triples
                if each.predicate.value == f"{DCTERMS}isReplacedBy" and isinstance(each.object, NamedNode)
            }
            assert replaced == {f"{BASE}id/{target}" for target in gone.targets}
            assert any(
                gone.reason in each.object.value for each in triples if isinstance(each.object, Literal)
            )
            page = reader.get(f"{BASE}doc/{place}", "text/html")
            assert page.status == 410
            assert escape(gone.reason) in page.text
        assert reader.get(f"{BASE}id/record/never", "text/turtle").status == 404

    def _steps(self) -> dict[str, list[tuple[str, Fate]]]:
        """Return what archivists know of each thing: in which release what became of it."""
        found: dict[str, list[tuple[str, Fate]]] = {}
        for told in self.life.releases:
            for it, fate in told.fates.items():
                found.setdefault(it, []).append((told.name, fate))
        return found

    def _check_history(self, reader: Reader) -> None:
        state = self.life.state
        for it, steps in self._steps().items():
            reply = reader.get(f"{BASE}history/{it}", "application/n-triples")
            assert reply.status == 200
            triples = list(parse(reply.body, format=RdfFormat.N_TRIPLES))
            assert _read_history(triples) == [
                (fate.type, name if fate.type in ("Create", "Update") else None) for name, fate in steps
            ]
            page = reader.get(f"{BASE}history/{it}", "text/html").text
            shown = re.sub(r"<[^>]*>", " ", page)
            assert [
                name
                for name in re.findall(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}", shown)
                if name in {n for n, _ in steps}
            ][: len(steps)] == [name for name, _ in reversed(steps)]
            comments = {each.object.value for each in triples if each.predicate.value.endswith("#comment")}
            assert comments == {each.words for each in state.reasons if each.thing == it}
            purged = state.gone.get(it)
            if purged is not None and purged.how == "purged":
                assert SECRET not in page
                assert SECRET not in reply.text

    def _check_errata(self, state: State, reader: Reader) -> None:
        rows = list(csv.reader(io.StringIO(reader.get("errata.csv").text, newline="")))
        assert rows == [
            ["thing", "day", "reason", "by"],
            *(
                [f"{BASE}id/{each.thing}", each.day, each.words, each.by]
                for each in state.reasons
                if each.sort == "erratum"
            ),
        ]
        page = reader.get("errata", "text/html").text
        assert page.count("history/") >= len(rows) - 1

    def _check_releases(self) -> None:
        listed = msgspec.json.decode(self.reader.get("release/?format=json").body)
        assert [each["name"] for each in listed] == self.life.kept[::-1]
        for told in self.life.releases:
            reply = self.reader.get(f"release/{told.name}/manifest.json")
            if told.name in self.life.kept:
                assert msgspec.json.decode(reply.body)["digest"] == told.release.manifest.digest
            else:
                assert reply.status == 404


def things_in(dump: set[Quad]) -> set[str]:
    """Return the things that have graphs of their own, by kind and key."""
    names = {
        quad.graph_name.value.removeprefix(f"{BASE}graph/")
        for quad in dump
        if isinstance(quad.graph_name, NamedNode)
    }
    records = {name for name in names if re.fullmatch("record/[^/]+", name)}
    return records | {name.removeprefix("authority/") for name in names if name.startswith("authority/")}


def _read_history(triples: list[Quad]) -> list[tuple[str, str | None]]:
    """Return the steps of a history as it is told in PROV-O: what became of the thing, and in which release its version stands."""
    ended, types, made, part = {}, {}, {}, {}
    for each in triples:
        subject, value = each.subject.value, each.object.value  # type: ignore[union-attr]
        match each.predicate.value.removeprefix(PROV):
            case "endedAtTime":
                ended[subject] = value
            case "wasGeneratedBy":
                made[value] = subject
            case predicate if predicate == f"{DCTERMS}isPartOf":
                part[subject] = value.removeprefix(f"{BASE}release/")
            case _ if value.startswith(ACTIVITY):
                types[subject] = value.removeprefix(ACTIVITY)
    steps = sorted(ended, key=lambda it: int(it.rpartition("-")[2]))
    assert [ended[it] for it in steps] == sorted(ended.values())
    return [(types[it], part.get(made.get(it, ""))) for it in steps]


# ------------------------------------------------------------------------------------------------ lives


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    return Life(tmp_path / "publication", monkeypatch)


@pytest.mark.thorough
def test_three_releases_tell_one_story(life: Life) -> None:
    tell(life, SHORT, frozenset({1, 2}))


@pytest.mark.thorough
def test_twenty_releases_tell_one_story(life: Life, tmp_path: Path) -> None:
    tell(life, [[each] for each in STORY], frozenset({1, 2, 7, 13, 20}), tmp_path if CADDY else None)
    assert len(life.releases) == 20


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [1, 2])
def test_any_life_tells_one_story(life: Life, seed: int) -> None:
    rng = random.Random(seed)

    def something(life: Life) -> None:
        anything(rng, life)(life)

    tell(life, [(begin, add_letters), *((something,) for _ in range(10))], frozenset({1, 5}))


def tell(
    life: Life,
    chapters: Sequence[Sequence[Callable[[Life], None]]],
    starts: frozenset[int],
    still: Path | None = None,
) -> None:
    """Live a life, and read what is told of it after each release; in the end also from plain files in a folder of this folder."""
    for each in chapters[0]:
        each(life)
    first = life.publish()
    assert first is not None
    with serving(life.folder, base=BASE) as site:
        story = Story(life, site, starts)
        story.check(first)
        for chapter in chapters[1:]:
            for each in chapter:
                each(life)
            if told := life.publish():
                story.check(told)
        if still is not None:
            export_site(life.folder, still / "site")
            with files_by_caddy(still / "site", still) as port:
                reader = Reader(replace(site, url=f"http://127.0.0.1:{port}/").get)
                story.check_files(life.releases[-1], reader)
