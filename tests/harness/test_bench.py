"""The table of costs reads right, and the floors can be measured here."""

import subprocess
import sys

import pytest

from bench.row import Row
from bench.table import table


@pytest.mark.parametrize(
    ("row", "ratio", "ok"),
    [
        (Row("a verdict", 80, "ms", floor=20, budget=100), 4, True),
        (Row("a verdict", 120, "ms", floor=20, budget=100), 6, False),
        (Row("a backlog", 5_000, "entries/s", floor=10_000, budget=4_000, better="higher"), 2, True),
        (Row("a backlog", 2_500, "entries/s", floor=10_000, budget=4_000, better="higher"), 4, False),
        (Row("a floor", 10, "ms"), None, None),
    ],
)
def test_a_row_knows_its_ratio_and_whether_it_keeps_its_budget(row: Row, ratio: float | None, ok: bool | None) -> None:
    assert (row.ratio, row.ok) == (ratio, ok)


def test_the_table_shows_a_missed_budget() -> None:
    head, _, kept, missed = table([Row("one", 5, "ms", 2, 9), Row("another", 12_345, "ms", 2, 9)]).splitlines()
    assert [cell.strip() for cell in head.split("|")[1:-1]] == ["what", "measured", "unit", "floor", "ratio", "budget", "ok?"]
    assert [cell.strip() for cell in kept.split("|")[1:-1]] == ["one", "5", "ms", "2", "2.5×", "≤ 9", "yes"]
    assert [cell.strip() for cell in missed.split("|")[1:-1]][1::5] == ["12,345", "NO"]


def test_the_floors_can_be_measured_on_both_engines(postgres_server: object) -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "--quick", "floors"], capture_output=True, text=True, check=True)
    assert [word for word in ("waitress", "P-256", "sqlite", "postgresql") if word not in done.stdout] == []


def test_a_name_that_nothing_measures_is_refused() -> None:
    done = subprocess.run([sys.executable, "-m", "bench", "nothing"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "nothing measures nothing" in done.stderr
