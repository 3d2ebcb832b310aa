"""Which plans a letter tells: the target plan that was named, and the pay plan in force then."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from spm_lib.core.calendar import Window
from spm_lib.core.errors import TeamError
from spm_lib.incentives import Plan, load_plan
from spm_lib.model import Company
from spm_lib.plans import TargetPlan
from spm_lib.store import ClientFolder
from spm_lib.team.letters.letter_terms import letter_terms
from spm_lib.team.letters.making import LetterMaker
from spm_lib.team.letters.wording import line


def letter_maker(
    company: Company, targets: TargetPlan | None, *, pay_plan: str = "", client: ClientFolder
) -> LetterMaker:
    """Return what makes the letters of a company.

    Parameters
    ----------
    company
        The whole company.
    targets
        The whole target plan; null: the targets in the data, over the pay plan's time, or without
        one over the year that the company's day lies in.
    pay_plan
        Name of the pay plan in ``plans/``; empty: the only one of the targets' time, or without a
        target plan the only one that is not over yet.
    client
        Folder of the plans and of ``letter.toml``.

    Raises
    ------
    TeamError
        If several pay plans are in force, the one named is not in force, or ``letter.toml`` says
        what cannot be.
    PlanError
        If the pay plan that was named is not there, or one of the folder cannot be read.
    """
    plan = _named(pay_plan, targets, client) if pay_plan else _only(company, targets, client)
    if targets is not None:
        window = targets.window
    elif plan is not None:
        window = Window(plan.plan.valid_from, plan.plan.valid_to)
    else:
        year = company.calendar.period_of(company.as_of, "year")
        window = Window(year.start, year.end)
    missing = line("There is no pay plan in force on {day}.", day=window.start)
    terms = letter_terms(client.letter_terms)
    return LetterMaker(company, targets, plan, terms, window, missing)


def _in_force(plan: Plan, first: date, end: date | None) -> bool:
    """Say whether a plan holds on any day of ``[first, end)``; null: from then on."""
    return first < plan.plan.valid_to and (end is None or plan.plan.valid_from < end)


def _named(name: str, targets: TargetPlan | None, client: ClientFolder) -> Plan:
    plan = load_plan(client.plans / f"{name.removesuffix('.toml')}.toml")
    if targets is not None and not _in_force(plan, targets.window.start, targets.window.end):
        raise TeamError(
            f"The pay plan '{plan.plan.id}' is not in force in the period of the letters.",
            found=f"{plan.plan.valid_from} to {plan.plan.valid_to}, letters from "
            f"{targets.window.start}",
            do="Name a pay plan of that time, or leave it out",
        )
    return plan


def _is_pay_plan(file: Path) -> bool:
    """Say whether a file means to be a pay plan; a broken one is refused when it is read."""
    try:
        return "components" in tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError):
        return True


def _only(company: Company, targets: TargetPlan | None, client: ClientFolder) -> Plan | None:
    """Return the one pay plan of the targets' time, or else that is not over yet."""
    first, last = (targets.window.start, targets.window.end) if targets else (company.as_of, None)
    files = [file for file in sorted(client.plans.glob("*.toml")) if _is_pay_plan(file)]
    found = [plan for plan in map(load_plan, files) if _in_force(plan, first, last)]
    if len(found) > 1:
        raise TeamError(
            "Several pay plans are in force in the period of the letters.",
            found=", ".join(plan.plan.id for plan in found),
            do="Name one: -p pay_plan=NAME",
        )
    return found[0] if found else None
