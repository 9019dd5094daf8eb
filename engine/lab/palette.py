"""Colours that stay apart in grey and for colour-blind eyes.

The three differ in luminance first, each at least by half, and each stands out from white paper
three to one (WCAG 1.4.11); shape and dash say the same again wherever marks meet.
"""

from __future__ import annotations

PAPER = "#ffffff"
INK = "#1c1c1c"
FAINT = "#d9d9d9"  # grid lines: they may be overlooked

DARK = "#0b2f55"
MIDDLE = "#b04a12"
LIGHT = "#7f94ad"
THREE = (DARK, MIDDLE, LIGHT)

SHAPES = ("circle", "square", "triangle-up")
DASHES = ((1, 0), (6, 3), (2, 2))


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, from 0 to 1 (WCAG 2).

    >>> luminance("#ffffff"), luminance("#000000")
    (1.0, 0.0)
    """
    return sum(
        weight * _linear(int(colour[at : at + 2], 16) / 255)
        for at, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722))
    )


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
