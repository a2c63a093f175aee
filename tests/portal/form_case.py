"""Online forms in tests: the cast's plan with three of them, and what graduates and reviewers do.

`archive` is reviewed by counselor and college, `check` by its department unless it is confirmed, `leaving` counts at once and is
a calendar. The portal is in `form_fixtures.py`.
"""

from __future__ import annotations

import re

from db import forms
from db import season as seasons
from db.clearance import Clearance
from db.forms import StepForm
from db.people import Graduate
from tests.cast import STEPS, plan_text
from tests.client import Client

ARCHIVE, CHECK, LEAVING = "archive", "check", "leaving"
ADDRESS = {"unit": "某市人才服务中心", "address": "某省某市某区某路 1 号", "recipient": "档案室", "phone": "01088886666"}
HOME = {"address": "某市某区幸福小区 3 栋 2 单元"}
FORMS = {
    ARCHIVE: ('["counselor", "college"]', """
reasons = [{ code = "private-address", zh = "不能寄往个人地址", en = "Private" }]
[[steps.form]]
code = "unit"
kind = "text"
name = { zh = "接收单位", en = "Unit" }
rule = "unit"
[[steps.form]]
code = "address"
kind = "address"
name = { zh = "地址", en = "Address" }
rule = "no-dwelling"
[[steps.form]]
code = "recipient"
kind = "text"
name = { zh = "收件人", en = "Recipient" }
rule = "not-oneself"
[[steps.form]]
code = "phone"
kind = "phone"
name = { zh = "电话", en = "Phone" }
"""),
    CHECK: ('["department"]', """
[[steps.form]]
code = "answer"
kind = "choice"
name = { zh = "结果", en = "Result" }
options = [{ code = "right", zh = "无误", en = "OK", settles = true }, { code = "error", zh = "有误", en = "Wrong", look = true }]
[[steps.form]]
code = "error"
kind = "long"
name = { zh = "哪里有误", en = "What" }
when = "answer=error"
"""),
    LEAVING: ("[]", """
late = true
[[steps.form]]
code = "day"
kind = "date"
name = { zh = "离校日期", en = "Day" }
within_season = true
calendar = true
[[steps.form]]
code = "transport"
kind = "choice"
name = { zh = "交通方式", en = "Way" }
options = [{ code = "train", zh = "火车", en = "Train" }, { code = "car", zh = "自驾", en = "Car" }]
"""),
}  # fmt: skip


def plan() -> str:
    """The cast's plan with the three forms."""
    text = plan_text((*STEPS, *((code, "form", "all", ()) for code in FORMS)))
    for code, (reviews, form) in FORMS.items():
        before, start, rest = text.partition(f'[[steps]]\ncode = "{code}"')
        step, end, after = rest.partition('instructions = { zh = "to do", en = "to do" }')
        text = f"{before}{start}\nreviews = {reviews}{step}{end}{form}{after}"
    return text


def cell(graduate: Graduate, step: str) -> Clearance:
    return Clearance.get(Clearance.graduate == graduate.id, Clearance.step == step)


def heads(graduate: Graduate, step: str = ARCHIVE) -> str:
    return cell(graduate, step).heads


def form_of(graduate: Graduate, step: str = ARCHIVE) -> StepForm:
    found = forms.of(graduate.id, step)
    assert found
    return found


def send(client: Client, graduate: Graduate, step: str = ARCHIVE, saw: str | None = None, **answers: str):
    """The graduate sends the form, with the heads as they are or as an old page had them."""
    client.sign_in_as(graduate.number)
    shown = client.get(f"/me/steps/{step}").text
    found = re.search(r'name="form_heads" value="([^"]*)"', shown)
    here = saw if saw is not None else found[1] if found else ""
    typed = answers if step != ARCHIVE else ADDRESS | answers
    return client.send(f"/me/steps/{step}/form", form_heads=here, **typed)


def approve(client: Client, who: str, graduate: Graduate, step: str = ARCHIVE, saw: str | None = None):
    here = heads(graduate, step) if saw is None else saw
    return client.sign_in_as(who).send(f"/forms/{form_of(graduate, step).id}/approvals", form_heads=here)


def today() -> str:
    """The season's last day, which is today."""
    return str(seasons.current().plan.step(LEAVING).closes)
