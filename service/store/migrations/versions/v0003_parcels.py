"""Registers as they were sent: parcels, which an erasure alone may change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SAME = (
    "id at caller place number file mode request read used rejected deleted left_out"  # and `notes`
)
REFUSED = "parcels are only added to"


def upgrade() -> None:
    """Make the table and put its guards up."""
    op.create_table(
        "parcels",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("request", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("erasure", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "read = used + rejected + deleted + left_out", name=op.f("ck_parcels_account")
        ),
        sa.CheckConstraint("mode IN ('bulk', 'delta')", name=op.f("ck_parcels_mode")),
        sa.ForeignKeyConstraint(["erasure"], ["erasures.id"], name="fk_parcels_erasure"),
        sa.ForeignKeyConstraint(["place"], ["places.code"], name="fk_parcels_place"),
        sa.PrimaryKeyConstraint("id", name="pk_parcels"),
        sa.UniqueConstraint("place", "number", name="uq_parcels_place_number"),
    )
    op.create_index("ix_parcels_request", "parcels", ["request"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    """Remove it, with all that it holds; its guards go with it."""
    op.drop_index("ix_parcels_request", table_name="parcels")
    op.drop_table("parcels")


def _erases(same: str) -> str:
    """Return the condition under which an update takes rows out, in the name of an erasure."""
    kept = " AND ".join(f'NEW."{name}" {same} OLD."{name}"' for name in SAME.split())
    notes = f"CAST(NEW.notes AS TEXT) {same} CAST(OLD.notes AS TEXT)"
    newer = "NEW.erasure IS NOT NULL AND (OLD.erasure IS NULL OR NEW.erasure > OLD.erasure)"
    return f"({kept} AND {notes} AND {newer} AND NEW.erased > OLD.erased)"


def _sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    when = f"WHEN NOT ({_erases('IS')} AND NEW.rowid = OLD.rowid) "
    op.execute(f"CREATE TRIGGER parcels_update BEFORE UPDATE ON parcels {when}{refuse}")
    op.execute(f"CREATE TRIGGER parcels_delete BEFORE DELETE ON parcels {refuse}")
    same = "id = NEW.id OR rowid = NEW.rowid OR (place = NEW.place AND number = NEW.number)"
    there = f"EXISTS (SELECT 1 FROM parcels WHERE {same})"  # noqa: S608  our own names
    # REPLACE removes the row that is in its way, and no trigger for deletes hears of it.
    op.execute(f"CREATE TRIGGER parcels_replace BEFORE INSERT ON parcels WHEN {there} {refuse}")


def _postgresql() -> None:
    do = "EXECUTE FUNCTION pumpurs_refuse()"
    when = f"WHEN (NOT {_erases('IS NOT DISTINCT FROM')}) "
    op.execute(f"CREATE TRIGGER parcels_update BEFORE UPDATE ON parcels FOR EACH ROW {when}{do}")
    op.execute(f"CREATE TRIGGER parcels_delete BEFORE DELETE ON parcels FOR EACH ROW {do}")
    op.execute(f"CREATE TRIGGER parcels_truncate BEFORE TRUNCATE ON parcels {do}")
    at = "current_setting('pumpurs.place', true)"
    level = "current_setting('pumpurs.level', true)"
    below = f"place IN (SELECT code FROM places WHERE parent = {at})"  # noqa: S608  our own names
    mine = (
        f"{level} = 'state' OR ({level} IN ('municipality', 'school') AND place = {at})"
        f" OR ({level} = 'municipality' AND {below})"
    )
    # What belongs to no school is read by all that lie below the place that sent it.
    above = (
        f"{level} IN ('municipality', 'school') AND place IN ("  # noqa: S608  our own names
        f"SELECT parent FROM places WHERE code = {at} UNION SELECT above.parent FROM places AS own"
        f" JOIN places AS above ON above.code = own.parent WHERE own.code = {at})"
    )
    op.execute("ALTER TABLE parcels ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE parcels FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY parcels_read ON parcels FOR SELECT USING ({mine} OR {above})")
    op.execute(f"CREATE POLICY parcels_add ON parcels FOR INSERT WITH CHECK ({mine})")
    op.execute(
        f"CREATE POLICY parcels_erase ON parcels FOR UPDATE USING ({mine}) WITH CHECK ({mine})"
    )
    # So that a removal meets the trigger, which refuses it; else it would pass over all rows.
    op.execute(f"CREATE POLICY parcels_remove ON parcels FOR DELETE USING ({mine})")
