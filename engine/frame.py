"""The canonicaliser: one way to type, round and null values, for a frame and for one record.

Executors compare only what has passed here: numbers rounded to the indicator's declared decimals
and inside its valid range, flags, and categories of the declared list. What does not fit is
rejected with its row and its reason; nothing is guessed. A value older than the indicator's limit
is unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.condition import Value
from engine.errors import DataError, Problem
from engine.indicator import Indicator
from engine.text import Text

KEY = "pupil_key"
ROW = "__row"
OBSERVED = "observed_on"
MAX_KEY = 128

PROBLEMS: dict[str, Text] = {
    "key-missing": Text("trūkst skolēna atslēgas", "the pupil's key is missing"),
    "key-form": Text(
        "atslēga sākas ar burtu vai ciparu; drīkst būt burti, cipari un . _ : -, līdz 128 zīmēm",
        "a key starts with a letter or digit and has letters, digits and . _ : - only, at most 128",
    ),
    "duplicate": Text(
        "šī atslēga ir vairākās rindās; atstājiet vienu",
        "this key stands in more than one row; keep one of them",
    ),
    "not-number": Text(
        "nav skaitlis; rakstiet, piemēram, 0.85, bet nezināmu vērtību atstājiet tukšu",
        "not a number; write it as 0.85, and leave an unknown value empty",
    ),
    "not-finite": Text(
        "nav galīgs skaitlis (NaN vai bezgalība)", "not a finite number (NaN or infinity)"
    ),
    "not-whole": Text("skaitam jābūt veselam skaitlim", "a count is a whole number"),
    "range": Text("ārpus derīgo vērtību robežām", "outside the valid range"),
    "percent": Text(
        "ārpus robežām no 0 līdz 1; procenti jādala ar 100",
        "outside 0 to 1; divide per cents by 100",
    ),
    "not-flag": Text(
        "nav jā vai nē; rakstiet true vai false", "not yes or no; write true or false"
    ),
    "category": Text("nav deklarēto kategoriju sarakstā", "not one of the declared categories"),
    "not-date": Text(
        "nav datums; rakstiet, piemēram, 2026-01-31", "not a date; write it as 2026-01-31"
    ),
    "future": Text(
        "novērots pēc vērtēšanas datuma; pārbaudiet abus datumus",
        "observed after the as-of date; check both dates",
    ),
    "width": Text(
        "rindā ir cits lauku skaits nekā virsrakstā",
        "the row has another number of fields than the header",
    ),
}

_TRUE = ("true", "1", "yes", "jā", "ja")
_FALSE = ("false", "0", "no", "nē", "ne")
_NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?$"
_KEY = r"^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,127}$"
_KEY_PYTHON = re.compile(r"[^\W_][\w.:-]{0,127}")


@dataclass(frozen=True)
class Canonical:
    """`rows`: row number, key and typed indicators; `rejects`: row, column, value, problem code."""

    rows: pl.LazyFrame
    rejects: pl.DataFrame


@dataclass(frozen=True)
class _Column:
    """How one input column becomes canonical: its value, and the code of what is wrong, if any."""

    name: str
    value: pl.Expr
    problem: pl.Expr


def canonical_value(indicator: Indicator, value: object) -> Value | None:
    """Return one value in canonical form, or None where it is missing.

    Raises `DataError` with a code of `PROBLEMS`; the same values pass as in `canonical_frame`.
    """
    if value is None:
        return None
    problem: str | None = None
    match indicator.type:
        case "flag":
            if isinstance(value, bool):
                return value
            problem = "not-flag"
        case "category":
            if isinstance(value, str) and value in indicator.categories:
                return value
            problem = "category"
        case "ratio" | "count" | "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                problem = "not-number"
            elif not math.isfinite(value):
                problem = "not-finite"
            elif indicator.type == "count" and value != math.floor(value):
                problem = "not-whole"
            else:
                return _number(indicator, value)
    raise _data_error(indicator, problem)


def _number(indicator: Indicator, value: float) -> float | int:
    scaled = float(value) * 10**indicator.decimals
    rounded = round(scaled) / 10**indicator.decimals if math.isfinite(scaled) else scaled
    if not indicator.low <= rounded <= indicator.high:
        raise _data_error(indicator, _range_code(indicator))
    return int(rounded) if indicator.type == "count" else rounded


def _range_code(indicator: Indicator) -> str:
    return "percent" if indicator.unit == "ratio" and indicator.high == 1 else "range"


def _data_error(indicator: Indicator, code: str) -> DataError:
    problem = f"{indicator.name}: {PROBLEMS[code].en}"
    return DataError(Problem(code, problem, None, f"valid: {valid_values(indicator)}"))


def valid_values(indicator: Indicator) -> str:
    """Return the valid values of an indicator, for an error's hint."""
    if indicator.numeric:
        return f"{indicator.low} to {indicator.high}"
    return "true, false" if indicator.type == "flag" else ", ".join(indicator.categories)


