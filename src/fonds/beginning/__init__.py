"""A new publication: a folder with a worked example, in which notes say what has to be decided."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from fonds.errors import FondsError

Scheme: TypeAlias = Literal["fond", "box", "plain"]
"""How the example writes its shelfmarks."""

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
_IN_WORDS: dict[Scheme, str] = {
    "fond": "fond, opis, delo, list",
    "box": "box, folder",
    "plain": "plain numbers",
}
_HERE = Path(__file__).parent
_OURS_TO_SKIP = frozenset({".git", ".gitignore", ".gitattributes", ".DS_Store"})
"""What a folder may hold that is otherwise empty: a new clone of a new repository."""


def begin_publication(folder: Path, scheme: Scheme = "fond") -> list[Path]:
    """Write a publication with a worked example into a folder that is empty or not there yet.

    Args:
        folder: Where; folders above it are made as well.
        scheme: How its shelfmarks are written.

    Returns:
        The files that were written, by their paths within the folder, sorted; a ``.gitignore`` is not told of.

    Raises:
        FondsError: The folder holds something, is no folder, or cannot be written to; nothing was changed but, where the disk
            fails half way, what was written so far.
    """
    try:
        _refuse_what_is_there(folder)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(_HERE / "publication", folder, dirs_exist_ok=True)
        shutil.copyfile(_HERE / "shelfmarks" / f"{scheme}.csv", folder / "data" / "records.csv")
        readme = folder / "README.md"
        words = readme.read_text(encoding="utf-8").replace("{scheme}", _IN_WORDS[scheme])
        readme.write_text(words, encoding="utf-8")
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text("/releases/\n", encoding="utf-8")
    except OSError as error:
        raise FondsError(f"{error.filename or folder}: cannot be written ({error.strerror})") from error
    given = (path for path in (_HERE / "publication").rglob("*") if path.is_file())
    return sorted([Path("data/records.csv"), *(path.relative_to(_HERE / "publication") for path in given)])


def _refuse_what_is_there(folder: Path) -> None:
    """Raise an error where a folder holds anything that is not the beginning of a repository."""
    if folder.is_symlink() and not folder.exists():
        raise FondsError(f"{folder}: is a link that leads nowhere; name a folder that is not there yet")
    if folder.exists() and not folder.is_dir():
        raise FondsError(f"{folder}: is a file; name a folder that is not there yet")
    held = sorted(each.name for each in folder.iterdir()) if folder.exists() else []
    if others := [name for name in held if name not in _OURS_TO_SKIP]:
        shown = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")
        raise FondsError(f"{folder}: holds something already ({shown}); name a new or an empty folder")
