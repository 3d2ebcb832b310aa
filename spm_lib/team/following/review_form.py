"""A review as a form: each area on the scale with its ground, the self-rating beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import StrictInt, StrictStr

from spm_lib.core.errors import TeamError
from spm_lib.core.language import Language
from spm_lib.team.following.review import Review
from spm_lib.team.records.rating import AREAS, SCALE, Area, Rating, Score
from spm_lib.team.records.saying import check_scale, check_words
from spm_lib.team.responses.response_faults import Place
from spm_lib.team.responses.toml_form import Part
from spm_lib.team.responses.toml_text import comment, line, rows
from spm_lib.workspace import Fault, all_in_one

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


def rating_faults(form: ReviewForm) -> Iterator[tuple[Place, TeamError]]:
    """Yield what of a filled in form cannot be kept: each place with what is wrong there."""
    seen: set[Area] = set()
    for at, score in enumerate(form.scores):
        if not score.rating and not score.ground.strip():
            continue
        checks = (
            ("rating", lambda s=score: check_scale(s.rating, what="rating", most=len(SCALE))),
            ("ground", lambda s=score: check_words(s.ground, what="ground of the rating")),
        )
        for key, check in checks:
            yield from _refused(("scores", at, key), check)
        if score.area in seen:
            yield ("scores", at, "area"), TeamError("The area is rated twice.", found=score.area)
        seen.add(score.area)
    if not seen:
        areas = ", ".join(AREAS)
        yield ("scores",), TeamError("No area is rated.", do=f"Rate one or more of: {areas}")
    yield from _refused(("period",), lambda: check_words(form.period, what="period of the review"))
    for key in ("remark", "without_self"):
        told = getattr(form, key)
        yield from _refused((key,), lambda t=told, k=key: check_words(t, what=k, needed=False))
    for at, goal in enumerate(form.next_goals):
        check = lambda g=goal: check_words(g, what="goal", needed=False)  # noqa: E731
        yield from _refused(("next_goals", at), check)


def _refused(place: Place, check: Callable[[], None]) -> Iterator[tuple[Place, TeamError]]:
    try:
        check()
    except TeamError as error:
        yield place, error


def record_of_review(form: ReviewForm) -> Rating:
    """Return the rating that a form tells; areas that are not rated are left out.

    Raises
    ------
    TeamError
        If a rating is none of the scale or has no ground, a ground has no rating, an area is rated
        twice or none is, or words cannot be kept: all faults in one message.
    """
    if faults := [fault_at(place_name(place), error) for place, error in rating_faults(form)]:
        raise TeamError(all_in_one("The review", faults))
    return Rating(
        rep_id=form.rep_id,
        period=form.period,
        scores=tuple(Score(s.area, s.rating, s.ground) for s in form.scores if s.rating),
        remark=form.remark,
        next_goals=tuple(goal for goal in form.next_goals if goal.strip()),
        without_self=form.without_self,
    )


def place_name(place: Place) -> str:
    """Return a place as it stands in a TOML form.

    Examples
    --------
    >>> place_name(("scores", 0, "rating"))
    'scores 1 rating'
    """
    return " ".join(str(p + 1) if isinstance(p, int) else p for p in place)


def fault_at(where: str, error: TeamError) -> Fault:
    """Return a refusal as a fault of a form, at a place by name or by cell."""
    found = f"{error.what.rstrip('.')}{f' (found {error.found})' if error.found else ''}"
    return Fault(where, found, error.do or "Write what the form asks for")
