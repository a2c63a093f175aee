"""Online forms of steps: what graduates typed and sent, and whose review waits. Frozen."""

STATEMENTS = """
CREATE TABLE step_form (
    id {serial},
    graduate_id INTEGER NOT NULL,
    step TEXT NOT NULL,
    draft TEXT NOT NULL,
    draft_at BIGINT NOT NULL,
    sent TEXT,
    sent_at BIGINT,
    late BOOLEAN NOT NULL,
    waits TEXT,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (waits IN ('counselor','college','department')),
    CHECK ((sent IS NULL) = (sent_at IS NULL)),
    CHECK (waits IS NULL OR sent IS NOT NULL)
);
CREATE INDEX step_form_graduate_id ON step_form (graduate_id);
CREATE UNIQUE INDEX step_form_graduate_id_step ON step_form (graduate_id, step);
CREATE INDEX step_form_waits ON step_form (waits)
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table and its indexes."""
    sqlite = type(database).__name__ == "SqliteDatabase"
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