def canonical_key(key: object) -> str:
    """Return a pupil's key; raises `DataError` where it has another form. Never shows the key."""
    if isinstance(key, str) and _KEY_PYTHON.fullmatch(key):
        return key
    raise DataError(Problem("key-form", PROBLEMS["key-form"].en))


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
    columns = [_key_column()]
    dates = {n: _date_column(n, schema[n], as_of) for n in schema if _is_date_name(n)}
    columns += dates.values()
    for indicator in indicators:
        dtype = schema.get(indicator.name)
        if dtype is None:
            columns.append(
                _Column(indicator.name, pl.lit(None, column_type(indicator)), _no_problem())
            )
            continue
        column = _column(indicator, dtype, comma=indicator.name in commas)
        observed = dates.get(f"{indicator.name}.{OBSERVED}") or dates.get(OBSERVED)
        columns.append(_aged(column, indicator, observed, as_of))
    bad = pl.any_horizontal(c.problem.is_not_null() for c in columns)
    twice = _duplicated(table, columns[0].value)
    if twice.len():
        columns[0] = _with_duplicates(columns[0], twice)
        bad = bad | columns[0].problem.is_not_null()
    kept = [c.value.alias(c.name) for c in columns if c.name not in dates]
    rows = table.filter(~bad).select(pl.col(ROW), *kept)
    return Canonical(rows, _rejects(table.filter(bad), columns, schema))


def _is_date_name(name: str) -> bool:
    return name == OBSERVED or name.endswith(f".{OBSERVED}")


def _no_problem() -> pl.Expr:
    return pl.lit(None, pl.String)


def _first_problem(*checks: tuple[pl.Expr, str]) -> pl.Expr:
    """Return the code of the first check that is true, null where none is."""
    chain = _no_problem()
    for failed, code in reversed(checks):
        chain = pl.when(failed).then(pl.lit(code)).otherwise(chain)
    return chain


def _key_column() -> _Column:
    text = pl.col(KEY).cast(pl.String)
    missing = text.is_null() | (text.str.strip_chars() == "")
    return _Column(
        KEY, text, _first_problem((missing, "key-missing"), (~text.str.contains(_KEY), "key-form"))
    )


def _duplicated(table: pl.LazyFrame, key: pl.Expr) -> pl.Series:
    """Return the keys that stand in more than one row.

    The keys are counted in parts by their hash, so that memory does not grow with the table.
    """
    total = int(table.select(pl.len()).collect(engine="streaming").item())
    parts = 1 + total // 2_000_000
    found = []
    for part in range(parts):
        keys = table.select(key.alias(KEY)).drop_nulls()
        keys = keys.filter(pl.col(KEY).hash() % parts == part) if parts > 1 else keys
        counted = keys.group_by(KEY).len().filter(pl.col("len") > 1).select(KEY)
        found.append(counted.collect(engine="streaming")[KEY])
    return pl.concat(found)


def _with_duplicates(column: _Column, twice: pl.Series) -> _Column:
    again = pl.when(column.value.is_in(twice.implode())).then(pl.lit("duplicate"))
    return _Column(column.name, column.value, pl.coalesce(column.problem, again))


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
    return _Column(name, value, _first_problem((wrong, "not-date"), (late, "future")))


