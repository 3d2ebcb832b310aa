"""Every number of trainings and SPIFs as a record of figures.json, and their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.core.money import exponent
from spm_lib.model import Figure, Receipt, SetAside, declaring, of_all
from spm_lib.model.receipts import minor_text

if TYPE_CHECKING:
    from spm_lib.model import Company
    from spm_lib.segments.programmes import Programme, Programmes

_ANCOVA = (
    "Vickers & Altman (2001), BMJ 323:1123 (covariance); MacKinnon & White (1985), Journal of "
    "Econometrics 29:305."
)
_FEW = (
    "Nothing is told of a programme whose people the ledger does not name, before its six months "
    "are over, or with fewer than four people who took part or did not."
)
_LOT = "Associated with, not caused by: nobody was drawn by lot."


def programmes_figures(made: Programmes) -> list[Figure]:
    """Return cost, what it went with, return and payback of each programme."""
    return [f for one in made.told for f in _of(made, one)]


def programme_by(one: Programme) -> dict[str, str]:
    """Return what the figures of a programme are by."""
    return {"programme": one.kind, "start": one.start.isoformat()}


def _of(made: Programmes, one: Programme) -> list[Figure]:
    company, digits = made.company, exponent(made.company.currency)
    common: dict[str, Any] = {
        "by": programme_by(one),
        "as_of": company.as_of,
        "window": (one.window.start, one.window.end),
        "receipt": _receipt(company, one),
    }
    unit = f"money:{company.currency}"

    def money(value: float | None) -> str | None:
        return None if value is None else minor_text(round(value), digits)

    cost = Figure("programme.cost", unit=unit, value=money(one.cost), n=one.rows, **common)
    found = one.found
    if found is None:
        return [cost]
    common["n"] = found.part + found.others
    months = [_text(v) for v in one.payback]
    more = {"low": money(found.low), "high": money(found.high)}
    share = {"low": _text(found.value_low), "high": _text(found.value_high)}
    return [
        cost,
        Figure("programme.incremental", unit=unit, value=money(found.incremental), **more,
               **common),
        Figure("programme.plain", unit=unit, value=money(found.plain), **common),
        Figure("programme.return", unit="ratio", value=_text(found.value), **share, **common),
        Figure("programme.payback_months", unit="number", value=months[0], low=months[1],
               high=months[2], **common),
    ]  # fmt: skip


def _receipt(company: Company, one: Programme) -> Receipt:
    from spm_lib.segments.programmes import OTHER

    base = company.receipt("costs")
    others = base.used - one.rows
    parts = dict(base.set_aside)
    parts |= {OTHER: SetAside(others)} if others else {}
    return Receipt(one.rows, parts, scoped=base.scoped)


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def _all(company: Company, _window: Any) -> list[Figure]:
    from spm_lib.segments.programmes import programmes

    return programmes(company).figures()


_declare = declaring(
    "segments",
    compute=of_all(_all),
    prefix="programme.",
    table="costs",
    date_field="period_start",
    null_rule=_FEW,
    source=_ANCOVA,
)


def declare_programme_ids() -> None:
    """Put the ids of trainings and SPIFs into the registry."""
    _declare(
        "cost",
        "Cost of a training or a SPIF",
        "sum of its rows in the ledger",
        unit="money",
        null_rule="Never null.",
        source="",
    )
    _declare(
        "incremental",
        "What those who took part brought beyond others who had started alike",
        "effect per person by analysis of covariance on the six months before x people who took "
        "part x margin",
        unit="money",
        reading=_LOT,
    )
    _declare(
        "plain",
        "Change of those who took part, on their own",
        "(what they brought in the six months - in the six before) x margin",
        unit="money",
        reading="No proof: whoever is picked when low comes back by himself.",
    )
    _declare(
        "return",
        "Return of a training or a SPIF",
        "(what it went with - its cost) / its cost",
        reading="Below 0 it cost more than it went with. " + _LOT,
    )
    _declare(
        "payback_months",
        "Months until a training or a SPIF has paid its cost, at this pace",
        "its cost / what it went with per month",
        unit="number",
        null_rule="Null at an end where it brings nothing: then it never does.",
        reading=_LOT,
    )
