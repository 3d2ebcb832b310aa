"""Deals: won, lost and open, counted and summed; the average deal and the average customer."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from spm_lib.metrics.definition import Classify, Context, Measure, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import COUNT, MEAN, SUM, Statistic, mean_per
from spm_lib.model.registry import MetricId

OPPORTUNITY_DIMENSIONS = ("rep_id", "account_id", "pipeline")
NO_AMOUNT = "no amount"


def outcome_is(*names: str) -> list[tuple[str, nw.Expr]]:
    """Return the rules that leave out deals of every other outcome, each named for its outcome."""
    others = [name for name in ("open", "won", "lost") if name not in names]
    return [(name, nw.col("outcome") == name) for name in others]


def _classify(outcome: str, *, money: bool, account: bool = False) -> Classify:
    def classify(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
        gaps: list[tuple[str, nw.Expr]] = []
        if money:
            gaps.append((NO_AMOUNT, nw.col("amount").is_null()))
        if account:
            gaps.append(("no account", nw.col("account_id").is_null()))
        return rows.with_columns(
            when_first(*outcome_is(outcome)).alias("_left_out"),
            when_first(*gaps).alias("_missing"),
            nw.col("amount").alias("_numerator"),
            nw.lit(1).alias("_denominator"),
        )

    return classify


def _deals(
    name: str, outcome: str, statistic: Statistic, *, date: str, money: bool, account: bool = False
) -> Measure:
    return declare(
        Measure(
            definition=DEFINITIONS[name],
            statistic=statistic,
            classify=_classify(outcome, money=money, account=account),
            date=date,
        )
    )


def _definition(name: str, text: str, formula: str, *, unit: str, **more: object) -> MetricId:
    defaults = {
        "numerator": formula,
        "denominator": "",
        "date_field": "closed_on",
        "null_rule": "Never null: without such deals it is 0.",
        "table": "opportunities",
        "room": "metrics",
        "dimensions": OPPORTUNITY_DIMENSIONS,
    }
    return MetricId(id=name, name=text, formula=formula, unit=unit, **{**defaults, **more})  # type: ignore[arg-type]


_OPEN_DATE = (
    "Without a window: all deals open at as_of. With one: those whose expected close lies in it."
)
DEFINITIONS = {
    d.id: d
    for d in (
        _definition(
            "won.count",
            "Won deals",
            "Number of deals won in the window",
            unit="count",
            reading="A reopened deal counts once, by its last close.",
        ),
        _definition(
            "won.amount",
            "Won amount",
            "Sum of the amounts of deals won in the window",
            unit="money",
            reading="Won deals without an amount are set aside, not taken as 0.",
        ),
        _definition(
            "lost.count",
            "Lost deals",
            "Number of deals lost in the window",
            unit="count",
            reading="Credit goes to the owner at the close.",
        ),
        _definition(
            "lost.amount",
            "Lost amount",
            "Sum of the amounts of deals lost in the window",
            unit="money",
            reading="The amount is the last one known before the loss.",
        ),
        _definition(
            "open.count",
            "Open deals",
            "Number of deals open at as_of",
            unit="count",
            date_field="expected_close",
            reading=_OPEN_DATE,
        ),
        _definition(
            "open.amount",
            "Open pipeline",
            "Sum of the amounts of deals open at as_of",
            unit="money",
            date_field="expected_close",
            reading=_OPEN_DATE,
        ),
        _definition(
            "created.count",
            "Created deals",
            "Number of deals created in the window",
            unit="count",
            date_field="created_on",
            reading="New deals of every outcome; what became of them is the created win rate.",
        ),
        _definition(
            "deal.mean_amount",
            "Average deal",
            "Won amount / won deals that carry an amount",
            unit="money",
            numerator="Sum of the amounts of deals won in the window",
            denominator="Number of deals won in the window that carry an amount",
            null_rule="Null where no deal with an amount was won.",
            source="Mean with a t interval (Cochran 1977); no interval without a spread.",
            reading="A few very large deals pull the mean up; compare the number of deals.",
        ),
        _definition(
            "account.won_amount_mean",
            "Average sales per customer",
            "Won amount / customers that won",
            unit="money",
            numerator="Sum of the amounts of deals won in the window",
            denominator="Number of customers with a deal won in the window",
            null_rule="Null where no customer has a won deal with an amount.",
            source="Mean with a t interval (Cochran 1977); no interval without a spread.",
            reading=(
                "Customers without a win in the window are not counted. n is the number of "
                "customers."
            ),
        ),
    )
}

WON_COUNT = _deals("won.count", "won", COUNT, date="closed_day", money=False)
WON_AMOUNT = _deals("won.amount", "won", SUM, date="closed_day", money=True)
LOST_COUNT = _deals("lost.count", "lost", COUNT, date="closed_day", money=False)
LOST_AMOUNT = _deals("lost.amount", "lost", SUM, date="closed_day", money=True)
MEAN_AMOUNT = _deals("deal.mean_amount", "won", MEAN, date="closed_day", money=True)
ACCOUNT_MEAN = _deals(
    "account.won_amount_mean",
    "won",
    mean_per("account_id"),
    date="closed_day",
    money=True,
    account=True,
)
OPEN_COUNT = _deals("open.count", "open", COUNT, date="expected_day", money=False)
OPEN_AMOUNT = _deals("open.amount", "open", SUM, date="expected_day", money=True)


def _every_deal(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(when_first().alias("_left_out"))


CREATED_COUNT = declare(
    Measure(DEFINITIONS["created.count"], COUNT, _every_deal, date="created_day")
)
