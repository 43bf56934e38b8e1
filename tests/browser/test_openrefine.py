"""OpenRefine itself with the service of the first record: guesses, matches, new columns; a preview in its window."""

from __future__ import annotations

import http.cookiejar
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.looking import CHROMIUM
from tests.conftest import serving
from tests.processes import free_port, until

OPENREFINE = shutil.which("openrefine")
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        OPENREFINE is None, reason="OpenRefine is not installed (Debian: apt-get install openrefine)"
    ),
]
ROWS = 'who,where\n"Guevara, Ernesto",Havana\nKosygin A.N.,Moscow\nNobody Whom We Know,\n'
ENGINE = {"facets": [], "mode": "row-based"}
_START_SECONDS = 60


@dataclass(frozen=True)
class Refine:
    """OpenRefine with one project.

    Attributes:
        url: Of the program, with a slash at its end.
        service: The address of the reconciliation service.
        opener: Keeps its cookies, and asks no proxy.
        project: The project's number.
    """

    url: str
    service: str
    opener: urllib.request.OpenerDirector
    project: str = ""

    def get(self, command: str, **query: object) -> Any:
        with self.opener.open(f"{self.url}command/core/{command}?{urllib.parse.urlencode(query)}") as reply:
            return json.load(reply)

    def post(self, command: str, query: dict[str, object] | None = None, **form: object) -> Any:
        token = self.get("get-csrf-token")["token"]
        address = f"{self.url}command/core/{command}?{urllib.parse.urlencode({**(query or {}), 'csrf_token': token})}"
        fields = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in form.items()
        }
        with self.opener.open(address, urllib.parse.urlencode(fields).encode()) as reply:
            return json.load(reply)

    def done(self) -> None:
        until(
            lambda: not self.get("get-processes", project=self.project)["processes"],
            _START_SECONDS, pause_seconds=0.2,
        )  # fmt: skip

    def created(self) -> str:
        token = self.get("get-csrf-token")["token"]
        options = json.dumps({"separator": ",", "encoding": "UTF-8"})
        address = f"{self.url}command/core/create-project-from-upload?{urllib.parse.urlencode({'csrf_token': token, 'options': options})}"
        fields = (
            ("project-name", "", "fonds"),
            ("format", "", "text/line-based/*sv"),
            ("project-file", '; filename="t.csv"\r\nContent-Type: text/csv', ROWS),
        )
        body = "".join(
            f'--part\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
            for name, more, value in fields
        )
        request = urllib.request.Request(
            address, f"{body}--part--\r\n".encode(), {"Content-Type": "multipart/form-data; boundary=part"}
        )
        with self.opener.open(request) as reply:
            return str(reply.geturl().rpartition("=")[2])

    def reconcile(self, column: str, type_: str, details: list[dict[str, str]]) -> None:
        manifest = self.manifest()
        config = {
            "mode": "standard-service", "service": self.service, "identifierSpace": manifest["identifierSpace"],
            "schemaSpace": manifest["schemaSpace"], "type": {"id": type_, "name": type_}, "autoMatch": True,
            "columnDetails": details, "limit": 0,
        }  # fmt: skip
        self.post("reconcile", project=self.project, columnName=column, config=config, engine=ENGINE)
        self.done()

    def manifest(self) -> Any:
        with self.opener.open(self.service) as reply:
            return json.load(reply)

    def first_rows(self) -> Any:
        return self.post("get-rows", {"project": self.project, "start": 0, "limit": 10}, engine=ENGINE)

    def matches(self) -> list[tuple[str, str]]:
        found = self.first_rows()
        recons = [found["pool"]["recons"][str(row["cells"][0]["r"])] for row in found["rows"]]
        return [(each["j"], (each.get("m") or next(iter(each["c"]), {"id": ""}))["id"]) for each in recons]


@pytest.fixture(scope="module")
def refine(publication: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Refine]:
    folder, port = tmp_path_factory.mktemp("refine"), free_port()
    command = [str(OPENREFINE), "-p", str(port), "-i", "127.0.0.1", "-d", str(folder / "data"), "-m", "512M"]
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with (
        serving(publication, "--into", folder / "releases") as site,
        (folder / "log").open("wb") as log,
        # It is a script that starts Java: both end with their session.
        subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True) as process,
    ):
        try:
            found = Refine(f"http://127.0.0.1:{port}/", f"{site.url}reconcile", opener)
            deadline = time.monotonic() + _START_SECONDS
            while not _answers(found):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail((folder / "log").read_text(errors="replace")[-2000:])
                time.sleep(0.3)
            yield Refine(found.url, found.service, opener, found.created())
        finally:
            os.killpg(process.pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def reconciled(refine: Refine) -> Refine:
    """The project with both columns matched; the second is held against the first, whose matches are sent as objects."""
    refine.reconcile("where", "place", [])
    refine.reconcile("who", "person", [{"column": "where", "propertyName": "Born", "propertyID": "born"}])
    return refine


def _answers(refine: Refine) -> bool:
    try:
        return bool(refine.get("get-version")["version"])
    except OSError:
        return False


def test_the_type_of_a_column_is_guessed(refine: Refine) -> None:
    guessed = refine.post(
        "guess-types-of-column", {"project": refine.project}, columnName="who", service=refine.service
    )
    assert guessed["code"] == "ok"
    assert guessed["types"][0]["id"] == "person"


def test_a_column_is_matched_held_against_another_one_and_gives_new_columns(reconciled: Refine) -> None:
    # Of one nothing here says that he was born there: he is offered, and not matched unseen.
    assert reconciled.matches() == [("matched", "person/guevara"), ("none", "person/kosygin"), ("none", "")]
    manifest = reconciled.manifest()
    reconciled.post(
        "extend-data",
        project=reconciled.project, columnName="who", engine=ENGINE, columnInsertIndex="1", baseColumnName="who",
        endpoint=reconciled.service, identifierSpace=manifest["identifierSpace"], schemaSpace=manifest["schemaSpace"],
        extension={"properties": [{"id": "elsewhere", "name": "elsewhere"}, {"id": "documents", "name": "documents"}]},
    )  # fmt: skip
    reconciled.done()
    rows = reconciled.first_rows()["rows"]
    extended = [[cell and cell.get("v") for cell in row["cells"]] for row in rows]
    assert {"http://www.wikidata.org/entity/Q5809", 1} <= set(extended[0])
    assert [each for each in extended[2] if each] == ["Nobody Whom We Know"]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)")
def test_its_window_knows_the_service_and_shows_a_preview(reconciled: Refine, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    try:
        page.goto(f"{reconciled.url}project?project={reconciled.project}")
        cell = page.locator(".data-table a", has_text="Ernesto Guevara").first
        cell.wait_for()
        page.evaluate(
            "address => new Promise(done => ReconciliationManager.registerStandardService(address, done))",
            reconciled.service,
        )
        # Cells that were drawn before the service was known have no preview.
        page.reload()
        cell.wait_for()
        with page.expect_response(lambda reply: "/reconcile/preview" in reply.url) as shown:
            cell.hover()
        assert shown.value.status == 200
        page.frame_locator("iframe[src*='/reconcile/preview']").get_by_role(
            "link", name="Ernesto Guevara"
        ).wait_for()
    finally:
        page.close()
