"""The canonicaliser's rules, for one record: what a value may be, and what is wrong with it.

Executors compare only canonical values: numbers rounded to the indicator's declared decimals and
inside its valid range, flags, and categories of the declared list. `engine.frame` does the same for
whole tables; a law holds the two together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

from engine.condition import Value
from engine.errors import DataError, Problem
from engine.indicator import Indicator
from engine.text import Text

KEY = "pupil_key"
EXACT = 2**53  # from here on a float cannot hold every whole number

PROBLEMS: dict[str, Text] = {
    "key-missing": Text("trūkst skolēna atslēgas", "the pupil's key is missing"),
    "key-form": Text(
        "atslēga sākas ar latīņu burtu vai ciparu; drīkst būt tie un . _ : -, līdz 128 zīmēm",
        "a key starts with a Latin letter or a digit, and has only these and . _ : -, at most 128",
    ),
    "key-person": Text(
        "izskatās pēc personas koda; sūtiet pseidonīmu, ko zina tikai skola",
        "this looks like a personal code; send a pseudonym that only the school can resolve",
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
    "quotes": Text(
        "pēdiņas rindā ir nepareizas; pēdiņas laukā jāraksta divreiz",
        "the quotes in this row are wrong; inside a field a quote is written twice",
    ),
    "width": Text(
        "rindā ir cits lauku skaits nekā virsrakstā",
        "the row has another number of fields than the header",
    ),
}

# Latin letters by their range: what else is a letter differs between Unicode versions.
_SIGN = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
KEY_FORM = f"[{_SIGN}][{_SIGN}._:-]{{0,127}}"
_KEY_FORM = re.compile(KEY_FORM)
# Latvian personal codes: the birth date and five digits, or since 2017 eleven digits from 32 on.
PERSONAL_CODE = "[0-9]{6}-[0-9]{5}|32[0-9]{4}-?[0-9]{5}"
_PERSONAL_CODE = re.compile(PERSONAL_CODE)


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
            if value is True or value is False or not isinstance(value, (int, float)):
                problem = "not-number"
            elif not math.isfinite(value):
                problem = "not-finite"
            elif indicator.type == "count" and value != math.floor(value):
                problem = "not-whole"
            else:
                return _number(indicator, value)
    raise _data_error(indicator, problem)


def _number(indicator: Indicator, value: float) -> float | int:
    scale = 10**indicator.decimals
    scaled = float(value) * scale
    rounded = round(scaled) / scale if math.isfinite(scaled) else scaled
    if not indicator.low <= rounded <= indicator.high:
        raise _data_error(indicator, range_code(indicator))
    return int(rounded) if indicator.type == "count" else rounded


def reader(indicator: Indicator) -> Callable[[object], Value | None]:
    """Return what `canonical_value` does for one indicator, quick for the values that are usual."""
    low, high, scale = indicator.low, indicator.high, float(10**indicator.decimals)

    def number(value: object) -> Value | None:
        if type(value) is float and low <= value <= high:
            rounded = round(value * scale) / scale
            if low <= rounded <= high:
                return rounded
        return canonical_value(indicator, value)

    def whole(value: object) -> Value | None:
        if type(value) is int and low <= value <= high:
            return value
        return canonical_value(indicator, value)

    if max(abs(low), abs(high)) >= EXACT:
        return partial(canonical_value, indicator)
    match indicator.type:
        case "ratio" | "number":
            return number
        case "count":
            return whole
        case _:
            return partial(canonical_value, indicator)


def range_code(indicator: Indicator) -> str:
    """Return the code for a value outside the range; ratios are often given in per cent."""
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
    if isinstance(key, str) and _KEY_FORM.fullmatch(key):
        return key
    raise DataError(Problem("key-form", PROBLEMS["key-form"].en))


def pseudonym(key: object) -> str:
    """Return a pupil's key; raises `DataError` for another form, and for a personal code."""
    found = canonical_key(key)
    if _PERSONAL_CODE.fullmatch(found):
        raise DataError(Problem("key-person", PROBLEMS["key-person"].en))
    return found


def stale_values(
    indicators: Iterable[Indicator], observed: Mapping[str, date], as_of: date
) -> dict[str, date]:
    """Return the indicators whose values are too old on a day, with the dates they go up to.

    `observed` has those dates, where they are known. Raises `DataError` for one after `as_of`.
    """
    found: dict[str, date] = {}
    for indicator in indicators:
        day = observed.get(indicator.name)
        if day is None:
            continue
        if day > as_of:
            raise _data_error(indicator, "future")
        if indicator.stale_after is not None and (as_of - day).days > indicator.stale_after:
            found[indicator.name] = day
    return found


def typed(
    record: Mapping[str, object], indicators: Mapping[str, Indicator]
) -> dict[str, Value | None]:
    """Return one record in canonical form: every indicator named, None where it is missing."""
    return {name: canonical_value(i, record.get(name)) for name, i in indicators.items()}
