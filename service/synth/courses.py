"""What is taught: courses by grade and type of school; maths and languages are the core."""

from __future__ import annotations

from functools import cache

from service.synth.places import SchoolType

COURSES: dict[str, tuple[str, bool]] = {
    "MAT": ("Matemātika", True),
    "LAT": ("Latviešu valoda", True),
    "ENG": ("Angļu valoda", True),
    "SVE": ("Otrā svešvaloda", True),
    "DAB": ("Dabaszinības", False),
    "VES": ("Vēsture un sociālās zinības", False),
    "SPO": ("Sports un veselība", False),
    "MUZ": ("Mūzika", False),
    "DIZ": ("Dizains un tehnoloģijas", False),
    "BIO": ("Bioloģija", False),
    "FIZ": ("Fizika", False),
    "KIM": ("Ķīmija", False),
    "GEO": ("Ģeogrāfija", False),
    "DAT": ("Datorika", False),
    "LIT": ("Literatūra", False),
    "PR1": ("Profesionālais modulis A", False),
    "PR2": ("Profesionālais modulis B", False),
    "PR3": ("Profesionālā prakse", False),
}
_PRIMARY = ("MAT", "LAT", "ENG", "DAB", "VES", "SPO", "MUZ", "DIZ")
_LOWER = (
    "MAT", "LAT", "ENG", "SVE", "BIO", "FIZ", "KIM", "VES", "GEO", "SPO", "DIZ", "LIT", "DAT",
)  # fmt: skip
_UPPER = ("MAT", "LAT", "ENG", "SVE", "BIO", "FIZ", "KIM", "VES", "LIT", "SPO", "DAT")
_VOCATIONAL = ("MAT", "LAT", "ENG", "DAB", "VES", "SPO", "DAT", "PR1", "PR2", "PR3")


@cache
def courses_of(grade: int, type_: SchoolType) -> tuple[str, ...]:
    """Return the keys of a grade's courses."""
    if grade < 7:
        return _PRIMARY
    if type_ == "vocational":
        return _VOCATIONAL
    return _LOWER if grade < 10 else _UPPER


def lessons_of(grade: int, type_: SchoolType, weekday: int) -> int:
    """Return how many lessons a day of the week has (0 is Monday)."""
    if type_ == "vocational":
        return 8 if weekday < 4 else 6
    most = 5 if grade <= 3 else 6 if grade <= 5 else 7
    return most - (weekday == 4) - (weekday == 0 and grade <= 5)
