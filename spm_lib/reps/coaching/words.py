"""Coaching in words: gaps, pairs, why somebody has none, and the sheet of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.core.statement import Amount, Phrase, Share, Statement
from spm_lib.model.names import column_phrase
from spm_lib.reps.coaching.limits import REASONS
from spm_lib.reps.coaching.pairs import BARRED, FULL, NO_GAP

if TYPE_CHECKING:
    from spm_lib.reps.coaching.plan import Coaching, Sheet

MOST = 4
SKILLS = {"win_rate": Phrase("win rate"), "deal_size": Phrase("deal size")}


def skill_words(skill: str) -> Phrase | Statement:
    """Return what a skill is called."""
    if skill.startswith("stage:"):
        return Statement("moving deals on from {stage}", {"stage": skill.removeprefix("stage:")})
    return SKILLS.get(skill, Phrase(skill))


def names_in(coaching: Coaching) -> dict[str, str]:
    """Return people's names by id."""
    table = coaching.company.table("reps").select("rep_id", "name").drop_nulls()
    return dict(table.iter_rows())


def coaching_words(coaching: Coaching) -> tuple[Statement, ...]:
    """Return the statements of a coaching plan, most important first."""
    gaps = coaching.gaps.sort("money", "rep_id", descending=[True, False])
    apart = [c.statement for c in coaching.skills.given.columns
             if c.use == "one value each" and c.statement]  # fmt: skip
    if not gaps.height:
        return (_nothing(coaching), *apart, _caution())
    names = names_in(coaching)
    told = [_gap(coaching, row, names) for row in gaps.head(MOST).iter_rows(named=True)]
    return (*told, _pairs(coaching), *apart, _caution(), *_advice(coaching))


def _gap(coaching: Coaching, row: dict[str, Any], names: dict[str, str]) -> Statement:
    text = (
        "{name} is below the middle in {skill} ({p} sure); {money} were at stake ({low} to {high})."
    )
    currency = coaching.company.currency
    values = {
        "name": names.get(row["rep_id"], row["rep_id"]),
        "skill": skill_words(row["skill"]),
        "p": Share(min(row["p_below"], 0.99)),
        "money": Amount(row["money"], currency),
        "low": Amount(max(row["money_low"], 0), currency),
        "high": Amount(row["money_high"], currency),
    }
    return Statement(text, values)


def _nothing(coaching: Coaching) -> Statement:
    from spm_lib.reps.coaching.plan import confounded

    if (column := confounded(coaching.skills)) is not None:
        text = (
            "No gap is earned by evidence: each person has one {column} only, and too few share it "
            "to tell the skill from the {column}."
        )
        return Statement(text, {"column": column_phrase(column.column)})
    text = (
        "No gap is earned by evidence: none of {people:1 person|{people} people} is clearly below "
        "the middle in a skill in which people differ."
    )
    return Statement(text, {"people": len(coaching.people)})


def _pairs(coaching: Coaching) -> Statement:
    text = (
        "{pairs:1 pair is|{pairs} pairs are} earned; {without:1 person with a gap has|{without} "
        "people with a gap have} no mentor who is clearly better and free."
    )
    gone = coaching.pairs.without.filter(coaching.pairs.without["reason"] != NO_GAP)
    return Statement(text, {"pairs": coaching.pairs.pairs.height, "without": gone.height})


def _caution() -> Statement:
    text = (
        "Skills are pooled and allow for the mix of deals, so that luck earns neither a gap nor a "
        "mentor. The money is what closing the whole gap would have brought in the window."
    )
    return Statement(text, kind="why")


def _advice(coaching: Coaching) -> list[Statement]:
    text = (
        "Agree one goal per pair, three sessions and a debrief; then compare with peers who "
        "started alike, not with the mentee's own past."
    )
    return [Statement(text, kind="todo")] if coaching.sheets else []


def reason_words(row: dict[str, Any]) -> Statement:
    """Return why somebody has no pair."""
    if row["reason"] == NO_GAP:
        return Statement("No gap is earned: nothing is clearly below the middle.")
    if row["reason"] == BARRED:
        bars = tuple(REASONS[bar] for bar in row["bars"])
        return Statement("Those who are clearly better cannot: {bars}.", {"bars": bars})
    if row["reason"] == FULL:
        return Statement("Those who are clearly better already have their mentees.")
    return Statement(
        "Nobody is clearly better at it: the best chance is {best}.", {"best": Share(row["best"])}
    )


def sheet_words(coaching: Coaching, sheet: Sheet) -> tuple[tuple[Phrase, Statement], ...]:
    """Return the sheet of a pair: goal, three sessions, debrief and the number to watch."""
    names = names_in(coaching)
    who = {
        "name": names.get(sheet.rep_id, sheet.rep_id),
        "coach": names.get(sheet.coach_id, sheet.coach_id),
        "skill": skill_words(sheet.skill),
        **_levels(coaching, sheet),
    }
    goal = Statement(
        "{name}: from {own} to the middle, {goal}, in {skill}. First say it in your own words, "
        "with a date.",
        who,
    )
    first = Statement(
        "Look at three lost and three won deals of {name} at this point: what happened, in facts.",
        who,
    )
    second = Statement(
        "{coach} shows two deals of the same kind; {name} picks one thing to try and says how.", who
    )
    third = Statement(
        "{name} tries it on live deals while {coach} watches or listens; what stays, what goes.",
        who,
    )
    debrief = Statement(
        "What was tried, on which deals, what came of it, what {name} will do next, how sure from "
        "1 to 10.",
        who,
    )
    return (
        (Phrase("Goal"), goal),
        (Phrase("Session 1: what is"), first),
        (Phrase("Session 2: what could be"), second),
        (Phrase("Session 3: what will be"), third),
        (Phrase("Debrief"), debrief),
        (Phrase("Number to watch"), _watch(sheet, who)),
    )


def _levels(coaching: Coaching, sheet: Sheet) -> dict[str, object]:
    if sheet.unit == "ratio":
        return {"own": Share(sheet.own), "goal": Share(sheet.goal)}
    currency = coaching.company.currency
    return {
        "own": Amount(round(sheet.own), currency),
        "goal": Amount(round(sheet.goal), currency),
    }


def _watch(sheet: Sheet, who: dict[str, object]) -> Statement:
    if sheet.cases is None or sheet.months is None:
        text = "{skill}: {own} now, {goal} as the goal. Compare with peers who started alike."
        return Statement(text, who)
    values = {**who, "cases": sheet.cases, "months": max(round(sheet.months), 1)}
    text = (
        "{skill}: {own} now, {goal} as the goal. One person's number cannot show it soon: it takes "
        "{cases:1 case|{cases} cases}, about {months:1 month|{months} months} at this pace. Until "
        "then count the sessions held and the deals on which it was tried."
    )
    return Statement(text, values)
