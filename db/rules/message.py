"""A sentence that a rule wants to say, before anybody has chosen a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date


def _(text: str) -> str:
    """Mark a sentence for the catalogue; it is translated later, by `web`, when it is shown."""
    return text


@dataclass(frozen=True, kw_only=True)
class Names:
    """One thing's name or text in both languages of the product."""

    zh: str
    en: str

    def pick(self, lang: str) -> str:
        """The text for a locale such as `zh`, `zh_Hans_CN` or `en`; every locale but English reads Chinese."""
        return self.en if lang.lower().startswith("en") else self.zh


@dataclass(frozen=True)
class Message:
    """An English message id with `%(name)s` places, and what goes into them.

    `web.i18n.spoken` translates it. `str(message)` is the English sentence.
    """

    id: str
    args: Mapping[str, str | int | date | Names] = field(default_factory=dict)

    def values(self, lang: str, day: Callable[[date], str] = str) -> dict[str, str]:
        """The arguments as text in `lang`; dates as `day` says, YYYY-MM-DD where nobody does."""

        def text(value: str | int | date | Names) -> str:
            if isinstance(value, Names):
                return value.pick(lang)
            return day(value) if isinstance(value, date) else str(value)

        return {key: text(value) for key, value in self.args.items()}

    def __str__(self) -> str:
        return self.id % self.values("en")
