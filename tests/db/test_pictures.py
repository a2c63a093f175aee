"""Uploaded pictures: encrypted under a key of their own, deleted when their time is over, whatever crashes or is restored."""

import os
import shutil
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from db import pictures, retention
from db import season as seasons
from db.audit import AuditEvent
from db.database import close_database, database, now, writing
from db.pictures import Picture
from db.refusals import Gone, NotFound
from db.rules import retention as rules
from db.vault import Unreadable, Vault
from tests.cast import ADMIN, hours_after_loading, plan_text

JPEG = b"\xff\xd8\xff a picture of an ID card \xff\xd9"
LONG_AGO = time.time() - 3 * 24 * 3600


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "pictures", tmp_path / "picture-keys")


@pytest.fixture
def open_season(season):
    """The cast's season, moved so that it is going on now."""
    move_season((now().date() - datetime(2023, 6, 26, tzinfo=UTC).date()).days)
    return season


def move_season(days):
    seasons.load_plan(plan_text(), "cast.toml", ADMIN, shifted_days=days)


def kept(vault, graduate, why="season", kind="letter"):
    return pictures.keep(vault.put(JPEG), graduate, kind, graduate.number, why)


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def lay_back(*folders):
    for folder in folders:
        for path in folder.rglob("*"):
            os.utime(path, (LONG_AGO, LONG_AGO))


def run(vault):
    return retention.run(vault, "console")


def seen(vault, id_):
    """What somebody sees who may look, None if it is gone."""
    try:
        return pictures.content(vault, pictures.find(id_))
    except Gone:
        return None


# The vault


def test_what_lies_in_the_folder_is_noise_under_a_key_of_its_own(vault):
    one, other = vault.put(JPEG), vault.put(JPEG)
    assert vault.get(one) == vault.get(other) == JPEG
    assert files(vault.pictures) == files(vault.keys) == sorted([one, other])
    stored = {path.name: path.read_bytes() for path in vault.pictures.rglob("*") if path.is_file()}
    assert stored[one] != stored[other]
    assert JPEG[4:12] not in b"".join(stored.values())
    keys = {path.read_bytes() for path in vault.keys.rglob("*") if path.is_file()}
    assert [len(key) for key in keys] == [32, 32]
    modes = {path.stat().st_mode & 0o777 for folder in (vault.pictures, vault.keys) for path in (folder, *folder.rglob("*"))}
    assert modes == {0o700, 0o600}


def test_one_that_was_changed_or_put_in_another_ones_place_is_not_shown(vault):
    one, other = vault.put(JPEG), vault.put(JPEG)
    for folder in (vault.pictures, vault.keys):
        shutil.copy(folder / other[:2] / other, folder / one[:2] / one)
    with pytest.raises(Unreadable):
        vault.get(one)
    path = vault.pictures / other[:2] / other
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Unreadable):
        vault.get(other)
    path.write_bytes(b"")
    with pytest.raises(Unreadable):
        vault.get(other)


@pytest.mark.parametrize("name", ["../../x", "..", "", "/etc/passwd", "a" * 31 + "/", "A" * 32, "a" * 33, "a" * 32 + "\n"])
def test_no_other_file_can_be_named(vault, name):
    with pytest.raises(Unreadable):
        vault.get(name)
    with pytest.raises(Unreadable):
        vault.destroy(name)


def test_the_key_goes_first_and_what_a_crash_left_goes_with_the_next_try(vault, monkeypatch):
    id_ = vault.put(JPEG)
    real, gone = os.unlink, []

    def unlink(path, *more, **named):
        if gone:
            raise KeyboardInterrupt
        gone.append(str(path))
        return real(path, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", unlink)
        with pytest.raises(KeyboardInterrupt):
            vault.destroy(id_)
    assert (files(vault.keys), files(vault.pictures)) == ([], [id_])
    for _ in range(2):
        vault.destroy(id_)
    assert files(vault.pictures) == []


# Why and until when


def test_each_reason_has_its_time():
    at, ends = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 20, tzinfo=UTC)
    assert {why: (rules.until(why, at, ends) - at).days for why in rules.REASONS} == {
        "draft": 14, "season": 19, "rejected": 30, "withdrawn": 0, "replaced": 0,
    }  # fmt: skip


def test_a_season_ends_7_days_after_its_last_by_a_plan_that_stood_for_a_day():
    midnight = datetime(2026, 6, 28, tzinfo=UTC)
    for loaded, ends in ((midnight - timedelta(days=90), midnight), (midnight, midnight + timedelta(hours=24))):
        assert rules.season_ends(date(2026, 6, 20), UTC, loaded) == ends


def test_nothing_outlives_the_season_and_a_plan_of_a_wrong_year_shortens_no_time(vault, open_season):
    stays, draft = kept(vault, open_season.an), kept(vault, open_season.bai, "draft")
    move_season(0)
    later = kept(vault, open_season.cheng, "draft")
    pictures.retain([stays.id], "rejected")
    assert not run(vault).anything
    move_season((now().date() - datetime(2023, 6, 26, tzinfo=UTC).date()).days)
    hours_after_loading(24)
    assert not run(vault).anything
    assert [seen(vault, one.id) for one in (stays, draft, later)] == [JPEG] * 3
    assert timedelta(days=13) < Picture.get_by_id(later.id).until - now() <= timedelta(days=14)
    move_season(0)
    hours_after_loading(24)
    assert [seen(vault, one.id) for one in (stays, draft, later)] == [None] * 3
    assert run(vault).deleted == Counter(rejected=1, draft=2)


