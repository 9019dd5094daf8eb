"""A connection that stays open between transactions, for a thread that writes again and again.

What SQLite has read stays good in memory only while the same connection writes; and to take a
connection out of the pool, and to ask whether it still works, takes as long as to write a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine, RootTransaction

from service.identity.caller import Place
from service.store.connect import replaced, stand_at, unavailable


class Kept:
    """One thread's connection for writing; `close` it at the end."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @contextmanager
    def writing(self, place: Place) -> Iterator[Connection]:
        """Yield the connection; its work is committed at the end, or not at all.

        Where the database has gone away since the last time, or is another file, it is looked for
        anew. After any failure the next one to write gets another connection.
        """
        with unavailable():
            try:
                with self._begun(place) as transaction:
                    yield transaction.connection
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Give the connection back; what was begun is undone."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begun(self, place: Place) -> RootTransaction:
        """Return a transaction that stands at a place."""
        if self._connection is not None:
            if not replaced(self._connection):
                try:
                    return _begin(self._connection, place)
                except exc.DBAPIError as error:
                    if not error.connection_invalidated:
                        raise
            self.close()
        self._connection = self._engine.connect().execution_options(writing=True)
        return _begin(self._connection, place)


def _begin(connection: Connection, place: Place) -> RootTransaction:
    transaction = connection.begin()
    stand_at(connection, place)
    return transaction