def _aged(
    column: _Column, indicator: Indicator, observed: _Column | None, as_of: date | None
) -> _Column:
    """Return the column with values older than the indicator's limit made unknown."""
    if observed is None or as_of is None or indicator.stale_after is None:
        return column
    age = (pl.lit(as_of) - observed.value).dt.total_days()
    fresh = pl.when(age > indicator.stale_after).then(None).otherwise(column.value)
    return _Column(column.name, fresh, column.problem)


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
    if indicator.type == "flag" and (dtype in (pl.String, pl.Boolean) or dtype.is_integer()):
        return _flag(indicator, raw if dtype == pl.Boolean else raw.cast(pl.String))
    if indicator.numeric and (dtype == pl.String or dtype.is_numeric()):
        return _numeric(indicator, raw, dtype, comma=comma)
    if dtype == pl.Null:
        return _Column(indicator.name, pl.lit(None, column_type(indicator)), _no_problem())
    message = f"the column '{indicator.name}' holds {dtype}; declared is a {indicator.type}"
    hint = f"valid: {valid_values(indicator)}"
    raise DataError(Problem("column-type", message, None, hint))


def _category(indicator: Indicator, raw: pl.Expr) -> _Column:
    known = raw.is_in(list(indicator.categories))
    value = pl.when(known).then(raw).cast(column_type(indicator))
    return _Column(indicator.name, value, _first_problem((~known, "category")))


def _flag(indicator: Indicator, raw: pl.Expr) -> _Column:
    text = raw.cast(pl.String).str.to_lowercase()
    value = (
        pl.when(text.is_in(_TRUE))
        .then(statement=True)
        .when(text.is_in(_FALSE))
        .then(statement=False)
    )
    wrong = raw.is_not_null() & value.is_null()
    return _Column(indicator.name, value, _first_problem((wrong, "not-flag")))


def _numeric(indicator: Indicator, raw: pl.Expr, dtype: pl.DataType, *, comma: bool) -> _Column:
    checks = []
    if dtype == pl.String:
        text = raw.str.replace(",", ".", literal=True) if comma else raw
        checks.append((~text.str.contains(_NUMBER), "not-number"))
        number = text.cast(pl.Float64, strict=False)
    else:
        number = raw.cast(pl.Float64)
    checks.append((~number.is_finite(), "not-finite"))
    if indicator.type == "count":
        checks.append((number != number.floor(), "not-whole"))
        value = number
    else:
        scale = float(10**indicator.decimals)
        value = (number * scale).round(0, mode="half_to_even") / scale + 0.0
    inside = value.is_between(pl.lit(float(indicator.low)), pl.lit(float(indicator.high)))
    checks.append((~inside, _range_code(indicator)))
    return _Column(
        indicator.name, value.cast(column_type(indicator), strict=False), _first_problem(*checks)
    )


def _rejects(
    bad: pl.LazyFrame, columns: list[_Column], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Return one line for each value that is wrong: row, column, value, problem."""
    wrong = [c for c in columns if c.name in schema]
    shown = bad.select(
        pl.col(ROW).alias("row"),
        *(pl.col(c.name).cast(pl.String).alias(c.name) for c in wrong),
        *(c.problem.alias(f"{c.name}!") for c in wrong),
    ).collect(engine="streaming")
    lines = [
        shown.filter(pl.col(f"{c.name}!").is_not_null()).select(
            pl.col("row").cast(pl.UInt64),
            pl.lit(c.name).alias("column"),
            pl.col(c.name).alias("value"),
            pl.col(f"{c.name}!").alias("problem"),
        )
        for c in wrong
    ]
    return pl.concat(lines).sort("row", maintain_order=True)


def typed(
    record: Mapping[str, object], indicators: Mapping[str, Indicator]
) -> dict[str, Value | None]:
    """Return one record in canonical form: every indicator named, None where it is missing."""
    return {name: canonical_value(i, record.get(name)) for name, i in indicators.items()}
