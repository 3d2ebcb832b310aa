"""The playbook in words: what goes with winning at each stage, associations, never causes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spm_lib.core.statement import Share, Statement
from spm_lib.metrics.associations import FALSE_SHARE, odds_to_share
from spm_lib.metrics.stages import stage_name
from spm_lib.process.playbook.best_closers import FEWEST_CLOSED, FEWEST_PEOPLE
from spm_lib.process.playbook.discounts import discounts

if TYPE_CHECKING:
    from spm_lib.process.playbook.playbook import Playbook


def playbook_words(made: Playbook) -> tuple[Statement, ...]:
    """Return the statements of the playbook, stages in order."""
    found = [finding(made, row) for row in made.found.iter_rows(named=True)]
    basis = (_basis(made),) if found or made.best.filter("found").height else ()
    return (*(found or [_nothing(made)]), _best(made), *_discounted(made), *basis)


def finding(made: Playbook, row: dict[str, Any]) -> Statement:
    """Return one found association as a statement."""
    more = (
        "{stage}: {behaviour} is associated with winning: where {base} of deals are won, {odds} "
        "of the same person's deals with it are ({low} to {high}; {n:1 deal|{n} deals})."
    )
    less = (
        "{stage}: {behaviour} is associated with losing: where {base} of deals are won, {odds} "
        "of the same person's deals with it are ({low} to {high}; {n:1 deal|{n} deals})."
    )
    values = {
        "stage": stage_name(made.company, row["pipeline"], row["stage"]),
        "behaviour": made.behaviour(row["behaviour"]).statement,
        "base": Share(row["base"]),
        "n": row["n"],
        **{name: Share(odds_to_share(row["base"], row[name])) for name in ("odds", "low", "high")},
    }
    return Statement(more if row["odds"] > 1 else less, values)


def _nothing(made: Playbook) -> Statement:
    text = (
        "Nothing that is done in the first {days:1 day|{days} days} of a stage is clear of luck: "
        "{tried:1 comparison was|{tried} comparisons were} made. There is no playbook to follow."
    )
    return Statement(text, {"days": made.days, "tried": made.tried})


def _best(made: Playbook) -> Statement:
    if made.people.p is None:
        text = (
            "Too few people have closed enough deals to tell who closes best: {people} people with "
            "{deals} each are needed."
        )
        values = {"people": FEWEST_PEOPLE, "deals": FEWEST_CLOSED}
        return Statement(text, values, "why")
    if not made.people.best:
        text = (
            "Nobody closes clearly better than others once the mix of deals and luck are allowed "
            "for, so no group is held up as the best."
        )
        return Statement(text, kind="why")
    values = {"best": len(made.people.best), "others": len(made.people.others)}
    found = made.best.filter("found").height
    if not found:
        text = (
            "The {best} people who close best, mix of deals allowed for, do nothing in a stage's "
            "first days clearly more or less often than the {others} others."
        )
        return Statement(text, values, "why")
    text = (
        "The {best} people who close best, mix of deals allowed for, differ from the {others} "
        "others in {found:1 habit|{found} habits}. That may be the people, not what they do."
    )
    return Statement(text, {**values, "found": found}, "why")


def _discounted(made: Playbook) -> tuple[Statement, ...]:
    """Say in which stage most amounts are lowered; nothing where none ever was."""
    cuts = discounts(made.company)
    if not cuts.height:
        return ()
    most = (
        cuts.group_by("pipeline", "stage")
        .len()
        .sort("len", "pipeline", "stage", descending=[True, False, False])
    )
    text = (
        "Amounts were lowered {n:once|{n} times}, mostly in {stage}: {share}. Whether that goes "
        "with winning is among the comparisons where it is neither seldom nor the rule."
    )
    row = most.row(0, named=True)
    stage = stage_name(made.company, row["pipeline"], row["stage"])
    values = {"n": cuts.height, "stage": stage, "share": Share(row["len"] / cuts.height)}
    return (Statement(text, values, "why"),)


def _basis(made: Playbook) -> Statement:
    text = (
        "{tried:1 comparison was|{tried} comparisons were} made over {stages:1 stage|{stages} "
        "stages}; of those called found at most {share} may be luck, and each holds on the newest "
        "third of the deals too. Associated is not caused."
    )
    values = {"tried": made.tried, "stages": len(made.stages), "share": Share(FALSE_SHARE)}
    return Statement(text, values, "why")
