"""The ten decisions that pay plans leave unsaid and sources differ on; here each is stated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spm_lib.incentives.plan.section import Name, NotNegative, Section

Side = Literal["upper", "lower"]
How = Literal["marginal", "whole", "interpolated", "step"]
Grouping = Literal["transaction", "period", "to_date"]
Interval = Literal["month", "quarter", "half_year", "year"]
Excess = Literal["lost", "carried", "kept"]
PERIOD_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class CapDecision(Section):
    """Where a cap acts unless it says so itself, and what becomes of what lies above it.

    ``excess``: lost; carried (paid when a later period has room); kept (a balance, not paid).
    """

    at: Literal["none", "attainment", "component", "plan", "payment"]
    excess: Excess


class RoundingDecision(Section):
    """At which step amounts are rounded to the currency's minor unit, and how.

    ``at``: line (each earning); payment (the total of a payment; its lines get exact parts of it
    by largest remainder).
    """

    at: Literal["line", "payment"]
    mode: Literal["half_up", "half_even"]


class BaseDecision(Section):
    """What commission is paid on: the amount less these columns; returns netted or left out."""

    less: tuple[Name, ...]
    returns: Literal["net", "left_out"]


class Decisions(Section):
    """The ten decisions. Components may state another answer to the first three and the caps.

    Attributes
    ----------
    boundary
        The band that a value exactly on a bound belongs to: ``upper`` inclusive (the band below
        it) or ``lower`` inclusive (the band above it).
    table
        What a band's rate pays for: marginal (its own slice), whole (everything), interpolated
        (a straight line between amounts), step (a fixed amount for the band reached).
    grouping, reset
        What a table looks at: each transaction, the period, or the time since the last reset.
    order
        Columns by which deals of a period are laid in order where rates are marginal; ends with
        ``transaction_id``, so that the order is certain.
    below_target
        Between threshold and target pay starts at 0, or jumps to a stated share of target pay.
    accelerator
        What an accelerator's factor multiplies: the base rate, one payout point per attainment
        point, or the slope below target.
    cap, negative, rounding, base
        Where a cap acts; what becomes of a negative period (paid, carried forward, floored at 0);
        where and how is rounded; what the commission base is.
    """

    boundary: Side
    table: How
    grouping: Grouping
    reset: Interval
    order: Annotated[tuple[Name, ...], Field(min_length=1)]
    below_target: Literal["from_zero", "jump"]
    accelerator: Literal["rate", "point", "slope"]
    cap: CapDecision
    negative: Literal["paid", "carried", "floored"]
    rounding: RoundingDecision
    base: BaseDecision


class Cap(Section):
    """A cap on attainment, a component, the plan's earnings or the payment.

    ``times_target`` is a multiple of target pay (or the attainment itself); ``amount`` is money
    for a pay period. ``on`` and ``excess`` default to the decisions.
    """

    on: Literal["attainment", "component", "plan", "payment"] | None = None
    times_target: NotNegative | None = None
    amount: NotNegative | None = None
    excess: Excess | None = None
