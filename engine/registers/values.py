"""How one column of a register's file becomes canonical: its values, and what makes a reject.

Texts are stripped first, then values are made from them, then both are judged: three steps, so
that nothing is worked out twice. A column's value stands under `value_name` of its header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from engine.column import (
    FALSE,
    KEY_PATTERN,
    NUMBER,
    PERSON_PATTERN,
    TRUE,
    WHOLE,
    Check,
    Column,
)
from engine.errors import DataError, Problem
from engine.registers.schema import MOMENT
from engine.registers.schema import Column as Declared

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_OTHER_DATE = (
    r"^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}\.?$|^[0-9]{8}$|^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]"
)
_ZONED = r"^.{16,}(Z|[+-][0-9]{2}:?[0-9]{2})$"
_FORM = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
PERSON = "key-person"
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def value_name(header: str) -> str:
    """Return the name under which a column's canonical values stand beside its texts."""
    return f"={header}"


def stripped(types: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Return all columns of texts without blanks around them; null where there is nothing."""
    texts = [name for name, dtype in types.items() if _is_text(dtype)]
    trimmed = {name: pl.col(name).cast(pl.String).str.strip_chars() for name in texts}
    return [pl.when(t.str.len_bytes() > 0).then(t).alias(name) for name, t in trimmed.items()]


def column(declared: Declared, dtype: pl.DataType) -> Column:
    """Return how a column of a file, named by its header, becomes canonical.

    Raises `DataError` where the column's type (in Parquet) cannot hold such values.
    """
    if dtype == pl.Null:
        found = Column(declared.header, pl.lit(None, declared.dtype))
    elif _is_text(dtype):
        found = _textual(declared, pl.col(declared.header))
    else:
        found = _native(declared, dtype)
    if not declared.required:
        return found
    absent = pl.lit(value=True) if dtype == pl.Null else pl.col(declared.header).is_null()
    return Column(found.name, found.value, ((absent, "value-missing"), *found.checks))


def _is_text(dtype: pl.DataType) -> bool:
    return dtype == pl.String or isinstance(dtype, (pl.Enum, pl.Categorical))


def _textual(declared: Declared, raw: pl.Expr) -> Column:
    match declared.kind:
        case "key":
            return Column(declared.header, raw, tuple(_key_checks(declared, raw)))
        case "date":
            return _date(declared, raw)
        case "moment":
            return _moment(declared.header, raw)
        case "whole" | "number":
            return _number(declared, raw)
        case "flag":
            return _flag(declared.header, raw)
        case "category":
            return _category(declared, raw)
        case _:
            return Column(declared.header, raw)


def _key_checks(declared: Declared, raw: pl.Expr) -> Iterator[Check]:
    yield ~raw.str.contains(KEY_PATTERN), "key-form"
    if declared.to == "pupils":
        yield raw.str.contains(PERSON_PATTERN), PERSON


def _date(declared: Declared, raw: pl.Expr) -> Column:
    month = _is_month(declared)
    form = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$" if month else _DATE
    full = raw.str.slice(0, 7) + "-01" if month else raw
    parsed = full.str.to_date("%Y-%m-%d", strict=False)
    value = pl.when(raw.str.contains(form)).then(parsed)
    made = pl.col(value_name(declared.header))
    wrong = raw.is_not_null() & made.is_null()
    checks = (
        (wrong & raw.str.contains(_OTHER_DATE) & ~raw.str.contains(_DATE), "date-form"),
        (wrong, "not-date"),
        _bounds(made),
    )
    return Column(declared.header, value, checks)


def _is_month(declared: Declared) -> bool:
    return declared.header.endswith("Month")  # 2010-05: the day is nobody's business


def _bounds(value: pl.Expr) -> Check:
    return ~value.is_between(pl.lit(FIRST), pl.lit(LAST)), "range"


def _moment(header: str, raw: pl.Expr) -> Column:
    """Return a column of moments in UTC; a date alone is that day's first moment."""
    plain = raw.str.replace(" ", "T", literal=True)
    zoned = [
        plain.str.to_datetime(form, strict=False, time_unit="ms", time_zone="UTC")
        for form in ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")
    ]
    bare = [
        plain.str.to_datetime(form, strict=False, time_unit="ms").dt.replace_time_zone("UTC")
        for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    ]
    day = plain.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("ms"))
    value = (
        pl.when(~raw.str.contains(_FORM))
        .then(pl.lit(None, MOMENT))
        .when(raw.str.len_bytes() == len("2025-12-31"))
        .then(day.dt.replace_time_zone("UTC"))
        .when(raw.str.contains(_ZONED))
        .then(pl.coalesce(zoned))
        .otherwise(pl.coalesce(bare))
    )
    made = pl.col(value_name(header))
    wrong = raw.is_not_null() & made.is_null()
    return Column(header, value, ((wrong, "not-moment"), _bounds(made.dt.date())))


