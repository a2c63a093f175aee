"""Pictures that graduates upload: why each is kept and until when. Frozen: later changes are migrations of their own."""

STATEMENTS = """
CREATE TABLE picture (
    id TEXT NOT NULL PRIMARY KEY,
    graduate_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    why TEXT NOT NULL,
    until BIGINT NOT NULL,
    deleted_at BIGINT,
    FOREIGN KEY (graduate_id) REFERENCES graduate (id),
    CHECK (why IN ('draft','season','rejected','withdrawn','replaced'))
);
CREATE INDEX picture_graduate_id ON picture (graduate_id);
CREATE INDEX picture_deleted_at_until ON picture (deleted_at, until)
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table and its indexes."""
    for statement in STATEMENTS.split(";"):
        migrator.sql(statement.strip())
