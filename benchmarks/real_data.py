"""Suggest on real data: drafts beside gradient boosting and hand-written rules, on later cohorts.

Prints, for each dataset of the folder named by ``PUMPURS_DATA``, the AUC on cohorts that nothing
was tuned on, and precision where 20 % are flagged: as the draft stated it, and as it came out. All
of a block read the same columns. UCI 697: tuned on cohorts up to 2012, judged on 2013 and 2014,
with what is known at the end of the first semester; OULAD: day 60, tuned on 2013B, judged on 2013J;
UCI 320: too small for a draft. Skips with a clear line where the data are not there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

from benchmarks.twelve import ROOT, report
from engine.drafting.calibrate import auc, caught
from engine.drafting.scorecard import counts
from engine.drafting.suggest import Draft, Plan, suggest
from engine.errors import DataError
from engine.executors.columns import Columns
from engine.frame import ROW
from engine.indicator import Catalogue, Direction, Indicator
from engine.load import load, load_catalogue
from engine.registers.adapters import adapt
from engine.registers.read import read_registers
from engine.replay.history import OUTCOME, History, history_of
from engine.replay.past import past
from engine.replay.realinho import realinho
from engine.table import Table
from engine.text import Text

DATA = Path(os.environ.get("PUMPURS_DATA", ROOT.parent / "shared" / "data"))
DAY_60 = {"2013B": date(2013, 4, 2), "2013J": date(2013, 11, 30)}
HORIZON = 240  # days, in which both presentations end
EXAMPLES = ROOT / "rules" / "examples"


@dataclass(frozen=True)
class Line:
    """One line of the table; `stated` is what was promised before the later cohorts were met."""

    name: str
    auc: float
    precision: float
    stated: float | None = None


def history(rows: pl.DataFrame, catalogue: Catalogue, horizon: int | None = None) -> History:
    """Return rows as a history."""
    table = Table(rows.lazy().with_row_index(ROW, offset=2), tuple(rows.columns))
    return replace(history_of(table, catalogue, "0" * 64), horizon=horizon)


def measured(name: str, scores: np.ndarray, left: np.ndarray) -> Line:
    """Return AUC and precision at 20 % flagged of any scores; ties are shared out."""
    ranks = np.unique(scores, return_inverse=True)[1]
    pairs = counts(ranks.astype(np.intp), left.astype(np.intp))
    return Line(name, auc(*pairs), caught(*pairs, 0.2)[0])


def boosted(draft: Draft, tune: pl.DataFrame, later: pl.DataFrame) -> Iterator[Line]:
    """Yield gradient boosting on the draft's columns: as it comes, and held back."""
    names = [axis.indicator.name for axis in draft.axes]
    one, two = (part.select(pl.col(names).cast(pl.Float64)).to_numpy() for part in (tune, later))
    left = tune[OUTCOME].to_numpy().astype(int)
    settings = {
        "gradient boosting": {},
        "gradient boosting, held back": {
            "max_depth": 3, "learning_rate": 0.05, "max_iter": 150, "min_samples_leaf": 40,
        },
    }  # fmt: skip
    for name, chosen in settings.items():
        model = HistGradientBoostingClassifier(random_state=0, **chosen).fit(one, left)
        yield measured(name, model.predict_proba(two)[:, 1], later[OUTCOME].to_numpy())


def _share(rows: pl.DataFrame) -> float:
    """Return which share left."""
    return float(rows[OUTCOME].to_numpy().mean())


def compared(title: str, read: History, after: str, rules: Path | None = None) -> None:
    """Print the table of one dataset, and whether the draft keeps up and keeps its word."""
    draft = suggest(read, Plan(steps=10), after)
    assert draft.split is not None
    assert draft.ruleset is not None
    assert draft.judged is not None
    known = pl.col(OUTCOME).is_not_null()
    tune, later = (draft.split.rows(read, part).filter(known) for part in ("tune", "judge"))
    boosting = list(boosted(draft, tune, later))
    left = later[OUTCOME].to_numpy()
    lines = [*boosting]
    for name, ruleset in (("by hand", load(rules) if rules else None), ("draft", draft.ruleset)):
        if ruleset is None:
            continue
        score = Columns(ruleset).run(later.lazy()).select("score").collect()["score"].to_numpy()
        lines.append(measured(name, score, left))
    stated = draft.expected.next.precision
    lines[-1] = replace(lines[-1], name=f"draft of {len(draft.card)} steps", stated=stated)
    print(f"\n{title}: {tune.height:,} rows tuned on, of which {_share(tune):.1%} left;"
          f" {later.height:,} judged, {_share(later):.1%} left")  # fmt: skip
    print(f"  {'':34}{'AUC':>8}{'precision at 20 %':>20}{'stated':>9}")
    for line in lines:
        shown = "" if line.stated is None else f"{line.stated:.3f}"
        print(f"  {line.name:34}{line.auc:8.3f}{line.precision:20.3f}{shown:>9}")
    behind = max(line.auc for line in boosting) - lines[-1].auc
    report("AUC behind the better boosting", behind, "<= 0.02", good=behind <= 0.02)
    off = abs(stated - lines[-1].precision)
    report("precision, stated and met, apart", off, "<= 0.05", good=off <= 0.05)


