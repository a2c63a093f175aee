"""A rehearsal: a whole season of invented people beside the real one, with database, keys and files of its own, marked everywhere.

Nothing is shared but the program. Database and keys each say what they are, and neither opens with the other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.http import dump_options_header, parse_options_header

from db.database import is_rehearsal
from db.keys import KeyStore
from portal.config import Config, ConfigError
from web.refusals import PROGRAM_PATHS

WIPED = "rehearsal-wiped"
WORDS = "演练 REHEARSAL"
FILE_MARK = "演练-REHEARSAL-"
"""How the names of all files begin that a rehearsal gives away. What is read in again is told by its content, never by its name."""
ZH, EN = "本次演练已结束，演练数据已全部清除。", "This rehearsal is over; everything of it has been wiped."

Cell = TypeVar("Cell")

_running = False


def running() -> bool:
    """Whether this process serves, or prints for, a rehearsal: then everything it makes is marked."""
    return _running


def mark(on: bool) -> None:
    """Let this process mark what it makes, or not."""
    global _running
    _running = on


def mark_file(name: str) -> str:
    """The name under which this process gives a file away."""
    return FILE_MARK + name if _running and not name.startswith(FILE_MARK) else name


def mark_row(cells: Sequence[Cell]) -> Sequence[Cell | str]:
    """A line of a table that this process gives away: in a rehearsal it says so in a column of its own, the last.

    Programs go on finding the others by name or place, and who sorts, cuts or copies the table still has it in every line.
    """
    return [*cells, WORDS] if _running else cells


def check_apart(keys: KeyStore) -> None:
    """Raise ConfigError when the open database and the keys are not both a rehearsal's, or both not. Marks this process."""
    if keys.rehearsal != is_rehearsal():
        raise ConfigError(
            "CLEARANCE_DATABASE and CLEARANCE_KEYS do not belong together: one of them is a rehearsal's. "
            "A rehearsal is served by: clearance rehearsal start"
        )
    mark(keys.rehearsal)


def init_app(app: Flask, config: Config) -> None:
    """Mark every file by its name. Once it is wiped, say so to everybody: tablets of the rehearsal then delete what they have."""
    app.extensions["rehearsal"] = running()
    if not running():
        return
    file, born = config.keys / "keys.json", (config.keys / "keys.json").stat().st_ino

    @app.after_request
    def marked(response: Response) -> Response:
        kind, told = parse_options_header(response.headers.get("Content-Disposition"))
        if name := told.get("filename"):
            told = {"filename*": f"UTF-8''{quote(mark_file(name))}"}
            response.headers.set("Content-Disposition", dump_options_header(kind, told))
        return response

    @app.before_request
    def wiped() -> Response | None:
        try:
            here = file.stat().st_ino == born
        except FileNotFoundError:
            here = False
        return None if here else _told()


def _told() -> Response:
    if request.path.startswith(PROGRAM_PATHS):
        response = jsonify(error={"code": WIPED, "message": f"{ZH} {EN}"})
    else:
        response = Response(render_template("errors/rehearsal_wiped.html", zh=ZH, en=EN))
    response.status_code = 410
    response.headers["Cache-Control"] = "no-store"
    return response
