"""The desk's work: set up, choose who works, scan, decide, undo."""

from tests.tablet.conftest import Tablet


def test_a_tablet_is_set_up_once_and_signs_off_a_scanned_card(tablet: Tablet) -> None:
    tablet.ready()
    tablet.scan(tablet.portal.card("gr_000000001")).at("verdict").verdict("may-clear")
    tablet.press("confirm").at("done")
    tablet.state("online", 0)
    (entry,) = tablet.portal.own_entries()
    assert (entry["act"], entry["student"], entry["operator"], entry["card"]) == ("clear", "gr_000000001", "st_1", {"gen": 1, "via": "scan"})
