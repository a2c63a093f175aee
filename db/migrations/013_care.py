"""What counselors write down about their graduates: notes, and marks with who and when. Frozen."""

STATEMENTS = """
CREATE TABLE graduate_note (
    id {serial},
    graduate_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (text <> '')
);
CREATE INDEX graduate_note_graduate_id ON graduate_note (graduate_id);
CREATE TABLE graduate_mark (
    id {serial},
    graduate_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    why TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (kind IN ('unreachable','delayed','no-destination')),
    CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE INDEX graduate_mark_graduate_id ON graduate_mark (graduate_id)
"""
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for name, act, table in (
        ("graduate_note_no_update", "UPDATE", "graduate_note"),
        ("graduate_note_no_delete", "DELETE", "graduate_note"),
        ("graduate_mark_no_delete", "DELETE", "graduate_mark"),
        ("graduate_mark_no_update", "UPDATE OF graduate_id, kind, why, \"by\", at", "graduate_mark"),
    )
)
POSTGRESQL_GUARDS = tuple(
    f"CREATE TRIGGER {table}_append_only BEFORE {acts} ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
    for table, acts in (
        ("graduate_note", "UPDATE OR DELETE"),
        ("graduate_mark", 'DELETE OR UPDATE OF graduate_id, kind, why, "by", at'),
    )
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create the tables, their indexes and their guards."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        migrator.sql(guard)
