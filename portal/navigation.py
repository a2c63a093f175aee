"""What stands in the page's head: one line for each place, shown to whoever may reach it.

The first that somebody may reach is also where `/` leads them, so the order is: the page of one's own work first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from web.access import may_reach


@dataclass(frozen=True, slots=True)
class Place:
    """A link in the page's head: endpoint without parameters, its name, its icon in `_icons.html`.

    `counted`: how many unread messages there are stands beside it.
    `waiting`: the endpoint of a fragment that says how many things wait there; asked for when the page is there already.
    """

    endpoint: str
    label: Any
    icon: str
    counted: bool = False
    waiting: str = ""


PLACES: tuple[Place, ...] = (
    Place("graduate.home", _l("Home"), "home"),
    Place("graduate.steps", _l("My steps"), "list"),
    Place("graduate_card.show", _l("Card"), "card"),
    Place("messages.index", _l("Messages"), "message", counted=True),
    Place("audit.show", _l("Audit trail"), "shield"),
    Place("overview.show", _l("Overview"), "list"),
    Place("counsel.index", _l("Class desk"), "cap"),
    Place("graduates.index", _l("Graduates"), "people"),
    Place("board.show", _l("Day board"), "chart"),
    Place("classes.index", _l("Classes"), "list"),
    Place("help_desk.index", _l("Requests for help"), "question"),
    Place("mail_log.index", _l("Messages sent"), "message"),
    Place("form_desk.index", _l("Forms"), "pencil", waiting="form_desk.waiting"),
    Place("proxy_desk.index", _l("Who cannot come"), "hand"),
    Place("review.index", _l("Reviews"), "warning"),
    Place("paper.index", _l("Paper sheets"), "pencil"),
    Place("register.index", _l("Issue register"), "list"),
    Place("lists.index", _l("Lists"), "upload"),
    Place("damages.index", _l("Damages"), "door"),
    Place("stations.index", _l("Stations"), "station"),
    Place("custody.index", _l("Custody"), "hand"),
    Place("proxy_approvals.index", _l("Proxies and post"), "hand"),
    Place("roster.show", _l("Roster"), "people"),
    Place("accounts.index", _l("Accounts"), "gear"),
    Place("plan.show", _l("Plan"), "flow"),
)


def reachable() -> list[Place]:
    """The places open to the caller's roles, in order; a public page is not anybody's place."""
    return [place for place in PLACES if may_reach(place.endpoint)]
