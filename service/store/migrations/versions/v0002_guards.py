"""What the database itself refuses: changing the log, and seeing another place's pupils."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FOR_EVER = ("rulesets", "activations", "erasures")
LOGS = {
    "assessments": "id at caller school as_of ruleset score possible_score level possible_level"
    " agreed request place_in_request",
    "reads": "id at caller role place what",
}
EMPTIED = {"assessments": "NEW.inputs IS NULL AND NEW.answer IS NULL", "reads": "1 = 1"}
KEYS = {"rulesets": "hash"}  # of all others it is the id
REFUSED = "the log is only added to"


def upgrade() -> None:
    """Put the guards up."""
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    """Take the guards down."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in (*FOR_EVER, *LOGS):
        for deed in ("update", "delete", "truncate" if postgresql else "replace"):
            on = f" ON {table}" if postgresql else ""
            op.execute(f"DROP TRIGGER {table}_{deed}{on}")
    if not postgresql:
        return
    op.execute("DROP FUNCTION pumpurs_refuse()")
    for table in LOGS:
        op.execute(f"DROP POLICY {table}_place ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _erases(table: str, same: str) -> str:
    """Return the condition under which an update takes out the person and nothing else."""
    kept = " AND ".join(f'NEW."{name}" {same} OLD."{name}"' for name in LOGS[table].split())
    gone = f"NEW.pupil IS NULL AND {EMPTIED[table]}"
    return f"({kept} AND {gone} AND OLD.erasure IS NULL AND NEW.erasure IS NOT NULL)"


def _sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    for table in (*FOR_EVER, *LOGS):
        erases = f"{_erases(table, 'IS')} AND NEW.rowid = OLD.rowid" if table in LOGS else ""
        when = f"WHEN NOT ({erases}) " if erases else ""
        op.execute(f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} {when}{refuse}")
        op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} {refuse}")
        # REPLACE removes the row that is in its way, and no trigger for deletes hears of it.
        key = KEYS.get(table, "id")
        same = f"{key} = NEW.{key} OR rowid = NEW.rowid"
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608
        op.execute(f"CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION pumpurs_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    do = "EXECUTE FUNCTION pumpurs_refuse()"
    for table in (*FOR_EVER, *LOGS):
        erases = _erases(table, "IS NOT DISTINCT FROM") if table in LOGS else ""
        when = f"WHEN (NOT {erases}) " if erases else ""
        op.execute(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} FOR EACH ROW {when}{do}"
        )
        op.execute(f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW {do}")
        op.execute(f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} {do}")
    # Nothing set, nothing seen: current_setting(..., true) is then null or empty.
    at = "current_setting('pumpurs.place', true)"
    level = "current_setting('pumpurs.level', true)"
    for table, column in (("assessments", "school"), ("reads", "place")):
        below = f"{column} IN (SELECT code FROM places WHERE parent = {at})"  # noqa: S608
        mine = (
            f"{level} = 'state' OR ({level} IN ('municipality', 'school') AND {column} = {at})"
            f" OR ({level} = 'municipality' AND {below})"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_place ON {table} USING ({mine}) WITH CHECK ({mine})")
