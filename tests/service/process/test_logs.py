"""Logs: one JSON object a line, whoever speaks, and never what an exception says."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from service.logs import Forward, set_up_logs
from tests.service.databases import Sqlite
from tests.service.process.wire import connected
from tests.service.servers import ROOT, running

MARK = "P-MARKED-0.87"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave logs to the stream of the whole session: what a test captures is closed after it."""
    yield
    set_up_logs("info")


def _raised() -> ValueError:
    try:
        int(f"{MARK}\nfor key {MARK}")
    except ValueError as error:
        return error
    pytest.fail("nothing was raised")


def _as_text() -> str:
    return "".join(traceback.format_exception(_raised()))


def _of_a_loop() -> None:
    """Have asyncio report a task whose exception nobody fetched."""

    async def broken() -> None:
        raise ValueError(MARK)

    async def main() -> None:
        task = asyncio.create_task(broken())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a task broke", "exception": task.exception(), "task": task}
        )

    asyncio.run(main())


SPEAKERS: dict[str, Callable[[], None]] = {
    "ours": lambda: structlog.get_logger().error("it broke", exc_info=_raised()),
    "a library's": lambda: logging.getLogger("uvicorn.error").error("it broke", exc_info=_raised()),
    "a failed start": lambda: logging.getLogger("uvicorn.error").error(_as_text()),
    "a loop's": _of_a_loop,
}


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_of_an_exception_its_type_is_logged_and_not_its_text(
    speaker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception's text may hold a pupil's key or values."""
    set_up_logs("info")
    SPEAKERS[speaker]()
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["exception"] == "ValueError"
    assert MARK not in line


def test_where_an_exception_was_raised_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Else nobody could mend it."""
    set_up_logs("info")
    SPEAKERS["ours"]()
    (place,) = json.loads(capsys.readouterr().err)["at"]
    assert "test_logs._raised:" in place


@given(text=st.text(), level=st.sampled_from([10, 20, 30, 40, 50]))
def test_whatever_a_library_says_becomes_one_line(text: str, level: int) -> None:
    """Line breaks, control characters, lone per cent signs."""
    set_up_logs("debug")
    with structlog.testing.capture_logs() as found:
        Forward().emit(logging.LogRecord("lib", level, "", 1, text, None, None))
    (event,) = found
    assert event["event"] == text.strip().partition("\n")[0]
    assert "\n" not in json.dumps(event)


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Of ours and of others; and setting logs up twice does not double them."""
    for _ in range(2):
        set_up_logs("warning")
    for logger in (structlog.get_logger(), logging.getLogger("lib")):
        logger.info("low")
        logger.warning("high")
    said = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert said == ["high", "high"]


def test_what_libraries_say_below_a_warning_is_never_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A client logs addresses, which hold pupils' keys; the server's own words are wanted."""
    set_up_logs("debug")
    logging.getLogger("httpx2").info("GET /v1/pupils/%s/assessments", MARK)
    logging.getLogger("uvicorn.error").info("started")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "started"


BROKEN = f"""
import threading, warnings
from service.logs import log_what_nobody_catches, set_up_logs
set_up_logs("info")
log_what_nobody_catches()
def broken(): raise ValueError("{MARK}")
thread = threading.Thread(target=broken, name="writer")
thread.start()
thread.join()
warnings.warn("old\\n{MARK}")
broken()
"""


def test_what_nobody_catches_is_logged_as_json() -> None:
    """A thread that breaks, a warning, and the end of the process."""
    done = subprocess.run(
        [sys.executable, "-c", BROKEN], cwd=ROOT, capture_output=True, text=True, check=False
    )
    thread, warning, process = (json.loads(line) for line in done.stderr.splitlines())
    assert (thread["thread"], thread["exception"]) == ("writer", "ValueError")
    assert "UserWarning" in warning["event"]
    assert process["exception"] == "ValueError"
    assert MARK not in done.stderr
    assert done.returncode == 1


def test_all_that_a_server_writes_is_json(sqlite: Sqlite, tmp_path: Path) -> None:
    """From start to end, supervisor and workers, also when what comes in is not HTTP."""
    log = tmp_path / "log"
    chatty = running(
        sqlite.migrated(),
        log,
        workers=2,
        PUMPURS_LOG_REQUESTS="true",
        PUMPURS_LOG_LEVEL="debug",
    )
    with chatty as server:
        with connected(server) as connection:
            connection.sendall(f"{MARK}\r\n\r\n".encode())
            assert b"400" in connection.recv(100)
        upgrade = {"Connection": "upgrade", "Upgrade": "websocket", "X-Key": MARK}
        for path in (f"/v1/pupils/{MARK}/assessments", "/healthz", "/metrics"):
            httpx.get(f"{server.address}{path}?key={MARK}", headers=upgrade)
        assert server.stop() == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"listening", "started", "request", "stopped"} <= {line["event"] for line in lines}
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    assert MARK not in log.read_text()
