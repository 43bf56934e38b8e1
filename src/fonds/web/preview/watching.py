"""Watches the sources of a publication, and has them rebuilt when somebody has saved."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from fonds.release.folder import REPORT
from fonds.release.sources_state import noted_sources, sources_state
from fonds.web.preview import Preview, Told
from fonds.web.served import Succession

LOOK_SECONDS = 0.4
"""So often it is looked whether anything was saved."""
_SHARE = 20
"""Looking takes no more than one part in so many of the time, however many files there are."""
_STILL_SECONDS = 0.15
"""So long nothing may have changed before a build begins: an editor writes a file in several steps."""
_LINES = 20
_FAULT = "fault"


class _Report(msgspec.Struct, frozen=True):
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """How a publication is rebuilt.

    Attributes:
        folder: The publication.
        releases: Where its releases stand.
        command: The program and arguments that build it.
        failed: The state of the sources of which no release could be built, so that what is served is older; empty where one was.
    """

    folder: Path
    releases: Path
    command: Sequence[str]
    failed: str = ""


class Watcher:
    """Rebuilds a publication whenever its sources have changed, and tells the preview what became of it.

    Args:
        rebuilding: How.
        preview: Is told.
        succession: Serves what was built.
        say: Gets lines for whoever started the server.
    """

    def __init__(
        self,
        rebuilding: Rebuilding,
        preview: Preview,
        succession: Succession,
        say: Callable[[str], None],
    ) -> None:
        self._how = rebuilding
        self._preview = preview
        self._succession = succession
        self._say = say
        self._seen = rebuilding.failed or noted_sources(rebuilding.releases, succession.serves)

    async def follow(self) -> None:
        """Watch until this is cancelled."""
        if self._how.failed:
            self._tell_failure("")
        while True:
            began = time.monotonic()
            state = await self._state()
            pause = max(LOOK_SECONDS, _SHARE * (time.monotonic() - began))
            if state and state != self._seen:
                await asyncio.sleep(_STILL_SECONDS)
                if await self._state() == state:
                    self._seen = state
                    await self._rebuild()
                continue
            await asyncio.sleep(pause)

    async def _state(self) -> str:
        """Return the state of the sources; empty while somebody changes them."""
        try:
            return await asyncio.to_thread(sources_state, self._how.folder)
        except OSError:
            return ""

    async def _rebuild(self) -> None:
        self._preview.tell("building")
        status, said = await self._run()
        if status:
            self._tell_failure(said)
        elif refused := await self._succession.take_current():
            self._preview.tell("failed", said=refused)
        else:
            # A build that mints writes into the register: that is not something somebody saved.
            self._seen = noted_sources(self._how.releases, self._succession.serves) or self._seen
            self._preview.tell("served")

    async def _run(self) -> tuple[int, str]:
        """Run the build; return its exit status, and what it said of itself."""
        process = await asyncio.create_subprocess_exec(
            *self._how.command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            _, said = await process.communicate()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
        return process.returncode or 0, said.decode("utf-8", "replace")

    def _tell_failure(self, said: str) -> None:
        told = _faults(self._how.releases)
        lines = said.strip().splitlines()[-_LINES:]
        self._preview.tell("failed", told, "\n".join(lines) or "The build failed; fonds check says why.")
        for each in told[:_LINES]:
            self._say(f"{each.place}: {each.message}")
        if not told:
            self._say("\n".join(lines))
        self._say(f"fonds: not rebuilt ({len(told) or 'some'} faults); save again when it is mended")


def _faults(releases: Path) -> tuple[Told, ...]:
    """Return what stopped the last build, as its report has it; nothing where that cannot be read."""
    try:
        report = msgspec.json.decode((releases / REPORT).read_bytes(), type=_Report)
    except (OSError, msgspec.MsgspecError):
        return ()
    return tuple(each for each in report.told if each.level == _FAULT)
