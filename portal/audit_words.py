"""What the audit trail's actions are called. An action without a word of its own is shown as it is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from db.audit import AuditEvent

_WORDS: dict[str, Any] = {
    "sign-in": _l("Signed in"),
    "sign-in.failed": _l("Sign-in failed"),
    "sign-in.refused": _l("Sign-in refused"),
    "sign-out": _l("Signed out"),
    "activation.issued": _l("Activation code issued"),
    "activations.printed": _l("Activation slips made"),
    "activation.failed": _l("Wrong activation code"),
    "account.added": _l("Account opened"),
    "account.activated": _l("Account activated"),
    "account.disabled": _l("Account closed"),
    "account.enabled": _l("Account opened again"),
    "account.sessions-ended": _l("Signed out everywhere else"),
    "password.changed": _l("Password changed"),
    "password.refused": _l("Password change refused"),
    "grant.given": _l("Right given"),
    "grant.ended": _l("Right ended"),
    "roster.checked": _l("Roster checked"),
    "roster.report": _l("Roster report opened"),
    "roster.imported": _l("Roster imported"),
    "journal.imported": _l("Journal file brought in"),
    "ledger.rebuilt": _l("States rebuilt from the ledger"),
    "list.checked": _l("List checked"),
    "list.report": _l("List report opened"),
    "list.arrived": _l("List taken in"),
    "damages.viewed": _l("Damages opened"),
    "damages.exported": _l("Damages exported"),
    "graduate.viewed": _l("Graduate's page opened"),
    "step.decided": _l("Decided by hand"),
    "review.settled": _l("Conflict settled"),
    "review.noted": _l("Finding noted"),
    "review.admitted": _l("Admitted from quarantine"),
    "review.adopted": _l("Adopted from quarantine"),
    "review.dismissed": _l("Dismissed from quarantine"),
    "paper.opened": _l("Desk sheet opened"),
    "paper.printed": _l("Desk sheets printed"),
    "paper.scan-kept": _l("Picture of a desk sheet kept"),
    "paper.typed-in": _l("Desk sheet typed in"),
    "cards.issued": _l("Cards issued"),
    "cards.printed": _l("Card sheets printed"),
    "card.reissued": _l("Card replaced"),
    "card.revoked": _l("Card revoked"),
    "enrol-code.issued": _l("Enrolment code issued"),
    "tablet.enrolled": _l("Tablet enrolled"),
    "tablet.revoked": _l("Tablet withdrawn"),
    "tablet.renamed": _l("Tablet renamed"),
    "tablet.moved": _l("Tablet moved to another station"),
    "tablet.written-off": _l("Tablet written off"),
    "custody.moved": _l("Custody given to a tablet"),
    "custody.recalled": _l("Custody taken back"),
    "custody.let-go": _l("Tablet let go of classes"),
    "register.exported": _l("Issue register exported"),
    "register.uncollected": _l("Uncollected list opened"),
    "notice.given": _l("Notice put on tablets"),
    "notice.withdrawn": _l("Notice taken off tablets"),
    "fast-lane.on": _l("Fast lane opened"),
    "fast-lane.off": _l("Fast lane ended"),
    "keys.rotated": _l("Card key renewed"),
    "keys.retired": _l("Card key retired"),
    "proxy.submit": _l("Application for proxy or post sent"),
    "proxy.approve": _l("Application for proxy or post approved"),
    "proxy.return": _l("Application for proxy or post sent back"),
    "proxy.reject": _l("Application for proxy or post rejected"),
    "proxy.withdraw": _l("Application for proxy or post withdrawn"),
    "proxy.revoke": _l("Approval of proxy or post revoked"),
    "proxy.expire": _l("Approval of a proxy ran out"),
    "proxy.post": _l("Parcel's number recorded"),
    "proxy.refused": _l("Act about a proxy or post refused"),
    "proxy.approvals-viewed": _l("Approvals of proxies and post opened"),
    "proxy.viewed": _l("Application for proxy or post opened"),
    "proxy.link-made": _l("Link to a proxy's card made"),
    "proxy.link-opened": _l("Link to a proxy's card opened"),
    "proxy.link-refused": _l("Link to a proxy's card refused"),
    "proxy.cover-named": _l("Cover for an absence named"),
    "proxy.cover-ended": _l("Cover for an absence ended"),
    "form.sent": _l("Form sent"),
    "form.withdrawn": _l("Form withdrawn"),
    "form.viewed": _l("Form opened"),
    "form.approved": _l("Form approved"),
    "form.passed": _l("Form handed on to the next review"),
    "form.returned": _l("Form returned"),
    "forms.previewed": _l("Forms looked at together"),
    "forms.exported": _l("Forms taken along as XLSX"),
    "calendar.viewed": _l("Calendar of dates opened"),
    "calendar.exported": _l("Calendar of dates taken along as XLSX"),
    "matrix.viewed": _l("Class desk opened"),
    "matrix.exported": _l("Class desk taken along as XLSX"),
    "class-sheet.printed": _l("Class sheet made"),
    "care.noted": _l("Note among counselors"),
    "care.marked": _l("Graduate marked"),
    "care.unmarked": _l("Mark ended"),
    "email.changed": _l("E-mail address changed"),
    "reminder.sent": _l("Reminder sent"),
    "messages.viewed": _l("Log of messages opened"),
    "messages.exported": _l("Log of messages taken along"),
    "attachment.viewed": _l("Photo or signature opened"),
    "picture.viewed": _l("Uploaded picture opened"),
    "picture.deleted": _l("Uploaded picture deleted"),
    "retention.run": _l("Retention run"),
    "audit.verified": _l("Audit trail checked"),
    "audit.exported": _l("Audit trail exported"),
}


_DETAILS: dict[str, Any] = {
    "accounts": _l("accounts"),
    "application": _l("application"),
    "last": _l("last"),
    "amount": _l("amount in fen"),
    "state": _l("after"),
    "before": _l("before"),
    "step": _l("step"),
    "act": _l("decision"),
    "cards": _l("cards"),
    "classes": _l("classes"),
    "class": _l("class"),
    "college": _l("college"),
    "format": _l("format"),
    "forms": _l("forms"),
    "late": _l("late"),
    "count": _l("number"),
    "filter": _l("filter"),
    "first": _l("first"),
    "gen": _l("card no."),
    "graduates": _l("graduates"),
    "held": _l("held"),
    "kind": _l("scope"),
    "left_out": _l("left out"),
    "kept": _l("left as they were"),
    "mark": _l("mark"),
    "name": _l("name"),
    "orphans": _l("unfinished uploads"),
    "draft": _l("drafts"),
    "season": _l("season closed"),
    "rejected": _l("rejected"),
    "withdrawn": _l("withdrawn"),
    "replaced": _l("replaced"),
    "note": _l("note no."),
    "operator": _l("signed by"),
    "problems": _l("problems"),
    "reason": _l("reason"),
    "reset": _l("password forgotten"),
    "role": _l("role"),
    "rows": _l("rows"),
    "scan": _l("picture"),
    "scope": _l("scope name"),
    "sheets": _l("sheets"),
    "station": _l("station"),
    "tablet": _l("tablet"),
    "text": _l("words"),
    "upto": _l("up to no."),
    "version": _l("version"),
    "waits": _l("has to wait now"),
    "why": _l("reason"),
    "wrong": _l("wrong states"),
}


def word_of(action: str) -> Any:
    """The action's name for people."""
    return _WORDS.get(action, action)


def details(event: AuditEvent) -> list[tuple[Any, Any]]:
    """What is written beside an event: names with values, None where the name says it all. What is empty or false is left out."""
    shown = []
    for name, value in event.detail.items():
        if value in ("", None, False, []):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else None if value is True else value
        shown.append((_DETAILS.get(name, name), text))
    return shown


def words() -> list[tuple[str, Any]]:
    """Every known action with its name."""
    return list(_WORDS.items())
