"""`clearance ledger verify`: what was tampered with shows."""

import pytest

from db import cards, projection
from db.clearance import Finding
from db.intake import receive
from db.keys import KeyStore
from db.people import Graduate
from db.signoffs import Act, sign_off
from db.verification import Fault, verify
from tests.cast import LIBRARY, TabletDouble


@pytest.fixture
def keys(tmp_path):
    return KeyStore.create(tmp_path / "keys")


@pytest.fixture
def written(season, keys):
    """Three entries of a tablet and one of the portal."""
    desk = TabletDouble.enrol("library")
    receive([desk.act("clear", one, LIBRARY).token for one in season.everybody], "direct")
    sign_off(keys.entry_key, "admin", Act(season.an.ref, LIBRARY, "hold", "book-lost", saw=(desk.made[0].hash,)))
    return desk


def faults(keys):
    return list(verify(keys.entry_public_keys))


def without_guards(db, statement, *values):
    """Change what the database itself would not let anybody change, as somebody with the file in hand could."""
    if "sqlite" in type(db).__name__.lower():
        db.execute_sql("DROP TRIGGER entry_no_update")
    else:
        db.execute_sql("ALTER TABLE entry DISABLE TRIGGER ALL")
    db.execute_sql(statement.replace("?", db.param), values)


def test_an_honest_ledger_has_no_fault(written, keys):
    assert faults(keys) == []


def test_a_changed_column_shows(db, season, written, keys):
    entry = written.made[1]
    without_guards(db, "UPDATE entry SET student = ? WHERE hash = ?", season.cheng.ref, entry.hash)
    assert Fault("column", f"{entry.hash} student") in faults(keys)


def test_a_changed_token_shows(db, written, keys):
    entry = written.made[1]
    without_guards(db, "UPDATE entry SET jws = ? WHERE hash = ?", written.made[2].token, entry.hash)
    assert Fault("token", entry.hash) in faults(keys)


def test_a_forged_entry_shows(db, season, written, keys):
    forged = written.sign({**written.made[1].payload, "act": "hold"}, key="somebody else")
    without_guards(
        db, "UPDATE entry SET jws = ?, hash = ?, act = 'hold' WHERE hash = ?", forged.token, forged.hash, written.made[1].hash
    )
    assert Fault("signature", forged.hash) in faults(keys)


def test_a_portal_entry_needs_the_portal_s_key(written, keys, tmp_path):
    other = KeyStore.create(tmp_path / "other")
    assert [fault.code for fault in verify(other.entry_public_keys)] == ["signature"]


@pytest.mark.parametrize("change", ["DELETE FROM finding", "UPDATE finding SET gone_at = 5", "UPDATE finding SET code = 'odd'"])
def test_what_a_reviewer_is_not_told_shows_and_is_mended(db, season, written, keys, change):
    receive([TabletDouble.enrol("library").act("hold", season.bai, LIBRARY).token], "direct")
    assert Finding.select().where(Finding.gone_at.is_null()).exists()
    assert faults(keys) == []
    db.execute_sql(change)
    assert {fault.code for fault in faults(keys)} == {"state"}
    projection.rebuild()
    assert faults(keys) == []


def test_a_changed_state_shows(db, season, written, keys):
    db.execute_sql(f"UPDATE clearance SET state = 'cleared' WHERE step = {db.param}", (LIBRARY,))
    assert Fault("state", f"{season.an.ref} {LIBRARY}") in faults(keys)


def test_a_card_put_back_to_an_older_one_shows(season, written, keys):
    cards.reissue(season.an.id, "admin", "lost")
    assert faults(keys) == []
    Graduate.update(gen=1).where(Graduate.id == season.an.id).execute()
    assert faults(keys) == [Fault("card", season.an.number)]


def test_a_revocation_taken_back_shows(season, written, keys):
    cards.revoke(season.an.id, "admin", "fraud")
    assert faults(keys) == []
    Graduate.update(card_revoked=False).where(Graduate.id == season.an.id).execute()
    assert faults(keys) == [Fault("card", season.an.number)]
