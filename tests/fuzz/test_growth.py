"""Readers take time in proportion to what they read: four times as much takes four times as long, not sixteen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fuzz.targets import TARGETS, Target
from tests.timed import processor_seconds

TARGET = {each.name: each for each in TARGETS}
SMALL_BYTES = 6_000
ENOUGH_SECONDS = 0.4
"""What takes less for 24 kB may take it as it likes: clocks tell nothing of it."""
MOST_GROWTH = 10.0
HOSTILE: dict[str, tuple[bytes, ...]] = {
    "tei": (b"<p>", b"<!--", b"<!DOCTYPE [", b"<?", b"&a;", b"<a b='", b"]]>", b"<lb/>"),
    "marked text": (b"[[", b"[a](", b"> ", b"# ", b"*", b"_", b"{{", b"\t", b"a: ", b"[a|"),
    "saved page": (b"<p>", b"<b>", b"<!--", b"[", b"(", b"1.1.", b" ", b"\n", b"a: b\n", b"<table>", b"&#"),
    "page of words": (b"[", b"![", b"*", b"_", b"`", b"> ", b"<", b"a](", b"|", b"- "),
    "csv": (b'"', b",", b"\n", b";", b"|"),
    "dates": (b"\t", b" ", b"\n", b"1 ", b"-", b"X", b"[", b"..", b"1.", b"/", b"to "),
    "shelfmarks": (b" ", b"f.", b"1-", b"(", b"[", b"op. ", b", ", b"1", b"\xd1\x84. "),
    "search": (b'"', b"-", b"a:", b" ", b"*", b"~", b"(", b"1964 ", b"f. "),
    "sparql": (
        b"<",
        b"(",
        b"{",
        b"'",
        b'"""',
        b"#",
        b"\\u",
        b"?a ",
        b"a:",
        b"<<",
        b"1 ",
        b"<1#>",
        b"/*",
        b"PREFIX a: <b> ",
    ),
    "stored query": (b"#", b"<", b"# @", b"VALUES ", b"{"),
    "request": (b"%", b"&", b"=", b"a=b&", b"%7B", b"+"),
    "headers": (b",", b";", b'"', b"\\", b"a/b,", b"q=", b"<>;", b'W/"', b" ", b'";'),
    "template": (b"{% if a %}", b"{{", b"{# ", b"{{ a|"),
    # Not dotted keys: Python's own reader takes a square of their number, and settings are the publisher's own.
    "settings": (b"[", b"'", b"\n", b"[[a]]\n", b'"""'),
    "turtle": (b"[", b"<<", b"@prefix a: <b:> .\n", b"a:", b"_:a "),
    "json-ld": (b"[", b"{", b'{"@graph":', b'"a",', b'{"a":'),
}


def seconds(target: Target, data: bytes) -> float:
    return processor_seconds(lambda: target.try_out(data))


def grows_as_it_should(target: Target, make: Callable[[int], bytes]) -> None:
    long = seconds(target, make(4 * SMALL_BYTES))
    if long < ENOUGH_SECONDS:
        return
    # The better of two: other processes take time as well.
    short = max(0.01, *(seconds(target, make(SMALL_BYTES)) for _ in range(2)))
    again = seconds(target, make(4 * SMALL_BYTES))
    assert min(long, again) / short < MOST_GROWTH, (
        f"{SMALL_BYTES} bytes take {short:.2f} s, four times as much {long:.2f} s"
    )


OVER_HTTP = ("dates", "shelfmarks", "search", "sparql", "request", "headers")
"""What anybody can send to a server."""
SENT = [(name, piece) for name in OVER_HTTP for piece in HOSTILE[name]]
READ = [(name, piece) for name, pieces in HOSTILE.items() if name not in OVER_HTTP for piece in pieces]


@pytest.mark.parametrize(
    ("name", "piece"), [*SENT, *(pytest.param(*each, marks=pytest.mark.thorough) for each in READ)]
)
def test_what_is_said_again_and_again_takes_no_longer_than_it_is_long(name: str, piece: bytes) -> None:
    grows_as_it_should(TARGET[name], lambda size: piece * (size // len(piece)))


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "piece"), [*SENT, *READ])
def test_it_takes_no_longer_within_something_good(name: str, piece: bytes) -> None:
    target = TARGET[name]
    for seed in sorted(target.seeds(), key=len)[:3]:
        middle = len(seed) // 2
        grows_as_it_should(
            target,
            lambda size, seed=seed, middle=middle: (
                seed[:middle] + piece * (size // len(piece)) + seed[middle:]
            ),
        )  # type: ignore[misc]
