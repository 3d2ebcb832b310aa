"""The mix of deals: what each person's deals consist of, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.model.names import column_heading
from spm_lib.reports.blocks import Column, Section, Sentence
from spm_lib.reports.cells import Number, words
from spm_lib.reports.pages.page import number
from spm_lib.reps import RepComparison

if TYPE_CHECKING:
    from spm_lib.reports.pages.reps_page import RepsPage

MOST_PARTS = 6


def mix_of(page: RepsPage) -> Section:
    """Return what each person's deals consist of, against the company's."""
    assert isinstance(page.outcome, RepComparison)
    columns = page.outcome.mix["column"].unique(maintain_order=True).to_list()
    notes = [
        Sentence(text=column.statement.tell(page.language))
        for column in page.outcome.mix_columns
        if column.statement
    ]
    if not columns:
        text = page.say(
            "The deals carry no column, such as segment, source or product, by which their "
            "mix could be told."
        )
        return page.section("Mix of deals", page.paragraph(text, tone="missing"))
    return page.section("Mix of deals", page.paragraph(*notes), *(_table(page, c) for c in columns))


def largest_first(mix: pl.DataFrame) -> list[str | None]:
    """Return the values of a column of the mix, by their share and, where it is the same, by name.

    Examples
    --------
    >>> mix = pl.DataFrame({"value": ["b", "c", "a", "b"], "company_share": [0.2, 0.6, 0.2, 0.2]})
    >>> largest_first(mix)
    ['c', 'a', 'b']
    """
    order = {"descending": [True, False], "nulls_last": True}
    return mix.unique("value").sort("company_share", "value", **order)["value"].to_list()


def _table(page: RepsPage, column: str) -> Any:
    assert isinstance(page.outcome, RepComparison)
    frame = page.outcome.mix.filter(pl.col("column") == column)
    values = largest_first(frame)[:MOST_PARTS]
    named = _names_in(page, column)

    def told(metric: str, rep: str, value: str | None) -> Number | None:
        return number(page.told(metric, column=column, value=value or "", rep_id=rep))

    people = page.people
    first = people["rep_id"][0]
    rows = [
        [
            words(page.text(_whole(page)), strong=True),
            *(told("rep.mix.company_share", first, v) for v in values),
        ],
        *(
            [words(row["label"]), *(told("rep.mix.share", row["rep_id"], v) for v in values)]
            for row in people.iter_rows(named=True)
        ),
    ]
    heads = [
        Column(title="Person"),
        *(
            Column(title=(named.get(v) or v) if v else "Not filled", kind="ratio", decimals=0)
            for v in values
        ),
    ]
    made, title = page.table(heads, rows), column_heading(column, page.language)
    return made and made.model_copy(update={"title": title})  # a name, and no message


def _whole(page: RepsPage) -> str:
    return "These people together" if page.company.scoped else "Company"


def _names_in(page: RepsPage, column: str) -> dict[str, str]:
    """Return the names to print for the ids in a column of keys; none for other columns."""
    if column != "product_id" or not page.known("products"):
        return {}
    products = page.company.table("products").select("product_id", "name").drop_nulls()
    return dict(products.iter_rows())
