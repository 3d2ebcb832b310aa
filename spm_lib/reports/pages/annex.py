"""The annex of every report: what its numbers mean, what they were made from, what was odd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spm_lib.model import metric_ids
from spm_lib.model.names import TABLE_NAMES, notice_text
from spm_lib.reports.blocks import (
    Block,
    Definition,
    Definitions,
    NoticeEntry,
    Notices,
    Receipts,
    Section,
    TableReceipt,
)

if TYPE_CHECKING:
    from spm_lib.model import MetricId, Notice
    from spm_lib.reports.pages.page import Page


def definitions_of(page: Page) -> Section:
    """Return the definitions of all metrics that the page has printed so far."""
    entries = [_definition(m, page) for m in metric_ids() if m.id in page.printed]
    return _annexed(page, "Definitions", Definitions(edition=page.edition, entries=tuple(entries)))


def receipts_of(page: Page) -> Section:
    """Return the receipt of every table the client's data has."""
    company = page.company
    receipts = tuple(
        TableReceipt(table=name, label=page.text(label), receipt=company.receipt(name))
        for name, label in TABLE_NAMES.items()
        if company.has(name)
    )
    block = Receipts(edition=page.edition, receipts=receipts, as_of=company.as_of)
    return _annexed(page, "Receipts: what the numbers were made from", block)


def notices_of(page: Page) -> Section:
    """Return what was found odd in the data; none of it was mended in silence."""
    entries = tuple(_entry(notice, page) for notice in page.company.notices)
    block = Notices(edition=page.edition, notices=entries, as_of=page.company.as_of)
    return _annexed(page, "What to know about the data", block)


def _annexed(page: Page, title: str, block: Block) -> Section:
    made = Section(edition=page.edition, title=page.text(title), blocks=(block,), part="annex")
    return page.kept(made)


def _definition(metric: MetricId, page: Page) -> Definition:
    def say(text: str) -> str:
        told = page.text(text) if text else ""
        return told[:1].upper() + told[1:]

    return Definition(
        id=metric.id,
        name=say(metric.name),
        formula=say(metric.formula),
        reading=say(metric.reading),
        null_rule=say(metric.null_rule),
        source=page.text(metric.source) if metric.source else "",
    )


def _entry(notice: Notice, page: Page) -> NoticeEntry:
    return NoticeEntry(
        text=notice_text(notice, page.language),
        table=notice.table,
        column=notice.column,
        values=notice.values,
        rows=notice.rows,
        amount=notice.amount,
    )
