"""Which picture of the vault stands in which place of a proxy's application. Frozen: later changes are migrations of their own."""


def migrate(migrator, database, fake=False, **kwargs):
    """Create the table."""
    migrator.sql(
        "CREATE TABLE proxy_picture (application_id TEXT NOT NULL, slot TEXT NOT NULL, picture_id TEXT NOT NULL, "
        "PRIMARY KEY (application_id, slot), FOREIGN KEY (picture_id) REFERENCES picture (id), "
        "CHECK (slot IN ('letter','own-id','proxy-id')))"
    )
    migrator.sql("CREATE UNIQUE INDEX proxy_picture_picture_id ON proxy_picture (picture_id)")
