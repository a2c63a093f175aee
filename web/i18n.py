"""Chinese and English: which one a request speaks, and times and money as people read them.

Chinese is the default. English speaks when the `language` cookie says so (it is set by the switch in the page's head,
and from the account at sign-in), or, without a cookie, when the browser prefers English to Chinese.

The catalogue is kept with `python -m web.i18n` (see `web/catalogue.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, format_time, get_locale, get_timezone, gettext

from db.rules.message import Message
from web import catalogue
from web.states import state_icon, state_word

LANGUAGES = {"zh": "中文", "en": "English"}
DEFAULT = "zh"
COOKIE = "language"
ACCEPTED = ("zh", "zh-CN", "zh-Hans", "zh-TW", "zh-HK", "en", "en-US", "en-GB")
TAGS = {"zh": "zh-CN", "en": "en"}
DAYS = {"": {"zh": "y年M月d日", "en": "d MMM y"}, "short": {"zh": "M月d日", "en": "d MMM"},
        "week": {"zh": "y年M月d日 EEE", "en": "EEE d MMM y"}}
TIMES = {"": {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}, "short": {"zh": "M月d日 HH:mm", "en": "d MMM, HH:mm"},
         "seconds": {"zh": "y年M月d日 HH:mm:ss", "en": "d MMM y, HH:mm:ss"}}
YEAR_IN_SECONDS = 365 * 24 * 3600

Moment = datetime | int


def init_app(app: Flask, zone_of: Callable[[], str]) -> None:
    """Give the app its languages, and templates the filters below. `zone_of` names the zone that times are shown in."""
    ensure_compiled()
    Babel(app, default_locale=DEFAULT, default_translation_directories=str(catalogue.FOLDER),
          locale_selector=chosen_language, timezone_selector=zone_of)
    app.jinja_env.filters.update(localtime=localtime, localdate=localdate, dayname=dayname, clocktime=clocktime, utctime=utctime,
                                 yuan=yuan, masked=masked)
    app.jinja_env.globals.update(language=language, language_tag=language_tag, spoken=spoken, languages=LANGUAGES,
                                 state_word=state_word, state_icon=state_icon)


def ensure_compiled() -> None:
    """Compile the catalogue where its compiled form is missing or older; safe with many processes starting at once."""
    catalogue.ensure_compiled()


def chosen_language() -> str:
    """The language of this request: by cookie, else by the browser's preference, else Chinese."""
    if not has_request_context():
        return DEFAULT
    cookie = request.cookies.get(COOKIE)
    if cookie in LANGUAGES:
        return cookie
    preferred = request.accept_languages.best_match(ACCEPTED)
    return "en" if preferred and preferred.startswith("en") else DEFAULT


def remember_language(response: Response, language: str) -> None:
    """Keep the choice in this browser for a year. An unknown language is not kept."""
    if language in LANGUAGES:
        response.set_cookie(COOKIE, language, max_age=YEAR_IN_SECONDS, httponly=True, samesite="Lax",
                            secure=current_app.config["SESSION_COOKIE_SECURE"])


def language() -> str:
    """`zh` or `en`: the language now spoken, also where `force_locale` says so."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else DEFAULT


def language_tag() -> str:
    """The tag for `lang=`."""
    return TAGS[language()]


def localtime(moment: Moment | None, style: str = "") -> str:
    """Date and time to the minute in the season's zone; `short` without the year, to `seconds`, or by a CLDR pattern.

    Pages have no patterns of their own, so that a time looks the same on all of them; files keep ISO 8601, which sorts.

    Takes an aware datetime or epoch milliseconds; None reads as nothing.
    """
    return "" if moment is None else format_datetime(_aware(moment), TIMES[style][language()] if style in TIMES else style)


def localdate(moment: Moment | None, style: str = "") -> str:
    """The date in the season's zone, as `dayname`. Takes an aware datetime or epoch milliseconds; None reads as nothing."""
    return "" if moment is None else dayname(_aware(moment).astimezone(get_timezone()).date(), style)


def dayname(day: date | str, style: str = "") -> str:
    """A day of the calendar, `short` without its year, or with its day of the `week`. As text it is ISO 8601; other text stays."""
    try:
        known = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        return str(day)
    return format_date(known, DAYS[style][language()], rebase=False)


def spoken(message: Message) -> str:
    """A rule's sentence in the language of the request."""
    return gettext(message.id, **message.values(language(), dayname))


def clocktime(moment: Moment | None) -> str:
    """Hours and minutes in the season's zone."""
    return "" if moment is None else format_time(_aware(moment), "HH:mm")


def utctime(moment: Moment | None) -> str:
    """RFC 3339 in UTC with milliseconds, for `<time datetime>` and scripts."""
    if moment is None:
        return ""
    return _aware(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def yuan(fen: int | None) -> str:
    """Fen as yuan: 1234567 reads ¥12,345.67. Exact, no floats on the way."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}¥{whole:,}.{rest:02d}"


def masked(text: str | None, head: int = 3, tail: int = 4) -> str:
    """The text with its middle hidden: at least half of it, whatever `head` and `tail` ask for."""
    text = text or ""
    hidden = max(len(text) - head - tail, (len(text) + 1) // 2)
    kept = len(text) - hidden
    tail = min(tail, (kept + 1) // 2 if head else kept)
    head = kept - tail
    return text[:head] + "*" * hidden + (text[-tail:] if tail else "")


def _aware(moment: Moment) -> datetime:
    if isinstance(moment, int):
        return datetime.fromtimestamp(moment / 1000, UTC)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(catalogue.main(sys.argv[1:]))
