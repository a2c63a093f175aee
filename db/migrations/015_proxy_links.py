"""Links to a proxy's card. Frozen: later changes are migrations of their own."""

STATEMENTS = """
CREATE TABLE proxy_link (
    id TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    opened_at BIGINT,
    holder TEXT,
    FOREIGN KEY (application_id) REFERENCES proxy_application (id),
    CHECK ((holder IS NULL) = (opened_at IS NULL))
);
CREATE INDEX proxy_link_application_id ON proxy_link (application_id);
CREATE UNIQUE INDEX proxy_link_code_hash ON proxy_link (code_hash);
CREATE INDEX proxy_link_holder ON proxy_link (holder)
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table and its indexes."""
    for statement in STATEMENTS.split(";"):
        migrator.sql(statement.strip())
