"""Findings say what a second, naive reading says, of whatever set of entries and whatever records."""

from hypothesis import given, settings

from db.rules.entry import parse_moment
from db.rules.findings import CardSpan, ProxySpan, Records, ShiftSpan, findings
from db.rules.rights import Right, Rights
from tests.db.rules.naive_findings import naive_findings
from tests.db.rules.sets import facts, payload_sets, records
from tests.db.rules.test_fold import entries_of
from tests.db.rules.test_vectors import facts_of


@settings(max_examples=300)
@given(payload_sets(), facts, records())
def test_they_agree_with_the_naive_reading(payloads, written, known):
    assert findings(entries_of(payloads), facts_of(written), records_of(known)) == naive_findings(payloads, written, known)


def records_of(known):
    cards = [CardSpan(card["gen"], ms(card["issued"]), ms(card["revoked"])) for card in known["cards"]]
    blocking = {step: [(ms(since), settled) for since, settled in moments] for step, moments in known["blocking"].items()}
    rights = Rights({staff: tuple(right_of(grant) for grant in grants) for staff, grants in known["rights"].items()})
    shifts = proxies = None
    if "shifts" in known:
        shifts = {
            id_: ShiftSpan(**{**one, "began": ms(one["began"]), "ended": ms(one["ended"])}) for id_, one in known["shifts"].items()
        }
    if "proxies" in known:
        proxies = {
            id_: ProxySpan(frozenset(one["steps"]), ms(one["began"]), ms(one["ended"])) for id_, one in known["proxies"].items()
        }
    return Records(cards, blocking, rights, shifts, ms(known["shifts_since"]), proxies)


def right_of(grant):
    scope = ("all", "") if grant["scope"] == "everywhere" else ("station", grant["scope"])
    return Right(grant["role"], *scope, ms(grant["since"]), ms(grant["until"]))


def ms(moment):
    return moment and parse_moment(moment)
