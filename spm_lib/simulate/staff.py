"""The people: seats in teams, who held them when, under whom, and how good they truly are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from spm_lib.simulate import names
from spm_lib.simulate.chance import Chance, Floats, Ints
from spm_lib.simulate.clocks import Clocks, date_of, day_number
from spm_lib.simulate.hazards import SEGMENT_SHARES
from spm_lib.simulate.presets import Preset

NEVER = 1_000_000
RAMP_DAYS = 180.0


@dataclass(frozen=True, eq=False)
class Staff:
    """Reps as arrays: one entry per rep; days are epoch days, `left` is NEVER who stayed."""

    rep_ids: list[str]
    names: list[str]
    team: Ints
    hired: Ints
    left: Ints
    successor: Ints
    forward_effect: Floats
    lose_effect: Floats
    size_effect: Floats
    volume: Floats
    diligence: Floats
    segment_shares: Floats
    region: Ints
    moves: tuple[tuple[int, int, int], ...]

    def team_name(self, team: int) -> str:
        """Return the name of a team."""
        return names.TEAMS[team] if team < len(names.TEAMS) else f"Team {team + 1}"

    def team_at(self, day: int) -> Ints:
        """Return the team of each rep on a day."""
        team = self.team.copy()
        for rep, moved, new in self.moves:
            if day >= moved:
                team[rep] = new
        return team

    def owner_at(self, rep: Ints, moment: Floats) -> Ints:
        """Return who holds the deals of a rep at a moment: himself, or who took over since."""
        for _ in range(len(self.rep_ids)):
            gone = (self.left[rep] <= moment) & (self.successor[rep] != rep)
            if not gone.any():
                break
            rep = np.where(gone, self.successor[rep], rep)
        return rep

    def ramp(self, rep: Ints, day: Floats) -> Floats:
        """Return how far each rep has ramped up on a day, 0.25 when hired to 1."""
        return np.clip(0.25 + 0.75 * (day - self.hired[rep]) / RAMP_DAYS, 0.25, 1.0)


def _tenures(preset: Preset, seed: int) -> list[tuple[int, int, int]]:
    """Return (seat, hired, left) of everybody who ever held a seat, in the order of hiring."""
    chance = Chance(seed, "tenure")
    start, end = day_number(preset.start), day_number(preset.as_of)
    held = []
    for seat in range(preset.seats):
        seat_id = np.array([seat])
        hired = start - int(200 + 2000 * chance.uniform(seat_id, draw=0)[0])
        day = start
        for turn in range(1, 40):
            wait = chance.exponential(seat_id, draw=turn)[0] / max(preset.churn, 1e-9) * 365.25
            left = int(day + min(90 + wait, NEVER))
            if left > end - 45:
                held.append((seat, hired, NEVER))
                break
            held.append((seat, hired, left))
            hired = day = left + int(20 + 50 * chance.uniform(seat_id, draw=100 + turn)[0])
            if hired > end - 30:
                break
    return sorted(held, key=lambda tenure: (tenure[1], tenure[0]))


def _successors(team: Ints, hired: Ints, left: Ints) -> Ints:
    """Return who takes over each leaver's deals: the longest-serving colleague who stays on."""
    heir = np.arange(len(team))
    for rep in np.flatnonzero(left < NEVER):
        there = (hired < left[rep]) & (left > left[rep]) & (np.arange(len(team)) != rep)
        mates = np.flatnonzero(there & (team == team[rep]))
        others = np.flatnonzero(there)
        pool = mates if len(mates) else others
        if len(pool):
            heir[rep] = pool[np.argmin(hired[pool])]
    return heir


def _mix(preset: Preset, team: Ints, forward: Floats) -> Floats:
    """Return the shares of segments in each rep's deals."""
    shares = np.tile(SEGMENT_SHARES, (len(team), 1))
    if preset.team_mix and preset.teams > 1:
        big = team == preset.teams - 1
        shares[big] = np.array([0.10, 0.40, 0.50])
        shares[~big] = np.array([0.60, 0.34, 0.06])
    if preset.case_mix and preset.rep_effect_sd:
        tilt = np.array([-1.0, 0.0, 1.0])
        skill = forward / preset.rep_effect_sd
        shares = np.tile(SEGMENT_SHARES, (len(team), 1)) * np.exp(
            preset.case_mix * np.outer(skill, tilt)
        )
    return shares / shares.sum(axis=1, keepdims=True)


def _moves(
    preset: Preset, seed: int, *, team: Ints, hired: Ints, left: Ints
) -> tuple[tuple[int, int, int], ...]:
    """Return (rep, day, new team) of those who changed team; only long-serving stayers do."""
    chance = Chance(seed, "moves")
    start, end = day_number(preset.start), day_number(preset.as_of)
    stayers = np.flatnonzero((hired < start) & (left == NEVER))
    order = np.argsort(chance.uniform(stayers, draw=0), kind="stable")
    chosen = stayers[order][: preset.movers if preset.teams > 1 else 0]
    days = start + (0.25 + 0.6 * chance.uniform(chosen, draw=1)) * (end - start)
    return tuple(
        (int(rep), day_number(date_of(int(day)).replace(day=1)), int(team[rep] + 1) % preset.teams)
        for rep, day in zip(chosen, days, strict=True)
    )


