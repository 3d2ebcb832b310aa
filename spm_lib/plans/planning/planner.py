"""A target plan built from a company and a scenario; what is learned is kept for the next one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.errors import DataError, ParameterError
from spm_lib.metrics import measure
from spm_lib.model import Company, metric_id, places_on
from spm_lib.plans.planning.edits import NO_EDIT, Edit, absences, dated, edits_of
from spm_lib.plans.planning.over_the_year import Year, year_of
from spm_lib.plans.planning.shared_out import SharedOut, shared_out
from spm_lib.plans.planning.target_plan import TargetPlan
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.odds.answer import OddsAnswer
from spm_lib.targets.odds.levers import Hire, OddsLevers
from spm_lib.targets.odds.odds import SETTLED, Odds
from spm_lib.targets.over_time import TimePlan, plan_time
from spm_lib.targets.sharing import bases
from spm_lib.targets.sharing.limits import Limits
from spm_lib.targets.sharing.rounding import in_steps

T = TypeVar("T")
_LEFT_OUT = {"rep_id": pl.String, "name": pl.String, "reason": pl.String}
_OUT = {"rows": "by a row of the scenario", "gone": "not there in the period"}
_ODDS = ("odds", "error", "mean", "p10", "p50", "p90")


def build(
    company: Company,
    scenario: TargetScenario,
    *,
    draws: int = SETTLED,
    watch: Callable[[str], None] | None = None,
) -> TargetPlan:
    """Build the target plan of a scenario.

    Parameters
    ----------
    company
        In its widest scope; a narrower one is cut out of the plan (``TargetPlan.within``).
    scenario
        What is asked for; its ``as_of`` is taken, whatever the company's is.
    draws
        Scenarios that the odds are played with: 10,000 are what every report prints.
    watch
        Told what is being worked on, in English.

    Raises
    ------
    SpmError
        If the settings cannot be met: what to change is named.
    """
    return Planner(company).plan(scenario, draws=draws, watch=watch)


class Planner:
    """Builds plans of one company, and keeps what scenarios have in common.

    What is learned from the data (bases, season, ramp, rates, luck) is learned once for each basis;
    then a plan with other levers takes milliseconds.

    Parameters
    ----------
    company
        The whole company.

    Raises
    ------
    ParameterError
        If the company is one of a narrower scope: a share of the whole needs the whole.
    """

    def __init__(self, company: Company) -> None:
        if company.scoped:
            raise ParameterError(
                "A target plan is built for the whole company.",
                found=f"scope {company.scope.label}",
                do="Build it without a scope; the plan is cut to one afterwards",
            )
        self.company = company
        self._kept: dict[Hashable, Any] = {}

    def plan(
        self,
        scenario: TargetScenario,
        *,
        draws: int = SETTLED,
        watch: Callable[[str], None] | None = None,
    ) -> TargetPlan:
        """Return the plan of a scenario; see ``build``."""
        say = watch or (lambda _: None)
        company = self._at(scenario)
        window = Window(scenario.basis.start, scenario.basis.end)
        say("what people sold, and have open")
        known = self._people(company, scenario)
        edits = edits_of(scenario, known)
        say("season and ramp")
        year = self._year(company, scenario)
        people, out = _here(dated(known, edits), edits)
        time = _over_time(company, people, scenario, year, away=absences(people, edits))
        people, gone = _there(people, time, past=company.default_window(), window=window)
        say("the share-out")
        shared = shared_out(people, scenario, edits)
        values = shared.people.select("rep_id", value="target")
        spread = time.spread(values, step=scenario.basis.step, metric=scenario.basis.metric)
        say("the odds")
        odds, no_odds = self._odds(company, scenario, people, shared, edits, year, draws)
        full = _whole_people(people, shared, edits, odds)
        return TargetPlan(
            scenario=scenario,
            as_of=company.as_of,
            past=company.default_window(),
            company_target=scenario.basis.target,
            people=full,
            levels=shared.levels,
            targets=_table(spread, full, shared, scenario),
            periods=_periods(spread, time, scenario),
            left_out=pl.DataFrame([*out, *gone], schema=_LEFT_OUT, orient="row").sort("rep_id"),
            odds=odds,
            no_odds=no_odds,
            year=year,
            receipt=self._receipt(company, scenario.basis.metric),
            notes=year.notes,
        )

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _at(self, scenario: TargetScenario) -> Company:
        day, currency = scenario.basis.as_of, scenario.currency
        if currency != self.company.currency:
            raise ParameterError(
                "The scenario's amounts are of another currency than the workspace's.",
                found=f"{currency}, and {self.company.currency}",
                do=f"Write the amounts in {self.company.currency}",
            )
        return self._once(("company", day), lambda: self.company.at(day))

    def _people(self, company: Company, scenario: TargetScenario) -> pl.DataFrame:
        """Return those who sell, and those of the table of people whom rows are about."""
        metric, potential = scenario.basis.metric, scenario.share.potential
        if "potential" in scenario.share.weights and potential is None:
            raise ParameterError(
                "Potential counts in the share-out, but no column tells it.",
                found=f"weights {scenario.share.weights}",
                do='Name the kept column under [share], such as potential = "Potential"',
            )
        pipeline = "open.count" if metric_id(metric).unit == "count" else "open.amount"
        found = self._once(
            ("people", company.as_of, metric, potential),
            lambda: bases(company, metric=metric, pipeline=pipeline, potential=potential),
        )
        named = {row.rep_id for row in scenario.rows} - set(found["rep_id"])
        return _with_named(found, company, named) if named else found

    def _year(self, company: Company, scenario: TargetScenario) -> Year:
        settings, metric = scenario.over_time, scenario.basis.metric
        key = ("year", company.as_of, metric, settings.model_dump_json())
        return self._once(key, lambda: year_of(company, settings, metric=metric))

    def _receipt(self, company: Company, metric: str) -> Any:
        key = ("receipt", company.as_of, metric)
        return self._once(key, lambda: measure(company, metric).figures()[0].receipt)

    def _odds(
        self,
        company: Company,
        scenario: TargetScenario,
        people: pl.DataFrame,
        shared: SharedOut,
        edits: Mapping[str, Edit],
        year: Year,
        draws: int,
    ) -> tuple[OddsAnswer | None, str]:
        """Return the odds, or why there are none."""
        basis = scenario.basis
        if basis.metric != "won.amount":
            return None, "Odds are told of the won amount only."
        key = ("odds", company.as_of, basis.start, basis.end, basis.seed)
        try:
            odds = self._once(
                key,
                lambda: Odds.of(company, start=basis.start, end=basis.end, seed=basis.seed),
            )
        except DataError as error:
            return None, error.what
        levers = _levers(scenario, edits, people, year)
        return odds.answer(_goals(scenario, shared), levers, draws=draws), ""


def _with_named(found: pl.DataFrame, company: Company, named: set[str | None]) -> pl.DataFrame:
    """Return the people and those whom rows name, though they sold nothing yet."""
    reps = company.table("reps").filter(pl.col("rep_id").is_in(sorted(n for n in named if n)))
    more = reps.select("rep_id", "name", "hired_on", "left_on").join(
        places_on(company), on="rep_id", how="left"
    )
    zero = pl.lit(0, dtype=pl.Int64)
    more = more.with_columns(days=zero, history=zero, pipeline=zero)
    return pl.concat([found, more], how="diagonal").sort("rep_id")


def _here(
    people: pl.DataFrame, edits: Mapping[str, Edit]
) -> tuple[pl.DataFrame, list[tuple[str, str | None, str]]]:
    """Return those who are to have a target, and those left out by rows."""
    out = [rep for rep in people["rep_id"] if edits.get(rep, NO_EDIT).left_out]
    gone = people.filter(pl.col("rep_id").is_in(out)).select("rep_id", "name").rows()
    rest = people.filter(~pl.col("rep_id").is_in(out))
    return rest, [(rep, name, _OUT["rows"]) for rep, name in gone]


def _over_time(
    company: Company, people: pl.DataFrame, scenario: TargetScenario, year: Year, *, away: Any
) -> TimePlan:
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
) -> tuple[pl.DataFrame, list[tuple[str, str | None, str]]]:
    """Return those who are there on any day, with how much and their pace; and those who are not.

    ``pace`` is the result of a whole past year, for as long as the person is there in the plan.
    """
    known = people.join(time.time_there.rename({"time_there": "there"}), on="rep_id", how="left")
    gone = known.filter(pl.col("there") == 0).select("rep_id", "name").rows()
    pace = pl.col("history_full") * pl.col("there") * (window.days / past.days)
    here = known.filter(pl.col("there") > 0).with_columns(pace=pace.round().cast(pl.Int64))
    return here, [(rep, name, _OUT["gone"]) for rep, name in gone]


def _levers(
    scenario: TargetScenario, edits: Mapping[str, Edit], people: pl.DataFrame, year: Year
) -> OddsLevers:
    turned = scenario.odds
    window = Window(scenario.basis.start, scenario.basis.end)
    here = set(people["rep_id"])
    return OddsLevers(
        hires=tuple(Hire(hire.starts, hire.count, hire.team) for hire in scenario.hires),
        ramp=year.ramp,
        **{name: getattr(turned, name) for name in type(turned).model_fields},
        people={
            rep: edit.levers(there=_working(edit, rep, window))
            for rep, edit in edits.items()
            if rep in here
        },
    )


def _working(edit: Edit, rep: str, window: Window) -> float:
    """Return the share of the period's days that a person works of what is usual, leave counted."""
    part = edit.last("part_time")
    share = 1.0 if part is None else part
    for _, start, end, away in edit.absences(rep):
        first, last = max(start, window.start), min(end or window.end, window.end)
        share *= 1 - away * max((last - first).days, 0) / window.days
    return share


