"""A rehearsal beside the real season: marked everywhere, mixed with nothing, wiped in one step."""

import hashlib
import shutil

import pytest

from db import stations
from db.cards import Card
from db.database import close_database, is_rehearsal, now, open_database, to_ms
from db.intake import receive
from db.keys import KeyStore
from db.ledger import Entry
from db.people import Graduate
from db.rules.card import read_card, sign_card
from portal import create_app, rehearsal
from portal.cli import main
from portal.commands.rehearsal import config_of, place_of
from portal.config import Config, ConfigError
from portal.demo.staff import ADMIN
from tests import cast
from tests.cast import TabletDouble
from tests.client import Client
from tests.engines import opened
from tests.kiosk.conftest import enrolment
from tests.portal.test_rehearsal_files import looks_marked

only_the_rehearsals_own = pytest.mark.engine("sqlite")
"""The real season has no part in it, and a rehearsal has SQLite wherever it is."""


@pytest.fixture(scope="module")
def built(engine, tmp_path_factory) -> Config:
    """A real season, on each engine, with a rehearsal beside it: to be copied."""
    folder = tmp_path_factory.mktemp("installation")
    url = engine.create(cast=True)
    if engine.name == "sqlite":
        shutil.move(url.removeprefix("sqlite:///"), folder / "real.sqlite")
        url = f"sqlite:///{folder / 'real.sqlite'}"
    KeyStore.create(folder / "keys")
    config = Config(url, folder / "keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLEARANCE_DATABASE", url)
        patch.setenv("CLEARANCE_KEYS", str(config.keys))
        before = everything_of(config)
        assert main(["rehearsal", "start", "--build-only", "--graduates", "60"]) == 0
        assert everything_of(config) == before
    close_database()
    return config


@pytest.fixture
def real(built, tmp_path, monkeypatch) -> Config:
    folder = tmp_path / "installation"
    shutil.copytree(built.keys.parent, folder)
    config = Config(built.database.replace(str(built.keys.parent), str(folder)), folder / "keys")
    monkeypatch.setenv("CLEARANCE_DATABASE", config.database)
    monkeypatch.setenv("CLEARANCE_KEYS", str(config.keys))
    yield config
    close_database()
    rehearsal.mark(False)


@pytest.fixture
def rehearsed(real) -> Config:
    return config_of(real, "http://127.0.0.1:8010")


def everything_of(real: Config) -> dict[str, object]:
    """All that the real season is: its files to the byte and, on a server, every row of its database."""
    folder = real.keys.parent
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".sqlite-shm")
    told = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    told = {name: content for name, content in told.items() if not name.startswith("rehearsal/")}
    if not real.database.startswith("sqlite"):
        with opened(real.database) as database:
            for table in database.get_tables():
                told[table] = sorted(map(repr, database.execute_sql(f'SELECT * FROM "{table}"').fetchall()))
    return told


def served(config: Config) -> Client:
    app = create_app(config)
    app.test_client_class = Client
    return app.test_client()


