"""Asks a reconciliation service elsewhere (Reconciliation Service API 0.1 and 0.2); whatever it answers is checked before it is
believed.
"""

from __future__ import annotations

import http.client
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from fonds import __version__
from fonds.errors import FondsError
from fonds.reconciliation.elsewhere import Foreign
from fonds.reconciliation.entries import Entry

SECONDS = 30.0
MOST_BYTES = 16 * 1024 * 1024
_PIECE_BYTES = 64 * 1024
_BATCH = 10
_MOST_BATCH = 50
_CANDIDATES = 5
_LONGEST = 1_000
_SHOWN = 200


class _Manifest(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    identifier_space: str
    versions: list[str] = []
    batch_size: int = _BATCH


class _Result(msgspec.Struct, frozen=True):
    id: str
    name: str
    score: float = 0.0
    match: bool = False
    description: str | None = None


class _Results(msgspec.Struct, frozen=True):
    result: list[_Result]


@dataclass(frozen=True, slots=True)
class Service:
    """A reconciliation service.

    Attributes:
        address: Where it is asked.
        name: What it calls itself.
        batch: How many questions it takes at once.
        template: The address of an entry, with ``{{id}}`` for its identifier.
        seconds: How long one answer may take.
    """

    address: str
    name: str
    batch: int
    template: str
    seconds: float = SECONDS

    def iri_of(self, id_: str) -> str:
        """Return the address of an entry: its identifier if that is one, else what the service puts before it."""
        return id_ if id_.startswith(("http://", "https://")) else self.template.replace("{{id}}", id_)


def open_service(address: str, *, template: str = "", seconds: float = SECONDS) -> Service:
    """Ask a service what it is.

    Args:
        address: Of the service.
        template: The address of its entries, with ``{{id}}``; empty: what the service calls its identifier space.
        seconds: How long each of its answers may take.

    Raises:
        FondsError: It cannot be reached, is none, or does not say under which addresses its entries stand.
    """
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise FondsError(
            f"{address[:_SHOWN]}: is no address of a service; expected http:// or https:// and a host"
        )
    try:
        found = msgspec.json.decode(_asked(address, None, seconds), type=_Manifest)
    except msgspec.MsgspecError as error:
        raise FondsError(
            f"{address}: is no reconciliation service: its manifest cannot be read ({_short(str(error))}). Expected the address "
            "that is given to OpenRefine"
        ) from error
    if not template:
        space = found.identifier_space
        if not space.startswith(("http://", "https://")) or space[-1] not in "/#=:":
            raise FondsError(
                f"{address}: says that its identifiers stand in “{_short(space)}”, which is no beginning of their addresses; give "
                "it with --iri, such as https://viaf.org/viaf/{{id}}"
            )
        template = space + "{{id}}"
    elif "{{id}}" not in template or not template.startswith(("http://", "https://")):
        raise FondsError(
            f"--iri {template}: expected an address with {{{{id}}}}, such as https://viaf.org/viaf/{{{{id}}}}"
        )
    batch = max(1, min(found.batch_size, _MOST_BATCH))
    return Service(address, _short(found.name), batch, template, seconds)


def ask_service(
    service: Service,
    entries: Sequence[Entry],
    *,
    type_: str = "",
    properties: Mapping[str, str] | None = None,
) -> Iterator[tuple[Entry, list[Foreign]]]:
    """Yield each thing with the entries that a service offers for its name.

    Args:
        service: Who is asked.
        entries: The things.
        type_: The type, by its identifier there, of which entries must be; empty: any.
        properties: By which property, by its identifier there, the service knows what we know: ``born``, ``died``, ``within``.

    Raises:
        FondsError: It does not answer, or not as the specification says.
    """
    for start in range(0, len(entries), service.batch):
        some = entries[start : start + service.batch]
        queries = {f"q{number}": _query(entry, type_, properties or {}) for number, entry in enumerate(some)}
        answer = _asked(service.address, {"queries": msgspec.json.encode(queries).decode()}, service.seconds)
        try:
            found = msgspec.json.decode(answer, type=dict[str, _Results])
        except msgspec.MsgspecError as error:
            raise FondsError(
                f"{service.address}: the answer is not as the Reconciliation Service API has it ({_short(str(error))}); after "
                f"{start} of {len(entries)} things. Nothing was changed"
            ) from error
        missing = sorted(queries.keys() - found.keys())
        if missing:
            raise FondsError(
                f"{service.address}: {len(missing)} of {len(queries)} questions have no answer; after {start} of "
                f"{len(entries)} things. Nothing was changed"
            )
        for number, entry in enumerate(some):
            yield entry, [_foreign(service, each) for each in found[f"q{number}"].result[:_CANDIDATES]]


def _query(entry: Entry, type_: str, properties: Mapping[str, str]) -> dict[str, Any]:
    known = {"born": entry.born, "died": entry.died, "within": entry.whole}
    given = [{"pid": pid, "v": str(known[name])} for name, pid in properties.items() if known[name]]
    query: dict[str, Any] = {"query": entry.label, "limit": _CANDIDATES}
    if type_:
        query |= {"type": type_, "type_strict": "should"}
    return query | ({"properties": given} if given else {})


def _foreign(service: Service, result: _Result) -> Foreign:
    remark = f"{service.name}: score {result.score:g}{', match' if result.match else ''}"
    iri = service.iri_of(quote(result.id[:_LONGEST], safe="/:?#[]@!$&'()*+,;=~%-._"))
    return Foreign(iri, (result.name[:_LONGEST],), (result.description or "")[:_LONGEST], remark=remark)


def _asked(address: str, form: Mapping[str, str] | None, seconds: float) -> bytes:
    """Return what an address answers, read within a time and up to a size.

    Raises:
        FondsError: There is no such answer.
    """
    headers = {"Accept": "application/json", "User-Agent": f"fonds/{__version__}"}
    body = urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(address, data=body, headers=headers)  # noqa: S310  http and https only
    try:
        with _opener().open(request, timeout=seconds) as answer:
            return _whole(answer, address, time.monotonic() + seconds)
    except urllib.error.HTTPError as error:
        said = error.read(2_000).decode("utf-8", "replace")
        raise FondsError(
            f"{address}: answered {error.code} {_short(error.reason)}: {_detail(said)}"
        ) from error
    except TimeoutError as error:
        raise FondsError(
            f"{address}: no whole answer within {seconds:g} seconds; ask again later, or give it more by --timeout"
        ) from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError | socket.timeout):
            raise FondsError(
                f"{address}: no answer within {seconds:g} seconds; ask again later, or give it more by --timeout"
            ) from error
        raise FondsError(f"{address}: cannot be reached ({_short(str(error.reason))})") from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise FondsError(
            f"{address}: the connection broke ({_short(str(error) or type(error).__name__)})"
        ) from error


