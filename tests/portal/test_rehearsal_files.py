"""Everything that leaves a rehearsal as a file says what it is, in its name and where people look at it; no route is left out."""

import csv
import io
import types
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

import flask
import pytest
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import expect
from pypdfium2 import PdfDocument

from db import attachments, grants, lists
from db.accounts import Account
from db.database import mark_rehearsal
from db.intake import receive
from db.keys import KeyStore
from db.people import ClassGroup
from db.proxy_drafts import submit
from db.rules.attachment import name_of
from db.tables import read_table
from portal import pictures, rehearsal
from portal.csv_text import csv_text
from portal.workbook import workbook
from tests.cast import ADMIN, CONDUCT, DIPLOMA, LIBRARY, TabletDouble
from tests.client import Client, portal
from tests.portal.form_case import LEAVING, plan, send, today
from tests.portal.graduate_case import open_today
from tests.portal.proxy_case import approved, draft
from tests.portal.test_proxy import photo, upload
from tests.portal.test_proxy_card import link, opened
from tests.portal.test_proxy_post import with_proxies
from web.catalogue import ROOT

pytestmark = pytest.mark.engine("sqlite")

NAME, WORDS = "演练-REHEARSAL-", "演练 REHEARSAL"
NO_FILES = {
    "graduate_card.worker", "shell.app_file", "shell.vendor_file",  # programs
    "my_forms.check",  # no content
    "roster.show", "roster.upload", "roster.dry_run", "roster.carry_out",  # pages
}
"""Views that answer by themselves and give nothing away. Those of the protocol (`station.`) speak to tablets."""
AS_IT_CAME = {"decisions.attachment", "review.attachment"}
"""Evidence, known by its SHA-256: only its name can tell."""

LIST = "学号,姓名,原因,金额\n2020000000,安然,旷课,35.50\n".encode()
ROSTER = "学号,姓名,学院,班级,手机\n2020000000,安然,护理学院,护理2001,10000000001\n".encode()


class Asked(NamedTuple):
    """Who gets a file, how. `data`: what a form sends for it."""

    who: str | Client
    path: str
    data: dict | None = None


@pytest.fixture
def client(season, database_url, tmp_path) -> Iterator[Client]:
    """A portal of a rehearsal."""
    mark_rehearsal()
    KeyStore.create(tmp_path / "keys", rehearsal=True)
    open_today(season, with_proxies(plan()))
    for staff in ("lin", "qian", "auditor"):
        Account.create(id=staff, name=f"{staff}老师")
    ClassGroup.update(counselor="qian").where(ClassGroup.name == "护理2002").execute()
    grants.grant("auditor", "auditor", "all", "", ADMIN)
    yield portal(database_url, tmp_path)
    rehearsal.mark(False)


@pytest.fixture
def files(client, season) -> dict[str, Asked]:
    """Each view that gives a file away, and who gets one of it."""
    an, bai, group = season.an, season.bai, season.an.class_id
    signature = photo("black")
    attachments.keep(client.application.extensions["config"].attachments, name_of(signature), signature, "image/png", "x")
    receive([TabletDouble.enrol("library").act("clear", an, LIBRARY, attachments=[name_of(signature)]).token], "direct")
    send(client, an, LEAVING, day=today(), transport="train")
    lists.arrive(client.application.extensions["keys"].entry_key, CONDUCT, [lists.Row(an.number, "旷课")], ADMIN)
    one, written = approved(an, steps=DIPLOMA), draft(bai)
    client.sign_in_as(bai.number)
    for slot in ("letter", "own-id", "proxy-id"):
        assert upload(client, written, slot).status_code == 303
    submit(bai, written.id, bai.number)
    proxy = client.application.test_client()
    card = opened(proxy, link(client, one)).location
    client.sign_in_as(ADMIN)
    uploads = {
        where: client.send(f"/{where}/uploads", file=(io.BytesIO(content), "a.csv")).location
        for where, content in ((f"lists/{CONDUCT}", LIST), ("roster", ROSTER))
    }
    step = f"steps/{LIBRARY}/attachments/{name_of(signature)}"
    return {
        "audit.as_csv": Asked("auditor", "/audit/export.csv"),
        "audit.as_workbook": Asked("auditor", "/audit/export.xlsx"),
        "classes.cards": Asked("lin", f"/classes/{group}/cards.pdf"),
        "classes.make_slips": Asked("lin", f"/classes/{group}/activation-slips", {"newest": "0"}),
        "counsel.as_workbook": Asked("lin", "/class-desk/matrix.xlsx"),
        "counsel.sheet": Asked("lin", f"/class-desk/classes/{group}/sheet.pdf"),
        "damages.table": Asked(ADMIN, "/damages/table.xlsx"),
        "decisions.attachment": Asked(ADMIN, f"/graduates/{an.number}/{step}"),
        "departures.as_workbook": Asked("lin", "/class-desk/calendar/dates.xlsx"),
        "form_desk.as_workbook": Asked("lin", f"/forms/{LEAVING}.xlsx"),
        "graduate_card.pdf": Asked(an.number, "/me/card.pdf"),
        "graduate_card.png": Asked(an.number, "/me/card.png"),
        "graduate_card.svg": Asked(an.number, "/me/card.svg"),
        "lists.report": Asked(ADMIN, f"{uploads[f'lists/{CONDUCT}']}/report.csv"),
        "lists.version_csv": Asked(ADMIN, f"/lists/{CONDUCT}/versions/1.csv"),
        "mail_log.as_csv": Asked(ADMIN, "/sent/export.csv"),
        "mail_log.as_workbook": Asked(ADMIN, "/sent/export.xlsx"),
        "paper.sheet_pdf": Asked(ADMIN, f"/paper/library/{LIBRARY}/{group}/sheet.pdf"),
        "proxy.card": Asked(an.number, f"/me/proxy/{one.id}/card.png"),
        "proxy.card_pdf": Asked(an.number, f"/me/proxy/{one.id}/card.pdf"),
        "proxy.letter": Asked(an.number, f"/me/proxy/{one.id}/letter.pdf"),
        "proxy.picture": Asked(bai.number, f"/me/proxy/{written.id}/pictures/letter"),
        "proxy_card.pdf": Asked(proxy, f"{card}/card.pdf"),
        "proxy_card.png": Asked(proxy, f"{card}/card.png"),
        "proxy_desk.picture": Asked("qian", f"/proxies/{written.id}/pictures/letter"),
        "register.pdf": Asked(ADMIN, f"/register/{DIPLOMA}/classes/{group}.pdf"),
        "register.uncollected_csv": Asked(ADMIN, f"/register/{DIPLOMA}/uncollected.csv"),
        "register.uncollected_xlsx": Asked(ADMIN, f"/register/{DIPLOMA}/uncollected.xlsx"),
        "register.xlsx": Asked(ADMIN, f"/register/{DIPLOMA}/classes/{group}.xlsx"),
        "review.attachment": Asked(ADMIN, f"/reviews/steps/{an.number}/{step}".replace(f"/steps/{LIBRARY}", f"/{LIBRARY}")),
        "roster.report": Asked(ADMIN, f"{uploads['roster']}/report.csv"),
    }


