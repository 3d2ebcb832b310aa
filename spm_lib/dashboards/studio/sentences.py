"""What the studio says once levers rest: the gap as a decision, fairness, what changed."""

from __future__ import annotations

import html
from collections.abc import Iterable

import polars as pl

from spm_lib.core.language import Language
from spm_lib.dashboards.studio.told import amounts
from spm_lib.plans import TargetPlan, compare
from spm_lib.targets.fairness import Fairness

_NAMED = 3


def sentences(plan: TargetPlan, against: TargetPlan | None, language: Language) -> str:
    """Return the sections of text as HTML; nothing in it is markup but ours."""
    text = language.text
    parts = [
        (text("The gap as a decision"), gap_told(plan, language)),
        (text("Fairness"), fairness_told(plan, language)),
    ]
    if against is not None:
        title = text("What changed against {name}", name=against.scenario.name)
        parts.append((title, changes_told(against, plan, language)))
    parts.append((text("What this rests on"), notes_told(plan, language)))
    return "".join(_section(title, listed) for title, listed in parts if listed)


def _section(title: str, listed: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(one)}</li>" for one in listed)
    return f"<section><h2>{html.escape(title)}</h2><ul>{items}</ul></section>"


def gap_told(plan: TargetPlan, language: Language) -> list[str]:
    """Return what people can bring beside the target, and what each way to close it would take."""
    found, text, amount = plan.capacity, language.text, amounts(plan, language)
    if found is None:
        return [text("Nobody is ramped yet, so what people can bring cannot be told.")]
    capacity, gap = amount(found.gap.capacity), found.gap.amount
    if gap <= 0:
        spare = amount(-gap)
        told = "The people there and to come can bring {capacity}: {spare} more than the target."
        return [text(told, capacity=capacity, spare=spare), *_pipeline(plan, language)]
    told = "The people there and to come can bring {capacity}: {gap} less than the target."
    lines = [text(told, capacity=capacity, gap=amount(gap))]
    ways = found.gap.ways.iter_rows(named=True)
    lines += [_way(way, found.hire_on, language, amount) for way in ways]
    return [*lines, *_pipeline(plan, language)]


def _pipeline(plan: TargetPlan, language: Language) -> list[str]:
    found = plan.capacity
    if found is None or not found.pipeline_to_create:
        return []
    told = "Pipeline of {amount} is still to be created for the target."
    return [language.text(told, amount=amounts(plan, language)(found.pipeline_to_create))]


def _way(way: dict, day, language: Language, amount) -> str:
    text, needed, name = language.text, way["needed"], way["way"]
    left = amount(way["left"])
    if name == "hire" and needed is not None:
        told = "Hire {n:1 more person|{n} more people} by {day}"
        return text(told, n=round(needed), day=language.date(day))
    if name == "hire":
        return text("Hiring alone does not close it: {left} stay open", left=left)
    if name == "productivity" and needed is not None:
        return text("Or raise results per head by {share}", share=language.percent(needed, 1))
    if name == "attrition" and needed is not None:
        return text("Or lower attrition to {share} a year", share=language.percent(needed, 1))
    if name == "attrition":
        return text("Keeping everybody does not close it: {left} stay open", left=left)
    if name == "target" and needed is not None:
        return text("Or lower the target by {amount}", amount=amount(round(needed)))
    return text("Nobody brings results yet that could be raised")


def fairness_told(plan: TargetPlan, language: Language) -> list[str]:
    """Return the most stretched by name, how unequal targets are, and what the odds go with."""
    fair, text = plan.fairness, language.text
    lines = stretched_told(fair, language)
    pace = fair.ranges.get("to_last_year")
    if pace is not None and pace.low is not None and pace.high is not None:
        ends = language.interval(language.percent(pace.low, 0), language.percent(pace.high, 0))
        told = "Targets ask {interval} of what people sold, at last year's pace"
        lines.append(text(told, interval=ends))
    lines += _correlations(fair, language)
    if fair.few:
        lines.append(text("So few people say little of the whole: look at names and numbers."))
    return lines


