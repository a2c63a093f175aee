"""The form of a desk sheet: who signed and when, the sheet's picture, and a row for each graduate still to be decided about."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from db.clearance import Clearance
from db.database import to_ms
from db.paper import Line, Sheet, takes
from db.rules import reason as reasons
from portal.words import ACTS
from web.forms import Choice, Day, Field, Form, Money, Text
from web.i18n import language

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：.]?([0-5]\d)")


class Clock(Field):
    """A time of day, as people write it: 9:31, 0931, 9.31."""

    kind = "clock"

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, most=8, inputmode="numeric", **more)

    def clean(self, text: str) -> time:
        found = _CLOCK.fullmatch(text)
        if not found:
            raise ValueError(_("Write a time such as 9:31."))
        return time(int(found[1]), int(found[2]))


class SheetForm(Form):
    """What holds for the whole sheet. Rows are added by `form_for`. `money`: an amount is recorded also when the step is done."""

    numbers: Sequence[str] = ()
    money = False
    signer = Text(
        _l("Signed by"), most=64,
        hint=_l("Staff number or name. Rows that somebody else signed are typed in afterwards, as a sheet of their own."),
    )  # fmt: skip
    day = Day(_l("Day"))
    scan = Text(
        _l("Picture of the sheet"), most=64, required=False,
        hint=_l("A photo or scan as JPEG, PNG, HEIC or PDF, up to 10 MB. It is kept with the entries."),
    )  # fmt: skip

    def check(self) -> None:
        if not self.values["scan"]:
            self.errors["scan"] = _("The sheet's photo or scan is needed.")
        filled = [number for number in self.numbers if self.values[f"act-{number}"]]
        if not filled:
            self.errors[""] = _("No row was filled in.")
        for number in self.numbers:
            act, clock, words, amount = (self.values[f"{name}-{number}"] for name in ("act", "time", "reason", "amount"))
            if act and clock is None:
                self.errors[f"time-{number}"] = _("The time is missing.")
            if not act and (clock is not None or words or amount is not None):
                self.errors[f"act-{number}"] = _("Choose what was decided.")
            if act == "hold" and not words:
                self.errors[f"reason-{number}"] = _("Write why it is held.")
            if act and act != "hold" and words:
                self.errors[f"reason-{number}"] = _("A reason belongs to a hold.")
            if act and act != "hold" and amount is not None and not self.money:
                self.errors[f"amount-{number}"] = _("An amount belongs to a hold.")

    def lines(self, sheet: Sheet, heads: dict[str, str]) -> list[Line]:
        """The rows that were filled in; `heads` as the page had them, by number."""
        return [
            Line(
                number,
                self.values[f"act-{number}"],
                to_ms(datetime.combine(self.values["day"], self.values[f"time-{number}"], sheet.step.zone)),
                _reason(sheet, self.values[f"reason-{number}"]),
                self.values[f"amount-{number}"],
                frozenset(heads.get(number, "").split()),
            )
            for number in self.numbers
            if self.values[f"act-{number}"]
        ]


def form_for(sheet: Sheet, cells: Sequence[Clearance], sent: Collection[str] = ()) -> type[SheetForm]:
    """The form of this sheet as the step stands now, with a row for whoever may be decided about and for the numbers in `sent`."""
    numbers = [cell.graduate.number for cell in cells if takes(cell) or cell.graduate.number in sent]
    fields: dict[str, Any] = {"numbers": numbers, "money": sheet.step.money}
    for number in numbers:
        fields[f"act-{number}"] = Choice(_l("Result"), [(act, ACTS[act]) for act in sheet.acts], required=False)
        fields[f"time-{number}"] = Clock(_l("Time"), required=False)
        fields[f"reason-{number}"] = Text(_l("Reason"), most=500, required=False)
        fields[f"amount-{number}"] = Money(_l("Amount"), required=False)
    return type("RowsForm", (SheetForm,), fields)


def _reason(sheet: Sheet, words: str) -> str | None:
    """The plan's code where its reason was written, else the words."""
    listed = next((one.code for one in sheet.step.reasons if words in (one.code, one.name.zh, one.name.en)), None)
    return reasons.write(listed or "", "" if listed else words)


def reasons_of(sheet: Sheet) -> list[str]:
    """The plan's reasons for a hold, to choose from while typing."""
    return [one.name.pick(language()) for one in sheet.step.reasons]
