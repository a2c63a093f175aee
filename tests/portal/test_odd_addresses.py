"""Addresses as nobody's link writes them: each is a page or a refusal that says why, never a fault."""

import io

from db.uploads import Upload
from tests.cast import ADMIN

pytest_plugins = ["tests.portal.form_fixtures"]

ODD: dict[str, tuple[str, ...]] = {
    "": ("/proxy-card/links/%00", "/proxy-card/%00"),
    "lin": (
        "/forms?step=%00&page=%00", "/forms/approvals?clean=1&step=%00", "/forms/approvals?form=%00&form=99999999999",
        "/help?state=%00", "/reminders/new?number=%00", "/reminders/new?class=%00&need=%00&step=%00", "/sent?who=%00",
        "/sent?until=9999-12-31", "/sent?since=0001-01-01", "/class-desk/calendar?step=%00", "/class-desk/calendar?class=%00",
    ),
    ADMIN: (
        "/paper?place=library/library&find=%00", "/paper?place=%00&class=%00", "/custody?step=%00&college=%00",
        "/graduates?%00=%00", "/approvals?q=%00", "/approvals/%00", "/sent?by=%00", "/sent/export.csv?until=9999-12-31",
    ),
    "auditor": ("/audit?until=9999-12-31",),
    "an": ("/me/help?step=%00", "/me/help/2147483648", "/me/proxy/%00", "/me/proxy/%00/card.png", "/me/steps/%00"),
}  # fmt: skip


def test_no_form_and_no_file_name_brings_what_no_database_can_hold(yard, season):
    yard.sign_in_as(ADMIN)
    assert yard.send("/custody/diploma/moves", to="\0", all="1").status_code in (404, 422)
    assert yard.send("/custody/diploma/moves", to="x\0", classes=["1", "\0"], college="\0").status_code in (404, 422)
    table = (io.BytesIO("学号,姓名,学院,班级\n1,甲,乙,丙\n".encode()), "a\0b.csv")
    answer = yard.send("/roster/uploads", file=table)
    assert answer.status_code in (303, 422)
    assert "\0" not in str([upload.name for upload in Upload.select()])


def test_an_odd_address_is_a_page_or_a_refusal(yard, season):
    found = {}
    for who, paths in ODD.items():
        if who:
            yard.sign_in_as(season.an.number if who == "an" else who)
        found |= {path: yard.get(path).status_code for path in paths}
    assert {path: status for path, status in found.items() if status not in (200, 303, 404, 422)} == {}
