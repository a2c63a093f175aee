"""`clearance activations`: slips for whole classes."""

import csv
import io
import re
import stat

from db import activations
from db.accounts import Account, Activation
from db.audit import AuditEvent
from db.database import now
from db.people import ClassGroup
from portal.commands.activations import _files
from tests.engines import opened
from tests.portal.readers import poppler

pytest_plugins = ["tests.portal.command_line"]

CLASS = "2020级会计1班"
CODE = re.compile(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}")


def test_every_class_gets_its_slips_and_each_lets_its_owner_in(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    status, out, _ = run("activations", "--all", "--out", tmp_path / "slips")
    assert (status, out.splitlines()[-2][:11]) == (0, "2 new codes")
    [pdf] = (tmp_path / "slips").iterdir()
    assert pdf.name == f"会计学院-{CLASS}.pdf"
    assert (stat.S_IMODE(pdf.stat().st_mode), stat.S_IMODE(pdf.parent.stat().st_mode)) == (0o600, 0o700)
    text = poppler(pdf.read_bytes(), "pdftotext", "-layout")
    assert "http://127.0.0.1:8000/activate" in text
    codes = CODE.findall(text)
    with opened(database_url):
        assert Activation.select().count() == 2
        assert activations.activate("2020010101", codes[0], "Lib-rary9Desk").name == "安娜"


def test_a_table_holds_the_same(run, roster, tmp_path):
    run("roster", "import", roster)
    assert run("activations", "--class", CLASS, "--out", tmp_path / "slips", "--format", "both")[0] == 0
    pdf, table = (tmp_path / "slips" / f"会计学院-{CLASS}.{end}" for end in ("pdf", "csv"))
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    assert [row["学号"] for row in rows] == ["2020010101", "2020010102"]
    assert {row["激活码"] for row in rows} == set(CODE.findall(poppler(pdf.read_bytes(), "pdftotext", "-layout")))
    assert stat.S_IMODE(table.stat().st_mode) == 0o600


def test_slips_made_again_replace_the_file_and_end_the_codes_before(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    for _ in range(2):
        assert run("activations", "--all", "--out", tmp_path / "slips")[0] == 0
    assert len(list((tmp_path / "slips").iterdir())) == 1
    with opened(database_url):
        good = [row.account_id for row in Activation.select().where(Activation.expires_at > now())]
        assert (sorted(good), Activation.select().count()) == (["2020010101", "2020010102"], 4)


def test_who_is_activated_is_left_out_and_counted(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    with opened(database_url):
        Account.update(password_hash="x").where(Account.id == "2020010101").execute()
    assert "1 new codes" in run("activations", "--all", "--out", tmp_path / "slips")[1]
    with opened(database_url):
        Account.update(password_hash="x").execute()
    status, out, _ = run("activations", "--all", "--out", tmp_path / "none")
    assert (status, "0 new codes" in out, "2 accounts left out" in out) == (0, True, True)
    assert list((tmp_path / "none").iterdir()) == []


def test_it_is_recorded_by_class_and_without_a_code(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    run("activations", "--all", "--out", tmp_path / "slips")
    with opened(database_url):
        event = AuditEvent.get(AuditEvent.action == "activations.printed")
        assert (event.actor, event.subject, event.detail) == ("console", CLASS, {"accounts": 2, "left_out": 0})


def test_a_class_that_there_is_not_and_no_folder_are_refused(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    assert run("activations", "--class", "无此班", "--out", tmp_path / "slips")[0] == 2
    (tmp_path / "file").touch()
    status, _, err = run("activations", "--all", "--out", tmp_path / "file")
    assert (status, len(err.splitlines())) == (2, 1)
    with opened(database_url):
        assert not Activation.select().exists()


def test_classes_come_in_the_order_in_which_people_count(run, roster, database_url):
    run("roster", "import", roster)
    with opened(database_url):
        college = ClassGroup.get().college
        for number in (10, 2):
            ClassGroup.create(college=college, name=f"2020级会计{number}班")
        assert [group.name[7:] for group in _files(None).values()] == ["1班", "2班", "10班"]
