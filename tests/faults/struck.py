"""Runs commands of fonds, each in a session of its own, and strikes them: kills them, fills their disk, takes their permissions.

It reads a line of JSON for each command (see :class:`tests.faults.striking.Command`) and answers with one. Everything is loaded
once; each command runs in a fork of that, so that two hundred of them take minutes.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import errno
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from fonds import parallel, workshop
from fonds.cli import main as fonds
from fonds.release import folder, mapped, publication, renewing, working
from fonds.release.build import build_release
from fonds.sources import filing

LOADED = ("fonds.release.keeping", "fonds.release.verify", "fonds.sources.register", "fonds.release.dataset")
"""What commands load when they run, beside what this does."""
_MOST_SECONDS = 300
_MAKES = frozenset(
    {"os.mkdir", "os.rename", "os.symlink", "os.link", "os.truncate", "shutil.copyfile", "fsync"}
)
_TAKES = frozenset({"os.remove", "os.rmdir"})
_CAPABILITIES = 0x20080522
"""The third version of their form."""
_OVERRIDING = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
_REFUSALS = {"full": errno.ENOSPC, "denied": errno.EACCES}


def changes(event: str, arguments: tuple[Any, ...], kind: str) -> bool:
    """Tell whether something changes the file system, so that a disk that is full, or permissions that are gone, refuse it."""
    if event == "open":
        path, _, flags = arguments
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else 0
        return bool(writes) and not str(path).startswith(("/dev/", "/proc/"))
    return event in _MAKES or (event in _TAKES and kind != "full")


class Moments:
    """Counts what the process asks of the file system, and strikes at one of these moments.

    Args:
        moment: At which, from 1; None: at none.
        fault: ``kill``: the process and all that it started end, as by ``kill -9``. ``full``, ``denied``: from then on nothing can
            be written.
        trace: Where each moment is written down; None: nowhere.
    """

    def __init__(self, moment: int | None, fault: str, trace: int | None) -> None:
        self._moment, self._fault, self._trace = moment, fault, trace
        self._seen = 0
        self._process = os.getpid()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Be told of an event of the interpreter."""
        if os.getpid() != self._process or not (event == "open" or changes(event, arguments, "kill")):
            return
        self._seen += 1
        if self._trace is not None:
            os.write(self._trace, f"{event} {' '.join(map(str, arguments[:2]))}\n".encode())
        if self._moment is None or self._seen < self._moment:
            return
        if self._fault == "kill":
            os.killpg(0, signal.SIGKILL)
        if changes(event, arguments, self._fault):
            number = _REFUSALS[self._fault]
            named = [os.fspath(each) for each in arguments[:2] if isinstance(each, str | Path)]
            second = (None, named[1]) if event in ("os.rename", "os.symlink", "os.link") else ()
            raise OSError(number, os.strerror(number), named[0], *second)


def watch(moments: Moments) -> None:
    """Tell of all that is asked of the file system; that something is brought onto the disk the interpreter does not tell of itself."""
    synced = os.fsync

    def fsync(file: int) -> None:
        moments("fsync", (str(Path(f"/proc/self/fd/{file}").readlink()),))
        synced(file)

    os.fsync = fsync
    sys.addaudithook(moments)


def counted(module: Any, name: str, counts: dict[str, int], what: str) -> None:
    """Count what is asked for in one place of a module."""
    original = getattr(module, name)

    def counting(self: Any, missing: Any, *rest: Any) -> Any:
        counts[what] += len(missing)
        return original(self, missing, *rest)

    setattr(module, name, counting)


def deadly(module: Any, name: str, word: bytes) -> None:
    """Let a process end where it comes upon a word."""
    original = getattr(module, name)

    def killing(given: Any, one: Any, *rest: Any) -> Any:
        found = one.read_bytes() if isinstance(one, Path) else mapped.unpacked(one.record or b"")
        if word in found:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(given, one, *rest)

    setattr(module, name, killing)


