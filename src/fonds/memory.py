"""Memory that the program has let go of, and the C library keeps."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give the operating system back what has been freed, as far as the C library can (glibc: malloc_trim(3)).

    It keeps what each thread has freed for that thread: hundreds of megabytes after a store was loaded, and after each of the
    first releases that a server opened as much as one takes. Other threads run meanwhile; those that need memory wait some
    milliseconds.
    """
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
