"""How often something happened, and how long it took: counted in place, cheap enough for every request."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

SECONDS: tuple[float, ...] = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
"""Upper ends of the classes into which durations are sorted, in seconds."""


class Histogram:
    """How many values fell into each class.

    Attributes:
        ends: Upper ends of the classes, ascending; a value that is an end belongs to its class, one above all to a last class.
        counts: How many are in each class.
        sum: Of all values.
    """

    __slots__ = ("counts", "ends", "sum")

    def __init__(self, ends: Sequence[float] = SECONDS) -> None:
        self.ends = tuple(ends)
        self.counts = [0] * (len(self.ends) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value.

        >>> seen = Histogram((1.0, 2.0))
        >>> for each in (0.5, 1.0, 1.5, 9.0): seen.observe(each)
        >>> seen.counts, seen.sum
        ([2, 1, 1], 12.0)
        """
        self.counts[bisect_left(self.ends, value)] += 1
        self.sum += value
