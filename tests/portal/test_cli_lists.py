"""`clearance list import`: a department's list from a file."""

import pytest

from db.audit import AuditEvent
from db.clearance import Clearance
from db.lists import ListRow, ListVersion
from tests.engines import opened

pytest_plugins = ["tests.portal.command_line"]


@pytest.fixture
def debts(run, roster, tmp_path):
    """A list of one debtor among the two of the roster."""
    run("roster", "import", roster)
    file = tmp_path / "debts.csv"
    file.write_text("学号,姓名,金额\n2020010101,安娜,\"1,200.50\"\n", "gb18030")
    return file


def states(database_url):
    with opened(database_url):
        query = Clearance.select(Clearance.state).where(Clearance.step == "tuition").order_by(Clearance.graduate)
        return [cell.state for cell in query]


def test_a_list_is_looked_at_then_taken_in(run, debts, database_url):
    status, out, _ = run("list", "import", "tuition", debts, "--dry-run")
    assert (status, "would hold 1, clear 1" in out) == (0, True)
    assert f"{debts}:2: holds 2020010101 安娜 ¥1200.50" in out
    assert states(database_url) == ["unknown", "unknown"]
    status, out, _ = run("list", "import", "tuition", debts)
    assert (status, out.splitlines()[-1]) == (0, "Version 1: 1 held, 1 cleared, 0 as they were, 0 left as others decided.")
    assert states(database_url) == ["held", "cleared"]
    with opened(database_url):
        assert ListRow.get().amount == 120_050
        assert AuditEvent.get(AuditEvent.action == "list.arrived").actor == "console"


def test_the_same_list_again_changes_nobody(run, debts, database_url):
    run("list", "import", "tuition", debts)
    assert "0 held, 0 cleared, 2 as they were" in run("list", "import", "tuition", debts)[1]
    assert run("ledger", "verify")[0] == 0


def test_one_wrong_row_is_told_with_file_and_line_and_stops_it(run, debts, database_url):
    debts.write_text("学号,金额\n2020010101,1\n2020010109,x\n", "utf-8")
    assert run("list", "import", "tuition", debts, "--dry-run")[0] == 2
    status, out, err = run("list", "import", "tuition", debts)
    assert status == 2
    assert f"{debts}:3: 学号: error:" in out
    assert f"{debts}:3: 金额: error:" in out
    assert "nothing was changed" in err
    with opened(database_url):
        assert not ListVersion.select().exists()


@pytest.mark.parametrize("step", ["campus-card", "nothing"])
def test_a_step_that_no_list_settles_and_a_file_that_is_no_table_are_refused(run, debts, tmp_path, step):
    status, _, err = run("list", "import", step, debts)
    assert (status, len(err.splitlines())) == (2, 1)
    assert run("list", "import", "tuition", tmp_path / "nothing.csv")[0] == 2
