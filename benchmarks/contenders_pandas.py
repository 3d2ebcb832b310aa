"""The questions answered by hand in pandas, over Parquet that is read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from benchmarks import questions as q
from benchmarks.scale import LAST_DAY, STAGES


@dataclass
class Files:
    """The frames in memory, and the parts of them that several questions share."""

    deals: pd.DataFrame
    stints: pd.DataFrame
    acts: pd.DataFrame

    @cached_property
    def closed(self) -> pd.DataFrame:
        """Deals closed in the window."""
        rows = (self.deals["outcome"] != "open") & _in_window(self.deals["closed_day"])
        closed = self.deals[rows]
        return closed.assign(is_won=closed["outcome"] == "won")

    @cached_property
    def won(self) -> pd.DataFrame:
        """Deals won in the window."""
        won = self.closed[self.closed["is_won"]]
        cycle = won["closed_day"] - won["created_day"]
        return won.assign(cycle=cycle, month=_month(won["closed_day"]))


def open_files(folder: Path) -> Files:
    stints = ["opportunity_id", "amount", "stage", "stage_rank", "entered_day", "left_day"]
    return Files(
        pd.read_parquet(folder / "opportunities.parquet"),
        pd.read_parquet(folder / "stints.parquet", columns=stints),
        pd.read_parquet(folder / "activities.parquet", columns=["rep_id", "kind", "happened_day"]),
    )


def columns(answer: pd.DataFrame) -> q.Columns:
    return answer.reset_index().to_dict("list")


def _in_window(day: pd.Series) -> pd.Series:
    return (day >= q.START) & (day < q.END)


def _month(day: pd.Series) -> pd.Series:
    return pd.to_datetime(day, unit="D").dt.to_period("M").dt.start_time


def win_rate_count(files: Files) -> pd.DataFrame:
    return files.closed.groupby("rep_id")["is_won"].agg(value="mean", n="count")


def win_rate_value(files: Files) -> pd.DataFrame:
    total = files.closed.groupby("rep_id")["amount"].agg(["sum", "count"])
    won = files.won.groupby("rep_id")["amount"].sum().reindex(total.index, fill_value=0)
    return pd.DataFrame({"value": won / total["sum"], "n": total["count"]})


def win_rate_created(files: Files) -> pd.DataFrame:
    cohorts = files.deals[_in_window(files.deals["created_day"])]
    is_won = cohorts["outcome"] == "won"
    rates = is_won.groupby(_month(cohorts["created_day"]).rename("month")).agg(
        value="mean", n="count"
    )
    won = files.deals[files.deals["outcome"] == "won"]
    needed = (won["closed_day"] - won["created_day"]).quantile(0.9)
    tomorrow = pd.Timestamp(LAST_DAY + 1, unit="D")
    age = tomorrow - (rates.index + pd.offsets.MonthBegin(1))
    return rates.assign(mature=age.days >= needed)


def stage_conversion(files: Files) -> pd.DataFrame:
    cohort = files.deals.loc[_in_window(files.deals["created_day"]), ["opportunity_id", "outcome"]]
    visits = cohort.merge(files.stints[["opportunity_id", "stage_rank"]], on="opportunity_id")
    furthest = visits.groupby(["opportunity_id", "outcome"])["stage_rank"].max().reset_index()
    counted = furthest.groupby(["outcome", "stage_rank"]).size().rename("deals").reset_index()
    rows = []
    for rank, stage in enumerate(STAGES):
        passed = counted[(counted["outcome"] == "won") | (counted["stage_rank"] >= rank)]
        here = passed[passed["stage_rank"] == rank].groupby("outcome")["deals"].sum()
        entered = passed["deals"].sum()
        lost, still = here.get("lost", 0), here.get("open", 0)
        rows.append((stage, entered, entered - lost - still, lost, still))
    return pd.DataFrame(rows, columns=["stage", "entered", "advanced", "lost", "still_open"])


def time_in_stage(files: Files) -> pd.DataFrame:
    ended = files.stints[_in_window(files.stints["left_day"])]
    days = ended["left_day"] - ended["entered_day"]
    return days.groupby(ended["stage"]).agg(value="median", n="count")


def cycle(files: Files) -> pd.DataFrame:
    days = files.won.groupby("rep_id")["cycle"]
    quartiles = days.quantile([0.25, 0.5, 0.75]).unstack()
    named = quartiles.rename(columns={0.25: "q1", 0.5: "value", 0.75: "q3"})
    return named.assign(n=days.count())


def velocity(files: Files) -> pd.DataFrame:
    deals = files.deals
    is_open, created = deals["outcome"] == "open", deals["created_day"] < q.END
    worked = deals[created & (is_open | (deals["closed_day"] >= q.START))].groupby("rep_id").size()
    rate = files.closed.groupby("rep_id")["is_won"].mean()
    means = files.won.groupby("rep_id")[["amount", "cycle"]].mean()
    return pd.DataFrame({"value": worked * rate * means["amount"] / means["cycle"], "n": worked})


def average_deal(files: Files) -> pd.DataFrame:
    return files.won.groupby("rep_id")["amount"].agg(value="mean", n="count")


def per_customer(files: Files) -> pd.DataFrame:
    customers = files.won.groupby(["segment", "account_id"])["amount"].sum()
    return customers.groupby("segment").agg(value="mean", n="count")


def pipeline(files: Files) -> pd.DataFrame:
    entered, left = files.stints["entered_day"], files.stints["left_day"]
    standing = files.stints[(entered <= q.PAST_DAY) & (left.isna() | (left > q.PAST_DAY))]
    return standing.groupby("stage")["amount"].agg(count="count", amount="sum")


def activity_ratios(files: Files) -> pd.DataFrame:
    done = files.acts[_in_window(files.acts["happened_day"])]
    month = _month(done["happened_day"]).rename("month")
    kinds = {"call": "calls", "meeting": "meetings", "proposal": "proposals"}
    counted = done.groupby(["rep_id", month, "kind"]).size().unstack(fill_value=0)
    counted = counted.reindex(columns=list(kinds), fill_value=0).rename(columns=kinds)
    won = files.won.groupby(["rep_id", "month"]).size().rename("won")
    table = counted.join(won, how="outer").fillna(0)
    return table.assign(
        meetings_per_call=_ratio(table["meetings"], table["calls"]),
        proposals_per_meeting=_ratio(table["proposals"], table["meetings"]),
        won_per_proposal=_ratio(table["won"], table["proposals"]),
    )


def _ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    return above / below.where(below > 0)


def lost_reasons(files: Files) -> pd.DataFrame:
    lost = files.closed[~files.closed["is_won"]]
    deals = lost["lost_reason"].value_counts(dropna=False)
    return pd.DataFrame({"deals": deals, "value": deals / deals.sum()})


def won_amount(files: Files) -> pd.DataFrame:
    return files.won.groupby("month")["amount"].agg(value="sum")


ANSWERS = {
    q.WIN_RATE_COUNT: win_rate_count,
    q.WIN_RATE_VALUE: win_rate_value,
    q.WIN_RATE_CREATED: win_rate_created,
    q.CONVERSION: stage_conversion,
    q.TIME_IN_STAGE: time_in_stage,
    q.CYCLE: cycle,
    q.VELOCITY: velocity,
    q.AVERAGE_DEAL: average_deal,
    q.PER_CUSTOMER: per_customer,
    q.PIPELINE: pipeline,
    q.ACTIVITY_RATIOS: activity_ratios,
    q.LOST_REASONS: lost_reasons,
    q.WON_AMOUNT: won_amount,
}
