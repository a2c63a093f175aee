"""What was told about an entry, and what was set aside, stays as it was written. Frozen: later changes are migrations of their own.

An entry whose outcome could be changed would silently count no longer; a token aside that could be removed would be discarded.
"""

WORD = "BEFORE UPDATE OF outcome, code, via ON entry"
SQLITE_GUARDS = (
    f"CREATE TRIGGER entry_word_no_update {WORD} BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    *(
        f"CREATE TRIGGER quarantined_no_{act.lower()} BEFORE {act} ON quarantined "
        "BEGIN SELECT RAISE(ABORT, 'the quarantine is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ),
)
POSTGRESQL_GUARDS = (
    f"CREATE TRIGGER entry_word_no_update {WORD} FOR EACH ROW EXECUTE FUNCTION append_only()",
    "CREATE TRIGGER quarantined_append_only BEFORE UPDATE OR DELETE ON quarantined FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def migrate(migrator, database, fake=False, **kwargs):
    """Create the guards."""
    for guard in SQLITE_GUARDS if type(database).__name__ == "SqliteDatabase" else POSTGRESQL_GUARDS:
        migrator.sql(guard)
