"""Indicators of made-up pupils, for tests and benchmarks that need many."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from engine.indicators.compute import indicators
from engine.load import load_catalogue
from engine.registers.read import read_history
from service.synth.plan import Plan
from service.synth.write import write_history

RULES = Path(__file__).parents[2] / "rules" / "lv"
AS_OF = date(2026, 1, 16)


def made_indicators(pupils: int, seed: int) -> pl.DataFrame:
    """Return the indicators of about so many pupils as of `AS_OF`."""
    with TemporaryDirectory() as folder:
        write_history(Plan(pupils, 1, seed, AS_OF.year - 1), Path(folder))
        history = read_history(Path(folder))
        return indicators(history, load_catalogue(RULES), AS_OF).collect()
