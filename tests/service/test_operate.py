"""What an operator does: from nothing to a service with places, keys and rules, and back."""

from __future__ import annotations

import re
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from engine.errors import DataError
from service.app import application
from service.cli import app
from service.identity.caller import Role
from service.identity.keys import check_key
from service.settings import Settings
from service.store.connect import connect, reading, writing
from service.store.keys import read_keys
from service.store.migrate import current, head
from service.store.tables import api_keys, assessments, erasures
from tests.service.conftest import Api
from tests.service.databases import Database
from tests.service.world import LV, asked, bearer

Run = Callable[..., Result]


def operator(monkeypatch: pytest.MonkeyPatch, address: str) -> Run:
    """Return what runs commands on a store."""
    monkeypatch.setenv("PUMPURS_DATABASE", address)
    monkeypatch.setenv("USER", "anna")

    def run(*words: str, text: str | bytes | None = None, refused: str = "") -> Result:
        done = CliRunner().invoke(app, list(words), input=text)
        if refused:
            assert refused in str(done.exception) + done.output
            assert done.exit_code != 0
        else:
            assert done.exception is None, done.exception
        return done

    return run


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a new store without tables."""
    return operator(monkeypatch, database.empty())


@pytest.fixture
def settled(run: Run) -> Run:
    """Run commands on a store with a school."""
    run("db", "upgrade")
    run("places", "add", "state:lv", "--name", "Latvija")
    run("places", "add", "municipality:riga", "--name", "Rīga", "--in", "lv")
    run("places", "add", "school:r64", "--name", "64. skola", "--in", "riga")
    return run


def opened(run: Run) -> Engine:
    """Return an engine on the store that commands run on."""
    assert run is not None
    return connect(Settings().database)


def test_from_nothing_to_a_scored_pupil(settled: Run) -> None:
    """Tables, places, a ruleset, a key: and a pupil is assessed with it."""
    settled("rules", "activate", str(LV), "--from", "2026-09-01")
    made = settled("keys", "create", "--place", "school:r64", "--label", "e-klase")
    key = made.stdout.strip()
    assert key not in made.stderr
    engine = opened(settled)
    with TestClient(application(Settings())) as client:
        answer = client.post("/v1/assessments", json=asked(), headers=bearer(key))
    assert answer.json()["level"] == "support"
    listed = settled("places", "list").stdout
    assert listed.splitlines() == [
        "place\tname\tin",
        "state:lv\tLatvija\t-",
        "municipality:riga\tRīga\tlv",
        "school:r64\t64. skola\triga",
    ]
    with reading(engine) as connection:
        by = connection.execute(sa.text("SELECT activations.by FROM activations")).scalar_one()
    engine.dispose()
    assert by == "operator:anna"


def test_keys_are_listed_with_their_state_and_without_their_secret(settled: Run) -> None:
    """Good, expired and revoked; a revoked one is not revoked again."""
    make = ("keys", "create", "--place", "school:r64")
    texts = [
        settled(*make, "--role", role, "--label", "e-klase\t2").stdout.strip()
        for role in ("scorer", "reader", "analyst")
    ]
    good, expired, revoked = (text.rpartition("_")[0][:20] for text in texts)
    engine = opened(settled)
    with writing(engine) as connection:
        past = datetime.now(UTC) - timedelta(days=1)
        old = sa.update(api_keys).where(api_keys.c.id == expired.removeprefix("pumpurs_"))
        connection.execute(old.values(expires=past, created=past - timedelta(days=2)))
    engine.dispose()
    assert revoked in settled("keys", "revoke", revoked).stdout
    heading, *lines = settled("keys", "list").stdout.splitlines()
    assert heading.replace("\t", " ") == "key role place state created expires used label"
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in lines}
    assert {key: row[:3] for key, row in rows.items()} == {
        good: ["scorer", "school:r64", "good"],
        expired: ["reader", "school:r64", "expired"],
        revoked: ["analyst", "school:r64", "revoked"],
    }
    days = f"{past - timedelta(days=2):%Y-%m-%d %H:%M}", f"{past:%Y-%m-%d %H:%M}"
    assert rows[expired][3:] == [*days, "never", "e-klase 2"]
    assert not any(text[21:] in "\n".join(lines) for text in texts)
    settled("keys", "revoke", revoked, refused="there is no key")


@pytest.mark.parametrize(("words", "days"), [((), 365), (("--days", "2"), 2)])
def test_a_key_is_good_for_as_long_as_is_said(
    settled: Run, words: tuple[str, ...], days: int
) -> None:
    """By the option, else by the setting."""
    text = settled("keys", "create", "--place", "state:lv", *words).stdout.strip()
    engine = opened(settled)
    with reading(engine) as connection:
        known = {key.id: key for key in read_keys(connection)}
    engine.dispose()
    key = check_key(text, known)
    assert key.expires is not None
    assert abs((key.expires - datetime.now(UTC)) - timedelta(days=days)) < timedelta(minutes=5)


REFUSED = {
    ("places", "add", "school:x", "--name", "X", "--in", "lv"): "a school lies in a municipality",
    ("places", "add", "village:x", "--name", "X"): "is no place",
    ("keys", "create", "--place", "school:none"): "there is no school:none",
    ("keys", "create", "--place", "school:riga"): "there is no school:riga",
    ("keys", "create", "--place", "school:r64", "--role", "king"): "king",
    ("rules", "activate", "nowhere", "--from", "2026-09-01"): "no ruleset.yaml",
    ("rules", "activate", str(LV), "--from", "1.9.2026"): "1.9.2026",
    ("retention", "run", "--days", "0"): "--days",
    ("db", "downgrade", "ffff"): "ffff",
}


def test_what_cannot_be_done_is_said_and_not_done(settled: Run) -> None:
    """Every refusal names what is wrong, and the store is as before."""
    before = settled("places", "list").stdout
    for words, says in REFUSED.items():
        settled(*words, refused=says)
    assert settled("places", "list").stdout == before
    assert len(settled("keys", "list").stdout.splitlines()) == 1  # the heading


def test_a_ruleset_with_an_error_is_not_put_in_force(settled: Run, tmp_path: Path) -> None:
    """Its check fails, and what is wrong is shown with its place."""
    shutil.copytree(LV.parent, tmp_path / "rules")
    file = tmp_path / "rules" / "lv" / "attendance.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub("unexcused_lessons_semester >", "unexcused >", text), encoding="utf-8")
    settled(
        "rules", "activate", str(file.parent), "--from", "2026-09-01", refused="attendance.yaml:"
    )


def test_before_there_are_tables_each_command_says_so(run: Run) -> None:
    """With the remedy; an SQLite file is not made by the way."""
    for words in (("places", "list"), ("keys", "list"), ("retention", "run")):
        run(*words, refused="db upgrade")


def test_the_store_is_taken_back_and_forth(settled: Run) -> None:
    """To an older version for an older program, and up again, with what it holds."""
    engine = opened(settled)
    assert "0001" in settled("db", "downgrade", "0001").stdout
    settled("places", "list", refused="this program needs")
    assert head(engine) in settled("db", "upgrade").stdout
    assert current(engine) == (head(engine),)
    engine.dispose()
    assert "school:r64" in settled("places", "list").stdout


def test_a_store_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else on the machine can read pupils' values, nor in the copy."""
    file, copy = tmp_path / "p.db", tmp_path / "copy.db"
    act = operator(monkeypatch, f"sqlite:///{file}")
    act("db", "upgrade")
    act("db", "backup", str(copy))
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
    with closing(sqlite3.connect(copy)) as connection:
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert version


