"""Forms as small classes: cleaned values, or all errors at once and what was typed.

    class HoldForm(Form):
        reason = Choice(_l("Reason"), choices=reasons)
        amount = Money(_l("Amount"), required=False)

    form = HoldForm(request.form)
    if not form.valid():
        return page("steps/hold.html", "steps/_hold.html", status=422, form=form)
    db.verb(**form.values)

Templates show a field with `field(form["reason"])` from `_macros.html`: label, hint, what was typed, error. A refusal that
comes from below (`Invalid`) joins the form's own errors with `form.refuse(refusal)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext as _

from db.refusals import Invalid
from db.rules.money import fen
from web.refusals import field_sentence

Pairs = Iterable[tuple[str, Any]]


class Field:
    """One field: `kind` is the control that shows it, `clean` turns what was typed into a value.

    `clean` is called with stripped text that is not empty and raises ValueError with a sentence. An empty field that
    is not required has the value `empty`.
    """

    kind = "text"
    empty: Any = None

    def __init__(self, label: Any, *, required: bool = True, hint: Any = "", most: int | None = None,
                 autocomplete: str = "", inputmode: str = "") -> None:
        self.label, self.required, self.hint, self.most = label, required, hint, most
        self.autocomplete, self.inputmode = autocomplete, inputmode
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def typed(self, data: Mapping[str, Any]) -> Any:
        """What the request holds for this field."""
        return str(data.get(self.name, ""))

    def value(self, typed: Any) -> Any:
        """The cleaned value; ValueError with a sentence otherwise."""
        text = typed.strip()
        if not text:
            if self.required:
                raise ValueError(_("This is needed."))
            return self.empty
        if self.most is not None and len(text) > self.most:
            raise ValueError(_("At most %(most)d characters; these are %(count)d.", most=self.most, count=len(text)))
        if any(ord(sign) < 0x20 and sign not in "\n\r\t" for sign in text):
            raise ValueError(_("This holds characters that cannot be used."))
        return self.clean(text)

    def clean(self, text: str) -> Any:
        """The value of this text."""
        return text

    def shown(self, value: Any) -> Any:
        """A value as it is typed, to fill a form from a record."""
        return "" if value is None else str(value)


class Text(Field):
    """One line, 200 characters unless told otherwise. `check` may refuse with ValueError and a sentence."""

    empty = ""

    def __init__(self, label: Any, *, most: int = 200, check: Callable[[str], str] | None = None, **more: Any) -> None:
        super().__init__(label, most=most, **more)
        self.check = check

    def clean(self, text: str) -> str:
        return self.check(text) if self.check else text


class LongText(Text):
    """Several lines, 2,000 characters unless told otherwise."""

    kind = "textarea"

    def __init__(self, label: Any, *, most: int = 2000, **more: Any) -> None:
        super().__init__(label, most=most, **more)


class Password(Field):
    """A password: never stripped, never shown again."""

    kind = "password"

    def value(self, typed: str) -> str:
        if not typed and self.required:
            raise ValueError(_("This is needed."))
        if len(typed) > 512:
            raise ValueError(_("At most %(most)d characters; these are %(count)d.", most=512, count=len(typed)))
        return typed


class Whole(Field):
    """A whole number between `least` and `greatest`, both included."""

    kind = "number"

    def __init__(self, label: Any, *, least: int = 0, greatest: int = 10**9, **more: Any) -> None:
        super().__init__(label, most=20, inputmode="numeric", **more)
        self.least, self.greatest = least, greatest

    def clean(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError(_("Enter a whole number.")) from None
        if not self.least <= number <= self.greatest:
            raise ValueError(_("Enter a number from %(least)d to %(greatest)d.", least=self.least,
                               greatest=self.greatest))
        return number


class Money(Field):
    """An amount typed in yuan, its value in fen: an integer, not negative, at most a million yuan."""

    kind = "money"

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, most=20, inputmode="decimal", **more)

    def clean(self, text: str) -> int:
        try:
            return fen(text)
        except ValueError:
            raise ValueError(_("Enter an amount in yuan, such as 35.50.")) from None

    def shown(self, value: int | None) -> str:
        return "" if value is None else f"{value // 100}.{value % 100:02d}"


class Day(Field):
    """A calendar day from 1900 to 2999: one that has a day before and after it, in every time zone."""

    kind = "date"

    def clean(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if not 1900 <= day.year < 3000:
            raise ValueError(_("Enter a day as year-month-day, such as %(day)s.", day=date.today().isoformat()))
        return day


class Tick(Field):
    """A box: True when ticked. Required means that it must be."""

    kind = "tick"

    def value(self, typed: str) -> bool:
        if self.required and not typed:
            raise ValueError(_("Tick this to go on."))
        return bool(typed)

    def shown(self, value: Any) -> str:
        return "1" if value else ""


class Choice(Field):
    """One of `choices`: pairs of value and label, or a callable that gives them for the request."""

    kind = "select"

    def __init__(self, label: Any, choices: Pairs | Callable[[], Pairs], *, radio: bool = False, **more: Any) -> None:
        super().__init__(label, **more)
        self._choices = choices
        if radio:
            self.kind = "radio"

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return list(self._choices() if callable(self._choices) else self._choices)

    def clean(self, text: str) -> str:
        if text not in {value for value, _label in self.choices}:
            raise ValueError(_("Choose one of the list."))
        return text


class Choices(Choice):
    """Any of `choices`; the value is a list in the order of the choices."""

    kind = "checkboxes"

    def typed(self, data: Mapping[str, Any]) -> list[str]:
        getlist = getattr(data, "getlist", None)
        return getlist(self.name) if getlist else list(data.get(self.name, []))

    def value(self, typed: list[str]) -> list[str]:
        if self.required and not typed:
            raise ValueError(_("Choose at least one."))
        known = [value for value, _label in self.choices]
        if set(typed) - set(known):
            raise ValueError(_("Choose from the list."))
        return [value for value in known if value in typed]

    def shown(self, value: Any) -> list[str]:
        return list(value or [])


@dataclass(frozen=True, slots=True)
class Bound:
    """A field with what was typed into it and what is wrong with that: what a template shows."""

    field: Field
    typed: Any
    error: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.field, name)


class Form:
    """A form over what a request sent (`Form(request.form)`) or over a record (`Form.of(name=…)`)."""

    fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.fields = {**cls.fields, **own}

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        self.typed = {name: field.typed(data or {}) for name, field in self.fields.items()}
        self.values: dict[str, Any] = {}
        self.errors: dict[str, str] = {}

    @classmethod
    def of(cls, **values: Any) -> Form:
        """The form as a record fills it, nothing checked yet."""
        form = cls()
        form.typed.update({name: cls.fields[name].shown(value) for name, value in values.items()})
        return form

    def valid(self) -> bool:
        """Clean all fields, then `check` what belongs together. False when anything is wrong."""
        for name, field in self.fields.items():
            try:
                self.values[name] = field.value(self.typed[name])
            except ValueError as error:
                self.errors[name] = str(error)
        if not self.errors:
            self.check()
        return not self.errors

    def check(self) -> None:
        """For what fields can only say together: put a sentence into `self.errors[name]`; `""` is the form itself."""

    def refuse(self, refusal: Invalid) -> None:
        """Take over what a verb of `db` found wrong."""
        self.errors.update({name: field_sentence(error) for name, error in refusal.errors.items()})

    def __iter__(self) -> Any:
        return (self._bound(name) for name in self.fields)

    def __getitem__(self, name: str) -> Bound:
        return self._bound(name)

    def _bound(self, name: str) -> Bound:
        field = self.fields[name]
        typed = "" if field.kind == "password" else self.typed[name]
        return Bound(field, typed, self.errors.get(name, ""))
