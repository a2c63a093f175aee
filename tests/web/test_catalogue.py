"""The catalogue's tool: adds, fills, drops and compiles, in a stable order."""

import pytest
from babel.messages.mofile import read_mo

from web import catalogue

HEADER = 'msgid ""\nmsgstr ""\n"Language: zh\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A small product of its own: one template, one module, an empty catalogue."""
    (tmp_path / "portal").mkdir()
    (tmp_path / "templates").mkdir()
    po = tmp_path / "zh" / "messages.po"
    po.parent.mkdir()
    po.write_text(HEADER)
    (tmp_path / "templates" / "a.html").write_text("{{ _('Zebra') }}{{ ngettext('%(num)d cat', '%(num)d cats', 3) }}")
    (tmp_path / "portal" / "a.py").write_text("x = _('Apple')\n")
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    monkeypatch.setattr(catalogue, "CHINESE", po)
    monkeypatch.setattr(catalogue, "SOURCES", ("portal", "templates"))
    return tmp_path


def english_of(found):
    return [catalogue._key(entry) for entry in found if entry.id]


def test_update_adds_what_is_new_in_order_and_again_changes_nothing(tree):
    assert catalogue.update() == 3
    first = catalogue.CHINESE.read_text()
    assert first.index("%(num)d cat") < first.index("Apple") < first.index("Zebra")
    assert "portal/a.py" not in first
    assert catalogue.update() == 3
    assert catalogue.CHINESE.read_text() == first


def test_fill_takes_chinese_and_names_what_nobody_says(tree):
    assert catalogue.fill({"Apple": "苹果", "%(num)d cat": "%(num)d 只猫", "Moon": "月"}) == ["Moon"]
    assert english_of(catalogue.missing(catalogue.read())) == ["Zebra"]


def test_prune_drops_what_no_code_says_any_more(tree):
    catalogue.update()
    (tree / "portal" / "a.py").write_text("")
    assert catalogue.prune() == ["Apple"]
    assert "Apple" not in english_of(catalogue.read())


def test_compiling_happens_when_the_source_is_newer(tree):
    catalogue.fill({"Apple": "苹果"})
    catalogue.ensure_compiled()
    compiled = catalogue.CHINESE.with_suffix(".mo")
    with compiled.open("rb") as file:
        assert read_mo(file).get("Apple").string == "苹果"
    stamp = compiled.stat().st_mtime_ns
    catalogue.ensure_compiled()
    assert compiled.stat().st_mtime_ns == stamp
    catalogue.fill({"Apple": "大苹果"})
    catalogue.ensure_compiled()
    with compiled.open("rb") as file:
        assert read_mo(file).get("Apple").string == "大苹果"


def test_an_unknown_command_says_how_it_is_used(tree, capsys):
    assert catalogue.main(["dance"]) == 2
    assert "python -m web.i18n update" in capsys.readouterr().err
