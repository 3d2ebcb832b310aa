"""Who gets which target, and when: the part of a plan that levers of the odds do not touch."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.model import Company, places_on
from spm_lib.plans.planning.edits import NO_EDIT, Edit, absences, dated, edits_of
from spm_lib.plans.planning.over_the_year import Year
from spm_lib.plans.planning.shared_out import SharedOut, shared_out
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.over_time import TimePlan, plan_time
from spm_lib.targets.sharing.limits import Limits
from spm_lib.targets.sharing.rounding import in_steps

LEFT_OUT = {"rep_id": pl.String, "name": pl.String, "post": pl.Boolean, "reason": pl.String}
_OUT = {"rows": "by a row of the scenario", "gone": "not there in the period"}
Out = list[tuple[str, str | None, bool, str]]


@dataclass(frozen=True, eq=False)
class Given:
    """Targets given to people, teams and periods.

    Attributes
    ----------
    people
        Who has a target, open posts too (``post``): the columns of ``bases``, with dates and
        part-time as rows have them, ``there`` (share of the plan's time) and ``pace``.
    edits
        The rows per person.
    shared
        What each gets.
    targets, periods
        As ``TargetPlan.targets`` and ``TargetPlan.periods``.
    left_out
        ``rep_id, name, post, reason``.
    away
        The leave of these people.
    """

    people: pl.DataFrame
    edits: Mapping[str, Edit]
    shared: SharedOut
    targets: pl.DataFrame
    periods: pl.DataFrame
    left_out: pl.DataFrame
    away: pl.DataFrame

    @classmethod
    def of(
        cls,
        company: Company,
        known: pl.DataFrame,
        scenario: TargetScenario,
        year: Year,
        *,
        times: dict[Hashable, TimePlan] | None = None,
    ) -> Given:
        """Share the target out among those known, and split it over time.

        ``times`` keeps the split over time, which the target and its bases do not touch.

        Raises
        ------
        SpmError
            If rows are about nobody, or limits leave no room.
        """
        window = Window(scenario.basis.start, scenario.basis.end)
        edits = edits_of(scenario, known)
        people, out = _here(dated(known, edits), edits)
        away = absences(people, edits)
        times = {} if times is None else times
        key = _time_key(company, people, scenario, away)
        if key not in times:
            times.clear()
            times[key] = over_time(company, people, scenario, year, away)
        time = times[key]
        people, gone = _there(people, time, past=company.default_window(), window=window)
        shared = shared_out(people, scenario, edits)
        values = shared.people.select("rep_id", value="target")
        spread = time.spread(values, step=scenario.basis.step, metric=scenario.basis.metric)
        left_out = pl.DataFrame([*out, *gone], schema=LEFT_OUT, orient="row")
        return cls(
            people=people,
            edits=edits,
            shared=shared,
            targets=_table(spread, people, shared, scenario),
            periods=_periods(spread, time, scenario),
            left_out=left_out.sort("rep_id"),
            away=away.filter(pl.col("rep_id").is_in(people["rep_id"].implode())),
        )


def with_named(found: pl.DataFrame, company: Company, named: set[str | None]) -> pl.DataFrame:
    """Return the people and those whom rows name, though they sold nothing yet."""
    reps = company.table("reps").filter(pl.col("rep_id").is_in(sorted(n for n in named if n)))
    more = reps.select("rep_id", "name", "hired_on", "left_on").join(
        places_on(company), on="rep_id", how="left"
    )
    zero = pl.lit(0, dtype=pl.Int64)
    more = more.with_columns(days=zero, history=zero, pipeline=zero)
    return pl.concat([found, more], how="diagonal").sort("rep_id")


def _here(people: pl.DataFrame, edits: Mapping[str, Edit]) -> tuple[pl.DataFrame, Out]:
    """Return those who are to have a target, and those left out by rows."""
    out = [rep for rep in people["rep_id"] if edits.get(rep, NO_EDIT).left_out]
    gone = people.filter(pl.col("rep_id").is_in(out)).select("rep_id", "name", "post").rows()
    rest = people.filter(~pl.col("rep_id").is_in(out))
    return rest, [(*one, _OUT["rows"]) for one in gone]


def _time_key(
    company: Company, people: pl.DataFrame, scenario: TargetScenario, away: pl.DataFrame
) -> Hashable:
    """Return what decides on the split over time."""
    basis = scenario.basis
    dates = people.select("rep_id", "hired_on", "left_on", "part_time").rows()
    fixed = (company.as_of, basis.metric, basis.start, basis.end, basis.grain)
    return (*fixed, scenario.over_time.model_dump_json(), *dates, *away.rows())


def over_time(
    company: Company, people: pl.DataFrame, scenario: TargetScenario, year: Year, away: pl.DataFrame
) -> TimePlan:
    """Return what each period of the plan weighs for each person.

    Parameters
    ----------
    people
        ``rep_id, hired_on, left_on, part_time``.
    away
        Their leave, as ``Given.away``.
    """
    return plan_time(
        people,
        window=Window(scenario.basis.start, scenario.basis.end),
        calendar=company.calendar,
        grain=scenario.basis.grain,
        season=year.season,
        intermediate=scenario.over_time.intermediate_days,
        ramp=year.ramp,
        absences=away,
    )


def _there(
    people: pl.DataFrame, time: TimePlan, *, past: Window, window: Window
) -> tuple[pl.DataFrame, Out]:
    """Return those who are there on any day, with how much and their pace; and those who are not.

    ``pace`` is the result of a whole past year, for as long as the person is there in the plan.
    """
    known = people.join(time.time_there.rename({"time_there": "there"}), on="rep_id", how="left")
    gone = known.filter(pl.col("there") == 0).select("rep_id", "name", "post").rows()
    pace = pl.col("history_full") * pl.col("there") * (window.days / past.days)
    here = known.filter(pl.col("there") > 0).with_columns(pace=pace.round().cast(pl.Int64))
    return here, [(*one, _OUT["gone"]) for one in gone]


def team_targets(shared: SharedOut, scenario: TargetScenario) -> dict[str, int]:
    """Return the target of each team, before the over-assignment to its people."""
    if scenario.share.levels[-1:] != ("team",):
        return {}
    rows = shared.levels.filter((pl.col("level") == "rep_id") & pl.col("id").is_not_null())
    found: dict[str, int] = {}
    for team, value in rows.select("id", "target").iter_rows():
        found[team] = found.get(team, 0) + value
    return dict(sorted(found.items()))


def _table(
    spread: pl.DataFrame, people: pl.DataFrame, shared: SharedOut, scenario: TargetScenario
) -> pl.DataFrame:
    """Return the targets as the table ``targets`` has them: people's rows, then teams'."""
    columns = ["rep_id", "team", "period_start", "period_end", "metric", "value"]
    own = spread.with_columns(team=pl.lit(None, pl.String)).select(columns)
    teams = team_targets(shared, scenario)
    if not teams:
        return own
    joined = spread.join(people.select("rep_id", "team"), on="rep_id", how="left")
    sums = joined.group_by("team", "period_start", "period_end").agg(pl.col("value").sum())
    sums = sums.filter(pl.col("team").is_in(list(teams))).sort("team", "period_start")
    values = [
        _in_proportion(teams[team], part["value"])
        for (team,), part in sums.group_by("team", maintain_order=True)
    ]
    told = sums.with_columns(
        rep_id=pl.lit(None, pl.String),
        metric=pl.lit(scenario.basis.metric),
        value=pl.concat(values) if values else pl.lit(None, pl.Int64),
    )
    return pl.concat([own, told.select(columns)])


def _periods(spread: pl.DataFrame, time: TimePlan, scenario: TargetScenario) -> pl.DataFrame:
    """Return the company's target per period, in proportion to the sum of people's."""
    sums = dict(spread.group_by("period_start").agg(pl.col("value").sum()).iter_rows())
    frame = pl.DataFrame(
        {
            "period_start": [period.start for period in time.periods],
            "period_end": [period.end for period in time.periods],
            "people": pl.Series([sums.get(p.start, 0) for p in time.periods], dtype=pl.Int64),
        }
    )
    told = frame.with_columns(target=_in_proportion(scenario.basis.target, frame["people"]))
    return told.select("period_start", "period_end", "target", "people")


def _in_proportion(value: int, parts: pl.Series) -> pl.Series:
    """Return a whole number in proportion to parts, adding up exactly."""
    whole = int(parts.sum())
    count = len(parts)
    shares = [value * Fraction(part, whole) if whole else Fraction(value, count) for part in parts]
    keys = [f"{number:03}" for number in range(count)]
    return pl.Series(in_steps(shares, keys=keys, limits=[Limits()] * count, step=1), dtype=pl.Int64)
