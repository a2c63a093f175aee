"""The letter of authorization (委托书) on one A4 page: filled in, to be printed and signed by hand.

It goes to the counselor and the desk on paper, in Chinese; so its words are not in the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.cardart.lettering import Setting, broken, fit, shown
from portal.cardart.pdf import INK, LINE, QUIET_INK, new_document, set_text

TITLE = "离校手续委托书"
FOOT = "请用黑色笔手写签名，打印或粘贴的签名无效。签好后拍照或扫描上传，原件由受托人带到现场。"
_LEFT, _SIZE = 25 * mm, 12
_SIGNED = 58 * mm
"""Where the words have to end, for two signatures with dates and the foot below them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in it. Days as people write them; `steps` by name."""

    institution: str
    season: str
    name: str
    number: str
    college: str
    class_name: str
    id_number: str
    phone: str
    proxy: str
    proxy_id_number: str
    proxy_phone: str
    reason: str
    steps: Sequence[str]
    first: str
    last: str


def letter_pdf(letter: Letter) -> bytes:
    """The letter as a PDF of one page, with room for two signatures by hand."""
    width, height = A4
    out, sheet = new_document(f"{TITLE} {shown(letter.name)}", A4)
    text = width - 2 * _LEFT
    set_text(sheet, width / 2, height - 32 * mm, Setting(22, [TITLE]), INK, centred=True)
    about = fit(shown(f"{letter.institution} · {letter.season}"), text, 10, 7)
    set_text(sheet, width / 2, height - 40 * mm, about, QUIET_INK, centred=True)
    y = _facts(sheet, height - 54 * mm, text, "委托人", (
        ("姓名", letter.name), ("学号", letter.number), ("学院、班级", f"{letter.college} {letter.class_name}"),
        ("身份证号", letter.id_number or "＿" * 18), ("联系电话", letter.phone),
    ))  # fmt: skip
    y = _facts(sheet, y - 13 * mm, text, "受托人", (
        ("姓名", letter.proxy), ("身份证号", letter.proxy_id_number), ("联系电话", letter.proxy_phone),
    ))  # fmt: skip
    y -= 14 * mm
    paragraphs = (
        f"本人因{letter.reason}，不能亲自到校办理离校手续，现委托上述受托人在{letter.first}至{letter.last}期间，代为办理以下事项："
        f"{'、'.join(letter.steps)}。",
        "受托人在上述期间和事项内办理的手续、签收的证件和款物，视为本人办理和签收，由此产生的责任由本人承担。受托人无转委托权。",
        "受托人到场时须携带本人身份证原件、委托人身份证复印件和本委托书原件。",
    )
    for size in (_SIZE, 11, 10, 9, 8):  # however much was written, it stays one page
        lines = [broken("　　" + shown(paragraph), text, size) for paragraph in paragraphs]
        step = size * 0.625 * mm
        if y - sum(map(len, lines)) * step - len(lines) * 2 * mm >= _SIGNED:
            break
    for together in lines:
        for line in together:
            set_text(sheet, _LEFT, y, Setting(size, [line]), INK)
            y -= step
        y -= 2 * mm
    y = min(y - 8 * mm, 92 * mm)
    for who, x in (("委托人", _LEFT), ("受托人", width / 2 + 5 * mm)):
        set_text(sheet, x, y, Setting(_SIZE, [f"{who}（手写签名）："]), INK)
        sheet.setStrokeColor(LINE)
        sheet.line(x, y - 14 * mm, x + 65 * mm, y - 14 * mm)
        set_text(sheet, x, y - 24 * mm, Setting(_SIZE, ["　　　　年　　　月　　　日"]), INK)
    set_text(sheet, _LEFT, 15 * mm, Setting(8, [FOOT]), QUIET_INK)
    sheet.showPage()
    sheet.save()
    return out.getvalue()


def _facts(sheet: Canvas, y: float, width: float, title: str, pairs: Sequence[tuple[str, str]]) -> float:
    """A heading with facts below it; returns the baseline of the last."""
    set_text(sheet, _LEFT, y, Setting(13, [title]), INK)
    sheet.setStrokeColor(LINE)
    sheet.line(_LEFT, y - 2 * mm, _LEFT + width, y - 2 * mm)
    y -= 1.5 * mm
    for label, value in pairs:
        y -= 7.5 * mm
        set_text(sheet, _LEFT, y, Setting(11, [label]), QUIET_INK)
        set_text(sheet, _LEFT + 28 * mm, y, fit(shown(value), width - 28 * mm, _SIZE, 7), INK)
    return y
