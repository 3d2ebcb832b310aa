"""The plots of the reports' charts: what each draws, in the language of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from spm_lib.reports.plot import Meaning, Plot, PlotSeries

if TYPE_CHECKING:
    from spm_lib.reports.pages.page import Page


def stage_flow(page: Page, *, unknown: bool) -> Plot:
    """Return the funnel: what became of the deals that entered each stage.

    With ``unknown`` the lost deals of which nobody knows the stage are drawn apart.
    """
    label = page.text("Lost, stage not known")
    apart = PlotSeries(column="lost_unknown", label=label, meaning="unknown")
    return Plot(
        kind="stacked",
        category="stage",
        axis=page.text("Deals"),
        series=(
            PlotSeries(column="advanced", label=page.text("Advanced"), meaning="won"),
            PlotSeries(column="open", label=page.text("Still open"), meaning="open"),
            PlotSeries(
                column="lost_here" if unknown else "lost",
                label=page.text("Lost"),
                meaning="lost",
            ),
            *((apart,) if unknown else ()),
        ),
    )


def won_and_lost(page: Page, *, target: bool) -> Plot:
    """Return won and lost by month, with the target where there is one."""
    aim = PlotSeries(column="target", label=page.text("Target"), meaning="target", mark="tick")
    return Plot(
        kind="grouped",
        category="month",
        time="month",
        unit=f"money:{page.edition.currency}",
        series=(
            PlotSeries(column="won", label=page.text("Won"), meaning="won"),
            PlotSeries(column="lost", label=page.text("Lost"), meaning="lost"),
            *((aim,) if target else ()),
        ),
    )


def sold(page: Page) -> Plot:
    """Return what was sold by month."""
    return Plot(
        kind="grouped",
        category="month",
        time="month",
        unit=f"money:{page.edition.currency}",
        series=(PlotSeries(column="won", label=page.text("Sold"), meaning="won"),),
    )


def cohort_rates(page: Page, *, axis: str) -> Plot:
    """Return the win rate of each month's deals with its interval; young cohorts apart."""
    labels = {
        True: page.text("Rate and 95% interval"),
        False: page.text("May still change: deals are open"),
    }
    series = tuple(
        PlotSeries(
            column="value",
            label=labels[mature],
            meaning="won" if mature else "peers",
            mark="point",
            low="low",
            high="high",
            where="mature",
            holds=mature,
        )
        for mature in (True, False)
    )
    return Plot(
        kind="points", category="month", time="month", unit="ratio", axis=axis, series=series
    )


def stays(page: Page) -> Plot:
    """Return how long visits to each stage last: the middle half and the median."""
    half = page.text("Middle half of the visits")
    return Plot(
        kind="points",
        category="stage",
        unit="days",
        axis=page.text("Days in the stage"),
        series=(
            PlotSeries(
                column="value", label=half, meaning="tint", mark="span", low="q1", high="q3"
            ),
            PlotSeries(column="value", label=page.text("Median"), mark="point"),
        ),
    )


def open_by_stage(page: Page) -> Plot:
    """Return the open pipeline, one bar per stage."""
    label = page.text("Open pipeline")
    return Plot(
        kind="bars",
        category="stage",
        unit=f"money:{page.edition.currency}",
        series=(PlotSeries(column="value", label=label, meaning="stages"),),
    )


def reasons(page: Page) -> Plot:
    """Return how many deals were lost for each reason."""
    label = page.text("Lost deals")
    return Plot(
        kind="bars",
        category="lost_reason",
        axis=label,
        missing=page.text("No reason recorded"),
        series=(PlotSeries(column="used", label=label, meaning="lost"),),
    )


def outlook(page: Page, *, target: bool) -> Plot:
    """Return past months as bars and each coming one as its median in two ranges."""

    def span(label: str, meaning: str, low: str, high: str) -> PlotSeries:
        return PlotSeries.model_validate(
            {
                "column": "p50",
                "label": label,
                "meaning": meaning,
                "mark": "span",
                "low": low,
                "high": high,
            }
        )

    aim = PlotSeries(column="target", label=page.text("Target"), meaning="target", mark="tick")
    return Plot(
        kind="grouped",
        category="month",
        time="month",
        unit=f"money:{page.edition.currency}",
        series=(
            PlotSeries(column="value", label=page.text("Booked"), meaning="won"),
            span(page.text("80% of outcomes"), "wide", "p10", "p90"),
            span(page.text("50% of outcomes"), "narrow", "p25", "p75"),
            PlotSeries(column="p50", label=page.text("Median forecast"), mark="tick"),
            *((aim,) if target else ()),
        ),
    )


def track_record(page: Page) -> Plot:
    """Return the error of each method; the one in use stands out."""
    labels = {True: page.text("Method in use"), False: page.text("Other methods")}
    return Plot(
        kind="bars",
        category="label",
        unit="ratio",
        axis=page.text("Error as a share of actual bookings (WAPE)"),
        series=tuple(
            PlotSeries(
                column="wape",
                label=labels[chosen],
                meaning="won" if chosen else "peers",
                where="chosen",
                holds=chosen,
            )
            for chosen in (True, False)
        ),
    )


def reliability(page: Page) -> Plot:
    """Return the share won of each class of chances with its interval, and the chance given."""
    came = PlotSeries(
        column="came",
        label=page.text("Share won and 95% interval"),
        mark="point",
        low="low",
        high="high",
    )
    said = PlotSeries(
        column="said", label=page.text("Chance given, mean"), meaning="target", mark="tick"
    )
    axis = page.text("Share of them won in time")
    return Plot(kind="points", category="label", unit="ratio", axis=axis, series=(came, said))


