"""HTTP from a release: the edge, with Flask inside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from flask import Flask

from fonds.errors import ReleaseError
from fonds.release.folder import Release
from fonds.release.presentation.files import TEMPLATES
from fonds.settings import Settings
from fonds.store import Store
from fonds.translations import said
from fonds.web.edge import Edge
from fonds.web.problems import Problem
from fonds.web.routes import create_pages, direct
from fonds.web.site import Site, open_site
from fonds.web.site import in_language as in_another
from fonds.web.voices import Direct

_THREADS = 8
"""Pages that are made at the same time; the engine lets go of Python's lock while it works."""


def create_app(release: Release, store: Store, settings: Settings) -> Edge:
    """Return the ASGI application that serves a release from a store."""
    site = open_site(release, store, settings)
    if (release.site / TEMPLATES).is_dir():
        _try_templates(site)

    def in_language(language: str) -> tuple[Site, Flask, Direct]:
        other = in_another(site, settings, language)
        return other, create_pages(other), partial(direct, other)

    executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="fonds-page")
    return Edge(site, create_pages(site), partial(direct, site), executor, in_language, _THREADS)


def _try_templates(site: Site) -> None:
    """Make the page that tells of errors: where a publication's own templates break it, nothing could be told.

    Raises:
        ReleaseError: It cannot be made.
    """
    try:
        site.page("problem.html", "/", problem=Problem(404, said("There is nothing here.")))
    except Exception as error:
        where = f"{site.release.site / TEMPLATES}: a page cannot be made with these templates"
        raise ReleaseError(
            f"{where} ({error}); correct them in the publication and build it again"
        ) from error
