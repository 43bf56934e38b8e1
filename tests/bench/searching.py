"""Measures the full-text index of many records: how long it takes, how large it is, how fast it answers.

The records are made without a publication around them, so that a hundred thousand take minutes: their words are those of the
made-up series (:mod:`tests.bench.series`), as long as real ones; whom and what they name is as unevenly spread as names are.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

from fonds.dates import parse_edtf
from fonds.model import Authority, Certainty, Phrase, Reference
from fonds.search.asking import read_question
from fonds.search.entries import Entry, period_of
from fonds.search.finding import Asked, SearchIndex
from fonds.search.index import write_index
from fonds.search.values import FILE
from tests.bench.client import percentile
from tests.bench.series import SIZES, Language
from tests.bench.servers import on_core, size_of, watched
from tests.bench.table import Row, mib, once

_LISTED = {"person": 6_000, "group": 1_500, "place": 800, "event": 300}
"""How many there are of each kind, whatever the number of records."""
_NAMED = {"person": 9, "group": 4, "place": 3, "event": 0.3}
"""How many a record names, on average."""
_UNITS = (20, 20, 20)
"""Fonds, series in each, files in each of these."""
_SENTENCE = 22
_FACETED = ("person", "place", "year", "language", "gaps")


class Archive:
    """Made-up records and what they name; a longer one begins with the same records as a shorter one."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._language = Language(seed)
        rng = random.Random(seed)
        self._keys = {kind: [f"{kind}-{n}" for n in range(number)] for kind, number in _LISTED.items()}
        self._weights = {
            kind: list(accumulate(1 / rank for rank in range(1, number + 1)))
            for kind, number in _LISTED.items()
        }
        self.names = {
            Reference(kind, key): f"{self._language.name(rng)} {self._language.name(rng)}"
            for kind, keys in self._keys.items()
            for key in keys
        }
        fonds, series, files = _UNITS
        self._files = [f"f{a}-{b}-{c}" for a in range(fonds) for b in range(series) for c in range(files)]

    def listed(self) -> dict[Reference, Authority]:
        """Return what is listed."""
        found = [
            Authority(
                reference=each, labels=(Phrase(name, "en"),), other_names=(Phrase(f"{name[:1]}. {name}"),)
            )
            for each, name in self.names.items()
        ]
        units: dict[str, str] = {}
        for file in self._files:
            series = file.rpartition("-")[0]
            units |= {file: series, series: series.rpartition("-")[0], series.rpartition("-")[0]: ""}
        found += [
            Authority(
                reference=Reference("holding", key),
                labels=(Phrase(key),),
                code=f"{('f.', 'op.', 'd.')[key.count('-')]} {key.rpartition('-')[2].removeprefix('f')}",
                broader=Reference("holding", above) if above else None,
            )
            for key, above in units.items()
        ]
        return {each.reference: each for each in found}

    def records(self, number: int) -> Iterator[tuple[Entry, str]]:
        """Yield records with their words."""
        return (self._record(each) for each in range(number))

    def _record(self, number: int) -> tuple[Entry, str]:
        rng, size = random.Random(f"{self._seed} {number}"), SIZES["real"]
        words = min(size.words * math.exp(rng.gauss(0, size.spread)), 10 * size.words)
        named = [
            Reference(kind, key)
            for kind, most in _NAMED.items()
            for key in rng.choices(
                self._keys[kind], cum_weights=self._weights[kind], k=round(rng.expovariate(1 / most))
            )
        ]
        text = "\n\n".join(
            " ".join(self._sentence(named, rng) for _ in range(rng.randint(2, 6)))
            for _ in range(max(1, round(words / _SENTENCE / 4)))
        )
        day = f"{rng.randrange(1945, 1970)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        entry = Entry(
            f"r{number}",
            Phrase(" ".join(rng.choice(self._language.sentences).split()[:8]), "en"),
            creators=tuple(named[:1]),
            mentioned=tuple(dict.fromkeys(named)),
            written=period_of(parse_edtf(day)),
            holding=Reference("holding", rng.choice(self._files)),
            language=rng.choices(("en", "ru", "de"), (80, 15, 5))[0],
            has_gaps=rng.random() < 0.2,
            has_statements=rng.random() < 0.1,
            certainty=rng.choices(tuple(Certainty), (70, 20, 10))[0],
        )
        return entry, text

    def _sentence(self, named: Sequence[Reference], rng: random.Random) -> str:
        words = rng.choice(self._language.sentences)
        return f"{self.names[rng.choice(named)]} {words}" if named and rng.random() < 0.45 else words

    def questions(self, number: int, rng: random.Random) -> Iterator[str]:
        """Yield what might be asked: a word or two, seldom or often used, a name, words side by side; or nothing."""
        names = list(self.names.values())
        for each in range(number):
            words = rng.choice(self._language.sentences).rstrip(".").split()
            yield (
                rng.choice(self._language.words),
                " ".join(rng.sample(self._language.words, 2)),
                rng.choice(names),
                f'"{words[1]} {words[2]}"',
                " ".join(rng.sample(words, 2)),
                "",
            )[each % 6]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        records: How many there are.
        text_bytes: Of their words.
        index_bytes: Of the index.
        values_bytes: Of the index, of the values of facets.
        seconds: In which it was written; the records were made meanwhile, which does not count.
        peak_bytes: Most memory of the process that wrote it.
        latencies: Milliseconds of the processor of each search with its facets counted, in order, by what is chosen.
    """

    records: int
    text_bytes: int
    index_bytes: int
    values_bytes: int
    seconds: float
    peak_bytes: int
    latencies: Mapping[str, Sequence[float]]

    def percentile(self, what: str, share: float) -> float:
        """Return the time that so large a share of searches took at most."""
        return percentile(self.latencies[what], share)


def measure(folder: Path, records: int, searches: int = 600) -> Measured:
    """Write an index into an empty folder in a process of its own, and search it in this one."""
    command = [sys.executable, "-m", "tests.bench.searching", str(records), "--into", folder]
    run = watched(command, every_seconds=0.1)
    latencies = answered(SearchIndex(folder / "search"), Archive(), searches)
    return Measured(
        records,
        run.told["text_bytes"],
        size_of(folder / "search"),
        (folder / "search" / FILE).stat().st_size,
        run.told["seconds"],
        run.peak_bytes,
        latencies,
    )


def answered(index: SearchIndex, archive: Archive, searches: int) -> dict[str, list[float]]:
    """Return the milliseconds of searches with their facets: with nothing chosen, and with values of each of five.

    They are those of the processor, so that what else it does counts nothing: a search works in the thread that asks.
    """
    rng = random.Random(1)
    found: dict[str, list[float]] = {"words": [], "five facets": []}
    for typed in archive.questions(searches + 20, rng):
        for what, times in found.items():
            chosen = _chosen(archive, rng) if what == "five facets" or not typed else {}
            began = time.thread_time()
            asked = Asked(read_question(typed), chosen=chosen)
            index.find(asked)
            index.facets(asked, most=8)
            times.append(1000 * (time.thread_time() - began))
    return {what: sorted(times[20:]) for what, times in found.items()}


def _chosen(archive: Archive, rng: random.Random) -> dict[str, tuple[str, ...]]:
    """Choose values that many records have, so that something is found."""
    person = rng.choices(("person-0", "person-1", "person-9"))[0]
    values = (
        person,
        f"place-{rng.randrange(3)}",
        str(rng.randrange(1945, 1970)),
        "en",
        rng.choice(("yes", "no")),
    )
    chosen = dict(zip(_FACETED, ((each,) for each in values), strict=True))
    return chosen | {"year": tuple(map(str, range(1950, 1960)))}


def check(index: SearchIndex, archive: Archive, records: int) -> None:
    """Hold the numbers of facets against counting.

    Raises:
        RuntimeError: One is wrong.
    """
    asked = Asked(read_question(""), chosen={"language": ("ru",), "gaps": ("yes",)})
    counted: Counter[str] = Counter()
    for entry, _ in archive.records(records):
        if entry.language == "ru" and entry.has_gaps:
            counted.update(each.key for each in entry.mentioned)
    for facet in index.facets(asked, most=20):
        if facet.facet.name in _LISTED:
            wrong = [each for each in facet.counts if each.number != counted[each.value]]
            if wrong:
                raise RuntimeError(f"{facet.facet.name}: {wrong[0]}, but there are {counted[wrong[0].value]}")


def main() -> None:
    """Write an index of made-up records, and tell how long that took, or measure all."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("records", type=int)
    arguments.add_argument("--into", type=Path, help="only write the index there")
    chosen = arguments.parse_args()
    if chosen.into:
        json.dump(_written(chosen.into, chosen.records), sys.stdout)
        return
    on_core(None)
    with TemporaryDirectory(prefix="fonds-bench-") as folder:
        measured = measure(Path(folder), chosen.records)
        check(SearchIndex(Path(folder) / "search"), Archive(), chosen.records)
        for row in rows(measured):
            print(row)


