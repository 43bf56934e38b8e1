"""A linked-open-data publisher for archives: sources become records, records become graphs, graphs a release, a release a web site.

For scripts: :func:`fonds.open` opens a release, :func:`fonds.endpoint` a SPARQL endpoint, :func:`fonds.publication` the sources of
one (:mod:`fonds.notebook`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fonds.notebook import endpoint, open, publication

__version__ = "0.1.0"
__all__ = ["__version__", "endpoint", "open", "publication"]


def __getattr__(name: str) -> Any:
    """Return one of the functions for scripts: what they need is imported when they are, and never by the command line."""
    if name in ("endpoint", "open", "publication"):
        from fonds import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'fonds' has no attribute {name!r}")