def answer_to(client: Client, asked: Asked):
    """The file as whoever asks gets it."""
    who = client.sign_in_as(asked.who) if isinstance(asked.who, str) else asked.who
    return who.get(asked.path) if asked.data is None else who.send(asked.path, **asked.data)


def giving(app: flask.Flask) -> set[str]:
    """The endpoints whose views make an answer by themselves, or call a function of theirs that does; pages are made in `web`."""
    return {name for name, view in app.view_functions.items() if not name.startswith("station.") and makes(view, set())}


def makes(function: Callable, seen: set[Callable]) -> bool:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if function in seen or not isinstance(function, types.FunctionType):
        return False
    seen.add(function)
    called = [function.__globals__[name] for name in names(function.__code__) if name in function.__globals__]
    if any(one is maker for one in called for maker in (flask.send_file, flask.send_from_directory, flask.Response)):
        return True
    return any(makes(one, seen) for one in called if getattr(one, "__module__", "").startswith(("portal", "kiosk")))


def names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from names(inner)


def test_every_route_that_gives_a_file_stands_in_the_table(client, files):
    assert giving(client.application) - NO_FILES == files.keys()


def test_every_file_says_that_it_is_a_rehearsals_in_its_name_and_where_it_is_looked_at(client, files, monkeypatch):
    drawn, mark = [], pictures._marked
    monkeypatch.setattr(pictures, "_marked", lambda content, words: drawn.append(words) or mark(content, words))
    for endpoint, asked in files.items():
        answer = answer_to(client, asked)
        assert answer.status_code == 200, endpoint
        name = unquote(answer.headers["Content-Disposition"]).partition("''")[2]
        assert name.startswith(NAME), endpoint
        looked_at = name.rpartition(".")[2]
        if looked_at == "jpg":
            assert WORDS in drawn.pop(), endpoint
        elif endpoint not in AS_IT_CAME:
            assert looks_marked(looked_at, answer.data), endpoint


def looks_marked(kind: str, content: bytes) -> bool:
    """Whether whoever looks at the file sees it, in every page, line or code of it."""
    match kind:
        case "pdf":
            return all(WORDS in page.get_textpage().get_text_range() for page in PdfDocument(content))
        case "xlsx":
            sheet = load_workbook(io.BytesIO(content)).active
            lines = [row[-1] == WORDS for row in sheet.values]
            return sheet.title.startswith(WORDS) and sheet.oddHeader.center.text == WORDS and all(lines)
        case "csv":
            return all(row[-1] == WORDS for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        case "svg":
            return WORDS in content.decode()
        case "png":
            picture = Image.open(io.BytesIO(content)).convert("RGB")
            reds = [count for count, (red, green, blue) in picture.getcolors(1 << 24) if red > 150 > 2 * max(green, blue)]
            return sum(reds) > picture.width  # the card's strip, or the words below a code
    return False


def test_on_a_printed_page_its_banner_stays_and_others_go(open_page):
    page = open_page()
    page.set_content('<aside class="banner banner-rehearsal">one</aside><aside class="banner">other</aside>')
    page.add_style_tag(path=ROOT / "static" / "app.css")
    page.emulate_media(media="print")
    expect(page.get_by_text("other")).to_be_hidden()
    expect(page.get_by_text("one")).to_be_visible()


@pytest.mark.parametrize("written", [
    lambda *table: csv_text(*table).encode(), lambda *table: workbook("名单", *table),
])  # fmt: skip
def test_a_table_with_the_mark_is_read_by_programs_as_before(client, written):
    content = written(("学号", "姓名", "原因", "金额"), [("2020000000", "安然", "旷课", "35.50")])
    assert WORDS in read_table(content).rows[1]
    sent = client.sign_in_as(ADMIN).send(f"/lists/{CONDUCT}/uploads", file=(io.BytesIO(content), "list"))
    assert "2 人不在这份名单上" in client.get(sent.location).text
