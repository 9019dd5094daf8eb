"""What an operator sets up: the store, its places and keys, and the ruleset in force."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import Engine

from engine.check import check
from engine.errors import RuleError
from engine.load import load, load_catalogue
from engine.ruleset import Ruleset
from engine.write import write_catalogue, write_files
from service.identity.caller import Place, Role
from service.identity.keys import Key, new_key
from service.store import keys, rulesets
from service.store.connect import writing


def make_key(engine: Engine, label: str, role: Role, place: Place, days: int) -> tuple[Key, str]:
    """Store a new key; return it and its text, which is never shown again."""
    now = datetime.now(UTC)
    key, text = new_key(label, role, place, now, now + timedelta(days=days))
    with writing(engine) as connection:
        keys.add_key(connection, key)
    return key, text


def activate_folder(engine: Engine, folder: Path, starts: date, by: str) -> Ruleset:
    """Put a folder's ruleset in force from a day on; raises `RuleError` where its check fails."""
    ruleset = load(folder)
    errors = [problem for problem in check(ruleset) if problem.severity == "error"]
    if errors:
        raise RuleError(errors)
    decree = rulesets.Decree(ruleset, write_files(ruleset), write_catalogue(load_catalogue(folder)))
    with writing(engine) as connection:
        rulesets.activate(connection, decree, starts, datetime.now(UTC), by)
    return ruleset
