"""The guides to running fonds are followed line by line, as far as one machine without systemd allows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fonds.release.folder import open_release
from tests.behind import DEPLOY, asker_of
from tests.engines import virtuoso
from tests.operating import Operator
from tests.processes import until

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        shutil.which("curl") is None or shutil.which("rsync") is None,
        reason="curl or rsync is not installed (Debian: curl, rsync)",
    ),
]


def guide(name: str) -> str:
    return (DEPLOY / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture
def operators(tmp_path: Path) -> Iterator[Callable[..., Operator]]:
    there: list[Operator] = []

    def operator(**how: object) -> Operator:
        there.append(Operator(tmp_path / "world", **how))  # type: ignore[arg-type]
        return there[-1]

    yield operator
    for each in there:
        each.leave()


@pytest.mark.parametrize(
    ("name", "ports"), [("one-small-machine", ["8000"]), ("archive-server", ["8000", "8001"])]
)
def test_a_guide_is_followed_and_the_site_is_there(
    operators: Callable[..., Operator], name: str, ports: list[str]
) -> None:
    operator = operators()
    operator.follow(guide(name))
    release = open_release(operator.folder / "here/srv/fonds/releases")
    for each in ports:
        ask = asker_of(operator.port("here", each))
        assert release.manifest.name in ask("/readyz").text
        assert ask("/doc/record/letter-1", "text/html").status == 200
    assert len(operator.ran) >= 6


def test_the_aggregator_s_guide_is_followed_and_every_web_server_answers_alike(
    operators: Callable[..., Operator], tmp_path: Path
) -> None:
    (tmp_path / "engine").mkdir()
    with virtuoso(tmp_path / "engine") as engine:
        operator = operators(
            machines=("build-1", "build-2", "web-1", "web-2"),
            addresses={"127.0.0.1:8890": urlsplit(engine.query).netloc},
        )
        operator.follow(guide("national-aggregator"))
        built = open_release(operator.folder / "build-1/srv/fonds/releases").manifest
        assert built.settings.title == "The archives of the country"
        query = "/sparql?query=SELECT%20*%20WHERE%7B%3Fs%20%3Fp%20%3Fo%7D%20ORDER%20BY%20%3Fs%20%3Fp%20%3Fo%20LIMIT%2050"
        answers = []
        for each in ("web-1", "web-2"):
            assert open_release(operator.folder / each / "srv/fonds/releases").manifest == built
            ask = asker_of(operator.port(each, "8000"))
            # The folder has it; a server looks there every so often, and asks no engine that holds another release.
            until(lambda ask=ask: (now := ask("/readyz")).status == 200 and built.name in now.text, 30)
            rows = ask(query, "text/csv")
            assert rows.status == 200, rows.text
            answers.append((rows.text, ask("/doc/record/letter-1.ttl").headers["etag"], ask("/").text))
        assert answers[0] == answers[1]
        operator.leave()


def test_what_is_not_tried_is_said_and_marked(operators: Callable[..., Operator]) -> None:
    for name in ("one-small-machine", "archive-server", "national-aggregator"):
        text = guide(name)
        assert "tried" in text
        for block in text.split("```console\n")[1:]:
            lines = block.partition("```")[0].splitlines()
            assert all(line.startswith("# ") for line in lines), name
