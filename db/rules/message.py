"""A sentence that a rule wants to say, before anybody has chosen a language."""

from __future__ import annotations

from collections.abc import Mapping
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

    `web` translates it: `gettext(message.id, **message.values(lang))`. `str(message)` is the English sentence.
    """

    id: str
    args: Mapping[str, str | int | date | Names] = field(default_factory=dict)

    def values(self, lang: str) -> dict[str, str]:
        """The arguments as text in `lang`; dates as YYYY-MM-DD."""
        return {key: value.pick(lang) if isinstance(value, Names) else str(value) for key, value in self.args.items()}

    def __str__(self) -> str:
        return self.id % self.values("en")