def _number(declared: Declared, raw: pl.Expr) -> Column:
    number = raw.cast(pl.Float64, strict=False)
    made = pl.col(value_name(declared.header))
    checks: list[Check] = [
        (~raw.str.contains(NUMBER), "not-number"),
        (~number.is_finite(), "not-finite"),
    ]
    if declared.kind == "whole":
        checks.append((~raw.str.contains(WHOLE), "not-whole"))
        number = pl.coalesce(raw.cast(pl.Int32, strict=False), number.cast(pl.Int32, strict=False))
    # What is too large for the type is null, and as much out of range as what the type can hold.
    outside = ~_inside(declared, made).fill_null(raw.is_null())
    return Column(declared.header, number, (*checks, (outside, "range")))


def _inside(declared: Declared, number: pl.Expr) -> pl.Expr:
    if declared.low is None or declared.high is None:
        return pl.when(number.is_not_null()).then(statement=True)
    return number.is_between(pl.lit(declared.low), pl.lit(declared.high))


def _flag(header: str, raw: pl.Expr) -> Column:
    yes, no = (raw.str.to_lowercase().is_in(words) for words in (TRUE, FALSE))
    value = pl.when(yes).then(statement=True).when(no).then(statement=False)
    wrong = raw.is_not_null() & pl.col(value_name(header)).is_null()
    return Column(header, value, ((wrong, "not-flag"),))


def _category(declared: Declared, raw: pl.Expr) -> Column:
    """Return a column of categories; a canonical name stands for itself, as in Parquet."""
    words = {word: name for word, name in declared.words if word != name}
    value = (raw.replace(words) if words else raw).cast(declared.dtype, strict=False)
    wrong = raw.is_not_null() & pl.col(value_name(declared.header)).is_null()
    return Column(declared.header, value, ((wrong, "category"),))


def _native(declared: Declared, dtype: pl.DataType) -> Column:
    """Return a column of Parquet that holds values of a type of its own."""
    raw, made = pl.col(declared.header), pl.col(value_name(declared.header))
    match declared.kind:
        case "date" if dtype in (pl.Date, pl.Datetime):
            return _native_date(declared, raw, dtype)
        case "moment" if dtype in (pl.Date, pl.Datetime):
            zoned = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
            naive = raw.cast(pl.Datetime("ms")) if not zoned else raw
            value = naive.cast(MOMENT) if zoned else naive.dt.replace_time_zone("UTC")
            return Column(declared.header, value, (_bounds(made.dt.date()),))
        case "flag" if dtype == pl.Boolean:
            return Column(declared.header, raw)
        case "key" | "text" if dtype.is_integer():
            return Column(declared.header, raw.cast(pl.String))
        case "whole" | "number" if dtype.is_numeric():
            return _native_number(declared, raw)
    message = f"the column '{declared.name}' holds {dtype}; declared is a {declared.kind}"
    raise DataError(Problem("column-type", message, None, "see docs/registers.md"))


def _native_date(declared: Declared, raw: pl.Expr, dtype: pl.DataType) -> Column:
    """Return a column of dates; a moment is one only where it is midnight in its own zone.

    The same midnight told in UTC would be the evening before.
    """
    day = raw.dt.date()
    if _is_month(declared):
        day = day.dt.month_start()
    timed = raw.dt.time() != pl.time(0) if isinstance(dtype, pl.Datetime) else pl.lit(value=False)
    checks = ((timed, "date-form"), _bounds(pl.col(value_name(declared.header))))
    return Column(declared.header, day, checks)


def _native_number(declared: Declared, raw: pl.Expr) -> Column:
    number = raw.cast(pl.Float64)
    checks: list[Check] = [(~number.is_finite(), "not-finite")]
    if declared.kind == "whole":
        checks.append((number != number.floor(), "not-whole"))
    inside = _inside(declared, number).fill_null(raw.is_null())
    return Column(
        declared.header,
        number.cast(declared.dtype, strict=False),
        (*checks, (~inside, "range")),
    )
