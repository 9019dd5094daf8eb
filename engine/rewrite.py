"""Parameters' values written back into rule files: a changed number, and not a byte else.

What people wrote beside it stays: comments, order, spacing. So a change of a threshold is a change
of one line, in a review as in version control.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine import source
from engine.condition import Number, exact, operand_text
from engine.errors import Place, Problem, RuleError, did_you_mean

_SCALAR = re.compile(r"[-+.0-9A-Za-z]+")


def with_values(files: Mapping[str, bytes], values: Mapping[str, Number]) -> dict[str, bytes]:
    """Return a ruleset's files, by name, with these parameters set to these values.

    Raises `RuleError` where no file declares a parameter, or its value is no plain number on one
    line.
    """
    places = {name: (file, place) for file in files for name, place in _values(file, files[file])}
    lost = next((name for name in values if name not in places), None)
    if lost is not None:
        hint = did_you_mean(lost, places)
        raise RuleError(Problem("unknown-name", f"there is no parameter '{lost}'", None, hint))
    changed = dict(files)
    for name, value in values.items():
        file, place = places[name]
        changed[file] = _replaced(changed[file], place, operand_text(exact(value)))
    return changed


def _values(file: str, data: bytes) -> Iterator[tuple[str, Place]]:
    """Yield the parameters that a file declares, and where their values stand."""
    document = source.read(file, data)
    content = document.content
    declared = content.get("parameters") if isinstance(content, dict) else None
    if isinstance(declared, dict):
        for name in declared:
            path = ("parameters", name, "value")
            if path in document.places:
                yield name, document.place(path)


def _replaced(data: bytes, place: Place, written: str) -> bytes:
    """Return a file with the scalar at a place written anew; lines are those of YAML."""
    lines = data.decode().splitlines(keepends=True)
    at = place.column - 1 + (place.line == 1 and lines[0].startswith("\ufeff"))
    line = lines[place.line - 1]
    found = _SCALAR.match(line, at)
    if found is None:
        hint = "write it as 'value: 0.9' on one line"
        raise RuleError(Problem("type", "this value is not a plain number", place, hint))
    lines[place.line - 1] = line[:at] + written + line[found.end() :]
    return "".join(lines).encode()
