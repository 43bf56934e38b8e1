"""The live preview: a save is shown, a fault stands at the top of pages with its place, and nothing of it is anywhere else."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

import pytest

from fonds.beginning import begin_publication
from fonds.release.folder import Release
from fonds.release.publication import build_publication
from fonds.release.sources_state import sources_state
from fonds.store.embedded import EmbeddedStore
from fonds.web import create_app
from fonds.web.preview import Preview, Told
from fonds.web.preview.watching import Rebuilding, Watcher
from fonds.web.served import Succession
from tests.unit.web.conftest import Ask, Reply, asker

_SECONDS = 30
PERSONS = "data/authorities/persons.csv"


@dataclass
class Running:
    """``fonds serve --watch`` in a process of its own."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str]
    url: str = ""

    def said(self, words: str) -> str:
        """Wait for a line with some words."""
        ends = time.monotonic() + _SECONDS
        seen = []
        while time.monotonic() < ends:
            with contextlib.suppress(queue.Empty):
                seen.append(self.lines.get(timeout=0.2))
                if words in seen[-1]:
                    return seen[-1]
            if self.process.poll() is not None and self.lines.empty():
                break
        pytest.fail(f"never said {words!r}, but {''.join(seen)}")

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_SECONDS)
        try:
            connection.request("GET", path, headers={"Accept": "text/html", **(headers or {})})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read().decode()
        finally:
            connection.close()

    def shows(self, path: str, is_it: Callable[[str], bool]) -> str:
        """Wait until a page shows something."""
        ends = time.monotonic() + _SECONDS
        page = ""
        while time.monotonic() < ends:
            page = self.get(path)[2]
            if is_it(page):
                return page
            time.sleep(0.1)
        pytest.fail(page)


