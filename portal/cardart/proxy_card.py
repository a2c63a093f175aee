"""The proxy's card on one A5 page: whose it is, its code, the days, where to go and what to bring.

Printed matter has no reader's language to ask for: it is Chinese first, and its words are not in the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reportlab.lib.pagesizes import A5
from reportlab.lib.units import mm

from portal.cardart.lettering import Setting, broken, fit, shown
from portal.cardart.pdf import ACCENT, INK, LINE, QUIET_INK, draw_code, new_document, set_text

TITLE, TITLE_ENGLISH = "受托人离校卡", "Proxy’s clearance card"
BRING = ("受托人本人身份证原件", "双方手写签名的委托书原件", "委托人身份证复印件")
FOOT = "仅限本卡所列事项和日期使用。工作人员将核对受托人身份证。委托撤回后本卡立即失效。"
FOOT_ENGLISH = "For the named steps and days only. The desk compares the proxy’s ID card. Withdrawn, it counts no more."

Errands = list[tuple[str, str]]
"""Names of steps, each with where it is settled."""


@dataclass(frozen=True, slots=True)
class ProxyFace:
    """What stands on it. Names and number as they are given: masked, as the page travels on phones."""

    token: str
    season: str
    proxy: str
    principal: str
    number: str
    first: date
    last: date
    errands: Errands


def proxy_card_pdf(card: ProxyFace) -> bytes:
    """The card as a PDF of one A5 page."""
    width, height = A5
    out, sheet = new_document(TITLE, A5)
    middle, left, text = width / 2, 14 * mm, width - 28 * mm
    set_text(sheet, middle, height - 13 * mm, fit(shown(card.season), text, 9, 6), QUIET_INK, centred=True)
    set_text(sheet, middle, height - 21 * mm, Setting(20, [TITLE]), ACCENT, centred=True)
    set_text(sheet, middle, height - 26.5 * mm, Setting(8, [TITLE_ENGLISH]), QUIET_INK, centred=True)
    draw_code(sheet, card.token, middle - 38 * mm, height - 105 * mm, 76 * mm)
    y = height - 112 * mm
    who = shown(f"{card.proxy}　代　{card.principal}（{card.number}）")
    y = set_text(sheet, middle, y, fit(who, text, 15, 8), INK, centred=True)
    days = Setting(11, [f"有效期：{card.first:%Y-%m-%d} 至 {card.last:%Y-%m-%d}"])
    y = set_text(sheet, middle, y, days, INK, centred=True) - 2 * mm
    sheet.setStrokeColor(LINE)
    sheet.line(left, y + 3 * mm, width - left, y + 3 * mm)
    y -= 2 * mm
    size = min(11.0, 60 / max(1, len(card.errands)))
    for name, place in card.errands:
        y = set_text(sheet, left, y, fit(shown(name), text, size, 5), INK)
        if place:
            y = set_text(sheet, left, y, fit(shown(place), text, size - 1.5, 4.5), QUIET_INK) - 1 * mm
    y -= 1 * mm
    for line in broken("请携带：" + "、".join(BRING) + "。", text, 10):
        y = set_text(sheet, left, y, Setting(10, [line]), INK)
    set_text(sheet, middle, 13 * mm, fit(FOOT, text, 7.5, 5), INK, centred=True)
    set_text(sheet, middle, 9 * mm, fit(FOOT_ENGLISH, text, 6.5, 4.5), QUIET_INK, centred=True)
    sheet.showPage()
    sheet.save()
    return out.getvalue()
