"""What the simulator's tests share: companies made once, and an independent count of exposure."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from spm_lib.simulate import PRESETS, frames, make_world
from spm_lib.simulate.records import make_records
from spm_lib.simulate.truth import clock_truth, deal_truth, parameters_text, rep_truth

ZONE = ZoneInfo("Asia/Jerusalem")
Cell = tuple[str, str, int]


@pytest.fixture(scope="session")
def clean() -> dict[str, pl.DataFrame]:
    """The frames of the clean company."""
    return frames("clean", 5)


@pytest.fixture(scope="session")
def sample_folder(root: Path) -> Path:
    return root / "data" / "sample"


@dataclass
class Tally:
    """Events and exposure: by (stage, cause, bucket), and forward ones by rep and by behaviour."""

    seen: dict[Cell, float] = field(default_factory=lambda: defaultdict(float))
    due: dict[Cell, float] = field(default_factory=lambda: defaultdict(float))
    rep_seen: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    rep_due: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    done_seen: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))
    done_due: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))


def moment_of(instant: datetime) -> float:
    """Epoch day and the share of office hours that passed, from what the history says."""
    local = instant.astimezone(ZONE)
    day = (local.date() - datetime(1970, 1, 1).date()).days  # noqa: DTZ001 - a plain date
    return day + (local.hour * 60 + local.minute - 480 + 0.5) / 600


class Reading:
    """A clock read naively from the truth file: cumulative pace, linear within the day."""

    def __init__(self, first: int, pace: list[float]) -> None:
        self.days = np.arange(len(pace) + 1) + first
        self.total = np.concatenate([[0.0], np.cumsum(pace)])

    def __call__(self, moment: float) -> float:
        return float(np.interp(moment, self.days, self.total))


def count_exposure(
    events: pl.DataFrame,
    deals: pl.DataFrame,
    reps: pl.DataFrame,
    clocks: pl.DataFrame,
    truth: dict,
    end: float,
) -> Tally:
    """Walk every deal's history in plain Python and count what happened against what was due.

    Uses the truth files and the recorded history alone, none of the engine's code.
    """
    first = (clocks["date"][0] - datetime(1970, 1, 1).date()).days  # noqa: DTZ001 - a plain date
    work, closing = (Reading(first, clocks[name].to_list()) for name in ("work", "closing"))
    skill = {
        r["rep_id"]: (r["forward_effect"], r["lose_effect"]) for r in reps.iter_rows(named=True)
    }
    open_stages, edges = truth["stages"][:4], [*truth["bucket_edges_days"], np.inf]
    base = np.array(truth["base_rates"])
    tally = Tally()
    deal_of = {row["opportunity_id"]: row for row in deals.iter_rows(named=True)}
    for (deal_id,), rows in events.partition_by(
        "opportunity_id", as_dict=True, maintain_order=True
    ).items():
        deal = deal_of[deal_id]
        walk = rows.select("entered_at", "stage", "rep_id").rows()
        entered = 0.0
        for k, (instant, stage, rep) in enumerate(walk):
            start = moment_of(instant)
            if k == 0 or walk[k - 1][1] != stage:
                entered = start
            if stage not in open_stages:
                continue
            following = walk[k + 1] if k + 1 < len(walk) else None
            stop = moment_of(following[0]) if following else end
            s = open_stages.index(stage)
            landmark = deal["created"] + truth["landmark_days"]
            cuts = sorted(
                {
                    start,
                    stop,
                    *(
                        c
                        for c in (landmark, *(entered + e for e in edges[1:4]))
                        if start < c < stop
                    ),
                }
            )
            for left, right in zip(cuts, cuts[1:], strict=False):
                middle = (left + right) / 2
                bucket = max(b for b in range(4) if middle - entered >= edges[b] or b == 0)
                landed = middle >= landmark
                u, v = skill[rep]
                forward = (
                    np.exp(deal["forward"] + landed * deal["behaviour"])
                    * truth["forward_by_time"][s][bucket]
                )
                lose = np.exp(deal["lose"] + v) * truth["lose_by_time"][s][bucket]
                dw, dc = work(right) - work(left), closing(right) - closing(left)
                parts = {
                    "advance": base[s][0] * forward * np.exp(u) * dw,
                    "skip": base[s][1] * forward * np.exp(u) * dw,
                    "back": base[s][2] * dw,
                    "win": base[s][3] * forward * np.exp(u) * dc,
                    "lose": base[s][4] * lose * dw,
                }
                for cause, amount in parts.items():
                    tally.due[(stage, cause, bucket)] += amount
                ahead = parts["advance"] + parts["skip"] + parts["win"]
                tally.rep_due[rep] += ahead / np.exp(u)
                if landed:
                    for name, effect in truth["behaviours"].items():
                        tally.done_due[(name, min(deal[name], 3))] += ahead / np.exp(
                            effect * deal[name]
                        )
                last = (bucket, landed)
            if following and following[1] != stage:
                cause = _cause(s, following[1], truth["stages"])
                bucket, landed = last if stop > start else (0, False)
                tally.seen[(stage, cause, bucket)] += 1
                if cause in ("advance", "skip", "win"):
                    tally.rep_seen[rep] += 1
                    if landed:
                        for name in truth["behaviours"]:
                            tally.done_seen[(name, min(deal[name], 3))] += 1
    return tally


def _cause(s: int, to: str, stages: list[str]) -> str:
    k = stages.index(to)
    if k >= 4:
        return "win" if k == 4 else "lose"
    return {1: "advance", 2: "skip", -1: "back"}[k - s]


@dataclass(frozen=True)
class Company:
    """A company with its truth as the truth files say it."""

    events: pl.DataFrame
    opportunities: pl.DataFrame
    deals: pl.DataFrame
    reps: pl.DataFrame
    truth: dict
    tally: Tally


@pytest.fixture(scope="session")
def counted() -> Company:
    """A clean company with churn, its history walked once."""
    preset = replace(PRESETS["clean"], name="counted", opportunities=9000, churn=0.2)
    world = make_world(preset, 11)
    records = make_records(world, np.arange(preset.opportunities))
    deals, reps, truth = (
        deal_truth(world, records),
        rep_truth(world),
        json.loads(parameters_text(world)),
    )
    tally = count_exposure(
        records.stage_events, deals, reps, clock_truth(world), truth, world.until
    )
    return Company(records.stage_events, records.opportunities, deals, reps, truth, tally)
