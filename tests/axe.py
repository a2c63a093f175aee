"""What axe finds on a page. Its script is injected once for each document, and only what is wrong comes back: that saves time."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SERIOUS = ("serious", "critical")
RUN = "options => axe.run(options).then(({ violations }) => violations)"


def violations(page: Page, *tags: str) -> list[str]:
    """One line for each element at fault. With `tags`, every fault against these standards; else the serious and critical ones."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    options = {"resultTypes": ["violations"], **({"runOnly": list(tags)} if tags else {})}
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in page.evaluate(RUN, options)
        if tags or each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
