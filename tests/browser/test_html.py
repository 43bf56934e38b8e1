"""HTML and CSS as a checker sees them that we did not write: the Nu HTML checker, on pages of every kind."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fonds.release.folder import Release
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from tests.browser.walking import walked
from tests.unit.web.conftest import dataset, dataset_store
from tests.unit.web.test_server import LOOPBACK, get, listening, received

__all__ = ["dataset", "dataset_store"]

JAR = Path(__file__).with_name("nu") / "node_modules/vnu-jar/build/dist/vnu.jar"
pytestmark = [
    pytest.mark.skipif(
        not JAR.exists(),
        reason="the Nu HTML checker is not installed (npm install --prefix tests/browser/nu)",
    ),
    pytest.mark.skipif(
        shutil.which("java") is None, reason="Java is not installed (Debian: default-jre-headless)"
    ),
]


def found_in(folder: Path) -> list[str]:
    """Return what the checker finds in the files of a folder, a line each."""
    done = subprocess.run(
        ["java", "-jar", str(JAR), "--format", "json", "--also-check-css", "--stdout", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    messages = json.loads(done.stdout)["messages"]
    return [
        f"{Path(each.get('url', '')).name}:{each.get('lastLine', 0)}: {each['message']} {each.get('extract', '')!r}"
        for each in messages
    ]


def assert_right(pages: Iterator[tuple[str, str]], style: str, folder: Path, at_least: int) -> None:
    (folder / "style.css").write_text(style, encoding="utf-8")
    addresses = []
    for number, (address, page) in enumerate(pages):
        (folder / f"{number}.html").write_text(page, encoding="utf-8")
        addresses.append(f"{number}: {address}")
    assert len(addresses) >= at_least
    found = found_in(folder)
    assert not found, "\n".join([*found, *addresses])


def test_pages_of_a_publication_are_right(site: Any, tmp_path: Path) -> None:
    def answer(address: str) -> str:
        body: bytes = site.get("/" + address.removeprefix(site.url), "text/html").body
        return body.decode(errors="replace")

    assert_right(
        walked(site.url, answer, of_each_kind=3), answer(f"{site.url}assets/fonds.css"), tmp_path, 40
    )


def test_pages_of_a_dataset_with_unfriendly_labels_are_right(
    dataset: Release, dataset_store: EmbeddedStore, tmp_path: Path
) -> None:
    with listening(create_app(dataset, dataset_store, dataset.manifest.settings)) as port:
        root = f"http://{LOOPBACK}:{port}/"

        def answer(address: str) -> str:
            target = "/" + address.removeprefix(root)
            return (
                received(port, get(target, "Accept: text/html"))
                .partition(b"\r\n\r\n")[2]
                .decode(errors="replace")
            )

        assert_right(walked(root, answer, of_each_kind=3), "", tmp_path, 10)


def test_the_checker_finds_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text("<!doctype html><title>x</title><p id=a><p id=a>", encoding="utf-8")
    assert any("Duplicate ID" in each for each in found_in(tmp_path))
