"""Marked texts: plain text in which braces say what words are, read as TEI, and written from the TEI that it can say."""

ENDING = ".marked.txt"
"""How the name of a marked text ends."""
