"""The Chinese catalogue: found in the code, kept in one file, compiled when needed. English is the code itself.

    python -m web.i18n update            find every sentence in code and templates, add the new ones
    python -m web.i18n missing           print those without Chinese, as JSON with empty values
    python -m web.i18n fill < pairs.json take Chinese for them: {"Sign in": "登录", …}
    python -m web.i18n prune             drop what no code says any more

Entries stand in alphabetical order without line numbers, and every change is made under a lock, so that several
people at once can add to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "web" / "translations"
CHINESE = FOLDER / "zh" / "LC_MESSAGES" / "messages.po"
SOURCES = ("db", "web", "kiosk", "portal", "templates")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2),
            "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2)}
FIXED = datetime(2023, 5, 16, tzinfo=UTC)  # a header date that changes with each run would only make conflicts


def extract() -> Catalog:
    """Every sentence that code and templates say."""
    found = Catalog()
    for source in SOURCES:
        for _, _, words, _, context in extract_from_dir(
                ROOT / source, METHODS, {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}, KEYWORDS):
            found.add(words, context=context)
    return found


def read() -> Catalog:
    """The Chinese catalogue as it stands in its file."""
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh", domain="messages")


def missing(catalogue: Catalog) -> list[Message]:
    """Entries without Chinese, or with a guess that nobody confirmed."""
    return [entry for entry in catalogue if entry.id and (entry.fuzzy or not _filled(entry.string))]


def update() -> int:
    """Add what is new in the code; returns how many entries are still without Chinese."""
    with _editing() as catalogue:
        _add_new(catalogue)
        return len(missing(catalogue))


def fill(pairs: Mapping[str, str]) -> list[str]:
    """Put Chinese into entries by their English (a plural by its singular). Returns what no code says."""
    unknown = []
    with _editing() as catalogue:
        _add_new(catalogue)
        by_english: dict[str, list[Message]] = {}
        for entry in catalogue:
            by_english.setdefault(_key(entry), []).append(entry)
        for english, chinese in pairs.items():
            if english not in by_english:
                unknown.append(english)
            for entry in by_english.get(english, []):
                entry.string = chinese if isinstance(entry.id, str) else (chinese,)
    return unknown


def prune() -> list[str]:
    """Drop entries that no code says any more; returns their English."""
    said = extract()
    with _editing() as catalogue:
        stale = [entry for entry in catalogue if entry.id and said.get(_key(entry), entry.context) is None]
        for entry in stale:
            catalogue.delete(_key(entry), entry.context)
    return [_key(entry) for entry in stale]


def ensure_compiled() -> None:
    """Compile where the compiled form is missing or older than its source. Readers never see half of it."""
    compiled = CHINESE.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime_ns >= CHINESE.stat().st_mtime_ns:
        return
    stamp = CHINESE.stat().st_mtime_ns
    content = io.BytesIO()
    write_mo(content, read())
    _replace(compiled, content.getvalue())
    os.utime(compiled, ns=(stamp, stamp))


def main(arguments: list[str]) -> int:
    """The command line; a status of 1 means that Chinese is missing."""
    match arguments:
        case ["update"]:
            left = update()
            print(f"{left} without Chinese: see `python -m web.i18n missing`" if left else "complete")
            return 1 if left else 0
        case ["missing"]:
            update()
            print(json.dumps({_key(entry): "" for entry in missing(read())}, ensure_ascii=False, indent=2))
            return 0
        case ["fill"]:
            for english in fill(json.load(sys.stdin)):
                print(f"no code says: {english}", file=sys.stderr)
            return main(["update"])
        case ["prune"]:
            print("\n".join(prune()))
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def _add_new(catalogue: Catalog) -> None:
    for entry in extract():
        if entry.id and catalogue.get(_key(entry), entry.context) is None:
            catalogue.add(entry.id, context=entry.context)


def _filled(string: str | Sequence[str] | None) -> bool:
    return bool(string) if string is None or isinstance(string, str) else all(string)


def _key(entry: Message) -> str:
    return entry.id if isinstance(entry.id, str) else entry.id[0]


@contextlib.contextmanager
def _editing() -> Iterator[Catalog]:
    """The catalogue, held against other writers until it is written back."""
    with _held():
        catalogue = read()
        yield catalogue
        catalogue.creation_date = catalogue.revision_date = FIXED
        catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "clearance"
        content = io.BytesIO()
        write_po(content, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
        if content.getvalue() != CHINESE.read_bytes():
            _replace(CHINESE, content.getvalue())


@contextlib.contextmanager
def _held() -> Iterator[None]:
    handle = os.open(CHINESE.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.replace(draft, path)
