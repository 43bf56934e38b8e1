"""Run by the Python of an environment that holds the wheel and nothing else: begins a publication, serves it, and asks.

It is a program of its own, in which nothing of the tests can be imported: ``test_wheel.py`` starts it where no network is, with a
folder to work in as its argument, and reads the lines of JSON that it prints, one for each answer.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import urllib.request
from pathlib import Path

ASKED = (
    ("/", "text/html"),
    ("/doc/record/letter-1", "text/html"),
    ("/doc/record/letter-1", "text/turtle"),
    ("/ru/", "text/html"),
    ("/search?q=mill", "text/html"),
    ("/sparql", "text/html"),
    ("/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20WHERE%20%7B%3Fs%20%3Fp%20%3Fo%7D", "text/csv"),
    ("/map", "text/html"),
    ("/map.svg", "image/svg+xml"),
    ("/timeline", "text/html"),
    ("/help", "text/html"),
    ("/help/sparql", "text/html"),
    ("/dataset", "text/turtle"),
    ("/dumps/dataset.nq.gz", "*/*"),
    ("/dumps/SHA256SUMS", "*/*"),
    ("/ns", "text/turtle"),
    ("/doc/record/letter-1.card.png", "*/*"),
    ("/readyz", "*/*"),
)


_SET_FLAGS, _UP = 0x8914, 0x1 | 0x40  # SIOCSIFFLAGS; IFF_UP, IFF_RUNNING: netdevice(7)


def raise_loopback() -> None:
    """Let this machine ask itself, in a namespace that has no other network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    names = {name for _, name in socket.if_nameindex()}
    assert names == {"lo"}, names


def main(folder: Path) -> None:
    """Do it, and print what was answered."""
    raise_loopback()
    fonds = Path(sys.executable).with_name("fonds")
    subprocess.run([fonds, "new", "mine"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    settings = folder / "mine/fonds.toml"
    before, languages, after = settings.read_text(encoding="utf-8").rpartition('languages = ["en"]')
    assert "[site]" in before, "the example has its languages elsewhere"
    settings.write_text(f'{before}{languages[:-1]}, "ru"]{after}', encoding="utf-8")
    command = [fonds, "serve", "mine", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = next((each for each in server.stdout if "http://127.0.0.1:" in each), "")
            site = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
            for path, accept in ASKED:
                tell(site, path, accept)
            page = fetch(site, "/sparql", "text/html")[1].decode()
            for each in sorted({part for part in page.split('"') if "assets/" in part}):
                tell(site, "/" + each.removeprefix("./").lstrip("/"), "*/*")
        finally:
            server.terminate()
    subprocess.run([fonds, "verify", "mine"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def fetch(site: str, path: str, accept: str) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of an answer."""
    print("asked for", path, file=sys.stderr)
    request = urllib.request.Request(site + path, headers={"Accept": accept})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def tell(site: str, path: str, accept: str) -> None:
    """Print what was answered as a line of JSON."""
    headers, body = fetch(site, path, accept)
    shown = body[:100_000].decode("utf-8", "replace")
    print(json.dumps({"path": path, "type": headers.get("content-type"), "size": len(body), "body": shown}))


if __name__ == "__main__":
    os.umask(0o077)
    main(Path(sys.argv[1]))
