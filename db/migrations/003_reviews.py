"""What reviewers said about findings and about what lay in quarantine. Frozen: later changes are migrations of their own."""

STATEMENTS = """
ALTER TABLE finding ADD COLUMN noted_at BIGINT;

CREATE TABLE review (
    id {serial},
    finding_id INTEGER,
    entry TEXT,
    token TEXT,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    made TEXT,
    "by" TEXT NOT NULL,
    at BIGINT NOT NULL,
    FOREIGN KEY (finding_id) REFERENCES finding (id),
    FOREIGN KEY (entry) REFERENCES entry (hash),
    FOREIGN KEY (token) REFERENCES quarantined (token_hash),
    FOREIGN KEY (made) REFERENCES entry (hash),
    CHECK (verdict IN ('seen','admitted','adopted','dismissed'))
);
CREATE INDEX review_finding_id ON review (finding_id);
CREATE UNIQUE INDEX review_entry ON review (entry);
CREATE UNIQUE INDEX review_token ON review (token);
CREATE INDEX review_made ON review (made);
CREATE INDEX entry_outcome_received_at ON entry (outcome, received_at) WHERE outcome = 'quarantined'
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table and its indexes."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if type(database).__name__ == "SqliteDatabase" else "SERIAL NOT NULL PRIMARY KEY"
    for statement in STATEMENTS.replace("{serial}", serial).split(";"):
        migrator.sql(statement.strip())
