"""Files between their dry run and the decision. Frozen: later changes are migrations of their own."""

TABLE = """
CREATE TABLE upload (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content {blob} NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL
)
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    migrator.sql(TABLE.replace("{blob}", "BLOB" if sqlite else "BYTEA").strip())
    migrator.sql("CREATE INDEX upload_at ON upload (at)")
