"""A build after a change gives what a build from scratch gives, and works out only what the change touches."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fonds.errors import BuildError, FondsError
from fonds.release import inferring, mapped, working
from fonds.release.identity import change, reference_of
from fonds.release.parts import WORKSHOP, Part, part_of
from fonds.release.publication import build_part, build_publication, check_publication
from fonds.sources import filing
from tests.unit.release.test_collections import SETTINGS

TESTS = Path(__file__).parents[2]
BASE = "https://archive.example/"
LETTER = "data/documents/letters/weiss_1.xml"
VOLUME = "data/documents/volumes/volume-7.xml"
REGISTER = "data/documents/letters/register/persons.xml"


def everything(place: Path) -> Path:
    """Write a publication with everything: documents, volumes, registers, tables, decisions; return where."""
    shutil.copytree(TESTS / "second/data", place / "data")
    shutil.copytree(TESTS / "corpora", place / "data/documents", dirs_exist_ok=True)
    own = (TESTS / "second/fonds.toml").read_text("utf-8")
    head, rights, rest = own.partition("[rights]")
    settings = SETTINGS.replace('inference = "none"', 'inference = "shortcuts"')
    first, *collections = settings.split("[[collections]]")
    tables = "".join(f"[[collections]]{each}" for each in collections)
    (place / "fonds.toml").write_text(f"{head}\n{first}\n{rights}{rest}\n{tables}", "utf-8")
    (place / "data/documents/README.md").unlink(missing_ok=True)
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return everything(tmp_path / "publication")


@dataclass(frozen=True)
class Built:
    """That publication, built from scratch.

    Attributes:
        folder: Where it is, with the release and what was worked out for it; it is copied, and never changed.
        files: The digest of the release, and the hashes of what stands beside the graphs.
    """

    folder: Path
    files: dict[str, str]

    @property
    def digest(self) -> str:
        return self.files["digest"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = everything(tmp_path_factory.mktemp("built") / "publication")
    return Built(place, incrementally(place))


@pytest.fixture
def built_folder(built: Built, tmp_path: Path) -> Path:
    """A publication that was built before."""
    return Path(shutil.copytree(built.folder, tmp_path / "publication", symlinks=True))


class Counted:
    """What was worked out, and not taken from before."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.mapped: list[str] = []

    def clear(self) -> None:
        self.read.clear()
        self.mapped.clear()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counts = Counted()
    read_file, map_record = filing._read_file, mapped._map_record

    def read(reader, path, shown):
        counts.read.append(shown)
        return read_file(reader, path, shown)

    def map_(at, item):
        stored = map_record(at, item)
        (result,) = mapped.mapped_of(stored.bodies[0])
        counts.mapped.append(result.subject.rpartition("/")[2])
        return stored

    monkeypatch.setattr(filing, "_read_file", read)
    monkeypatch.setattr(mapped, "_map_record", map_)
    return counts


def build(folder: Path, into: Path | None = None, **options: object) -> str:
    return build_publication(folder, into=into, base=BASE, jobs=1, **options).manifest.digest  # type: ignore[arg-type]


def from_scratch(folder: Path) -> dict[str, str]:
    """Return the digest of a build that knows of no earlier one, and the hashes of what stands beside the graphs."""
    into = folder.parent / "scratch"
    release = build_publication(folder, into=into, base=BASE, jobs=1)
    shutil.rmtree(into)
    return files_of(release)


def incrementally(folder: Path) -> dict[str, str]:
    return files_of(build_publication(folder, base=BASE, jobs=1))


def files_of(release) -> dict[str, str]:
    named = (
        "texts",
        "report.ttl",
        "places",
        "dumps/dataset.nq.gz",
        "dumps/public.ttl.gz",
        "dumps/inferred.nt.gz",
    )
    return {"digest": release.manifest.digest} | {each: release.manifest.files[each].sha256 for each in named}


def replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        words = (folder / path).read_text("utf-8")
        assert old in words
        (folder / path).write_text(words.replace(old, new, 1), "utf-8")

    return edit


