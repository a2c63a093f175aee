"""An app on the portal's frame with views that only tests need: one of each kind."""

from pathlib import Path

from flask import Blueprint, Flask, flash, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from jinja2 import ChoiceLoader, FileSystemLoader

from db.database import close_database
from db.keys import KeyStore
from db.refusals import Conflict, Invalid, NotFound, TooMany
from portal import create_app
from portal.config import Config
from portal.navigation import Place
from web import forms, fragments, headers
from web.access import device, public, roles, signed_in
from web.states import STATES

TEMPLATES = Path(__file__).with_name("templates")

bp = Blueprint("sample", __name__, url_prefix="/sample")


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.Text(_l("Who"), most=12, autocomplete="name")
    amount = forms.Money(_l("Yuan"), hint="35.50")
    count = forms.Whole(_l("How many"), least=1, greatest=30, required=False)
    day = forms.Day(_l("When"), required=False)
    reason = forms.Choice(_l("Reason"), choices=[("lost", "遗失"), ("damaged", "损坏")])
    via = forms.Choice(_l("By"), choices=[("desk", "现场"), ("post", "邮寄")], radio=True)
    steps = forms.Choices(_l("Steps"), choices=lambda: [("library", "图书归还"), ("dorm", "退寝")], required=False)
    text = forms.LongText(_l("Text"), required=False)
    secret = forms.Password(_l("Password"), autocomplete="current-password")
    sure = forms.Tick(_l("I am sure"))


@bp.get("/open")
@public
def open_view():
    return "open"


@bp.get("/anybody")
@signed_in
def anybody():
    return "anybody"


@bp.get("/office")
@roles("officer", "admin")
def office():
    return "office"


@bp.post("/office")
@roles("officer")
def change():
    return fragments.answer("sample/_part.html", url_for("sample.open_view"), notice="done", count=7)


@bp.get("/forgotten")
def forgotten():
    return "never"


@bp.post("/device")
@device
def from_device():
    return "device"


@bp.post("/form")
@public
def form():
    sent = SampleForm(request.form)
    return fragments.page("sample/gallery.html", status=200 if sent.valid() else 422, **gallery_of(sent))


@bp.post("/gallery/forms/<int:number>/endings")
@public
def form_below(number: int):
    return fragments.page("sample/gallery.html", **gallery_of(SampleForm()))


@bp.get("/live/<int:count>")
@public
def live(count: int):
    return fragments.live("sample/_part.html", count=count)


@bp.get("/live")
@public
def live_page():
    return render_template("sample/live_page.html")


@bp.get("/wasm")
@public
def wasm():
    headers.allow("script-src", "'wasm-unsafe-eval'")
    return "wasm"


@bp.get("/refusals/<kind>")
@public
def refuse(kind: str):
    raise {
        "missing": NotFound("unknown-thing"),
        "changed": Conflict("heads-changed"),
        "often": TooMany(retry_after=42),
        "invalid": Invalid({"name": "wrong-role", "day": ("Only until %(day)s.", {"day": "6/26"}), "x": "as said"}),
        "fault": RuntimeError("a fault"),
    }[kind]


@bp.get("/gallery")
@public
def gallery():
    flash("已保存。", "good")
    return render_template("sample/gallery.html", **gallery_of(SampleForm.of(name="欧阳", amount=123456)))


def gallery_of(sent: SampleForm) -> dict:
    return {"form": sent, "states": list(STATES), "at": 1687743065120, "people": ["阿卜杜拉·买买提·尤努斯江", "李四"] * 3}


def build_app(url: str, keys: Path) -> Flask:
    """The portal's frame over this database, with the sample's views, and nobody signed in: see `sign_in`."""
    KeyStore.create(keys)
    app = create_app(Config(url, keys))
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(TEMPLATES)])
    app.register_blueprint(bp)
    close_database()
    return app


def sign_in(app: Flask, *names: str) -> None:
    """From now on every caller holds these roles; without names, callers are signed in without a role."""
    app.extensions["access"].roles_of = lambda: names


def places() -> tuple[Place, ...]:
    return (
        Place("sample.gallery", _l("Home"), "home"),
        Place("sample.anybody", _l("Steps"), "list"),
        Place("sample.open_view", _l("Card"), "card"),
    )
