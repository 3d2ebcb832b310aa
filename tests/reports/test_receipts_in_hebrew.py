"""What was set aside, in a Hebrew page: each number stands after its reason, in real Chromium."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from spm_lib.model import Receipt, SetAside
from spm_lib.reports.blocks import Receipts, Section, TableReceipt
from spm_lib.reports.cells import Edition
from spm_lib.reports.document import build_document
from spm_lib.reports.html.render import render_document

from .browsing import Visit, opened_browser

ASIDE = {
    "unreadable amount": SetAside(7, None),
    "unreadable created_at": SetAside(2, 4_346_600),
}
PLACES = """() => [...document.querySelectorAll('table.receipts td div')].map(div => {
  const found = {text: div.textContent};
  const walker = document.createTreeWalker(div, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    for (const [name, pattern] of [['reason', /(הסכום|היצירה)/], ['rows', /^[27]$/],
                                   ['money', /43,466/]]) {
      const hit = node.textContent.match(pattern);
      if (!hit) continue;
      const range = document.createRange();
      range.setStart(node, hit.index); range.setEnd(node, hit.index + hit[0].length);
      const box = range.getBoundingClientRect();
      found[name] = [box.left, box.right];
    }
  return found;
})"""


@pytest.mark.slow
def test_each_number_stands_after_its_reason(tmp_path: Path) -> None:
    """`unreadable amount: 1` was read as "in-1 :amount"."""
    edition = Edition(language="he")
    told = TableReceipt(table="opportunities", label="עסקאות", receipt=Receipt(20, ASIDE))
    block = Receipts(edition=edition, receipts=(told,), as_of=date(2026, 9, 30))
    section = Section(edition=edition, title="קבלות", blocks=(block,), part="annex")
    page = tmp_path / "page.html"
    page.write_text(render_document(build_document([section], title="x")), encoding="utf-8")
    with opened_browser() as browser:
        visit = Visit(browser, page)
        first, second = visit.page.evaluate(PLACES)
        visit.close()
    for line in (first, second):
        assert line["reason"][0] >= line["rows"][1] - 1, line  # read from right to left
    assert second["rows"][0] >= second["money"][1] - 1, second
