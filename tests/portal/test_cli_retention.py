"""`clearance retention run`: says what is due, deletes it, says what was deleted."""

import pytest

from db import forms, pictures
from db.database import now
from db.people import Graduate
from db.vault import Vault
from tests.cast import hours_after_loading
from tests.engines import opened
from tests.portal.proxy_case import draft

pytest_plugins = ["tests.portal.command_line"]
pytestmark = pytest.mark.engine("sqlite")


def test_it_says_what_it_deletes(run, roster, tmp_path, database_url):
    run("roster", "import", roster)
    vault = Vault(tmp_path / "pictures", tmp_path / "picture-keys")
    assert run("retention", "run") == (0, "Nothing was due.", "")
    assert run("retention", "run", "--dry-run") == (0, "Nothing is due.", "")
    with opened(database_url):
        for why in ("season", "season", "withdrawn"):
            pictures.keep(vault.put(b"x"), Graduate.get(), "letter", "lin", why)
        draft(Graduate.get())
        forms.StepForm.create(graduate=Graduate.get(), step="archive", draft={"unit": "x"}, draft_at=now())
    first = "1 pictures: withdrawn"
    assert run("retention", "run", "--dry-run") == (0, first, ""), "the plan of 2023 was only just loaded"
    with opened(database_url):
        hours_after_loading(24)
    lines = [
        "2 pictures: the season is closed", first, "What was typed in 1 applications: the season is closed",
        "What was typed in 1 forms: drafts that were never submitted",
    ]  # fmt: skip
    assert run("retention", "run", "--dry-run") == (0, "\n".join(lines), "")
    assert run("retention", "run") == (0, "\n".join(["Deleted:", *lines]), "")
    assert not list(tmp_path.glob("picture*/??/*"))
    assert run("retention", "run") == (0, "Nothing was due.", "")
