"""Serve a release with limits of its own: ``python serving.py RELEASE LIMITS``, the limits as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from fonds.release.folder import Release, open_release
from fonds.settings import Limits
from fonds.web import server


def main(path: str, limits: str) -> None:
    """Serve until a signal comes."""

    def with_limits(folder: Path) -> Release:
        release = open_release(folder)
        settings = msgspec.structs.replace(release.manifest.settings, limits=Limits(**json.loads(limits)))
        return replace(release, manifest=msgspec.structs.replace(release.manifest, settings=settings))

    server.open_release = with_limits
    server.serve(Path(path), "0.0.0.0", 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
