"""Spark, for real: a session of this machine's, one for all tests of this file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from spm_lib.metrics import measure, win_rate
from spm_lib.model import company_from_frames
from spm_lib.model.engines import on_spark
from spm_lib.model.engines.on_spark import session
from tests.metrics.companies import frames
from tests.metrics.conformance import TOLD, Conformance, seeded, settings_in

pytestmark = [pytest.mark.slow, pytest.mark.needs_extra("spark"), pytest.mark.needs_java]

SMALL = {
    "spark.master": "local[2]",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",  # no program is compiled for a few rows
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # its Java lives a minute: thorough compiling would not pay
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@pytest.fixture(scope="module", autouse=True)
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The session that the engine starts by itself, as Spark's own settings say."""
    folder = tmp_path_factory.mktemp("spark")
    lines = [f"{key} {value}\n" for key, value in SMALL.items()]
    (folder / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SPARK_CONF_DIR", str(folder))
        patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        made = session()
    yield made
    made.stop()


CLIENT = """
version = 1
[workspace]
id = "tiny"
name = "Tiny"
currency = "ILS"
[stages]
open = ["Lead", "Qualified", "Proposal", "Negotiation"]
won = ["Won"]
lost = ["Lost"]
[tables.opportunities]
path = "deals.csv"
"""


class TestSpark(Conformance):
    engine = "spark"


@pytest.fixture(scope="module")
def theirs(spark: Any) -> dict[str, Any]:
    """The tables as somebody has them in Spark already."""
    return {name: spark.createDataFrame(f.to_arrow()) for name, f in frames(TOLD).items()}


def test_frames_of_spark_go_in_and_small_ones_come_back(theirs: dict[str, Any]) -> None:
    """Columns of Spark are what polars columns are, instants among them."""
    settings = settings_in("Asia/Jerusalem")
    ours = company_from_frames(frames(TOLD), settings, as_of=TOLD.as_of)
    for engine in ("polars", "spark"):
        co = company_from_frames(theirs, settings, as_of=TOLD.as_of, engine=engine)
        assert_frame_equal(win_rate(co, by="rep_id"), win_rate(ours, by="rep_id"))
        assert co.receipt("opportunities") == ours.receipt("opportunities")


def test_the_example_of_the_docs_runs(
    theirs: dict[str, Any], spark: Any, root: Path, tmp_path: Path, monkeypatch
) -> None:
    for name, frame in theirs.items():
        frame.createOrReplaceTempView(name)
    (tmp_path / "spm.toml").write_text(CLIENT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    text = (root / "docs/scale.md").read_text(encoding="utf-8")
    names = {"spark": spark}
    (block,) = (
        b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "spark.table" in b
    )
    exec(block, names)
    known = company_from_frames(
        {name: frames(TOLD)[name] for name in ("opportunities", "stage_events")},
        settings_in("Asia/Jerusalem"),
    )
    assert_frame_equal(names["by_person"], win_rate(known, by="rep_id", window="2026-Q1"))


def test_the_session_is_the_one_that_is_there(spark: Any) -> None:
    jobs = spark.sparkContext.statusTracker()
    spark.sparkContext.setJobGroup("ours", "a metric")
    found = measure(seeded("spark").at(TOLD.as_of.replace(day=1)), "won.count", by="rep_id")
    assert found.frame.height > 1
    assert len(jobs.getJobIdsForGroup("ours")) > 0
    assert spark.conf.get("spark.sql.shuffle.partitions") == "1"


def test_the_session_of_another_thread_is_used_as_it_is(spark: Any, monkeypatch) -> None:
    """A thread has no active session of its own, as those of a dashboard's server have none."""
    monkeypatch.setattr(on_spark, "_QUIET", {"spark.ours": "set"})
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(session).result()
    assert found.sparkContext is spark.sparkContext
    assert spark.conf.get("spark.ours", None) is None
