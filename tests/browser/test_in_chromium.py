"""Pages in a real browser: nothing is asked of another host, nothing is refused by our own policy."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fonds.web.style import PARTS
from tests.browser.looking import CHROMIUM, needs_chromium

pytestmark = needs_chromium

ITS_OWN = {
    "accounts.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "update.googleapis.com",
}
"""Where the browser itself would like to go; the resolver below lets it nowhere."""

SPARQL = "sparql?query=SELECT%20*%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%205"
PAGES = ["", "browse/person", "dataset", SPARQL, "ns", "doc/nothing"]


def visited(url: str, folder: Path, *options: str) -> tuple[str, set[str]]:
    """Load a page; return what the browser complained of, and every address that it asked for."""
    log = folder / "net.json"
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}",
            "--virtual-time-budget=2000", *options, url,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
    )  # fmt: skip
    said = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    asked = set(
        re.findall(r'"url":"((?:https?|wss?):[^"]+)"', log.read_text(encoding="utf-8", errors="replace"))
    )
    return said, {address for address in asked if urlsplit(address).hostname not in ITS_OWN}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_other_host_and_breaks_no_policy(site: Any, tmp_path: Path, page: str) -> None:
    said, asked = visited(site.url + page, tmp_path, f"--screenshot={tmp_path / 'page.png'}")
    # A missing page is told on the console as well.
    assert [line for line in said.splitlines() if "status of 404" not in line] == []
    assert f"{site.url}{page}" in asked
    assert any(f"assets/{name}?" in each for each in asked for name in PARTS)
    assert {urlsplit(each).hostname for each in asked} == {"127.0.0.1"}


def test_the_page_of_a_record_asks_no_other_host(site: Any, tmp_path: Path) -> None:
    listed = site.get("/browse/record", "text/html").text
    path = re.search(r'href="\.\./(doc/record/[^"]+)"', listed)
    assert path is not None
    said, asked = visited(site.url + path[1], tmp_path, f"--print-to-pdf={tmp_path / 'page.pdf'}")
    assert said == ""
    assert {urlsplit(each).hostname for each in asked} == {"127.0.0.1"}
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
