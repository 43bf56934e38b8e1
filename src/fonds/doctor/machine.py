"""The machine: versions, limits, memory, disk, permissions, clock, language."""

from __future__ import annotations

import os
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module, metadata, resources
from pathlib import Path

from fonds import __version__
from fonds.doctor import Finding
from fonds.parallel import cores
from fonds.settings import Settings
from fonds.web.server import FEWEST_FILES

_MIB = 2**20
_SERVER_BYTES = 200 * _MIB
"""What the serving process takes beside its workers."""
_ROOM_BYTES = 200 * _MIB
_FEW_FILES = 1024
_NATIVE = ("httptools", "lxml.etree", "pyoxigraph", "tantivy", "uvloop", "zstandard", "brotli", "PIL.Image")
_ASSETS = (
    ("the editor of the query page", "web/node_modules/@triply/yasqe/build/yasqe.min.js"),
    ("the outline of the land on maps", "drawing/outline/node_modules/world-atlas/land-110m.json"),
)
_OLDEST_CLOCK = datetime(2026, 1, 1, tzinfo=UTC)


def examine(settings: Settings, folder: Path) -> Iterator[Finding]:
    """Yield what is found of the machine.

    Args:
        settings: Of the publication.
        folder: Where its releases stand.
    """
    yield from _versions()
    yield _native()
    yield from _assets()
    yield _open_files()
    yield _memory(settings)
    yield _cores(settings)
    yield _disk(folder)
    yield _permissions(folder)
    yield _scratch()
    yield _clock()
    yield _language()
    if (finding := _proxies(settings)) is not None:
        yield finding


# ------------------------------------------------------------------------------------------------ versions


def _versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    try:
        wanted = metadata.metadata("fonds")["Requires-Python"] or ""
        requirements = metadata.requires("fonds") or []
    except metadata.PackageNotFoundError:
        found = f"fonds {__version__} runs from its source, and Python {python} cannot say which libraries it wants"
        yield Finding("versions", "warning", found, "install it: pip install fonds")
        return
    if not satisfies(python, wanted):
        yield Finding("Python", "problem", f"{python}, wanted {wanted}", "use a newer Python")
    else:
        yield Finding("Python", "ok", f"{python}, wanted {wanted}; fonds {__version__}")
    wrong = list(_wrong_libraries(requirements))
    if wrong:
        yield Finding(
            "libraries", "problem", "; ".join(wrong), "pip install --upgrade fonds, in the same environment"
        )
    else:
        yield Finding("libraries", "ok", f"all {len(requirements)} are there in the versions that are wanted")


def _wrong_libraries(requirements: list[str]) -> Iterator[str]:
    for each in requirements:
        requirement, _, condition = each.partition(";")
        if "extra" in condition:
            continue
        found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
        if found is None:
            continue
        wanted = re.sub(r"\[.*?\]", "", requirement.strip()[found.end() :]).strip(" ()")
        try:
            version = metadata.version(found[0])
        except metadata.PackageNotFoundError:
            yield f"{found[0]} is missing (wanted {wanted or 'any'})"
            continue
        if not satisfies(version, wanted):
            yield f"{found[0]} is {version}, wanted {wanted}"


def satisfies(version: str, wanted: str) -> bool:
    """Tell whether a version is one of those that are wanted, as far as its numbers say.

    >>> satisfies("3.11.7", ">=3.11"), satisfies("2.0", ">=1.1,<2"), satisfies("1.10", ">=1.9,!=1.10"), satisfies("4.5.1", "~=4.4")
    (True, False, False, True)

    Args:
        version: Such as ``1.10.2``.
        wanted: Specifiers such as ``>=1.9,<2``; others than of numbers are passed over.
    """
    own = _numbers(version)
    for each in filter(None, (part.strip() for part in wanted.split(","))):
        found = re.fullmatch(r"(>=|<=|==|!=|~=|>|<)\s*([0-9][0-9.]*)(\.\*)?", each)
        if found is None:
            continue
        sign, other = found[1], _numbers(found[2])
        length = max(len(own), len(other))
        left, right = (number + (0,) * (length - len(number)) for number in (own, other))
        if found[3]:
            left, right = left[: len(other)], other
        allowed = {
            ">=": left >= right,
            "<=": left <= right,
            "==": left == right,
            "!=": left != right,
            ">": left > right,
            "<": left < right,
            "~=": left >= right and left[: len(other) - 1] == right[: len(other) - 1],
        }
        if not allowed[sign]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _native() -> Finding:
    broken = []
    for name in _NATIVE:
        try:
            import_module(name)
        except Exception as error:
            broken.append(f"{name} ({error})")
    if broken:
        advice = "install them anew for this Python and system: pip install --force-reinstall"
        return Finding(
            "compiled libraries", "problem", f"these cannot be loaded: {'; '.join(broken)}", advice
        )
    return Finding("compiled libraries", "ok", f"all {len(_NATIVE)} can be loaded")


