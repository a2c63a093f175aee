"""What counselors of the demonstration wrote down: a few marks and notes in each one's classes; and one who is away."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from db import care, proxy_desk
from db.accounts import Account
from db.day import today
from db.people import ClassGroup, Graduate
from portal.demo.staff import COVERED, COVERING

_MARKS = (
    ("unreachable", "电话停机，微信三天未回；已联系室友转告。"),
    ("no-destination", "仍在求职，已推荐两家单位。"),
    ("delayed", "两门课程待补考，预计延缓毕业。"),
)
_NOTES = ("家长来电，毕业典礼当天才能返校。", "在外地实习，周末可接电话。", "已说明欠费办理流程，本人表示本周内缴清。")


def write_down(random: Random) -> None:
    """Each counselor marks three graduates and writes a note about each of three."""
    numbers: dict[str, list[str]] = {}
    query = Graduate.select(ClassGroup.counselor, Graduate.number).join(ClassGroup).where(ClassGroup.counselor.is_null(False))
    for counselor, number in query.order_by(Graduate.number).tuples():
        numbers.setdefault(counselor, []).append(number)
    for account in Account.select().where(Account.id.in_(list(numbers))).order_by(Account.id):
        chosen = random.sample(numbers[account.id], min(3, len(numbers[account.id])))
        for number, (kind, why), note in zip(chosen, _MARKS, _NOTES, strict=False):
            care.mark(account, number, kind, why)
            care.write(account, number, note)


def name_cover() -> None:
    """Let one counselor cover for another for a fortnight, where this season has both."""
    counselors = {name for (name,) in ClassGroup.select(ClassGroup.counselor).tuples()}
    if {COVERED, COVERING} <= counselors:
        proxy_desk.name_cover(Account.get_by_id(COVERED), COVERING, today(), today() + timedelta(days=13))
