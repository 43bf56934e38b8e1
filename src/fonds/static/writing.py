"""Writes a site as plain files: everything that is linked, and everything that the data name, once; only what changed is touched.

Nothing is half made. What is new or different is first written beside the site, as a whole; then each file takes its place by one rename:
files that are new, those that are others now, the home page last of all. Then what is gone is removed. A site that is written again
from the same release stays as it is, time stamps included.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from fonds.addresses import uri
from fonds.errors import FondsError, ReleaseError
from fonds.formats import CARD, EDM, RDF_FORMATS, SCHEMA_ORG
from fonds.progress import Progress, silent
from fonds.release.cmif import CMIF
from fonds.release.folder import Release, graphs_of, hash_file, open_release
from fonds.release.happened import pages_for, pages_of, units_of
from fonds.release.staging import only_build, share
from fonds.static.asking import Asking, Reply
from fonds.static.links import SEARCH, SPARQL, STATE, Address, Rewriting, address_of, file_of, written
from fonds.static.servers import CADDY, NGINX, Moves, caddyfile, nginx_conf
from fonds.web.graphs import is_graph

_FILES = "files"
_NEXT = "next"
_HOME = "index.html"
_NEGOTIATED = (".well-known/void", ".well-known/sparql-examples")
"""Addresses that have representations without endings of their own."""
_ALONE = (
    "", "about", "dataset", "ns", "release/", "ns/context/1.jsonld", "report", "browse", "robots.txt", "sitemap.xml", "citation.cff",
    "changes", "changes.atom", "errata", "errata.csv", SEARCH, SPARQL,
)  # fmt: skip
"""What is there whether or not a page leads to it."""
_BROWSER = "text/html, */*;q=0.1"
_LOCATION = re.compile(r"<loc>([^<]+)</loc>")
_PAGED = rb'((?:doc|graph)/[^\s<>"?]*)\?page=([0-9]+)'


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a site.

    Attributes:
        files: How many it has.
        changed: How many of them are new or others.
        removed: How many are gone.
        dead: Addresses to which something leads, and at which the living site has nothing either.
    """

    files: int
    changed: int
    removed: int
    dead: tuple[str, ...] = ()


def export_site(path: Path, target: Path, *, endpoint: str = "", progress: Progress = silent) -> Written:
    """Write a release as a site of plain files, or renew one.

    Args:
        path: A publication, a folder of releases, or a release.
        target: The folder of the site: new, empty, or one that this wrote before.
        endpoint: Address of a SPARQL endpoint that has the same data; empty for none.
        progress: Told how far it is.

    Raises:
        ReleaseError: There is no release.
        FondsError: It is a dataset's; the folder holds something else, or cannot be written; a page cannot be made.
    """
    release = open_release(path)
    if release.manifest.kind != "publication":
        message = (
            "is a dataset; a site of files is made of a publication. `fonds export --to` writes its data"
        )
        raise ReleaseError(f"{path}: {message}")
    try:
        with _folder(target) as state, Asking(release) as asking:
            crawl = _Crawl(release, asking, target, state / _NEXT, endpoint, progress)
            crawl.run()
            _write_configuration(crawl, state, target)
            return _take_over(crawl, state, target)
    except OSError as error:
        raise FondsError(f"{error.filename or target}: cannot be written ({error.strerror})") from error


@contextmanager
def _folder(target: Path) -> Iterator[Path]:
    """Make the folder of a site ready, and keep others from writing it meanwhile.

    Raises:
        FondsError: It holds something that is no site of ours.
    """
    state = target / STATE
    if target.exists() and not target.is_dir():
        raise FondsError(f"{target}: is a file; name a folder")
    if target.is_dir() and not state.is_dir() and any(target.iterdir()):
        raise FondsError(
            f"{target}: holds something else; name a folder that is new, empty, or was written by this"
        )
    state.mkdir(parents=True, exist_ok=True)
    with only_build(state):
        shutil.rmtree(state / _NEXT, ignore_errors=True)
        (state / _NEXT).mkdir()
        try:
            yield state
        finally:
            shutil.rmtree(state / _NEXT, ignore_errors=True)


