"""The lab as an analyst has it: JupyterLab in a real browser, with nothing from outside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from engine.load import load, load_catalogue
from engine.replay.cuts import at_level
from engine.replay.figures import counts
from engine.replay.history import read_history
from engine.replay.replay import replay
from tests.conftest import ROOT
from tests.service.servers import free_port

CHROMIUM = shutil.which("chromium")
SECONDS = 90.0
PICTURE = """
# %%
from engine.lab import desk, views
from engine.load import load, load_catalogue
from engine.replay.history import read_history
from engine.replay.replay import replay

history = read_history(desk.history(), load_catalogue(desk.RULES))
views.scores(replay(history, load(desk.RULES / "lv")), "lv")
"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium): no browser tests"
)


@dataclass
class Lab:
    """A running JupyterLab: its address, the folder it shows, and what asked for other hosts."""

    address: str
    folder: Path
    outside: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def lab(small_history: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab as ``make lab`` does, on a copy of the notebooks."""
    work = tmp_path_factory.mktemp("lab")
    folder = work / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (folder / "picture.py").write_text(
        (folder / "01_replay.py").read_text().split("# %%")[0] + PICTURE
    )
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_PATH": str(folder / ".jupyter"),
        "JUPYTER_CONFIG_DIR": str(work / "config"),
        "JUPYTER_DATA_DIR": str(work / "data"),
        "JUPYTER_RUNTIME_DIR": str(work / "runtime"),
        "IPYTHONDIR": str(work / "ipython"),
        "PUMPURS_HISTORY": str(small_history),
        "PUMPURS_LANG": "en",
    }
    command = [str(ROOT / ".venv/bin/jupyter"), "lab", "--no-browser", f"--port={free_port()}"]
    log = work / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=work, env=environment, stdout=out, stderr=out)
        try:
            yield Lab(_address(process, log), folder)
        finally:
            process.terminate()
            process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", log.read_text())
        if found:
            return found[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def page(lab: Lab) -> Iterator[Page]:
    """Return a page of the lab in Chromium; it reaches no other host."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1100})
        page.set_default_timeout(SECONDS * 1000)
        expect.set_options(timeout=SECONDS * 1000)

        def pass_on(route: Route) -> None:
            if "://127.0.0.1:" in route.request.url:
                route.continue_()
            else:
                lab.outside.append(route.request.url)
                route.abort()

        page.route("**/*", pass_on)
        page.goto(lab.address)
        yield page
        browser.close()


def opened(page: Page, name: str) -> None:
    """Open a notebook as a person does, by a double click, and run all of it."""
    page.locator(".jp-DirListing-item", has_text=name).dblclick()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def test_a_picture_is_drawn_without_any_network(lab: Lab, page: Page) -> None:
    """A double click opens a notebook; JupyterLab's own Vega draws; no other host is asked."""
    opened(page, "picture.py")
    drawn = page.locator(".jp-RenderedVegaCommon5 svg, .jp-RenderedVegaCommon5 canvas").first
    expect(drawn).to_be_visible()
    assert page.get_by_text("Open in Vega Editor").count() == 0
    assert lab.outside == []


def test_a_slider_moves_the_numbers_to_those_of_a_full_replay(
    lab: Lab, page: Page, small_history: Path
) -> None:
    """One press of a key moves it by a step; the sheet then says what a replay counts."""
    opened(page, "02_thresholds.py")
    box = page.locator(".widget-hbox", has=page.locator(".pumpurs-absence_support")).first
    sheet = box.locator("tr.pumpurs-flagged td")
    expect(sheet.first).to_be_visible()
    before, drawn = sheet.all_inner_texts(), box.locator("svg").inner_html()
    assert before[0] == before[1]
    slider = box.locator(".widget-vbox", has=page.locator(".pumpurs-absence_support")).last
    slider.locator(".noUi-handle").press("ArrowRight")
    expect(slider.locator(".widget-readout")).to_have_text("91\xa0%")
    expect(sheet.nth(2)).not_to_have_text("±0")
    history = read_history(small_history, load_catalogue(ROOT / "rules"))
    ruleset = load(ROOT / "rules" / "lv").with_parameter("absence_support", 0.91)
    line = counts(replay(history, ruleset), at_level(ruleset)).row(0, named=True)
    for name in ("flagged", "caught", "false_alarms"):
        shown = box.locator(f"tr.pumpurs-{name} td").nth(1)
        expect(shown).to_have_text(f"{line[name]:,}")
    expect(box.locator("svg")).to_have_count(1)
    assert box.locator("svg").inner_html() != drawn
    assert lab.outside == []
    saved_as_it_was(page, lab.folder / "02_thresholds.py")


def saved_as_it_was(page: Page, file: Path) -> None:
    """Save the notebook that was run: no outputs and no other head stand in the file."""
    before = file.stat().st_mtime_ns
    page.locator(".jp-Notebook").first.press("Control+s")
    end = time.monotonic() + SECONDS
    while file.stat().st_mtime_ns == before and time.monotonic() < end:
        page.wait_for_timeout(100)  # a sleep would hold up the page's requests
    assert file.stat().st_mtime_ns != before
    assert file.read_text() == (ROOT / "notebooks" / file.name).read_text()
