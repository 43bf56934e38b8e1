"""HTTP from a release: the edge, with Flask inside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fonds.release.folder import Release
from fonds.settings import Settings
from fonds.store import Store
from fonds.web.edge import Edge
from fonds.web.routes import create_pages, direct
from fonds.web.site import open_site

_THREADS = 8
"""Pages that are made at the same time; the engine lets go of Python's lock while it works."""


def create_app(release: Release, store: Store, settings: Settings) -> Edge:
    """Return the ASGI application that serves a release from a store."""
    site = open_site(release, store, settings)
    executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="fonds-page")
    return Edge(site, create_pages(site), partial(direct, site), executor)
