"""The product's command line, as an administrator uses it."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.day.college import ROOT
from db.database import opened_url

_KEYS: dict[str, str] = {}


def use_keys(directory: str) -> None:
    """Where `clearance` finds the keys from now on."""
    _KEYS["CLEARANCE_KEYS"] = directory


def clearance(*words: str) -> subprocess.CompletedProcess[str]:
    """`clearance` over the open database, in a process of its own."""
    environment = {**os.environ, **_KEYS, "CLEARANCE_DATABASE": opened_url()}
    command = [sys.executable, "-c", "import sys; from portal.cli import main; sys.exit(main())", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
