"""How one column of a register's file becomes canonical: its values, and what makes a reject."""

from __future__ import annotations

from datetime import date

import polars as pl

from engine.canonical import KEY_FORM
from engine.column import Check, Column
from engine.errors import DataError, Problem
from engine.registers.schema import MOMENT
from engine.registers.schema import Column as Declared

_KEY = f"^{KEY_FORM}$"
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_OTHER_DATE = (
    r"^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\.?$|^[0-9]{8}$|^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"
)
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"
_WHOLE = r"^[+-]?[0-9]+(\.0)?$"
_ZONED = r"^.{16,}(Z|[+-][0-9]{2}:?[0-9]{2})$"
_FORM = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_TRUE = ("true", "1", "yes", "jā", "ja")
_FALSE = ("false", "0", "no", "nē", "ne")
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def column(declared: Declared, dtype: pl.DataType) -> Column:
    """Return how a column of a file, named by its header, becomes canonical.

    Raises `DataError` where the column's type (in Parquet) cannot hold such values.
    """
    raw = text(declared.header, dtype)
    if dtype == pl.Null:
        found = Column(declared.header, pl.lit(None, declared.dtype))
    elif dtype == pl.String or isinstance(dtype, (pl.Enum, pl.Categorical)):
        found = _textual(declared, raw)
    else:
        found = _native(declared, dtype)
    if not declared.required:
        return found
    absent = pl.col(declared.header) if dtype != pl.String else raw
    return Column(found.name, found.value, ((absent.is_null(), "value-missing"), *found.checks))


def text(header: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column's texts, without blanks around them; null where there is nothing."""
    if dtype == pl.Null:
        return pl.lit(None, pl.String)
    raw = pl.col(header) if dtype == pl.String else pl.col(header).cast(pl.String)
    raw = raw.str.strip_chars()
    return pl.when(raw != "").then(raw)


def _textual(declared: Declared, raw: pl.Expr) -> Column:
    match declared.kind:
        case "key":
            return Column(declared.header, raw, ((~raw.str.contains(_KEY), "key-form"),))
        case "date":
            return _date(declared, raw)
        case "moment":
            return moment_column(declared.header, raw)
        case "whole" | "number":
            return _number(declared, raw)
        case "flag":
            return _flag(declared.header, raw)
        case "category":
            return _category(declared, raw)
        case _:
            return Column(declared.header, raw)


def _date(declared: Declared, raw: pl.Expr) -> Column:
    if declared.header.endswith("Month"):  # 2010-05: the day is nobody's business
        raw = pl.when(raw.str.len_bytes() == len("2010-05")).then(raw + "-01").otherwise(raw)
    value = pl.when(raw.str.contains(_DATE)).then(raw.str.to_date("%Y-%m-%d", strict=False))
    wrong = raw.is_not_null() & value.is_null()
    checks = ((wrong & raw.str.contains(_OTHER_DATE) & ~raw.str.contains(_DATE), "date-form"),
              (wrong, "not-date"), _bounds(value))  # fmt: skip
    return Column(declared.header, value, checks)


def _bounds(value: pl.Expr) -> Check:
    return ~value.is_between(pl.lit(FIRST), pl.lit(LAST)), "range"


def moment_column(header: str, raw: pl.Expr) -> Column:
    """Return a column of moments in UTC; a date alone is that day's first moment."""
    plain = raw.str.replace(" ", "T", literal=True)
    zoned = pl.coalesce(
        plain.str.to_datetime(form, strict=False, time_unit="ms", time_zone="UTC")
        for form in ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")
    )
    bare = pl.coalesce(
        plain.str.to_datetime(form, strict=False, time_unit="ms").dt.replace_time_zone("UTC")
        for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    )
    day = plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("ms"))
    value = (
        pl.when(~raw.str.contains(_FORM))
        .then(pl.lit(None, MOMENT))
        .when(raw.str.len_bytes() == len("2025-12-31"))
        .then(day.dt.replace_time_zone("UTC"))
        .when(raw.str.contains(_ZONED))
        .then(zoned)
        .otherwise(bare)
    )
    wrong = raw.is_not_null() & value.is_null()
    return Column(header, value, ((wrong, "not-moment"), _bounds(value.dt.date())))


def _number(declared: Declared, raw: pl.Expr) -> Column:
    number = raw.cast(pl.Float64, strict=False)
    checks: list[Check] = [
        (raw.is_not_null() & (~raw.str.contains(_NUMBER) | number.is_null()), "not-number"),
        (~number.is_finite(), "not-finite"),
    ]
    if declared.kind == "whole":
        checks.append((~raw.str.contains(_WHOLE), "not-whole"))
    return _bounded(declared, number, checks)


def _bounded(declared: Declared, number: pl.Expr, checks: list[Check]) -> Column:
    if declared.low is not None and declared.high is not None:
        inside = number.is_between(pl.lit(float(declared.low)), pl.lit(float(declared.high)))
        checks.append((~inside, "range"))
    value = number.cast(declared.dtype, strict=False)
    return Column(declared.header, value, tuple(checks))


def _flag(header: str, raw: pl.Expr) -> Column:
    yes, no = (raw.str.to_lowercase().is_in(words) for words in (_TRUE, _FALSE))
    value = pl.when(yes).then(statement=True).when(no).then(statement=False)
    return Column(header, value, ((raw.is_not_null() & value.is_null(), "not-flag"),))


def _category(declared: Declared, raw: pl.Expr) -> Column:
    words = {word: name for word, name in declared.words if word != name}
    named = raw.replace(words) if words else raw
    known = [word for word, _ in declared.words]
    value = named.cast(declared.dtype, strict=False)
    # A canonical name that is no word of the file is what Parquet in canonical form holds.
    wrong = ~(raw.is_in(known) | raw.is_in(declared.categories))
    return Column(declared.header, value, ((wrong, "category"),))


def _native(declared: Declared, dtype: pl.DataType) -> Column:
    """Return a column of Parquet that holds values of a type of its own."""
    raw = pl.col(declared.header)
    match declared.kind:
        case "date" if dtype in (pl.Date, pl.Datetime):
            value = raw.cast(pl.Date)
            return Column(declared.header, value, (_bounds(value),))
        case "moment" if dtype == pl.Date or isinstance(dtype, pl.Datetime):
            zone = dtype.time_zone if isinstance(dtype, pl.Datetime) else None
            naive = raw.cast(pl.Datetime("ms")) if zone is None else raw
            value = naive.dt.replace_time_zone("UTC") if zone is None else naive.cast(MOMENT)
            return Column(declared.header, value, (_bounds(value.dt.date()),))
        case "flag" if dtype == pl.Boolean:
            return Column(declared.header, raw)
        case "key" | "text" if dtype.is_integer():
            return _textual(declared, raw.cast(pl.String))
        case "whole" if dtype.is_integer():
            return _bounded(declared, raw.cast(pl.Float64), [])
        case "whole" | "number" if dtype.is_numeric():
            number = raw.cast(pl.Float64)
            checks: list[Check] = [(~number.is_finite(), "not-finite")]
            if declared.kind == "whole":
                checks.append((number != number.floor(), "not-whole"))
            return _bounded(declared, number, checks)
    message = f"the column '{declared.name}' holds {dtype}; declared is a {declared.kind}"
    raise DataError(Problem("column-type", message, None, "see docs/registers.md"))
