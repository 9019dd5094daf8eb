"""Serving: one process or several on one socket, until told to stop; or a clear refusal to start.

The socket is opened here, before anything else runs, so that a port that is taken is told at once.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from engine.errors import EarlyWarningError, Problem
from service.app import create
from service.connections import Connection
from service.logs import log_what_nobody_catches, set_up_logs

WAITING = 2048  # connections that may wait to be accepted
OPEN_FILES = 65_536
GRACE_SECONDS = 20  # for requests that are being answered when the service stops
HANGS_SECONDS = 10  # a worker that says nothing for so long is replaced
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class StartError(EarlyWarningError):
    """The service cannot start here: why, and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections already; raises `StartError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as error:
        hint = "choose an address of this machine and a free port: --host, --port"
        message = f"cannot listen on {host}, port {port}: {error.strerror}"
        raise StartError(Problem("listen", message, None, hint)) from None


def serve(
    listener: socket.socket, workers: int, level: str, app: Callable[[], object] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, then end in good order; raises `StartError`.

    `app` makes what one process serves; several make their own from the environment.
    """
    set_up_logs(level)
    _raise_open_files()
    host, port = listener.getsockname()[:2]
    structlog.get_logger().info("listening", host=host, port=port, workers=workers)
    config = uvicorn.Config(
        app or "service.serving:worker",
        factory=True,
        workers=workers,
        log_config=None,  # ours are set up already
        log_level=level,
        access_log=False,
        lifespan="on",
        loop="uvloop",
        http=Connection,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=HANGS_SECONDS,
    )
    started = _one(config, listener) if workers == 1 else _several(config, listener)
    if not started:
        hint = "the log above says why; mend that and start again"
        raise StartError(Problem("start", "the service could not start", None, hint))


def worker() -> object:
    """Return what one of several processes serves; what is wrong ends it for good."""
    log_what_nobody_catches()
    try:
        return create()
    except Exception:  # noqa: BLE001  whatever it is, another try would meet it again
        structlog.get_logger().exception("the application broke")
        sys.exit(STARTUP_FAILURE)


def _one(config: uvicorn.Config, listener: socket.socket) -> bool:
    """Serve in this process; return whether it ever started."""
    server = uvicorn.Server(config)

    def stop(_number: int, _frame: FrameType | None) -> None:
        # The server has signals while it runs; it passes them on at its end, when all is done.
        if not server.should_exit:
            sys.exit(0)

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run([listener])
    except SystemExit as ended:
        return not ended.code
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return server.started


def _several(config: uvicorn.Config, listener: socket.socket) -> bool:
    """Serve in several processes; return whether none failed to start."""
    with _metrics_folder():
        supervisor = Multiprocess(config, [listener])
        supervisor.run()
    return all(each.exitcode != STARTUP_FAILURE for each in supervisor.processes)


@contextmanager
def _metrics_folder() -> Iterator[None]:
    """Have the workers of this run, and of no other, add up their metrics in one folder."""
    with tempfile.TemporaryDirectory(prefix="pumpurs-metrics-") as folder:
        os.environ[FOLDER] = folder
        yield


def _raise_open_files() -> None:
    """Allow as many open files as we may: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except OSError:  # where an operator forbids it, what is allowed must do
            structlog.get_logger().warning("few files may be open", most=soft)
