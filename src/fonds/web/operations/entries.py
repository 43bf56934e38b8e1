"""What is noted of a request while it is answered."""

from __future__ import annotations

from time import perf_counter

HIT, MADE, KEPT = "hit", "made", "kept"
"""Where an answer came from: from memory; made for this request; made, and kept in memory from now on."""

SCOPE = "fonds.entry"
"""Where the entry stands in an ASGI scope."""


class Entry:
    """One request.

    Attributes:
        id: Its id.
        method: As it was sent.
        target: Path and query, as they were sent.
        client: Whose request it is, where anybody wants to know.
        release: The name of the release that answers.
        route: Which kind of address it is, of a fixed list.
        status: HTTP status code, 0 as long as there is none.
        size_bytes: Of the body, as far as it was sent.
        media_type: Of the representation, without parameters.
        coding: Its content coding, empty for none.
        cache: Where the answer came from.
        query: The text of a SPARQL query, empty where there is none.
        limit: The setting that the request was stopped by, empty for none.
        whole: Whether the answer came to its end.
        cut: Whether it broke off here.
        began: When its head was here, in seconds of :func:`time.perf_counter`.
        ended: Whether it was written down.
    """

    __slots__ = (
        *(
            "began",
            "cache",
            "client",
            "coding",
            "cut",
            "ended",
            "id",
            "limit",
            "media_type",
            "method",
            "query",
        ),
        *("release", "route", "size_bytes", "status", "target", "whole"),
    )

    def __init__(self, id_: bytes = b"", method: bytes = b"", target: bytes = b"") -> None:
        self.id = id_
        self.method = method
        self.target = target
        self.client = ""
        self.release = ""
        self.route = ""
        self.status = 0
        self.size_bytes = 0
        self.media_type = b""
        self.coding = b""
        self.cache = MADE
        self.query = ""
        self.limit = ""
        self.whole = False
        self.cut = False
        self.began = perf_counter()
        self.ended = False

    def takes(self, status: int, headers: object) -> None:
        """Take note of the head of the answer.

        Args:
            status: HTTP status code.
            headers: Pairs of names in lower case, and values.
        """
        self.status = status
        for name, value in headers:  # type: ignore[attr-defined]
            if name == b"content-type":
                self.media_type = value.partition(b";")[0]
            elif name == b"content-encoding":
                self.coding = value