def uci_697() -> None:
    """Compare on students of higher education, in the ways in which the data can be read."""
    rows = realinho(DATA / "uci697")
    catalogue = load_catalogue(EXAMPLES / "realinho")
    rules = EXAMPLES / "realinho"
    compared("UCI 697, enrolled students unknown", history(rows, catalogue), "2012", rules)
    stayed = rows.with_columns(pl.col(OUTCOME).fill_null(0))
    compared("UCI 697, enrolled students stayed", history(stayed, catalogue), "2012", rules)
    fees = {
        name: replace(catalogue.indicators[name], use="scoring", direction="higher_is_worse")
        for name in ("fees_unpaid", "debtor")
    }
    leaky = replace(catalogue, indicators={**catalogue.indicators, **fees})
    title = "UCI 697 with fees (no rule may read them, and they may be later than the dropout)"
    compared(title, history(rows, leaky), "2012")


def oulad() -> None:
    """Compare on distance learners on day 60, from the registers on."""
    folder, catalogue = EXAMPLES / "oulad", load_catalogue(EXAMPLES / "oulad")
    with tempfile.TemporaryDirectory() as work:
        adapt("oulad", DATA / "oulad-2013", Path(work) / "bundles")
        registers = read_registers(Path(work) / "bundles").history
        parts = [rows for _, rows in past(registers, catalogue, list(DAY_60.values()), HORIZON)]
    begun = [
        rows.filter(pl.col("school").str.ends_with(presentation))  # some register months ahead
        for presentation, rows in zip(DAY_60, parts, strict=True)
    ]
    compared("OULAD, day 60", history(pl.concat(begun), catalogue, HORIZON), "2013-04-02", folder)


def pupil_indicators() -> Catalogue:
    """Return what UCI 320 tells of pupils in the first period."""

    def declared(name: str, en: str, high: int, *, falls: bool = False) -> Indicator:
        label = Text(f"{en} (UCI 320)", en)
        worse: Direction = "lower_is_worse" if falls else "higher_is_worse"
        return Indicator(
            name, label, label, "performance", "count", "term", worse, "UCI 320", "scoring",
            unit="plain", high=high,
        )  # fmt: skip

    found = [
        declared("absences", "Absences", 100),
        declared("failures", "Classes failed before", 4),
        declared("G1", "Grade of the first period", 20, falls=True),
    ]
    catalogue = load_catalogue(ROOT / "rules" / "lv")
    return replace(catalogue, indicators={i.name: i for i in found})


def uci_320() -> None:
    """Show that a few hundred pupils are too few, or lead to a shrunken draft."""
    for subject in ("mat", "por"):
        table = pl.read_csv(DATA / "uci320" / f"student-{subject}.csv")
        rows = table.with_row_index("pupil_key").select(
            pl.format("p{}", "pupil_key").alias("pupil_key"),
            (pl.col("G3") < 10).alias(OUTCOME),
            "absences", "failures", "G1",
        )  # fmt: skip
        print(f"\nUCI 320, {subject}: {rows.height} pupils, {rows[OUTCOME].sum()} failed")
        try:
            draft = suggest(history(rows, pupil_indicators()), Plan(steps=10))
        except DataError as error:
            print(f"  declined: {error.problems[0].message}")
            report("declined or shrunk", 1, "= 1", good=True)
            continue
        shrunk = draft.limit < draft.plan.steps
        print(f"  at most {draft.limit} steps, drafted {len(draft.card)}")
        report("declined or shrunk", int(shrunk), "= 1", good=shrunk)


def main() -> None:
    """Print a table for each dataset that is there."""
    for name, run in (("uci697", uci_697), ("oulad-2013", oulad), ("uci320", uci_320)):
        if (DATA / name).is_dir():
            run()
        else:
            print(f"{name}: skipped, the dataset is not here: {DATA / name} (set PUMPURS_DATA)")


if __name__ == "__main__":
    main()
