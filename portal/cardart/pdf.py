"""The card on paper: one card on an A6 page, and the strokes that print sheets share with it."""

import io

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal import rehearsal
from portal.cardart import face as words
from portal.cardart.face import Face
from portal.cardart.lettering import Setting, fit, pdf_font, shown
from portal.cardart.qr import bitmap, enlarge

INK, QUIET_INK, ACCENT, LINE = HexColor("#14211f"), HexColor("#566663"), HexColor("#0b5c52"), HexColor("#b9c5c2")


def card_pdf(card: Face) -> bytes:
    """One card as a PDF of one A6 page, Chinese first, the font embedded as a subset."""
    width, height = A6
    out, sheet = new_document(f"{words.TITLE} {shown(card.name)}", A6)
    middle, text_width = width / 2, width - 20 * mm
    set_text(sheet, middle, height - 14 * mm, Setting(9, [shown(card.season)]), QUIET_INK, centred=True)
    set_text(sheet, middle, height - 22 * mm, Setting(20, [words.TITLE]), ACCENT, centred=True)
    set_text(sheet, middle, height - 27.5 * mm, Setting(8, [words.TITLE_ENGLISH]), QUIET_INK, centred=True)
    draw_code(sheet, card.token, middle - 33 * mm, height - 96 * mm, 66 * mm)
    y = height - 104 * mm
    y = set_text(sheet, middle, y, fit(shown(card.name), text_width, 20, 11, most_lines=2), INK, centred=True)
    y = set_text(sheet, middle, y - 1 * mm, Setting(11, [shown(card.number)]), INK, centred=True)
    y = set_text(sheet, middle, y - 1.5 * mm, fit(shown(card.college), text_width, 9, 6), QUIET_INK, centred=True)
    set_text(sheet, middle, y, fit(shown(card.class_name), text_width, 9, 6), QUIET_INK, centred=True)
    set_text(sheet, middle, 13 * mm, Setting(7.5, [f"{words.SHOW}。{words.LOST}。"]), INK, centred=True)
    english = f"{words.SHOW_ENGLISH}. {words.LOST_ENGLISH}."
    set_text(sheet, middle, 9 * mm, fit(english, text_width, 6.5, 5), QUIET_INK, centred=True)
    sheet.showPage()
    sheet.save()
    return out.getvalue()


def new_document(title: str, page: tuple[float, float]) -> tuple[io.BytesIO, Canvas]:
    """An empty document and where its bytes will be once it is saved."""
    out = io.BytesIO()
    kind = _Marked if rehearsal.running() else Canvas
    sheet = kind(out, pagesize=page, pageCompression=1, lang="zh-CN", initialFontName=pdf_font())
    sheet.setTitle(title)
    sheet.setCreator("clearance")
    return out, sheet


class _Marked(Canvas):
    """Every page says across it that it is a rehearsal's."""

    def showPage(self) -> None:
        width, height = self._pagesize
        self.saveState()
        self.setFillColor(Color(0.7, 0.1, 0.05, alpha=0.22))
        self.setFont(pdf_font(), width / 13)
        self.translate(width / 2, height / 2)
        self.rotate(50)
        for line in (-0.22, 0, 0.22):
            self.drawCentredString(0, line * height, rehearsal.WORDS)
        self.restoreState()
        super().showPage()


def draw_code(sheet: Canvas, token: str, x: float, y: float, side: float) -> None:
    """The code with its quiet zone in the square at (x, y), as a 1-bit picture.

    Four pixels and more a module: viewers smooth a picture as they enlarge it, and so only the edges are touched.
    """
    sheet.drawInlineImage(enlarge(bitmap(token), 256), x, y, side, side)


def set_text(sheet: Canvas, x: float, y: float, setting: Setting, colour: Color, centred: bool = False) -> float:
    """Sets lines downwards, the first with its baseline at `y`; returns the baseline for what comes next."""
    sheet.setFillColor(colour)
    sheet.setFont(pdf_font(), setting.size)
    draw = sheet.drawCentredString if centred else sheet.drawString
    for line in setting.lines:
        draw(x, y, line)
        y -= setting.size * 1.3
    return y
