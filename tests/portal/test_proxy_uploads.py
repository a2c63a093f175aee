"""Uploads as no form sends them: under hostile names of files, and cut off in the middle; the picture or nothing is kept."""

import io
import re
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from db import accounts, proxies, proxy_drafts, proxy_pictures
from db.database import database
from db.pictures import Picture
from db.vault import Vault
from portal.caller import GRADUATE_SESSION
from tests.cast import plan_text
from tests.client import Client, portal
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import PERSON, draft
from tests.portal.test_proxy import photo, upload
from tests.portal.test_proxy_post import house, with_proxies  # noqa: F401 - a fixture

MARK = "zqxjkvbnmwpl"  # so long that no key and no picture has it by chance
HOSTILE = {
    "path parts": f"../../{MARK}/../../x.png",
    "windows path": f"C:\\{MARK}\\..\\x.png",
    "absolute": f"/etc/{MARK}.png",
    "NUL": f"{MARK}\0.png",
    "too long": MARK * 25 + ".png",
    "right to left": f"{MARK}\u202egnp.exe\u200f\u2066.png",
    "markup": f"<script>{MARK}</script>.png",
    "quotes": f'{MARK}"; filename*=UTF-8\'\'{MARK}.png',
    "header": f"{MARK}%0d%0aSet-Cookie: {MARK}=1.png",
    "no name to speak of": f"..;{MARK}",
}
PLACE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


