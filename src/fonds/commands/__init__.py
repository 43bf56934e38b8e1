"""Commands of ``fonds`` that stand in modules of their own."""

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
"""Where a server listens, unless something else is said."""
