"""What the first page of the forecast tells beside the forecast: change, pace and calls."""

from __future__ import annotations

from collections.abc import Iterable

from spm_lib.core.errors import DataError
from spm_lib.core.statement import Statement
from spm_lib.forecast import CallRecord, Pace
from spm_lib.forecast.calls.words import call_findings
from spm_lib.forecast.pace.words import pace_findings
from spm_lib.forecast.waterfall.words import headline
from spm_lib.model import Figure
from spm_lib.reports.blocks import Sentence
from spm_lib.reports.pages.forecast_calls import ForecastCalls
from spm_lib.reports.pages.forecast_changes import ForecastChanges
from spm_lib.reports.pages.forecast_pace import ForecastPace

AHEAD = ("calls.rolled_up", "calls.model", "calls.mix", "calls.weight")


class ForecastLab(ForecastChanges, ForecastCalls, ForecastPace):
    """The parts of the forecast report that are no forecast, and their words for the first page."""

    def lab_sentences(self) -> list[tuple[str, Sentence]]:
        """Return the sentences for the first page, each with what it is for ("happened", ...)."""
        return [*self._change_told(), *self._pace_told(), *self._calls_told()]

    def _change_told(self) -> list[tuple[str, Sentence]]:
        """Return how the pipeline of the coming quarter changed; without plans, all of it."""
        if not self.known("opportunities"):
            return []
        made = self.waterfalls()
        if not made:
            return []
        last = made[-1]
        figures = [f for f in last.figures() if "bar" not in f.by]
        return [("happened", self._told(headline(last), figures))]

    def _pace_told(self) -> list[tuple[str, Sentence]]:
        if not self.known("opportunities", "targets"):
            return []
        made = self._pace
        if not isinstance(made, Pace):
            return []
        first, *others = pace_findings(made)
        todo = [s for s in others if s.kind == "todo"]
        figures = [f for f in self._pace_figures.values() if "week" not in f.by]
        figures += [f for f in self.known_figures.values() if f.metric == "forecast.target"]
        return [(s.kind, self._told(s, figures)) for s in (first, *todo)]

    def _calls_told(self) -> list[tuple[str, Sentence]]:
        """Return what is called for the period ahead, and what the mix makes of it."""
        if not self.known("opportunities", "forecast_calls"):
            return []
        made = self._record
        if isinstance(made, DataError) or not _ahead(made):
            return []
        *_, last = call_findings(made, name_of=self.name_of)
        figures = [f for f in self._call_figures.values() if f.metric in AHEAD]
        return [("why", self._told(last, figures))]

    def _told(self, statement: Statement, figures: Iterable[Figure]) -> Sentence:
        text = statement.tell(self.language)
        return self.noted(Sentence(text=text, figures=tuple(figures)))


def _ahead(made: CallRecord) -> bool:
    return made.mix is not None and made.mix.now.get("call") is not None
