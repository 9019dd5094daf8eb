"""A small country for tests: two municipalities, three schools, a ruleset in force, keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlalchemy.engine import Engine

from service.identity.caller import Place, Role, parse_place
from service.store.connect import connect, writing
from service.store.places import add_place
from service.usecases.setup import activate_folder, make_key
from tests.service.databases import Database

ROOT = Path(__file__).parents[2]
LV = ROOT / "rules" / "lv"
STARTS = date(2026, 9, 1)
PARENTS = {
    "state:lv": "",
    "municipality:riga": "lv",
    "municipality:liepaja": "lv",
    "school:r64": "riga",
    "school:r72": "riga",
    "school:l1": "liepaja",
}
PLACES = tuple(parse_place(text) for text in PARENTS)
RECORD: Mapping[str, object] = {
    "grade": 7,
    "attendance_rate_45d": 0.87,
    "failed_core_courses": 1,
    "failed_courses": 1,
}


def settle(engine: Engine) -> None:
    """Put places and the Latvian ruleset into an empty store."""
    with writing(engine) as connection:
        for text, parent in PARENTS.items():
            place = parse_place(text)
            add_place(connection, place.level, place.code, place.code.upper(), parent)
    activate_folder(engine, LV, STARTS, "operator:test")


def settled(database: Database) -> str:
    """Return the address of a new store with places and a ruleset in force."""
    address = database.migrated()
    engine = connect(address)
    settle(engine)
    engine.dispose()
    return address


def key_to(address: str, place: str) -> str:
    """Return the text of a new key to the store at an address."""
    engine = connect(address)
    key = key_for(engine, place)
    engine.dispose()
    return key


def key_for(engine: Engine, place: str, role: Role = Role.SCORER) -> str:
    """Return the text of a new key."""
    return make_key(engine, "test", role, parse_place(place), days=30)[1]


def bearer(key: str) -> dict[str, str]:
    """Return the header that carries a key or token."""
    return {"authorization": f"Bearer {key}"}


def asked(pupil: str = "P-1", **more: object) -> dict[str, object]:
    """Return the body of a request for one assessment."""
    return {"pupil_key": pupil, "as_of": "2026-10-15", "indicators": dict(RECORD), **more}


def schools_within(place: Place) -> set[str]:
    """Return the codes of the schools that lie within a place, told from `PARENTS` alone."""
    found = set()
    for text in PARENTS:
        inner = parse_place(text)
        code = inner.code
        while code and code != place.code:
            code = next(above for name, above in PARENTS.items() if name.endswith(f":{code}"))
        if code and inner.level == "school":
            found.add(inner.code)
    return found
