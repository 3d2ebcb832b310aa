"""The dictionary: complete, in two languages, and printed on a page that is current."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from spm_lib.cli.dictionary import DECLARING_ROOMS
from spm_lib.core.language import language
from spm_lib.metrics import example_company
from spm_lib.metrics.dictionary import TEXTS, definition_rows
from spm_lib.metrics.dictionary_page import PAGE, WORKED, page
from spm_lib.model import MetricId, metric_ids

IDS = [m for m in metric_ids() if m.room == "metrics"]
FIXED = [
    "won.count",
    "won.amount",
    "lost.count",
    "open.count",
    "open.amount",
    "win_rate.closed.count",
    "win_rate.closed.value",
    "win_rate.created",
    "stage_conversion.cohort",
    "stage_conversion.period",
    "time_in_stage.median_days",
    "cycle.won.median_days",
    "cycle.won.mean_days",
    "cycle.won.median_working_days",
    "velocity",
    "deal.mean_amount",
    "account.won_amount_mean",
    "coverage",
    "attainment",
    "activity.count",
    "activity.per_won",
]


def test_all_fixed_ids_are_declared() -> None:
    assert set(FIXED) <= {m.id for m in IDS}


@pytest.mark.parametrize("metric", IDS, ids=lambda m: m.id)
def test_a_definition_is_whole_and_speaks_hebrew(metric: MetricId) -> None:
    for part in ("name", "formula", "numerator", "unit", "date_field", "null_rule", "reading"):
        assert getattr(metric, part), part
    hebrew = language("he")
    for part in TEXTS:
        text = getattr(metric, part)
        if text:
            assert re.search("[א-ת]", hebrew.text(text)), (part, text)
    assert set(metric.variants) <= {m.id for m in metric_ids()}
    assert len(definition_rows(metric, hebrew)) == len(definition_rows(metric, language("en")))


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_example_comes_out_as_it_is_worked(name: str) -> None:
    """The sum on the page, done by Python alone, is the figure of the example company."""
    row, worked = WORKED[name]
    definition = next(m for m in IDS if m.id == name)
    assert definition.compute is not None
    figures = definition.compute(example_company())
    figure = next(f for f in figures if not row or row in f.by.values())
    by_hand = eval(worked, {"__builtins__": {}})
    tolerance = 0.006 if figure.unit.startswith("money") else 1e-9
    assert float(figure.value or "nan") == pytest.approx(by_hand, abs=tolerance)


def test_the_page_is_current(root: Path, golden) -> None:
    for room in DECLARING_ROOMS:
        importlib.import_module(f"spm_lib.{room}")
    golden.check(root / PAGE, page())
