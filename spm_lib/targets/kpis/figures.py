"""Which metrics go with won amount, as records of figures.json."""

from __future__ import annotations

from typing import Any

from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.model import Company, Figure, minor_text
from spm_lib.targets.kpis.choosing import choose_kpis

ASSOCIATION = "kpi.association"


def kpi_figures(company: Company, by: Any = None, _window: Any = None) -> list[Figure]:
    """Return ``kpi.association`` of each metric looked at, whatever the window.

    None where too little is known.

    Raises
    ------
    MetricError
        If a breakdown is asked for.
    """
    if by:
        raise MetricError(
            "What goes with won amount is told of all people together.",
            found=repr(by),
            do="Ask for no breakdown",
        )
    try:
        table = choose_kpis(company).table
    except DataError:
        return []
    places = exponent(company.currency)

    def text(value: int | None) -> str | None:
        return None if value is None else minor_text(value, places)

    return [
        Figure(
            metric=ASSOCIATION,
            as_of=company.as_of,
            unit=f"money:{company.currency}",
            receipt=company.receipt("opportunities"),
            by={"kpi": row["metric"], "part": row["part"] or ""},
            window=None,
            value=text(row["with_step"]),
            n=row["months"],
            low=text(row["low"]),
            high=text(row["high"]),
        )
        for row in table.iter_rows(named=True)
    ]
