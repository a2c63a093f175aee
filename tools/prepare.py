"""Make this folder ready to run: `prepare.py runtime` for `make demo`, `prepare.py dev` for `make test`.

Runs with the machine's own Python, before anything is installed, so: standard library only, and no syntax that an old Python
would stumble over before it can say what is wrong. Does nothing, and needs no network, when all is in place.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

LEAST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WINDOWLESS = "chromium-headless-shell"
PARTS = {"runtime": "-e .", "dev": "-e .[dev]"}


def main(part):
    os.chdir(str(ROOT))
    make_environment()
    install(part)
    if part == "dev":
        sys.path.insert(0, str(ROOT))
        prepare_programs()


def say(text):
    print("==> " + text, flush=True)


def run(*command):
    done = subprocess.run([str(word) for word in command])
    if done.returncode:
        raise SystemExit("\nThis did not work: " + " ".join(map(str, command)))


def make_environment():
    if PYTHON.exists():
        return
    python = new_enough_python()
    say("Making .venv")
    shutil.rmtree(str(VENV), ignore_errors=True)  # what is left of one whose Python is gone
    done = subprocess.run([python, "-m", "venv", str(VENV)])
    if done.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        raise SystemExit("\nPython could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv")


def new_enough_python():
    """This Python, or else a newer one beside it on PATH."""
    if sys.version_info >= LEAST:
        return sys.executable
    for minor in range(LEAST[1] + 9, LEAST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    raise SystemExit(
        f"Clearance needs Python {LEAST[0]}.{LEAST[1]} or newer, and this is {sys.version.split()[0]}.\n"
        "Install a newer one and name it: make demo PYTHON=/path/to/python3"
    )


def install(part):
    """Install the pinned packages, unless the stamp shows that these very pins are installed already."""
    wanted = fingerprint()
    covering = ["dev"] if part == "dev" else ["runtime", "dev"]
    if any(stamp(each).exists() and stamp(each).read_text() == wanted for each in covering):
        return
    say("Installing the packages pinned in constraints.txt into .venv (once; a minute or two)")
    flag, what = PARTS[part].split()
    run(PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-c", "constraints.txt", flag, what)
    stamp(part).write_text(wanted)


def stamp(part):
    return VENV / ("installed-" + part)


def fingerprint():
    pins = (ROOT / "pyproject.toml").read_bytes() + (ROOT / "constraints.txt").read_bytes()
    return hashlib.sha256(pins + str(ROOT).encode()).hexdigest()


def prepare_programs():
    """Install what the tests drive and this machine lacks; where that is not allowed, say how, and let them be skipped."""
    if may_install() and wanted_packages():
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-q"], env=environment)
        packages = wanted_packages()
        say(f"Installing {' and '.join(packages)} for the tests")
        subprocess.run(["apt-get", "install", "-qy", "--no-install-recommends", *packages], env=environment)
    for package, what, tests in missing_programs():
        say(f"{what} not found: {tests} will be skipped. To have them: apt install {package}")


def wanted_packages():
    """What is missing, as apt calls it. Where apt has the browser without windows, that one, and also beside another."""
    from tools import find

    missing = [package for package, _, _ in missing_programs()]
    if os.environ.get("CLEARANCE_CHROMIUM") or find.windowless_chromium() or not offered(WINDOWLESS):
        return missing
    return [*(package for package in missing if package != "chromium"), WINDOWLESS]


def offered(package):
    return subprocess.run(["apt-cache", "show", package], capture_output=True).returncode == 0


def missing_programs():
    from tools import find

    wanted = [
        (find.postgres, "postgresql", "PostgreSQL's server programs", "tests on PostgreSQL"),
        (find.chromium, "chromium", "Chromium", "tests in a browser"),
        (find.poppler, "poppler-utils", "Poppler's programs", "tests that read PDFs"),
        (find.zbar, "zbar-tools", "ZBar's program", "tests that read codes with a second reader"),
    ]
    return [rest for program, *rest in wanted if not program()]


def may_install():
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PARTS:
        raise SystemExit("usage: prepare.py runtime | dev")
    main(sys.argv[1])
