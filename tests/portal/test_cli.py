"""The command line: every command does its one thing, and what can be mended is one sentence and status 2."""

import json
import os
import re
import stat
from datetime import datetime, timedelta
from pathlib import Path

import peewee
import pytest

from db.accounts import Account
from db.audit import AuditEvent
from db.cards import Card
from db.database import close_database, now, open_database
from db.keys import KeyStore
from db.people import Graduate
from db.plan import PlanVersion
from db.stations import EnrolCode
from portal.cli import main, parser
from tests.cast import LIBRARY, TabletDouble, make_season
from tests.engines import opened
from tests.portal.command_case import PLAN, ROSTER

pytest_plugins = ["tests.portal.command_line"]


def test_init_makes_keys_database_and_plan_and_is_safe_to_repeat(empty_database_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLEARANCE_DATABASE", empty_database_url)
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "deep" / "keys"))
    assert main(["init", "--plan", PLAN]) == 0
    kid = KeyStore(tmp_path / "deep" / "keys").card_key.kid
    assert main(["init"]) == 0
    assert "up to date" in capsys.readouterr().out
    assert KeyStore(tmp_path / "deep" / "keys").card_key.kid == kid
    assert stat.S_IMODE((tmp_path / "deep" / "keys").stat().st_mode) == 0o700
    with opened(empty_database_url):
        assert PlanVersion.select().count() == 1


def test_init_makes_a_database_file_that_only_its_owner_can_read(tmp_path, monkeypatch):
    file = tmp_path / "season" / "clearance.sqlite"
    monkeypatch.setenv("CLEARANCE_DATABASE", f"sqlite:///{file}")
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "keys"))
    assert main(["init"]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    close_database()


def test_a_database_that_is_not_migrated_is_told(empty_database_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLEARANCE_DATABASE", empty_database_url)
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "keys"))
    if empty_database_url.startswith("sqlite"):
        Path(empty_database_url.removeprefix("sqlite:///")).touch()
    assert main(["cards", "issue"]) == 2
    assert "clearance migrate" in capsys.readouterr().err
    assert main(["migrate"]) == 0


@pytest.mark.engine("sqlite")
def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLEARANCE_DATABASE", f"sqlite:///{tmp_path}/none.sqlite")
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "keys"))
    assert main(["ledger", "verify"]) == 2
    assert "clearance init" in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()


def test_without_configuration_it_says_what_to_set(monkeypatch, capsys):
    monkeypatch.delenv("CLEARANCE_DATABASE", raising=False)
    monkeypatch.delenv("CLEARANCE_KEYS", raising=False)
    assert main(["serve"]) == 2
    assert "CLEARANCE_DATABASE" in capsys.readouterr().err


def test_a_plan_is_checked_with_its_contradictions(run):
    status, out, _ = run("plan", "check", PLAN)
    assert status == 0
    assert "milestones.dorm-inspection.closes" in out
    assert "holds together\nWARNING: the season's last day, 2023-07-14, is past." in out


def test_loading_a_plan_whose_season_is_over_says_what_it_deletes_and_when(run, tmp_path):
    _, out, _ = run("plan", "load", PLAN)
    assert "deletes every letter and ID card" in out
    told = datetime.strptime(out.split(" from ")[1][:16] + "+0800", "%Y-%m-%d %H:%M%z")
    assert timedelta(hours=23, minutes=55) < told - now() <= timedelta(hours=24)
    later = tmp_path / "later.toml"
    later.write_text(Path(PLAN).read_text("utf-8").replace("2023-", f"{now().year + 1}-"), "utf-8")
    assert "WARNING" not in run("plan", "load", later)[1]


def test_tablets_that_a_plan_leaves_without_a_station_are_named_before_and_after_it_is_loaded(run, database_url, tmp_path):
    with opened(database_url):
        TabletDouble.enrol("library", "dv_of_the_library")
    other = tmp_path / "other.toml"
    other.write_text(re.sub(r'\[\[stations\]\]\ncode = "library"\n(?:(?!\[\[).*\n)*', "", Path(PLAN).read_text("utf-8")), "utf-8")
    named = "no station for 1 tablets"
    assert named not in run("plan", "check", PLAN)[1]
    for command in ("check", "load"):
        status, out, err = run("plan", command, other)
        assert (status, err) == (0, "")
        assert named in out
        assert "dv_of_the_library (library)" in out


