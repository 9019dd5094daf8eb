"""What can be wrong, where, and what to do about it.

::

    EarlyWarningError
    ├── RuleError            a rule file or ruleset that cannot be used
    │   ├── ConditionError   a condition that is not in the language
    │   └── OutOfBoundsError a parameter set to a value outside its bounds
    ├── DataError            input that cannot be read or scored
    └── ExecutorError        an executor that failed or contradicted itself

Every error carries one or more `Problem`; each names a code, a place, the problem and a remedy.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a text file; `line` and `column` count from 1, `text` is that whole line."""

    file: str
    line: int
    column: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def shifted(self, columns: int) -> Place:
        """Return the place `columns` to the right on the same line."""
        return Place(self.file, self.line, self.column + columns, self.text)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `code` is stable and documented, `hint` says what to do."""

    code: str
    message: str
    place: Place | None = None
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        mark = "warning: " if self.severity == "warning" else ""
        head = f"{self.place}: " if self.place else ""
        lines = [f"{head}{mark}{self.message} [{self.code}]"]
        if self.place and self.place.text:
            shown, caret = _excerpt(self.place.text, self.place.column)
            lines += [f"    {shown}", f"    {' ' * caret}^"]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


def _excerpt(text: str, column: int, width: int = 100) -> tuple[str, int]:
    """Return what to show of a line around `column`, and where its caret stands (from 0).

    Tabs and control characters would move the caret, so each is shown as one space.
    """
    plain = "".join(char if char.isprintable() else " " for char in text)
    start = 0 if len(plain) <= width else max(0, column - 1 - width // 2)
    return plain[start : start + width].rstrip(), column - 1 - start


class EarlyWarningError(Exception):
    """Anything that Pumpurs refuses; `problems` says why, in the order they were found."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def _render_traceback_(self) -> list[str]:
        """Return what notebooks show: what is wrong and the remedy, without the engine's calls."""
        return [f"{type(self).__name__}: {self}"]


class RuleError(EarlyWarningError):
    """A rule file or a ruleset that cannot be used."""


class ConditionError(RuleError):
    """A text that is not a condition of the rule language."""


class OutOfBoundsError(RuleError):
    """A parameter set to a value that its bounds forbid."""


class DataError(EarlyWarningError):
    """Input that cannot be read or scored."""


class ExecutorError(EarlyWarningError):
    """An executor that failed, or that contradicted itself."""


def nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    """Return the one of the `known` names that is nearly the given one, whatever its case.

    `likeness`, from 0 to 1, is how like they must be.

    >>> nearest("attendence", ["attendance", "users"], 0.8), nearest("Users", ["users"], 0.8)
    ('attendance', 'users')
    >>> nearest("teachers", ["attendance", "users"], 0.8)
    """
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name[:80].lower(), list(lower), n=1, cutoff=likeness)
    return lower[near[0]] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the nearest of the `known` names, or an empty text.

    >>> did_you_mean("atendance_rate", ["attendance_rate", "mean_mark"])
    "did you mean 'attendance_rate'?"
    """
    near = difflib.get_close_matches(name[:80], list(known), n=1)
    return f"did you mean '{near[0]}'?" if near else ""
