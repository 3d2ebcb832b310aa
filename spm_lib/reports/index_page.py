"""``index.html``: the reports of a run on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from spm_lib.core.language import language
from spm_lib.reports.cells import Edition
from spm_lib.reports.html import HOUSE, render_page
from spm_lib.reports.run_record import Item
from spm_lib.reports.tongues import marked
from spm_lib.reports.writing import Writer
from spm_lib.workspace import Brand


def render_index(
    items: Sequence[Item],
    *,
    client: str,
    as_of: date,
    exported_on: date,
    edition: Edition,
    brand: Brand = HOUSE,
) -> str:
    """Return the page that links to all reports of a run, and says how fresh they are."""
    languages = {item.language: language(item.language) for item in items}
    return render_page(
        "index.html.j2",
        writer=Writer(edition),
        brand=brand,
        items=items,
        languages=languages,
        told_in=marked,
        client=client,
        as_of=as_of,
        exported_on=exported_on,
    )
