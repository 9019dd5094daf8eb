"""Which rows that are held have to do with rows that are sent: those of one key, or of one day.

What columns tell apart, as they do a lesson, counts once whatever its keys: so with a day's rows
come all rows of the keys that they have or had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import polars as pl
from sqlalchemy.engine import Connection

from engine.registers.files import SOURCED
from service.register_files import File
from service.store.parcel_erasure import rows_of
from service.store.parcels import Parcel, bodies_of


def keyed(connection: Connection, found: Sequence[Parcel], body: bytes) -> bool:
    """Return whether any rows, of these parcels or sent, have keys of their own."""
    bodies = (held for _, held in bodies_of(connection, found))
    return any(SOURCED.encode() in each.partition(b"\n")[0] for each in (body, *bodies))


def related(
    connection: Connection,
    found: Sequence[Parcel],
    file: File,
    sent: pl.DataFrame,
    whole: Collection[str],
) -> Iterator[tuple[Parcel, bytes]]:
    """Yield parcels, those of like files with such rows only, and not at all where they have none.

    `whole` are the ids of parcels that are yielded as they are.
    """
    natural = file.register is not None and bool(file.register.natural)
    if natural and file.day is None:  # nothing tells quickly which rows are meant: there are few
        yield from bodies_of(connection, found)
        return
    like = [each for each in found if each.id not in whole]
    keys, days = _texts(sent, SOURCED), _texts(sent, file.day if natural else None)
    for _, body in bodies_of(connection, like if days else ()):
        rows = rows_of(body)
        keys |= _texts(rows.filter(_is_one_of(rows, file.day, days)), SOURCED)
    for parcel, body in bodies_of(connection, found):
        if parcel.id in whole:
            yield parcel, body
            continue
        rows = rows_of(body)
        some = rows.filter(_is_one_of(rows, SOURCED, keys) | _is_one_of(rows, file.day, days))
        if some.height or parcel.mode == "bulk":
            yield parcel, some.write_csv().encode()


def _texts(rows: pl.DataFrame, column: str | None) -> set[str]:
    if column not in rows.columns:
        return set()
    return set(rows[column].drop_nulls().str.strip_chars().to_list()) - {""}


def _is_one_of(rows: pl.DataFrame, column: str | None, texts: Collection[str]) -> pl.Expr:
    if column is None or column not in rows.columns:
        return pl.lit(value=False)
    return pl.col(column).str.strip_chars().is_in(list(texts)).fill_null(value=False)
