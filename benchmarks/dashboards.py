"""How long visitors who come at once wait for a dashboard's first chart, beside stock Voila.

``python -m benchmarks.dashboards CONTENDER WORKSPACE COUNT BROWSER`` serves one contender, lets
the visitors in, and prints what they waited; BROWSER is the path of a Chromium, or empty.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.packs import SLOW_PARSERS, install_slow_parsers
from benchmarks.side_by_side import ROOT, Run, run_once
from benchmarks.visitors import LOOKING, waits_in_chromium, waits_without_browser

NOTEBOOK = ROOT / "notebooks" / "dashboards" / "what_if.ipynb"
VISITORS, LOOKERS = 8, 2  # without a browser and in one, which takes most of two cores by itself
_MARK = "PYTHON_SPM_BENCHMARK"  # of this prefix, as a fork server takes its starter's with it
_ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):(\d+)/")
_TICKS = os.sysconf("SC_CLK_TCK")


def serve_ours(
    workspace: Path, environment: Mapping[str, str], *, name: str = "what_if"
) -> subprocess.Popen[str]:
    """Serve as ``spm dashboard NAME`` does."""
    command = "from spm_lib.cli import main; main()"
    line = ["-c", command, "dashboard", name, "-w", str(workspace), "--port", "0"]
    return _popen([sys.executable, *line], environment)


def serve_stock(workspace: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Serve the same notebook as Voila's own page shows it."""
    line = ["-m", "voila", str(NOTEBOOK), "--no-browser", "--Voila.ip=127.0.0.1"]
    line.append(f"--port={_free_port()}")
    return _popen(
        [sys.executable, *line], {**environment, "SPM_WORKSPACE": str(workspace.resolve())}
    )


CONTENDERS = {"ours": serve_ours, "stock": serve_stock}


def _popen(line: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(line, cwd=ROOT, env=environment, **both)


def visit(contender: str, workspace: Path, count: int, browser: str) -> dict[str, object]:
    """Serve a contender, let visitors in at once, and return what it cost them and the server."""
    mark = uuid.uuid4().hex
    begun = time.perf_counter()
    server = CONTENDERS[contender](workspace, {**os.environ, _MARK: mark})
    try:
        address = _address_of(server)
        start, before = time.perf_counter() - begun, _cpu_of(mark)
        if browser:
            waits = waits_in_chromium(address, count, path=browser)
        else:
            waits = waits_without_browser(address, count)
        return {"start": start, "waits": sorted(waits), "cpu": _cpu_of(mark) - before, "peak": 0}
    finally:
        for pid in _marked(mark):
            os.kill(pid, signal.SIGKILL)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _address_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout
    said = []
    for line in server.stdout:
        said.append(line)
        found = _ADDRESS.search(line)
        if found:
            _until_it_listens(int(found[1]))
            return found[0]
    raise RuntimeError("".join(said))


def _until_it_listens(port: int) -> None:
    """Wait for a server that told its address before it serves there."""
    while True:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)


def _marked(mark: str) -> list[int]:
    """Return the processes that were started with the mark, and those forked by them."""
    wanted, found = f"{_MARK}={mark}".encode(), []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in file.read_bytes():
                found.append(int(file.parent.name))
        except OSError:
            continue
    return found


def _cpu_of(mark: str) -> float:
    """Return the CPU seconds of all marked processes and of those that they have outlived."""
    ticks = 0
    for pid in _marked(mark):
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        ticks += sum(map(int, told[11:15]))
    return ticks / _TICKS


def measure(*, rounds: int, browser: str = "", count: int = VISITORS) -> dict[str, list[Run]]:
    """Return the runs of every contender, in turn, on the sample company."""
    workspace = ROOT / "data" / "sample" / "spm.toml"
    with tempfile.TemporaryDirectory() as slow:
        install_slow_parsers(Path(slow))
        ways = {
            "ours": ("ours", ""),
            "stock, our environment": ("stock", ""),
            "stock, plain environment": ("stock", slow),
        }
        runs: dict[str, list[Run]] = {name: [] for name in ways}
        for turn in range(rounds):
            names = list(ways)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                contender, path = ways[name]
                runs[name].append(_run(contender, workspace, count, browser, path))
    return runs


def _run(contender: str, workspace: Path, count: int, browser: str, path: str) -> Run:
    paths = os.pathsep.join(filter(None, [path, os.environ.get("PYTHONPATH")]))
    line = [sys.executable, "-m", "benchmarks.dashboards", contender, str(workspace), str(count)]
    return run_once([*line, browser], environment={**os.environ, "PYTHONPATH": paths})


def table(runs: Mapping[str, Sequence[Run]]) -> str:
    """Return the table: seconds to the first chart of the first, middle and last visitor."""
    lines = [
        "| way | first, s | middle, s | last, s | longer by | server's CPU s | by | start, s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    base, least = _median(runs["ours"], -1), _cpu(runs["ours"])
    for name, done in runs.items():
        first, last = _median(done, 0), _median(done, -1)
        middle = _median(done, len(done[0].printed["waits"]) // 2)
        cpu = _cpu(done)
        start = statistics.median(run.printed["start"] for run in done)
        lines.append(
            f"| {name} | {first:.1f} | {middle:.1f} | {last:.1f} | {last / base:.1f} x "
            f"| {cpu:.1f} | {cpu / least:.1f} x | {start:.1f} |"
        )
    return "\n".join(lines)


def _cpu(runs: Sequence[Run]) -> float:
    return statistics.median(run.cpu for run in runs)


def _median(runs: Sequence[Run], place: int) -> float:
    return statistics.median(run.printed["waits"][place] for run in runs)


def chromium() -> str:
    """Return the path of a Chromium; empty where there is none."""
    return os.environ.get("SPM_CHROMIUM") or shutil.which("chromium") or ""


def section(*, rounds: int, browser: str) -> str:
    """Measure, and return the section of docs/performance.md."""
    without = table(measure(rounds=rounds))
    drawn = (
        table(measure(rounds=1, browser=browser, count=LOOKERS))
        if browser
        else "No Chromium was found."
    )
    return f"""## Dashboards opened at once
{VISITORS} visitors open the what-if page of the sample company in the same moment, as soon as the
server has told its address; CPU seconds are those of its whole process tree from then on. Ours
tells its address once kernels are warm, which is in the last column. Stock is Voila as its own
page shows it, with the same notebook and the ordinary kernel: once in our environment, once with
what a plain resolution adds ({", ".join(SLOW_PARSERS)}). The ratios are those of the last
visitor's wait and of the CPU to ours; on cores that others use too, the latter is the steady one.

To the rows of the first chart: a visitor without a browser loads the page, connects to its kernel
and asks for the widgets, as Voila's page does. Median of {rounds}.

{without}

To the first chart drawn, {LOOKERS} pages of one Chromium on the same cores, which costs every
contender alike (inf: a page that showed none within {LOOKING} seconds):

{drawn}
"""


if __name__ == "__main__":
    chosen, place, number, chrome = sys.argv[1:]
    print(json.dumps(visit(chosen, Path(place), int(number), chrome)))
