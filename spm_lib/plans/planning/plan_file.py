"""A target plan as a file: cut to a scope, it tells all that a page prints, and of nobody else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from spm_lib.core.calendar import Window
from spm_lib.core.statement import Statement
from spm_lib.model import Figure, Receipt, SetAside
from spm_lib.plans.paying.scenario_pay import ScenarioPay
from spm_lib.plans.planning.capacity_gap import CapacityGap
from spm_lib.plans.planning.kpi_plan import KpiPlan
from spm_lib.plans.planning.over_the_year import Year
from spm_lib.plans.planning.target_plan import TargetPlan
from spm_lib.plans.scenarios.target_scenario import TargetScenario
from spm_lib.targets.capacity import Capacity, Gap, KnownCapacity
from spm_lib.targets.over_time import Season

_TYPES: dict[str, Any] = {
    "String": pl.String,
    "Int64": pl.Int64,
    "Float64": pl.Float64,
    "Date": pl.Date,
    "Boolean": pl.Boolean,
}
_DAYS = {"period_start", "period_end"}
_KPIS = ("people", "teams", "rows", "choice")
_FRAMES = ("people", "levels", "targets", "periods", "left_out")


def plan_text(plan: TargetPlan) -> str:
    """Return a plan as JSON: all but the scenarios that its odds were counted from."""
    told = {
        **{name: _frame(getattr(plan, name)) for name in _FRAMES},
        "scenario": plan.scenario.model_dump(mode="json"),
        "as_of": plan.as_of.isoformat(),
        "past": [plan.past.start.isoformat(), plan.past.end.isoformat()],
        "company_target": plan.company_target,
        "team_odds": _frame(plan.team_odds),
        "months": _frame(plan.months),
        "company_odds": plan.company_odds,
        "no_odds": plan.no_odds,
        "season": [[str(i) for i in plan.year.season.indices], plan.year.season.per],
        "ramp": plan.year.ramp,
        "notes": [note.text for note in plan.notes],
        "draws": plan.draws,
        "receipt": asdict(plan.receipt),
        "past_figures": {rep: asdict(f) for rep, f in plan.past_figures.items()},
        "capacity": _capacity(plan.capacity),
        "pay": _pay(plan.pay),
        "scope": plan.scope,
        "resampled": plan.resampled,
        "kpis": plan.kpis and {name: _frame(getattr(plan.kpis, name)) for name in _KPIS},
    }
    return json.dumps(told, ensure_ascii=False, default=_plain, sort_keys=True, indent=1)


def read_plan(text: str) -> TargetPlan:
    """Return the plan of ``plan_text``: the same figures, but no scenarios to count anew.

    Notes are kept as they were assumed; how season and ramp were learned is not.
    """
    told = json.loads(text)
    indices, per = told["season"]
    notes = tuple(Statement(note) for note in told["notes"])
    season = Season(tuple(Fraction(i) for i in indices), per)
    capacity = _read_capacity(told["capacity"])
    kpis = told["kpis"] and KpiPlan(**{name: _read_frame(told["kpis"][name]) for name in _KPIS})
    pay = _read_pay(told["pay"])
    odds = told["company_odds"]
    return TargetPlan(
        **{name: _read_frame(told[name]) for name in _FRAMES},
        scenario=TargetScenario.model_validate(told["scenario"]),
        as_of=date.fromisoformat(told["as_of"]),
        past=Window(*(date.fromisoformat(day) for day in told["past"])),
        company_target=told["company_target"],
        odds=None,
        no_odds=told["no_odds"],
        year=Year(season, tuple(told["ramp"]), None, None, notes),
        draws=told["draws"],
        receipt=_read_receipt(told["receipt"]),
        past_figures={rep: _read_figure(f) for rep, f in told["past_figures"].items()},
        notes=notes,
        scope=told["scope"],
        resampled=told["resampled"],
        _team_odds=_read_frame(told["team_odds"]),
        _months=_read_frame(told["months"]),
        _company_odds=odds and {**odds, **_dated(odds, *(odds.keys() & _DAYS))},
        _capacity=None if capacity is None else lambda: capacity,
        _kpis=None if kpis is None else lambda: kpis,
        _pay=None if pay is None else lambda: pay,
    )


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _dated(row: Mapping[str, Any], *names: str) -> dict[str, date]:
    return {name: date.fromisoformat(row[name]) for name in names}


def _frame(frame: pl.DataFrame) -> dict[str, Any]:
    return {
        "types": [[name, str(kind)] for name, kind in frame.schema.items()],
        "columns": [frame[name].to_list() for name in frame.columns],
    }


def _read_frame(told: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series(
                name,
                [date.fromisoformat(v) if kind == "Date" and v else v for v in values],
                dtype=_TYPES[kind],
            )
            for (name, kind), values in zip(told["types"], told["columns"], strict=True)
        ]
    )


def _read_receipt(told: Mapping[str, Any]) -> Receipt:
    aside = {reason: SetAside(**part) for reason, part in told["set_aside"].items()}
    return Receipt(told["used"], aside, told["scoped"])


def _read_figure(told: Mapping[str, Any]) -> Figure:
    window = told["window"] and tuple(date.fromisoformat(day) for day in told["window"])
    known = {
        **told,
        "as_of": date.fromisoformat(told["as_of"]),
        "window": window,
        "receipt": _read_receipt(told["receipt"]),
    }
    return Figure(**known)


def _capacity(found: CapacityGap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "known": asdict(found.known),
        "per_head": found.per_head,
        "attrition": found.attrition,
        "hire_on": found.hire_on.isoformat(),
        "months": _frame(found.capacity.months),
        "window": [found.capacity.window.start.isoformat(), found.capacity.window.end.isoformat()],
        "gap": [found.gap.target, found.gap.capacity],
        "ways": _frame(found.gap.ways),
        "pipeline_to_create": found.pipeline_to_create,
    }


def _read_capacity(told: Mapping[str, Any] | None) -> CapacityGap | None:
    if told is None:
        return None
    window = Window(*(date.fromisoformat(day) for day in told["window"]))
    return CapacityGap(
        known=KnownCapacity(**told["known"]),
        per_head=told["per_head"],
        attrition=told["attrition"],
        hire_on=date.fromisoformat(told["hire_on"]),
        capacity=Capacity(_read_frame(told["months"]), window),
        gap=Gap(told["gap"][0], told["gap"][1], _read_frame(told["ways"])),
        pipeline_to_create=told["pipeline_to_create"],
    )


def _pay(found: ScenarioPay | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "plans": found.plans,
        "futures": found.futures,
        "people": _frame(found.people),
        "company": found.company,
        "notes": [[note.text, dict(note.values)] for note in found.notes],
    }


def _read_pay(told: Mapping[str, Any] | None) -> ScenarioPay | None:
    if told is None:
        return None
    notes = tuple(Statement(text, _read_values(values)) for text, values in told["notes"])
    people = _read_frame(told["people"])
    return ScenarioPay(tuple(told["plans"]), told["futures"], people, told["company"], notes)


def _read_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a note; lists were tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
