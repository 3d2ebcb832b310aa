"""The metric ids of segments, repeat customers and whitespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spm_lib.core.errors import SpmError
from spm_lib.model import Company, Figure, declaring, of_all

FEW = "Nothing is told with fewer than 200 decided deals, or without a column to part them by."
_MH = (
    "Mantel and Haenszel 1959 (strata of person and year); Liang and Zeger 1986 (customers as "
    "clusters)."
)
_BH = "Benjamini and Hochberg 1995, over all columns looked at."
_POOLED = "Beta-binomial partial pooling (Skellam 1948; Efron and Morris 1975)."


_FEW_CUSTOMERS = "Nothing is told with fewer than 40 customers who bought more than a year ago."
_FEW_ALIKE = "Nothing is told with fewer than 20 customers of a kind, or of one product only."


def _all(company: Company, _window: Any) -> list[Figure]:
    return company.once("figures of segments", lambda: _made(company))


def _made(company: Company) -> list[Figure]:
    from spm_lib.segments.discover import discover_segments
    from spm_lib.segments.figures import figures_of
    from spm_lib.segments.profile import ideal_customer
    from spm_lib.segments.repeat_customers import repeat_customers
    from spm_lib.segments.whitespace import whitespace

    found: list[Figure] = []
    for part in (discover_segments, ideal_customer, repeat_customers, whitespace):
        found += _unless_withheld(lambda part=part: part(company).figures())
    used = _unless_withheld(lambda: _columns(company))
    return found + _unless_withheld(lambda: figures_of(company, used))


def _columns(company: Company) -> list[str]:
    from spm_lib.segments.columns import segment_columns

    return [c.column for c in segment_columns(company) if c.use == "segment"]


def _unless_withheld(made: Callable[[], list]) -> list:
    try:
        return made()
    except SpmError:
        return []


_declare = declaring("segments", compute=of_all(_all), null_rule=FEW, date_field="closed_on")


def declare_segment_ids() -> None:
    """Put the ids of segments, customers and whitespace into the registry."""
    _declare_discovery()
    _declare_comparison()
    _declare_customers()


def _declare_discovery() -> None:
    _declare(
        "segment.tried",
        "Columns looked at",
        "Number of columns that may part the deals",
        unit="count",
        reading="The more are looked at, the more will differ by luck: the "
        "chances told allow for it.",
    )
    _declare(
        "segment.found",
        "Columns that differ",
        "Number of columns found on earlier deals and confirmed on later ones",
        unit="count",
        reading="It goes with winning; nobody has shown that it is the cause.",
    )
    _declare(
        "segment.q",
        "Chance that the difference is a false find",
        "p of the column, corrected for all columns looked at",
        source=f"{_MH} {_BH}",
        reading="On the earlier two thirds of the decided deals.",
    )
    _declare(
        "segment.held_out_p",
        "Chance of it on later deals",
        "Chance of wins that follow the earlier differences as closely, if there were none",
        source=_MH,
        reading="On the later third of the decided deals; one-sided.",
    )
    _declare(
        "segment.difference",
        "Difference in the share won",
        "Share won - share won by other deals of the same person and year",
        unit="points",
        source=_MH,
        reading="On later deals, so that picking does not flatter it; the "
        "intervals of all values of a column hold together.",
    )
    money = {"unit": "money", "source": "Ratio estimator (Cochran 1977), interval over deals."}
    _declare(
        "segment.per_deal",
        "Won amount per decided deal",
        "Won amount / decided deals",
        numerator="Sum of the amounts of won deals",
        denominator="Deals won or lost",
        reading="What a deal brings, lost ones too.",
        **money,
    )
    _declare(
        "segment.per_activity",
        "Won amount per activity",
        "Won amount / activities",
        numerator="Sum of the amounts of won deals",
        denominator="Activities on deals that were won or lost",
        reading="What an activity brings, on lost deals too.",
        **money,
    )


def _declare_comparison() -> None:
    _declare(
        "segment.win_rate.shrunk",
        "Best guess of the win rate",
        "(a + won) / (a + b + decided)",
        source=_POOLED,
        reading="Segments with few deals are drawn towards the common rate.",
    )
    _declare(
        "segment.p",
        "Chance that luck alone spreads win rates so far",
        "Chi-square of won and lost by segment",
        source="Pearson 1900; Spiegelhalter 2005.",
        reading="Above 5 % nothing is ranked.",
    )
    _declare(
        "segment.activity_share",
        "Share of the activities",
        "Activities on deals of the segment / activities on all deals",
        numerator="Activities on deals of the segment",
        denominator="Activities on all deals",
        source="Ratio estimator (Cochran 1977), interval over deals.",
        reading="Effort, counted in activities and not in hours.",
    )


def _declare_customers() -> None:
    _declare(
        "customer.count",
        "Customers in the group",
        "Number of customers",
        unit="count",
        reading="First digit: bought lately (3) to long ago (1); second: often (3) to once (1).",
        null_rule=_FEW_CUSTOMERS,
    )
    _declare(
        "customer.amount",
        "Bought so far",
        "Median of what a customer of the group bought",
        unit="money",
        reading="Half of them bought less.",
        null_rule=_FEW_CUSTOMERS,
    )
    _declare(
        "customer.came_back",
        "Came back within a year",
        "Customers of such a group a year ago who bought again / all of them",
        numerator="Customers of a year ago who bought again within the year",
        denominator="Customers of a year ago",
        source=_POOLED,
        reading="Of the group they were in then. Groups with few customers are drawn towards "
        "the common share.",
        null_rule=_FEW_CUSTOMERS,
    )
    _declare(
        "whitespace.share",
        "Customers like them who buy it",
        "Customers of the segment who bought the product / all of the segment",
        numerator="Customers of the segment who bought the product",
        denominator="Customers of the segment who bought anything",
        source=_POOLED,
        reading="Alike are customers of one value in a column of customers.",
        null_rule=_FEW_ALIKE,
    )
    _declare(
        "whitespace.without",
        "Customers without it",
        "Customers of the segment who did not buy the product",
        unit="count",
        reading="Nobody knows whether they buy it elsewhere.",
        null_rule=_FEW_ALIKE,
    )
    _declare(
        "whitespace.amount",
        "What they might bring",
        "Customers without it x lower bound of the share x median a buyer spent",
        unit="money",
        reading="Were they to buy as cautiously read: no forecast.",
        null_rule=_FEW_ALIKE,
    )
