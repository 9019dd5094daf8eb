"""Runs migrations on the engine that `service.store.migrate` gives."""

from __future__ import annotations

from alembic import context
from sqlalchemy.engine import Engine

from service.store.tables import metadata

engine: Engine = context.config.attributes["engine"]
with engine.connect().execution_options(writing=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
