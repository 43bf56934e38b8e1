"""``python -m fonds`` is the command ``fonds``."""

from fonds.cli import main

if __name__ == "__main__":
    main()