def test_a_plan_is_checked_without_an_installation(monkeypatch, capsys):
    monkeypatch.delenv("CLEARANCE_DATABASE", raising=False)
    assert main(["plan", "check", PLAN]) == 0
    assert "holds together" in capsys.readouterr().out


def test_a_wrong_plan_is_told_with_file_and_key(run, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(Path(PLAN).read_text("utf-8").replace('blocked_by = ["internship"]', 'blocked_by = ["nothing"]'), "utf-8")
    status, _, err = run("plan", "check", wrong)
    assert status == 2
    assert "wrong.toml" in err
    assert "blocked_by" in err
    assert run("plan", "load", wrong)[0] == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_one_sentence(run, tmp_path, content):
    file = tmp_path / "file"
    if content:
        file.write_bytes(content)
    status, _, err = run("plan", "check", file)
    assert (status, len(err.splitlines())) == (2, 1)


def test_a_roster_is_looked_at_then_taken_in(run, roster, database_url):
    status, out, _ = run("roster", "import", roster, "--dry-run")
    assert (status, out.splitlines()[-1][:6]) == (0, "2 new,")
    with opened(database_url):
        assert not Graduate.select().exists()
    status, out, _ = run("roster", "import", roster)
    assert (status, out.splitlines()[-1]) == (0, "Done: 2 new, 0 changed, 0 removed, 0 rows left out.")
    assert "2 as they were" in run("roster", "import", roster)[1]


def test_a_wrong_row_is_told_with_file_and_line_and_stops_the_import(run, roster, database_url):
    roster.write_text(ROSTER.replace("2020010102", "?"), "utf-8")
    status, out, err = run("roster", "import", roster)
    assert status == 2
    assert f"{roster}:3: 学号: error:" in out
    assert "nothing was changed" in err
    assert run("roster", "import", roster, "--dry-run")[0] == 2
    assert run("roster", "import", roster, "--leave-out-errors")[0] == 0


def test_missing_people_are_named_and_removed_only_when_asked(run, roster, database_url):
    run("roster", "import", roster)
    roster.write_text("".join(ROSTER.splitlines(keepends=True)[:2]), "utf-8")
    assert "not in the file: 2020010102 薄一" in run("roster", "import", roster)[1]
    assert "1 removed" in run("roster", "import", roster, "--remove-missing")[1]


def test_staff_get_roles_and_a_code(run, database_url):
    rights = ("--role", "operator", "--scope", "station:library", "--role", "supervisor", "--scope", "all")
    status, out, _ = run("staff", "add", "st_wang", "王某", *rights)
    assert status == 0
    assert out.split()[-1].count("-") == 2
    assert run("staff", "add", "st_wang", "王某")[0] == 2


@pytest.mark.parametrize(
    "words",
    [("X", "名"), ("st_li", "李", "--role", "operator", "--scope", "station:nowhere"), ("st_li", "李", "--role", "counselor"),
     ("st_li", "李", "--role", "admin", "--role", "auditor", "--scope", "all")],
)  # fmt: skip
def test_staff_that_cannot_be_are_refused_and_not_half_added(run, database_url, words):
    status, _, err = run("staff", "add", *words)
    assert (status, len(err.splitlines())) == (2, 1)
    with opened(database_url):
        assert not Account.select().exists()


def test_an_account_gets_a_new_code(run, roster):
    run("roster", "import", roster)
    assert run("activation", "2020010101")[1].split()[-1].count("-") == 2
    assert run("activation", "nobody")[0] == 2


def test_the_enrolment_code_is_the_last_word(run, database_url):
    status, out, _ = run("enrol-code", "--station", "library")
    assert status == 0
    assert len(out.split()[-1].replace("-", "")) == 8
    with opened(database_url):
        assert EnrolCode.get().station_id == "library"
    assert run("enrol-code", "--station", "nowhere")[0] == 2


def test_cards_are_issued_once_and_printed(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    assert run("cards", "issue", "--class", "2020级会计1班")[1] == "Issued 2 cards."
    assert run("cards", "issue")[1] == "Issued 0 cards."
    assert run("cards", "issue", "--class", "无此班")[0] == 2
    assert run("cards", "sheets", "--out", tmp_path / "sheets")[0] == 0
    sheets = list((tmp_path / "sheets").iterdir())
    assert [sheet.read_bytes()[:5] for sheet in sheets] == [b"%PDF-"]
    with opened(database_url):
        assert Card.select().count() == 2


def test_a_ledger_that_was_tampered_with_is_found_and_mended(run, roster, database_url):
    run("roster", "import", roster)
    assert run("ledger", "verify")[0] == 0
    open_database(database_url).execute_sql("UPDATE clearance SET state = 'cleared' WHERE step = 'library'")
    status, out, _ = run("ledger", "verify")
    assert (status, out.count("differs from the ledger")) == (2, 2)
    assert run("ledger", "rebuild")[1] == "Written anew; 2 states were wrong."
    assert run("ledger", "verify")[0] == 0


def test_a_journal_is_brought_in_and_again_changes_nothing(database_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLEARANCE_DATABASE", database_url)
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "keys"))
    with opened(database_url):
        season = make_season()
        desk = TabletDouble.enrol("library")
        desk.act("clear", season.an, LIBRARY)
        desk.act("hold", season.bai, LIBRARY, reason="book-out")
    journal = tmp_path / "journal.json"
    journal.write_text(json.dumps({"format": "clearance-journal/1", "device": desk.device, "entries": desk.tokens}), "utf-8")
    assert main(["journal", "import", str(journal)]) == 0
    assert capsys.readouterr().out.strip() == f"{journal}: 2 accepted."
    assert main(["journal", "import", str(journal)]) == 0
    assert capsys.readouterr().out.strip() == f"{journal}: 2 duplicate."


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"format":"clearance-journal/2","entries":[]}', '{"format":"clearance-journal/1"}', "[" * 100_000],
)
def test_what_is_no_journal_is_refused(run, tmp_path, content):
    file = tmp_path / "journal.json"
    file.write_text(content, "utf-8")
    assert run("journal", "import", file)[0] == 2


