"""The forecast behind its page: made once, its figures looked up by what they are of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from spm_lib.core.errors import DataError
from spm_lib.forecast import ForecastResult, forecast_bookings
from spm_lib.model import Figure
from spm_lib.reports.blocks import Section, Sentence
from spm_lib.reports.pages.orders_parts import OrdersParts

Key = tuple[str, frozenset[tuple[str, str]]]


class ForecastOutcome(OrdersParts):
    """A page that knows the forecast of its company, or why there is none."""

    @cached_property
    def outcome(self) -> ForecastResult | DataError:
        """The forecast, or why the data allows none."""
        if not self.known("opportunities"):
            return DataError("There are no deals.", found="", do="Map [tables.opportunities]")
        try:
            return forecast_bookings(self.company)
        except DataError as error:
            return error

    @cached_property
    def known_figures(self) -> Mapping[Key, Figure]:
        """The figures of the forecast by metric and ids."""
        found = self.outcome.figures() if isinstance(self.outcome, ForecastResult) else []
        return {(f.metric, frozenset(f.by.items())): f for f in found}

    def told(self, metric: str, **by: str) -> Figure | None:
        """Return one figure of the forecast, none where it is not told."""
        return self.known_figures.get((metric, frozenset(by.items())))

    @property
    def quarter(self) -> str:
        """The label of the quarter forecast."""
        assert isinstance(self.outcome, ForecastResult)
        return self.outcome.quarter.periods[0].label

    def impossible(self, error: DataError) -> Sentence:
        """Return why there is no forecast."""
        reasons = [self.text(part) for part in (error.what, error.do) if part]
        return self.say("There is no forecast: {reason}", reason=" ".join(reasons))

    def without(self, title: str, error: DataError) -> Section:
        """Return a section that says why it is empty."""
        if not self.known("opportunities"):
            return self.lacking(title, "opportunities")
        return self.section(title, self.paragraph(self.impossible(error), tone="missing"))