def test_retention_takes_out_what_is_old_and_keeps_counts(settled: Run) -> None:
    """Older than is kept: the person goes, the level stays; younger: nothing changes."""
    settled("rules", "activate", str(LV), "--from", "2026-09-01")
    engine, now = opened(settled), datetime.now(UTC)
    with writing(engine) as connection:
        rules = connection.execute(sa.text("SELECT hash FROM rulesets")).scalar_one()
        for days in (1, 10):
            row = {
                "id": str(uuid4()),
                "at": now - timedelta(days=days),
                "caller": "test",
                "school": "r64",
                "as_of": now.date(),
                "ruleset": rules,
                "level": "high",
                "possible_level": "high",
                "agreed": True,
                "pupil": f"P-{days}",
                "inputs": "{}",
                "answer": "{}",
            }
            connection.execute(sa.insert(assessments).values(row))
    done = settled("retention", "run", "--days", "5").stdout
    counts = "persons taken out of 1 assessments, and of registers 0 rows"
    assert done == f"{counts}; 0 idempotency keys forgotten\n"
    with reading(engine) as connection:
        kept = connection.execute(
            sa.select(assessments.c.pupil, assessments.c.level).order_by(assessments.c.at)
        ).all()
    engine.dispose()
    assert [tuple(row) for row in kept] == [(None, "high"), ("P-1", "high")]