def body_of(token: str, name: bytes, content: bytes, form: Mapping[str, str] = MappingProxyType({})) -> tuple[bytes, str]:
    """A form with a file, written by hand: libraries would mend its name before it is sent."""
    fields = {"csrf_token": token, **form}.items()
    head = "".join(f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{said}\r\n' for key, said in fields).encode()
    file = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\nContent-Type: image/png\r\n\r\n'
    return head + file + content + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def everything_stored() -> str:
    return "\n".join(
        str(row) for table in database.get_tables() for row in database.execute_sql(f'SELECT * FROM "{table}"').fetchall()
    )


def vault_of(client: Client) -> Vault:
    config = client.application.extensions["config"]
    return Vault(config.pictures, config.picture_keys)


def kept_in(vault: Vault) -> list[str]:
    """Where each file lies below its folder, keys and pictures alike."""
    return [str(path.relative_to(folder)) for folder in (vault.pictures, vault.keys) for path in files_in(folder)]


def test_a_picture_under_a_hostile_name_is_kept_under_the_portals_own_and_the_name_is_nowhere(
    house, season, tmp_path, caplog  # noqa: F811
):
    one = draft(season.an)
    house.sign_in_as(season.an.number)
    answers = []
    for kind, name in HOSTILE.items():
        body, sort = body_of(house.token(), name.replace('"', "%22").encode(), photo())
        answers.append(house.post(f"/me/proxy/{one.id}/pictures/letter", data=body, content_type=sort))
        assert answers[-1].status_code == 303, kind
        (picture,) = proxy_pictures.of(one.id).values()
        assert kept_in(vault_of(house)) == [f"{picture.id[:2]}/{picture.id}"] * 2, kind
        assert PLACE.fullmatch(kept_in(vault_of(house))[0])
    pages = ("/me/proxy", "/me/proxy/pictures", f"/me/proxy/{one.id}/pictures/letter")
    answers += [house.get(path) for path in pages]
    for slot in ("own-id", "proxy-id"):
        upload(house, one, slot)
    proxy_drafts.submit(season.an, one.id, season.an.number)
    house.sign_in_as("lin")
    answers += [house.get(path) for path in (f"/proxies/{one.id}", f"/proxies/{one.id}/pictures/letter")]
    assert all(answer.status_code in (200, 303) for answer in answers)
    told = [str(answer.headers).encode() + answer.data for answer in answers]
    assert not any(MARK.encode() in each for each in (*told, everything_stored().encode(), caplog.text.encode()))
    for path in files_in(tmp_path):
        assert MARK not in str(path)
        assert MARK.encode() not in path.read_bytes()


def test_a_picture_that_comes_too_late_leaves_nothing_behind(house, season):  # noqa: F811
    one = draft(season.an)
    house.sign_in_as(season.an.number)
    house.token()
    proxies.withdraw(season.an, one.id, season.an.number)
    assert upload(house, one, "letter").status_code == 409
    assert kept_in(vault_of(house)) == []
    assert Picture.select().count() == 0


def begun(client, path: str, body: bytes, sort: str, url: str) -> socket.socket:
    """A request of which the server has got all but the last half of its body."""
    host, port = url.removeprefix("http://").split(":")
    cookie = client.get_cookie("clearance").value
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}:{port}", f"Content-Type: {sort}", f"Content-Length: {len(body)}",
             f"Cookie: clearance={cookie}", "Connection: close", "", ""]  # fmt: skip
    wire = socket.create_connection((host, int(port)), timeout=30)
    wire.sendall("\r\n".join(lines).encode() + body[: len(body) // 2])
    return wire


def ended(wire: socket.socket, body: bytes) -> str:
    """The head of the answer, once the rest was sent."""
    wire.sendall(body[len(body) // 2 :])
    with wire, wire.makefile("rb") as answer:
        return answer.read().partition(b"\r\n\r\n")[0].decode()


@pytest.mark.engine("sqlite")
def test_signed_out_elsewhere_while_a_picture_is_on_its_way_only_that_one_is_asked_for_again(
    season, live_server, database_url, tmp_path
):
    open_today(season, with_proxies(plan_text()))
    client, one = portal(database_url, tmp_path), draft(season.an)
    vault = vault_of(client)
    client.sign_in_as(season.an.number)
    upload(client, one, "letter")
    upload(client, one, "own-id")
    before = kept_in(vault)
    form = {"application": one.id, "slot": "own-id"}
    body, sort = body_of(client.token(), b"id.png", photo("red"), form)
    path = f"/me/proxy/{one.id}/pictures/own-id"

    begun(client, path, body, sort, live_server.url).close()  # the connection breaks off
    wire = begun(client, path, body, sort, live_server.url)
    accounts.end_sessions(season.an.number, season.an.number)
    head = ended(wire, body)
    assert head.startswith("HTTP/1.1 303")
    assert "Location: /sign-in?next=%2Fme%2Fproxy%2Fpictures" in head
    assert kept_in(vault) == before
    assert Picture.select().where(Picture.kind == "own-id").count() == 1

    client.set_cookie("clearance-form", re.search(r"clearance-form=([^;]+)", head)[1])
    assert "图片需要重新选择" in client.get("/sign-in?next=%2Fme%2Fproxy%2Fpictures").text
    page = client.sign_in_as(season.an.number).get("/me/proxy/pictures").text
    places = re.findall(r'<li id="([^"]+)">(.*?)</li>', page, re.S)
    assert [slot for slot, place in places if "这张图片没有收到" in place] == ["own-id"]
    assert PERSON["name"] in page
    body, sort = body_of(client.token(), b"id.png", photo("red"), form)
    assert ended(begun(client, path, body, sort, live_server.url), body).startswith("HTTP/1.1 303")
    assert len(kept_in(vault)) == len(before)
    assert kept_in(vault) != before


def test_once_the_session_has_expired_a_picture_is_not_kept_and_the_others_stay(house, season):  # noqa: F811
    one = draft(season.an)
    house.sign_in_as(season.an.number)
    upload(house, one, "letter")
    before = kept_in(vault_of(house))
    with house.session_transaction() as session:
        session["since"] = int(time.time() - GRADUATE_SESSION.total_seconds() - 1)
    data = {"csrf_token": house.token(), "application": one.id, "slot": "proxy-id", "file": (io.BytesIO(photo()), "id.png")}
    assert house.post(f"/me/proxy/{one.id}/pictures/proxy-id", data=data).location.startswith("/sign-in?next=")
    assert kept_in(vault_of(house)) == before
    page = house.sign_in_as(season.an.number).get("/me/proxy/pictures").text
    assert [slot for slot, place in re.findall(r'<li id="([^"]+)">(.*?)</li>', page, re.S) if "没有收到" in place] == ["proxy-id"]
