"""docs/registers.md is held against the schema: nothing is missing, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.registers import bundle, manifest, oneroster, sudden
from engine.registers.problems import PROBLEMS
from engine.registers.read import read_registers
from engine.registers.schema import ALL, REGISTERS, Register

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\.csv\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))


def test_each_file_has_a_section_and_no_other_has() -> None:
    """In the order of the schema, which is that in which they are read."""
    assert list(SECTIONS) == [register.file for register in ALL]


@pytest.mark.parametrize("register", ALL, ids=lambda register: register.name)
def test_a_section_names_all_columns_and_what_may_stand_in_them(register: Register) -> None:
    """Each column by its header, whether it is required, its words, its bounds, its target."""
    rows = {
        row[0]: row[1:]
        for row in re.findall(
            r"^\| `([\w.]+)` \| ([^|]+) \| (yes|no) \| ([^|]+) \|$",
            SECTIONS[register.file],
            re.MULTILINE,
        )
    }
    assert list(rows) == [column.header for column in register.columns]
    for column in register.columns:
        holds, required, valid = rows[column.header]
        assert holds
        assert (required == "yes") == column.required
        if column.kind == "category":
            assert re.findall(r"`(\w[\w ]*)`", valid) == [word for word, _ in column.words]
        if column.low is not None:
            assert f"{column.low:g} to {column.high:g}" in valid
        if column.to:
            assert f"`{REGISTERS[column.to].file}.csv`" in valid
    for name in register.natural:
        header = next(column.header for column in register.columns if column.name == name)
        assert f"`{header}`" in SECTIONS[register.file].split("\n| Column")[0]


def test_the_page_names_what_stands_beside_the_registers() -> None:
    """The manifest's properties, OneRoster's own files and columns, sudden changes."""
    named = [manifest.EXPORTED, manifest.RECORDED, manifest.SOURCE, *oneroster._RESULTS]
    named += [f"{name}.csv" for name in bundle.BESIDE]
    source = Path(sudden.__file__).read_text(encoding="utf-8")
    named += re.findall(r'yield "([a-z-]+)"', source)
    assert len(named) > 15
    for name in named:
        assert f"`{name}`" in PAGE, name


def test_each_problem_of_a_row_is_on_the_page_and_in_the_readme() -> None:
    """A code that can stand in a rejects file can be looked up."""
    for code in PROBLEMS:
        assert f"`{code}`" in PAGE, code
        assert f"`{code}`" in README, code


def test_each_problem_of_a_file_is_in_the_readme() -> None:
    """The codes that files of registers are refused with."""
    codes: set[str] = set()
    for path in (ROOT / "engine" / "registers").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r'refused\(\s*[^,"]+,\s*"([a-z-]+)"', text))
    assert {"undated", "bundle-order", "column-missing"} <= codes
    for code in codes:
        assert f"`{code}`" in README, code


def test_the_tiny_example_is_read_without_a_word(tmp_path: Path) -> None:
    """What a developer copies from the page works: all rows are used."""
    (example,) = re.findall(r"```\n(2025-12/manifest.csv\n.*?)```", PAGE, re.DOTALL)
    for text in example.strip().split("\n\n"):
        name, content = text.split("\n", maxsplit=1)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{content}\n", encoding="utf-8")
    reading = read_registers(tmp_path / "2025-12")
    assert not reading.rejects.height
    assert [(count.used, count.read) for count in reading.files] == [
        (n, n) for n in (3, 2, 2, 1, 1, 2)
    ]
