"""What a commit promises."""

import pytest

from db.database import database


def setting(name: str):
    return database.execute_sql(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.engine("sqlite")
def test_what_is_committed_is_on_the_disk_and_writers_wait_for_one_another(db):
    assert setting("synchronous") == 2  # full: also the journal's own end is flushed
    assert setting("journal_mode") == "wal"
    assert setting("busy_timeout") == 20_000
    assert setting("foreign_keys") == 1
