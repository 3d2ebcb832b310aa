"""The metric ids of the forecast: every number it prints, defined."""

from __future__ import annotations

from spm_lib.forecast.answers import compute
from spm_lib.model import declaring

_PAST = "won value, minor units, of closed windows; forecasts made at their origins"
_NONE = "null where nothing was won in the scored windows"
_SOURCE = "Gneiting & Raftery (2007), JASA 102:359; Ferro (2014), QJRMS 140:1917"


_declare = declaring("forecast", compute=compute, unit="money", null_rule="never null")


def declare_forecast_ids() -> None:
    """Put the forecast's ids into the registry."""
    _declare(
        "forecast.bookings",
        "Forecast of won value",
        "median of the scenarios of won value in the period; low and high are P10 and P90",
        numerator="won value per scenario",
        denominator="scenarios",
        reading="In 8 of 10 cases the result should lie between low and high.",
        dimensions=("rep_id",),
    )
    _declare(
        "forecast.bookings.mean",
        "Mean forecast of won value",
        "mean of the scenarios of won value in the period; parts add up to it",
        numerator="won value per scenario",
        denominator="scenarios",
        dimensions=("rep_id",),
    )
    _declare(
        "forecast.won_already",
        "Won already",
        "won value of deals closed in the period up to the report's date",
        numerator="amount of won deals",
        dimensions=("rep_id",),
    )
    _declare(
        "forecast.from_open",
        "Expected from open deals",
        "mean over scenarios of won value from deals open at the report's date",
        numerator="won value per scenario",
        denominator="scenarios",
        null_rule="not told where the data cannot tell open from new",
        dimensions=("rep_id",),
    )
    _declare(
        "forecast.from_new",
        "Expected from deals not yet created",
        "mean over scenarios of won value from deals created after the report's date",
        numerator="won value per scenario",
        denominator="scenarios",
        null_rule="not told where the data cannot tell open from new",
        dimensions=("rep_id",),
    )
    _declare(
        "forecast.still_to_come",
        "Expected still to come",
        "mean over scenarios of won value after the report's date, not split",
        numerator="won value per scenario",
        denominator="scenarios",
        null_rule="told only where the data cannot tell open from new",
        dimensions=("rep_id",),
    )
    _declare_odds()
    _declare_deals()
    _declare_reliability()
    _declare_track_record()


def _declare_odds() -> None:
    _declare(
        "forecast.target",
        "Target of the forecast period",
        "sum of the targets for won value that cover the period",
        numerator="target value",
        null_rule="not told where targets do not cover the whole period",
        dimensions=("rep_id",),
    )
    _declare(
        "forecast.target_odds",
        "Chance to reach the target",
        "scenarios in which won value reaches the target / scenarios",
        numerator="scenarios that reach the target",
        denominator="scenarios",
        unit="ratio",
        null_rule="not told where there is no target",
        dimensions=("rep_id",),
    )


def _declare_deals() -> None:
    _declare(
        "forecast.deal.amount",
        "Amount of an open deal",
        "last amount of the deal known at the report's date",
        numerator="amount",
        null_rule="deals without an amount are left out",
    )
    _declare(
        "forecast.deal.chance",
        "Chance of an open deal",
        "chance to be won within the horizon, from the hazard of past open deals alike in stage, "
        "time in stage, age, planned close, pushes, amount and what is known since creation; with "
        "too few wins for it, their share by stage and time in stage",
        numerator="such deals that were won within the horizon",
        denominator="past open deals that looked alike",
        unit="ratio",
        null_rule="not told where the data has no stage history",
        reading="An association with what past deals looked like, no judgement of the single deal.",
    )
    _declare(
        "forecast.deal.expected",
        "Expected value of an open deal",
        "amount x chance",
        numerator="amount x chance",
        null_rule="not told where no chance is known",
    )

    _declare(
        "forecast.deal.top_value",
        "Expected value of the open deals that weigh most",
        "sum of amount x chance over the ten open deals with the largest; without chances, of the "
        "amounts of the ten largest due by the end of the quarter",
        numerator="amount x chance",
        denominator="the ten open deals that weigh most, together",
        null_rule="not told where they weigh less than 2% of the whole",
    )
    _declare(
        "forecast.deal.top_share",
        "Share of the open deals that weigh most",
        "their expected value / what all open deals should bring in the quarter",
        numerator="expected value of the ten open deals that weigh most",
        denominator="mean won value from open deals in the quarter; without chances, the value of "
        "those due by its end",
        unit="ratio",
        null_rule="not told where they weigh less than 2% of the whole",
    )


def _declare_reliability() -> None:
    _declare(
        "forecast.deal.said",
        "Chance given to past open deals",
        "mean chance given at the origins of past quarters to the open deals of a class of chances",
        numerator="sum of the chances given",
        denominator="open deals of the class at all origins",
        unit="ratio",
        null_rule="not told where no method gives chances",
    )
    _declare(
        "forecast.deal.came",
        "Share of them won in time",
        "open deals of the class that were won within the quarter / open deals of the class; low "
        "and high by Wilson",
        numerator="deals won within the quarter",
        denominator="open deals of the class at all origins",
        unit="ratio",
        null_rule="not told where no method gives chances",
        reading="Should be the chance that was given; its interval tells how well that is known.",
    )


def _declare_track_record() -> None:
    _declare(
        "forecast.track.gain",
        "Gain over the naive methods",
        "1 - CRPS of the method used / CRPS of the best method that looks at past bookings only",
        numerator="CRPS of the method used",
        denominator="CRPS of the best naive method on the same windows",
        unit="ratio",
        null_rule="null where the method used does not beat the naive ones",
        source=_SOURCE,
    )
    _declare(
        "forecast.track.bias",
        "Signed bias of past forecasts",
        "sum (forecast - actual) / sum actual, over closed windows",
        numerator="sum of forecast - actual",
        denominator=_PAST,
        unit="ratio",
        null_rule=_NONE,
        reading="Above zero: the method forecast too much.",
    )
    _declare(
        "forecast.track.wape",
        "Weighted absolute error of past forecasts",
        "sum |forecast - actual| / sum actual, over closed windows (and reps)",
        numerator="sum of |forecast - actual|",
        denominator=_PAST,
        unit="ratio",
        null_rule=_NONE,
        source="Kolassa & Schütz (2007), Foresight 6:40",
    )
    _declare(
        "forecast.track.ncrps",
        "Error of past ranges (nCRPS)",
        "sum CRPS / sum actual, CRPS = E|X - a| - E|X - X'| / 2",
        numerator="sum of CRPS",
        denominator=_PAST,
        unit="ratio",
        null_rule=_NONE,
        source=_SOURCE,
        reading="Comparable with the weighted absolute error; rewards honest ranges.",
    )
    _declare(
        "forecast.track.coverage80",
        "Share of results inside the 80% range",
        "past results between P10 and P90 / past results; low and high by Wilson",
        numerator="results between P10 and P90",
        denominator="results of closed windows (and reps)",
        unit="ratio",
        null_rule="null without a scored window",
        reading="Should be 80%; its own interval tells how well that is known.",
    )
