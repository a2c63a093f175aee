"""Photos and signatures: as safe as the entry that names them, sent by themselves, and in nobody's way."""

import base64
import hashlib
import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.tablet.conftest import Tablet
from tests.tablet.test_sync import expect_soon

RECORD = """async (sizes) => {
  const { attachmentOf } = await import("/tablet/app/attachments.js")
  const { record } = await import("/tablet/app/journal.js")
  const { entriesWait } = await import("/tablet/app/sync.js")
  const names = []
  for (const [seed, size] of sizes.entries()) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) % 251)
    const picture = await attachmentOf(new Blob([bytes], { type: "image/jpeg" }))
    const draft = { act: "note", operator: "st_1", station: "library", student: null, step: "library", saw: [], card: null }
    await record({ ...draft, attachments: [picture] }, { before: null, offset: 0, cursor: null })
    names.push(picture.sha256)
  }
  await entriesWait()
  return names
}"""
KEPT = "async () => (await import('/tablet/app/attachments.js')).waitingPictures()"


def record(tablet: Tablet, *sizes: int) -> list[str]:
    """Entries with a picture each, of so many bytes; the pictures' names."""
    names: list[str] = tablet.page.evaluate(RECORD, list(sizes))
    return names


def pictures(tablet: Tablet, count: int) -> Tablet:
    expect(tablet.page.locator("body")).to_have_attribute("data-pictures", str(count))
    return tablet


def test_a_picture_reaches_the_portal_and_leaves_the_tablet(tablet: Tablet) -> None:
    (name,) = record(tablet.ready(), 5_000)
    pictures(tablet.state("online", 0), 0)
    assert tablet.portal.own_entries()[0]["attachments"] == [name]
    assert hashlib.sha256(tablet.portal.pictures[name]).hexdigest() == name
    assert tablet.page.evaluate(KEPT) == []


