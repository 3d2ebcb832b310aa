"""The metric ids of the what-if: every number it prints, defined."""

from __future__ import annotations

from collections.abc import Callable

from spm_lib.core.errors import DataError, MetricError
from spm_lib.core.money import exponent
from spm_lib.metrics import measure
from spm_lib.metrics.windows import read_window
from spm_lib.model import Company, Figure, MetricId, minor_text, register
from spm_lib.targets.baseline import baseline
from spm_lib.targets.what_if import Answer, WhatIf

_NULL = "null where no deal with amount and dates was won in the window"
_SOURCE = "Compound Poisson process (Kingman 1993), common random numbers (Glasserman & Yao 1992)"
_RATES = "At today's rates; the levers of a what-if change them."
QUANTILES = {"P10": 0.1, "P50": 0.5, "P90": 0.9}


def declare_what_if_ids() -> None:
    """Put the ids of the what-if into the registry."""
    _declare(
        "what_if.reach",
        "Chance of reaching the target",
        "Years played through that reach the target / years played through",
        unit="ratio",
    )
    _declare(
        "what_if.attainment",
        "Attainment in a weak, median and strong year",
        "10th, 50th and 90th percentile of bookings of the year / target",
        unit="ratio",
    )
    _declare(
        "what_if.bookings",
        "Bookings in the median year",
        "Median over the years played through of the won amount",
        unit="money",
    )


def _declare(name: str, title: str, formula: str, *, unit: str) -> None:
    def compute(company: Company, by: object = None, window: object = None) -> list[Figure]:
        return _figures(name, company, by, window)

    register(
        MetricId(
            id=name,
            name=title,
            formula=formula,
            numerator="",
            denominator="",
            unit=unit,
            date_field="closed_on",
            null_rule=_NULL,
            table="opportunities",
            room="targets",
            source=_SOURCE,
            reading=_RATES,
            dimensions=(),
            compute=compute,
        )
    )


def _figures(name: str, company: Company, by: object, window: object) -> list[Figure]:
    if by:
        raise MetricError(
            f"{name} is of the whole view and has no breakdown.",
            found=repr(by),
            do="Leave by out, or open the company in a narrower scope",
        )
    months = read_window(window, company.calendar) or company.default_window()  # type: ignore[arg-type]
    rate = measure(company, "win_rate.closed.count", window=months).figures()[0]
    try:
        answer = _today(company, months)
    except DataError:
        answer = None
    return [
        Figure(
            metric=name,
            as_of=company.as_of,
            unit=_unit(name, company),
            receipt=rate.receipt,
            by=part,
            window=(months.start, months.end),
            value=None if answer is None else told(answer, company.currency),
            n=rate.n,
        )
        for part, told in _PARTS[name]
    ]


def _today(company: Company, months: object) -> Answer:
    base = baseline(company, window=months)  # type: ignore[arg-type]
    return WhatIf(base).answer(base.levers)


def _unit(name: str, company: Company) -> str:
    return f"money:{company.currency}" if name == "what_if.bookings" else "ratio"


def _quantile(share: float) -> Callable[[Answer, str], str]:
    return lambda answer, _: f"{answer.quantile(share):.6f}"


_PARTS: dict[str, list[tuple[dict[str, str], Callable[[Answer, str], str | None]]]] = {
    "what_if.reach": [({}, lambda answer, _: f"{answer.reach:.6f}")],
    "what_if.attainment": [({"quantile": q}, _quantile(share)) for q, share in QUANTILES.items()],
    "what_if.bookings": [({}, lambda answer, money: minor_text(answer.median, exponent(money)))],
}
