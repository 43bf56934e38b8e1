"""One bot on two hundred connections beside one reader: ``python bot.py RELEASE`` prints how fast the reader is answered, as JSON.

Server, bot and reader are processes of their own. All come by one proxy, which says who asks.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

CONNECTIONS = 200
PEACE_SECONDS, SECONDS = 4.0, 8.0
BOT, READER = "198.51.100.9", "203.0.113.1"


def serve(folder: str) -> None:
    import msgspec

    from fonds.release import folder as releases
    from fonds.web import server

    opened = releases.open_release

    def behind_a_proxy(path: Path) -> releases.Release:
        found = opened(path)
        settings = msgspec.structs.replace(found.manifest.settings, proxies=("127.0.0.1",))
        return releases.Release(found.folder, msgspec.structs.replace(found.manifest, settings=settings))

    server.open_release = behind_a_proxy
    server.serve(Path(folder), "127.0.0.1", 0)


def documents(port: int) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sitemap-1.xml")
    text = connection.getresponse().read().decode()
    return [re.sub(r"^https?://[^/]+", "", each) for each in re.findall(r"<loc>([^<]+)</loc>", text)]


def mixed(known: list[str]) -> Callable[[], str]:
    """Return what a bot asks for next: what nobody has asked for before, of all kinds."""
    chosen = random.Random(7)

    def target() -> str:
        number, kind = chosen.randrange(10**6), chosen.random()
        word = chosen.choice(["cuba", "missile", "a", "ambassador"])
        count = (
            f"SELECT (COUNT(*) AS ?n) WHERE {{ ?a ?p ?x . ?b ?q ?x . FILTER(?a != ?b && {number + 1} > 0) }}"
        )
        few = f"SELECT * WHERE {{ ?s ?p ?o }} LIMIT {number % 500 + 1}"
        for most, made in (
            (0.35, f"{chosen.choice(known)}?x={number}"),
            (0.65, f"/search?q={word}{number}"),
            (0.75, f"/browse/person?x={number}"),
            (0.80, f"/timeline?from={1900 + number % 70}"),
            (0.85, f"/map?x={number}"),
            (0.93, f"/sparql?query={quote(few)}"),
            (0.96, f"/sparql?query={quote(count)}"),
        ):
            if kind < most:
                return made
        return f"/nothing/{number}"

    return target


async def ask(
    port: int,
    client: str,
    target: Callable[[], str],
    until: float,
    seen: Counter[str],
    times: list[float] | None = None,
) -> None:
    """Ask without a pause on one connection."""
    reader: Any = None
    writer: Any = None
    while time.monotonic() < until:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            began = time.perf_counter()
            head = f"GET {target()} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nX-Forwarded-For: {client}\r\n\r\n"
            writer.write(head.encode())
            got = (await reader.readuntil(b"\r\n\r\n")).lower()
            if length := re.search(rb"content-length: (\d+)", got):
                await reader.readexactly(int(length[1]))
            else:
                while size := int(await reader.readline(), 16):
                    await reader.readexactly(size + 2)
                await reader.readline()
            seen[got[9:12].decode()] += 1
            if times is not None:
                times.append((time.perf_counter() - began) * 1000)
        except (OSError, asyncio.IncompleteReadError) as error:
            seen[type(error).__name__] += 1
            writer = None


def bot(port: int, seconds: float) -> dict[str, Any]:
    target, seen = mixed(documents(port)), Counter[str]()

    async def run() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(ask(port, BOT, target, until, seen) for _ in range(CONNECTIONS)))

    asyncio.run(run())
    return {"answers": sum(seen.values()), "statuses": dict(seen)}


def read(port: int, seconds: float) -> dict[str, Any]:
    """Read documents and search, one after another, as a person with a fast hand would."""
    known, number = documents(port), 0
    times: list[float] = []
    seen = Counter[str]()

    def target() -> str:
        nonlocal number
        number += 1
        if number % 3 == 0:
            return f"/search?q=mikoyan{number}{seconds}"
        return f"{known[number % len(known)]}{f'?y={number}{seconds}' if number % 3 == 1 else ''}"

    asyncio.run(ask(port, READER, target, time.monotonic() + seconds, seen, times))
    times.sort()
    return {
        "answers": len(times),
        "statuses": sorted(seen),
        "p50_ms": round(times[len(times) // 2], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
    }


def main(folder: str) -> None:
    command = [sys.executable, __file__]
    with subprocess.Popen([*command, "serve", folder], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().partition("http://127.0.0.1:")[2].partition("/")[0])
            read(port, PEACE_SECONDS / 2)
            found: dict[str, Any] = {"peace": read(port, PEACE_SECONDS)}
            with subprocess.Popen(
                [*command, "bot", str(port)], stdout=subprocess.PIPE, text=True
            ) as attacker:
                time.sleep(2)
                found["reader"] = read(port, SECONDS)
                assert attacker.stdout is not None
                found["bot"] = json.loads(attacker.stdout.read())
        finally:
            server.kill()
    print(json.dumps(found))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", folder]:
            serve(folder)
        case ["bot", port]:
            print(json.dumps(bot(int(port), SECONDS + 3)))
        case [folder]:
            main(folder)
