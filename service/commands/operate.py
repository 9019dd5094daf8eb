"""``pumpurs db``, ``places``, ``keys``, ``rules`` and ``retention``: what an operator does."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from service.commands.given import pupil_given, say, say_row
from service.commands.opened import opened_store, store
from service.identity.caller import LEVELS, Level, Place, Role, parse_place

db = typer.Typer(no_args_is_help=True, help="The store: make it and bring it up to date.")
places = typer.Typer(no_args_is_help=True, help="The state, its municipalities and schools.")
keys = typer.Typer(no_args_is_help=True, help="API keys of school systems.")
rules = typer.Typer(no_args_is_help=True, help="Which ruleset is in force.")
retention = typer.Typer(no_args_is_help=True, help="Taking persons out of the log.")

PlaceOption = Annotated[
    Place,
    typer.Option("--place", parser=parse_place, metavar="LEVEL:CODE", help="Such as school:r64."),
]


@db.command()
def upgrade() -> None:
    """Make the store, or bring it to the version that this program needs."""
    from service.store.migrate import current, upgrade

    with store(create=True) as engine:
        upgrade(engine)
        say(f"the store has version {', '.join(current(engine))}")


@db.command()
def downgrade(
    version: Annotated[str, typer.Argument(help="The version that the older program needs.")],
) -> None:
    """Take the store back to an older version, for an older program. Make a backup first."""
    from service.store.migrate import current, downgrade

    with opened_store() as engine:
        downgrade(engine, version)
        say(f"the store has version {', '.join(current(engine))}")


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
) -> None:
    """Copy an SQLite store into a file, checked, while the service goes on."""
    from service.store.backup import backup

    with store() as engine:
        backup(engine, file)
    say(f"the store is copied to {file}")


@places.command("add")
def add_place(
    place: Annotated[
        Place, typer.Argument(parser=parse_place, metavar="LEVEL:CODE", help="What to add.")
    ],
    name: Annotated[str, typer.Option(help="Its name.")],
    within: Annotated[str, typer.Option("--in", help="Code of the place above.")] = "",
) -> None:
    """Add a place: state, municipality or school."""
    from service.store.connect import writing
    from service.store.places import add_place

    level: Level = place.level
    with opened_store() as engine, writing(engine) as connection:
        add_place(connection, level, place.code, name, within)
    say(f"added {place}")


@places.command("list")
def list_places() -> None:
    """List all places, those above first: level and code, name, code of the place above."""
    from service.store.connect import reading
    from service.store.places import read_places

    with opened_store() as engine, reading(engine) as connection:
        sites = list(read_places(connection).sites.values())
    say_row("place", "name", "in")
    for site in sorted(sites, key=lambda site: (LEVELS.index(site.place.level), site.place.code)):
        say_row(site.place, site.name, site.parent or "-")


@keys.command("create")
def create_key(
    place: PlaceOption,
    role: Annotated[Role, typer.Option(help="What the key is for.")] = Role.SCORER,
    label: Annotated[str, typer.Option(help="Which system has it.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="How long it is good.")] = None,
) -> None:
    """Make a key and print it: it cannot be shown again."""
    from service.settings import read_settings
    from service.usecases.setup import make_key

    good_for = days or read_settings().key_days
    with opened_store() as engine:
        key, text = make_key(engine, label, role, place, good_for)
    sys.stderr.write(f"{key.shown}: {role} for {place}, good for {good_for} days\n")
    say(text)


@keys.command("list")
def list_keys() -> None:
    """List keys: shown part, role, place, state, created, expires, last used, label."""
    from service.store.connect import reading
    from service.store.keys import read_keys

    now = datetime.now(UTC)
    with opened_store() as engine, reading(engine) as connection:
        known = read_keys(connection)
    say_row("key", "role", "place", "state", "created", "expires", "used", "label")
    for key in known:
        live = "good" if key.expires is None or key.expires > now else "expired"
        state = "revoked" if key.revoked else live
        moments = (_minute(each) for each in (key.created, key.expires, key.last_used))
        say_row(key.shown, key.role, key.place, state, *moments, key.label)


@keys.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="The key's shown part.")]) -> None:
    """Revoke a key: within a second no worker takes it."""
    from service.store.connect import writing
    from service.store.keys import revoke_key

    with opened_store() as engine, writing(engine) as connection:
        revoke_key(connection, name, datetime.now(UTC))
    say(f"revoked {name}")


@rules.command()
def activate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the ruleset.")],
    starts: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
) -> None:
    """Check a ruleset and put it in force from a day on; workers follow within a second."""
    from service.usecases.setup import activate_folder

    with opened_store() as engine:
        ruleset = activate_folder(engine, folder, starts.date(), _operator())
    say(f"{ruleset.version} is in force from {starts.date()}")


@retention.command("run")
def run_retention(
    days: Annotated[int | None, typer.Option(min=1, help="Keep persons so long.")] = None,
) -> None:
    """Take persons out of what is older than is kept; counts and levels stay."""
    from service.settings import read_settings
    from service.store.erasure import erase_older, erasing, forget_requests

    settings, now = read_settings(), datetime.now(UTC)
    before = now - timedelta(days=days or settings.retention_days)
    with opened_store() as engine, erasing(engine) as connection:
        erased, rows = erase_older(connection, before, now, _operator(), settings.work)
        forgotten = forget_requests(connection, now - timedelta(hours=settings.idempotency_hours))
    say(
        f"persons taken out of {erased} assessments, and of registers {rows} rows;"
        f" {forgotten} idempotency keys forgotten"
    )


@retention.command("erase")
def erase(
    reason: Annotated[str, typer.Option(help="Why; it is kept with the erasure.")],
) -> None:
    """Erase one pupil, whose key is read from standard input: counts stay, the person goes."""
    from service.store.erasure import erase_pupil, erasing
    from service.store.parcel_erasure import look_for

    pupil, now = pupil_given(), datetime.now(UTC)
    with opened_store() as engine:
        looked = look_for(engine, pupil)  # this may take a while, and locks nothing
        with erasing(engine) as connection:
            erased, rows = erase_pupil(connection, pupil, now, _operator(), reason, looked)
    say(f"the pupil was taken out of {erased} assessments, and of registers {rows} rows")


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _operator() -> str:
    return f"operator:{os.environ.get('USER', 'unknown')}"
