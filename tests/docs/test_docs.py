"""What the documents say is there, is there."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

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


def test_every_command_named_exists(document: Path) -> None:
    assert words_after("clearance", document) - commands() == set()


def words_after(program: str, document: Path) -> set[str]:
    """The first words that follow a program's name where it begins a piece or a line of code."""
    pattern = re.compile(rf"(?:^|[\n;&|$]\s*|bin/){program} ([a-z][a-z-]*)")
    return {word for piece in markdown.code(document.read_text()) for word in pattern.findall(piece)}


@cache
def commands() -> set[str]:
    said = subprocess.run([sys.executable, "-m", "portal.cli", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.search(r"\{([a-z,-]+)\}", said.stdout)
    assert listed, said.stdout
    return set(listed.group(1).split(","))


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = (markdown.headings(readme.read_text()) for readme in READMES)
    assert [level for level, _ in english] == [level for level, _ in chinese]


@pytest.mark.parametrize("readme", READMES, ids=named)
def test_the_two_commands_stand_on_the_first_screen(readme: Path) -> None:
    first_screen = "\n".join(readme.read_text().splitlines()[:20])
    assert "make demo" in first_screen
    assert "make test" in first_screen