def killed_when_mapped(number: int) -> None:
    """Let a build end when so many records are mapped."""
    original: Callable[..., Any] = publication._build  # type: ignore[attr-defined]

    def building(*arguments: Any, progress: Any, **rest: Any) -> Any:
        def told(stage: str, done: int, total: int | None) -> None:
            if stage == "mapping" and done >= number:
                os.killpg(0, signal.SIGKILL)
            progress(stage, done, total)

        return original(*arguments, progress=told, **rest)

    publication._build = building  # type: ignore[attr-defined]


def prepare(order: dict[str, Any], counts: dict[str, int], trace: int | None) -> None:
    """Make this process as a command is to find it."""
    if clock := order.get("clock"):
        moment = datetime.datetime.fromisoformat(clock)
        publication.build_release = partial(build_release, day=moment)  # type: ignore[attr-defined]
    counted(filing.Filing, "_work", counts, "read")
    counted(working.Working, "_work", counts, "mapped")
    if order.get("processes"):
        # However little there is to do, it is done by processes.
        filing._FEW_BYTES = working._FEW = 0
    if order.get("renewed"):
        # However little there is, the store is made out of the one before.
        renewing.FEWEST_QUADS = 0
    if order.get("glance") is not None:
        folder._SMALL_BYTES = order["glance"]  # type: ignore[attr-defined]
    if start := order.get("start"):
        parallel._best_start = lambda: start  # type: ignore[attr-defined]
    if order.get("deadly"):
        place = (filing, "_read_file") if order["deadly_to"] == "reader" else (mapped, "_map_record")
        deadly(*place, order["deadly"].encode())
    if order.get("mapped") is not None:
        workshop._COMMIT_SECONDS = 0
        killed_when_mapped(order["mapped"])
    if order.get("most_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["most_bytes"], order["most_bytes"]))
        # As the interpreter does at its start: what cannot be written is an error, not an end.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if order.get("powerless") and os.geteuid() == 0:
        lose_power()
    if order.get("moment") or trace is not None:
        watch(Moments(order.get("moment"), order.get("fault") or "kill", trace))


def lose_power() -> None:
    """Let permissions bind the superuser as they bind everybody: capabilities(7), without two of them."""
    library = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    sets = (ctypes.c_uint32 * 6)()
    for call in (library.capget, library.capset):
        if call is library.capset:
            for each in range(3):
                sets[each] &= ~_OVERRIDING
        if call(head, sets):
            raise OSError(ctypes.get_errno(), "capabilities cannot be changed")


def run(order: dict[str, Any], files: dict[str, int]) -> int:
    """Run a command in this process; return its exit status."""
    os.setsid()
    os.dup2(files["out"], 1)
    os.dup2(files["err"], 2)
    counts = {"read": 0, "mapped": 0}
    status = 70
    try:
        prepare(order, counts, files["trace"] if order.get("trace") else None)
        fonds(order["arguments"], prog_name="fonds")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os.write(files["counts"], json.dumps(counts).encode())
    return status


def await_end(process: int, seconds: float | None) -> int:
    """Wait until a process ends, and end it with all that it started when its time is up; return how it ended."""
    began = time.monotonic()
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        passed = time.monotonic() - began
        if passed > (seconds if seconds is not None else _MOST_SECONDS):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        time.sleep(0.001)


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Run a command; return how it ended, what it said, and how long it took."""
    with contextlib.ExitStack() as stack:
        files = {
            name: stack.enter_context(tempfile.TemporaryFile()) for name in ("out", "err", "trace", "counts")
        }
        began = time.monotonic()
        process = os.fork()
        if process == 0:
            os._exit(run(order, {name: file.fileno() for name, file in files.items()}))
        status = await_end(process, order.get("seconds"))
        seconds = time.monotonic() - began
        said = {}
        for name, file in files.items():
            file.seek(0)
            said[name] = file.read().decode(errors="replace")
    counts = json.loads(said.pop("counts") or "{}")
    said["moments"] = said.pop("trace").splitlines()
    return {"status": status, "seconds": seconds, "counts": counts, **said}


def main() -> None:
    for each in LOADED:
        importlib.import_module(each)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
