"""Numbers, units and dates as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from engine.condition import Number, Value
from engine.indicator import Catalogue, Indicator
from engine.text import Language
from engine.words.phrases import PHRASES, POINTS

NBSP, MINUS = "\u00a0", "\u2212"


# Babel takes 20 microseconds for a number, and canonical values are few: each is written once.
_written_once = lru_cache(maxsize=50_000, typed=True)


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(language)


@_written_once
def number(value: Number, language: Language) -> str:
    """Return a number in the language's form, exactly; a minus is a minus sign, no hyphen.

    >>> number(0.85, "lv"), number(0.85, "en")
    ('0,85', '0.85')
    """
    return _written(Decimal(repr(value)), language)


@_written_once
def percent(value: Number, language: Language) -> str:
    r"""Return a ratio in per cent.

    >>> percent(0.85, "lv").replace("\xa0", " "), percent(0.0725, "lv").replace("\xa0", " ")
    ('85 %', '7,25 %')
    """
    shown = (Decimal(repr(value)) * 100).normalize()
    return f"{_written(shown, language)}{NBSP}%"


def _written(value: Decimal, language: Language) -> str:
    shown = format_decimal(value, locale=language, decimal_quantization=False)
    return shown.replace("-", MINUS)


def counted(value: Number, forms: Mapping[str, Mapping[str, str]], language: Language) -> str:
    r"""Return a number with its unit in the right plural form (CLDR).

    >>> from engine.words.phrases import PUPILS
    >>> [counted(n, PUPILS, "lv").replace("\xa0", " ") for n in (1, 2, 10, 21)]
    ['1 skolēns', '2 skolēni', '10 skolēnu', '21 skolēns']
    """
    words = forms[language]
    form = words.get(_plural_form(value, language), words["other"])
    return f"{number(value, language)}{NBSP}{form}"


@_written_once
def _plural_form(value: Number, language: Language) -> str:
    return _locale(language).plural_form(abs(Decimal(repr(value))))


def points(value: Number, language: Language) -> str:
    """Return points in words."""
    return counted(value, POINTS, language)


def in_unit(value: Number, unit: str, catalogue: Catalogue, language: Language) -> str:
    """Return a number with a declared unit; a ratio is shown in per cent."""
    if unit == "ratio":
        return percent(value, language)
    known = catalogue.units.get(unit)
    if known is None:
        return number(value, language)
    return counted(value, {"lv": known.lv, "en": known.en}, language)


def difference(
    value: Number, indicator: Indicator, catalogue: Catalogue, language: Language
) -> str:
    """Return how far two values of an indicator are apart; ratios differ by percentage points."""
    if indicator.unit != "ratio":
        return in_unit(value, indicator.unit, catalogue, language)
    shown = Decimal(repr(value)) * 100
    return in_unit(
        float(shown) if shown % 1 else int(shown), "percentage_points", catalogue, language
    )


def value_words(
    value: Value, indicator: Indicator, catalogue: Catalogue, language: Language
) -> str:
    """Return an indicator's value as people read it."""
    match value:
        case bool():
            return PHRASES["yes" if value else "no"][language]
        case str():
            return indicator.categories[value][language]
        case _:
            return in_unit(value, indicator.unit, catalogue, language)


def date_words(day: date, language: Language) -> str:
    """Return a date: ``2026. gada 3. oktobris``, ``3 October 2026``."""
    if language == "lv":
        return format_date(day, "y. 'gada' d. MMMM", locale="lv")
    return format_date(day, "d MMMM y", locale="en")
