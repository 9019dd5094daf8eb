"""What earlier registers and bundles tell of keys and enrolments, to judge rows by.

A row is judged by what stands in its own bundle and in those before, never by a later one: so a
bundle that comes later changes no earlier answer.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from engine.registers.schema import ALL, ID

BUNDLE = "__bundle"
_PAIR = ["pupil", "school"]
_OPEN = date(2300, 1, 1)
_NOTHING = pl.DataFrame(schema={ID: pl.String, BUNDLE: pl.UInt32})
# Among rows of one register, "" stands for that register itself.
POINTED_TO = {"", "enrolments"} | {c.to for each in ALL for c in each.columns if c.to}


class Known:
    """Ids of each register with the bundle that first has them, and stays at schools."""

    def __init__(self) -> None:
        self._seen: dict[str, pl.DataFrame] = {}
        self._stays = pl.DataFrame(
            schema={"pupil": pl.String, "school": pl.String, "begins": pl.Date, "ends": pl.Date,
                    BUNDLE: pl.UInt32}
        )  # fmt: skip
        self._merged: dict[int, pl.DataFrame] = {}
        self._scales = pl.DataFrame(
            schema={ID: pl.String, "low": pl.Float64, "high": pl.Float64, BUNDLE: pl.UInt32}
        )

    def learn(self, register: str, rows: pl.DataFrame) -> None:
        """Take in good rows of a register that others point to, or of enrolments."""
        if register not in POINTED_TO:
            return
        if register == "enrolments":
            ends = pl.col("ends").fill_null(_OPEN)
            stays = rows.select(*_PAIR, "begins", ends, BUNDLE)
            self._stays = pl.concat([self._stays, stays]).unique()
            return
        if register == "scales":
            self._scales = pl.concat([self._scales, rows.select(self._scales.columns)])
        before = self._seen.get(register, _NOTHING)
        both = pl.concat([before, rows.select(ID, BUNDLE)])
        self._seen[register] = both.group_by(ID).agg(pl.col(BUNDLE).min())

    def unknown(self, rows: pl.DataFrame, column: str, register: str) -> pl.Series:
        """Return for each row whether its key points to nothing that was known by its bundle."""
        pairs = rows.select(column, BUNDLE).drop_nulls().unique()
        seen = self._seen.get(register, _NOTHING)
        first = pairs.join(seen, left_on=column, right_on=ID, how="left", suffix="_seen")
        seen_by = pl.col(f"{BUNDLE}_seen")
        bad = first.filter(seen_by.is_null() | (seen_by > pl.col(BUNDLE))).select(column, BUNDLE)
        return _marked(rows, bad, [column, BUNDLE])

    def absent(self, rows: pl.DataFrame) -> pl.Series:
        """Return for each row whether its pupil is at its school on its day by no enrolment."""
        days = rows.select(*_PAIR, "day", BUNDLE).with_row_index("__n").sort("day")
        flags = pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
        for bundle in days[BUNDLE].unique().to_list():
            outside = _outside(days.filter(pl.col(BUNDLE) == bundle), self._until(bundle))
            flags = flags.scatter(outside, values=True)
        return flags

    def off_scale(self, rows: pl.DataFrame) -> pl.Series:
        """Return for each mark whether it lies outside its scale, as told by its bundle.

        Where a scale was changed, its widest form counts: older marks were given by it.
        """
        marks = rows.select("mark", BUNDLE, ID="scale").with_row_index("__n")
        told = marks.join(self._scales, left_on="ID", right_on=ID, suffix="_told")
        told = told.filter(pl.col(f"{BUNDLE}_told") <= pl.col(BUNDLE)).group_by("__n").agg(
            pl.col("mark").first(), pl.col("low").min(), pl.col("high").max()
        )  # fmt: skip
        bad = told.filter(~pl.col("mark").is_between("low", "high"))["__n"]
        flags = pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
        return flags.scatter(bad, values=True)

    def at_two_schools(self) -> int:
        """Return how many pupils are, on some day, enrolled at more than one school."""
        stays = joined_stays(self._stays).sort("pupil", "begins")
        reached = pl.col("ends").cum_max().shift(1).over("pupil")
        both = stays.filter((pl.col("begins") <= reached).fill_null(value=False))
        return both["pupil"].n_unique()

    def _until(self, bundle: int) -> pl.DataFrame:
        """Return the stays known by a bundle, joined where they touch."""
        told = self._stays.filter(pl.col(BUNDLE) <= bundle)
        if told.height not in self._merged:
            self._merged = {told.height: joined_stays(told)}
        return self._merged[told.height]


def joined_stays(stays: pl.DataFrame) -> pl.DataFrame:
    """Return stays of a pupil at a school without overlaps; those that touch become one."""
    ordered = stays.sort(*_PAIR, "begins")
    reached = pl.col("ends").cum_max().shift(1).over(_PAIR)
    apart = (pl.col("begins") > reached + timedelta(days=1)).fill_null(value=True)
    numbered = ordered.with_columns(apart.cum_sum().over(_PAIR).alias("n"))
    spans = (pl.col("begins").min(), pl.col("ends").max())
    return numbered.group_by(*_PAIR, "n").agg(*spans).drop("n").sort("begins")


def _outside(days: pl.DataFrame, stays: pl.DataFrame) -> pl.Series:
    """Return the numbers of days that lie in none of the pupil's stays at that school."""
    found = days.join_asof(
        stays,
        left_on="day",
        right_on="begins",
        by=_PAIR,
        strategy="backward",
        check_sortedness=False,
    )
    inside = (pl.col("day") <= pl.col("ends")).fill_null(value=False)
    return found.filter(~inside)["__n"]


def _marked(rows: pl.DataFrame, bad: pl.DataFrame, on: list[str]) -> pl.Series:
    if not bad.height:
        return pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
    flagged = bad.with_columns(pl.lit(value=True).alias("__flag"))
    found = rows.select(on).join(flagged, on=on, how="left", maintain_order="left")
    return found["__flag"].fill_null(value=False)
