"""The grid: which parameters are tuned, and the candidate values of each.

Values are exact decimals. What counts up in floats drifts (0.7 + 0.1 is not 0.8), and a threshold
that is one bit off decides otherwise on the very values that pupils have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.condition import Number, exact
from engine.errors import OutOfBoundsError, Problem, RuleError, did_you_mean
from engine.ruleset import Parameter, Ruleset

MOST_VALUES = 1000


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned parameter: its candidate values, ascending, and the place of the present one."""

    name: str
    values: tuple[Number, ...]
    present: int


@dataclass(frozen=True)
class Grid:
    """The tuned parameters in the ruleset's order; a combination has one value of each."""

    tuned: tuple[Tuned, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The tuned parameters' names."""
        return tuple(each.name for each in self.tuned)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many candidate values each parameter has."""
        return tuple(len(each.values) for each in self.tuned)

    @property
    def combinations(self) -> int:
        """How many combinations of candidate values there are."""
        return math.prod(self.shape)

    @cached_property
    def _places(self) -> Mapping[str, Mapping[Number, int]]:
        return {t.name: {value: at for at, value in enumerate(t.values)} for t in self.tuned}

    def places(self, values: Mapping[str, Number]) -> tuple[int, ...]:
        """Return each parameter's place on the grid; those not in `values` keep the present one.

        Raises `RuleError` for a parameter that is not tuned, `OutOfBoundsError` for a value that
        is no candidate.
        """
        for name, value in values.items():
            self._check(name)
            if value not in self._places[name]:
                near = sorted(self._places[name], key=lambda one: abs(one - value))[:2]
                hint = f"the nearest are {' and '.join(map(str, sorted(near)))}"
                message = f"{value} is no candidate value of '{name}'"
                raise OutOfBoundsError(Problem("off-grid", message, None, hint))
        return tuple(
            self._places[t.name][values[t.name]] if t.name in values else t.present
            for t in self.tuned
        )

    def values(self, places: Iterable[int]) -> dict[str, Number]:
        """Return the values of the combination at these places."""
        return {t.name: t.values[at] for t, at in zip(self.tuned, places, strict=True)}

    def only(self, names: Iterable[str], held: Mapping[str, Number]) -> Grid:
        """Return the part of the grid on which only `names` vary, and the others are held.

        `held` are the others' values; what it does not name stays at the present one. Raises as
        `places`.
        """
        vary = set(names)
        for name in vary:
            self._check(name)
        fixed = zip(self.tuned, self.places(held), strict=True)
        return Grid(
            tuple(t if t.name in vary else Tuned(t.name, (t.values[at],), 0) for t, at in fixed)
        )

    def within(self, part: Grid) -> dict[str, NDArray[np.int64]]:
        """Return where on this grid the values of a part of it are."""
        return {t.name: np.array([self._places[t.name][v] for v in t.values]) for t in part.tuned}

    def _check(self, name: str) -> None:
        if name not in self._places:
            hint = did_you_mean(name, self.names) or f"tuned are: {', '.join(self.names)}"
            raise RuleError(Problem("unknown-name", f"'{name}' is not tuned here", None, hint))


def grid_of(
    ruleset: Ruleset,
    names: Iterable[str] | None = None,
    values: Mapping[str, Iterable[Number]] | None = None,
) -> Grid:
    """Return the grid of the named parameters, and of those of which `values` are given.

    Where neither says which, it is that of all that can be tuned and are used; no names are no
    parameters, and one combination. `values` are a parameter's candidates; others go by its step
    within its bounds. The present value is always one. Raises `RuleError` where a parameter is
    unknown, `OutOfBoundsError` where it cannot be tuned or a value is out of bounds.
    """
    parameters = ruleset.parameters
    given = {name: tuple(found) for name, found in (values or {}).items()}
    if names is None and values is None:
        names = ruleset.used_parameters & {p.name for p in parameters.values() if p.tunable}
    wanted = {*(names or ()), *given}
    for name in wanted:  # refuses what is unknown or cannot be tuned
        ruleset.with_parameter(name, parameters[name].value if name in parameters else 0)
    found = (p for p in parameters.values() if p.name in wanted)
    return Grid(tuple(_tuned(ruleset, p, given.get(p.name)) for p in found))


def _tuned(ruleset: Ruleset, parameter: Parameter, given: tuple[Number, ...] | None) -> Tuned:
    values = steps(parameter) if given is None else (*given, parameter.value)
    if not all(map(math.isfinite, values)):
        message = f"a candidate value of '{parameter.name}' is not a finite number"
        raise OutOfBoundsError(Problem("out-of-bounds", message, parameter.place))
    for value in (min(values), max(values)):
        try:
            ruleset.with_parameter(parameter.name, value)
        except OutOfBoundsError:
            raise
        except RuleError:
            continue  # unlawful beside the others' present values, perhaps not beside other ones
    ordered = sorted({exact(value) for value in (*values, parameter.value)})
    return Tuned(parameter.name, tuple(ordered), ordered.index(parameter.value))


def steps(parameter: Parameter) -> tuple[Number, ...]:
    """Return a parameter's values from its lower bound to its upper one, a step apart.

    Raises `OutOfBoundsError` where there would be more than a thousand.
    """
    if parameter.bounds is None or parameter.step is None:
        return (parameter.value,)
    low, high, step = (Decimal(repr(n)) for n in (*parameter.bounds, parameter.step))
    count = int((high - low) / step) + 1
    if count > MOST_VALUES:
        message = f"'{parameter.name}' would have {count} candidate values"
        hint = f"give at most {MOST_VALUES} values of your own, or declare a coarser 'step'"
        raise OutOfBoundsError(Problem("too-many-values", message, parameter.place, hint))
    found = (low + step * at for at in range(count))
    return tuple(exact(int(n) if n == n.to_integral_value() else float(n)) for n in found)