def move(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: (folder / old).rename(folder / new) and None


def add(path: str, words: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write(words)

    return edit


def remove_volume(folder: Path) -> None:
    """Take away a volume, to which another one points, and say so in the register."""
    (folder / "data/documents/volumes/volume-8.xml").unlink()
    rows = (folder / "data/register.csv").read_text("utf-8").splitlines()
    lost = [row.split(",") for row in rows if row.split(",")[1].startswith("volume-8")]
    assert any(kind == "record" for kind, *_ in lost)
    for kind, key, *_ in lost:
        change(folder, reference_of(f"{kind}/{key}"), "withdrawn", (), "it was taken away")


def own_ontology(folder: Path) -> None:
    (folder / "ontology").mkdir()
    shutil.copy(TESTS.parent / "ontology/crm.csv", folder / "ontology")


def fewer_rules(folder: Path) -> None:
    """Keep fewer of the properties that follow."""
    (folder / "ontology").mkdir()
    rows = (TESTS.parent / "ontology/shortcuts.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "ontology/shortcuts.csv").write_text("".join(rows[:-1]), "utf-8")


DECISION = (
    "thing,other,decision,who,day,ground,score\n"
    "person/volume-7-p-a1,person/volume-8-p-a1,same,A. Archivist,2026-11-27,the same office,\n"
)
EDITS: dict[str, tuple[Callable[[Path], None], list[str] | None]] = {
    # What is done, and which records are mapped again because of it (None: it does not matter which).
    "nothing": (lambda folder: None, []),
    "a word of a letter": (replace(LETTER, "Ich sah", "Ich sah gestern"), ["weiss-1"]),
    "a word of one document of a volume": (replace(VOLUME, "lines not", "rows not"), None),
    "another name for a file": (move(LETTER, "data/documents/letters/first.xml"), None),
    "an entry of a register": (replace(REGISTER, "Holm, Karl", "Holm, Karl Maria"), None),
    "a label of a table": (
        replace("data/authorities/persons.csv", "Ida Holm", "Ida Maria Holm"),
        None,
    ),
    "how much of a record is published": (add("data/records.csv", "weiss-1,link\n"), ["weiss-1"]),
    "the statement of rights": (replace("fonds.toml", "no rights are", "not a right is"), None),
    "an ontology": (own_ontology, None),
    "a volume that goes": (remove_volume, None),
    "a decision that two persons are one": (add("data/reconciliation.csv", DECISION), None),
}
_QUICK = ("a word of one document of a volume",)


@pytest.mark.parametrize(
    "name", [each if each in _QUICK else pytest.param(each, marks=pytest.mark.thorough) for each in EDITS]
)
def test_a_change_gives_what_a_build_from_scratch_gives(
    built: Built, built_folder: Path, counted: Counted, name: str
) -> None:
    edit, touched = EDITS[name]
    edit(built_folder)
    counted.clear()
    after = incrementally(built_folder)
    if touched is not None:
        assert counted.mapped == touched
    counted.clear()
    assert after == from_scratch(built_folder)
    assert len(counted.mapped) > 10
    # Where a file stands is said in the graph of provenance, which is not digested.
    assert (after["digest"] == built.digest) == (
        name in ("nothing", "an ontology", "another name for a file")
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("nothing", 0),
        ("a word of a letter", 0),
        ("a decision that two persons are one", 1),
        ("an ontology", 0),  # whose table is that of the program
        ("other rules", 1),
        ("a volume that goes", 1),
    ],
)
def test_what_follows_is_taken_from_before_unless_something_changed_on_which_it_depends(
    built_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, again: int
) -> None:
    monkeypatch.setattr("fonds.release.renewing._MOST_CHANGED_SHARE", 1)
    inferred: list[object] = []
    infer = inferring.infer
    monkeypatch.setattr(inferring, "infer", lambda *given: inferred.append(given) or infer(*given))
    (EDITS | {"other rules": (fewer_rules, None)})[name][0](built_folder)
    changed = incrementally(built_folder)
    assert len(inferred) == again
    assert changed == from_scratch(built_folder)
    assert len(inferred) == again + 1


@pytest.mark.thorough
def test_changes_one_after_the_other_give_what_a_build_from_scratch_gives(built_folder: Path) -> None:
    for name in ("a decision that two persons are one", "an entry of a register", "a word of a letter"):
        EDITS[name][0](built_folder)
        changed = incrementally(built_folder)
    assert changed == from_scratch(built_folder)


@pytest.mark.thorough
def test_a_document_that_is_like_before_again_is_found_as_long_as_a_build_used_it(
    built: Built, built_folder: Path, counted: Counted
) -> None:
    letter = (built_folder / LETTER).read_bytes()
    EDITS["a word of a letter"][0](built_folder)
    build(built_folder)
    (built_folder / LETTER).write_bytes(letter)
    counted.clear()
    assert build(built_folder) == built.digest
    assert counted.mapped == ["weiss-1"]


@pytest.mark.thorough
def test_what_a_failed_build_worked_out_is_there_for_the_next(folder: Path, counted: Counted) -> None:
    bad = folder / "data/documents/bad.xml"
    bad.write_text("<TEI>")
    with pytest.raises(BuildError):
        build(folder)
    bad.unlink()
    counted.clear()
    build(folder)
    assert counted.read == []


def test_fresh_forgets_what_was_worked_out(built: Built, built_folder: Path, counted: Counted) -> None:
    assert build(built_folder, fresh=True) == built.digest
    assert len(counted.mapped) > 10


def test_a_damaged_workshop_is_thrown_away_with_a_word(built: Built, built_folder: Path) -> None:
    workshop = built_folder / "releases" / WORKSHOP
    data = bytearray(workshop.read_bytes())
    for at in range(30_000, len(data), 997):
        data[at] ^= 0x55
    workshop.write_bytes(bytes(data))
    told: list[str] = []
    progress = lambda stage, done, total: told.append(stage)  # noqa: E731
    assert build(built_folder, progress=progress) == built.digest
    assert [each for each in told if "is thrown away and made again" in each]


@pytest.mark.thorough
def test_check_changes_nothing_and_takes_from_the_workshop(folder: Path, counted: Counted) -> None:
    lines = check_publication(folder, jobs=1)
    assert not (folder / "releases").exists()
    build_publication(folder, jobs=1)
    counted.clear()
    assert check_publication(folder, jobs=1) == lines
    assert (counted.read, counted.mapped) == ([], [])


# -- in parts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All parts of that publication, made in another place."""
    place = tmp_path_factory.mktemp("in-parts")
    elsewhere = everything(place / "elsewhere")
    made = [
        build_part(elsewhere, Part(number, 3), into=place / "parts", base=BASE, jobs=1)
        for number in (1, 2, 3)
    ]
    assert not (elsewhere / "releases").exists()
    return made


def test_parts_give_the_digest_of_the_whole_and_nothing_is_read_again(
    built: Built, folder: Path, parts: list[Path], counted: Counted
) -> None:
    merged = build(folder, parts=parts)
    assert counted.read == []
    # Of one part of the files another part's are not known: what points there is mapped again.
    assert set(counted.mapped) < {
        "volume-7-d1",
        "weiss-1",
        "weiss-2",
        "volume-7-d2",
        "volume-7-d3",
        "volume-8-d1",
    }
    assert merged == built.digest


@pytest.mark.thorough
def test_a_part_that_is_missing_is_done_here_and_told(
    built: Built, folder: Path, parts: list[Path], counted: Counted
) -> None:
    told: list[tuple[str, int]] = []
    progress = lambda stage, done, total: told.append((stage, done))  # noqa: E731
    merged = build(folder, parts=parts[:2], progress=progress)
    assert len(counted.read) > 0
    assert ("Files that no part had, read here:", len(counted.read)) in told
    assert merged == built.digest


@pytest.mark.thorough
def test_a_part_of_another_program_is_told_and_not_believed(
    folder: Path, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("fonds.release.parts.program", lambda: b"another")
    build(folder, parts=parts[:1], progress=lambda stage, done, total: told.append(stage))
    assert [each for each in told if "part-1-of-3 was made by another version of fonds" in each]


@pytest.mark.thorough
def test_a_part_of_another_publication_is_of_no_use_and_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(TESTS / "corpora", other / "data/documents")
    (other / "fonds.toml").write_text(SETTINGS.replace('language = "de"', 'language = "cs"'), "utf-8")
    part = build_part(other, Part(1, 1), into=tmp_path, base="https://other.example/", jobs=1)
    told: list[str] = []
    build(folder, parts=[part], progress=lambda stage, done, total: told.append(stage))
    assert [each for each in told if "None of it fits" in each]


@pytest.mark.thorough
def test_what_is_no_part_is_told_and_what_is_not_there_is_a_fault(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "part-1-of-1").write_bytes(b"<TEI>" * 1000)
    told: list[str] = []
    build(folder, parts=[tmp_path / "part-1-of-1"], progress=lambda stage, done, total: told.append(stage))
    assert [each for each in told if "part-1-of-1 is no part of a build" in each]
    with pytest.raises(BuildError, match="part-9: not found"):
        build(folder, parts=[tmp_path / "part-9"])


@pytest.mark.parametrize("text", ["3/2", "0/2", "1", "a/b", "1/0", "/", "-1/2", "1/2/3"])
def test_what_is_no_part_of_a_whole_is_refused(text: str) -> None:
    with pytest.raises(FondsError, match="is no part; expected a number and how many there are, such as 2/5"):
        part_of(text)


def test_each_file_is_in_one_part() -> None:
    files = [f"data/documents/{number}.xml" for number in range(200)]
    shares = [[each for each in files if Part(number, 3).has(each)] for number in (1, 2, 3)]
    assert sorted(each for share in shares for each in share) == sorted(files)
    assert all(len(share) > 40 for share in shares)


@pytest.mark.thorough
def test_many_processes_give_what_one_gives(
    built: Built, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((filing, "_FEW_BYTES"), (working, "_FEW"), (working, "_FEW_CHUNKS")):
        monkeypatch.setattr(module, name, 0)
    together = build_publication(folder, base=BASE, jobs=3)
    assert files_of(together) == built.files
