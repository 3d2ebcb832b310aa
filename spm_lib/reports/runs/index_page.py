"""``index.html``: the reports of a run on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from spm_lib.core.language import Language, language
from spm_lib.reports.cells import Edition
from spm_lib.reports.html.render import HOUSE, render_page
from spm_lib.reports.html.tongues import marked
from spm_lib.reports.runs.run_record import Item, RunRecord
from spm_lib.reports.scopes import COMPANY
from spm_lib.reports.writing import Writer
from spm_lib.store import ClientFolder, write_whole
from spm_lib.workspace import Brand, load_brand

if TYPE_CHECKING:
    from spm_lib.model import Company

KINDS = (COMPANY, "team", "manager", "rep")


def write_index(record: RunRecord, company: Company) -> None:
    """Write the page that links to every report of the folder.

    It is in the workspace's language, or in the reports' where none of them is in that.
    """
    items = list(record.items.values())
    written = [item.language for item in items]
    own = company.settings.workspace.language
    own = own if own in written or not written else written[0]
    page = render_index(
        items,
        client=company.settings.workspace.name,
        as_of=company.as_of,
        exported_on=company.exported_on,
        edition=Edition.model_validate({"language": own, "currency": company.currency}),
        brand=load_brand(ClientFolder.of(company.settings.path).brand),
    )
    write_whole(record.folder.index, page)


def render_index(
    items: Sequence[Item],
    *,
    client: str,
    as_of: date,
    exported_on: date,
    edition: Edition,
    brand: Brand = HOUSE,
) -> str:
    """Return the page that links to all reports of a run, and says how fresh they are.

    Reports of the company come first, each with its headline, under the name of their language
    where there are several, and in its direction; those for people, teams and parts follow as a
    list.
    """
    own = edition.language
    ordered = sorted(items, key=lambda i: (i.language != own, i.language, i.order, i.folder))
    languages = {item.language: language(item.language) for item in items}
    return render_page(
        "index.html.j2",
        writer=Writer(edition),
        brand=brand,
        tongues=_by_language(ordered),
        others=sorted(
            (item for item in ordered if item.scope != COMPANY),
            key=lambda i: (_kind(i.scope), i.report, i.who, i.scope, i.language),
        ),
        languages=languages,
        told_in=marked,
        client=client,
        as_of=as_of,
        exported_on=exported_on,
    )


def _by_language(ordered: Sequence[Item]) -> list[tuple[Language, list[Item]]]:
    """Return the company's reports of each language, in the order given."""
    whole = [item for item in ordered if item.scope == COMPANY]
    return [
        (language(code), list(group)) for code, group in groupby(whole, key=lambda i: i.language)
    ]


def _kind(scope: str) -> int:
    kind = scope.partition(":")[0]
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
