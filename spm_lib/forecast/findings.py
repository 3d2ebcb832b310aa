"""What a forecast says in words: what is expected, why one may believe it, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from spm_lib.core.statement import Amount, Phrase, Share, Statement
from spm_lib.forecast.methods.offered import method_named
from spm_lib.forecast.past.fill_rate import refused_columns
from spm_lib.forecast.track_record.champion import FEWEST
from spm_lib.model.names import column_phrase

if TYPE_CHECKING:
    from spm_lib.forecast.bookings import ForecastResult


def findings(result: ForecastResult) -> tuple[Statement, ...]:
    """Return the statements of a forecast, most important first.

    That nothing beats the naive methods is the very first.
    """
    chosen = result.champion.reason
    first = chosen.kind == "happened"
    parts = [
        *([chosen] if first else []),
        _expected(result),
        *_split(result),
        *_target(result),
        *([] if first else [chosen]),
        *_record(result),
        *_changed(result),
        *_people(result),
        *_interval(result),
        *_deals(result),
        *_refused(result),
        *_missing(result),
        Statement(
            "The result of a single person in a single month is mostly the luck of single deals: "
            "read the range, not the point.",
            kind="note",
        ),
    ]
    return tuple(parts)


def _money(result: ForecastResult, minor: int) -> Amount:
    return Amount(minor, result.draws.currency)


def _quarter(result: ForecastResult) -> dict[str, Any]:
    return result.summary.row(-1, named=True)


def _expected(result: ForecastResult) -> Statement:
    row = _quarter(result)
    values = {name: _money(result, row[name]) for name in ("mean", "p10", "p90")}
    if row["p10"] == row["p90"]:
        return Statement(
            "{period} is expected to bring {mean}: in more than 8 of 10 cases nothing is added to "
            "the {won} won already.",
            {
                "period": result.quarter.periods[0],
                "mean": values["mean"],
                "won": _money(result, row["won"]),
            },
        )
    return Statement(
        "{period} is expected to bring {mean}; in 8 of 10 cases it brings between {p10} and {p90}.",
        {"period": result.quarter.periods[0], **values},
    )


def _split(result: ForecastResult) -> list[Statement]:
    row = _quarter(result)
    if row["open"] is None:
        text = (
            "Of this {won} is won already and {later} is still to come; the data cannot "
            "tell open deals from deals not yet created."
        )
        return [Statement(text, {k: _money(result, row[k]) for k in ("won", "later")})]
    text = (
        "Of this {won} is won already, {open} comes from deals that are open now and "
        "{new} from deals that do not exist yet."
    )
    return [Statement(text, {k: _money(result, row[k]) for k in ("won", "open", "new")})]


def _target(result: ForecastResult) -> list[Statement]:
    period = result.quarter.periods[0]
    mine = result.targets.filter(
        pl.col("rep_id").is_null() & (pl.col("grain") == "quarter")
    ).to_dicts()
    values = {"period": period}
    return [
        Statement(
            "The target of {target} for {period} is reached in {odds} of the scenarios.",
            {**values, "target": _money(result, row["target"]), "odds": Share(row["odds"])},
        )
        for row in mine
    ]


def _record(result: ForecastResult) -> list[Statement]:
    record = result.track_record.filter(
        (pl.col("method") == result.champion.method)
        & (pl.col("level") == "company")
        & pl.col("wape").is_not_null()
    ).sort("horizon", descending=True)
    enough = record.filter(pl.col("windows") >= FEWEST)
    record = enough if enough.height else record
    if not record.height:
        return []
    row = record.row(0, named=True)
    values = {
        "method": Phrase(method_named(result.champion.method).name),
        "windows": row["windows"],
        "wape": Share(row["wape"]),
        "bias": Share(abs(row["bias"])),
        "coverage": Share(row["coverage80"]),
    }
    return [Statement(_record_text(row["horizon"], row["bias"]), values, kind="why")]


def _record_text(horizon: str, bias: float) -> str:
    quarter = horizon == "quarter"
    if bias >= 0:
        return (
            "Over {windows:1 past quarter|{windows} past quarters} this method missed the "
            "company's total by {wape} of it, and was {bias} too high overall; {coverage} of "
            "the results lay in the 80% range."
            if quarter
            else "Over {windows:1 past month|{windows} past months} this method missed the "
            "company's total by {wape} of it, and was {bias} too high overall; "
            "{coverage} of the results lay in the 80% range."
        )
    return (
        "Over {windows:1 past quarter|{windows} past quarters} this method missed the "
        "company's total by {wape} of it, and was {bias} too low overall; {coverage} of the "
        "results lay in the 80% range."
        if quarter
        else "Over {windows:1 past month|{windows} past months} this method missed the "
        "company's total by {wape} of it, and was {bias} too low overall; {coverage} of "
        "the results lay in the 80% range."
    )


def _changed(result: ForecastResult) -> list[Statement]:
    if result.before is None:
        return []
    text = "One period earlier another method was used: {method}."
    return [Statement(text, {"method": Phrase(method_named(result.before).name)}, kind="why")]


def _people(result: ForecastResult) -> list[Statement]:
    if result.people == result.champion.method:
        return []
    text = (
        'For single people "{best}" was the best on the past: it says how the total of the '
        "company's method is shared out among them, so that their numbers add up to it."
    )
    return [Statement(text, {"best": Phrase(method_named(result.people).name)}, kind="note")]


def _refused(result: ForecastResult) -> list[Statement]:
    found = []
    for refused in refused_columns(result.company):
        if refused.moving:
            text = "Nothing is learnt from {column}: its value changes in the life of a deal."
            found.append(Statement(text, {"column": column_phrase(refused.column)}, kind="note"))
            continue
        text = (
            "Nothing is learnt from {column}: it is filled for {open} of open deals and for "
            "{closed} of closed ones, so it tells which deals are over."
        )
        values = {
            "column": column_phrase(refused.column),
            "open": Share(refused.open_filled),
            "closed": Share(refused.closed_filled),
        }
        found.append(Statement(text, values, kind="note"))
    return found


def _interval(result: ForecastResult) -> list[Statement]:
    if not result.shock.assumed:
        return []
    text = (
        "The range is partly assumed: only {windows:1 past window of this length "
        "has|{windows} past windows of this length have} closed, and 8 are needed to measure "
        "it."
    )
    return [Statement(text, {"windows": result.shock.windows}, kind="note")]


def _deals(result: ForecastResult) -> list[Statement]:
    top = result.top_deals
    if top is None:
        return []
    text = (
        "Look first at the {deals} open deals that weigh most: {amount} expected, {share} of what "
        "all open deals should bring in the quarter."
        if top.known
        else "Look first at the {deals} largest open deals due by the end of {period}: {amount}, "
        "{share} of the value of all that are. How likely each of them is the data does not tell."
    )
    values = {
        "deals": top.deals,
        **({} if top.known else {"period": result.quarter.periods[0]}),
        "amount": _money(result, top.expected),
        "share": Share(top.share),
    }
    return [Statement(text, values, kind="todo")]


def _missing(result: ForecastResult) -> list[Statement]:
    if result.ladder.level >= 2:
        return []
    text = (
        "Keep a dated history of stages (an export every week, or the CRM's field history): "
        "then the pipeline itself can be forecast, and the forecast tested."
    )
    return [Statement(text, kind="todo")]
