"""The part of the coaching report that says what came of coaching, against peers, not the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from spm_lib.core.errors import ParameterError
from spm_lib.metrics import measure
from spm_lib.model import Figure
from spm_lib.reports.blocks import Block, Column, Section, Sentence
from spm_lib.reports.cells import words
from spm_lib.reports.pages.coaching_alerts import CoachingAlerts
from spm_lib.reports.pages.needing import needs
from spm_lib.reports.pages.page import number
from spm_lib.reps import CoachingEffect, coached_counts, coaching_effect
from spm_lib.reps.comparison.figures import added

AFTER = "What came of it"


class CoachingAfter(CoachingAlerts):
    """Change of the coached against uncoached peers who started alike.

    ``coached``: who was coached since when, as text; empty: nobody.
    """

    coached: str = ""

    @needs(AFTER, "opportunities")
    def after(self) -> Section:
        """Return what came of coaching that has begun."""
        began = began_on(self.coached)
        if not began:
            text = self.say(
                "Nobody is named as coached. Once coaching has begun, name who and since when "
                "(parameter {name}): the change is then compared with uncoached peers who started "
                "alike, for whoever is picked when low rises by himself (regression to the mean).",
                name="coached",
            )
            return self.section(AFTER, self.paragraph(text))
        found = coaching_effect(coached_counts(self.company, began))
        figures = self._effect_figures(found)
        kept = tuple(figures.values())
        told = [
            self.noted(Sentence(text=s.tell(self.language), figures=kept)) for s in found.statements
        ]
        return self.section(AFTER, self.paragraph(*told), self._effect(figures))

    def _effect_figures(self, found: CoachingEffect) -> dict[str, Figure]:
        rates = measure(self.company, "win_rate.closed.count", by="rep_id", window=self.window)
        receipt = added(rates.receipts)

        def figure(metric: str, value: float | None, n: int, unit: str = "points") -> Figure:
            text = None if value is None else f"{value:.6f}"
            return Figure(metric, self.company.as_of, unit, text, receipt, n=n)

        ends = [None if e is None else f"{e:.6f}" for e in (found.low, found.high)]
        effect = figure("coaching.effect", found.effect, found.matched)
        return {
            "effect": replace(effect, low=ends[0], high=ends[1]),
            "plain": figure("coaching.effect.plain", found.plain, found.coached),
            "regression": figure("coaching.effect.regression", found.regression, found.coached),
            "peers": figure("coaching.effect.peers", float(found.peers), found.peers, "count"),
        }

    def _effect(self, figures: Mapping[str, Figure]) -> Block | None:
        rows = [
            (words(self.text(label)), number(figures[key]), number(figures[key], part="interval"))
            for label, key in (
                ("Rise beyond peers who started alike", "effect"),
                ("Change of the coached on their own", "plain"),
                ("Of it to be expected without coaching", "regression"),
            )
        ]
        columns = [
            Column(title="Win rate"),
            Column(title="Points", kind="points"),
            Column(title="95% interval", kind="points"),
        ]
        note = "Half a year before coaching began against half a year after, decided deals."
        return self.table(columns, rows, note=note)


def began_on(text: str) -> dict[str, date]:
    """Return who was coached since when.

    Raises
    ------
    ParameterError
        If it is not written as ID=YYYY-MM-DD, apart by blanks.

    Examples
    --------
    >>> began_on("R04=2026-01-15")
    {'R04': datetime.date(2026, 1, 15)}
    """
    found = {}
    for part in text.split():
        rep, _, day = part.rpartition("=")
        try:
            found[rep] = date.fromisoformat(day)
        except ValueError:
            rep = ""
        if not rep:
            raise ParameterError(
                "Who was coached is written as ID=YYYY-MM-DD, apart by blanks.",
                found=repr(part),
                do='Write for example coached = "R04=2026-01-15 R13=2026-02-01"',
            )
    return found
