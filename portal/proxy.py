"""Who cannot come: an application step by step, kept as a draft after each, and how it stands.

All of it is about the one who is signed in. A form says which application it was made for, so an old page changes no newer one.
"""

from __future__ import annotations

import io
from datetime import date

from flask import Blueprint, Response, request, send_file, url_for
from flask_babel import gettext as _

from db import pictures, proxies, proxy_drafts, proxy_links, proxy_pictures, proxy_retention
from db.people import Graduate
from db.proxies import ProxyApplication
from db.redraw import redraw, takes_heic
from db.refusals import Conflict, Invalid, NotFound, Refusal, TooLarge, Unavailable
from db.rules import proxy as rules
from db.rules.proxy import EDITABLE, POST, PROXY
from portal.caller import me
from portal.cardart import qr_png
from portal.cardart.letter import Letter, letter_pdf
from portal.cardart.proxy_card import proxy_card_pdf
from portal.graduate import mine
from portal.pictures import ACCEPT, vault
from portal.pictures import show as show_picture
from portal.proxy_forms import PARTS, SLOTS
from portal.shown_proxy import code_of, face_of, token_of
from portal.uploaded import said
from web import kept_form, shown_once
from web.access import roles
from web.forms import Form
from web.fragments import answer, go, page
from web.kept_form import Kept
from web.refusals import is_fragment_request

blueprint = Blueprint("proxy", __name__, url_prefix="/me/proxy")

OFFERED = (POST, PROXY)


@blueprint.get("")
@roles("graduate")
def show() -> Response:
    """How the application stands; where there is none, what can be done."""
    _season, standing = mine()
    application = proxies.latest(standing.graduate.id)
    events = proxies.events(application) if application else []
    said = next((event for event in events if event.words), None)
    return page(
        "proxy/show.html", application=application, events=events, said=said, first=_first(application), plan=proxies.offered(),
        over=proxies.over(), left={kind: proxy_drafts.left_for(standing.graduate, kind) for kind in OFFERED},
        code=code_of(application), link=proxy_links.newest(application.id) if application else None,
    )  # fmt: skip


@blueprint.post("")
@roles("graduate")
def create() -> Response:
    """Begin an application; one that is being written already is gone on with."""
    graduate = _graduate()
    kind = request.form.get("kind", "")
    if kind not in OFFERED:
        raise NotFound("proxy-not-offered")
    application = proxy_drafts.begin(graduate, kind, me().id)
    return go(url_for(".part", part=_first(application)))


@blueprint.get("/<part>")
@roles("graduate")
def part(part: str) -> Response:
    """One question of the application, as far as it was answered; once it is no draft any more, how it stands."""
    if not any(part in parts for parts in PARTS.values()):
        raise NotFound("unknown-proxy")
    try:
        application, form = _draft(part)
    except Conflict:
        return go(url_for(".show"))
    names = form.fields.keys() & set(proxies.TYPED)
    values = {name: getattr(application, name) for name in names}
    if "steps" in values:
        values["steps"] = application.step_codes
    back = kept_form.bring_back(application=application.id)
    if back is None:
        return _part(application, part, form.of(**values))
    return _part(application, part, form(back.fields) if back.fields and not back.files else form.of(**values), back=back)


@blueprint.post("/<part>")
@roles("graduate")
@kept_form.keeps_form("proxy.part")
def save(part: str) -> Response:
    """Keep the answer and go on to the next question; the last one sends it all to the counselor."""
    application, kind = _draft(part)
    if request.form.get("application") != application.id:
        raise Conflict("proxy-changed")
    form = kind(request.form)
    if not form.valid():
        return _part(application, part, form, 422)
    parts = list(PARTS[application.kind])
    if part == parts[-1]:
        return _send(application, part, form)
    values = dict(form.values)
    if "steps" in values:
        values["steps"] = " ".join(values["steps"])
    application = proxy_drafts.save(_graduate(), application.id, values)
    # What cannot be right is told here and not after a letter was printed and signed; it is kept all the same.
    wrong = {name: code for name, code in proxy_drafts.faults(application, _graduate()).items() if name in form.fields}
    if wrong:
        form.refuse(Invalid(wrong))
        return _part(application, part, form, 422)
    return go(url_for(".part", part=parts[parts.index(part) + 1]))


