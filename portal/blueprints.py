"""The parts of the portal, by import path. A part has a `blueprint`, an `init_app(app)`, or both.

One line each, in the order they are started; add yours at the end of its group.
"""

PARTS = (
    "web.preferences",
    "portal.frame",
    "portal.caller",
    "portal.audited",
    "portal.health",
    "portal.home",
    "portal.plan",
    "portal.signin",
    "portal.account",
    "portal.accounts",
    "portal.audit",
    "portal.roster",
    "portal.graduate",
    "portal.graduate_card",
    "portal.words",
    "portal.graduates",
    "portal.decisions",
    "portal.card_changes",
    "portal.classes",
    "portal.lists",
    "portal.review",
    "portal.quarantine",
    "portal.overview",
    "portal.stations",
    "portal.tablets",
    "portal.day",
    "portal.notices",
    "portal.journals",
    "portal.well_known",
    "portal.station_store",
    "kiosk.protocol",
    "kiosk.shell",
)
