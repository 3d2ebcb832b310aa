"""What the simulator's tests share: companies made once, and an independent count of exposure."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from math import exp
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
    day = (local.date() - date(1970, 1, 1)).days
    return day + (local.hour * 60 + local.minute - 480 + 0.5) / 600


class Reading:
    """A clock read naively from the truth file: cumulative pace, linear within the day."""

    def __init__(self, first: int, pace: list[float]) -> None:
        self.days = np.arange(len(pace) + 1) + first
        self.total = np.concatenate([[0.0], np.cumsum(pace)])

    def __call__(self, moment: float) -> float:
        return float(np.interp(moment, self.days, self.total))


@dataclass
class Walk:
    """A naive walk through every deal's history that counts events and exposure.

    Uses the truth files and the recorded history alone, none of the engine's code.
    """

    truth: dict
    work: Reading
    closing: Reading
    skill: dict[str, tuple[float, float]]
    end: float
    tally: Tally = field(default_factory=Tally)

    def deal(self, deal: dict, rows: list[tuple[datetime, str, str]]) -> None:
        """Walk the rows (entered_at, stage, rep_id) of one deal."""
        entered = 0.0
        for k, (instant, stage, rep) in enumerate(rows):
            start = moment_of(instant)
            if k == 0 or rows[k - 1][1] != stage:
                entered = start
            following = rows[k + 1] if k + 1 < len(rows) else None
            stop = moment_of(following[0]) if following else self.end
            if stage in self.truth["stages"][:4]:
                last = self.stay(deal, stage, rep, entered, start, stop)
                if following and following[1] != stage:
                    self.event(deal, stage, following[1], rep, last)

    def stay(
        self, deal: dict, stage: str, rep: str, entered: float, start: float, stop: float
    ) -> tuple[int, bool]:
        """Count what was due while a deal stayed as it was; return the bucket it ended in."""
        landmark = deal["created"] + self.truth["landmark_days"]
        edges = [entered + edge for edge in self.truth["bucket_edges_days"][1:]]
        cuts = sorted({start, stop, *(cut for cut in (landmark, *edges) if start < cut < stop)})
        bucket, landed = 0, False
        for left, right in pairwise(cuts):
            middle = (left + right) / 2
            bucket, landed = sum(middle >= edge for edge in edges), middle >= landmark
            self.due(deal, stage, rep, (bucket, landed), (left, right))
        return bucket, landed

    def due(
        self, deal: dict, stage: str, rep: str, when: tuple[int, bool], span: tuple[float, float]
    ) -> None:
        """Add the events that the truth expects in a stretch of constant rates."""
        (bucket, landed), (left, right) = when, span
        s, (u, v) = self.truth["stages"].index(stage), self.skill[rep]
        base = self.truth["base_rates"][s]
        timed = self.truth["forward_by_time"][s][bucket]
        forward = exp(deal["forward"] + landed * deal["behaviour"] + u) * timed
        lose = exp(deal["lose"] + v) * self.truth["lose_by_time"][s][bucket]
        dw, dc = self.work(right) - self.work(left), self.closing(right) - self.closing(left)
        expected = (
            base[0] * forward * dw, base[1] * forward * dw, base[2] * dw,
            base[3] * forward * dc, base[4] * lose * dw,
        )  # fmt: skip
        for cause, amount in zip(self.truth["causes"], expected, strict=True):
            self.tally.due[(stage, cause, bucket)] += amount
        ahead = expected[0] + expected[1] + expected[3]
        self.tally.rep_due[rep] += ahead / exp(u)
        if landed:
            for name, effect in self.truth["behaviours"].items():
                key = (name, min(deal[name], 3))
                self.tally.done_due[key] += ahead / exp(effect * deal[name])

    def event(self, deal: dict, stage: str, to: str, rep: str, when: tuple[int, bool]) -> None:
        """Count an event."""
        bucket, landed = when
        cause = _cause(self.truth["stages"].index(stage), to, self.truth["stages"])
        self.tally.seen[(stage, cause, bucket)] += 1
        if cause in ("advance", "skip", "win"):
            self.tally.rep_seen[rep] += 1
            for name in self.truth["behaviours"] if landed else ():
                self.tally.done_seen[(name, min(deal[name], 3))] += 1


def count_exposure(
    events: pl.DataFrame,
    deals: pl.DataFrame,
    reps: pl.DataFrame,
    clocks: pl.DataFrame,
    truth: dict,
    end: float,
) -> Tally:
    """Walk every deal's history in plain Python: what happened against what was due."""
    first = (clocks["date"][0] - date(1970, 1, 1)).days
    readings = (Reading(first, clocks[name].to_list()) for name in ("work", "closing"))
    skill = {
        rep: (u, v) for rep, u, v in reps.select("rep_id", "forward_effect", "lose_effect").rows()
    }
    walk = Walk(truth, *readings, skill, end)
    history: dict[str, list] = defaultdict(list)
    for deal_id, *row in events.select("opportunity_id", "entered_at", "stage", "rep_id").rows():
        history[deal_id].append(row)
    for deal in deals.iter_rows(named=True):
        walk.deal(deal, history[deal["opportunity_id"]])
    return walk.tally


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
