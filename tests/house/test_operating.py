"""docs/operating.md and deploy/ are held against the program: nothing is missing or made up."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from fastapi import FastAPI
from ruamel.yaml import YAML

from service.api.metrics import Metrics
from service.app import application
from service.cli import app
from service.identity.caller import Role
from service.problems import KINDS
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
PROGRAM = "/opt/pumpurs/bin/pumpurs"


def commands(group: Any, path: str = "pumpurs") -> Iterator[str]:  # noqa: ANN401  click's own
    """Yield every command, with those above it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


COMMANDS = sorted(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_documented(command: str) -> None:
    """In the README, or in how to operate; those above a command are no commands."""
    assert re.search(rf"`{command}[ `]", README + OPERATING)


def test_no_command_is_documented_that_is_not_there() -> None:
    """Whatever stands as `pumpurs ...` in texts and files can be run."""
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    texts = [README, OPERATING, *(path.read_text(encoding="utf-8") for path in files)]
    groups = {command.rpartition(" ")[0] for command in COMMANDS} - {"pumpurs"}
    for text in texts:
        for first, second in re.findall(
            r"(?:^|`|bin/)pumpurs ([a-z]+)(?: ([a-z]+))?", text, re.MULTILINE
        ):
            named = f"pumpurs {first}"
            known = named in COMMANDS or (named in groups and f"{named} {second}" in COMMANDS)
            assert known, f"{named} {second}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_documented_with_its_default(name: str) -> None:
    """One row a setting."""
    default = Settings.model_fields[name].default
    shown = str(default).lower() if isinstance(default, bool) else str(default or "")
    row = f"| `{PREFIX}{name.upper()}` | {f'`{shown}`' if shown not in ('', '()') else '(none)'} |"
    assert row in OPERATING


def test_no_setting_is_documented_that_is_not_there() -> None:
    """A setting that was renamed leaves no trace, in texts or in files."""
    named = set(re.findall(rf"{PREFIX}([A-Z_]+[A-Z])", OPERATING))
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            named |= set(re.findall(rf"{PREFIX}([A-Z_]+[A-Z])", path.read_text(encoding="utf-8")))
    assert named - {name.upper() for name in Settings.model_fields} == {"LANG"}


def test_every_metric_is_documented_and_no_other() -> None:
    """By the name under which it is scraped."""
    families = list(Metrics().registry.collect())
    known = {f.name if f.type == "histogram" else f"{f.name}_total" for f in families}
    assert set(re.findall(r"^\| `(pumpurs_[a-z_]+)`", OPERATING, re.MULTILINE)) == known


def test_every_route_is_documented() -> None:
    """By method and template."""
    inner: Any = application(Settings())
    while not isinstance(inner, FastAPI):
        inner = cast("Any", inner).inner
    for path, methods in inner.openapi()["paths"].items():
        assert re.search(
            rf"`(?:{methods_of(methods)}) {re.escape(path)}`|, `{re.escape(path)}`", OPERATING
        ), path


def methods_of(methods: dict[str, object]) -> str:
    return "|".join(sorted(each.upper() for each in methods))


def test_every_role_is_documented() -> None:
    """With what it may do."""
    for role in Role:
        assert f"| `{role}` |" in OPERATING


def test_every_file_that_is_named_is_there() -> None:
    """Links lead somewhere, and the container copies what exists."""
    for link in re.findall(r"\]\(([^)#:]+)\)", OPERATING):
        assert (ROOT / "docs" / link).exists(), link
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    let_in = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", container, re.MULTILINE):
        for name in line.split():
            assert (ROOT / name).exists(), name
            assert f"!{name}\n" in let_in, name


def test_the_container_runs_without_rights_and_names_no_index() -> None:
    """A user of its own, compiled code, a check of health; where packages come from is not ours."""
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    last = container.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0\b)\d+$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "UV_COMPILE_BYTECODE=1" in container
    assert "index" not in re.sub(r"^#.*$", "", container, flags=re.MULTILINE)


def test_the_compose_file_serves_as_a_role_without_rights() -> None:
    """Migrations run first, as the owner; the service runs as another; all passwords are asked."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    found = YAML(typ="safe", pure=True).load(text)
    migrate, service = (found["services"][name] for name in ("migrate", "service"))
    assert migrate["command"] == ["db", "upgrade"]
    assert "//pumpurs_owner:" in migrate["environment"]["PUMPURS_DATABASE"]
    assert "//pumpurs:" in service["environment"]["PUMPURS_DATABASE"]
    assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert (ROOT / "deploy" / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).exists()
    mounted = [each.split(":")[0] for each in found["services"]["database"]["volumes"]]
    assert all((DEPLOY / each).exists() for each in mounted if each.startswith("."))
    wanted = set(re.findall(r"\$\{(\w+)", text))
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")
    assert wanted == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """They are read without a warning, and what the service may do is little."""
    stand_in = shutil.which("true") or ""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(PROGRAM, stand_in)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    paths = [str(tmp_path / unit.name) for unit in UNITS]
    verify = ["systemd-analyze", "verify", "--man=no", *paths]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if any(unit.name in line for unit in UNITS)]
    assert (done.returncode, said) == (0, []), done.stderr
    secure = ["systemd-analyze", "security", "--offline=true", "--threshold=20"]
    done = subprocess.run(
        [*secure, str(tmp_path / "pumpurs.service")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_first_set_up_fits_the_unit() -> None:
    """It makes the unit's user, folder and settings, and calls the program as that user."""
    text = OPERATING.partition("## First set-up")[2].partition("\n## ")[0]
    unit = dict(
        re.findall(r"^(\w+)=-?(\S+)", (DEPLOY / "pumpurs.service").read_text("utf-8"), re.MULTILINE)
    )
    user, folder, file = unit["User"], unit["WorkingDirectory"], unit["EnvironmentFile"]
    assert re.search(rf"^sudo useradd .*--user-group {user}$", text, re.MULTILINE)
    assert re.search(rf"--mode {unit['StateDirectoryMode']} {folder}$", text, re.MULTILINE)
    assert re.search(
        rf"PUMPURS_DATABASE=sqlite:///{folder}/\S+ \| sudo tee {file}$", text, re.MULTILINE
    )
    assert f"sudo -u {user} env PUMPURS_DATABASE=sqlite:///{folder}/" in text
    assert unit["ExecStart"] == PROGRAM
    assert f'{PROGRAM} "$@"' in text


def test_every_problem_is_told_what_to_do_about() -> None:
    """Where a problem's `type` leads, there is a remedy."""
    assert all(kind.remedy.endswith(".") for kind in KINDS.values())