def test_the_audit_trail_is_checked_and_names_the_console(run, roster, database_url):
    run("roster", "import", roster)
    assert "whole" in run("audit", "verify")[1]
    with opened(database_url):
        assert {event.actor for event in AuditEvent.select()} == {"console"}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("words", [("journal", "import"), ("roster", "import"), ("list", "import", LIBRARY)])
def test_a_file_without_end_is_too_large_and_not_read_on(run, words):
    status, _out, err = run(*words, "/dev/zero")
    assert status == 2
    assert "large" in err


@pytest.mark.engine("sqlite")
def test_bytes_that_are_no_text_are_refused(run):
    assert run("enrol-code", "--station", "library\udcff") == (2, "", "clearance: What was typed is not text in UTF-8.")


def test_a_full_disk_is_called_so_although_sqlite_cannot_even_roll_back(tmp_path, monkeypatch, capsys):
    def full(*_what):
        try:
            raise peewee.OperationalError("database or disk is full")
        except peewee.OperationalError:
            raise peewee.OperationalError("cannot rollback - no transaction is active")  # noqa: B904 - as peewee does

    monkeypatch.setattr("portal.demo.season.build", full)
    assert main(["demo", "--build-only", "--dir", str(tmp_path / "demo")]) == 2
    assert capsys.readouterr().err == "clearance: The database refused: database or disk is full\n"


def test_every_command_has_help(capsys):
    def walk(one, words):
        for action in one._subparsers._group_actions if one._subparsers else ():
            for name, child in action.choices.items():
                with pytest.raises(SystemExit) as left:
                    parser().parse_args([*words, name, "--help"])
                assert left.value.code == 0
                assert child.description
                walk(child, [*words, name])

    walk(parser(), [])
    assert "enrol" in capsys.readouterr().out


def test_a_typing_mistake_is_status_2(capsys):
    with pytest.raises(SystemExit) as left:
        main(["enroll"])
    assert left.value.code == 2


@pytest.mark.parametrize("words", [("serve",), ("demo",), ("rehearsal", "start")])
@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "many"])
def test_a_port_that_is_none_is_refused(words, port, capsys):
    with pytest.raises(SystemExit) as left:
        main([*words, "--port", port])
    assert left.value.code == 2
    assert "--port" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "4884", "many"])
def test_a_demonstration_of_an_impossible_size_is_refused(count):
    with pytest.raises(SystemExit):
        main(["demo", "--graduates", count])


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.txt").touch()
    assert main(["demo", "--dir", str(tmp_path), "--build-only"]) == 2
    assert os.listdir(tmp_path) == ["thesis.txt"]
