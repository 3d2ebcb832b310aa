"""A target plan: who has which target, when, and what the odds are."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.money import from_minor
from spm_lib.core.statement import Statement
from spm_lib.forecast.figures import added
from spm_lib.model import Figure, Receipt
from spm_lib.plans.paying.scenario_pay import ScenarioPay
from spm_lib.plans.planning.capacity_gap import CapacityGap
from spm_lib.plans.planning.kpi_plan import KpiPlan
from spm_lib.plans.planning.over_the_year import Year
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.plans.scenarios.toml_text import decimals_of
from spm_lib.targets.fairness import Fairness, check_fairness
from spm_lib.targets.odds.answer import OddsAnswer

_COMPANY = "company"


@dataclass(frozen=True, eq=False)
class TargetPlan:
    """What a scenario leads to. Amounts are minor units, or counts where the metric is one.

    Attributes
    ----------
    scenario
        What it was built from.
    as_of
        The last day known.
    past
        The months that ``last_year`` is of.
    company_target
        What the company asks; null: not in this scope.
    people
        One row per person, sorted by rep_id: ``rep_id, name, team, manager_id, last_year`` (as
        sold), ``pace`` (what the person sells in a time as long as is there; null: not known),
        ``last_target`` and ``attainment`` (of the past year; null: none), ``pipeline`` (null: no
        deals in the data), ``potential`` (null: not asked for, or not known), ``there`` (share of
        the plan's time), ``shared`` (what the share-out gives), ``target``, ``edited`` (rows set
        or moved it), ``growth`` (target / pace - 1), ``to_potential`` (target / potential),
        ``odds, odds_error, expected, p10, p50, p90`` (null without odds), ``note``, ``post``
        (somebody to be hired, "New hire 1" and so on: without a past and odds of its own).
    levels
        One row per target that was handed down (see ``HandDown``).
    targets
        As the table ``targets``: ``rep_id, team, period_start, period_end, metric, value``; rows of
        people, then of whole teams (null rep_id).
    periods
        ``period_start, period_end, target`` (the company's), ``people`` (the sum of people's);
        empty in a narrower scope.
    left_out
        ``rep_id, name, post, reason`` of those who get no target.
    odds
        The answer that the odds are from; null: ``no_odds`` says why, or a narrower scope.
    year
        Season and ramp.
    draws
        Scenarios that the odds were played with; null without odds.
    receipt
        Of the results that the share-out rests on.
    past_figures
        Each person's result of the past year, by id, and the company's under "".
    notes
        What was assumed.
    resampled
        Whether the odds are of own past results drawn again (orders and no deals), and not of
        simulated deals; ``odds`` is then null.
    """

    scenario: TargetScenario
    as_of: date
    past: Window
    company_target: int | None
    people: pl.DataFrame
    levels: pl.DataFrame
    targets: pl.DataFrame
    periods: pl.DataFrame
    left_out: pl.DataFrame
    odds: OddsAnswer | None
    no_odds: str
    year: Year
    draws: int | None
    receipt: Receipt
    past_figures: Mapping[str, Figure] = field(repr=False)
    notes: tuple[Statement, ...] = ()
    scope: str = _COMPANY
    resampled: bool = False
    _team_odds: pl.DataFrame | None = field(default=None, repr=False)
    _months: pl.DataFrame | None = field(default=None, repr=False)
    _company_odds: dict | None = field(default=None, repr=False)
    _capacity: Callable[[], CapacityGap | None] | None = field(default=None, repr=False)
    _kpis: Callable[[], KpiPlan] | None = field(default=None, repr=False)
    _pay: Callable[[], ScenarioPay] | None = field(default=None, repr=False)

    @property
    def window(self) -> Window:
        """The period of the plan."""
        return Window(self.scenario.basis.start, self.scenario.basis.end)

    @property
    def metric(self) -> str:
        """The metric the targets are of."""
        return self.scenario.basis.metric

    @property
    def odds_metric(self) -> str:
        """The metric id of the odds."""
        return "target.own_odds" if self.resampled else "target.odds"

    @property
    def decimals(self) -> int:
        """Decimals of the amounts: those of the currency, or none for a count."""
        return decimals_of(self.metric, self.scenario.currency)

    @property
    def people_sum(self) -> int:
        """What all people's targets add up to."""
        return int(self.people["target"].sum())

    @property
    def over_assignment(self) -> float | None:
        """What all people's targets add up to above the company's; null: not in this scope."""
        if not self.company_target:
            return None
        return self.people_sum / self.company_target - 1

    @property
    def team_targets(self) -> dict[str, int]:
        """The target of each team of this scope, before the over-assignment to its people."""
        rows = self.targets.filter(pl.col("rep_id").is_null())
        sums = rows.group_by("team").agg(pl.col("value").sum()).sort("team")
        return dict(sums.iter_rows())

    @property
    def team_odds(self) -> pl.DataFrame:
        """Odds per team of this scope, as ``OddsAnswer.teams``; empty without odds."""
        if self._team_odds is not None:
            return self._team_odds
        return pl.DataFrame() if self.odds is None else self.odds.teams

    @property
    def months(self) -> pl.DataFrame:
        """The company's likely way, as ``OddsAnswer.months``; empty in a narrower scope."""
        if self._months is not None:
            return self._months
        return pl.DataFrame() if self.odds is None else self.odds.months

    @property
    def company_odds(self) -> dict | None:
        """The company's row of ``OddsAnswer.company``; null without odds or in a narrower scope."""
        if self._company_odds is not None:
            return self._company_odds
        if self.odds is None or not self.odds.company.height:
            return None
        return self.odds.company.row(-1, named=True)

    @cached_property
    def capacity(self) -> CapacityGap | None:
        """What the people can bring, beside the company's target, and what would close the gap.

        Worked out when first asked for; null in a narrower scope, or where nobody is ramped yet.
        """
        return None if self._capacity is None else self._capacity()

    @cached_property
    def kpis(self) -> KpiPlan | None:
        """The targets of the scenario's KPIs, and which metrics go with won amount.

        Worked out when first asked for; null in a plan of which that is not known.

        Raises
        ------
        MetricError
            If the company has no rows for a KPI.
        """
        return None if self._kpis is None else self._kpis()

    @cached_property
    def pay(self) -> ScenarioPay | None:
        """What the scenario's pay plans pay; null where it names none.

        Worked out when first asked for.

        Raises
        ------
        SpmError
            If a pay plan cannot be read or modelled.
        """
        return None if self._pay is None else self._pay()

    @cached_property
    def fairness(self) -> Fairness:
        """What the targets ask of people, whom they stretch, and what they go with.

        ``to_last_year`` is of ``pace``: last year's result, for as long as the person is there.
        """
        columns = ["rep_id", "name", "last_target", "potential", "odds", "attainment"]
        told = self.people.select(*columns, value="target", last_year="pace")
        return check_fairness(told)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """All numbers of the plan with their metric ids."""
        from spm_lib.plans.planning.figures import figures_of

        return figures_of(self)

    def within(self, rep_ids: frozenset[str] | None, *, label: str = "") -> TargetPlan:
        """Return the part of the plan that is of these people; null: all of it.

        Of the company nothing stays but what the settings say of everybody; of teams those whose
        people are all among them.
        """
        if rep_ids is None:
            return self
        teams = self._whole_teams(rep_ids)
        rep_ids = rep_ids | self._posts_of(teams)
        mine = pl.col("rep_id").is_in(list(rep_ids))
        whole = pl.col("rep_id").is_null() & pl.col("team").is_in(teams)
        of_team = (pl.col("level") == "rep_id") & pl.col("id").is_in(teams)
        odds, kpis = self.team_odds, self.kpis
        return replace(
            self,
            scenario=_without_others(self.scenario, rep_ids, teams),
            company_target=None,
            people=self.people.filter(mine),
            levels=self.levels.filter(of_team),
            targets=self.targets.filter(mine.fill_null(value=False) | whole),
            periods=self.periods.clear(),
            left_out=self.left_out.filter(mine),
            odds=None,
            _capacity=None,
            _kpis=None if kpis is None else lambda: kpis.within(rep_ids, teams),
            _pay=None if (whole_pay := self._pay) is None else lambda: whole_pay().within(rep_ids),
            _months=None,
            _company_odds=None,
            receipt=self._receipt_of(rep_ids),
            past_figures={k: self._scoped(f) for k, f in self.past_figures.items() if k in rep_ids},
            scope=label or "part",
            _team_odds=odds.filter(pl.col("team").is_in(teams)) if odds.width else odds,
        )

    def _scoped(self, figure: Figure) -> Figure:
        return replace(figure, receipt=replace(figure.receipt, scoped=True))

    def _receipt_of(self, rep_ids: frozenset[str]) -> Receipt:
        """Return the receipt of these people's results; what others have is not told."""
        parts = [f.receipt for rep, f in self.past_figures.items() if rep in rep_ids]
        return added(parts, scoped=True)

    def _whole_teams(self, rep_ids: frozenset[str]) -> list[str]:
        there = self.people.drop_nulls("team").filter(~pl.col("post"))
        groups = there.group_by("team").agg("rep_id")
        return sorted(team for team, reps in groups.iter_rows() if set(reps) <= rep_ids)

    def _posts_of(self, teams: list[str]) -> set[str]:
        """Return the open posts of these teams."""
        return set(self.people.filter(pl.col("post"), pl.col("team").is_in(teams))["rep_id"])

    def targets_csv(self) -> str:
        """Return the targets as CSV that a workspace file can map, those of KPIs below the others.

        Amounts are in major units, ratios in per cent.
        """
        value = self.targets["value"]
        currency = self.scenario.currency
        told = [str(from_minor(v, currency)) for v in value] if self.decimals else map(str, value)
        frame = self.targets.with_columns(value=pl.Series(list(told), dtype=pl.String))
        if self.kpis is not None:
            frame = pl.concat([frame, self.kpis.written_rows()])
        sheet = io.StringIO()
        frame.write_csv(sheet)
        return sheet.getvalue()


def _without_others(
    scenario: TargetScenario, rep_ids: frozenset[str], teams: list[str]
) -> TargetScenario:
    """Return the scenario without the company's targets, and without rows about others."""
    rows = tuple(
        row
        for row in scenario.rows
        if (row.rep_id in rep_ids if row.rep_id else row.everybody or row.team in teams)
    )
    hires = tuple(hire for hire in scenario.hires if hire.team in teams)
    basis = scenario.basis.model_copy(update={"target": 0})
    kept = {"rows": rows, "hires": hires, "basis": basis, "kpis": (), "note": ""}
    return scenario.model_copy(update=kept)
