"""Cards: which one counts, and that whoever has to hears of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from db import cards
from db.people import Graduate
from db.refusals import Conflict
from db.rules import jws

KEY = jws.SigningKey("k1Ab", ec.generate_private_key(ec.SECP256R1()))


def row(graduate) -> Graduate:
    return Graduate.get_by_id(graduate.id)


def carried(graduate) -> int:
    return jws.parse(cards.token(KEY, row(graduate))).payload["gen"]


def test_a_revoked_card_is_never_signed_again_and_the_next_one_counts(season):
    assert carried(season.an) == 1
    cards.revoke(season.an.id, "admin", "fraud")
    assert row(season.an).card_revoked
    with pytest.raises(Conflict):
        cards.token(KEY, row(season.an))
    cards.reissue(season.an.id, "admin", "lost")
    assert not row(season.an).card_revoked
    assert carried(season.an) == 2


@pytest.mark.parametrize("change", [cards.reissue, cards.revoke])
def test_tablets_fetch_the_row_of_whose_card_changed(season, change):
    before = row(season.an).change
    change(season.an.id, "admin", "lost")
    assert row(season.an).change > before


def test_a_second_tap_makes_no_second_card(season):
    first = cards.reissue(season.an.id, "admin", "lost", seen_gen=1)
    assert cards.reissue(season.an.id, "admin", "lost", seen_gen=1).gen == first.gen == row(season.an).gen == 2


def test_whoever_saw_an_older_card_revokes_no_newer_one(season):
    cards.reissue(season.an.id, "admin", "lost")
    with pytest.raises(Conflict):
        cards.revoke(season.an.id, "admin", "fraud", seen_gen=1)
    assert not row(season.an).card_revoked
