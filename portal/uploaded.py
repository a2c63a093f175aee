"""What pages share that take in a table: the file kept until somebody decides, its faults in words, its report as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response, request
from flask_babel import lazy_gettext as _l

from db import uploads
from db.refusals import Refusal
from db.tables import read_table
from portal.caller import me
from portal.csv_text import csv_text
from web import sentences

SHOWN = 200
"""So many rows of a kind stand on a dry run's page; all of them are in its report."""

_MEND = _l("Mend the file and upload it again; nothing was changed.")
sentences.add({
    "table-too-large": (_l("The file is larger than the %(most)d MiB that are taken."), _MEND),
    "too-many-rows": (_l("The file has more than %(most)d rows."), _MEND),
    "too-many-cells": (_l("The workbook has more than %(most)d cells that are filled."), _MEND),
    "table-too-heavy": (_l("The file takes more time or memory than a table should."), _MEND),
    "tables-busy": (_l("Too many tables are being read just now."), _l("Nothing was lost. Try again in some seconds.")),
    "table-empty": (_l("There is nothing in the file."), _MEND),
    "table-encoding": (_l("The file is in an unknown encoding. Save it as CSV in UTF-8, or as XLSX."), _MEND),
    "table-unreadable": (_l("The file is neither a CSV nor an XLSX file that can be read."), _MEND),
    "unknown-upload": (_l("This file is no longer kept."), _l("Files wait for a day. Upload it again.")),
})  # fmt: skip


def keep(kind: str) -> uploads.Upload:
    """Keep the file of this request, once it is known to be a table. Raises Invalid and TooLarge as `read_table` does."""
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    read_table(content)
    return uploads.keep(kind, (sent.filename if sent else None) or "", content, me().id)


def said(refusal: Refusal) -> str:
    """What to say about a refusal, in one paragraph."""
    return " ".join(sentences.say(refusal.code, refusal.status, refusal.params))


def csv_file(name: str, headings: Sequence[object], rows: Iterable[Sequence[object]]) -> Response:
    """A table as a file to be kept."""
    disposition = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(csv_text(headings, rows), mimetype="text/csv", headers=disposition)
