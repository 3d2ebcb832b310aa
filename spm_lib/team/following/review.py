"""A review: self-rating beside the manager's rating, area by area, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spm_lib.team.records.rating import AREAS, Area, Rating, Score

_FAR = 2


@dataclass(frozen=True)
class Compared:
    """One area: how the person and how the manager rate it; null where not rated."""

    area: Area
    own: Score | None
    manager: Score | None

    @property
    def difference(self) -> int | None:
        """Own rating less the manager's; null where one is missing."""
        if self.own is None or self.manager is None:
            return None
        return self.own.rating - self.manager.rating

    @property
    def apart(self) -> bool:
        """Whether the two are two steps or more apart: what the talk begins with."""
        return self.difference is not None and abs(self.difference) >= _FAR


@dataclass(frozen=True)
class Review:
    """The two ratings of a person's period; null where one is not in."""

    rep_id: str
    period: str
    own: Rating | None
    manager: Rating | None

    @property
    def areas(self) -> tuple[Compared, ...]:
        """All areas that one of the two rated, in their fixed order."""
        sides = [_by_area(self.own), _by_area(self.manager)]
        return tuple(
            Compared(area, *(side.get(area) for side in sides))
            for area in AREAS
            if any(area in side for side in sides)
        )


def reviews(self_ratings: Iterable[Rating], manager_ratings: Iterable[Rating]) -> list[Review]:
    """Return the reviews that ratings make, sorted by person and period."""
    own = {(r.rep_id, r.period): r for r in self_ratings}
    manager = {(r.rep_id, r.period): r for r in manager_ratings}
    return [Review(*key, own.get(key), manager.get(key)) for key in sorted({*own, *manager})]


def _by_area(rating: Rating | None) -> dict[Area, Score]:
    return {score.area: score for score in rating.scores} if rating else {}
