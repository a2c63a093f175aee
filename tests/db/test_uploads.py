"""Files that wait for a decision."""

from datetime import timedelta

import pytest

from db import uploads
from db.database import now
from db.refusals import NotFound
from db.uploads import Upload

pytestmark = pytest.mark.usefixtures("db")


def test_a_file_is_kept_as_it_came():
    kept = uploads.keep("roster", "名册.csv", bytes(range(256)), "admin")
    found = uploads.find("roster", kept.id)
    assert bytes(found.content) == bytes(range(256))
    assert (found.name, found.by) == ("名册.csv", "admin")


def test_it_is_found_only_as_what_it_is():
    kept = uploads.keep("roster", "x", b"x", "admin")
    with pytest.raises(NotFound):
        uploads.find("list", kept.id)


def test_after_a_day_it_is_gone():
    kept = uploads.keep("roster", "x", b"x", "admin")
    Upload.update(at=now() - uploads.KEPT - timedelta(seconds=1)).execute()
    with pytest.raises(NotFound):
        uploads.find("roster", kept.id)
    uploads.keep("roster", "y", b"y", "admin")
    assert Upload.select().count() == 1


def test_dropping_it_is_safe_to_repeat():
    kept = uploads.keep("roster", "x", b"x", "admin")
    uploads.drop(kept.id)
    uploads.drop(kept.id)
    assert not Upload.select().exists()
