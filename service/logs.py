"""Logs: one JSON object a line on stderr, without personal data; also what libraries say.

Of an exception its type is kept and where it was raised, never its text: that may hold a pupil's
key or values.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

PLACES = 8  # the innermost places of an exception
_TYPE = re.compile(r"^(\w[\w.]*)(?::|$)", re.MULTILINE)


def set_up_logs(level: str) -> None:
    """Write logs of this level and above to stderr; of libraries, warnings and above."""
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda: structlog.WriteLogger(sys.stderr),  # the stderr of that moment
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, Forward)]:
        root.removeHandler(handler)
    root.addHandler(Forward())
    root.setLevel(max(number, logging.WARNING))  # what libraries say besides may name pupils
    logging.getLogger("uvicorn").setLevel(number)


def log_what_nobody_catches() -> None:
    """Log what ends a thread or the process, and warnings; else Python prints them as text."""
    logging.captureWarnings(capture=True)

    def of_process(
        _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        structlog.get_logger().critical("the process broke", exc_info=error)

    def of_thread(broken: threading.ExceptHookArgs) -> None:
        name = broken.thread.name if broken.thread else None
        structlog.get_logger().critical("a thread broke", thread=name, exc_info=broken.exc_value)

    sys.excepthook, threading.excepthook = of_process, of_thread


class Forward(logging.Handler):
    """Hands records of the standard library on, without all that could hold values."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the first line of what is said; libraries write details on the lines after it."""
        text = record.getMessage()
        said, _, rest = text.strip().partition("\n")
        more: dict[str, Any] = {"exc_info": record.exc_info[1]} if record.exc_info else {}
        if said.startswith("Traceback "):  # a server passes a failed start on as text
            types: list[str] = _TYPE.findall(rest)
            said, more = "the application broke", {"exception": types[-1] if types else "unknown"}
        structlog.get_logger().log(record.levelno, said, logger=record.name, **more)


def _without_values(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Keep of an exception its type and the places through which it came."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        places = []
        trace = error.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            module = frame.f_globals.get("__name__", "?")
            places.append(f"{module}.{frame.f_code.co_qualname}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["exception"] = type(error).__name__
        event["at"] = places[-PLACES:]
    return event
