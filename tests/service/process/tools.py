"""PostgreSQL's own programs, as an operator runs them."""

from __future__ import annotations

import os
import subprocess

import sqlalchemy as sa

from tests.service.databases import PostgreSql


def run_tool(server: PostgreSql, *words: str, **environment: str) -> None:
    """Run a program against a server as its superuser; it must succeed."""
    with server.admin.connect() as connection:
        found = sa.text("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        programs = connection.execute(found).scalar_one()
    url = server.admin.url
    reached = {"PGHOST": str(url.query["host"]), "PGUSER": str(url.username)}
    path = f"{programs}:{os.environ['PATH']}"
    subprocess.run(words, check=True, env={**os.environ, **reached, **environment, "PATH": path})