def test_one_pupil_is_erased_by_a_key_that_no_process_list_shows(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key comes on standard input; the erasure keeps who did it and why, not whom."""
    act = operator(monkeypatch, api.settings.database)
    key = api.as_("school:r64")
    for _ in range(2):
        api.client.post("/v1/assessments", json=asked("P-GONE"), headers=key)
    done = act("retention", "erase", "--reason", "asked by the parents", text="P-GONE\n").stdout
    assert done == "the pupil was taken out of 2 assessments, and of registers 0 rows\n"
    assert api.client.get("/v1/pupils/P-GONE/assessments", headers=key).status_code == 404
    with reading(api.engine) as connection:
        last = sa.select(erasures).order_by(erasures.c.id.desc()).limit(1)
        noted = connection.execute(last).one()
        pupils = connection.execute(sa.select(assessments.c.pupil)).scalars().all()
    assert (noted.by, noted.reason) == ("operator:anna", "asked by the parents")
    assert "P-GONE" not in pupils


NO_KEY = {
    "": "no pupil's key came",
    "\n": "no pupil's key came",
    "P-7 Anna Ozola\n": "[key-form]",
    "\udcff\n": "[key-form]",
    "P-NOBODY\n": "nothing of this pupil is stored",
}


@pytest.mark.parametrize("text", NO_KEY)
def test_an_erasure_of_nobody_is_refused_and_leaves_no_trace(settled: Run, text: str) -> None:
    """No key, no form of a key, nobody's key: each has a message of its own, without the key."""
    given = text.encode(errors="surrogateescape")
    done = settled("retention", "erase", "--reason", "asked", text=given, refused=NO_KEY[text])
    assert not text.strip() or text.strip() not in str(done.exception) + done.output
    assert isinstance(done.exception, DataError)  # which the command line ends with code 1
    engine = opened(settled)
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(erasures)).scalar() == 0
    engine.dispose()


def test_the_access_log_says_who_looked_at_a_pupil(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest first, of this pupil alone, whose key is not shown; none after an erasure."""
    act, started = (
        operator(monkeypatch, api.settings.database),
        f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
    )
    school, city = api.as_("school:r64"), api.as_("municipality:riga", Role.COORDINATOR)
    for pupil in ("P-SEEN", "P-UNSEEN"):
        api.client.post("/v1/assessments", json=asked(pupil), headers=school)
    for header in (school, city):
        api.client.get("/v1/pupils/P-SEEN/assessments", headers=header)
    heading, *lines = act("access", "list", text="P-SEEN\n").stdout.splitlines()
    assert heading == "moment\tcaller\trole\tplace\twhat"
    moments, names, *rest = zip(*(line.split("\t") for line in lines), strict=True)
    assert list(zip(*rest, strict=True)) == [
        ("coordinator", "riga", "history"),
        ("scorer", "r64", "history"),
    ]
    assert moments[0] >= moments[1] >= started
    shown = [next(iter(each.values())).removeprefix("Bearer ")[:20] for each in (city, school)]
    assert list(names) == shown
    act("retention", "erase", "--reason", "asked", text="P-SEEN\n")
    assert act("access", "list", text="P-SEEN\n").stdout.splitlines() == [heading]
    act("access", "list", text="\n", refused="no pupil's key came")
