"""The issue register's rows, as on paper and in the workbook: one for each hand-over, an empty one for whoever has not come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask_babel import gettext as _
from PIL import Image

from db.database import from_ms
from db.proxy_cards import Named, proxies_named
from db.register import Handed, Line
from db.rules.entry import Entry
from db.rules.reason import ON_PAPER, parcel
from portal.signature_image import signature
from portal.words import station_name
from web.i18n import localtime


@dataclass(frozen=True, slots=True)
class Row:
    """`place` counts graduates, 0 for a further hand-over to the same. `picture`: the signature, where there is one to show."""

    place: int
    number: str
    name: str
    taken_by: str
    when: str
    where: str
    tablet: str
    operator: str
    signed: str
    remark: str
    picture: Image.Image | None


def rows(lines: Sequence[Line], folder: Path) -> Iterator[Row]:
    """Every row, by student number; both sides of a conflict are marked."""
    proxies = proxies_named({handed.entry.proxy for line in lines for handed in line.handed if handed.entry.proxy})
    for place, line in enumerate(lines, 1):
        if not line.handed:
            yield Row(place, line.number, line.name, "", "", "", "", "", "", "", None)
        for n, handed in enumerate(line.handed):
            yield _row(0 if n else place, line, handed, folder, proxies)


def _row(place: int, line: Line, handed: Handed, folder: Path, proxies: Mapping[str, Named]) -> Row:
    entry = handed.entry
    picture = next((found for name, kind in handed.signatures if (found := signature(folder, name, kind))), None)
    remarks = [
        _("Disputed: a reviewer settles it") if line.conflict else "",
        _("Entered from paper") if entry.via == "paper" else "",
    ]
    return Row(
        place, line.number, line.name,
        _taken_by(entry, proxies),
        localtime(from_ms(entry.corrected), "yyyy-MM-dd HH:mm"), station_name(entry.station or ""), handed.tablet, handed.operator,
        "" if picture else _signed_word(handed), "; ".join(filter(None, remarks)), picture,
    )  # fmt: skip


def _taken_by(entry: Entry, proxies: Mapping[str, Named]) -> str:
    if number := parcel(entry.reason):
        return _("Posted under number %(number)s", number=number)
    if not entry.proxy:
        return _("Graduate")
    named = proxies.get(entry.proxy)
    return _("Proxy (%(id)s)", id=named.name if named and named.ref == entry.student and named.name else entry.proxy)


def _signed_word(handed: Handed) -> str:
    """What stands where no signature can be shown."""
    if parcel(handed.entry.reason):
        return ""
    if handed.entry.reason == ON_PAPER:
        return _("Signed for on paper")
    return _("Signature not yet here") if handed.signatures else _("No signature")
