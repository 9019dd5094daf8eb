"""``pumpurs demo``: what a new user pastes works, and Ctrl-C ends it well."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.service.servers import ROOT, free_port

LAST = {"en": "Ctrl-C stops it.", "lv": "Ctrl-C aptur."}
END = {"en": "Stopped.", "lv": "Apturēts."}


README = (ROOT / "README.md").read_text(encoding="utf-8")
README_CURL = re.findall(r"```sh\n(curl .*?)```", README, re.DOTALL)[0]


class Demo:
    """A running demonstration, and what it has said."""

    def __init__(self, folder: Path, port: int, language: str) -> None:
        command = [sys.executable, "-m", "service.cli", "demo", "--folder", str(folder)]
        command += ["--port", str(port), "--lang", language, "--pupils", "60"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        alarm = threading.Timer(90, self.process.kill)  # a demo that says nothing is a failure
        alarm.start()
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if line.strip() == LAST[language]:
                break
        alarm.cancel()

    @property
    def curls(self) -> list[str]:
        """The lines to paste."""
        return re.findall(r"^  (curl .*)$", self.said, re.MULTILINE)

    @property
    def exports(self) -> list[str]:
        """The lines to paste before those of the README."""
        return re.findall(r"^  (export PUMPURS_.*)$", self.said, re.MULTILINE)

    def interrupt(self) -> tuple[int, str, str]:
        """Press Ctrl-C; return the exit code and what was said after it."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@contextmanager
def demo(folder: Path, port: int, language: str) -> Iterator[Demo]:
    """Run a demonstration until its service is there; it is ended in any case."""
    running = Demo(folder, port, language)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.communicate()


def test_what_the_demo_prints_works_when_it_is_pasted(tmp_path: Path) -> None:
    """The page opens, a pupil is scored, all are stored once, and Ctrl-C ends it with 0.

    Run again on a port that is taken, it says so, takes the next, and has the same pupils.
    """
    port = free_port()
    shells = [each for each in ("bash", "zsh", "sh") if shutil.which(each)]
    with demo(tmp_path, port, "en") as running:
        (page,) = re.findall(r"http://\S+/docs", running.said)
        assert httpx.get(page).status_code == 200
        score, history = running.curls
        for shell in shells:
            said = json.loads(subprocess.check_output([shell, "-c", score]))
            assert (said["level"], said["language"]) == ("support", "en")
        assert len(running.exports) == 2
        pasted = "\n".join([*running.exports, README_CURL])
        assert json.loads(subprocess.check_output(["sh", "-c", pasted]))["level"] == "support"
        (stored,) = json.loads(subprocess.check_output(["sh", "-c", history]))["assessments"]
        assert stored["as_of"] == "2025-12-19"
        code, out, err = running.interrupt()
        assert (code, out.strip(), err) == (0, END["en"], "")
    with socket.create_server(("127.0.0.1", port)), demo(tmp_path, port, "lv") as again:
        assert f"Ports {port} ir aizņemts, tāpēc {port + 1}." in again.said
        score, history = again.curls
        assert json.loads(subprocess.check_output(["sh", "-c", score]))["language"] == "lv"
        found = json.loads(subprocess.check_output(["sh", "-c", history]))["assessments"]
        assert found == [stored]
        code, out, err = again.interrupt()
        assert (code, out.strip(), err) == (0, END["lv"], "")


def test_without_service_the_demo_ends_by_itself(tmp_path: Path) -> None:
    """For scripts; nothing listens, nothing is stored."""
    command = [sys.executable, "-m", "service.cli", "demo", "--no-serve", "--folder", str(tmp_path)]
    done = subprocess.run(
        [*command, "--pupils", "50", "--lang", "en"], cwd=ROOT, capture_output=True, check=True
    )
    assert b"curl" not in done.stdout
    assert not (tmp_path / "pumpurs.db").exists()


@pytest.mark.parametrize("damage", ["another version", "no database"])
def test_a_demo_that_cannot_be_served_says_why(tmp_path: Path, damage: str) -> None:
    """A store of another version, a file that is none: a message, no traceback, exit 1."""
    (tmp_path / "pumpurs.db").write_bytes(b"x" * 9999)
    if damage == "another version":
        (tmp_path / "pumpurs.db").unlink()
        made = "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES"
        with closing(sqlite3.connect(tmp_path / "pumpurs.db")) as connection, connection:
            connection.executescript(f"{made} ('ffff');")
    command = [sys.executable, "-m", "service.cli", "demo", "--folder", str(tmp_path)]
    done = subprocess.run(
        [*command, "--pupils", "50", "--port", str(free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert (done.returncode, "[store]" in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
