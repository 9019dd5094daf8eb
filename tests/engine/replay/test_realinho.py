"""A real dataset becomes a history, of what was known at the end of the first semester."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from engine.drafting.suggest import Plan, suggest
from engine.errors import DataError
from engine.load import load_catalogue
from engine.replay.history import History, read_history
from engine.replay.realinho import FILE, realinho

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("PUMPURS_DATA", ROOT.parent / "shared" / "data")) / "uci697"
CATALOGUE = load_catalogue(ROOT / "rules" / "examples" / "realinho")
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the dataset is not here: {DATA} (set PUMPURS_DATA)"
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Return the whole dataset, written and read as any history is."""
    path = tmp_path_factory.mktemp("realinho") / "history.parquet"
    realinho(DATA).write_parquet(path)
    return read_history(path, CATALOGUE)


@needs_data
def test_every_student_is_there_and_nobody_is_taken_for_staying(history: History) -> None:
    """As many as the file has, none rejected; who is still enrolled has no outcome."""
    given = pl.read_csv(DATA / FILE)["Target"].value_counts()
    counts = dict(given.iter_rows())
    assert history.rejected == 0
    assert history.rows.height == sum(counts.values())
    outcomes = history.rows["outcome"]
    assert outcomes.sum() == counts["Dropout"]
    assert (~outcomes).sum() == counts["Graduate"]
    assert outcomes.null_count() == counts["Enrolled"]


@needs_data
def test_nothing_of_the_second_semester_is_in_it(tmp_path: Path) -> None:
    """A file whose later columns say anything else gives the same history."""
    given = pl.read_csv(DATA / FILE)
    later = [name for name in given.columns if "2nd sem" in name]
    assert len(later) == 6
    given.with_columns(pl.lit(99).alias(name) for name in later).write_csv(tmp_path / FILE)
    assert realinho(tmp_path).equals(realinho(DATA))


@needs_data
def test_a_draft_holds_what_it_states_on_later_cohorts(history: History) -> None:
    """Tuned up to 2012: precision on 2013 and 2014 is within 0.05 of what was stated before."""
    draft = suggest(history, Plan(steps=10), after="2012")
    assert draft.judged is not None
    assert draft.ruleset is not None
    assert len(draft.card) <= 10
    assert abs(draft.judged.precision - draft.expected.next.precision) <= 0.05
    assert draft.judged.auc > 0.86
    assert not {"fees_unpaid", "debtor", "sex", "age_group"} & set(draft.ruleset.reads)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    """The file that is missing is named, and so is a column."""
    with pytest.raises(DataError, match=FILE):
        realinho(tmp_path)
    (tmp_path / FILE).write_text("Target\nDropout\n", encoding="utf-8")
    with pytest.raises(DataError, match="column-missing"):
        realinho(tmp_path)
