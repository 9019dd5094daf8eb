"""Starting: every reason not to is said in words, with a remedy, and ends the command."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import EarlyWarningError
from service.settings import read_settings
from service.store.connect import connect
from tests.service.databases import Database, Sqlite
from tests.service.servers import ROOT, free_port
from tests.service.world import settle


def serve(workers: int = 1, port: int | None = None, **environment: str) -> tuple[int, str]:
    """Run the server, which must end by itself; return its exit code and what it said."""
    command = [sys.executable, "-m", "service.cli", "serve", "--workers", str(workers)]
    command += ["--port", str(port or free_port())]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def file(sqlite: Sqlite) -> Path:
    """Make an SQLite store with a ruleset in force."""
    address = sqlite.migrated()
    engine = connect(address)
    settle(engine)
    engine.dispose()
    return Path(address.removeprefix("sqlite:///"))


@pytest.fixture
def taken() -> Iterator[int]:
    """Listen on a port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


WRONG = {
    "PUMPURS_RATE": ("0", "PUMPURS_RATE: "),
    "PUMPURS_LOG_LEVEL": ("loud", "PUMPURS_LOG_LEVEL: "),
    "PUMPURS_CORS_ORIGINS": ("example.org", "an origin starts with https://"),
    "PUMPURS_OIDC_ISSUER": ("https://issuer.example", "PUMPURS_OIDC_JWKS: with an issuer"),
    "PUMPURS_RETENTION_DAY": ("30", "did you mean 'PUMPURS_RETENTION_DAYS'?"),
    "PUMPURS_DATABASE": ("mysql://here", "use sqlite:///FILE or postgresql://"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is misspelt, which would else have no effect."""
    value, says = WRONG[name]
    monkeypatch.setenv(name, value)
    with pytest.raises(EarlyWarningError) as error:
        connect(read_settings().database)
    assert says in str(error.value)


def test_all_wrong_settings_are_named_at_once() -> None:
    """Nobody mends one to be told of the next."""
    code, said = serve(PUMPURS_RATE="0", PUMPURS_KEY_DAYS="x", PUMPURS_DATABSE="y")
    assert code == 1
    assert all(name in said for name in ("_RATE", "_KEY_DAYS", "_DATABSE"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken_is_named(file: Path, taken: int, workers: int) -> None:
    """With the remedy."""
    code, said = serve(workers, taken, PUMPURS_DATABASE=f"sqlite:///{file}")
    assert (code, f"port {taken}" in said, "--port" in said) == (1, True, True), said


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A database that has vanished must not come back empty."""
    code, said = serve(PUMPURS_DATABASE=f"sqlite:///{tmp_path / 'none.db'}")
    assert (code, "none.db" in said, "db upgrade" in said) == (1, True, True), said
    assert not list(tmp_path.iterdir())


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """Where PostgreSQL should be, nobody listens."""
    assert tmp_path.exists()
    code, said = serve(PUMPURS_DATABASE=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    assert (code, "the database does not answer" in said) == (1, True), said


def test_a_store_without_tables_is_told(database: Database) -> None:
    """An empty database of either kind."""
    address = database.empty()
    engine = connect(address, create=True)
    engine.connect().close()
    engine.dispose()
    code, said = serve(PUMPURS_DATABASE=address)
    assert (code, "no tables of Pumpurs" in said, "db upgrade" in said) == (1, True, True), said


@pytest.mark.parametrize(
    ("version", "says"), [("0001", "this program needs"), ("ffff", "another version of Pumpurs")]
)
def test_a_store_of_another_version_is_told(sqlite: Sqlite, version: str, says: str) -> None:
    """Older: upgrade it. Unknown: it is not ours to touch."""
    address = sqlite.migrated()
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    code, said = serve(PUMPURS_DATABASE=address)
    assert (code, says in said) == (1, True), said


@pytest.mark.parametrize("workers", [1, 2])
def test_what_only_a_worker_meets_ends_the_whole(sqlite: Sqlite, workers: int) -> None:
    """A ruleset that was damaged in the store: no worker is started again and again."""
    address = sqlite.migrated()
    engine = connect(address)
    settle(engine)
    engine.dispose()
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("DROP TRIGGER rulesets_update")
        connection.execute("UPDATE rulesets SET files = '{}'")
    code, said = serve(workers, PUMPURS_DATABASE=address)
    assert (code, "the service could not start" in said) == (1, True), said
    assert said.count("Started server process") <= workers
