"""The dictionary: complete, in two languages, and printed on a page that is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spm_lib.core.language import language
from spm_lib.metrics.dictionary import EXAMPLES, PAGE, TEXTS, definition_rows, page
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


def test_examples_are_of_declared_metrics() -> None:
    assert set(EXAMPLES) <= {m.id for m in IDS}


def test_the_page_is_current(root: Path, golden) -> None:
    golden.check(root / PAGE, page())
