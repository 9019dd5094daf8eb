"""Adding many assessments in one statement.

With a statement for each row, the writing thread would have to get Python's lock back after each:
handing over a group took longer than its commit. SQLite takes rows as a list of values; PostgreSQL
takes them as one document of JSON, which is half as dear there, and twice as dear in SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.store.assessments import Row
from service.store.tables import assessments

AT_ONCE = 500  # rows of one statement; SQLite takes 32,766 values
_NAMES = tuple(str(column.name) for column in assessments.columns)
_INTO = f"INSERT INTO assessments ({', '.join(_NAMES)})"


def add_assessments(connection: Connection, rows: Sequence[Row]) -> None:
    """Add assessments; all their columns must be named."""
    dialect = connection.dialect
    bound = _bound(dialect)
    for at in range(0, len(rows), AT_ONCE):
        part = rows[at : at + AT_ONCE]
        columns = [_column([row[name] for row in part], bound.get(name)) for name in _NAMES]
        values = zip(*columns, strict=True)
        if dialect.name == "postgresql":
            document = orjson.dumps([dict(zip(_NAMES, row, strict=True)) for row in values])
            connection.execute(_DOCUMENT, {"rows": document.decode()})
        else:
            connection.exec_driver_sql(_values(len(part)), tuple(chain.from_iterable(values)))


def _column(values: list[Any], bind: Callable[[Any], Any] | None) -> list[Any]:
    """Return a column's values bound; most columns have one value for all rows of a request."""
    if bind is None:
        return values
    known = {value: bind(value) for value in set(values)}
    return [known[value] for value in values]


_DOCUMENT = sa.text(
    f"{_INTO} SELECT {', '.join(_NAMES)}"  # noqa: S608  our own names
    " FROM json_populate_recordset(NULL::assessments, CAST(:rows AS json))"
)


@cache
def _values(rows: int) -> str:
    """Return the statement that takes so many rows."""
    row = f"({', '.join('?' * len(_NAMES))})"
    return f"{_INTO} VALUES {', '.join([row] * rows)}"


@lru_cache(8)
def _bound(dialect: sa.Dialect) -> Mapping[str, Callable[[Any], Any]]:
    """Return, by column, what makes of a value what SQLAlchemy would have bound."""
    found = {
        column.name: column.type.dialect_impl(dialect).bind_processor(dialect)
        for column in assessments.columns
    }
    return {name: value for name, value in found.items() if value is not None}
