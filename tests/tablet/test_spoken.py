"""What was said to a screen reader about somebody is nowhere to be found once nobody may look at people here."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
from tests.tablet.test_sync import WAKE

PAGE = "() => document.documentElement.outerHTML"


def the_shift_ends(tablet: Tablet) -> None:
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("end").at("end").press("end").at("operator")


def the_data_expires(tablet: Tablet) -> None:
    tablet.portal.hold("changes")
    tablet.page.evaluate("""async () => {
      const { editMeta } = await import("/tablet/app/store.js")
      await editMeta(["snapshot"], ({ snapshot }) => ({ snapshot: { ...snapshot, expires: new Date(0).toISOString() } }))
    }""")
    tablet.page.evaluate(WAKE)
    tablet.at("operator")


def the_tablet_is_withdrawn(tablet: Tablet) -> None:
    tablet.portal.revoked = True
    tablet.page.evaluate(WAKE)
    tablet.at("revoked")


def it_is_locked(tablet: Tablet) -> None:
    tablet.lock()


WAYS = (the_shift_ends, the_data_expires, the_tablet_is_withdrawn, it_is_locked)


@pytest.mark.parametrize("over", WAYS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("recorded", [False, True], ids=["verdict", "record"])
def test_nothing_on_the_page_names_who_was_spoken_of(over: Callable[[Tablet], None], recorded: bool, tablet: Tablet) -> None:
    tablet.portal.expires = timedelta(hours=3)
    tablet.ready().scan_card(1).verdict("may-clear")
    spoken = "可以办结 学生1"
    if recorded:
        tablet.press("confirm").at("done").state("online", 0)
        spoken = "办结 学生1 图书归还"
    expect(tablet.page.locator("#spoken")).to_have_text(spoken)
    over(tablet)
    expect(tablet.page.locator("#spoken")).to_have_text("")
    assert "学生1" not in tablet.page.evaluate(PAGE)
