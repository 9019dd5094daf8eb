"""What a parcel ended of what was held: counted, as its rows are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = ("ended", "unmatched")
REFUSED = "parcels are only added to"


def upgrade() -> None:
    """Add the counts, and guard them as the others are."""
    for name in NEW:
        op.add_column(
            "parcels", sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
    changed = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in NEW)
    before = "CREATE TRIGGER parcels_counts BEFORE UPDATE ON parcels"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"{before} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION pumpurs_refuse()")
    else:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        op.execute(f"{before} WHEN {changed} {refuse}")


def downgrade() -> None:
    """Take the counts away."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER parcels_counts{' ON parcels' if postgresql else ''}")
    for name in NEW:
        op.drop_column("parcels", name)
