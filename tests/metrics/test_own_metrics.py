"""A client's own metric gets an id, receipts, intervals and refusals like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import narwhals.stable.v2 as nw
import pytest

from spm_lib.core.errors import MetricError
from spm_lib.metrics import load_own_metrics, measure, metric
from spm_lib.metrics.dictionary_page import page
from spm_lib.model import registry
from tests.metrics.companies import company, deal_states, random_facts

FILE = '''
import narwhals.stable.v2 as nw
from spm_lib.metrics import metric

@metric(
    "own.large.share",
    title="Share of large wins",
    formula="Won deals of 500 or more / won deals with an amount",
    kind="share",
)
def large(rows):
    """Large wins among the wins."""
    won = nw.col("outcome") == "won"
    reason = nw.when(~won).then(nw.lit("not won")).otherwise(
        nw.when(nw.col("amount").is_null()).then(nw.lit("no amount"))
    )
    big = nw.when(nw.col("amount") >= 50_000).then(nw.lit(1)).otherwise(nw.lit(0))
    return rows.with_columns(reason=reason, numerator=big, denominator=nw.lit(1))
'''


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    before = dict(registry._METRICS)
    yield
    registry._METRICS.clear()
    registry._METRICS.update(before)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "metrics.py").write_text(FILE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_metric_of_ones_own_is_loaded_and_measured(folder: Path, engine: str) -> None:
    load_own_metrics(folder)
    facts = random_facts(12, deals=50)
    answer = measure(company(facts, engine=engine), "own.large.share", by="rep_id")
    for row, receipt in zip(answer.frame.to_dicts(), answer.receipts, strict=True):
        mine = [d for d in deal_states(facts) if d["rep"] == row["rep_id"]]
        won = [d for d in mine if d["outcome"] == "won" and d["amount"] is not None]
        large = [d for d in won if d["amount"] >= 500]
        assert row["value"] == (pytest.approx(len(large) / len(won)) if won else None)
        assert receipt.read == len(mine)
    assert answer.figures()[0].unit == "ratio"


def test_a_folder_without_own_metrics_is_fine(tmp_path: Path) -> None:
    assert load_own_metrics(tmp_path) is None


def test_own_metrics_stay_out_of_our_page(folder: Path) -> None:
    load_own_metrics(folder)
    assert "own.large.share" not in page()


def test_an_error_in_the_file_names_it(folder: Path) -> None:
    (folder / "notebooks" / "metrics.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(MetricError, match=r"metrics\.py: ZeroDivisionError"):
        load_own_metrics(folder)


def test_our_ids_cannot_be_taken() -> None:
    with pytest.raises(MetricError, match="declared twice"):
        metric("won.count", title="x", formula="x", kind="count")(lambda rows: rows)


def test_missing_columns_are_refused_by_name() -> None:
    metric("own.bare", title="x", formula="x", kind="share")(
        lambda rows: rows.with_columns(reason=nw.lit(None, dtype=nw.String))
    )
    with pytest.raises(MetricError, match="missing: numerator, denominator"):
        measure(company(random_facts(1)), "own.bare")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "avg"}, "no such kind"),
        ({"kind": "count", "table": "deals"}, "table that does not exist"),
        ({"kind": "count", "date": "closed"}, "does not have"),
    ],
)
def test_wrong_declarations_are_refused(wrong: dict, told: str) -> None:
    with pytest.raises(MetricError, match=told):
        metric("own.wrong", title="x", formula="x", **wrong)
