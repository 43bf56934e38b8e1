"""Plain texts beside a table: where a row's text stands, and its paragraphs."""

from __future__ import annotations

from pathlib import Path

from fonds.errors import SourceError
from fonds.model import Block, BlockKind, Origin, Span
from fonds.sources.files import stands_within

MOST_BYTES = 64 * 1024 * 1024
"""How large a file of plain text may be."""
_FEWEST_LINES = 3


def file_of_text(written: str, folder: Path, table: str) -> Path:
    """Return the file that a row names: by its path within the publication, or beside the table.

    Args:
        written: What the row says.
        folder: The publication.
        table: The path of the table within it.

    Raises:
        SourceError: There is none, it leads out of the publication, or it is no text of one record.
    """
    places = (folder / written, (folder / table).parent / written)
    path = next((each for each in places if each.is_file()), None)
    wrong = ""
    if Path(written).is_absolute() or not stands_within(path or places[0], folder):
        wrong = f"text: {written!r} leads out of the publication; put the file itself into it"
    elif path is None:
        wrong = f"text: there is no file {written!r} in the publication"
    elif path.stat().st_size > MOST_BYTES:
        wrong = f"text: {written!r} is larger than {MOST_BYTES // 1024**2} MiB; this is no text of one record"
    if wrong or path is None:
        raise SourceError(table, wrong)
    return path


def run_together(words: str) -> int:
    """Return where an empty line seems to be missing, 0 where none does.

    A word processor that saves plain text writes a line for each paragraph and no empty line between them: then some lines are
    short that are not the last one. Where a text is broken into lines, all but the last are about as long.

    >>> run_together("Dear Sirs,\\nI have heard that the mill is for sale.\\nAnna Holm\\n")
    2
    >>> run_together("I have heard that the\\nmill is for sale.\\n\\nAnna Holm\\nBern"), run_together("One line.")
    (0, 0)

    Returns:
        The line before which it is missing, from 1.
    """
    lines = words.strip().splitlines()
    if len(lines) < _FEWEST_LINES or not all(map(str.strip, lines)):
        return 0
    longest = max(map(len, lines))
    return next((at for at, line in enumerate(lines[:-1], start=2) if len(line) * 2 < longest), 0)


def paragraphs(words: str, origin: Origin) -> tuple[Block, ...]:
    """Return a plain text as numbered paragraphs; one or more blank lines part them.

    >>> [(each.name, each.text, each.span) for each in paragraphs("One.\\n\\n\\nTwo\\nlines.\\n", Origin("a.txt"))]
    [('p1', 'One.', Span(start=0, end=4)), ('p2', 'Two\\nlines.', Span(start=6, end=16))]
    """
    blocks: list[Block] = []
    held: list[str] = []
    at = 0
    for line in [*words.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        if line.strip():
            held.append(line)
        elif held:
            text = "\n".join(held).strip()
            number = len(blocks) + 1
            blocks.append(
                Block(
                    name=f"p{number}",
                    kind=BlockKind.PARAGRAPH,
                    content=(text,),
                    ordinal=number,
                    span=Span(at, at + len(text)),
                    origin=origin,
                )
            )
            at += len(text) + 2
            held = []
    return tuple(blocks)
