"""Spark, for real: a session of this machine's, one for all tests of this file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from spm_lib.core.errors import DataError, SourceError
from spm_lib.metrics import measure, win_rate
from spm_lib.model import build_store, company_from_frames
from spm_lib.model.engines import on_spark
from spm_lib.model.engines.on_spark import session
from spm_lib.model.stored.buckets import KEYS
from spm_lib.model.stored.opening import is_store
from tests.metrics.companies import frames
from tests.metrics.conformance import TOLD, Conformance, seeded, settings_in

pytestmark = [pytest.mark.slow, pytest.mark.needs_extra("spark"), pytest.mark.needs_java]

ZONE = "spark.sql.session.timeZone"
SMALL = {
    "spark.master": "local[2]",
    ZONE: "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.driver.maxResultSize": "1m",
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


def in_spark(tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """Return tables as somebody has them in Spark already."""
    return {name: session().createDataFrame(frame.to_arrow()) for name, frame in tables.items()}


@contextmanager
def watched(frame: Any) -> Iterator[list[str]]:
    """Give the tables of which rows are brought to the driver meanwhile: their first columns."""
    met: list[str] = []
    with pytest.MonkeyPatch.context() as patched:
        for name in ("toArrow", "toPandas", "collect", "toLocalIterator", "head", "take"):
            bring = getattr(type(frame), name)
            patched.setattr(
                type(frame),
                name,
                lambda self, *given, bring=bring: (
                    met.append(self.columns[0]) or bring(self, *given)
                ),
            )
        yield met


class TestSpark(Conformance):
    engine = "spark"

    def handed(self, tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
        """Return tables in Spark, whose zone is none of the client's."""
        return in_spark(tables)

    def test_a_store_is_read_by_the_engine(self, tmp_path: Path) -> None:
        """It is built of what Spark has, and no table of deals comes to the driver."""
        session().conf.set(ZONE, "Asia/Tokyo")
        try:
            with watched(session().range(1)) as met:
                super().test_a_store_is_read_by_the_engine(tmp_path)
        finally:
            session().conf.set(ZONE, SMALL[ZONE])
        small = {name: f.columns[0] for name, f in frames(TOLD).items() if name not in KEYS}
        assert met[: len(small)] == list(small.values())
        assert not set(KEYS.values()) & set(met)


@pytest.fixture(scope="module")
def theirs(spark: Any) -> dict[str, Any]:
    return in_spark(frames(TOLD))


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
    known = company_from_frames(
        {name: frames(TOLD)[name] for name in ("opportunities", "stage_events")},
        settings_in("Asia/Jerusalem"),
    )
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    blocks = [block.replace("/shared/store", str(tmp_path / "store")) for block in blocks]
    large, small = (block for block in blocks if "spark.table" in block)
    for block in (small, large):
        exec(block, names)
        by_person = names.pop("by_person")
        assert_frame_equal(by_person, win_rate(known, by="rep_id", window="2026-Q1"))
        assert (tmp_path / "store").exists() == (block is large)


def test_what_spark_does_not_let_its_driver_collect_is_refused_with_the_way_out(spark: Any) -> None:
    deals = spark.sql("select uuid() as opportunity_id, 'Lead' as stage from range(60000)")
    with pytest.raises(DataError, match=r"maxResultSize.*build_store\(FOLDER"):
        company_from_frames({"opportunities": deals}, settings_in("UTC"))


def test_files_of_spark_that_are_not_seen_are_no_empty_table(
    theirs: dict[str, Any], spark: Any, tmp_path: Path, monkeypatch
) -> None:
    """A folder that each machine has for itself would give an empty company, or a part of one."""
    settings, deals = settings_in("UTC"), theirs["opportunities"]
    wrong = spark.sql("select raise_error('a fault of its own') as opportunity_id from range(9)")
    with pytest.raises(SourceError, match=r"could not write the table 'opportunities'"):
        build_store(tmp_path, {"opportunities": wrong}, settings)
    writer = type(deals.write)
    write = writer.parquet

    def elsewhere(self: Any, path: str) -> None:
        write(self, f"{path}-elsewhere")

    def here_and_elsewhere(self: Any, path: str) -> None:
        write(self, path)
        next(Path(path).glob("*.parquet")).unlink()

    for written, told in ((elsewhere, "0 of 60 rows"), (here_and_elsewhere, r"\d\d of 60 rows")):
        monkeypatch.setattr(writer, "parquet", written)
        with pytest.raises(DataError, match=f"does not see it.*{told}.*share"):
            build_store(tmp_path, {"opportunities": deals.repartition(2)}, settings)
    assert not is_store(tmp_path)


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
