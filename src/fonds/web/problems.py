"""What went wrong, for a person and for a program: problem documents (RFC 9457), or a page."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec

from fonds.addresses import to_root
from fonds.formats import HTML, PROBLEM
from fonds.translations import marked, said, spoken
from fonds.web.answers import Answer, Headers
from fonds.web.negotiation import negotiate
from fonds.web.operations.entries import Entry
from fonds.web.site import Site

_LOG = logging.getLogger("fonds")


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be had instead.

    Attributes:
        href: Where, relative to the root.
        label: What.
    """

    href: str
    label: str


@dataclass(eq=False)
class Problem(Exception):
    """A request that is not answered with what was asked for.

    Attributes:
        status: HTTP status code.
        detail: For a person: what happened and what to do; what :func:`fonds.translations.said` made is translated on pages.
        choices: What can be had instead.
        facts: Further members of the problem document.
        headers: Further headers.
    """

    status: int
    detail: str
    choices: tuple[Choice, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    headers: Headers = ()

    @property
    def title(self) -> str:
        """The name of the status (RFC 9110 15)."""
        return said(_TITLES.get(self.status) or HTTPStatus(self.status).phrase)

    @property
    def limit(self) -> str:
        """The setting by which the request was stopped or refused, empty for none."""
        return "query_bytes" if "limit_bytes" in self.facts else str(self.facts.get("limit", ""))


_UNREADABLE_SECONDS = 10
_TITLES: Mapping[int, str] = {
    400: marked("Bad Request"),
    404: marked("Not Found"),
    405: marked("Method Not Allowed"),
    406: marked("Not Acceptable"),
    410: marked("Gone"),
    429: marked("Too Many Requests"),
    500: marked("Internal Server Error"),
    502: marked("Bad Gateway"),
    503: marked("Service Unavailable"),
    504: marked("Gateway Timeout"),
}
"""The names of those that people are likely to see."""


def failure(error: BaseException, entry: Entry) -> Problem:
    """Return what a client is told when something went wrong that nobody foresaw; the log says what, under the same id."""
    id_ = entry.id.decode("ascii")
    _LOG.error("a request failed: %s", type(error).__name__, exc_info=error, extra={"request_id": id_})
    return Problem(
        500,
        said(
            "Something went wrong here; it was written to the log. When you report it, name this request: {id}.",
            id=id_,
        ),
        facts={"request_id": id_},
    )


def unreadable(error: Exception) -> Problem:
    """Return what a client is told when files that are answered from are damaged, gone, or cannot be opened; the log says which."""
    _LOG.error("what is served cannot be read: %s", error)
    told = said(
        "What this site answers from cannot be read at the moment; whoever runs it finds the reason in the log."
    )
    return Problem(503, told, headers=((b"retry-after", str(_UNREADABLE_SECONDS).encode()),))


def problem_answer(
    site: Site, problem: Problem, accept: str | None, path: str, page: bytes | None = None
) -> Answer:
    """Return a problem as a page if the client names HTML, else as JSON.

    Args:
        site: Whose page it is.
        problem: What went wrong.
        accept: What the client accepts.
        path: That was asked for.
        page: The page, if it is not the common one.
    """
    format_ = HTML if is_page(accept) else PROBLEM
    common: Headers = (
        *problem.headers,
        (b"content-type", format_.content_type.encode()),
        (b"vary", b"Accept"),
        (b"cache-control", b"no-store"),
    )
    if format_ is HTML:
        common = (*common, (b"content-language", spoken().language.encode()))
        return Answer(problem.status, common, page or site.page("problem.html", path, problem=problem))
    return Answer(problem.status, common, problem_document(problem, to_root(path)))


def is_page(accept: str | None) -> bool:
    """Tell whether a client that accepts this is told of a problem by a page."""
    return negotiate(accept, (PROBLEM, HTML)) is HTML


def problem_document(problem: Problem, root: str) -> bytes:
    """Return the JSON of a problem; its type is ``about:blank``, since the status says what kind it is (RFC 9457 4.2.1)."""
    members: dict[str, object] = {
        "type": "about:blank",
        "title": str(problem.title),
        "status": problem.status,
        "detail": str(problem.detail),
        **problem.facts,
    }
    if problem.choices:
        members["choices"] = [
            {"href": root + each.href, "label": str(each.label)} for each in problem.choices
        ]
    return msgspec.json.encode(members)
