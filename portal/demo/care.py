"""What counselors of the demonstration wrote down and were asked: marks, notes, requests for help; and one who is away."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from db import care, covers
from db import help as requests
from db.accounts import Account
from db.people import ClassGroup, Graduate
from db.season import today
from portal.demo.staff import COVERED, COVERING

_MARKS = (
    ("unreachable", "电话停机，微信三天未回；已联系室友转告。"),
    ("no-destination", "仍在求职，已推荐两家单位。"),
    ("delayed", "两门课程待补考，预计延缓毕业。"),
)
_NOTES = ("家长来电，毕业典礼当天才能返校。", "在外地实习，周末可接电话。", "已说明欠费办理流程，本人表示本周内缴清。")
_ASKED = (
    ("图书归还有疑问", "library", "系统显示我还有一本书没还，三月份已经在自助机上还了，请问该找谁核对？"),
    ("想提前离校", "", "家里有急事，想提前两天离校，请问手续怎么办？"),
)
_ANSWER = "已请图书馆核对，今天下班前答复你。"
_WITHIN = timedelta(hours=24)


def write_down(random: Random) -> None:
    """Each counselor marks three graduates and writes a note about each; two of these ask for help, one has an answer."""
    numbers: dict[str, list[str]] = {}
    query = Graduate.select(ClassGroup.counselor, Graduate.number).join(ClassGroup).where(ClassGroup.counselor.is_null(False))
    for counselor, number in query.order_by(Graduate.number).tuples():
        numbers.setdefault(counselor, []).append(number)
    for account in Account.select().where(Account.id.in_(list(numbers))).order_by(Account.id):
        chosen = random.sample(numbers[account.id], min(3, len(numbers[account.id])))
        for number, (kind, why), note in zip(chosen, _MARKS, _NOTES, strict=False):
            care.mark(account, number, kind, why)
            care.write(account, number, note)
        for number, (topic, step, text) in zip(chosen, _ASKED, strict=False):
            asked = requests.ask(Graduate.get(Graduate.number == number), number, topic, text, step, _WITHIN)
            if step:
                requests.handle(account, asked.id, 1, "answer", _ANSWER, _WITHIN)


def name_cover() -> None:
    """Let one counselor cover for another for a fortnight, where this season has both."""
    counselors = {name for (name,) in ClassGroup.select(ClassGroup.counselor).tuples()}
    if {COVERED, COVERING} <= counselors:
        covers.name(COVERED, COVERING, today(), today() + timedelta(days=13), COVERED)
