"""Shares and differences as tables write them: as many digits in every line of a column."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from babel.numbers import format_decimal

from engine.text import Language
from engine.words.quantities import MINUS, NBSP


def fixed(value: float, language: Language, places: int = 1) -> str:
    """Return a number with so many places after the point, zeros too.

    >>> fixed(0.91, "en", 3), fixed(6.0, "lv")
    ('0.910', '6,0')
    """
    unit = Decimal(1).scaleb(-places)
    rounded = Decimal(repr(float(value))).quantize(unit, ROUND_HALF_EVEN)
    shape = "#,##0." + "0" * places if places else "#,##0"
    shown = format_decimal(abs(rounded), format=shape, locale=language)
    return MINUS + shown if rounded < 0 else shown


def share(value: float, language: Language) -> str:
    r"""Return a ratio in per cent, to a tenth.

    >>> share(0.21, "lv").replace("\xa0", " "), share(0.2125, "en").replace("\xa0", " ")
    ('21,0 %', '21.2 %')
    """
    return f"{fixed(100 * value, language)}{NBSP}%"


def interval(low: float, high: float, language: Language) -> str:
    """Return from which ratio to which, in per cent."""
    return f"{fixed(100 * low, language)}–{share(high, language)}"


def estimate(value: float, low: float, high: float, language: Language) -> str:
    """Return a ratio in per cent with its interval in brackets."""
    return f"{share(value, language)} ({interval(low, high, language)})"


def points(value: float, language: Language) -> str:
    """Return how far two ratios lie apart in percentage points, with its sign.

    >>> points(0.045, "en"), points(0.0, "lv")
    ('+4.5', '0,0')
    """
    shown = fixed(100 * value, language)
    return f"+{shown}" if float(round(100 * value, 1)) > 0 else shown