def test_a_large_one_goes_in_parts_and_on_from_where_it_was_cut_off(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.refuse_pictures = [None, None, (503, "unavailable")]
    (name,) = record(tablet, 400_000)
    pictures(tablet.state("online", 0), 0)
    assert len(tablet.portal.pictures[name]) == 400_000
    assert tablet.portal.calls.count(name) == 7  # HEAD and two parts, the cut, HEAD and the last two


def test_without_network_it_stays_over_a_restart_and_the_line_says_so(tablet: Tablet) -> None:
    names = record(tablet.ready().ready_for_offline().offline(), 5_000, 6_000)
    pictures(tablet.state("offline", 2), 2)
    expect(tablet.page.locator("#line [data-slot=pictures]")).to_have_text("2 张图片")
    tablet.page.reload()
    pictures(tablet.at("scan"), 2).offline(False)
    pictures(tablet.state("online", 0), 0)
    assert set(tablet.portal.pictures) == set(names)


@pytest.mark.parametrize(("status", "code"), [(413, "upload-too-large"), (422, "invalid")])
def test_one_that_is_refused_holds_back_neither_entries_nor_others_and_is_kept(tablet: Tablet, status: int, code: str) -> None:
    tablet.ready()
    tablet.portal.refuse_pictures = [(status, code)]
    first, second = record(tablet, 5_000, 6_000)
    pictures(tablet.state("online", 0), 1)
    expect_soon(lambda: list(tablet.portal.pictures) == [second])
    assert tablet.page.evaluate(KEPT) == [first]
    assert len(tablet.portal.own_entries()) == 2


def test_a_full_disk_keeps_neither_entry_nor_picture(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """() => {
             const real = IDBObjectStore.prototype.put
             IDBObjectStore.prototype.put = function (...args) {
               if (this.name === "attachments") throw new DOMException("full", "QuotaExceededError")
               return real.apply(this, args)
             }
           }"""
    )
    problem: Any = tablet.page.evaluate(f"() => ({RECORD})([5000]).catch((error) => error.code)")
    assert problem == "disk-full"
    assert tablet.page.evaluate(KEPT) == []
    pictures(tablet.state("online", 0), 0)
    assert tablet.portal.own_entries() == []


def test_the_journal_file_holds_the_pictures_that_the_portal_lacks(tablet: Tablet) -> None:
    (sent,) = record(tablet.ready(), 5_000)
    pictures(tablet, 0).offline()
    (name,) = record(tablet, 7_000)
    assert name != sent
    tablet.page.locator("#line [data-action=about]").click()
    with tablet.page.expect_download() as download:
        tablet.press("export")
    file = tablet.read_json(download.value)
    assert len(file["entries"]) == 2
    ((picture),) = file["attachments"]
    assert (picture["sha256"], picture["type"]) == (name, "image/jpeg")
    assert hashlib.sha256(base64.b64decode(picture["data"])).hexdigest() == name


# In front of the graduate


def a_photo(number: int = 1, size: tuple[int, int] = (2400, 1800)) -> dict[str, Any]:
    """As a camera gives it, with words about the place in it."""
    image = Image.new("RGB", size, (200, 40 * number, 40))
    exif = image.getexif()
    exif[0x010F] = "A camera"
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def take(tablet: Tablet, file: dict[str, Any], count: int) -> None:
    tablet.page.locator("[data-part=file]").set_input_files([file])  # type: ignore[arg-type]
    expect(tablet.page.locator("fieldset.photos")).to_have_attribute("data-photos", str(count))


def test_a_hold_carries_photos_made_small_and_stripped(tablet: Tablet) -> None:
    tablet.ready().scan_card(1).press("hold").at("hold")
    take(tablet, a_photo(1), 1)
    take(tablet, a_photo(1), 1)  # the same again is one
    take(tablet, a_photo(2, (900, 1200)), 2)
    take(tablet, a_photo(3), 3)
    take(tablet, {"name": "x.txt", "mimeType": "text/plain", "buffer": b"no picture"}, 3)
    expect(tablet.page.locator("[data-slot=photo-problem]")).to_contain_text("不是本机能读取的图片")
    tablet.page.locator(".photo").nth(2).locator("[data-action=remove-photo]").click()
    expect(tablet.page.locator(".photo img")).to_have_count(2)
    tablet.page.locator("input[value=book-lost]").check()
    tablet.press("hold-confirm").at("done")
    pictures(tablet.state("online", 0), 0)
    (entry,) = tablet.portal.own_entries()
    kept = [Image.open(io.BytesIO(tablet.portal.pictures[name])) for name in entry["attachments"]]
    assert [(image.format, image.size, dict(image.getexif())) for image in kept] == [
        ("JPEG", (1600, 1200), {}),
        ("JPEG", (900, 1200), {}),
    ]


def test_a_note_is_written_without_network_and_leaves_the_way_back_open(tablet: Tablet) -> None:
    tablet.ready().offline().scan_card(1).press("confirm").at("done").scan_card(2).press("note").at("note")
    tablet.press("note-confirm")
    expect(tablet.page.locator("[data-slot=problem]:visible")).to_contain_text("请先填写内容")
    tablet.page.locator("textarea").fill("两册由同学代还")
    take(tablet, a_photo(), 1)
    tablet.press("note-confirm").at("done").press("next").at("scan")
    expect(tablet.page.locator("[data-part=last]")).to_contain_text("学生1")
    pictures(tablet.offline(False).state("online", 0), 0)
    note = tablet.portal.own_entries()[-1]
    assert (note["act"], note["student"], note["step"], note["reason"]) == ("note", "gr_000000002", "library", "两册由同学代还")
    assert set(note["attachments"]) == set(tablet.portal.pictures)
    tablet.scan_card(2).verdict("may-clear")
    expect(tablet.page.locator(".notes")).to_contain_text("备注：两册由同学代还（王老师，")


def test_a_full_disk_still_takes_the_decision_without_its_photos(tablet: Tablet) -> None:
    tablet.ready().page.evaluate(
        """() => {
             const real = IDBObjectStore.prototype.put
             IDBObjectStore.prototype.put = function (...args) {
               if (this.name === "attachments") throw new DOMException("full", "QuotaExceededError")
               return real.apply(this, args)
             }
           }"""
    )
    tablet.scan_card(1).press("hold").at("hold").page.locator("input[value=book-lost]").check()
    take(tablet, a_photo(), 1)
    tablet.press("hold-confirm").at("not-recorded").press("without-photos").at("done").state("online", 0)
    assert tablet.portal.own_entries()[0]["attachments"] == []


def test_the_shift_ends_with_a_word_about_pictures_that_wait(tablet: Tablet) -> None:
    tablet.ready()
    tablet.portal.refuse_pictures = [(413, "upload-too-large")]
    record(tablet, 5_000)
    pictures(tablet.state("online", 0), 1).press("today").at("today")
    expect(tablet.page.locator("[data-slot=pictures]:visible").last).to_contain_text("超过了离校平台接受的大小")
    tablet.page.locator("#line [data-action=operator]").click()
    tablet.at("operator").press("end").at("end")
    expect(tablet.page.locator("#screen section")).to_have_attribute("data-closing", "pictures")