def _goals(scenario: TargetScenario, shared: SharedOut) -> pl.DataFrame:
    """Return the targets of the whole period: people's, teams', the company's."""
    basis = scenario.basis
    rows: list[tuple[str | None, str | None, int]] = [
        (rep, None, value) for rep, value in shared.people.select("rep_id", "target").iter_rows()
    ]
    rows += [(None, team, value) for team, value in _team_targets(shared, scenario).items()]
    rows.append((None, None, basis.target))
    frame = pl.DataFrame(
        rows, schema={"rep_id": pl.String, "team": pl.String, "value": pl.Int64}, orient="row"
    )
    return frame.with_columns(period_start=pl.lit(basis.start), period_end=pl.lit(basis.end))


def _team_targets(shared: SharedOut, scenario: TargetScenario) -> dict[str, int]:
    """Return the target of each team, before the over-assignment to its people."""
    if scenario.share.levels[-1:] != ("team",):
        return {}
    rows = shared.levels.filter((pl.col("level") == "rep_id") & pl.col("id").is_not_null())
    found: dict[str, int] = {}
    for team, value in rows.select("id", "target").iter_rows():
        found[team] = found.get(team, 0) + value
    return dict(sorted(found.items()))


def _whole_people(
    people: pl.DataFrame, shared: SharedOut, edits: Mapping[str, Edit], odds: OddsAnswer | None
) -> pl.DataFrame:
    found = people.join(shared.people, on="rep_id", how="left").with_columns(
        last_year=pl.col("history"),
        edited=pl.Series([_edited(edits.get(rep, NO_EDIT)) for rep in people["rep_id"]]),
        growth=_over(pl.col("target"), pl.col("pace")) - 1,
        note=pl.Series(["; ".join(edits.get(rep, NO_EDIT).notes) for rep in people["rep_id"]]),
    )
    known = "potential" in found.columns
    to_potential = (
        _over(pl.col("target"), pl.col("potential")) if known else pl.lit(None, pl.Float64)
    )
    told = found.with_columns(to_potential=to_potential).join(
        _odds_of(odds), on="rep_id", how="left"
    )
    columns = ["rep_id", "name", "team", "manager_id", "last_year", "pace", "pipeline"]
    columns += ["potential"] if known else []
    columns += ["there", "shared", "target", "edited", "growth", "to_potential"]
    columns += ["odds", "odds_error", "expected", "p10", "p50", "p90", "note"]
    return told.select(columns).sort("rep_id")