@contextlib.contextmanager
def watching(folder: Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "fonds", "serve", str(folder), "--port", "0", "--watch"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        running = Running(process, queue.Queue())
        assert process.stdout is not None
        lines = process.stdout
        thread = threading.Thread(target=lambda: [running.lines.put(line) for line in lines])
        thread.start()
        try:
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(_SECONDS)
            thread.join()


def listening(running: Running) -> None:
    running.url = next(word for word in running.said("Ctrl-C stops").split() if word.startswith("http://"))
    running.said("it is built and shown again whenever you save")


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    begin_publication(tmp_path / "mine", "plain")
    return tmp_path / "mine"


@pytest.mark.thorough
def test_edit_save_and_see_it(mine: Path) -> None:
    with watching(mine) as running:
        listening(running)
        status, headers, page = running.get("/doc/person/brenner-jakob")
        assert (status, headers["cache-control"]) == (200, "no-store")
        assert "Jakob Brenner" in page
        assert "preview-panel" not in page
        version = re.search(
            r'<script src="/-preview/panel.js" data-version="(\d+)" defer></script></head>', page
        )
        assert version is not None

        replace(mine / PERSONS, "Jakob Brenner", "Jacob Brennar")
        page = running.shows("/doc/person/brenner-jakob", lambda page: "Jacob Brennar" in page)
        assert f'data-version="{version[1]}"' not in page

        # A fault: the page stays, and says what is wrong, where, and what may stand there; as fonds check does.
        replace(mine / PERSONS, "brenner-jakob,", "Brenner Jakob,")
        page = running.shows("/doc/person/brenner-jakob", lambda page: "preview-panel" in page)
        assert "Jacob Brennar" in page
        panel = page[
            page.index('class="preview-panel"') : page.index(
                "</section>", page.index('class="preview-panel"')
            )
        ]
        assert "What you see is as it was before." in panel
        assert f'<code dir="ltr">{PERSONS}:2</code>' in panel
        assert "&#39;Brenner Jakob&#39;" in panel
        assert "<dt>Found</dt>" in panel
        checked = subprocess.run(
            [sys.executable, "-m", "fonds", "check", str(mine)], capture_output=True, text=True, check=False
        )
        message = re.search(rf"{re.escape(PERSONS)}:2: (key: .*)", checked.stdout)
        assert message is not None
        assert message[1].replace("'", "&#39;") in panel
        running.said(f"{PERSONS}:2: key: found")
        # It stands on every page, also on one that tells of an error; and in nothing else.
        assert "preview-panel" in running.get("/none")[2]
        assert "preview" not in running.get("/doc/person/brenner-jakob", {"Accept": "text/turtle"})[2]

        replace(mine / PERSONS, "Brenner Jakob,", "brenner-jakob,")
        running.shows(
            "/doc/person/brenner-jakob", lambda page: "preview-panel" not in page and "Jacob" in page
        )
        began = time.monotonic()
    assert time.monotonic() - began < 8
    for path in (mine / "releases").rglob("*"):
        assert not path.is_file() or b"-preview/" not in path.read_bytes()


@pytest.mark.thorough
def test_settings_that_cannot_be_read_and_templates_that_break_are_told(mine: Path) -> None:
    with watching(mine) as running:
        listening(running)
        settings = mine / "fonds.toml"
        good = settings.read_text(encoding="utf-8")
        settings.write_text(good + "\nshoe_size = 43\n", encoding="utf-8")
        page = running.shows("/", lambda page: "preview-panel" in page)
        assert "shoe_size" in page
        assert "fonds.toml:" in page
        settings.write_text(good, encoding="utf-8")
        running.shows("/", lambda page: "preview-panel" not in page)


@pytest.mark.thorough
def test_news_come_as_they_happen_and_end_with_the_server(mine: Path) -> None:
    with watching(mine) as running:
        listening(running)
        place = urlsplit(running.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_SECONDS)
        connection.request("GET", "/-preview/news")
        answer = connection.getresponse()
        assert answer.getheader("content-type") == "text/event-stream"

        def news() -> dict[str, object]:
            while not (line := answer.readline()).startswith(b"data: "):
                assert line
            found: dict[str, object] = json.loads(line[6:])
            return found

        assert news()["word"] == "served"
        replace(mine / PERSONS, "Jakob Brenner", "Jacob Brennar")
        assert [news()["word"], news()["word"]] == ["building", "served"]
        running.process.send_signal(signal.SIGINT)
        assert b"data" not in answer.read()
        connection.close()
        assert running.process.wait(_SECONDS) == 0


@pytest.mark.thorough
def test_a_publication_that_has_never_been_built_waits_until_it_can_be(mine: Path) -> None:
    replace(mine / PERSONS, "brenner-jakob,", "Brenner Jakob,")
    with watching(mine) as running:
        running.said(f"{PERSONS}:2: key: found")
        running.said("there is nothing to show yet; mend it and save, and it is built again")
        replace(mine / PERSONS, "Brenner Jakob,", "brenner-jakob,")
        listening(running)
        assert running.get("/doc/person/brenner-jakob")[0] == 200


@pytest.mark.thorough
def test_an_older_release_is_shown_where_the_sources_are_faulty_at_the_start(mine: Path) -> None:
    build_publication(mine)
    replace(mine / PERSONS, "brenner-jakob,", "Brenner Jakob,")
    command = [sys.executable, "-m", "fonds", "build", str(mine), "--base", "http://127.0.0.1:8000/"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    replace(mine / "fonds.toml", "title =", 'base = "http://127.0.0.1:8000/"\ntitle =')
    with watching(mine) as running:
        listening(running)
        page = running.get("/doc/person/brenner-jakob")[2]
        assert "Jakob Brenner" in page
        running.shows("/", lambda page: f"{PERSONS}:2" in page)


def test_a_preview_is_for_publications_and_only_where_it_is_asked_for(mine: Path) -> None:
    release = build_publication(mine)
    command = [sys.executable, "-m", "fonds", "serve", str(release.folder), "--watch"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--watch is for publications" in done.stderr


# ------------------------------------------------------------------------------------------------ the panel alone


def previewed(ask: Ask, application: Callable[..., object]) -> tuple[Preview, Ask]:
    preview = Preview(application, lambda: True)  # type: ignore[arg-type]
    return preview, asker(preview)


def told(message: str, found: str = "") -> Told:
    return Told("fault", "data/x.csv", message, 3, found=found)


@pytest.fixture
def page() -> Callable[[bytes, bytes], Callable[..., object]]:
    """An application that answers the same to everything."""

    def make(type_: bytes, body: bytes) -> Callable[..., object]:
        async def application(scope: object, receive: object, send: Callable[[object], object]) -> None:
            headers = (
                (b"content-type", type_),
                (b"etag", b'"x"'),
                (b"content-length", str(len(body)).encode()),
            )
            await send({"type": "http.response.start", "status": 200, "headers": headers})  # type: ignore[misc]
            for start in range(0, len(body), 10):
                piece = {"type": "http.response.body", "body": body[start : start + 10], "more_body": True}
                await send(piece)  # type: ignore[misc]
            await send({"type": "http.response.body", "body": b""})  # type: ignore[misc]

        return application

    return make


def test_a_fault_that_quotes_a_script_stays_a_text(
    ask: Ask, page: Callable[[bytes, bytes], Callable[..., object]]
) -> None:
    preview, asked = previewed(
        ask, page(b"text/html;charset=utf-8", b"<html><head></head><body><p>x</p></body></html>")
    )
    preview.tell("failed", [told("<script>alert(1)</script>", found="\u202e<b>")])
    reply = asked("/")
    assert "&lt;script&gt;alert(1)" in reply.text
    assert "<b>" not in reply.text
    assert reply.text.count("<script") == 1
    assert int(reply.headers["content-length"]) == len(reply.body)
    assert "etag" not in reply.headers


def test_many_faults_are_told_in_part(
    ask: Ask, page: Callable[[bytes, bytes], Callable[..., object]]
) -> None:
    preview, asked = previewed(ask, page(b"text/html", b"<head></head><body></body>"))
    preview.tell("failed", [told(str(number)) for number in range(30)])
    assert "30 faults" in asked("/").text
    assert "… and 5 more; <code>fonds check</code>" in asked("/").text
    preview.tell("failed", said="Traceback <x>")
    assert "Traceback &lt;x&gt;" in asked("/").text
    preview.tell("building")
    assert "Load this page again" in asked("/").text


def test_what_is_no_page_goes_through_as_it_is(
    ask: Ask, page: Callable[[bytes, bytes], Callable[..., object]]
) -> None:
    preview, asked = previewed(ask, page(b"text/turtle", b"<a> <b> <c> . # </head><body>"))
    preview.tell("failed", [told("x")])
    reply: Reply = asked("/")
    assert reply.body == b"<a> <b> <c> . # </head><body>"
    assert reply.headers["etag"] == '"x"'
    assert reply.chunks > 1


def test_the_files_of_a_preview_are_there_and_nothing_else(ask: Ask) -> None:
    _, asked = previewed(ask, lambda *_: None)
    assert asked("/-preview/panel.js").headers["content-type"].startswith("text/javascript")
    assert "@media print" in asked("/-preview/panel.css").text
    assert asked("/-preview/other").status == 404
    assert ask("/-preview/panel.js").status == 404


def test_what_is_saved_between_a_build_that_failed_and_the_first_look_is_built(mine: Path) -> None:
    before = sources_state(mine)
    replace(mine / PERSONS, "\n", "\n\n")
    command = (sys.executable, "-c", "")
    told: list[str] = []

    async def taken() -> str:
        return ""

    async def follow() -> None:
        preview = SimpleNamespace(tell=lambda word, *_, **__: told.append(word))
        succession = SimpleNamespace(serves="", take_current=taken)
        how = Rebuilding(mine, mine / "releases", command, failed=before)
        watcher = Watcher(how, cast(Preview, preview), cast(Succession, succession), lambda _: None)
        following = asyncio.create_task(watcher.follow())
        ends = time.monotonic() + _SECONDS
        while told[-1:] != ["served"] and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        following.cancel()

    asyncio.run(follow())
    assert told == ["failed", "building", "served"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8000", "[::1]:8000", "localhost:8000", "a.localhost", "192.168.1.7", "archive.example"],
)
def test_a_preview_answers_to_its_own_names(
    page: Callable[[bytes, bytes], Callable[..., object]], host: str
) -> None:
    asked = asker(Preview(page(b"text/turtle", b"x"), lambda: True, ("Archive.example",)))  # type: ignore[arg-type]
    assert asked("/doc/x", headers=(("host", host),)).status == 200
    assert asked("/-preview/news", headers=(("host", host),)).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example"]
)
@pytest.mark.parametrize(
    "path", ["/doc/x", "/", "/-preview/news", "/-preview/panel.js", "/dumps/dataset.nq.gz"]
)
def test_a_name_that_somebody_else_lets_lead_here_shows_nothing_of_a_preview(
    page: Callable[[bytes, bytes], Callable[..., object]], host: str, path: str
) -> None:
    asked = asker(Preview(page(b"text/html", b"secret"), lambda: True))  # type: ignore[arg-type]
    reply = asked(path, headers=(("host", host),))
    assert reply.status == 421
    assert b"secret" not in reply.body
    assert "access-control-allow-origin" not in reply.headers


def test_no_other_site_can_read_a_preview(dataset: Release, dataset_store: EmbeddedStore) -> None:
    """What is published may be read by any site, what is not published yet by none: CORS is shut, and so are frames."""
    asked = asker(Preview(create_app(dataset, dataset_store, dataset.manifest.settings), lambda: True))
    for path in (
        "/",
        "/sparql?query=ASK%7B%7D",
        "/doc/person/ann",
        "/nothing",
        "/-preview/panel.js",
        "/-preview/news",
        "/reconcile/preview?id=x",
    ):
        for method in ("GET", "OPTIONS"):
            headers = asked(path, "text/html", method=method).headers
            assert not [name for name in headers if name.startswith("access-control-")], path
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "connect-src 'self'" in headers["content-security-policy"]
