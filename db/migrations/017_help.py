"""Graduates' requests for help, and what was said and done about each. Frozen."""

STATEMENTS = """
CREATE TABLE help_request (
    id {serial},
    graduate_id INTEGER NOT NULL,
    topic TEXT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    due_at BIGINT,
    handed_to TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (state IN ('open','answered','closed'))
);
CREATE INDEX help_request_graduate_id ON help_request (graduate_id);
CREATE INDEX help_request_handed_to ON help_request (handed_to);
CREATE TABLE help_event (
    id {serial},
    request_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    act TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    step TEXT NOT NULL,
    FOREIGN KEY (request_id) REFERENCES help_request (id)
);
CREATE INDEX help_event_request_id ON help_event (request_id);
CREATE UNIQUE INDEX help_event_request_id_no ON help_event (request_id, no)
"""
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER help_event_no_{act.lower()} BEFORE {act} ON help_event "
    "BEGIN SELECT RAISE(ABORT, 'what was said about a request is append-only'); END"
    for act in ("UPDATE", "DELETE")
)
POSTGRESQL_GUARDS = (
    "CREATE TRIGGER help_event_append_only BEFORE UPDATE OR DELETE ON help_event FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create the tables, their indexes and their guards."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        migrator.sql(guard)