def _correlations(fair: Fairness, language: Language) -> list[str]:
    lines = []
    for name, found in fair.correlations.items():
        if found.value is None or found.low is None or found.high is None:
            continue
        ends = (language.number(end, 2) for end in (found.low, found.high))
        told = {"value": language.number(found.value, 2), "interval": language.interval(*ends)}
        if name == "odds and size":
            size = (
                "Odds and size of the territory: rank correlation {value} ({interval}); 0 is fair"
            )
            lines.append(language.text(size, **told))
        elif name == "odds and growth":
            growth = "Odds and growth asked: rank correlation {value} ({interval})"
            lines.append(language.text(growth, **told))
    return lines


def stretched_told(fair: Fairness, language: Language) -> list[str]:
    """Return a sentence on each of the most stretched people."""
    found = []
    for row in fair.stretched.iter_rows(named=True):
        share = language.percent(row["measure"], 0)
        name = row["name"]
        if row["by"] == "odds":
            found.append(language.text("{name}: odds of {odds}", name=name, odds=share))
        elif row["by"] == "to_last_year":
            found.append(
                language.text("{name}: {share} of last year's pace", name=name, share=share)
            )
        else:
            found.append(language.text("{name}: {share} of the potential", name=name, share=share))
    return found


def changes_told(a: TargetPlan, b: TargetPlan, language: Language) -> list[str]:
    """Return what is other in plan ``b``: the company's odds, who gains, who loses."""
    found, text, amount = compare(a, b), language.text, amounts(b, language)
    before, after = found.company.rows(named=True)
    lines = []
    if before["target"] != after["target"]:
        ends = {"before": amount(before["target"]), "after": amount(after["target"])}
        lines.append(text("Target: {before}, now {after}", **ends))
    if before["odds"] is not None and after["odds"] is not None:
        ends = {name: language.percent(row["odds"], 1) for name, row in
                (("before", before), ("after", after))}  # fmt: skip
        lines.append(text("Odds: {before}, now {after}", **ends))
    moved = found.people.filter(pl.col("difference").fill_null(1) != 0)
    lines.append(
        text(
            "{n:The target of 1 person is|The targets of {n} people are} other ones", n=moved.height
        )
        if moved.height
        else text("Everybody has the same target")
    )
    for told, people in (("easier", found.winners), ("harder", found.losers)):
        if people.is_empty():
            continue
        names = language.list([_one(row, language) for row in people.head(_NAMED).rows(named=True)])
        said = {"n": people.height, "names": names}
        easier = "Easier for {n:1 person|{n} people}, most of all {names}"
        harder = "Harder for {n:1 person|{n} people}, most of all {names}"
        lines.append(text(easier, **said) if told == "easier" else text(harder, **said))
    return lines


def _one(row: dict, language: Language) -> str:
    name = row["name"] or row["rep_id"]
    if row["odds_a"] is None or row["odds_b"] is None:
        return name
    ends = [language.percent(row[side], 0) for side in ("odds_a", "odds_b")]
    return language.text("{name} ({before} to {after})", name=name, before=ends[0], after=ends[1])


def notes_told(plan: TargetPlan, language: Language) -> list[str]:
    """Return what was assumed, who is left out, and what the odds are played from."""
    text = language.text
    lines = [note.tell(language) for note in plan.notes]
    if plan.draws:
        told = (
            "{draws} futures are played through with the same luck for every setting, from "
            "people's own pooled rates and their uncertainty, and the deals open today."
        )
        lines.append(text(told, draws=language.number(plan.draws)))
    for name, reason in plan.left_out.select("name", "reason").iter_rows():
        gone = reason == "not there in the period"
        who = name or ""
        lines.append(
            text("{name} has no target: not there in the period", name=who)
            if gone
            else text("{name} has no target: left out by a row", name=who)
        )
    return lines
