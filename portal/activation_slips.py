"""A class's activation slips as files: the PDF to cut apart, and the same as a table for a mail merge."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from db.class_codes import Codes
from db.people import ClassGroup
from db.rules.season import Plan
from portal.cardart import Slip, Slips
from portal.csv_text import csv_text

HEADINGS = ("学号", "姓名", "班级", "激活码", "网址", "有效期至")


def slips_pdf(group: ClassGroup, made: Codes, plan: Plan, address: str) -> bytes:
    """The slips of the class by number. ValueError when there are none."""
    shared = Slips(group.name, group.college.name, plan.name.zh, address, _until(made, plan.zone))
    return shared.pdf([Slip(each.name, each.number, each.code) for each in made.codes])


def slips_csv(group: ClassGroup, made: Codes, plan: Plan, address: str) -> bytes:
    """The same as CSV in UTF-8 with a mark that spreadsheets know it by."""
    until = _until(made, plan.zone)
    rows = [(each.number, each.name, group.name, each.code, address, until) for each in made.codes]
    return csv_text(HEADINGS, rows).encode()


def _until(made: Codes, zone: ZoneInfo) -> str:
    return made.until.astimezone(zone).strftime("%Y-%m-%d %H:%M")
