"""Stores for the tests of the API, and the Latvian ruleset with a limit changed."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.load import load, load_catalogue
from engine.write import write_catalogue, write_files
from service.store.connect import reading, writing
from service.store.rulesets import Decree, activate
from tests.service.conftest import Api
from tests.service.world import LV


def rows(api: Api, query: str, **values: object) -> list[tuple[Any, ...]]:
    """Return what a query finds in the store, whoever it belongs to."""
    with reading(api.engine) as connection:
        return [tuple(row) for row in connection.execute(sa.text(query), values)]


def put_in_force(api: Api, folder: Path, limit: str, starts: date) -> str:
    """Put the ruleset in force with another limit of attendance for support; return its hash.

    It is 0.90 in the original, whose examples hold for that alone, so they are not asked.
    """
    shutil.copytree(LV.parent, folder, ignore=shutil.ignore_patterns("published"))
    path = folder / "lv" / "attendance.yaml"
    before, name, after = path.read_text(encoding="utf-8").partition("  absence_support:\n")
    changed = after.replace("value: 0.90", f"value: {limit}", 1)
    assert changed != after
    path.write_text(before + name + changed, encoding="utf-8")
    ruleset = load(path.parent)
    catalogue = write_catalogue(load_catalogue(path.parent))
    decree = Decree(ruleset, write_files(ruleset), catalogue)
    with writing(api.engine) as connection:
        activate(connection, decree, starts, datetime.now(UTC), "operator:test")
    api.app.state.service.follower.follow()
    return ruleset.content_hash
