"""The canonicaliser for tables: types, rounds and nulls values as `engine.canonical` does.

What does not fit is rejected with its row and its reason; nothing is guessed. A value older than
the indicator's limit is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.canonical import KEY, KEY_FORM, range_code, valid_values
from engine.errors import DataError, Problem
from engine.indicator import Indicator

ROW = "__row"
OBSERVED = "observed_on"

_TRUE = ("true", "1", "yes", "jā", "ja")
_FALSE = ("false", "0", "no", "nē", "ne")
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"
_WHOLE = r"^[+-]?[0-9]+(\.0)?$"  # 1.000 may be a thousand: not guessed
_KEY = f"^{KEY_FORM}$"


@dataclass(frozen=True)
class Canonical:
    """`rows`: row number, key and typed indicators; `rejects`: row, column, value, problem code."""

    rows: pl.LazyFrame
    rejects: pl.DataFrame


Check = tuple[pl.Expr, str]  # true where a value must be rejected, and the code of the problem


@dataclass(frozen=True)
class _Column:
    """How one input column becomes canonical: its value, and the checks that it must pass."""

    name: str
    value: pl.Expr
    checks: tuple[Check, ...] = ()

    @property
    def bad(self) -> pl.Expr:
        """Whether any check fails: the cheap question, asked of every row."""
        failed = pl.any_horizontal(pl.lit(value=False), *(failed for failed, _ in self.checks))
        return failed.fill_null(value=False)

    @property
    def problem(self) -> pl.Expr:
        """The code of the first check that fails, null where none does."""
        chain = pl.lit(None, pl.String)
        for failed, code in reversed(self.checks):
            chain = pl.when(failed).then(pl.lit(code)).otherwise(chain)
        return chain


def canonical_frame(
    table: pl.LazyFrame,
    indicators: Iterable[Indicator],
    *,
    as_of: date | None = None,
    decimal_commas: Iterable[str] = (),
) -> Canonical:
    """Return a table's rows in canonical form, and what had to be rejected.

    `table` has ``__row`` (the row's number for people), ``pupil_key``, and indicator columns by
    name; indicators without a column are unknown throughout. ``observed_on`` and
    ``INDICATOR.observed_on`` are the dates to which values go; with `as_of`, older values than an
    indicator's limit become unknown, and later ones are refused.
    Raises `DataError` where a column's type cannot hold its indicator's values.
    """
    schema = table.collect_schema()
    commas = frozenset(decimal_commas)
    read = list(indicators)
    dated = [OBSERVED, *(f"{indicator.name}.{OBSERVED}" for indicator in read)]
    dates = {n: _date_column(n, schema[n], as_of) for n in dated if n in schema}
    columns = [_key_column(schema[KEY]), *dates.values()]
    for indicator in read:
        dtype = schema.get(indicator.name)
        if dtype is None:
            columns.append(_Column(indicator.name, pl.lit(None, column_type(indicator))))
            continue
        column = _column(indicator, dtype, comma=indicator.name in commas)
        observed = dates.get(f"{indicator.name}.{OBSERVED}") or dates.get(OBSERVED)
        columns.append(_aged(column, indicator, observed, as_of))
    twice = _duplicated(table, columns[0].value)
    if twice.len():
        again = (columns[0].value.is_in(twice.implode()), "duplicate")
        columns[0] = replace(columns[0], checks=(*columns[0].checks, again))
    bad = pl.any_horizontal(column.bad for column in columns)
    rejects = _rejects(table.filter(bad), [c for c in columns if c.name in schema])
    kept = [c.value.alias(c.name) for c in columns if c.name not in dates]
    rows = table.filter(~bad) if rejects.height else table
    return Canonical(rows.select(pl.col(ROW), *kept), rejects)


def _key_column(dtype: pl.DataType) -> _Column:
    if not (dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null) or dtype.is_integer()):
        hint = "write pupils' keys as text"
        raise DataError(Problem("column-type", f"the column '{KEY}' holds {dtype}", None, hint))
    text = pl.col(KEY).cast(pl.String)
    missing = text.is_null() | (text.str.strip_chars() == "")
    return _Column(KEY, text, ((missing, "key-missing"), (~text.str.contains(_KEY), "key-form")))


def _duplicated(table: pl.LazyFrame, key: pl.Expr) -> pl.Series:
    """Return the keys that stand in more than one row.

    Hashes are counted in parts, so that memory does not grow with the table; only keys whose hash
    is met twice are then compared as they are.
    """
    total = int(table.select(pl.len()).collect(engine="streaming").item())
    parts = 1 + total // 2_000_000
    hashes = table.select(key.drop_nulls().hash().alias("hash"))
    met_twice = []
    for part in range(parts):
        mine = hashes.filter(pl.col("hash") % parts == part).group_by("hash").len()
        counted = mine.filter(pl.col("len") > 1).select("hash")
        met_twice.append(counted.collect(engine="streaming")["hash"])
    suspects = pl.concat(met_twice)
    if not suspects.len():
        return pl.Series(KEY, [], pl.String)
    keys = table.select(key.alias(KEY)).filter(pl.col(KEY).hash().is_in(suspects.implode()))
    again = keys.group_by(KEY).len().filter(pl.col("len") > 1).select(KEY)
    return again.collect(engine="streaming")[KEY]


def _date_column(name: str, dtype: pl.DataType, as_of: date | None) -> _Column:
    if dtype == pl.String:
        text = pl.col(name).str.strip_chars().replace("", None)
        value = text.str.to_date("%Y-%m-%d", strict=False)
        wrong = text.is_not_null() & value.is_null()
    elif dtype in (pl.Date, pl.Datetime):
        value, wrong = pl.col(name).cast(pl.Date), pl.lit(value=False)
    else:
        raise DataError(Problem("column-type", f"the column '{name}' holds {dtype}, not dates"))
    late = value > pl.lit(as_of) if as_of else pl.lit(value=False)
    return _Column(name, value, ((wrong, "not-date"), (late, "future")))


def observed_on(mine: pl.LazyFrame, indicator: str) -> date | None:
    """Return the date to which one pupil's value goes, None where nobody says."""
    schema = mine.collect_schema()
    name = f"{indicator}.{OBSERVED}" if f"{indicator}.{OBSERVED}" in schema else OBSERVED
    found = mine.select(_date_column(name, schema[name], None).value).collect().item()
    return found if isinstance(found, date) else None


def _aged(
    column: _Column, indicator: Indicator, observed: _Column | None, as_of: date | None
) -> _Column:
    """Return the column with values unknown that are too old, or of which nobody knows how old."""
    if observed is None or as_of is None or indicator.stale_after is None:
        return column
    age = (pl.lit(as_of) - observed.value).dt.total_days()
    return replace(column, value=pl.when(age <= indicator.stale_after).then(column.value))


def column_type(indicator: Indicator) -> pl.DataType:
    """Return the polars type that holds an indicator's canonical values."""
    match indicator.type:
        case "flag":
            return pl.Boolean()
        case "category":
            return pl.Enum(list(indicator.categories))
        case "count":
            return (
                pl.Int32() if max(abs(indicator.low), abs(indicator.high)) < 2**31 else pl.Int64()
            )
        case _:
            return pl.Float64()


def _column(indicator: Indicator, dtype: pl.DataType, *, comma: bool) -> _Column:
    raw = pl.col(indicator.name)
    if dtype == pl.String:
        raw = raw.str.strip_chars()
        raw = pl.when(raw != "").then(raw)
    elif dtype in (pl.Categorical, pl.Enum):
        raw = raw.cast(pl.String)
        dtype = pl.String()
    if indicator.type == "category" and (dtype == pl.String or dtype.is_integer()):
        return _category(indicator, raw.cast(pl.String))
    if indicator.type == "flag" and (dtype in (pl.String, pl.Boolean) or dtype.is_numeric()):
        return _flag(indicator, raw, dtype)
    if indicator.numeric and (dtype == pl.String or dtype.is_numeric()):
        return _numeric(indicator, raw, dtype, comma=comma)
    if dtype == pl.Null:
        return _Column(indicator.name, pl.lit(None, column_type(indicator)))
    message = f"the column '{indicator.name}' holds {dtype}; declared is a {indicator.type}"
    hint = f"valid: {valid_values(indicator)}"
    raise DataError(Problem("column-type", message, None, hint))


def _category(indicator: Indicator, raw: pl.Expr) -> _Column:
    known = raw.is_in(list(indicator.categories))
    value = pl.when(known).then(raw).cast(column_type(indicator))
    return _Column(indicator.name, value, ((~known, "category"),))


def _flag(indicator: Indicator, raw: pl.Expr, dtype: pl.DataType) -> _Column:
    if dtype == pl.Boolean:
        return _Column(indicator.name, raw)
    if dtype == pl.String:
        yes, no = (raw.str.to_lowercase().is_in(words) for words in (_TRUE, _FALSE))
    else:
        yes, no = raw == 1, raw == 0
    value = pl.when(yes).then(statement=True).when(no).then(statement=False)
    wrong = raw.is_not_null() & value.is_null()
    return _Column(indicator.name, value, ((wrong, "not-flag"),))


def _numeric(indicator: Indicator, raw: pl.Expr, dtype: pl.DataType, *, comma: bool) -> _Column:
    checks: list[Check] = []
    if dtype == pl.String:
        whole = indicator.type == "count"
        text = raw.str.replace(",", ".", literal=True) if comma and not whole else raw
        number = text.cast(pl.Float64, strict=False)
        checks.append(
            (~text.str.contains(_NUMBER) | (raw.is_not_null() & number.is_null()), "not-number")
        )
        if whole:
            checks.append((~text.str.contains(_WHOLE), "not-whole"))
    else:
        number = raw.cast(pl.Float64)
    if not dtype.is_integer():
        checks.append((~number.is_finite(), "not-finite"))
    if indicator.type == "count":
        checks.append((number != number.floor(), "not-whole"))
        value = number
    else:
        scale = float(10**indicator.decimals)
        value = (number * scale).round(0, mode="half_to_even") / scale + 0.0
    inside = value.is_between(pl.lit(float(indicator.low)), pl.lit(float(indicator.high)))
    checks.append((~inside, range_code(indicator)))
    return _Column(indicator.name, value.cast(column_type(indicator), strict=False), tuple(checks))


def _rejects(bad: pl.LazyFrame, columns: list[_Column]) -> pl.DataFrame:
    """Return one line for each value that is wrong: row, column, value, problem."""
    shown = bad.select(
        pl.col(ROW).alias("row"),
        *(pl.col(c.name).cast(pl.String).alias(c.name) for c in columns),
        *(c.problem.alias(f"{c.name}!") for c in columns),
    ).collect(engine="streaming")
    lines = [
        shown.filter(pl.col(f"{c.name}!").is_not_null()).select(
            pl.col("row").cast(pl.UInt64),
            pl.lit(c.name).alias("column"),
            pl.col(c.name).alias("value"),
            pl.col(f"{c.name}!").alias("problem"),
        )
        for c in columns
    ]
    return pl.concat(lines).sort("row", maintain_order=True)
