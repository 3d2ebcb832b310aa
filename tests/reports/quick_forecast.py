"""A forecast page with a forecast of few methods: for tests of its other parts."""

from __future__ import annotations

from spm_lib.forecast import forecast_bookings, method_named
from spm_lib.reports import ForecastPage

FEW = ("run_rate", "snapshot_conversion")


def quick(page: ForecastPage) -> ForecastPage:
    """Give a page its forecast before it makes one of all methods."""
    methods = [method_named(name) for name in FEW]
    made = forecast_bookings(page.company, methods=methods, scenarios=200, origins=9)
    page.__dict__["outcome"] = made
    return page
