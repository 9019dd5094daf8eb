"""Whom to look at first, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from rich.markup import escape
from rich.table import Table as Grid

from engine.assess import Assessment, Assessor
from engine.canonical import KEY
from engine.indicators.cohort import enrolled
from engine.pupil import find_pupil
from engine.text import Language
from engine.words.assessments import AssessmentWords
from service.phrases import say
from service.scoring import Run, colour

FIRST = 5
SCHOOL, CLASS = "school", "class_name"
Known = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Caseload:
    """A scoring run as of a day, with the registers from which its indicators come."""

    run: Run
    known: Known
    as_of: date
    language: Language

    @property
    def words(self) -> AssessmentWords:
        """The run's rules in words."""
        return AssessmentWords(self.run.ruleset, self.language)

    def gravest(self) -> pl.LazyFrame:
        """Return the assessments, gravest first: by sure level, possible level, and scores."""
        ranks = {level.id: rank for rank, level in enumerate(self.run.ruleset.levels)}
        levels = pl.col("level", "possible_level")
        grave = self.run.assessments.with_columns(
            levels.replace_strict(ranks, default=-1, return_dtype=pl.Int8).name.suffix("_rank")
        )
        by = ["level_rank", "possible_level_rank", "score", "possible_score"]
        return grave.sort(*by, KEY, descending=[True, True, True, True, False])

    def first_key(self) -> str:
        """Return the key of the pupil to look at first."""
        return str(self.gravest().select(KEY).head(1).collect().item())

    def first_school(self) -> str:
        """Return that pupil's school."""
        mine = self.run.table.frame.filter(pl.col(KEY) == self.first_key())
        return str(mine.select(SCHOOL).collect().item())

    def assessment(self, key: str) -> Assessment:
        """Return a pupil's assessment with its reasons."""
        pupil = find_pupil(self.run.table, key, self.run.ruleset, self.as_of)
        return Assessor(self.run.ruleset).assess(pupil.record)

    def classes(self) -> pl.LazyFrame:
        """Return each pupil's school and class: pupil_key, school, class_name."""
        mine = enrolled(self.known, self.as_of).select("pupil", SCHOOL, "begins")
        both = self.known["enrolments"].join(mine, on=["pupil", SCHOOL, "begins"])
        return both.select(pl.col("pupil").alias(KEY), SCHOOL, CLASS).unique(KEY)


def first(load: Caseload) -> Grid:
    """Return the pupils to look at first, with their reasons in words."""
    language, words = load.language, load.words
    title = say("first-title", language)
    grid = Grid(title=title, title_justify="left", title_style="bold", show_lines=True)
    grid.add_column(say("pupil", language), no_wrap=True)
    grid.add_column(say("level", language), max_width=12)
    grid.add_column(say("score", language))
    grid.add_column(say("why", language), ratio=1)
    gravest = (
        load.gravest()
        .head(FIRST)
        .select(KEY)
        .join(load.classes(), on=KEY, how="left", maintain_order="left")
    )
    for key, *place in gravest.collect().iter_rows():
        found = load.assessment(key)
        reasons = "\n".join(f"• {escape(words.brief(reason))}" for reason in words.raising(found))
        level = escape(words.level(found.level, found.possible_level))
        score = words.score(found.score, found.possible_score)
        who = escape(f"{key}\n{' '.join(each for each in place if each)}")
        shown = f"[{colour(load.run.ruleset, found.level)}]{level}[/]"
        grid.add_row(who, shown, score, reasons)
    return grid