def card_of(config: Config) -> str:
    open_database(config.database)
    graduate = Graduate.select().join(Card).first()
    return sign_card(KeyStore(config.keys).card_key, graduate.ref, 1, to_ms(now()) // 1000 + 999)


def test_a_card_of_the_rehearsal_is_none_of_the_real_season_and_the_other_way_round(real, rehearsed):
    read = {name: KeyStore(config.keys).card_public_keys for name, config in (("real", real), ("rehearsed", rehearsed))}
    assert read_card(card_of(rehearsed), read["real"], to_ms(now())).status == "rehearsal"
    assert read_card(card_of(rehearsed), read["rehearsed"], to_ms(now())).status == "valid"
    assert read_card(card_of(real), read["rehearsed"], to_ms(now())).status == "unknown-key"


def test_a_tablet_of_the_rehearsal_and_its_entries_are_unknown_to_the_real_portal(real, rehearsed):
    http = served(rehearsed)
    answer = http.post("/station/v1/enrolments", json=enrolment(stations.issue_code("library", ADMIN), key="dv_x"))
    token = {"Authorization": f"Bearer {answer.json['token']}"}
    assert http.get("/station/v1/snapshot", headers=token).status_code == 200
    made = TabletDouble(answer.json["device"], "library")
    made.sign = lambda payload: TabletDouble.sign(made, payload, key="dv_x")
    entry = made.act("clear", Graduate.get().ref, "library")
    elsewhere = served(real)
    assert elsewhere.get("/station/v1/snapshot", headers=token).status_code == 401
    assert [answer.code for answer in receive([entry.token], "journal")] == ["bad-signature"]
    assert Entry.select().count() == 0


def test_database_and_keys_of_the_two_never_open_together(real, rehearsed):
    for mixed in (Config(real.database, rehearsed.keys), Config(rehearsed.database, real.keys)):
        with pytest.raises(ConfigError, match="do not belong together"):
            create_app(mixed)


def test_a_command_with_the_keys_of_the_other_is_refused(real, rehearsed, monkeypatch, capsys):
    monkeypatch.setenv("CLEARANCE_KEYS", str(rehearsed.keys))
    assert main(["cards", "issue"]) == 2
    assert "do not belong together" in capsys.readouterr().err


@only_the_rehearsals_own
def test_every_page_and_the_tablet_say_that_it_is_a_rehearsal(rehearsed):
    client = served(rehearsed).sign_in_as(ADMIN)
    for path in ("/overview", "/plan", "/nowhere", "/account"):
        assert "banner-rehearsal" in client.get(path).text, path
    assert 'class="rehearsing"' in client.get("/tablet/").text


def test_nothing_of_the_real_season_is_marked(real, tmp_path):
    client = served(real)
    assert "banner-rehearsal" not in client.get("/sign-in").text
    assert 'class="rehearsal"' not in client.get("/tablet/").text
    answer = client.sign_in_as(cast.ADMIN).get(f"/register/{cast.CARD}/uncollected.xlsx")
    assert "REHEARSAL" not in answer.headers["Content-Disposition"]
    assert not looks_marked("xlsx", answer.data)


def test_nobody_is_signed_out_of_the_real_portal_on_another_port(real, rehearsed):
    names = {served(config).application.config["SESSION_COOKIE_NAME"] for config in (real, rehearsed)}
    assert len(names) == 2


def test_it_is_wiped_in_one_step_and_the_real_season_stays_to_the_byte(real, capsys):
    place = place_of(real)
    before = everything_of(real)
    assert main(["rehearsal", "wipe"]) == 0
    assert not place.exists()
    assert everything_of(real) == before
    assert main(["rehearsal", "wipe"]) == 0  # again: there is none
    assert "no rehearsal" in capsys.readouterr().out


@only_the_rehearsals_own
def test_wiping_removes_nothing_but_a_rehearsal(real, capsys):
    place = place_of(real)
    shutil.rmtree(place)
    place.mkdir()
    KeyStore.create(place / "keys")
    assert main(["rehearsal", "wipe"]) == 2
    assert (place / "keys").exists()
    assert "nothing was removed" in capsys.readouterr().err


@only_the_rehearsals_own
def test_the_running_server_tells_everybody_once_it_is_wiped(real, rehearsed):
    client = served(rehearsed)
    assert client.get("/sign-in").status_code == 200
    main(["rehearsal", "wipe"])
    told = client.post("/station/v1/heartbeats", json={}, headers={"Authorization": "Bearer x"})
    assert (told.status_code, told.json["error"]["code"]) == (410, "rehearsal-wiped")
    assert client.get("/sign-in").status_code == 410


@only_the_rehearsals_own
def test_a_renewed_card_key_of_a_rehearsal_says_so_too_and_a_real_one_never_does(real, rehearsed):
    store = KeyStore(rehearsed.keys)
    assert store.rotate_card_key().startswith("RH")
    assert store.rehearsal
    assert not any(KeyStore(real.keys).rotate_card_key().startswith("RH") for _ in range(5))


def test_the_real_database_is_no_rehearsal(real, tmp_path):
    open_database(real.database)
    assert not is_rehearsal()
