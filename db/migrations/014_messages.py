"""Messages to graduates, the e-mails that carry them, and the address a graduate gives. Frozen."""

STATEMENTS = """
CREATE TABLE message (
    id {serial},
    graduate_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    params TEXT NOT NULL,
    zh TEXT NOT NULL,
    en TEXT NOT NULL,
    "by" TEXT,
    at BIGINT NOT NULL,
    read_at BIGINT,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id)
);
CREATE INDEX message_graduate_id ON message (graduate_id);
CREATE UNIQUE INDEX message_key ON message (key);
CREATE INDEX message_by_at ON message ("by", at);
CREATE TABLE mail (
    id {serial},
    message_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    said TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (message_id) REFERENCES message (id),
    CHECK (state IN ('waiting','sent','failed','given-up'))
);
CREATE UNIQUE INDEX mail_message_id ON mail (message_id);
CREATE INDEX mail_state_due_at ON mail (state, due_at);
ALTER TABLE graduate ADD COLUMN own_email TEXT NOT NULL DEFAULT ''
"""
SQLITE_GUARDS = (
    "CREATE TRIGGER message_no_update BEFORE UPDATE OF graduate_id, kind, key, params, zh, en, \"by\", at ON message "
    "BEGIN SELECT RAISE(ABORT, 'messages are append-only'); END",
    "CREATE TRIGGER message_no_delete BEFORE DELETE ON message BEGIN SELECT RAISE(ABORT, 'messages are append-only'); END",
)
POSTGRESQL_GUARDS = (
    "CREATE TRIGGER message_append_only BEFORE DELETE OR UPDATE OF graduate_id, kind, key, params, zh, en, \"by\", at ON message "
    "FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create the tables, their indexes and their guards, and the column."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        migrator.sql(guard)
