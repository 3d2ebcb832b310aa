"""A rating: how a person's work in a period is seen, by the person and by the manager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from spm_lib.core.errors import TeamError
from spm_lib.team.records.saying import check_one_of, check_scale, check_words

Area = Literal[
    "goals_and_attainment",
    "pipeline_and_forecast",
    "crm_hygiene",
    "selling_skills",
    "development",
]
AREAS: tuple[Area, ...] = get_args(Area)
SCALE = {
    1: "does not meet",
    2: "needs improvement",
    3: "meets",
    4: "occasionally exceeds",
    5: "consistently exceeds",
}


@dataclass(frozen=True)
class Score:
    """How one area is rated, 1 to 5 (``SCALE``), and on what ground."""

    area: Area
    rating: int
    ground: str

    def __post_init__(self) -> None:
        check_one_of(self.area, AREAS, what="area of a review")
        check_scale(self.rating, what="rating", most=len(SCALE))
        check_words(self.ground, what="ground of the rating")


@dataclass(frozen=True)
class Rating:
    """One side's ratings of a period; two of them make a review.

    Attributes
    ----------
    rep_id
        Who is rated.
    period
        Such as ``2026-Q3``.
    scores
        At most one per area.
    remark
        In the rater's own words.
    next_goals
        What is to be reached in the next cycle.
    without_self
        Of a manager: why there is no self-rating; empty: there is one.
    """

    rep_id: str
    period: str
    scores: tuple[Score, ...]
    remark: str = ""
    next_goals: tuple[str, ...] = ()
    without_self: str = ""

    def __post_init__(self) -> None:
        check_words(self.period, what="period of the review")
        check_words(self.remark, what="remark", needed=False)
        check_words(self.without_self, what="reason", needed=False)
        for goal in self.next_goals:
            check_words(goal, what="goal")
        areas = [score.area for score in self.scores]
        if not areas or len(set(areas)) < len(areas):
            raise TeamError(
                "A review rates each area once.",
                found=", ".join(areas) or "no area",
                do=f"Areas: {', '.join(AREAS)}",
            )
