"""Shifts at tablets. Frozen: later changes are migrations of their own."""

STATEMENTS = """
CREATE TABLE shift (
    id TEXT NOT NULL PRIMARY KEY,
    device TEXT NOT NULL,
    operator TEXT NOT NULL,
    role TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    FOREIGN KEY (device) REFERENCES device (id),
    CHECK (role IN ('operator','supervisor'))
);
CREATE INDEX shift_device ON shift (device);
CREATE INDEX shift_operator ON shift (operator)
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table and its indexes."""
    for statement in STATEMENTS.split(";"):
        migrator.sql(statement.strip())
