"""Lead to deal: answer, conversion by source and person, and where leads are lost on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError
from spm_lib.core.statement import Share, Statement
from spm_lib.metrics.definition import day_number
from spm_lib.metrics.landmarks import ENOUGH_TIME
from spm_lib.model import Company, Figure
from spm_lib.process.leads.differences import differences, lettered
from spm_lib.stats import kaplan_meier, km_quantile, km_quantile_interval

STEPS = ("came", "answered", "converted", "with_deal", "won")
SOON = 1  # days within which an answer is soon
GROUPS = ("all", "source", "rep_id", "answer")


@dataclass(frozen=True, eq=False)
class LeadFlow:
    """What became of the leads that came in a window and have had their time.

    Attributes
    ----------
    groups
        One row per group: ``column`` ("all", "source", "rep_id", or "answer": soon or later),
        ``value, leads, answered, converted`` (counts; converted within ``horizon`` days),
        ``days, low, high`` (Kaplan-Meier median days to the first answer, 95 %; null: not half
        of them were answered), ``shrunk`` (partially pooled share of converted), ``group``
        (letters: two values of a column that share one cannot be told apart by it; "" where
        nothing is ranked); both null for leads without a source, or of nobody. Where the data
        tells no answers, ``answered`` is null too, and there is no ``answer``; in it only leads
        not converted by the landmark count, and conversion after it.
    steps
        One row per step of ``STEPS`` in order: ``step, leads``; each is a part of the one before.
        Where the data tells no answers, they are no step.
    horizon
        Days within which nine of ten converted leads had become deals.
    used
        Leads that came in the window and have had that time: ``lead_id``.
    """

    company: Company = field(repr=False)
    window: Window
    groups: pl.DataFrame
    steps: pl.DataFrame
    horizon: int
    used: pl.DataFrame = field(repr=False)

    def figures(self) -> list[Figure]:
        """Return every number as a record of figures.json."""
        from spm_lib.process.leads.figures import lead_figures

        return lead_figures(self)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """How many leads become deals, and where most are lost, in words."""
        whole = self.groups.filter(column="all").row(0, named=True)
        values: dict[str, object] = {
            "converted": whole["converted"],
            "leads": whole["leads"],
            "days": self.horizon,
            "share": Share(whole["converted"] / whole["leads"]),
        }
        if whole["answered"] is None:
            text = (
                "{converted} of {leads:1 lead|{leads} leads} became deals within {days:1 day|"
                "{days} days} ({share})."
            )
            return (Statement(text, values), *differences(self.groups))
        text = (
            "{converted} of {leads:1 lead|{leads} leads} became deals within {days:1 day|{days} "
            "days} ({share}); {lost:1 was|{lost} were} not answered in that time."
        )
        told = Statement(text, values | {"lost": whole["leads"] - whole["answered"]})
        return (told, *differences(self.groups))


def lead_flow(company: Company, *, window: Window) -> LeadFlow:
    """Return what became of the leads that came in a window.

    Leads that have not had the time in which nine of ten converted leads become deals are left
    out, whatever became of them.

    Raises
    ------
    DataError
        If no lead with enough time came in the window, or none was ever converted.
    """
    leads = company.table("leads")
    horizon = time_to_convert(leads)
    first, last = day_number(window.start), day_number(window.end)
    today = day_number(company.as_of)
    day = pl.col("created_day")
    ripe = leads.filter((day >= first) & (day < last) & (day + horizon <= today))
    if not ripe.height:
        raise DataError(
            "The way from lead to deal cannot be told: no lead has had its time.",
            found=f"{leads.height} leads, none in the window that is {horizon} days old",
            do="Look back on more months",
        )
    inside = (pl.col("converted_day") - day <= horizon).fill_null(value=False)
    answer, known = pl.col("first_response_day"), company.has("leads", "first_response_at")
    answered = (answer - day <= horizon).fill_null(value=False)
    told = ripe.with_columns(
        made=inside,
        answered=answered if known else pl.lit(None, pl.Boolean),
        waited=pl.min_horizontal(answer, day + horizon) - day,
        all=pl.lit(""),
    )
    groups = [_grouped(told, column) for column in ("all", "source", "rep_id")]
    groups += [_by_answer(told)] if known else []
    return LeadFlow(
        company=company,
        window=window,
        groups=pl.concat(lettered(part, looks=len(GROUPS) - 1) for part in groups),
        steps=_steps(company, told),
        horizon=horizon,
        used=told.select("lead_id"),
    )


def time_to_convert(leads: pl.DataFrame) -> int:
    """Return the days within which nine of ten converted leads had become deals.

    Columns in: ``created_day, converted_day`` (null: not converted).

    Raises
    ------
    DataError
        If no lead was ever converted.

    Examples
    --------
    >>> time_to_convert(pl.DataFrame({"created_day": [0, 0], "converted_day": [3, None]}))
    3
    """
    days = (leads["converted_day"] - leads["created_day"]).drop_nulls()
    if not days.len():
        raise DataError(
            "The way from lead to deal cannot be told: no lead is known to have become a deal.",
            found=f"{leads.height} leads",
            do="Map leads with created_at and converted_at",
        )
    return max(int(days.quantile(ENOUGH_TIME, "higher") or 0), SOON + 1)


def _grouped(told: pl.DataFrame, column: str) -> pl.DataFrame:
    rows = []
    for (value,), part in told.sort("lead_id").group_by(column, maintain_order=True):
        answered, *days = _answers(part)
        made = int(part["made"].sum())
        rows.append((column, value, part.height, answered, made, *days))
    return pl.DataFrame(rows, schema=_GROUPS, orient="row").sort(
        "leads", "value", descending=[True, False], nulls_last=True
    )


def _answers(part: pl.DataFrame) -> tuple[int | None, float | None, float | None, float | None]:
    """Return how many were answered, and in how many days; all null where no answers are told."""
    if part["answered"].null_count():
        return None, None, None, None
    curve = kaplan_meier(part["waited"].to_numpy(), part["answered"].to_numpy())
    return int(part["answered"].sum()), km_quantile(curve), *km_quantile_interval(curve)


_GROUPS = {
    "column": pl.String,
    "value": pl.String,
    "leads": pl.Int64,
    "answered": pl.Int64,
    "converted": pl.Int64,
    "days": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


def _by_answer(told: pl.DataFrame) -> pl.DataFrame:
    """Compare leads answered soon with the others, among those not converted by the landmark."""
    mark = pl.col("created_day") + SOON
    there = told.filter((pl.col("converted_day") > mark).fill_null(value=True))
    soon = (pl.col("first_response_day") <= mark).fill_null(value=False)
    named = there.with_columns(answer=pl.when(soon).then(pl.lit("soon")).otherwise(pl.lit("later")))
    return _grouped(named, "answer") if named.height else pl.DataFrame(schema=_GROUPS)


def _steps(company: Company, told: pl.DataFrame) -> pl.DataFrame:
    """Count the leads that came as far as each step; a step counts only after all before it."""
    deals = company.table("opportunities").select("opportunity_id", "outcome")
    joined = told.join(deals, on="opportunity_id", how="left", maintain_order="left")
    known = told["answered"].null_count() == 0
    answered = pl.col("answered").fill_null(value=True)
    made = answered & pl.col("made")
    with_deal = made & pl.col("outcome").is_not_null()
    counts = joined.select(
        came=pl.len(),
        answered=answered.sum(),
        converted=made.sum(),
        with_deal=with_deal.sum(),
        won=(with_deal & (pl.col("outcome") == "won")).sum(),
    ).row(0)
    schema = {"step": pl.String, "leads": pl.Int64}
    rows = [row for row in zip(STEPS, counts, strict=True) if known or row[0] != "answered"]
    return pl.DataFrame(rows, schema=schema, orient="row")
