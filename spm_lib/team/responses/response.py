"""The response to a plan letter: what one person decided about it, fears, proposes and promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Decision = Literal["accept", "accept_with_remarks", "not_accept"]
Category = Literal["target_too_high", "territory", "data", "crediting", "product", "other"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True)
class Worry:
    """What somebody fears about the plan, in the person's own words."""

    category: Category
    text: str


@dataclass(frozen=True)
class Goal:
    """A development goal of one's own: the metric that will show it, and by when.

    Attributes
    ----------
    metric
        Id of the dictionary, such as ``win_rate.closed.count``.
    measure
        What is to be reached, in the person's own words.
    due
        By which day.
    help_wanted
        From whom and what; empty: none.
    """

    metric: str
    measure: str
    due: date
    help_wanted: str = ""


@dataclass(frozen=True)
class Response:
    """What one person answers to one version of the own letter; checked (see ``response_of``).

    Attributes
    ----------
    letter
        Content hash of the letter that was answered.
    version
        Version of that letter, 1 and up.
    rep_id
        Who answers.
    read_on
        The day on which the letter was read.
    decision
        One of ``DECISIONS``.
    remarks
        In the person's own words; empty: none.
    worries
        Each of one of ``CATEGORIES``.
    ideas
        Ideas from the field.
    goals
        Up to three goals of one's own.
    confidence
        How sure the person is to reach the target, 1 (not at all) to 5 (quite).
    """

    letter: str
    version: int
    rep_id: str
    read_on: date
    decision: Decision
    confidence: int
    remarks: str = ""
    worries: tuple[Worry, ...] = ()
    ideas: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
