"""The online forms of the demonstration: what those wrote whose form steps are done, wait or were returned; and the first reviews.

Drawn by a chance of its own, so that the rest of the season does not depend on which steps have forms.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from db import bulk, form_desk
from db import season as seasons
from db.accounts import Account
from db.clearance import Clearance
from db.database import Json, now, to_ms, writing
from db.people import ClassGroup
from db.rules import form as rules
from db.rules import jws
from db.rules.form import Question
from db.rules.season import Plan
from db.rules.step import Step
from portal.demo.staff import COVERED

_UNITS = (
    "某市人才服务中心", "某区人力资源和社会保障局", "某省高校毕业生就业指导中心", "某科技有限公司人事部",
    "某大学研究生院", "某集团有限公司",
)  # fmt: skip
_PLACES = ("某省某市某区人民路 {n} 号", "某省某市某县建设大道 {n} 号", "某市高新区科技一路 {n} 号")
_HOMES = ("某市某区幸福小区 {n} 栋 2 单元", "某省某市某镇家属院 {n} 栋")
_OFFICES = ("档案室", "人事科", "毕业生档案接收窗口", "学籍管理科")
_CITIES = ("本省省会", "某省某市", "沿海某市", "邻省某市")
_TEXTS = {
    "unit": _UNITS, "branch": ("某公司团支部", "某街道团工委", "某大学研究生院团委"),
    "contact": ("父亲，0100 2023001", "母亲，0100 2023002"),
    "words": ("下午三点的车，行李较多", "家人来接", "高铁，上午出发"),
}  # fmt: skip
_WORDS = ("专业名称少一个字", "出生日期有误", "姓名用字应为繁体“龍”")
_COLUMNS = {
    "graduate_id": "integer", "step": "text", "draft": "text", "draft_at": "bigint", "sent": "text", "sent_at": "bigint",
    "late": "boolean", "waits": "text",
}  # fmt: skip
_HANDED_ON, _PRIVATE = 0.4, 0.15
"""The share of counselors' first reviews that are done, and of addresses still waiting that look private."""


def write(key: jws.SigningKey, seed: int) -> None:
    """Give every form step that is done by form, waits or was returned its answers; hand some on to their second review."""
    random = Random(seed)  # noqa: S311 - chance for a demonstration, not a secret
    plan = seasons.current().plan
    with writing():
        for step in plan.steps:
            if step.form:
                bulk.insert("step_form", _COLUMNS, list(_rows(plan, step, random)))
    _hand_on(key, random)


def _rows(plan: Plan, step: Step, random: Random) -> Iterable[tuple]:
    query = (
        Clearance.select(Clearance.graduate, Clearance.state, Clearance.as_of)
        .where(Clearance.step == step.code, Clearance.as_of.is_null(False), Clearance.state.in_(("open", "submitted", "cleared")))
        .order_by(Clearance.graduate).tuples()
    )  # fmt: skip
    for graduate, state, as_of in query:
        answers = _answers(plan, step, random, state)
        waits = step.reviews[0] if state == "submitted" and step.reviews else None
        sent = Json().db_value(answers)
        late = step.closes_at is not None and as_of > step.closes_at
        yield graduate, step.code, sent, to_ms(as_of), sent, to_ms(as_of), late, waits


def _answers(plan: Plan, step: Step, random: Random, state: str) -> dict[str, str]:
    """Answers that fit how the step stands: what waits or was returned is sometimes what a reviewer has to look at."""
    answers: dict[str, str] = {}
    odd = state == "open" or (state == "submitted" and random.random() < _PRIVATE)
    for question in step.form:
        if rules.asked(question, answers) and (question.required or random.random() < 0.4):
            answers[question.code] = _answer(plan, question, random, state, odd)
    return answers


def _answer(plan: Plan, question: Question, random: Random, state: str, odd: bool) -> str:
    match question.kind:
        case "choice":
            settled = [one for one in question.options if one.settles == (state == "cleared")] or list(question.options)
            usual = [one for one in settled if not one.look] or settled
            return random.choice(usual).code
        case "date":
            begins = now().astimezone(plan.zone).date() if question.within else plan.opens or date.min
            return min(begins + timedelta(random.randrange(12)), plan.closes or date.max).isoformat()
        case "phone":
            return f"0100{random.randrange(10**7):07}"  # no line of any city begins with 0
        case "email":
            return f"student{random.randrange(10**5):05}@example.com"
        case "address":
            return random.choice(_HOMES if odd else _PLACES).format(n=random.randrange(1, 300))
        case "long":
            return random.choice(_WORDS)
    return random.choice(_OFFICES if question.rule == "not-oneself" else _TEXTS.get(question.code, _CITIES))


def _hand_on(key: jws.SigningKey, random: Random) -> None:
    """Counselors have approved a part of what waited for them, the oldest first, but nothing of the one who is away."""
    names = {name for (name,) in ClassGroup.select(ClassGroup.counselor).where(ClassGroup.counselor.is_null(False)).tuples()}
    for account in Account.select().where(Account.id.in_(names - {COVERED})).order_by(Account.id):
        sheets = [sheet for sheet in form_desk.waiting(account) if sheet.clean]
        done = sheets[: round(len(sheets) * _HANDED_ON + random.random() * 0.5)]
        form_desk.approve_all(key, account, {sheet.form.id: sheet.heads for sheet in done[:20]})

