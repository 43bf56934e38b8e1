"""What one document costs on one core, by step: ``python -m tests.bench.document [FOLDER …]`` (none: a made-up series)."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar

from fonds.mapping.record import describe
from fonds.release.checking import begin_checking
from fonds.release.publication import DEFAULT_BASE, context_of, vocabularies
from fonds.release.working import environment_of
from fonds.settings import read_settings
from fonds.shapes import load_shapes, validate
from fonds.sources.publication import read_publication
from fonds.texts import published
from fonds.workshop import Workshop
from tests.bench.series import SIZES, write_series

STEPS = ("reading", "mapping", "validation", "texts")
_Given = ParamSpec("_Given")
_Done = TypeVar("_Done")


@dataclass(slots=True)
class Least:
    """The least time that each step took in any round: what else the machine does makes it slower, never faster."""

    seconds: dict[tuple[str, str], float] = field(default_factory=dict)

    def of(
        self, step: str, key: str, work: Callable[_Given, _Done], *given: _Given.args, **named: _Given.kwargs
    ) -> _Done:
        """Do some work, and note how long it took."""
        begun = time.process_time()
        done = work(*given, **named)
        took = time.process_time() - begun
        self.seconds[step, key] = min(self.seconds.get((step, key), took), took)
        return done


def milliseconds(folder: Path, rounds: int) -> Mapping[str, float]:
    """Return what a document of a publication costs on average, by step; in reading what stands around documents counts, too."""
    least = Least()
    settings = read_settings(folder)
    for _ in range(rounds):
        publication = least.of("reading", "", read_publication, folder, settings)
    context = context_of(publication, settings.base or DEFAULT_BASE)
    environment = environment_of(publication, context, vocabularies(publication, context), (), Workshop(), 1)
    checking = begin_checking(publication, load_shapes(), environment)
    for record in list(publication.records) * rounds:
        description = least.of("mapping", record.key, describe, record, context)
        least.of(
            "validation",
            record.key,
            validate,
            description,
            checking.shapes,
            base=context.iris.base,
            neighbours=checking.neighbours,
            record=record,
            words=record.text.plain,
        )
        least.of("texts", record.key, published, record)
    count = len(publication.records)
    return {
        step: 1000 * sum(took for (of, _), took in least.seconds.items() if of == step) / count
        for step in STEPS
    }


def main() -> None:
    """Print a line for each publication."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench.document", description=__doc__)
    arguments.add_argument("folders", nargs="*", type=Path)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="fonds-bench-") as folder:
        made_up = [Path(folder) / size for size in SIZES]
        for path in () if chosen.folders else made_up:
            write_series(path, 460, size=path.name)
        for path in chosen.folders or made_up:
            found = milliseconds(path, chosen.rounds)
            print(path.name, *(f"{step} {found[step]:.2f} ms" for step in STEPS), sep="  ", flush=True)


if __name__ == "__main__":
    main()
