"""A review as a form: each area on the scale with its ground, the self-rating beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import StrictInt, StrictStr

from spm_lib.core.language import Language
from spm_lib.team.following.review import Review
from spm_lib.team.following.toml_form import Part
from spm_lib.team.records.rating import AREAS, SCALE, Area, Rating, Score
from spm_lib.team.responses.toml_text import comment, line, rows

Side = Literal["self", "manager"]


class RatedArea(Part):
    """One area: 1 to 5, and on what ground; rating 0 is: not rated."""

    area: Area
    rating: StrictInt = 0
    ground: StrictStr = ""


class ReviewForm(Part):
    """One side's ratings, as filled in; see ``Rating``."""

    rep_id: StrictStr
    period: StrictStr
    side: Side
    remark: StrictStr = ""
    next_goals: tuple[StrictStr, ...] = ()
    without_self: StrictStr = ""
    scores: tuple[RatedArea, ...] = ()


def review_form(review: Review, side: Side, *, language: Language) -> str:
    """Return the form of one side's ratings as TOML.

    Parameters
    ----------
    review
        What is there already: the manager reads the self-rating beside each area.
    side
        Whose form.
    language
        Of the comments.
    """
    return "\n".join(_lines(review, side, language)) + "\n"


def _lines(review: Review, side: Side, language: Language) -> Iterator[str]:
    scale = [f"{rating} {language.text(words)}" for rating, words in SCALE.items()]
    yield comment(f"{language.text('Review')}: {', '.join(scale)}; 0: –")
    yield line("rep_id", review.rep_id)
    yield line("period", review.period)
    yield line("side", side)
    yield line("remark", "")
    yield line("next_goals", [""])
    if side == "manager" and review.own is None:
        yield comment(language.text("Why there is no self-rating, which comes first."))
        yield line("without_self", "")
    yield ""
    own = {score.area: score for score in review.own.scores} if review.own else {}
    for area in AREAS:
        if side == "manager" and area in own:
            yield comment(f"{language.text('Self')}: {own[area].rating}, {own[area].ground}")
        yield from rows("scores", [{"area": area, "rating": 0, "ground": ""}])


def record_of_review(form: ReviewForm) -> Rating:
    """Return the rating that a form tells; areas that are not rated are left out.

    Raises
    ------
    TeamError
        If a rating is none of the scale, has no ground, or an area is rated twice or none is.
    """
    return Rating(
        rep_id=form.rep_id,
        period=form.period,
        scores=tuple(Score(s.area, s.rating, s.ground) for s in form.scores if s.rating),
        remark=form.remark,
        next_goals=tuple(goal for goal in form.next_goals if goal.strip()),
        without_self=form.without_self,
    )
