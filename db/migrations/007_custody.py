"""Which tablet hands out which class's things, move by move. Frozen: later changes are migrations of their own."""

STATEMENTS = """
CREATE TABLE custody_move (
    id {serial},
    step TEXT NOT NULL,
    class_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    from_device TEXT,
    to_device TEXT,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    FOREIGN KEY (class_id) REFERENCES class_group (id),
    FOREIGN KEY (from_device) REFERENCES device (id),
    FOREIGN KEY (to_device) REFERENCES device (id),
    CHECK (kind IN ('given','asked','kept','moved','written-off')),
    CHECK ((from_device IS NULL) = (kind = 'given') AND (to_device IS NOT NULL OR kind NOT IN ('given','kept')))
);
CREATE INDEX custody_move_class_id ON custody_move (class_id);
CREATE INDEX custody_move_from_device ON custody_move (from_device);
CREATE INDEX custody_move_to_device ON custody_move (to_device);
CREATE UNIQUE INDEX custody_move_step_class_id_no ON custody_move (step, class_id, no)
"""
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER custody_move_no_{act.lower()} BEFORE {act} ON custody_move "
    "BEGIN SELECT RAISE(ABORT, 'the history of custody is append-only'); END"
    for act in ("UPDATE", "DELETE")
)
POSTGRESQL_GUARDS = (
    "CREATE TRIGGER custody_move_append_only BEFORE UPDATE OR DELETE ON custody_move FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table, its indexes and its guards."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        migrator.sql(guard)
