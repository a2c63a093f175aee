"""Who can sign in to the demonstration, and what to try first: written once with the season, printed at every start."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from db.accounts import Account
from db.activations import activate, issue_activation, issue_activations
from db.clearance import SETTLED, Clearance
from db.passwords import problems
from db.people import ClassGroup, College, Graduate
from db.season import current
from db.stations import issue_code
from portal.demo.staff import ADMIN, NAMED, Member, operator_of

ACCOUNTS = "accounts.txt"
STATION = "library"
DIPLOMA_DESK = "diploma-accounting"
_USUAL, _HELD, _READY = "平常 usual", "图书馆暂缓 held at the library", "可领毕业证书 may collect the diploma"
_LETTERS, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"


def write_accounts(place: Path, crew: Sequence[Member]) -> None:
    """Give the named staff and a few graduates passwords, everybody else on the staff a one-time code; all go into accounts.txt."""
    lines = ["# 演示账号 Demonstration accounts (用户名 user name · 密码 password)", ""]
    names = dict(Account.select(Account.id, Account.name).where(Account.graduate.is_null()).tuples())
    posts = {member.id: f"{names[member.id]} · {member.post}" for member in crew}
    lines += [_row(id_, give_password(id_), post) for id_, post in posts.items() if id_ in NAMED]
    lines += ["", "# 毕业生 Graduates"]
    lines += [_row(one.number, give_password(one.number), f"{one.name} · {what}") for what, one in _examples()]
    lines += ["", "# 其他工作人员：首次登录激活码 Other staff: one-time codes for the first sign-in"]
    others = [id_ for id_ in posts if id_ not in NAMED]
    lines += [_row(id_, code, posts[id_]) for id_, code in issue_activations(others, ADMIN).items()]
    lines += ["", "# 其他毕业生的激活码见 activations.csv。 One-time codes of all other graduates: activations.csv.", ""]
    with open(os.open(place / ACCOUNTS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def give_password(account_id: str) -> str:
    """Set a password made by chance, by the way everybody gets one: with a one-time code."""
    account = Account.get_by_id(account_id)
    password = _password()
    while problems(password, name=account.name, numbers=account.numbers):
        password = _password()
    activate(account_id, issue_activation(account_id, ADMIN), password)
    return password


def welcome(directory: Path, address: str, moved: bool) -> str:
    """What to read after the start: addresses, accounts, a fresh code for a tablet, what to try first."""
    plan = current().plan
    named = (directory / ACCOUNTS).read_text("utf-8").partition("\n# 其他工作人员")[0].strip()
    usual, held = (_number_of(named, what) for what in (_USUAL, _HELD))
    ready = _number_of(named, _READY)
    desk = Account.get_by_id(operator_of(STATION)).name
    lines = [
        f"网站 Portal:  {address}/",
        f"平板 Tablet:  {address}/tablet",
        "",
        named,
        "",
        f"计划日期已整体平移 {plan.shifted_days} 天，今天是集中办理日。"
        f" All dates of the plan are moved by {plan.shifted_days} days: today is a clearance day.",
        *(["（日期刚刚重新平移。 The dates were moved again just now.）"] if moved else []),
        "",
        "先试试 Try first:",
        f"  1. 用 {usual or '毕业生账号'} 登录，打开离校卡。 Sign in as {usual or 'a graduate'} and open the clearance card.",
        f"  2. 另开 {address}/tablet，站点码 Open it beside, code for “{STATION}”: {issue_code(STATION, ADMIN)}",
        f"     选择经办人 {desk}，输入其密码，自设 PIN，再扫描或输入学号。"
        f" Choose {desk}, enter that account's password and a PIN of your own, scan the card or type the number.",
        "  3. 断网再办理，恢复后看进度自动更新。 Cut the network, sign off, reconnect: the graduate's page follows.",
        *([f"  4. {held} 在图书馆被暂缓，查看原因。 {held} is held at the library: see why."] if held else []),
        *(_of_the_diploma_desk(address, ready) if ready else ()),
        "",
        f"全部账号 All accounts: {directory / ACCOUNTS}   另一个站点码 another code: {_enrol_command(directory)}",
        "Ctrl+C 停止 stops.",
    ]
    return "\n".join(lines)


def _enrol_command(directory: Path) -> str:
    """What to paste into a shell for another code: with the program as it was started, which need not be on the path."""
    place, program = shlex.quote(str(directory)), Path(sys.argv[0])
    started = shlex.quote(str(program)) if program.name == "clearance" else "clearance"
    season = f"CLEARANCE_DATABASE=sqlite:///{place}/clearance.sqlite CLEARANCE_KEYS={place}/keys"
    return f"{season} {started} enrol-code --station dorm-east"


def _of_the_diploma_desk(address: str, number: str) -> Iterable[str]:
    """How to hand a diploma out with no network, on a second tablet: the first one set up at a desk gets its classes."""
    desk = Account.get_by_id(operator_of(DIPLOMA_DESK)).name
    return (
        f"  5. 隐私窗口打开 In a private window {address}/tablet, “{DIPLOMA_DESK}”: {issue_code(DIPLOMA_DESK, ADMIN)}",
        f"     {desk} 登录、设好 PIN 后断网，输入 {number}：发放毕业证书，屏幕签名。"
        f" Sign in as {desk}, cut the network, type {number}: hand over, sign.",
    )


def _examples() -> Iterable[tuple[str, Graduate]]:
    """A few graduates worth looking at, as far as there are such."""
    plan = current().plan
    needed = [code for code in plan.step("diploma").blocked_by if code not in (STATION, "campus-card", "charges")]
    yield from _first(_USUAL, _at(STATION, "open"), ~_unsettled(needed))
    yield from _first(_HELD, _at(STATION, "held"))
    college = plan.college(DIPLOMA_DESK.partition("-")[2]).name.zh
    own = ClassGroup.college.in_(College.select().where(College.name == college))
    yield from _first(_READY, own, _at("diploma", "open"), ~_unsettled(plan.step("diploma").blocked_by))
    yield from _first("欠学费 owes fees", _at("tuition", "held"))
    yield from _first("延缓毕业 delayed graduation", Graduate.flags.contains("delayed"))


def _first(what: str, *conditions: object) -> Iterable[tuple[str, Graduate]]:
    found = Graduate.select().join(ClassGroup).where(*conditions).order_by(Graduate.number).first()
    return [(what, found)] if found else []


def _number_of(accounts: str, what: str) -> str:
    """The student number in the row of that example, empty where this season has none."""
    return next((line.split()[0] for line in accounts.splitlines() if line.endswith(what)), "")


def _at(step: str, state: str):
    return Graduate.id.in_(Clearance.select(Clearance.graduate).where(Clearance.step == step, Clearance.state == state))


def _unsettled(steps: Sequence[str]):
    unsettled = Clearance.select(Clearance.graduate).where(Clearance.step.in_(steps), Clearance.state.not_in(sorted(SETTLED)))
    return Graduate.id.in_(unsettled)


def _password() -> str:
    words = ["".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2)]
    return "-".join([*words, "".join(secrets.choice(_DIGITS) for _ in range(4))])


def _row(account: str, secret: str, what: str) -> str:
    return f"{account:<27} {secret:<16} {what}"
