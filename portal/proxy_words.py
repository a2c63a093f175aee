"""What pages about proxies and parcels share: states, acts and refusals in words."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.database import now
from db.proxies import ProxyApplication, offered
from db.rules import proxy as rules
from db.rules.proxy import POST
from portal.words import step_name, the_plan
from web import sentences
from web.i18n import language

STATES: dict[str, tuple[Any, str, str]] = {
    "draft": (_l("Not sent yet"), "plain", "pencil"),
    "submitted": (_l("With the counselor"), "info", "clock"),
    "returned": (_l("Sent back to be mended"), "warn", "warning"),
    "approved": (_l("Approved"), "good", "check"),
    "rejected": (_l("Rejected"), "bad", "stop"),
    "withdrawn": (_l("Application withdrawn"), "plain", "minus"),
    "revoked": (_l("Approval revoked"), "bad", "stop"),
    "expired": (_l("Over"), "plain", "clock"),
    "posted": (_l("Posted"), "good", "check"),
}
ACTS: dict[str, Any] = {
    "submit": _l("Sent to the counselor"),
    "approve": _l("Approved"),
    "return": _l("Sent back to be mended"),
    "reject": _l("Rejected"),
    "withdraw": _l("Withdrawn by the graduate"),
    "revoke": _l("Approval revoked"),
    "expire": _l("The last day has passed"),
    "post": _l("Posted"),
}
KINDS: dict[str, Any] = {"post": _l("By post"), "proxy": _l("By proxy")}

_LOOK = _l("Look at what it says now, then decide again.")
_CHANGE = _l("Change it and send the form again.")

sentences.add({
    "proxy-not-offered": (_l("This season's plan does not offer this."), _l("Ask your counselor.")),
    "proxy-running": (
        _l("Another application of yours is still going on."), _l("Withdraw it first if you want to do it another way."),
    ),
    "season-over": (
        _l("The season is over; applications are not taken any more."),
        _l("Ask your counselor how you still get what is yours."),
    ),
    "proxy-changed": (_l("The application does not stand so any more; nothing was changed."), _LOOK),
    "parcel-too-early": (
        _l("It must not be posted yet: a desk could not hand it over either."),
        _l("Look at what is missing, and settle that first."),
    ),
    "unknown-proxy": (_l("There is no such application."), _l("Go back to the list and choose one.")),
    "unknown-cover": (_l("There is no such cover."), _l("Go back to the list and choose one.")),
    "pictures-missing": (_l("All three pictures are needed."), _l("Upload what is missing.")),
    "proxy-words": (_l("Write why, in at most 500 characters; the graduate reads it."), _CHANGE),
    "check-everything": (_l("Approve only when every point is ticked; otherwise send it back."), _CHANGE),
    "not-of-plan": (_l("Choose one of the list."), _CHANGE),
    "step-not-for-proxies": (
        _l("One of these steps does not apply, is settled already, or nobody else may settle it."), _CHANGE,
    ),
    "proxy-nothing-left": (
        _l("Nothing is left that somebody else could settle for you."), _l("Look at your steps for what is still to do."),
    ),
    "own-id-number": (_l("This is your own ID number; write the proxy's."), _CHANGE),
    "not-of-age": (_l("A proxy has to be at least 18 years old."), _CHANGE),
    "ends-before-it-begins": (_l("The last day lies before the first."), _CHANGE),
    "days-over": (_l("These days are over already."), _CHANGE),
    "days-after-season": (_l("The last day lies after the end of the season; nothing is handed out then."), _CHANGE),
    "too-many-days": (_l("These are more days than the plan allows: at most %(most)d."), _CHANGE),
    "no-name": (_l("Write a name: letters, with no digits or other signs."), _CHANGE),
    "proxy-of-too-many": (_l("This proxy already stands for as many graduates as one may."), _l("Name another proxy.")),
    "no-counselor": (_l("No counselor has this staff number."), _CHANGE),
    "not-oneself-as-cover": (_l("Name a colleague, not yourself."), _CHANGE),
})  # fmt: skip


def init_app(app: Flask) -> None:
    """Give templates these words."""
    app.jinja_env.globals.update(
        proxy_state=proxy_state, proxy_act=proxy_act, proxy_kind=proxy_kind, proxy_reason=proxy_reason, proxy_steps=proxy_steps,
    )  # fmt: skip


def proxy_state(application: ProxyApplication) -> tuple[Any, str, str]:
    """Word, tone and icon of how it stands today; an approved parcel still has to be posted."""
    if application.kind == POST and application.state == rules.APPROVED:
        if application.erased_at:
            return _("Approved, not posted"), "warn", "warning"
        return _("Approved, to be posted"), "info", "clock"
    # Of many on a page: what day it is says the plan that the request has already, not the database once more for each.
    day = now().astimezone(the_plan().zone).date()
    return STATES[rules.standing(application.state, application.kind, application.until_day, day)]


def proxy_act(act: str) -> str:
    """What was done, in a few words."""
    return str(ACTS.get(act, act))


def proxy_kind(application: ProxyApplication) -> str:
    return str(KINDS[application.kind])


def proxy_reason(application: ProxyApplication) -> str:
    """Why the graduate cannot come: the plan's words, with what was written beside them."""
    plan = offered()
    listed = next((one.name.pick(language()) for one in plan.reasons if one.code == application.reason), "") if plan else ""
    both = [listed or application.reason, application.words]
    return _("%(listed)s (%(words)s)", listed=both[0], words=both[1]) if all(both) else "".join(both)


def proxy_steps(application: ProxyApplication) -> str:
    """The steps it is about, by name."""
    return _(", ").join(step_name(code) for code in application.step_codes)
