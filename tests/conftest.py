"""What every test shares: the clock's zone, the flag that rewrites golden files, the folders."""

from __future__ import annotations

import atexit
import gc
import importlib.util
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule
from altair.utils import schemapi
from hypothesis import settings

from spm_lib.charts import leave_unchecked
from spm_lib.charts.drawing import DRAWS
from spm_lib.core.side_process import SideProcess
from spm_lib.kernels import ForkServer
from spm_lib.model import opening
from spm_lib.model.engines.on_spark import has_java
from spm_lib.reports.runs import pool, run
from tests.postgres import databases
from tests.readings import Readings

ROOT = Path(__file__).resolve().parents[1]
NEEDS = "needs the extra "
MODULES = {"spark": "pyspark", "warehouse": "ibis"}  # of extras that are not named for theirs
NO_JAVA = "Spark was not run: there is no Java"
NO_DATA = "the real data sets are not beside this checkout"
REAL_DATA = ROOT.parent / "shared" / "data"

os.environ["TZ"] = "UTC"
time.tzset()
settings.register_profile("house", deadline=None)  # a busy machine is no failure
settings.load_profile("house")
leave_unchecked()  # as in a pack: see ``checked_charts``


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden", action="store_true", help="rewrite golden files and generated pages"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while tests are collected: it takes long and finds next to none."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for no examples in tests: `tests/house/test_rooms.py` holds that there are none."""
    return [found for found in (yield) if not isinstance(found, DoctestModule)]


def pytest_collection_finish() -> None:
    """Keep what is imported and collected by now out of every later search for garbage."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # else DuckDB tells at the end of all that was not found


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs an extra, or Java, that is not here; the last lines of the run say so."""
    for mark in item.iter_markers("needs_extra"):
        (extra,) = mark.args
        if importlib.util.find_spec(MODULES.get(extra, extra)) is None:
            pytest.skip(f"{NEEDS}{extra}")
    if item.get_closest_marker("needs_java") and not has_java():
        pytest.skip(NO_JAVA)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Say in the last lines which tests did not run for want of an extra, or of real data."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    reasons = [r.longrepr[2] for r in skipped if isinstance(r.longrepr, tuple)]
    wanting = Counter(r.partition(NEEDS)[2] for r in reasons if NEEDS in r)
    for extra, tests in sorted(wanting.items()):
        reporter.write_line(
            f"NOT RUN: {tests} tests need the extra '{extra}': pip install 'spm-lib[{extra}]'"
        )
    if reporter and "not proof" in config.option.markexpr:
        reporter.write_line("LEFT TO `make validate`: the tests marked proof")
    without_java = sum(NO_JAVA in reason for reason in reasons)
    if without_java:
        reporter.write_line(f"NOT RUN: {without_java} tests: {NO_JAVA}")
    without_data = sum(NO_DATA in reason for reason in reasons)
    if without_data:
        reporter.write_line(f"NOT RUN: {without_data} tests: {NO_DATA} ({REAL_DATA.name})")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sample_workspace() -> Path:
    """The workspace file of the generated sample company."""
    return ROOT / "data" / "sample" / "spm.toml"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets; where it is missing the test is skipped and says so."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"{NO_DATA} ({REAL_DATA.name} is missing)")
    return REAL_DATA


@pytest.fixture(scope="session", autouse=True)
def one_warm_server() -> Iterator[None]:
    """Make all reports of this process with one server: to import takes longer than most of them.

    What a run starts by itself, `tests/reports/test_packs.py` and the proofs start too.
    """
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        kept: list[ForkServer] = []

        @contextmanager
        def started(*, many: bool, at_once: int | None = None) -> Iterator[ForkServer]:
            if not kept:
                kept.append(stack.enter_context(ForkServer(pool.WARM, at_once=2, threads=1)))
            yield kept[0]

        patch.setattr(run, "started", started)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_that_draws() -> Iterator[None]:
    """Let one process draw the charts of all that tests start: its engine takes long to start."""
    with SideProcess(DRAWS) as process, pytest.MonkeyPatch.context() as patch:
        for name, value in process.environment.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_reading() -> Iterator[None]:
    """Read the same bytes of a client once in this process: tests open a few clients many times.

    Commands that check or store data, and processes that tests start, read it themselves.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "_read", Readings(opening._read))
        yield


@pytest.fixture(scope="module")
def checked_charts() -> Iterator[None]:
    """Check every chart of a module's tests against the schema, which takes half their time."""
    with schemapi.debug_mode(True):
        yield


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[Callable[[], str]]:
    """A function that makes an empty database in one real PostgreSQL and returns its address.

    Not in pytest's own folder: a second run on this machine closes that to the server's user.
    """
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as place, databases(Path(place)) as empty:
        yield empty


class Golden:
    """A small text file that a test compares with; ``pytest --golden`` rewrites it."""

    def __init__(self, *, rewrite: bool) -> None:
        self.rewrite = rewrite

    def check(self, path: Path, text: str) -> None:
        """Compare ``text`` with the file at ``path``, or rewrite the file."""
        if self.rewrite:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run `pytest --golden` and read what it wrote"
        assert text == path.read_text(encoding="utf-8"), (
            f"{path} differs: if the new text is right, run `pytest --golden` and commit it"
        )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Golden files: ``golden.check(path, text)``."""
    return Golden(rewrite=request.config.getoption("--golden"))
