"""What runs notebooks: a small history, and settings of nobody but the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.made import write_history


@pytest.fixture(scope="session")
def small_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small history's file."""
    return write_history(tmp_path_factory.mktemp("history") / "history.parquet")


@pytest.fixture
def desk_here(small_history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the environment in which a kernel works on the small history; return its folder."""
    monkeypatch.setenv("PUMPURS_HISTORY", str(small_history))
    monkeypatch.setenv("PUMPURS_DATA", str(tmp_path / "no-data"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    return tmp_path
