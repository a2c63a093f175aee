"""Applications of graduates who cannot come, what was done about each, and who covers for a counselor. Frozen."""

STATEMENTS = """
CREATE TABLE proxy_application (
    id TEXT NOT NULL PRIMARY KEY,
    graduate_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    running BOOLEAN,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    steps TEXT NOT NULL,
    name TEXT NOT NULL,
    id_number TEXT NOT NULL,
    phone TEXT NOT NULL,
    own_phone TEXT NOT NULL,
    from_day TEXT,
    until_day TEXT,
    address TEXT NOT NULL,
    tracking TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (kind IN ('proxy','post')),
    CHECK (state IN ('draft','submitted','returned','approved','rejected','withdrawn','revoked','expired','posted')),
    CHECK ((running IS NOT NULL) = (state IN ('draft','submitted','returned','approved')))
);
CREATE INDEX proxy_application_graduate_id ON proxy_application (graduate_id);
CREATE INDEX proxy_application_state ON proxy_application (state);
CREATE INDEX proxy_application_id_number ON proxy_application (id_number);
CREATE UNIQUE INDEX proxy_application_graduate_id_running ON proxy_application (graduate_id, running);
CREATE TABLE proxy_event (
    id {serial},
    application_id TEXT NOT NULL,
    no INTEGER NOT NULL,
    act TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    words TEXT NOT NULL,
    detail TEXT NOT NULL,
    FOREIGN KEY (application_id) REFERENCES proxy_application (id)
);
CREATE INDEX proxy_event_application_id ON proxy_event (application_id);
CREATE UNIQUE INDEX proxy_event_application_id_no ON proxy_event (application_id, no);
CREATE TABLE proxy_cover (
    id {serial},
    absent_id TEXT NOT NULL,
    cover_id TEXT NOT NULL,
    from_day TEXT NOT NULL,
    until_day TEXT NOT NULL,
    named_at BIGINT NOT NULL,
    ended_at BIGINT,
    FOREIGN KEY (absent_id) REFERENCES account (id),
    FOREIGN KEY (cover_id) REFERENCES account (id),
    CHECK (absent_id <> cover_id),
    CHECK (from_day <= until_day)
);
CREATE INDEX proxy_cover_absent_id ON proxy_cover (absent_id);
CREATE INDEX proxy_cover_cover_id ON proxy_cover (cover_id)
"""
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER proxy_event_no_{act.lower()} BEFORE {act} ON proxy_event "
    "BEGIN SELECT RAISE(ABORT, 'what was done about an application is append-only'); END"
    for act in ("UPDATE", "DELETE")
)
POSTGRESQL_GUARDS = (
    "CREATE TRIGGER proxy_event_append_only BEFORE UPDATE OR DELETE ON proxy_event FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create the tables, their indexes and their guards."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        migrator.sql(guard)
