"""The tables. Pupils appear by their pseudonymous keys only; moments are UTC."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC, in both databases; SQLite keeps no time zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a moment without a zone; SQLite is given UTC as it stands on the clock."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the moment with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Digest(sa.TypeDecorator[str]):
    """A text that is kept as its SHA-256 only: what clients write into it is not ours to keep."""

    impl = sa.String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Return the digest."""
        del dialect
        return None if value is None else hashlib.sha256(value.encode()).hexdigest()


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

LEVELS_CHECK = "level IN ('state', 'municipality', 'school')"
ERASED_CHECK = "(erasure IS NULL) = (pupil IS NOT NULL)"
ACCOUNT_CHECK = "read = used + rejected + deleted + left_out"
MODES_CHECK = "mode IN ('bulk', 'delta')"

places = sa.Table(
    "places",
    metadata,
    sa.Column("code", sa.String(64), primary_key=True),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("parent", sa.ForeignKey("places.code"), index=True),
    sa.CheckConstraint(LEVELS_CHECK, name="level"),
)

rulesets = sa.Table(
    "rulesets",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("version", sa.String(128), nullable=False),
    sa.Column("decision_hash", sa.String(64), nullable=False),
    sa.Column("files", sa.JSON, nullable=False),
    sa.Column("added", Moment, nullable=False),
)

activations = sa.Table(
    "activations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("starts", sa.Date, nullable=False),
    sa.Column("ruleset", sa.ForeignKey("rulesets.hash"), nullable=False),
    sa.Column("catalogue", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", sa.String(128), nullable=False),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("label", sa.String(200), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("place", sa.ForeignKey("places.code"), nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("expires", Moment),
    sa.Column("revoked", Moment),
    sa.Column("last_used", Moment),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", sa.String(128), nullable=False),
    sa.Column("reason", sa.String(400), nullable=False),
)

assessments = sa.Table(
    "assessments",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("school", sa.ForeignKey("places.code"), nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("ruleset", sa.ForeignKey("rulesets.hash"), nullable=False),
    sa.Column("score", sa.Integer),
    sa.Column("possible_score", sa.Integer),
    sa.Column("level", sa.String(64), nullable=False),
    sa.Column("possible_level", sa.String(64), nullable=False),
    sa.Column("agreed", sa.Boolean, nullable=False),
    sa.Column("request", sa.Uuid(as_uuid=False)),
    sa.Column("place_in_request", sa.Integer),
    sa.Column("pupil", sa.String(128)),
    sa.Column("inputs", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("erasure", sa.ForeignKey("erasures.id")),
    sa.CheckConstraint(ERASED_CHECK, name="erased"),
    sa.Index("ix_assessments_pupil_id", "pupil", "id"),
    sa.Index("ix_assessments_request", "request"),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("idempotency_key", Digest, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("rejects", sa.JSON),
    sa.UniqueConstraint("caller", "idempotency_key", name="uq_requests_caller_idempotency_key"),
)

reads = sa.Table(
    "reads",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("place", sa.String(64), nullable=False),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("pupil", sa.String(128), index=True),
    sa.Column("erasure", sa.ForeignKey("erasures.id")),
    sa.CheckConstraint(ERASED_CHECK, name="erased"),
)

parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("caller", sa.String(200), nullable=False),
    sa.Column("place", sa.ForeignKey("places.code"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("file", sa.String(32), nullable=False),
    sa.Column("mode", sa.String(8), nullable=False),
    sa.Column("request", sa.Uuid(as_uuid=False), index=True),
    sa.Column("read", sa.Integer, nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("rejected", sa.Integer, nullable=False),
    sa.Column("deleted", sa.Integer, nullable=False),
    sa.Column("left_out", sa.Integer, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("erased", sa.Integer, nullable=False),
    sa.Column("erasure", sa.ForeignKey("erasures.id")),
    sa.Column("ended", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("unmatched", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.CheckConstraint(ACCOUNT_CHECK, name="account"),
    sa.CheckConstraint(MODES_CHECK, name="mode"),
    sa.UniqueConstraint("place", "number", name="uq_parcels_place_number"),
)

disagreements = sa.Table(
    "disagreements",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("ruleset", sa.String(64), nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
)

revision = sa.Table(
    "revision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)
