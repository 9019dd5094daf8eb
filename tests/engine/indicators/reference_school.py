"""The reference of attendance, marks, behaviour and engagement."""

from __future__ import annotations

from datetime import date

from tests.engine.indicators.reference import (
    NOTHING,
    Answer,
    Bounds,
    Row,
    World,
    inside,
    mean_of,
    newest,
)


def attendance(world: World, pupil: str) -> dict[str, Answer]:
    lessons = [
        row
        for row in world.happened("attendance", pupil)
        if row["day"] in world.past_days(row["school"])
    ]

    def within(bounds: Bounds) -> list[Row]:
        return [row for row in lessons if inside(bounds(row["school"]), row["day"])]

    def last(number: int, skipped: int = 0) -> Bounds:
        return world.from_here(pupil, lambda school: world.last_days(school, number, skipped))

    def enough(bounds: Bounds) -> bool:
        rows = within(bounds)
        until = max((row["day"] for row in rows), default=date.min)
        had = {(row["school"], row["day"]) for row in rows}
        spans = world.spans(pupil, bounds)
        held = {(school, day) for school, days in spans for day in days if day <= until}
        return bool(held) and 10 * len(had) >= 9 * len(held)

    weeks_4 = world.from_here(pupil, lambda school: world.last_weeks(school, 4))
    of_semester, of_year = sessions(world, pupil)
    semester, year, weeks = within(of_semester), within(of_year), within(weeks_4)
    earlier, forty = within(last(40, 20)), within(last(40))
    later = within(last(20))
    missed = [row for row in semester if row["status"] not in ("present", "late")]
    first, second = (rate([row for row in half if row in forty]) for half in (earlier, later))
    windows: dict[str, Bounds] = {
        "45d": last(45), "40d": last(40), "20d": last(20), "4w": weeks_4, "year": of_year,
        "semester": of_semester, "share": of_semester,
    }  # fmt: skip
    answers = {
        "attendance_rate_45d": dated(within(last(45)), rate(within(last(45)))),
        "attendance_rate_year": dated(year, rate(year)),
        "unexcused_lessons_semester": dated(semester, count(semester, "unexcused")),
        "unexcused_hours_4w": dated(weeks, count(weeks, "unexcused") * 40 / 60),
        "absent_days_semester": dated(semester, absent_days(semester, lessons)),
        "absent_days_year": dated(year, absent_days(year, lessons)),
        "late_arrivals_20d": dated(within(last(20)), count(within(last(20)), "late")),
        "attendance_trend_40d": dated(
            forty, None if first is None or second is None else 100 * second - 100 * first
        ),
        "medical_absence_share": dated(semester, mean_of(count(missed, "medical"), len(missed))),
    }
    return {name: a for name, a in answers.items() if enough(windows[name.rsplit("_", 1)[1]])}


def sessions(world: World, pupil: str) -> tuple[Bounds, Bounds]:
    """Return the semester and the school year."""

    def of(kind: str) -> Bounds:
        return world.from_here(pupil, lambda school: world.session(school, kind))

    return of("semester"), of("school_year")


def dated(rows: list[Row], value: float | None) -> Answer:
    return (value, max(row["day"] for row in rows)) if rows and value is not None else NOTHING


def count(rows: list[Row], status: str) -> int:
    return sum(1 for row in rows if row["status"] == status)


def rate(rows: list[Row]) -> float | None:
    return mean_of(count(rows, "present") + count(rows, "late"), len(rows))


def absent_days(rows: list[Row], lessons: list[Row]) -> int:
    attended = {row["day"] for row in lessons if row["status"] in ("present", "late")}
    return len({row["day"] for row in rows} - attended)


