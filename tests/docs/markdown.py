"""Just enough Markdown to check it: links, anchors, code."""

import re

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)


def links(text: str) -> list[str]:
    return LINK.findall(CODE.sub("", FENCE.sub("", text)))


def headings(text: str) -> list[tuple[int, str]]:
    """Level and words of each heading."""
    return [(len(marks), words) for marks, words in HEADING.findall(FENCE.sub("", text))]


def anchors(text: str) -> set[str]:
    """The fragment names that a forge gives to the headings."""
    found: set[str] = set()
    for _, words in headings(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words).lower()
        base = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        numbered = (base if not again else f"{base}-{again}" for again in range(99))
        found.add(next(name for name in numbered if name not in found))
    return found


def code(text: str) -> list[str]:
    """Every piece of code: whole fenced blocks, and what stands in backquotes."""
    return [match.group(0) for match in FENCE.finditer(text)] + CODE.findall(FENCE.sub("", text))
