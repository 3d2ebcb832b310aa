"""Over which days a component pays a person: one stretch per line, and what it looks back on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from spm_lib.incentives.chain.people import Stay, spans
from spm_lib.incentives.chain.periods import PayPeriod, interval_of
from spm_lib.incentives.plan.decisions import PERIOD_MONTHS
from spm_lib.incentives.plan.plan import Component, Plan


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days of one line.

    Attributes
    ----------
    period, start, end
        The pay period, and the days ``[start, end)`` in it that the line pays.
    since
        The first day that counts: ``start``, or an earlier one where it pays to date.
    own
        The first day whose own transactions are paid; see ``Asked``.
    interval_end
        The day up to which quota and target pay count whatever the period; null: so far.
    """

    period: PayPeriod
    start: date
    end: date
    since: date
    own: date
    interval_end: date | None

    @property
    def whole(self) -> date:
        """The day up to which quota and target pay count."""
        return self.interval_end or self.end


def pays_to_date(component: Component, plan: Plan) -> bool:
    """Say whether a component looks at all days since the last reset."""
    grouping = component.grouping or plan.decisions.grouping
    return grouping == "to_date" and component.true_up is not None


def deducts(component: Component, plan: Plan) -> bool:
    """Say whether a component pays what is earned to date less what was earned before."""
    return component.true_up == "deduct" and pays_to_date(component, plan)


def stretches(
    component: Component, plan: Plan, stays: list[Stay], periods: Sequence[PayPeriod]
) -> Iterator[Stretch]:
    """Return the stretches of days that a component pays a person with these rows, in order."""
    to_date = pays_to_date(component, plan)
    for period in periods:
        window = _window(component, plan, period)
        if window is None:
            continue
        for start, end in spans(stays, component, plan, window):
            since = _since(component, plan, stays, start, end) if to_date else start
            own = start if to_date and component.true_up == "own" else since
            whole = _whole(component, plan, stays, start, end)
            yield Stretch(period, start, end, since, own, whole)


def _window(component: Component, plan: Plan, period: PayPeriod) -> tuple[date, date] | None:
    """Return the days that a component pays in a period; None: it pays at another one's end."""
    head = plan.plan
    grain = component.period or head.period
    if PERIOD_MONTHS[grain] <= PERIOD_MONTHS[head.period]:
        return period.start, period.end
    long = interval_of(period.start, grain, head.fiscal_year_start)
    last = period.end >= min(long.end, head.valid_to)
    return (long.start, period.end) if last else None


def _interval(component: Component, plan: Plan, day: date) -> PayPeriod:
    reset = component.reset or plan.decisions.reset
    return interval_of(day, reset, plan.plan.fiscal_year_start)


def _since(component: Component, plan: Plan, stays: list[Stay], start: date, end: date) -> date:
    """Return the first day that counts to date: the last reset, or when the rule began."""
    interval = _interval(component, plan, start)
    return spans(stays, component, plan, (interval.start, end))[-1][0]


def _whole(
    component: Component, plan: Plan, stays: list[Stay], start: date, end: date
) -> date | None:
    """Return the last day (left out) of the interval that quotas are of; None: so far."""
    if component.against != "interval":
        return None
    window = (start, max(end, _interval(component, plan, start).end))
    return spans(stays, component, plan, window)[0][1]
