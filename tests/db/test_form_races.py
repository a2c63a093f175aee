"""A form is sent while what was typed is being kept beside it, as with every press on *send*: it arrives, without a fault."""

import time

from db import forms
from db import season as seasons
from tests.db.test_proxy_races import at_once
from tests.portal.form_case import ADDRESS, ARCHIVE, form_of, heads

pytest_plugins = ["tests.portal.form_fixtures"]


def test_sent_while_the_last_field_is_being_kept_it_arrives(yard, season, key_store, monkeypatch):
    step, saw = seasons.current().plan.step(ARCHIVE), frozenset(heads(season.an).split())
    record = forms.record_all

    def slowly(*acts):
        time.sleep(0.3)  # long enough for the draft's request to look before the form's row is there
        record(*acts)

    monkeypatch.setattr(forms, "record_all", slowly)

    def told(act):
        return type("Told", (), {"state": bool(act())})

    def kept():
        time.sleep(0.1)
        return forms.keep(season.an, step, ADDRESS | {"phone": "1"})

    sent = lambda: forms.send(key_store.entry_key, season.an, step, ADDRESS, saw)  # noqa: E731
    outcome = at_once(lambda: told(sent), lambda: told(kept))
    assert outcome[0] is True
    assert outcome[1] in (True, "form-changed")
    assert (form_of(season.an).sent, form_of(season.an).waits) == (ADDRESS, "counselor")
