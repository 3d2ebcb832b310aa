"""How many people reached how much of their targets: the bands, and their id in the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from spm_lib.core.calendar import Window
from spm_lib.metrics import measure
from spm_lib.metrics.attainment_bands import BANDS, band_place
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, MetricId, Receipt, register
from spm_lib.reports.scopes import people

ID = "people.attainment_band.count"


def year_to_date(company: Company) -> Window | None:
    """Return the whole months of the fiscal year that are over; none in its first month."""
    end = company.default_window().end
    start = company.calendar.period_of(end - timedelta(days=1), "year").start
    return Window(start, end) if start < end else None


def band_of(reached: Figure) -> str:
    """Return the band in which a person's attainment lies: its lower edge belongs to it.

    Examples
    --------
    >>> from datetime import date
    >>> band_of(Figure("attainment", date(2026, 9, 30), "ratio", "1.2", Receipt(1)))
    'over 120'
    """
    return BANDS[band_place(float(reached.value or 0))]


def band_figures(company: Company, told: Sequence[Figure], receipt: Receipt) -> list[Figure]:
    """Return how many people are in each band, lowest first; nothing without a person.

    Parameters
    ----------
    company
        Whose people they are.
    told
        The attainment of each person who has one.
    receipt
        The rows that all of it was read from.
    """
    bands = [band_of(figure) for figure in told]
    return [
        Figure(
            metric=ID,
            as_of=company.as_of,
            unit="count",
            value=str(bands.count(band)),
            receipt=receipt,
            by={"band": band},
            window=told[0].window,
            n=len(told),
        )
        for band in (BANDS if told else ())
    ]


def compute_bands() -> Callable[..., list[Figure]]:
    """Return the answer for the id: ``(company, by, window) -> figures``.

    Without a window it is of the year to date (its whole months). There is no breakdown but the
    bands themselves. Without targets, or in the first month of a year, there are no figures.
    """

    def figures(
        company: Company, by: str | Sequence[str] | None = None, window: Any = None
    ) -> list[Figure]:
        wanted = read_window(window, company.calendar) or year_to_date(company)
        if by or wanted is None or not company.has("targets"):
            return []
        reached = "attainment" if company.has("opportunities") else "attainment.orders"
        made = measure(company, reached, by="rep_id", window=wanted).figures()
        here = set(people(company))
        told = [f for f in made if f.value is not None and f.by["rep_id"] in here]
        (whole,) = measure(company, reached, window=wanted).figures()
        return band_figures(company, told, whole.receipt)

    return figures


def declare_manager_ids() -> None:
    """Put the number of people in each band of attainment into the registry."""
    register(
        MetricId(
            id=ID,
            name="People by how much of their targets they reached",
            formula="people whose attainment of the year to date lies in the band",
            numerator="",
            denominator="",
            unit="count",
            date_field="closed_at",
            null_rule="people without a target are in no band",
            table="opportunities",
            room="reports",
            dimensions=(),
            compute=compute_bands(),
        )
    )
