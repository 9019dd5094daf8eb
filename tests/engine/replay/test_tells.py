"""What tells almost surely who left is no sign to search by, unless a person says that it is."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from engine.errors import DataError
from engine.replay.tells import ENOUGH, trusted
from tests.strategies import INDICATORS

RATE, COUNT = INDICATORS["rate"], INDICATORS["count"]


def rows(rate: Sequence[float | None], left: int = ENOUGH) -> pl.DataFrame:
    """Return a hundred rows, the first of which left."""
    outcome = [n < left for n in range(100)]
    columns = {"outcome": outcome, "rate": rate, "count": [n % 7 for n in range(100)]}
    return pl.DataFrame(columns, strict=False)


SURE = rows([0.1 if n < ENOUGH else 0.9 for n in range(100)])
THERE = rows([n / 100 if n < ENOUGH else None for n in range(100)])


@pytest.mark.parametrize(("given", "said"), [(SURE, "the value"), (THERE, "whether there is a")])
def test_it_is_refused_unless_a_person_says_that_it_is_no_leak(
    given: pl.DataFrame, said: str
) -> None:
    """The refusal says why, and what to say; only what needs trust is remembered."""
    with pytest.raises(DataError, match=rf"'rate' cannot be searched by: rate en: {said}") as error:
        trusted(given, [RATE, COUNT], ())
    (problem,) = error.value.problems
    assert problem.code == "leak"
    assert "--no-leak rate" in problem.hint
    assert trusted(given, [RATE, COUNT], ("rate", "count")) == ("rate",)
    assert trusted(given, [COUNT], ()) == ()


def test_a_name_that_no_search_would_use_is_refused() -> None:
    """A misspelt one would trust nothing."""
    with pytest.raises(DataError, match="did you mean 'rate'"):
        trusted(SURE, [RATE, COUNT], ("rat",))


def test_of_a_few_pupils_nothing_is_said() -> None:
    """They may agree by chance."""
    few = rows([0.1 if n < ENOUGH - 1 else 0.9 for n in range(100)], ENOUGH - 1)
    assert trusted(few, [RATE], ()) == ()
