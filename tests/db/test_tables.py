"""Uploaded tables: what offices send is read, what cannot be read is refused with a code, and nothing ever fails otherwise."""

import contextlib
import io
import itertools
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import tables
from db.refusals import Invalid, Refusal, TooLarge
from db.tables import MOST_BYTES, MOST_ROWS, read_table
from db.workbook_alone import MEMORY, MOST_CELLS

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


@settings(max_examples=4, deadline=None)
@given(DAMAGE)
def test_no_damage_to_a_workbook_makes_it_fail(damage):
    content = bytearray(SOUND)
    for place, value in damage:
        content[place] = value
    with contextlib.suppress(Refusal):
        read_table(bytes(content))


# ── Workbooks, honest and hostile, in a process of their own ────────────────────────────────────────────────────────


def test_every_kind_of_cell_is_text_or_a_reported_fault():
    moment = datetime(2023, 6, 26, 10, 30)
    cells = (True, 3.5, 7.0, date(2023, 6, 26), moment, time(8, 0), timedelta(hours=25), 0.12, "  x ", None, "last")
    table = read_table(workbook(cells))
    assert table.rows[0][:6] == ("1", "3.5", "7", "2023-06-26", "2023-06-26T10:30:00", "08:00:00")
    assert (table.rows[0][7:], table.faults) == (("0.12", "x", "", "last"), ())


@pytest.fixture
def patient(monkeypatch):
    """Other work on this machine may come first for minutes: a reader is not ended for that."""
    monkeypatch.setattr(tables, "SECONDS", 600)


def test_a_workbook_that_a_whole_college_keeps_is_read(patient):
    """6,000 rows of 30 columns: half as much again as the largest season."""
    wide = [tuple(f"列{column} 的内容 {row}" for column in range(30)) for row in range(6_000)]
    assert read_table(workbook(*wide)).rows == tuple(wide)


def archive(shared="", rows="<row r='1'><c r='A1' t='s'><v>0</v></c></row>"):
    """A workbook made by hand, of these shared strings and rows."""
    head, main = "<?xml version='1.0'?>", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office, packaged = (f"http://schemas.openxmlformats.org/{kind}/2006/" for kind in ("officeDocument", "package"))
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml.%s+xml"

    def relations(*targets):
        each = (f"<Relationship Id='r{n}' Type='{office}relationships/{k}' Target='{t}'/>" for n, (k, t) in enumerate(targets))
        return f"{head}<Relationships xmlns='{packaged}relationships'>{''.join(each)}</Relationships>"

    parts = {
        "[Content_Types].xml": f"{head}<Types xmlns='{packaged}content-types'>"
        f"<Override PartName='/xl/workbook.xml' ContentType='{types % 'sheet.main'}'/>"
        f"<Override PartName='/xl/sharedStrings.xml' ContentType='{types % 'sharedStrings'}'/></Types>",
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "sheet.xml"), ("sharedStrings", "sharedStrings.xml")),
        "xl/workbook.xml": f"{head}<workbook xmlns='{main}' xmlns:r='{office}relationships'>"
        "<sheets><sheet name='a' sheetId='1' r:id='r0'/></sheets></workbook>",
        "xl/sheet.xml": f"{head}<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"{head}{{}}<sst xmlns='{main}'>{shared}</sst>".format(ENTITIES if "&" in shared else ""),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return out.getvalue()


LETTERS = "abcdefgh"
ENTITIES = (
    "<!DOCTYPE s [<!ENTITY a '" + "x" * 1000 + "'>"
    + "".join(f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in itertools.pairwise(LETTERS)) + "]>"
)  # fmt: skip
BOMBS = {
    "columns": lambda: archive(rows=f"<row r='1'>{'<c/>' * 3_000_000}</row>"),
    "strings": lambda: archive(shared=f"<si>{'<r><t/></r>' * 3_000_000}</si>"),
    "entities": lambda: archive(shared="<si><t>&h;</t></si>"),
}


def test_the_workbook_made_by_hand_is_one():
    assert read_table(archive(shared="<si><t>学号</t></si>")).rows == (("学号",),)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_small_workbook_that_grows_is_refused_and_takes_bounded_memory(bomb):
    """The largest process that this test waits for, told by a process that starts it and nothing else."""
    content = BOMBS[bomb]()
    assert len(content) < 100_000
    measure = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], capture_output=True, input=sys.stdin.buffer.read());"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, done.returncode, done.stdout.decode())"
    )
    done = subprocess.run([sys.executable, "-c", measure, *tables._command()], input=content, capture_output=True, check=True)
    peak, status, *_told = done.stdout.decode().split()
    assert 0 < int(peak) <= MEMORY
    assert status != "0"
    with pytest.raises(Invalid) as refused:
        read_table(content)
    assert refused.value.code in ("table-too-heavy", "table-unreadable")


def test_too_many_filled_cells_are_refused(patient):
    row = "<row>" + "<c><v>1</v></c>" * 64 + "</row>"
    with pytest.raises(TooLarge) as refused:
        read_table(archive(rows=row * (MOST_CELLS // 64 + 1)))
    assert refused.value.code == "too-many-cells"


def test_a_workbook_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(tables, "SECONDS", 0.01)
    with pytest.raises(Invalid) as refused:
        read_table(SOUND)
    assert refused.value.code == "table-too-heavy"


@pytest.mark.parametrize("said", ["<script>", "[[[1]],[]]", "[[],[[1,1,\"evil\"]]]", "null", "[]", '[[["a"]]]'])
def test_what_a_broken_process_says_is_not_believed(monkeypatch, said):
    monkeypatch.setattr(tables, "_command", lambda: ["sh", "-c", 'printf %s "$0"', said])
    with pytest.raises(Invalid) as refused:
        read_table(SOUND)
    assert refused.value.code == "table-unreadable"
