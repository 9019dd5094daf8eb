"""A whole history: the world, its registers, and the exports into which they go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from service.synth import circumstances, conduct, structure
from service.synth.attendance import attendance
from service.synth.bundles import Exports, Window, windows
from service.synth.calendar import Semester
from service.synth.marks import exams, marks
from service.synth.plan import Plan
from service.synth.trouble import ended_journals
from service.synth.world import World, make_world

WHOLE = ("orgs", "sessions", "school_days", "coverage", "pupils", "enrolments", "courses",
         "outcomes")  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What was written: pupils, schools and bundles, rows by file, outcomes that are known.

    `bad` counts by file the rows that a reader must reject.
    """

    pupils: int
    schools: int
    bundles: int
    rows: Mapping[str, int]
    bad: Mapping[str, int]
    outcomes: Mapping[str, int]


def write_history(
    plan: Plan, folder: Path, progress: Callable[[str], None] = lambda _: None
) -> Summary:
    """Write the history of a plan into an empty folder, and say what was written.

    The same plan gives the same bytes. `progress` is told of each year and export.
    """
    world = make_world(plan, progress)
    exports = Exports(folder, plan.lessons_as_csv, plan.dirt)
    for register in WHOLE:
        exports.add(register, getattr(structure, register)(world))
    exported = list(windows(world.years))
    for window in exported:
        progress(window.name)
        for semester in window.semesters:
            _add_semester(world, semester, exports)
        exports.close(window, dirty=window in (exported[0], exported[-1]))
    return Summary(
        pupils=len(world.pupils),
        schools=len(world.places.schools),
        bundles=exports.bundles,
        rows=dict(sorted(exports.rows.items())),
        bad=dict(sorted(exports.bad.items())),
        outcomes=_known(world, exported[-1]),
    )


def _add_semester(world: World, semester: Semester, exports: Exports) -> None:
    """Add all that a semester leaves in registers."""
    year = world.years[semester.year - world.plan.start_year]
    journals = ended_journals(world, year)
    over = journals.filter(pl.col("until") < semester.ends)
    ended = set(over.select("school", "class_name").iter_rows())
    plans, adults = circumstances.measures(world, semester)
    exports.add("attendance", attendance(world, semester, journals))
    exports.add("marks", marks(world, semester, ended))
    exports.add("exams", exams(world, semester))
    exports.add("incidents", conduct.incidents(world, semester))
    exports.add("sanctions", conduct.sanctions(world, semester))
    exports.add("activity", conduct.activity(world, semester))
    exports.add("surveys", conduct.surveys(world, semester))
    exports.add("circumstances", circumstances.circumstances(world, semester))
    exports.add("circumstances", adults)
    exports.add("measures", plans)


def _known(world: World, last: Window) -> dict[str, int]:
    """Return the outcomes that were recorded by the last export."""
    until: date = last.until.date()
    return dict(sorted(Counter(o.fate for o in world.outcomes if o.known <= until).items()))
