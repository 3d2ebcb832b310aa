"""The metric ids of the team: answers to plan letters, worries, promises and checklists."""

from __future__ import annotations

from spm_lib.model import declaring

_declare = declaring(
    "team",
    prefix="team.",
    unit="count",
    date_field="at",
    table="team register",
    null_rule="never null",
    dimensions=("rep_id",),
)


def declare_team_ids() -> None:
    """Put the ids of the team into the registry."""
    _declare(
        "acceptance_rate",
        "Plan letters accepted",
        "people who accepted their newest letter / people with a letter",
        numerator="people who accepted their newest letter, with or without remarks",
        denominator="people with a letter",
        unit="ratio",
        null_rule="null where no letter was issued",
        reading="Who accepted an older version counts as not answered.",
    )
    _declare(
        "confidence_mean",
        "Mean confidence of reaching the target",
        "sum of the confidence answered, 1 to 5 / people who answered their newest letter",
        numerator="confidence answered, 1 to 5",
        denominator="people who answered their newest letter",
        unit="ratio",
        null_rule="null where nobody answered",
    )
    _declare(
        "growth_asked",
        "Growth asked by targets",
        "target / result of as many days of the past year - 1",
        numerator="targets of the newest letters",
        denominator="results of as many days of the past year",
        unit="ratio",
        null_rule="null where a target or a past result is not known, or the result is not above 0",
        reading="Of several people the mean, weighted by the past result.",
    )
    _declare(
        "unanswered", "Plan letters not answered", "people whose newest letter is not answered"
    )
    _declare(
        "worries",
        "Worries",
        "worries in people's newest responses",
        dimensions=("rep_id", "category"),
    )
    _declare("replies_owed", "Replies owed", "worries in people's newest responses without a reply")
    _declare("requests_open", "Target change requests not decided", "requests without a decision")
    _declare("promises_open", "Open promises", "promises neither done nor withdrawn")
    _declare("promises_overdue", "Overdue promises", "open promises whose day is over")
    _declare(
        "checklist_overdue",
        "Overdue items of the checklist",
        "items of people's checklists whose day is over",
    )
