"""Which stops the sliders of a company have, and how their values are written."""

from __future__ import annotations

import math
from collections.abc import Callable

from spm_lib.core.language import Language
from spm_lib.dashboards.lever_slider import LeverRange
from spm_lib.stats import wilson
from spm_lib.targets import Baseline

STEPS = 50  # stops on either side of today


def lever_ranges(base: Baseline, language: Language) -> list[LeverRange]:
    """Return the five levers: half to one and a half times today's value."""
    return [
        _target(base, language),
        _win_rate(base, language),
        _deal_amount(base, language),
        _cycle(base, language),
        _heads(base, language),
    ]


def _target(base: Baseline, language: Language) -> LeverRange:
    text, today = language.text, base.levers.target
    basis = {
        "given": text("Sum of the targets in your data for these months"),
        "last year": text("Last year's targets, as your data has none for all of these months"),
        "stretch": text("110% of last year's bookings, as your data has no targets"),
    }
    return LeverRange(
        "target",
        text("Target for the year"),
        _whole_stops(today),
        today,
        _money(base, language),
        basis[base.target_basis],
    )


def _win_rate(base: Baseline, language: Language) -> LeverRange:
    text, today = language.text, base.win_rate
    low, high = wilson(base.won, base.won + base.lost)
    basis = text(
        "Today {rate} of {n:1 decided deal|{n} decided deals} (95% interval {interval})",
        rate=language.percent(today),
        n=language.number(base.won + base.lost),
        interval=language.interval(language.percent(low), language.percent(high)),
    )
    stops = [today * share for share in _shares() if today * share <= 1]
    return LeverRange(
        "win_rate", text("Win rate"), stops, today, lambda x: language.percent(x), basis
    )


def _deal_amount(base: Baseline, language: Language) -> LeverRange:
    text, today = language.text, base.levers.deal_amount
    basis = text("Mean of {n:1 won deal|{n} won deals}", n=language.number(len(base.amounts)))
    name = text("Average deal")
    return LeverRange(
        "deal_amount", name, _whole_stops(today), today, _money(base, language), basis
    )


def _cycle(base: Baseline, language: Language) -> LeverRange:
    text, today = language.text, base.levers.cycle_days
    basis = text(
        "Median of {n:1 won deal|{n} won deals}, created to won",
        n=language.number(len(base.cycles)),
    )
    stops = [today * share for share in _shares()]
    return LeverRange(
        "cycle_days",
        text("Sales cycle"),
        stops,
        today,
        lambda x: text("{days} days", days=language.number(x, 0)),
        basis,
    )


def _heads(base: Baseline, language: Language) -> LeverRange:
    text, today = language.text, base.heads
    most = max(math.ceil(today * 1.5), today + 2)
    basis = text(
        "Selling today; new people ramp up over {months} months (an assumption)",
        months=language.number(len(base.ramp)),
    )
    stops = list(range(max(today // 2, 1), most + 1))
    return LeverRange("heads", text("People"), stops, today, lambda x: language.number(x), basis)


def _shares() -> list[float]:
    return [1 + step / (2 * STEPS) for step in range(-STEPS, STEPS + 1)]


def _whole_stops(today: int) -> list[int]:
    return sorted({max(round(today * share), 1) for share in _shares()} | {today})


def _money(base: Baseline, language: Language) -> Callable[[int], str]:
    return lambda minor: language.money(minor, base.currency, compact=True)
