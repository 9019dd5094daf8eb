"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _callers()
    _rulesets()
    _log()
    _assessments()
    _reads()
    op.execute("INSERT INTO revision (id, number) VALUES (1, 0)")


def _rulesets() -> None:
    op.create_table(
        "rulesets",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=128), nullable=False),
        sa.Column("decision_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_rulesets"),
    )
    op.create_table(
        "activations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("catalogue", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["ruleset"], ["rulesets.hash"], name="fk_activations_ruleset"),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
    )
    op.create_table(
        "disagreements",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disagreements"),
    )


def _callers() -> None:
    op.create_table(
        "places",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "level IN ('state', 'municipality', 'school')", name=op.f("ck_places_level")
        ),
        sa.ForeignKeyConstraint(["parent"], ["places.code"], name="fk_places_parent"),
        sa.PrimaryKeyConstraint("code", name="pk_places"),
    )
    op.create_index("ix_places_parent", "places", ["parent"], unique=False)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["place"], ["places.code"], name="fk_api_keys_place"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )


def _log() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rejects", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("caller", "idempotency_key", name="uq_requests_caller_idempotency_key"),
    )


def _assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("school", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ruleset", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("possible_score", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("possible_level", sa.String(length=64), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("request", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("place_in_request", sa.Integer(), nullable=True),
        sa.Column("pupil", sa.String(length=128), nullable=True),
        sa.Column("inputs", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("erasure", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(erasure IS NULL) = (pupil IS NOT NULL)", name=op.f("ck_assessments_erased")
        ),
        sa.ForeignKeyConstraint(["erasure"], ["erasures.id"], name="fk_assessments_erasure"),
        sa.ForeignKeyConstraint(["ruleset"], ["rulesets.hash"], name="fk_assessments_ruleset"),
        sa.ForeignKeyConstraint(["school"], ["places.code"], name="fk_assessments_school"),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_pupil_id", "assessments", ["pupil", "id"], unique=False)
    op.create_index("ix_assessments_request", "assessments", ["request"], unique=False)


def _reads() -> None:
    op.create_table(
        "reads",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("pupil", sa.String(length=128), nullable=True),
        sa.Column("erasure", sa.Integer(), nullable=True),
        sa.CheckConstraint("(erasure IS NULL) = (pupil IS NOT NULL)", name=op.f("ck_reads_erased")),
        sa.ForeignKeyConstraint(["erasure"], ["erasures.id"], name="fk_reads_erasure"),
        sa.PrimaryKeyConstraint("id", name="pk_reads"),
    )
    op.create_index("ix_reads_pupil", "reads", ["pupil"], unique=False)


def downgrade() -> None:
    """Remove them, with all that they hold."""
    op.drop_index("ix_reads_pupil", table_name="reads")
    op.drop_table("reads")
    op.drop_index("ix_assessments_request", table_name="assessments")
    op.drop_index("ix_assessments_pupil_id", table_name="assessments")
    op.drop_table("assessments")
    op.drop_table("api_keys")
    op.drop_table("activations")
    op.drop_table("rulesets")
    op.drop_table("revision")
    op.drop_table("requests")
    op.drop_index("ix_places_parent", table_name="places")
    op.drop_table("places")
    op.drop_table("erasures")
    op.drop_table("disagreements")
