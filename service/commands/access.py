"""``pumpurs access``: who looked at whom."""

from __future__ import annotations

import typer

from service.commands.given import pupil_given, say_row
from service.commands.opened import opened_store

access = typer.Typer(no_args_is_help=True, help="Who looked at a pupil's stored assessments.")


@access.command("list")
def list_reads() -> None:
    """List who looked at one pupil, whose key is read from standard input; the newest first."""
    from service.store.access import reads_of
    from service.store.connect import reading

    pupil = pupil_given()
    with opened_store() as engine, reading(engine) as connection:
        found = reads_of(connection, pupil)
    say_row("moment", "caller", "role", "place", "what")
    for read in found:
        say_row(f"{read.at:%Y-%m-%d %H:%M:%S}", read.caller, read.role, read.place, read.what)
