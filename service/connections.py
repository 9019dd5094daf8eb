"""Connections: slow ones are not waited for, and a whole answer can leave in one piece.

uvicorn closes a connection that is idle between requests; one that sends a byte now and then it
would keep for ever, and enough of those would use up all files that the process may open. And it
checks and joins an answer's headers one by one, of which ours has nine, always the same.
"""

from __future__ import annotations

import asyncio
from functools import partial

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

HEADER_SECONDS = 10.0
WHOLE = "body_is_whole"  # in a request's state, where its body came with its headers
ANSWER = "answer_whole"  # in a request's state: takes head and body of an answer, see `_answer`


class Connection(HttpToolsProtocol):
    """A connection of which one request after the other arrives, its headers within seconds."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(  # type: ignore[override]  # as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that come while nothing is being answered must become a request."""
        super().data_received(data)
        answering = self.cycle is not None and not self.cycle.response_complete
        if self._deadline is None and not answering and not self.transport.is_closing():
            self._wait()

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that nothing more of this request must be waited for."""
        super().on_message_complete()
        state = self.scope["state"]
        state[WHOLE] = True
        state[ANSWER] = partial(_answer, self.cycle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.timeout_keep_alive_handler)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _answer(cycle: RequestResponseCycle, head: bytes, body: bytes) -> bool:
    """Send a whole answer with status 200; return whether it was taken.

    `head` are its headers as they are written, with its length and without the empty line. An
    answer that is not taken, as the client reads too slowly, must be sent as ASGI has it.
    """
    if cycle.flow.write_paused:
        return False
    if cycle.disconnected:
        return True
    cycle.response_started = cycle.response_complete = True
    given = b"".join([b"%b: %b\r\n" % header for header in cycle.default_headers])
    close = b"" if cycle.keep_alive else b"connection: close\r\n"
    cycle.transport.write(b"%b%b%b%b\r\n%b" % (STATUS_LINE[200], given, head, close, body))
    cycle.message_event.set()
    if close:
        cycle.transport.close()
    cycle.on_response()
    return True
