"""How one column of a table becomes canonical: its values, and what makes a value a reject.

The expressions do what `engine.canonical` does to one value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from engine.canonical import KEY, KEY_FORM, PERSONAL_CODE, range_code, valid_values
from engine.errors import DataError, Problem
from engine.indicator import Indicator

OBSERVED = "observed_on"

TRUE = ("true", "1", "yes", "jā", "ja")
FALSE = ("false", "0", "no", "nē", "ne")
NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"
WHOLE = r"^[+-]?[0-9]+(\.0)?$"  # 1.000 may be a thousand: not guessed
KEY_PATTERN = f"^{KEY_FORM}$"
PERSON_PATTERN = f"^({PERSONAL_CODE})$"

AsOf = date | pl.Expr  # one day for all rows, or each row's own
Check = tuple[pl.Expr, str]  # true where a value must be rejected, and the code of the problem


@dataclass(frozen=True)
class Column:
    """How one input column becomes canonical: its value, and the checks that it must pass.

    `dates` is true for one that only says up to when the values of others go.
    """

    name: str
    value: pl.Expr
    checks: tuple[Check, ...] = ()
    dates: bool = False

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


def canonical_columns(
    schema: Mapping[str, pl.DataType],
    indicators: Iterable[Indicator],
    as_of: AsOf | None,
    decimal_commas: Iterable[str] = (),
) -> list[Column]:
    """Return a column for the key, for each column of dates, and for each indicator.

    Raises `DataError` where a column's type cannot hold its indicator's values.
    """
    commas = frozenset(decimal_commas)
    read = list(indicators)
    dated = [OBSERVED, *(f"{indicator.name}.{OBSERVED}" for indicator in read)]
    dates = {n: date_column(n, schema[n], as_of) for n in dated if n in schema}
    columns = [_key_column(schema[KEY]), *dates.values()]
    for indicator in read:
        dtype = schema.get(indicator.name)
        if dtype is None:
            columns.append(Column(indicator.name, pl.lit(None, column_type(indicator))))
            continue
        column = _column(indicator, dtype, comma=indicator.name in commas)
        observed = dates.get(f"{indicator.name}.{OBSERVED}") or dates.get(OBSERVED)
        columns.append(_aged(column, indicator, observed, as_of))
    return columns


def _key_column(dtype: pl.DataType) -> Column:
    if not (dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null) or dtype.is_integer()):
        hint = "write pupils' keys as text"
        raise DataError(Problem("column-type", f"the column '{KEY}' holds {dtype}", None, hint))
    text = pl.col(KEY).cast(pl.String)
    missing = text.is_null() | (text.str.strip_chars() == "")
    form, person = ~text.str.contains(KEY_PATTERN), text.str.contains(PERSON_PATTERN)
    return Column(KEY, text, ((missing, "key-missing"), (form, "key-form"), (person, "key-person")))


def date_column(name: str, dtype: pl.DataType, as_of: AsOf | None) -> Column:
    """Return a column of dates, none of them later than `as_of`.

    A moment is of the day that it is in its own zone: midnight here is the evening before in UTC.
    """
    if dtype == pl.String:
        text = pl.col(name).str.strip_chars().replace("", None)
        value = text.str.to_date("%Y-%m-%d", strict=False)
        wrong = text.is_not_null() & value.is_null()
    elif dtype == pl.Datetime:
        value, wrong = pl.col(name).dt.date(), pl.lit(value=False)
    elif dtype in (pl.Date, pl.Null):
        value, wrong = pl.col(name).cast(pl.Date), pl.lit(value=False)
    else:
        raise DataError(Problem("column-type", f"the column '{name}' holds {dtype}, not dates"))
    late = pl.lit(value=False) if as_of is None else value > _day(as_of)
    return Column(name, value, ((wrong, "not-date"), (late, "future")), dates=True)


def _day(as_of: AsOf) -> pl.Expr:
    return as_of if isinstance(as_of, pl.Expr) else pl.lit(as_of)


def _aged(
    column: Column, indicator: Indicator, observed: Column | None, as_of: AsOf | None
) -> Column:
    """Return the column with values unknown that are too old, or of which nobody knows how old."""
    if observed is None or as_of is None or indicator.stale_after is None:
        return column
    age = (_day(as_of) - observed.value).dt.total_days()
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


def _column(indicator: Indicator, dtype: pl.DataType, *, comma: bool) -> Column:
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
        return Column(indicator.name, pl.lit(None, column_type(indicator)))
    message = f"the column '{indicator.name}' holds {dtype}; declared is a {indicator.type}"
    hint = f"valid: {valid_values(indicator)}"
    raise DataError(Problem("column-type", message, None, hint))


def _category(indicator: Indicator, raw: pl.Expr) -> Column:
    known = raw.is_in(list(indicator.categories))
    value = pl.when(known).then(raw).cast(column_type(indicator))
    return Column(indicator.name, value, ((~known, "category"),))


def _flag(indicator: Indicator, raw: pl.Expr, dtype: pl.DataType) -> Column:
    if dtype == pl.Boolean:
        return Column(indicator.name, raw)
    if dtype == pl.String:
        yes, no = (raw.str.to_lowercase().is_in(words) for words in (TRUE, FALSE))
    else:
        yes, no = raw == 1, raw == 0
    value = pl.when(yes).then(statement=True).when(no).then(statement=False)
    wrong = raw.is_not_null() & value.is_null()
    return Column(indicator.name, value, ((wrong, "not-flag"),))


def _numeric(indicator: Indicator, raw: pl.Expr, dtype: pl.DataType, *, comma: bool) -> Column:
    checks: list[Check] = []
    if dtype == pl.String:
        whole = indicator.type == "count"
        text = raw.str.replace(",", ".", literal=True) if comma and not whole else raw
        number = text.cast(pl.Float64, strict=False)
        checks.append(
            (~text.str.contains(NUMBER) | (raw.is_not_null() & number.is_null()), "not-number")
        )
        if whole:
            checks.append((~text.str.contains(WHOLE), "not-whole"))
    else:
        number = raw.cast(pl.Float64)
    if not dtype.is_integer():
        checks.append((~number.is_finite(), "not-finite"))
        if indicator.type == "count":
            checks.append((number != number.floor(), "not-whole"))
    value = number if indicator.type == "count" else rounded(number, indicator)
    inside = value.is_between(pl.lit(float(indicator.low)), pl.lit(float(indicator.high)))
    checks.append((~inside, range_code(indicator)))
    return Column(indicator.name, value.cast(column_type(indicator), strict=False), tuple(checks))


def rounded(number: pl.Expr, indicator: Indicator) -> pl.Expr:
    """Return floats rounded to the indicator's decimals, each the nearest that a float can be.

    Not by dividing: polars divides by a constant as it multiplies by its reciprocal.
    """
    return number.round(indicator.decimals, mode="half_to_even") + 0.0
