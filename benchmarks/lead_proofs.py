"""The heavy proof of lead to deal: planted odds come back, what does nothing is not accused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from rich.progress import track

from spm_lib.model import Company, company_from_frames
from spm_lib.process import LeadFlow, LeadScore, lead_flow, lead_score
from spm_lib.simulate import frames, in_major_units, make_world, preset_of
from spm_lib.simulate.deals import make_deals
from spm_lib.simulate.lead_odds import lead_truth
from spm_lib.simulate.presets import LeadOdds
from spm_lib.simulate.workspace_file import workspace_text
from spm_lib.stats import wilson
from spm_lib.workspace import settings_from_text

DEALS = 3000
PLANTED = LeadOdds()
NOTHING = LeadOdds(
    sources=tuple((name, 0.0) for name, _ in PLANTED.sources),
    sizes=tuple((name, share, 0.0) for name, share, _ in PLANTED.sizes),
    answers=tuple((name, share, 0.0) for name, share, _ in PLANTED.answers),
)


@dataclass(frozen=True)
class PlantedLeads:
    """What is told of a company's leads, and their truth.

    ``truth`` holds the columns of ``lead_truth``, ``created_day, converted_day``, and ``in_time``:
    the true chance to become a deal within the horizon, as the lead is answered.
    """

    company: Company
    flow: LeadFlow
    score: LeadScore
    truth: pl.DataFrame

    @property
    def kept(self) -> float:
        """The share of converting leads that do so within the horizon, whatever they are like."""
        days = (self.truth["converted_day"] - self.truth["created_day"]).drop_nulls().to_numpy()
        return float((days <= self.flow.horizon).mean())

    def held(self) -> list[bool]:
        """Return, per source and answer, whether the interval of its share holds the true one."""
        used = self.truth.join(self.flow.used, on="lead_id")
        soon = pl.when(answer="soon").then(pl.lit("soon")).otherwise(pl.lit("later"))
        parts = (("source", pl.col("source"), "chance_at_arrival"), ("answer", soon, "chance"))
        found = []
        for column, value, chance in parts:
            true = dict(used.group_by(value.alias("value")).agg(pl.col(chance).mean()).iter_rows())
            for row in self.flow.groups.filter(column=column).iter_rows(named=True):
                low, high = wilson(row["converted"], row["leads"])
                found.append(bool(low <= true[row["value"]] * self.kept <= high))
        return found

    def letters(self, column: str) -> dict[str, set[str]]:
        """Return the letters of the values of a column; none where nothing is ranked."""
        rows = self.flow.groups.filter(column=column).select("value", "group").iter_rows()
        return {value: set(group) for value, group in rows}

    def apart(self, column: str, one: str, other: str) -> int:
        """Return 1 where one value is told to be above another one, -1 below, 0 not apart."""
        letters = self.letters(column)
        if not letters[one] or letters[one] & letters[other]:
            return 0
        rates = dict(self.flow.groups.filter(column=column).select("value", "shrunk").iter_rows())
        return 1 if rates[one] > rates[other] else -1


def planted_leads(
    seed: int, odds: LeadOdds = PLANTED, *, opportunities: int = DEALS
) -> PlantedLeads:
    """Make a company whose leads become deals by known odds, and tell what is found of them."""
    preset = replace(preset_of("leads"), opportunities=opportunities, leads=odds)
    path = Path(tempfile.gettempdir()) / "spm.toml"
    made = frames(preset, seed)
    tables = {name: made[name] for name in ("opportunities", "leads")}
    settings = settings_from_text(workspace_text(preset), path=path)
    company = company_from_frames(in_major_units(tables), settings)
    world = make_world(preset, seed)
    truth = lead_truth(world, odds, make_deals(world, np.arange(opportunities)))
    days = company.table("leads").select("lead_id", "created_day", "converted_day")
    flow = lead_flow(company, window=company.default_window())
    return PlantedLeads(company, flow, lead_score(company), truth.join(days, on="lead_id"))


def companies(seeds: int, odds: LeadOdds) -> Iterator[PlantedLeads]:
    """Return companies with planted leads."""
    name = "nothing" if odds == NOTHING else "odds"
    for seed in track(range(seeds), description=f"companies with planted leads: {name}"):
        yield planted_leads(80_000 + seed, odds)


def leads_part(*, seeds: int) -> str:
    """Return the part of docs/validation.md on leads."""
    lines = [
        "| companies | source with an effect, told from the website | on the wrong side | event "
        "told from the website | a soon answer found | on the wrong side | people ranked "
        "| intervals that hold the truth |",
        "|---|---|---|---|---|---|---|---|",
    ]
    scores = [
        "| companies | score shown | no better than the source | withheld: a group does not hold "
        "| groups that hold | sizes in planted order | correlation with the true chance (median) |",
        "|---|---|---|---|---|---|---|",
    ]
    for title, odds in (("planted odds", PLANTED), ("nothing planted", NOTHING)):
        made = list(companies(seeds, odds))
        lines.append(_flow_row(title, made, planted=odds == PLANTED))
        scores.append(_score_row(title, made, planted=odds == PLANTED))
    flow, score = "\n".join(lines), "\n".join(scores)
    return f"""## Planted odds of leads come back, what does nothing is not accused
{DEALS:,} deals and about {2.5 * DEALS:,.0f} leads that become deals by log odds: a referral +0.8, a
partner -0.7, an event and the website 0; 51 and more people +0.9, up to ten -0.9; an answer by
the next day +0.9, none -0.6; the form 0; people alike. Three columns are looked at (source,
person, answer), each at 5 % / 3; the bound for what does nothing is 8 %. *Intervals that hold
the truth*: 95 % intervals of the share of each source, and of soon and late answers, that became
deals (all companies have as many deals, so shares vary less than the intervals allow). *Groups
that hold*: fifths of leads not learned from whose interval (95 % for all five together) holds
what the score had said.

