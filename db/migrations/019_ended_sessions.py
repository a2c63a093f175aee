"""Sessions that somebody signed out of, until they would have ended anyway. Frozen: later changes are migrations of their own."""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table."""
    migrator.sql("CREATE TABLE ended_session (id TEXT NOT NULL PRIMARY KEY, until BIGINT NOT NULL)")
    migrator.sql("CREATE INDEX ended_session_until ON ended_session (until)")
