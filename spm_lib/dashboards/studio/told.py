"""What the studio tells while levers move: tiles, charts, and everybody's line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from spm_lib.charts import path_chart, target_odds_chart, vega_lite
from spm_lib.core.language import Language
from spm_lib.plans import TargetPlan

Rows = list[dict[str, Any]]
_WIDTH = 660
_SURE = 1.96  # standard errors on either side, that hold 95 %
_NONE = "–"
_SHARES = dict.fromkeys(("asked", "odds", "low", "high"), pl.Float64)
_POINTS = {"label": pl.String, **_SHARES, "stretched": pl.Boolean, "told": pl.String}


def charts_of(plan: TargetPlan, language: Language) -> dict[str, dict[str, Any]]:
    """Return the specifications of the charts; later only their rows are replaced."""
    text, currency = language.text, plan.scenario.currency
    rows = chart_rows(plan, frozenset())
    found = {}
    if plan.odds is not None:
        found["way"] = vega_lite(
            path_chart(
                plan.odds.months,
                language=language,
                currency=currency,
                title=text("Bookings added up, month by month"),
                width=_WIDTH,
            )
        )
        found["odds"] = vega_lite(
            target_odds_chart(
                pl.DataFrame(rows["odds"], schema=_POINTS),
                language=language,
                title=text("What targets ask, and the odds of reaching them"),
                width=_WIDTH,
            )
        )
    return found


def chart_rows(plan: TargetPlan, stretched: frozenset[str]) -> dict[str, Rows]:
    """Return the rows of both charts; those of a plan without odds are empty."""
    if plan.odds is None:
        return {"way": [], "odds": []}
    months = plan.odds.months.to_dicts()
    way = [{**row, "month": row["month"].isoformat()} for row in months]
    columns = ("rep_id", "name", "growth", "odds", "odds_error")
    points = []
    for rep, name, growth, odds, error in plan.people.select(columns).iter_rows():
        if growth is None or odds is None:
            continue
        low, high = max(odds - _SURE * error, 0.0), min(odds + _SURE * error, 1.0)
        named = rep in stretched
        label = name or rep
        points.append(
            {
                "label": label,
                "asked": round(1 + growth, 4),
                "odds": odds,
                "low": low,
                "high": high,
                "stretched": named,
                "told": label if named else "",
            }
        )
    return {"way": way, "odds": points}


def stretched_of(plan: TargetPlan) -> frozenset[str]:
    """Return the ids of the three whose odds are the lowest; of the most asked without odds."""
    rows = plan.people.select("rep_id", "odds", "growth").rows()
    known = [(odds, rep) for rep, odds, _ in rows if odds is not None]
    if not known:
        known = [(-growth, rep) for rep, _, growth in rows if growth is not None]
    return frozenset(rep for _, rep in sorted(known)[:3])


def tiles_of(plan: TargetPlan, language: Language, *, whole: bool) -> Rows:
    """Return the key numbers: odds with their interval, what to expect, what is asked of people.

    ``whole``: of the company, not of a team on its own.
    """
    text, amount = language.text, amounts(plan, language)
    told, goal = plan.company_odds, amount(plan.company_target)
    name = text("Odds of the company's target") if whole else text("Odds of the team's target")
    if told is None or told["odds"] is None:
        odds = {"name": name, "value": _NONE, "note": plan.no_odds}
        expected = {"name": text("Expected bookings"), "value": _NONE, "note": ""}
    else:
        value, error = told["odds"], told["error"]
        ends = (max(value - _SURE * error, 0), min(value + _SURE * error, 1))
        interval = language.interval(*(language.percent(end, 1) for end in ends))
        odds = {
            "name": name,
            "value": language.percent(value, 1),
            "note": text("95% interval {interval}", interval=interval),
        }
        middle = language.interval(amount(told["p10"]), amount(told["p90"]))
        expected = {
            "name": text("Expected bookings"),
            "value": amount(told["mean"]),
            "note": text("P10 to P90: {interval}", interval=middle),
        }
    total = int(plan.people["target"].sum())
    over = language.percent(plan.over_assignment or 0.0, 1)
    asked = {
        "name": text("Targets of all people"),
        "value": amount(total),
        "note": text("{over} over {target}", over=over, target=goal),
    }
    return [odds, expected, asked]


def amounts(plan: TargetPlan, language: Language) -> Any:
    """Return what writes an amount of the plan's metric, short."""
    if not plan.decimals:
        return lambda value: language.number(value)
    currency = plan.scenario.currency
    return lambda value: language.money(value, currency, compact=True)


def lines_of(plan: TargetPlan, language: Language, *, posts: bool) -> Rows:
    """Return whose lines there are, ``id, name, team``: the open posts', or all others'.

    A post that is left out keeps its line, on which it is taken back.
    """
    columns = ("rep_id", "name", "team", "post")
    out = plan.left_out.filter("post").select("rep_id", "name", "post")
    rows = pl.concat([plan.people.select(columns), out], how="diagonal").iter_rows()
    return [
        {"id": rep, "name": _name_of(rep, name, language, post=post), "team": team or ""}
        for rep, name, team, post in rows
        if posts == post
    ]


def _name_of(rep: str, name: str | None, language: Language, *, post: bool) -> str:
    if post:
        return language.text("New hire {number}", number=rep.rpartition(" ")[2])
    return name or rep


class Lines:
    """Everybody's line as it was last told: only what changed is told again."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._told: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        """Tell everything anew."""
        self._told.clear()

    def _drop(self, plan: TargetPlan) -> None:
        """Forget open posts that are gone, so that one that comes back is told whole."""
        for gone in self._told.keys() - set(plan.people["rep_id"]) - set(plan.left_out["rep_id"]):
            del self._told[gone]

    def changed(
        self,
        plan: TargetPlan,
        stretched: frozenset[str],
        cells: Mapping[str, Any] | None = None,
        *,
        seen: frozenset[str] | None = None,
    ) -> Rows:
        """Return the changed parts of the lines, ``cells`` (what people's inputs say) included.

        Who is left out of the plan has neither target nor odds. ``seen``: whose lines are told
        now, the others when they are asked for next; null: all.
        """
        language, amount = self.language, amounts(plan, self.language)
        columns = ("rep_id", "target", "growth", "odds", "p10", "p90")
        found = []
        self._drop(plan)
        rows = pl.concat(
            [plan.people.select(columns), plan.left_out.select("rep_id")], how="diagonal"
        )
        if seen is not None:
            rows = rows.filter(pl.col("rep_id").is_in(sorted(seen)))
        for rep, target, growth, odds, low, high in rows.iter_rows():
            old = self._told.setdefault(rep, {})
            raw = {"target": target, "asked": growth, "odds": odds, "range": (low, high)}
            new: dict[str, Any] = {}
            if raw["target"] != old.get("target", ""):
                new["target"] = _NONE if target is None else amount(target)
            if growth != old.get("asked", ""):
                new["asked"] = _NONE if growth is None else language.percent(1 + growth, 0)
            if odds != old.get("odds", ""):
                new["odds"] = _NONE if odds is None else language.percent(odds, 0)
                new["share"] = odds
            if raw["range"] != old.get("range", ""):
                new["range"] = (
                    _NONE if low is None else language.interval(amount(low), amount(high))
                )
            if (rep in stretched) != old.get("stretched"):
                new["stretched"] = raw["stretched"] = rep in stretched
            if cells is not None:
                new["cells"] = cells[rep]
            if new:
                found.append({"id": rep, **new})
            self._told[rep] = {**old, **raw}
        return found
