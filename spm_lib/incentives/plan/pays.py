"""The ways a component pays, one section class each; ``kind`` says which."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spm_lib.incentives.plan.decisions import How, Side
from spm_lib.incentives.plan.section import Exact, Id, Name, NotNegative, Positive, Section


class RatePay(Section):
    """A flat rate: a share of a money base, or money per unit of a counted one."""

    kind: Literal["rate"]
    rate: Exact


class BandSection(Section):
    """One band: up to one bound (null: no end) with one rate or one amount."""

    up_to: Exact | None = None
    rate: Exact | None = None
    pay: Exact | None = None
    how: How | None = None


class TablePay(Section):
    """A table of bands over the base or over attainment.

    ``times``: a rate is a share of the base, or of target pay per unit of attainment.
    ``attained_by`` looks the band up by the attainment of another measure; whole tables only.
    """

    kind: Literal["table"]
    of: Literal["base", "attainment"]
    times: Literal["base", "target"] = "base"
    bands: Annotated[tuple[BandSection, ...], Field(min_length=1)]
    how: How | None = None
    boundary: Side | None = None
    attained_by: Id | None = None


class PointSection(Section):
    """One corner of a pay curve: at this attainment, this share of target pay."""

    attainment: NotNegative
    payout: NotNegative


class CurvePay(Section):
    """A pay curve: straight lines between points; 0 under the first one.

    ``beyond`` the last point the curve stays flat or goes on at its last slope.
    """

    kind: Literal["curve"]
    points: Annotated[tuple[PointSection, ...], Field(min_length=2)]
    beyond: Literal["flat", "slope"]
    boundary: Side | None = None


class AcceleratorSection(Section):
    """Above this attainment pay grows by ``factor`` times what the decision says."""

    over: NotNegative
    factor: NotNegative


class GoalPay(Section):
    """Percent to goal: threshold, target, accelerators, excellence.

    ``payout_at_threshold`` is stated where pay jumps at the threshold. ``base_rate`` is the share
    of sales that an accelerator multiplies where the decision is ``rate``. At ``excellence``
    attainment pay stops growing.
    """

    kind: Literal["goal"]
    threshold: NotNegative
    payout_at_threshold: NotNegative | None = None
    accelerators: tuple[AcceleratorSection, ...] = ()
    base_rate: NotNegative | None = None
    excellence: Positive | None = None
    boundary: Side | None = None


class AxisSection(Section):
    """One side of a matrix: bounds of a measure, or values of a text column.

    ``ratio`` is the measure over the component's own, such as margin over sales.
    """

    measure: Id | None = None
    of: Literal["base", "attainment", "ratio"] = "base"
    bounds: tuple[Exact, ...] = ()
    column: Name | None = None
    values: tuple[Name, ...] = ()

    @property
    def size(self) -> int:
        """How many rows (or columns) of cells the axis has."""
        return len(self.values) if self.column else len(self.bounds) + 1


class MatrixPay(Section):
    """A rate found by two axes, paid on the whole base."""

    kind: Literal["matrix"]
    rows: AxisSection
    columns: AxisSection
    cells: Annotated[tuple[tuple[Exact, ...], ...], Field(min_length=1)]
    boundary: Side | None = None


class RungSection(Section):
    """One rung of a ladder: from this score on, this achievement."""

    score: Exact
    achievement: NotNegative


class ObjectiveSection(Section):
    """One objective: its weight, its cap, and a ladder of ratings in place of the score itself."""

    id: Id
    name: Name | None = None
    weight: Positive
    cap: NotNegative | None = None
    ladder: tuple[RungSection, ...] = ()


class ScorePay(Section):
    """Objectives (MBO, KPI, scorecard): target pay x sum of weight x achievement."""

    kind: Literal["score"]
    objectives: Annotated[tuple[ObjectiveSection, ...], Field(min_length=1)]


class BonusPay(Section):
    """A fixed amount per unit, per transaction or once in a period that reaches ``at_least``."""

    kind: Literal["bonus"]
    amount: Exact
    per: Literal["unit", "transaction", "period"]
    at_least: Exact | None = None


class PoolPay(Section):
    """A pool of money x the team's attainment, shared out equally or by each one's base.

    ``attainment``: whether the pool is scaled by what all together reached, at most ``at_most``.
    """

    kind: Literal["pool"]
    pool: NotNegative
    share: Literal["equal", "base"]
    scaled: Literal["attainment", "fixed"]
    at_most: NotNegative | None = None


class ContestPay(Section):
    """Prizes by rank. ``ties``: shared equally, or each gets the better one."""

    kind: Literal["contest"]
    prizes: Annotated[tuple[NotNegative, ...], Field(min_length=1)]
    ties: Literal["shared", "each"]
    at_least: Exact | None = None


Pays = Annotated[
    RatePay
    | TablePay
    | CurvePay
    | GoalPay
    | MatrixPay
    | ScorePay
    | BonusPay
    | PoolPay
    | ContestPay,
    Field(discriminator="kind"),
]
