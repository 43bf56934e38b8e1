"""Which of several names a thing is called by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyoxigraph import Literal


def preferred(labels: Iterable[Literal], languages: Sequence[str]) -> Literal | None:
    """Return the label in the first language of ours that there is one in, else one without language, else any.

    Of several in one language the first in the alphabet, so that the same release always gives the same page.
    """

    def rank(label: Literal) -> tuple[int, str, str]:
        language = (label.language or "").lower()
        for place, wanted in enumerate(languages):
            if language == wanted.lower() or language.startswith(f"{wanted.lower()}-"):
                return place, language, label.value
        return (len(languages) if not language else len(languages) + 1), language, label.value

    return min(labels, key=rank, default=None)
