"""From when on tablets' entries have to name a shift. Frozen: later changes are migrations of their own."""

import time

# An installation that has entries already was worked with before shifts were judged: what was right then stays so.
STATEMENT = """
INSERT INTO counter (name, value)
SELECT 'shifts', CASE WHEN EXISTS (SELECT 1 FROM entry) THEN {now} ELSE 0 END
"""


def migrate(migrator, database, fake=False, **kwargs):
    """Note the moment, 0 for a new installation."""
    migrator.sql(STATEMENT.replace("{now}", str(int(time.time() * 1000))).strip())
