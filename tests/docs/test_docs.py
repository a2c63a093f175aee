"""What the documents say is there, is there."""

import argparse
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from portal.cli import parser as command_line
from tests.docs import markdown
from tests.docs.files import ROOT, named, tracked

DOCUMENTS = tracked("*.md")
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


@pytest.fixture(params=DOCUMENTS, ids=named)
def document(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_every_link_leads_somewhere(document: Path) -> None:
    assert [link for link in markdown.links(document.read_text()) if not leads_somewhere(document, link)] == []


def leads_somewhere(document: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True  # another site's: not ours to promise
    name, _, fragment = unquote(link).partition("#")
    target = (document.parent / name).resolve() if name else document
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not fragment or target.suffix != ".md" or fragment in markdown.anchors(target.read_text())


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = list(READMES)
    while waiting:
        page = waiting.pop()
        reached.add(page)
        targets = {(page.parent / unquote(link).partition("#")[0]).resolve() for link in markdown.links(page.read_text())}
        waiting += [target for target in targets - reached if target.suffix == ".md" and target.exists()]
    assert [named(page) for page in DOCUMENTS if page.is_relative_to(ROOT / "docs") and page not in reached] == []


def test_every_make_target_named_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert words_after("make", document) - targets == set()


def test_every_command_and_option_named_exists(document: Path) -> None:
    assert [line for line in lines_of("clearance", document) if not understood(line.split())] == []


def test_every_decision_has_a_number_of_its_own_and_every_heading_room() -> None:
    text = (ROOT / "docs/decisions.md").read_text()
    numbers = re.findall(r"^(\d+)\. ", text, re.MULTILINE)
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert re.findall(r"[^\n]\n## .*", text) == []


def test_no_change_is_told_twice() -> None:
    changes = re.findall(r"^- .*", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    beginnings = Counter(" ".join(change.split()[:7]) for change in changes)
    assert [beginning for beginning, times in beginnings.items() if times > 1] == []


def test_this_check_sees_what_it_is_for() -> None:
    assert understood(["demo", "--port", "9000"])
    assert not understood(["conjure"])
    assert not understood(["demo", "--faster"])


def understood(words: list[str]) -> bool:
    """Whether the command line knows these words, as far as they are names of commands and options."""
    parser = command_line()
    while words and (choices := subcommands(parser)) and re.fullmatch("[a-z][a-z-]*", words[0]):
        if words[0] not in choices:
            return False
        parser, words = choices[words[0]], words[1:]
    known = parser.format_help()
    return all(option in known for option in re.findall(r"(?<!\S)--[a-z-]+", " ".join(words)))


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return next((action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)), {})


def words_after(program: str, document: Path) -> set[str]:
    return {line.split()[0] for line in lines_of(program, document) if re.match("[a-z]", line)}


def lines_of(program: str, document: Path) -> list[str]:
    """What follows a program's name, to the end of its command, where it begins a piece or a line of code."""
    pattern = re.compile(rf"(?:^|[\n;&|$(]\s*|bin/){program} +([^\n`;&|()#]+)")
    return [line for piece in markdown.code(document.read_text()) for line in pattern.findall(piece)]


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = (markdown.headings(readme.read_text()) for readme in READMES)
    assert [level for level, _ in english] == [level for level, _ in chinese]


@pytest.mark.parametrize("readme", READMES, ids=named)
def test_the_two_commands_stand_on_the_first_screen(readme: Path) -> None:
    first_screen = "\n".join(readme.read_text().splitlines()[:20])
    assert "make demo" in first_screen
    assert "make test" in first_screen