def _assets() -> Iterator[Finding]:
    missing = [what for what, name in _ASSETS if not (resources.files("fonds") / name).is_file()]
    if missing:
        found = f"missing: {', '.join(missing)}; all else is the same"
        yield Finding(
            "assets", "warning", found, "install fonds from its wheel, or run `make serve` where there is npm"
        )
    else:
        yield Finding("assets", "ok", "editor and maps are whole")


# ------------------------------------------------------------------------------------------------ limits


def _open_files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    shown = "any number" if hard == resource.RLIM_INFINITY else f"{hard:,}"
    found = f"{shown} may be open at the same time (the server raises its own limit from {soft:,})"
    advice = "raise it: LimitNOFILE=65536 in the systemd unit, --ulimit nofile=65536 for a container, ulimit -Hn in a shell"
    if hard != resource.RLIM_INFINITY and hard < FEWEST_FILES:
        return Finding("open files", "problem", f"{found}; each connection is one", advice)
    if hard != resource.RLIM_INFINITY and hard < _FEW_FILES:
        return Finding("open files", "warning", f"{found}; each connection is one", advice)
    return Finding("open files", "ok", found)


def _memory(settings: Settings) -> Finding:
    limits = settings.limits
    needed = _SERVER_BYTES + limits.cache_bytes + (limits.workers + 1) * 48 * _MIB
    most = needed + limits.workers * limits.worker_memory_bytes
    allowed, whose = _memory_allowed()
    if allowed is None:
        return Finding("memory", "warning", "how much there is cannot be told on this system")
    found = f"{allowed // _MIB:,} MiB {whose}; serving takes {needed // _MIB:,} MiB, and {most // _MIB:,} MiB with the heaviest queries"
    advice = "set [limits] worker_memory_bytes or workers lower in fonds.toml and build again, or give it more memory"
    if allowed < needed:
        return Finding("memory", "problem", found, advice)
    if allowed < most:
        return Finding("memory", "warning", f"{found}: the system may then end a worker", advice)
    return Finding("memory", "ok", found)


def _memory_allowed() -> tuple[int | None, str]:
    """Return how much memory this process may have, in bytes, and who says so."""
    candidates: list[tuple[int, str]] = []
    for folder in _cgroups():
        for name in ("memory.max", "memory.high", "memory.limit_in_bytes"):
            text = _read(folder / name)
            if text.isdigit() and int(text) < 2**60:
                candidates.append((int(text), f"allowed by the control group ({name})"))
    for line in _read(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            candidates.append((int(line.split()[1]) * 1024, "available"))
    if not candidates and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        candidates.append((os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), "in this machine"))
    return min(candidates, default=(None, ""))


def _cgroups() -> Iterator[Path]:
    """Yield the folders in which the limits of this process stand, its own and those above it."""
    root = Path("/sys/fs/cgroup")
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers not in ("", "memory") and "memory" not in controllers.split(","):
            continue
        place = root / ("memory" if controllers else "") / name.lstrip("/")
        while place != root and root in place.parents:
            yield place
            place = place.parent
    yield root
    yield root / "memory"


def _cores(settings: Settings) -> Finding:
    workers, own = settings.limits.workers, cores()
    found = f"{own} for this process; {workers} queries run at the same time"
    if workers > own * 4:
        return Finding(
            "cores", "warning", found, "set [limits] workers to about one more than there are cores"
        )
    return Finding("cores", "ok", found)


