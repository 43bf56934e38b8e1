"""One reader under atheris: it finds by itself which inputs reach more of the program."""

from __future__ import annotations

import sys


def main() -> None:
    """Feed the reader that is named first, with libFuzzer's options behind it."""
    # Not installed with the rest: it is there for few systems only.
    import atheris

    with atheris.instrument_imports(include=["fonds"]):
        from tests.fuzz.targets import TARGETS
    reader = next(each for each in TARGETS if each.name == sys.argv[1])
    atheris.Setup([sys.argv[0], *sys.argv[2:]], reader.try_out)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