@blueprint.get("/<id>/withdrawals")
@roles("graduate")
def look(id: str) -> Response:
    """Where a page that answered a change is loaded again: how it stands."""
    return go(url_for(".show"))


@blueprint.post("/<id>/withdrawals")
@roles("graduate")
def withdraw(id: str) -> Response:
    """Take the application back. Again: nothing more happens."""
    proxies.withdraw(_graduate(), id, me().id)
    pictures.delete(vault(), proxy_pictures.ids(id), me().id)
    proxy_retention.erase(me().id, only=id)
    said = _("The application is withdrawn. Pictures and what you wrote are deleted.")
    if proxies.own(_graduate(), id).name:
        said = _(
            "The application is withdrawn. Pictures and what you wrote are deleted; "
            "the name stays for the record until the season ends."
        )
    return go(url_for(".show"), notice=said)


@blueprint.get("/<id>/card.png")
@roles("graduate")
def card(id: str) -> Response:
    """The proxy's code as a picture, to be sent to the proxy."""
    application = proxies.own(_graduate(), id)
    return _file(qr_png(token_of(application), 600), "image/png", "proxy-card.png")


@blueprint.get("/<id>/card.pdf")
@roles("graduate")
def card_pdf(id: str) -> Response:
    """The proxy's card as one page, to be printed or sent."""
    graduate = _graduate()
    return _file(proxy_card_pdf(face_of(proxies.own(graduate, id), graduate)), "application/pdf", "proxy-card.pdf")


@blueprint.post("/<id>/links")
@roles("graduate")
def make_link(id: str) -> Response:
    """A new link to the proxy's card, to be seen by whoever made it; the one before it ends."""
    code = proxy_links.make(_graduate(), id, me().id)
    there = url_for(".show_link", id=id)
    shown_once.keep(there, {"code": code})
    return go(there)


@blueprint.get("/<id>/links")
@roles("graduate")
def show_link(id: str) -> Response:
    """The link just made, for a quarter of an hour; then how the application stands."""
    kept = shown_once.kept()
    if kept is None:
        return go(url_for(".show"))
    url = url_for("proxy_card.link", code=kept["code"], _external=True)
    return page("proxy/link.html", application=proxies.own(_graduate(), id), url=url)


@blueprint.get("/<id>/letter.pdf")
@roles("graduate")
def letter(id: str) -> Response:
    """The letter of authorization, filled in."""
    season, standing = mine()
    graduate = standing.graduate
    application = proxies.own(graduate, id)
    group = graduate.class_group
    plan = proxies.offered()
    reasons = {one.code: one.name.zh for one in plan.reasons} if plan else {}
    reason = application.words if application.reason == "other" else reasons.get(application.reason, "")
    content = letter_pdf(Letter(
        season.plan.institution.zh, season.plan.name.zh, graduate.name, graduate.number, group.college.name, group.name,
        graduate.id_number, application.own_phone, application.name, application.id_number, application.phone,
        reason or "……", [season.plan.step(code).name.zh for code in application.step_codes],
        _day(application.from_day), _day(application.until_day),
    ))  # fmt: skip
    return _file(content, "application/pdf", "letter-of-authorization.pdf")


@blueprint.post("/<id>/pictures/<slot>")
@roles("graduate")
@kept_form.keeps_form("proxy.part", part="pictures")
def upload(id: str, slot: str) -> Response:
    """Take one of the three pictures, drawn anew; the one before is deleted. What cannot be taken is said on the page."""
    if slot not in SLOTS:
        raise NotFound("unknown-picture")
    back = url_for(".part", part="pictures", _anchor=slot)
    sent = request.files.get("file")
    graduate = _graduate()
    application = proxies.own(graduate, id)
    try:
        _keep(graduate, id, slot, redraw(sent.read() if sent else b""))
        told = ("good", _("The picture is kept."))
    except (Invalid, TooLarge, Unavailable) as refusal:
        told = ("bad", said(refusal))
    label, hint = SLOTS[slot]
    there = slot in proxy_pictures.of(id)
    notice = None if is_fragment_request() else told[1]
    return answer(
        "proxy/_place.html", back, notice=notice, tone=told[0], told=told, application=application, slot=slot, label=label,
        hint=hint, kept=there, accept=ACCEPT,
    )  # fmt: skip


