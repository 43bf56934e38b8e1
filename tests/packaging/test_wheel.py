"""What pip installs: the archives hold the whole program alone, are the same whoever builds them, and need no npm and no network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("in_empty_environment.py")
EPOCH = "1790000000"

pytestmark = pytest.mark.thorough


@dataclass(frozen=True)
class Built:
    """The two archives of one build."""

    wheel: Path
    sdist: Path

    def in_wheel(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.wheel) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def in_sdist(self) -> dict[str, bytes]:
        """Return its files by their names below its one folder."""
        with tarfile.open(self.sdist) as archive:
            files = {each.name: archive.extractfile(each) for each in archive if each.isfile()}
            return {name.partition("/")[2]: file.read() for name, file in files.items() if file}


def artifacts() -> set[str]:
    """Return what npm fetches, as the settings of the build name it."""
    with (ROOT / "pyproject.toml").open("rb") as settings:
        return set(tomllib.load(settings)["tool"]["hatch"]["build"]["artifacts"])


def build(source: Path, into: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into)]
    subprocess.run(
        command, cwd=source, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    )


def archives(folder: Path) -> Built:
    return Built(next(folder.glob("*.whl")), next(folder.glob("*.tar.gz")))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    missing = sorted(each for each in artifacts() if not (ROOT / each).is_file())
    if missing:
        pytest.skip(f"npm has not fetched {missing[0]} (make serve does, where npm is)")
    folder = tmp_path_factory.mktemp("dist")
    build(ROOT, folder)
    return archives(folder)


@pytest.fixture(scope="module")
def unpacked(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built.sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def program() -> set[str]:
    """The files of the program in this checkout, by their names from its top: what git has or would take."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no clone: nothing says which files belong to the program")
    command = [
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "src/fonds",
        "ontology",
        "docs/deploy",
    ]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tools = re.compile(r"ontology/.*\.py")
    return {each for each in said.splitlines() if not tools.fullmatch(each)} | artifacts()