def _edited(edit: Edit) -> bool:
    return edit.last("set") is not None or bool(edit.moves)


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _odds_of(odds: OddsAnswer | None) -> pl.DataFrame:
    names = {"error": "odds_error", "mean": "expected"}
    if odds is None:
        floats = dict.fromkeys(("odds", "odds_error"), pl.Float64)
        whole = dict.fromkeys(("expected", "p10", "p50", "p90"), pl.Int64)
        return pl.DataFrame(schema={"rep_id": pl.String, **floats, **whole})
    return odds.people.select("rep_id", *_ODDS).rename(names)


def _table(
    spread: pl.DataFrame, people: pl.DataFrame, shared: SharedOut, scenario: TargetScenario
) -> pl.DataFrame:
    """Return the targets as the table ``targets`` has them: people's rows, then teams'."""
    teams = people.select("rep_id", "team")
    own = spread.with_columns(team=pl.lit(None, pl.String))
    joined = spread.join(teams, on="rep_id", how="left")
    parts = [own]
    for team, value in _team_targets(shared, scenario).items():
        mine = joined.filter(pl.col("team") == team)
        sums = mine.group_by("period_start", "period_end").agg(pl.col("value").sum())
        sums = sums.sort("period_start").with_columns(
            rep_id=pl.lit(None, pl.String),
            team=pl.lit(team),
            metric=pl.lit(scenario.basis.metric),
        )
        parts.append(sums.with_columns(value=_in_proportion(value, sums["value"])))
    columns = ["rep_id", "team", "period_start", "period_end", "metric", "value"]
    return pl.concat([part.select(columns) for part in parts])


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
