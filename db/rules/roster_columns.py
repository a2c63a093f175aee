"""What the columns of a roster mean: headings in Chinese or English, one column a field, flags also one column each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.rules.cells import LOOK, place
from db.rules.message import Message, _
from db.rules.table import Table, folded

HEADINGS = {
    "number": ("学号", "学生学号", "number", "student number", "student no"),
    "name": ("姓名", "学生姓名", "name", "full name"),
    "college": ("学院", "二级学院", "所在学院", "院系", "college"),
    "class": ("班级", "行政班", "班级名称", "class"),
    "building": ("宿舍楼", "楼栋", "公寓楼", "building", "dorm building"),
    "room": ("寝室", "寝室号", "房间", "房间号", "宿舍号", "room", "dorm room"),
    "flags": ("标记", "标签", "flags"),
    "phone": ("手机", "手机号", "手机号码", "联系电话", "电话", "phone", "mobile"),
    "email": ("邮箱", "电子邮箱", "email", "e-mail"),
    "id_number": ("身份证号", "身份证", "身份证号码", "证件号码", "id number", "identity number"),
    "counselor": ("辅导员", "辅导员编号", "辅导员工号", "counselor"),
    "campus": ("校区", "campus"),
}
NEEDED = ("number", "name")
_FIELDS = {folded(heading): field for field, headings in HEADINGS.items() for heading in headings}
_WHETHER = ("是否", "是否为")
_FLAG = "flag "


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands. `row` is the number of the heading row; `ignored` are headings that mean nothing here."""

    row: int
    at: Mapping[str, int]
    flags: Mapping[str, int]
    headings: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def tell_flags(self) -> bool:
        """Whether the file says anything about flags."""
        return "flags" in self.at or bool(self.flags)

    def heading(self, index: int) -> str:
        """The heading over a cell, empty where there is none."""
        return self.headings[index] if index < len(self.headings) else ""


def recognise(table: Table, flags: Mapping[str, str]) -> Columns | Message:
    """The columns of the table, or the sentence that says why they are not those of a roster.

    `flags` maps folded names of flags to their codes. The heading row is the first of ten that names number and name.
    """
    for number, cells in enumerate(table.rows[:LOOK], start=1):
        found = _read(number, cells, flags)
        if isinstance(found, Message) or all(field in found.at for field in NEEDED):
            return found
    return Message(_("There is no row of headings with a student number (学号) and a name (姓名) among the first ten."))


def _read(number: int, cells: tuple[str, ...], flags: Mapping[str, str]) -> Columns | Message:
    found = place(cells, lambda cell: _meaning(folded(cell), flags))
    if isinstance(found, Message):
        return found
    at = {key: index for key, index in found.at.items() if not key.startswith(_FLAG)}
    own = {key.removeprefix(_FLAG): index for key, index in found.at.items() if key.startswith(_FLAG)}
    return Columns(number, at, own, cells, found.ignored)


def _meaning(heading: str, flags: Mapping[str, str]) -> str | None:
    if heading in _FIELDS:
        return _FIELDS[heading]
    for prefix in ("", *_WHETHER):
        if heading.startswith(prefix) and heading.removeprefix(prefix) in flags:
            return _FLAG + flags[heading.removeprefix(prefix)]
    return None
