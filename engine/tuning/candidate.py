"""Candidates: a ruleset that might be, and whether a person or a search chose each number in it.

A candidate never puts itself in force: it is written to a folder of its own, and a proposal is made
from that. What a search chose must be told apart from what a person chose, because rules whose
numbers an optimiser set may count as an AI system where those of people do not (AI Act, recital
12), and because whoever reviews a number should know whom to ask.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from engine.condition import Number
from engine.errors import DataError, Place, Problem
from engine.indicator import Catalogue
from engine.load import load, load_catalogue, own_files
from engine.rewrite import with_values
from engine.ruleset import Ruleset
from engine.write import write_catalogue

Chooser = Literal["person", "search"]
RECORD = "candidate.json"


@dataclass(frozen=True)
class Sought:
    """What a search was asked for: whom `level` and all above it flag, within which limits.

    Tuning may flag `most` of the rows tuned on: as many as there can be `plans` on each as-of day,
    or the `share` of those assessed; where both are None, as many as were flagged before. `gaps`
    are as in `engine.tuning.goal.Goal`. A draft (`steps` is not None: how many it may have) aims
    its level at the `share` instead, and has no `most`. `small_data`: there were fewer outcomes
    than a search should see, and a person asked for it all the same. `met` says whether what the
    search chose keeps the limits on the rows tuned on; None for a draft.
    """

    level: str
    plans: int | None = None
    share: float | None = None
    most: int | None = None
    gaps: Mapping[str, float] = field(default_factory=dict)
    steps: int | None = None
    small_data: bool = False
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a search looked at: a history's fingerprint, its cohorts (none: all rows), its seed.

    `no_leak` are indicators that tell almost surely who left; a person said that they were known
    by the as-of day, and are no leak. `gains` says whether what it found was surely better on rows
    that it had not seen; None where that was not tried. `sought` is None where the record does not
    say what the search was asked for.
    """

    history: str
    cohorts: tuple[str, ...]
    seed: int
    no_leak: tuple[str, ...] = ()
    gains: bool | None = None
    sought: Sought | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One number of a candidate that is not the base's; `before` is None where it is new."""

    parameter: str
    before: Number | None
    after: Number
    by: Chooser


@dataclass(frozen=True)
class Candidate:
    """A ruleset, and the values that a search gave to its parameters.

    A parameter that no longer has the value that the search gave it was chosen by a person.
    """

    ruleset: Ruleset
    searched: Mapping[str, Number]
    learnt: Learnt | None = None

    def moved(self, name: str, value: Number) -> Candidate:
        """Return the candidate after a person has set a parameter; errors as `with_parameter`."""
        return replace(self, ruleset=self.ruleset.with_parameter(name, value))

    def choices(self, base: Ruleset | None) -> tuple[Choice, ...]:
        """Return the numbers that differ from `base`'s, in the order of the rule files."""
        before = {} if base is None else {n: p.value for n, p in base.parameters.items()}
        after = {n: p.value for n, p in self.ruleset.parameters.items()}
        return tuple(
            Choice(name, before.get(name), value, self.chosen_by(name))
            for name, value in after.items()
            if before.get(name) != value
        )

    def chosen_by(self, name: str) -> Chooser:
        """Return who or what chose the present value of a parameter."""
        found = self.searched.get(name) == self.ruleset.parameters[name].value
        return "search" if found else "person"


def record(candidate: Candidate) -> str:
    """Return what stands in a candidate's folder beside its rules, as JSON."""
    learnt = candidate.learnt
    said = {"searched": dict(candidate.searched), "learnt": learnt and asdict(learnt)}
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def learnt_of(said: Mapping[str, Any] | None) -> Learnt | None:
    """Return what stands of a search in a record; raises `KeyError` or `TypeError` for others."""
    if said is None:
        return None
    asked = said.get("sought")
    return Learnt(
        said["history"],
        tuple(said["cohorts"]),
        said["seed"],
        tuple(said.get("no_leak", ())),
        said.get("gains"),
        None if asked is None else _sought_of(asked),
    )


def _sought_of(said: Mapping[str, Any]) -> Sought:
    found = Sought(**said)
    if not isinstance(found.level, str) or not isinstance(found.gaps, dict):
        raise TypeError
    return found


def write_candidate(candidate: Candidate, base: Path, out: Path) -> None:
    """Write the files of the ruleset in `base` to the folder `out`, with the candidate's values.

    Whatever people wrote beside the values stays. Raises `DataError` as `write_folder`.
    """
    values = {name: each.value for name, each in candidate.ruleset.parameters.items()}
    before = {name: each.value for name, each in load(base).parameters.items()}
    changed = {name: value for name, value in values.items() if before[name] != value}
    files = with_values({path.name: path.read_bytes() for path in own_files(base)}, changed)
    write_folder(files, load_catalogue(base), record(candidate), out)


def write_folder(files: Mapping[str, bytes], catalogue: Catalogue, said: str, out: Path) -> None:
    """Write rule files, the catalogue that they need, and a candidate's record to a new folder.

    A folder below one that has the same catalogue needs none of its own. Raises `DataError` where
    `out` holds files already, or lies below another catalogue.
    """
    check_new(out, catalogue)
    own = {} if load_catalogue(out).indicators else write_catalogue(catalogue)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in [*files.items(), *((n, text.encode()) for n, text in own.items())]:
        (out / name).write_bytes(content)
    (out / RECORD).write_text(said, encoding="utf-8")


def check_new(out: Path, catalogue: Catalogue) -> None:
    """Raise `DataError` where `write_folder` would: to know it before long work."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        hint = "name a new folder, or empty this one"
        raise DataError(Problem("overwrite", "there are files here", Place(str(out), 1, 1), hint))
    above = load_catalogue(out)
    if above.indicators and above != catalogue:
        message = "the folders above hold a catalogue of other indicators"
        hint = "choose a folder outside of rules/"
        raise DataError(Problem("no-folder", message, Place(str(out), 1, 1), hint))


def read_candidate(folder: Path) -> Candidate:
    """Return the ruleset in a folder as a candidate; without a record, people chose it all.

    Raises `RuleError` as `load`, and `DataError` where the record cannot be read.
    """
    ruleset, path = load(folder), folder / RECORD
    if not path.is_file():
        return Candidate(ruleset, {})
    try:
        said = json.loads(path.read_bytes())
        return Candidate(ruleset, dict(said["searched"]), learnt_of(said["learnt"]))
    except (ValueError, KeyError, TypeError):
        hint = "write the candidate again; without its record nobody knows what a search chose"
        problem = Problem("record", "this is no candidate's record", Place(str(path), 1, 1), hint)
        raise DataError(problem) from None
