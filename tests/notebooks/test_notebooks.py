"""Notebooks run from top to bottom, show what they speak of, and hold no logic."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

import jupytext
import polars as pl
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from engine.lab import cases, desk
from engine.lab.picture import VEGA_LITE
from engine.text import LANGUAGES
from tests.conftest import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))
LATVIAN = re.compile("[āčēģīķļņšūž]")
LOGIC = (
    ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.IfExp, ast.Lambda, ast.Try,
    ast.With, ast.comprehension, ast.BinOp, ast.BoolOp, ast.Compare, ast.AugAssign, ast.Assert,
)  # fmt: skip


def run(path: Path) -> NotebookNode:
    """Return a notebook after all its cells were run; an error in one of them fails the test."""
    notebook: NotebookNode = jupytext.read(path)
    resources = {"metadata": {"path": str(FOLDER)}}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources)
    client.execute()
    return notebook


def outputs(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the data of all that cells show."""
    every = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert not [out for out in every if out["output_type"] in ("error", "stream")]
    return [out["data"] for out in every if "data" in out]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("desk_here")
def test_a_notebook_runs_and_shows_what_it_speaks_of(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cell after the first shows a picture, a table, a page or sliders, in one language."""
    language = LANGUAGES[NOTEBOOKS.index(path) % 2]
    monkeypatch.setenv("PUMPURS_LANG", language)
    notebook = run(path)
    shown = outputs(notebook)
    assert len(shown) >= 3
    pictures = [data for data in shown if VEGA_LITE in data]
    for data in pictures:
        assert data["image/svg+xml"].startswith("<svg")
        assert bool(LATVIAN.search(data[VEGA_LITE]["description"])) == (language == "lv")
    assert all(set(data) - {"text/plain"} or data["text/plain"] for data in shown)


@pytest.mark.usefixtures("desk_here")
def test_a_flat_file_of_one_s_own_works_too(
    small_history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CSV file of keys, indicators and outcomes alone: what needs more says so."""
    flat = tmp_path / "flat.csv"
    extra = ("as_of", "cohort", "left_on", "school", "observed_on", "sex", "home_language")
    pl.read_parquet(small_history).drop(extra).write_csv(flat)
    monkeypatch.setenv("PUMPURS_HISTORY", str(flat))
    monkeypatch.setenv("PUMPURS_LANG", "en")
    shown = outputs(run(FOLDER / "01_replay.py"))
    pages = [data["text/markdown"] for data in shown if "text/markdown" in data]
    assert sum("has not the column" in text for text in pages) == 3  # cohort, school, lead time
    assert len([data for data in shown if VEGA_LITE in data]) >= 5


@pytest.mark.usefixtures("desk_here")
@pytest.mark.parametrize("text", [None, "pupil_key,outcome,attendance_rate_45d\na,0,0.9\n"])
def test_a_history_that_cannot_be_used_gets_a_line_and_a_remedy(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file, or one class only: what is wrong and what to do, without a traceback."""
    path = tmp_path / "given.csv"
    if text:
        path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PUMPURS_HISTORY", str(path))
    notebook: NotebookNode = jupytext.read(FOLDER / "01_replay.py")
    resources = {"metadata": {"path": str(FOLDER)}}
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    told = [o for c in notebook.cells for o in c.get("outputs", []) if o["output_type"] == "error"]
    (lines,) = ("\n".join(each["traceback"]).splitlines() for each in told)
    assert len(lines) == 2
    assert lines[0].startswith("DataError: ")
    assert lines[1].startswith("  hint: ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_section_speaks_latvian_too(path: Path) -> None:
    """Headings are in both languages, and each section has words of its own in Latvian."""
    sections = re.split(r"^# ##? ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for section in sections:
        head, *rest = section.split("\n")
        assert " · " in head, head
        assert LATVIAN.search("\n".join(rest)), head


DATA = Path(os.environ.get("PUMPURS_DATA") or ROOT.parent / "shared" / "data")


@pytest.mark.usefixtures("desk_here")
def test_real_data_are_shown_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both cases tell whose data they are, and what the draft promised and kept."""
    if not all((DATA / name).is_dir() for name in ("uci697", "oulad-2013")):
        pytest.skip(f"no real data in {DATA} (set PUMPURS_DATA)")
    monkeypatch.setenv("PUMPURS_DATA", str(DATA))
    monkeypatch.setenv("PUMPURS_LANG", "en")
    shown = outputs(run(FOLDER / "06_real_data.py"))
    pages = " ".join(data.get("text/markdown", "") for data in shown)
    assert "UCI 697" in pages
    assert "OULAD" in pages
    assert "not here" not in pages
    tables = [data["text/html"] for data in shown if "text/html" in data]
    assert sum("Later cohorts" in html for html in tables) == 2


@pytest.mark.usefixtures("desk_here")
def test_without_real_data_the_notebook_says_what_stands_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line names the folder that is missing and how to name it."""
    monkeypatch.setattr(desk, "data", lambda: Path("nowhere"))
    for case in (cases.students(), cases.distance_learners()):
        note = case.note("en").text
        assert "not here" in note
        assert "PUMPURS_DATA" in note
        assert "synthetic" in note


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_calls_and_prose_alone(path: Path) -> None:
    """No definitions, branches, loops or arithmetic, and imports of the engine only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, LOGIC) or is_path(node), ast.unparse(node)
        assert not isinstance(node, ast.Import), ast.unparse(node)
        if isinstance(node, ast.ImportFrom):
            assert node.module == "pathlib" or str(node.module).startswith("engine.")


def is_path(node: ast.AST) -> bool:
    """Whether this joins a folder and a name, which is no arithmetic."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and (
        isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
    )  # fmt: skip


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_text_without_outputs_that_teaches(path: Path) -> None:
    """A head that names the kernel, a Latvian summary, and more prose than code."""
    text = path.read_text(encoding="utf-8")
    assert "name: python3" in text.split("# %%")[0]
    assert "> **Latviski.**" in text
    notebook = jupytext.reads(text, fmt="py:percent")
    prose = sum(len(c.source) for c in notebook.cells if c.cell_type == "markdown")
    code = sum(len(c.source) for c in notebook.cells if c.cell_type == "code")
    assert prose > code
    assert not [c for c in notebook.cells if c.get("outputs")]
    assert jupytext.writes(notebook, fmt="py:percent").count("# %%") == text.count("# %%")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_between_notebooks_lead_somewhere(path: Path) -> None:
    """Each linked notebook is there."""
    for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (FOLDER / link).exists(), link
