"""Context and groups: the grade and programme of the enrolment, and whom the audit compares."""

from __future__ import annotations

import polars as pl

from engine.indicators.figure import Figure, Part, only


def _stated(column: str) -> Figure:
    return Figure({column: Part(pl.col(column), "same")}, only(column), until="as_of")


def grade() -> Figure:
    """Give the grade of the enrolment in force, 0 to 12."""
    return _stated("grade")


def school_type() -> Figure:
    """Give the kind of programme of the enrolment in force, or else of its school."""
    return _stated("school_type")


def sex() -> Figure:
    """Give the sex entered in the register of pupils."""
    return _stated("sex")


def home_language() -> Figure:
    """Give the language used at home, as entered in the register of pupils."""
    return _stated("home_language")


def municipality_type() -> Figure:
    """Give the kind of municipality in which the pupil lives, as the register of places has it."""
    return _stated("municipality_type")


FIGURES = (grade, school_type, sex, home_language, municipality_type)