def test_withdrawn_is_unseen_with_the_commit_and_deleted_at_once(vault, open_season):
    picture = kept(vault, open_season.an)
    assert seen(vault, picture.id) == JPEG
    with writing():
        pictures.retain([picture.id], "withdrawn")
    assert seen(vault, picture.id) is None
    for expected in ([picture.id], []):
        assert [row.id for row in pictures.delete(vault, [picture.id], open_season.an.number)] == expected
    assert files(vault.keys) == files(vault.pictures) == []
    (event,) = AuditEvent.select().where(AuditEvent.action == "picture.deleted")
    assert (event.actor, event.subject) == (open_season.an.number, open_season.an.number)
    assert event.detail == {"kind": "letter", "why": "withdrawn"}
    row = Picture.get_by_id(picture.id)
    assert (row.why, row.deleted_at is None) == ("withdrawn", False)


def test_what_was_let_go_does_not_come_back(vault, open_season):
    picture = kept(vault, open_season.an)
    pictures.retain([picture.id], "withdrawn")
    pictures.retain([picture.id], "season")
    assert seen(vault, picture.id) is None
    with pytest.raises(NotFound):
        pictures.find("0" * 32)


def test_what_is_kept_is_not_deleted_by_asking_for_it(vault, open_season):
    picture = kept(vault, open_season.an)
    assert pictures.delete(vault, [picture.id], ADMIN) == []
    assert seen(vault, picture.id) == JPEG


def test_a_run_deletes_what_is_due_and_says_what(vault, open_season):
    stays, rejected, withdrawn = (kept(vault, open_season.an) for _ in range(3))
    pictures.retain([rejected.id], "rejected")
    pictures.retain([withdrawn.id], "withdrawn")
    draft = kept(vault, open_season.bai, "draft")
    assert pictures.count_due() == Counter(withdrawn=1)
    assert run(vault).deleted == Counter(withdrawn=1)
    Picture.update(until=now()).where(Picture.id.in_([rejected.id, draft.id])).execute()
    done = run(vault)
    assert (done.deleted, done.orphans) == (Counter(rejected=1, draft=1), 0)
    assert not run(vault).anything
    assert files(vault.pictures) == files(vault.keys) == [stays.id]
    events = [event.detail for event in AuditEvent.select().where(AuditEvent.action == "retention.run")]
    assert events == [{"withdrawn": 1, "orphans": 0}, {"rejected": 1, "draft": 1, "orphans": 0}]


def test_with_the_season_everything_goes_and_a_prolonged_season_keeps_it(vault, open_season, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    rows = [kept(vault, one) for one in open_season.everybody for _ in range(2)]
    ends = Picture.get_by_id(rows[0].id).until
    assert ends == pictures.season_ends()
    move_season((ends.date() - datetime(2023, 7, 14, tzinfo=UTC).date()).days + 30)
    assert Picture.get_by_id(rows[0].id).until > ends
    move_season(0)
    assert not run(vault).anything
    hours_after_loading(24)
    pictures.follow_season()
    assert seen(vault, rows[0].id) is None
    assert run(vault).deleted == Counter(season=6)
    assert files(vault.pictures) == files(vault.keys) == []


# Crashes, restores, many at once


def test_an_upload_that_never_became_a_row_is_swept_but_not_while_it_may_still(vault, open_season):
    with writing(), database.atomic() as inner:
        kept(vault, open_season.an)
        inner.rollback()
    assert not Picture.select().exists()
    stays = kept(vault, open_season.an)
    assert not run(vault).anything
    only_key = vault.put(JPEG)
    (vault.pictures / only_key[:2] / only_key).unlink()
    half = vault.pictures / "ab" / ("ab" + 30 * "0" + ".draft")
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    lay_back(vault.pictures, vault.keys)
    assert run(vault).orphans == 3
    assert files(vault.pictures) == files(vault.keys) == [stays.id]


@pytest.mark.parametrize("until", ["key", "bytes"])
def test_a_deletion_that_crashed_is_gone_on_with(vault, open_season, monkeypatch, until):
    picture = kept(vault, open_season.an)
    pictures.retain([picture.id], "withdrawn")
    if until == "key":
        (vault.keys / picture.id[:2] / picture.id).unlink()
    else:
        vault.destroy(picture.id)
    assert seen(vault, picture.id) is None
    assert run(vault).deleted == Counter(withdrawn=1)
    assert files(vault.pictures) == []


def test_a_restored_backup_does_not_bring_back_what_was_deleted(vault, open_season, tmp_path):
    """Database and pictures from before the deletion, keys mirrored after it: as docs/operations.md asks."""
    picture = kept(vault, open_season.an)
    before = Picture.select().where(Picture.id == picture.id).dicts().get()
    shutil.copytree(vault.pictures, tmp_path / "backup")
    pictures.retain([picture.id], "withdrawn")
    run(vault)
    shutil.rmtree(vault.pictures)
    shutil.copytree(tmp_path / "backup", vault.pictures)
    Picture.update(before).where(Picture.id == picture.id).execute()
    assert files(vault.pictures) == [picture.id]
    assert pictures.find(picture.id)  # the old row says that it is kept
    assert seen(vault, picture.id) is None


def test_runs_at_once_delete_each_picture_once(vault, open_season):
    ids = [kept(vault, open_season.an).id for _ in range(8)]
    pictures.retain(ids, "withdrawn")
    told = []

    def work():
        told.append(run(vault).deleted["withdrawn"])
        close_database()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(told) == 8
    assert AuditEvent.select().where(AuditEvent.action == "picture.deleted").count() == 8
