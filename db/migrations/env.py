"""Alembic's environment: migrates over the connection that `db.upgrade` opened."""

from alembic import context

from db.models import Base


def run() -> None:
    """Migrate within the connection's own transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        # SQLite's DDL is transactional once SQLAlchemy writes its BEGIN, as `db.engine` lets it.
        transactional_ddl=True,
        # SQLite alters a table by building it anew.
        render_as_batch=True,
        user_module_prefix="types.",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
