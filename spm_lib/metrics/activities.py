"""Activities: how many, of which kind, and what came of them."""

from __future__ import annotations

from collections.abc import Callable

import narwhals.stable.v2 as nw

from spm_lib.metrics.deals import outcome_is
from spm_lib.metrics.definition import Context, Measure, flag, when_first
from spm_lib.metrics.measure import declare
from spm_lib.metrics.statistic import COUNT, RATE
from spm_lib.model import Company
from spm_lib.model.registry import MetricId

SHARED = ("rep_id", "account_id", "opportunity_id")
Rows = Callable[[Company], nw.LazyFrame]
OTHER_KIND = "another kind of activity"
RATE_SOURCE = (
    "Interval of a ratio of two counts, as if both were Poisson: Wilson on the share of one."
)


def _kind(name: str) -> nw.Expr:
    return nw.col("kind").str.to_lowercase() == name


def activity_rows(company: Company) -> nw.LazyFrame:
    """Return the activities; where they name no customer, that of their deal stands."""
    rows = company.rows("activities")
    linked = company.has("activities", "opportunity_id") and company.has("opportunities")
    if company.has("activities", "account_id") or not linked:
        return rows
    deals = company.rows("opportunities").filter(nw.col("set_aside").is_null())
    owners = deals.select("opportunity_id", "account_id")
    return rows.drop("account_id").join(owners, on="opportunity_id", how="left")


def _every_activity(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows.with_columns(when_first().alias("_left_out"))


def _between(above: str, below: str):
    """Return the classification that divides one kind of activity by another."""

    def classify(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
        known = _kind(above) | _kind(below)
        return rows.with_columns(
            when_first((OTHER_KIND, nw.col("kind").is_null() | ~known)).alias("_left_out"),
            flag(_kind(above)).alias("_numerator"),
            flag(_kind(below)).alias("_denominator"),
        )

    return classify


def _lean_rows(company: Company) -> nw.LazyFrame:
    """Return the activities, whichever customers they name themselves."""
    return company.rows("activities")


def _with_won(
    company: Company, acts: nw.LazyFrame, *, kind: str | None, won_above: bool
) -> nw.LazyFrame:
    """Return activities (of a kind) and deals in one frame: one counts above, the other below."""
    skip = [] if kind is None else [(OTHER_KIND, nw.col("kind").is_null() | ~_kind(kind))]
    acts = acts.with_columns(
        when_first(*skip).alias("_left_out"), nw.lit(None, dtype=nw.Int64).alias("_money")
    )
    deals = company.rows("opportunities").with_columns(
        when_first(*outcome_is("won")).alias("_left_out"), nw.col("amount").alias("_money")
    )
    return nw.concat(
        [
            _side(acts, day="happened_day", above=not won_above),
            _side(deals, day="closed_day", above=won_above),
        ],
        how="vertical",
    )


def _side(rows: nw.LazyFrame, *, day: str, above: bool) -> nw.LazyFrame:
    return rows.select(
        *(nw.col(name) for name in SHARED),
        nw.col(day).cast(nw.Int64).alias("_event_day"),
        nw.col("_money").cast(nw.Int64).alias("amount"),
        nw.col("set_aside").cast(nw.String).alias("set_aside"),
        nw.col("_left_out").cast(nw.String).alias("_left_out"),
        nw.lit(1 if above else 0).cast(nw.Int64).alias("_numerator"),
        nw.lit(0 if above else 1).cast(nw.Int64).alias("_denominator"),
    )


def _as_read(rows: nw.LazyFrame, _context: Context) -> nw.LazyFrame:
    return rows


def _beside_won(read: Rows, *, kind: str | None, won_above: bool) -> Rows:
    """Return the rows of a measure of activities, read in one of two ways, and won deals."""
    return lambda company: _with_won(company, read(company), kind=kind, won_above=won_above)


def _definition(name: str, text: str, *, above: str, below: str, **more: str) -> MetricId:
    return MetricId(
        id=name,
        name=text,
        formula=more["formula"],
        numerator=above,
        denominator=below,
        unit=more["unit"],
        date_field=more.get("date_field", "happened_on"),
        null_rule=more.get("null_rule", "Null where the denominator is 0."),
        table=more.get("table", "activities"),
        room="metrics",
        source=more.get("source", RATE_SOURCE),
        reading=more["reading"],
        dimensions=("rep_id", "account_id"),
    )


BOTH = "activities+opportunities"
ACTIVITY_COUNT = declare(
    Measure(
        _definition(
            "activity.count",
            "Activities",
            above="Activities that happened in the window",
            below="",
            formula="Number of activities in the window",
            unit="count",
            null_rule="Never null: without activities it is 0.",
            source="",
            reading=(
                "By kind: calls, meetings, proposals and so on, as the workspace file names them."
            ),
        ),
        COUNT,
        _every_activity,
        date="happened_day",
        rows=activity_rows,
        lean_rows=_lean_rows,
    )
)
PER_WON = declare(
    Measure(
        _definition(
            "activity.per_won",
            "Activities per won deal",
            above="Activities that happened in the window",
            below="Number of deals won in the window",
            formula="Activities / won deals",
            unit="per won",
            date_field="happened_on, closed_on",
            table=BOTH,
            reading=(
                "Effort and result of the same window: the activities need not belong to the "
                "deals that were won."
            ),
        ),
        RATE,
        _as_read,
        date="_event_day",
        rows=_beside_won(activity_rows, kind=None, won_above=False),
        lean_rows=_beside_won(_lean_rows, kind=None, won_above=False),
    )
)
MEETINGS_PER_CALL = declare(
    Measure(
        _definition(
            "activity.meetings_per_call",
            "Meetings per call",
            above="Meetings in the window",
            below="Calls in the window",
            formula="Meetings / calls",
            unit="per call",
            reading=(
                "Both are counted on the day they happened; a meeting need not follow from a call."
            ),
        ),
        RATE,
        _between("meeting", "call"),
        date="happened_day",
        rows=activity_rows,
        lean_rows=_lean_rows,
    )
)
PROPOSALS_PER_MEETING = declare(
    Measure(
        _definition(
            "activity.proposals_per_meeting",
            "Proposals per meeting",
            above="Proposals in the window",
            below="Meetings in the window",
            formula="Proposals / meetings",
            unit="per meeting",
            reading="Proposals are activities of the kind 'proposal'.",
        ),
        RATE,
        _between("proposal", "meeting"),
        date="happened_day",
        rows=activity_rows,
        lean_rows=_lean_rows,
    )
)
WON_PER_PROPOSAL = declare(
    Measure(
        _definition(
            "activity.won_per_proposal",
            "Won deals per proposal",
            above="Number of deals won in the window",
            below="Proposals in the window",
            formula="Won deals / proposals",
            unit="per proposal",
            date_field="happened_on, closed_on",
            table=BOTH,
            reading="Result and effort of the same window; a proposal may be won later.",
        ),
        RATE,
        _as_read,
        date="_event_day",
        rows=_beside_won(activity_rows, kind="proposal", won_above=True),
        lean_rows=_beside_won(_lean_rows, kind="proposal", won_above=True),
    )
)
