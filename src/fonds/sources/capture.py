"""Captures: what was received, byte for byte, and where in it each part of an edition stands."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fonds.errors import Fault, SourceError
from fonds.model import Capture
from fonds.sources.files import decode, shown_path, stands_within
from fonds.sources.sheets import Row
from fonds.sources.tables import read_rows

REGISTER = "data/captures/register.csv"
_COLUMNS = ("file", "sha256", "media_type", "size_bytes", "note", "taken_from")

# What parts words, in XML and in a capture alike; a no-break space is a character like any other.
_BLANKS = re.compile("[ \t\r\n\x0b\x0c\ufeff]+")
_SHOWN = 40
_ALIKE = 0.6
_MOST_TRIED = 200_000


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture and its text.

    Attributes:
        capture: Its facts.
        text: Its characters, line ends as they are; None where it is no plain text.
    """

    capture: Capture
    text: str | None


def read_captures(folder: Path, faults: list[Fault]) -> dict[str, Captured]:
    """Read the register of captures and verify every file that it names.

    Args:
        folder: The publication.
        faults: Where a missing or changed file, and whatever is wrong with the register, is added.

    Returns:
        The captures that are what the register says, by their SHA-256.
    """
    register = folder / REGISTER
    if not register.exists():
        return {}
    captures: dict[str, Captured] = {}
    texts: list[tuple[Row, str]] = []
    for row in read_rows(register, REGISTER, _COLUMNS, ("file", "sha256", "media_type"), faults):
        captured = _captured(row, register.parent / row["file"], folder, faults)
        if captured is None:
            continue
        if captured.capture.sha256 in captures:
            faults.append(
                row.fault(f"{row['file']} has the bytes of {captures[captured.capture.sha256].capture.path}")
            )
        captures.setdefault(captured.capture.sha256, captured)
        if row["taken_from"]:
            texts.append((row, captured.capture.sha256))
    for row, sha256 in texts:
        captures[sha256] = _with_origin(row, captures[sha256], captures, faults)
    return captures


def _with_origin(
    row: Row, captured: Captured, captures: Mapping[str, Captured], faults: list[Fault]
) -> Captured:
    """Return the text of a page with the file from which it was taken; a fault where the register has none of that hash."""
    file = captures.get(row["taken_from"].lower())
    if file is None or file.capture.taken_from or file.capture.sha256 == captured.capture.sha256:
        faults.append(
            row.fault(
                f"taken_from: found {row['taken_from']!r}, expected the sha256 of another file of this register"
            )
        )
        return captured
    return replace(captured, capture=replace(captured.capture, taken_from=file.capture))


def _captured(row: Row, path: Path, folder: Path, faults: list[Fault]) -> Captured | None:
    if not row["file"] or not stands_within(path, folder / "data"):
        faults.append(row.fault(f"file: found {row['file']!r}, expected the name of a file in data/captures"))
        return None
    if not path.is_file():
        faults.append(row.fault(f"{row['file']} is not there; put it back into data/captures"))
        return None
    source = path.read_bytes()
    wrong = list(_faults_of_file(row, source))
    faults.extend(wrong)
    if wrong:
        return None
    shown = shown_path(path, folder)
    capture = Capture(
        sha256=row["sha256"].lower(), size_bytes=len(source), media_type=row["media_type"], path=shown
    )
    if not _is_text(row["media_type"]):
        return Captured(capture, None)
    try:
        decode(source, shown)
    except SourceError as error:
        faults.append(error.fault)
        return None
    # Positions count from the first character of the file, a byte order mark included.
    return Captured(capture, source.decode("utf-8"))


def _is_text(media_type: str) -> bool:
    """Tell whether a file is plain text in UTF-8: its characters are what positions count."""
    kind, _, parameters = media_type.lower().replace(" ", "").partition(";")
    charset = re.search("charset=([^;]+)", parameters)
    return kind == "text/plain" and (charset is None or charset[1] in ("utf-8", "utf8", "us-ascii"))


