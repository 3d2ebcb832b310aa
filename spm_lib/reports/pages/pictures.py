"""Charts as blocks of a page: each is drawn while the next one is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.digits import settled
from spm_lib.model import Figure
from spm_lib.reports.blocks import Chart, Sentence, Text
from spm_lib.reports.plot import Plot

if TYPE_CHECKING:
    from spm_lib.reports.pages.page import Page


@dataclass(frozen=True, eq=False)
class Picture:
    """A chart as altair has it, and what else the page says of it (see ``Page.chart``)."""

    drawn: Any
    title: str
    data: pl.DataFrame
    figures: tuple[Figure, ...] = ()
    note: str = ""
    plot: Plot | None = None


def charts_of(page: Page, pictures: Iterable[Picture]) -> list[Chart | Text]:
    """Return pictures as blocks, in order; where one shows nothing but zeros, its finding."""
    from spm_lib.charts import svgs

    shown: list[Picture] = []

    def drawn() -> Iterator[Any]:
        for picture in pictures:
            shown.append(picture)
            if not _nothing_in(picture.data):
                yield picture.drawn

    drawings = iter(svgs(drawn()))
    return [
        _said(page, picture) if _nothing_in(picture.data) else _chart(page, picture, next(drawings))
        for picture in shown
    ]


def _said(page: Page, picture: Picture) -> Text:
    nothing = Sentence(text=picture.title, figures=picture.figures)
    return Text(edition=page.edition, sentences=(nothing,))


def _chart(page: Page, picture: Picture, svg: str) -> Chart:
    return Chart(
        edition=page.edition,
        title=picture.title,
        alt=picture.title,
        svg=svg,
        columns=tuple(picture.data.columns),
        data=tuple(_plain_row(row) for row in picture.data.iter_rows()),
        figures=picture.figures,
        note=page.text(picture.note) if picture.note else "",
        plot=picture.plot,
    )


def _nothing_in(data: pl.DataFrame) -> bool:
    """Say whether no number but zero is in the rows of a chart (rows set aside do not count)."""
    numbers = [c for c in data if c.dtype.is_numeric() and c.name != "set_aside"]
    told = (value for column in numbers for value in column if value is not None)
    return all(value == 0 or value != value for value in told)


def _plain_row(row: tuple[Any, ...]) -> tuple[str | int | float | bool | None, ...]:
    return tuple(
        settled(v) if isinstance(v, str | int | float | bool | None) else str(v) for v in row
    )
