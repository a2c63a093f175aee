"""The online form of a step: its questions as data of the plan, and what may be answered. Pure.

    found = read(step.form, typed, About("安然", first, last, today))
    found.answers, found.faults, found.doubts

A *fault* keeps a form from being sent. A *doubt* is what a reviewer should look at: nothing is refused for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from db.rules.message import Names
from db.rules.phone import phone

KINDS = ("text", "long", "phone", "email", "address", "date", "choice")
LONGEST = {"text": 60, "long": 500, "phone": 30, "email": 100, "address": 200, "date": 10, "choice": 60}
"""How many characters an answer may have where the plan says nothing else."""
RULES = {"unit": "text", "not-oneself": "text", "with-phone": "text", "no-dwelling": "address"}
"""What else is asked of an answer, and of which kind: to be an organisation, not the graduate, to hold a telephone number, to be no
private home."""
SHORTEST_ADDRESS = 8

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_AT_HOME = re.compile("本人|自己|自留|家里|家中|家庭|住宅|父亲|母亲|爸爸|妈妈|父母|个人")
_UNIT = re.compile(
    "公司|集团|企业|厂|局|处|部|科|院|校|学|中心|馆|所|站|社|会|委|办|政府|街道|镇|乡|村|区|银行|店|行|队|军|库|室|台|基地"
    r"|\b(ltd|llc|inc|co|company|group|universit\w*|college|school|cent(?:er|re)|bureau|office|agency|institute|hospital|bank)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\+?[0-9][0-9 ()-]{5,}[0-9]")
_DWELLING = re.compile("小区|家属|公寓|花园|宿舍|新村|住宅|单元|[0-9一二三四五六七八九十]+ *[栋幢]")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One of the answers to a question. `settles`: whoever gives it needs no review; `look`: a reviewer should look at it.

    `need`: whoever gives it needs somebody for that (one of `needs.OF_ANSWERS`), empty for nothing.
    """

    code: str
    name: Names
    settles: bool
    look: bool
    need: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One field of a form. `when`: it is asked only of those who chose that option (question, option); empty: of everybody.

    `within`: a date has to lie within the season. `past`: it has come already.
    `calendar`: the dates answered are shown as a calendar list.
    """

    code: str
    kind: str
    name: Names
    hint: Names | None
    required: bool
    most: int
    rule: str
    options: tuple[Option, ...]
    when: tuple[str, str] | tuple[()]
    within: bool
    past: bool
    calendar: bool


class About(NamedTuple):
    """Whose form it is, the season's first and last day, and the local day on which it is filled in."""

    name: str
    first: date
    last: date
    today: date


Fault = str | tuple[str, dict[str, Any]]


class Read(NamedTuple):
    """What was answered, by the question's code, with what is wrong and what is doubtful; empty answers are left out."""

    answers: dict[str, str]
    faults: dict[str, Fault]
    doubts: dict[str, str]


class FaultyError(ValueError):
    """An answer that cannot be taken, and why."""

    def __init__(self, code: str, **params: Any) -> None:
        self.fault: Fault = (code, params) if params else code
        super().__init__(code)


def read(form: tuple[Question, ...], typed: Mapping[str, str], about: About) -> Read:
    """Take a whole form. What was typed into a question that is not asked is left out."""
    answers: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    for question in form:
        if not asked(question, typed):
            continue
        try:
            answer = clean(question, typed.get(question.code, ""), about)
            if answer:
                answers[question.code] = answer
            elif question.required:
                faults[question.code] = "required"
        except FaultyError as error:
            faults[question.code] = error.fault
    return Read(answers, faults, doubts(form, answers, about.name))


def asked(question: Question, typed: Mapping[str, str]) -> bool:
    """Whether the question is put to somebody who answered so far like this."""
    return not question.when or typed.get(question.when[0], "").strip() == question.when[1]


def clean(question: Question, text: str, about: About) -> str:
    """The answer as it is kept; empty where nothing was answered. Raises FaultyError for what cannot be taken."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if not text:
        return ""
    if len(text) > question.most:
        raise FaultyError("answer-too-long", most=question.most, count=len(text))
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
        raise FaultyError("answer-unusable")
    if question.kind not in ("long", "address"):
        text = " ".join(text.split())
    match question.kind:
        case "phone":
            return _phone(text)
        case "email" if not _EMAIL.fullmatch(text):
            raise FaultyError("answer-no-email")
        case "choice" if text not in {option.code for option in question.options}:
            raise FaultyError("answer-not-offered")
        case "address" if len(text) < SHORTEST_ADDRESS:
            raise FaultyError("answer-address-short", least=SHORTEST_ADDRESS)
        case "date":
            return _day(question, text, about).isoformat()
    _obey(question.rule, text, about.name)
    return text


def doubts(form: tuple[Question, ...], answers: Mapping[str, str], name: str) -> dict[str, str]:
    """What a reviewer should look at: question → code. Empty: the form is clean."""
    found = {}
    for question in form:
        answer = answers.get(question.code, "")
        if question.kind == "choice" and any(option.look for option in question.options if option.code == answer):
            found[question.code] = "look-at-answer"
        elif answer and question.rule == "unit" and (_AT_HOME.search(answer) or not _UNIT.search(answer)):
            found[question.code] = "looks-no-unit"
        elif answer and question.rule == "no-dwelling" and _DWELLING.search(answer):
            found[question.code] = "looks-private"
    return found


def settles(form: tuple[Question, ...], answers: Mapping[str, str]) -> bool:
    """Whether an option was chosen that needs no review."""
    return any(option.settles and answers.get(question.code) == option.code for question in form for option in question.options)


def after(reviews: tuple[str, ...], now: str, vacant: bool) -> str:
    """Whose review follows that of `now`; empty when it was the last. `vacant`: the class has no counselor, so its college
    reviewed in the counselor's place and need not look a second time."""
    left = reviews[reviews.index(now) + 1 :] if now in reviews else ()
    if vacant and now == "counselor" and left[:1] == ("college",):
        left = left[1:]
    return left[0] if left else ""


def _phone(text: str) -> str:
    try:
        return phone(text)
    except ValueError:
        raise FaultyError("answer-no-phone") from None


def _day(question: Question, text: str, about: About) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise FaultyError("answer-no-date", day=about.today.isoformat()) from None
    if question.within and not about.first <= day <= about.last:
        raise FaultyError("answer-outside-season", first=about.first.isoformat(), last=about.last.isoformat())
    if question.past and day > about.today:
        raise FaultyError("answer-in-future")
    return day


def _holds_phone(text: str) -> bool:
    for number in _NUMBER.findall(unicodedata.normalize("NFKC", text)):
        try:
            return bool(phone(number))
        except ValueError:
            continue
    return False


def _obey(rule: str, text: str, name: str) -> None:
    if rule == "with-phone" and not _holds_phone(text):
        raise FaultyError("answer-without-phone")
    bare = re.sub(r"[\s·•]", "", text)
    own = re.sub(r"[\s·•]", "", name)
    private = bare == own or bool(_AT_HOME.search(text) and not _UNIT.search(text))
    if private and rule == "unit":
        raise FaultyError("answer-private-address")
    if private and rule == "not-oneself":
        raise FaultyError("answer-oneself")
