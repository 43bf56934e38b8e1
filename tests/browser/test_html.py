"""HTML and CSS as a checker sees them that we did not write: the Nu HTML checker, on pages of every kind."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fonds.web.style import PARTS
from tests.browser.walking import walked
from tests.conftest import Site

JAR = Path(__file__).with_name("nu") / "node_modules/vnu-jar/build/dist/vnu.jar"
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        not JAR.exists(),
        reason="the Nu HTML checker is not installed (npm install --prefix tests/browser/nu)",
    ),
    pytest.mark.skipif(
        shutil.which("java") is None, reason="Java is not installed (Debian: default-jre-headless)"
    ),
]


@dataclass
class Checked:
    """Files of one folder.

    Attributes:
        addresses: Where the pages among them stand, in the order of their files.
        found: What the checker finds in them, a line each.
    """

    addresses: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def checked(
    site: Site, dataset_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> defaultdict[str, Checked]:
    """What there is to say of pages of a publication, of a dataset, and of one that is wrong; the checker is started once."""
    folder, checked = tmp_path_factory.mktemp("checked"), defaultdict[str, Checked](Checked)
    for name, served in (("publication", site), ("dataset", dataset_site)):
        (folder / name).mkdir()
        for number, (address, page) in enumerate(walked(served, of_each_kind=3)):
            (folder / name / f"{number}.html").write_text(page, encoding="utf-8")
            checked[name].addresses.append(f"{number}: {address}")
    for name in PARTS:
        (folder / "publication" / name).write_bytes(site.get(f"assets/{name}").body)
    (folder / "wrong").mkdir()
    (folder / "wrong/wrong.html").write_text(
        "<!doctype html><title>x</title><p id=a><p id=a>", encoding="utf-8"
    )
    done = subprocess.run(
        [
            # It runs for so short a time that to compile well costs more than it saves; code so compiled needs a larger stack.
            "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss4m", "-jar", str(JAR),
            "--format", "json", "--also-check-css", "--stdout", str(folder),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )  # fmt: skip
    for each in json.loads(done.stdout)["messages"]:
        file = Path(each.get("url", ""))
        checked[file.parent.name].found.append(
            f"{file.name}:{each.get('lastLine', 0)}: {each['message']} {each.get('extract', '')!r}"
        )
    return checked


@pytest.mark.parametrize(("name", "at_least"), [("publication", 40), ("dataset", 10)])
def test_pages_are_right(checked: dict[str, Checked], name: str, at_least: int) -> None:
    addresses, found = checked[name].addresses, checked[name].found
    assert len(addresses) >= at_least
    assert not found, "\n".join([*found, *addresses])


def test_the_checker_finds_what_is_wrong_and_nothing_in_no_file(checked: dict[str, Checked]) -> None:
    assert any("Duplicate ID" in each for each in checked["wrong"].found)
    assert set(checked) == {"publication", "dataset", "wrong"}