def rows(measured: Measured) -> Iterator[Row]:
    """Yield what was measured; a search counts all its facets."""
    of, text, index = f"search, {measured.records:,} records", measured.text_bytes, measured.index_bytes
    yield Row(f"{of}: index, beside the words", mib(index), mib(text), once(index / text))
    yield Row(f"{of}: of the index, values of facets", mib(measured.values_bytes))
    yield Row(
        f"{of}: written",
        f"{measured.seconds:.1f} s, {measured.records / measured.seconds:,.0f} records/s",
    )
    yield Row(f"{of}: most memory of writing", mib(measured.peak_bytes))
    for what in measured.latencies:
        half, most = (measured.percentile(what, share) for share in (0.5, 0.95))
        yield Row(f"{of}: {what}, with all facets counted", f"half in {half:.1f} ms, 95 % in {most:.1f} ms")


def _written(folder: Path, number: int) -> dict[str, float]:
    archive = Archive()
    listed = archive.listed()
    text_bytes, making = 0, 0.0

    def records() -> Iterator[tuple[Entry, str]]:
        nonlocal text_bytes, making
        made = archive.records(number)
        while True:
            began = time.perf_counter()
            each = next(made, None)
            making += time.perf_counter() - began
            if each is None:
                return
            text_bytes += len(each[1].encode())
            yield each

    began = time.perf_counter()
    write_index(folder / "search", records(), listed)
    return {"text_bytes": text_bytes, "seconds": time.perf_counter() - began - making}


if __name__ == "__main__":
    main()
