"""The clearance card as something to look at: QR code, picture, PDF and print sheets. Plain values in, bytes out."""

from portal.cardart.face import Face
from portal.cardart.pdf import card_pdf
from portal.cardart.picture import card_png, qr_png, qr_svg
from portal.cardart.sheets import batch, class_sheet
from portal.cardart.slips import Slip, Slips

__all__ = ["Face", "Slip", "Slips", "batch", "card_pdf", "card_png", "class_sheet", "qr_png", "qr_svg"]
