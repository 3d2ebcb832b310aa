"""How fast a person's what-if of pay answers: what this deal pays, as the page tells it.

``python -m benchmarks.my_pay [BROWSER]`` prints the section of docs/performance.md: the answer in
the page's process, and, with a Chromium, from the key to the repainted page.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.side_by_side import ROOT
from benchmarks.studio import browsed, served

_ROUNDS, _PEOPLE = 15, 8
_LOOKING = 120_000
_TYPE = """async (amount) => {
  const field = document.querySelector('.spm-pay .widget-text input');
  const told = document.querySelectorAll('.spm-pay > .widget-html')[3];
  const begun = performance.now();
  const seen = new Promise((done) => { const watch = new MutationObserver(() => {
    watch.disconnect(); requestAnimationFrame(() => done(performance.now() - begun)); });
    watch.observe(told, {subtree: true, childList: true, characterData: true}); });
  field.value = amount;
  field.dispatchEvent(new Event('input', {bubbles: true}));
  return seen;
}"""


def client(folder: Path) -> Path:
    """Write a copy of the sample company with the plan of docs/pay.md; return its file."""
    goal = folder / "client"
    shutil.copytree(ROOT / "data" / "sample", goal)
    (goal / "plans").mkdir()
    page = (ROOT / "docs" / "pay.md").read_text("utf-8")
    plan = page.split("```toml\n", 1)[1].split("```", 1)[0]
    (goal / "plans" / "field-2026.toml").write_text(plan, encoding="utf-8")
    return goal / "spm.toml"


def in_process(workspace: Path) -> list[float]:
    """Return milliseconds of each answer, of several people and amounts, with the page's text."""
    from spm_lib.dashboards import OwnPage
    from spm_lib.dashboards.told import SCOPE

    os.environ[SCOPE] = "company"
    page, found = OwnPage(language="en", workspace=workspace), []
    for _, rep in page.people[:: max(len(page.people) // _PEOPLE, 1)]:
        page.person.value = rep
        if page.pay is None:
            continue
        for number in range(_ROUNDS):
            begun = time.perf_counter()
            page.amount.value = f"{10_000 + 7_919 * number:,}"
            found.append(1000 * (time.perf_counter() - begun))
    return found


def in_browser(workspace: Path, path: str) -> list[float]:
    """Return milliseconds from typing an amount to the repainted answer."""
    with served(workspace) as address, browsed(path) as page:
        page.goto(address.replace("/targets", "/my_pay"), timeout=_LOOKING)
        page.wait_for_selector(".spm-pay .pay-lines td, .spm-pay .spm-said", timeout=_LOOKING)
        page.locator(".spm-pay select").first.select_option(index=3)
        page.wait_for_selector(".spm-pay .pay-lines td", timeout=_LOOKING)
        page.wait_for_timeout(500)
        return [page.evaluate(_TYPE, f"{20_000 + 6_151 * n}") for n in range(2 * _ROUNDS)]


def _row(name: str, found: Sequence[float]) -> str:
    ranked = sorted(found)
    high = ranked[min(round(0.95 * len(ranked)), len(ranked) - 1)]
    return f"| {name} | {len(ranked)} | {statistics.median(ranked):.0f} | {high:.0f} |"


def section(*, path: str = "") -> str:
    """Measure, and return the section of docs/performance.md."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = client(Path(folder))
        rows = [_row("in the page's process", in_process(workspace))]
        if path:
            rows.append(_row("key to repainted page, Chromium", in_browser(workspace, path)))
    table = "\n".join(rows)
    return f"""## My pay
An amount typed on the page of a person: the whole plan is worked out anew on the person's deals
with this one more, explained line by line, and told. The sample company.

| what this deal pays | answers | median, ms | 95th percentile, ms |
|---|---|---|---|
{table}
"""


if __name__ == "__main__":
    print(section(path=sys.argv[1] if len(sys.argv) > 1 else ""))
