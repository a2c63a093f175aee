"""Where this machine keeps the programs that only the tests need. Standard library only; None where one is missing.

`CLEARANCE_CHROMIUM` (a program) and `CLEARANCE_POSTGRES` (a folder with `initdb` and `postgres`) name others.
"""

import os
import re
import shutil
from pathlib import Path

# Debian's is named by its own place: what it has in /usr/bin is a script that stays in between, and a kill would reach only that.
WINDOWLESS = ("chrome-headless-shell", "/usr/lib/chromium/chromium-headless-shell")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", *WINDOWLESS)
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
POSTGRES_LEAST = 14


def chromium():
    named = os.environ.get("CLEARANCE_CHROMIUM")
    return shutil.which(named) if named else _first(BROWSERS)


def windowless_chromium():
    """The same without windows, where there is one: pages see no difference, and it takes two thirds of the work."""
    return None if os.environ.get("CLEARANCE_CHROMIUM") else _first(WINDOWLESS)


def postgres():
    """The folder with PostgreSQL's server programs, the newest where there are several."""
    named = os.environ.get("CLEARANCE_POSTGRES")
    if named:
        return Path(named) if _serves(Path(named)) else None
    beside = shutil.which("initdb")
    folders = [Path(beside).resolve().parent] if beside else []
    for pattern in POSTGRES_FOLDERS:
        found = Path("/").glob(pattern.lstrip("/"))
        folders += sorted(found, key=_version, reverse=True)
    return next((folder for folder in folders if _serves(folder) and _version(folder) >= POSTGRES_LEAST), None)


def poppler():
    """One of the two programs that read PDFs, once both are there."""
    return shutil.which("pdftotext") and shutil.which("pdffonts")


def zbar():
    return shutil.which("zbarimg")


def _first(programs):
    return next(filter(None, map(shutil.which, programs)), None)


def _serves(folder):
    return all((folder / program).exists() for program in ("initdb", "postgres"))


def _version(folder):
    number = re.search(r"(\d+)", folder.parent.name)
    return int(number.group(1)) if number else 999
