"""``pumpurs check``: every problem of every ruleset, on a terminal or in a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from engine.check import check
from engine.check.names import indicator_names
from engine.errors import DataError, Place, Problem, RuleError
from engine.load import load, load_catalogue


def ruleset_folders(folder: Path) -> Iterator[Path]:
    """Yield the ruleset folders in `folder`, or the folder itself.

    Raises `DataError` where there is none.
    """
    found = sorted(path.parent for path in folder.rglob("ruleset.yaml"))
    if not found:
        hint = "name a folder that holds ruleset.yaml, or one above such folders"
        place = Place(str(folder), 1, 1)
        raise DataError(Problem("no-ruleset", "there is no ruleset here", place, hint))
    yield from found


def check_folders(folders: list[Path]) -> bool:
    """Check each ruleset and print what is found; return whether there was no error."""
    shown: set[Problem] = set()
    errors = warnings = 0
    for folder in folders:
        problems = [p for p in _problems(folder) if p not in shown]
        shown.update(problems)
        errors += sum(p.severity == "error" for p in problems)
        warnings += sum(p.severity == "warning" for p in problems)
        sys.stdout.write("".join(f"{problem}\n" for problem in problems))
    total = len(folders)
    counts = ((total, "ruleset"), (errors, "error"), (warnings, "warning"))
    said = [f"{number} {word}{'s' * (number != 1)}" for number, word in counts]
    sys.stdout.write(f"{said[0]}: {said[1]}, {said[2]}\n")
    return errors == 0


def _problems(folder: Path) -> list[Problem]:
    try:
        found = check(load(folder))
        catalogue = load_catalogue(folder)
    except RuleError as error:
        return list(error.problems)
    names = [p for p in indicator_names(catalogue.indicators.values()) if p not in found]
    return found + names
