"""``/release/``: the releases that are kept beside the one that is shown, with their manifests and dumps."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import flask
import msgspec

from fonds.errors import ReleaseError
from fonds.formats import HTML
from fonds.release.folder import MANIFEST, MANIFEST_HASH, Manifest, check_size, read_manifest
from fonds.translations import said
from fonds.web.answers import Answer, Exchange, Headers
from fonds.web.datasets import DUMP_TYPES
from fonds.web.problems import Choice, Problem
from fonds.web.representations import FRESH, http_date, page_language
from fonds.web.requests import one_of_each
from fonds.web.site import Site
from fonds.web.wording import size_in_words

_NAME = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}(?:-\d{1,4})?")
_CHOICES = (Choice("release/", said("The releases that are kept")),)
_FILES = {MANIFEST: "application/json", MANIFEST_HASH: "text/plain"}


def releases(site: Site, exchange: Exchange) -> Answer:
    """Answer ``/release/``: which are kept, the latest first; ``?format=json`` for programs."""
    there = _kept(site)
    format_ = one_of_each(exchange.query, ("format",)).get("format", "html")
    if format_ not in ("html", "json"):
        raise Problem(400, said("format is “{format}”; expected html or json.", format=format_[:40]))
    if format_ == "json":
        rows = [
            {
                "name": each.name,
                "issued": each.issued,
                "digest": each.digest,
                "previous": each.previous,
                "counts": each.counts,
                "manifest": f"{site.base}release/{each.name}/{MANIFEST}",
            }
            for each in there
        ]
        headers = ((b"content-type", b"application/json"), (b"vary", b"Accept-Encoding"), FRESH)
        return Answer(200, headers, msgspec.json.encode(rows))
    body = site.page("releases.html", exchange.path, releases=there, canonical="release/")
    return Answer(200, _page_headers(), body)


def release(site: Site, exchange: Exchange, name: str) -> Answer:
    """Answer ``/release/{name}``: what a release is, and its files.

    Raises:
        Problem: It is not kept here.
    """
    folder, manifest = _one(site, name)
    files = [
        (f"release/{name}/{each}", each.removeprefix("dumps/"), size_in_words(entry.size), entry.sha256)
        for each, entry in manifest.files.items()
        if each.startswith("dumps/")
    ]
    own = [
        (f"release/{name}/{each}", each, size_in_words((folder / each).stat().st_size), "") for each in _FILES
    ]
    body = site.page(
        "release.html",
        exchange.path,
        it=manifest,
        files=[*own, *files],
        follows=bool(
            manifest.previous and _NAME.fullmatch(manifest.previous) and _is_there(site, manifest.previous)
        ),
        canonical=f"release/{name}",
    )
    return Answer(200, (*_page_headers(), *_as_of(site, manifest)), body)


def file(site: Site, exchange: Exchange, name: str, path: str) -> flask.Response:  # noqa: ARG001  every view is called alike
    """Answer ``/release/{name}/manifest.json``, its hash, and ``/release/{name}/dumps/{file}``.

    Only names that stand in the manifest are looked up, so that no path of a request reaches the file system.

    Raises:
        Problem: The release is not kept here, or has no such file.
        ReleaseError: The file is not as it was written.
    """
    folder, manifest = _one(site, name)
    entry = manifest.files.get(path) if path.startswith("dumps/") else None
    if entry is None and path not in _FILES:
        raise Problem(
            404,
            said("Release {name} has no file “{path}” that is published.", name=name, path=path[:80]),
            (Choice(f"release/{name}", said("Release {name}", name=name)), *_CHOICES),
        )
    if entry is not None:
        check_size(folder / path, entry)
    answer = flask.send_file(
        folder / path,
        mimetype=_FILES.get(path) or DUMP_TYPES.get(Path(path).suffix, "text/plain"),
        conditional=True,
        etag=entry.sha256 if entry else f"{manifest.digest[:16]}-{path}",
        max_age=3600,
        last_modified=None,
        as_attachment=entry is not None,
    )
    for header, value in _as_of(site, manifest):
        answer.headers.add(header.decode(), value.decode())
    return answer


def _page_headers() -> Headers:
    # What is kept beside a release does not follow from it: nothing of this is remembered here.
    return (
        (b"content-type", HTML.content_type.encode()),
        (b"vary", b"Accept-Encoding"),
        page_language(),
        FRESH,
    )


def _as_of(site: Site, manifest: Manifest) -> Headers:
    """Return since when what is sent stands as it is, and of what it is an earlier state (RFC 7089 2.1, 2.2)."""
    moment = datetime.datetime.fromisoformat(manifest.issued)
    return (
        (b"memento-datetime", http_date(moment)),
        (b"link", f'<{site.base}dataset>; rel="original"'.encode("ascii")),
    )


def _kept(site: Site) -> list[Manifest]:
    found = []
    for path in sorted(site.release.folder.parent.glob(f"*/{MANIFEST}")):
        if _NAME.fullmatch(path.parent.name) and not path.parent.is_symlink():
            try:
                found.append(read_manifest(path.parent))
            except ReleaseError:
                continue
    ours = [each for each in found if each.base == site.base and each.name != site.release.manifest.name]
    ours.append(site.release.manifest)
    return sorted(ours, key=lambda each: (each.issued, each.name), reverse=True)


def _is_there(site: Site, name: str) -> bool:
    return (site.release.folder.parent / name / MANIFEST).is_file()


def _one(site: Site, name: str) -> tuple[Path, Manifest]:
    """Return a release that is kept: its folder, and what it says of itself."""
    if name == site.release.manifest.name:
        return site.release.folder, site.release.manifest
    if not _NAME.fullmatch(name):
        raise Problem(404, said("“{name}” is no name of a release.", name=name[:60]), _CHOICES)
    folder = site.release.folder.parent / name
    try:
        manifest = read_manifest(folder)
    except ReleaseError as error:
        raise Problem(404, said("Release {name} is not kept here.", name=name), _CHOICES) from error
    if manifest.base != site.base:
        raise Problem(404, said("Release {name} is not kept here.", name=name), _CHOICES)
    return folder, manifest
