"""How much of the processor something takes: not by how busy the machine is, nor by what other tests left to collect."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def processor_seconds(work: Callable[[], object]) -> float:
    """Return the seconds of processor that this process takes for some work, without collecting garbage."""
    gc.disable()
    try:
        began = time.process_time()
        work()
        return time.process_time() - began
    finally:
        gc.enable()
