"""What the others do, told to one person without telling who: averages over five others or more.

Made from the whole company by who may see it, handed on as a small table per person. Nothing in it
is exact (see ``coarse``), and all of it, the gap too, is of the same others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.metrics import measure
from spm_lib.model import Company, places_on
from spm_lib.reps.coarse import FEWEST, may_be_told, round_count, two_digits, typical, whole_percent
from spm_lib.reps.gap import explain_gaps
from spm_lib.reps.skills.standings import Standing, standings_of
from spm_lib.stats import wilson

TYPICAL = {
    "won.amount": "peers.won.amount",
    "won.count": "peers.won.count",
    "deal.mean_amount": "peers.deal.amount",
    "cycle.won.median_days": "peers.cycle.days",
    "attainment": "peers.attainment",
}
RATE = "win_rate.closed.count"
STAGES = "stage_conversion.cohort"
STAYS = "time_in_stage.q3_days"


@dataclass(frozen=True)
class PeerValue:
    """One number of the others: what, of how many people, and its interval where it has one.

    ``key`` is the stage (with its pipeline before a tab, where there are several); ``n`` about how
    many cases are behind a ratio.
    """

    metric: str
    others: int
    value: float
    key: str = ""
    n: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class GapPart:
    """One part of the gap of a person's won amount (minor units; see ``explain_gaps``).

    ``against``: "past", "team" or "target"; ``reference`` is what the won amount is compared with.
    """

    against: str
    reference: int
    gap: int
    term: str
    amount: int
    low: int | None
    high: int | None

    @property
    def clear(self) -> bool:
        """Whether luck alone is an unlikely reason: the interval is known and leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Peers:
    """What one person may be told of the others.

    Attributes
    ----------
    level
        "team" where five others or more of the person's team (and role) closed deals, "company"
        where only the whole company has so many; empty where nobody has: all is withheld.
    others
        How many people they are.
    values
        Those numbers that five others or more have, of whom none gives most of the cases; rounded.
    standings
        The person's own skills beside the others'.
    gaps
        The parts of the person's own gaps; those against the team and the target only where the
        others' average may be told.
    """

    level: str = ""
    others: int = 0
    values: tuple[PeerValue, ...] = ()
    standings: tuple[Standing, ...] = ()
    gaps: tuple[GapPart, ...] = ()

    def value(self, metric: str, key: str = "") -> PeerValue | None:
        """Return one number of the others; None where it is withheld.

        Examples
        --------
        >>> Peers(values=(PeerValue("peers.win_rate", 7, 0.3),)).value("peers.win_rate").others
        7
        """
        return next((v for v in self.values if (v.metric, v.key) == (metric, key)), None)

    def standing(self, skill: str) -> Standing | None:
        """Return what is known of one of the person's skills."""
        return next((s for s in self.standings if s.skill == skill), None)


@dataclass(frozen=True, eq=False)
class PeerTable:
    """What each person may be told of the others, as of a day and for a window."""

    people: Mapping[str, Peers] = field(default_factory=dict)

    def of(self, rep_id: str | None) -> Peers:
        """Return what one person may be told; nothing where the person is not known."""
        return self.people.get(rep_id or "", Peers())

    def only(self, reps: Iterable[str]) -> PeerTable:
        """Return the table of some people, to be handed to who may see them."""
        return PeerTable({rep: self.people[rep] for rep in sorted(reps) if rep in self.people})

    def text(self) -> str:
        """Return the table as JSON text, the same for the same numbers."""
        return json.dumps({rep: asdict(one) for rep, one in self.people.items()}, indent=1)


def read_peers(path: str | Path) -> PeerTable:
    """Return the table that a file holds (see ``PeerTable.text``)."""
    told: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return PeerTable({rep: _peers(one) for rep, one in told.items()})


def _peers(told: Mapping[str, Any]) -> Peers:
    return Peers(
        told["level"],
        told["others"],
        tuple(PeerValue(**value) for value in told["values"]),
        tuple(Standing(**standing) for standing in told["standings"]),
        tuple(GapPart(**part) for part in told["gaps"]),
    )


def peers_of(company: Company, *, window: Window) -> PeerTable:
    """Return what each person of a company may be told of the others.

    Peers are those of the same role who closed a deal in the window: those of the same team as of
    the company's day where there are five others, else of the whole company.

    Parameters
    ----------
    company
        The whole company. Within a scope the others are only those in it.
    window
        What is looked back on.
    """
    if not company.has("opportunities"):
        gaps = _gaps(company, window, {}) if company.has("orders") else {}
        own = {rep: tuple(p for p in parts if p.against == "past") for rep, parts in gaps.items()}
        return PeerTable({rep: Peers(gaps=parts) for rep, parts in sorted(own.items())})
    rates = measure(company, RATE, by="rep_id", window=window).frame
    rates = rates.filter(pl.col("rep_id").is_not_null() & (pl.col("n") > 0)).sort("rep_id")
    groups = _groups(company, rates["rep_id"].to_list())
    numbers = _Numbers(company, window)
    known = {rep: others for rep, (level, others) in groups.items() if level}
    standings = standings_of(company, window=window, others=known)
    gaps = _gaps(company, window, known)
    people = {}
    for rep, (level, others) in groups.items():
        told = numbers.told(others) if level else ()
        skills = standings.get(rep, ()) if level else ()
        people[rep] = Peers(level, len(others), told, skills, gaps.get(rep, ()))
    return PeerTable(people)


