"""The command ``fonds``: check, build, verify and serve a publication, a release or files of RDF."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from fonds import __version__
from fonds.commands import DEFAULT_HOST, DEFAULT_PORT
from fonds.commands.doctor import doctor
from fonds.commands.identities import publication_option, reconcile, register
from fonds.commands.publications import convert, export, new
from fonds.commands.releases import diff, prune, receive, releases, repair, rollback
from fonds.commands.telling import progress_line, tell_count, told_to_people
from fonds.errors import BuildError, SettingsError
from fonds.formats import READABLE_ENDINGS
from fonds.settings import ENDPOINT, is_endpoint, is_graph, read_settings

if TYPE_CHECKING:
    from fonds.release.build_report import BuildReport
    from fonds.web.preview.watching import Rebuilding

_INTERRUPTED = 130
_NO_UNION = "--union is for RDF files; a publication's default graph is its public view."

Progress = Callable[[str, int, int | None], None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fonds")
def main() -> None:
    """Publish the records of an archive, or any RDF, as linked open data."""


for _command in (
    *(convert, doctor, export, new, register, reconcile),
    *(releases, diff, receive, rollback, repair, prune),
):
    main.add_command(_command)


def _endpoint(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001  click's
    """Return an address of an endpoint, or nothing."""
    if value and not is_endpoint(value):
        raise click.BadParameter(f"expected {ENDPOINT}")
    return value


def _graph(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001  click's
    """Return the name of a graph, or nothing."""
    if value and not is_graph(value):
        raise click.BadParameter("expected an absolute IRI")
    return value


_store = click.option(
    "--store",
    default="",
    metavar="URL",
    callback=_endpoint,
    help="A SPARQL endpoint that answers instead of the release's own store [default: as the settings say].",
)
_default_graph = click.option(
    "--default-graph",
    default="",
    metavar="IRI",
    callback=_graph,
    help="The named graph that stands there for the default graph, if it has none of its own [default: as the settings say].",
)
_jobs = click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Processes that work at the same time [default: one for each core].",
)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--into", type=click.Path(path_type=Path), help="Folder of the releases [default: PATH/releases]."
)
@click.option(
    "--base",
    help="Address under which the identifiers stand [default: as fonds.toml says, else http://127.0.0.1:8000/].",
)
@click.option(
    "--union", is_flag=True, help="RDF files only: put all named graphs into the default graph as well."
)
@click.option("--force", is_flag=True, help="Make a new release although nothing has changed.")
@click.option(
    "--fresh",
    is_flag=True,
    help="Publications only: forget what earlier builds worked out, and work out everything.",
)
@click.option(
    "--part",
    metavar="K/N",
    help="Publications only: do the work of the K-th of N parts of the files and publish nothing; see fonds merge.",
)
@_jobs
def build(
    paths: tuple[Path, ...],
    into: Path | None,
    base: str | None,
    union: bool,
    force: bool,
    fresh: bool,
    part: str | None,
    jobs: int | None,
) -> None:
    """Turn a publication (a folder with a fonds.toml), or RDF files, into a release.

    Every fault is reported with its file and line; if there is one, the current release stays. A build that was stopped goes on
    where it was.
    """
    places = paths or (Path(),)
    with told_to_people(), _stopped_by_people():
        if len(places) == 1 and (places[0] / "fonds.toml").exists():
            if union:
                raise click.UsageError(_NO_UNION)
            made = _build_publication(places[0], into, base, force=force, fresh=fresh, part=part, jobs=jobs)
        elif fresh or part or jobs:
            raise click.UsageError(
                "--fresh, --part and --jobs are for publications (a folder with a fonds.toml)."
            )
        else:
            made = _build_dataset(places, into, base, union=union, force=force)
        click.echo(str(made))


@main.command(name="merge")
@click.argument("parts", nargs=-1, required=True, type=click.Path(path_type=Path))
@publication_option
@click.option(
    "--into", type=click.Path(path_type=Path), help="Folder of the releases [default: releases in it]."
)
@click.option("--base", help="Address under which the identifiers stand, the same as for the parts.")
@_jobs
def merge_parts(
    parts: tuple[Path, ...], folder: Path, into: Path | None, base: str | None, jobs: int | None
) -> None:
    """Build a release from PARTS, the files that fonds build --part made of the same publication; what they lack is worked out
    here.

    The release is the same, to its digest, as one that was built in one go.
    """
    with told_to_people(), _stopped_by_people():
        click.echo(str(_release_of(folder, into=into, base=base, jobs=jobs, parts=parts)))


@main.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "html"]),
    help="json and html are those of the report that a build writes.",
)
@_jobs
def check(path: Path, format_: str, jobs: int | None) -> None:
    """Report every fault of a publication, what a person should look at, and what there is; change nothing."""
    from fonds.release.build_report import stopping
    from fonds.release.publication import check_publication
    from fonds.release.report_page import as_page
    from fonds.release.report_text import as_text
    from fonds.release.reporting import as_json

    with told_to_people(), _stopped_by_people():
        report = check_publication(path, jobs=jobs, progress=progress_line())
        written = {"text": as_text, "json": as_json, "html": as_page}[format_](report)
        click.echo(written)
        if report.faults and format_ == "text":
            # Each stands above already, with what to do about it.
            tell_count(report.faults)
            raise SystemExit(1)
        if report.faults:
            raise BuildError(stopping(report))
        click.echo("No fault found.", err=format_ != "text")


@main.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
def verify(path: Path) -> None:
    """Hash every file of a release and name each one that is not as it was built."""
    from fonds.release.folder import open_release
    from fonds.release.verify import verify as verify_release

    with told_to_people():
        release = open_release(path)
        findings = verify_release(release)
        for finding in findings:
            click.echo(finding, err=True)
        if findings:
            raise SystemExit(1)
        click.echo(f"{release.manifest.name}: {len(release.manifest.files)} files are as they were built.")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 picks a free one.",
)
@click.option(
    "--base",
    help="Address under which the identifiers stand [default: as fonds.toml says, else where it listens].",
)
@click.option("--into", type=click.Path(path_type=Path), help="Folder for the release, if one is built.")
@click.option(
    "--union", is_flag=True, help="RDF files only: put all named graphs into the default graph as well."
)
@click.option(
    "--watch/--no-watch",
    default=None,
    help="Publications only: rebuild whenever a source is saved, and show it: a live preview for whoever writes, not for the public "
    "[default: in a terminal].",
)
@click.option(
    "--verify",
    is_flag=True,
    envvar="FONDS_VERIFY",
    help="Hash every file of a release before it is served, also of those that follow; about a second for a gigabyte.",
)
@click.option(
    "--log-format",
    type=click.Choice(["json", "text"]),
    envvar="FONDS_LOG_FORMAT",
    help="A line a request as JSON, or for people [default: text in a terminal, else json].",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error", "off"]),
    envvar="FONDS_LOG_LEVEL",
    help="debug: also /healthz and such; info: every request; warning: what met a limit, was cut, or failed; error: what broke here "
    "[default: warning in a terminal, else info].",
)
@click.option(
    "--log-to",
    type=click.Choice(["stderr", "stdout"]),
    default="stderr",
    show_default=True,
    envvar="FONDS_LOG_TO",
    help="Where the log goes.",
)
@click.option(
    "--log-clients",
    type=click.Choice(["none", "network", "address"]),
    default="none",
    show_default=True,
    envvar="FONDS_LOG_CLIENTS",
    help="How much of the address of who asks stands in the log: nothing, its network, or all of it.",
)
@click.option(
    "--log-queries",
    is_flag=True,
    envvar="FONDS_LOG_QUERIES",
    help="Also log the words of queries, and what stands behind the ? of addresses.",
)
@click.option(
    "--metrics-folder",
    type=click.Path(path_type=Path),
    envvar="FONDS_METRICS_FOLDER",
    help="A folder in which several servers on one machine write their numbers down, so that /metrics of each tells those of all.",
)
@_store
@_default_graph
def serve(
    paths: tuple[Path, ...],
    host: str,
    port: int,
    base: str | None,
    into: Path | None,
    union: bool,
    watch: bool | None,
    store: str,
    default_graph: str,
    log_format: Literal["json", "text"] | None,
    log_level: str | None,
    log_to: Literal["stderr", "stdout"],
    log_clients: Literal["none", "network", "address"],
    log_queries: bool,
    metrics_folder: Path | None,
    *,
    verify: bool,
) -> None:
    """Serve a publication, a release or RDF files over HTTP; build first where that is needed.

    Of a publication there is a live preview: save a file, and its pages are made again; what is wrong stands at their top, with
    file and line.

    With --store, a SPARQL endpoint answers queries instead of the release's own store; FONDS_STORE_USER and
    FONDS_STORE_PASSWORD, or FONDS_STORE_TOKEN, are the login for it.
    """
    from fonds.web.operations.logs import LogOptions
    from fonds.web.server import free_port
    from fonds.web.server import serve as listen

    with told_to_people():
        port = free_port(host, port)
        with tempfile.TemporaryDirectory(prefix="fonds-") as scratch:
            places = paths or (Path(),)
            publication = _is_publication(places)
            if watch and not publication:
                raise click.UsageError("--watch is for publications (a folder with a fonds.toml).")
            if union and publication:
                raise click.UsageError(_NO_UNION)
            if publication and (watch or (watch is None and sys.stdout.isatty())):
                rebuilding = _preview_of(places[0], host, port, base=base, into=into)
                folder = rebuilding.releases
            else:
                rebuilding = None
                folder = _folder_to_serve(
                    places, host, port, base=base, into=into, union=union, scratch=Path(scratch)
                )
            listen(
                folder,
                host,
                port,
                store_address=store,
                default_graph=default_graph,
                rebuilding=rebuilding,
                log=LogOptions(log_format, log_level, log_to, log_clients, log_queries),
                metrics_folder=metrics_folder,
                verify=verify,
            )


@main.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@_store
@_default_graph
@click.option(
    "--graphs",
    default="",
    metavar="URL",
    callback=_endpoint,
    help="Address of its Graph Store Protocol [default: as the settings say].",
)
@click.option(
    "--update",
    default="",
    metavar="URL",
    callback=_endpoint,
    help="Address of its SPARQL Update, where there is no --graphs [default: as the settings say].",
)
@click.option("--fresh", is_flag=True, help="Write all of it, whatever the store says that it holds.")
@click.option(
    "--take-over",
    is_flag=True,
    help="Another push that seems to be at work was killed: do not wait until its claim ends, fifteen minutes after it was last heard of.",
)
def push(
    path: Path, store: str, default_graph: str, graphs: str, update: str, fresh: bool, take_over: bool
) -> None:
    """Write a release into a store elsewhere, from which fonds serve --store then answers.

    PATH is a release, a folder of releases or a publication. What is there already is not written again; while something is
    written, servers answer no queries from the store, and so never from half a release. Of two pushes at once one is refused.
    FONDS_STORE_USER and FONDS_STORE_PASSWORD, or FONDS_STORE_TOKEN, are the login.
    """
    from fonds.release.folder import open_release
    from fonds.release.pushing import push as write
    from fonds.release.pushing import writer_of
    from fonds.store.remote_client import RemoteClient
    from fonds.web.server import place_of

    with told_to_people(), _stopped_by_people("the store may hold no release now; push again."):
        release = open_release(path)
        place = place_of(release, os.environ, address=store, default_graph=default_graph)
        if place is None:
            raise click.UsageError("Which store? --store URL, or store in fonds.toml.")
        remote = release.manifest.settings.remote
        given = bool(graphs or update)
        writer = writer_of(
            RemoteClient(place.access, patient=True),
            graphs=graphs if given else remote.graphs,
            update=update if given else remote.update,
        )
        done = write(release, place, writer, fresh=fresh, progress=progress_line(), take_over=take_over)
        click.echo(
            f"{release.manifest.name}: {done.triples:,} triples are in the store; {done.written:,} named graphs written, "
            f"{done.kept:,} as they were, {done.removed:,} removed; the default graph "
            f"{'written' if done.default else 'as it was'}; all counted, {done.sampled} compared."
        )


@main.command()
@click.argument("what", metavar="FILE|NAME|TEXT")
@click.option("--endpoint", help="Ask this SPARQL endpoint instead of a release on this machine.")
@click.option(
    "--on",
    "path",
    default=".",
    type=click.Path(path_type=Path),
    help="The publication, folder of releases or release that is asked [default: here].",
)
@click.option(
    "--format",
    "format_",
    help="table, csv, tsv, json, xml; for graphs ttl, nt, jsonld, rdf, trig, nq [default: table, ttl].",
)
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help='Bind a variable: <address>, crm:E21_Person, "text"@en, "1964-10-16"^^xsd:date, 1964, or a text as it stands.',
)
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Put a value into a stored query, as at its address: an absolute IRI, words, a day as 1964-10-16, a language tag, a number.",
)
@click.option(
    "--timeout",
    default=60,
    show_default=True,
    type=click.IntRange(1),
    help="Seconds until an endpoint is given up.",
)
def query(
    what: str,
    endpoint: str | None,
    path: Path,
    format_: str | None,
    variables: tuple[str, ...],
    parameters: tuple[str, ...],
    timeout: int,
) -> None:
    """Ask a query: SPARQL, a file with it (- for standard input), or a stored query by its name.

    A stored query is asked as its file stands, or with other values for its parameters (--param): these are read as at
    /queries/NAME, but the answer is whole and not a page.

    A release is asked within the limits that strangers have. An endpoint is asked as it is; a stored query is sent to it with
    the prefixes that only a release of ours knows.
    """
    from fonds import asking

    with told_to_people():
        text, stored = asking.query_text(what, path, [_variable("--param", each) for each in parameters])
        bound = dict(_variable("--var", each) for each in variables)
        asked = asking.question(text, format_, bound)
        out = sys.stdout.buffer
        try:
            if endpoint is None:
                asking.ask_release(path, asked, out.write)
            else:
                if stored:
                    asked = replace(asked, text=asking.with_prefixes(asked.text))
                asking.ask_endpoint(endpoint, asked, out.write, timeout_seconds=timeout)
            out.flush()
        except BrokenPipeError:
            # Whoever reads has had enough: nothing more to say, not even at the end of the process.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _variable(option: str, given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    name = name.strip().lstrip("?$")
    if not equals or not name:
        raise click.UsageError(f"{option} {given}: expected NAME=VALUE")
    return name, value


@main.group(name="import")
def import_() -> None:
    """Make sources of a publication from what others have."""


@import_.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    "folder",
    default=".",
    type=click.Path(path_type=Path),
    help="The publication that gets capture and draft [default: here].",
)
@click.option(
    "--key", help="The record's key [default: of author, year and number, else of the file's name]."
)
@click.option("--record", type=click.IntRange(1), help="Which page of a WARC file, where it has several.")
@click.option("--charset", default="", help="The character set, where the file names none or the wrong one.")
@click.option("--stdout", is_flag=True, help="Show the draft and write nothing.")
def capture(
    file: Path, folder: Path, key: str | None, record: int | None, charset: str, stdout: bool
) -> None:
    """Make a draft edition from FILE, a saved page: plain text, HTML, MHTML or WARC.

    The page is kept byte for byte in data/captures, the draft stands in data/documents. What is doubtful is a comment in it
    that begins with “decide:”, and is listed.
    """
    from fonds.sources.importing import import_capture, keep

    with told_to_people():
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        imported = import_capture(file, key=key, today=today, record=record, charset=charset)
        shown = f"{imported.draft.key}.xml"
        if stdout:
            click.echo(imported.draft.xml, nl=False)
        else:
            shown = str(keep(imported, folder))
            click.echo(shown)
        for line, message in imported.draft.decisions:
            click.echo(f"{shown}:{line}: decide: {message}", err=True)


def _is_publication(paths: tuple[Path, ...]) -> bool:
    """Tell whether sources are to be served: a release is served as it was built, also one that has its settings beside it."""
    return len(paths) == 1 and not _is_built(paths[0]) and (paths[0] / "fonds.toml").exists()


def _is_built(path: Path) -> bool:
    """Tell whether a folder is a release, or one of releases."""
    return (path / "manifest.json").exists() or (path / "current").exists()


def _preview_of(
    publication: Path, host: str, port: int, *, base: str | None, into: Path | None
) -> Rebuilding:
    """Build a publication, and return how it is rebuilt; as long as there is nothing to show, wait for the next save."""
    from fonds.release.sources_state import sources_state
    from fonds.web.preview.watching import LOOK_SECONDS, Rebuilding

    base = base or _base_of(publication) or _address(host, port)
    releases = into or publication / "releases"
    command = _build_command((publication,), releases, base)
    if _is_current(publication, releases, base):
        return Rebuilding(publication, releases, command)
    while True:
        state = sources_state(publication)
        failed = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0
        if not failed or _stands_under(releases, base):
            return Rebuilding(publication, releases, command, failed=state if failed else "")
        click.echo("fonds: there is nothing to show yet; mend it and save, and it is built again", err=True)
        while sources_state(publication) == state:
            time.sleep(LOOK_SECONDS)


def _stands_under(releases: Path, base: str) -> bool:
    """Tell whether there is a release for a base."""
    from fonds.release.folder import open_release

    return (releases / "current").exists() and open_release(releases).manifest.base == base


def _build_command(paths: tuple[Path, ...], into: Path, base: str) -> list[str]:
    return [sys.executable, "-m", "fonds", "build", *map(str, paths), "--into", str(into), "--base", base]


def _folder_to_serve(
    paths: tuple[Path, ...],
    host: str,
    port: int,
    *,
    base: str | None,
    into: Path | None,
    union: bool,
    scratch: Path,
) -> Path:
    """Return the folder of a release; what has to be built is built in a process of its own, so that nothing of it stays."""
    here = paths[0]
    if len(paths) == 1 and _is_built(here):
        if base or union or into:
            raise click.UsageError(
                "A release is served as it was built; --base, --union and --into belong to a build."
            )
        return here
    publication = _is_publication(paths)
    base = base or (_base_of(here) if publication else None) or _address(host, port)
    into = into or (here / "releases" if publication else scratch / "releases")
    if publication and _is_current(here, into, base):
        return into
    command = _build_command(paths, into, base)
    if union:
        command.append("--union")
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        raise SystemExit(1)
    return into


def _base_of(publication: Path) -> str | None:
    """Return the base that the settings name; None where they cannot be read, which the build then tells."""
    try:
        return read_settings(publication).base
    except SettingsError:
        return None


def _is_current(publication: Path, into: Path, base: str) -> bool:
    """Tell whether the release that is there was made from the sources as they are, for this base."""
    from fonds.release.folder import open_release
    from fonds.release.sources_state import noted_sources, sources_state

    if not (into / "current").exists():
        return False
    release = open_release(into)
    noted = noted_sources(into, release.manifest.name)
    return release.manifest.base == base and noted == sources_state(publication)


def _build_publication(
    folder: Path,
    into: Path | None,
    base: str | None,
    *,
    force: bool,
    fresh: bool,
    part: str | None,
    jobs: int | None,
) -> Path:
    from fonds.release.parts import part_of
    from fonds.release.publication import build_part

    if part is None:
        return _release_of(folder, into=into, base=base, force=force, fresh=fresh, jobs=jobs)
    if force or fresh:
        raise click.UsageError(
            "--part publishes nothing; --force and --fresh belong to the build of the whole."
        )
    return build_part(folder, part_of(part), into=into, base=base, jobs=jobs, progress=progress_line())


def _release_of(folder: Path, **options: Any) -> Path:
    """Build a publication, tell what it holds and where the report is, and return the release."""
    from fonds.release.publication import build_publication
    from fonds.release.report_text import summary_of
    from fonds.release.reporting import PAGE

    reports: list[BuildReport] = []
    release = build_publication(folder, progress=progress_line(), told=reports.append, **options)
    for line in (*summary_of(reports[0]), f"The report: {release.folder.parent / PAGE}"):
        click.echo(line, err=True)
    return release.folder


def _build_dataset(
    paths: tuple[Path, ...], into: Path | None, base: str | None, *, union: bool, force: bool
) -> Path:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise click.UsageError(f"{missing[0]}: no such file or folder")
    if not any(_holds_rdf(path) for path in paths):
        endings = " ".join(f".{ending}" for ending in READABLE_ENDINGS)
        raise click.UsageError(
            f"{paths[0]}: neither a publication (no fonds.toml), nor a release (no manifest.json), nor RDF ({endings}, also .gz)"
        )
    from fonds.release.dataset import build_dataset
    from fonds.settings import Settings

    return build_dataset(
        paths,
        into or Path("releases"),
        settings=Settings(),
        base=base or _address(DEFAULT_HOST, DEFAULT_PORT),
        union=union,
        force=force,
        progress=progress_line(),
    ).folder


def _holds_rdf(path: Path) -> bool:
    files = path.rglob("*") if path.is_dir() else [path]
    return any(file.name.removesuffix(".gz").rpartition(".")[2] in READABLE_ENDINGS for file in files)


def _address(host: str, port: int) -> str:
    from fonds.addresses import address_at

    return address_at(host, port)


@contextmanager
def _stopped_by_people(
    told: str = "nothing was changed, and the next build goes on from here.",
) -> Iterator[None]:
    """End with one line and exit status 130 where somebody interrupts, or the system asks to end; nothing is half done then."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    main_thread = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if main_thread else None
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"\nStopped: {told}", err=True)
        raise SystemExit(_INTERRUPTED) from None
    finally:
        if main_thread:
            signal.signal(signal.SIGTERM, before)
