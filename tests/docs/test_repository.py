"""House rules that no other tool checks."""

import re
from pathlib import Path

import pytest

from tests.docs.files import ROOT, named, tracked

VENDORED = sorted(path for path in (ROOT / "static" / "vendor").iterdir() if path.is_dir())
TEMPLATES = tracked("templates/*.html", "templates/*.svg", "static/*.html", ":!static/vendor")
MODULES = tracked("static/*.js", "static/*.mjs", ":!static/vendor")

# Each would be refused by the content security policy, or would need it to be weaker.
FORBIDDEN_IN_TEMPLATES = {
    "inline style": r"<[^>]*\sstyle\s*=",
    "style element": r"<style\b",
    "inline handler": r"<[^>]*\son[a-z]+\s*=",
    "script without src": r"<script\b(?![^>]*\ssrc\s*=)(?![^>]*type\s*=\s*[\"']application/(ld\+)?json)[^>]*>",
    "script address": r"=\s*[\"']?\s*javascript:",
    "htmx that evaluates": r"\shx-on\b|\shx-(vals|vars|headers)\s*=\s*[\"']\s*js:|\shx-trigger\s*=\s*[\"'][^\"']*\[",
}
FORBIDDEN_IN_MODULES = {"eval": r"(?<![\w.])eval\s*\(", "code from a string": r"\bnew\s+Function\b"}
# Written so that this file does not name them itself.
FORBIDDEN_ANYWHERE = {
    "path of one machine": r"(?<![\w.*])/(?:work|root)/\w",
    "package registry": r"files\.python" + r"hosted|registry\.npm" + r"js|--(?:extra-)?index" + r"-url|\[\[tool\.uv\.index",
}


def faults(path: Path, patterns: dict[str, str]) -> list[str]:
    text = re.sub(r"\{#.*?#\}|<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
    return [f"{named(path)}: {name}" for name, pattern in patterns.items() if re.search(pattern, text, re.IGNORECASE)]


def test_no_template_needs_a_weaker_content_security_policy() -> None:
    assert [fault for path in TEMPLATES for fault in faults(path, FORBIDDEN_IN_TEMPLATES)] == []


def test_no_module_evaluates_text() -> None:
    assert [fault for path in MODULES for fault in faults(path, FORBIDDEN_IN_MODULES)] == []


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color:red">',
        "<style>p {}</style>",
        '<a onclick="go()">',
        "<script>go()</script>",
        "<a href='javascript:go()'>",
        '<form hx-on:click="go()">',
        '<i hx-trigger="click[ctrlKey]">',
    ],
)
def test_these_checks_see_what_they_are_for(markup: str) -> None:
    assert any(re.search(pattern, markup, re.IGNORECASE) for pattern in FORBIDDEN_IN_TEMPLATES.values())


def test_nothing_names_one_machine_or_a_registry() -> None:
    texts = [path for path in tracked(":!static/vendor") if path.suffix not in {".png", ".jpg", ".ttf", ".wasm", ".ico", ".xlsx"}]
    assert [fault for path in texts for fault in faults(path, FORBIDDEN_ANYWHERE)] == []


@pytest.mark.parametrize("folder", VENDORED, ids=named)
def test_what_is_vendored_has_its_licence_and_version(folder: Path) -> None:
    assert (folder / "LICENSE").read_text().strip()
    package, version = (folder / "VERSION").read_text().split()
    row = next(line for line in (folder.parent / "README.md").read_text().splitlines() if line.startswith(f"| `{folder.name}/`"))
    assert [cell.strip() for cell in row.split("|")][2:4] == [package, version]


def test_migrations_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in (ROOT / "db" / "migrations").glob("[0-9]*.py"))
    assert [name.split("_")[0] for name in names] == [f"{number:03}" for number in range(1, len(names) + 1)]