def _groups(company: Company, active: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    """Return for each person of the company the level of the peers, and who they are."""
    reps = company.table("reps")
    role = dict(reps.select("rep_id", "role").iter_rows()) if reps.height else {}
    places = places_on(company).drop_nulls("team")
    team = dict(places.select("rep_id", "team").iter_rows())
    found: dict[str, tuple[str, list[str]]] = {}
    for rep in sorted({*active, *team, *role}):
        alike = [other for other in active if other != rep and role.get(other) == role.get(rep)]
        mates = [other for other in alike if team.get(rep) and team.get(other) == team[rep]]
        if len(mates) >= FEWEST:
            found[rep] = ("team", mates)
        else:
            found[rep] = ("company" if len(alike) >= FEWEST else "", alike)
    return found


class _Numbers:
    """The numbers of everybody, from which those of some others are told."""

    def __init__(self, company: Company, window: Window) -> None:
        self.typical = {
            told: _values(measure(company, name, by="rep_id", window=window).frame)
            for name, told in TYPICAL.items()
            if name != "attainment" or company.has("targets")
        }
        rates = measure(company, RATE, by="rep_id", window=window).frame
        self.rates = {
            rep: (round(value * n), n)
            for rep, value, n in rates.select("rep_id", "value", "n").iter_rows()
            if n
        }
        self.stages = _by_stage(measure(company, STAGES, by="rep_id", window=window).frame)
        stays = None
        if company.has("stage_events"):
            stays = measure(company, STAYS, by="rep_id", window=window).frame
        self.stays = {} if stays is None else _stay_values(stays)

    def told(self, others: Sequence[str]) -> tuple[PeerValue, ...]:
        """Return what may be told of these others."""
        found = [_typical(name, values, others) for name, values in self.typical.items()]
        found.append(_pooled("peers.win_rate", self.rates, others))
        found.append(_mean_closed(self.rates, others))
        found += [
            _pooled("peers.stage_conversion", cases, others, key)
            for key, cases in self.stages.items()
        ]
        found += [
            _typical("peers.stage.days", days, others, key) for key, days in self.stays.items()
        ]
        return tuple(value for value in found if value is not None)


def _values(frame: pl.DataFrame) -> dict[str, float]:
    rows = frame.filter(pl.col("value").is_not_null() & pl.col("rep_id").is_not_null())
    return {rep: float(value) for rep, value in rows.select("rep_id", "value").iter_rows()}


def _key(row: Mapping[str, Any]) -> str:
    return "\t".join(filter(None, (row.get("pipeline"), row["stage"])))


def _by_stage(frame: pl.DataFrame) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in frame.filter(pl.col("stage").is_not_null()).iter_rows(named=True):
        if row["rep_id"] is not None and row["n"]:
            found.setdefault(_key(row), {})[row["rep_id"]] = (row["advanced"], row["n"])
    return found


def _stay_values(frame: pl.DataFrame) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in frame.drop_nulls(["stage", "rep_id", "value"]).iter_rows(named=True):
        found.setdefault(_key(row), {})[row["rep_id"]] = row["value"]
    return found


def _typical(
    metric: str, values: Mapping[str, float], others: Sequence[str], key: str = ""
) -> PeerValue | None:
    known = [values[rep] for rep in others if rep in values]
    found = typical(known)
    return None if found is None else PeerValue(metric, len(known), found, key)


def _pooled(
    metric: str, cases: Mapping[str, tuple[int, int]], others: Sequence[str], key: str = ""
) -> PeerValue | None:
    """Return the rate of these others together, its interval from what is told of it only."""
    known = [cases[rep] for rep in others if rep in cases]
    total = sum(n for _, n in known)
    rate = whole_percent(sum(hits for hits, _ in known), total)
    if rate is None or not may_be_told(n for _, n in known):
        return None
    n = round_count(total)
    low, high = wilson(np.array([rate * n]), np.array([n], float))
    bounds = round(float(low[0]), 2), round(float(high[0]), 2)
    return PeerValue(metric, len(known), rate, key, n, *bounds)


def _mean_closed(cases: Mapping[str, tuple[int, int]], others: Sequence[str]) -> PeerValue | None:
    closed = [cases[rep][1] for rep in others if rep in cases]
    if not may_be_told(closed):
        return None
    mean = two_digits(round_count(sum(closed)) / len(closed))
    return PeerValue("peers.closed.count", len(closed), mean)


def _gaps(
    company: Company, window: Window, others: Mapping[str, Sequence[str]]
) -> dict[str, tuple[GapPart, ...]]:
    """Return the parts of each person's own gaps; those to the others where they may be told."""
    found: dict[str, list[GapPart]] = {}
    for against in ("past", "team", "target"):
        frame = explain_gaps(company, window=window, against=against, others=others).frame
        for row in frame.iter_rows(named=True):
            rep = row.pop("rep_id")
            row.pop("actual")
            for bound in ("low", "high"):
                row[bound] = None if row[bound] is None else int(two_digits(row[bound]))
            found.setdefault(rep, []).append(GapPart(**row))
    return {rep: tuple(parts) for rep, parts in found.items()}