# ------------------------------------------------------------------------------------------------ files


def _disk(folder: Path) -> Finding:
    if not folder.is_dir():
        return Finding("disk", "warning", f"{folder} is not there", "name the publication or its releases")
    usage = shutil.disk_usage(folder)
    size = max(_sizes_of_releases(folder), default=0)
    found = (
        f"{usage.free // _MIB:,} MiB free where {folder} is; its largest release takes {size // _MIB:,} MiB"
    )
    advice = "make room: fonds prune --keep 2 removes old releases"
    nodes = os.statvfs(folder)
    if nodes.f_files and nodes.f_favail < 1000:
        return Finding(
            "disk", "problem", f"only {nodes.f_favail} more files can be made where {folder} is", advice
        )
    if usage.free < _ROOM_BYTES:
        return Finding("disk", "problem", found, advice)
    if usage.free < 2 * size:
        return Finding("disk", "warning", f"{found}: the next build may not find room", advice)
    return Finding("disk", "ok", found)


def _sizes_of_releases(folder: Path) -> Iterator[int]:
    for each in folder.iterdir():
        if (each / "manifest.json").is_file() and not each.is_symlink():
            yield sum(path.stat().st_size for path in each.rglob("*") if path.is_file())


def _permissions(folder: Path) -> Finding:
    if not os.access(folder, os.R_OK | os.X_OK):
        return Finding("permissions", "problem", f"{folder} cannot be read", "chmod, or serve as its owner")
    shut = [each for each in folder.rglob("*") if not os.access(each, os.R_OK)][:3]
    if shut:
        return Finding(
            "permissions",
            "problem",
            f"cannot be read: {', '.join(map(str, shut))}",
            "chmod -R a+rX the releases",
        )
    if folder.stat().st_mode & 0o002:
        return Finding(
            "permissions",
            "warning",
            f"everybody on this machine can write to {folder}: who can, decides what is published",
            f"chmod o-w {folder}",
        )
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Finding(
            "permissions",
            "warning",
            "this is root; serving needs no right but to read the releases",
            "serve as a user of its own (User= or DynamicUser= in the systemd unit)",
        )
    may = (
        "can be read and written" if os.access(folder, os.W_OK) else "can be read; builds are made elsewhere"
    )
    return Finding("permissions", "ok", f"{folder} {may}")


def _scratch() -> Finding:
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        return Finding(
            "scratch files",
            "warning",
            f"none can be written ({error}); serving needs none, building does",
            "set TMPDIR",
        )
    return Finding("scratch files", "ok", f"can be written in {tempfile.gettempdir()}")


# ------------------------------------------------------------------------------------------------ time and words


def _clock() -> Finding:
    now = datetime.now(UTC)
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < _OLDEST_CLOCK:
        return Finding(
            "clock",
            "problem",
            f"{shown}: it is behind",
            "set it, and keep it by NTP (timedatectl set-ntp true)",
        )
    return Finding("clock", "ok", shown)


def _language() -> Finding:
    coding = sys.getfilesystemencoding().lower()
    if coding != "utf-8":
        found = f"names of files are read as {coding}; those with letters beyond it cannot be found"
        return Finding("locale", "problem", found, "set LANG=C.UTF-8, or PYTHONUTF8=1")
    out = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    if out.replace("-", "") != "utf8":
        return Finding(
            "locale", "warning", f"lines are written as {out}", "set LANG=C.UTF-8, or PYTHONIOENCODING=utf-8"
        )
    return Finding("locale", "ok", "UTF-8")


def _proxies(settings: Settings) -> Finding | None:
    """Return what is found of proxies between this machine and others, where the publication asks others at all."""
    asks = [each for each in (settings.store, settings.remote.graphs, settings.remote.update) if each]
    given = {
        name: os.environ[name]
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy")
        if os.environ.get(name)
    }
    if not asks or not given:
        return None
    found = f"{', '.join(given)} is set, and not used: the store at {asks[0]} is asked directly"
    return Finding(
        "proxies",
        "warning",
        found,
        "where the store can be reached through a proxy only, put a relay before it",
    )


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