{flow}

{score}
"""


def _flow_row(title: str, made: list[PlantedLeads], *, planted: bool) -> str:
    n = len(made)
    sources = [m.apart("source", "Referral", "Website") for m in made]
    sources += [-m.apart("source", "Partner", "Website") for m in made]
    event = sum(m.apart("source", "Event", "Website") != 0 for m in made)
    soon = [m.apart("answer", "soon", "later") for m in made]
    people = sum(any(m.letters("rep_id").values()) for m in made)
    held = [h for m in made for h in m.held()]
    truth = f"{sum(held)} of {len(held)} ({np.mean(held):.1%})"
    told = [f"{side.count(1)} of {len(side)} | {side.count(-1)}" for side in (sources, soon)]
    if not planted:
        told = [f"{sum(map(abs, side))} of {len(side)} (luck) | -" for side in (sources, soon)]
    zeros = f"{event} of {n} ({event / n:.1%})"
    return (
        f"| {n}, {title} | {told[0]} | {zeros} | {told[1]} | {people} of {n} ({people / n:.1%}) "
        f"| {truth} |"
    )


def _score_row(title: str, made: list[PlantedLeads], *, planted: bool) -> str:
    n = len(made)
    verdicts = [m.score.verdict for m in made]
    counts = " | ".join(str(verdicts.count(v)) for v in ("shown", "no better", "not calibrated"))
    if not planted:
        return f"| {n}, {title} | {counts} | - | - | - |"
    groups = pl.concat(m.score.groups.select("holds") for m in made)["holds"]
    waiting = [m.score.waiting.join(m.truth, on="lead_id") for m in made if m.score.waiting.height]
    order = sum(size_order(w) == ["1-10", "11-50", "51+"] for w in waiting)
    pairs = [w.select("chance", "chance_at_arrival").to_numpy().T for w in waiting]
    close = float(np.median([np.corrcoef(pair)[0, 1] for pair in pairs]))
    held = f"{groups.sum()} of {groups.len()} ({groups.mean():.1%})"
    return f"| {n}, {title} | {counts} | {held} | {order} of {len(waiting)} | {close:.3f} |"


def size_order(scored: pl.DataFrame) -> list[str]:
    """Return the sizes of scored leads from the lowest mean log odds to the highest."""
    odds = (pl.col("chance") / (1 - pl.col("chance"))).log().mean()
    return scored.group_by("Size").agg(odds=odds).sort("odds")["Size"].to_list()


if __name__ == "__main__":
    print(leads_part(seeds=200))
