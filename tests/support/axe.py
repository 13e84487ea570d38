"""What axe-core finds on a page (WCAG 2.2 AA)."""

from __future__ import annotations

from pathlib import Path

from tests.support.people_in_browsers import Person

AXE = Path(__file__).resolve().parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(person: Person, where: str) -> list[str]:
    """What axe finds on the page as it is now."""
    page = person.page
    page.wait_for_timeout(200)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']}).then((all) => "
        "all.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ') + ' ' + "
        "(node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? '')).slice(0, 3).join(' | ')))",
        TAGS,
    )
    return [f"{where}: {line}" for line in found]