def _faults_of_file(row: Row, source: bytes) -> Iterable[Fault]:
    if not re.fullmatch("[0-9a-fA-F]{64}", row["sha256"]):
        yield row.fault(f"sha256: found {row['sha256']!r}, expected 64 hexadecimal digits")
        return
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+(;\s*[\w-]+=[\w-]+)*", row["media_type"]):
        yield row.fault(
            f"media_type: found {row['media_type']!r}, expected one such as text/plain;charset=utf-8"
        )
    found = hashlib.sha256(source).hexdigest()
    if found != row["sha256"].lower():
        yield row.fault(
            f"{row['file']} is not the file that was registered: its SHA-256 is {found}, the register says {row['sha256']}"
        )
    elif row["size_bytes"] and row["size_bytes"] != str(len(source)):
        yield row.fault(f"size_bytes: found {row['size_bytes']!r}, but {row['file']} has {len(source)}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that an edition took from a capture, or says it left out.

    Attributes:
        name: How messages call it: ``p3``, ``abstract``.
        words: The words, blanks as single spaces.
        line: Where they stand in the edition, 1-based.
    """

    name: str
    words: str
    line: int


@dataclass(slots=True)
class _Tiling:
    """The capture as it is laid out with pieces: how far we are, and what is still to come."""

    path: str
    capture: Captured
    text: str  # blanks as single spaces
    origins: Sequence[int]  # for each character of it, where that stands in the capture
    blocks: deque[Piece]
    furniture: deque[Piece]
    loose: list[Piece]  # header strings: they stand anywhere, each once
    at: int = 0
    places: dict[str, Sequence[int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def align(
    path: str,
    captured: Captured,
    blocks: Iterable[Piece],
    strings: Iterable[Piece],
    furniture: Iterable[Piece],
) -> tuple[Mapping[str, Sequence[int]], tuple[Fault, ...]]:
    """Find where the parts of an edition stand in its capture, and report every word that one has and the other has not.

    The parts must cover the capture: blocks in their order, furniture in its order, strings of the header anywhere, and
    nothing but blanks between. A run of blanks equals any other; everything else is compared character by character.

    Args:
        path: The edition, for messages.
        captured: A capture that is plain text.
        blocks: The blocks of the text.
        strings: What the header transcribes.
        furniture: What the edition lists as left out.

    Returns:
        For each block by name, the code point in the capture of each of its characters (shorter where a block could not
        be found whole), and the faults.
    """
    text, origins = _spaced(captured.text or "")
    tiling = _Tiling(
        path,
        captured,
        text,
        origins,
        deque(_with_words(blocks)),
        deque(_with_words(furniture)),
        _with_words(strings),
    )
    whole = _laid_whole(tiling)
    if whole is not None:
        return whole, ()
    while tiling.at < len(text):
        if text[tiling.at] == " ":
            tiling.at += 1
        elif not (_lay(tiling) or _lay_out_of_order(tiling)):
            _report(tiling)
    for piece in (*tiling.blocks, *tiling.loose):
        tiling.faults.append(Fault(path, piece.line, 0, _missing(piece, tiling)))
    for piece in tiling.furniture:
        tiling.faults.append(
            Fault(
                path,
                piece.line,
                0,
                f"{_quote(piece.words)} is listed as furniture, but is not in the capture at that place",
            )
        )
    return tiling.places, tuple(tiling.faults)


def _with_words(pieces: Iterable[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.words]


def _spaced(text: str) -> tuple[str, Sequence[int]]:
    """Return a text with its runs of blanks as single spaces, and where each of its characters was."""
    characters: list[str] = []
    origins: list[int] = []
    end = 0
    for run in _BLANKS.finditer(text):
        characters.append(text[end : run.start()])
        origins.extend(range(end, run.start()))
        characters.append(" ")
        origins.append(run.start())
        end = run.end()
    characters.append(text[end:])
    origins.extend(range(end, len(text)))
    return "".join(characters), origins


_State = tuple[int, int, int]  # how many blocks and furniture are laid, and which strings, as bits


def _laid_whole(tiling: _Tiling) -> Mapping[str, Sequence[int]] | None:
    """Return where each block stands if the pieces cover the capture; None if they do not.

    Where pieces have the same words, which of them is meant may show much later: what does not lead to the end is taken back.
    """
    blocks, furniture, loose = tuple(tiling.blocks), tuple(tiling.furniture), tuple(tiling.loose)
    done = (len(blocks), len(furniture), (1 << len(loose)) - 1)
    text = tiling.text

    def choices(state: _State, at: int) -> Iterator[tuple[Piece, bool, _State, int]]:
        """Yield what fits at a place, the longest first: the piece, whether it is a block, what is laid then, and where it begins."""
        block, left_out, strings = state
        at += text.startswith(" ", at)
        fitting = []
        if block < len(blocks) and text.startswith(blocks[block].words, at):
            fitting.append((blocks[block], True, (block + 1, left_out, strings), at))
        if left_out < len(furniture) and text.startswith(furniture[left_out].words, at):
            fitting.append((furniture[left_out], False, (block, left_out + 1, strings), at))
        fitting += [
            (piece, False, (block, left_out, strings | 1 << number), at)
            for number, piece in enumerate(loose)
            if not strings >> number & 1 and text.startswith(piece.words, at)
        ]
        yield from sorted(fitting, key=lambda each: -len(each[0].words))

    start: _State = (0, 0, 0)
    path: list[tuple[Piece, bool, int]] = []
    ways = [choices(start, 0)]
    tried: set[_State] = {start}
    while ways and len(tried) < _MOST_TRIED:
        step = next(ways[-1], None)
        if step is None:
            ways.pop()
            del path[len(ways) - 1 if ways else 0 :]
            continue
        piece, is_block, state, at = step
        if state in tried:
            continue
        tried.add(state)
        path.append((piece, is_block, at))
        end = at + len(piece.words)
        if state == done and not text[end:].strip(" "):
            return {
                each.name: tiling.origins[place : place + len(each.words)]
                for each, stands_in_text, place in path
                if stands_in_text
            }
        ways.append(choices(state, end))
    return None


def _lay(tiling: _Tiling) -> bool:
    """Lay the piece that fits here, the longest if several do."""
    heads = [queue[0] for queue in (tiling.blocks, tiling.furniture) if queue]
    fitting = [piece for piece in (*heads, *tiling.loose) if tiling.text.startswith(piece.words, tiling.at)]
    if not fitting:
        return False
    _take(tiling, max(fitting, key=lambda piece: len(piece.words)))
    return True


def _lay_out_of_order(tiling: _Tiling) -> bool:
    fitting = [piece for piece in tiling.blocks if tiling.text.startswith(piece.words, tiling.at)]
    if not fitting:
        return False
    piece, due = max(fitting, key=lambda piece: len(piece.words)), tiling.blocks[0]
    message = (
        f"{piece.name} stands before {due.name} in the capture ({_where(tiling, tiling.at)}); put it there"
    )
    tiling.faults.append(Fault(tiling.path, piece.line, 0, message))
    _take(tiling, piece)
    return True


def _take(tiling: _Tiling, piece: Piece) -> None:
    end = tiling.at + len(piece.words)
    if piece in tiling.blocks:
        tiling.blocks.remove(piece)
        tiling.places[piece.name] = tiling.origins[tiling.at : end]
    elif piece in tiling.furniture:
        tiling.furniture.remove(piece)
    else:
        tiling.loose.remove(piece)
    tiling.at = end


def _report(tiling: _Tiling) -> None:
    """Nothing fits here: say whether a piece nearly does, or the capture has words that the edition has not; then go on."""
    near = _near_miss(tiling)
    if near:
        same = _common_length(near.words, tiling.text, tiling.at)
        tiling.faults.append(Fault(tiling.path, near.line, 0, _difference(near, same, tiling)))
        start = tiling.at
        _take(tiling, near)
        tiling.places.pop(near.name, None)
        tiling.at = _next_beginning(tiling, start + max(same, 1))
        return
    end = _end_of_line(tiling)
    words = tiling.text[tiling.at : end].strip()
    line = _line(tiling, tiling.at)
    message = f"capture line {line}: {_quote(words)} is neither transcribed nor listed as furniture in {tiling.path}"
    tiling.faults.append(Fault(tiling.capture.capture.path, line, 0, message))
    tiling.at = end


def _near_miss(tiling: _Tiling) -> Piece | None:
    """Return the next block or a header string that begins much like the text here."""
    for piece in (*list(tiling.blocks)[:1], *tiling.loose):
        same = _common_length(piece.words, tiling.text, tiling.at)
        here = tiling.text[tiling.at : tiling.at + min(len(piece.words), 200)]
        if same >= min(12, len(piece.words) - 1) > 0:
            return piece
        if difflib.SequenceMatcher(None, piece.words[:200], here, autojunk=False).ratio() > _ALIKE:
            return piece
    return None


def _common_length(words: str, text: str, at: int) -> int:
    length = 0
    while length < len(words) and at + length < len(text) and words[length] == text[at + length]:
        length += 1
    return length


def _difference(piece: Piece, same: int, tiling: _Tiling) -> str:
    before = piece.words[max(0, same - 20) : same]
    ours = piece.words[same : same + _SHOWN]
    theirs = tiling.text[tiling.at + same : tiling.at + same + _SHOWN]
    after = f"after «{before}» " if before else ""
    return (
        f"{piece.name} is not what the capture says ({_where(tiling, tiling.at + same)}): "
        f"{after}the edition has «{ours}», the capture has «{theirs}»"
    )


def _next_beginning(tiling: _Tiling, start: int) -> int:
    """Return where the next piece begins after a place that did not fit, or the end of that line."""
    heads = [queue[0] for queue in (tiling.blocks, tiling.furniture) if queue]
    places = [tiling.text.find(piece.words, start) for piece in (*heads, *tiling.loose)]
    return min((place for place in places if place >= 0), default=len(tiling.text))


def _missing(piece: Piece, tiling: _Tiling) -> str:
    matcher = difflib.SequenceMatcher(None, tiling.text, piece.words, autojunk=False)
    match = matcher.find_longest_match()
    hint = ""
    if match.size >= min(12, len(piece.words)):
        hint = f"; the nearest is «{tiling.text[match.a : match.a + match.size][:_SHOWN]}» ({_where(tiling, match.a)})"
    return f"the words of {piece.name}, {_quote(piece.words)}, are not in the capture at that place{hint}"


def _where(tiling: _Tiling, at: int) -> str:
    return f"{tiling.capture.capture.path}:{_line(tiling, at)}"


def _line(tiling: _Tiling, at: int) -> int:
    text = tiling.capture.text or ""
    place = tiling.origins[at] if at < len(tiling.origins) else len(text)
    return text.count("\n", 0, place) + 1


def _end_of_line(tiling: _Tiling) -> int:
    """Return the place after the line of the capture on which we are."""
    text = tiling.capture.text or ""
    stop = text.find("\n", tiling.origins[tiling.at])
    end = tiling.at
    while end < len(tiling.text) and (stop < 0 or tiling.origins[end] < stop):
        end += 1
    return max(end, tiling.at + 1)


def _quote(words: str) -> str:
    return f"«{words}»" if len(words) <= 2 * _SHOWN else f"«{words[: 2 * _SHOWN]}…»"
