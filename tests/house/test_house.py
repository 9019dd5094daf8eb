"""The house keeps its own rules: sizes, docstrings, documents, words about itself."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from engine import errors
from engine.canonical import PROBLEMS
from engine.load import load_catalogue
from engine.text import LANGUAGES
from service import phrases
from service.usecases import sent

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "service").rglob("*.py")])
TEXTS = [
    "README.md",
    "rules/README.md",
    "docs/why.md",
    "docs/glossary.md",
    "docs/lab.md",
    "docs/operating.md",
    "CHANGELOG.md",
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_and_says_what_it_is(path: Path) -> None:
    """No module above 300 lines, no function above 40, a docstring at the top."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    assert len(text.splitlines()) <= 300
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 52, node.name
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= 40, node.name


def test_the_engine_is_pure() -> None:
    """No network, no database, no clock in the engine."""
    forbidden = re.compile(
        r"^\s*(import|from) (socket|http|urllib|sqlite3|sqlalchemy|time|requests)\b"
        r"|datetime\.now|date\.today|time\.time\(",
        re.MULTILINE,
    )
    for path in (ROOT / "engine").rglob("*.py"):
        assert not forbidden.search(path.read_text(encoding="utf-8")), path


def test_every_module_of_the_engine_has_its_layer() -> None:
    """The import contract names each module, so that a new one must find its place."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip() for layer in layers for name in layer.split(":")}
    found = {
        f"engine.{path.stem if path.suffix else path.name}"
        for path in (ROOT / "engine").iterdir()
        if path.name not in ("__init__.py", "__pycache__")
    }
    assert found <= named


@pytest.mark.parametrize("name", TEXTS)
def test_a_document_is_there_and_its_links_lead_somewhere(name: str) -> None:
    """Relative links in documents point to files that exist."""
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    assert len(text) > 300
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / link).exists(), link


def test_every_column_is_documented() -> None:
    """The README names each column of the output."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for column in ("possible_score", "undetermined", "not_applicable", "offers", "missing"):
        assert f"`{column}`" in readme


def test_every_error_code_is_documented() -> None:
    """Each code that can be reported stands in rules/README.md or README.md."""
    pages = "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "rules/README.md")
    )
    codes = {*PROBLEMS, *sent.PROBLEMS}
    for path in MODULES:
        codes |= set(re.findall(r'Problem\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    missing = {code for code in codes if f"`{code}`" not in pages}
    assert not missing


def test_every_indicator_is_declared_in_both_languages() -> None:
    """Labels and definitions differ between the languages, and labels fit before a colon."""
    for indicator in load_catalogue(ROOT / "rules" / "lv").indicators.values():
        for text in (indicator.label, indicator.definition):
            assert text.lv.strip()
            assert text.lv != text.en
        assert not indicator.label.lv.endswith((".", ":"))


def test_what_the_command_line_says_is_there_in_both_languages() -> None:
    """No phrase is blank, and both languages take the same fields."""
    for name, text in phrases.PHRASES.items():
        fields = [sorted(re.findall(r"{\w*}", text[language])) for language in LANGUAGES]
        assert fields[0] == fields[1], name


def test_the_error_tree_is_drawn_as_it_is() -> None:
    """The docstring of the errors names every class of the tree."""
    drawn = errors.__doc__ or ""
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)]
    assert all(each.__name__ in drawn for each in classes)


def test_the_project_speaks_of_itself_alone() -> None:
    """No machine path, no package index, no foreign folder in what is committed."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    allowed = {"tests/house/test_house.py"}
    for name in set(listed.stdout.split()) - allowed:
        text = (ROOT / name).read_text(encoding="utf-8", errors="ignore")
        for word in ("/work/", "pypi.org", "files.pythonhosted", "registry.npmjs", "deb.debian"):
            assert word not in text, (name, word)


def test_the_lock_has_hashes_and_no_addresses() -> None:
    """Every requirement is pinned by hash; where it comes from is the installer's business."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    requirements = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(requirements) > 30
    assert all("==" in line and line.endswith("\\") for line in requirements)
    assert "://" not in lock


def test_the_readme_s_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The example in the README is code that works."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (code,) = [block for block in blocks if "service.client" not in block]  # that needs a service
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert "absence" in capsys.readouterr().out
