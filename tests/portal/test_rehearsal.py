"""A rehearsal beside the real season: marked everywhere, mixed with nothing, wiped in one step."""

import hashlib
import io
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook
from PIL import Image
from pypdfium2 import PdfDocument

from db import stations
from db.cards import Card
from db.database import close_database, is_rehearsal, now, open_database, to_ms
from db.intake import receive
from db.keys import KeyStore
from db.ledger import Entry
from db.people import ClassGroup, Graduate
from db.rules.card import read_card, sign_card
from portal import create_app, rehearsal
from portal.cli import main
from portal.commands.rehearsal import config_of, place_of
from portal.config import Config, ConfigError
from portal.demo.staff import ADMIN
from tests import cast
from tests.cast import TabletDouble, make_season
from tests.client import Client
from tests.kiosk.conftest import enrolment

pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture(scope="module")
def built(sqlite_engine, tmp_path_factory) -> Path:
    """A real installation with a rehearsal beside it, to be copied."""
    folder = tmp_path_factory.mktemp("installation")
    url = sqlite_engine.create()
    shutil.move(url.removeprefix("sqlite:///"), folder / "real.sqlite")
    open_database(f"sqlite:///{folder / 'real.sqlite'}")
    KeyStore.create(folder / "keys")
    make_season()
    close_database()
    environment = {"CLEARANCE_DATABASE": f"sqlite:///{folder / 'real.sqlite'}", "CLEARANCE_KEYS": str(folder / "keys")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        before = bytes_of(folder)
        assert main(["rehearsal", "start", "--build-only", "--graduates", "60"]) == 0
        assert {name: told for name, told in bytes_of(folder).items() if not name.startswith("rehearsal/")} == before
    return folder


@pytest.fixture
def real(built, tmp_path, monkeypatch) -> Config:
    folder = tmp_path / "installation"
    shutil.copytree(built, folder)
    config = Config(f"sqlite:///{folder / 'real.sqlite'}", folder / "keys")
    monkeypatch.setenv("CLEARANCE_DATABASE", config.database)
    monkeypatch.setenv("CLEARANCE_KEYS", str(config.keys))
    yield config
    close_database()
    rehearsal.mark(False)


@pytest.fixture
def rehearsed(real) -> Config:
    return config_of(real, "http://127.0.0.1:8010")


def bytes_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".sqlite-shm")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


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


def test_every_page_and_the_tablet_say_that_it_is_a_rehearsal(rehearsed):
    client = served(rehearsed).sign_in_as(ADMIN)
    for path in ("/overview", "/plan", "/nowhere", "/account"):
        assert "banner-rehearsal" in client.get(path).text, path
    assert 'class="rehearsal"' in client.get("/tablet/").text


def test_every_file_says_that_it_is_a_rehearsals_in_its_name_and_where_it_is_looked_at(rehearsed):
    client = served(rehearsed).sign_in_as(ADMIN)
    group, counselor = ClassGroup.get(), ClassGroup.get().counselor
    carded = Graduate.select().join(Card).where(Card.revoked_at.is_null()).get().number
    asked = {
        ADMIN: (
            f"/classes/{group.id}/cards.pdf", f"/paper/library/library/{group.id}/sheet.pdf",
            f"/register/diploma/classes/{group.id}.pdf", f"/register/diploma/classes/{group.id}.xlsx",
            "/register/diploma/uncollected.csv", "/register/diploma/uncollected.xlsx",
            "/damages/table.xlsx",
        ),
        "auditor": ("/audit/export.csv", "/audit/export.xlsx"),
        counselor: (f"/class-desk/classes/{group.id}/sheet.pdf", "/class-desk/matrix.xlsx"),
        carded: ("/me/card.png", "/me/card.svg", "/me/card.pdf"),
    }  # fmt: skip
    for who, paths in asked.items():
        client.sign_in_as(who)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert unquote(answer.headers["Content-Disposition"]).partition("''")[2].startswith("演练-REHEARSAL-"), path
            assert looks_marked(path.rpartition(".")[2], answer.data), path


def looks_marked(kind: str, content: bytes) -> bool:
    """Whether whoever looks at the file sees it; a CSV is told by its name alone, as it may be read in again."""
    match kind:
        case "pdf":
            return all("演练 REHEARSAL" in page.get_textpage().get_text_range() for page in PdfDocument(content))
        case "xlsx":
            sheet = load_workbook(io.BytesIO(content)).active
            return sheet.title.startswith("演练 REHEARSAL") and sheet.oddHeader.center.text == "演练 REHEARSAL"
        case "svg":
            return "演练 REHEARSAL" in content.decode()
        case "png":
            red, green, blue = Image.open(io.BytesIO(content)).convert("RGB").getpixel((5, 5))
            return red > 150 > 2 * max(green, blue)
    return kind == "csv"


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
    before = {name: told for name, told in bytes_of(real.keys.parent).items() if not name.startswith("rehearsal/")}
    assert main(["rehearsal", "wipe"]) == 0
    assert not place.exists()
    assert bytes_of(real.keys.parent) == before
    assert main(["rehearsal", "wipe"]) == 0  # again: there is none
    assert "no rehearsal" in capsys.readouterr().out


def test_wiping_removes_nothing_but_a_rehearsal(real, capsys):
    place = place_of(real)
    shutil.rmtree(place)
    place.mkdir()
    KeyStore.create(place / "keys")
    assert main(["rehearsal", "wipe"]) == 2
    assert (place / "keys").exists()
    assert "nothing was removed" in capsys.readouterr().err


def test_the_running_server_tells_everybody_once_it_is_wiped(real, rehearsed):
    client = served(rehearsed)
    assert client.get("/sign-in").status_code == 200
    main(["rehearsal", "wipe"])
    told = client.post("/station/v1/heartbeats", json={}, headers={"Authorization": "Bearer x"})
    assert (told.status_code, told.json["error"]["code"]) == (410, "rehearsal-wiped")
    assert client.get("/sign-in").status_code == 410


def test_a_renewed_card_key_of_a_rehearsal_says_so_too_and_a_real_one_never_does(real, rehearsed):
    store = KeyStore(rehearsed.keys)
    assert store.rotate_card_key().startswith("RH")
    assert store.rehearsal
    assert not any(KeyStore(real.keys).rotate_card_key().startswith("RH") for _ in range(5))


def test_the_real_database_is_no_rehearsal(real, tmp_path):
    open_database(real.database)
    assert not is_rehearsal()
