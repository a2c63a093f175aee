"""When what was typed into an application was erased. Frozen: later changes are migrations of their own."""


def migrate(migrator, database, fake=False, **kwargs):
    """Add the column."""
    migrator.sql("ALTER TABLE proxy_application ADD COLUMN erased_at BIGINT")