def test_the_wheel_holds_the_whole_program_and_nothing_else(built: Built, program: set[str]) -> None:
    installed = {each for each in program if not each.startswith("docs/")}
    installed = {re.sub("^src/", "", re.sub("^ontology/", "fonds/ontology/", each)) for each in installed}
    installed = {each for each in installed if not each.endswith(("package.json", "package-lock.json"))}
    files = set(built.in_wheel())
    about = {each for each in files if ".dist-info/" in each}
    assert files - about == installed
    names = {each.partition(".dist-info/")[2] for each in about}
    assert names == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def test_the_source_distribution_holds_what_a_wheel_is_made_of_and_nothing_else(
    built: Built, program: set[str]
) -> None:
    beside = {".gitignore", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", "requirements.lock"}
    assert set(built.in_sdist()) == program | beside


def test_what_npm_fetches_comes_with_its_licences(built: Built) -> None:
    fetched = {each for each in built.in_wheel() if "node_modules/" in each}
    packages = {re.sub(r".*node_modules/((?:@[^/]+/)?[^/]+)/.*", r"\1", each) for each in fetched}
    with_licence = {
        re.sub(r".*node_modules/((?:@[^/]+/)?[^/]+)/.*", r"\1", each)
        for each in fetched
        if re.search(r"/licen[cs]e(?:\.txt)?$", each, re.I)
    }
    assert with_licence == packages
    # What the one file of the editor is made of, as its map says.
    sources = json.loads(
        (ROOT / "src/fonds/web/node_modules/@triply/yasqe/build/yasqe.min.js.map").read_text()
    )["sources"]
    made_of = {
        found[-1] for each in sources if (found := re.findall(r"node_modules/((?:@[^/]+/)?[^/]+)/", each))
    }
    assert len(made_of) > 10
    # regenerator-runtime stands in @babel/runtime, under the same licence.
    assert made_of - packages <= {"regenerator-runtime"}


def test_no_file_names_this_machine_or_holds_a_secret(built: Built) -> None:
    told = [str(ROOT).encode(), str(Path.home()).encode() + b"/"]
    secret = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|://[^/\s:@\"'<>]+:[^/\s:@\"'<>]+@[a-z0-9]")
    for files in (built.in_wheel(), built.in_sdist()):
        for name, content in files.items():
            assert not [each for each in told if each in content], name
            # Such addresses occur where the program refuses them.
            assert not secret.search(content) or name.endswith(".py"), name


def test_two_builds_give_the_same_bytes_from_wherever(
    built: Built, unpacked: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for path in sorted(unpacked.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o640)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    folder = tmp_path_factory.mktemp("again")
    build(unpacked, folder)
    again = archives(folder)
    assert again.wheel.read_bytes() == built.wheel.read_bytes()
    assert again.sdist.read_bytes() == built.sdist.read_bytes()


def test_the_version_is_said_in_one_way(built: Built) -> None:
    from fonds import __version__

    assert built.wheel.name == f"fonds-{__version__}-py3-none-any.whl"
    assert f"\nVersion: {__version__}\n" in built.in_sdist()["PKG-INFO"].decode()


# ------------------------------------------------------------------------------------------ installed


LISTENING = """
import os, sys
_told = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _hear(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        os.write(_told, os.path.abspath(os.fsencode(arguments[0])) + b"\\n")
sys.addaudithook(_hear)
"""
"""Written into the environment, it has every process of it tell what it opens."""


@pytest.fixture(scope="module")
def environment(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment that holds the locked dependencies and the wheel."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    locked = [*pip, "--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / "requirements.lock")]
    done = subprocess.run(locked, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the dependencies cannot be installed here: {done.stderr.strip()[-300:]}")
    subprocess.run([*pip, "--no-index", "--no-deps", str(built.wheel)], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def answers(
    environment: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, dict[str, str]], set[str]]:
    """What was answered, by path, and which files were opened, where there is no network and no npm."""
    unshare = shutil.which("unshare")
    apart = [unshare, "--net"] if os.getuid() == 0 else [unshare, "--net", "--map-root-user"]
    if unshare is None or subprocess.run([*map(str, apart), "true"], check=False).returncode:
        pytest.skip("no network namespace can be made here (util-linux: unshare --net)")
    folder = tmp_path_factory.mktemp("installed")
    log = folder / "opened"
    site = next((environment / "lib").glob("python3*/site-packages"))
    (site / "sitecustomize.py").write_text(LISTENING.format(log=str(log)))
    (folder / "home").mkdir()
    (folder / "work").mkdir()
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
    command = [*map(str, apart), str(environment / "bin/python"), str(PROGRAM), str(folder / "work")]
    done = subprocess.run(
        command, cwd=folder / "work", env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = (json.loads(line) for line in done.stdout.splitlines())
    return {each["path"]: each for each in told}, set(log.read_text().splitlines())


def test_a_new_publication_is_served_by_what_pip_installed(
    answers: tuple[dict[str, dict[str, str]], set[str]],
) -> None:
    found, _ = answers
    assert "letter" in found["/"]["body"]
    assert found["/doc/record/letter-1"]["type"] == "text/turtle;charset=utf-8"
    assert '<html lang="ru">' in found["/ru/"]["body"]
    count = next(each for path, each in found.items() if path.startswith("/sparql?"))
    assert int(count["body"].split()[1]) > 100
    # The editor of queries, the outline of the land and the typeface are there.
    assert any(
        path.startswith("/assets/yasqe.min.js?") and int(found[path]["size"]) > 100_000 for path in found
    )
    assert any(path.startswith("/assets/editor.js?") for path in found)
    assert 'class="land"' in found["/map.svg"]["body"]
    assert "<h1" in found["/help/sparql"]["body"]
    assert int(found["/dumps/dataset.nq.gz"]["size"]) > 1000
    assert '"ready":true' in found["/readyz"]["body"]


def test_nothing_of_the_checkout_is_read_by_what_pip_installed(
    answers: tuple[dict[str, dict[str, str]], set[str]],
) -> None:
    _, opened = answers
    assert any(each.endswith("/fonds/web/templates/base.html") for each in opened)
    assert {each for each in opened if Path(each).is_relative_to(ROOT)} - {str(PROGRAM)} == set()
