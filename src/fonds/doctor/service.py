"""What is published: the release and its store, the address to listen on, and the one under which people come."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from fonds import __version__
from fonds.addresses import address_at
from fonds.doctor import Asked, Finding
from fonds.errors import FondsError
from fonds.formats import RESULTS_JSON
from fonds.identifiers import IriSpace
from fonds.release.folder import Release, link_of
from fonds.settings import Settings
from fonds.store.embedded import EmbeddedStore
from fonds.web.server import listening_socket, open_remote_store, open_store, place_of

_SECONDS = 5.0
_SKEW_SECONDS = 30
_MOST_BYTES = 64 * 1024


# ------------------------------------------------------------------------------------------------ the release


def examine_release(release: Release) -> Iterator[Finding]:
    """Yield what is found of a release: who made it and when, whether its store answers, whether workers start."""
    manifest = release.manifest
    made_by = manifest.tools.get("fonds", "")
    if made_by and made_by != __version__:
        found = f"the release was built by fonds {made_by}; this is {__version__}"
        yield Finding("versions of the release", "warning", found, "build it again: fonds build --force")
    if datetime.fromisoformat(manifest.issued) > datetime.now(UTC):
        found = f"the release was built at {manifest.issued}, which is still to come"
        yield Finding("clock", "problem", found, "set the clock, here or where it was built")
    yield from _store(release)
    if manifest.settings.store:
        yield _remote(release)


def _store(release: Release) -> Iterator[Finding]:
    """Ask the release's own store, and a worker: what a server does first."""
    try:
        store = open_store(release)
    except FondsError as error:
        yield Finding("store", "problem", str(error), "build the release again")
        return
    try:
        store.select("ready")
        began = time.perf_counter()
        asyncio.run(_ask(store))
        took = time.perf_counter() - began
        yield Finding("store", "ok", f"answers; a query worker starts and answers in {took * 1000:.0f} ms")
    except FondsError as error:
        yield Finding(
            "store", "problem", str(error), "see what the message says; `fonds verify` hashes every file"
        )
        return
    finally:
        store.close()


async def _ask(store: EmbeddedStore) -> None:
    answer = await store.query("ASK {}", RESULTS_JSON)
    async for _ in answer:
        pass


def _remote(release: Release) -> Finding:
    try:
        place = place_of(release, os.environ)
        assert place is not None
        store = open_remote_store(release, place)
    except FondsError as error:
        return Finding("remote store", "problem", str(error), "see docs/remote-store.md")
    try:
        store.select("ready")
    except FondsError as error:
        return Finding("remote store", "problem", str(error), "start it, or `fonds push` this release to it")
    finally:
        store.close()
    return Finding("remote store", "ok", f"{place.access.address} answers, and holds this release")


# ------------------------------------------------------------------------------------------------ addresses


def examine_address(
    asked: Asked, base: str | None, settings: Settings, release: Release | None
) -> Iterator[Finding]:
    """Yield what is found of the address to listen on, and of the base address.

    Args:
        asked: What is to be looked at.
        base: Address under which the identifiers stand; None: where it listens.
        settings: Of the publication.
        release: None where there is none.
    """
    yield _port(asked)
    if release is not None and link_of(asked.path) is None:
        yield Finding(
            "succession",
            "warning",
            f"{asked.path} is one release: a server of it never serves the next",
            "serve the folder of releases, whose link `current` is followed",
        )
    if base is None:
        found = "no base is set: identifiers stand under the address that the server listens on, for this machine alone"
        yield Finding("base", "warning", found, 'set base = "https://…/" in fonds.toml and build')
        return
    yield (plausible := _plausible(base))
    if not asked.network or plausible.level == "problem":
        return
    yield from _reached(base, release)
    if not settings.proxies and _is_public(base):
        yield Finding(
            "proxies",
            "warning",
            "no proxy is named: where one is before the server, all its clients count as one, with the limits of one",
            'set proxies = ["127.0.0.1"] in fonds.toml, or where the proxy is, and build',
        )


