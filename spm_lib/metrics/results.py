"""Questions about results: won, lost and why, win rates, deal size, customers, velocity."""

from __future__ import annotations

from typing import Literal

from spm_lib.metrics.asking import Frame, asked_for, chosen
from spm_lib.metrics.measure import By
from spm_lib.metrics.windows import WindowLike
from spm_lib.model import Company


def win_rate(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    variant: Literal["count", "value", "created"] = "count",
) -> Frame:
    """Return the win rate: of closed deals by count or value, or of created deals.

    Columns out: by..., metric, window_start, window_end, as_of, value (ratio; null: nothing was
    closed), n, low, high (Wilson, 95 %), used, set_aside; ``mature`` for created deals.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> win_rate(example_company(), by="rep_id").select("rep_id", "value", "n").rows()
    [('ann', 0.75, 4), ('ben', 0.3333333333333333, 3)]
    """
    names = {
        "count": "win_rate.closed.count",
        "value": "win_rate.closed.value",
        "created": "win_rate.created",
    }
    return asked_for(company, chosen(names, variant), by=by, window=window)


def won(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    of: Literal["amount", "count"] = "amount",
) -> Frame:
    """Return what was won: the amount in minor units, or the number of deals.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> won(example_company(), by="month").select("month", "value").rows()
    [(datetime.date(2026, 2, 1), 120000), (datetime.date(2026, 3, 1), 230000)]
    """
    names = {"amount": "won.amount", "count": "won.count"}
    return asked_for(company, chosen(names, of), by=by, window=window)


def lost(
    company: Company,
    *,
    by: By = None,
    window: WindowLike = None,
    of: Literal["amount", "count"] = "count",
) -> Frame:
    """Return what was lost: the number of deals, or their last known amount in minor units.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> lost(example_company(), by="rep_id").select("rep_id", "value").rows()
    [('ann', 1), ('ben', 2)]
    """
    names = {"amount": "lost.amount", "count": "lost.count"}
    return asked_for(company, chosen(names, of), by=by, window=window)


def lost_reasons(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return each lost reason's share of the lost deals, with the number of deals.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> lost_reasons(example_company()).select("lost_reason", "deals", "n").rows()
    [('price', 2, 3), ('timing', 1, 3), (None, 0, 3)]
    """
    return asked_for(company, "lost.reason.share", by=by, window=window)


def deal_size(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the mean amount of won deals in minor units.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> deal_size(example_company()).select("value", "n").row(0)
    (116667, 3)
    """
    return asked_for(company, "deal.mean_amount", by=by, window=window)


def account_value(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the mean won amount per customer that won, in minor units.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> account_value(example_company()).select("value", "n").row(0)
    (175000, 2)
    """
    return asked_for(company, "account.won_amount_mean", by=by, window=window)


def sales_velocity(company: Company, *, by: By = None, window: WindowLike = None) -> Frame:
    """Return the sales velocity in minor units per day; compare windows of the same length only.

    Examples
    --------
    >>> from spm_lib.metrics import example_company
    >>> sales_velocity(example_company())["value"].item()
    15686
    """
    return asked_for(company, "velocity", by=by, window=window)
