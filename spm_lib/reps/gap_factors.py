"""The factors of what people brought: deals in hand x share closed x win rate x deal size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company
from spm_lib.reps.comparison.closed_deals import EPOCH, closed_deals

ALL = ("volume", "speed", "win_rate", "deal_size")
_LEAST_DATED = 0.9
_FEWEST_SIZES = 5  # won deals of a person whose amounts tell how far amounts scatter


@dataclass(frozen=True, eq=False)
class Factors:
    """Per person in order: counts and money of a window.

    ``worked``: deals in hand at some time of the window (null where creation is not dated);
    ``closed, won`` deals; ``amount`` (minor units) and ``scatter`` (coefficient of variation of won
    amounts within people). With orders in place of deals ``closed`` and ``won`` are orders.
    """

    names: tuple[str, ...]
    worked: np.ndarray
    closed: np.ndarray
    won: np.ndarray
    amount: np.ndarray
    scatter: float

    def take(self, rows: np.ndarray) -> Factors:
        """Return some of the people."""
        parts = (part[rows] for part in (self.worked, self.closed, self.won, self.amount))
        worked, closed, won, amount = parts
        return Factors(self.names, worked, closed, won, amount, self.scatter)

    def summed(self) -> tuple[float, float, float, float]:
        """Return the sums over people: worked, closed, won, amount."""
        worked, closed, won, amount = (
            float(part.sum()) for part in (self.worked, self.closed, self.won, self.amount)
        )
        return worked, closed, won, amount


def factors_of(company: Company, window: Window, reps: tuple[str, ...]) -> Factors:
    """Return the factors of each person in a window, credited to the owner at the close."""
    if not company.has("opportunities"):
        return _of_orders(company, window, reps)
    deals = closed_deals(company, window)
    money = pl.when(pl.col("won") == 1).then(pl.col("amount")).fill_null(0)
    counts = deals.group_by("rep_id").agg(
        closed=pl.len().cast(pl.Int64), won=pl.col("won").sum(), amount=money.sum()
    )
    won = deals.filter((pl.col("won") == 1) & (pl.col("amount") > 0))
    worked = _worked(company, window)
    told = _joined(reps, counts, worked)
    dated = worked is not None and bool((told["worked"] >= told["closed"]).all())
    names = ALL if dated else tuple(name for name in ALL if name != "speed")
    return Factors(
        names,
        told["worked"].to_numpy().astype(float),
        told["closed"].to_numpy().astype(float),
        told["won"].to_numpy().astype(float),
        told["amount"].to_numpy(),
        _scatter(won),
    )


def _joined(
    reps: tuple[str, ...], counts: pl.DataFrame, worked: pl.DataFrame | None
) -> pl.DataFrame:
    people = pl.DataFrame({"rep_id": reps}, schema={"rep_id": pl.String})
    told = people.join(counts, on="rep_id", how="left", maintain_order="left")
    if worked is None:
        told = told.with_columns(worked=pl.lit(0))
    else:
        told = told.join(worked, on="rep_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("worked", "closed", "won", "amount").fill_null(0))


def _worked(company: Company, window: Window) -> pl.DataFrame | None:
    """Return how many deals each person had in hand, None where creation is mostly not dated."""
    deals = company.table("opportunities")
    if deals.height and deals["created_day"].null_count() > (1 - _LEAST_DATED) * deals.height:
        return None
    start, end = ((day - EPOCH).days for day in (window.start, window.end))
    begun = pl.coalesce("created_day", "closed_day") < end
    lasts = pl.col("closed_day").is_null() | (pl.col("closed_day") >= start)
    return deals.filter(begun & lasts).group_by("rep_id").agg(worked=pl.len().cast(pl.Int64))


def _of_orders(company: Company, window: Window, reps: tuple[str, ...]) -> Factors:
    inside = (pl.col("date") >= window.start) & (pl.col("date") < window.end)
    orders = company.table("orders").filter(inside & pl.col("rep_id").is_not_null())
    each = orders.group_by("rep_id", "order_id").agg(pl.col("amount").sum())
    counts = each.group_by("rep_id").agg(
        closed=pl.len().cast(pl.Int64), won=pl.len().cast(pl.Int64), amount=pl.col("amount").sum()
    )
    told = _joined(reps, counts, None)
    sizes = _scatter(each.filter(pl.col("amount") > 0))
    n = told["closed"].to_numpy().astype(float)
    return Factors(("volume", "deal_size"), n * 0, n, n, told["amount"].to_numpy(), sizes)


def _scatter(won: pl.DataFrame) -> float:
    """Return the coefficient of variation of amounts within people.

    Each amount is set against the mean of the person's other deals: against a mean that holds it
    too, a large deal hides itself, and amounts with a long tail look too steady. Where nobody has
    five deals the common estimate has to do.
    """
    won = won.select("rep_id", pl.col("amount").cast(pl.Float64)).sort("rep_id", "amount")
    n, total = pl.len().over("rep_id"), pl.col("amount").sum().over("rep_id")
    apart = (pl.col("amount") * (n - 1) / (total - pl.col("amount")) - 1) ** 2 * (n - 1) / n
    many = won.filter(n >= _FEWEST_SIZES)
    if many.height:
        return float(np.sqrt(many.select(apart.mean()).item()))
    if won.height < 2:
        return 0.0
    near = won.select(((pl.col("amount") / (total / n) - 1) ** 2).sum()).item()
    return float(np.sqrt(near / max(won.height - won["rep_id"].n_unique(), 1)))


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, 0 where there is no whole."""
    whole = np.asarray(whole, float)
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