class _OnTheWeb(urllib.request.HTTPRedirectHandler):
    """Follows a service to another address of the web, and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request to another address.

        Raises:
            URLError: It is none of the web, or one that gives up the secure connection.
        """
        before, after = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if after not in ("http", "https") or (before == "https" and after != "https"):
            raise urllib.error.URLError(f"it leads to {_short(newurl)}, to which it is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@lru_cache(maxsize=1)
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_OnTheWeb)


def _whole(answer: http.client.HTTPResponse, address: str, ends: float) -> bytes:
    read = bytearray()
    while piece := answer.read1(_PIECE_BYTES):
        read += piece
        if len(read) > MOST_BYTES:
            raise FondsError(
                f"{address}: the answer has more than {MOST_BYTES // 1024**2} MiB; it was not read on"
            )
        if time.monotonic() > ends:
            raise TimeoutError
    if answer.length:
        raise FondsError(f"{address}: the answer broke off; nothing of it was used")
    return bytes(read)


class _Problem(msgspec.Struct):
    detail: str


def _detail(said: str) -> str:
    try:
        return _short(msgspec.json.decode(said, type=_Problem).detail)
    except msgspec.MsgspecError:
        return _short(said) or "without a word"


def on_one_line(text: str) -> str:
    """Return words on one line and without characters that move the cursor."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _short(text: str) -> str:
    """Return the beginning of what somebody else says, as :func:`on_one_line` does."""
    line = on_one_line(text)
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