def make_staff(preset: Preset, seed: int, *, clocks: Clocks) -> Staff:
    """Make the reps of a company with their true effects."""
    held = _tenures(preset, seed)
    seat, hired, left = (np.array([t[k] for t in held], dtype=np.int64) for k in range(3))
    hired, left = _on_working_days(hired, clocks), _on_working_days(left, clocks)
    who = np.arange(len(held))
    team = seat % preset.teams
    chance = Chance(seed, "skill")
    forward = _centred(chance.normal(who, draw=0)) * preset.rep_effect_sd
    return Staff(
        rep_ids=[f"R{k + 1:02d}" for k in who],
        names=[names.person(int(k)) for k in who],
        team=team,
        hired=hired,
        left=left,
        successor=_successors(team, hired, left),
        forward_effect=forward,
        lose_effect=_centred(chance.normal(who, draw=1)) * preset.loss_effect_sd,
        size_effect=_centred(chance.normal(who, draw=2)) * preset.size_effect_sd,
        volume=np.exp(chance.normal(who, draw=3) * preset.volume_effect_sd),
        diligence=_centred(chance.normal(who, draw=4)) * preset.diligence_sd,
        segment_shares=_mix(preset, team, forward),
        region=seat if preset.rep_is_region else team,
        moves=_moves(preset, seed, team=team, hired=hired, left=left),
    )


def _on_working_days(days: Ints, clocks: Clocks) -> Ints:
    """Move days inside the clocks' range to the next working day."""
    inside = (days > clocks.origin) & (days < clocks.origin + len(clocks.working) - 30)
    return np.where(
        inside, clocks.next_working(np.where(inside, days, clocks.origin + 1.0)), days
    ).astype(np.int64)


def _centred(draws: Floats) -> Floats:
    """Return draws with mean 0 and deviation 1, so that a small staff has the planned spread."""
    spread = draws.std()
    return (draws - draws.mean()) / (spread if spread > 0 else 1.0)


def reps_table(staff: Staff, *, teams: int) -> pl.DataFrame:
    """Return reps and managers: rep_id, name, role, hired_on, left_on (null: still here)."""
    count = len(staff.rep_ids)
    managers = [f"M{k + 1:02d}" for k in range(teams + 1)]
    titles = [
        names.MANAGERS[k] if k < len(names.MANAGERS) else f"Manager {k + 1}"
        for k in range(teams + 1)
    ]
    return pl.DataFrame(
        {
            "rep_id": [*staff.rep_ids, *managers],
            "name": [*staff.names, *titles],
            "role": ["rep"] * count + ["manager"] * len(managers),
            "hired_on": [date_of(d) for d in staff.hired] + [date_of(15_000)] * len(managers),
            "left_on": [None if d == NEVER else date_of(d) for d in staff.left]
            + [None] * len(managers),
        },
        schema_overrides={"left_on": pl.Date},
    )


def memberships_table(staff: Staff, preset: Preset) -> pl.DataFrame:
    """Return who was in which team under whom, `[valid_from, valid_to)`, null: still."""
    handover = day_number(preset.start) + (day_number(preset.as_of) - day_number(preset.start)) // 2
    handover = day_number(date_of(handover).replace(day=1))
    moves = {rep: (day, team) for rep, day, team in staff.moves}
    rows = []
    for rep, rep_id in enumerate(staff.rep_ids):
        day, new = moves.get(rep, (NEVER, -1))
        spells = [(staff.hired[rep], min(day, staff.left[rep]), staff.team[rep])]
        if day < NEVER:
            spells.append((day, staff.left[rep], new))
        for begin, end, team in spells:
            rows += _under_managers(rep_id, int(begin), int(end), int(team), handover, preset.teams)
    columns = ("rep_id", "team", "manager_id", "valid_from", "valid_to")
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    team_names = {k: staff.team_name(k) for k in range(preset.teams)}
    return frame.with_columns(
        pl.col("team").replace_strict(team_names, return_dtype=pl.String),
        pl.col("valid_from", "valid_to").cast(pl.Int32).cast(pl.Date),
    )


def _under_managers(
    rep_id: str, begin: int, end: int, team: int, handover: int, teams: int
) -> list[tuple[str, int, str, int, int | None]]:
    """Split a spell where the manager changes: the last team but one got a new one midway."""
    to = None if end >= NEVER else end
    if team != max(teams - 2, 0) or not begin < handover < end:
        changed = team == max(teams - 2, 0) and begin >= handover
        return [(rep_id, team, f"M{(teams if changed else team) + 1:02d}", begin, to)]
    return [
        (rep_id, team, f"M{team + 1:02d}", begin, handover),
        (rep_id, team, f"M{teams + 1:02d}", handover, to),
    ]