@dataclass
class _Crawl:
    """A site while it is asked for and written beside what is there.

    Attributes:
        release: What it is made of.
        asking: Answers.
        target: The folder of the site.
        next: Where what is new or different is written.
        endpoint: Address of a SPARQL endpoint with the same data; empty for none.
        progress: Told how far it is.
        files: Every file of the site; whether it is new or another one.
        moves: What is somewhere else, or was given up.
        dead: To what something leads, and where nothing is.
    """

    release: Release
    asking: Asking
    target: Path
    next: Path
    endpoint: str
    progress: Progress
    files: dict[str, bool] = field(default_factory=dict)
    moves: Moves = field(default_factory=Moves)
    dead: list[str] = field(default_factory=list)
    _waiting: deque[Address] = field(default_factory=deque)
    _seen: set[Address] = field(default_factory=set)
    _led: dict[Address, Address] = field(default_factory=dict)
    _iris: set[bytes] = field(default_factory=set)
    _faults: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return self.release.manifest.base

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of the languages of the site but for the first, which has none."""
        return tuple(f"{each}/" for each in self.release.manifest.settings.site.languages[1:])

    def address(self, reference: str, page: str = "/") -> Address | None:
        """Return the address of what is written down for a reference; None for one that leads out of the site."""
        found = address_of(reference, page, self.prefixes)
        return written(found[0]) if found else None

    def run(self) -> None:
        """Ask for everything, and write it down.

        Raises:
            FondsError: Something went wrong with what is linked.
        """
        if is_graph(self.asking.site, self.asking.site.addresses.iris.graph("register")):
            self.moves.read_register(self.asking.ask("/graph/register.nq").body, self.base)
        rewriting = Rewriting(self.base, self.prefixes, self.follow)
        for each in self._beginnings():
            self.follow(each)
        self._dumps()
        self._still_pages(rewriting)
        while self._waiting:
            address = self._waiting.popleft()
            self.progress("writing the site", len(self.files), len(self.files) + len(self._waiting))
            self._take(address, rewriting)
        if self._faults:
            shown = "; ".join(self._faults[:5])
            raise FondsError(f"the site was not written: {len(self._faults)} pages cannot be made: {shown}")

    def follow(self, address: Address) -> Address:
        """Return the address at which something is, after redirects; it is written down with the others."""
        if address.path.startswith(("id/", "vocab/")) or address.path == "dumps/":
            address = self._led_to(address)
        if address.path.startswith("doc/") and (
            there := self.moves.moved.get(address.path.removeprefix("doc/"))
        ):
            address = address._replace(path=f"doc/{there}")
        if address not in self._seen:
            self._seen.add(address)
            self._waiting.append(address)
        return address

    def _led_to(self, address: Address) -> Address:
        known = self._led.get(address)
        if known is None:
            reply, known = self.asking.ask(address.target), address
            if reply.status in (301, 303):
                found = self.address(reply.headers["location"], address.target)
                known = self._led_to(found) if found and found != address else address
            elif address.path.startswith("id/"):
                # A tombstone stands where the document was.
                known = address._replace(path=f"doc/{address.path.removeprefix('id/')}")
            self._led[address] = known
        return known

    # -------------------------------------------------------------------------------------- what there is

    def _beginnings(self) -> Iterator[Address]:
        yield from map(Address, _ALONE)
        for name in sorted(self.release.manifest.files):
            folder, _, rest = name.partition("/")
            if folder == "sitemap" and rest != "index.xml":
                yield Address(f"sitemap-{rest}")
                listed = (self.release.folder / name).read_text(encoding="utf-8")
                yield from (self._under_base(each) for each in _LOCATION.findall(listed))
            elif folder == "beacon" or name == CMIF:
                yield Address(name)
        yield from (Address(f"changes/{page}") for page in range(1, pages_of(self.release) + 1))
        if (history := self.asking.site.history) is not None:
            # Not every page leads to it.
            yield from (Address(f"history/{it.removeprefix('id/')}") for it in history.things())
        for unit, total in units_of(self.release):
            yield from map(Address, (f"changes/holding/{unit}", f"changes/holding/{unit}.atom"))
            yield from (Address(f"changes/holding/{unit}/{page}") for page in range(1, pages_for(total) + 1))
        yield from (
            self._under_base(uri(each.name))
            for each in graphs_of(self.release)
            if each.name.startswith(self.base)
        )

    def _under_base(self, address: str) -> Address:
        found = self.address("/" + address.removeprefix(uri(self.base)))
        assert found is not None
        return found

    def _dumps(self) -> None:
        for path in sorted(self.release.dumps.iterdir()):
            name = f"dumps/{path.name}"
            self._seen.add(Address(name))
            self._share(path, name)

    def _share(self, path: Path, name: str) -> None:
        """Give a file of a release its place in the site, by a second name where that can be; a release never changes."""
        here = self.target / name
        same = here.is_file() and (here.samefile(path) or _are_same(here, path))
        if not same:
            (self.next / name).parent.mkdir(parents=True, exist_ok=True)
            share(path, self.next / name)
        self.files[name] = not same

    def _still_pages(self, rewriting: Rewriting) -> None:
        """Write the pages that stand in the place of what only a server can answer."""
        for site in self.asking.sites(self.prefixes):
            for name in (SEARCH, SPARQL):
                page = site.page("still.html", f"/{name}", what=name, endpoint=self.endpoint, canonical=name)
                address = Address(name, "", site.prefix)
                self._seen.add(address)
                self._write(file_of(address), rewriting.page(page, address.target, file_of(address)))

    # -------------------------------------------------------------------------------------- one by one

    def _take(self, address: Address, rewriting: Rewriting) -> None:
        file = file_of(address)
        if address.path.startswith("release/") and address.path.count("/") > 1:
            # Of a release that is kept: its manifest, its dumps.
            self._share(self.release.folder.parent / unquote(address.path.removeprefix("release/")), file)
            return
        if address.path in _NEGOTIATED:
            self._representations(address)
        elif file in self.files:
            return
        reply = self.asking.ask(address.target, _BROWSER)
        if reply.status == 303:
            found = self.address(reply.headers["location"], address.target)
            assert found is not None
            self.moves.elsewhere[f"/{address.prefix}{address.path}"] = self.follow(found).target.partition(
                "?"
            )[0]
        elif reply.status == 406 and address.path.endswith(".rdf"):
            # XML cannot carry it; the other formats are there.
            return
        elif reply.status in (200, 410):
            self._write(file, self._as_written(reply, address, file, rewriting))
        elif reply.status < 500:
            self.dead.append(address.target)
        else:
            self._faults.append(f"{address.target} ({reply.status})")

    def _as_written(self, reply: Reply, address: Address, file: str, rewriting: Rewriting) -> bytes:
        """Return an answer as it is written down; what it leads to is followed."""
        if reply.media_type == "text/html" or (
            reply.media_type == "image/svg+xml" and not address.path.startswith("assets/")
        ):
            is_record = address.path.startswith("doc/record/") and file == f"{address.path}.html"
            if is_record and not address.prefix and address.path.count("/") == 2 and reply.status == 200:
                europeana = () if self.release.manifest.settings.edm.missing else (EDM,)
                for each in (CARD, SCHEMA_ORG, *europeana):
                    self.follow(Address(f"{address.path}.{each.ending}"))
            self._follow_formats(address)
            return rewriting.page(reply.body, address.target, file)
        if reply.media_type == "application/n-quads":
            self._follow_iris(reply.body)
        if any(each.media_type == reply.media_type for each in RDF_FORMATS):
            return re.sub(
                re.escape(self.base.encode()) + _PAGED, self.base.encode() + rb"\1~page=\2", reply.body
            )
        return reply.body

    def _follow_formats(self, address: Address) -> None:
        """Follow the further pages of a document in every format: a page leads to those of the first only."""
        parts = address.query.split("&")
        if (
            address.prefix
            or not any(each.startswith("page=") for each in parts)
            or any(each.startswith("format=") for each in parts)
        ):
            return
        for each in RDF_FORMATS:
            if address.path == "doc":
                self.follow(written(Address("doc", f"{address.query}&format={each.ending}")))
            elif address.path.startswith(("doc/", "graph/")):
                self.follow(Address(f"{address.path}.{each.ending}", address.query))

    def _follow_iris(self, quads: bytes) -> None:
        """Follow every identifier of ours in a document: each has to be found."""
        for iri in set(re.findall(b"<(" + re.escape(self.base.encode()) + b"[^>]*)>", quads)) - self._iris:
            self._iris.add(iri)
            path = uri(iri.decode()).removeprefix(uri(self.base))
            reference = self.asking.site.addresses.of_iri(iri.decode())
            # An address that the data say nothing of is one: that of a dump, of a page.
            is_address = reference.startswith("doc?") and not self.asking.site.descriptions.mentions(
                iri.decode()
            )
            found = self.address(f"/{path if is_address else reference}")
            if found is None:
                continue
            address = self.follow(found)
            path = path.partition("#")[0]
            if address.path == "doc" and path and "?" not in path:
                # Identifiers that are formed in no way of ours: of what was a blank node, of RDF that came as it is.
                self.moves.elsewhere[f"/{path}"] = "/" + file_of(address).removesuffix(".html")

    def _representations(self, address: Address) -> None:
        for each in RDF_FORMATS:
            reply = self.asking.ask(address.target, each.media_type)
            if reply.status == 200:
                self._write(f"{address.path}.{each.ending}", reply.body)

    def _write(self, file: str, content: bytes) -> None:
        if not _is_of_site(file):
            raise FondsError(f"{file}: is no name of a file in the site")
        here = self.target / file
        same = here.is_file() and here.stat().st_size == len(content) and here.read_bytes() == content
        if not same:
            place = self.next / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        self.files[file] = not same


def _are_same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and hash_file(one) == hash_file(other)


# ------------------------------------------------------------------------------------------ in its place


def _take_over(crawl: _Crawl, state: Path, target: Path) -> Written:
    """Let every file take its place, and remove what is gone."""
    before = _listed(state)
    # Before the first file is there it is known to be ours, so that one that is left by a crash is removed some day.
    _list(state, before | crawl.files.keys())
    changed = [name for name, is_changed in crawl.files.items() if is_changed]
    for name in sorted(changed, key=lambda name: (name == _HOME, (target / name).exists(), name)):
        place = target / name
        _make_folders(place.parent, target)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        (crawl.next / name).replace(place)
    gone = sorted(before - crawl.files.keys())
    for name in gone:
        (target / name).unlink(missing_ok=True)
        for folder in (target / name).relative_to(target).parents[:-1]:
            if (target / folder).is_dir() and not any((target / folder).iterdir()):
                (target / folder).rmdir()
    _list(state, set(crawl.files))
    return Written(len(crawl.files), len(changed), len(gone), tuple(crawl.dead))


def _make_folders(folder: Path, target: Path) -> None:
    for above in (*reversed(folder.relative_to(target).parents), folder.relative_to(target)):
        place = target / above
        if place.is_file():
            place.unlink()
        place.mkdir(exist_ok=True)


def _listed(state: Path) -> set[str]:
    """Return the files that an earlier export wrote; names that would lead out of the site are none."""
    try:
        names = (state / _FILES).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return set()
    return set(filter(_is_of_site, names))


def _is_of_site(name: str) -> bool:
    """Tell whether a name is that of a file in the site, and not in what is known of it."""
    return bool(name) and not name.startswith(("/", STATE)) and ".." not in name.split("/")


def _list(state: Path, files: set[str]) -> None:
    _replace(state / _FILES, "".join(f"{name}\n" for name in sorted(files)))


def _write_configuration(crawl: _Crawl, state: Path, target: Path) -> None:
    # What has a file of its own leads nowhere else, though the data speak of it.
    there = crawl.files.keys()
    elsewhere = {
        path: to
        for path, to in crawl.moves.elsewhere.items()
        if path[1:] in _NEGOTIATED or file_of(Address(path[1:])) not in there
    }
    moves = Moves(elsewhere, crawl.moves.moved, crawl.moves.gone)
    for name, write in ((CADDY, caddyfile), (NGINX, nginx_conf)):
        _replace(state / name, write(target.resolve(), crawl.base, moves, crawl.prefixes))


def _replace(path: Path, text: str) -> None:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
