"""Reading a table of a plan file: every value is taken once, checked for its kind, and complaints are gathered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from db.rules.cells import showable
from db.rules.message import Message, Names, _
from db.rules.money import fen

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
LONGEST_CODE = 64  # what an entry may name (docs/wire.md)
FIRST_YEAR, LAST_YEAR = 2000, 2999  # beyond these, sums of days leave the calendar
_WRONG_KIND = {
    str: _("must be a text."),
    bool: _("must be true or false."),
    list: _("must be a list."),
    dict: _("must be a table."),
}


class Problem(NamedTuple):
    """What is wrong with a plan file: which file, the path of the key (`steps.diploma.blocked_by`), and a sentence."""

    file: str
    key: str
    sentence: Message

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.sentence}"


class Table:
    """A TOML table at a key path. Every reading method returns a usable value, and complains when it was not given one.

    A value that is missing or of the wrong kind is complained of once; the caller goes on with an empty one.
    """

    def __init__(self, values: dict[str, Any], file: str, path: str, problems: list[Problem]) -> None:
        self._values = dict(values)
        self._file = file
        self._path = path
        self._problems = problems

    def complain(self, key: str, message: str, **args: str | int | date | Names) -> None:
        """Add a problem with a key of this table, or with the table itself when `key` is empty."""
        self._problems.append(Problem(self._file, self._join(key), Message(message, args)))

    def has(self, key: str) -> bool:
        """Whether the key is there and nobody has taken it yet."""
        return key in self._values

    def text(self, key: str) -> str:
        """A text that is not blank."""
        value = self._take(key, str)
        if value is not None and not value.strip():
            self.complain(key, _("is empty."))
        if value and not showable(re.sub(r"[\t\r\n]", "", value)):
            self.complain(key, _("has a character that cannot be shown."))
        return (value or "").strip()

    def code(self, key: str) -> str:
        """A text fit to be a code: it appears in addresses and on the wire."""
        value = self.text(key)
        if value and not _CODE.match(value):
            self.complain(key, _("“%(value)s” is no code: use small letters, digits and single hyphens."), value=value)
        if len(value) > LONGEST_CODE:
            self.complain(key, _("is longer than a code may be: at most %(most)s characters."), most=LONGEST_CODE)
        return value

    def names(self, key: str) -> Names:
        """A table of `zh` and `en`, neither of them blank."""
        table = self.table(key)
        if table is None:
            return Names(zh="", en="")
        found = Names(zh=table.text("zh"), en=table.text("en"))
        table.done()
        return found

    def fen(self, key: str) -> int:
        """An amount above nothing, written in yuan as people write it."""
        text = self.text(key)
        try:
            amount = fen(text) if text else 1
        except ValueError:
            amount = 0
        if not amount:
            self.complain(key, _('“%(value)s” is no price in yuan; write one such as "35.00".'), value=text)
        return amount

    def flag(self, key: str, default: bool) -> bool:
        """true or false; `default` when the key is absent."""
        value = self._take(key, bool, needed=False)
        return default if value is None else value

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`; None when the key is absent."""
        value = self._pop(key, needed=False)
        if value is None or (type(value) is int and least <= value <= most):
            return value
        self.complain(key, _("must be a whole number from %(least)s to %(most)s."), least=least, most=most)
        return None

    def day(self, key: str, needed: bool = False) -> date | None:
        """A local date. None when it is absent (which is complained of if `needed`)."""
        value = self._pop(key, needed)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.complain(key, _("must be a date such as 2023-06-26, without a time."))
            return None
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.complain(key, _("must lie in the years %(first)s to %(last)s."), first=FIRST_YEAR, last=LAST_YEAR)
        return value

    def moment(self, key: str) -> datetime | None:
        """A local date and time, naive: the season's zone is the only one a plan knows."""
        value = self._pop(key, needed=True)
        if value is None or (isinstance(value, datetime) and value.tzinfo is None):
            return value
        self.complain(key, _("must be a local date and time such as 2023-06-26T10:00:00, without an offset."))
        return None

    def codes(self, key: str) -> tuple[str, ...]:
        """A list of texts, none of them twice; an absent key is an empty list."""
        values = self._take(key, list, needed=False) or []
        found = tuple(value for value in values if isinstance(value, str))
        if len(found) < len(values):
            self.complain(key, _("must be a list of texts."))
        for value in dict.fromkeys(value for value in found if found.count(value) > 1):
            self.complain(key, _("names “%(value)s” twice."), value=value)
        return tuple(dict.fromkeys(found))

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        """One of `options`."""
        value = self.text(key)
        return "".join(self._among(key, (value,), options)) if value else ""

    def choices(self, key: str, options: tuple[str, ...]) -> tuple[str, ...]:
        """A list of some of `options`; an absent key is an empty list."""
        return self._among(key, self.codes(key), options)

    def table(self, key: str) -> Table | None:
        """A table inside this one."""
        value = self._take(key, dict)
        return None if value is None else Table(value, self._file, self._join(key), self._problems)

    def tables(self, key: str, needed: bool = False) -> Iterator[Table]:
        """An array of tables. Each one's path carries its code, or its place (from 1) where it has none."""
        values = self._take(key, list, needed=needed)
        if needed and values == []:
            self.complain(key, _("is empty."))
        for place, value in enumerate(values or [], 1):
            if not isinstance(value, dict):
                self.complain(key, _("must be a list of tables."))
                return
            code = value.get("code")
            part = f"{key}.{code}" if isinstance(code, str) and code else f"{key}[{place}]"
            yield Table(value, self._file, self._join(part), self._problems)

    def done(self) -> None:
        """Refuse every key that nobody took: a misspelt key must not pass as an absent one."""
        for key in self._values:
            self.complain(key, _("is not a key that belongs here."))

    def _among(self, key: str, values: tuple[str, ...], options: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if value not in options:
                self.complain(key, _("“%(value)s” is none of: %(options)s."), value=value, options=", ".join(options))
        return tuple(value for value in values if value in options)

    def _join(self, key: str) -> str:
        return ".".join(part for part in (self._path, key) if part)

    def _pop(self, key: str, needed: bool) -> Any:
        if key not in self._values and needed:
            self.complain(key, _("is missing."))
        return self._values.pop(key, None)

    def _take(self, key: str, kind: type, needed: bool = True) -> Any:
        value = self._pop(key, needed)
        if value is None or isinstance(value, kind):
            return value
        self.complain(key, _WRONG_KIND[kind])
        return None
