"""What processes of their own do in tests/db/test_concurrency.py: upload, and follow the change numbers.

They import no more than that takes: there are nine of them.
"""

import time

from db.database import close_database, database, open_database
from db.intake import receive
from db.people import Graduate
from tests.db.ledgers import cells


def upload(url, batches):
    """Receive these batches; return (token, outcome) of every answer."""
    told = []
    open_database(url)
    for batch in batches:
        told += [(token, answer.outcome) for token, answer in zip(batch, receive(batch, "direct"), strict=True)]
    close_database()
    return told


def follow(url, until):
    """Keep a copy of the projection by reading only rows that changed, as tablets do, until the event is set; return it."""
    copy = {}
    open_database(url)
    last, over = 0, False
    while not over:
        over = until.is_set()
        newest = database.execute_sql("SELECT value FROM counter WHERE name = 'change'").fetchone()[0]
        changed = {row.ref for row in Graduate.select(Graduate.ref).where(Graduate.change > last)}
        if changed:
            copy.update({key: cell for key, cell in cells().items() if key[0] in changed})
        last = newest
        time.sleep(0.005)
    close_database()
    return copy