@blueprint.get("/<id>/pictures/<slot>")
@roles("graduate")
def picture(id: str, slot: str) -> Response:
    """One's own picture, to see whether it can be read."""
    return show_picture(proxy_pictures.find(proxies.own(_graduate(), id).id, slot))


def _keep(graduate: Graduate, id: str, slot: str, drawn: bytes) -> None:
    """Put the picture in its place and delete the one before; one that is not taken does not stay in the vault either."""
    name = vault().put(drawn)
    try:
        before = proxy_drafts.put_picture(graduate, id, slot, name, me().id)
    except Refusal:
        vault().destroy(name)
        raise
    pictures.delete(vault(), before, me().id)


def _file(content: bytes, kind: str, name: str) -> Response:
    response = send_file(io.BytesIO(content), kind, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "＿＿＿＿年＿＿月＿＿日"


def _send(application: ProxyApplication, part: str, form: Form) -> Response:
    graduate = _graduate()
    signed = form.values.get("signed")
    if signed is not None and not rules.same_name(signed, graduate.name):
        form.errors["signed"] = _("Write your name as it is on record: %(name)s.", name=graduate.name)
        return _part(application, part, form, 422)
    try:
        detail = {"signed": signed, "risk": True} if signed else {}
        proxy_drafts.submit(graduate, application.id, me().id, **detail)
    except Invalid as refusal:
        name = next(iter(refusal.errors))
        there = next((code for code, (_word, one) in PARTS[application.kind].items() if name in one.fields), part)
        again = PARTS[application.kind][there][1]
        values = {one: getattr(application, one) for one in again.fields if one in proxies.TYPED}
        shown = again.of(**values | ({"steps": application.step_codes} if "steps" in values else {}))
        shown.refuse(Invalid({one: code for one, code in refusal.errors.items() if one in again.fields}))
        return _part(application, there, shown, 422)
    return go(url_for(".show"), notice=_("Sent. Your counselor looks at it; you see here what comes of it."))


def _part(application: ProxyApplication, part: str, form: Form, status: int = 200, back: Kept | None = None) -> Response:
    parts = PARTS[application.kind]
    place = list(parts).index(part)
    events = proxies.events(application) if application.version else []
    return page(
        "proxy/part.html", status=status, application=application, part=part, form=form, place=place,
        pictures=proxy_pictures.of(application.id), slots=SLOTS, accept=ACCEPT, heic=takes_heic(), back=back,
        lost=back.fields.get("slot") if back and back.files else None,
        labels=[label for label, _form in parts.values()], before=list(parts)[place - 1] if place else None,
        links=[url_for(".part", part=one) if one != part and (events or n < place) else "" for n, one in enumerate(parts)],
        said=next((event.words for event in events if event.act == "return"), ""),
    )  # fmt: skip


def _draft(part: str) -> tuple[ProxyApplication, type[Form]]:
    """The application being written, with the form of that part. Conflict where none is."""
    application = proxies.latest(_graduate().id)
    if application is None or application.state not in EDITABLE or application.kind not in PARTS:
        raise Conflict("proxy-changed")
    if part not in PARTS[application.kind]:
        raise NotFound("unknown-proxy")
    return application, PARTS[application.kind][part][1]


def _first(application: ProxyApplication | None) -> str:
    """The first part that still lacks something; the last where all is there."""
    if application is None or application.kind not in PARTS:
        return ""
    parts = PARTS[application.kind]
    lacking = proxy_drafts.faults(application, _graduate()) if application.state in EDITABLE else {}
    return next((code for code, (_word, form) in parts.items() if lacking.keys() & form.fields.keys()), list(parts)[-1])


def _graduate() -> Graduate:
    return mine()[1].graduate
