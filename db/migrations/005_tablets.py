"""Tablets that are gone for good, and notices to tablets. Frozen: later changes are migrations of their own."""

STATEMENTS = """
CREATE TABLE write_off (
    device TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    FOREIGN KEY (device) REFERENCES device (id),
    CHECK (reason <> '')
);

CREATE TABLE notice (
    id {serial},
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    device TEXT,
    station TEXT,
    until_at BIGINT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_by TEXT,
    FOREIGN KEY (device) REFERENCES device (id),
    FOREIGN KEY (station) REFERENCES station (code),
    CHECK (device IS NULL OR station IS NULL),
    CHECK (zh <> '' AND en <> '')
);
CREATE INDEX notice_device ON notice (device);
CREATE INDEX notice_station ON notice (station);
CREATE INDEX closing_date ON closing (date)
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the tables and indexes."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if type(database).__name__ == "SqliteDatabase" else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
