"""Many rows in one statement do what a statement for each would do."""

import pytest

from db import bulk
from db.database import database, writing
from db.people import College

COLUMNS = {"id": "integer", "name": "text"}


def names() -> dict[int, str]:
    return dict(College.select(College.id, College.name).tuples())


@pytest.fixture
def colleges(db):
    return [College.create(name=name).id for name in ("护理学院", "商学院", "文旅学院")]


def test_each_row_gets_its_own_values_and_no_other_row_any(colleges):
    first, second, third = colleges
    with writing():
        bulk.update("college", COLUMNS, [(first, "烹饪学院"), (third, "O'Neill; --")])
    assert names() == {first: "烹饪学院", second: "商学院", third: "O'Neill; --"}


def test_rows_that_are_not_there_and_no_rows_change_nothing(colleges):
    before = names()
    with writing():
        bulk.update("college", COLUMNS, [(10**6, "nobody's")])
        bulk.update("college", COLUMNS, [])
    assert names() == before


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize(("rows", "counted"), [(bulk.WORTH_COUNTING, True), (bulk.WORTH_COUNTING - 1, False)])
def test_a_table_is_looked_at_anew_after_many_rows_only(colleges, rows, counted):
    bulk.count_anew(rows, "college")
    (known,) = database.execute_sql("SELECT reltuples FROM pg_class WHERE relname = 'college'").fetchone()
    assert (known == len(colleges)) is counted
