"""A small history, and what rules say of it."""

from __future__ import annotations

import pytest

from engine.load import load, load_catalogue
from engine.replay.history import History, read_history
from engine.replay.replay import Replay, replay
from engine.ruleset import Ruleset
from tests.conftest import ROOT
from tests.notebooks.made import write_history


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Return a history of 1,200 rows."""
    path = write_history(tmp_path_factory.mktemp("history") / "history.parquet", 200)
    return read_history(path, load_catalogue(ROOT / "rules"))


@pytest.fixture(scope="session")
def ruleset() -> Ruleset:
    """Return the default rules."""
    return load(ROOT / "rules" / "lv")


@pytest.fixture(scope="session")
def replayed(history: History, ruleset: Ruleset) -> Replay:
    """Return their replay."""
    return replay(history, ruleset)


@pytest.fixture(scope="session")
def other(history: History) -> Replay:
    """Return the replay of other rules over the same history."""
    return replay(history, load(ROOT / "rules" / "published" / "ewims"))