def call_bias(page: Page) -> Plot:
    """Return each person's signed bias of calls with its interval."""
    axis = page.text("Call against result: below 0 too little, above 0 too much")
    bias = PlotSeries(
        column="value",
        label=page.text("Bias and 95% interval"),
        mark="point",
        low="low",
        high="high",
    )
    return Plot(kind="points", category="label", unit="ratio", axis=axis, series=(bias,))


def pace(page: Page) -> Plot:
    """Return what is needed in each week."""
    return Plot(
        kind="grouped",
        category="week",
        time="week",
        unit=f"money:{page.edition.currency}",
        series=(
            PlotSeries(column="needed", label=page.text("Needed in the week"), meaning="open"),
        ),
    )


def waterfall(page: Page) -> Plot:
    """Return what each bar added to the pipeline, or took from it."""
    label = page.text("Change in the open pipeline")
    return Plot(
        kind="bars",
        category="label",
        unit=f"money:{page.edition.currency}",
        series=(PlotSeries(column="value", label=label, meaning="peers"),),
    )


def person_rates(page: Page, *, axis: str = "", raw: bool = True) -> Plot:
    """Return each row's estimate with its interval over the common mean, and its raw number.

    ``axis`` is what the numbers are of; the share of closed deals won if not given.
    """
    text = page.text
    series = (
        PlotSeries(column="mean", label=text("All together"), meaning="target", mark="line"),
        PlotSeries(
            column="value",
            label=text("Estimate and 95% interval"),
            mark="point",
            low="low",
            high="high",
        ),
        PlotSeries(column="raw", label=text("Raw rate"), meaning="muted", mark="ring"),
    )
    return Plot(
        kind="points",
        category="label",
        unit="ratio",
        axis=axis or text("Share of closed deals won"),
        series=series if raw else series[:2],
    )


def habits(page: Page) -> Plot:
    """Return the share won with each behaviour and its interval, over the share of all deals."""
    return person_rates(page, axis=page.text("Share of deals won, other things equal"), raw=False)


def gaps(page: Page) -> Plot:
    """Return gaps in win rate with their intervals, around the line of none."""
    label = page.text("Estimate and 95% interval")
    return Plot(
        kind="points",
        category="label",
        unit="ratio",
        axis=page.text("Win rate against like deals that kept the rule"),
        series=(PlotSeries(column="value", label=label, mark="point", low="low", high="high"),),
    )


def gap_parts(page: Page, sides: Mapping[str, str]) -> Plot:
    """Return the parts of gaps with their intervals; ``sides`` are columns, with their names."""
    colours: tuple[Meaning, ...] = ("won", "lost")
    series = tuple(
        PlotSeries(
            column=side,
            label=name,
            meaning=colour,
            mark="point",
            low=f"{side}_low",
            high=f"{side}_high",
        )
        for (side, name), colour in zip(sides.items(), colours, strict=False)
    )
    return Plot(
        kind="points", category="label", unit=f"money:{page.edition.currency}", series=series
    )


def chance(page: Page, *, axis: str = "", across: str = "") -> Plot:
    """Return rates over the number of deals, between the limits that chance keeps."""
    text = page.text
    limits = text("Limits of chance: 95%")
    return Plot(
        kind="scatter",
        category="n",
        names="label",
        unit="ratio",
        axis=axis or text("Share of closed deals won"),
        across=across or text("Deals closed"),
        series=(
            PlotSeries(column="mean", label=text("All together"), meaning="target", mark="line"),
            PlotSeries(column="low95", label=limits, meaning="peers", mark="line"),
            PlotSeries(column="high95", label=limits, meaning="peers", mark="line"),
            PlotSeries(column="value", label=text("One person"), meaning="muted", mark="point"),
        ),
    )


def targets(page: Page) -> Plot:
    """Return each person's past result as a bar, and the target beside it."""
    past = page.text("Result of the past year")
    return Plot(
        kind="bars",
        category="label",
        unit=f"money:{page.edition.currency}",
        series=(
            PlotSeries(column="last_year", label=past, meaning="open"),
            PlotSeries(column="target", label=page.text("Target"), meaning="target", mark="tick"),
        ),
    )


def stretch(page: Page) -> Plot:
    """Return each person's likely results over the target: 8 of 10 futures, and the median."""
    return Plot(
        kind="points",
        category="label",
        unit="ratio",
        axis=page.text("Result as a share of the target"),
        series=(
            PlotSeries(
                column="p50",
                label=page.text("80% of outcomes"),
                meaning="wide",
                mark="span",
                low="p10",
                high="p90",
            ),
            PlotSeries(column="p50", label=page.text("Median"), mark="point"),
        ),
    )


def way(page: Page) -> Plot:
    """Return the company's likely way, added up by month, and the target's."""
    return Plot(
        kind="points",
        category="month",
        time="month",
        unit=f"money:{page.edition.currency}",
        series=(
            PlotSeries(
                column="p50",
                label=page.text("80% of outcomes"),
                meaning="wide",
                mark="span",
                low="p10",
                high="p90",
            ),
            PlotSeries(column="p50", label=page.text("Median"), mark="point"),
            PlotSeries(column="target", label=page.text("Target"), meaning="target", mark="tick"),
        ),
    )
