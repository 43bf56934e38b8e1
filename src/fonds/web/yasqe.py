"""The editor of the query page: YASGUI's, from npm, where it was installed.

Of YASGUI the editor alone is used (Yasqe): the form sends the query, and the page shows the answer, with scripts as without. So
nothing is kept in the browser that could go stale, links to queries are plain addresses, and no page asks another host. The
files are no part of the program: ``npm ci`` puts them into ``web/node_modules``, and they are loaded if they are the known ones.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from importlib import resources

_FOLDER = ("node_modules", "@triply", "yasqe", "build")
_FILES: Mapping[str, str] = {
    "yasqe.min.js": "d9340559e433b4d05979e87f197882ee0dcbee9a7560852f6d74eecbe7df30c0",
    "yasqe.min.css": "117eb023f4f2b8b661075ede627a36290ea07252ae00e1b69b4bad279f1c3a14",
}
"""Its files with their SHA-256: of version 4.2.28, as the lock file beside this module has it."""


def editor_files() -> dict[str, bytes]:
    """Return the files of the editor by name; none where it is not installed, or not the one that is known."""
    folder = resources.files("fonds.web").joinpath(*_FOLDER)
    found: dict[str, bytes] = {}
    for name, sha256 in _FILES.items():
        try:
            content = folder.joinpath(name).read_bytes()
        except OSError:
            return {}
        if hashlib.sha256(content).hexdigest() != sha256:
            logging.getLogger("fonds").warning(
                "%s is not the file of the version that fonds knows; the query page has a plain field. "
                "Run npm ci in src/fonds/web, or delete it.",
                folder.joinpath(name),
            )
            return {}
        found[name] = content
    return found