def _port(asked: Asked) -> Finding:
    try:
        listening_socket(asked.host, asked.port).close()
    except FondsError as error:
        answers = None
        if asked.network:
            with suppress(OSError, http.client.HTTPException, ValueError):
                answers = _get(f"{address_at(asked.host, asked.port)}readyz")
        if answers is not None and answers.release:
            return Finding(
                "port", "ok", f"{asked.port}: a server of fonds listens there, with {answers.release}"
            )
        return Finding(
            "port", "problem", str(error), "choose another --port, or end what listens there (ss -ltnp)"
        )
    return Finding("port", "ok", f"{asked.port} on {asked.host} is free")


def _is_public(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal", ".test", ".example"))


def _is_base(base: str) -> bool:
    try:
        IriSpace(base)
        parts = urlsplit(base)
        return bool(parts.hostname) and parts.port != 0
    except (FondsError, ValueError):  # Such as a port that there cannot be.
        return False


def _plausible(base: str) -> Finding:
    if not _is_base(base):
        advice = "an http or https address that ends with a slash"
        return Finding("base", "problem", f"{base} is no base address", advice)
    parts = urlsplit(base)
    if not _is_public(base):
        found = f"{base} is for this machine or a private network: identifiers lead nobody else anywhere"
        return Finding(
            "base", "warning", found, "set the public address as base in fonds.toml, and build again"
        )
    if parts.scheme == "http":
        found = f"{base}: identifiers with http are fine as names, if the web server answers http as well as https"
        return Finding("base", "warning", found, "keep an old base; choose https for a new one")
    if parts.port is not None:
        found = f"{base} names a port; addresses that are to last for decades have none"
        return Finding("base", "warning", found, "put a web server before it that listens on 443")
    return Finding("base", "ok", base)


class _Reply(msgspec.Struct, frozen=True):
    """What was answered."""

    status: int
    release: str
    skew_seconds: float


class _Ready(msgspec.Struct, frozen=True):
    release: str = ""


def _get(address: str) -> _Reply:
    """Ask an address, and nobody whom it leads to.

    Raises:
        OSError: It cannot be reached.
        http.client.HTTPException: What answers speaks no HTTP.
    """
    parts = urlsplit(address)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=_SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", parts.path or "/", headers={"User-Agent": f"fonds-doctor/{__version__}"})
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES)
        skew = 0.0
        if date := answer.getheader("date"):
            skew = time.time() - parsedate_to_datetime(date).timestamp()
        try:
            ready = msgspec.json.decode(body, type=_Ready)
        except msgspec.DecodeError:
            ready = _Ready()
        return _Reply(answer.status, ready.release, skew)
    finally:
        connection.close()


def _reached(base: str, release: Release | None) -> Iterator[Finding]:
    """Yield what is found where people come: whether this publication answers there."""
    try:
        socket.getaddrinfo(urlsplit(base).hostname, None)
        answer = _get(f"{base}readyz")
    except ssl.SSLCertVerificationError as error:
        yield Finding(
            "base is reached", "problem", f"{base}: {error.verify_message}", "renew the certificate"
        )
        return
    except socket.gaierror as error:
        found = f"{urlsplit(base).hostname}: {error.strerror}"
        yield Finding("base is reached", "problem", found, "enter the name in the DNS, or correct base")
        return
    except (OSError, http.client.HTTPException) as error:
        advice = "start the server, and see that the firewall and the web server let requests through"
        yield Finding("base is reached", "warning", f"{base} does not answer: {error}", advice)
        return
    name = release.manifest.name if release is not None else ""
    if not answer.release:
        found = f"{base}readyz answers {answer.status}, and not as fonds does"
        yield Finding(
            "base is reached",
            "warning",
            found,
            "hand / on to the server as it came, without taking paths off",
        )
    elif name and answer.release != name:
        yield Finding(
            "base is reached",
            "warning",
            f"{base} serves {answer.release}, not {name}",
            "send SIGHUP, or wait a second",
        )
    else:
        yield Finding("base is reached", "ok", f"{base} serves {answer.release}")
    if abs(answer.skew_seconds) > _SKEW_SECONDS:
        found = f"{base} says a time that differs from this machine's by {answer.skew_seconds:.0f} seconds"
        yield Finding("clock", "warning", found, "keep both by NTP")