def marks(world: World, pupil: str) -> dict[str, Answer]:
    sessions = {row["id"]: row for row in world.rows["sessions"]}

    def term(row: Row) -> Row | None:
        session = sessions.get(row["session"])
        if session is None or session["type"] == "school_year":
            return None
        above = sessions.get(session.get("parent"))
        return above if above and above["type"] == "semester" else session

    found = [(t["begins"], row) for row in world.happened("marks", pupil) if (t := term(row))]
    if not found:
        return {}
    current = max(begins for begins, _ in found)
    before = []
    for _, row in found:
        mine = term(row)
        assert mine is not None
        if mine["begins"] == current:
            before += [
                each["begins"]
                for each in map(term, ({"session": s} for s in sessions))
                if each is not None
                and (each["type"], each.get("school")) == (mine["type"], mine.get("school"))
                and each["begins"] < current
            ]
    last = {
        (begins, course): newest(r for b, r in found if (b, r["course"]) == (begins, course))
        for begins, course in {(b, r["course"]) for b, r in found}
    }
    now = [row for (begins, _), row in last.items() if row and begins == current]
    then = [row for (begins, _), row in last.items() if row and before and begins == max(before)]
    return of_term(now, then, {row["id"]: row["core"] for row in world.rows["courses"]})


def of_term(now: list[Row], then: list[Row], core: dict[str, bool]) -> dict[str, Answer]:
    def points(rows: list[Row]) -> list[int]:
        return [row["mark"] for row in rows if row["status"] == "marked"]

    low = [row for row in now if row["status"] == "marked" and row["mark"] < 4]
    cores = [row for row in now if core.get(row["course"], True)]
    unclear = any(row["course"] not in core for row in low)
    mean, mean_then = (mean_of(sum(points(r)), len(points(r))) for r in (now, then))
    trend = None if mean is None or mean_then is None else mean - mean_then
    failed = None if unclear else sum(1 for row in low if core[row["course"]])
    return {
        "failed_core_courses": dated(cores, failed),
        "failed_courses": dated(now, len(low)),
        "near_fails": dated(now, points(now).count(4) if points(now) else None),
        "mean_mark": dated(now, mean),
        "mean_score": dated(now, None if mean is None else 100 * (mean - 1) / 9),
        "mark_trend": dated(now + then, trend),
        "not_assessed_courses": dated(now, count(now, "not_assessed")),
    }


def behaviour(world: World, pupil: str) -> dict[str, Answer]:
    semester, year = sessions(world, pupil)
    answers: dict[str, Answer] = {}
    acted = [row for row in world.happened("incidents", pupil) if row["role"] == "actor"]
    if sent := world.covered("incidents", pupil, semester):
        mine = [r for r in acted if inside(semester(r["school"]), r["day"]) and r["day"] <= sent[0]]
        answers["incidents_semester"] = (len(mine), sent[0])
    if sent := world.covered("incidents", pupil, year):
        days = {
            r["day"]
            for r in acted
            if inside(year(r["school"]), r["day"])
            and r["day"] <= sent[0]
            and r["day"] in world.past_days(r["school"])
        }
        answers["incident_days_rate_year"] = (len(days) / sent[1], sent[0])
    if sent := world.covered("sanctions", pupil, year):
        rows = world.happened("sanctions", pupil)
        mine = [r for r in rows if inside(year(r["school"]), r["day"]) and r["day"] <= sent[0]]
        answers["sanctions_year"] = (len(mine), sent[0])
    return answers


def activity(world: World, pupil: str) -> dict[str, Answer]:
    enrolment = world.enrolment(pupil)
    if enrolment is None:
        return {}
    school = enrolment["school"]
    found: dict[str, Answer] = {}

    days_20 = world.from_here(pupil, lambda school: world.last_days(school, 20))
    _, year = sessions(world, pupil)

    def within(bounds: Bounds, until: date) -> list[Row]:
        rows = world.happened("activity", pupil)
        return [r for r in rows if inside(bounds(school), r["day"]) and r["day"] <= until]

    if sent := world.covered("activity", pupil, days_20):
        days = {row["day"] for row in within(days_20, sent[0]) if row["kind"] == "active"}
        found["lms_active_days_20d"] = (len(days & set(world.past_days(school))), sent[0])
    for name, window in (("late_work_rate_20d", days_20), ("late_work_rate_year", year)):
        sent = world.covered("work", pupil, window)
        due = [row for row in within(window, sent[0]) if row["kind"] != "active"] if sent else []
        if due and sent:
            late = [row for row in due if row["kind"] != "due"]
            found[name] = (len(late) / len(due), sent[0])
    return found
