"""Uploaded tables: what offices send is read, what cannot be read is refused with a code, and nothing ever fails otherwise."""

import contextlib
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.refusals import Invalid, Refusal, TooLarge
from db.tables import MOST_BYTES, MOST_ROWS, read_table

ROWS = (("学号", "姓名"), ("2020010101", "阿依努尔·吐尔逊"))
TEXT = "学号,姓名\r\n2020010101,阿依努尔·吐尔逊\r\n"


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_usual_encoding(encoding):
    assert read_table(TEXT.encode(encoding)).rows == ROWS


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separator_is_found(separator):
    assert read_table(TEXT.replace(",", separator).encode()).rows == ROWS


def test_characters_beyond_gbk_survive_gb18030():
    assert read_table("学号,姓名\n1,杜春𬱖\n".encode("gb18030")).rows[1] == ("1", "杜春𬱖")


def test_a_workbook_is_read_as_text():
    rows = read_table(workbook(("学号", "姓名"), (2020010101, " 阿依努尔·吐尔逊 "))).rows
    assert rows == ROWS


def test_a_blank_line_keeps_its_number():
    assert read_table("学号,姓名\n\n1,甲\n".encode()).rows[2] == ("1", "甲")


def test_a_formula_is_not_evaluated_but_reported():
    table = read_table(workbook(("学号", "姓名"), ("1", '=CONCATENATE("甲","乙")')))
    assert [(fault.row, fault.cell, fault.code) for fault in table.faults] == [(2, 1, "formula")]
    assert table.rows[1] == ("1", "")


def test_a_long_number_that_a_spreadsheet_cut_is_reported():
    table = read_table(workbook(("身份证号",), (990000200109010011,)))
    assert table.faults[0].code == "digits-lost"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table-empty"),
        (b"\n\n , \n", "table-empty"),
        (b"\xff\xff\xff\x00\x81", "table-encoding"),
        (b"PK\x03\x04 this is no workbook", "table-unreadable"),
        (b'a,b\n"' + b"x" * 200_000, "table-unreadable"),
    ],
)
def test_what_is_no_table_is_refused(content, code):
    with pytest.raises(Invalid) as refused:
        read_table(content)
    assert refused.value.code == code


def test_a_file_of_more_than_ten_megabytes_is_refused():
    with pytest.raises(TooLarge):
        read_table(b"1" * (MOST_BYTES + 1))


def test_a_file_of_too_many_rows_is_refused():
    with pytest.raises(TooLarge) as refused:
        read_table(b"1\n" * (MOST_ROWS + 2))
    assert refused.value.code == "too-many-rows"


def test_a_workbook_that_unpacks_beyond_measure_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"xl/{number}.xml", b" " * (40 * 2**20))
    with pytest.raises(TooLarge):
        read_table(out.getvalue())


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(content):
    with contextlib.suppress(Refusal):
        read_table(content)


SOUND = workbook(("学号", "姓名"), ("1", "甲"), ("2", 3.5))
DAMAGE = st.lists(st.tuples(st.integers(4, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(DAMAGE)
def test_no_damage_to_a_workbook_makes_it_fail(damage):
    content = bytearray(SOUND)
    for place, value in damage:
        content[place] = value
    with contextlib.suppress(Refusal):
        read_table(bytes(content))
