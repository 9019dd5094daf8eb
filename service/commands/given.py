"""What an operator gives and is given: a pupil's key on standard input, rows on standard output."""

from __future__ import annotations

import sys


def pupil_given() -> str:
    """Return the pupil's key on standard input, which no list of processes shows.

    Raises `DataError` where there is none, or where the line is no key; it is never shown.
    """
    from engine.canonical import canonical_key
    from engine.errors import DataError, Problem

    # Bytes that are no UTF-8 are no key either.
    pupil = sys.stdin.buffer.readline().decode(errors="replace").strip()
    if not pupil:
        hint = "type the key when the command has started, or send it by a pipe"
        raise DataError(Problem("person", "no pupil's key came on standard input", None, hint))
    return canonical_key(pupil)


def say(text: str) -> None:
    """Say a line."""
    sys.stdout.write(f"{text}\n")


def say_row(*cells: object) -> None:
    """Say a row, its cells parted by tabs; a tab or line end within one becomes a space."""
    say("\t".join(" ".join(str(cell).split()) for cell in cells))
