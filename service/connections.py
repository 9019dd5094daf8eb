"""Connections that are slow: a request whose headers do not come is not waited for.

uvicorn closes a connection that is idle between requests; one that sends a byte now and then it
would keep for ever, and enough of those would use up all files that the process may open.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
WHOLE = "body_is_whole"  # in a request's state, where its body came with its headers


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
        self.scope["state"][WHOLE] = True

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
