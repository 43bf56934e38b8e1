"""Somebody who does what a page of the documents says: writes the files that it shows, and runs its commands.

A block with a caption is a file, or what a command says: ``data/x.csv``; ``data/x.csv, one more row``; ``data/x.csv, that row now``;
``data/x.csv, without that row``; ``data/new.txt, instead of data/old.txt``; ``fonds.toml, that line now``;
``fonds.toml, that line under [site] now``; ``fonds.toml, at its end``; ``fonds check says``, ``curl says``. A block for the shell is run
line by line.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import serving

SHOWN_AT = "http://127.0.0.1:8000/"
_BLOCK = re.compile(
    r"^```(?:\{code-block\} \w+\n:caption: (?P<caption>[^\n]+)|sh)\n(?P<body>.*?)^```$", re.M | re.S
)


@dataclass
class Reader:
    """Somebody who follows a page.

    Attributes:
        folder: Where they are.
        said: What each command said last, by its first two words: ``fonds check``, ``curl``.
        status: With which exit status.
        done: Commands of fonds that were run.
    """

    folder: Path
    said: dict[str, str] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def follow(self, page: str) -> None:
        """Do all that a page, or a part of one, says."""
        for block in _BLOCK.finditer(page):
            caption, body = block["caption"], block["body"]
            if caption is None:
                for command in body.splitlines():
                    self.run(command)
            elif caption.endswith(" says"):
                self.compare(caption.removesuffix(" says"), body)
            else:
                self.write(*caption.partition(", ")[::2], body)

    def run(self, command: str) -> None:
        words = shlex.split(command, comments=True)
        if words[0] == "cd":
            self.folder /= words[1]
        elif words[0] == "curl":
            with serving(self.folder) as site:
                self._said(
                    "curl",
                    [
                        "curl",
                        "-s",
                        "--noproxy",
                        "*",
                        *(each.replace(SHOWN_AT, site.url) for each in words[1:]),
                    ],
                )
                self.said["curl"] = self.said["curl"].replace(site.url, SHOWN_AT)
            assert self.status["curl"] == 0, command
        else:
            assert words[0] == "fonds", command
            self.done.append(words[1])
            if words[1] != "serve":
                self._said(f"fonds {words[1]}", [sys.executable, "-m", *words])
                assert words[1] == "check" or self.status[f"fonds {words[1]}"] == 0, (command, self.said)

    def _said(self, name: str, command: list[str]) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, env=environment
        )
        self.said[name], self.status[name] = done.stdout or done.stderr, done.returncode

    def write(self, name: str, how: str, body: str) -> None:
        path = self.folder / name
        if how.startswith("instead of "):
            (self.folder / how.removeprefix("instead of ")).unlink()
        change: Callable[[str], str] = {
            "one more row": lambda text: f"{text.rstrip()}\n{body}",
            "at its end": lambda text: f"{text.rstrip()}\n\n{body}",
            "that row now": lambda text: _replaced(
                rf"(?m)^{re.escape(body.partition(',')[0])},.*\n", body, text
            ),
            "without that row": lambda text: _replaced(rf"(?m)^{re.escape(body.strip())}\n", "", text),
            "that line now": lambda text: _replaced(
                rf"\A((?:.*\n)*?)(?:# )?{body.partition(' = ')[0]} = .*\n", rf"\g<1>{body}", text
            ),
            "that line under [site] now": lambda text: _replaced(
                rf"(?m)^(\[site\]\n(?:(?!\[).*\n)*?){body.partition(' = ')[0]} = .*\n", rf"\g<1>{body}", text
            ),
        }.get(how, lambda _: body)
        assert how in (
            "",
            "one more row",
            "at its end",
            "that row now",
            "without that row",
            "that line now",
            "that line under [site] now",
        ) or how.startswith("instead of "), how
        path.parent.mkdir(exist_ok=True)
        path.write_text(change(path.read_text(encoding="utf-8") if path.exists() else ""), encoding="utf-8")

    def compare(self, command: str, body: str) -> None:
        """Compare what a command said: each line that is shown stands in it; ``…`` is anything."""
        said = [each.strip() for each in self.said[command].splitlines()]
        for line in (each.strip() for each in body.splitlines()):
            wanted = re.compile(".*".join(map(re.escape, line.split("…"))))
            assert any(wanted.fullmatch(each) for each in said), (line, self.said[command])
        if command == "fonds check":
            assert self.status[command] == int(bool(re.search(r"^(?:data/|fonds\.toml)", body, re.M)))


def _replaced(pattern: str, new: str, text: str) -> str:
    changed, found = re.subn(
        pattern, lambda each: new.replace(r"\g<1>", each[1]) if each.re.groups else new, text
    )
    assert found == 1, (pattern, found)
    return changed
