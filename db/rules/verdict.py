"""The verdict: what a station may do for the graduate whose card was read (docs/rules.md, verdict).

The tablet runs the same rule in `static/tablet/rules/verdict.js`; both are held to `tests/vectors/verdict.json`.
"""

from typing import Any

from db.rules.entry import parse_moment
from db.rules.fold import SETTLED

ASKED_MS = 120_000
"""How long the portal's own answer about one graduate is good for."""

_TOLD = ("by", "as_of", "reason", "conflict")
_PLAIN = {
    "not-applicable": ("not-applicable", "grey"),
    "collected": ("already-collected", "red"),
    "cleared": ("already-cleared", "grey"),
    "waived": ("already-cleared", "grey"),
    "unknown": ("unknown", "amber"),
    "submitted": ("submitted", "amber"),
}


def verdict(given: dict[str, Any]) -> dict[str, Any]:
    """The first line of the table in docs/rules.md that fits `given` (card, student, step, seen_gen, now; may have known, hand)."""
    card, student, step = given["card"], given["student"], given["step"]
    if card["status"] not in ("valid", "typed"):
        return _violet("card-" + card["status"])
    if student is None:
        return _violet("not-in-data")
    told: dict[str, Any] = {}
    if card["status"] == "valid":
        refusal = (
            _of_proxy_card(card, student, step, given["now"], told) if card.get("prx") else _of_own_card(card, student, given, told)
        )
        if refusal:
            return _violet(refusal)
    cell = student["steps"].get(step["code"])
    if cell is None:
        return _violet("not-in-data")
    told.update({name: cell[name] for name in _TOLD if name in cell})
    return {**_of_cell(cell, student, step, given), **told}


def _of_own_card(card: dict[str, Any], student: dict[str, Any], given: dict[str, Any], told: dict[str, Any]) -> str | None:
    if card["gen"] < max(student["gen"], given.get("seen_gen") or 0):
        return "card-replaced"
    if card["gen"] > student["gen"]:
        told["newer"] = True
    elif student["card"] == "revoked":
        return "card-revoked"
    return None


def _of_proxy_card(
    card: dict[str, Any], student: dict[str, Any], step: dict[str, Any], now: str, told: dict[str, Any]
) -> str | None:
    proxy = next((p for p in student.get("proxies", ()) if p["id"] == card["prx"]), None)
    if proxy is None:
        return "proxy-unknown"
    if card["gen"] < proxy["gen"]:
        return "card-replaced"
    if _ms(now) >= _ms(proxy["until"]):
        return "proxy-expired"
    if step["code"] not in proxy["steps"]:
        return "proxy-not-for-step"
    told["proxy"] = proxy
    return None


def _of_cell(cell: dict[str, Any], student: dict[str, Any], step: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    state, now = cell["state"], given["now"]
    if cell.get("conflict") and state not in ("not-applicable", "collected"):
        return _says("conflict", "amber")
    if state == "held":
        return _says("held", "red", None if step["how"] == "collect" else "clear")
    if state in _PLAIN:
        return _says(*_PLAIN[state])
    if step.get("opens") and _ms(now) < _ms(step["opens"]):
        return _says("not-open", "amber")
    blocked_by = [code for code in step["blocked_by"] if not _settled(student["steps"].get(code))]
    if blocked_by:
        return {**_says("blocked", "amber"), "blocked_by": blocked_by}
    if doubt := _doubt(step, given):
        return _says(doubt, "amber")
    act = "collect" if step["how"] == "collect" else "clear"
    late = {"late": True} if step.get("closes") and _ms(now) > _ms(step["closes"]) else {}
    return {**_says("may-" + act, "green", act), **late}


def _doubt(step: dict[str, Any], given: dict[str, Any]) -> str | None:
    """Why what is known here is not enough to act on: custody of what is handed over, and the age of the data."""
    hand, now = given.get("hand"), _ms(given["now"])
    asked = hand and hand.get("asked")
    if hand and hand.get("elsewhere"):
        return "custody-elsewhere"
    if asked and abs(now - _ms(asked)) <= ASKED_MS:
        return None
    if hand and not hand["custody"] and step["how"] == "collect":
        return "ask-portal"
    fresh, known = step.get("fresh_minutes"), given.get("known")
    # Data from the future says that a clock was moved: nobody can tell then how old it is.
    return "data-old" if fresh and known and abs(now - _ms(known)) > fresh * 60_000 else None


def _settled(cell: dict[str, Any] | None) -> bool:
    if cell is None:
        return False
    return cell["state"] in SETTLED if "state" in cell else bool(cell["settled"])


def _says(code: str, tone: str, act: str | None = None) -> dict[str, Any]:
    return {"code": code, "tone": tone, "act": act}


def _violet(code: str) -> dict[str, Any]:
    return _says(code, "violet")


def _ms(moment: str) -> int:
    return parse_moment(moment) or 0
