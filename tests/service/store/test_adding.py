"""Assessments that go over as one document are kept as those that are bound value by value."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from service.store import adding
from service.store.adding import add_assessments
from service.store.connect import writing
from service.store.tables import assessments
from tests.service.store.rows import ADD, assessment

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9.5))])
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001  it draws the zone


class Undone(Exception):  # noqa: N818  it takes back what a test wrote
    """Ends a transaction without a trace."""


def kept(connection: Connection, names: list[str]) -> list[Any]:
    """Return rows as the database itself shows them, types of SQLite included."""
    columns = [column.name for column in assessments.columns if column.name != "id"]
    shown = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        shown += ", " + ", ".join(f'typeof("{name}"), length(id)' for name in columns)
    rows = connection.exec_driver_sql(f"SELECT caller, {shown} FROM assessments")  # noqa: S608
    return sorted((tuple(row[1:]) for row in rows if row[0] in names), key=repr)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.fixed_dictionaries(
        {
            "at": MOMENTS | st.just(datetime(2026, 1, 1, tzinfo=UTC)),
            "as_of": st.dates(date(1990, 1, 1)),
            "score": st.none() | st.integers(0, 2**31 - 1),
            "level": st.text("abcāž", min_size=1, max_size=9),
            "agreed": st.booleans(),
            "inputs": TEXTS | st.just('{"a": "\\\\u0000\\n"}'),
            "answer": TEXTS,
        }
    )
)
def test_a_row_is_kept_alike_whichever_way_it_goes_over(
    store: Engine, drawn: dict[str, Any]
) -> None:
    """Every value is kept in the same form, to the letter."""
    with suppress(Undone), writing(store) as connection:
        assert kept(connection, ["alike"]) == []
        connection.execute(ADD, [assessment("P-1", caller="alike", **drawn)])
        (one,) = kept(connection, ["alike"])
        add_assessments(connection, [assessment("P-1", caller="alike", **drawn)])
        assert kept(connection, ["alike"]) == [one, one]
        raise Undone


def test_many_rows_go_over_in_parts(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is lost where one part ends and the next begins; none at all is no statement."""
    monkeypatch.setattr(adding, "AT_ONCE", 3)
    with writing(store) as connection:
        add_assessments(connection, [])
        add_assessments(connection, [assessment(f"P-{n}", caller="parts") for n in range(8)])
        assert len(kept(connection, ["parts"])) == 8


def test_a_moment_without_a_zone_is_refused(store: Engine) -> None:
    """As it is where values are bound one by one."""
    row = assessment("P-1", at=datetime(2026, 1, 1))  # noqa: DTZ001  that is the point
    with pytest.raises(ValueError, match="zone"), writing(store) as connection:
        add_assessments(connection, [row])


def test_the_database_refuses_a_row_of_many(store: Engine) -> None:
    """One row that it refuses takes the others with it; nothing is added by half."""
    rows = [assessment("P-1", caller="half"), assessment("P-2", caller="half", school="nowhere")]
    with pytest.raises(sa.exc.IntegrityError), writing(store) as connection:
        add_assessments(connection, rows)
    with writing(store) as connection:
        assert kept(connection, ["half"]) == []
