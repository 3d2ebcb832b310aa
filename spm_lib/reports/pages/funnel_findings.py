"""The funnel report in words: sentences made from its numbers, no surer than they are."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from spm_lib.metrics import Measured
from spm_lib.model import Figure
from spm_lib.reports.blocks import Sentence
from spm_lib.reports.cells import Number
from spm_lib.reports.pages.declared import change
from spm_lib.reports.pages.reach import WON_ONLY
from spm_lib.stats import wilson

if TYPE_CHECKING:
    from spm_lib.reports.pages.funnel_page import FunnelPage
    from spm_lib.reports.pages.stage_funnel import StageFunnel

WIDE = 0.2
MOST_PIPELINES = 3


class FunnelFindings:
    """What the funnel report says about one client's numbers."""

    def __init__(self, page: FunnelPage) -> None:
        self.page = page

    def happened(self) -> tuple[Sentence, ...]:
        """Return what was won, at what rate, and against which target."""
        return tuple(s for s in (self._won(), self._rate(), self._reached()) if s)

    def why(self) -> tuple[Sentence, ...]:
        """Return where deals are lost, and what moved the result."""
        return tuple(
            s
            for s in (
                self._drivers(),
                self.page.reach_told(),
                *self._leaks(),
                self._reason(),
                self._cycle(),
            )
            if s
        )

    def todo(self) -> tuple[Sentence, ...]:
        """Return what the numbers ask for."""
        return tuple(
            s for s in (self._overdue(), self._cover(), self._examine(), self._record()) if s
        )

    def _won(self) -> Sentence:
        page = self.page
        if page.no_amounts:
            return page.say(WON_ONLY, span=page.span, count=page.figure("won.count"))
        now, count = page.figure("won.amount"), page.figure("won.count")
        earlier = page.figure_before("won.count")
        moved = change(page.company, "won.amount", window=page.window)[0]
        values: dict[str, object] = {"amount": now, "count": count, "span": page.span}
        if moved.value is None or earlier is None:
            return page.say("{span}: {amount} won in {count:1 deal|{count} deals}.", **values)
        values["change"] = Number(figure=moved)
        if not _told_apart(count, earlier):
            return page.say(
                "{span}: {amount} won in {count:1 deal|{count} deals}, {change} on the time "
                "before; the number of deals alone could differ this much by chance.",
                **values,
            )
        return page.say(
            "{span}: {amount} won in {count:1 deal|{count} deals}, {change} on the time before.",
            **values,
        )

    def _rate(self) -> Sentence | None:
        page = self.page
        rate = page.figure("win_rate.closed.count")
        if rate.value is None:
            return page.say("No deal was decided in this time, so there is no win rate.")
        values: dict[str, object] = {
            "rate": rate,
            "interval": Number(figure=rate, part="interval"),
            "n": Number(figure=rate, part="n"),
        }
        if _wide(rate):
            return page.say(
                "{rate} of {n:1 decided deal was|{n} decided deals were} won; so few deals "
                "say little, the true rate may lie anywhere in {interval}.",
                **values,
            )
        earlier = page.figure_before("win_rate.closed.count")
        if earlier is None:
            return page.say(
                "{rate} of {n:1 decided deal was|{n} decided deals were} won (95% interval "
                "{interval}).",
                **values,
            )
        values["earlier"] = earlier
        if _differ(rate, earlier):
            return page.say(
                "{rate} of {n:1 decided deal was|{n} decided deals were} won (95% interval "
                "{interval}), against {earlier} in the time before: more than chance explains.",
                **values,
            )
        return page.say(
            "{rate} of {n:1 decided deal was|{n} decided deals were} won (95% interval "
            "{interval}), against {earlier} in the time before: no difference that could be "
            "told from chance.",
            **values,
        )

    def _reached(self) -> Sentence | None:
        page = self.page
        if not page.known("targets"):
            return None
        reached = page.figure("attainment")
        if reached.value is None:
            return None
        return page.say("This is {reached} of the targets set for this time.", reached=reached)

    def _drivers(self) -> Sentence | None:
        """Return how the three factors of the won amount moved."""
        page = self.page
        moved = {
            name: change(page.company, metric, window=page.window)[0]
            for name, metric in (
                ("deals", "won.count"),
                ("size", "deal.mean_amount"),
                ("rate", "win_rate.closed.count"),
            )
        }
        if any(figure.value is None for figure in moved.values()):
            return None
        return page.say(
            "Against the time before: won deals {deals}, average deal {size}, win rate {rate}.",
            **{name: Number(figure=figure) for name, figure in moved.items()},
        )

    def _leaks(self) -> list[Sentence | None]:
        """Return the narrowest point of each pipeline, of the one with most deals first."""
        return [self._leak(funnel) for funnel in self._funnels[:MOST_PIPELINES]]

    def _leak(self, funnel: StageFunnel) -> Sentence | None:
        if not funnel.told:
            return self.page.not_told(funnel)
        figure = funnel.narrowest
        if figure is None:
            return None
        values: dict[str, object] = {
            "stage": figure.by["stage"],
            "n": Number(figure=figure, part="n"),
            "rate": figure,
        }
        if funnel.pipeline is None:
            return self.page.say(
                "The narrowest point is {stage}: of {n} deals that reached it, {rate} have gone"
                " on so far.",
                **values,
            )
        return self.page.say(
            "The narrowest point of {pipeline} is {stage}: of {n} deals that reached it, {rate} "
            "have gone on so far.",
            **values,
            pipeline=self.page.pipeline_name(funnel.pipeline),
        )

    @cached_property
    def _funnels(self) -> list[StageFunnel]:
        """The funnels of all pipelines, the one that most deals entered first."""
        found = self.page.funnels()
        return sorted(found, key=lambda funnel: -int(funnel.frame["n"][0]))

    def _reason(self) -> Sentence | None:
        page = self.page
        if not page.company.has("opportunities", "lost_reason"):
            return None
        figures = page.measured("lost.reason.share").figures()
        named = [f for f in figures if f.by["lost_reason"] and f.value]
        if not named:
            return None
        first = max(named, key=lambda f: float(f.value or 0))
        return page.say(
            "The reason recorded most often for a loss is {reason}: {share} of {n:1 lost "
            "deal|{n} lost deals}.",
            reason=first.by["lost_reason"],
            share=first,
            n=Number(figure=first, part="n"),
        )

    def _cycle(self) -> Sentence | None:
        page = self.page
        now = page.figure("cycle.won.median_days")
        earlier = page.figure_before("cycle.won.median_days")
        if now.value is None or earlier is None:
            return None
        return page.say(
            "Half of the won deals took longer than {now} days, against {earlier} in the "
            "time before.",
            now=now,
            earlier=earlier,
        )

    def _overdue(self) -> Sentence | None:
        page = self.page
        count = page.open_now("open.count", overdue=True)[0]
        amount = page.open_now("open.amount", overdue=True)[0]
        if not int(count.value or 0):
            return None
        return page.say(
            "Clean up the pipeline: {count:1 open deal worth {amount} should have closed "
            "already by its|{count} open deals worth {amount} should have closed already by "
            "their} own expected date.",
            count=count,
            amount=amount,
        )

    def _cover(self) -> Sentence | None:
        page = self.page
        cover = page.coverage()
        rate = page.figure("win_rate.closed.value")
        if cover is None or rate.value is None:
            return None
        day = page.company.as_of + timedelta(days=1)
        values = {
            "cover": Number(figure=cover, kind="times"),
            "rate": rate,
            "period": page.language.period(page.company.calendar.period_of(day, "quarter")),
        }
        if float(cover.value or 0) * float(rate.value) < 1:
            return page.say(
                "Fill the pipeline: what is due in {period} covers {cover} of what is missing "
                "to its target, and at a win rate by value of {rate} that does not suffice.",
                **values,
            )
        return page.say(
            "Hold the pipeline: what is due in {period} covers {cover} of what is missing to "
            "its target, which at a win rate by value of {rate} suffices if deals keep their "
            "dates.",
            **values,
        )

    def _examine(self) -> Sentence | None:
        if not self._funnels:
            return None
        funnel = self._funnels[0]
        if not funnel.told:
            return self.page.say(
                "Keep a dated history of stages (an export every week, or the CRM's field "
                "history): then it can be told at which stage deals are lost."
            )
        if funnel.narrowest is None:
            return None
        return self.page.say(
            "Go through the deals lost at {stage} one by one: an improvement there reaches "
            "the most "
            "deals.",
            stage=self.page.stage_of(funnel, funnel.narrowest),
        )

    def _record(self) -> Sentence | None:
        page = self.page
        if not page.company.has("opportunities", "lost_reason"):
            return page.say("Record why deals are lost: the data does not say it.")
        figures = page.measured("lost.reason.share").figures()
        unnamed = next((f for f in figures if not f.by["lost_reason"]), None)
        if unnamed is None or float(unnamed.value or 0) < WIDE:
            return None
        return page.say(
            "Record why deals are lost: for {share} of lost deals nobody did.", share=unnamed
        )

    def months_title(self, made: Measured) -> str:
        """Return the finding of the months: the best one."""
        page = self.page
        known = [f for f in made.figures() if f.value is not None and float(f.value)]
        if not known or not known[0].window:
            return page.text("Nothing was won in this time")
        best = max(known, key=lambda f: float(f.value or 0))
        return page.text(
            "The best month was {month} with {amount} won",
            month=page.language.month(best.window[0]) if best.window else "",
            amount=page.write.number(Number(figure=best, compact=True)),
        )

    def cohort_title(self, made: Measured) -> str:
        """Return the finding of the cohorts: the range of the mature ones."""
        page = self.page
        pairs = zip(made.figures(), made.frame["mature"], strict=True)
        mature = [f for f, old in pairs if old and f.value is not None]
        if not any(f.n for f in made.figures()):
            return page.text("No deal was created in this time")
        if not mature:
            return page.text("No month is old enough yet to judge its deals")
        ends = sorted(mature, key=lambda f: float(f.value or 0))
        low, high = (page.write.value(f, decimals=0) for f in (ends[0], ends[-1]))
        return page.text(
            "Of the deals of mature months, {range} were won",
            range=page.language.interval(low, high),
        )


def _told_apart(one: Figure, other: Figure) -> bool:
    """Say whether two counts differ by more than chance (conditional binomial, Poisson counts)."""
    a, b = int(one.value or 0), int(other.value or 0)
    low, high = wilson(a, a + b)
    return low is not None and high is not None and (low > 0.5 or high < 0.5)


def _differ(one: Figure, other: Figure) -> bool:
    """Say whether two rates differ by more than chance: Newcombe's interval leaves out 0."""
    p, q = float(one.value or 0), float(other.value or 0)
    bounds = [one.low, one.high, other.low, other.high]
    if any(bound is None for bound in bounds):
        return False
    l1, u1, l2, u2 = (float(b or 0) for b in bounds)
    difference = p - q
    low = difference - ((p - l1) ** 2 + (u2 - q) ** 2) ** 0.5
    high = difference + ((u1 - p) ** 2 + (q - l2) ** 2) ** 0.5
    return low > 0 or high < 0


def _wide(rate: Figure) -> bool:
    """Say whether a rate's interval is so wide that the rate says little."""
    if rate.low is None or rate.high is None:
        return True
    return float(rate.high) - float(rate.low) > WIDE
